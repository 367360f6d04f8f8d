// Devices: the grid, what to do with many of them, one of them beside it.
import { useState } from 'preact/hooks';
import { roles } from 'virtual:words';
import * as route from '../lib/router';
import { can, download, post } from '../lib/api';
import { act, type Done, failed, sentence } from '../lib/act';
import { changed } from '../lib/events';
import { useCan, useList } from '../lib/hooks';
import { useKeys } from '../lib/keys';
import { bytes, count, many } from '../lib/units';
import { any, pattern } from '../lib/where';
import type { Device } from '../lib/types';
import { Badge, Empty, Field, Say, Scroll, When } from '../ui/basic';
import { ask, FormDialog } from '../ui/dialog';
import { Grid, type Column } from '../ui/grid';
import { clearFilters, conditionOf, filtered, Filters, useColumns, Views, type FilterSpec } from '../ui/filters';
import { Icon } from '../ui/icons';
import { Menu } from '../ui/menu';
import { address, csvName, ends, Header, label, levels, macsOf, orderOf, roleText, serves, uses } from './common';
import { DeviceSheet } from './device';

const flags: [string, string, string][] = [
	['unauthorised', 'Not authorised', 'not authorized'], ['important', 'Important', 'important'], ['scanner', 'May scan', 'scanner'],
	['programming', 'May program', 'programming'], ['industrial', 'Industrial', 'ot'], ['office', 'Not industrial', 'not ot'],
];
export const spec: FilterSpec = {
	page: 'devices', fields: ['name', 'addresses', 'macs', 'vendor', 'model', 'order_number', 'serial', 'comment'],
	example: 'role = plc and not authorized and vendor ~ "*siemens*"', hint: 'Search name, address, vendor, model  ( / )',
	facets: [
		{ key: 'role', label: 'Role', field: 'role', options: roles.map((r) => [r, roleText(r)]) },
		{ key: 'level', label: 'Level', field: 'purdue', options: levels, test: (v) => any(v.map((n) => `purdue = ${Number(n)}`)) },
		{ key: 'flag', label: 'Marks', field: '', options: flags.map(([k, t]) => [k, t]), test: (v) => v.map((x) => flags.find(([k]) => k === x)?.[2]).filter(Boolean).join(' and ') },
		{ key: 'protocol', label: 'Protocol', field: '', options: ['modbus', 's7comm', 's7comm-plus', 'cip', 'enip', 'dnp3', 'iec104', 'bacnet', 'opcua', 'mms', 'goose', 'sv', 'profinet-rt', 'profinet-dcp', 'ethercat', 'umas', 'rdp', 'ssh', 'http', 'tls', 'smb', 'snmp'], test: (v) => any(v.map((p) => `servers ~ ${pattern(p)} or clients ~ ${pattern(p)}`)) },
	],
};
const views = [
	{ name: 'Not authorised, newest first', query: 'flag=unauthorised&sort=-first' },
	{ name: 'Controllers', query: 'role=plc,controller,rtu,ied,safety-controller' },
	{ name: 'Engineering stations', query: 'role=engineering-station' },
	{ name: 'Important', query: 'flag=important' },
	{ name: 'Not industrial', query: 'flag=office' },
];

export const columns: Column<Device>[] = [
	{ id: 'name', title: 'Name', width: 'minmax(10rem, 1.3fr)', sort: 'name', always: true, cell: (d) => <>{d.important && <span title="Important"><Icon name="star" label="important" /> </span>}{label(d)}</> },
	{ id: 'address', title: 'Address', width: 'minmax(9rem, 1fr)', sort: 'addresses', cell: (d) => {
		const all = ends(d);
		return <span class="mono" title={all.map((e) => [e.ip, e.mac].filter(Boolean).join('  ')).join('\n')}>{address(d)}{all.length > 1 ? ` +${all.length - 1}` : ''}</span>;
	} },
	{ id: 'role', title: 'Role', width: '10rem', sort: 'role', cell: (d) => <span class={d.role === 'unknown' ? 'dim' : ''}>{roleText(d.role)}</span> },
	{ id: 'purdue', title: 'Level', width: '4.5rem', sort: 'purdue', num: true, cell: (d) => d.purdue ?? '–' },
	{ id: 'vendor', title: 'Vendor', width: 'minmax(9rem, 1fr)', sort: 'vendor', cell: (d) => d.vendor || '–' },
	{ id: 'model', title: 'Model', width: 'minmax(9rem, 1fr)', sort: 'model', cell: (d) => d.model || orderOf(d) || '–' },
	{ id: 'firmware', title: 'Firmware', width: '7rem', sort: 'firmware', cell: (d) => d.firmware || '–' },
	{ id: 'servers', title: 'Serves', width: 'minmax(8rem, 1fr)', sort: 'servers', cell: (d) => <span title={serves(d).join(', ')}>{serves(d).join(', ') || '–'}</span> },
	{ id: 'clients', title: 'Uses', width: 'minmax(8rem, 1fr)', sort: 'clients', cell: (d) => <span title={uses(d).join(', ')}>{uses(d).join(', ') || '–'}</span> },
	{ id: 'authorized', title: 'Authorised', width: '8rem', sort: 'authorized', cell: (d) => (d.authorized ? 'yes' : <Badge kind="minor">not authorised</Badge>) },
	{ id: 'alerts', title: 'Alerts', width: '4.5rem', num: true, cell: (d) => (d.alerts ? <span class="count">{d.alerts}</span> : '') },
	{ id: 'last', title: 'Last seen', width: '10.5rem', sort: 'last', cell: (d) => <When at={d.last} /> },
	{ id: 'first', title: 'First seen', width: '10.5rem', sort: 'first', cell: (d) => <When at={d.first} /> },
	{ id: 'macs', title: 'MAC', width: '10rem', sort: 'macs', cell: (d) => <span class="mono">{macsOf(d).join(' ') || '–'}</span> },
	{ id: 'serial', title: 'Serial number', width: '9rem', sort: 'serial', cell: (d) => d.serial || '–' },
	{ id: 'hardware', title: 'Hardware', width: '7rem', sort: 'hardware', cell: (d) => d.hardware || '–' },
	{ id: 'os', title: 'System', width: '9rem', sort: 'os', cell: (d) => d.os || '–' },
	{ id: 'mode', title: 'Mode', width: '6rem', sort: 'mode', cell: (d) => d.mode || '–' },
	{ id: 'packets', title: 'Packets', width: '6.5rem', sort: 'packets', num: true, cell: (d) => count(d.packets) },
	{ id: 'bytes', title: 'Sent', width: '6rem', sort: 'bytes', num: true, cell: (d) => bytes(d.bytes) },
	{ id: 'comment', title: 'Description', width: 'minmax(9rem, 1fr)', sort: 'comment', cell: (d) => d.comment || '' },
	{ id: 'id', title: 'No', width: '4.5rem', sort: 'id', num: true, cell: (d) => d.id },
];
const usual = ['name', 'address', 'role', 'purdue', 'vendor', 'model', 'servers', 'authorized', 'last'];

export default function DevicesPage({ rest }: { rest: string[] }) {
	const open = rest[0] && /^\d+$/.test(rest[0]) ? Number(rest[0]) : null;
	const sort = route.get('sort') || 'addresses';
	const where = conditionOf(spec);
	const list = useList<Device>('/devices', { where, sort }, changed.device);
	const { shown, picker } = useColumns('devices', columns, usual);
	const [chosen, setChosen] = useState<Set<string | number>>(new Set());
	const [importing, setImporting] = useState(false);
	const analyst = can('analyst');
	const merges = useCan('POST', '/devices/merge');
	const imports = useCan('POST', '/devices/import');
	const ids = [...chosen].map(Number);
	const done = () => {
		setChosen(new Set());
		list.reload();
	};
	useKeys([{ keys: 'Escape', text: 'Close what is open', run: () => (open !== null ? route.go(route.here('/devices')) : setChosen(new Set())) }]);
	const mark = async (what: Partial<Device>, text: string) => {
		const answers = await act(markMany(ids, what), `${many(ids.length, 'device')} ${text}.`, 'device');
		if (answers) done();
	};
	const [merging, setMerging] = useState(false);
	const drop = async () => {
		if (!(await ask(`Delete ${many(ids.length, 'device')}?`, 'They leave the list until they are seen again. What was learned about them stays.', 'Delete'))) return;
		if (await act(deleteMany(ids), `${many(ids.length, 'device')} deleted.`, 'device')) done();
	};
	const bulk = (
		<>
			<button type="button" class="btn small" onClick={() => void mark({ authorized: true }, 'authorised')}><Icon name="check" />Authorise</button>
			<button type="button" class="btn small" onClick={() => void mark({ important: true }, 'marked important')}><Icon name="star" />Important</button>
			{merges && <button type="button" class="btn small" disabled={ids.length < 2 || ids.length > 16} onClick={() => setMerging(true)}><Icon name="merge" />Merge</button>}
			<Menu cls="btn small icon-only" actions={[
				{ text: 'Not authorised', run: () => void mark({ authorized: false }, 'not authorised any more') },
				{ text: 'Not important', run: () => void mark({ important: false }, 'not important any more') },
				{ text: 'May scan', run: () => void mark({ scanner: true }, 'may scan') },
				{ text: 'May not scan', run: () => void mark({ scanner: false }, 'may not scan') },
				{ text: 'May program controllers', run: () => void mark({ programming: true }, 'may program') },
				{ text: 'May not program controllers', run: () => void mark({ programming: false }, 'may not program') },
				can('admin') && null,
				can('admin') && { icon: 'trash', text: 'Delete …', danger: true, run: () => void drop() },
			]} />
		</>
	);
	return (
		<div class="page fill">
			<Header title="Devices">
				{analyst && imports && <button type="button" class="btn" onClick={() => setImporting(true)}><Icon name="upload" />Import</button>}
				<button type="button" class="btn" onClick={() => download('/devices', csvName('devices'), { where, sort, format: 'csv' }).catch(failed)}><Icon name="download" />CSV</button>
				<Views page="devices" builtIn={views} />
				{picker}
			</Header>
			<div class={`split ${open !== null ? 'two' : ''} ${route.get('full') ? 'full' : ''}`}>
				<div class="left">
					<Filters spec={spec} wrong={list.error?.status === 422 ? list.error.message : null} />
					<Grid label="Devices" nouns="devices" list={list} columns={shown} id={(d) => d.id} open={open} sort={sort.split(',')[0]} onSort={(s) => route.set({ sort: s })} onOpen={(d) => route.go(route.here(`/devices/${d.id}`), open !== null)} chosen={analyst ? chosen : undefined} onChosen={analyst ? setChosen : undefined} bulk={bulk} phone={(d) => <PhoneRow d={d} />}
						empty={filtered(spec) ? <Empty icon="filter" title="No device fits" act={<button type="button" class="btn" onClick={() => clearFilters(spec)}>Clear the filters</button>}>Nothing among all devices fulfils these filters.</Empty> : <Empty icon="devices" title="No devices yet">Devices appear when they send something that reaches the sensor. <a href="/mirror">See whether the mirror sends any traffic.</a></Empty>} />
				</div>
				{open !== null && <DeviceSheet key={open} id={open} rows={list.rows} done={list.reload} />}
			</div>
			{merging && <MergeDialog ids={ids} rows={list.rows} close={() => setMerging(false)} done={done} />}
			{importing && <ImportDialog close={() => setImporting(false)} done={done} />}
		</div>
	);
}

// One way back for all of them.
async function markMany(ids: number[], what: Partial<Device>): Promise<Done> {
	return post<Done>('/devices/actions', { ids, ...what });
}
async function deleteMany(ids: number[]): Promise<Done> {
	return post<Done>('/devices/delete', { ids });
}

function PhoneRow({ d }: { d: Device }) {
	return (
		<>
			<span class="row">{d.important && <Icon name="star" label="important" />}<b class="cut">{label(d)}</b>{!d.authorized && <Badge kind="minor">not authorised</Badge>}</span>
			<span class="dim small cut">{[roleText(d.role), address(d), d.vendor].filter(Boolean).join(' · ')}</span>
		</>
	);
}

// The first keeps its number and what was said of it: which is that?
function MergeDialog({ ids, rows, close, done }: { ids: number[]; rows: Device[]; close: () => void; done: () => void }) {
	const [first, setFirst] = useState(ids[0]);
	const all = ids.map((id) => rows.find((d) => d.id === id) ?? null);
	const kept = all.find((d) => d?.id === first);
	return (
		<FormDialog title={`Merge ${many(ids.length, 'device')}`} close={close} act="Merge" send={async () => {
			const answer = await post<Done>('/devices/merge', { ids: [first, ...ids.filter((i) => i !== first)] });
			await act(Promise.resolve(answer), `${many(ids.length, 'device')} are ${kept ? label(kept) : `device ${first}`} now.`, 'device');
			done();
		}}>
			<div class="stack" role="radiogroup" aria-label="Whose number, name and marks stay?"><p>Whose number, name and marks stay?</p>{ids.map((id, i) => (
				<label class="row" key={id}><input type="radio" name="first" checked={id === first} onChange={() => setFirst(id)} /><span class="grow break">{all[i] ? label(all[i]!) : `Device ${id}`}<span class="dim small"> {all[i] ? [`No ${id}`, roleText(all[i]!.role), address(all[i]!)].join(' · ') : ''}</span></span></label>
			))}</div>
			<p class="dim">They become one device with all their addresses and stay one, whatever is seen later. What nobody said of the first is taken from the others. It can be split again.</p>
		</FormDialog>
	);
}

interface Imported { rows: number; changed: number; ignored: string[]; changes: { line: number; id: number; device: string; fields: { field: string; from: string; to: string }[] }[]; undo?: unknown }
const shownChanges = 200;

// A file is looked at first: what it would change, or what is wrong with it.
function ImportDialog({ close, done }: { close: () => void; done: () => void }) {
	const [name, setName] = useState('');
	const [text, setText] = useState('');
	const [seen, setSeen] = useState<Imported | null>(null);
	const [wrong, setWrong] = useState('');
	const look = async (file: File | undefined) => {
		setSeen(null);
		setWrong('');
		if (!file) return;
		setName(file.name);
		try {
			const read = await utf8(file);
			setText(read);
			setSeen(await post<Imported>('/devices/import', { text: read, dry_run: true }));
		} catch (e) {
			setWrong(sentence(e));
		}
	};
	return (
		<FormDialog title="Import devices" close={close} act={seen?.changed ? `Change ${many(seen.changed, 'device')}` : 'Import'} ready={!!seen?.changed} wide send={async () => {
			const answer = await post<Imported & Done>('/devices/import', { text });
			await act(Promise.resolve(answer), `${many(answer.changed, 'device')} changed by ${name}.`, 'device');
			done();
		}}>
			<p class="dim">A table as the export writes it. The first line names the columns; a device is found by its addresses. Name, role, level, description and marks are taken; an empty cell means: as found.</p>
			<Field label="CSV file">{(id) => <input id={id} data-first type="file" accept=".csv,text/csv" onChange={(e) => void look(e.currentTarget.files?.[0])} />}</Field>
			{wrong && <div role="alert"><Say kind="major" icon="wrong"><span class="lines">{wrong}</span></Say></div>}
			{seen && (
				<div role="status" class="stack-s">
					<p><b>{seen.changed === 0 ? 'Nothing would change.' : `${many(seen.changed, 'device')} of ${count(seen.rows)} would change.`}</b>{seen.ignored.length > 0 && <span class="dim"> Not taken: {seen.ignored.join(', ')}.</span>}</p>
					{seen.changed > 0 && <Scroll><table class="plain">
						<thead><tr><th class="num">Line</th><th>Device</th><th>Field</th><th>Now</th><th>Then</th></tr></thead>
						<tbody>{seen.changes.slice(0, shownChanges).flatMap((c) => c.fields.map((f, i) => <tr key={`${c.id} ${f.field}`}><td class="num">{i === 0 ? c.line : ''}</td><td class="break">{i === 0 ? c.device : ''}</td><td>{f.field}</td><td class="break">{f.from || <span class="dim">–</span>}</td><td class="break">{f.to || <span class="dim">as found</span>}</td></tr>))}</tbody>
					</table></Scroll>}
					{seen.changes.length > shownChanges && <p class="dim">… and {count(seen.changes.length - shownChanges)} more</p>}
				</div>
			)}
		</FormDialog>
	);
}

async function utf8(file: File): Promise<string> {
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
	} catch {
		throw new Error('This is not text in UTF-8; save it as CSV in UTF-8.');
	}
}
