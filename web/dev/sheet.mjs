// One picture of many: node dev/sheet.mjs OUT.png WIDTH COLUMNS picture...
import { chromium } from 'playwright-core';
import { readFileSync } from 'node:fs';

const [out, width, columns, ...files] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--headless', '--no-sandbox', '--disable-gpu'] });
const page = await browser.newPage({ viewport: { width: Number(width), height: 400 } });
await page.setContent(`<body style="margin:0;background:#888;display:grid;gap:6px;grid-template-columns:repeat(${columns},1fr)">${files.map((f) => `<img style="width:100%;display:block" src="data:image/png;base64,${readFileSync(f).toString('base64')}">`).join('')}`);
await page.waitForTimeout(300);
await page.screenshot({ path: out, fullPage: true });
await browser.close();
