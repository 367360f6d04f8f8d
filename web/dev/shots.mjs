// Pictures of pages, to be looked at: node dev/shots.mjs URL FOLDER [page...]
// with SIZES=390,1280,2560 and THEMES=light,dark.
import { mkdirSync } from 'node:fs';
import { chromium } from 'playwright-core';

const [base, out, ...only] = process.argv.slice(2);
const pages = only.length ? only : ['', 'alerts', 'alerts/1', 'devices', 'devices/5', 'map', 'timeline', 'baseline', 'baseline/review', 'baseline/keys', 'mining', 'trends', 'programming', 'reports', 'reports/attack-vectors', 'mirror', 'mirror/plan', 'active', 'active?new=1', 'active/results', 'captures', 'detections', 'detections/rules', 'settings', 'settings/sensor', 'users', 'users/me', 'health'];
const sizes = (process.env.SIZES ?? '1280').split(',').map(Number);
const themes = (process.env.THEMES ?? 'light').split(',');
mkdirSync(out, { recursive: true });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
for (const theme of themes) {
	const context = await browser.newContext({ colorScheme: theme, ignoreHTTPSErrors: true });
	const page = await context.newPage();
	page.on('console', (m) => ['error', 'warning'].includes(m.type()) && console.log(`[${m.type()}] ${m.text().slice(0, 300)}`));
	page.on('pageerror', (e) => console.log(`[exception] ${e.message}`));
	await page.setViewportSize({ width: 1280, height: 800 });
	await page.goto(base);
	await page.screenshot({ path: `${out}/signin-${theme}.png` });
	await page.fill('input[name=username]', process.env.SG_USER ?? 'anna');
	await page.fill('input[name=password]', process.env.SG_PASSWORD ?? 'console-1234');
	await page.click('button[type=submit]');
	await page.waitForSelector('.shell');
	for (const size of sizes) {
		await page.setViewportSize({ width: size, height: size < 500 ? 844 : size > 2000 ? 1440 : 800 });
		for (const p of pages) {
			await page.goto(`${base}/${p}`);
			await page.waitForTimeout(Number(process.env.WAIT ?? 900));
			const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
			if (wide > 0) console.log(`${p} at ${size}: ${wide} px too wide`);
			await page.screenshot({ path: `${out}/${(p || 'overview').replace(/[/?=&]/g, '_')}-${size}-${theme}.png` });
		}
	}
	await context.close();
}
await browser.close();
