// Loading: one thing, or a list page by page. What was there stays in view
// while the new comes, and an answer that comes too late is thrown away.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Signal } from '@preact/signals';
import { allowed, ApiError, read, type Options } from './api';
import type { Page } from './types';

export interface Loaded<T> { data: T | null; error: ApiError | null; loading: boolean; reload: () => void; put: (data: T) => void }

const asError = (e: unknown): ApiError => (e instanceof ApiError ? e : new ApiError(0, 'console', String((e as Error)?.message ?? e)));

// What a path says. `null`: nothing is asked. `when`: ask again as it changes.
export function useRead<T>(to: string | null, when?: Signal<number>, query?: Options['query'], pause = 2000): Loaded<T> {
	const [state, setState] = useState<{ key: string; data: T | null; error: ApiError | null; loading: boolean }>({ key: '', data: null, error: null, loading: to !== null });
	const [turn, setTurn] = useState(0);
	const key = to === null ? '' : to + JSON.stringify(query ?? {});
	const tick = useSettled(when, pause);
	useEffect(() => {
		if (to === null) {
			setState({ key, data: null, error: null, loading: false });
			return;
		}
		const stop = new AbortController();
		setState((s) => (s.key === key ? { ...s, loading: true } : { key, data: null, error: null, loading: true }));
		read<T>(to, { signal: stop.signal, query }).then(
			(data) => setState({ key, data, error: null, loading: false }),
			(e) => stop.signal.aborted || setState((s) => ({ key, data: s.key === key ? s.data : null, error: asError(e), loading: false })),
		);
		return () => stop.abort();
	}, [key, turn, tick]);
	return {
		data: state.key === key ? state.data : null, error: state.error, loading: state.loading,
		reload: () => setTurn((n) => n + 1),
		put: (data) => setState({ key, data, error: null, loading: false }),
	};
}

// A counter that follows another at most once in two seconds.
export function useSettled(when?: Signal<number>, pause = 2000): number {
	const [n, setN] = useState(0);
	useEffect(() => {
		if (!when) return;
		let timer = 0;
		let first = true;
		const stop = when.subscribe(() => {
			if (first) {
				first = false;
				return;
			}
			if (!timer) {
				timer = window.setTimeout(() => {
					timer = 0;
					setN((x) => x + 1);
				}, pause);
			}
		});
		return () => {
			stop();
			clearTimeout(timer);
		};
	}, [when]);
	return n;
}

export interface List<T> {
	rows: T[]; total: number; loading: boolean; more: boolean; error: ApiError | null; fresh: boolean;
	next: () => void; reload: () => void; change: (f: (rows: T[]) => T[]) => void;
}

const step = 200;

// `offset`: the list counts its pages by rows, not by a cursor.
export function useList<T>(to: string | null, query: Record<string, string | undefined>, when?: Signal<number>, offset = false): List<T> {
	const key = to === null ? '' : to + JSON.stringify(query);
	const [state, setState] = useState<{ rows: T[]; next: string | null; total: number; loading: boolean; error: ApiError | null; fresh: boolean }>({ rows: [], next: null, total: 0, loading: true, error: null, fresh: true });
	const [turn, setTurn] = useState(0);
	const tick = useSettled(when);
	const busy = useRef<AbortController | null>(null);
	const loadedKey = useRef('');
	const held = useRef(0);
	held.current = state.rows.length;

	const ask = (cursor: string | null, limit: number) => {
		if (to === null) return;
		busy.current?.abort();
		const stop = new AbortController();
		busy.current = stop;
		setState((s) => ({ ...s, loading: true }));
		read<Page<T> | T[]>(to, { signal: stop.signal, query: { ...query, limit, [offset ? 'offset' : 'cursor']: cursor ?? undefined } }).then(
			(answer) => {
				const page: Page<T> = Array.isArray(answer) ? { items: answer, next: null, total: answer.length } : answer;
				busy.current = null;
				loadedKey.current = key;
				setState((s) => ({
					rows: cursor ? s.rows.concat(page.items) : page.items,
					next: offset ? (page.items.length === limit ? String(Number(cursor ?? 0) + limit) : null) : page.next ?? null, total: Math.max(page.total ?? 0, (cursor ? s.rows.length : 0) + page.items.length), loading: false, error: null, fresh: false,
				}));
			},
			(e) => {
				if (stop.signal.aborted) return;
				busy.current = null;
				setState((s) => ({ ...s, loading: false, error: asError(e), fresh: false, rows: loadedKey.current === key ? s.rows : [], next: null, total: loadedKey.current === key ? s.total : 0 }));
			},
		);
	};
	useEffect(() => {
		// The same list again: as much as was there (the sensor caps at 1000).
		const again = loadedKey.current === key;
		ask(null, again ? Math.min(1000, Math.max(step, Math.ceil(held.current / step) * step)) : step);
		return () => busy.current?.abort();
	}, [key, turn, tick]);

	return useMemo(() => ({
		rows: state.rows, total: state.total, loading: state.loading, error: state.error, more: state.next !== null, fresh: state.fresh,
		next: () => {
			if (state.next && !busy.current) ask(state.next, step);
		},
		reload: () => setTurn((n) => n + 1),
		change: (f) => setState((s) => ({ ...s, rows: f(s.rows) })),
	}), [state, key]);
}

// Whether the sensor knows this action at all; what it cannot do is not offered.
export function useCan(method: string, to: string): boolean {
	const [can, set] = useState(false);
	useEffect(() => {
		allowed(to).then((a) => set(a.includes(method)), () => undefined);
	}, [method, to]);
	return can;
}

export function useMedia(condition: string): boolean {
	const [is, setIs] = useState(() => matchMedia(condition).matches);
	useEffect(() => {
		const m = matchMedia(condition);
		const hear = () => setIs(m.matches);
		hear();
		m.addEventListener('change', hear);
		return () => m.removeEventListener('change', hear);
	}, [condition]);
	return is;
}
export const usePhone = (): boolean => useMedia('(max-width: 719px)');

// A value that follows another when it has been quiet for a moment.
export function useLater<T>(value: T, pause = 250): T {
	const [late, setLate] = useState(value);
	useEffect(() => {
		const t = setTimeout(() => setLate(value), pause);
		return () => clearTimeout(t);
	}, [value, pause]);
	return late;
}
