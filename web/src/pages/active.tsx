// Asking devices: what may be asked of whom, what is asked now, what came of it.
import { useEffect, useState } from 'preact/hooks';
import * as route from '../lib/router';
import { can, download, post, remove } from '../lib/api';
import { act, type Done, failed, sentence } from '../lib/act';
import { changed } from '../lib/events';
import { useLater, useList, useRead } from '../lib/hooks';
import { asking, type Asking } from '../lib/live';
import { fromInput } from '../lib/time';
import { count } from '../lib/units';
import { Badge, Bones, Card, Choice, Empty, Field, Ready, Say, Scroll, Tabs, TextField, When, Wrong } from '../ui/basic';
import { ask, FormDialog } from '../ui/dialog';
import { Icon } from '../ui/icons';
import { Menu } from '../ui/menu';
import { stopAsking } from '../shell';
import { csvName, Header } from './common';

interface Method { name: string; title: string; via: string; port: number; requests: number; standard: string; caution: string; of_server: boolean }
interface Grant { id: number; enabled: boolean; method: string; ranges: string; port: number; station: number; hours: string; every: number; times: string; due: string | null; server: string; labels: number; owner: string; reason: string; who: string; at: string | null; until: string | null; last: string | null }
interface Result { ip: string; method: string; at: string | null; outcome: string; answers: number; found: string; before: string; changed: string | null; device: number }
interface Plan { text: string; addresses: number; requests: number; requests_per_device: number; seconds: number; device_gap_ms: number; subnet_gap_ms: number; gap_ms: number; standard: string; caution: string; bytes: string[] }

const span = (s: number): string => (s < 120 ? `${s} s` : s < 7200 ? `${Math.round(s / 60)} min` : `${Math.floor(s / 3600)} h ${Math.round((s % 3600) / 60)} min`);
function plan(g: Grant): string {
	const parts = [];
	if (g.every) parts.push(`every ${g.every % 3600 === 0 ? `${g.every / 3600} h` : span(g.every)}`);
	if (g.times) parts.push(`at ${g.times.split(' ').join(', ')} UTC`);
	return parts.join(', ') || 'when told to';
}

function State({ a }: { a: Asking }) {
	const admin = can('admin');
	const go = () => void act(post<Done>('/active/resume'), 'Asking may go on.', 'change');
	if (a.halted) return <Say kind="critical" icon="stop"><div class="row wrap"><span class="grow">Asking is stopped{typeof a.halted === 'string' && a.halted ? <> ({a.halted.replace(/^(\S+) /, '')}, <When at={/^\S+/.exec(a.halted)?.[0]} />)</> : ''}. Nothing is sent to devices until somebody lets it go on.</span>{admin && <button type="button" class="btn" onClick={go}><Icon name="play" />Let it go on</button>}</div></Say>;
	if (!a.running) return <Say>No sensor runs. What may be asked can be set up here; it is asked when one runs.</Say>;
	if (!a.on) return <Say>This sensor only listens. To let it ask, set <code>active = on</code> and <code>active.interface</code> to an interface of the management network, in its configuration.</Say>;
	if (a.grant) {
		return (
			<Card title={`Asking now: grant ${a.grant}`} act={admin && <button type="button" class="btn danger" onClick={stopAsking}><Icon name="stop" />Stop at once</button>}>
				<div class="stack-s"><progress value={a.done} max={Math.max(a.of, 1)} aria-label="Addresses done" style={{ width: '100%' }} /><span class="dim small">{count(a.done)} of {count(a.of)} addresses done, {count(a.answers)} answers, since {span(a.seconds)}; by {a.interface}</span></div>
			</Card>
		);
	}
	if (a.waits) return <Say kind="minor">Nothing is asked at present: {a.waits}.</Say>;
	return <Say kind="good" icon="good">Nothing is being asked at the moment. {a.grants ? `${a.grants === 1 ? 'One grant' : `${a.grants} grants`} may be used, by ${a.interface}.` : 'There is no grant.'}</Say>;
}

function Grants({ methods }: { methods: Method[] }) {
	const list = useList<Grant>('/active/grants', {}, changed.change);
	const admin = can('admin');
	const fresh = route.get('new');
	const [one, setOne] = useState<Grant | null>(null);
	const title = (m: string) => methods.find((x) => x.name === m)?.title ?? m;
	const run = (g: Grant) => void act(post<Done>(`/active/grants/${g.id}/run`, {}), `Grant ${g.id} is run as soon as the devices have a quiet moment.`, 'change').then(list.reload);
	const drop = async (g: Grant) => {
		if (await ask(`Revoke grant ${g.id}?`, <>{title(g.method)} of {g.ranges} is not asked any more. What was found stays.</>, 'Revoke')) void act(remove<Done>(`/active/grants/${g.id}`), `Grant ${g.id} revoked.`, 'change').then(list.reload);
	};
	return (
		<>
			{list.error && list.rows.length === 0 ? <Wrong error={list.error} again={list.reload} /> : list.fresh ? <Bones /> : list.rows.length === 0 ? (
				<Empty icon="ask" title="Nothing may be asked of any device" act={admin ? <button type="button" class="btn main-act" onClick={() => route.set({ new: '1' })}><Icon name="plus" />Allow asking</button> : undefined}>Silent devices, and what stands behind them, are only found by asking. Requests only read, one at a time of a device, and stop when it answers slower.</Empty>
			) : (
				<Card>
					<Scroll><table class="plain">
						<thead><tr><th>No</th><th>What</th><th>Of whom</th><th>When</th><th>Who answers for it</th><th>Ends</th><th>Last run</th><th /></tr></thead>
						<tbody>{list.rows.map((g) => {
							const over = g.until !== null && Date.parse(g.until) < Date.now();
							return (
								<tr key={g.id} class={over ? 'dim' : ''}><td class="num">{g.id}</td><td class="break">{title(g.method)}{g.server && <div class="dim small">of {g.server}{g.labels > 0 && `, ${g.labels} label${g.labels === 1 ? '' : 's'} kept`}</div>}</td><td class="break">{g.ranges.split(' ').join(', ')}</td><td class="break">{plan(g)}{g.due && <div class="small">once, <When at={g.due} /></div>}{g.hours && <div class="dim small"><code>{g.hours}</code></div>}</td><td class="break">{g.owner}<div class="dim small">{g.reason}</div></td><td class="nowrap">{over ? <Badge>ended</Badge> : <When at={g.until} />}</td><td class="nowrap">{g.last ? <When at={g.last} /> : 'never'}</td>
									<td>{admin && <Menu cls="btn plain small icon-only" label={`With grant ${g.id}`} actions={[...(over ? [] : [{ icon: 'play' as const, text: 'Ask now', run: () => run(g) }, { icon: 'search' as const, text: 'Try one address …', run: () => setOne(g) }, null]), { icon: 'trash' as const, text: 'Revoke …', danger: true, run: () => void drop(g) }]} />}</td></tr>
							);
						})}</tbody>
					</table></Scroll>
				</Card>
			)}
			{fresh && admin && methods.length > 0 && <GrantDialog methods={methods} close={() => route.set({ new: null })} done={list.reload} />}
			{one && <TryDialog g={one} close={() => setOne(null)} />}
		</>
	);
}

function TryDialog({ g, close }: { g: Grant; close: () => void }) {
	const [only, setOnly] = useState(/^[^\s/-]+/.exec(g.ranges)?.[0] ?? '');
	const send = async () => {
		await post<Done>(`/active/grants/${g.id}/run`, { only: only.trim() });
		changed.change.value++;
	};
	return (
		<FormDialog title="Try one address" close={close} act="Ask it" send={send} ready={!!only.trim()}>
			<TextField label="Address" value={only} set={setOnly} spellcheck={false} hint={`One of ${g.ranges.split(' ').join(', ')}. The answer shows under Results.`} />
		</FormDialog>
	);
}

function Bytes({ p, method }: { p: Plan; method: Method }) {
	return (
		<details class="stack-s">
			<summary>Every byte that would be sent</summary>
			<p class="dim small">{method.standard}. Numbers that come from answers are zero here.{p.requests_per_device > p.bytes.length && ` Up to ${p.requests_per_device - p.bytes.length} more follow like the last.`}</p>
			{p.bytes.map((b, i) => <pre key={i} class="mono small break" style={{ whiteSpace: 'pre-wrap' }}>{i + 1}{'  '}{(b.match(/../g) ?? []).join(' ')}</pre>)}
		</details>
	);
}

const whens: [string, string][] = [['told', 'When somebody says so'], ['every', 'Every so many hours'], ['times', 'At times of the day'], ['once', 'Once, at a time']];
function GrantDialog({ methods, close, done }: { methods: Method[]; close: () => void; done: () => void }) {
	const [method, setMethod] = useState(methods[0].name);
	const [ranges, setRanges] = useState('');
	const [server, setServer] = useState('');
	const [labels, setLabels] = useState('');
	const [port, setPort] = useState('');
	const [station, setStation] = useState('');
	const [community, setCommunity] = useState('');
	const [user, setUser] = useState('');
	const [hash, setHash] = useState('sha1');
	const [auth, setAuth] = useState('');
	const [priv, setPriv] = useState('');
	const [owner, setOwner] = useState('');
	const [reason, setReason] = useState('');
	const [until, setUntil] = useState(new Date(Date.now() + 30 * 86400000).toISOString().slice(0, 10));
	const [when, setWhen] = useState('told');
	const [every, setEvery] = useState('24');
	const [times, setTimes] = useState('02:00');
	const [once, setOnce] = useState('');
	const [hours, setHours] = useState('');
	const [test, setTest] = useState<{ plan: Plan | null; wrong: string }>({ plan: null, wrong: '' });
	const m = methods.find((x) => x.name === method)!;
	const snmp = method.startsWith('snmp');
	const list = ranges.split(/[\s,]+/).filter(Boolean);
	const what = { method, ranges: list, ...(m.of_server ? { server: server.trim() } : {}), ...(port ? { port: Number(port) } : {}), ...(station ? { station: Number(station) } : {}), ...(community ? { community } : {}) };
	const later = useLater(JSON.stringify(what), 400);
	useEffect(() => {
		const now = JSON.parse(later) as { ranges: string[]; server?: string };
		if (now.ranges.length === 0 || now.server === '') {
			setTest({ plan: null, wrong: '' });
			return;
		}
		let gone = false;
		post<Plan>('/active/plan', now).then((p) => !gone && setTest({ plan: p, wrong: '' }), (e) => !gone && setTest({ plan: null, wrong: sentence(e) }));
		return () => {
			gone = true;
		};
	}, [later]);
	const send = async () => {
		const body = {
			...what, owner: owner.trim(), reason: reason.trim(), until, hours: hours.trim(),
			...(snmp && user.trim() ? { user: user.trim(), hash, auth, priv } : {}),
			...(m.of_server && labels ? { labels: Number(labels) } : {}), ...(when === 'every' ? { every: Math.round(Number(every) * 3600) } : {}), ...(when === 'times' ? { times: times.replace(/\s+/g, ',') } : {}), ...(when === 'once' && once ? { once: fromInput(once) } : {}),
		};
		await post<Done>('/active/grants', body);
		changed.change.value++;
		done();
	};
	const p = test.plan;
	// by version 3 with two passwords, else by version 2c with a community
	const proved = !snmp || !user.trim() || (auth.length >= 8 && priv.length >= 8);
	return (
		<FormDialog title="Allow asking" close={close} act="Allow it" send={send} wide ready={!!p && proved && !!owner.trim() && !!reason.trim() && !!until && (when !== 'once' || !!once)}>
			<Choice label="What is asked" value={method} set={setMethod} options={methods.map((x) => [x.name, x.title])} hint={`At most ${m.requests} request${m.requests === 1 ? '' : 's'} of a device${m.port ? `, ${m.via} port ${port || m.port}` : ''}. Known to go wrong: ${m.caution}.`} />
			<Field label="Of whom" hint="Networks, ranges or addresses: 10.1.2.0/24, 10.1.2.3-10.1.2.9" wrong={test.wrong || null}>
				{(id, about) => <textarea id={id} {...about} data-first rows={2} class="mono" spellcheck={false} value={ranges} onInput={(e) => setRanges(e.currentTarget.value)} />}
			</Field>
			{m.of_server && <div class="pair"><TextField label="Name server" value={server} set={setServer} hint="Its address; more servers are more grants" spellcheck={false} /><TextField label="Labels kept of a name" value={labels} set={setLabels} inputMode="numeric" hint="Empty: all; 1: plc-7 of plc-7.line2.example" /></div>}
			{p && <Say kind="good" icon="check">{count(p.addresses)} address{p.addresses === 1 ? '' : 'es'}, at most {count(p.requests)} request{p.requests === 1 ? '' : 's'}, {p.device_gap_ms / 1000} s apart of one device; takes {span(p.seconds)} at least. Devices marked fragile and safety controllers are left out. <Bytes p={p} method={m} /></Say>}
			<div class="pair">
				<TextField label="Who answers for it" value={owner} set={setOwner} maxLength={90} />
				<TextField label="Why" value={reason} set={setReason} maxLength={250} />
			</div>
			<div class="pair">
				<Choice label="When" value={when} set={setWhen} options={whens} />
				{when === 'every' ? <TextField label="Hours between two" value={every} set={setEvery} inputMode="decimal" /> : when === 'times' ? <TextField label="Times, UTC" value={times} set={setTimes} hint="06:00,18:30" /> : when === 'once' ? <Field label="At">{(id, about) => <input id={id} {...about} type="datetime-local" value={once} onInput={(e) => setOnce(e.currentTarget.value)} />}</Field> : <Field label="Ends" hint="Within a year">{(id, about) => <input id={id} {...about} type="date" value={until} onInput={(e) => setUntil(e.currentTarget.value)} />}</Field>}
			</div>
			{when !== 'told' && <Field label="Ends" hint="Within a year">{(id, about) => <input id={id} {...about} type="date" value={until} onInput={(e) => setUntil(e.currentTarget.value)} />}</Field>}
			<TextField label="Only in these hours" value={hours} set={setHours} spellcheck={false} placeholder="hour in 18..22 and weekday in mon..fri" hint="UTC; empty: at any time" />
			{snmp && (
				<details class="stack-s">
					<summary>SNMP version 3</summary>
					<div class="pair">
						<TextField label="User" value={user} set={setUser} maxLength={32} spellcheck={false} autocomplete="off" hint="Empty: version 2c, with a community" />
						<Choice label="Proof by" value={hash} set={setHash} options={['sha1', 'sha224', 'sha256', 'sha384', 'sha512'].map((x) => [x, x.toUpperCase().replace('SHA', 'SHA-')])} />
					</div>
					<div class="pair">
						<TextField label="Password of proof" type="password" autocomplete="off" value={auth} set={setAuth} hint="At least 8 characters" />
						<TextField label="Password of encryption" type="password" autocomplete="off" value={priv} set={setPriv} hint="AES. Both are sealed, and not shown again; wrong ones are tried once" />
					</div>
				</details>
			)}
			<details>
				<summary>Port, station, community</summary>
				<div class="pair"><TextField label="Port" value={port} set={setPort} inputMode="numeric" hint={m.port ? `Empty: ${m.port}` : 'It has none'} /><TextField label="Station" value={station} set={setStation} inputMode="numeric" hint="Modbus unit, DNP3 address, S7 slot" /></div>
				{snmp && <TextField label="Community" value={community} set={setCommunity} hint="Empty: public. It is not shown again." />}
			</details>
		</FormDialog>
	);
}

function Results({ methods }: { methods: Method[] }) {
	const list = useList<Result>('/active/results', {}, changed.change);
	const title = (m: string) => methods.find((x) => x.name === m)?.title ?? m;
	if (list.error && list.rows.length === 0) return <Wrong error={list.error} again={list.reload} />;
	if (list.fresh) return <Bones />;
	if (list.rows.length === 0) return <Empty icon="ask" title="Nothing was asked yet">What devices answer shows here, and at each device as evidence marked “asked”.</Empty>;
	return (
		<Card title={`${count(list.total)} results`} act={<button type="button" class="btn small" onClick={() => download('/active/results', csvName('asked'), { format: 'csv' }).catch(failed)}><Icon name="download" />CSV</button>}>
			<Scroll><table class="plain">
				<thead><tr><th>Address</th><th>What</th><th>Asked</th><th>Outcome</th><th>Says</th></tr></thead>
				<tbody>{list.rows.map((r) => (
					<tr key={`${r.method} ${r.ip}`}><td class="nowrap">{r.device ? <a href={`/devices/${r.device}`}>{r.ip}</a> : r.ip}</td><td class="break">{title(r.method)}</td><td class="nowrap"><When at={r.at} /></td><td class="nowrap">{r.outcome === 'answered' ? <Badge kind="good">answered</Badge> : r.outcome}</td><td class="break">{r.found.split('; ').filter(Boolean).map((x, i) => <div key={i}>{x}</div>)}{r.changed && <div class="small"><Badge kind="minor">changed</Badge> <When at={r.changed} />, was: {r.before}</div>}</td></tr>
				))}</tbody>
			</table></Scroll>
			{list.more && <button type="button" class="btn" onClick={list.next}>More</button>}
		</Card>
	);
}

export default function ActivePage({ rest }: { rest: string[] }) {
	const tab = rest[0] === 'results' ? 'results' : 'grants';
	const first = useRead<Asking>('/active', changed.change);
	const methods = useRead<Method[] | { items: Method[] }>('/active/methods');
	const all = Array.isArray(methods.data) ? methods.data : methods.data?.items ?? [];
	// Who stopped it is in the page's own answer, how far it is in the stream.
	const now = first.data && asking.value?.running ? { ...first.data, ...asking.value, halted: asking.value.halted ? first.data.halted || true : null } : first.data;
	return (
		<div class="page">
			<Header title="Asking">
				{can('admin') && <button type="button" class="btn main-act" onClick={() => route.go('/active?new=1')}><Icon name="plus" />Allow asking</button>}
			</Header>
			<p class="lead">The sensor listens. Where you allow it, it also asks devices who they are: with requests that only read, slowly, and with an end.</p>
			<Ready of={{ ...first, data: now }} lines={2}>{(a) => <State a={a} />}</Ready>
			<Tabs label="Asking" value={tab} options={[['grants', 'What may be asked'], ['results', 'Results']]} set={(t) => route.go(t === 'grants' ? '/active' : `/active/${t}`)} />
			{tab === 'grants' ? <Grants methods={all} /> : <Results methods={all} />}
		</div>
	);
}
