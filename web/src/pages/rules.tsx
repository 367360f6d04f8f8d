// Exclusions, maintenance windows and custom rules, in one small language.
import { useEffect, useState } from 'preact/hooks';
import * as route from '../lib/router';
import { can, download, patch, post, remove } from '../lib/api';
import { act, type Done, failed, sentence } from '../lib/act';
import { useLater, useList } from '../lib/hooks';
import { fromInput, parse, toInput } from '../lib/time';
import { count } from '../lib/units';
import { Badge, Bones, Card, Choice, Empty, Field, Say, Scroll, severities, TextField, When, Wrong } from '../ui/basic';
import { ask, FormDialog } from '../ui/dialog';
import { Icon } from '../ui/icons';
import { Menu } from '../ui/menu';
import { csvName } from './common';

interface Rule { id: number; kind: 'exclude' | 'maintenance' | 'custom'; enabled: boolean; name: string; severity?: string; hits: number; last_hit?: string | null; since?: string | null; until?: string | null; text: string; message?: string; etag?: string }
const kinds: Record<string, [string, string]> = {
	exclude: ['Exclusion', 'What fulfils it raises no alert and leaves no entry in the timeline.'],
	maintenance: ['Maintenance window', 'For planned work: what fulfils it becomes a warning under the name of the work, until the time is over.'],
	custom: ['Alert of our own', 'What fulfils it raises an alert.'],
};

export function Rules() {
	const list = useList<Rule>('/rules', {});
	const [editing, setEditing] = useState<Partial<Rule> | null>(null);
	const analyst = can('analyst');
	const fresh = route.get('new');
	useEffect(() => {
		if (fresh && analyst) setEditing({ kind: (fresh in kinds ? fresh : 'exclude') as Rule['kind'], text: route.get('text') });
	}, [fresh]);
	const close = () => {
		setEditing(null);
		route.set({ new: null, text: null });
	};
	const flip = (r: Rule) => void act(patch<Done>(`/rules/${r.id}`, { on: !r.enabled }), `“${r.name}” ${r.enabled ? 'switched off' : 'switched on'}.`, 'health').then(list.reload);
	const drop = async (r: Rule) => {
		if (await ask(`Delete “${r.name}”?`, 'What it kept quiet alerts again.', 'Delete')) void act(remove<Done>(`/rules/${r.id}`), `“${r.name}” deleted.`, 'health').then(list.reload);
	};
	return (
		<>
			<div class="row wrap">
				<p class="lead grow">Exclusions keep alerts quiet, maintenance windows mark planned work, and rules of your own alert on what only you know.</p>
				<button type="button" class="btn" onClick={() => download('/rules', csvName('rules'), { format: 'csv' }).catch(failed)}><Icon name="download" />CSV</button>
				{analyst && <Menu label="New rule" cls="btn main-act" button={<><Icon name="plus" />New</>} actions={Object.entries(kinds).map(([k, [t]]) => ({ text: t, run: () => setEditing({ kind: k as Rule['kind'] }) }))} />}
			</div>
			{list.error && list.rows.length === 0 ? <Wrong error={list.error} again={list.reload} /> : list.fresh ? <Bones /> : list.rows.length === 0 ? <Empty icon="detections" title="No rules of your own">The sensor alerts on what it finds by itself.</Empty> : (
				<Card>
					<Scroll><table class="plain">
						<thead><tr><th>State</th><th>Name</th><th>Kind</th><th>Condition</th><th>Until</th><th class="num">Hits</th><th>Last hit</th><th /></tr></thead>
						<tbody>{list.rows.map((r) => (
							<tr key={r.id}><td>{r.enabled ? <Badge kind="good">on</Badge> : <Badge>off</Badge>}</td><td class="break">{r.name}</td><td class="nowrap">{kinds[r.kind]?.[0] ?? r.kind}</td><td class="break"><code>{r.text}</code></td><td class="nowrap">{r.until ? <When at={r.until} /> : '–'}</td><td class="num">{count(r.hits)}</td><td class="nowrap">{r.last_hit ? <When at={r.last_hit} /> : '–'}</td>
								<td>{analyst && <Menu cls="btn plain small icon-only" label={`With rule ${r.name}`} actions={[{ icon: 'edit', text: 'Change …', run: () => setEditing(r) }, { text: r.enabled ? 'Switch off' : 'Switch on', run: () => flip(r) }, null, { icon: 'trash', text: 'Delete …', danger: true, run: () => void drop(r) }]} />}</td></tr>
						))}</tbody>
					</table></Scroll>
				</Card>
			)}
			{editing && <RuleDialog r={editing} close={close} done={list.reload} />}
		</>
	);
}

function RuleDialog({ r, close, done }: { r: Partial<Rule>; close: () => void; done: () => void }) {
	const [kind, setKind] = useState<string>(r.kind ?? 'exclude');
	const [name, setName] = useState(r.name ?? '');
	const [text, setText] = useState(r.text ?? '');
	const [since, setSince] = useState(r.since ? toInput(parse(r.since)!) : '');
	const [until, setUntil] = useState(r.until ? toInput(parse(r.until)!) : r.kind === 'maintenance' ? toInput(new Date(Date.now() + 8 * 3600000)) : '');
	const [severity, setSeverity] = useState(r.severity ?? 'major');
	const [message, setMessage] = useState(r.message ?? '');
	const [test, setTest] = useState<{ text: string; bad: boolean } | null>(null);
	const later = useLater(text.trim(), 400);
	useEffect(() => {
		if (!later) {
			setTest(null);
			return;
		}
		let gone = false;
		post<Done & { matches?: number; total?: number; error?: string }>('/rules/test', { kind, text: later }).then(
			(a) => !gone && setTest({ bad: a.ok === false, text: a.error ?? a.text ?? (a.matches != null ? `True of ${count(a.matches)} of the ${count(a.total)} alerts there are.` : 'This is understood.') }),
			(e) => !gone && setTest({ bad: true, text: sentence(e) }),
		);
		return () => {
			gone = true;
		};
	}, [later, kind]);
	const send = async () => {
		const body = { ...(r.id ? {} : { kind }), name: name.trim(), text: text.trim(), ...(since ? { from: fromInput(since) } : {}), ...(until ? { until: fromInput(until) } : {}), ...(kind === 'custom' ? { severity, message: message.trim() } : {}) };
		await act(r.id ? patch<Done>(`/rules/${r.id}`, body, { etag: r.etag }) : post<Done>('/rules', body), `“${name.trim()}” ${r.id ? 'changed' : 'made'}.`, 'health').then((x) => {
			if (!x) throw new Error('It was not saved; the message says why.');
		});
		done();
	};
	return (
		<FormDialog title={r.id ? `Change “${r.name}”` : `New: ${kinds[kind][0].toLowerCase()}`} close={close} act="Save" send={send} wide ready={!!name.trim() && !!text.trim() && !test?.bad && (kind !== 'maintenance' || !!until)}>
			{!r.id && <Choice label="Kind" value={kind} set={setKind} options={Object.entries(kinds).map(([k, [t]]) => [k, t])} />}
			<p class="dim">{kinds[kind][1]}</p>
			<TextField label="Name" value={name} set={setName} maxLength={100} placeholder={kind === 'maintenance' ? 'Overhaul 12: line 2' : 'Scanner on Sundays'} />
			<Field label="Condition" hint={kind === 'custom' ? 'About an event: proto, kind, op, risk, client, server, port, value …' : 'About an alert: name, severity, source, destination, either, protocol, hour, weekday …'} wrong={test?.bad ? test.text : null}>
				{(id, about) => <textarea id={id} {...about} class="mono" rows={4} spellcheck={false} maxLength={4096} value={text} placeholder={kind === 'custom' ? 'proto = modbus and risk = write and first in 400..499' : 'name ~ "*scan*" and source = 10.0.0.5 and weekday = sun'} onInput={(e) => setText(e.currentTarget.value)} />}
			</Field>
			{test && !test.bad && <Say kind="good" icon="check">{test.text}</Say>}
			<div class="pair">
				<Field label="From" hint="Empty: at once">{(id, about) => <input id={id} {...about} type="datetime-local" value={since} onInput={(e) => setSince(e.currentTarget.value)} />}</Field>
				<Field label="Until" hint={kind === 'maintenance' ? 'A window has an end' : 'Empty: for ever'}>{(id, about) => <input id={id} {...about} type="datetime-local" value={until} onInput={(e) => setUntil(e.currentTarget.value)} />}</Field>
			</div>
			{kind === 'custom' && <><Choice label="Severity" value={severity} set={setSeverity} options={severities} /><TextField label="Message" value={message} set={setMessage} maxLength={300} placeholder="{client} wrote {object} on {server}" hint="Filled in: {client} {server} {op} {object} {value} {count} {text} {user} {code} {unit} {proto} {port}" /></>}
		</FormDialog>
	);
}
