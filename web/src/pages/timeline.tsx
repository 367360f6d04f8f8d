// Who did what, and when. Nothing in it can be changed.
import { timeline as words } from 'virtual:words';
import * as route from '../lib/router';
import { download } from '../lib/api';
import { failed } from '../lib/act';
import { changed } from '../lib/events';
import { useList } from '../lib/hooks';
import { useKeys } from '../lib/keys';
import { full } from '../lib/time';
import type { Event } from '../lib/types';
import { Empty, Props, When } from '../ui/basic';
import { Grid, type Column } from '../ui/grid';
import { clearFilters, conditionOf, filtered, Filters, useColumns, Views, type FilterSpec } from '../ui/filters';
import { Icon, type IconName } from '../ui/icons';
import { csvName, Header } from './common';

const spans: Record<string, number> = { '1h': 1, '24h': 24, '7d': 168, '30d': 720 };
const spec: FilterSpec = {
	page: 'timeline', fields: ['about', 'text', 'who'], example: 'what in (learn, mute, mode) and at >= 2026-11-01',
	facets: [
		{ key: 'what', label: 'What', field: 'what', options: words.map((w) => [w.name, `${w.name}: ${w.text}`]) },
		{ key: 'who', label: 'Who', field: 'who', options: [['people', 'People'], ['sensor', 'The sensor']], test: (v) => (v.length !== 1 ? null : v[0] === 'sensor' ? 'who = "sensor"' : 'who != "sensor"') },
		{ key: 'time', label: 'When', field: 'at', options: [['1h', 'Last hour'], ['24h', 'Last 24 hours'], ['7d', 'Last 7 days'], ['30d', 'Last 30 days']], test: (v) => `at >= ${new Date(Math.floor(Date.now() / 60000) * 60000 - Math.max(...v.map((x) => spans[x] ?? 0)) * 3600000).toISOString().replace(/\.\d+/, '')}` },
	],
};
const icons: Record<string, IconName> = { alert: 'alerts', close: 'check', learn: 'learn', unlearn: 'undo', mute: 'mute', comment: 'comment', device: 'devices', remove: 'trash', rule: 'detections', 'rule-gone': 'detections', mode: 'baseline', start: 'play', stop: 'close', setting: 'settings', network: 'map', name: 'map', fault: 'wrong' };

export const aboutLink = (about: string): string | null => {
	const m = /^(alert|device) (\d+)$/.exec(about);
	return m ? `/${m[1]}s/${m[2]}` : null;
};
const columns: Column<Event>[] = [
	{ id: 'at', title: 'When', width: '11rem', sort: 'at', always: true, cell: (e) => <When at={e.at} /> },
	{ id: 'what', title: 'What', width: '8rem', sort: 'what', cell: (e) => <span class="row"><Icon name={icons[e.what] ?? 'info'} />{e.what}</span> },
	{ id: 'about', title: 'About', width: 'minmax(8rem, .6fr)', sort: 'about', cell: (e) => {
		const to = aboutLink(e.about);
		return to ? <a href={to}>{e.about}</a> : e.about;
	} },
	{ id: 'text', title: 'Details', width: 'minmax(16rem, 3fr)', cell: (e) => <span title={e.text}>{e.text}</span> },
	{ id: 'who', title: 'Who', width: '9rem', sort: 'who', cell: (e) => e.who },
	{ id: 'id', title: 'No', width: '5rem', sort: 'id', num: true, cell: (e) => e.id },
];

export default function TimelinePage({ rest }: { rest: string[] }) {
	const open = rest[0] ? Number(rest[0]) : null;
	const sort = route.get('sort') || '-at';
	const where = conditionOf(spec);
	const list = useList<Event>('/timeline', { where, sort }, changed.change);
	const { shown, picker } = useColumns('timeline', columns, ['at', 'what', 'about', 'text', 'who']);
	const one = open === null ? null : list.rows.find((e) => e.id === open) ?? null;
	useKeys([{ keys: 'Escape', text: 'Close what is open', run: () => route.go(route.here('/timeline')) }]);
	const to = one && aboutLink(one.about);
	return (
		<div class="page fill">
			<Header title="Timeline">
				<button type="button" class="btn" onClick={() => download('/timeline', csvName('timeline'), { where, sort, format: 'csv' }).catch(failed)}><Icon name="download" />CSV</button>
				<Views page="timeline" builtIn={[{ name: 'What people did', query: 'who=people' }, { name: 'Learned, muted, switched', query: 'what=learn,unlearn,deny,mute,unmute,mode' }, { name: 'Faults', query: 'what=fault' }]} />
				{picker}
			</Header>
			<div class={`split ${one ? 'two' : ''}`}>
				<div class="left">
					<Filters spec={spec} wrong={list.error?.status === 422 ? list.error.message : null} />
					<Grid label="Timeline" nouns="entries" list={list} columns={shown} id={(e) => e.id} open={open} sort={sort} onSort={(s) => route.set({ sort: s })} onOpen={(e) => route.go(route.here(`/timeline/${e.id}`), open !== null)} phone={(e) => <><span class="row"><Icon name={icons[e.what] ?? 'info'} /><b class="cut">{e.what} {e.about}</b></span><span class="dim small cut"><When at={e.at} near /> · {e.who} · {e.text}</span></>}
						empty={filtered(spec) ? <Empty icon="filter" title="No entry fits" act={<button type="button" class="btn" onClick={() => clearFilters(spec)}>Clear the filters</button>} /> : <Empty icon="timeline" title="Nothing yet">Everything the sensor and people do is written here.</Empty>} />
				</div>
				{one && (
					<section class="sheet" aria-label={`Entry ${one.id}`}>
						<header><div class="grow"><div class="dim small">Entry {one.id}</div><h2>{one.what}: {one.about}</h2></div><a class="btn plain icon-only" aria-label="Close details" href={route.here('/timeline')}><Icon name="close" /></a></header>
						<div class="inside">
							<p class="break">{one.text}</p>
							<Props of={[['When', <span class="break">{full(one.at).split('\n').map((l) => <div key={l}>{l}</div>)}</span>], ['Who', one.who], ['What', `${one.what}: ${words.find((w) => w.name === one.what)?.text ?? ''}`], ['About', to ? <a href={to}>{one.about}</a> : one.about]]} />
						</div>
					</section>
				)}
			</div>
		</div>
	);
}
