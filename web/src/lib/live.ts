// What a running sensor tells each second: traffic, ports, mirror. Rates are
// counted from its counters; the last minutes are kept for the curve.
import { signal } from '@preact/signals';
import type { Finding } from './types';

export interface Rate { at: number; pps: number; bps: number | null }
// Whether devices are being asked: each second, and once when the console opens.
export interface Asking { on: boolean; interface: string; halted: boolean | string | null; waits: string; grants: number; grant: number; of: number; done: number; sent: number; answers: number; seconds: number; running?: boolean }
export const asking = signal<Asking | null>(null);
export const rate = signal<Rate | null>(null);
export const history = signal<Rate[]>([]);
const minutes = 15 * 60;

export interface Point {
	port?: number; name: string; how?: string; session?: boolean; id?: number; verdict: string; packets: number; bytes: number; packets_second?: number; bits_second?: number; link?: boolean | string | null; utilisation?: number | null;
	shares?: Record<string, number | null>; conversations?: number; lost?: Record<string, number>; skew_us?: number | null; vlans?: unknown[]; subnets?: unknown[]; industrial?: unknown[]; findings: (Finding & { cause?: string; makes?: { make: string; change: string }[] })[];
}
export const points = (now: unknown): Point[] => {
	const list = Array.isArray(now) ? now : (now as { points?: Point[]; ports?: Point[] } | null)?.points ?? (now as { ports?: Point[] } | null)?.ports ?? [];
	return list as Point[];
};
// The worst of all; "good" is the best that can be said.
const order = ['good', 'note', 'minor', 'warning', 'major', 'bad', 'critical'];
export const worst = (list: Point[]): string => list.map((p) => p.verdict).sort((a, b) => order.indexOf(b) - order.indexOf(a))[0] ?? '';

let last: { at: number; frames: number } | null = null;
let bits: number | null = null;

// A line of the stream: {key, now} of the sensor, or plain numbers.
export function hear(event: string, data: unknown): void {
	const now = (data as { now?: unknown })?.now ?? data;
	if (event === 'asking') {
		asking.value = { running: true, ...(now as Asking) };
		return;
	}
	if (event === 'mirror') {
		const all = points(now);
		bits = all.length ? all.filter((p) => !p.session).reduce((n, p) => n + (p.bits_second ?? 0), 0) : null;
		return;
	}
	const t = now as { pps?: number; bps?: number; frames?: number } | null;
	const at = Date.now() / 1000;
	let next: Rate | null = null;
	if (typeof t?.pps === 'number') next = { at, pps: t.pps, bps: t.bps ?? null };
	else if (typeof t?.frames === 'number') {
		if (last && at > last.at && t.frames >= last.frames) next = { at, pps: (t.frames - last.frames) / (at - last.at), bps: bits };
		last = { at, frames: t.frames };
	}
	if (!next) return;
	rate.value = next;
	history.value = [...history.value.filter((r) => r.at > at - minutes), next];
}
