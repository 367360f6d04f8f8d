// The console against a stand-in of the API (web/dev/mock.mjs): what a real
// sensor does seldom. Thousands of rows, sessions that end in the middle of an
// edit, two people at one device, names that are markup, every role.
import { done, equal, faults, ok, open, signIn, slow, standIn as start, step, until, word } from './harness.mjs';

const rows = (page) => page.locator('.grid-row').count();

// ------------------------------------------------------------- coming in
{
	const s = await start('--setup', '--devices', '10', '--alerts', '4');
	const page = await open(s.url);
	await step('first set-up: a wrong secret, a short password, then in', async () => {
		await page.goto(s.url);
		await page.fill('input[name=secret]', 'guess');
		await page.fill('input[name=username]', 'boss');
		await page.fill('input[name=new-password]', 'long enough 1');
		await page.fill('input[autocomplete=new-password] >> nth=1', 'long enough 2');
		await page.click('button[type=submit]');
		await page.getByText('The two passwords differ.').waitFor();
		await page.fill('input[autocomplete=new-password] >> nth=1', 'long enough 1');
		await page.click('button[type=submit]');
		await page.getByText('not the secret').waitFor();
		await page.fill('input[name=secret]', 'first-secret');
		await page.click('button[type=submit]');
		await page.waitForSelector('.shell');
		await page.getByRole('heading', { name: 'Overview' }).waitFor();
	});
	await page.context().close();
	await s.stop();
}

const s = await start('--devices', '500', '--alerts', '20000');
const base = s.url;
const page = await open(base);

if (process.env.ONLY) await signIn(page, base, 'anna', word);
await step('a password can be looked at, and hidden again', async () => {
	const page = await open(base);
	await page.goto(base);
	const field = page.locator('input[name=password]');
	await field.fill('quiet river');
	await page.getByRole('button', { name: 'Show the password' }).click();
	equal(await field.getAttribute('type'), 'text', 'shown');
	equal(await field.inputValue(), 'quiet river', 'as it was typed');
	await page.getByRole('button', { name: 'Hide the password' }).click();
	equal(await field.getAttribute('type'), 'password', 'hidden');
	await page.context().close();
});

await step('a wrong password is said clearly, the right one leads where one wanted to go', async () => {
	await page.goto(`${base}/devices?role=plc`);
	await page.fill('input[name=username]', 'anna');
	await page.fill('input[name=password]', 'wrong');
	await page.click('button[type=submit]');
	await page.getByText('User or password is wrong.').waitFor();
	equal(await page.inputValue('input[name=username]'), 'anna', 'the name stays');
	await page.fill('input[name=password]', word);
	await page.click('button[type=submit]');
	await page.waitForSelector('.grid-row');
	ok(page.url().endsWith('/devices?role=plc'), page.url());
});

// ------------------------------------------------------- thousands of rows
await step('20,000 alerts: opened, filtered and scrolled, few rows in the page', async () => {
	await page.goto(`${base}/alerts`);
	await page.waitForSelector('.grid-row');
	ok((await page.locator('.grid-foot').innerText()).includes('of 20,000'), 'all are counted');
	ok((await rows(page)) < 80, 'only what is in view is there');
	const began = Date.now();
	await page.locator('.find input').fill('silent');
	await until('the filter', async () => page.url().includes('q=silent'));
	await until('fewer', async () => !(await page.locator('.grid-foot').innerText()).includes('20,000'));
	ok(Date.now() - began < 1500 * slow, `filtering took ${Date.now() - began} ms`);
	for (const t of await page.locator('.grid-row').allInnerTexts()) ok(/silent/i.test(t), t);
	await page.locator('.find input').fill('');
	await until('all again', async () => (await page.locator('.grid-foot').innerText()).includes('20,000'));
	for (let i = 0; i < 3; i++) {
		await page.locator('.grid-scroll').evaluate((e) => e.scrollTo(0, e.scrollHeight));
		await page.waitForTimeout(400);
	}
	ok(/^([6-9]|1[0-9])\d\d of|^\d,\d{3} of|^(4|6|8)00 of/.test((await page.locator('.grid-foot').innerText()).trim()), await page.locator('.grid-foot').innerText());
	ok((await rows(page)) < 80, 'still few rows');
});
await step('the address holds filters, order and what is open; back goes back', async () => {
	await page.goto(`${base}/alerts?severity=critical&status=new,active&sort=-count`);
	await page.waitForSelector('.grid-row');
	for (const t of await page.locator('.grid-row').allInnerTexts()) ok(t.startsWith('critical'), t);
	await page.locator('.grid-row').nth(2).locator('div').nth(2).click();
	await page.waitForSelector('.sheet');
	ok(/\/alerts\/\d+\?severity=critical/.test(page.url()), page.url());
	const one = page.url();
	await page.reload();
	await page.waitForSelector('.sheet h2');
	equal(page.url(), one, 'the same after loading again');
	await page.goBack();
	await until('closed', async () => (await page.locator('.sheet').count()) === 0);
});
await step('a condition that is wrong is explained, not lost', async () => {
	await page.goto(`${base}/alerts?where=prto%20%3D%20modbus`);
	await page.getByText("no field 'prto'").first().waitFor();
	equal(await page.inputValue('.cond input'), 'prto = modbus', 'what was typed stays');
	await page.locator('.cond input').fill('protocol = modbus');
	await page.keyboard.press('Enter');
	await page.waitForSelector('.grid-row');
});
await step('keys: j k Enter Esc ?, and Ctrl+K to a device', async () => {
	await page.goto(`${base}/alerts`);
	await page.waitForSelector('.grid-row');
	await until('a row under the cursor', async () => {
		await page.keyboard.press('j');
		return (await page.locator('.grid-row.cursor').count()) === 1;
	});
	await page.keyboard.press('j');
	await page.keyboard.press('k');
	await page.keyboard.press('Enter');
	await page.waitForSelector('.sheet');
	const first = page.url();
	await page.keyboard.press('j');
	await until('the next one', async () => page.url() !== first);
	await page.keyboard.press('Escape');
	await until('closed', async () => (await page.locator('.sheet').count()) === 0);
	await page.keyboard.press('?');
	await page.getByRole('heading', { name: 'Keys' }).waitFor();
	await page.keyboard.press('Escape');
	await page.keyboard.press('Control+k');
	await page.keyboard.type('MIXER');
	await page.getByRole('option', { name: /MIXER-1/ }).first().waitFor();
	await page.getByRole('option', { name: /MIXER-1/ }).first().click();
	await until('its page', async () => /\/devices\/\d+/.test(page.url()));
});

// ------------------------------------------------------------ what people do
await step('learn with its reach shown first, and take it back', async () => {
	await page.goto(`${base}/alerts?status=new&sort=number`);
	await page.locator('.grid-row').first().locator('div').nth(2).click();
	await page.getByRole('button', { name: 'Learn …' }).click();
	await page.getByText('any function of the protocol between the two').waitFor();
	await page.getByLabel(/any function of the protocol/).check();
	await page.getByLabel('Reason').fill('recipe server, change 4711');
	await page.getByRole('button', { name: 'Learn', exact: true }).click();
	await page.locator('.toast', { hasText: 'learned' }).waitFor();
	await page.locator('.sheet').getByText('closed', { exact: true }).waitFor();
	await page.getByRole('button', { name: 'Undo' }).click();
	await page.locator('.sheet').getByText('new', { exact: true }).waitFor();
});
await step('many at once: a range is closed, and opened again by undo', async () => {
	await page.goto(`${base}/alerts?status=new&severity=minor`);
	await page.waitForSelector('.grid-row');
	const before = await page.locator('.grid-foot').innerText();
	await page.locator('.grid-row input').nth(0).click();
	await page.locator('.grid-row input').nth(4).click({ modifiers: ['Shift'] });
	await page.getByText('5 chosen').waitFor();
	await page.locator('.bulk').getByRole('button', { name: 'Close' }).click();
	await until('fewer', async () => (await page.locator('.grid-foot').innerText()) !== before);
	await page.getByRole('button', { name: 'Undo' }).click();
	await until('as before', async () => (await page.locator('.grid-foot').innerText()) === before);
});
await step('a session that ends in the middle of an edit loses nothing', async () => {
	await page.goto(`${base}/devices/12`);
	await page.getByRole('button', { name: 'Edit' }).click();
	await page.getByLabel('Description').fill('behind the second door');
	await page.evaluate(async () => {
		const me = await (await fetch('/api/v1/session')).json();
		await fetch('/api/v1/dev/expire', { method: 'POST', headers: { 'X-CSRF-Token': me.csrf } });
	});
	await page.getByRole('button', { name: 'Save' }).click();
	await page.getByRole('heading', { name: 'Your session has ended' }).waitFor();
	equal(await page.locator('dialog textarea').inputValue(), 'behind the second door', 'what was typed');
	await page.locator('dialog input[name=password]').fill(word);
	await page.getByRole('button', { name: 'Sign in and go on' }).click();
	await page.locator('.toast', { hasText: 'changed' }).waitFor();
	await page.locator('.sheet').getByText('behind the second door').waitFor();
});
await step('two people at one device: both are shown, neither is lost', async () => {
	await page.goto(`${base}/devices/13`);
	await page.getByRole('button', { name: 'Edit' }).click();
	await page.getByLabel('Name', { exact: true }).fill('Mine');
	const other = await open(base);
	await signIn(other, base, 'ben', word);
	equal(await other.evaluate(async () => {
		const me = await (await fetch('/api/v1/session')).json();
		return (await fetch('/api/v1/devices/13', { method: 'PATCH', headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': me.csrf }, body: '{"name":"Theirs"}' })).status;
	}), 200, 'the other');
	await other.context().close();
	await page.getByRole('button', { name: 'Save' }).click();
	await page.getByText('Somebody else changed this device').waitFor();
	await page.locator('dialog').getByText('Theirs', { exact: true }).first().waitFor();
	await page.getByRole('button', { name: 'Go on with mine' }).click();
	await page.getByRole('button', { name: 'Save' }).click();
	await page.locator('.sheet h2', { hasText: 'Mine' }).waitFor();
});
await step('what is no capture, and no certificate, is said to be none', async () => {
	await page.goto(`${base}/captures`);
	await page.locator('input[type=file]').setInputFiles({ name: 'letter.pcap', mimeType: 'text/plain', buffer: Buffer.from('Dear sensor') });
	await page.getByText('letter.pcap is no capture').waitFor();
	await page.goto(`${base}/settings/certificate`);
	await page.getByLabel('Certificate and chain (PEM)').fill('nonsense');
	await page.getByLabel('Private key (PEM)').fill('nonsense');
	await page.getByRole('button', { name: 'Check and put in' }).click();
	await page.getByText('This is no certificate').waitFor();
	equal(await page.getByLabel('Private key (PEM)').inputValue(), 'nonsense', 'it stays');
});
await step('asking is allowed with every byte shown, and stopped from any page', async () => {
	await page.goto(`${base}/active?new=1`);
	const dialog = page.locator('dialog');
	await dialog.getByLabel('Of whom').fill('10.0.0.0/8');
	await dialog.getByText('that would ask 16777214 addresses').waitFor();
	await dialog.getByLabel('Of whom').fill('10.20.0.0/26');
	await dialog.getByText('62 addresses, at most 186 requests').waitFor();
	await dialog.getByText('Every byte that would be sent').click();
	await dialog.getByText('00 01 00 00 00 05 01 2b 0e 01 00').waitFor();
	await dialog.getByLabel('Who answers for it').fill('J. Doe');
	await dialog.getByLabel('Why', { exact: true }).fill('audit');
	await dialog.getByLabel('What is asked').selectOption('snmp-system');
	await dialog.getByText('SNMP version 3').click();
	const allow = dialog.getByRole('button', { name: 'Allow it' });
	await dialog.getByLabel('User').fill('op');
	await dialog.getByLabel('Password of proof').fill('authpass-12');
	equal(await allow.isDisabled(), true, 'a user without both passwords');
	await dialog.getByLabel('Password of encryption').fill('privpass-12');
	await allow.click();
	await page.locator('td', { hasText: 'J. Doe' }).last().waitFor();
	await page.goto(`${base}/devices`);
	await page.getByRole('button', { name: 'Stop asking' }).click();
	await page.getByText('Asking is stopped').waitFor();
	equal(await page.getByRole('button', { name: 'Stop asking' }).count(), 0, 'the button goes');
	await page.goto(`${base}/active`);
	await page.getByRole('button', { name: 'Let it go on' }).click();
	await page.getByText('Asking now').waitFor();
});
await step('names that are markup are text, everywhere', async () => {
	for (const p of ['devices?sort=id', 'devices/1', 'devices/2', 'devices/3', 'alerts/1', 'map', 'reports/risk', 'reports/inventory', '']) {
		await page.goto(`${base}/${p}`);
		await page.waitForTimeout(500);
		equal(await page.evaluate(() => window.hurt), undefined, p);
		equal(await page.locator('img[src="x"], main script, main svg[onload]').count(), 0, p);
	}
	await page.goto(`${base}/devices/1`);
	await page.locator('.sheet h2', { hasText: '<img src=x' }).waitFor();
});
await step('a new alert shows by itself', async () => {
	await page.goto(`${base}/alerts?sort=-number`);
	await page.locator('.live', { hasText: 'Live' }).waitFor();
	await page.evaluate(async () => {
		const me = await (await fetch('/api/v1/session')).json();
		await fetch('/api/v1/dev/alert', { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': me.csrf }, body: '{"title":"Fresh from the wire","severity":"critical"}' });
	});
	await page.locator('.toast', { hasText: 'Fresh from the wire' }).waitFor();
	await page.locator('.grid-row', { hasText: 'Fresh from the wire' }).waitFor();
});
await step('a lost connection is shown, and found again', async () => {
	await page.evaluate(async () => {
		const me = await (await fetch('/api/v1/session')).json();
		await fetch('/api/v1/dev/drop', { method: 'POST', headers: { 'X-CSRF-Token': me.csrf } });
	});
	await page.locator('.live.lost', { hasText: 'Not connected' }).waitFor();
	await page.locator('.live', { hasText: 'Live' }).waitFor();
});
await step('a saved view is there the next time', async () => {
	await page.goto(`${base}/devices?role=hmi&flag=industrial`);
	await page.waitForSelector('.grid-row');
	await page.getByRole('button', { name: 'Views' }).click();
	await page.getByRole('button', { name: 'Save this view' }).click();
	await page.getByLabel('Name').fill('Panels');
	await page.getByRole('button', { name: 'Save', exact: true }).click();
	await page.locator('.toast', { hasText: 'Panels' }).waitFor();
	await page.goto(`${base}/devices`);
	await page.getByRole('button', { name: 'Views' }).click();
	await page.getByRole('link', { name: 'Panels' }).click();
	await until('the filters', async () => page.url().includes('role=hmi'));
});

// ------------------------------------------------------------------- map
await step('the map of 500 devices within two seconds', async () => {
	await page.goto(`${base}/`);
	await page.waitForTimeout(300);
	const began = Date.now();
	await page.goto(`${base}/map`);
	await page.waitForSelector('.map-canvas[data-took]');
	const whole = Date.now() - began;
	ok(whole < 2000 * slow, `${whole} ms with the page, ${await page.locator('.map-canvas').getAttribute('data-took')} ms of it drawing`);
	await page.locator('.find input').fill('MIXER');
	await page.getByText('1 hit').waitFor();
	await page.keyboard.press('Enter');
	await page.waitForSelector('.sheet');
});

// ----------------------------------------------------------------- roles
await step('read-only: sees, and is offered nothing it may not do', async () => {
	const eva = await open(base);
	await signIn(eva, base, 'eva', word);
	for (const p of ['alerts/2', 'devices/5', 'detections', 'detections/rules', 'settings/networks', 'baseline', 'baseline/review']) {
		await eva.goto(`${base}/${p}`);
		await eva.waitForTimeout(500);
		for (const name of ['Learn …', 'Close', 'Edit', 'Authorise', 'Import', 'New', 'Network', 'Dynamic', 'Normal', 'Switch off']) equal(await eva.getByRole('button', { name, exact: true }).count(), 0, `${p}: ${name}`);
	}
	equal(await eva.locator('.grid-row input').count(), 0, 'nothing to choose');
	await eva.goto(`${base}/captures`);
	await eva.getByText('Your role does not allow this').waitFor();
	await eva.goto(`${base}/users/all`);
	await eva.getByText('Your role does not allow this').waitFor();
	await eva.context().close();
});

await step('no page asks another host, breaks the policy or throws', async () => {
	equal(faults.join('\n'), '', 'faults');
});
await s.stop();
await done();
