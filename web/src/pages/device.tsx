// One device: what it is and from what we know it, whom it talks to, what
// happened; and putting right what the sensor thinks.
import { useEffect, useState } from 'preact/hooks';
import { roles, risks } from 'virtual:words';
import * as route from '../lib/router';
import { ApiError, can, patch, post, remove } from '../lib/api';
import { act, type Done, toast } from '../lib/act';
import { changed } from '../lib/events';
import { useCan, useList, useRead } from '../lib/hooks';
import { bytes, count, many } from '../lib/units';
import { pattern } from '../lib/where';
import type { Alert, Conversation, Device, Event, Evidence, Page } from '../lib/types';
import { Badge, Bones, Choice, Empty, Field, Props, Ready, Say, Scroll, Sev, Tabs, TextField, Tick, When, Wrong } from '../ui/basic';
import { ask, FormDialog } from '../ui/dialog';
import { Icon } from '../ui/icons';
import { Menu } from '../ui/menu';
import { address, End, ends, label, levels, levelText, orderOf, roleText, serves, uses } from './common';

export function DeviceSheet({ id, rows, done, closeTo = '/devices' }: { id: number; rows: Device[]; done: () => void; closeTo?: string }) {
	const one = useRead<Device>(`/devices/${id}`, changed.device);
	const d = one.data ?? rows.find((r) => r.id === id) ?? null;
	const tab = route.get('tab') || 'what';
	const [editing, setEditing] = useState(false);
	const analyst = can('analyst');
	const splits = useCan('POST', `/devices/${id}/split`);
	const again = () => {
		one.reload();
		done();
	};
	const set = (what: Partial<Device>, text: string) => void act(patch<Done>(`/devices/${id}`, what), `${d ? label(d) : 'Device'} ${text}.`, 'device').then((x) => x && again());
	const [splitting, setSplitting] = useState(false);
	const drop = async () => {
		if (!(await ask('Delete this device?', 'It leaves the list until it is seen again. What was learned about it stays.', 'Delete'))) return;
		if (await act(remove<Done>(`/devices/${id}`), 'Device deleted.', 'device')) {
			route.go(route.here(closeTo));
			done();
		}
	};
	const toggle = (key: 'important' | 'scanner' | 'programming', yes: string, no: string) => ({ text: d?.[key] ? no : yes, run: () => set({ [key]: !d?.[key] }, d?.[key] ? no.toLowerCase() : yes.toLowerCase()) });
	return (
		<section class="sheet" aria-label={`Device ${id}`}>
			<header>
				<div class="grow">
					<div class="row wrap small dim"><span>Device {id}</span>{d && <Badge kind="outline">{roleText(d.role)}</Badge>}{d?.important && <Badge kind="note">important</Badge>}{d && !d.authorized && <Badge kind="minor">not authorised</Badge>}{d?.scanner && <Badge kind="outline">may scan</Badge>}{d?.programming && <Badge kind="outline">may program</Badge>}</div>
					<h2 class="break">{d ? label(d) : '…'}</h2>
				</div>
				<button type="button" class="btn plain icon-only" aria-label={route.get('full') ? 'Beside the list' : 'Full page'} onClick={() => route.set({ full: route.get('full') ? null : '1' })}><Icon name="expand" /></button>
				<a class="btn plain icon-only" aria-label="Close details" href={route.here(closeTo)}><Icon name="close" /></a>
			</header>
			{d && (
				<div class="acts" role="toolbar" aria-label="With this device">
					{analyst && !d.authorized && <button type="button" class="btn main-act" onClick={() => set({ authorized: true }, 'authorised')}><Icon name="check" />Authorise</button>}
					{analyst && <button type="button" class="btn" onClick={() => setEditing(true)} disabled={!one.data}><Icon name="edit" />Edit</button>}
					<a class="btn" href={route.link('/map', { focus: address(d) })}><Icon name="map" />On the map</a>
					{analyst && <Menu actions={[
						d.authorized ? { text: 'Not authorised', run: () => set({ authorized: false }, 'not authorised any more') } : null,
						toggle('important', 'Important', 'Not important'), toggle('scanner', 'May scan', 'May not scan'), toggle('programming', 'May program controllers', 'May not program controllers'),
						null,
						splits && d && ends(d).length > 1 && { icon: 'split', text: 'Split …', run: () => setSplitting(true) },
						can('admin') && { icon: 'trash', text: 'Delete …', danger: true, run: () => void drop() },
					]} />}
				</div>
			)}
			<div class="inside">
				{one.error && !d ? <Wrong error={one.error} again={one.reload} /> : !d ? <Bones /> : (
					<>
						<Tabs label="About this device" value={tab} set={(t) => route.set({ tab: t === 'what' ? null : t })} options={[['what', 'Properties'], ['evidence', 'Evidence'], ['talks', 'Conversations'], ['alerts', 'Alerts'], ['time', 'Timeline'], ['modules', `Modules${d.modules?.length ? ` (${d.modules.length})` : ''}`]]} />
						{tab === 'what' && <What d={d} />}
						{tab === 'evidence' && <EvidenceTable of={d.evidence} />}
						{tab === 'talks' && <Talks d={d} />}
						{tab === 'alerts' && <Alerts d={d} />}
						{tab === 'time' && <Timeline d={d} />}
						{tab === 'modules' && <Modules d={d} />}
					</>
				)}
			</div>
			{splitting && d && <SplitDialog d={d} close={() => setSplitting(false)} done={again} />}
			{editing && one.data && <EditDialog first={one.data} close={() => setEditing(false)} done={again} />}
		</section>
	);
}

function What({ d }: { d: Device }) {
	const why = (trait: string) => {
		const e = d.evidence?.find((x) => x.trait === trait);
		return e ? `${e.source}${e.proto && e.proto !== 'unknown' ? `, ${e.proto}` : ''}${e.frame ? `, frame ${e.frame}` : ''}` : undefined;
	};
	const said = (field: string) => d.edited?.includes(field) && <Badge kind="outline" title="A person said so; it wins over what was found">by hand</Badge>;
	const known = (v: string | null | undefined, trait: string, field = trait) => v && <span class="row wrap"><span class="break">{v}</span>{said(field)}{why(trait) && <a class="dim small" href={`?tab=evidence`} onClick={(e) => {
		e.preventDefault();
		route.set({ tab: 'evidence' });
	}}>{why(trait)}</a>}</span>;
	return (
		<>
			{d.comment && <Say icon="comment">{d.comment}</Say>}
			<Props of={[
				['Name', known(d.name, 'name')], ['Role', known(d.role !== 'unknown' ? roleText(d.role) : '', 'role')], ['Purdue level', d.purdue != null && <span class="row">{levelText(d.purdue)}{said('purdue')}</span>],
				['Vendor', known(d.vendor, 'vendor')], ['Model', known(d.model, 'model')], ['Order number', known(orderOf(d), 'order')], ['Firmware', known(d.firmware, 'firmware')], ['Hardware', known(d.hardware, 'hardware')],
				['Serial number', known(d.serial, 'serial')], ['System', known(d.os, 'os')], ['Mode', known(d.mode, 'mode')],
			]} />
			<div><h3>Addresses</h3><Scroll><table class="plain"><thead><tr><th>IP</th><th>MAC</th><th>VLAN</th></tr></thead><tbody>{ends(d).map((e, i) => <tr key={i}><td class="mono">{e.ip ?? '–'}</td><td class="mono">{e.mac ?? '–'}</td><td>{e.vlan ?? '–'}</td></tr>)}</tbody></table></Scroll></div>
			<div><h3>Speaks</h3><Props of={[['Serves', <Chips of={serves(d)} />], ['Uses', <Chips of={uses(d)} />]]} /></div>
			<div><h3>Seen</h3><Props of={[['First', <When at={d.first} />], ['Last', <When at={d.last} />], ['Sent', `${count(d.packets)} packets, ${bytes(d.bytes)}`]]} /></div>
		</>
	);
}
const Chips = ({ of }: { of: string[] }) => (of.length ? <span class="chips">{of.map((x) => <a class="chip" key={x} href={route.link('/devices', { protocol: x })}>{x}</a>)}</span> : <span class="dim">nothing seen</span>);

function EvidenceTable({ of }: { of?: Evidence[] }) {
	if (!of) return <Bones />;
	if (of.length === 0) return <Empty title="No evidence">Nothing says what this device is; its address is all that is known.</Empty>;
	return (
		<>
			<p class="dim">Every statement, the strongest first. What a device says itself counts more than what is said of it, and that more than what we guess.</p>
			<Scroll><table class="plain">
				<thead><tr><th>What</th><th>Statement</th><th>By</th><th>Frame</th><th class="num">Times</th><th>Last</th></tr></thead>
				<tbody>{of.map((e, i) => <tr key={i}><td>{e.trait}</td><td class="break">{e.text}</td><td>{e.source}{e.proto && e.proto !== 'unknown' ? `, ${e.proto}` : ''}</td><td>{e.frame ?? '–'}</td><td class="num">{count(e.count)}</td><td class="nowrap"><When at={e.last} /></td></tr>)}</tbody>
			</table></Scroll>
		</>
	);
}

const riskText = (name: string) => risks.find((r) => r.name === name)?.text ?? name;
export function Operations({ c }: { c: Pick<Conversation, 'operations' | 'risks'> }) {
	const [all, setAll] = useState(false);
	const ops = Object.entries(c.operations ?? {}).sort((a, b) => b[1] - a[1]);
	if (ops.length === 0) return null;
	return (
		<span class="chips">{(all ? ops : ops.slice(0, 6)).map(([name, n]) => {
			const risk = c.risks?.[name];
			return <span key={name} class="chip" title={risk ? riskText(risk) : undefined}>{name} <b>{count(n)}</b>{risk && <Badge kind="major">{risk}</Badge>}</span>;
		})}{ops.length > 6 && !all && <button type="button" class="btn plain small" onClick={() => setAll(true)}>{ops.length - 6} more</button>}</span>
	);
}

function Talks({ d }: { d: Device }) {
	const ips = ends(d).map((e) => e.ip ?? e.mac).filter(Boolean).slice(0, 12);
	const list = useList<Conversation>(ips.length ? '/conversations' : null, { where: ips.map((i) => `client = ${i} or server = ${i}`).join(' or '), sort: '-bytes' });
	if (list.error && list.rows.length === 0) return <Wrong error={list.error} again={list.reload} />;
	if (list.fresh && ips.length) return <Bones />;
	if (list.rows.length === 0) return <Empty icon="map" title="No conversations">Only broadcasts of this device were seen. If it should talk to others, the mirror may not show its port. <a href="/mirror">Mirror</a></Empty>;
	const mine = new Set(ips);
	return (
		<Scroll><table class="plain">
			<thead><tr><th>With</th><th>Protocol</th><th class="num">Bytes</th><th>Last</th><th>Operations</th></tr></thead>
			<tbody>{list.rows.map((c, i) => {
				const asks = mine.has(c.client);
				return <tr key={i}><td class="nowrap"><span title={asks ? 'this device asks' : 'this device is asked'}>{asks ? '→ ' : '← '}</span>{asks ? <End name={c.server_name} at={c.server} device={c.server_device} /> : <End name={c.client_name} at={c.client} device={c.client_device} />}</td><td class="nowrap">{c.proto}{c.port ? <span class="dim"> {c.via} {c.port}</span> : ''}</td><td class="num nowrap">{bytes(c.bytes)}</td><td class="nowrap"><When at={c.last} /></td><td><Operations c={c} /></td></tr>;
			})}</tbody>
		</table>{list.more && <button type="button" class="btn small" onClick={list.next}>More</button>}</Scroll>
	);
}

function Alerts({ d }: { d: Device }) {
	const ips = ends(d).map((e) => e.ip ?? e.mac).filter(Boolean).slice(0, 12);
	const a = useRead<Page<Alert>>(ips.length ? '/alerts' : null, changed.alert, { where: ips.map((i) => `either = ${i}`).join(' or '), sort: '-last', limit: 100 });
	return (
		<Ready of={a}>{(p) => (p.items.length === 0 ? <Empty icon="good" title="No alerts">Nothing was found about this device.</Empty> : (
			<Scroll><table class="plain"><thead><tr><th>Severity</th><th>What</th><th>Status</th><th>Last</th></tr></thead><tbody>{p.items.map((x) => <tr key={x.number}><td><Sev of={x.severity} /></td><td><a href={`/alerts/${x.number}`}>{x.title}</a></td><td>{x.status}</td><td class="nowrap"><When at={x.last} /></td></tr>)}</tbody></table></Scroll>
		))}</Ready>
	);
}

function Timeline({ d }: { d: Device }) {
	const what = [...ends(d).flatMap((e) => [e.ip, e.mac]).filter((x): x is string => !!x).slice(0, 6).map((x) => `text ~ ${pattern(x)}`), `about = "device ${d.id}"`].join(' or ');
	const t = useRead<Page<Event>>('/timeline', undefined, { where: what, limit: 100 });
	return (
		<Ready of={t}>{(p) => (p.items.length === 0 ? <Empty icon="timeline" title="Nothing yet">The timeline tells nothing of this device.</Empty> : (
			<table class="plain"><tbody>{p.items.map((e) => <tr key={e.id}><td class="nowrap"><When at={e.at} /></td><td>{e.what}</td><td class="break">{e.about} {e.text}<div class="dim small">{e.who}</div></td></tr>)}</tbody></table>
		))}</Ready>
	);
}

function Modules({ d }: { d: Device }) {
	if (!d.modules) return <Bones />;
	if (d.modules.length === 0) return <Empty icon="devices" title="No modules">No racks, slots or units behind this device are known.</Empty>;
	return <table class="plain"><thead><tr><th>Protocol</th><th>Unit</th><th>What</th></tr></thead><tbody>{d.modules.map((m, i) => <tr key={i}><td>{m.proto}</td><td>{m.unit ?? '–'}</td><td class="break">{m.text ?? '–'}</td></tr>)}</tbody></table>;
}

// Which of its addresses are another device.
function SplitDialog({ d, close, done }: { d: Device; close: () => void; done: () => void }) {
	const all = ends(d);
	const [off, setOff] = useState<Set<number>>(new Set());
	const set = (i: number, on: boolean) => {
		const next = new Set(off);
		if (on) next.add(i);
		else next.delete(i);
		setOff(next);
	};
	const addresses = [...off].map((i) => all[i]?.ip ?? all[i]?.mac).filter((x): x is string => !!x);
	return (
		<FormDialog title={`Split ${label(d)}`} close={close} act="Split" ready={off.size > 0 && off.size < all.length} send={async () => {
			const answer = await post<Done & { id?: number }>(`/devices/${d.id}/split`, { addresses });
			await act(Promise.resolve(answer), `${many(off.size, 'address', 'addresses')} of ${label(d)} ${off.size === 1 ? 'is' : 'are'} device ${answer?.id} now.`, 'device');
			done();
		}}>
			<p>Which addresses are another device?</p>
			<div class="stack">{all.map((e, i) => <Tick key={i} label={[e.ip, e.mac].filter(Boolean).join('  ')} hint={e.vlan != null ? `VLAN ${e.vlan}` : undefined} on={off.has(i)} set={(on) => set(i, on)} />)}</div>
			{off.size === all.length && <Say kind="minor">One address must be left to this device.</Say>}
			<p class="dim">They become a device of their own and stay one, whatever is seen later. What was said of {label(d)} and what was learned stays as it is.</p>
		</FormDialog>
	);
}

type Draft = { name: string; role: string; purdue: string; comment: string; authorized: boolean; important: boolean; scanner: boolean; programming: boolean };
const draftOf = (d: Device): Draft => ({ name: d.name ?? '', role: d.role, purdue: d.purdue == null ? '' : String(d.purdue), comment: d.comment ?? '', authorized: !!d.authorized, important: d.important, scanner: d.scanner, programming: d.programming });
const titles: Record<keyof Draft, string> = { name: 'Name', role: 'Role', purdue: 'Purdue level', comment: 'Description', authorized: 'Authorised', important: 'Important', scanner: 'May scan', programming: 'May program' };

// Only what was changed is sent. When somebody else changed the device in the
// meantime, both are shown, and nothing is lost.
function EditDialog({ first, close, done }: { first: Device; close: () => void; done: () => void }) {
	const [base, setBase] = useState(first);
	const [now, setNow] = useState<Draft>(draftOf(first));
	const [theirs, setTheirs] = useState<Device | null>(null);
	const before = draftOf(base);
	const differs = (Object.keys(now) as (keyof Draft)[]).filter((k) => now[k] !== before[k]);
	const put = <K extends keyof Draft>(k: K) => (v: Draft[K]) => setNow({ ...now, [k]: v });
	useEffect(() => {
		route.guardWith(differs.length ? () => confirm('Leave without saving what you changed?') : null);
		return () => route.guardWith(null);
	}, [differs.length]);
	const send = async (): Promise<boolean> => {
		const body: Record<string, unknown> = {};
		for (const k of differs) body[k] = k === 'purdue' ? (now.purdue === '' ? null : Number(now.purdue)) : k === 'name' && now.name.trim() === '' ? null : now[k];
		if (differs.length === 0) return true;
		try {
			const answer = await patch<Done>(`/devices/${base.id}`, body, { etag: base.etag });
			await act(Promise.resolve(answer), `${now.name || label(base)} changed.`, 'device');
			done();
			return true;
		} catch (e) {
			if (e instanceof ApiError && (e.status === 409 || e.status === 412)) {
				const current = (e.current as Device | undefined) ?? (await fetchAgain(base.id));
				setTheirs(current);
				return false;
			}
			throw e;
		}
	};
	const keep = () => {
		setBase(theirs!);
		setTheirs(null);
		toast('note', 'Your changes are still in the form; save again to put them over the others.');
	};
	const other = theirs && (Object.keys(titles) as (keyof Draft)[]).filter((k) => draftOf(theirs)[k] !== draftOf(first)[k]);
	return (
		<FormDialog title={`Edit ${label(first)}`} close={close} act="Save" send={send} ready={differs.length > 0 && !theirs} wide={!!theirs}>
			{theirs && (
				<div role="alert"><Say kind="major">
					<p><b>Somebody else changed this device while you were editing.</b></p>
					<table class="plain"><thead><tr><th>Field</th><th>Theirs</th><th>Yours</th></tr></thead><tbody>{[...new Set([...(other ?? []), ...differs])].map((k) => <tr key={k}><td>{titles[k]}</td><td>{String(draftOf(theirs)[k])}</td><td>{String(now[k])}</td></tr>)}</tbody></table>
					<div class="row wrap"><button type="button" class="btn" onClick={keep}>Go on with mine</button><button type="button" class="btn" onClick={() => {
						setBase(theirs);
						setNow(draftOf(theirs));
						setTheirs(null);
					}}>Take theirs</button></div>
				</Say></div>
			)}
			<TextField label="Name" value={now.name} set={put('name')} maxLength={120} hint={base.edited?.includes('name') ? 'Said by a person. Empty: the name that was found.' : 'Empty: the name that is found on the network.'} />
			<div class="pair">
				<Choice label="Role" value={now.role} set={put('role')} options={roles.map((r) => [r, roleText(r)])} />
				<Choice label="Purdue level" value={now.purdue} set={put('purdue')} options={[['', 'as its role'], ...levels]} />
			</div>
			<Field label="Description">{(id) => <textarea id={id} rows={3} maxLength={1000} value={now.comment} onInput={(e) => put('comment')(e.currentTarget.value)} />}</Field>
			<Tick label="Authorised" hint="It belongs here." on={now.authorized} set={put('authorized')} />
			<Tick label="Important" hint="A target of attack vectors; counts more in the risk report; has a star on the map." on={now.important} set={put('important')} />
			<Tick label="May scan" hint="Scans from it raise no alert." on={now.scanner} set={put('scanner')} />
			<Tick label="May program controllers" hint="An engineering station: programming from it is expected." on={now.programming} set={put('programming')} />
		</FormDialog>
	);
}
const fetchAgain = async (id: number): Promise<Device> => (await import('../lib/api')).read<Device>(`/devices/${id}`);
