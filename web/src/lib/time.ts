// Times: the reader's zone in the page, the sensor's and UTC beside it.
const two = (n: number) => String(n).padStart(2, '0');

// The sensor's offset from UTC in minutes, once it has said so.
let sensor: { offset: number; name: string } | null = null;
export function setSensorZone(offset: number | undefined, name: string | undefined): void {
	sensor = offset == null ? null : { offset, name: name ?? '' };
}

function parts(d: Date): { date: string; time: string } {
	return {
		date: `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`,
		time: `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`,
	};
}

export function parse(text: string | null | undefined): Date | null {
	if (!text) return null;
	// Nanoseconds are more than Date takes in some browsers.
	const d = new Date(text.replace(/(\.\d{3})\d+/, '$1'));
	return Number.isNaN(d.getTime()) ? null : d;
}

// "14:03:22" today, "2026-01-12 06:00:08" else.
export function local(text: string | null | undefined, now = new Date()): string {
	const d = parse(text);
	if (!d) return '–';
	const { date, time } = parts(d);
	return date === parts(now).date ? time : `${date} ${time}`;
}

export function full(text: string | null | undefined): string {
	const d = parse(text);
	if (!d) return '';
	const { date, time } = parts(d);
	const away = -d.getTimezoneOffset();
	const lines = [`${date} ${time} here (UTC${offset(away)})`, `${utc(d)} UTC`];
	if (sensor && sensor.offset !== 0) {
		lines.push(`${utc(new Date(d.getTime() + sensor.offset * 60000))} at the sensor (UTC${offset(sensor.offset)}${sensor.name ? `, ${sensor.name}` : ''})`);
	} else {
		lines.push('The sensor counts in UTC.');
	}
	return lines.join('\n');
}

export const utc = (d: Date): string => d.toISOString().replace('T', ' ').replace(/\.\d+Z$/, '');

function offset(minutes: number): string {
	if (minutes === 0) return '±0';
	const m = Math.abs(minutes);
	return `${minutes < 0 ? '−' : '+'}${Math.floor(m / 60)}${m % 60 ? `:${two(m % 60)}` : ''}`;
}

// "3 min ago"; for what is near, where the moment itself says little.
export function ago(text: string | null | undefined, now = Date.now()): string {
	const d = parse(text);
	if (!d) return '–';
	const s = Math.round((now - d.getTime()) / 1000);
	if (s < 0) return local(text);
	if (s < 60) return `${s} s ago`;
	if (s < 3600) return `${Math.floor(s / 60)} min ago`;
	if (s < 86400) return `${Math.floor(s / 3600)} h ago`;
	return `${Math.floor(s / 86400)} d ago`;
}

// A moment as <input type=datetime-local> wants it, and back to UTC.
export function toInput(d: Date): string {
	const { date, time } = parts(d);
	return `${date}T${time.slice(0, 5)}`;
}
export const fromInput = (text: string): string => new Date(text).toISOString();
