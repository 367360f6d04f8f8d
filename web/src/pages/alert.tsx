// One alert: what, between whom, what was normal, what to do, and the proof.
import { useState } from 'preact/hooks';
import * as route from '../lib/router';
import { can, download } from '../lib/api';
import { failed } from '../lib/act';
import { changed } from '../lib/events';
import { useRead } from '../lib/hooks';
import { local, parse } from '../lib/time';
import { count, many } from '../lib/units';
import type { Alert, AlertBrief, DeviceBrief, Fact, Frame, Page } from '../lib/types';
import { Badge, Bones, Empty, Field, Props, Ready, Say, Scroll, Sev, severities, Spark, Tabs, When, Wrong } from '../ui/basic';
import { Icon } from '../ui/icons';
import { Menu } from '../ui/menu';
import { End, filled, techniqueList } from './common';
import { decide } from './alert_acts';

const tiers: Record<string, string> = { A: 'no baseline can justify it', B: 'a difference to what was learned', C: 'weak evidence, better seen together with others' };

export function AlertSheet({ number, ask, done, rows }: { number: number; ask: (what: 'learn' | 'mute' | 'comment') => void; done: () => void; rows: Alert[] }) {
	const one = useRead<Alert>(`/alerts/${number}`, changed.alert);
	const a = one.data ?? rows.find((r) => r.number === number) ?? null;
	const tab = route.get('tab') || 'what';
	const analyst = can('analyst');
	const at = rows.findIndex((r) => r.number === number);
	const step = (by: number) => rows[at + by] && route.go(route.here(`/alerts/${rows[at + by].number}`), true);
	const run = (action: string, more = {}) => void decide(action, { numbers: [number], ...more }).then(() => {
		one.reload();
		done();
	});
	return (
		<section class="sheet" aria-label={`Alert ${number}`}>
			<header>
				<div class="grow">
					<div class="row wrap small dim">{a && <Sev of={a.severity} />}<span>Alert {number}</span>{a && <Badge kind={a.status === 'closed' ? 'outline' : 'note'}>{a.status}</Badge>}{a?.muted && <Badge>muted</Badge>}</div>
					<h2 class="break">{a?.title ?? '…'}</h2>
				</div>
				{at >= 0 && <><button type="button" class="btn plain icon-only" aria-label="Alert before" disabled={at === 0} onClick={() => step(-1)}><Icon name="up" /></button><button type="button" class="btn plain icon-only" aria-label="Next alert" disabled={at + 1 >= rows.length} onClick={() => step(1)}><Icon name="down" /></button></>}
				<button type="button" class="btn plain icon-only" aria-label={route.get('full') ? 'Beside the list' : 'Full page'} onClick={() => route.set({ full: route.get('full') ? null : '1' })}><Icon name="expand" /></button>
				<a class="btn plain icon-only" aria-label="Close details" href={route.here('/alerts')}><Icon name="close" /></a>
			</header>
			{a && analyst && (
				<div class="acts" role="toolbar" aria-label="Decide">
					{a.learnable && <button type="button" class="btn main-act" onClick={() => ask('learn')} title="This is normal (l)"><Icon name="learn" />Learn …</button>}
					{a.status === 'closed' ? <button type="button" class="btn" onClick={() => run('reopen')}>Open again</button> : <button type="button" class="btn" onClick={() => run('close')} title="Dealt with; tell me again next time (e)"><Icon name="check" />Close</button>}
					{a.status === 'new' && <button type="button" class="btn" onClick={() => run('active')} title="Somebody looks after it">Take up</button>}
					{a.muted ? <button type="button" class="btn" onClick={() => run('unmute')}>Unmute</button> : <button type="button" class="btn" onClick={() => ask('mute')} title="Not normal, but of no interest (m)"><Icon name="mute" />Mute …</button>}
					<Menu actions={[
						{ icon: 'comment', text: 'Comment …', run: () => ask('comment') },
						...(a.id ? [
							{ icon: 'plus' as const, text: 'Exclusion from this …', href: route.link('/detections/rules', { new: 'exclude', text: excludeText(a) }) },
							{ icon: 'detections' as const, text: 'Its detection', href: `/detections/${a.id}` },
						] : []),
						null,
						...severities.filter((s) => s !== a.severity).map((s) => ({ text: `Severity: ${s}`, run: () => run('severity', { severity: s }) })),
					]} />
				</div>
			)}
			<div class="inside">
				{one.error && !a ? <Wrong error={one.error} again={one.reload} /> : !a ? <Bones /> : (
					<>
						<Tabs label="About this alert" value={tab} set={(t) => route.set({ tab: t === 'what' ? null : t })} options={[['what', 'What happened'], ['frames', 'Frames'], ['near', 'Around it'], ['talk', `Comments${a.comments?.length ? ` (${a.comments.length})` : ''}`]]} />
						{tab === 'what' && <What a={a} />}
						{tab === 'frames' && <Frames a={a} />}
						{tab === 'near' && <Near a={a} />}
						{tab === 'talk' && <Comments a={a} again={one.reload} />}
					</>
				)}
			</div>
		</section>
	);
}

const excludeText = (a: Alert): string => [`name = "${a.id}"`, a.source && `source = ${a.source}`, a.destination && `destination = ${a.destination}`].filter(Boolean).join(' and ');

function What({ a }: { a: Alert }) {
	return (
		<>
			<p class="break">{a.explanation ?? a.text}</p>
			{a.meaning && <p class="dim break">{filled(a.meaning, a)}</p>}
			{a.advice && <div><h3>What to do</h3><Say kind="good" icon="check">{filled(a.advice, a)}</Say></div>}
			<div class="flow">
				<Place label="Source" name={a.source_name} at={a.source} mac={a.source_mac} port={a.source_port} device={a.source_device} />
				<Icon name="right" label="to" />
				<Place label="Destination" name={a.destination_name} at={a.destination} mac={a.destination_mac} port={a.destination_port} device={a.destination_device} />
			</div>
			<Violations a={a} />
			<Moments a={a} />
			<div>
				<h3>About it</h3>
				<Props of={[
					['First seen', <When at={a.first} />], ['Last seen', <When at={a.last} />], ['Times', count(a.count)],
					['Protocol', a.protocol], ['VLAN', a.vlan], ['Engine', a.engine], ['Category', a.category],
					['Evidence', a.tier && <span>tier {a.tier}: {tiers[a.tier] ?? ''}</span>],
					['ATT&CK', techniqueList(a.techniques).length > 0 && <ul>{techniqueList(a.techniques).map((t) => <li key={t.id}><code>{t.id}</code> {t.name}</li>)}</ul>],
					['Detection', a.id && <a href={`/detections/${a.id}`}>{a.id}{a.ref ? ` (${a.ref})` : ''}</a>],
				]} />
			</div>
			<div class="row wrap">
				<a class="btn" href={route.link('/map', { focus: a.source ?? '' })}><Icon name="map" />On the map</a>
				<a class="btn" href={route.link('/timeline', { q: `alert ${a.number}` })}><Icon name="timeline" />On the timeline</a>
			</div>
		</>
	);
}

function Place({ label, name, at, mac, port, device }: { label: string; name?: string; at: string | null; mac?: string | null; port?: number | null; device?: DeviceBrief | number | null }) {
	return <div class="hop"><div class="dim small">{label}</div><div><End name={name} at={at} port={port} device={device} /></div>{mac && mac !== at && <div class="mono dim small">{mac}</div>}</div>;
}

function Violations({ a }: { a: Alert }) {
	const [all, setAll] = useState(false);
	const v = a.violations ?? [];
	if (v.length === 0) return null;
	const csv = () => download(`/alerts/${a.number}`, `alert-${a.number}-violations.csv`, { format: 'csv' }).catch(failed);
	return (
		<div>
			<div class="row"><h3 class="grow">{many(v.length + (a.violations_left_out ?? 0), 'violation')}</h3><button type="button" class="btn plain small" onClick={csv}><Icon name="download" />CSV</button></div>
			<Scroll><table class="plain">
				<thead><tr><th>What</th><th class="num">Times</th><th>Last</th></tr></thead>
				<tbody>{(all ? v : v.slice(0, 10)).map((x, i) => <tr key={i}><td class="break">{x.text}</td><td class="num">{count(x.count)}</td><td class="nowrap"><When at={x.last} /></td></tr>)}</tbody>
			</table></Scroll>
			{v.length > 10 && !all && <button type="button" class="btn plain small" onClick={() => setAll(true)}>Show all {v.length}</button>}
			{(a.violations_left_out ?? 0) > 0 && <p class="dim small">{count(a.violations_left_out!)} more had no room.</p>}
		</div>
	);
}

// When it was seen, spread over its life.
function Moments({ a }: { a: Alert }) {
	const t = (a.times ?? []).map((x) => parse(x)?.getTime() ?? 0).filter(Boolean);
	if (t.length < 3) return null;
	const from = Math.min(...t);
	const width = Math.max(1, Math.max(...t) - from);
	const bins = new Array(48).fill(0);
	for (const x of t) bins[Math.min(47, Math.floor((48 * (x - from)) / width))]++;
	return <div><h3>When</h3><Spark of={bins} label={`Seen ${count(a.count)} times between ${local(a.first)} and ${local(a.last)}`} /><div class="row small dim"><span class="grow"><When at={a.first} /></span><When at={a.last} /></div></div>;
}

function Frames({ a }: { a: Alert }) {
	const frames = useRead<{ items?: Frame[]; frames?: Frame[] } | Frame[]>(`/alerts/${a.number}/frames`);
	const all = frames.data ? (Array.isArray(frames.data) ? frames.data : frames.data.items ?? frames.data.frames ?? []) : [];
	const says = Math.max(0, all.findIndex((f) => f.facts?.length)); // the first that says something
	return (
		<>
			<div class="row wrap"><button type="button" class="btn" onClick={() => download(`/alerts/${a.number}/pcap`, `alert-${a.number}.pcapng`).catch(failed)}><Icon name="download" />pcapng, for Wireshark</button></div>
			{frames.error?.status === 404 ? <Empty icon="captures" title="No frames kept">This alert rests on what did not happen, or its frames made room for newer ones.</Empty> : (
				<Ready of={frames}>{() => (all.length === 0 ? <Empty icon="captures" title="No frames kept">This alert rests on what did not happen, or its frames made room for newer ones.</Empty> : (
					<ol class="stack-s">{all.map((f, i) => <FrameView key={i} f={f} first={i === says} />)}</ol>
				))}</Ready>
			)}
		</>
	);
}

function FrameView({ f, first }: { f: Frame; first: boolean }) {
	return (
		<li class="card"><details open={first}>
			<summary class="row wrap" style={{ padding: '.5rem .75rem' }}><b>Frame {f.frame}</b><span class="dim small"><When at={f.time} /></span><span class="small break">{f.summary}</span></summary>
			<div class="body stack">
				{(f.facts ?? []).map((x, i) => <FactView key={i} x={x} />)}
				{f.facts === null && <p class="dim">What it says could not be found out: the process that reads frames did not answer, or ended with them. Its bytes are below; with the pcapng, other programs may say more.</p>}
				{f.facts?.length === 0 && <p class="dim">It says nothing that the sensor understands.</p>}
				{f.hex && <details><summary>{count(f.length)} bytes{f.captured < f.length && `, ${count(f.captured)} kept`}</summary><Scroll><div class="hex">{hexdump(f.hex)}</div></Scroll></details>}
			</div>
		</details></li>
	);
}

const inWords = (v: unknown): string => (v === null || v === undefined ? '' : Array.isArray(v) ? v.map(inWords).join(', ') : typeof v === 'object' ? Object.entries(v).filter(([, y]) => y !== null && y !== '' && y !== 0).map(([k, y]) => `${k} ${inWords(y)}`).join(', ') : String(v));
function FactView({ x }: { x: Fact }) {
	return (
		<div>
			<div class="row wrap"><b>{x.proto}</b><span>{x.op_name ?? x.kind}</span><span class="dim small">{x.response ? 'answer' : 'request'}, {x.kind}</span>{x.risk && x.risk !== 'none' && <Badge kind="major">{x.risk}</Badge>}</div>
			<Props of={[
				['Between', `${x.client} → ${x.server}`], ['Code', x.op != null && <code>{x.op}</code>], ['Unit', x.unit], ['Object', inWords(x.object)], ['Text', x.text],
				['Values', inWords(x.values)], ['Error', inWords(x.error)], ['Says of itself', inWords(x.ident)], ['Fault', inWords(x.fault)], ['Marks', (x.flags ?? []).join(', ')],
			].map(([k, v]) => [k as string, v === false ? null : (v as string)])} />
		</div>
	);
}

// "00ff…" as offset, bytes, text.
export function hexdump(hex: string): string {
	const clean = hex.replace(/[^0-9a-f]/gi, '');
	const lines: string[] = [];
	for (let at = 0; at < clean.length; at += 32) {
		const part = clean.slice(at, at + 32).match(/../g) ?? [];
		const text = part.map((b) => {
			const c = parseInt(b, 16);
			return c >= 32 && c < 127 ? String.fromCharCode(c) : '·';
		}).join('');
		lines.push(`${(at / 2).toString(16).padStart(4, '0')}  ${part.map((b, i) => (i === 8 ? ` ${b}` : b)).join(' ').padEnd(48)}  ${text}`);
	}
	return lines.join('\n');
}

// What else these two did about then.
function Near({ a }: { a: Alert }) {
	const t = parse(a.last)?.getTime() ?? 0;
	const iso = (ms: number) => new Date(ms).toISOString().replace(/\.\d+/, '');
	const sides = [a.source, a.destination].filter(Boolean).map((x) => `either = ${x}`);
	const range = `last >= ${iso(t - 3600000)} and first <= ${iso(t + 3600000)}`;
	const near = useRead<Page<Alert | AlertBrief>>(a.neighbours ? null : '/alerts', undefined, { where: `${range} and number != ${a.number}${sides.length ? ` and (${sides.join(' or ')})` : ''}`, sort: 'first', limit: 50 });
	return (
		<Ready of={a.neighbours ? { ...near, data: { items: a.neighbours, next: null, total: a.neighbours.length } } : near}>{(n) => (n.items.length === 0 ? <Empty icon="good" title="Nothing else">No other alert of these two within an hour before and after.</Empty> : (
			<>
				<p class="dim">Other alerts of these two, from an hour before to an hour after.</p>
				<Scroll><table class="plain">
					<thead><tr><th>Seen</th><th>Severity</th><th>What</th></tr></thead>
					<tbody>{n.items.map((x) => <tr key={x.number}><td class="nowrap"><When at={x.first} /></td><td><Sev of={x.severity} /></td><td><a href={route.here(`/alerts/${x.number}`)}>{x.title}</a><div class="dim small">{x.source} → {x.destination}</div></td></tr>)}</tbody>
				</table></Scroll>
			</>
		))}</Ready>
	);
}

function Comments({ a, again }: { a: Alert; again: () => void }) {
	const [text, setText] = useState('');
	const send = async () => {
		if (text.trim() && (await decide('comment', { numbers: [a.number] }, { text: text.trim() }))) {
			setText('');
			again();
		}
	};
	return (
		<>
			{(a.comments ?? []).length === 0 ? <p class="dim">Nobody has written anything yet.</p> : <ul class="stack-s">{a.comments!.map((c, i) => <li key={i} class="card"><div class="body"><div class="dim small">{c.who} · <When at={c.at} /></div><p class="break">{c.text}</p></div></li>)}</ul>}
			{can('analyst') && (
				<form class="form" onSubmit={(e) => {
					e.preventDefault();
					void send();
				}}>
					<Field label="New comment">{(id) => <textarea id={id} rows={3} maxLength={2000} value={text} onInput={(e) => setText(e.currentTarget.value)} />}</Field>
					<div><button class="btn" type="submit" disabled={!text.trim()}><Icon name="comment" />Add</button></div>
				</form>
			)}
		</>
	);
}
