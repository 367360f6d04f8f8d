// Alerts: the list, filtered, sorted, grouped; many at once; one beside it.
import { useMemo, useState } from 'preact/hooks';
import { categories } from 'virtual:words';
import * as route from '../lib/router';
import { can, download } from '../lib/api';
import { failed } from '../lib/act';
import { changed } from '../lib/events';
import { useList } from '../lib/hooks';
import { useKeys } from '../lib/keys';
import { count } from '../lib/units';
import type { Alert } from '../lib/types';
import { Badge, Empty, Seg, Sev, severities, When } from '../ui/basic';
import { Grid, type Column } from '../ui/grid';
import { conditionOf, clearFilters, filtered, Filters, useColumns, Views, type FilterSpec } from '../ui/filters';
import { Icon } from '../ui/icons';
import { Menu } from '../ui/menu';
import { csvName, End, Header, techniqueList } from './common';
import { AlertSheet } from './alert';
import { decide, LearnDialog, MuteDialog, CommentDialog, type Target } from './alert_acts';

const spans: [string, string][] = [['1h', 'Last hour'], ['24h', 'Last 24 hours'], ['7d', 'Last 7 days'], ['30d', 'Last 30 days']];
export const since = (values: string[]): string | null => {
	const hours: Record<string, number> = { '1h': 1, '24h': 24, '7d': 168, '30d': 720 };
	const h = Math.max(...values.map((v) => hours[v] ?? 0));
	return h > 0 ? `last >= ${new Date(Math.floor(Date.now() / 60000) * 60000 - h * 3600000).toISOString().replace(/\.\d+/, '')}` : null;
};
const engines = ['policy', 'protocol', 'malware', 'anomaly', 'operational'];
export const spec: FilterSpec = {
	page: 'alerts', fields: ['title', 'text', 'ref'], address: 'either', number: 'number',
	example: 'severity >= major and source in 10.20.0.0/16 and hour in 22..6',
	hint: 'Search title, text, address, number  ( / )',
	facets: [
		{ key: 'severity', label: 'Severity', field: 'severity', options: severities },
		{ key: 'status', label: 'Status', field: 'status', options: ['new', 'active', 'closed'] },
		{ key: 'engine', label: 'Engine', field: 'engine', options: engines },
		{ key: 'category', label: 'Category', field: 'category', options: categories },
		{ key: 'time', label: 'Seen', field: 'last', options: spans, test: since },
	],
};
const views = [
	{ name: 'Open, worst first', query: 'status=new,active&sort=-severity,-last' },
	{ name: 'New in the last 24 hours', query: 'status=new&time=24h' },
	{ name: 'Changes to controllers', query: 'category=Programming,Firmware change,Restart and stop commands' },
	{ name: 'By title', query: 'status=new,active&group=title' },
	{ name: 'Muted', query: 'where=muted' },
];

export const columns: Column<Alert>[] = [
	{ id: 'severity', title: 'Severity', width: '6.5rem', sort: 'severity', cell: (a) => <Sev of={a.severity} />, always: true },
	{ id: 'title', title: 'What', width: 'minmax(16rem, 2fr)', sort: 'title', cell: (a) => <span title={a.explanation ?? a.text}>{a.title}</span>, always: true },
	{ id: 'source', title: 'Source', width: 'minmax(9rem, 1fr)', sort: 'source', cell: (a) => <End name={a.source_name} at={a.source} device={a.source_device} /> },
	{ id: 'destination', title: 'Destination', width: 'minmax(9rem, 1fr)', sort: 'destination', cell: (a) => <End name={a.destination_name} at={a.destination} device={a.destination_device} /> },
	{ id: 'protocol', title: 'Protocol', width: '6.5rem', sort: 'protocol', cell: (a) => a.protocol ?? '–' },
	{ id: 'status', title: 'Status', width: '6rem', sort: 'status', cell: (a) => <>{a.status}{a.muted ? ', muted' : ''}</> },
	{ id: 'count', title: 'Times', width: '4.5rem', sort: 'count', num: true, cell: (a) => count(a.count) },
	{ id: 'last', title: 'Last seen', width: '10.5rem', sort: 'last', cell: (a) => <When at={a.last} /> },
	{ id: 'first', title: 'First seen', width: '10.5rem', sort: 'first', cell: (a) => <When at={a.first} /> },
	{ id: 'number', title: 'No', width: '4.5rem', sort: 'number', num: true, cell: (a) => a.number },
	{ id: 'engine', title: 'Engine', width: '7rem', sort: 'engine', cell: (a) => a.engine },
	{ id: 'category', title: 'Category', width: '12rem', sort: 'category', cell: (a) => a.category },
	{ id: 'tier', title: 'Tier', width: '4rem', sort: 'tier', cell: (a) => a.tier, help: 'A: no baseline can justify it, B: learned, C: weak evidence' },
	{ id: 'techniques', title: 'ATT&CK', width: '9rem', sort: 'techniques', cell: (a) => techniqueList(a.techniques).map((t) => t.id).join(' ') },
	{ id: 'ref', title: 'Catalogue', width: '6rem', sort: 'ref', cell: (a) => a.ref ?? '–' },
	{ id: 'vlan', title: 'VLAN', width: '4.5rem', sort: 'vlan', num: true, cell: (a) => a.vlan ?? '–' },
];
const usual = ['severity', 'title', 'source', 'destination', 'protocol', 'status', 'count', 'last'];
const groupBy: [string, string][] = [['', 'No groups'], ['title', 'By what'], ['severity', 'By severity'], ['status', 'By status'], ['engine', 'By engine'], ['source', 'By source'], ['destination', 'By destination'], ['protocol', 'By protocol']];

export default function AlertsPage({ rest }: { rest: string[] }) {
	const open = rest[0] && /^\d+$/.test(rest[0]) ? Number(rest[0]) : null;
	const sort = route.get('sort') || '-last';
	const group = route.get('group');
	const where = conditionOf(spec);
	const list = useList<Alert>('/alerts', { where, sort: group ? `${group},${sort}` : sort }, changed.alert);
	const { shown, picker } = useColumns('alerts', columns, usual);
	const [chosen, setChosen] = useState<Set<string | number>>(new Set());
	const [asked, setAsked] = useState<{ what: 'learn' | 'mute' | 'comment'; target: Target } | null>(null);
	const grouping = useMemo(() => (group ? (a: Alert) => String((a as unknown as Record<string, unknown>)[group] ?? '') : undefined), [group]);
	// All that fulfil the filters, also those that are not loaded.
	const [everything, setEverything] = useState(false);
	const choose = (s: Set<string | number>) => {
		setChosen(s);
		setEverything(false);
	};
	const target: Target = everything ? { where: where ?? 'number > 0' } : { numbers: [...chosen].map(Number) };
	const done = () => {
		choose(new Set());
		list.reload();
	};
	const analyst = can('analyst');
	useKeys([
		{ keys: 'Escape', text: 'Close what is open', run: () => (open !== null ? route.go(route.here('/alerts')) : choose(new Set())) },
		...(analyst && (open !== null || chosen.size > 0) ? [
			{ keys: 'l', text: 'Learn', run: () => setAsked({ what: 'learn' as const, target: chosen.size ? target : { numbers: [open!] } }) },
			{ keys: 'm', text: 'Mute', run: () => setAsked({ what: 'mute' as const, target: chosen.size ? target : { numbers: [open!] } }) },
			{ keys: 'e', text: 'Close alert', run: () => void decide('close', chosen.size ? target : { numbers: [open!] }).then(done) },
		] : []),
	]);
	const wrong = list.error?.status === 422 ? list.error.message : null;
	const bulk = (
		<>
			<button type="button" class="btn small" onClick={() => setAsked({ what: 'learn', target })}><Icon name="learn" />Learn …</button>
			<button type="button" class="btn small" onClick={() => void decide('close', target).then(done)}><Icon name="check" />Close</button>
			<button type="button" class="btn small" onClick={() => void decide('active', target).then(done)}>Take up</button>
			<button type="button" class="btn small" onClick={() => setAsked({ what: 'mute', target })}><Icon name="mute" />Mute …</button>
			<Menu cls="btn small icon-only" actions={[
				{ icon: 'comment', text: 'Comment …', run: () => setAsked({ what: 'comment', target }) },
				{ text: 'Open again', run: () => void decide('reopen', target).then(done) },
				{ text: 'Unmute', run: () => void decide('unmute', target).then(done) },
				null,
				...severities.map((s) => ({ text: `Severity: ${s}`, run: () => void decide('severity', { ...target, severity: s }).then(done) })),
			]} />
			{chosen.size === list.rows.length && list.rows.length < list.total && (everything ? <b>and all others, {count(list.total)} in all</b> : <button type="button" class="btn plain small" onClick={() => setEverything(true)}>Choose all {count(list.total)}</button>)}
		</>
	);
	return (
		<div class="page fill">
			<Header title="Alerts">
				<label class="row"><span class="hide">Group</span><select value={group} onChange={(e) => route.set({ group: e.currentTarget.value })}>{groupBy.map(([v, t]) => <option key={v} value={v}>{t}</option>)}</select></label>
				<button type="button" class="btn" onClick={() => download('/alerts', csvName('alerts'), { where, sort, format: 'csv' }).catch(failed)}><Icon name="download" />CSV</button>
				<Views page="alerts" builtIn={views} />
				{picker}
			</Header>
			<div class={`split ${open !== null ? 'two' : ''} ${route.get('full') ? 'full' : ''}`}>
				<div class="left">
					<Filters spec={spec} wrong={wrong}><Quick /></Filters>
					<Grid label="Alerts" nouns="alerts" list={list} columns={shown} id={(a) => a.number} open={open} sort={sort.split(',')[0]} onSort={(s) => route.set({ sort: s })} onOpen={(a) => route.go(route.here(`/alerts/${a.number}`), open !== null)} chosen={analyst ? chosen : undefined} onChosen={analyst ? choose : undefined} quiet={(a) => a.status === 'closed' || !!a.muted} bulk={bulk} group={grouping} phone={(a) => <PhoneRow a={a} />}
						empty={filtered(spec) ? <Empty icon="filter" title="No alert fits" act={<button type="button" class="btn" onClick={() => clearFilters(spec)}>Clear the filters</button>}>Nothing among all alerts fulfils these filters.</Empty> : <Empty icon="good" title="No alerts">While the sensor learns, only what no baseline can justify alerts. New alerts show here by themselves.</Empty>} />
				</div>
				{open !== null && <AlertSheet key={open} number={open} ask={(what) => setAsked({ what, target: { numbers: [open] } })} done={list.reload} rows={list.rows} />}
			</div>
			{asked?.what === 'learn' && <LearnDialog target={asked.target} close={() => setAsked(null)} done={done} />}
			{asked?.what === 'mute' && <MuteDialog target={asked.target} close={() => setAsked(null)} done={done} />}
			{asked?.what === 'comment' && <CommentDialog target={asked.target} close={() => setAsked(null)} done={done} />}
		</div>
	);
}

function Quick() {
	const status = route.get('status');
	const value = status === 'new,active' ? 'open' : status === '' ? 'all' : status === 'closed' ? 'closed' : '';
	return <Seg label="Status" value={value} options={[['open', 'Open'], ['closed', 'Closed'], ['all', 'All']]} set={(v) => route.set({ status: v === 'open' ? 'new,active' : v === 'closed' ? 'closed' : null })} />;
}

function PhoneRow({ a }: { a: Alert }) {
	return (
		<>
			<span class="row"><Sev of={a.severity} short /><b class="cut">{a.title}</b>{a.status !== 'new' && <Badge kind="outline">{a.status}</Badge>}</span>
			<span class="dim small cut">{a.source_name ?? a.source ?? '–'} → {a.destination_name ?? a.destination ?? '–'} · <When at={a.last} near /></span>
		</>
	);
}
