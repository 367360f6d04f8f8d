// What opens below a button: a list of actions, or anything small.
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Icon, type IconName } from './icons';

export function Pop({ button, children, cls = 'btn', label, title, disabled, align = 'left' }: { button: ComponentChildren; children: (close: () => void) => ComponentChildren; cls?: string; label?: string; title?: string; disabled?: boolean; align?: 'left' | 'right' }) {
	const [open, setOpen] = useState(false);
	const at = useRef<HTMLButtonElement>(null);
	const pop = useRef<HTMLDivElement>(null);
	const close = () => {
		setOpen(false);
		at.current?.focus();
	};
	useLayoutEffect(() => {
		if (!open || !pop.current || !at.current) return;
		const a = at.current.getBoundingClientRect();
		const p = pop.current;
		const wide = p.offsetWidth;
		const high = p.offsetHeight;
		const left = align === 'right' ? a.right - wide : a.left;
		p.style.left = `${Math.max(8, Math.min(left, innerWidth - wide - 8))}px`;
		const below = a.bottom + 4;
		p.style.top = `${below + high > innerHeight - 8 ? Math.max(8, a.top - high - 4) : below}px`;
		p.querySelector<HTMLElement>('input, button, a, select')?.focus();
	}, [open]);
	useEffect(() => {
		if (!open) return;
		const away = (e: Event) => {
			if (!pop.current?.contains(e.target as Node) && !at.current?.contains(e.target as Node)) setOpen(false);
		};
		const key = (e: KeyboardEvent) => {
			if (e.key === 'Escape') {
				e.preventDefault();
				e.stopPropagation();
				close();
			}
			const go = e.key === 'ArrowDown' ? 1 : e.key === 'ArrowUp' ? -1 : 0;
			if (go && !/^(SELECT|TEXTAREA)$/.test((e.target as Element).tagName)) {
				const all = [...pop.current!.querySelectorAll<HTMLElement>('button:not(:disabled), a, input')];
				const now = all.indexOf(document.activeElement as HTMLElement);
				e.preventDefault();
				all[(now + go + all.length) % all.length]?.focus();
			}
		};
		const gone = () => setOpen(false);
		addEventListener('pointerdown', away, true);
		addEventListener('resize', gone);
		document.addEventListener('keydown', key, true);
		return () => {
			removeEventListener('pointerdown', away, true);
			removeEventListener('resize', gone);
			document.removeEventListener('keydown', key, true);
		};
	}, [open]);
	return (
		<>
			<button type="button" ref={at} class={cls} aria-expanded={open ? 'true' : 'false'} aria-haspopup="true" aria-label={label} title={title ?? label} disabled={disabled} onClick={() => setOpen(!open)}>{button}</button>
			{open && <div class="pop" ref={pop}>{children(close)}</div>}
		</>
	);
}

export interface Action { icon?: IconName; text: string; run?: () => void; href?: string; danger?: boolean; off?: boolean; why?: string }
export function Menu({ actions, label = 'More actions', button, cls = 'btn icon-only', align = 'right' }: { actions: (Action | null | false)[]; label?: string; button?: ComponentChildren; cls?: string; align?: 'left' | 'right' }) {
	return (
		<Pop button={button ?? <Icon name="more" />} cls={cls} label={button ? undefined : label} align={align}>
			{(close) => actions.map((a, i) => (!a ? <hr key={i} /> : a.href ? (
				<a key={a.text} class="item" href={a.href} onClick={() => close()}>{a.icon && <Icon name={a.icon} />}{a.text}</a>
			) : (
				<button key={a.text} type="button" class={`item ${a.danger ? 'danger' : ''}`} disabled={a.off} title={a.why} onClick={() => {
					close();
					a.run?.();
				}}>{a.icon && <Icon name={a.icon} />}{a.text}</button>
			)))}
		</Pop>
	);
}
