// A grid of as many rows as there are: only what is in view is in the page.
// Columns are sorted by the sensor, more rows are fetched when the end is near.
// Keys: j k move, Enter opens, x chooses, Shift+click chooses a range.
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useKeys } from '../lib/keys';
import { usePhone, type List } from '../lib/hooks';
import { count } from '../lib/units';
import { Icon } from './icons';
import { Bones, Wrong } from './basic';

export interface Column<T> { id: string; title: string; width: string; cell: (row: T) => ComponentChildren; sort?: string; num?: boolean; always?: boolean; hidden?: boolean; help?: string }
export interface GridProps<T> {
	label: string; list: List<T>; columns: Column<T>[]; id: (row: T) => string | number; open?: string | number | null; onOpen?: (row: T) => void;
	sort?: string; onSort?: (sort: string) => void; chosen?: Set<string | number>; onChosen?: (s: Set<string | number>) => void;
	phone: (row: T) => ComponentChildren; empty: ComponentChildren; quiet?: (row: T) => boolean; bulk?: ComponentChildren; foot?: ComponentChildren; group?: (row: T) => string; nouns?: string;
}
type Line<T> = { kind: 'group'; name: string; n: number } | { kind: 'row'; row: T; at: number };

const rem = () => parseFloat(getComputedStyle(document.documentElement).fontSize);

export function Grid<T>(p: GridProps<T>) {
	const phone = usePhone();
	const box = useRef<HTMLDivElement>(null);
	const [view, setView] = useState({ top: 0, high: 600 });
	const [cursor, putCursor] = useState(-1);
	// Keys that come faster than pages are drawn count from here.
	const here = useRef(cursor);
	here.current = cursor;
	const setCursor = (at: number) => {
		here.current = at;
		putCursor(at);
	};
	const [shut, setShut] = useState<Set<string>>(new Set());
	const anchor = useRef(-1);
	const rows = p.list.rows;
	const high = Math.round((phone ? 4 : 2.125) * rem());
	const head = phone ? 0 : Math.round(2.125 * rem());

	const lines = useMemo<Line<T>[]>(() => {
		if (!p.group) return rows.map((row, at) => ({ kind: 'row', row, at }));
		const groups = new Map<string, { row: T; at: number }[]>();
		rows.forEach((row, at) => {
			const name = p.group!(row) || '–';
			(groups.get(name) ?? groups.set(name, []).get(name)!).push({ row, at });
		});
		const out: Line<T>[] = [];
		for (const [name, inside] of groups) {
			out.push({ kind: 'group', name, n: inside.length });
			if (!shut.has(name)) for (const r of inside) out.push({ kind: 'row', ...r });
		}
		return out;
	}, [rows, p.group, shut]);

	useLayoutEffect(() => {
		const el = box.current;
		if (!el) return;
		const measure = () => setView({ top: el.scrollTop, high: el.clientHeight });
		measure();
		const watch = new ResizeObserver(measure);
		watch.observe(el);
		return () => watch.disconnect();
	}, [rows.length > 0]);
	const near = lines.length * high - view.top - view.high < 600;
	useEffect(() => {
		if (near && p.list.more && !p.list.loading) p.list.next();
	}, [near, p.list]);

	const show = (line: number) => {
		const el = box.current;
		if (!el) return;
		const y = line * high;
		if (y < el.scrollTop) el.scrollTop = y;
		else if (y + high + head > el.scrollTop + el.clientHeight) el.scrollTop = y + high + head - el.clientHeight;
	};
	const move = (by: number) => {
		let next = here.current;
		do next += by; while (lines[next]?.kind === 'group');
		if (!lines[next]) return;
		setCursor(next);
		show(next);
		const line = lines[next];
		// With something open, moving shows the next one.
		if (p.open != null && line.kind === 'row') p.onOpen?.(line.row);
	};
	const choose = (row: T, at: number, range: boolean) => {
		if (!p.chosen || !p.onChosen) return;
		const next = new Set(p.chosen);
		const on = !next.has(p.id(row));
		const from = range && anchor.current >= 0 ? Math.min(anchor.current, at) : at;
		const to = range && anchor.current >= 0 ? Math.max(anchor.current, at) : at;
		for (let i = from; i <= to; i++) on ? next.add(p.id(rows[i])) : next.delete(p.id(rows[i]));
		anchor.current = at;
		p.onChosen(next);
	};
	useKeys([
		{ keys: 'j / ArrowDown', text: 'Next row', run: () => move(1) },
		{ keys: 'k / ArrowUp', text: 'Row before', run: () => move(-1) },
		{ keys: 'Enter', text: 'Open row', run: (e) => {
			const line = lines[here.current];
			if (line?.kind === 'row') p.onOpen?.(line.row);
			else (e.target as HTMLElement)?.click?.();
		} },
		...(p.onChosen ? [{ keys: 'x', text: 'Choose row', run: () => {
			const line = lines[here.current];
			if (line?.kind === 'row') choose(line.row, line.at, false);
		} }] : []),
	], rows.length > 0 && !!p.onOpen);
	useEffect(() => {
		if (p.open == null) return;
		const at = lines.findIndex((l) => l.kind === 'row' && p.id(l.row) === p.open);
		if (at >= 0) setCursor(at);
	}, [p.open, lines]);

	const columns = p.columns.filter((c) => !c.hidden);
	const template = (p.onChosen ? '2.25rem ' : '') + columns.map((c) => c.width).join(' ');
	// All rows are as wide as their columns need at least: then they align.
	const least = columns.reduce((n, c) => n + parseFloat(c.width.replace('minmax(', '')), p.onChosen ? 2.25 : 0);
	const wide = phone ? undefined : { minWidth: `${least}rem` };
	const from = Math.max(0, Math.floor(view.top / high) - 8);
	const to = Math.min(lines.length, Math.ceil((view.top + view.high) / high) + 8);
	const every = rows.length > 0 && p.chosen !== undefined && rows.every((r) => p.chosen!.has(p.id(r)));

	if (p.list.error && rows.length === 0) return <div class="grid"><Wrong error={p.list.error} again={p.list.reload} /></div>;
	if (p.list.fresh) return <div class="grid"><Bones lines={12} /></div>;
	return (
		<div class="grid">
			<div class={`busy ${p.list.loading ? '' : 'off'}`} />
			{p.chosen && p.chosen.size > 0 && <div class="bulk" role="toolbar" aria-label="With the chosen rows"><b>{count(p.chosen.size)} chosen</b>{p.bulk}<button type="button" class="btn plain small" onClick={() => p.onChosen!(new Set())}>Clear</button></div>}
			{rows.length === 0 ? p.empty : (
				<div class="grid-scroll" ref={box} onScroll={(e) => setView({ top: e.currentTarget.scrollTop, high: e.currentTarget.clientHeight })} role="grid" aria-label={p.label} aria-rowcount={p.list.total + 1} aria-multiselectable={p.onChosen ? 'true' : undefined} tabIndex={0}>
					{!phone && (
						<div class="grid-head" role="row" aria-rowindex={1} style={{ gridTemplateColumns: template, ...wide }}>
							{p.onChosen && <div role="columnheader"><input type="checkbox" aria-label="Choose all that are loaded" checked={every} onChange={() => p.onChosen!(every ? new Set() : new Set(rows.map(p.id)))} /></div>}
							{columns.map((c) => {
								const key = c.sort;
								const dir = key && p.sort === key ? 'ascending' : key && p.sort === `-${key}` ? 'descending' : undefined;
								return (
									<div key={c.id} role="columnheader" class={c.num ? 'num' : ''} aria-sort={dir} title={c.help}>
										{key && p.onSort ? <button type="button" onClick={() => p.onSort!(dir === 'descending' ? key : `-${key}`)}><span class="cut">{c.title}</span>{dir && <Icon name={dir === 'ascending' ? 'up' : 'down'} />}</button> : <span class="cut">{c.title}</span>}
									</div>
								);
							})}
						</div>
					)}
					<div class="grid-body" role="rowgroup" style={{ height: `${lines.length * high}px`, ...wide }}>
						{lines.slice(from, to).map((line, i) => {
							const at = from + i;
							const top = { transform: `translateY(${at * high}px)` };
							if (line.kind === 'group') {
								const open = !shut.has(line.name);
								return (
									<div key={`g${line.name}`} class="grid-group" style={top} role="row" aria-expanded={open ? 'true' : 'false'} onClick={() => {
										const next = new Set(shut);
										open ? next.add(line.name) : next.delete(line.name);
										setShut(next);
									}}><div role="gridcell" class="row"><Icon name={open ? 'down' : 'right'} />{line.name}<span class="dim small">{count(line.n)}{p.list.more ? '+' : ''}</span></div></div>
								);
							}
							const { row } = line;
							const key = p.id(row);
							const cls = `grid-row ${phone ? 'tall' : ''} ${at === cursor ? 'cursor' : ''} ${key === p.open ? 'open' : ''} ${p.quiet?.(row) ? 'quiet' : ''}`;
							return (
								<div key={key} class={cls} role="row" aria-rowindex={at + 2} aria-selected={p.chosen ? (p.chosen.has(key) ? 'true' : 'false') : undefined} style={phone ? top : { ...top, gridTemplateColumns: template }} onClick={(e) => {
									if ((e.target as Element).closest('a, button, input')) return;
									setCursor(at);
									if (e.shiftKey || e.ctrlKey || e.metaKey) choose(row, line.at, e.shiftKey);
									else p.onOpen?.(row);
								}}>
									{p.onChosen && <div role="gridcell"><input type="checkbox" aria-label={`Choose row ${key}`} checked={p.chosen!.has(key)} onClick={(e) => choose(row, line.at, e.shiftKey)} /></div>}
									{phone ? <div class="grow" role="gridcell">{p.phone(row)}</div> : columns.map((c) => <div key={c.id} role="gridcell" class={c.num ? 'num' : ''}>{c.cell(row)}</div>)}
								</div>
							);
						})}
					</div>
				</div>
			)}
			<div class="grid-foot">
				<span role="status">{rows.length < p.list.total ? `${count(rows.length)} of ${count(p.list.total)}` : count(p.list.total)} {p.list.total === 1 ? (p.nouns ?? 'rows').replace(/ies$/, 'y').replace(/s$/, '') : p.nouns ?? 'rows'}</span>
				{p.list.error && <span class="wrong">Not up to date: {p.list.error.message}</span>}
				{p.foot}
			</div>
		</div>
	);
}
