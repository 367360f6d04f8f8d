// Two reports that are counted here, from lists that the API has: risk, and
// ways of attack.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { ApiError, read, save } from '../lib/api';
import type { Alert, MapLink, MapNode, Page } from '../lib/types';
import { count, many } from '../lib/units';
import { Badge, Bars, Bones, Card, Empty, Scroll, Wrong } from '../ui/basic';
import { Icon } from '../ui/icons';
import { csvName, End, roleText } from './common';
import { risk, vectors } from './reports_calc';

interface Known { nodes: MapNode[]; links: MapLink[]; alerts: Alert[]; internet?: boolean }

// The map, and all open alerts, page by page.
function useKnown(): { known: Known | null; error: ApiError | null; again: () => void } {
	const [known, setKnown] = useState<Known | null>(null);
	const [error, setError] = useState<ApiError | null>(null);
	const [turn, setTurn] = useState(0);
	useEffect(() => {
		const stop = new AbortController();
		const load = async () => {
			const map = await read<Known>('/map', { signal: stop.signal });
			const alerts: Alert[] = [];
			let cursor: string | null = null;
			do {
				const page: Page<Alert> = await read('/alerts', { signal: stop.signal, query: { where: 'status != closed', limit: 1000, fields: 'number,severity,source,destination,title', cursor } });
				alerts.push(...page.items);
				cursor = page.next;
			} while (cursor && alerts.length < 100000);
			setKnown({ ...map, alerts });
		};
		load().catch((e) => !stop.signal.aborted && setError(e instanceof ApiError ? e : new ApiError(0, 'console', String(e))));
		return () => stop.abort();
	}, [turn]);
	return { known, error, again: () => {
		setError(null);
		setTurn(turn + 1);
	} };
}

// A table for spreadsheets; what would be a formula is made text.
export function csv(rows: (string | number)[][]): Blob {
	const cell = (v: string | number) => {
		const text = typeof v === 'string' && /^[=+\-@\t\r]/.test(v) ? `'${v}` : String(v);
		return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
	};
	return new Blob([rows.map((r) => r.map(cell).join(',')).join('\r\n'), '\r\n'], { type: 'text/csv' });
}

const grade = (n: number): [string, string] => (n > 90 ? ['good', 'secure'] : n >= 70 ? ['minor', 'needs improvement'] : ['critical', 'vulnerable']);

export function Risk() {
	const { known, error, again } = useKnown();
	const r = useMemo(() => (known ? risk(known.nodes, known.links, known.alerts) : null), [known]);
	const [all, setAll] = useState(false);
	if (error) return <Wrong error={error} again={again} />;
	if (!r) return <Bones lines={12} />;
	if (r.devices.length === 0) return <Empty icon="devices" title="No devices yet">The report is about devices; none was seen.</Empty>;
	const worst = [...r.devices].sort((a, b) => a.score - b.score || Number(b.important) - Number(a.important));
	const [kind, verdict] = grade(r.score);
	const bands: [string, number][] = [['secure', 0], ['needs improvement', 0], ['vulnerable', 0]];
	for (const d of worst) bands.find(([n]) => n === grade(d.score)[1])![1]++;
	const table = () => save(csv([['device', 'address', 'role', 'score', 'why'], ...worst.map((d) => [d.name, d.address, d.role, d.score, d.reasons.map((x) => `${x.text} (-${x.points})`).join('; ')])]), csvName('risk'));
	return (
		<>
			<div class="cards">
				<Card title="In all"><div class="stack-s"><div class="figures"><div class="figure"><b>{r.score.toFixed(0)} of 100</b><Badge kind={kind}>{verdict}</Badge></div></div><p class="dim small">The mean over all devices; industrial ones count twice, important ones three times. The points are rules of thumb: they compare devices and steps, and prove nothing.</p></div></Card>
				<Card title="Devices"><Bars of={bands.map(([n, v]) => ({ name: n, value: v, text: count(v) }))} /></Card>
			</div>
			<Card title="What each step would gain">
				{r.steps.length === 0 ? <p class="row"><Icon name="good" />Nothing was found that would make it better.</p> : <Scroll><table class="plain"><thead><tr><th>Step</th><th class="num">Devices</th><th class="num">Points gained</th></tr></thead><tbody>{r.steps.map((s) => <tr key={s.step}><td><a href={s.link}>{s.text}</a></td><td class="num">{count(s.count)}</td><td class="num">+{s.gain.toFixed(1)}</td></tr>)}</tbody></table></Scroll>}
			</Card>
			<Card title="Device by device, the worst first" act={<button type="button" class="btn small noprint" onClick={table}><Icon name="download" />CSV</button>}>
				<Scroll><table class="plain"><thead><tr><th>Device</th><th>Role</th><th class="num">Score</th><th>Why</th></tr></thead><tbody>{(all ? worst : worst.slice(0, 50)).map((d) => <tr key={d.id}><td><a href={`/devices/${d.id}`}>{d.name || d.address || `device ${d.id}`}</a>{d.important && <> <Badge kind="note">important</Badge></>}{d.name && <div class="dim small">{d.address}</div>}</td><td>{roleText(d.role)}</td><td class="num"><Badge kind={grade(d.score)[0]}>{d.score}</Badge></td><td>{d.reasons.length === 0 ? <span class="dim">nothing against it</span> : d.reasons.map((x, i) => <div key={i}>{x.text} <span class="dim">−{x.points}</span></div>)}</td></tr>)}</tbody></table></Scroll>
				{worst.length > 50 && !all && <button type="button" class="btn noprint" onClick={() => setAll(true)}>All {count(worst.length)}</button>}
			</Card>
		</>
	);
}

export function Vectors() {
	const { known, error, again } = useKnown();
	const v = useMemo(() => {
		if (!known) return null;
		const nodes = known.links.some((l) => l.a === 0 || l.b === 0) && !known.nodes.some((n) => n.id === 0) ? [{ id: 0, name: 'Internet', role: 'internet', purdue: 5, subnet: null, alerts: 0, ot: false, authorized: true } as MapNode, ...known.nodes] : known.nodes;
		return vectors(nodes, known.links);
	}, [known]);
	if (error) return <Wrong error={error} again={again} />;
	if (!v) return <Bones lines={10} />;
	const table = () => save(csv([['risk', 'from', 'to', 'steps', 'way'], ...v.vectors.map((w) => [w.risk, w.hops[0].name || w.hops[0].address, w.hops[w.hops.length - 1].name || w.hops[w.hops.length - 1].address, w.hops.length - 1, w.hops.map((h, i) => (i ? `-[${h.how}${h.seen ? '' : ', possible'}]-> ${h.name || h.address}` : h.name || h.address)).join(' ')])]), csvName('attack-vectors'));
	return (
		<>
			<p class="lead">From {many(v.sources, 'likely source')} (the Internet, devices nobody knows, office devices with several open alerts) to {many(v.targets, 'likely target')} (marked important, else controllers), over connections that were seen and such as one subnet allows.</p>
			{v.vectors.length === 0 ? <Empty icon="good" title="No way was found" act={<a class="btn" href="/devices?role=plc,controller,rtu,ied">Mark controllers as important</a>}>Nothing leads from a likely source to a likely target.</Empty> : (
				<Card title={many(v.vectors.length, 'way', 'ways')} act={<button type="button" class="btn small noprint" onClick={table}><Icon name="download" />CSV</button>}>
					<ol class="stack">{v.vectors.map((w, i) => (
						<li key={i} class="stack-s">
							<div class="row"><Badge kind={w.risk >= 80 ? 'critical' : w.risk >= 60 ? 'major' : 'minor'}>{w.risk}</Badge><span class="grow">{w.why}</span></div>
							<div class="flow">{w.hops.map((h, j) => <>{j > 0 && <span class="row small dim" key={`h${j}`}><Icon name="right" label="then" />{h.how}{!h.seen && <Badge kind="outline">possible</Badge>}</span>}<span class="hop" key={j}>{h.id === 0 ? 'the Internet' : <End name={h.name} at={h.address} device={h.id} />}</span></>)}</div>
						</li>
					))}</ol>
				</Card>
			)}
		</>
	);
}
