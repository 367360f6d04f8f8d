// Data mining: queries that come with the sensor, and one's own, over devices,
// conversations, alerts, the timeline and the baseline.
import { useEffect, useMemo, useState } from 'preact/hooks';
import * as route from '../lib/router';
import { download, items } from '../lib/api';
import { failed, sentence } from '../lib/act';
import { useList } from '../lib/hooks';
import { bytes, count } from '../lib/units';
import type { Conversation } from '../lib/types';
import { Card, Empty, Seg, When } from '../ui/basic';
import { Grid, type Column } from '../ui/grid';
import { Views } from '../ui/filters';
import { Icon } from '../ui/icons';
import { columns as alertColumns } from './alerts';
import { columns as deviceColumns } from './devices';
import { csvName, End, Header } from './common';
import { Operations } from './device';

interface Query { name?: string; id?: string; title?: string; noun: string; where: string; sort?: string; text?: string; description?: string }
const iso = (hours: number) => new Date(Date.now() - hours * 3600000).toISOString().replace(/\.\d+/, '');
const builtIn: Query[] = [
	{ title: 'Programming of controllers', noun: 'alerts', where: 'category in ("Programming", "Firmware change", "Restart and stop commands")', sort: '-last', description: 'Downloads, uploads, stops, starts, new firmware' },
	{ title: 'Internet', noun: 'alerts', where: 'category = "Internet access"', sort: '-last', description: 'Who spoke with the Internet although nobody said it may' },
	{ title: 'Remote access', noun: 'conversations', where: 'proto in (rdp, ssh, telnet)', sort: '-last', description: 'Remote desktops and shells' },
	{ title: 'Active in the last 24 hours', noun: 'devices', where: `last >= ${iso(24)}`, sort: '-last', description: 'Devices that sent something' },
	{ title: 'Quiet for seven days', noun: 'devices', where: `last < ${iso(168)}`, sort: 'last', description: 'Devices that were not heard of' },
	{ title: 'Refused requests', noun: 'conversations', where: 'errors > 0', sort: '-errors', description: 'Conversations in which a device said no' },
	{ title: 'On a port that is usual for something else', noun: 'conversations', where: 'odd_port', sort: '-last', description: 'A protocol where another is expected' },
	{ title: 'Malformed messages', noun: 'conversations', where: 'malformed > 0', sort: '-malformed', description: 'Messages that break the rules of their protocol' },
	{ title: 'Known domains', noun: 'names', where: 'kind = "domain"', description: 'Names in the Internet that are allowed' },
];
const nouns: [string, string][] = [['devices', 'Devices'], ['conversations', 'Conversations'], ['alerts', 'Alerts'], ['timeline', 'Timeline'], ['names', 'Names']];
const examples: Record<string, string> = { devices: 'role = plc and firmware ~ "V3*"', conversations: 'proto = modbus and bytes > 1000000', alerts: 'severity >= major and hour in 22..6', timeline: 'what = learn', names: 'kind = "domain"' };

export const conversationColumns: Column<Conversation>[] = [
	{ id: 'client', title: 'Client', width: 'minmax(10rem, 1fr)', sort: 'client', cell: (c) => <End name={c.client_name} at={c.client} device={c.client_device} /> },
	{ id: 'server', title: 'Server', width: 'minmax(10rem, 1fr)', sort: 'server', cell: (c) => <End name={c.server_name} at={c.server} device={c.server_device} /> },
	{ id: 'proto', title: 'Protocol', width: '8rem', sort: 'proto', cell: (c) => c.proto },
	{ id: 'port', title: 'Port', width: '7rem', sort: 'port', cell: (c) => (c.port ? `${c.via} ${c.port}` : c.via) },
	{ id: 'vlan', title: 'VLAN', width: '4.5rem', sort: 'vlan', num: true, cell: (c) => c.vlan ?? '–' },
	{ id: 'packets', title: 'Packets', width: '6rem', sort: 'packets', num: true, cell: (c) => count(c.packets) },
	{ id: 'bytes', title: 'Bytes', width: '6rem', sort: 'bytes', num: true, cell: (c) => bytes(c.bytes) },
	{ id: 'errors', title: 'Refused', width: '5rem', sort: 'errors', num: true, cell: (c) => count(c.errors ?? 0) },
	{ id: 'last', title: 'Last seen', width: '10.5rem', sort: 'last', cell: (c) => <When at={c.last} /> },
	{ id: 'operations', title: 'Operations', width: 'minmax(16rem, 2fr)', cell: (c) => Object.entries(c.operations ?? {}).sort((a, b) => b[1] - a[1]).slice(0, 4).map(([k, n]) => `${k} ${n}`).join(', ') },
];

type Row = Record<string, unknown>;
const columnsOf = (noun: string): Column<Row>[] => {
	if (noun === 'devices') return deviceColumns.slice(0, 12) as unknown as Column<Row>[];
	if (noun === 'alerts') return alertColumns.slice(0, 9) as unknown as Column<Row>[];
	if (noun === 'conversations') return conversationColumns as unknown as Column<Row>[];
	if (noun === 'timeline') return [
		{ id: 'at', title: 'When', width: '11rem', sort: 'at', cell: (r) => <When at={r.at as string} /> }, { id: 'who', title: 'Who', width: '9rem', sort: 'who', cell: (r) => String(r.who ?? '') }, { id: 'what', title: 'What', width: '8rem', sort: 'what', cell: (r) => String(r.what ?? '') }, { id: 'about', title: 'About', width: '9rem', cell: (r) => String(r.about ?? '') }, { id: 'text', title: 'Details', width: 'minmax(16rem, 3fr)', cell: (r) => String(r.text ?? '') },
	];
	return [{ id: 'kind', title: 'Kind', width: '7rem', cell: (r) => String(r.kind ?? '') }, { id: 'what', title: 'What', width: 'minmax(12rem, 1fr)', cell: (r) => String(r.what ?? '') }, { id: 'name', title: 'Name', width: 'minmax(12rem, 2fr)', cell: (r) => String(r.name ?? '') }];
};

export default function MiningPage() {
	const noun = route.get('noun');
	const where = route.get('where');
	const [queries, setQueries] = useState<Query[]>(builtIn);
	useEffect(() => {
		items<Query>('/queries').then((q) => q.length && setQueries([...q, ...builtIn.filter((b) => !q.some((x) => (x.title ?? x.name) === b.title))]), () => undefined);
	}, []);
	return (
		<div class={`page ${noun ? 'fill' : ''}`}>
			<Header title="Data mining"><Views page="mining" /></Header>
			<Form key={`${noun} ${where}`} noun={noun || 'devices'} where={where} />
			{noun ? <Results noun={noun} where={where} /> : (
				<div class="cards">{queries.map((q) => (
					<Card key={q.title ?? q.name} title={<a href={route.link('/mining', { noun: q.noun, where: q.where, sort: q.sort, title: q.title ?? q.name })}>{q.title ?? q.name}</a>}>
						<p class="dim">{q.description ?? q.text}</p><p class="small"><code class="break">{q.noun}: {q.where}</code></p>
					</Card>
				))}</div>
			)}
		</div>
	);
}

function Form({ noun: n, where: w }: { noun: string; where: string }) {
	const [noun, setNoun] = useState(n);
	const [where, setWhere] = useState(w);
	return (
		<form class="filters" onSubmit={(e) => {
			e.preventDefault();
			route.go(route.link('/mining', { noun, where: where.trim() }));
		}}>
			<Seg label="Of what" value={noun} options={nouns} set={setNoun} />
			<input class="grow mono" aria-label="Condition" spellcheck={false} style={{ minWidth: '14rem' }} placeholder={`for example:  ${examples[noun]}`} value={where} onInput={(e) => setWhere(e.currentTarget.value)} />
			<button class="btn main-act" type="submit"><Icon name="search" />Ask</button>
			{route.get('noun') && <a class="btn plain" href="/mining">All queries</a>}
		</form>
	);
}

function Results({ noun, where }: { noun: string; where: string }) {
	const sort = route.get('sort');
	const list = useList<Row>(`/${noun}`, { where: where || undefined, sort: sort || undefined });
	const columns = useMemo(() => columnsOf(noun), [noun]);
	const id = (r: Row) => (r.number ?? r.id ?? `${r.client} ${r.server} ${r.proto} ${r.port} ${r.vlan} ${r.via} ${r.what} ${r.session ?? ''}`) as string | number;
	const [open, setOpen] = useState<string | number | null>(null);
	const one = noun === 'conversations' && open !== null ? list.rows.find((r) => id(r) === open) : null;
	return (
		<div class={`split ${one ? 'two' : ''}`}>
			<div class="left">
				<div class="row"><h2 class="grow">{route.get('title') || 'Result'}</h2><button type="button" class="btn" onClick={() => download(`/${noun}`, csvName(noun), { where: where || undefined, sort: sort || undefined, format: 'csv' }).catch((e) => failed(sentence(e)))}><Icon name="download" />CSV</button></div>
				<Grid label="Result" list={list} columns={columns} id={id} open={open} sort={sort} onSort={(s) => route.set({ sort: s })} onOpen={(r) => {
					if (noun === 'devices') route.go(`/devices/${r.id}`);
					else if (noun === 'alerts') route.go(`/alerts/${r.number}`);
					else if (noun === 'timeline') route.go(`/timeline/${r.id}`);
					else setOpen(id(r));
				}} phone={(r) => <span class="break small">{columns.slice(0, 4).map((c) => <>{c.cell(r)} </>)}</span>} empty={<Empty icon="mining" title="Nothing fits">Among all {noun} none fulfils this.</Empty>} />
			</div>
			{one && (
				<section class="sheet" aria-label="Conversation">
					<header><h2 class="grow break">{String(one.client)} → {String(one.server)}</h2><button type="button" class="btn plain icon-only" aria-label="Close details" onClick={() => setOpen(null)}><Icon name="close" /></button></header>
					<div class="inside"><p>{String(one.proto)}{one.port ? ` on ${one.via} ${one.port}` : ''}: {bytes(one.bytes as number)} in {count(one.packets as number)} packets, first <When at={one.first as string} />, last <When at={one.last as string} />.</p><div><h3>Operations</h3><Operations c={one as unknown as Conversation} /></div></div>
				</section>
			)}
		</div>
	);
}
