// Every page of the console, light and dark, on a desk and on a phone: axe finds
// nothing serious, and nothing is wider than the window.
import { accessible, done, equal, faults, open, signIn, standIn, step, word } from './harness.mjs';

const s = await standIn('--devices', '500', '--alerts', '20000');
const pages = ['', 'alerts', 'alerts/1', 'alerts/1?tab=frames', 'devices', 'devices/5', 'devices/5?tab=evidence', 'map', 'timeline', 'baseline', 'baseline/review', 'baseline/keys', 'mining', 'mining?noun=conversations', 'trends', 'programming', 'reports', 'reports/attack-vectors', 'reports/inventory', 'mirror', 'mirror/plan', 'active', 'active/results', 'windows', 'windows/known', 'windows/allowed', 'captures', 'detections', 'detections/port-scan', 'detections/rules', 'settings', 'settings/names', 'settings/sensor', 'settings/directory', 'settings/certificate', 'users', 'users/me', 'users/roles', 'health'];
for (const [theme, width] of [['light', 1280], ['dark', 1280], ['light', 390]]) {
	await step(`axe finds nothing serious: ${theme}, ${width} px wide`, async () => {
		const p = await open(s.url, { colorScheme: theme, viewport: { width, height: 844 }, bypassCSP: true });
		await p.goto(s.url);
		await accessible(p, 'sign-in');
		await signIn(p, s.url, 'anna', word);
		const wrong = [];
		for (const to of pages) {
			await p.goto(`${s.url}/${to}`);
			await p.waitForTimeout(450);
			await accessible(p, `/${to}`).catch((e) => wrong.push(e.message));
			const wide = await p.evaluate(() => document.documentElement.scrollWidth - innerWidth);
			if (wide > 0) wrong.push(`/${to} is ${wide} px too wide`);
		}
		await p.context().close();
		if (wrong.length) throw new Error(wrong.join('\n'));
	});
}
await step('no page asks another host, breaks the policy or throws', async () => {
	equal(faults.join('\n'), '', 'faults');
});
await s.stop();
await done();
