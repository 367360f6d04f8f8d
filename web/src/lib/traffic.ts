// Rows of the traffic's history as curves, in bits a second.
import { parse } from './time';
import type { TrafficPart } from './types';

// Names in the order of their bytes, the rest last; a value for each span,
// also for those in which nothing passed. The running one counts as far as it
// is.
export function series(rows: TrafficPart[], seconds: number, now: number): { xs: number[]; names: string[]; values: number[][] } {
	const sums = new Map<string, { name: string; bytes: number }>();
	let first = Infinity;
	let last = -Infinity;
	const at = rows.map((r) => (parse(r.at)?.getTime() ?? 0) / 1000);
	rows.forEach((r, i) => {
		first = Math.min(first, at[i]!);
		last = Math.max(last, at[i]!);
		sums.set(r.key, { name: r.name, bytes: (sums.get(r.key)?.bytes ?? 0) + r.bytes });
	});
	const keys = [...sums.keys()].sort((a, b) => Number(a === '') - Number(b === '') || sums.get(b)!.bytes - sums.get(a)!.bytes);
	const n = rows.length ? Math.round((last - first) / seconds) + 1 : 0;
	const values = keys.map(() => new Array<number>(n).fill(0));
	rows.forEach((r, i) => {
		values[keys.indexOf(r.key)]![Math.round((at[i]! - first) / seconds)]! += (r.bytes * 8) / Math.max(60, Math.min(seconds, now - at[i]!));
	});
	return { xs: Array.from({ length: n }, (_, i) => first + i * seconds), names: keys.map((k) => sums.get(k)!.name), values };
}
