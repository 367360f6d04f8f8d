// Numbers as people read them, always with their unit.
const group = new Intl.NumberFormat('en-GB');

export const count = (n: number | null | undefined): string => (n == null ? '–' : group.format(n));

function scaled(n: number, step: number, units: string[]): string {
	let at = 0;
	while (Math.abs(n) >= step && at < units.length - 1) {
		n /= step;
		at++;
	}
	const digits = at === 0 || Math.abs(n) >= 100 ? 0 : 1;
	return `${n.toFixed(digits)} ${units[at]}`;
}

export const bytes = (n: number | null | undefined): string =>
	n == null ? '–' : scaled(n, 1000, ['B', 'kB', 'MB', 'GB', 'TB']);

export const bits = (n: number | null | undefined): string =>
	n == null ? '–' : scaled(n, 1000, ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s']);

export const packets = (n: number | null | undefined): string =>
	n == null ? '–' : scaled(n, 1000, ['packets/s', 'k packets/s', 'M packets/s']);

export const short = (n: number): string => scaled(n, 1000, ['', 'k', 'M', 'G']).trim();

export const percent = (part: number, whole: number): string =>
	whole > 0 ? `${((100 * part) / whole).toFixed(part === whole ? 0 : 1)} %` : '–';

// "1 device", "12 devices"
export const many = (n: number, one: string, more = `${one}s`): string => `${count(n)} ${n === 1 ? one : more}`;

// A span of seconds: "3 d 4 h", "20 s".
export function span(seconds: number): string {
	if (!Number.isFinite(seconds)) return '–';
	const s = Math.max(0, Math.round(seconds));
	const parts: [number, string][] = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];
	for (let i = 0; i < parts.length; i++) {
		const [size, unit] = parts[i];
		if (s < size && i < parts.length - 1) continue;
		const head = Math.floor(s / size);
		const next = parts[i + 1];
		const rest = next ? Math.floor((s - head * size) / next[0]) : 0;
		return rest > 0 && next ? `${head} ${unit} ${rest} ${next[1]}` : `${head} ${unit}`;
	}
	return '0 s';
}
