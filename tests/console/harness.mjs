// What the browser tests share: a real Chromium, checks that are counted, and
// watchers for what must never happen: requests to other hosts, exceptions,
// breaches of the content policy.
import { createRequire } from 'node:module';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

let browser;
let failed = 0;
let passed = 0;
export const faults = [];

export async function open(base, more = {}) {
	browser ??= await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
	const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ignoreHTTPSErrors: true, ...more });
	const page = await context.newPage();
	const host = new URL(base).host;
	page.setDefaultTimeout(30000);
	page.on('request', (r) => {
		const u = new URL(r.url());
		if (!/^(data|blob):$/.test(u.protocol) && u.host !== host) faults.push(`a request to ${u.host}`);
	});
	page.on('pageerror', (e) => faults.push(`exception: ${e.message}`));
	page.on('console', (m) => {
		if (/Content Security Policy|Refused to/i.test(m.text())) faults.push(m.text());
	});
	return page;
}

export function ok(yes, text) {
	if (!yes) throw new Error(text);
}
export function equal(a, b, text = '') {
	if (a !== b) throw new Error(`${text}: ${JSON.stringify(a)}, not ${JSON.stringify(b)}`);
}
// until a condition holds; says what it was when it does not
export async function until(text, test, span = 30000) {
	const end = Date.now() + span;
	for (;;) {
		const v = await test();
		if (v) return v;
		if (Date.now() > end) throw new Error(`waited in vain: ${text}`);
		await new Promise((r) => setTimeout(r, 60));
	}
}

const only = process.env.ONLY;
export async function step(name, run) {
	if (only && !name.includes(only)) return;
	const began = Date.now();
	const before = faults.length;
	try {
		await run();
		if (faults.length > before) throw new Error(faults.slice(before).join('\n'));
		passed++;
		console.log(`ok    ${name} (${Date.now() - began} ms)`);
	} catch (e) {
		failed++;
		console.log(`FAIL  ${name}\n      ${String(e.message).split('\n').slice(0, 12).join('\n      ')}`);
		if (process.env.SHOTS) for (const c of browser.contexts()) for (const [i, p] of c.pages().entries()) await p.screenshot({ path: `${process.env.SHOTS}/fail-${failed}-${i}.png` }).catch(() => undefined);
	}
}
export async function done() {
	await browser?.close();
	console.log(`${passed} passed, ${failed} failed`);
	process.exitCode = failed ? 1 : 0;
}

// Findings of axe that are serious or worse.
export async function accessible(page, where) {
	await page.evaluate(axe);
	const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
	const bad = found.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical');
	if (bad.length) throw new Error(`${where}:\n${bad.map((v) => `${v.id}: ${v.help}\n  ${v.nodes.slice(0, 3).map((n) => `${n.html.slice(0, 160)} ${n.failureSummary?.split('\n')[1] ?? ''}`).join('\n  ')}`).join('\n')}`);
}

// How many times slower than the goal a drawing may be here.
export const slow = Number(process.env.SLOW ?? 1);

// The stand-in of the API and the password of all its users.
const mock = new URL('../../web/dev/mock.mjs', import.meta.url).pathname;
export const word = 'console-1234';
export const standIn = (...args) => serve(process.execPath, [mock, '--port', '0', ...args]);

// A process that says its address on the first line.
export function serve(command, args, options = {}) {
	const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
	return new Promise((good, bad) => {
		let said = '';
		const late = setTimeout(() => bad(new Error(`${command} says nothing`)), 60000);
		const hear = (d) => {
			said += d;
			const m = /https?:\/\/[\w.:\[\]]+/.exec(said);
			if (m) {
				clearTimeout(late);
				good({ url: m[0].replace(/\/$/, ''), child, said: () => said, stop: () => new Promise((r) => {
					child.once('exit', r);
					child.kill();
				}) });
			}
		};
		child.stdout.on('data', hear);
		child.stderr.on('data', hear);
		child.once('exit', (c) => bad(new Error(`${command} ended with ${c}: ${said}`)));
	});
}

export async function signIn(page, base, user, password) {
	await page.goto(base);
	await page.fill('input[name=username]', user);
	await page.fill('input[name=password]', password);
	await page.click('button[type=submit]');
	await page.waitForSelector('.shell');
}
