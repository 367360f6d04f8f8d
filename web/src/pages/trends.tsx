// Trends: dashboards of widgets, each a question about some span of time.
import { useEffect, useMemo, useState } from 'preact/hooks';
import * as route from '../lib/router';
import { items, put, remove, session } from '../lib/api';
import { failed } from '../lib/act';
import { changed } from '../lib/events';
import { useRead } from '../lib/hooks';
import { load, store } from '../lib/prefs';
import { parse } from '../lib/time';
import type { Overview } from '../lib/types';
import { bytes, count } from '../lib/units';
import { Bars, Bones, Empty, Seg, TextField, Wrong, type Bar } from '../ui/basic';
import { ask, FormDialog } from '../ui/dialog';
import { Chart } from '../ui/chart';
import { Icon } from '../ui/icons';
import { Menu } from '../ui/menu';
import { Header } from './common';

interface Widget { id: string; title: string; kind: 'lines' | 'bars'; unit: (n: number) => string; text: string }
export const widgets: Widget[] = [
	{ id: 'bandwidth', title: 'Bandwidth', kind: 'lines', unit: bytes, text: 'Bytes in each hour' },
	{ id: 'bandwidth-protocols', title: 'Bandwidth by protocol', kind: 'bars', unit: bytes, text: 'In the hours of this span' },
	{ id: 'bandwidth-devices', title: 'Bandwidth by device', kind: 'bars', unit: bytes, text: 'In the hours of this span' },
	{ id: 'protocols', title: 'Protocols', kind: 'bars', unit: bytes, text: 'Bytes of each protocol' },
	{ id: 'busy', title: 'Busy devices', kind: 'bars', unit: bytes, text: 'Who sends most' },
	{ id: 'channels', title: 'Channels', kind: 'bars', unit: bytes, text: 'Which two exchange most' },
	{ id: 'ports', title: 'Traffic by port', kind: 'bars', unit: bytes, text: 'Bytes of each port' },
	{ id: 'new-devices', title: 'New devices', kind: 'lines', unit: count, text: 'First seen, by day' },
	{ id: 'operations', title: 'Operations', kind: 'bars', unit: count, text: 'Function codes and services' },
	{ id: 'conversations-by-day', title: 'New conversations', kind: 'lines', unit: count, text: 'First seen, by day' },
	{ id: 'alerts-by-day', title: 'Alerts', kind: 'lines', unit: count, text: 'First seen, by day' },
	{ id: 'incidents', title: 'Alerts by engine', kind: 'bars', unit: count, text: 'Raised in this span' },
	{ id: 'vendors', title: 'Devices by vendor', kind: 'bars', unit: count, text: '' },
	{ id: 'vlans', title: 'Devices by VLAN', kind: 'bars', unit: count, text: '' },
	{ id: 'vlan-bytes', title: 'Traffic by VLAN', kind: 'bars', unit: bytes, text: 'Bytes in each VLAN' },
	{ id: 'categories', title: 'Alerts by category', kind: 'bars', unit: count, text: 'Raised in this span' },
	{ id: 'roles', title: 'Devices by role', kind: 'bars', unit: count, text: '' },
];
interface View { name: string; noun: string; query: unknown; owner?: string }
interface Board { name: string; widgets: string[] }
const usual: Board = { name: 'At first', widgets: ['bandwidth', 'alerts-by-day', 'protocols', 'busy', 'channels', 'ports', 'new-devices', 'operations', 'incidents', 'vendors'] };
const spans: [string, string][] = [['1h', '1 hour'], ['24h', '24 hours'], ['7d', '7 days'], ['30d', '30 days'], ['all', 'All']];
const hours: Record<string, number> = { '1h': 1, '24h': 24, '7d': 168, '30d': 720 };

// Dashboards are the user's, kept by the sensor as views; those of a browser
// of before are taken over once. Each change is sent, and what is not taken is
// said and put back.
const isBoard = (v: View): boolean => v.noun === 'trends' && Array.isArray(v.query);
const boardAt = (name: string): string => `/views/trends/${encodeURIComponent(name)}`;
function useBoards(): [Board[] | null, (next: Board[]) => void] {
	const [boards, set] = useState<Board[] | null>(null);
	useEffect(() => {
		items<View>('/views').then((all) => {
			const mine = all.filter((v) => isBoard(v) && v.owner === session.value?.user).map((v) => ({ name: v.name, widgets: (v.query as unknown[]).filter((w): w is string => typeof w === 'string') }));
			const old = load<Board[]>('boards', []);
			if (mine.length > 0 || old.length === 0) return set(mine.length > 0 ? mine : [usual]);
			set(old);
			return Promise.all(old.map((b) => put(boardAt(b.name), { query: b.widgets }))).then(() => store('boards', null));
		}).catch((e: unknown) => {
			set((was) => was ?? [usual]);
			failed(e);
		});
	}, []);
	const keep = (next: Board[]) => {
		const was = boards ?? [];
		set(next);
		const gone = was.filter((b) => b !== usual && !next.some((n) => n.name === b.name)).map((b) => remove(boardAt(b.name)));
		const changes = next.filter((n) => !was.includes(n) || n === usual).map((n) => put(boardAt(n.name), { query: n.widgets }));
		Promise.all([...changes, ...gone]).catch((e: unknown) => {
			set(boards);
			failed(e);
		});
	};
	return [boards, keep];
}

export default function TrendsPage() {
	const [kept, keep] = useBoards();
	const boards = kept ?? [usual];
	const [naming, setNaming] = useState<'new' | 'name' | null>(null);
	const [name, setName] = useState('');
	const now = boards.find((b) => b.name === route.get('board')) ?? boards[0] ?? usual;
	// Without a running sensor what there is may be old: all of it, then.
	const about = useRead<Overview>('/overview');
	const usually = about.data && !about.data.sensor.running ? 'all' : '24h';
	const span = route.get('span') || usually;
	const change = (list: string[]) => keep(boards.map((b) => (b === now ? { ...b, widgets: list } : b)));
	if (kept === null) return <div class="page"><Header title="Trends" /><Bones lines={8} /></div>;
	const missing = widgets.filter((w) => !now.widgets.includes(w.id));
	return (
		<div class="page">
			<Header title="Trends">
				<select aria-label="Dashboard" value={now.name} onChange={(e) => route.set({ board: e.currentTarget.value })}>{boards.map((b) => <option key={b.name}>{b.name}</option>)}</select>
				<Seg label="Span" value={span} options={spans} set={(v) => route.set({ span: v })} />
				<Menu label="Add a widget" button={<><Icon name="plus" />Widget</>} cls="btn" actions={missing.length ? missing.map((w) => ({ text: w.title, run: () => change([...now.widgets, w.id]) })) : [{ text: 'All are there', off: true }]} />
				<Menu label="Dashboards" actions={[
					{ icon: 'plus', text: 'New dashboard …', run: () => {
						setName('');
						setNaming('new');
					} },
					{ icon: 'edit', text: 'Rename …', run: () => {
						setName(now.name);
						setNaming('name');
					} },
					boards.length > 1 && { icon: 'trash', text: 'Delete …', danger: true, run: async () => {
						if (await ask(`Delete “${now.name}”?`, 'Its arrangement is lost; the data stays.', 'Delete')) keep(boards.filter((b) => b !== now));
					} },
				]} />
			</Header>
			{now.widgets.length === 0 && <Empty icon="trends" title="An empty dashboard">Add widgets with the button above.</Empty>}
			<div class="cards">
				{about.data && now.widgets.map((id, at) => {
					const w = widgets.find((x) => x.id === id);
					if (!w) return null;
					const swap = (by: number) => {
						const next = [...now.widgets];
						[next[at], next[at + by]] = [next[at + by], next[at]];
						change(next);
					};
					return (
						<section key={id} class={`card ${w.kind === 'lines' ? 'wide' : ''}`}>
							<header><h2>{w.title} <span class="dim small">{w.text}</span></h2><Menu cls="btn plain small icon-only" label={`Widget ${w.title}`} actions={[at > 0 && { text: 'Further to the front', run: () => swap(-1) }, at < now.widgets.length - 1 && { text: 'Further to the back', run: () => swap(1) }, { icon: 'trash', text: 'Remove', run: () => change(now.widgets.filter((x) => x !== id)) }]} /></header>
							<div class="body"><WidgetView w={w} span={span} /></div>
						</section>
					);
				})}
			</div>
			{naming && <FormDialog title={naming === 'new' ? 'New dashboard' : 'Rename dashboard'} close={() => setNaming(null)} act="Save" ready={!!name.trim() && !boards.some((b) => b.name === name.trim() && b !== now)} send={async () => {
				if (naming === 'new') keep([...boards, { name: name.trim(), widgets: ['protocols'] }]);
				else keep(boards.map((b) => (b === now ? { ...b, name: name.trim() } : b)));
				route.set({ board: name.trim() });
			}}><TextField label="Name" value={name} set={setName} maxLength={40} /></FormDialog>}
		</div>
	);
}

interface Point { at?: string; value?: number; count?: number; bytes?: number; bps?: number; packets?: number; n?: number }
interface Named extends Point { device?: number; name?: string; title?: string; id?: number; port?: number; via?: string; client?: string; server?: string; a?: string; b?: string; proto?: string; vlan?: number; vendor?: string; engine?: string; devices?: number }
type Answer = Named[] | { items?: Named[]; points?: Point[]; series?: { name: string; points: Point[] }[]; step?: number };
const valueOf = (p: Named, step: number): number => p.value ?? p.bps ?? (step ? ((p.bytes ?? 0) * 8) / step : p.bytes) ?? p.count ?? p.n ?? p.devices ?? 0;

function WidgetView({ w, span }: { w: Widget; span: string }) {
	const from = useMemo(() => (hours[span] ? new Date(Math.floor(Date.now() / 60000) * 60000 - hours[span] * 3600000).toISOString().replace(/\.\d+/, '') : undefined), [span]);
	const data = useRead<Answer>('/trends', changed.health, { widget: w.id, from, limit: 8 }, 60000);
	if (data.error) return data.error.status === 404 || data.error.status === 422 ? <Empty icon="trends" title="Not counted">This sensor does not count this.</Empty> : <Wrong error={data.error} again={data.reload} />;
	if (!data.data) return <Bones lines={4} />;
	const answer = data.data;
	const rows: Named[] = Array.isArray(answer) ? answer : answer.items ?? answer.points ?? [];
	if (w.kind === 'lines') {
		const series = !Array.isArray(answer) && answer.series ? answer.series : [{ name: w.title, points: rows as Point[] }];
		const step = 0;
		const xs = (series[0]?.points ?? []).map((p) => (parse(p.at)?.getTime() ?? 0) / 1000);
		if (xs.length === 0) return <Empty icon="trends" title="Nothing in this span">Choose a longer one.</Empty>;
		const every = Array.isArray(answer) ? undefined : answer.step ?? 86400;
		return <Chart label={`${w.title}, ${span}`} xs={xs} step={every} series={series.map((s) => ({ name: s.name, values: s.points.map((p) => valueOf(p, step)), kind: 'bars' }))} unit={w.unit} height={180} legend={series.length > 1} />;
	}
	const bars: Bar[] = rows.map((r) => {
		const name = r.name ?? r.title ?? (r.client ? `${r.client} → ${r.server}` : r.a ? `${r.a} – ${r.b}` : r.port != null ? `${r.via ?? ''} ${r.port}`.trim() : r.vlan != null ? `VLAN ${r.vlan}` : r.vendor ?? r.engine ?? r.proto ?? 'not known');
		const value = valueOf(r, 0);
		return { name: name || 'not known', value, text: w.unit(value), href: w.id === 'vendors' && name ? route.link('/devices', { q: name }) : w.id === 'incidents' && r.name ? route.link('/alerts', { engine: r.name }) : w.id === 'roles' && r.name ? route.link('/devices', { role: r.name }) : w.id === 'categories' && r.name ? route.link('/alerts', { category: r.name }) : (w.id === 'protocols' || w.id === 'bandwidth-protocols') && r.name ? route.link('/mining', { noun: 'conversations', where: `proto = ${r.name}` }) : (w.id === 'busy' || w.id === 'bandwidth-devices') && r.device ? `/devices/${r.device}` : undefined };
	});
	return <Bars of={bars} empty="Nothing in this span." />;
}
