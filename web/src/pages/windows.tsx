// Windows endpoints: which may be asked as whom, how that ended, and what is
// known of each.
import { useState } from 'preact/hooks';
import * as route from '../lib/router';
import { can, download, patch, post, put, remove } from '../lib/api';
import { act, type Done, failed } from '../lib/act';
import { changed } from '../lib/events';
import { useList } from '../lib/hooks';
import { count, many, span } from '../lib/units';
import { all, oneOf, search } from '../lib/where';
import { Badge, Bones, Card, Choice, Empty, Field, Say, Scroll, Tabs, TextField, Tick, When, Wrong } from '../ui/basic';
import { ask, FormDialog } from '../ui/dialog';
import { Grid, type Column } from '../ui/grid';
import { Icon } from '../ui/icons';
import { Menu } from '../ui/menu';
import { csvName, Header } from './common';

interface Endpoint { ip: string; name: string; os: string; build: string; programs: number; services: number; updates: number; news: number; told: string | null; outcome: string; at: string | null; text: string; range: number; pin: string }
interface Known { ip: string; host: string; kind: string; name: string; value: string; news: string; was: string; detail: string; first: string | null; last: string | null; changed: string | null; gone: string | null }
interface Range { id: number; enabled: boolean; ranges: string; account: string; via: string; port: number; trust: string; kinds: string; every: number; times: string; hours: string; owner: string; reason: string; who: string; at: string | null; until: string | null; last: string | null; proved: string | null; blocked: string }
const kinds = ['os', 'hardware', 'address', 'update', 'program', 'service', 'user', 'antivirus', 'usb'];
const news: Record<string, string> = { new: 'good', changed: 'minor', gone: 'major' };
const command = 'sightglass active windows scan';

export default function WindowsPage({ rest }: { rest: string[] }) {
	const admin = can('admin');
	const tab = rest[0] === 'known' || (rest[0] === 'allowed' && admin) ? rest[0] : 'endpoints';
	return (
		<div class={`page ${tab === 'known' ? 'fill' : ''}`}>
			<Header title="Windows">
				{admin && <button type="button" class="btn main-act" onClick={() => route.go('/windows/allowed?new=1')}><Icon name="plus" />Allow asking</button>}
			</Header>
			<Tabs label="Windows" value={tab} set={(t) => route.go(t === 'endpoints' ? '/windows' : `/windows/${t}`)} options={[['endpoints', 'Endpoints'], ['known', 'What is known'], ...(admin ? [['allowed', 'What may be asked'] as [string, string]] : [])]} />
			{tab === 'known' ? <KnownList /> : tab === 'allowed' ? <Ranges /> : <Endpoints />}
		</div>
	);
}

// ------------------------------------------------------------- endpoints

function Endpoints() {
	const list = useList<Endpoint>('/windows/endpoints', {}, changed.change);
	const [pin, setPin] = useState<Endpoint | null>(null);
	if (list.error && list.rows.length === 0) return <Wrong error={list.error} again={list.reload} />;
	if (list.fresh) return <Bones />;
	if (list.rows.length === 0) return <Empty icon="devices" title="No Windows endpoint was asked yet">An administrator allows it, with an account made for it; then <code>{command}</code> asks on the sensor. A file that was collected on a machine comes in with <code>sightglass active windows import</code>.</Empty>;
	return (
		<Card title={many(list.total, 'endpoint')} act={<button type="button" class="btn small" onClick={() => download('/windows/endpoints', csvName('windows'), { format: 'csv' }).catch(failed)}><Icon name="download" />CSV</button>}>
			<p class="dim small">Asked with <code>{command}</code> on the sensor, at once or from a timer, in the times of each range.</p>
			<Scroll><table class="plain">
				<thead><tr><th>Address</th><th>Name</th><th>Windows</th><th class="num">Programs</th><th class="num">Services</th><th class="num">Updates</th><th class="num" title="New, changed or gone the last time">New</th><th>As of</th><th>Last asked</th><th /></tr></thead>
				<tbody>{list.rows.map((e) => (
					<tr key={e.ip}>
						<td class="nowrap"><a href={route.link('/windows/known', { ip: e.ip })}>{e.ip}</a></td><td class="break">{e.name}</td><td class="break">{e.os}{e.build && <div class="dim small">{e.build}</div>}</td>
						<td class="num">{count(e.programs)}</td><td class="num">{count(e.services)}</td><td class="num">{count(e.updates)}</td>
						<td class="num">{e.news > 0 ? <a href={route.link('/windows/known', { ip: e.ip, news: 'news' })}>{count(e.news)}</a> : 0}</td>
						<td class="nowrap">{e.told ? <When at={e.told} /> : '–'}</td>
						<td class="break">{e.outcome === '' ? 'never' : e.outcome === 'answered' ? <Badge kind="good">answered</Badge> : <Badge kind="minor">{e.outcome}</Badge>} {e.at && <When at={e.at} near />}{e.text && <div class="dim small">{e.text}</div>}</td>
						<td>{can('admin') && <Menu cls="btn plain small icon-only" label={`With ${e.ip}`} actions={[{ text: 'Certificate to expect …', run: () => setPin(e) }]} />}</td>
					</tr>
				))}</tbody>
			</table></Scroll>
			{list.more && <button type="button" class="btn" onClick={list.next}>More</button>}
			{pin && <PinDialog e={pin} close={() => setPin(null)} done={list.reload} />}
		</Card>
	);
}

function PinDialog({ e, close, done }: { e: Endpoint; close: () => void; done: () => void }) {
	const [pin, setPin] = useState(e.pin);
	return (
		<FormDialog title={`Certificate of ${e.ip}`} close={close} act="Expect it" send={async () => {
			await act(put<Done>('/windows/pin', { ip: e.ip, pin: pin.replace(/[\s:]/g, '') }), `${e.ip} is to show ${pin.trim() ? 'this certificate' : 'any, which is remembered'}.`, 'change');
			done();
		}}>
			<p>The password is given only to an endpoint that shows the certificate it showed first, or this one.</p>
			<TextField label="SHA-256 of the certificate" value={pin} set={setPin} spellcheck={false} hint="64 hexadecimal digits; empty: what it shows next time" />
		</FormDialog>
	);
}

// ----------------------------------------------------------- what is known

const columns: Column<Known>[] = [
	{ id: 'ip', title: 'Address', width: '9rem', sort: 'ip', always: true, cell: (k) => k.ip },
	{ id: 'host', title: 'Endpoint', width: 'minmax(7rem, 1fr)', sort: 'host', cell: (k) => k.host },
	{ id: 'kind', title: 'Kind', width: '7rem', sort: 'kind', cell: (k) => k.kind },
	{ id: 'name', title: 'Of what', width: 'minmax(10rem, 2fr)', sort: 'name', cell: (k) => k.name },
	{ id: 'value', title: 'Value', width: 'minmax(9rem, 2fr)', sort: 'value', cell: (k) => k.value },
	{ id: 'news', title: 'Since before', width: 'minmax(10rem, 1fr)', sort: 'news', cell: (k) => (news[k.news] ? <><Badge kind={news[k.news]!}>{k.news}</Badge>{k.was && <span class="dim small"> was {k.was}</span>}</> : '–') },
	{ id: 'detail', title: 'Detail', width: 'minmax(8rem, 1fr)', hidden: true, cell: (k) => k.detail },
	{ id: 'last', title: 'As of', width: '11rem', sort: 'last', cell: (k) => (k.gone ? <When at={k.gone} /> : k.last ? <When at={k.last} /> : '–') },
];

function KnownList() {
	const q = route.get('q');
	const ip = route.get('ip');
	const kind = route.get('kind');
	const since = route.get('news');
	const sort = route.get('sort') || 'ip';
	const where = all([ip && `ip = ${JSON.stringify(ip)}`, kind && oneOf('kind', [kind]), since && oneOf('news', since === 'news' ? Object.keys(news) : [since]), search(q, ['ip', 'host', 'name', 'value', 'detail'])]) || undefined;
	const list = useList<Known>('/windows/results', { where, sort }, changed.change);
	return (
		<>
			<div class="filters" role="search">
				<div class="find"><Icon name="search" /><input type="search" aria-label="Search what is known" placeholder="Endpoint, program, version …" value={q} onInput={(e) => route.set({ q: e.currentTarget.value })} /></div>
				<select aria-label="Kind" value={kind} onChange={(e) => route.set({ kind: e.currentTarget.value })}><option value="">All kinds</option>{kinds.map((k) => <option key={k}>{k}</option>)}</select>
				<select aria-label="Since before" value={since} onChange={(e) => route.set({ news: e.currentTarget.value })}><option value="">New and old</option><option value="news">New, changed or gone</option>{Object.keys(news).map((n) => <option key={n}>{n}</option>)}</select>
				{ip && <button type="button" class="btn on" onClick={() => route.set({ ip: null })}>Only {ip}<Icon name="close" /></button>}
				<span class="grow" />
				<button type="button" class="btn" onClick={() => download('/windows/results', csvName('windows-known'), { where, sort, format: 'csv' }).catch(failed)}><Icon name="download" />CSV</button>
			</div>
			<Grid label="What is known" nouns="things" list={list} columns={columns} id={(k) => `${k.ip} ${k.kind} ${k.name}`} sort={sort} onSort={(s) => route.set({ sort: s })} phone={(k) => <><span class="row"><b class="cut">{k.name}</b>{news[k.news] && <Badge kind={news[k.news]!}>{k.news}</Badge>}</span><span class="dim small cut">{k.host || k.ip} · {k.kind} · {k.value}</span></>} empty={where ? <Empty icon="filter" title="Nothing fits">Search for something else.</Empty> : <Empty icon="devices" title="Nothing is known yet">What endpoints answer shows here: system, programs, services, users, antivirus, USB storage.</Empty>} />
		</>
	);
}

// ------------------------------------------------------------ what may be

function plan(r: Range): string {
	const parts = [];
	if (r.every) parts.push(`every ${span(r.every)}`);
	if (r.times) parts.push(`at ${r.times.split(/[ ,]/).join(', ')} UTC`);
	return parts.join(', ') || 'when told to';
}

function Ranges() {
	const list = useList<Range>('/windows/ranges', {}, changed.change);
	const [password, setPassword] = useState<Range | null>(null);
	const change = (r: Range, body: Record<string, unknown>, text: string) => void act(patch<Done>(`/windows/ranges/${r.id}`, body), text, 'change').then(list.reload);
	const drop = async (r: Range) => {
		if (await ask('Ask them no longer?', <>{r.ranges.split(' ').join(', ')} as {r.account}: the password is forgotten; what is known stays.</>, 'Forget')) void act(remove<Done>(`/windows/ranges/${r.id}`), 'They are asked no longer; the password is forgotten.', 'change').then(list.reload);
	};
	return (
		<>
			{list.error && list.rows.length === 0 ? <Wrong error={list.error} again={list.reload} /> : list.fresh ? <Bones /> : list.rows.length === 0 ? (
				<Empty icon="ask" title="No Windows endpoint may be asked" act={<button type="button" class="btn main-act" onClick={() => route.set({ new: '1' })}><Icon name="plus" />Allow asking</button>}>With an account that may do nothing but read. Its password is sealed as it comes in, and shown to nobody again.</Empty>
			) : (
				<Card>
					<Scroll><table class="plain">
						<thead><tr><th>Of whom</th><th>As</th><th>When</th><th>Who answers for it</th><th>Ends</th><th>Last scan</th><th>Password</th><th /></tr></thead>
						<tbody>{list.rows.map((r) => {
							const over = r.until !== null && Date.parse(r.until) < Date.now();
							return (
								<tr key={r.id} class={over || !r.enabled ? 'dim' : ''}>
									<td class="break">{r.ranges.split(' ').join(', ')}<div class="dim small">{r.via}{r.port > 0 && `, port ${r.port}`}{r.kinds && `, only ${r.kinds}`}</div></td><td class="break">{r.account}</td>
									<td class="break">{plan(r)}{r.hours && <div class="dim small"><code>{r.hours}</code></div>}</td><td class="break">{r.owner}<div class="dim small">{r.reason}</div></td>
									<td class="nowrap">{over ? <Badge>ended</Badge> : <When at={r.until} />}{!r.enabled && <div><Badge>off</Badge></div>}</td><td class="nowrap">{r.last ? <When at={r.last} /> : 'never'}</td>
									<td class="break">{r.blocked ? <><Badge kind="critical">not used</Badge><div class="dim small">{r.blocked}</div></> : r.proved ? <>taken <When at={r.proved} near /></> : 'not tried yet'}</td>
									<td><Menu cls="btn plain small icon-only" label={`With range ${r.id}`} actions={[
										r.blocked ? { text: 'Try the password again', run: () => change(r, { unblock: true }, 'The password is tried again.') } : null,
										{ text: 'Another password …', run: () => setPassword(r) }, { text: r.enabled ? 'Switch off' : 'Switch on', run: () => change(r, { on: !r.enabled }, r.enabled ? 'It is off.' : 'It is on.') }, null, { icon: 'trash' as const, text: 'Forget …', danger: true, run: () => void drop(r) },
									]} /></td>
								</tr>
							);
						})}</tbody>
					</table></Scroll>
				</Card>
			)}
			{route.get('new') && <RangeDialog close={() => route.set({ new: null })} done={list.reload} />}
			{password && <PasswordDialog r={password} close={() => setPassword(null)} done={list.reload} />}
		</>
	);
}

function Secret({ value, set, hint }: { value: string; set: (v: string) => void; hint: string }) {
	return <Field label="Password" hint={hint}>{(id, about) => <input id={id} {...about} type="password" autocomplete="new-password" value={value} onInput={(e) => set(e.currentTarget.value)} />}</Field>;
}

function PasswordDialog({ r, close, done }: { r: Range; close: () => void; done: () => void }) {
	const [password, set] = useState('');
	return (
		<FormDialog title={`Another password for ${r.account}`} close={close} act="Use it" ready={!!password} send={async () => {
			await act(patch<Done>(`/windows/ranges/${r.id}`, { password }), 'The password is used from now on.', 'change');
			done();
		}}><Secret value={password} set={set} hint="Sealed as it comes in; shown to nobody again" /></FormDialog>
	);
}

const whens: [string, string][] = [['told', 'When somebody says so'], ['every', 'Every so many hours'], ['times', 'At times of the day']];
function RangeDialog({ close, done }: { close: () => void; done: () => void }) {
	const [f, setF] = useState({ ranges: '', user: '', domain: '', password: '', owner: '', reason: '', until: new Date(Date.now() + 90 * 86400000).toISOString().slice(0, 10), when: 'told', every: '24', times: '02:00', hours: '', port: '', trust: '', plain: false });
	const to = (name: keyof typeof f) => (v: string | boolean) => setF((was) => ({ ...was, [name]: v }));
	const list = f.ranges.split(/[\s,]+/).filter(Boolean);
	const send = async () => {
		await act(post<Done>('/windows/ranges', {
			ranges: list, user: f.user.trim(), password: f.password, owner: f.owner.trim(), reason: f.reason.trim(), until: f.until,
			...(f.domain ? { domain: f.domain.trim() } : {}), ...(f.plain ? { plain: true } : {}), ...(f.port ? { port: Number(f.port) } : {}), ...(f.trust ? { trust: f.trust.trim() } : {}), ...(f.hours ? { hours: f.hours.trim() } : {}),
			...(f.when === 'every' ? { every: Math.round(Number(f.every) * 3600) } : {}), ...(f.when === 'times' ? { times: f.times.replace(/\s+/g, ',') } : {}),
		}), `${list.join(', ')} may be asked as ${f.user.trim()}.`, 'change');
		done();
	};
	return (
		<FormDialog title="Allow asking Windows endpoints" close={close} act="Allow it" wide send={send} ready={list.length > 0 && !!f.user.trim() && !!f.password && !!f.owner.trim() && !!f.reason.trim() && !!f.until}>
			<Field label="Of whom" hint="Networks, ranges or addresses: 10.1.2.0/24, 10.1.2.3-10.1.2.9">{(id, about) => <textarea id={id} {...about} data-first rows={2} class="mono" spellcheck={false} value={f.ranges} onInput={(e) => to('ranges')(e.currentTarget.value)} />}</Field>
			<div class="pair"><TextField label="Account" value={f.user} set={to('user')} spellcheck={false} autocomplete="off" hint="One that may only read; docs/windows.md says which rights" /><TextField label="Domain" value={f.domain} set={to('domain')} spellcheck={false} hint="Empty: an account of the endpoint itself" /></div>
			<Secret value={f.password} set={to('password')} hint="Sealed as it comes in; shown to nobody again, and given only to an endpoint whose certificate fits" />
			<div class="pair"><TextField label="Who answers for it" value={f.owner} set={to('owner')} maxLength={90} /><TextField label="Why" value={f.reason} set={to('reason')} maxLength={250} /></div>
			<div class="pair">
				<Choice label="When" value={f.when} set={to('when')} options={whens} />
				{f.when === 'every' ? <TextField label="Hours between two" value={f.every} set={to('every')} inputMode="decimal" /> : f.when === 'times' ? <TextField label="Times, UTC" value={f.times} set={to('times')} hint="06:00,18:30" /> : <Say>Asked with <code>{command}</code>.</Say>}
			</div>
			<Field label="Ends" hint="Within a year">{(id, about) => <input id={id} {...about} type="date" value={f.until} onInput={(e) => to('until')(e.currentTarget.value)} />}</Field>
			<details>
				<summary>Hours, port, certificate</summary>
				<TextField label="Only in these hours" value={f.hours} set={to('hours')} spellcheck={false} placeholder="hour in 18..22 and weekday in mon..fri" hint="UTC; empty: at any time" />
				<div class="pair"><TextField label="Port" value={f.port} set={to('port')} inputMode="numeric" hint={f.plain ? 'Empty: 5985' : 'Empty: 5986'} /><TextField label="Certificate" value={f.trust} set={to('trust')} spellcheck={false} hint="Empty: what it shows first; pinned; or a file of authorities on the sensor" /></div>
				<Tick label="By HTTP" hint="Messages are sealed all the same, but nobody proves to be that endpoint" on={f.plain} set={to('plain')} />
			</details>
		</FormDialog>
	);
}
