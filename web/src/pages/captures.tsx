// Captures: sent to the sensor, and played back as if they came from a port.
import { useEffect, useRef, useState } from 'preact/hooks';
import { post, remove, upload } from '../lib/api';
import { act, type Done, failed, sentence, toast } from '../lib/act';
import { changed } from '../lib/events';
import { useRead } from '../lib/hooks';
import { bytes, percent } from '../lib/units';
import { Badge, Empty, Ready, Say, Scroll, When } from '../ui/basic';
import { ask } from '../ui/dialog';
import { Icon } from '../ui/icons';
import { Header } from './common';

interface Capture { id: number; name: string; bytes: number; at: string; state: 'new' | 'waiting' | 'playing' | 'done' | 'stopped' | 'failed'; progress: number; error?: string | null }
const most = 2e9;
const good = /\.(pcap|pcapng|cap|snoop)(\.(gz|zst))?$/i;
interface Sending { name: string; part: number; wrong?: string }
const states: Record<string, string> = { playing: 'note', waiting: '', done: 'good', failed: 'critical' };

export default function CapturesPage() {
	const list = useRead<Capture[] | { items: Capture[] }>('/captures', changed.health);
	const [sending, setSending] = useState<Sending[]>([]);
	const [over, setOver] = useState(false);
	const [speed, setSpeed] = useState('1');
	const [learn, setLearn] = useState(false);
	const health = useRead<{ state: string }>('/health', changed.health);
	const runs = health.data?.state === 'running';
	const input = useRef<HTMLInputElement>(null);
	const all = Array.isArray(list.data) ? list.data : list.data?.items ?? [];
	const playing = all.some((c) => c.state === 'playing' || c.state === 'waiting');
	useEffect(() => {
		if (!playing) return;
		const t = setInterval(list.reload, 1000);
		return () => clearInterval(t);
	}, [playing]);
	const send = async (files: FileList | File[] | null | undefined) => {
		for (const file of files ?? []) {
			const put = (s: Partial<Sending>) => setSending((all) => all.map((x) => (x.name === file.name ? { ...x, ...s } : x)));
			setSending((all) => [...all.filter((x) => x.name !== file.name), { name: file.name, part: 0 }]);
			if (file.size > most) {
				put({ wrong: `This file is ${bytes(file.size)}; at most ${bytes(most)} are taken. Cut it, for example with editcap.` });
				continue;
			}
			if (!good.test(file.name) && !(await ask(`Is “${file.name}” a capture?`, 'It is not named like one (pcap, pcapng, snoop, also with .gz or .zst).', 'Send it anyway', false))) {
				setSending((all) => all.filter((x) => x.name !== file.name));
				continue;
			}
			try {
				await upload('/captures', file, (part) => put({ part }), { name: file.name });
				setSending((all) => all.filter((x) => x.name !== file.name));
				toast('ok', `${file.name} is on the sensor.`);
			} catch (e) {
				put({ wrong: sentence(e) });
			}
			list.reload();
		}
	};
	const play = async (c: Capture) => {
		try {
			await post(`/captures/${c.id}/play?speed=${speed}&learn=${learn ? 1 : 0}`);
			toast('ok', `Playing ${c.name}.`);
		} catch (e) {
			failed(e);
		}
		list.reload();
	};
	const stop = async (c: Capture) => {
		await act(post<Done>(`/captures/${c.id}/stop`), `${c.name} is no longer played.`, 'health');
		list.reload();
	};
	const drop = async (which: Capture[]) => {
		if (!(await ask(which.length === 1 ? `Delete ${which[0].name}?` : `Delete all ${which.length} captures?`, 'The file leaves the sensor. What was found in it stays.', 'Delete'))) return;
		for (const c of which) await act(remove<Done>(`/captures/${c.id}`), `${c.name} deleted.`, 'health');
		list.reload();
	};
	return (
		<div class="page">
			<Header title="Captures">
				<input ref={input} type="file" multiple hidden aria-label="Capture files" accept=".pcap,.pcapng,.cap,.snoop,.gz,.zst" onChange={(e) => {
					void send([...(e.currentTarget.files ?? [])]);
					e.currentTarget.value = '';
				}} />
				{all.length > 1 && <button type="button" class="btn" disabled={playing} onClick={async () => {
					for (const c of all) await play(c);
				}}><Icon name="play" />Play all</button>}
				{all.length > 0 && <button type="button" class="btn" onClick={() => void drop(all)}><Icon name="trash" />Delete all</button>}
				<button type="button" class="btn main-act" onClick={() => input.current?.click()}><Icon name="upload" />Send captures</button>
			</Header>
			{runs ? <p class="lead">What is played back is looked at like live traffic, as if it came by a port now: devices and alerts come from it, and say so. The ports are watched all the while.</p>
				: <p class="lead">What is played back is read like live traffic: devices, learning and alerts come from it, with the times of the capture.</p>}
			{runs && all.length > 0 && (
				<div class="row wrap">
					<label class="row"><span>Speed</span><select value={speed} onChange={(e) => setSpeed(e.currentTarget.value)}><option value="1">as it was</option><option value="10">10 times</option><option value="100">100 times</option><option value="0">as fast as it goes</option></select></label>
					<label class="row"><input type="checkbox" checked={learn} onChange={(e) => setLearn(e.currentTarget.checked)} /><span>Learn from it as from live traffic</span></label>
					{speed !== '1' && <span class="dim small">What is told by rates, such as scans and floods, may then be wrong.</span>}
				</div>
			)}
			<div class={`card ${over ? 'chosen' : ''}`} style={{ borderStyle: 'dashed', borderColor: over ? 'var(--accent)' : undefined }} onDragOver={(e) => {
				e.preventDefault();
				setOver(true);
			}} onDragLeave={() => setOver(false)} onDrop={(e) => {
				e.preventDefault();
				setOver(false);
				void send([...(e.dataTransfer?.files ?? [])]);
			}}>
				<div class="body stack">
					{sending.map((s) => <div key={s.name} class="stack-s"><div class="row"><b class="grow cut">{s.name}</b>{s.wrong ? <button type="button" class="btn plain small" onClick={() => setSending((x) => x.filter((y) => y !== s))}>Dismiss</button> : <span class="dim small">{s.part < 1 ? percent(s.part, 1) : 'looking at it …'}</span>}</div>{s.wrong ? <Say kind="critical" icon="wrong">{s.wrong}</Say> : <progress value={s.part} max={1} aria-label={`Sending ${s.name}`} style={{ width: '100%' }} />}</div>)}
					<Ready of={list} lines={4}>{() => (all.length === 0 ? <Empty icon="captures" title="No captures here">Drop pcap or pcapng files here, or use the button; gzip and zstd are understood. At most {bytes(most)} each.</Empty> : (
						<Scroll><table class="plain">
							<thead><tr><th>Name</th><th class="num">Size</th><th>Sent</th><th>State</th><th /></tr></thead>
							<tbody>{all.map((c) => {
								return (
									<tr key={c.id}><td class="break"><b>{c.name}</b>{c.error && <div class="wrong small">{c.error}</div>}</td><td class="num nowrap">{bytes(c.bytes)}</td><td class="nowrap"><When at={c.at} /></td>
										<td class="nowrap">{c.state === 'playing' ? <><progress value={c.progress ?? 0} max={1} aria-label={`Playing ${c.name}`} /> {percent(c.progress ?? 0, 1)}</> : <Badge kind={states[c.state ?? ''] ?? ''}>{c.state === 'done' ? 'played' : c.state === 'new' ? 'not played' : c.state}</Badge>}</td>
										<td class="nowrap">{c.state === 'playing' || c.state === 'waiting' ? <button type="button" class="btn small" aria-label={`Stop ${c.name}`} onClick={() => void stop(c)}>Stop</button> : <button type="button" class="btn small" onClick={() => void play(c)}><Icon name="play" />Play</button>} <button type="button" class="btn plain small icon-only" aria-label={`Delete ${c.name}`} disabled={c.state === 'playing' || c.state === 'waiting'} onClick={() => void drop([c])}><Icon name="trash" /></button></td></tr>
								);
							})}</tbody>
						</table></Scroll>
					))}</Ready>
				</div>
			</div>
		</div>
	);
}
