// What the sensor sees now: mode, mirror, alerts, traffic, protocols, ports.
import * as route from '../lib/router';
import { changed } from '../lib/events';
import { points, worst } from '../lib/live';
import { useList, useRead } from '../lib/hooks';
import { bytes, count, many } from '../lib/units';
import type { Alert, Device, Finding, Mode, Overview, Page } from '../lib/types';
import { Badge, Bars, Card, Empty, Ready, Say, Scroll, Sev, severities, When } from '../ui/basic';
import { End, Header } from './common';
import { TrafficCard } from './traffic';

export default function OverviewPage() {
	const over = useRead<Overview>('/overview', changed.alert);
	return (
		<div class="page">
			<Header title="Overview" more={over.data && <>{over.data.sensor.name} · version {over.data.sensor.version}</>} />
			<Ready of={over} lines={10}>{(o) => <Inside o={o} />}</Ready>
		</div>
	);
}

function Inside({ o }: { o: Overview }) {
	const worst = useList<Alert>('/alerts', { where: 'status != closed', sort: '-severity,-last' }, changed.alert);
	const nothing = (o.counts?.devices ?? 0) === 0 && worst.total === 0 && o.protocols.length === 0;
	return (
		<>
			{o.messages.map((m, i) => <Say key={i} kind={m.severity}>{m.text}</Say>)}
			{nothing && <Say>Nothing was seen yet. Connect a mirror port (<a href="/mirror/plan">how</a>) or <a href="/captures">play back a capture</a>; devices appear here within seconds.</Say>}
			<div class="cards four">
				<ModeCard mode={o.mode} />
				<MirrorCard mirror={o.mirror} />
				<Card title="Open alerts" act={<a href="/alerts?status=new,active">All alerts</a>}>
					<div class="figures">
						{severities.map((s) => <a key={s} class="figure" href={`/alerts?status=new,active&severity=${s}`}><b>{count(o.alerts[s] ?? 0)}</b><Sev of={s} /></a>)}
					</div>
				</Card>
				<DevicesCard o={o} />
			</div>
			<div class="cards four">
				<TrafficCard />
				<Card title="Industrial protocols" act={<a href="/trends">Trends</a>}>
					<Bars empty="None was seen yet." of={o.protocols.filter((p) => p.industrial !== false).slice(0, 6).map((p) => ({ name: p.name, value: p.devices, text: many(p.devices, 'device'), title: `${p.name}: ${bytes(p.bytes)}`, href: route.link('/devices', { protocol: p.name }) }))} />
				</Card>
				<Card title="Traffic by port">
					<Bars of={o.ports.slice(0, 6).map((p) => ({ name: `${p.via} ${p.port}${p.name ? ` ${p.name}` : ''}`, value: p.bytes, text: bytes(p.bytes), href: route.link('/mining', { noun: 'conversations', where: `port = ${p.port}` }) }))} />
				</Card>
			</div>
			<Card title="The worst open alerts" act={<a href="/alerts?status=new,active&sort=-severity,-last">All of them</a>}>
				{worst.rows.length === 0 && !worst.loading ? <Empty icon="good" title="No open alerts">New ones show here by themselves.</Empty> : (
					<Scroll><table class="plain">
						<thead><tr><th>Severity</th><th>What</th><th>Source</th><th>Destination</th><th>Last seen</th></tr></thead>
						<tbody>{worst.rows.slice(0, 8).map((a) => (
							<tr key={a.number}><td><Sev of={a.severity} /></td><td><a href={`/alerts/${a.number}`}>{a.title}</a></td><td class="nowrap"><End name={a.source_name} at={a.source} device={a.source_device} /></td><td class="nowrap"><End name={a.destination_name} at={a.destination} device={a.destination_device} /></td><td class="nowrap"><When at={a.last} /></td></tr>
						))}</tbody>
					</table></Scroll>
				)}
			</Card>
		</>
	);
}

const alerts = (state: string) => state === 'operational';

function ModeCard({ mode }: { mode: Mode }) {
	const all = mode.scenarios ?? [];
	const alerting = all.filter((s) => alerts(s.state)).length;
	const ready = all.filter((s) => s.ready).length;
	const says: Record<string, string> = {
		learning: 'Everything seen counts as normal. Only what no baseline can justify alerts.',
		dynamic: 'Each scenario begins to alert when what it learned is accurate enough.',
		operational: 'What is not normal alerts.',
	};
	return (
		<Card title="Mode" act={<a href="/baseline">Baseline</a>}>
			<div class="stack-s">
				<div class="row"><b>{mode.mode[0]?.toUpperCase() + mode.mode.slice(1)}</b>{mode.since && <span class="dim small">since <When at={mode.since} /></span>}</div>
				<p class="dim small">{says[mode.mode]}</p>
				{all.length > 0 && (
					<>
						<div class="steps" role="img" aria-label={`${mode.mode === 'learning' ? ready : alerting} of ${all.length} scenarios`}>{all.map((s, i) => <span key={s.name} class={i < (mode.mode === 'learning' ? ready : alerting) ? 'done' : ''} />)}</div>
						<span class="small">{mode.mode === 'learning' ? `${ready} of ${all.length} scenarios are accurate enough to alert` : `${alerting} of ${all.length} scenarios alert`}</span>
					</>
				)}
			</div>
		</Card>
	);
}

export const verdictKind = (v: string): string => ({ good: 'good', note: 'note', warning: 'minor', bad: 'critical' })[v] ?? 'minor';
// Findings of the mirror are graded note, warning, bad.
export const grade = (s: string): string => ({ bad: 'critical', warning: 'minor', note: 'warning' })[s] ?? s;

function MirrorCard({ mirror: told }: { mirror: Overview['mirror'] }) {
	const list = points(told);
	const verdict = list.length ? worst(list) : (told as { verdict?: string } | null)?.verdict ?? '';
	const findings = list.length ? list.flatMap((p) => p.findings ?? []) : (told as { findings?: Finding[] } | null)?.findings ?? [];
	if (!verdict) return <Card title="Mirror" act={<a href="/mirror">Details</a>}><p class="dim small">No sensor listens on a port; what is shown comes from captures. <a href="/mirror/plan">Plan a mirror</a></p></Card>;
	return (
		<Card title="Mirror" act={<a href="/mirror">Details</a>}>
			<div class="stack-s">
				<div><Badge kind={verdictKind(verdict)}>{verdict}</Badge></div>
				{findings.length === 0 ? <p class="dim small">The copies of the traffic look whole.</p> : <ul class="stack-s">{findings.slice(0, 3).map((f, i) => <li key={i} class="small row"><Sev of={grade(f.severity)} short />{f.text}</li>)}</ul>}
				{findings.length > 3 && <a class="small" href="/mirror">{findings.length - 3} more</a>}
			</div>
		</Card>
	);
}

function DevicesCard({ o }: { o: Overview }) {
	const q = (where?: string) => ({ where, limit: 1, fields: 'id' });
	const ot = useRead<Page<Device>>('/devices', changed.device, q('ot'));
	return (
		<Card title="Devices" act={<a href="/devices">All devices</a>}>
			<div class="figures">
				<a class="figure" href="/devices"><b>{count(o.counts?.devices)}</b><span>devices</span></a>
				<a class="figure" href="/devices?flag=industrial"><b>{count(ot.data?.total)}</b><span>industrial</span></a>
				<a class="figure" href="/devices?flag=unauthorised"><b>{count(o.counts?.unauthorized)}</b><span>not authorised</span></a>
			</div>
		</Card>
	);
}
