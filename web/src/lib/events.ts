// What changes while one looks: one stream of server-sent events for the whole
// console, opened again by itself, and its state for all to see.
import { signal } from '@preact/signals';
import { ApiError, expired, read, session, url } from './api';
import { hear } from './live';
import type { Session } from './types';

export type State = 'connecting' | 'live' | 'lost';
export const connection = signal<State>('connecting');
export const since = signal(Date.now());
// Counts of changes: pages that show such things look at these.
export const changed = { alert: signal(0), device: signal(0), health: signal(0), mode: signal(0), change: signal(0) };

export interface Fresh { number?: number; severity?: string; title?: string; what?: string }
type Hearer = (data: Fresh) => void;
const hearers = new Set<Hearer>();
export function onAlert(f: Hearer): () => void {
	hearers.add(f);
	return () => hearers.delete(f);
}

let source: EventSource | null = null;
let wait = 1000;
let timer = 0;

function say(state: State): void {
	if (connection.value !== state) {
		connection.value = state;
		since.value = Date.now();
	}
}

function json(e: Event): any {
	try {
		return JSON.parse((e as MessageEvent).data);
	} catch {
		return {};
	}
}

function again(): void {
	source?.close();
	source = null;
	say('lost');
	clearTimeout(timer);
	timer = window.setTimeout(open, wait);
	wait = Math.min(wait * 2, 30000);
}

async function open(): Promise<void> {
	if (!session.value) return;
	if (expired.value) return again();
	try {
		// A stream says nothing of why it failed; an ended session shows here.
		if (wait > 1000) {
			const now = await read<Session>('/session');
			session.value = { ...session.value, ...now };
		}
	} catch (e) {
		if (e instanceof ApiError && e.status === 401) expired.value = true;
		return again();
	}
	source = new EventSource(url('/events'));
	source.onopen = () => {
		const missed = wait > 1000;
		wait = 1000;
		say('live');
		if (missed) for (const s of Object.values(changed)) s.value++;
	};
	source.onerror = again;
	for (const kind of Object.keys(changed) as (keyof typeof changed)[]) {
		source.addEventListener(kind, (e) => {
			changed[kind].value++;
			if (kind === 'alert') for (const f of hearers) f(json(e));
		});
	}
	for (const kind of ['traffic', 'mirror', 'asking']) source.addEventListener(kind, (e) => hear(kind, json(e)));
}

export function connect(): void {
	wait = 1000;
	clearTimeout(timer);
	source?.close();
	say('connecting');
	void open();
}
export function disconnect(): void {
	clearTimeout(timer);
	source?.close();
	source = null;
}
