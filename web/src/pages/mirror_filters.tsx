// Capture filters: what is left out, how much of the live traffic that is, and
// one more, tried before it counts.
import { useEffect, useRef, useState } from 'preact/hooks';
import { can, post, read, remove } from '../lib/api';
import { act, type Done, failed, sentence } from '../lib/act';
import { changed } from '../lib/events';
import { useList } from '../lib/hooks';
import { bytes, count, percent } from '../lib/units';
import { Bones, Card, Choice, Empty, Say, Scroll, TextField, Wrong } from '../ui/basic';
import { FormDialog } from '../ui/dialog';
import { Icon } from '../ui/icons';

interface Filter { number: number | null; of: string; take: string; condition: string; setting: string | null; at: string | null }
interface Counted { key: string; number: number; packets: number; bytes: number }
interface Trial { number: number; seconds: number; packets: number; bytes: number; filters: Counted[] }

const seconds = 5;
const ofNames: [string, string][] = [['all', 'Everything but the search for malware'], ['inventory', 'Devices and conversations'], ['baseline', 'What is learned as normal'], ['alerts', 'Alerts']];
const ofName = (of: string): string => ofNames.find(([k]) => k === of)?.[1] ?? of;
const takeNames: [string, string][] = [['exclude', 'Leave out what fits'], ['include', 'Leave out all that fits none of these']];
const share = percent;

// Live traffic is looked at for a while; what came of it. Null: the page is gone.
async function measure(of: object, gone: () => boolean): Promise<Trial | null> {
	const begun = await post<{ number: number }>('/filters/try', { ...of, seconds });
	for (let looks = 0; looks < 4 * (seconds + 6) && !gone(); looks++) {
		await new Promise((done) => setTimeout(done, 250));
		const { trial } = await read<{ trial: Trial | null }>('/filters/trial');
		if (trial?.number === begun.number) return trial;
		if (trial && trial.number > begun.number) throw new Error('Somebody else looked at the same time. Try again.');
	}
	if (gone()) return null;
	throw new Error('The sensor does not answer. Does it run?');
}

function useMeasure() {
	const gone = useRef(false);
	const [busy, setBusy] = useState(false);
	const [trial, setTrial] = useState<Trial | null>(null);
	const [wrong, setWrong] = useState('');
	useEffect(() => () => {
		gone.current = true;
	}, []);
	const begin = async (of: object) => {
		setBusy(true);
		setWrong('');
		setTrial(null);
		try {
			const t = await measure(of, () => gone.current);
			if (t) setTrial(t);
		} catch (e) {
			setWrong(sentence(e));
		}
		setBusy(false);
	};
	return { busy, trial, wrong, begin, forget: () => setTrial(null) };
}

export function Filters() {
	const list = useList<Filter>('/filters', {}, changed.health);
	const m = useMeasure();
	const [adding, setAdding] = useState(false);
	const admin = can('admin');
	if (list.error && list.rows.length === 0) return <Wrong error={list.error} again={list.reload} />;
	if (list.fresh) return <Bones lines={5} />;
	const found = (f: Filter): Counted | undefined => m.trial?.filters.find((c) => (f.number !== null ? c.number === f.number : c.key === f.setting));
	const drop = (f: Filter) => void act(remove<Done>(`/filters/${f.number}`), `Filter ${f.number} is gone.`, 'health').then(list.reload);
	return (
		<>
			<Card title="What is left out" act={<>{list.rows.length > 0 && <button type="button" class="btn" disabled={m.busy} onClick={() => void m.begin({})}>{m.busy ? `Looking for ${seconds} s …` : 'Measure'}</button>}{admin && <button type="button" class="btn main-act" onClick={() => setAdding(true)}><Icon name="plus" />Filter</button>}</>}>
				<p class="dim">What is filtered here still passes the search for malware. Filters count at once, for what goes on and what begins.</p>
				{m.wrong && <div role="alert"><Say kind="critical" icon="wrong">{m.wrong}</Say></div>}
				{m.trial && <p role="status">Looked at {count(m.trial.packets)} packets ({bytes(m.trial.bytes)}) in {m.trial.seconds} s.</p>}
				{list.rows.length === 0 ? <Empty icon="filter" title="Everything is looked at">A filter leaves out what you need not see: a backup, a camera, the office.</Empty> : (
					<Scroll><table class="plain">
						<thead><tr><th>Kept from</th><th>Which</th><th /></tr></thead>
						<tbody>{list.rows.map((f) => {
							const c = found(f);
							return (
								<tr key={f.number ?? f.setting}>
									<td>{ofName(f.of)}</td>
									<td class="break">{f.take === 'include' && 'all but '}<code>{f.condition}</code>{f.number === null && <div class="dim small">in the sensor’s file: {f.setting}</div>}{m.trial && c && <div class="small">leaves out {share(c.packets, m.trial.packets)} of the packets, {share(c.bytes, m.trial.bytes)} of the bytes</div>}</td>
									<td class="num nowrap">{f.number !== null && admin && <button type="button" class="btn plain small icon-only" aria-label={`Remove filter ${f.number}`} onClick={() => drop(f)}><Icon name="trash" /></button>}</td>
								</tr>
							);
						})}</tbody>
					</table></Scroll>
				)}
			</Card>
			{adding && <AddDialog close={() => setAdding(false)} done={list.reload} />}
		</>
	);
}

const abouts: [string, string, string, string][] = [
	['device', 'A device', '10.1.1.5', 'Whatever it sends or gets. Several with commas.'],
	['channel', 'What two devices say to each other', '10.1.1.5, 10.1.1.9', 'The addresses of the two; of more, whatever they say among themselves.'],
	['subnet', 'A subnet', '10.8.0.0/16', ''],
	['port', 'A port of the server', '443', 'Several with commas; 5000..5010 are all between.'],
	['vlan', 'A VLAN', '20', 'Several with commas.'],
	['condition', 'A condition', 'via = udp and port = 5353', 'Of client, server, port, client_port, via, service and vlan; as in rules.'],
];

function AddDialog({ close, done }: { close: () => void; done: () => void }) {
	const [of, setOf] = useState('all');
	const [take, setTake] = useState('exclude');
	const [about, setAbout] = useState('device');
	const [value, setValue] = useState('');
	const [ends, setEnds] = useState('either');
	const m = useMeasure();
	const [, , example, hint] = abouts.find(([k]) => k === about)!;
	const what = { take, [about]: value.trim(), ...(about === 'subnet' ? { ends } : {}) };
	const change = (set: (v: string) => void) => (v: string) => {
		m.forget();
		set(v);
	};
	const own = m.trial?.filters[0];
	return (
		<FormDialog title="Add a capture filter" close={close} act="Add" ready={!!value.trim()} send={async () => {
			const answer = await post<Done & { number?: number }>('/filters', { of, ...what });
			await act(Promise.resolve(answer), `Filter ${answer.number ?? ''} counts from now on.`, 'health').catch(failed);
			done();
		}}>
			<Choice label="Kept from" value={of} set={setOf} options={ofNames} hint="Malware is looked for in all traffic, whatever is filtered." />
			<Choice label="How" value={take} set={change(setTake)} options={takeNames} />
			<Choice label="By" value={about} set={change(setAbout)} options={abouts.map(([k, t]) => [k, t])} />
			<TextField label="Which" value={value} set={change(setValue)} placeholder={example} hint={hint || undefined} maxLength={200} autocomplete="off" />
			{about === 'subnet' && <Choice label="Ends" value={ends} set={change(setEnds)} options={[['either', 'one end is in it, or both'], ['both', 'both ends are in it']]} />}
			<div><button type="button" class="btn" disabled={m.busy || !value.trim()} onClick={() => void m.begin(what)}>{m.busy ? `Looking for ${seconds} s …` : 'Try on live traffic'}</button></div>
			<div role="status">
				{m.wrong && <Say kind="critical" icon="wrong">{m.wrong}</Say>}
				{m.trial && own && (m.trial.packets === 0 ? <Say kind="minor">Nothing passed in {m.trial.seconds} s: this says nothing.</Say> : <Say kind="note">It would leave out <b>{share(own.packets, m.trial.packets)}</b> of the packets and {share(own.bytes, m.trial.bytes)} of the bytes: {count(own.packets)} of {count(m.trial.packets)} packets in {m.trial.seconds} s.</Say>)}
			</div>
		</FormDialog>
	);
}
