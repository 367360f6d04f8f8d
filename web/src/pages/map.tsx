// The map: devices in Purdue layers or by their connections; groups to light
// up or look at alone; a device's neighbours, a link's operations.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import * as route from '../lib/router';
import { save } from '../lib/api';
import { changed } from '../lib/events';
import { useLater, useRead } from '../lib/hooks';
import { useKeys } from '../lib/keys';
import { dark } from '../lib/prefs';
import { bytes, count, many } from '../lib/units';
import type { Alert, Conversation, MapLink, MapNode, Page, Way } from '../lib/types';
import { Badge, Empty, Props, Ready, Say, Seg, When } from '../ui/basic';
import { Icon } from '../ui/icons';
import { Pop } from '../ui/menu';
import type { Drawing } from './map_draw';
import { Groups, useOwn } from './map_groups';
import { groups, plan, type Group, type Line, type Plan } from './map_plan';
import { Header } from './common';
import { DeviceSheet, Operations } from './device';

interface MapData { nodes: MapNode[]; links: MapLink[]; links_left_out?: number; internet?: boolean }

// Addresses of the Internet are one node, over everything else.
const withInternet = (d: MapData): MapData => (d.internet && !d.nodes.some((n) => n.id === 0) ? { ...d, nodes: [{ id: 0, name: 'Internet', role: 'internet', purdue: 5, subnet: null, alerts: 0, ot: false, important: true, authorized: true }, ...d.nodes] } : d);

export default function MapPage({ rest }: { rest: string[] }) {
	const shape = route.get('shape') === 'flat' ? 'flat' : 'layers';
	const answer = useRead<MapData>('/map', changed.device, undefined, 15000);
	const told = useMemo(() => (answer.data ? withInternet(answer.data) : null), [answer.data]);
	const map = { ...answer, data: told };
	return (
		<div class="page fill">
			<Header title="Map" more={map.data && `${many(answer.data!.nodes.length, 'device')}, ${many(map.data.links.length, 'connection')}`}>
				<Seg label="Arrange" value={shape} options={[['layers', 'Purdue layers'], ['flat', 'By connection']]} set={(v) => route.set({ shape: v === 'flat' ? 'flat' : null })} />
			</Header>
			<Ready of={map} lines={10}>{(d) => (d.nodes.length === 0 ? <Empty icon="map" title="Nobody is here yet">Devices appear when they send something that reaches the sensor. <a href="/mirror">See whether the mirror sends any traffic.</a></Empty> : <Inside d={d} shape={shape} rest={rest} />)}</Ready>
		</div>
	);
}

function Inside({ d, shape, rest }: { d: MapData; shape: 'layers' | 'flat'; rest: string[] }) {
	const expanded = route.get('open');
	const only = route.get('only');
	const lit = route.get('lit');
	const it = route.get('it') !== 'all';
	const [own, keepOwn] = useOwn();
	const ways = useRead<Page<Way>>('/reports/attack-vectors', undefined, { limit: 20 });
	const all = useMemo(() => groups(d.nodes, d.links, own, undefined, ways.data?.items), [d, own, ways.data]);
	const group = (id: string): Group | null => all.find((g) => g.id === id) ?? null;
	const p = useMemo(() => plan(d.nodes, d.links, { expanded: new Set(expanded.split('|').filter(Boolean)), only: only ? group(only)?.nodes ?? null : null, collapseIt: it, shape }), [d, expanded, only, it, shape]);
	const box = useRef<HTMLDivElement>(null);
	const bands = useRef<HTMLDivElement>(null);
	const drawing = useRef<Drawing | null>(null);
	const now = useRef(p);
	now.current = p;
	const first = useRef(true);
	const [ready, setReady] = useState(false);
	const [hover, setHover] = useState<{ text: string; x: number; y: number } | null>(null);
	const [find, setFind] = useState(route.get('q'));
	const asked = useLater(find.trim().toLowerCase(), 150);
	const picked = rest[0] ?? '';

	useEffect(() => {
		let gone = false;
		void import('./map_draw').then(({ Drawing }) => {
			if (gone || !box.current) return;
			drawing.current = new Drawing(box.current, {
				node: (n) => {
					if (n.id[0] === 'g') route.set({ open: [...route.get('open').split('|').filter(Boolean), n.id.slice(2)].join('|') });
					else route.go(route.here(`/map/${n.members[0]}`));
				},
				line: (l) => route.go(route.here(`/map/${encodeURIComponent(l.id)}`)),
				away: () => route.go(route.here('/map')),
				hover: (text, at) => setHover(at ? { text, ...at } : null),
				moved: (zoom, pan) => moveBands(bands.current, now.current, zoom, pan),
			});
			setReady(true);
		});
		return () => {
			gone = true;
			drawing.current?.close();
			drawing.current = null;
		};
	}, []);
	useEffect(() => {
		if (!ready) return;
		drawing.current!.draw(p, !first.current && shape === 'layers');
		first.current = false;
		box.current!.dataset.took = String(Math.round(drawing.current!.took));
	}, [ready, p]);
	useEffect(() => {
		first.current = true;
	}, [shape, only]);
	useEffect(() => {
		drawing.current?.restyle();
	}, [dark.value]);
	// An address from another page: pick its device.
	const focus = route.get('focus');
	useEffect(() => {
		if (!focus) return;
		const n = d.nodes.find((x) => x.address === focus || x.name === focus);
		if (n) route.go(`/map/${n.id}`, true);
		else setFind(focus);
	}, [focus]);
	const idOf = (device: number): string | null => p.nodes.find((n) => n.members.includes(device))?.id ?? null;
	const line = picked.includes('|') ? p.lines.find((l) => l.id === picked) ?? null : null;
	const device = /^\d+$/.test(picked) ? Number(picked) : null;
	const hits = asked.length > 1 ? p.nodes.filter((n) => `${n.label} ${n.sub}`.toLowerCase().includes(asked)) : [];
	useEffect(() => {
		const dr = drawing.current;
		if (!ready || !dr) return;
		if (device !== null) {
			const id = idOf(device);
			if (id) {
				const around = dr.around(id);
				dr.light(around.nodes, around.lines, id);
				return;
			}
		}
		if (line) return dr.light(new Set([line.a, line.b]), new Set([line.id]), line.id);
		if (asked.length > 1) return dr.light(new Set(hits.map((h) => h.id)), null, hits.length === 1 ? hits[0].id : null);
		const g = lit ? group(lit) : null;
		if (g) {
			const ids = new Set(p.nodes.filter((n) => n.members.some((m) => g.nodes.has(m))).map((n) => n.id));
			return dr.light(ids, g.links ? new Set(p.lines.filter((l) => l.links.some((x) => g.links!.has(x))).map((l) => l.id)) : null, null);
		}
		dr.light(null, null, null);
	}, [ready, p, picked, asked, lit]);
	useKeys([
		{ keys: 'Escape', text: 'Close what is open', run: () => route.go(route.here('/map')) },
		{ keys: '+ / =', text: 'Larger', run: () => drawing.current?.zoom(1.3) },
		{ keys: '-', text: 'Smaller', run: () => drawing.current?.zoom(1 / 1.3) },
		{ keys: '0', text: 'All of it', run: () => drawing.current?.fit() },
		{ keys: '/', text: 'Search on the map', run: () => document.querySelector<HTMLInputElement>('.find input')?.focus() },
	]);
	const itSubnets = useMemo(() => new Set(p.nodes.filter((n) => n.id.startsWith('g:it ')).map((n) => n.subnet)).size, [p]);
	return (
		<div class={`split ${(device !== null && device > 0) || line ? 'two' : ''} ${route.get('full') && device !== null ? 'full' : ''}`}>
			<div class="left">
				<div class="filters" role="search">
					<div class="find"><Icon name="search" /><input type="search" aria-label="Search on the map" placeholder="Name or address  ( / )" value={find} onInput={(e) => setFind(e.currentTarget.value)} onKeyDown={(e) => {
						if (e.key === 'Enter' && hits.length > 0) {
							drawing.current?.fit(hits.map((h) => h.id));
							if (hits.length === 1 && hits[0].members.length === 1) route.go(route.here(`/map/${hits[0].members[0]}`));
						}
					}} /></div>
					<GroupPick label="Highlight" all={all} value={lit} set={(v) => route.set({ lit: v })} />
					<GroupPick label="Show only" all={all} value={only} set={(v) => route.set({ only: v })} />
					<button type="button" class="btn plain" aria-pressed={it ? 'true' : 'false'} onClick={() => route.set({ it: it ? 'all' : null, open: null })} title="Office subnets are drawn as one each">IT subnets together</button>
					<Groups own={own} keep={keepOwn} chosen={asked.length > 1 ? hits.flatMap((h) => h.members) : [...(group(lit || only)?.nodes ?? [])]} device={device !== null && device > 0 ? d.nodes.find((n) => n.id === device) ?? null : null} />
					{expanded && <button type="button" class="btn plain" onClick={() => route.set({ open: null })}>Collapse all</button>}
					{asked.length > 1 && <span class="dim small" role="status">{many(hits.length, 'hit')}</span>}
				</div>
				<div class="map">
					<div class="map-bands" ref={bands} aria-hidden="true">{p.bands.map((b, i) => <div key={String(b.level)} class={`map-band ${i % 2 ? 'odd' : ''}`}><span>{b.title}</span></div>)}</div>
					<div class="map-canvas" ref={box} role="img" aria-label={`Map of ${many(p.nodes.length, 'node')} and ${many(p.lines.length, 'line')}. The same devices are in the list of devices.`} />
					{hover && <div class="pop small" style={{ position: 'absolute', left: `${hover.x + 14}px`, top: `${hover.y + 10}px`, minWidth: '0', padding: '.25rem .5rem', pointerEvents: 'none' }}>{hover.text}</div>}
					<div class="map-tools">
						<button type="button" class="btn icon-only" aria-label="Larger" onClick={() => drawing.current?.zoom(1.3)}><Icon name="plus" /></button>
						<button type="button" class="btn icon-only" aria-label="Smaller" onClick={() => drawing.current?.zoom(1 / 1.3)}><Icon name="minus" /></button>
						<button type="button" class="btn icon-only" aria-label="All of it" title="All of it (0)" onClick={() => drawing.current?.fit()}><Icon name="fit" /></button>
						<button type="button" class="btn icon-only" aria-label="Save as a picture" title="Save as a picture" onClick={() => drawing.current && save(drawing.current.picture(), 'sightglass-map.png')}><Icon name="download" /></button>
					</div>
				</div>
				<div class="legend" style={{ paddingBottom: '.25rem' }}>
					<span><i style={{ background: 'var(--critical-bg)', border: '2px solid var(--critical)' }} />open alerts</span><span><i style={{ border: '2px dashed var(--minor)' }} />not authorised</span><span><i style={{ border: '3px solid var(--accent)' }} />important</span><span><i style={{ background: 'var(--sunken)', border: '1px solid var(--line-strong)' }} />not industrial</span>
					{itSubnets > 0 && <span>{many(itSubnets, 'IT subnet')} collapsed; click one to open it</span>}
					{p.grouped && p.nodes.length < d.nodes.length - 50 && itSubnets === 0 && <span>Devices of one subnet and role are drawn together; click to open</span>}
					{(d.links_left_out ?? 0) > 0 && <span>{count(d.links_left_out)} connections with least traffic are left out</span>}
					{p.hidden > 0 && <span>{count(p.hidden)} not in this group are hidden</span>}
				</div>
			</div>
			{device !== null && device > 0 && <DeviceSheet key={device} id={device} rows={[]} done={() => undefined} closeTo="/map" />}
			{line && <LinkSheet l={line} p={p} nodes={d.nodes} />}
		</div>
	);
}

function moveBands(box: HTMLDivElement | null, p: Plan, zoom: number, pan: { x: number; y: number }): void {
	if (!box) return;
	p.bands.forEach((b, i) => {
		const el = box.children[i] as HTMLElement | undefined;
		if (!el) return;
		el.style.top = `${b.top * zoom + pan.y}px`;
		el.style.height = `${(b.bottom - b.top) * zoom}px`;
	});
}

function GroupPick({ label, all, value, set }: { label: string; all: Group[]; value: string; set: (v: string | null) => void }) {
	const [find, setFind] = useState('');
	const now = all.find((g) => g.id === value);
	const shown = all.filter((g) => `${g.family} ${g.name}`.toLowerCase().includes(find.toLowerCase()));
	const families = [...new Set(shown.map((g) => g.family))];
	return (
		<Pop cls={`btn ${value ? 'on' : ''}`} button={<>{label}{now && <b>: {now.name}</b>}<Icon name="down" /></>}>
			{(close) => (
				<>
					<input aria-label="Find a group" placeholder="Find a group" value={find} onInput={(e) => setFind(e.currentTarget.value)} />
					{value && <button type="button" class="item" onClick={() => {
						set(null);
						close();
					}}><Icon name="close" />None</button>}
					{families.map((f) => (
						<div key={f}><h4>{f}</h4>{shown.filter((g) => g.family === f).slice(0, 60).map((g) => <button key={g.id} type="button" class="item" aria-pressed={g.id === value ? 'true' : 'false'} onClick={() => {
							set(g.id);
							close();
						}}><span class="grow cut">{g.name}</span><span class="dim small">{count(g.nodes.size)}</span></button>)}</div>
					))}
				</>
			)}
		</Pop>
	);
}

// A link's conversations: what was asked, in which protocol.
function LinkSheet({ l, p, nodes }: { l: Line; p: Plan; nodes: MapNode[] }) {
	const a = p.nodes.find((n) => n.id === l.a)!;
	const b = p.nodes.find((n) => n.id === l.b)!;
	const of = (id: number) => nodes.find((n) => n.id === id)?.address;
	const single = l.links.length > 0 && l.links.every((x) => x.a > 0 && x.b > 0) && a.members.length === 1 && b.members.length === 1;
	const x = single ? of(a.members[0]) : undefined;
	const y = single ? of(b.members[0]) : undefined;
	const talks = useRead<Page<Conversation>>(x && y ? '/conversations' : null, undefined, { where: `client = ${x} and server = ${y} or client = ${y} and server = ${x}`, sort: '-bytes', limit: 50 });
	const alerts = useRead<Page<Alert>>(x && y ? '/alerts' : null, undefined, { where: `status != closed and (source = ${x} and destination = ${y} or source = ${y} and destination = ${x})`, limit: 1 });
	const risks = [...new Set(l.links.flatMap((k) => (Array.isArray(k.risks) ? k.risks : [])))].filter((r) => r !== 'none');
	const last = l.links.map((k) => k.last).filter(Boolean).sort().pop();
	const first = l.links.map((k) => k.first).filter(Boolean).sort()[0];
	const side = (n: typeof a) => (n.members.length === 1 && n.members[0] > 0 ? <a href={`/devices/${n.members[0]}`}>{n.label}{n.sub && <span class="dim"> {n.sub}</span>}</a> : <>{n.label} <span class="dim">{n.sub}</span></>);
	return (
		<section class="sheet" aria-label="Connection">
			<header><div class="grow"><div class="dim small">Connection</div><h2 class="break">{a.label} – {b.label}</h2></div><a class="btn plain icon-only" aria-label="Close details" href={route.here('/map')}><Icon name="close" /></a></header>
			<div class="inside">
				{(alerts.data?.total ?? 0) > 0 && <Say kind="critical" icon="alerts">{many(alerts.data!.total, 'open alert')} between these two. <a href={route.link('/alerts', { status: 'new,active', where: `either = ${x} and either = ${y}` })}>Show</a></Say>}
				<Props of={[['One end', side(a)], ['Other end', side(b)], ['Protocols', l.protocols.join(', ')], ['Changes', risks.length > 0 && <span class="chips">{risks.map((r) => <Badge key={r} kind="major">{r}</Badge>)}</span>], ['Traffic', `${bytes(l.bytes)}, ${count(l.packets)} packets`], ['First seen', first && <When at={first} />], ['Last seen', last && <When at={last} />], ['Connections', l.links.length > 1 && count(l.links.length)]]} />
				{x && y && <div><h3>Conversations</h3><Ready of={talks} lines={4}>{(t) => (t.items.length === 0 ? <p class="dim">None between these addresses; the devices have others.</p> : (
					<ul class="stack-s">{t.items.map((c, i) => <li key={i} class="card"><div class="body stack-s"><div class="row wrap"><b>{c.proto}</b><span class="dim small">{c.client} → {c.server}{c.port ? `, ${c.via} ${c.port}` : ''}</span><span class="grow" /><span class="small">{bytes(c.bytes)}</span></div><Operations c={c} /></div></li>)}</ul>
				))}</Ready></div>}
			</div>
		</section>
	);
}
