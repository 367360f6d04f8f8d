// Dialogs, and one to ask before what cannot be taken back.
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { signal } from '@preact/signals';
import { sentence } from '../lib/act';
import { Icon } from './icons';
import { Say } from './basic';

export interface DialogProps { title: string; close: () => void; children: ComponentChildren; foot?: ComponentChildren; wide?: boolean; submit?: () => void; firm?: boolean; cls?: string }
export function Dialog({ title, close, children, foot, wide, submit, firm, cls = '' }: DialogProps) {
	const ref = useRef<HTMLDialogElement>(null);
	const id = useId();
	// Before the next key is pressed: what is typed must not be lost.
	useLayoutEffect(() => {
		const d = ref.current!;
		const before = document.activeElement as HTMLElement | null;
		d.showModal();
		const first = d.querySelector<HTMLElement>('[data-first], .body input:not([type=checkbox]), .body select, .body textarea');
		(first ?? d.querySelector<HTMLElement>('footer button, header button'))?.focus();
		return () => {
			d.close();
			before?.focus?.();
		};
	}, []);
	const Frame = submit ? 'form' : 'div';
	return (
		<dialog ref={ref} class={`${wide ? 'wide' : ''} ${cls}`} aria-labelledby={id} onCancel={(e) => {
			e.preventDefault();
			if (!firm) close();
		}}>
			<Frame class="frame" onSubmit={(e: Event) => {
				e.preventDefault();
				submit?.();
			}}>
				<header><h2 id={id}>{title}</h2>{!firm && <button type="button" class="btn plain icon-only" onClick={close} aria-label="Close"><Icon name="close" /></button>}</header>
				<div class="body">{children}</div>
				{foot && <footer>{foot}</footer>}
			</Frame>
		</dialog>
	);
}

// A form in a dialog: sends, says what went wrong, keeps what was typed.
export function FormDialog({ title, close, send, act, children, wide, danger, ready = true, firm }: { title: string; close: () => void; send: () => Promise<unknown>; act: string; children: ComponentChildren; wide?: boolean; danger?: boolean; ready?: boolean; firm?: boolean }) {
	const [busy, setBusy] = useState(false);
	const [wrong, setWrong] = useState('');
	const submit = async () => {
		if (busy || !ready) return;
		setBusy(true);
		setWrong('');
		try {
			if ((await send()) !== false) {
				close();
				return;
			}
		} catch (e) {
			setWrong(sentence(e));
		}
		setBusy(false);
	};
	return (
		<Dialog title={title} close={close} wide={wide} submit={submit} firm={firm} foot={(
			<>
				{!firm && <button type="button" class="btn" onClick={close}>Cancel</button>}
				<button type="submit" class={`btn ${danger ? 'danger' : 'main-act'}`} disabled={busy || !ready}>{busy ? 'One moment …' : act}</button>
			</>
		)}>
			{wrong && <div role="alert"><Say kind="critical" icon="wrong">{wrong}</Say></div>}
			{children}
		</Dialog>
	);
}

interface Question { title: string; text: ComponentChildren; act: string; danger?: boolean; done: (yes: boolean) => void }
const question = signal<Question | null>(null);
export const ask = (title: string, text: ComponentChildren, act: string, danger = true): Promise<boolean> =>
	new Promise((done) => {
		question.value = { title, text, act, danger, done };
	});

export function Questions() {
	const q = question.value;
	if (!q) return null;
	const answer = (yes: boolean) => {
		question.value = null;
		q.done(yes);
	};
	return (
		<Dialog title={q.title} close={() => answer(false)} submit={() => answer(true)} foot={(
			<>
				<button type="button" class="btn" data-first onClick={() => answer(false)}>Cancel</button>
				<button type="submit" class={`btn ${q.danger ? 'danger' : 'main-act'}`}>{q.act}</button>
			</>
		)}>
			<div>{q.text}</div>
		</Dialog>
	);
}
