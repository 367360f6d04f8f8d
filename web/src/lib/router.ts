// Where we are: the path says page and thing, the query filters, order and the
// rest. Everything that can be looked at has an address that can be sent.
import { signal, batch } from '@preact/signals';

export const path = signal(location.pathname);
export const query = signal(new URLSearchParams(location.search));

function read(): void {
	batch(() => {
		path.value = location.pathname;
		query.value = new URLSearchParams(location.search);
	});
}

// What must be asked before the page is left (unsaved changes).
let guard: (() => boolean) | null = null;
export function guardWith(ask: (() => boolean) | null): void {
	guard = ask;
}

export function go(to: string, replace = false): void {
	const url = new URL(to, location.href);
	if (url.origin !== location.origin) return;
	if (url.pathname !== location.pathname && guard && !guard()) return;
	if (url.href === location.href) return;
	history[replace ? 'replaceState' : 'pushState'](null, '', url);
	const moved = url.pathname.split('/')[1] !== path.value.split('/')[1];
	read();
	if (moved) scrollTo(0, 0);
}

export const get = (key: string): string => query.value.get(key) ?? '';
export const getList = (key: string): string[] => get(key).split(',').filter(Boolean);

// Change parts of the query; empty values leave it.
export function set(changes: Record<string, string | string[] | null | undefined>, replace = true): void {
	const next = new URLSearchParams(location.search);
	for (const [key, value] of Object.entries(changes)) {
		const text = Array.isArray(value) ? value.join(',') : value;
		if (text) next.set(key, text);
		else next.delete(key);
	}
	go(location.pathname + tail(next), replace);
}

function tail(q: URLSearchParams): string {
	// Commas are readable; they need no escape in a query.
	const text = q.toString().replace(/%2C/g, ',');
	return text ? `?${text}` : '';
}

// The same filters, another thing: /alerts → /alerts/12.
export const here = (to: string): string => to + tail(query.value);

export function link(to: string, params: Record<string, string | number | undefined | null> = {}): string {
	const q = new URLSearchParams();
	for (const [k, v] of Object.entries(params)) if (v !== undefined && v !== null && v !== '') q.set(k, String(v));
	return to + tail(q);
}

export function start(): void {
	addEventListener('popstate', read);
	// Links are links; only plain clicks on our own are taken.
	document.addEventListener('click', (e) => {
		if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
		const a = (e.target as Element | null)?.closest?.('a');
		if (!a || a.target || a.hasAttribute('download') || a.origin !== location.origin) return;
		if (a.pathname.startsWith('/api/')) return;
		e.preventDefault();
		go(a.href);
	});
}
