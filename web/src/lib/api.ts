// The way to the sensor. A session that ends in the middle of something asks
// for a sign-in on top of the page, and then the request goes on as if nothing
// had happened: what was being typed stays where it is.
import { signal } from '@preact/signals';
import type { Role, Session } from './types';

export const session = signal<Session | null>(null);
// Somebody waits for a sign-in.
export const expired = signal(false);
let waiting: (() => void)[] = [];

export class ApiError extends Error {
	constructor(public status: number, public code: string, message: string, public field?: string, public current?: unknown) {
		super(message);
	}
}

const base = '/api/v1';
const rank: Record<Role, number> = { 'read-only': 0, analyst: 1, admin: 2 };
export const can = (role: Role): boolean => session.value !== null && rank[session.value.role] >= rank[role];

export interface Options { signal?: AbortSignal; etag?: string; raw?: BodyInit; type?: string; query?: Record<string, string | number | undefined | null> }

export function url(to: string, params?: Options['query']): string {
	const q = new URLSearchParams();
	for (const [k, v] of Object.entries(params ?? {})) if (v !== undefined && v !== null && v !== '') q.set(k, String(v));
	const text = q.toString();
	return base + to + (text ? (to.includes('?') ? '&' : '?') + text : '');
}

async function once(method: string, to: string, body: unknown, o: Options): Promise<Response> {
	const headers: Record<string, string> = { Accept: 'application/json' };
	if (o.raw !== undefined) headers['Content-Type'] = o.type ?? 'application/octet-stream';
	else if (body !== undefined) headers['Content-Type'] = 'application/json';
	if (method !== 'GET' && session.value) headers['X-CSRF-Token'] = session.value.csrf;
	if (o.etag) headers['If-Match'] = o.etag;
	try {
		return await fetch(url(to, o.query), {
			method, headers, signal: o.signal, credentials: 'same-origin',
			body: o.raw ?? (body === undefined ? undefined : JSON.stringify(body)),
		});
	} catch (e) {
		if ((e as Error).name === 'AbortError') throw e;
		throw new ApiError(0, 'unreachable', 'The sensor cannot be reached. What you entered is still here; try again when the connection is back.');
	}
}

async function failure(answer: Response): Promise<ApiError> {
	let found: { code?: string; message?: string; field?: string; current?: unknown } = {};
	try {
		const json = await answer.json();
		found = { ...json.error, current: json.current ?? json.error?.current };
	} catch {
		// no JSON: a proxy, or the sensor in distress
	}
	return new ApiError(answer.status, found.code ?? 'http', found.message ?? `The sensor answered ${answer.status} ${answer.statusText}.`, found.field, found.current);
}

function signIn(): Promise<void> {
	expired.value = true;
	return new Promise((done) => waiting.push(done));
}

export function signedIn(s: Session): void {
	session.value = s;
	expired.value = false;
	const go = waiting;
	waiting = [];
	for (const f of go) f();
}

async function send(method: string, to: string, body: unknown, o: Options): Promise<Response> {
	for (;;) {
		const answer = await once(method, to, body, o);
		if (answer.ok) return answer;
		if (answer.status === 401 && session.value && !to.startsWith('/session')) {
			await signIn();
			continue;
		}
		throw await failure(answer);
	}
}

export async function call<T>(method: string, to: string, body?: unknown, o: Options = {}): Promise<T> {
	const answer = await send(method, to, body, o);
	const text = await answer.text();
	if (!text) return undefined as T;
	const json = JSON.parse(text);
	const etag = answer.headers.get('ETag');
	if (etag && json && typeof json === 'object' && !Array.isArray(json) && !json.etag) json.etag = etag;
	return json as T;
}
export const read = <T>(to: string, o?: Options): Promise<T> => call<T>('GET', to, undefined, o);
export const post = <T>(to: string, body?: unknown, o?: Options): Promise<T> => call<T>('POST', to, body, o);
export const patch = <T>(to: string, body: unknown, o?: Options): Promise<T> => call<T>('PATCH', to, body, o);
export const put = <T>(to: string, body: unknown, o?: Options): Promise<T> => call<T>('PUT', to, body, o);
export const remove = <T>(to: string, o?: Options): Promise<T> => call<T>('DELETE', to, undefined, o);

// What may be done at a path, as the sensor says.
export async function allowed(to: string): Promise<string[]> {
	const answer = await send('OPTIONS', to, undefined, {});
	return (answer.headers.get('Allow') ?? '').split(/[\s,]+/).filter(Boolean);
}

// A list may come bare or as a page; small ones are wanted whole.
export async function items<T>(to: string, o?: Options): Promise<T[]> {
	const json = await read<T[] | { items: T[] }>(to, o);
	return Array.isArray(json) ? json : json?.items ?? [];
}

// Save what the sensor sends as a file, through the same sign-in.
export async function download(to: string, name: string, query?: Options['query'], method = 'GET', body?: unknown): Promise<void> {
	const answer = await send(method, to, body, { query });
	save(await answer.blob(), name);
}

export function save(blob: Blob, name: string): void {
	const a = document.createElement('a');
	a.href = URL.createObjectURL(blob);
	a.download = name;
	a.click();
	setTimeout(() => URL.revokeObjectURL(a.href), 10000);
}

// Send a file with a word about how far it is.
export function upload<T>(to: string, file: Blob, progress: (part: number) => void, query?: Options['query']): Promise<T> {
	return new Promise((done, fail) => {
		const x = new XMLHttpRequest();
		x.open('POST', url(to, query));
		x.setRequestHeader('Content-Type', 'application/octet-stream');
		if (session.value) x.setRequestHeader('X-CSRF-Token', session.value.csrf);
		x.upload.onprogress = (e) => e.lengthComputable && progress(e.loaded / e.total);
		x.onerror = () => fail(new ApiError(0, 'unreachable', 'The connection to the sensor broke off.'));
		x.onload = () => {
			if (x.status === 401 && session.value) {
				signIn().then(() => upload<T>(to, file, progress, query)).then(done, fail);
				return;
			}
			let json: any;
			try {
				json = x.responseText ? JSON.parse(x.responseText) : undefined;
			} catch {
				json = undefined;
			}
			if (x.status >= 200 && x.status < 300) done(json as T);
			else fail(new ApiError(x.status, json?.error?.code ?? 'http', json?.error?.message ?? `The sensor answered ${x.status}.`, json?.error?.field));
		};
		x.send(file);
	});
}
