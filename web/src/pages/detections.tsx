// Detections: every alert there is, its state, threshold and mode; and rules:
// exclusions, maintenance windows, alerts of one's own.
import { useMemo, useState } from 'preact/hooks';
import * as route from '../lib/router';
import { can, patch } from '../lib/api';
import { act, type Done } from '../lib/act';
import { changed } from '../lib/events';
import { useList, useRead } from '../lib/hooks';
import { useKeys } from '../lib/keys';
import { count } from '../lib/units';
import { Badge, Choice, Empty, Field, Props, Say, Seg, Sev, severities, Tabs, Tick, When } from '../ui/basic';
import { FormDialog } from '../ui/dialog';
import { Grid, type Column } from '../ui/grid';
import { Icon } from '../ui/icons';
import { filled, Header, techniqueList } from './common';
import { Rules } from './rules';

export interface Detection { id: string; ref: string | null; detector: string | null; title: string; engine: string; severity: string; category: string; tier: string; learnable: boolean; aggregated: boolean; on: boolean; techniques: string; count: number; within: number; open?: number; count_least: number; count_most: number; unit: string; condition: string; meaning: string; advice: string; mode?: string | null; until?: string | null; hits?: number; last?: string | null; changed?: boolean; etag?: string }

const columns: Column<Detection>[] = [
	{ id: 'on', title: 'State', width: '5rem', sort: 'on', always: true, cell: (d) => (d.on ? <Badge kind="good">on</Badge> : <Badge>off</Badge>) },
	{ id: 'title', title: 'Detection', width: 'minmax(18rem, 2fr)', sort: 'title', always: true, cell: (d) => d.title },
	{ id: 'severity', title: 'Severity', width: '7rem', sort: 'severity', cell: (d) => <Sev of={d.severity} /> },
	{ id: 'engine', title: 'Engine', width: '8rem', sort: 'engine', cell: (d) => d.engine },
	{ id: 'category', title: 'Category', width: 'minmax(10rem, 1fr)', sort: 'category', cell: (d) => d.category },
	{ id: 'threshold', title: 'Threshold', width: '11rem', cell: (d) => threshold(d) || '–' },
	{ id: 'mode', title: 'Mode', width: '9rem', cell: (d) => modeOf(d) || 'as its scenario' },
	{ id: 'hits', title: 'Alerts', width: '5rem', sort: 'hits', num: true, cell: (d) => (d.hits == null ? '–' : count(d.hits)) },
];
const modeOf = (d: Detection): string => (d.mode && d.mode !== 'auto' ? d.mode : '');
const threshold = (d: Detection): string => (d.count_most > 0 || d.count > 0 ? `${count(d.count)}${d.unit ? ` ${d.unit}` : ''}${d.within ? ` in ${d.within} s` : ''}` : '');

export default function DetectionsPage({ rest }: { rest: string[] }) {
	const rules = rest[0] === 'rules';
	return (
		<div class={`page ${rules ? '' : 'fill'}`}>
			<Header title="Detections" />
			<Tabs label="Detections" value={rules ? 'rules' : 'all'} set={(t) => route.go(t === 'rules' ? '/detections/rules' : '/detections')} options={[['all', 'What the sensor finds'], ['rules', 'Rules of our own']]} />
			{rules ? <Rules /> : <All open={rest[0] ?? null} />}
		</div>
	);
}

function All({ open }: { open: string | null }) {
	const sort = route.get('sort') || 'title';
	const list = useList<Detection>('/detections', {}, changed.change);
	const engine = route.get('engine');
	const state = route.get('state');
	const q = route.get('q').toLowerCase();
	// The catalogue is short; it is filtered here, as one types.
	if (list.more && !list.loading) list.next();
	const shown = useMemo(() => {
		const rows = list.rows.filter((d) => (!engine || d.engine === engine) && (!state || (state === 'off' ? !d.on : state === 'on' ? d.on : state === 'changed' ? !!d.changed : true)) && q.split(/\s+/).every((w) => `${d.title} ${d.id} ${d.ref ?? ''} ${d.category} ${d.techniques}`.toLowerCase().includes(w)));
		const key = sort.replace('-', '') as keyof Detection;
		const way = sort[0] === '-' ? -1 : 1;
		const value = (d: Detection) => (key === 'severity' ? severities.length - severities.indexOf(d.severity as never) : d[key]);
		rows.sort((a, b) => {
			const x = value(a);
			const y = value(b);
			return way * (typeof x === 'number' || typeof x === 'boolean' ? Number(x) - Number(y) : String(x ?? '').localeCompare(String(y ?? '')));
		});
		return { ...list, rows, total: rows.length, more: false };
	}, [list, engine, state, q, sort]);
	const one = open ? list.rows.find((d) => d.id === open) ?? null : null;
	useKeys([{ keys: 'Escape', text: 'Close what is open', run: () => route.go(route.here('/detections')) }]);
	return (
		<div class={`split ${one ? 'two' : ''}`}>
			<div class="left">
				<div class="filters" role="search">
					<div class="find"><Icon name="search" /><input type="search" aria-label="Search detections" placeholder="Title, number, technique  ( / )" value={route.get('q')} onInput={(e) => route.set({ q: e.currentTarget.value })} /></div>
					<Seg label="Engine" value={engine} options={[['', 'All'], ['policy', 'Policy'], ['protocol', 'Protocol'], ['malware', 'Malware'], ['anomaly', 'Anomaly'], ['operational', 'Operational']]} set={(v) => route.set({ engine: v })} />
					<Seg label="State" value={state} options={[['', 'All'], ['on', 'On'], ['off', 'Off'], ['changed', 'Changed']]} set={(v) => route.set({ state: v })} />
				</div>
				<Grid label="Detections" nouns="detections" list={shown} columns={columns} id={(d) => d.id} open={open} sort={sort} onSort={(s) => route.set({ sort: s })} onOpen={(d) => route.go(route.here(`/detections/${d.id}`), !!open)} quiet={(d) => !d.on} phone={(d) => <><span class="row"><Sev of={d.severity} short /><b class="cut">{d.title}</b>{!d.on && <Badge>off</Badge>}</span><span class="dim small cut">{d.engine} · {d.category}</span></>} empty={<Empty icon="filter" title="No detection fits">Search for something else.</Empty>} />
			</div>
			{one && <Sheet key={one.id} d={one} again={list.reload} />}
		</div>
	);
}

function Sheet({ d: row, again }: { d: Detection; again: () => void }) {
	const full = useRead<Detection>(`/detections/${row.id}`);
	const d = { ...row, ...(full.data ?? {}) };
	const [editing, setEditing] = useState(false);
	const set = async (body: Record<string, unknown>, text: string) => {
		if (await act(patch<Done>(`/detections/${d.id}`, body), `“${d.title}” ${text}.`, 'health')) {
			full.reload();
			again();
		}
	};
	return (
		<section class="sheet" aria-label="Detection">
			<header><div class="grow"><div class="row wrap small dim"><Sev of={d.severity} />{d.engine}{d.ref && ` · ${d.ref}`}</div><h2 class="break">{d.title}</h2></div><a class="btn plain icon-only" aria-label="Close details" href={route.here('/detections')}><Icon name="close" /></a></header>
			<div class="acts">
				{can('admin') && <><button type="button" class={`btn ${d.on ? '' : 'main-act'}`} onClick={() => void set({ on: !d.on }, d.on ? 'switched off' : 'switched on')}>{d.on ? 'Switch off' : 'Switch on'}</button><button type="button" class="btn" onClick={() => setEditing(true)}><Icon name="edit" />Change</button><button type="button" class="btn plain" onClick={() => void set({ default: true }, 'as it was at first')}>As at first</button></>}
				<a class="btn" href={route.link('/alerts', { where: `name = "${d.id}"` })}><Icon name="alerts" />Its alerts{d.hits != null && ` (${count(d.hits)})`}</a>
			</div>
			<div class="inside">
				<p class="break">{filled(d.meaning)}</p>
				<div><h3>What to do</h3><Say kind="good" icon="check">{filled(d.advice)}</Say></div>
				<Props of={[['State', d.on ? 'on' : 'off'], ['Threshold', threshold(d) && <>{threshold(d)}{d.count_most > 0 && <span class="dim"> ({count(d.count_least)} to {count(d.count_most)})</span>}</>], ['Mode', <>{modeOf(d) || 'as its scenario'}{d.until && <> until <When at={d.until} /></>}</>], ['Category', d.category], ['Evidence', `tier ${d.tier}`], ['Learnable', d.learnable ? 'yes' : 'no'], ['Several in one', d.aggregated ? 'yes' : 'no'], ['ATT&CK', techniqueList(d.techniques).length > 0 && <ul>{techniqueList(d.techniques).map((t) => <li key={t.id}><code>{t.id}</code> {t.name}</li>)}</ul>], ['Name', <code>{d.id}</code>], ['Last alert', d.last && <When at={d.last} />]]} />
				{d.condition && <div><h3>Condition</h3><pre class="break" style={{ whiteSpace: 'pre-wrap' }} tabIndex={0}>{d.condition}</pre></div>}
			</div>
			{editing && <Edit d={d} close={() => setEditing(false)} send={set} />}
		</section>
	);
}

function Edit({ d, close, send }: { d: Detection; close: () => void; send: (b: Record<string, unknown>, text: string) => Promise<void> }) {
	const [severity, setSeverity] = useState(d.severity);
	const [number, setNumber] = useState(String(d.count || ''));
	const [mode, setMode] = useState(modeOf(d));
	const [hours, setHours] = useState('48');
	const [on, setOn] = useState(d.on);
	const counts = d.count_most > 0;
	return (
		<FormDialog title={`Change “${d.title}”`} close={close} act="Save" send={() => send({
			...(on !== d.on ? { on } : {}), ...(severity !== d.severity ? { severity } : {}), ...(counts && Number(number) !== d.count ? { threshold: Number(number) } : {}),
			...(mode !== modeOf(d) ? { mode: mode || 'auto', ...(mode === 'learning' ? { hours: Number(hours) } : {}) } : {}),
		}, 'changed')}>
			<Tick label="On" on={on} set={setOn} />
			<Choice label="Severity" value={severity} set={setSeverity} options={severities} />
			{counts && (
				<div class="pair">
					<Field label={`How many${d.unit ? ` (${d.unit})` : ''}`} hint={`${count(d.count_least)} to ${count(d.count_most)}${d.within ? `, within ${d.within} s` : ''}`}>{(id, about) => <input id={id} {...about} type="number" min={d.count_least} max={d.count_most} value={number} onInput={(e) => setNumber(e.currentTarget.value)} />}</Field>
				</div>
			)}
			<Choice label="Mode" value={mode} set={setMode} options={[['', 'As its scenario'], ['learning', 'Learns, silent, for some hours'], ['dynamic', 'Begins when its scenario is ready'], ['operational', 'Alerts from now on']]} />
			{mode === 'learning' && <Field label="For how many hours">{(id) => <input id={id} type="number" min={1} max={2160} value={hours} onInput={(e) => setHours(e.currentTarget.value)} />}</Field>}
		</FormDialog>
	);
}
