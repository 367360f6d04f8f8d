// Reports: risk, attack vectors, inventory, alerts. They print well.
import { useState } from 'preact/hooks';
import * as route from '../lib/router';
import { download } from '../lib/api';
import { failed } from '../lib/act';
import { useRead } from '../lib/hooks';
import { count, many } from '../lib/units';
import { full } from '../lib/time';
import type { Alert, Device, Severity } from '../lib/types';
import { Badge, Bars, Card, Empty, Ready, Scroll, Sev, severities, Tabs, When } from '../ui/basic';
import { Icon } from '../ui/icons';
import { csvName, End, Header, label, orderOf, roleText, words } from './common';

const kinds: [string, string][] = [['risk', 'Risk'], ['attack-vectors', 'Attack vectors'], ['inventory', 'Inventory'], ['alerts', 'Alerts']];

export default function ReportsPage({ rest }: { rest: string[] }) {
	const kind = kinds.some(([k]) => k === rest[0]) ? rest[0] : 'risk';
	const title = kinds.find(([k]) => k === kind)![1];
	return (
		<div class="page">
			<Header title={`Report: ${title.toLowerCase()}`} more={full(new Date().toISOString()).split('\n')[0]}>
				<button type="button" class="btn noprint" onClick={() => download(`/reports/${kind}`, csvName(kind), { format: 'csv' }).catch(failed)}><Icon name="download" />CSV</button>
				<button type="button" class="btn noprint" onClick={() => print()}><Icon name="print" />Print</button>
			</Header>
			<div class="noprint"><Tabs label="Reports" value={kind} set={(k) => route.go(`/reports/${k}`)} options={kinds} /></div>
			{kind === 'risk' ? <Risk /> : kind === 'attack-vectors' ? <Vectors /> : kind === 'inventory' ? <Inventory /> : <Alerts />}
		</div>
	);
}

interface Reason { text: string; reason?: string; points?: number; severity?: string; count?: number }
interface RiskDevice { id: number; name?: string; address?: string; addresses?: string; role?: string; score: number; reasons?: (string | Reason)[] }
interface Step { text: string; title?: string; gain: number; devices?: (number | RiskDevice)[]; count?: number; link?: string }
interface RiskReport { score: number; verdict?: string; devices: RiskDevice[]; reasons?: (string | Reason)[]; steps?: Step[]; sections?: { title: string; text?: string; rows?: Record<string, unknown>[] }[]; text?: string }
const grade = (n: number): [string, string] => (n >= 90 ? ['good', 'secure'] : n >= 70 ? ['minor', 'needs improvement'] : ['critical', 'vulnerable']);
const reasonText = (r: string | Reason): string => (typeof r === 'string' ? r : `${r.text ?? r.reason}${r.points ? ` (−${r.points})` : ''}`);

function Risk() {
	const r = useRead<RiskReport>('/reports/risk');
	const [all, setAll] = useState(false);
	return (
		<Ready of={r} lines={12}>{(x) => {
			const [kind, verdict] = grade(x.score);
			const worst = [...(x.devices ?? [])].sort((a, b) => a.score - b.score);
			const bands = [['secure', worst.filter((d) => d.score >= 90).length], ['needs improvement', worst.filter((d) => d.score >= 70 && d.score < 90).length], ['vulnerable', worst.filter((d) => d.score < 70).length]] as [string, number][];
			return (
				<>
					<div class="cards">
						<Card title="In all"><div class="figures"><div class="figure"><b>{Math.round(x.score)} of 100</b><Badge kind={kind}>{x.verdict ?? verdict}</Badge></div></div><p class="dim small">The mean of all devices; important ones weigh more, unauthorised ones less than nothing.</p></Card>
						<Card title="Devices"><Bars of={bands.map(([n, v]) => ({ name: n, value: v, text: count(v) }))} /></Card>
						{(x.reasons ?? []).length > 0 && <Card title="Why"><ul class="stack-s">{x.reasons!.map((t, i) => <li key={i}>{reasonText(t)}</li>)}</ul></Card>}
					</div>
					{(x.steps ?? []).length > 0 && <Card title="What each step would gain"><table class="plain"><thead><tr><th>Step</th><th class="num">Devices</th><th class="num">Gain</th></tr></thead><tbody>{x.steps!.map((s, i) => <tr key={i}><td class="break">{s.link ? <a href={s.link}>{s.title ?? s.text}</a> : s.title ?? s.text}{s.title && s.text !== s.title && <div class="dim small">{s.text}</div>}</td><td class="num">{count(s.count ?? s.devices?.length)}</td><td class="num nowrap">+{s.gain.toFixed(1)}</td></tr>)}</tbody></table></Card>}
					{(x.sections ?? []).map((s, i) => <Card key={i} title={s.title}><p>{s.text}</p>{s.rows && <Rows of={s.rows} />}</Card>)}
					<Card title="Device by device, the worst first">
						{worst.length === 0 ? <Empty icon="good" title="No devices yet" /> : <Scroll><table class="plain"><thead><tr><th>Device</th><th>Role</th><th class="num">Score</th><th>Why</th></tr></thead><tbody>{(all ? worst : worst.slice(0, 50)).map((d) => <tr key={d.id}><td><a href={`/devices/${d.id}`}>{d.name || d.address || words(d.addresses)[0] || `device ${d.id}`}</a>{d.name && <div class="dim small">{d.address ?? words(d.addresses)[0]}</div>}</td><td>{roleText(d.role)}</td><td class="num"><Badge kind={grade(d.score)[0]}>{Math.round(d.score)}</Badge></td><td>{(d.reasons ?? []).length === 0 ? <span class="dim">nothing against it</span> : (d.reasons ?? []).map((t, i) => <div key={i}>{reasonText(t)}</div>)}</td></tr>)}</tbody></table></Scroll>}
						{worst.length > 50 && !all && <button type="button" class="btn noprint" onClick={() => setAll(true)}>All {count(worst.length)}</button>}
					</Card>
				</>
			);
		}}</Ready>
	);
}

function Rows({ of }: { of: Record<string, unknown>[] }) {
	if (of.length === 0) return <p class="dim">None.</p>;
	const keys = Object.keys(of[0]);
	return <Scroll><table class="plain"><thead><tr>{keys.map((k) => <th key={k}>{k.replace(/_/g, ' ')}</th>)}</tr></thead><tbody>{of.map((r, i) => <tr key={i}>{keys.map((k) => <td key={k} class="break">{Array.isArray(r[k]) ? (r[k] as unknown[]).join(', ') : String(r[k] ?? '–')}</td>)}</tr>)}</tbody></table></Scroll>;
}

interface Hop { device?: number; id?: number; name?: string; address?: string; how?: string; by?: string; proto?: string; text?: string; possible?: boolean; observed?: boolean }
interface Vector { source?: Hop; target?: Hop; hops?: Hop[]; path?: Hop[]; risk?: number; score?: number; text?: string; observed?: boolean }
function Vectors() {
	const v = useRead<{ items?: Vector[]; vectors?: Vector[]; text?: string; sources?: number; targets?: number } | Vector[]>('/reports/attack-vectors');
	return (
		<Ready of={v} lines={10}>{(x) => {
			const all = Array.isArray(x) ? x : x.items ?? x.vectors ?? [];
			return (
				<>
					<p class="lead">From likely sources (not authorised, seen with the Internet, with alerts) to likely targets (marked important, else controllers), over connections that were seen, and such as the networks allow.</p>
					{all.length === 0 ? <Empty icon="good" title="No way was found" act={<a class="btn" href="/devices?role=plc,controller,rtu,ied">Mark controllers as important</a>}>Either nothing leads from a likely source to a likely target, or no device is marked important.</Empty> : (
						<Card title={many(all.length, 'way', 'ways')}><ol class="stack">{all.map((w, i) => {
							const hops = w.hops ?? w.path ?? [w.source, w.target].filter((h): h is Hop => !!h);
							const risk = w.risk ?? w.score;
							return <li key={i} class="stack-s"><div class="row">{risk != null && <Badge kind={risk >= 70 ? 'critical' : risk >= 40 ? 'major' : 'minor'}>{Math.round(risk)}</Badge>}<span class="grow">{w.text}</span></div><div class="flow">{hops.map((h, j) => <>{j > 0 && <span class="row small dim"><Icon name="right" label="then" />{h.how ?? h.by ?? h.proto}{(h.possible || h.observed === false) && <Badge kind="outline">possible</Badge>}</span>}<span class="hop" key={j}><End name={h.name} at={h.address} device={h.device ?? h.id} /></span></>)}</div></li>;
						})}</ol></Card>
					)}
				</>
			);
		}}</Ready>
	);
}

function Inventory() {
	const r = useRead<{ items?: Device[]; devices?: Device[]; text?: string } | Device[]>('/reports/inventory', undefined, { limit: 1000 });
	return (
		<Ready of={r} lines={12}>{(x) => {
			const all = Array.isArray(x) ? x : x.items ?? x.devices ?? [];
			const by = (key: (d: Device) => string) => [...all.reduce((m, d) => m.set(key(d), (m.get(key(d)) ?? 0) + 1), new Map<string, number>())].sort((a, b) => b[1] - a[1]);
			if (all.length === 0) return <Empty icon="devices" title="No devices yet" />;
			return (
				<>
					<div class="cards"><Card title="By role"><Bars of={by((d) => roleText(d.role)).slice(0, 10).map(([n, v]) => ({ name: n, value: v, text: count(v) }))} /></Card><Card title="By vendor"><Bars of={by((d) => d.vendor || 'not known').slice(0, 10).map(([n, v]) => ({ name: n, value: v, text: count(v) }))} /></Card></div>
					<Card title={many(all.length, 'device')}><Scroll><table class="plain"><thead><tr><th>Name</th><th>Addresses</th><th>Role</th><th>Vendor, model</th><th>Firmware</th><th>Serial</th><th>Authorised</th><th>Last seen</th></tr></thead><tbody>{all.map((d) => <tr key={d.id}><td class="break"><a href={`/devices/${d.id}`}>{label(d)}</a></td><td class="mono small">{Array.isArray(d.addresses) ? d.addresses.map((a) => a.ip ?? a.mac).join(' ') : d.addresses}</td><td>{roleText(d.role)}</td><td>{[d.vendor, d.model || orderOf(d)].filter(Boolean).join(' ')}</td><td>{d.firmware}</td><td>{d.serial}</td><td>{d.authorized ? 'yes' : 'no'}</td><td class="nowrap"><When at={d.last} /></td></tr>)}</tbody></table></Scroll></Card>
				</>
			);
		}}</Ready>
	);
}

function Alerts() {
	const r = useRead<{ items?: Alert[]; alerts?: Alert[]; text?: string } | Alert[]>('/reports/alerts', undefined, { limit: 1000 });
	return (
		<Ready of={r} lines={12}>{(x) => {
			const all = Array.isArray(x) ? x : x.items ?? x.alerts ?? [];
			if (all.length === 0) return <Empty icon="good" title="No alerts" />;
			const n = (s: Severity) => all.filter((a) => a.severity === s).length;
			return (
				<>
					<Card title="In all"><div class="figures">{severities.map((s) => <div key={s} class="figure"><b>{count(n(s))}</b><Sev of={s} /></div>)}</div></Card>
					<Card title={many(all.length, 'alert')}><Scroll><table class="plain"><thead><tr><th>No</th><th>Severity</th><th>What</th><th>Source</th><th>Destination</th><th>Status</th><th class="num">Times</th><th>Last</th></tr></thead><tbody>{all.map((a) => <tr key={a.number}><td>{a.number}</td><td><Sev of={a.severity} /></td><td class="break"><a href={`/alerts/${a.number}`}>{a.title}</a><div class="dim small">{a.explanation ?? a.text}</div></td><td>{a.source}</td><td>{a.destination}</td><td>{a.status}</td><td class="num">{count(a.count)}</td><td class="nowrap"><When at={a.last} /></td></tr>)}</tbody></table></Scroll></Card>
				</>
			);
		}}</Ready>
	);
}
