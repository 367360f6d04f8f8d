// Small parts: severities, times, states of a page, fields of a form.
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { ApiError } from '../lib/api';
import type { Severity } from '../lib/types';
import { ago, full, local } from '../lib/time';
import { Icon, type IconName } from './icons';

export const severities: Severity[] = ['critical', 'major', 'minor', 'warning'];

export function Sev({ of, short }: { of: Severity | string; short?: boolean }) {
	return <span class={`sev ${of}`} title={short ? of : undefined}><i aria-hidden="true" />{short ? <span class="hide">{of}</span> : of}</span>;
}

export function When({ at, near }: { at: string | null | undefined; near?: boolean }) {
	if (!at) return <span class="dim">–</span>;
	return <time dateTime={at} title={full(at)}>{near ? ago(at) : local(at)}</time>;
}

export function Badge({ kind = '', children, title }: { kind?: string; children: ComponentChildren; title?: string }) {
	return <span class={`badge ${kind}`} title={title}>{children}</span>;
}

export function Bones({ lines = 6 }: { lines?: number }) {
	return (
		<div class="bones" role="status" aria-label="Loading">
			{Array.from({ length: lines }, (_, i) => <i key={i} style={{ width: `${92 - ((i * 37) % 45)}%` }} />)}
		</div>
	);
}

export function Empty({ icon = 'info', title, children, act }: { icon?: IconName; title: string; children?: ComponentChildren; act?: ComponentChildren }) {
	return <div class="state"><Icon name={icon} /><h2>{title}</h2>{children && <p>{children}</p>}{act}</div>;
}

export function Wrong({ error, again }: { error: ApiError; again?: () => void }) {
	const title = error.status === 0 ? 'No connection to the sensor' : error.status === 403 ? 'Your role does not allow this' : error.status === 404 ? 'This is not there (any more)' : error.status === 422 ? 'This cannot be understood' : 'That did not work';
	return (
		<div class="state" role="alert">
			<Icon name="wrong" /><h2>{title}</h2><p>{error.message}</p>
			{again && error.status !== 403 && <button class="btn" onClick={again}><Icon name="refresh" />Try again</button>}
		</div>
	);
}

// What every read shows until it has something to show.
export function Ready<T>({ of, lines, children }: { of: { data: T | null; error: ApiError | null; loading: boolean; reload: () => void }; lines?: number; children: (data: T) => ComponentChildren }) {
	if (of.data !== null) {
		return <>{of.error && <Say kind="major">Not up to date: {of.error.message}</Say>}{children(of.data)}</>;
	}
	if (of.error) return <Wrong error={of.error} again={of.reload} />;
	return <Bones lines={lines} />;
}

export function Say({ kind = '', icon = 'info', children }: { kind?: string; icon?: IconName; children: ComponentChildren }) {
	return <div class={`say ${kind}`} role="note"><Icon name={icon} /><div class="grow break">{children}</div></div>;
}

export function Card({ title, act, children, cls = '', id }: { title?: ComponentChildren; act?: ComponentChildren; children?: ComponentChildren; cls?: string; id?: string }) {
	return (
		<section class={`card ${cls}`} id={id}>
			{title && <header><h2>{title}</h2>{act}</header>}
			<div class="body">{children}</div>
		</section>
	);
}

// Something wide: scrolls sideways, by the keyboard too when it must.
export function Scroll({ children }: { children: ComponentChildren }) {
	const box = useRef<HTMLDivElement>(null);
	const [over, setOver] = useState(false);
	useEffect(() => {
		const measure = () => box.current && setOver(box.current.scrollWidth > box.current.clientWidth);
		measure();
		const watch = new ResizeObserver(measure);
		watch.observe(box.current!);
		return () => watch.disconnect();
	}, []);
	return <div class="scroll-x" ref={box} tabIndex={over ? 0 : undefined}>{children}</div>;
}

export interface FieldProps { label: string; hint?: ComponentChildren; wrong?: string | null; children: (id: string, about: { 'aria-describedby'?: string; 'aria-invalid'?: 'true' }) => JSX.Element }
export function Field({ label, hint, wrong, children }: FieldProps) {
	const id = useId();
	const says = [hint && `${id}-h`, wrong && `${id}-w`].filter(Boolean).join(' ') || undefined;
	return (
		<div class="field">
			<label for={id}>{label}</label>
			{children(id, { 'aria-describedby': says, 'aria-invalid': wrong ? 'true' : undefined })}
			{hint && <span class="hint" id={`${id}-h`}>{hint}</span>}
			{wrong && <span class="wrong" id={`${id}-w`} role="alert">{wrong}</span>}
		</div>
	);
}

type InputProps = Omit<JSX.IntrinsicElements['input'], 'onInput' | 'label'> & { label: string; hint?: ComponentChildren; wrong?: string | null; value: string; set: (v: string) => void };
export function TextField({ label, hint, wrong, set, ...rest }: InputProps) {
	return (
		<Field label={label} hint={hint} wrong={wrong}>
			{(id, about) => rest.type === 'password' ? <Password id={id} {...about} {...rest} set={set} /> : <input id={id} {...about} {...rest} onInput={(e) => set(e.currentTarget.value)} />}
		</Field>
	);
}
// What was typed can be looked at for a while, where nobody looks on.
function Password({ set, ...rest }: JSX.IntrinsicElements['input'] & { set: (v: string) => void }) {
	const [seen, setSeen] = useState(false);
	return (
		<span class="secret">
			<input {...rest} type={seen ? 'text' : 'password'} spellcheck={false} autocapitalize="off" onInput={(e) => set(e.currentTarget.value)} />
			<button type="button" class="btn plain small" aria-label={seen ? 'Hide the password' : 'Show the password'} aria-pressed={seen} onClick={() => setSeen(!seen)}>{seen ? 'Hide' : 'Show'}</button>
		</span>
	);
}
export function Choice({ label, hint, wrong, value, set, options, disabled }: { label: string; hint?: ComponentChildren; wrong?: string | null; value: string; set: (v: string) => void; options: (string | [string, string])[]; disabled?: boolean }) {
	return (
		<Field label={label} hint={hint} wrong={wrong}>
			{(id, about) => (
				<select id={id} {...about} value={value} disabled={disabled} onChange={(e) => set(e.currentTarget.value)}>
					{options.map((o) => {
						const [v, t] = typeof o === 'string' ? [o, o] : o;
						return <option key={v} value={v}>{t}</option>;
					})}
				</select>
			)}
		</Field>
	);
}
export function Tick({ label, hint, on, set, disabled }: { label: ComponentChildren; hint?: ComponentChildren; on: boolean; set: (v: boolean) => void; disabled?: boolean }) {
	const id = useId();
	return (
		<div class="check">
			<input type="checkbox" id={id} checked={on} disabled={disabled} onChange={(e) => set(e.currentTarget.checked)} aria-describedby={hint ? `${id}-h` : undefined} />
			<div><label for={id}>{label}</label>{hint && <div class="dim small" id={`${id}-h`}>{hint}</div>}</div>
		</div>
	);
}

export function Props({ of }: { of: [string, ComponentChildren][] }) {
	const there = of.filter(([, v]) => v !== null && v !== undefined && v !== '' && v !== false);
	return <dl class="props">{there.map(([k, v]) => <><dt key={`t${k}`}>{k}</dt><dd key={`d${k}`}>{v}</dd></>)}</dl>;
}

export function Seg<T extends string>({ label, value, options, set }: { label: string; value: T; options: [T, string][]; set: (v: T) => void }) {
	return (
		<div class="seg" role="group" aria-label={label}>
			{options.map(([v, text]) => <button key={v} type="button" aria-pressed={v === value ? 'true' : 'false'} onClick={() => set(v)}>{text}</button>)}
		</div>
	);
}

export function Tabs({ label, value, options, set }: { label: string; value: string; options: [string, ComponentChildren][]; set: (v: string) => void }) {
	const move = (e: KeyboardEvent) => {
		const at = options.findIndex(([v]) => v === value);
		const next = e.key === 'ArrowRight' ? at + 1 : e.key === 'ArrowLeft' ? at - 1 : -1;
		if (next < 0 || next >= options.length) return;
		e.preventDefault();
		set(options[next][0]);
		((e.currentTarget as HTMLElement).children[next] as HTMLElement).focus();
	};
	return (
		<div class="tabs" role="tablist" aria-label={label} onKeyDown={move}>
			{options.map(([v, text]) => <button key={v} type="button" role="tab" aria-selected={v === value ? 'true' : 'false'} tabIndex={v === value ? 0 : -1} onClick={() => set(v)}>{text}</button>)}
		</div>
	);
}

export interface Bar { name: string; value: number; text: string; href?: string; title?: string }
export function Bars({ of, empty = 'Nothing yet.' }: { of: Bar[]; empty?: string }) {
	if (of.length === 0) return <p class="dim">{empty}</p>;
	const most = Math.max(...of.map((b) => b.value), 1);
	return (
		<div class="bars">
			{of.map((b) => {
				const inside = (
					<>
						<span class="cut" title={b.title ?? b.name}>{b.name}</span>
						<span class="track"><i style={{ width: `${(100 * b.value) / most}%` }} /></span>
						<span class="num small nowrap">{b.text}</span>
					</>
				);
				return b.href ? <a class="bar" key={b.name} href={b.href}>{inside}</a> : <div class="bar" key={b.name}>{inside}</div>;
			})}
		</div>
	);
}

export function Spark({ of, label }: { of: number[]; label: string }) {
	const most = Math.max(...of, 1);
	const w = 100 / Math.max(of.length, 1);
	return (
		<svg class="spark" viewBox="0 0 100 20" preserveAspectRatio="none" role="img" aria-label={label}>
			{of.map((v, i) => <rect key={i} x={i * w} y={20 - (19 * v) / most - (v > 0 ? 1 : 0)} width={Math.max(w - w * 0.15, 0.3)} height={(19 * v) / most + (v > 0 ? 1 : 0)} />)}
		</svg>
	);
}
