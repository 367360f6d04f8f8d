// The whole story on the real server: story.mjs SIGHTGLASS FOLDER. First
// sign-in with the secret of the terminal, playback, devices, an alert, its
// evidence and frames, learning it, playback again: silence. Then each role
// against what it may not do.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accessible, done, equal, faults, ok, open, serve, signIn, step, until } from './harness.mjs';

const [binary, samples] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'console-story-'));
const state = join(folder, 'state');
const capture = join(samples, 'plant.pcapng');
const word = 'first light at the plant';
// A password must not hold the user's name.
const words = { ben: 'second light at the plant', eva: 'third light at the plant' };

// A state with nothing in it: a capture without packets makes one.
const nothing = join(folder, 'nothing.pcap');
writeFileSync(nothing, Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex'));
execFileSync(binary, ['read', '--state', state, nothing], { stdio: 'ignore' });
const s = await serve(binary, ['serve', '--state', state, '--port', '0']);
const base = s.url;
const page = await open(base);
const call = (p, method, path, body) => p.evaluate(async ([m, to, b]) => {
	const me = await (await fetch('/api/v1/session')).json();
	const r = await fetch(`/api/v1${to}`, { method: m, headers: { ...(b === undefined ? {} : { 'Content-Type': 'application/json' }), 'X-CSRF-Token': me.csrf ?? '' }, body: b === undefined ? undefined : JSON.stringify(b) });
	const text = await r.text();
	let json = null;
	try {
		json = JSON.parse(text);
	} catch {
		// not everything is JSON
	}
	return { status: r.status, json };
}, [method, path, body]);

await step('first sign-in with the secret of the terminal', async () => {
	const secret = await until('the secret', () => /\b[A-Z0-9]{5}(-[A-Z0-9]{5})+\b/.exec(s.said())?.[0]);
	await page.goto(base);
	await page.getByRole('heading', { name: 'The first administrator' }).waitFor();
	await page.fill('input[name=secret]', secret);
	await page.fill('input[name=username]', 'anna');
	await page.fill('input[name=new-password]', word);
	await page.fill('input[autocomplete=new-password] >> nth=1', word);
	await page.click('button[type=submit]');
	await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
	const heads = await page.evaluate(async () => Object.fromEntries((await fetch('/')).headers));
	const policy = heads['content-security-policy'] ?? '';
	ok(/script-src 'self'/.test(policy) && !/unsafe/.test(policy), policy);
});
await step('the second factor is set up by a code that is drawn here', async () => {
	await page.goto(`${base}/users/me`);
	await page.getByRole('button', { name: 'Set up' }).click();
	await page.fill('dialog input[type=password]', word);
	await page.click('dialog button[type=submit]');
	const dark = await page.locator('svg.qr path').getAttribute('d');
	ok(dark.split('M').length > 300, 'modules of the code');
	ok((await page.locator('dialog a[href^="otpauth:"]').getAttribute('href')).includes((await page.locator('dialog pre').innerText()).replaceAll(' ', '')), 'the same key in words');
	await accessible(page, 'second factor');
	await page.keyboard.press('Escape');
});
await step('dashboards are kept by the sensor, not by the browser', async () => {
	const boards = () => page.locator('select[aria-label=Dashboard] option').allInnerTexts();
	await page.goto(`${base}/trends`);
	await page.getByRole('button', { name: 'Dashboards' }).click();
	await page.getByText('New dashboard …').click();
	await page.fill('dialog input', 'Night shift');
	await page.click('dialog button[type=submit]');
	await until('it is kept', async () => (await call(page, 'GET', '/views')).json.items.some((v) => v.noun === 'trends' && v.name === 'Night shift'));
	await page.evaluate(() => localStorage.clear());
	await page.goto(`${base}/trends`);
	await until('both are there', async () => (await boards()).join() === 'At first,Night shift');
});
await step('before anything was seen, every page says so', async () => {
	for (const [to, text] of [['', 'Nothing was seen yet'], ['devices', 'No devices yet'], ['alerts', 'No alerts'], ['map', 'Nobody is here yet'], ['mirror', 'No port listens'], ['captures', 'No captures here'], ['reports/inventory', 'No devices yet'], ['programming', 'Nobody programmed a controller']]) {
		await page.goto(`${base}/${to}`);
		await page.getByText(text).first().waitFor();
	}
});
async function play() {
	await page.goto(`${base}/captures`);
	await page.getByRole('button', { name: 'Play', exact: true }).first().click();
	await page.locator('.toast', { hasText: 'Playing' }).waitFor();
	await page.getByText('played', { exact: true }).waitFor({ timeout: 30000 });
}
await step('a capture is sent and played back', async () => {
	await page.goto(`${base}/captures`);
	await page.locator('input[type=file]').setInputFiles(capture);
	await page.locator('td', { hasText: 'plant.pcapng' }).waitFor();
	await play();
});
await step('the capture’s devices are there, each with its evidence', async () => {
	await page.goto(`${base}/devices`);
	await page.waitForSelector('.grid-row');
	ok((await page.locator('.grid-foot').innerText()).startsWith('14 devices'), await page.locator('.grid-foot').innerText());
	await page.locator('.find input').fill('MIXER');
	await until('one', async () => (await page.locator('.grid-foot').innerText()).startsWith('1 device'));
	await page.locator('.grid-row').first().locator('div').nth(2).click();
	await page.getByRole('tab', { name: 'Evidence' }).click();
	await page.locator('.sheet td', { hasText: 'says itself' }).first().waitFor();
	await page.getByRole('tab', { name: 'Conversations' }).click();
	await page.locator('.sheet').getByText('program invocation', { exact: false }).first().waitFor();
});
await step('a name given stays, and is taken back by undo', async () => {
	await page.getByRole('button', { name: 'Edit' }).click();
	await page.getByLabel('Name', { exact: true }).fill('Mixer of hall 3');
	await page.getByRole('button', { name: 'Save' }).click();
	await page.locator('.sheet h2', { hasText: 'Mixer of hall 3' }).waitFor();
	await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
	await page.locator('.sheet h2', { hasText: 'MIXER-1' }).waitFor();
});
await step('switched to operational, with what that would mean shown first', async () => {
	await page.goto(`${base}/baseline`);
	await page.getByRole('button', { name: 'Operational' }).click();
	await page.getByText('would begin to alert at once').waitFor();
	await page.getByLabel(/less than two weeks/).check();
	await page.getByRole('button', { name: 'Switch to operational' }).click();
	await page.locator('.toast', { hasText: 'operational' }).waitFor();
	await until('the mode', async () => (await call(page, 'GET', '/mode')).json.mode === 'operational');
});
let number;
await step('the alert: what, between whom, its evidence, its frames', async () => {
	await page.goto(`${base}/alerts?q=stop`);
	await page.locator('.grid-row', { hasText: 'S7 controller told to stop' }).first().waitFor();
	await page.locator('.grid-row', { hasText: 'S7 controller told to stop' }).first().locator('div').nth(2).click();
	number = Number(await until('its address', () => /\/alerts\/(\d+)/.exec(page.url())?.[1]));
	await page.locator('.sheet').getByText('10.20.0.50 sent s7comm plc stop').first().waitFor();
	await page.locator('.sheet').getByText('What to do').waitFor();
	await page.locator('.sheet').getByText('T0858').waitFor();
	await page.getByRole('tab', { name: 'Frames' }).click();
	await page.locator('.sheet').getByText('plc stop').first().waitFor();
	const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: /pcapng/ }).click()]);
	ok(file.suggestedFilename() === `alert-${number}.pcapng`, file.suggestedFilename());
	await accessible(page, 'an alert');
});
await step('learned, with its reach shown first', async () => {
	await page.getByRole('button', { name: 'Learn …' }).click();
	await page.locator('dialog input[name=level]').first().waitFor();
	await page.getByLabel('Reason').fill('maintenance of the mixer');
	await page.getByRole('button', { name: 'Learn', exact: true }).click();
	await page.locator('.toast', { hasText: 'learned' }).waitFor();
	await page.locator('.sheet').getByText('closed', { exact: true }).waitFor();
});
await step('the map, the programming and the reports know of it', async () => {
	await page.goto(`${base}/map`);
	await page.waitForSelector('.map-canvas[data-took]');
	await page.locator('.find input').fill('MIXER');
	await page.getByText('1 hit').waitFor();
	await page.keyboard.press('Enter');
	await page.locator('.sheet h2', { hasText: 'MIXER-1' }).waitFor();
	await page.goto(`${base}/programming`);
	await page.locator('.grid-row', { hasText: 's7comm' }).first().waitFor();
	await page.goto(`${base}/reports/risk`);
	await page.getByText('What each step would gain').waitFor();
	await page.goto(`${base}/reports/inventory`);
	await page.getByText('14 devices').waitFor();
});
await step('the same capture again: silence about what was learned', async () => {
	const title = (await call(page, 'GET', `/alerts/${number}`)).json.title;
	const times = (await call(page, 'GET', '/alerts?limit=1')).json.total;
	await play();
	await until('the second playback', async () => (await call(page, 'GET', `/timeline?where=${encodeURIComponent('what = start')}`)).json.total >= 3);
	ok(times > 0, 'alerts');
	const all = (await call(page, 'GET', `/alerts?where=${encodeURIComponent(`title = "${title}"`)}`)).json.items;
	equal(all.filter((a) => a.status !== 'closed').length, 0, `open alerts called ${title}`);
	equal(all.length, 1, 'alerts of that name');
	await page.goto(`${base}/timeline?what=learn`);
	await page.locator('.grid-row', { hasText: `alert ${number}` }).first().waitFor();
});

// ------------------------------------------------------------------- roles
// Method, path, body: what an analyst may not, and what a reader may not.
const admin = [
	['PUT', '/mode', { mode: 'learning' }], ['GET', '/users'], ['POST', '/users', { name: 'x', role: 'admin', password: 'long enough for it' }], ['PATCH', '/users/anna', { role: 'read-only' }], ['DELETE', '/users/anna'],
	['PUT', '/networks', { networks: [{ network: '10.0.0.0/8' }] }], ['DELETE', '/networks/10.0.0.0/8'], ['PUT', '/names', { what: 'tcp/1', name: 'x' }], ['DELETE', '/names/tcp/1'], ['POST', '/indicators/lists', { list: 'x', text: '10.0.0.1' }], ['DELETE', '/indicators/lists/x'],
	['POST', '/baseline/forget', { entity: '10.20.0.11' }], ['POST', '/baseline/scenario', { name: 'device', state: 'learning', hours: 1 }], ['PATCH', '/detections/port-scan', { on: false }], ['DELETE', '/devices/1'], ['POST', '/devices/delete', { ids: [1] }], ['PUT', '/certificate', { key: 'x', chain: 'x' }], ['POST', '/captures?name=x.pcap'], ['POST', '/captures/1/play'], ['DELETE', '/captures/1'], ['GET', '/settings'],
];
const analyst = [
	['PATCH', '/devices/1', { name: 'x' }], ['POST', '/devices/actions', { ids: [1], important: true }], ['POST', '/alerts/actions', { numbers: [1], action: 'close' }], ['PATCH', '/alerts/1', { action: 'close' }], ['POST', '/rules', { kind: 'exclude', name: 'x', text: 'severity = minor' }], ['PATCH', '/rules/1', { on: false }], ['DELETE', '/rules/1'], ['POST', '/baseline/judge', { key: '1', verdict: 'accept' }], ['DELETE', '/learned/1'], ['POST', '/undo', { undo: { verb: 'mode.set', mode: 'learning' } }],
];
await step('an administrator makes an analyst and a reader', async () => {
	for (const [name, role] of [['ben', 'analyst'], ['eva', 'read-only']]) {
		await page.goto(`${base}/users`);
		await page.getByRole('button', { name: 'New user' }).click();
		await page.getByLabel('Name', { exact: true }).fill(name);
		await page.locator('dialog select').selectOption(role);
		await page.getByLabel('First password').fill(words[name]);
		await page.getByRole('button', { name: 'Create' }).click();
		await page.locator('td', { hasText: name }).first().waitFor();
	}
});
for (const [name, forbidden] of [['ben', admin], ['eva', [...admin, ...analyst]]]) {
	await step(`${name} is refused what the role forbids (${forbidden.length} actions), and offered none of it`, async () => {
		const p = await open(base);
		await signIn(p, base, name, words[name]);
		const wrong = [];
		for (const [method, path, body] of forbidden) {
			const { status } = await call(p, method, path, body);
			if (status !== 403) wrong.push(`${method} ${path}: ${status}`);
		}
		equal(wrong.join('; '), '', 'not refused');
		await p.goto(`${base}/devices/1`);
		await p.locator('.sheet h2').waitFor();
		await until('the device is there', async () => (await p.locator('.sheet .bones').count()) === 0);
		if (name === 'ben') await p.getByRole('button', { name: 'Edit' }).waitFor();
		equal(await p.getByRole('button', { name: 'Edit' }).count(), name === 'ben' ? 1 : 0, 'Edit');
		await p.goto(`${base}/baseline`);
		await p.getByText('scenarios within their budget').waitFor();
		equal(await p.getByRole('button', { name: 'Learning', exact: true }).count(), 0, 'the switch');
		await p.context().close();
	});
}
await step('a request without the token of the session is refused', async () => {
	equal(await page.evaluate(async () => (await fetch('/api/v1/alerts/actions', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"numbers":[1],"action":"close"}' })).status), 403, 'status');
});
await step('signed out is out', async () => {
	await page.getByRole('button', { name: 'anna', exact: true }).click();
	await page.getByRole('button', { name: 'Sign out' }).click();
	await page.getByRole('heading', { name: 'Sign in' }).waitFor();
	equal(await page.evaluate(async () => (await fetch('/api/v1/alerts')).status), 401, 'status');
});
await step('no page asked another host, broke the policy or threw', async () => equal(faults.join('\n'), '', 'faults'));
await s.stop();
rmSync(folder, { recursive: true, force: true });
await done();
