// Reports: risk, attack vectors, inventory, alerts. They print well.
import { useEffect, useState } from 'preact/hooks';
import * as route from '../lib/router';
import { ApiError, download, read } from '../lib/api';
import { failed } from '../lib/act';
import { count, many } from '../lib/units';
import { full } from '../lib/time';
import type { Alert, Device, Page, Severity } from '../lib/types';
import { Bars, Card, Empty, Ready, Scroll, Sev, severities, Tabs, When } from '../ui/basic';
import { Icon } from '../ui/icons';
import { csvName, ends, Header, label, orderOf, roleText } from './common';
import { Risk, Vectors } from './reports_risk';

const kinds: [string, string][] = [['risk', 'Risk'], ['attack-vectors', 'Attack vectors'], ['inventory', 'Inventory'], ['alerts', 'Alerts']];

export default function ReportsPage({ rest }: { rest: string[] }) {
	const kind = kinds.some(([k]) => k === rest[0]) ? rest[0] : 'risk';
	const title = kinds.find(([k]) => k === kind)![1];
	return (
		<div class="page">
			<Header title={`Report: ${title.toLowerCase()}`} more={full(new Date().toISOString()).split('\n')[0]}>
				{(kind === 'inventory' || kind === 'alerts') && <button type="button" class="btn noprint" onClick={() => download(kind === 'alerts' ? '/alerts' : '/devices', csvName(kind), { format: 'csv' }).catch(failed)}><Icon name="download" />CSV</button>}
				<button type="button" class="btn noprint" onClick={() => print()}><Icon name="print" />Print</button>
			</Header>
			<div class="noprint"><Tabs label="Reports" value={kind} set={(k) => route.go(`/reports/${k}`)} options={kinds} /></div>
			{kind === 'risk' ? <Risk /> : kind === 'attack-vectors' ? <Vectors /> : kind === 'inventory' ? <Inventory /> : <Alerts />}
		</div>
	);
}

// A list whole, page by page; a report is of everything.
function useAll<T>(to: string, where?: string): { data: T[] | null; error: ApiError | null; loading: boolean; reload: () => void } {
	const [data, setData] = useState<T[] | null>(null);
	const [error, setError] = useState<ApiError | null>(null);
	const [turn, setTurn] = useState(0);
	useEffect(() => {
		const stop = new AbortController();
		const load = async () => {
			const all: T[] = [];
			let cursor: string | null = null;
			do {
				const page: Page<T> = await read(to, { signal: stop.signal, query: { where, limit: 1000, cursor } });
				all.push(...page.items);
				cursor = page.next;
			} while (cursor && all.length < 20000);
			setData(all);
		};
		load().catch((e) => !stop.signal.aborted && setError(e instanceof ApiError ? e : new ApiError(0, 'console', String(e))));
		return () => stop.abort();
	}, [to, where, turn]);
	return { data, error, loading: data === null, reload: () => {
		setError(null);
		setTurn(turn + 1);
	} };
}

function Inventory() {
	const r = useAll<Device>('/devices');
	return (
		<Ready of={r} lines={12}>{(all) => {
			const by = (key: (d: Device) => string) => [...all.reduce((m, d) => m.set(key(d), (m.get(key(d)) ?? 0) + 1), new Map<string, number>())].sort((a, b) => b[1] - a[1]);
			if (all.length === 0) return <Empty icon="devices" title="No devices yet" />;
			return (
				<>
					<div class="cards"><Card title="By role"><Bars of={by((d) => roleText(d.role)).slice(0, 10).map(([n, v]) => ({ name: n, value: v, text: count(v) }))} /></Card><Card title="By vendor"><Bars of={by((d) => d.vendor || 'not known').slice(0, 10).map(([n, v]) => ({ name: n, value: v, text: count(v) }))} /></Card></div>
					<Card title={many(all.length, 'device')}><Scroll><table class="plain"><thead><tr><th>Name</th><th>Addresses</th><th>Role</th><th>Vendor, model</th><th>Firmware</th><th>Serial</th><th>Authorised</th><th>Last seen</th></tr></thead><tbody>{all.map((d) => <tr key={d.id}><td class="break"><a href={`/devices/${d.id}`}>{label(d)}</a></td><td class="mono small">{ends(d).map((e) => e.ip ?? e.mac).join(' ')}</td><td>{roleText(d.role)}</td><td>{[d.vendor, d.model || orderOf(d)].filter(Boolean).join(' ')}</td><td>{d.firmware}</td><td>{d.serial}</td><td>{d.authorized ? 'yes' : 'no'}</td><td class="nowrap"><When at={d.last} /></td></tr>)}</tbody></table></Scroll></Card>
				</>
			);
		}}</Ready>
	);
}

function Alerts() {
	const closed = route.get('closed') === '1';
	const r = useAll<Alert>('/alerts', closed ? undefined : 'status != closed');
	return (
		<Ready of={r} lines={12}>{(all) => {
			if (all.length === 0) return <Empty icon="good" title="No alerts" />;
			const n = (s: Severity) => all.filter((a) => a.severity === s).length;
			return (
				<>
					<Card title={closed ? 'In all' : 'Open'} act={<button type="button" class="btn small noprint" onClick={() => route.set({ closed: closed ? null : '1' })}>{closed ? 'Only open ones' : 'Closed ones, too'}</button>}><div class="figures">{severities.map((s) => <div key={s} class="figure"><b>{count(n(s))}</b><Sev of={s} /></div>)}</div></Card>
					<Card title={many(all.length, 'alert')}><Scroll><table class="plain"><thead><tr><th>No</th><th>Severity</th><th>What</th><th>Source</th><th>Destination</th><th>Status</th><th class="num">Times</th><th>Last</th></tr></thead><tbody>{all.map((a) => <tr key={a.number}><td>{a.number}</td><td><Sev of={a.severity} /></td><td class="break"><a href={`/alerts/${a.number}`}>{a.title}</a><div class="dim small">{a.explanation ?? a.text}</div></td><td>{a.source}</td><td>{a.destination}</td><td>{a.status}</td><td class="num">{count(a.count)}</td><td class="nowrap"><When at={a.last} /></td></tr>)}</tbody></table></Scroll></Card>
				</>
			);
		}}</Ready>
	);
}
