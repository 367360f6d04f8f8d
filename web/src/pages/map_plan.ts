// What the map shows, before anything is drawn: which nodes, what is taken
// together, where each stands, and the groups one can pick out.
import type { MapLink, MapNode, Way } from '../lib/types';
import { bytes, many } from '../lib/units';
import { parse } from '../lib/time';

export interface Drawn {
	id: string; label: string; sub: string; level: number | null; alerts: number; ot: boolean; important: boolean; strange: boolean;
	role: string; members: number[]; subnet: string; x: number; y: number; last: number;
}
export interface Line { id: string; a: string; b: string; protocols: string[]; bytes: number; packets: number; alerts: number; links: MapLink[] }
export interface Band { level: number | null; title: string; top: number; bottom: number }
export interface Plan { nodes: Drawn[]; lines: Line[]; bands: Band[]; hidden: number; grouped: boolean }

export interface Group { id: string; family: string; name: string; nodes: Set<number>; links?: Set<MapLink> }

const order: (number | null)[] = [5, 4, 3.5, 3, 2.5, 2, 1, 0, null];
const titles: Record<string, string> = { 5: 'Outside', 4: '4  Enterprise', '3.5': '3.5  Industrial DMZ', 3: '3  Site operations', '2.5': '2.5  Operations network', 2: '2  Supervisory', 1: '1  Basic control', 0: '0  Process', null: 'Level not known' };
const known = (n: number | null): number | null => (n === null || n === undefined ? null : order.includes(n) ? n : n > 5 ? 5 : null);

const number = (ip: string): number => ip.split('.').reduce((n, p) => n * 256 + (Number(p) || 0), 0);

// More than this many are not told apart by eye, nor drawn fast.
export const most = 1200;

export interface Wish { expanded: Set<string>; only: Set<number> | null; collapseIt: boolean; shape: 'layers' | 'flat' }

export function plan(nodes: MapNode[], links: MapLink[], wish: Wish): Plan {
	const shown = wish.only ? nodes.filter((n) => wish.only!.has(n.id)) : nodes;
	const key = new Map<number, string>();
	const drawn = new Map<string, Drawn>();
	const bySubnet = new Map<string, number>();
	for (const n of shown) if (!n.ot) bySubnet.set(n.subnet ?? '', (bySubnet.get(n.subnet ?? '') ?? 0) + 1);
	const loose = shown.filter((n) => n.ot || (bySubnet.get(n.subnet ?? '') ?? 0) < 3 || !wish.collapseIt).length;
	const dense = loose > most;
	// Devices with alerts stand by themselves while they are few enough to see.
	const few = shown.filter((n) => n.alerts > 0).length <= most / 4;
	for (const n of shown) {
		const subnet = n.subnet ?? '';
		const level = known(n.purdue);
		const it = wish.collapseIt && !n.ot && !n.important && n.alerts === 0 && (bySubnet.get(subnet) ?? 0) >= 3;
		const name = it ? `it ${subnet}` : dense && !n.important && (n.alerts === 0 || !few) ? `${level} ${subnet} ${n.role}` : '';
		const id = name && !wish.expanded.has(name) ? `g:${name}` : `n:${n.id}`;
		key.set(n.id, id);
		const have = drawn.get(id);
		const last = parse(n.last)?.getTime() ?? 0;
		if (have) {
			have.members.push(n.id);
			have.alerts += n.alerts;
			have.last = Math.max(have.last, last);
			have.strange ||= n.authorized === false;
			if (it && level !== null && (have.level === null || level > have.level)) have.level = level;
			continue;
		}
		const group = id[0] === 'g';
		drawn.set(id, {
			id, label: group ? subnet || 'no subnet' : n.name || n.address || `device ${n.id}`, sub: group ? '' : n.address && n.address !== n.name ? n.address : '',
			level: it && group ? level ?? 4 : level, alerts: n.alerts, ot: n.ot, important: !!n.important, strange: n.authorized === false, role: n.role,
			members: [n.id], subnet, x: 0, y: 0, last,
		});
	}
	for (const d of drawn.values()) if (d.id[0] === 'g') d.sub = d.id.startsWith('g:it ') ? many(d.members.length, 'IT device') : `${d.role.replace(/-/g, ' ')} × ${d.members.length}`;
	const lines = new Map<string, Line>();
	for (const l of links) {
		const a = key.get(l.a);
		const b = key.get(l.b);
		if (!a || !b || a === b) continue;
		const id = a < b ? `${a}|${b}` : `${b}|${a}`;
		const have = lines.get(id);
		if (have) {
			have.bytes += l.bytes;
			have.packets += l.packets;
			have.alerts += l.alerts ?? 0;
			have.links.push(l);
			for (const p of l.protocols) if (!have.protocols.includes(p)) have.protocols.push(p);
		} else lines.set(id, { id, a: id.split('|')[0], b: id.split('|')[1], protocols: [...l.protocols], bytes: l.bytes, packets: l.packets, alerts: l.alerts ?? 0, links: [l] });
	}
	const all = [...drawn.values()];
	return { nodes: all, lines: [...lines.values()], bands: wish.shape === 'layers' ? place(all) : [], hidden: nodes.length - shown.length, grouped: all.some((d) => d.id[0] === 'g') };
}

export const step = { x: 112, y: 86 };

// Bands from the enterprise down to the process; in each, subnets side by side.
export function place(nodes: Drawn[]): Band[] {
	const columns = Math.max(8, Math.min(60, Math.ceil(Math.sqrt(nodes.length * 2.6))));
	const bands: Band[] = [];
	let y = 0;
	for (const level of order) {
		const here = nodes.filter((n) => n.level === level).sort((p, q) => number(p.subnet) - number(q.subnet) || p.subnet.localeCompare(q.subnet) || Number(q.ot) - Number(p.ot) || number(p.sub || p.label) - number(q.sub || q.label) || p.label.localeCompare(q.label));
		if (here.length === 0) continue;
		const top = y;
		y += 34;
		const rows = Math.ceil(here.length / columns);
		const wide = Math.min(columns, Math.ceil(here.length / rows));
		here.forEach((n, i) => {
			const row = Math.floor(i / wide);
			const inRow = Math.min(wide, here.length - row * wide);
			n.x = ((i % wide) - (inRow - 1) / 2) * step.x;
			n.y = y + row * step.y + step.y / 2;
		});
		y += rows * step.y + 12;
		bands.push({ level, title: titles[String(level)], top, bottom: y });
	}
	return bands;
}

// ------------------------------------------------------------------ groups

const hour = 3600000;
const industrial = new Set(['ads', 'bacnet', 'cip', 'cip-io', 'codesys', 'dnp3', 'enip', 'ethercat', 'ge-srtp', 'goose', 'hart-ip', 'iec104', 'knxnet-ip', 'melsec', 'mms', 'modbus', 'modbus-rtu', 'mstp', 'omron-fins', 'opcua', 'pccc', 'profinet-cm', 'profinet-dcp', 'profinet-rt', 's7comm', 's7comm-plus', 'sv', 'synchrophasor', 'tristation', 'umas', 'csp']);
const usualPorts = /^(unknown|none)$/;

// What one says to a directory of Windows; controllers need not.
const directory = ['kerberos', 'ldap'];
const controllers = new Set(['plc', 'rtu', 'ied', 'safety-controller', 'controller', 'io-device', 'drive']);

export interface Own { name: string; devices: number[] }

// The groups of a plant: everything one may want to see lit up or alone.
export function groups(nodes: MapNode[], links: MapLink[], own: Own[] = [], now = Date.now(), ways: Way[] = []): Group[] {
	const out = new Map<string, Group>();
	const add = (family: string, name: string, ids: number[], link?: MapLink) => {
		const id = `${family}:${name}`;
		let g = out.get(id);
		if (!g) out.set(id, (g = { id, family, name, nodes: new Set() }));
		for (const i of ids) g.nodes.add(i);
		if (link) (g.links ??= new Set()).add(link);
	};
	const byId = new Map(nodes.map((n) => [n.id, n]));
	const joined = (n: MapNode) => (n.protocols ?? []).some((p) => directory.includes(p));
	const hasDirectory = nodes.some(joined);
	for (const w of ways) add('Attack vectors', `${w.hops[0]?.name || 'the Internet'} → ${w.hops[w.hops.length - 1]?.name}`, w.hops.map((h) => h.device));
	for (const o of own) add('Own', o.name, o.devices.filter((i) => byId.has(i)));
	for (const n of nodes) {
		if (hasDirectory && joined(n)) add('Active Directory', 'speaks with it', [n.id]);
		else if (hasDirectory && !controllers.has(n.role)) add('Active Directory', 'does not speak with it', [n.id]);
		if (n.subnet) add('Subnets', n.subnet, [n.id]);
		if (n.vlan != null) add('VLAN', `VLAN ${n.vlan}`, [n.id]);
		add('Roles', n.role.replace(/-/g, ' '), [n.id]);
		if (n.authorized === false) add('Authorisation', 'not authorised', [n.id]);
		if (n.important) add('Marks', 'important', [n.id]);
		if (n.programming) add('Marks', 'may program', [n.id]);
		if (n.scanner) add('Marks', 'may scan', [n.id]);
		if (n.alerts > 0) add('Alerts', 'with open alerts', [n.id]);
		const last = parse(n.last)?.getTime();
		if (last) {
			const newest = now;
			for (const [name, span] of [['1 hour', hour], ['6 hours', 6 * hour], ['1 day', 24 * hour], ['7 days', 168 * hour]] as const) if (newest - last <= span) add('Last activity', name, [n.id]);
			if (newest - last > 168 * hour) add('Last activity', 'longer ago', [n.id]);
		}
		for (const p of n.periods ?? []) add('Polling intervals', p >= 1 ? `about ${p} s` : `about ${Math.round(p * 1000)} ms`, [n.id]);
	}
	for (const l of links) {
		const a = byId.get(l.a);
		const b = byId.get(l.b);
		if (!a || !b) continue;
		for (const p of l.protocols) if (!usualPorts.test(p)) add(industrial.has(p) ? 'OT protocols' : 'IT protocols', p, [l.a, l.b], l);
		if (a.subnet && b.subnet && a.subnet !== b.subnet) add('Cross subnet', 'between subnets', [l.a, l.b], l);
		if (l.risks?.some((r) => ['program', 'firmware', 'mode', 'reset', 'force'].includes(r))) add('Changes', 'programs or stops', [l.a, l.b], l);
		else if (l.risks?.some((r) => r !== 'none')) add('Changes', 'writes or controls', [l.a, l.b], l);
		if (l.a === 0 || l.b === 0) add('Internet', 'speaks with the Internet', [l.a, l.b], l);
		if (l.odd_port) add('Ports', 'not the usual port', [l.a, l.b], l);
	}
	return [...out.values()].sort((p, q) => Number(q.family === 'Own') - Number(p.family === 'Own') || p.family.localeCompare(q.family) || q.nodes.size - p.nodes.size || p.name.localeCompare(q.name, undefined, { numeric: true }));
}

export const lineText = (l: Line): string => `${l.protocols.join(', ')} · ${bytes(l.bytes)}`;
