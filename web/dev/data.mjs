// What the stand-in server tells: the sample capture as the sensor reads it,
// and as many made-up devices and alerts as are asked for.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const root = new URL('../../', import.meta.url).pathname;
const binary = ['build-gcc', 'build', 'build-check'].map((b) => `${root}${b}/sightglass`).find(existsSync);

function lines(args) {
	if (!binary) return [];
	return execFileSync(binary, args, { maxBuffer: 1 << 28, encoding: 'utf8' }).trim().split('\n').map((l) => JSON.parse(l));
}
// The same numbers each time.
export function random(seed) {
	let s = seed >>> 0;
	return () => {
		s = (s + 0x6d2b79f5) >>> 0;
		let t = Math.imul(s ^ (s >>> 15), 1 | s);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}
const pick = (r, list) => list[Math.floor(r() * list.length)];

const makers = [['Siemens', 'CPU 1516-3 PN/DP', 's7comm-plus'], ['Schneider Electric', 'BMX P34 2020', 'modbus'], ['Rockwell Automation', '1756-L71', 'cip'], ['ABB', 'AC 800M', 'mms'], ['WAGO', '750-8212', 'modbus'], ['Beckhoff', 'CX5140', 'profinet-rt'], ['SEL', 'SEL-3530', 'dnp3'], ['Hirschmann', 'RSP35', 'lldp']];
const kinds = [['plc', 1, true], ['io-device', 0, true], ['drive', 0, true], ['hmi', 2, true], ['scada-server', 2, true], ['engineering-station', 2, true], ['switch', 2.5, false], ['server', 3, false], ['workstation', 4, false], ['rtu', 1, true]];

export function made(n, alerts, now = Date.now()) {
	const r = random(7);
	const sample = lines(['read', '--format', 'json', `${root}samples/plant.pcapng`]);
	const iso = (ms) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
	const first = Date.parse('2026-01-12T06:00:00Z');
	const shift = now - 3600000 - first;
	const moved = (t) => (t ? iso(Date.parse(t.replace(/(\.\d{3})\d+/, '$1')) + shift) : t);
	const devices = sample.filter((l) => l.type === 'device').map((d) => ({ ...d, first: moved(d.first), last: moved(d.last), comment: '', authorized: d.id !== 3, important: d.role === 'plc' && d.id % 2 === 0, scanner: false, programming: d.role === 'engineering-station', alerts: 0 }));
	while (devices.length < n) {
		const i = devices.length;
		const [vendor, model, proto] = pick(r, makers);
		const [role, purdue, industrial] = i % 3 === 0 ? kinds[8] : pick(r, kinds);
		const net = industrial ? 30 + Math.floor(i / 120) : 200 + Math.floor(i / 200);
		const seen = now - Math.floor(r() * 10 * 86400000);
		devices.push({
			type: 'device', id: i + 1, name: r() < 0.5 ? `${role.toUpperCase().slice(0, 3)}-${String(i).padStart(4, '0')}` : null, vendor: r() < 0.9 ? vendor : null, model: industrial ? model : null, firmware: industrial ? `V${1 + Math.floor(r() * 4)}.${Math.floor(r() * 9)}` : null, hardware: null, serial: r() < 0.3 ? `SN${100000 + i}` : null, order: null, os: industrial ? null : 'Windows 10', mode: null, role, purdue, comment: '',
			authorized: r() < 0.93, important: r() < 0.03, scanner: false, programming: role === 'engineering-station', industrial, protocols: { client: industrial ? ['arp'] : ['arp', 'dns', 'tls'], server: industrial ? [proto] : [] },
			first: iso(seen - 20 * 86400000), last: iso(seen), packets: Math.floor(r() * 1e6), bytes: Math.floor(r() * 1e9), addresses: [{ mac: `02:00:00:${[i >> 16, i >> 8, i].map((x) => (x & 255).toString(16).padStart(2, '0')).join(':')}`, ip: `10.${net >> 8}.${net & 255}.${1 + (i % 250)}`, vlan: industrial ? net : null }], modules: [], evidence: [{ trait: 'vendor', text: vendor, source: 'guessed', proto: null, file: 0, frame: 12, count: 4, first: iso(seen), last: iso(seen) }], alerts: 0,
		});
	}
	const conversations = sample.filter((l) => l.type === 'conversation').map((c, i) => ({ ...c, id: i + 1, first: moved(c.first), last: moved(c.last) }));
	const plcs = devices.filter((d) => d.industrial && d.purdue <= 1);
	const tops = devices.filter((d) => d.purdue >= 2 && d.purdue < 4);
	for (let i = 0; conversations.length < n * 1.6 && n > 20; i++) {
		const s = pick(r, plcs);
		const c = r() < 0.85 ? pick(r, tops) : pick(r, devices);
		if (!s || !c || s === c) continue;
		const at = now - Math.floor(r() * 86400000 * 3);
		conversations.push({ type: 'conversation', id: conversations.length + 1, client: c.addresses[0].ip ?? c.addresses[0].mac, server: s.addresses[0].ip ?? s.addresses[0].mac, client_mac: null, server_mac: null, proto: s.protocols.server[0] ?? 'modbus', via: 'tcp', port: 502, vlan: null, session: null, service: null, flows: 3, packets: Math.floor(r() * 1e5), bytes: Math.floor(r() * 1e8), packets_to_server: 1, packets_to_client: 1, bytes_to_server: 1, bytes_to_client: 1, operations: { 'read holding registers': Math.floor(r() * 1e5), 'write single register': Math.floor(r() * 30) }, risks: { 'write single register': 'write' }, operations_left_out: 0, errors: r() < 0.1 ? 4 : 0, malformed: 0, odd_port: false, certain: true, first: iso(at - 86400000), last: iso(at) });
	}
	const base = sample.filter((l) => l.type === 'alert');
	const all = base.map((a, i) => ({ ...a, number: i + 1, first: moved(a.first), last: moved(a.last), times: a.times.map(moved), violations: a.violations.map((v) => ({ ...v, first: moved(v.first), last: moved(v.last) })), muted: false, comments: [], vlan: null }));
	const words = [['New Modbus writer', 'modbus-new-writer', 'anomaly', 'B'], ['A new device', 'device-new', 'policy', 'B'], ['Port scan', 'port-scan', 'anomaly', 'C'], ['Firmware version changed', 'firmware-version-changed', 'policy', 'A'], ['Controller is silent', 'device-silent', 'operational', 'C'], ['Unauthorised Internet connection', 'internet', 'policy', 'B']];
	while (base.length && all.length < alerts) {
		const i = all.length;
		const [title, id, engine, tier] = pick(r, words);
		const s = pick(r, tops) ?? devices[0];
		const d = pick(r, plcs) ?? devices[1];
		const at = now - Math.floor(r() ** 2 * 30 * 86400000);
		const ip = (x) => x.addresses[0].ip ?? x.addresses[0].mac;
		all.push({ ...base[0], number: i + 1, id, ref: null, engine, title, tier, severity: pick(r, ['critical', 'major', 'major', 'minor', 'minor', 'warning']), source: ip(s), source_mac: s.addresses[0].mac, destination: ip(d), destination_mac: d.addresses[0].mac, first: iso(at - 600000), last: iso(at), times: [iso(at - 600000), iso(at - 60000), iso(at)], count: 1 + Math.floor(r() * 40), status: pick(r, ['new', 'new', 'active', 'closed']), muted: r() < 0.02, explanation: `${ip(s)} did to ${ip(d)} what was never seen before in 21 days watched`, violations: [], comments: [] });
	}
	const byIp = new Map(devices.flatMap((d) => d.addresses.flatMap((a) => [[a.ip, d], [a.mac, d]])).filter(([k]) => k));
	for (const a of all) if (a.status !== 'closed') for (const end of [a.source, a.destination]) if (byIp.has(end)) byIp.get(end).alerts++;
	const timeline = [];
	for (const a of all) timeline.push({ at: a.first, who: 'sensor', what: 'alert', about: `alert ${a.number}`, text: `${a.severity}: ${a.title}: ${a.explanation}` });
	timeline.push({ at: iso(now - 86400000), who: 'anna', what: 'mode', about: 'dynamic', text: 'was learning' }, { at: iso(now - 7200000), who: 'ben', what: 'learn', about: 'alert 2', text: 'recipe server, change 4711' });
	timeline.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)).forEach((e, i) => (e.id = i + 1));
	return { devices, conversations, alerts: all, timeline, byIp, binary, lines };
}
