// Two reports that the sensor counts: risk, and ways of attack.
import { useState } from 'preact/hooks';
import { download, save } from '../lib/api';
import { failed } from '../lib/act';
import { useRead } from '../lib/hooks';
import type { Page, Way } from '../lib/types';
import { count, many } from '../lib/units';
import { Badge, Bars, Card, Empty, Ready, Scroll } from '../ui/basic';
import { Icon } from '../ui/icons';
import { csvName, roleText } from './common';

interface Report {
	score: number; verdict: string; steps: { id: string; title: string; text: string; gain: number; count: number }[];
	devices: { id: number; name: string; addresses: string | null; role: string; important: boolean; score: number; reasons: { id: string; text: string; detail: string; points: number }[] }[];
}

// Where a step begins, by the sensor's name of the rule.
const links: Record<string, string> = {
	malware: '/alerts?status=new,active&engine=malware', 'grave-alerts': '/alerts?status=new,active&severity=critical,major', unauthorized: '/devices?flag=unauthorised', internet: '/map?lit=Internet:speaks with the Internet',
	smb1: '/mining?noun=conversations&where=proto = smb', 'cleartext-remote': '/mining?noun=conversations&where=proto in (telnet, ftp, tftp)', programs: '/programming', 'other-subnet': '/map?lit=Cross subnet:between subnets',
};

// A table for spreadsheets; what would be a formula is made text.
export function csv(rows: (string | number)[][]): string {
	const cell = (v: string | number) => {
		const text = typeof v === 'string' && /^[=+\-@\t\r]/.test(v) ? `'${v}` : String(v);
		return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
	};
	return rows.map((r) => `${r.map(cell).join(',')}\r\n`).join('');
}

const grade = (n: number): [string, string] => (n >= 90 ? ['good', 'secure'] : n >= 70 ? ['minor', 'needs improvement'] : ['critical', 'vulnerable']);

export function Risk() {
	const r = useRead<Report>('/reports/risk');
	const [all, setAll] = useState(false);
	return (
		<Ready of={r} lines={12}>{(x) => {
			if (x.devices.length === 0) return <Empty icon="devices" title="No devices yet">The report is about devices; none was seen.</Empty>;
			const worst = [...x.devices].sort((a, b) => a.score - b.score || Number(b.important) - Number(a.important));
			const bands: [string, number][] = [['secure', 0], ['needs improvement', 0], ['vulnerable', 0]];
			for (const d of worst) bands.find(([n]) => n === grade(d.score)[1])![1]++;
			const table = () => save(new Blob([csv([['device', 'addresses', 'role', 'score', 'why'], ...worst.map((d) => [d.name, d.addresses ?? '', d.role, d.score, d.reasons.map((y) => `${y.text}: ${y.detail} (-${y.points})`).join('; ')])])], { type: 'text/csv' }), csvName('risk'));
			return (
				<>
					<div class="cards">
						<Card title="In all"><div class="stack-s"><div class="figures"><div class="figure"><b>{x.score.toFixed(0)} of 100</b><Badge kind={grade(x.score)[0]}>{x.verdict}</Badge></div></div><p class="dim small">The mean over all devices; industrial ones count twice, important ones three times. The points are rules of thumb: they compare devices and steps, and prove nothing.</p></div></Card>
						<Card title="Devices"><Bars of={bands.map(([n, v]) => ({ name: n, value: v, text: count(v) }))} /></Card>
					</div>
					<Card title="What each step would gain">
						{x.steps.length === 0 ? <p class="row"><Icon name="good" />Nothing was found that would make it better.</p> : <Scroll><table class="plain"><thead><tr><th>Step</th><th>Against</th><th class="num">Devices</th><th class="num">Points gained</th></tr></thead><tbody>{x.steps.map((s) => <tr key={s.id}><td class="break">{links[s.id] ? <a href={links[s.id]}>{s.text}</a> : s.text}</td><td class="dim">{s.title}</td><td class="num">{count(s.count)}</td><td class="num">+{s.gain.toFixed(1)}</td></tr>)}</tbody></table></Scroll>}
					</Card>
					<Card title="Device by device, the worst first" act={<button type="button" class="btn small noprint" onClick={table}><Icon name="download" />CSV</button>}>
						<Scroll><table class="plain"><thead><tr><th>Device</th><th>Role</th><th class="num">Score</th><th>Why</th></tr></thead><tbody>{(all ? worst : worst.slice(0, 50)).map((d) => <tr key={d.id}><td><a href={`/devices/${d.id}`}>{d.name || d.addresses || `device ${d.id}`}</a>{d.important && <> <Badge kind="note">important</Badge></>}{d.name && d.name !== d.addresses && <div class="dim small">{d.addresses}</div>}</td><td>{roleText(d.role)}</td><td class="num"><Badge kind={grade(d.score)[0]}>{d.score}</Badge></td><td>{d.reasons.length === 0 ? <span class="dim">nothing against it</span> : d.reasons.map((y) => <div key={y.id}>{y.text}{y.detail && <span class="dim">: {y.detail}</span>} <span class="dim">−{y.points}</span></div>)}</td></tr>)}</tbody></table></Scroll>
						{worst.length > 50 && !all && <button type="button" class="btn noprint" onClick={() => setAll(true)}>All {count(worst.length)}</button>}
					</Card>
				</>
			);
		}}</Ready>
	);
}

export function Vectors() {
	const v = useRead<Page<Way>>('/reports/attack-vectors', undefined, { limit: 100 });
	return (
		<>
			<p class="lead">From likely sources (the Internet, devices nobody knows, devices with grave alerts) to likely targets (marked important, else controllers), over connections that were seen, and such as one subnet allows.</p>
			<Ready of={v} lines={10}>{(x) => (x.items.length === 0 ? <Empty icon="good" title="No way was found" act={<a class="btn" href="/devices?role=plc,controller,rtu,ied">Mark controllers as important</a>}>Nothing leads from a likely source to a likely target.</Empty> : (
				<Card title={many(x.total, 'way', 'ways')} act={<button type="button" class="btn small noprint" onClick={() => download('/reports/attack-vectors', csvName('attack-vectors'), { format: 'csv' }).catch(failed)}><Icon name="download" />CSV</button>}>
					<ol class="stack">{x.items.map((w, i) => (
						<li key={i} class="stack-s">
							<div class="row"><Badge kind={!w.observed ? 'minor' : w.cost <= 2 ? 'critical' : 'major'}>{w.observed ? `seen, ${many(w.hops.length - 1, 'step')}` : `possible, ${many(w.hops.length - 1, 'step')}`}</Badge><span class="grow">{w.text}</span></div>
							<div class="flow">{w.hops.map((h, j) => <>{j > 0 && <span class="row small dim" key={`h${j}`}><Icon name="right" label="then" />{h.proto}{h.possible && <Badge kind="outline">possible</Badge>}</span>}<span class="hop" key={j}>{h.device > 0 ? <a href={`/devices/${h.device}`}>{h.name}</a> : h.name || 'the Internet'}</span></>)}</div>
						</li>
					))}</ol>
				</Card>
			))}</Ready>
		</>
	);
}
