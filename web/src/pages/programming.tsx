// Programming: who programmed which controller, when, which blocks; and
// whether that device may.
import { useMemo } from 'preact/hooks';
import * as route from '../lib/router';
import { download } from '../lib/api';
import { failed } from '../lib/act';
import { changed } from '../lib/events';
import { useList } from '../lib/hooks';
import { count } from '../lib/units';
import { all, oneOf, search } from '../lib/where';
import { Badge, Empty, Props, When } from '../ui/basic';
import { Grid, type Column } from '../ui/grid';
import { Icon } from '../ui/icons';
import { csvName, End, Header } from './common';

interface Done { id: number; client: string; client_name?: string | null; client_device?: number | null; server: string; server_name?: string | null; server_device?: number | null; proto: string; operation: string; risk: string; count: number; may: boolean; first: string; last: string; text?: string; alert?: number }
const when = (d: Done) => d.last;
const by = (d: Done) => <End name={d.client_name} at={d.client} device={d.client_device} />;
const on = (d: Done) => <End name={d.server_name} at={d.server} device={d.server_device} />;
const columns: Column<Done>[] = [
	{ id: 'at', sort: 'last', title: 'When', width: '11rem', always: true, cell: (d) => <When at={when(d)} /> },
	{ id: 'server', sort: 'server_name', title: 'Controller', width: 'minmax(10rem, 1fr)', cell: on },
	{ id: 'client', sort: 'client_name', title: 'Programmed by', width: 'minmax(10rem, 1fr)', cell: by },
	{ id: 'what', sort: 'operation', title: 'What', width: 'minmax(12rem, 2fr)', cell: (d) => d.operation },
	{ id: 'risk', sort: 'risk', title: 'Changes', width: '8rem', cell: (d) => (d.risk ? <Badge kind="major">{d.risk}</Badge> : '–') },
	{ id: 'proto', sort: 'proto', title: 'Protocol', width: '8rem', cell: (d) => d.proto },
	{ id: 'count', sort: 'count', title: 'Times', width: '5rem', num: true, cell: (d) => count(d.count) },
	{ id: 'may', title: 'May it?', width: '9rem', cell: (d) => (d.may ? <Badge kind="good">may program</Badge> : <Badge kind="minor">not said so</Badge>) },
];

export default function ProgrammingPage() {
	const q = route.get('q');
	const risk = route.get('risk');
	const sort = route.get('sort') || '-last';
	const where = useMemo(() => all([risk && oneOf('risk', [risk]), search(q, ['client_name', 'server_name', 'proto', 'operation'], 'either')]) || undefined, [q, risk]);
	const list = useList<Done>('/programming', { where, sort }, changed.alert);
	const open = route.get('entry') ? Number(route.get('entry')) : null;
	const one = open !== null ? list.rows.find((r) => r.id === open) : null;
	const risks = ['program', 'firmware', 'mode', 'configuration', 'security', 'reset', 'force'];
	return (
		<div class="page fill">
			<Header title="Programming" more="who changed which controller">
				<button type="button" class="btn" onClick={() => download('/programming', csvName('programming'), { where, sort, format: 'csv' }).catch(failed)}><Icon name="download" />CSV</button>
			</Header>
			<div class={`split ${one ? 'two' : ''}`}>
				<div class="left">
					<div class="filters" role="search">
						<div class="find"><Icon name="search" /><input type="search" aria-label="Search" placeholder="Device, protocol, operation  ( / )" value={route.get('q')} onInput={(e) => route.set({ q: e.currentTarget.value })} /></div>
						<select aria-label="What it changes" value={risk} onChange={(e) => route.set({ risk: e.currentTarget.value })}><option value="">All changes</option>{risks.map((r) => <option key={r}>{r}</option>)}</select>
					</div>
					<Grid label="Programming" nouns="entries" list={list} columns={columns} id={(d) => d.id} open={open} sort={sort} onSort={(s) => route.set({ sort: s })} onOpen={(d) => route.set({ entry: String(d.id) })} phone={(d) => <><span class="row"><Icon name="programming" /><b class="cut">{d.operation}</b></span><span class="dim small cut">{d.client_name ?? d.client} → {d.server_name ?? d.server} · <When at={when(d)} near /></span></>} empty={where ? <Empty icon="filter" title="No entry fits">Search for something else.</Empty> : <Empty icon="programming" title="Nobody programmed a controller">Downloads, uploads, changes of mode and new firmware show here, with blocks and names where the protocol tells them.</Empty>} />
				</div>
				{one && (
					<section class="sheet" aria-label="Entry">
						<header><h2 class="grow break">{one.proto}: {one.operation}</h2><button type="button" class="btn plain icon-only" aria-label="Close details" onClick={() => route.set({ entry: null })}><Icon name="close" /></button></header>
						<div class="inside">
							{one.text && <p class="break">{one.text}</p>}
							<Props of={[['Controller', on(one)], ['Programmed by', by(one)], ['Changes', one.risk], ['Times', count(one.count)], ['Conversation began', <When at={one.first} />], ['Last seen', <When at={one.last} />], ['May program', one.may ? 'yes: it is marked so' : 'nobody said so']]} />
							<div class="row wrap"><a class="btn" href={route.link('/alerts', { where: `source = ${one.client} and destination = ${one.server}` })}><Icon name="alerts" />Alerts of these two</a><a class="btn" href={route.link('/baseline/keys', { entity: one.client, scenario: 'engineering' })}><Icon name="baseline" />What is normal for it</a></div>
						</div>
					</section>
				)}
			</div>
		</div>
	);
}
