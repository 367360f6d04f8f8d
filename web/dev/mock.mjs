// A stand-in for the sensor's API, in memory, for working on the console and
// for tests of what a real sensor does seldom: thousands of rows, sessions
// that end, two people at one thing, names that are markup.
//
//	node dev/mock.mjs [--port N] [--devices N] [--alerts N] [--setup]
//
// Users anna (admin), ben (analyst), eva (read-only); password "console-1234".
import { createServer } from 'node:http';
import { readFileSync, existsSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { compile } from './where.mjs';
import { made } from './data.mjs';

const option = (name, other) => {
	const at = process.argv.indexOf(`--${name}`);
	return at < 0 ? other : process.argv[at + 1];
};
const port = Number(option('port', 5174));
const data = made(Number(option('devices', 60)), Number(option('alerts', 400)));
const dist = new URL('../dist/', import.meta.url).pathname;
let setup = process.argv.includes('--setup');
const users = setup ? [] : [['anna', 'admin'], ['ben', 'analyst'], ['eva', 'read-only']].map(([name, role]) => ({ name, role, password: 'console-1234', outside: false, totp: false, locked: false, created: '2026-01-01T00:00:00Z', last: '2026-01-12T06:00:00Z' }));
const sessions = new Map();
const undos = new Map();
const streams = new Set();
const rules = [{ id: 1, kind: 'exclude', enabled: true, name: 'Scanner on Sundays', severity: 'major', hits: 12, last_hit: '2026-01-11T06:00:00Z', since: null, until: null, text: 'name ~ "*scan*" and source = 10.20.0.5 and weekday = sun', message: '' }];
const networks = [{ network: '10.20.0.0/24', name: 'Line 1', ot: true, inside: false, dhcp: false }];
const names = [{ kind: 'vlan', what: 'vlan/30', name: 'Cell 3' }, { kind: 'domain', what: '*.vendor.example', name: 'remote support' }];
const views = [];
const tokens = [];
const captures = [];
const learned = [];
let mode = 'learning';
const detections = data.binary ? data.lines(['detections', '--format', 'json', '-S', '/nonexistent']).map((d) => ({ ...d, hits: data.alerts.filter((a) => a.id === d.id).length })) : [];
const scenarioTitles = ['New device', 'Identity of a device', 'Who talks to whom', 'Service or port', 'Internet and names', 'Function code or service', 'Object read', 'Object written', 'Value of a tag', 'Engineering operation', 'Sign-in and user', 'File transfer', 'Rhythm and silence', 'Order of messages', 'Bytes per hour', 'Hours of human work', 'Multicast publisher', 'Errors and exceptions', 'Layer 2 topology', 'Firmware, model, serial number'];
const scenarioNames = ['device', 'identity', 'connection', 'service', 'external', 'function', 'read', 'write', 'value', 'engineering', 'session', 'file', 'period', 'sequence', 'volume', 'time-of-day', 'publisher', 'error', 'topology', 'attribute'];
const scenarios = scenarioTitles.map((title, i) => ({ id: `S${String(i + 1).padStart(2, '0')}`, name: scenarioNames[i], title, state: i % 5 === 0 ? 'watching' : 'learning', keys: 200 + i * 31, learned: 180 + i * 30, candidates: 20 + i, windows: 336, single: 2 + i, per_day: 0.14 * (i + 1), at_most: 0.3 * (i + 1), budget: 0.5, missing: 0.01, ready_in: i < 3 ? 0 : 86400 * i, held: 0, ready: i < 3 || i % 5 === 0, reason: i < 3 || i % 5 === 0 ? '' : `in ${2 + i} of 336 hours something was seen only once`, curve_from: new Date(Date.now() - 28 * 86400000).toISOString(), curve: Array.from({ length: 28 }, (_, x) => Math.round((60 / (x + 1)) * (1 + (i % 4)) + (x % 11 === 0 ? 2 : 0))) }));

const get = (...keys) => Object.fromEntries(keys.map((k) => [k, (r) => r[k]]));
const fieldsOf = {
	alerts: { ...get('number', 'severity', 'status', 'title', 'source', 'destination', 'protocol', 'count', 'first', 'last', 'engine', 'ref', 'category', 'tier', 'learnable', 'muted', 'vlan'), name: (a) => a.id, text: (a) => a.explanation, techniques: (a) => a.techniques.join(' '), port: (a) => a.destination_port, either: (a) => [a.source, a.destination].filter(Boolean) },
	devices: { ...get('id', 'name', 'role', 'purdue', 'vendor', 'model', 'firmware', 'serial', 'hardware', 'os', 'mode', 'authorized', 'important', 'scanner', 'programming', 'packets', 'bytes', 'first', 'last', 'comment'), addresses: (d) => d.addresses.map((a) => a.ip ?? a.mac).join(' '), macs: (d) => d.addresses.map((a) => a.mac).join(' '), order_number: (d) => d.order, servers: (d) => d.protocols.server.join(' '), clients: (d) => d.protocols.client.join(' '), ot: (d) => d.industrial },
	conversations: get('client', 'server', 'proto', 'via', 'port', 'vlan', 'packets', 'bytes', 'first', 'last', 'errors', 'malformed', 'odd_port'),
	windows: get('ip', 'host', 'kind', 'name', 'value', 'news', 'detail', 'last'),
	programming: { ...get('id', 'client', 'client_name', 'server', 'server_name', 'proto', 'operation', 'risk', 'count', 'may', 'first', 'last'), either: (r) => [r.client, r.server] },
	timeline: get('at', 'who', 'what', 'about', 'text', 'id'), rules: get('id', 'kind', 'name'), names: get('kind', 'what', 'name'), networks: get('network', 'name'), detections: get('id', 'title'),
	keys: get('scenario', 'state', 'text', 'key'), users: get('name'), any: get('id', 'name'),
};
const numeric = (ip) => (/^\d+\.\d+\.\d+\.\d+$/.test(ip) ? ip.split('.').map((p) => p.padStart(3, '0')).join('.') : ip);

class Refused extends Error {
	constructor(status, code, message, more = {}) {
		super(message);
		Object.assign(this, { status, code, more });
	}
}

function page(rows, q, noun) {
	const f = fieldsOf[noun] ?? fieldsOf.any;
	let found = rows;
	if (q.get('where')) {
		let test;
		try {
			test = compile(q.get('where'), f);
		} catch (e) {
			throw new Refused(422, 'bad-condition', e.message, { field: 'where' });
		}
		found = rows.filter(test);
	}
	const order = { severity: ['warning', 'minor', 'major', 'critical'], status: ['new', 'active', 'closed'] };
	const sorts = (q.get('sort') || '').split(',').filter(Boolean).map((s) => [s.replace('-', ''), s[0] === '-' ? -1 : 1]);
	if (sorts.length) {
		const value = (r, k) => (order[k] ? order[k].indexOf(r[k]) : k === 'addresses' || k === 'source' || k === 'destination' ? numeric(String(f[k]?.(r) ?? '').split(' ')[0]) : f[k]?.(r) ?? '');
		found = [...found].sort((a, b) => {
			for (const [k, way] of sorts) {
				const x = value(a, k);
				const y = value(b, k);
				if (x < y) return -way;
				if (x > y) return way;
			}
			return 0;
		});
	}
	const limit = Math.min(1000, Number(q.get('limit') ?? 100));
	const from = Number(q.get('cursor') ?? 0);
	return { items: found.slice(from, from + limit), next: from + limit < found.length ? String(from + limit) : null, total: found.length };
}

function csv(rows) {
	const keys = Object.keys(rows[0] ?? {});
	const cell = (v) => {
		const t = v === null || v === undefined ? '' : typeof v === 'object' ? JSON.stringify(v) : String(v);
		return /[",\n]|^[=+@-]/.test(t) ? `"${/^[=+@-]/.test(t) ? "'" : ''}${t.replace(/"/g, '""')}"` : t;
	};
	return [keys.join(','), ...rows.map((r) => keys.map((k) => cell(r[k])).join(','))].join('\n');
}

const etag = (x) => `"${(x.version ?? 0) + 1}"`;
const undoable = (back) => {
	const token = randomBytes(8).toString('hex');
	undos.set(token, back);
	return { verb: 'undo', token };
};
function tell(event, body) {
	for (const s of streams) s.write(`event: ${event}\ndata: ${JSON.stringify(body)}\n\n`);
}
function log(who, what, about, text) {
	data.timeline.push({ at: new Date().toISOString(), who, what, about, text, id: data.timeline.length + 1 });
	tell('change', { what });
}
const brief = (ip) => {
	const d = data.byIp.get(ip);
	return d ? { id: d.id, name: d.name ?? '', role: d.role, addresses: ip } : null;
};
const keys = Array.from({ length: 900 }, (_, i) => ({ key: (0x9e3779b97f4a7c15n * BigInt(i + 1) & 0xffffffffffffffffn).toString(16).padStart(16, '0'), scenario: scenarioNames[i % 20], state: ['learned', 'candidate', 'learned', 'user'][i % 4], client: `10.20.0.${10 + (i % 80)}`, server: `10.20.0.${1 + (i % 9)}`, what: `modbus function ${1 + (i % 23)}`, changes_plant: i % 7 === 0, why: "changes a controller's program or mode", windows: 1 + (i % 300), days: 1 + (i % 14), count: i * 3 }));

// Routes: method, path, least role, what. {x} in the path is an argument.
const rank = { 'read-only': 0, analyst: 1, admin: 2 };
const routes = [];
const on = (method, path, role, run) => routes.push({ method, test: new RegExp(`^${path.replace(/\{\w+\}/g, '([^/]+)')}$`), role, run });
const list = (path, rows, noun) => on('GET', path, 'read-only', (c) => (c.q.get('format') === 'csv' ? { csv: csv(page(rows(), c.q, noun).items) } : page(rows(), c.q, noun)));

list('/alerts', () => data.alerts, 'alerts');
list('/devices', () => data.devices.filter((d) => !d.gone), 'devices');
list('/conversations', () => data.conversations, 'conversations');
list('/timeline', () => data.timeline, 'timeline');
list('/rules', () => rules, 'rules');
list('/networks', () => networks, 'networks');
list('/names', () => names, 'names');
list('/detections', () => detections, 'detections');
on('GET', '/baseline/keys', 'read-only', (c) => {
	const found = keys.filter((k) => ['scenario', 'state'].every((f) => !c.q.get(f) || k[f] === c.q.get(f)) && (!c.q.get('entity') || k.client === c.q.get('entity')) && `${k.client} ${k.server} ${k.what}`.includes(c.q.get('text') ?? ''));
	const from = Number(c.q.get('offset') ?? 0);
	return { items: found.slice(from, from + Number(c.q.get('limit') ?? 100)), next: null, total: found.length };
});
on('GET', '/baseline/preview', 'read-only', () => ({ ok: true, text: '', days: 7, alerts: 3, items: [{ scenario: 'function', client: '10.20.0.50', alerts: 3, keys: 4, example: keys[5] }] }));
list('/baseline/review', () => keys.filter((k) => k.scenario === 'engineering').slice(0, 12), 'keys');
list('/learned', () => learned, 'any');
list('/indicators/lists', () => [{ list: 'cert', type: 'ip', count: 120, expired: 3 }, { list: 'cert', type: 'domain', count: 44, expired: 0 }], 'any');
list('/protocols', () => (data.binary ? data.lines(['protocols', '--format', 'json']) : []), 'any');
list('/captures', () => captures, 'any');
const grants = [{ id: 1, enabled: true, method: 'modbus-identity', ranges: '10.20.0.0/26 10.20.1.5', port: 0, station: 0, hours: 'hour in 18..22', every: 86400, times: '', due: null, server: '', labels: 0, owner: 'J. Doe, maintenance', reason: 'inventory of line 2', who: 'anna', at: '2026-01-10T08:00:00Z', until: new Date(Date.now() + 20 * 86400000).toISOString(), last: '2026-01-12T18:00:02Z' }, { id: 2, enabled: true, method: 'reverse-dns', ranges: '10.20.0.0/24', port: 0, station: 0, hours: '', every: 0, times: '06:00 18:30', due: null, server: '10.20.9.53', labels: 1, owner: 'A. Roe', reason: 'names', who: 'anna', at: '2026-01-10T08:00:00Z', until: '2026-01-11T08:00:00Z', last: null }];
let halted = null;
const methods = [['modbus-identity', 'Modbus device identification (43/14, 17)', 'tcp', 502, 3, false], ['reverse-dns', 'Names of addresses (PTR), of a name server', 'udp', 53, 2, true], ['snmp-system', 'SNMP system group and interfaces', 'udp', 161, 66, false]].map(([name, title, via, port, requests, of_server]) => ({ name, title, via, port, requests, of_server, standard: 'Modbus Application Protocol V1.1b3 6.13', caution: 'gateways pass it on to serial lines, where it takes time' }));
const askingNow = (grant) => ({ on: true, interface: 'mgmt0', halted, waits: halted ? 'stopped' : '', grants: grants.length, grant: halted ? 0 : grant, of: 63, done: 12, sent: 15, answers: 31, seconds: 75 });
on('GET', '/active', 'read-only', () => ({ ...askingNow(1), running: true }));
list('/active/methods', () => methods, 'any');
list('/active/grants', () => grants, 'any');
list('/active/results', () => [{ ip: '10.20.0.11', method: 'modbus-identity', at: '2026-01-12T18:00:04Z', outcome: 'answered', answers: 3, found: 'vendor Acme Pumps; model PX-4; firmware 3.1.5', before: 'vendor Acme Pumps; model PX-4; firmware 3.1.4', changed: '2026-01-12T18:00:04Z', device: 5 }, { ip: '10.20.0.12', method: 'modbus-identity', at: '2026-01-12T18:00:08Z', outcome: 'no answer', answers: 0, found: '', before: '', changed: null, device: 0 }], 'any');
on('POST', '/active/plan', 'read-only', (c) => {
	if (c.body.ranges.some((r) => /\/8$/.test(r))) throw new Refused(422, 'bad', 'that would ask 16777214 addresses; at most 4096 are asked by one grant', { field: 'ranges' });
	return { ok: true, text: '', addresses: 62, requests: 186, requests_per_device: 3, seconds: 94, device_gap_ms: 2000, subnet_gap_ms: 500, gap_ms: 200, standard: methods[0].standard, caution: methods[0].caution, bytes: ['00010000000501 2b0e0100'.replace(' ', ''), '00020000000501 2b0e0200'.replace(' ', '')] };
});
on('POST', '/active/grants', 'admin', (c) => {
	grants.push({ ...grants[0], ...c.body, id: grants.length + 1, ranges: c.body.ranges.join(' '), last: null });
	log(c.user.name, 'ask', `grant ${grants.length}`, 'granted');
	return { ok: true, text: '', undo: undoable(() => grants.pop()) };
});
on('POST', '/active/grants/{n}/run', 'admin', () => ({ ok: true, text: '' }));
on('DELETE', '/active/grants/{n}', 'admin', (c) => {
	grants.splice(grants.findIndex((g) => g.id === Number(c.args[0])), 1);
	return { ok: true, text: '' };
});
on('POST', '/active/stop', 'admin', (c) => {
	halted = `${new Date().toISOString()} ${c.user.name}`;
	tell('asking', { key: 'asking', now: askingNow(0) });
	log(c.user.name, 'ask', 'all', 'stopped');
	return { ok: true, text: '', undo: undoable(() => void (halted = null)) };
});
on('POST', '/active/resume', 'admin', (c) => {
	halted = null;
	tell('asking', { key: 'asking', now: askingNow(1) });
	log(c.user.name, 'ask', 'all', 'may go on');
	return { ok: true, text: '' };
});
const ago = (h) => new Date(Date.now() - h * 3600000).toISOString();
list('/windows/endpoints', () => [['10.1.2.7', 'HMI-1', 'answered', ''], ['10.1.2.8', '', 'refused', 'the account or its password']].map(([ip, name, outcome, text]) => ({ ip, name, os: name && 'Windows 10 Enterprise LTSC', build: name && '17763.5329', programs: name ? 31 : 0, services: name ? 112 : 0, updates: name ? 9 : 0, news: name ? 2 : 0, told: name ? ago(5) : null, outcome, at: ago(5), text, range: 1, pin: '' })), 'any');
list('/windows/results', () => [['program', 'WinCC Runtime', '7.5', 'changed', '7.4'], ['service', 'TeamViewer', 'running', 'new', ''], ['usb', 'Kingston DataTraveler', 'seen', 'gone', ''], ['os', 'edition', 'Windows 10 Enterprise LTSC', 'same', '']].map(([kind, name, value, news, was]) => ({ ip: '10.1.2.7', host: 'HMI-1', kind, name, value, news, was, detail: '', first: ago(900), last: ago(5), changed: null, gone: news === 'gone' ? ago(5) : null })), 'windows');
list('/windows/ranges', () => [{ id: 1, enabled: true, ranges: '10.1.2.0/28', account: 'PLANT\\reader', via: 'https', port: 0, trust: 'first', kinds: '', every: 86400, times: '', hours: '', owner: 'M. Berg', reason: 'versions for the audit', who: 'anna', at: ago(900), until: new Date(Date.now() + 5e9).toISOString(), last: ago(5), proved: ago(5), blocked: '' }], 'any');
list('/programming', () => data.alerts.filter((a) => a.category === 'Programming').map((a) => ({ id: a.number, client: a.source, client_name: brief(a.source)?.name || null, client_device: brief(a.source)?.id ?? null, server: a.destination, server_name: brief(a.destination)?.name || null, server_device: brief(a.destination)?.id ?? null, proto: a.protocol, operation: 'request download', risk: 'program', count: a.count, may: data.byIp.get(a.source)?.programming ?? false, first: a.first, last: a.last })), 'programming');
on('GET', '/alerts/{n}', 'read-only', (c) => {
	const a = one(data.alerts, 'number', c.args[0]);
	return { ...a, meaning: 'What this row looks for, and why it matters.', source_device: brief(a.source), destination_device: brief(a.destination), evidence: true, etag: etag(a) };
});
on('GET', '/alerts/{n}/frames', 'read-only', (c) => {
	const a = one(data.alerts, 'number', c.args[0]);
	return { items: a.frames.map((f) => ({ frame: f.frame, time: a.last, length: 64, captured: 64, hex: '0080f45a100500d0c95a100208004500003400010000400600000a1400140a14000b', summary: `${a.protocol} read holding registers`, facts: [{ type: 'fact', proto: a.protocol, kind: 'read', op: 3, op_name: 'read holding registers', response: false, client: a.source, server: a.destination, unit: 1, object: { space: 'holding', first: 9000, count: 10 }, flags: [] }] })), next: null, total: a.frames.length };
});
on('GET', '/alerts/{n}/levels', 'read-only', (c) => {
	one(data.alerts, 'number', c.args[0]);
	return { items: [[0, 'exactly this'], [1, 'this function of any unit'], [3, 'any function of the protocol between the two'], [5, 'this function from any client']].map(([level, text], i) => ({ level, text, closes: 1 + i, covers: 14 + i * 3 })) };
});
on('GET', '/alerts/{n}/pcap', 'read-only', () => ({ bytes: Buffer.from('0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000', 'hex') }));
on('POST', '/alerts/actions', 'analyst', (c) => {
	const b = c.body;
	const some = b.where ? page(data.alerts, new URLSearchParams({ where: b.where, limit: '1000' }), 'alerts').items : data.alerts.filter((a) => b.numbers?.includes(a.number));
	if (!some.length) throw new Refused(404, 'not-found', 'There is no such alert.');
	const before = some.map((a) => ({ ...a, comments: [...a.comments] }));
	for (const a of some) {
		if (b.action === 'close' || b.action === 'learn') a.status = 'closed';
		else if (b.action === 'active') a.status = 'active';
		else if (b.action === 'reopen') a.status = 'new';
		else if (b.action === 'deny') a.status = 'active';
		else if (b.action === 'mute' || b.action === 'unmute') a.muted = b.action === 'mute';
		else if (b.action === 'severity') a.severity = b.severity;
		else if (b.action === 'comment') a.comments.push({ at: new Date().toISOString(), who: c.user.name, text: b.text });
		else throw new Refused(422, 'bad-action', `There is no action '${b.action}'.`);
		if (b.action === 'learn') learned.push({ id: learned.length + 1, scenario: 'function', alert: a.number, who: c.user.name, at: new Date().toISOString(), reason: b.reason ?? '', deny: false, client: a.source, server: a.destination, expires: null });
		a.version = (a.version ?? 0) + 1;
		log(c.user.name, b.action === 'active' ? 'active' : b.action, `alert ${a.number}`, b.reason ?? b.text ?? '');
	}
	tell('alert', {});
	return { ok: true, text: '', numbers: some.map((a) => a.number), undo: undoable(() => before.forEach((x) => Object.assign(data.alerts.find((a) => a.number === x.number), x))) };
});
on('POST', '/undo', 'read-only', (c) => {
	const back = undos.get(c.body.undo?.token);
	if (!back) throw new Refused(404, 'not-found', 'This cannot be taken back any more.');
	undos.delete(c.body.undo.token);
	back();
	tell('alert', {});
	tell('device', {});
	return {};
});
on('GET', '/devices/{n}', 'read-only', (c) => ({ ...one(data.devices, 'id', c.args[0]), etag: etag(one(data.devices, 'id', c.args[0])), open_alerts: [], edited: one(data.devices, 'id', c.args[0]).edited ?? [] }));
on('PATCH', '/devices/{n}', 'analyst', (c) => {
	const d = one(data.devices, 'id', c.args[0]);
	if (c.match && c.match !== etag(d)) throw new Refused(412, 'changed', 'Somebody else changed it in the meantime.', { current: { ...d, etag: etag(d) } });
	const before = { ...d };
	if (c.body.purdue != null && (c.body.purdue < 0 || c.body.purdue > 4)) throw new Refused(422, 'bad-value', 'The level is 0 to 4.', { field: 'purdue' });
	Object.assign(d, c.body, { version: (d.version ?? 0) + 1, edited: [...new Set([...(d.edited ?? []), ...Object.keys(c.body)])] });
	log(c.user.name, 'device', `device ${d.id}`, JSON.stringify(c.body));
	tell('device', {});
	return { ...d, etag: etag(d), undo: undoable(() => Object.assign(d, before)) };
});
on('POST', '/devices/actions', 'analyst', (c) => {
	const { ids, ...what } = c.body;
	const some = data.devices.filter((d) => ids.includes(d.id));
	const before = some.map((d) => ({ ...d }));
	for (const d of some) Object.assign(d, what);
	tell('device', {});
	return { ok: true, text: '', undo: undoable(() => before.forEach((x) => Object.assign(data.devices.find((d) => d.id === x.id), x))) };
});
on('POST', '/devices/delete', 'admin', (c) => {
	const some = data.devices.filter((d) => c.body.ids.includes(d.id));
	for (const d of some) d.gone = true;
	return { ok: true, text: '', undo: undoable(() => some.forEach((d) => (d.gone = false))) };
});
on('DELETE', '/devices/{n}', 'admin', (c) => {
	const d = one(data.devices, 'id', c.args[0]);
	d.gone = true;
	return { undo: undoable(() => (d.gone = false)) };
});
on('POST', '/devices/merge', 'analyst', (c) => {
	const [first, ...more] = data.devices.filter((d) => c.body.ids.includes(d.id));
	const before = [...first.addresses];
	for (const d of more) {
		first.addresses.push(...d.addresses);
		d.gone = true;
	}
	return { undo: undoable(() => {
		first.addresses = before;
		for (const d of more) d.gone = false;
	}) };
});
on('POST', '/devices/{n}/split', 'analyst', () => {
	throw new Refused(422, 'not-merged', 'Nobody has merged this device; there is nothing to split.');
});
on('POST', '/devices/import', 'analyst', (c) => ({ changed: String(c.text).trim().split('\n').length - 1, undo: undoable(() => undefined) }));
on('GET', '/map', 'read-only', () => {
	const subnet = (ip) => (ip ? `${ip.split('.').slice(0, 3).join('.')}.0/24` : null);
	const links = new Map();
	for (const c of data.conversations) {
		const a = data.byIp.get(c.client)?.id;
		const b = data.byIp.get(c.server)?.id;
		if (!a || !b || a === b) continue;
		const l = links.get(`${a} ${b}`) ?? { a, b, protocols: [], packets: 0, bytes: 0, first: c.first, last: c.last, risks: [] };
		if (!l.protocols.includes(c.proto)) l.protocols.push(c.proto);
		l.packets += c.packets;
		l.bytes += c.bytes;
		for (const r of Object.values(c.risks ?? {})) if (!l.risks.includes(r)) l.risks.push(r);
		links.set(`${a} ${b}`, l);
	}
	return { nodes: data.devices.filter((d) => !d.gone).map((d) => ({ id: d.id, name: d.name ?? '', address: d.addresses[0].ip ?? d.addresses[0].mac, role: d.role, purdue: d.purdue, vendor: d.vendor, subnet: subnet(d.addresses[0].ip), vlan: d.addresses[0].vlan, alerts: d.alerts, important: d.important, authorized: d.authorized, programming: d.programming, protocols: d.protocols.server, last: d.last, ot: d.industrial, scanner: d.scanner })), links: [...links.values(), { a: 0, b: data.devices[data.devices.length - 1].id, protocols: ['tls'], risks: [], packets: 90, bytes: 90000, first: data.devices[0].first, last: data.devices[0].last }], internet: true };
});
const modeNow = () => ({ type: 'mode', mode, since: new Date(Date.now() - 9 * 86400000).toISOString(), age_seconds: 9 * 86400, learn_scale: 1, per_day: 8.2, at_most: 14.4, ready: scenarios.filter((s) => s.ready).length, scenarios });
on('GET', '/mode', 'read-only', modeNow);
on('GET', '/baseline', 'read-only', modeNow);
on('PUT', '/mode', 'admin', (c) => {
	if (c.body.mode !== 'learning' && !c.body.force) throw new Refused(409, 'too-young', 'Only 9 of 14 days were learned; force it, if you must.');
	mode = c.body.mode;
	log(c.user.name, 'mode', mode, '');
	tell('mode', {});
	return modeNow();
});
on('POST', '/baseline/scenario', 'admin', () => ({ ok: true, text: '' }));
on('POST', '/baseline/forget', 'admin', () => ({ ok: true, text: '' }));
on('POST', '/baseline/judge', 'analyst', () => ({ ok: true, text: '', undo: undoable(() => undefined) }));
on('GET', '/baseline/why', 'read-only', (c) => ({ ok: true, text: '', why: `${c.q.get('key')}: seen in 214 of 336 hours on 14 days, 5120 times. Learned after two hours on one day.` }));
on('DELETE', '/learned/{n}', 'analyst', (c) => {
	learned.splice(learned.findIndex((l) => l.id === Number(c.args[0])), 1);
	return { ok: true, text: '' };
});
on('GET', '/overview', 'read-only', () => {
	const open = data.alerts.filter((a) => a.status !== 'closed');
	const n = (s) => open.filter((a) => a.severity === s).length;
	const there = data.devices.filter((d) => !d.gone);
	const shares = new Map();
	for (const d of there) for (const p of d.protocols.server) shares.set(p, (shares.get(p) ?? 0) + 1);
	return {
		mode: { mode, since: modeNow().since, ready: modeNow().ready, scenarios: scenarios.map(({ id, title, state, ready, name }) => ({ id, name, title, state, ready })) },
		mirror: points,
		traffic: { frames: 84e6 }, counts: { devices: there.length, unauthorized: there.filter((d) => !d.authorized).length, conversations: data.conversations.length, alerts: open.length },
		protocols: [...shares].sort((a, b) => b[1] - a[1]).map(([name, devices]) => ({ name, devices, bytes: devices * 1e7, industrial: !['http', 'dns', 'snmp', 'lldp'].includes(name) })), ports: [[502, 'tcp', 'modbus'], [102, 'tcp', null], [44818, 'tcp', null], [443, 'tcp', null]].map(([p, via, name], i) => ({ port: p, via, name, bytes: 9e9 / (i + 1) })),
		alerts: { critical: n('critical'), major: n('major'), minor: n('minor'), warning: n('warning') }, latest: [], messages: [{ severity: 'minor', text: 'The certificate of this console expires in 21 days.', at: null }], sensor: { name: 'plant-1', version: '0.1.0', started: '2026-01-12T06:00:00Z', running: true, time: new Date().toISOString() },
	};
});
const points = [{ type: 'mirror', port: 0, name: 'eth1', how: 'span', session: false, verdict: 'warning', packets: 84e6, bytes: 31e9, packets_second: 12400, bits_second: 48e6, link: true, utilisation: 0.41, conversations: 950, shares: { unicast: 0.86, multicast: 0.09, broadcast: 0.05, arp: 0.04, duplicate: 0.01, one_way: 0.14, tagged: 0.3, damaged: 0, truncated: 0, industrial: 0.6 }, lost: { before: 120, tunnel: 0, nic: 0, kernel: 0, sensor: 0, numbered: 4000 }, skew_us: null, vlans: [30, 31], subnets: ['10.20.0.0/24'], industrial: ['modbus', 's7comm'], findings: [{ id: 'one-way', severity: 'warning', text: '14 % of the conversations are seen in one direction only', cause: 'The switch copies only what its ports receive, and not all ports are copied.', advice: 'Mirror both directions (rx and tx) of the ports.', makes: [{ make: 'Cisco IOS', change: 'monitor session 1 source interface Gi1/0/1 both' }] }] }];
on('GET', '/mirror', 'read-only', () => ({ now: points, running: true }));
on('GET', '/mirror/plan', 'read-only', () => ({ methods: [{ name: 'span', text: 'a switch copies its ports to one of its ports' }, { name: 'tap', text: 'a TAP in the cable joins both directions on one port' }], vendors: [{ name: 'cisco-ios', text: 'Cisco IOS' }, { name: 'moxa', text: 'Moxa EDS and IKS' }, { name: 'any-tap', text: 'any other TAP' }], directions: [{ name: 'rx', text: null }, { name: 'tx', text: null }, { name: 'both', text: null }], known: [{ method: 'span', vendor: 'cisco-ios' }, { method: 'span', vendor: 'moxa' }, { method: 'tap', vendor: 'any-tap' }] }));
on('POST', '/mirror/plan', 'read-only', (c) => {
	if (c.body.method === 'span' && !c.body.sources && !c.body.vlans) throw new Refused(422, 'missing', 'Which ports or VLANs are to be copied?', { field: 'sources' });
	return { text: `monitor session 1 source interface ${c.body.sources} ${c.body.direction}\nmonitor session 1 destination interface ${c.body.destination ?? 'Gi1/0/48'}`, sensor: '[port eth1]\nkind = span', origin: 'published configurations', warnings: [{ id: 'destination-speed', text: 'All sources share the speed of the destination port.' }] };
});
on('GET', '/trends/widgets', 'read-only', () => ({ items: [], next: null, total: 0 }));
on('GET', '/trends', 'read-only', (c) => {
	const w = c.q.get('widget');
	if (/-by-day$|^new-devices$/.test(w)) return { widget: w, text: '', step: 86400, items: Array.from({ length: 21 }, (_, i) => ({ at: new Date(Math.floor(Date.now() / 86400000 - 20 + i) * 86400000).toISOString(), value: Math.round(30 / (i + 1)) + (i % 6) })) };
	return { items: ['modbus', 's7comm', 'cip', 'tls', 'dns'].map((name, i) => ({ name, value: Math.round(1e9 / (i + 1)) })) };
});
on('GET', '/traffic/history', 'read-only', (c) => {
	const seconds = { minute: 60, hour: 3600, day: 86400 }[c.q.get('step') ?? 'hour'];
	const keys = { all: [''], protocol: ['modbus', 's7comm', 'profinet-rt', 'http', ''], device: ['PLC-1', 'HMI-1', 'HISTORIAN', ''], port: ['0', '1'] }[c.q.get('by') ?? 'all'];
	const now = Math.floor(Date.now() / 1000 / seconds) * seconds;
	const last = Number(c.q.get('last') ?? 24);
	return { items: Array.from({ length: last }, (_, i) => keys.map((key, k) => ({ at: new Date((now - (last - 1 - i) * seconds) * 1000).toISOString(), seconds, key, name: key || (keys.length > 1 ? 'the rest' : ''), device: null, packets: 1000, bytes: Math.round((1e6 * seconds * (1 + Math.sin(i / 3 + k) / 3)) / (k + 1)) }))).flat(), next: null, total: last * keys.length };
});
on('GET', '/health', 'read-only', () => ({ version: '0.1.0', state: 'running', uptime: 864000, disk: { size: 100e9, free: 40e9 }, database: { bytes: 2.1e8, schema: 7, devices: data.devices.length, alerts: data.alerts.length }, certificate: { subject: 'CN=plant-1', issuer: 'CN=plant-1', until: new Date(Date.now() + 21 * 86400000).toISOString(), days: 21, self_signed: true, fingerprint: 'a1b2c3d4' }, live: [{ key: 'processes', at: new Date().toISOString(), now: Object.fromEntries(['main', 'engine', 'keeper', 'recorder', 'web'].map((name, i) => [name, { pid: 100 + i, starts: 1, deaths: i === 3 ? 1 : 0, seconds: 864000 }])) }, { key: 'ports', at: new Date().toISOString(), now: { ports: [{ port: 0, interface: 'eth1', name: 'eth1', kind: 'span', present: true, up: true, carrier: true, problem: '', mbit: 1000, frames: 84e6, dropped: 120, set_aside: 0, missed: 0, damaged: 0, late: 0, ring: 0 }] } }, { key: 'traffic', at: new Date().toISOString(), now: { frames: 84e6, dropped: 120, flows: 950, waiting: 0, memory_kib: 91000, mode, played: 0, trouble: '' } }], web: { requests: 1234, refused: 5, failed: 0 } }));
on('GET', '/directory', 'admin', () => ({ on: true, looks: true }));
on('POST', '/directory/test', 'admin', (c) => ({ how: 'no-role', role: null, server: 'dc1.corp.example', dn: `CN=${c.body.user},OU=Staff,DC=corp,DC=example`, why: 'None of the groups gives a role here.', groups: [] }));
on('GET', '/certificate', 'read-only', () => ({ subject: 'CN=plant-1', issuer: 'CN=plant-1', fingerprint: 'a1b2c3d4', from: '2026-01-01T00:00:00Z', until: new Date(Date.now() + 21 * 86400000).toISOString(), own: true, days_left: 21 }));
on('PUT', '/certificate', 'admin', (c) => {
	if (!/BEGIN CERTIFICATE/.test(c.body.chain ?? '')) throw new Refused(422, 'bad-certificate', 'This is no certificate: it does not begin with -----BEGIN CERTIFICATE-----.', { field: 'chain' });
	return {};
});
on('GET', '/settings', 'admin', (c) => page([['capture.snaplen', 65535, 'B', 64, 262144, 'How much of each packet is read.'], ['learn.days', 14, 'days', 1, 90, 'How long is learned at least.'], ['web.address', '127.0.0.1', '', 0, 0, 'Where the console listens.'], ['web.port', 8443, '', 1, 65535, 'Its port.'], ['log.level', 'info', 'error info debug', 0, 0, 'How much is told.']].map(([key, value, unit, least, most, help]) => ({ key, value, default: String(value), type: typeof value === 'number' ? 'number' : key === 'log.level' ? 'choice' : 'text', unit, least, most, restart: false, help })), c.q, 'any'));
on('PATCH', '/settings', 'admin', () => ({}));
on('GET', '/reports/risk', 'read-only', (c) => {
	const devices = data.devices.map((d) => ({ id: d.id, name: d.name, address: d.addresses[0].ip ?? d.addresses[0].mac, role: d.role, score: Math.max(20, 100 - d.alerts * 9 - (d.authorized ? 0 : 25)), important: d.important, addresses: d.addresses[0].ip ?? d.addresses[0].mac, reasons: [...(d.alerts ? [{ id: 'alerts', text: 'open alerts', detail: String(d.alerts), points: d.alerts * 9 }] : []), ...(d.authorized ? [] : [{ id: 'authorise', text: 'nobody said that it belongs here', detail: '', points: 25 }])] }));
	return c.q.get('format') === 'csv' ? { csv: csv(devices) } : { score: 81, verdict: 'needs improvement', devices, steps: [{ id: 'alerts', title: 'open alerts', text: 'Handle the open alerts', gain: 6.4, count: 20, devices: [] }, { id: 'authorise', title: 'unknown devices', text: 'Authorise or remove unknown devices', gain: 3.1, count: 5, devices: [] }] };
});
on('GET', '/reports/attack-vectors', 'read-only', () => ({ items: [{ cost: 4, text: 'nobody said that it belongs here', observed: true, hops: [{ name: 'WOR-0021', device: 22, proto: '', possible: false }, { name: 'ES-01', device: 12, proto: 'rdp', possible: false }, { name: 'MIXER-1', device: 5, proto: 's7comm', possible: false }] }], next: null, total: 1 }));
on('GET', '/reports/inventory', 'read-only', (c) => page(data.devices, c.q, 'devices'));
on('GET', '/reports/alerts', 'read-only', (c) => page(data.alerts, c.q, 'alerts'));
on('GET', '/queries', 'read-only', () => ({ items: [], next: null, total: 0 }));
on('GET', '/views', 'read-only', (c) => ({ items: views.filter((v) => v.owner === c.user.name), next: null, total: views.length }));
on('PUT', '/views/{n}/{v}', 'read-only', (c) => {
	const v = { noun: c.args[0], name: c.args[1], owner: c.user.name, shared: false, query: c.body.query };
	views.splice(0, views.length, ...views.filter((x) => x.name !== v.name || x.noun !== v.noun), v);
	return null;
});
on('DELETE', '/views/{n}/{v}', 'read-only', (c) => {
	views.splice(0, views.length, ...views.filter((x) => x.name !== c.args[1] || x.noun !== c.args[0]));
	return null;
});
on('GET', '/detections/{n}', 'read-only', (c) => one(detections, 'id', c.args[0]));
on('PATCH', '/detections/{n}', 'admin', (c) => {
	const d = one(detections, 'id', c.args[0]);
	const before = { ...d };
	Object.assign(d, c.body, { changed: true });
	return { ...d, undo: undoable(() => Object.assign(d, before)) };
});
on('POST', '/rules/test', 'analyst', (c) => {
	const found = page(data.alerts, new URLSearchParams({ where: c.body.text, limit: '1' }), 'alerts');
	return { ok: true, text: `true of ${found.total} of ${data.alerts.length} alerts` };
});
on('POST', '/rules', 'analyst', (c) => {
	const { on: enabled = true, from: since = null, ...rest } = c.body;
	rules.push({ id: rules.length + 1, enabled, hits: 0, last_hit: null, since, until: null, ...rest });
	return { ok: true, text: '', id: rules.length };
});
on('PATCH', '/rules/{n}', 'analyst', (c) => {
	const { on: enabled, from: since, ...rest } = c.body;
	Object.assign(one(rules, 'id', c.args[0]), rest, enabled === undefined ? {} : { enabled }, since === undefined ? {} : { since });
	return { ok: true, text: '' };
});
on('DELETE', '/rules/{n}', 'analyst', (c) => {
	const r = one(rules, 'id', c.args[0]);
	rules.splice(rules.indexOf(r), 1);
	return { undo: undoable(() => rules.push(r)) };
});
on('PUT', '/networks', 'admin', (c) => {
	for (const x of c.body.networks) networks.splice(0, networks.length, ...networks.filter((n) => n.network !== x.network), x);
	return { ok: true, text: '' };
});
on('DELETE', '/networks/{n}/{bits}', 'admin', (c) => {
	networks.splice(0, networks.length, ...networks.filter((n) => n.network !== c.args.join('/')));
	return { ok: true, text: '' };
});
on('GET', '/networks/seen', 'read-only', () => ({ items: [{ network: '10.20.0.0/24', devices: 11, ot_devices: 9, name: '' }, { network: '10.20.30.0/24', devices: 2, ot_devices: 2, name: '' }], next: null, total: 2 }));
on('PUT', '/names', 'admin', (c) => {
	names.push({ kind: c.body.what.startsWith('vlan/') ? 'vlan' : /^(tcp|udp)\//.test(c.body.what) ? 'port' : 'domain', ...c.body });
	return null;
});
on('DELETE', '/names/{a}', 'admin', (c) => {
	names.splice(0, names.length, ...names.filter((n) => n.what !== c.args[0]));
	return { ok: true, text: '' };
});
on('GET', '/users', 'admin', (c) => page(users.map(({ password, ...u }) => u), c.q, 'users'));
on('POST', '/users', 'admin', (c) => {
	if (c.body.password.length < 12) throw new Refused(422, 'bad-password', 'A password has 12 characters or more.', { field: 'password' });
	users.push({ outside: false, totp: false, locked: false, created: new Date().toISOString(), last: null, ...c.body });
	return { name: c.body.name, role: c.body.role };
});
on('PATCH', '/users/{n}', 'admin', (c) => Object.assign(one(users, 'name', c.args[0]), c.body));
on('DELETE', '/users/{n}', 'admin', (c) => {
	users.splice(users.indexOf(one(users, 'name', c.args[0])), 1);
	return null;
});
on('POST', '/users/{n}/password', 'read-only', () => null);
on('POST', '/users/me/totp', 'read-only', (c) => ({ on: !!c.body.code, secret: 'JBSWY3DPEHPK3PXP', uri: 'otpauth://totp/Sightglass:anna?secret=JBSWY3DPEHPK3PXP' }));
on('DELETE', '/users/me/totp', 'read-only', () => null);
on('GET', '/tokens', 'read-only', (c) => page(tokens, c.q, 'any'));
on('POST', '/tokens', 'read-only', (c) => {
	const t = { id: tokens.length + 1, user: c.user.name, name: c.body.name, role: c.body.role, created: new Date().toISOString(), expires: new Date(Date.now() + c.body.days * 86400000).toISOString(), used: null };
	tokens.push(t);
	return { ...t, token: `sg_${randomBytes(24).toString('base64url')}` };
});
on('DELETE', '/tokens/{n}', 'read-only', (c) => {
	tokens.splice(tokens.findIndex((t) => t.id === Number(c.args[0])), 1);
	return null;
});
on('GET', '/sessions', 'read-only', (c) => ({ items: [...sessions].filter(([, s]) => s.user === c.user.name).map(([id, s]) => ({ id: id.slice(0, 6), user: s.user, source: '127.0.0.1', agent: s.agent, began: s.began, seen: new Date().toISOString(), ends: null, current: id === c.id })), next: null, total: 1 }));
on('DELETE', '/sessions', 'read-only', (c) => {
	for (const [id, s] of sessions) if (s.user === c.user.name) sessions.delete(id);
	return null;
});
on('POST', '/captures', 'admin', (c) => {
	if (!/^(0a0d0d0a|d4c3b2a1|a1b2c3d4|4d3cb2a1|1f8b|28b52ffd)/.test(c.raw.subarray(0, 4).toString('hex'))) throw new Refused(422, 'no-capture', `${c.q.get('name')} is no capture: it begins like none that is known.`);
	captures.push({ id: captures.length + 1, name: c.q.get('name'), bytes: c.raw.length, at: new Date().toISOString(), state: 'new', progress: 0, error: null });
	return captures[captures.length - 1];
});
on('POST', '/captures/{n}/play', 'admin', (c) => {
	const x = one(captures, 'id', c.args[0]);
	Object.assign(x, { state: 'playing', progress: 0.1 });
	setTimeout(() => Object.assign(x, { state: 'done', progress: 1 }), 1500);
	return x;
});
on('DELETE', '/captures/{n}', 'admin', (c) => {
	captures.splice(captures.findIndex((x) => x.id === Number(c.args[0])), 1);
	return null;
});
on('GET', '/session', 'read-only', (c) => ({ user: c.user.name, role: c.user.role, csrf: c.csrf, expires: new Date(Date.now() + 1800000).toISOString(), totp: c.user.totp }));
on('DELETE', '/session', 'read-only', (c) => {
	sessions.delete(c.id);
	return null;
});
// Only here: end all sessions, as time would.
on('POST', '/dev/expire', 'read-only', () => {
	sessions.clear();
	for (const s of streams) s.end();
	return null;
});
// And: let go of all who listen, and refuse them for a while.
let deaf = 0;
on('POST', '/dev/drop', 'read-only', () => {
	deaf = Date.now() + 2500;
	for (const s of streams) s.destroy();
	return null;
});
on('POST', '/dev/alert', 'read-only', (c) => {
	const a = { ...data.alerts[0], ...c.body, number: data.alerts.length + 1, first: new Date().toISOString(), last: new Date().toISOString(), status: 'new', comments: [] };
	data.alerts.push(a);
	tell('alert', { number: a.number, severity: a.severity, title: a.title });
	return a;
});

function one(rows, key, value) {
	const found = rows.find((r) => String(r[key]) === value);
	if (!found) throw new Refused(404, 'not-found', 'There is no such thing here.');
	return found;
}

const headers = { 'Content-Security-Policy': "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; manifest-src 'self'", 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer' };
const types = { html: 'text/html; charset=utf-8', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' };

function file(res, path) {
	const at = path.startsWith('/assets/') && existsSync(dist + path.slice(1)) ? dist + path.slice(1) : path.startsWith('/assets/') ? null : `${dist}index.html`;
	if (!at || !existsSync(at)) {
		res.writeHead(404, headers).end('not there');
		return;
	}
	res.writeHead(200, { ...headers, 'Content-Type': types[at.split('.').pop()] ?? 'application/octet-stream', 'Cache-Control': path.startsWith('/assets/') ? 'immutable, max-age=31536000' : 'no-cache' }).end(readFileSync(at));
}

function answer(res, status, body, more = {}) {
	if (body === null || body === undefined) res.writeHead(204, headers).end();
	else if (typeof body.csv === 'string') res.writeHead(200, { ...headers, 'Content-Type': 'text/csv' }).end(body.csv);
	else if (Buffer.isBuffer(body.bytes)) res.writeHead(200, { ...headers, 'Content-Type': 'application/octet-stream' }).end(body.bytes);
	else res.writeHead(status, { ...headers, 'Content-Type': 'application/json', ...more }).end(JSON.stringify(body));
}

function begin(res, user, agent) {
	const id = randomBytes(16).toString('hex');
	const s = { user: user.name, csrf: randomBytes(8).toString('hex'), began: new Date().toISOString(), agent };
	sessions.set(id, s);
	answer(res, 200, { user: user.name, role: user.role, csrf: s.csrf, expires: null, totp: user.totp }, { 'Set-Cookie': `sg_session=${id}; HttpOnly; SameSite=Strict; Path=/` });
}

const server = createServer(async (req, res) => {
	const url = new URL(req.url, 'http://x');
	if (!url.pathname.startsWith('/api/v1/')) return file(res, url.pathname);
	const path = url.pathname.slice(7);
	const parts = [];
	for await (const p of req) parts.push(p);
	const raw = Buffer.concat(parts);
	try {
		const json = /json/.test(req.headers['content-type'] ?? '') && raw.length ? JSON.parse(raw.toString()) : {};
		if (path === '/setup') {
			if (req.method === 'GET') return answer(res, 200, { needed: setup });
			if (!setup) throw new Refused(404, 'not-found', 'There is an administrator already.');
			if (json.secret !== 'first-secret') throw new Refused(403, 'bad-secret', 'This is not the secret on the terminal.', { field: 'secret' });
			if (json.password.length < 12) throw new Refused(422, 'bad-password', 'A password has 12 characters or more.', { field: 'password' });
			setup = false;
			users.push({ name: json.user, role: 'admin', password: json.password, totp: false, outside: false, locked: false });
			return begin(res, users[0], req.headers['user-agent']);
		}
		if (path === '/session' && req.method === 'POST') {
			const u = users.find((x) => x.name === json.user && x.password === json.password);
			if (!u) throw new Refused(401, 'bad-sign-in', 'User or password is wrong.');
			return begin(res, u, req.headers['user-agent']);
		}
		const id = /sg_session=(\w+)/.exec(req.headers.cookie ?? '')?.[1];
		const s = sessions.get(id);
		const user = s && users.find((u) => u.name === s.user);
		if (!user) throw new Refused(401, 'not-signed-in', 'Nobody is signed in.');
		if (path === '/events') {
			if (Date.now() < deaf) throw new Refused(503, 'busy', 'Not now.');
			res.writeHead(200, { ...headers, 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
			res.write(': here\n\n');
			streams.add(res);
			const t = setInterval(() => res.write(`event: traffic\ndata: ${JSON.stringify({ key: 'traffic', now: { frames: 84e6 + Math.round(Date.now() * 12.4) } })}\n\nevent: mirror\ndata: ${JSON.stringify({ key: 'mirror', now: points })}\n\n`), 1000);
			req.on('close', () => {
				clearInterval(t);
				streams.delete(res);
			});
			return;
		}
		if (req.method !== 'GET' && req.method !== 'OPTIONS' && req.headers['x-csrf-token'] !== s.csrf) throw new Refused(403, 'csrf', 'The request does not come from the console.');
		if (req.method === 'OPTIONS') return answer(res, 200, {}, { Allow: [...new Set(routes.filter((r) => r.test.test(path)).map((r) => r.method)), 'OPTIONS'].join(', ') });
		for (const r of routes) {
			const m = r.method === req.method && r.test.exec(path);
			if (!m) continue;
			if (rank[user.role] < rank[r.role]) throw new Refused(403, 'role', `This needs the role ${r.role}.`);
			return answer(res, 200, r.run({ args: m.slice(1).map(decodeURIComponent), q: url.searchParams, body: json, text: raw.toString(), raw, user, id, csrf: s.csrf, match: req.headers['if-match'] }));
		}
		throw new Refused(404, 'no-route', `There is no ${req.method} ${path}.`);
	} catch (e) {
		if (!(e instanceof Refused)) console.error(e);
		answer(res, e.status ?? 500, { error: { code: e.code ?? 'broken', message: e.message, ...(e.more?.field ? { field: e.more.field } : {}) }, ...(e.more?.current ? { current: e.more.current } : {}) });
	}
});
// Names that are markup: shown as text, never run.
data.devices[0].name = '<img src=x onerror="window.hurt=1">';
data.devices[1].vendor = '"><script>window.hurt=1</script>';
data.devices[2].comment = '</textarea><svg onload=window.hurt=1>';
if (data.alerts[0]) data.alerts[0].explanation = '<b onmouseover="window.hurt=1">10.20.0.11</b> refused {{constructor.constructor("window.hurt=1")()}}';
server.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
