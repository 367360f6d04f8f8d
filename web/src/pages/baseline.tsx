// The baseline: how far each scenario has come, with its numbers; what a
// switch now would mean; what people should look at; what was learned.
import { useState } from 'preact/hooks';
import { scenarios as names } from 'virtual:words';
import * as route from '../lib/router';
import { can, download, post, put, remove } from '../lib/api';
import { act, type Done, failed, sentence } from '../lib/act';
import { changed } from '../lib/events';
import { useList, useRead } from '../lib/hooks';
import { count, many, span } from '../lib/units';
import { parse } from '../lib/time';
import type { Mode, Scenario } from '../lib/types';
import { Badge, Bones, Card, Empty, Ready, Say, Scroll, Seg, Spark, Tabs, Tick, When, Wrong } from '../ui/basic';
import { Chart, type Series } from '../ui/chart';
import { ask, FormDialog } from '../ui/dialog';
import { Icon } from '../ui/icons';
import { Menu } from '../ui/menu';
import { Header } from './common';

export default function BaselinePage({ rest }: { rest: string[] }) {
	const tab = rest[0] || 'stages';
	return (
		<div class="page">
			<Header title="Baseline" />
			<Tabs label="Baseline" value={tab} set={(t) => route.go(t === 'stages' ? '/baseline' : `/baseline/${t}`)} options={[['stages', 'Stages'], ['review', 'To review'], ['keys', 'What was learned'], ['by-hand', 'Learned by hand']]} />
			{tab === 'review' ? <Review /> : tab === 'keys' ? <Keys /> : tab === 'by-hand' ? <ByHand /> : <Stages open={rest[1] ?? ''} />}
		</div>
	);
}

const stages: Record<string, [string, string]> = { learn: ['learning', ''], learning: ['learning', ''], watch: ['watching', 'note'], watching: ['watching', 'note'], operational: ['alerting', 'good'], extended: ['learning longer', ''], parked: ['does not settle', 'minor'] };
const order = ['learning', 'dynamic', 'operational'];
const meaning: Record<string, string> = {
	learning: 'Everything seen counts as normal. Policy alerts are silent; only what no baseline can justify alerts. Two weeks at least, so that weekends and shifts are in it.',
	dynamic: 'Each scenario begins to alert by itself when it is accurate enough: when it would cost no more alerts a day than its budget.',
	operational: 'Every scenario alerts, ready or not.',
};
const perDay = (n: number | null | undefined) => (n == null ? '–' : n >= 100 ? count(Math.round(n)) : n.toFixed(2));

function Stages({ open }: { open: string }) {
	const mode = useRead<Mode>('/mode', changed.mode);
	const [to, setTo] = useState<string | null>(null);
	return (
		<Ready of={mode} lines={12}>{(m) => {
			const all = m.scenarios ?? [];
			const ready = all.filter((s) => s.ready || s.state === 'operational');
			const sum = all.reduce((n, s) => n + (s.per_day ?? 0), 0);
			const atMost = all.reduce((n, s) => n + (s.at_most ?? 0), 0);
			const last = Math.max(...all.map((s) => s.ready_in));
			return (
				<>
					<Card title="Mode" act={can('admin') ? <Seg label="Mode" value={m.mode} options={order.map((o) => [o, o[0].toUpperCase() + o.slice(1)])} set={(v) => v !== m.mode && setTo(v)} /> : <Badge kind="note">{m.mode}</Badge>}>
						<div class="stack-s">
							<p class="lead">{meaning[m.mode]}</p>
							<div class="figures wide">
								{m.age_seconds != null && <div class="figure"><b>{span(m.age_seconds)}</b><span>learned{m.learn_scale && m.learn_scale !== 1 ? `, counted ${m.learn_scale} times as fast` : ''}</span></div>}
								<div class="figure"><b>{ready.length} of {all.length}</b><span>scenarios within their budget</span></div>
								<div class="figure"><b>{perDay(sum)}</b><span>alerts a day if all alerted now (at most {perDay(atMost)})</span></div>
								{last > 0 && <div class="figure"><b>{span(last)}</b><span>until the last is ready, as it looks now</span></div>}
							</div>
						</div>
					</Card>
					<Card title="Scenarios" act={<span class="dim small">each is learned, judged and switched by itself</span>}>
						<Scroll><table class="plain">
							<thead><tr><th>Scenario</th><th>Stage</th><th class="num">Learned</th><th class="num" title="Seen, but not often enough yet">Candidates</th><th class="num">Hours</th><th class="num" title="Estimate, and the upper limit of 90 %">Alerts a day</th><th class="num">Budget</th><th style={{ minWidth: '8rem' }}>New things</th><th style={{ minWidth: '12rem' }}>Why</th><th /></tr></thead>
							<tbody>{all.map((s) => <Row key={s.name} s={s} step={m.curve_step ?? 86400} open={open === s.name} again={mode.reload} />)}</tbody>
						</table></Scroll>
					</Card>
					{to && <SwitchDialog to={to} m={m} close={() => setTo(null)} done={mode.reload} />}
				</>
			);
		}}</Ready>
	);
}

const isLine = (s: Scenario): boolean => (s.curve?.length ?? 0) > 1;

function Row({ s, step, open, again }: { s: Scenario; step: number; open: boolean; again: () => void }) {
	const [word, kind] = stages[s.state] ?? [s.state, ''];
	const over = (s.at_most ?? 0) > (s.budget ?? 0);
	return (
		<><tr id={`scenario-${s.name}`}>
			<td><a href={route.link('/baseline/keys', { scenario: s.name })}>{s.title}</a></td>
			<td><Badge kind={kind}>{word}</Badge></td>
			<td class="num">{count(s.learned)}</td><td class="num">{count(s.candidates)}</td><td class="num">{count(s.windows)}</td>
			<td class="num nowrap">{perDay(s.per_day)} <span class="dim">≤ {perDay(s.at_most)}</span></td><td class="num">{s.budget}</td>
			<td>{isLine(s) ? (
				<button type="button" class="btn plain small" style={{ width: '100%' }} aria-expanded={open} title="Day by day" onClick={() => route.go(open ? '/baseline' : `/baseline/stages/${s.name}`, true)}><Spark of={s.curve!} label={`New things a day: ${s.curve!.slice(-7).join(', ')} in the last seven`} /></button>
			) : <span class="dim small">{s.single} of {s.windows} hours had something seen only then</span>}</td>
			<td class="small">{s.ready ? <span class="row"><Icon name="good" />ready</span> : <>{s.reason}{over && s.ready_in > 0 && <div class="dim">about {span(s.ready_in)} more</div>}</>}</td><td>{can('admin') && (
				<Menu cls="btn plain small icon-only" label={`Set ${s.title}`} actions={[
					{ text: 'Learn for 48 hours more', run: () => void setScenario(s, { state: 'learning', hours: 48 }, 'learns for 48 hours more').then(again) },
					{ text: 'Begin by itself when ready', run: () => void setScenario(s, { state: 'dynamic' }, 'begins to alert when it is ready').then(again) },
					{ text: 'Alert from now on', run: () => void setScenario(s, { state: 'operational' }, 'alerts from now on').then(again) },
				]} />
			)}</td>
		</tr>{open && isLine(s) && <tr><td colSpan={10}><Curve s={s} step={step} /></td></tr>}</>
	);
}

// What was new on each day, beside what it may cost and would cost.
function Curve({ s, step }: { s: Scenario; step: number }) {
	const curve = s.curve ?? [];
	const from = (parse(s.curve_from)?.getTime() ?? 0) / 1000;
	const always = (v: number) => curve.map(() => v);
	const series: Series[] = [{ name: 'New on that day', values: curve, kind: 'bars' }];
	if (s.at_most != null) series.push({ name: 'A day at most, from now on', values: always(s.at_most), dashed: true });
	if (s.budget != null) series.push({ name: 'Budget', values: always(s.budget) });
	// At the beginning all is new: what came after it is to be seen.
	const later = Math.max(...curve.slice(Math.min(7, Math.floor(curve.length / 2))));
	const most = Math.ceil(1.3 * Math.max(1, later, s.at_most ?? 0, s.budget ?? 0));
	const cut = Math.max(...curve) > most;
	return (
		<div class="stack-s pinned">
			<Chart most={most} label={`${s.title}: what was new each day`} xs={curve.map((_, i) => from + i * step)} step={step} series={series} unit={(n) => (Number.isInteger(n) ? count(n) : n.toFixed(1))} height={200} />
			<p class="dim small">How often a device did something that it had not done before: what would have alerted, had the scenario{cut && `; the first days go beyond the picture, up to ${count(Math.max(...curve))}`}{step < 86400 ? `; a day is ${span(step)} here, as learning is compressed` : ''}. It may begin to alert when the dashed line is below its budget. {s.missing != null && <>About {(100 * s.missing).toFixed(1)} % of what is normal was not seen yet.</>}</p>
		</div>
	);
}
const setScenario = (s: Scenario, body: Record<string, unknown>, text: string) => act(post<Done>('/baseline/scenario', { name: s.name, ...body }), `“${s.title}” ${text}.`, 'mode');

function SwitchDialog({ to, m, close, done }: { to: string; m: Mode; close: () => void; done: () => void }) {
	const [force, setForce] = useState(false);
	const [needs, setNeeds] = useState('');
	const all = m.scenarios ?? [];
	const begins = all.filter((s) => (to === 'operational' ? s.state !== 'operational' : to === 'dynamic' && s.ready && s.state !== 'operational'));
	const young = (m.age_seconds ?? 0) * (m.learn_scale ?? 1) < 14 * 86400;
	const sum = begins.reduce((n, s) => n + (s.per_day ?? 0), 0);
	const most = begins.reduce((n, s) => n + (s.at_most ?? 0), 0);
	return (
		<FormDialog title={`Switch to ${to}`} close={close} act={`Switch to ${to}`} wide send={async () => {
			try {
				await put('/mode', { mode: to, ...(force ? { force: true } : {}) });
			} catch (e) {
				if (!force) setNeeds(sentence(e));
				throw e;
			}
			await act(Promise.resolve({}), `Mode is ${to} now.`, 'mode');
			done();
		}}>
			<p>{meaning[to]}</p>
			{order.indexOf(to) < order.indexOf(m.mode) && <Say kind="minor">Going back: scenarios that alert become silent, and what is seen from now on is learned.</Say>}
			{to !== 'learning' && (begins.length === 0 ? <Say>No scenario begins to alert at once.</Say> : (
				<>
					<Say kind={sum > 10 ? 'major' : 'good'} icon="baseline"><b>{many(begins.length, 'scenario')}</b> would begin to alert at once: about <b>{perDay(sum)} alerts a day</b>, at most {perDay(most)} (the sum of the limits of each).</Say>
					<Scroll><table class="plain"><thead><tr><th>Scenario</th><th class="num">A day</th><th class="num">At most</th><th class="num">Budget</th></tr></thead><tbody>{begins.map((s) => <tr key={s.name}><td>{s.title}</td><td class="num">{perDay(s.per_day)}</td><td class="num">{perDay(s.at_most)}</td><td class="num">{s.budget}</td></tr>)}</tbody></table></Scroll>
				</>
			))}
			{to !== 'learning' && <Preview />}
			{(young || needs) && to !== 'learning' && <Tick label="Although less than two weeks were learned" hint="Weekends, shifts and monthly work are not in the baseline yet; expect alerts about them." on={force} set={setForce} />}
		</FormDialog>
	);
}

interface Foreseen { days: number; alerts: number; items: { scenario: string; client: string; alerts: number; keys: number; example?: Key }[] }
function Preview() {
	const p = useRead<Foreseen>('/baseline/preview', undefined, { days: 7 });
	if (p.error) return null;
	if (!p.data) return <Bones lines={3} />;
	if (p.data.items.length === 0) return <p class="dim">The last {p.data.days} days would have raised nothing.</p>;
	return (
		<details>
			<summary>What the last {p.data.days} days would have raised: {many(p.data.alerts, 'alert')}</summary>
			<Scroll><table class="plain"><thead><tr><th>Scenario</th><th>Who</th><th>Such as</th><th class="num">Alerts</th></tr></thead><tbody>{p.data.items.slice(0, 60).map((r, i) => <tr key={i}><td>{titleOf(r.scenario)}</td><td>{r.client}</td><td class="break">{r.example && textOf(r.example)}</td><td class="num">{count(r.alerts)}</td></tr>)}</tbody></table></Scroll>
		</details>
	);
}

export interface Key { key: string; scenario: string; state: string; client: string; server: string; what: string; why?: string; windows: number; days: number; count: number; changes_plant: boolean }
const idOf = (k: Key) => k.key;
const textOf = (k: Key) => [k.client, k.server && `→ ${k.server}`, k.what].filter(Boolean).join(' ');
const titleOf = (scenario: string) => names.find((n) => n.name === scenario)?.title ?? scenario;
const states: Record<string, string> = { learned: 'good', user: 'good', candidate: 'note', denied: 'critical', unlearned: 'minor', stale: '' };

async function judge(k: Key, what: 'accept' | 'deny' | 'unlearn', again: () => void): Promise<void> {
	const said = { accept: 'It is normal.', deny: 'It is never normal.', unlearn: 'Forgotten: it alerts again.' }[what];
	if (await act(post<Done>('/baseline/judge', { key: idOf(k), verdict: what }), said, 'mode')) again();
}

function Review() {
	const r = useList<Key>('/baseline/review', {}, changed.mode);
	if (r.error && r.rows.length === 0) return <Wrong error={r.error} again={r.reload} />;
	if (r.fresh) return <Bones />;
	if (r.rows.length === 0) return <Empty icon="good" title="Nothing to review">Nothing that was learned would be worth an attacker’s while, or all of it was looked at.</Empty>;
	return (
		<>
			<p class="lead">Before it counts as normal: what would be worth an attacker’s while, the most telling first.</p>
			<Card>
				<ul class="stack">{r.rows.map((k) => (
					<li key={idOf(k)} class="row wrap">
						<div class="grow break"><div>{textOf(k)}{k.changes_plant && <> <Badge kind="major">changes the plant</Badge></>}</div><div class="dim small">{k.why} · {k.state}{k.windows != null && `, in ${many(k.windows, 'hour')} on ${many(k.days ?? 1, 'day')}`}</div></div>
						{can('analyst') && <><button type="button" class="btn small" onClick={() => void judge(k, 'accept', r.reload)}><Icon name="check" />Normal</button><button type="button" class="btn small danger" onClick={() => void judge(k, 'deny', r.reload)}>Never normal</button></>}
					</li>
				))}</ul>
				{r.more && <button type="button" class="btn" onClick={r.next}>More</button>}
			</Card>
		</>
	);
}

function Keys() {
	const [text, setText] = useState(route.get('q'));
	const [why, setWhy] = useState<Key | null>(null);
	const scenario = route.get('scenario');
	const state = route.get('state');
	const entity = route.get('entity');
	const asked = { text: route.get('q') || undefined, scenario: scenario || undefined, state: state || undefined, entity: entity || undefined };
	const list = useList<Key>('/baseline/keys', asked, changed.mode, true);
	const forget = async () => {
		if (!(await ask('Forget what was learned of this device?', `All that was learned of ${entity} is unlearned: seen again, it alerts or is learned anew, as the mode says.`, 'Forget'))) return;
		if (await act(post<Done>('/baseline/forget', { entity }), `What was learned of ${entity} is forgotten.`, 'mode')) list.reload();
	};
	return (
		<>
			<form class="filters" role="search" onSubmit={(e) => {
				e.preventDefault();
				route.set({ q: text.trim() });
			}}>
				<div class="find"><Icon name="search" /><input type="search" aria-label="Search what was learned" placeholder="Address, protocol, function, register …" value={text} onInput={(e) => setText(e.currentTarget.value)} /></div>
				<select aria-label="Scenario" value={scenario} onChange={(e) => route.set({ scenario: e.currentTarget.value })}><option value="">All scenarios</option>{names.map((n) => <option key={n.name} value={n.name}>{n.title}</option>)}</select>
				<select aria-label="State" value={state} onChange={(e) => route.set({ state: e.currentTarget.value })}><option value="">All states</option>{Object.keys(states).map((s) => <option key={s} value={s}>{s}</option>)}</select>
				<input aria-label="Device" placeholder="Of a device: address" value={entity} onChange={(e) => route.set({ entity: e.currentTarget.value.trim() })} style={{ maxWidth: '12rem' }} />
				<button class="btn" type="submit">Search</button>
				<span class="grow" />
				{can('admin') && entity && list.total > 0 && <button type="button" class="btn danger" onClick={() => void forget()}>Forget this device …</button>}
				<button type="button" class="btn" onClick={() => download('/baseline/keys', 'sightglass-baseline.csv', { ...asked, format: 'csv' }).catch(failed)}><Icon name="download" />CSV</button>
			</form>
			{list.error && list.rows.length === 0 ? <Wrong error={list.error} again={list.reload} /> : list.fresh ? <Bones /> : list.rows.length === 0 ? <Empty icon="baseline" title="Nothing fits">Nothing was learned that fulfils this.</Empty> : (
				<Card>
					<div class="dim small">{many(list.total, 'thing')}</div>
					<Scroll><table class="plain">
						<thead><tr><th>Scenario</th><th>What</th><th>State</th><th class="num">Hours</th><th class="num">Days</th><th /></tr></thead>
						<tbody>{list.rows.map((k) => (
							<tr key={idOf(k)}><td class="nowrap">{titleOf(k.scenario)}</td><td class="break">{textOf(k)}{k.changes_plant && <> <Badge kind="major">changes the plant</Badge></>}</td><td><Badge kind={states[k.state] ?? ''}>{k.state}</Badge></td><td class="num">{count(k.windows)}</td><td class="num">{count(k.days)}</td>
								<td class="nowrap"><button type="button" class="btn plain small" onClick={() => setWhy(k)}>Why?</button>{can('analyst') && <Menu cls="btn plain small icon-only" actions={[{ icon: 'check', text: 'It is normal', run: () => void judge(k, 'accept', list.reload) }, { icon: 'undo', text: 'Unlearn: alert again', run: () => void judge(k, 'unlearn', list.reload) }, { text: 'Never normal', danger: true, run: () => void judge(k, 'deny', list.reload) }]} />}</td></tr>
						))}</tbody>
					</table></Scroll>
					{list.more && <button type="button" class="btn" onClick={list.next}>More</button>}
				</Card>
			)}
			{why && <WhyDialog k={why} close={() => setWhy(null)} />}
		</>
	);
}

interface Because { text: string; why: string }
function WhyDialog({ k, close }: { k: Key; close: () => void }) {
	const w = useRead<Because>('/baseline/why', undefined, { key: idOf(k) });
	return (
		<FormDialog title="Why is this so?" close={close} act="Good" send={async () => true} wide>
			<p class="break"><b>{textOf(k)}</b></p>
			<Ready of={w} lines={4}>{(x) => <div class="stack-s"><p class="break">{x.why || x.text}</p></div>}</Ready>
		</FormDialog>
	);
}

interface Learned { id: number; scenario: string; deny: boolean; client: string | null; server: string | null; alert: number; who: string; at: string; reason: string; expires: string | null; what?: string }
function ByHand() {
	const list = useList<Learned>('/learned', {}, changed.alert);
	const back = async (l: Learned) => {
		if (await act(remove<Done>(`/learned/${l.id}`), `Learned ${l.id} taken back: the same traffic alerts again.`)) list.reload();
	};
	if (list.error && list.rows.length === 0) return <Wrong error={list.error} again={list.reload} />;
	if (list.fresh) return <Bones />;
	if (list.rows.length === 0) return <Empty icon="learn" title="Nothing yet">What people say is normal, or never normal, stands here, and can be taken back.</Empty>;
	return (
		<Card>
			<Scroll><table class="plain">
				<thead><tr><th>What</th><th>Scenario</th><th>Alert</th><th>Who</th><th>When</th><th>Until</th><th>Reason</th><th /></tr></thead>
				<tbody>{list.rows.map((l) => <tr key={l.id}><td class="break">{l.deny && <Badge kind="critical">never normal</Badge>} {l.client ?? 'anybody'} → {l.server ?? 'anybody'} {l.what}</td><td>{titleOf(l.scenario)}</td><td>{l.alert ? <a href={`/alerts/${l.alert}`}>{l.alert}</a> : '–'}</td><td>{l.who}</td><td class="nowrap"><When at={l.at} /></td><td class="nowrap">{l.expires ? <When at={l.expires} /> : 'for ever'}</td><td class="break">{l.reason}</td><td>{can('analyst') && <button type="button" class="btn small" onClick={() => void back(l)}><Icon name="undo" />Take back</button>}</td></tr>)}</tbody>
			</table></Scroll>
		</Card>
	);
}
