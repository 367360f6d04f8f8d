// The bar over a list: free text, facets, a condition for those who want more,
// saved views, columns. All of it is in the address of the page.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { signal } from '@preact/signals';
import * as route from '../lib/router';
import { items, put, remove } from '../lib/api';
import { failed, toast } from '../lib/act';
import { useKeys } from '../lib/keys';
import { load, store } from '../lib/prefs';
import { all, oneOf, search } from '../lib/where';
import type { Column } from './grid';
import { FormDialog } from './dialog';
import { TextField } from './basic';
import { Icon } from './icons';
import { Pop } from './menu';

export interface Facet { key: string; label: string; field: string; options: (string | [string, string])[]; test?: (values: string[]) => string | null }
export interface FilterSpec { page: string; fields: string[]; address?: string; number?: string; facets: Facet[]; example: string; hint?: string }

// The condition that the address of the page asks for.
export function conditionOf(spec: FilterSpec, extra?: string | null): string | undefined {
	return all([
		extra,
		search(route.get('q'), spec.fields, spec.address, spec.number),
		...spec.facets.map((f) => {
			const values = route.getList(f.key);
			return values.length === 0 ? null : f.test ? f.test(values) : oneOf(f.field, values);
		}),
		route.get('where') && `(${route.get('where')})`,
	]) || undefined;
}
const keysOf = (spec: FilterSpec) => ['q', 'where', ...spec.facets.map((f) => f.key)];
export const filtered = (spec: FilterSpec): boolean => keysOf(spec).some((k) => route.get(k));
export const clearFilters = (spec: FilterSpec): void => route.set(Object.fromEntries(keysOf(spec).map((k) => [k, null])));

export function Filters({ spec, children, wrong }: { spec: FilterSpec; children?: ComponentChildren; wrong?: string | null }) {
	const [text, setText] = useState(route.get('q'));
	const [cond, setCond] = useState(route.get('where'));
	const [advanced, setAdvanced] = useState(!!route.get('where'));
	const q = route.get('q');
	const w = route.get('where');
	useEffect(() => setText(q), [q]);
	useEffect(() => {
		setCond(w);
		if (w) setAdvanced(true);
	}, [w]);
	useEffect(() => {
		if (text === q) return;
		const t = setTimeout(() => route.set({ q: text.trim() }), 250);
		return () => clearTimeout(t);
	}, [text]);
	useKeys([{ keys: '/', text: 'Search in this list', run: () => document.querySelector<HTMLInputElement>('.find input')?.focus() }]);
	return (
		<div class="filters" role="search">
			<div class="find">
				<Icon name="search" />
				<input type="search" aria-label={`Search ${spec.page}`} placeholder={spec.hint ?? 'Search  ( / )'} value={text} onInput={(e) => setText(e.currentTarget.value)} onKeyDown={(e) => {
					if (e.key === 'Escape') {
						setText('');
						e.currentTarget.blur();
					}
				}} />
			</div>
			{spec.facets.map((f) => <FacetButton key={f.key} facet={f} />)}
			<button type="button" class="btn plain" aria-pressed={advanced ? 'true' : 'false'} onClick={() => {
				setAdvanced(!advanced);
				if (advanced && w) route.set({ where: null });
			}}><Icon name="filter" />Condition</button>
			{filtered(spec) && <button type="button" class="btn plain" onClick={() => clearFilters(spec)}>Clear all</button>}
			<span class="grow" />
			{children}
			{advanced && (
				<form class="cond" onSubmit={(e) => {
					e.preventDefault();
					route.set({ where: cond.trim() });
				}}>
					<input aria-label="Condition" aria-invalid={wrong ? 'true' : undefined} spellcheck={false} placeholder={`for example:  ${spec.example}`} value={cond} onInput={(e) => setCond(e.currentTarget.value)} />
					<button class="btn" type="submit">Apply</button>
				</form>
			)}
			{wrong && <span class="wrong small" role="alert">{wrong}</span>}
		</div>
	);
}

function FacetButton({ facet }: { facet: Facet }) {
	const values = route.getList(facet.key);
	const [find, setFind] = useState('');
	const name = (v: string) => facet.options.map((o) => (typeof o === 'string' ? [o, o] : o)).find(([k]) => k === v)?.[1] ?? v;
	const shown = facet.options.map((o) => (typeof o === 'string' ? [o, o] : o)).filter(([, t]) => t.toLowerCase().includes(find.toLowerCase()));
	return (
		<Pop cls={`btn ${values.length ? 'on' : ''}`} button={<>{facet.label}{values.length > 0 && <b class="cut">: {values.length > 2 ? values.length : values.map(name).join(', ')}</b>}<Icon name="down" /></>}>
			{() => (
				<>
					{facet.options.length > 10 && <input aria-label={`Find ${facet.label}`} placeholder="Find" value={find} onInput={(e) => setFind(e.currentTarget.value)} />}
					{shown.map(([v, t]) => (
						<label key={v} class="item"><input type="checkbox" checked={values.includes(v)} onChange={(e) => route.set({ [facet.key]: e.currentTarget.checked ? [...values, v] : values.filter((x) => x !== v) })} />{t}</label>
					))}
					{values.length > 0 && <><hr /><button type="button" class="item" onClick={() => route.set({ [facet.key]: null })}>Clear</button></>}
				</>
			)}
		</Pop>
	);
}

// ------------------------------------------------------------ saved views

export interface View { name: string; noun: string; query: string; owner?: string; shared?: boolean }
const at = (v: View): string => `/views/${v.noun}/${encodeURIComponent(v.name)}`;
export const views = signal<View[] | null>(null);
export async function loadViews(): Promise<void> {
	try {
		views.value = await items<View>('/views');
	} catch {
		views.value = views.value ?? load<View[]>('views', []);
	}
}

export function Views({ page, builtIn = [] }: { page: string; builtIn?: { name: string; query: string }[] }) {
	const [naming, setNaming] = useState(false);
	const [name, setName] = useState('');
	useEffect(() => {
		if (views.value === null) void loadViews();
	}, []);
	const mine = (views.value ?? []).filter((v) => v.noun === page && typeof v.query === 'string');
	const now = new URLSearchParams(location.search).toString();
	const save = async () => {
		const view: View = { name: name.trim(), noun: page, query: now };
		await put(at(view), { query: now });
		views.value = [...(views.value ?? []).filter((v) => v.noun !== page || v.name !== view.name), view];
		toast('ok', `View “${view.name}” saved.`);
	};
	const drop = async (v: View) => {
		try {
			await remove(at(v));
			views.value = (views.value ?? []).filter((x) => x !== v);
			toast('ok', `View “${v.name}” removed.`, { undo: async () => {
				await put(at(v), { query: v.query });
				views.value = [...(views.value ?? []), v];
			} });
		} catch (e) {
			failed(e);
		}
	};
	return (
		<>
			<Pop button={<><Icon name="save" />Views<Icon name="down" /></>} align="right">
				{(close) => (
					<>
						{builtIn.map((v) => <a key={v.name} class="item" href={`/${page}?${v.query}`} onClick={close}>{v.name}</a>)}
						{mine.length > 0 && <><hr /><h4>Mine</h4></>}
						{mine.map((v) => (
							<div class="row" key={v.name}>
								<a class="item grow" href={`/${page}?${v.query}`} onClick={close}>{v.name}</a>
								<button type="button" class="btn plain small icon-only" aria-label={`Remove view ${v.name}`} onClick={() => drop(v)}><Icon name="trash" /></button>
							</div>
						))}
						<hr />
						<button type="button" class="item" onClick={() => {
							close();
							setNaming(true);
						}}><Icon name="plus" />Save this view …</button>
					</>
				)}
			</Pop>
			{naming && <FormDialog title="Save this view" close={() => setNaming(false)} send={save} act="Save" ready={name.trim() !== ''}><TextField label="Name" value={name} set={setName} maxLength={60} hint="Filters, order, grouping and columns are kept, for you alone." /></FormDialog>}
		</>
	);
}

// --------------------------------------------------------------- columns

export function useColumns<T>(page: string, columns: Column<T>[], usual: string[]): { shown: Column<T>[]; picker: ComponentChildren } {
	const [kept, setKept] = useState<string[]>(() => load(`columns.${page}`, usual));
	const linked = route.getList('cols');
	const ids = linked.length ? linked : kept;
	const change = (next: string[]) => {
		setKept(next);
		store(`columns.${page}`, next.join() === usual.join() ? null : next);
		if (linked.length) route.set({ cols: null });
	};
	const byId = new Map(columns.map((c) => [c.id, c]));
	const shown = ids.map((i) => byId.get(i)).filter((c): c is Column<T> => !!c);
	const swap = (at: number, by: number) => {
		const next = [...ids];
		[next[at], next[at + by]] = [next[at + by], next[at]];
		change(next);
	};
	const picker = (
		<Pop button={<Icon name="columns" />} cls="btn icon-only" label="Columns" align="right">
			{() => (
				<>
					{[...shown, ...columns.filter((c) => !ids.includes(c.id))].map((c) => {
						const at = ids.indexOf(c.id);
						return (
							<div class="row" key={c.id}>
								<label class="item grow"><input type="checkbox" checked={at >= 0} disabled={c.always} onChange={() => change(at >= 0 ? ids.filter((i) => i !== c.id) : [...ids, c.id])} />{c.title}</label>
								{at > 0 && <button type="button" class="btn plain small icon-only" aria-label={`${c.title} further left`} onClick={() => swap(at, -1)}><Icon name="up" /></button>}
								{at >= 0 && at < ids.length - 1 && <button type="button" class="btn plain small icon-only" aria-label={`${c.title} further right`} onClick={() => swap(at, 1)}><Icon name="down" /></button>}
							</div>
						);
					})}
					<hr />
					<button type="button" class="item" onClick={() => change(usual)}>As at first</button>
				</>
			)}
		</Pop>
	);
	return { shown, picker };
}
