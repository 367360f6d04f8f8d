// Doing things: a word about each, and the way back for a while.
import { signal } from '@preact/signals';
import { ApiError, post } from './api';
import { changed } from './events';

export interface Toast { id: number; kind: 'ok' | 'error' | 'note'; text: string; undo?: () => Promise<void>; until: number; href?: string }
export const toasts = signal<Toast[]>([]);
let last = 0;

export function dismiss(id: number): void {
	toasts.value = toasts.value.filter((t) => t.id !== id);
}
export function toast(kind: Toast['kind'], text: string, more: { undo?: () => Promise<void>; href?: string } = {}): void {
	const id = ++last;
	const stay = kind === 'error' ? 12000 : more.undo ? 15000 : 5000;
	toasts.value = [...toasts.value.slice(-3), { id, kind, text, until: Date.now() + stay, ...more }];
	setTimeout(() => dismiss(id), stay);
}
export const sentence = (e: unknown): string =>
	e instanceof ApiError ? (e.status === 403 ? `Your role does not allow this. ${e.message}` : e.message) : String((e as Error)?.message ?? e);
export const failed = (e: unknown): void => toast('error', sentence(e));

// `undo` is the sensor's business; it goes back as it came.
export interface Done { ok?: boolean; text?: string; undo?: unknown }

// Run a change; say what was done, offer to take it back, tell the lists.
export async function act<T extends Done | undefined | null>(what: Promise<T>, said: string, kind: keyof typeof changed = 'alert'): Promise<T | null> {
	try {
		const done = await what;
		const undo = done?.undo;
		changed[kind].value++;
		toast('ok', said, undo ? {
			undo: async () => {
				try {
					await post('/undo', { undo });
					toast('ok', 'Taken back.');
				} catch (e) {
					failed(e);
				}
				changed[kind].value++;
			},
		} : {});
		return done ?? ({} as T);
	} catch (e) {
		failed(e);
		return null;
	}
}
