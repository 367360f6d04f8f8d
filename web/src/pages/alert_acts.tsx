// What people decide about alerts: learn, mute, close, comment. Each shows
// first what it will reach, and can be taken back.
import { useEffect, useState } from 'preact/hooks';
import { post, read } from '../lib/api';
import { act, type Done, sentence } from '../lib/act';
import { many, count } from '../lib/units';
import type { Level } from '../lib/types';
import { Bones, Choice, Field, Say, TextField, Tick } from '../ui/basic';
import { FormDialog } from '../ui/dialog';

export interface Target { numbers?: number[]; where?: string; severity?: string }
const of = (t: Target): string => (t.numbers ? (t.numbers.length === 1 ? `Alert ${t.numbers[0]}` : many(t.numbers.length, 'alert')) : 'All these alerts');
const said: Record<string, string> = { close: 'closed: seen again, it raises a new alert', active: 'taken up', reopen: 'open again', mute: 'muted', unmute: 'not muted any more', learn: 'learned: normal from now on', severity: 'graded anew', deny: 'never normal', comment: 'commented on' };

export const decide = (action: string, target: Target, more: Record<string, unknown> = {}): Promise<Done | null> =>
	act(post<Done>('/alerts/actions', { ...target, action, ...more }), `${of(target)} ${said[action] ?? 'changed'}.`);

async function send(action: string, target: Target, more: Record<string, unknown>): Promise<boolean> {
	const done = await post<Done>('/alerts/actions', { ...target, action, ...more });
	await act(Promise.resolve(done), `${of(target)} ${said[action]}.`);
	return true;
}

interface Props { target: Target; close: () => void; done: () => void }

export function LearnDialog({ target, close, done }: Props) {
	const one = target.numbers?.length === 1 ? target.numbers[0] : null;
	const [levels, setLevels] = useState<Level[] | null>(one === null ? [] : null);
	const [wrong, setWrong] = useState('');
	const [level, setLevel] = useState(0);
	const [days, setDays] = useState('');
	const [reason, setReason] = useState('');
	const [deny, setDeny] = useState(false);
	useEffect(() => {
		if (one === null) return;
		read<Level[] | { levels?: Level[]; items?: Level[] }>(`/alerts/${one}/levels`).then(
			(l) => {
				const all = Array.isArray(l) ? l : l.levels ?? l.items ?? [];
				setLevels(all);
				if (all.length > 0) setLevel(all[0].level);
			},
			(e) => {
				setLevels([]);
				setWrong(sentence(e));
			},
		);
	}, [one]);
	return (
		<FormDialog title={`Learn ${of(target).toLowerCase()}`} close={close} act={deny ? 'Never normal' : 'Learn'} danger={deny} ready={levels !== null} send={async () => {
			await send(deny ? 'deny' : 'learn', target, { level, ...(reason.trim() ? { reason: reason.trim() } : {}), ...(days ? { days: Number(days) } : {}) });
			done();
		}}>
			<p class="dim">{deny ? 'The same traffic alerts always, whatever is learned.' : 'The same traffic is normal from now on and raises no alert. It can be taken back, now and later (Baseline, Learned by hand).'}</p>
			{levels === null && <Bones lines={4} />}
			{wrong && <Say kind="minor">{wrong}</Say>}
			{levels && levels.length > 0 && (
				<fieldset class="stack-s">
					<legend><b>How far is it to reach?</b></legend>
					{levels.map((l) => (
						<label class="check" key={l.level}>
							<input type="radio" name="level" checked={level === l.level} onChange={() => setLevel(l.level)} />
							<span>{l.text}<br /><span class="dim small">{l.rule ? <>as the exclusion <code>{l.rule}</code></> : <>closes {many(l.closes ?? 0, 'open alert')}{(l.covers ?? 0) > 0 && <>, covers {count(l.covers)} {l.covers === 1 ? 'thing' : 'things'} seen so far</>}</>}</span></span>
						</label>
					))}
				</fieldset>
			)}
			{one === null && <Say>Each is learned as it is: exactly what was seen, nothing wider.</Say>}
			<TextField label="Reason" value={reason} set={setReason} hint="For the timeline: who asked, which ticket." maxLength={200} />
			<Choice label="For how long" value={days} set={setDays} options={[['', deny ? '90 days' : 'For ever'], ['1', 'One day'], ['7', 'One week'], ['30', '30 days'], ['365', 'One year']]} />
			{one !== null && <Tick label="The opposite: this is never normal" on={deny} set={setDeny} />}
		</FormDialog>
	);
}

export function MuteDialog({ target, close, done }: Props) {
	const [reason, setReason] = useState('');
	return (
		<FormDialog title={`Mute ${of(target).toLowerCase()}`} close={close} act="Mute" send={async () => {
			await send('mute', target, reason.trim() ? { reason: reason.trim() } : {});
			done();
		}}>
			<p class="dim">The same is not spoken of any more, but it does not count as normal either: it stays in the list of muted alerts. To say that it is normal, learn it.</p>
			<TextField label="Reason" value={reason} set={setReason} maxLength={200} />
		</FormDialog>
	);
}

export function CommentDialog({ target, close, done }: Props) {
	const [text, setText] = useState('');
	return (
		<FormDialog title={`Comment on ${of(target).toLowerCase()}`} close={close} act="Add comment" ready={text.trim() !== ''} send={async () => {
			await send('comment', target, { text: text.trim() });
			done();
		}}>
			<Field label="Comment">{(id, about) => <textarea id={id} {...about} rows={4} maxLength={2000} value={text} onInput={(e) => setText(e.currentTarget.value)} />}</Field>
		</FormDialog>
	);
}
