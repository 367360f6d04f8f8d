// Risk and ways of attack, counted from what the sensor knows: devices, open
// alerts, who talks to whom. Every point taken off has its reason, every
// reason a step that would take it away. These are rules of thumb, and the
// page says so; they compare devices and steps with each other.
import type { Alert, MapLink, MapNode, Severity } from '../lib/types';
import { many } from '../lib/units';

export interface Reason { step: string; text: string; points: number }
export interface DeviceRisk { id: number; name: string; address: string; role: string; score: number; important: boolean; reasons: Reason[] }
export interface StepGain { step: string; text: string; gain: number; count: number; link: string }
export interface Risk { score: number; devices: DeviceRisk[]; steps: StepGain[] }

const perAlert: Record<Severity, number> = { critical: 20, major: 10, minor: 4, warning: 1 };
const alertsMost = 40;
const plain = ['telnet', 'ftp', 'tftp', 'rlogin', 'vnc', 'smb1'];
const remote = ['rdp', 'ssh', 'vnc', 'telnet'];
const engineering = ['program', 'firmware', 'mode', 'reset', 'force'];

export const steps: Record<string, [string, string]> = {
	alerts: ['Handle the open alerts', '/alerts?status=new,active&sort=-severity'],
	authorise: ['Authorise, or take away, devices that nobody knows', '/devices?flag=unauthorised'],
	internet: ['End or route through a DMZ what speaks with the Internet', '/map?lit=Internet:speaks with the Internet'],
	plain: ['Replace protocols that send passwords in the clear', '/mining?noun=conversations&where=proto in (telnet, ftp, tftp)'],
	remote: ['Allow remote access only from known stations', '/mining?noun=conversations&where=proto in (rdp, ssh, telnet)'],
	engineering: ['Mark engineering stations, and ask why others program controllers', '/programming'],
	crossing: ['Separate office devices from controllers', '/map?lit=Cross subnet:between subnets'],
};

const controller = (n: MapNode): boolean => n.ot && n.purdue !== null && n.purdue <= 1;

export function risk(nodes: MapNode[], links: MapLink[], alerts: Pick<Alert, 'severity' | 'source' | 'destination' | 'title'>[]): Risk {
	const byId = new Map(nodes.map((n) => [n.id, n]));
	const byAddress = new Map(nodes.filter((n) => n.address).map((n) => [n.address!, n]));
	const reasons = new Map<number, Reason[]>(nodes.map((n) => [n.id, []]));
	const add = (id: number, step: string, points: number, text: string) => {
		const all = reasons.get(id);
		if (all && !all.some((r) => r.step === step && r.text === text)) all.push({ step, points, text });
	};
	const open = new Map<number, Record<Severity, number>>();
	for (const a of alerts) {
		for (const end of new Set([a.source, a.destination])) {
			const n = end ? byAddress.get(end) : undefined;
			if (!n) continue;
			const c = open.get(n.id) ?? { critical: 0, major: 0, minor: 0, warning: 0 };
			c[a.severity]++;
			open.set(n.id, c);
		}
	}
	for (const [id, c] of open) {
		const points = Math.min(alertsMost, (Object.keys(c) as Severity[]).reduce((n, s) => n + c[s] * perAlert[s], 0));
		add(id, 'alerts', points, `open alerts: ${(Object.keys(c) as Severity[]).filter((s) => c[s]).map((s) => `${c[s]} ${s}`).join(', ')}`);
	}
	for (const n of nodes) {
		if (n.authorized === false) add(n.id, 'authorise', 15, 'nobody said that it belongs here');
		const clear = (n.protocols ?? []).filter((p) => plain.includes(p));
		if (clear.length) add(n.id, 'plain', 10, `passwords in the clear: ${clear.join(', ')}`);
	}
	for (const l of links) {
		const a = byId.get(l.a);
		const b = byId.get(l.b);
		if (l.a === 0 || l.b === 0) {
			const n = a ?? b;
			if (n) add(n.id, 'internet', n.ot ? 20 : 5, 'speaks with the Internet');
			continue;
		}
		if (!a || !b) continue;
		const by = l.protocols.filter((p) => remote.includes(p));
		if (by.length) for (const n of [a, b]) if (n.ot) add(n.id, 'remote', 8, `remote access: ${by.join(', ')}`);
		if (l.risks?.some((r) => engineering.includes(r))) {
			const station = controller(a) && !controller(b) ? b : a;
			if (!station.programming) add(station.id, 'engineering', 12, 'programs or stops controllers, and is not marked as one that may');
		}
		for (const [x, y] of [[a, b], [b, a]]) if (!x.ot && controller(y) && x.subnet !== y.subnet) add(y.id, 'crossing', 6, 'an office device talks to it from another subnet');
	}
	const score = (skip: string | null) => {
		let sum = 0;
		let weight = 0;
		for (const n of nodes) {
			const w = n.important ? 3 : n.ot ? 2 : 1;
			const off = reasons.get(n.id)!.reduce((x, r) => x + (r.step === skip ? 0 : r.points), 0);
			sum += w * Math.max(0, 100 - off);
			weight += w;
		}
		return weight ? sum / weight : 100;
	};
	const all = score(null);
	const found: StepGain[] = Object.entries(steps).map(([step, [text, link]]) => ({ step, text, link, gain: score(step) - all, count: nodes.filter((n) => reasons.get(n.id)!.some((r) => r.step === step)).length })).filter((s) => s.count > 0).sort((p, q) => q.gain - p.gain);
	const devices = nodes.map((n): DeviceRisk => {
		const why = reasons.get(n.id)!.sort((p, q) => q.points - p.points);
		return { id: n.id, name: n.name, address: n.address ?? '', role: n.role, important: !!n.important, reasons: why, score: Math.max(0, 100 - why.reduce((x, r) => x + r.points, 0)) };
	});
	return { score: all, devices, steps: found };
}

// ------------------------------------------------------------ ways of attack

export interface Hop { id: number; name: string; address: string; how: string; seen: boolean }
export interface Vector { risk: number; why: string; hops: Hop[] }

interface Edge { to: number; cost: number; how: string; seen: boolean }
const longest = 5;

// The nearest first.
type Stop = [number, number, number];
class Heap {
	private all: Stop[] = [];
	put(x: Stop): void {
		const a = this.all;
		let i = a.push(x) - 1;
		for (let up = (i - 1) >> 1; i > 0 && a[up][0] > x[0]; i = up, up = (i - 1) >> 1) {
			a[i] = a[up];
			a[up] = x;
		}
	}
	take(): Stop | undefined {
		const a = this.all;
		const top = a[0];
		const last = a.pop();
		if (a.length === 0 || last === undefined) return top;
		let i = 0;
		for (;;) {
			let down = 2 * i + 1;
			if (down >= a.length) break;
			if (down + 1 < a.length && a[down + 1][0] < a[down][0]) down++;
			if (a[down][0] >= last[0]) break;
			a[i] = a[down];
			i = down;
		}
		a[i] = last;
		return top;
	}
}

// From likely sources to likely targets, over what was seen and what one
// subnet allows; of each pair the cheapest way.
export function vectors(nodes: MapNode[], links: MapLink[], most = 60): { vectors: Vector[]; sources: number; targets: number } {
	const byId = new Map(nodes.map((n) => [n.id, n]));
	const edges = new Map<number, Edge[]>();
	const put = (from: number, e: Edge) => (edges.get(from) ?? edges.set(from, []).get(from)!).push(e);
	for (const l of links) {
		const changes = l.risks?.filter((r) => r !== 'none') ?? [];
		const cost = l.protocols.some((p) => remote.includes(p)) || changes.length ? 0.8 : 1;
		const how = `${l.protocols.slice(0, 3).join(', ')}${changes.length ? ` (${changes.slice(0, 2).join(', ')})` : ''}`;
		put(l.a, { to: l.b, cost, how, seen: true });
		put(l.b, { to: l.a, cost, how, seen: true });
	}
	const subnets = new Map<string, number[]>();
	for (const n of nodes) if (n.subnet) (subnets.get(n.subnet) ?? subnets.set(n.subnet, []).get(n.subnet)!).push(n.id);
	const known = new Map<number, Edge[]>();
	const neighbours = (id: number): Edge[] => {
		const have = known.get(id);
		if (have) return have;
		const seen = edges.get(id) ?? [];
		const own = new Set(seen.map((e) => e.to));
		const subnet = byId.get(id)?.subnet;
		const near = subnet ? subnets.get(subnet)! : [];
		// In a large subnet only targets are tried without having been seen.
		const all = seen.concat(near.filter((x) => x !== id && !own.has(x) && (near.length < 64 || targets.has(x))).map((to) => ({ to, cost: 2.5, how: 'the same subnet', seen: false })));
		known.set(id, all);
		return all;
	};
	const why = (n: MapNode): string | null => (n.id === 0 ? 'the Internet' : n.authorized === false ? 'a device nobody knows' : n.alerts > 2 && !n.ot ? 'a device with open alerts' : null);
	const marked = nodes.filter((n) => n.important && n.id !== 0);
	const targets = new Map((marked.length ? marked : nodes.filter(controller)).map((n) => [n.id, n]));
	const sources = nodes.map((n) => [n, why(n)] as const).filter((x): x is readonly [MapNode, string] => x[1] !== null).sort((p, q) => Number(q[0].id === 0) - Number(p[0].id === 0) || q[0].alerts - p[0].alerts).slice(0, 100);
	const out: Vector[] = [];
	for (const [source, reason] of sources) {
		const dist = new Map<number, number>([[source.id, 0]]);
		const from = new Map<number, { at: number; edge: Edge; steps: number }>();
		const queue = new Heap();
		queue.put([0, source.id, 0]);
		for (let top = queue.take(); top; top = queue.take()) {
			const [d, at, n] = top;
			if (d > (dist.get(at) ?? Infinity) || n >= longest) continue;
			// Nobody goes on through the Internet, nor through a target.
			if (at !== source.id && (at === 0 || targets.has(at))) continue;
			for (const e of neighbours(at)) {
				const next = d + e.cost;
				if (next >= (dist.get(e.to) ?? Infinity)) continue;
				dist.set(e.to, next);
				from.set(e.to, { at, edge: e, steps: n + 1 });
				queue.put([next, e.to, n + 1]);
			}
		}
		for (const [id, target] of targets) {
			if (id === source.id || !from.has(id)) continue;
			const hops: Hop[] = [];
			for (let at = id; at !== source.id;) {
				const f = from.get(at)!;
				const n = byId.get(at)!;
				hops.unshift({ id: at, name: n.name, address: n.address ?? '', how: f.edge.how, seen: f.edge.seen });
				at = f.at;
			}
			hops.unshift({ id: source.id, name: source.id === 0 ? 'the Internet' : source.name, address: source.address ?? '', how: '', seen: true });
			const base = source.id === 0 ? 95 : source.authorized === false ? 85 : 70;
			out.push({ risk: Math.max(5, Math.round(base + (target.important ? 5 : 0) - 11 * (dist.get(id)! - 0.8))), why: `${reason} reaches ${target.important ? 'an important device' : 'a controller'} in ${many(hops.length - 1, 'step')}`, hops });
		}
	}
	out.sort((p, q) => q.risk - p.risk || p.hops.length - q.hops.length);
	return { vectors: out.slice(0, most), sources: sources.length, targets: targets.size };
}
