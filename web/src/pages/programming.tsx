// Programming: who programmed which controller, when, which blocks; and
// whether that device may.
import { useMemo } from 'preact/hooks';
import * as route from '../lib/router';
import { download } from '../lib/api';
import { failed } from '../lib/act';
import { changed } from '../lib/events';
import { useList } from '../lib/hooks';
import { count } from '../lib/units';
import { Badge, Empty, Props, When } from '../ui/basic';
import { Grid, type Column } from '../ui/grid';
import { Icon } from '../ui/icons';
import { csvName, End, Header } from './common';

interface Done { id?: number; alert?: number; at?: string; first?: string; last?: string; client?: string; client_name?: string; client_device?: number; server?: string; server_name?: string; server_device?: number; source?: string; source_name?: string; source_device?: number; destination?: string; destination_name?: string; destination_device?: number; proto?: string; protocol?: string; operation?: string; op_name?: string; object?: string; text?: string; title?: string; risk?: string; count?: number; may?: boolean; authorized?: boolean; user?: string }
const when = (d: Done) => d.at ?? d.last;
const by = (d: Done) => <End name={d.client_name ?? d.source_name} at={d.client ?? d.source} device={d.client_device ?? d.source_device} />;
const on = (d: Done) => <End name={d.server_name ?? d.destination_name} at={d.server ?? d.destination} device={d.server_device ?? d.destination_device} />;
const may = (d: Done) => d.may ?? d.authorized;
const columns: Column<Done>[] = [
	{ id: 'at', title: 'When', width: '11rem', always: true, cell: (d) => <When at={when(d)} /> },
	{ id: 'server', title: 'Controller', width: 'minmax(10rem, 1fr)', cell: on },
	{ id: 'client', title: 'Programmed by', width: 'minmax(10rem, 1fr)', cell: by },
	{ id: 'what', title: 'What', width: 'minmax(12rem, 2fr)', cell: (d) => <span title={d.text}>{[d.operation ?? d.op_name, d.object].filter(Boolean).join(': ') || d.text || d.title}</span> },
	{ id: 'risk', title: 'Changes', width: '8rem', cell: (d) => (d.risk ? <Badge kind="major">{d.risk}</Badge> : '–') },
	{ id: 'proto', title: 'Protocol', width: '8rem', cell: (d) => d.proto ?? d.protocol ?? '–' },
	{ id: 'count', title: 'Times', width: '5rem', num: true, cell: (d) => count(d.count ?? 1) },
	{ id: 'may', title: 'May it?', width: '9rem', cell: (d) => (may(d) == null ? '–' : may(d) ? <Badge kind="good">may program</Badge> : <Badge kind="minor">not said so</Badge>) },
];

export default function ProgrammingPage() {
	const device = route.get('device');
	const list = useList<Done>('/programming', { where: device ? `client = ${device} or server = ${device}` : undefined, sort: undefined }, changed.alert);
	const keyed = useMemo(() => new Map(list.rows.map((r, i) => [r, String(r.id ?? `${i}`)])), [list.rows]);
	const open = route.get('entry') || null;
	const one = open ? list.rows.find((r) => keyed.get(r) === open) : null;
	return (
		<div class="page fill">
			<Header title="Programming" more="who changed which controller">
				{device && <a class="btn plain" href="/programming">All devices</a>}
				<button type="button" class="btn" onClick={() => download('/programming', csvName('programming'), { format: 'csv' }).catch(failed)}><Icon name="download" />CSV</button>
			</Header>
			<div class={`split ${one ? 'two' : ''}`}>
				<div class="left">
					<Grid label="Programming" nouns="entries" list={list} columns={columns} id={(d) => keyed.get(d) ?? ''} open={open} onOpen={(d) => route.set({ entry: keyed.get(d) })} phone={(d) => <><span class="row"><Icon name="programming" /><b class="cut">{d.operation ?? d.op_name ?? d.title ?? d.text}</b></span><span class="dim small cut">{d.client ?? d.source} → {d.server ?? d.destination} · <When at={when(d)} near /></span></>} empty={<Empty icon="programming" title="Nobody programmed a controller">Downloads, uploads, changes of mode and new firmware show here, with blocks and names where the protocol tells them.</Empty>} />
				</div>
				{one && (
					<section class="sheet" aria-label="Entry">
						<header><h2 class="grow break">{one.title ?? one.operation ?? one.op_name ?? 'Programming'}</h2><button type="button" class="btn plain icon-only" aria-label="Close details" onClick={() => route.set({ entry: null })}><Icon name="close" /></button></header>
						<div class="inside">
							{one.text && <p class="break">{one.text}</p>}
							<Props of={[['Controller', on(one)], ['Programmed by', by(one)], ['When', <When at={when(one)} />], ['First', one.first && <When at={one.first} />], ['Operation', one.operation ?? one.op_name], ['Object', one.object], ['User', one.user], ['Protocol', one.proto ?? one.protocol], ['Times', count(one.count ?? 1)], ['Alert', one.alert && <a href={`/alerts/${one.alert}`}>Alert {one.alert}</a>]]} />
						</div>
					</section>
				)}
			</div>
		</div>
	);
}
