// Settings: the sensor's configuration, networks, names, indicators, the
// certificate.
import { useMemo, useState } from 'preact/hooks';
import * as route from '../lib/router';
import { can, download, patch, post, put, remove } from '../lib/api';
import { act, type Done, failed, sentence } from '../lib/act';
import { useList, useRead } from '../lib/hooks';
import { count } from '../lib/units';
import { Badge, Bones, Card, Choice, Empty, Field, Ready, Say, Scroll, Tabs, TextField, Tick, Wrong } from '../ui/basic';
import { ask, FormDialog } from '../ui/dialog';
import { Icon } from '../ui/icons';
import { csvName, Header } from './common';
import { Plain } from './health';
import { Directory } from './settings_directory';

export default function SettingsPage({ rest }: { rest: string[] }) {
	const tab = rest[0] || 'networks';
	return (
		<div class="page">
			<Header title="Settings" />
			<Tabs label="Settings" value={tab} set={(t) => route.go(`/settings/${t}`)} options={[['networks', 'Networks'], ['names', 'Names'], ['indicators', 'Indicators'], ['sensor', 'Sensor'], ['directory', 'Directory'], ['certificate', 'Certificate'], ['protocols', 'Protocols']]} />
			{tab === 'names' ? <Names /> : tab === 'indicators' ? <Indicators /> : tab === 'sensor' ? <Sensor /> : tab === 'directory' ? <Directory /> : tab === 'certificate' ? <Certificate /> : tab === 'protocols' ? <Protocols /> : <Networks />}
		</div>
	);
}

// ---------------------------------------------------------------- networks

interface Network { network: string; name: string; ot: boolean; inside: boolean; dhcp: boolean; devices?: number; ot_devices?: number }
function Networks() {
	const list = useList<Network>('/networks', {});
	const seen = useRead<{ items?: Network[] } | Network[]>('/networks/seen');
	const [editing, setEditing] = useState<Partial<Network> | null>(null);
	const admin = can('admin');
	const known = new Set(list.rows.map((n) => n.network));
	const found = (Array.isArray(seen.data) ? seen.data : seen.data?.items ?? []).filter((n) => !known.has(n.network));
	const drop = (n: Network) => void act(remove<Done>(`/networks/${n.network}`), `${n.network} deleted.`, 'device').then(list.reload);
	if (list.error && list.rows.length === 0) return <Wrong error={list.error} again={list.reload} />;
	if (list.fresh) return <Bones />;
	return (
		<>
			<Card title="Networks that are known" act={<><button type="button" class="btn" onClick={() => download('/networks', csvName('networks'), { format: 'csv' }).catch(failed)}><Icon name="download" />CSV</button>{admin && <button type="button" class="btn main-act" onClick={() => setEditing({ ot: true })}><Icon name="plus" />Network</button>}</>}>
				<p class="dim">Private addresses are ours and industrial until something else is said here. Office subnets are drawn together on the map, and what is new in them matters less.</p>
				{list.rows.length === 0 ? <Empty icon="map" title="Nothing was said yet">What was seen stands below; take it over with one click.</Empty> : (
					<Scroll><table class="plain"><thead><tr><th>Network</th><th>Name</th><th>Kind</th><th>Addresses</th><th /></tr></thead><tbody>{list.rows.map((n) => <tr key={n.network}><td class="mono">{n.network}</td><td class="break">{n.name}</td><td>{n.ot ? 'industrial' : 'office'}{n.inside && <> <Badge kind="outline">ours</Badge></>}</td><td>{n.dhcp ? 'handed out by DHCP' : 'fixed'}</td><td class="nowrap">{admin && <><button type="button" class="btn plain small" onClick={() => setEditing(n)}>Change</button><button type="button" class="btn plain small icon-only" aria-label={`Delete ${n.network}`} onClick={() => drop(n)}><Icon name="trash" /></button></>}</td></tr>)}</tbody></table></Scroll>
				)}
			</Card>
			{found.length > 0 && (
				<Card title="Seen in the traffic"><Scroll><table class="plain"><thead><tr><th>Network</th><th class="num">Devices</th><th class="num">Industrial</th><th /></tr></thead><tbody>{found.map((n) => <tr key={n.network}><td class="mono">{n.network}</td><td class="num">{count(n.devices)}</td><td class="num">{count(n.ot_devices)}</td><td>{admin && <button type="button" class="btn small" onClick={() => setEditing({ network: n.network, ot: (n.ot_devices ?? 0) > 0 })}>Name it</button>}</td></tr>)}</tbody></table></Scroll></Card>
			)}
			{editing && <NetworkDialog n={editing} close={() => setEditing(null)} done={list.reload} />}
		</>
	);
}
function NetworkDialog({ n, close, done }: { n: Partial<Network>; close: () => void; done: () => void }) {
	const [network, setNetwork] = useState(n.network ?? '');
	const [name, setName] = useState(n.name ?? '');
	const [ot, setOt] = useState(n.ot === false ? 'it' : 'ot');
	const [inside, setInside] = useState(!!n.inside);
	const [dhcp, setDhcp] = useState(!!n.dhcp);
	return (
		<FormDialog title={n.name !== undefined ? `Change ${n.network}` : 'Network'} close={close} act="Save" ready={!!network.trim()} send={async () => {
			await act(put<Done>('/networks', { networks: [{ network: network.trim(), name: name.trim(), ot: ot === 'ot', inside, dhcp }] }), `${network.trim()} saved.`, 'device').then((x) => {
				if (!x) throw new Error('It was not saved; the message says why.');
			});
			done();
		}}>
			<TextField label="Network" value={network} set={setNetwork} placeholder="10.1.0.0/16" disabled={n.name !== undefined} />
			<TextField label="Name" value={name} set={setName} maxLength={60} placeholder="Line 1" />
			<Choice label="Kind" value={ot} set={setOt} options={[['ot', 'Industrial: part of the plant'], ['it', 'Office: not industrial']]} />
			<Tick label="Ours, although it looks like the Internet" on={inside} set={setInside} />
			<Tick label="Addresses are handed out by DHCP" hint="Devices are followed by their MAC address." on={dhcp} set={setDhcp} />
		</FormDialog>
	);
}

// ------------------------------------------------------------------- names

interface Name { kind: string; what: string; name: string }
const nameKinds: [string, string, string, string][] = [['port', 'Ports', 'tcp/5020', 'Boiler gateway'], ['vlan', 'VLANs', '30', 'Cell 3'], ['domain', 'Allowed domains', '*.vendor.example', 'remote support']];
function Names() {
	return <div class="cards">{nameKinds.map(([k, t, what, name]) => <NameCard key={k} kind={k} title={t} example={what} text={name} />)}</div>;
}
function NameCard({ kind, title, example, text }: { kind: string; title: string; example: string; text: string }) {
	const list = useList<Name>('/names', { where: `kind = "${kind}"` });
	const [what, setWhat] = useState('');
	const [name, setName] = useState('');
	const admin = can('admin');
	const add = async () => {
		const w = kind === 'vlan' && /^\d+$/.test(what.trim()) ? `vlan/${what.trim()}` : what.trim();
		if (await act(put<Done>('/names', { what: w, name: name.trim() }), `${w} named.`, 'health')) {
			setWhat('');
			setName('');
			list.reload();
		}
	};
	const drop = (n: Name) => void act(remove<Done>(`/names/${n.what.split('/').map(encodeURIComponent).join('/')}`), `${n.what} deleted.`, 'health').then(list.reload);
	return (
		<Card title={title}>
			{kind === 'domain' && <p class="dim small">Asking for these names raises no alert, nor does speaking with the addresses DNS answers for them.</p>}
			{list.error && list.rows.length === 0 ? <Wrong error={list.error} again={list.reload} /> : list.fresh ? <Bones lines={3} /> : list.rows.length === 0 ? <p class="dim">None yet.</p> : <table class="plain"><tbody>{list.rows.map((n) => <tr key={n.what}><td class="mono break">{n.what}</td><td class="break">{n.name}</td><td class="num">{admin && <button type="button" class="btn plain small icon-only" aria-label={`Delete ${n.what}`} onClick={() => drop(n)}><Icon name="trash" /></button>}</td></tr>)}</tbody></table>}
			{admin && (
				<form class="row wrap" style={{ marginTop: '.75rem' }} onSubmit={(e) => {
					e.preventDefault();
					void add();
				}}><input class="grow" aria-label={`${title}: which`} placeholder={example} value={what} onInput={(e) => setWhat(e.currentTarget.value)} /><input class="grow" aria-label={`${title}: name`} placeholder={text} value={name} onInput={(e) => setName(e.currentTarget.value)} /><button class="btn" type="submit" disabled={!what.trim()}>Add</button></form>
			)}
		</Card>
	);
}

// -------------------------------------------------------------- indicators

interface IndicatorList { list: string; type: string; count: number; expired: number }
function Indicators() {
	const list = useList<IndicatorList>('/indicators/lists', {});
	const [file, setFile] = useState<File | null>(null);
	const [name, setName] = useState('');
	const [replace, setReplace] = useState(true);
	const [open, setOpen] = useState(false);
	const admin = can('admin');
	const rows = useMemo(() => {
		const by = new Map<string, IndicatorList[]>();
		for (const r of list.rows) by.set(r.list, [...(by.get(r.list) ?? []), r]);
		return [...by];
	}, [list.rows]);
	return (
		<Card title="Lists of what is known to be bad" act={admin && <button type="button" class="btn main-act" onClick={() => setOpen(true)}><Icon name="upload" />Import</button>}>
			<p class="dim">Addresses, domains, URLs and hashes of files, as CSV (<code>type,value,comment</code>), plain lists, STIX 2.1 or MISP. One bad line, and nothing is imported.</p>
			{list.error && list.rows.length === 0 ? <Wrong error={list.error} again={list.reload} /> : list.fresh ? <Bones lines={3} /> : rows.length === 0 ? <Empty icon="detections" title="No lists">Traffic with what is on a list raises an alert of the malware engine.</Empty> : <table class="plain"><thead><tr><th>List</th><th>Indicators</th><th /></tr></thead><tbody>{rows.map(([n, c]) => <tr key={n}><td>{n}</td><td>{c.map((x) => `${count(x.count)} ${x.type}${x.expired ? ` (${count(x.expired)} expired)` : ''}`).join(', ')}</td><td class="num">{admin && <button type="button" class="btn plain small" onClick={async () => {
				if (await ask(`Delete the list “${n}”?`, 'What it names is not looked for any more.', 'Delete')) void act(remove<Done>(`/indicators/lists/${encodeURIComponent(n)}`), `${n} deleted.`, 'health').then(list.reload);
			}}>Delete</button>}</td></tr>)}</tbody></table>}
			{open && <FormDialog title="Import indicators" close={() => setOpen(false)} act="Import" ready={!!file && !!name.trim()} send={async () => {
				const done = await post<Done>('/indicators/lists', { list: name.trim(), text: await file!.text(), replace, from: file!.name });
				await act(Promise.resolve(done), `${file!.name} imported as ${name.trim()}.`, 'health');
				list.reload();
			}}>
				<Field label="File">{(id) => <input id={id} type="file" accept=".csv,.txt,.json,.stix" onChange={(e) => {
					const f = e.currentTarget.files?.[0] ?? null;
					setFile(f);
					if (f && !name) setName(f.name.replace(/\.\w+$/, ''));
				}} />}</Field>
				<TextField label="Name of the list" value={name} set={setName} maxLength={60} />
				<Tick label="What the list had before goes" on={replace} set={setReplace} />
			</FormDialog>}
		</Card>
	);
}

// ------------------------------------------------------------------ sensor

interface Setting { key: string; value: string | number; default: string; type: string; unit: string; least: number; most: number; restart: boolean; changes: boolean; said: boolean; help: string }
const choices = (s: Setting): string[] | null => (s.type === 'choice' ? s.unit.split(' ').filter(Boolean) : null);
const isNumber = (s: Setting): boolean => s.type === 'number' || s.type === 'bytes';
// "10G" where it is that, as the configuration file has it.
const powers = ['', 'K', 'M', 'G'];
function short(s: Setting, v: string | number): string {
	let n = Number(v);
	if (s.type !== 'bytes' || !Number.isSafeInteger(n)) return String(v ?? '');
	let p = 0;
	for (; p < 3 && n > 0 && n % 1024 === 0; p++) n /= 1024;
	return `${n}${powers[p]}`;
}
function whole(s: Setting, text: string): number {
	const m = /^(\d+)([KMG]?)$/i.exec(text.trim());
	if (!m || (m[2] && s.type !== 'bytes')) return Number.NaN;
	return Number(m[1]) * 1024 ** powers.indexOf(m[2]!.toUpperCase());
}
const kept = (s: Setting): string => (s.default === '' ? 'nothing' : isNumber(s) ? short(s, whole(s, s.default)) : s.default);
const familyOf = (s: Setting) => (s.key.includes('.') ? s.key.split('.')[0]! : 'general');
const familyTitles: Record<string, string> = { general: 'General', keep: 'What is kept, and how long', alerts: 'Alerts', flows: 'Memory for flows', baseline: 'Baseline', capture: 'Capture', web: 'Console', filter: 'Capture filters', log: 'Log', tcp: 'TCP', malware: 'Malware', directory: 'Directory' };

function Sensor() {
	const list = useList<Setting>(can('admin') ? '/settings' : null, {});
	// null: as in the file again
	const [draft, setDraft] = useState<Record<string, string | null>>({});
	const [wrong, setWrong] = useState('');
	const [busy, setBusy] = useState(false);
	const q = route.get('q').toLowerCase();
	if (list.more && !list.loading) list.next();
	if (!can('admin')) return <Empty title="Your role does not allow this">Only administrators see and change how the sensor is set.</Empty>;
	if (list.error && list.rows.length === 0) return <Wrong error={list.error} again={list.reload} />;
	if (list.fresh) return <Bones lines={12} />;
	const shown = list.rows.filter((s) => `${s.key} ${s.help}`.toLowerCase().includes(q));
	const families = [...new Set(shown.map(familyOf))].sort((a, b) => Number(b === 'general') - Number(a === 'general') || a.localeCompare(b));
	const changes = list.rows.filter((s) => draft[s.key] !== undefined && (draft[s.key] === null ? s.said : draft[s.key] !== short(s, s.value)));
	const bad = (s: Setting): string | null => {
		const text = draft[s.key];
		if (text === undefined || text === null || !isNumber(s)) return null;
		const n = whole(s, text);
		if (Number.isNaN(n)) return s.type === 'bytes' ? 'A number of bytes, such as 512M or 10G.' : 'A number.';
		return n < s.least ? `At least ${short(s, s.least)}.` : n > s.most ? `At most ${short(s, s.most)}.` : null;
	};
	const ready = changes.length > 0 && !changes.some(bad);
	const save = async () => {
		setBusy(true);
		setWrong('');
		try {
			const answer = await patch<Done & { restart?: boolean }>('/settings', Object.fromEntries(changes.map((s) => [s.key, draft[s.key] ?? null])));
			await act(Promise.resolve(answer), `${changes.length === 1 ? changes[0]!.key : `${changes.length} settings`} saved${answer?.restart ? '; it counts when the sensor is started again' : ''}.`, 'health');
			setDraft({});
			list.reload();
		} catch (e) {
			setWrong(sentence(e));
		}
		setBusy(false);
	};
	return (
		<form class="stack" onSubmit={(e) => {
			e.preventDefault();
			if (ready && !busy) void save();
		}}>
			<div class="row wrap">
				<div class="filters grow" role="search"><div class="find"><Icon name="search" /><input type="search" aria-label="Search settings" placeholder="Search settings" value={route.get('q')} onInput={(e) => route.set({ q: e.currentTarget.value })} /></div></div>
				{changes.length > 0 && <button type="button" class="btn" onClick={() => setDraft({})}>Discard</button>}
				<button type="submit" class="btn main-act" disabled={!ready || busy}>Save{changes.length > 0 && ` ${changes.length}`}</button>
			</div>
			<p class="dim">What is said here goes over the sensor’s configuration file and counts at once, unless it says otherwise. Places, ports, the console itself and the directory of people are set in the file alone.</p>
			{wrong && <div role="alert"><Say kind="critical" icon="wrong">{wrong}</Say></div>}
			{shown.length === 0 && <Empty icon="filter" title="No setting fits" />}
			{families.map((f) => {
				const of = shown.filter((s) => familyOf(s) === f);
				const open = of.filter((s) => s.changes);
				const fixed = of.filter((s) => !s.changes);
				return (
					<Card key={f} title={familyTitles[f] ?? f}>
						{open.length > 0 && <div class="form">{open.map((s) => <SettingField key={s.key} s={s} draft={draft[s.key]} set={(v) => setDraft({ ...draft, [s.key]: v })} wrong={bad(s)} />)}</div>}
						{fixed.length > 0 && <Scroll><table class="plain"><thead><tr><th>In the file only</th><th>Now</th><th>What it is</th></tr></thead><tbody>{fixed.map((s) => <tr key={s.key}><td class="nowrap"><code>{s.key}</code></td><td class="break">{short(s, s.value) || <span class="dim">–</span>}</td><td>{s.help}</td></tr>)}</tbody></table></Scroll>}
					</Card>
				);
			})}
		</form>
	);
}

function SettingField({ s, draft, set, wrong }: { s: Setting; draft: string | null | undefined; set: (v: string | null) => void; wrong: string | null }) {
	const now = draft === null ? '' : draft ?? short(s, s.value);
	const words = choices(s);
	const hint = (
		<>
			{s.help[0]!.toUpperCase() + s.help.slice(1)}.{isNumber(s) && <> {short(s, s.least)} to {short(s, s.most)}{s.unit && ` ${s.unit}`}.</>} At first: {kept(s)}.{s.restart && <b> Counts when the sensor is started again.</b>}
			{draft === null ? <> <Badge kind="note">as in the file, when saved</Badge></> : s.said && <> <Badge kind="outline">set here</Badge> <button type="button" class="btn plain small" onClick={() => set(null)}>As in the file</button></>}
		</>
	);
	if (words) return <Choice label={s.key} hint={hint} value={draft === null ? '' : now} set={set} options={draft === null ? ['', ...words] : words} />;
	return <TextField label={`${s.key}${s.unit ? ` (${s.unit})` : ''}`} hint={hint} wrong={wrong} value={now} set={set} autocomplete="off" style={{ maxWidth: '20rem' }} />;
}

// ------------------------------------------------------------- certificate

function Certificate() {
	const h = useRead<Record<string, unknown>>('/certificate');
	const [key, setKey] = useState('');
	const [chain, setChain] = useState('');
	const [wrong, setWrong] = useState('');
	const [busy, setBusy] = useState(false);
	const take = (set: (t: string) => void) => async (e: { currentTarget: HTMLInputElement }) => {
		const f = e.currentTarget.files?.[0];
		if (f) set(await f.text());
	};
	const send = async () => {
		setBusy(true);
		setWrong('');
		try {
			await put('/certificate', { key, chain });
			await act(Promise.resolve({}), 'Certificate put in. Your browser may ask you once more whether it trusts this sensor.', 'health');
			setKey('');
			setChain('');
			h.reload();
		} catch (e) {
			setWrong(sentence(e));
		}
		setBusy(false);
	};
	return (
		<div class="cards">
			<Card title="In use"><Ready of={h} lines={4}>{(x) => <Plain of={x} />}</Ready></Card>
			{can('admin') && (
				<Card title="Put in another" cls="wide">
					<form class="form" onSubmit={(e) => {
						e.preventDefault();
						void send();
					}}>
						{wrong && <div role="alert"><Say kind="critical" icon="wrong">{wrong}</Say></div>}
						<Field label="Certificate and chain (PEM)" hint="The sensor’s first, then those that signed it.">{(id, about) => <><input type="file" aria-label="Certificate file" accept=".pem,.crt,.cer" onChange={take(setChain)} /><textarea id={id} {...about} class="mono" rows={6} spellcheck={false} value={chain} placeholder="-----BEGIN CERTIFICATE-----" onInput={(e) => setChain(e.currentTarget.value)} /></>}</Field>
						<Field label="Private key (PEM)" hint="Kept on the sensor, readable by it alone; never shown again.">{(id, about) => <><input type="file" aria-label="Key file" accept=".pem,.key" onChange={take(setKey)} /><textarea id={id} {...about} class="mono" rows={4} spellcheck={false} autocomplete="off" value={key} placeholder="-----BEGIN PRIVATE KEY-----" onInput={(e) => setKey(e.currentTarget.value)} /></>}</Field>
						<div><button type="submit" class="btn main-act" disabled={busy || !key.trim() || !chain.trim()}>Check and put in</button></div>
					</form>
				</Card>
			)}
		</div>
	);
}

// --------------------------------------------------------------- protocols

interface Protocol { name: string; title: string; industrial: boolean; ports?: Record<string, number[]>; depth: string; spec?: string }
function Protocols() {
	const list = useList<Protocol>('/protocols', {});
	if (list.error && list.rows.length === 0) return <Wrong error={list.error} again={list.reload} />;
	if (list.fresh) return <Bones />;
	return <Card title={`${list.total} protocols are understood`}><Scroll><table class="plain"><thead><tr><th>Name</th><th>Title</th><th>How far</th><th>Ports</th></tr></thead><tbody>{list.rows.map((p) => <tr key={p.name}><td class="nowrap"><b>{p.name}</b>{p.industrial && <> <Badge kind="note">OT</Badge></>}</td><td>{p.title}<div class="dim small">{p.spec}</div></td><td>{p.depth}</td><td class="small">{Object.entries(p.ports ?? {}).map(([k, v]) => `${k} ${v.slice(0, 6).join(' ')}${v.length > 6 ? ' …' : ''}`).join('; ')}</td></tr>)}</tbody></table></Scroll></Card>;
}
