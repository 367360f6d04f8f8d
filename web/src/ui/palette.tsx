// Ctrl+K: go anywhere, find any device or alert, do what is often done.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { signal } from '@preact/signals';
import { can, read } from '../lib/api';
import { useLater } from '../lib/hooks';
import { go } from '../lib/router';
import { pattern, search } from '../lib/where';
import type { Alert, Device, Page } from '../lib/types';
import { pages } from '../pages/list';
import { label } from '../pages/common';
import { Icon, type IconName } from './icons';
import { Sev } from './basic';

export const paletteOpen = signal(false);
export interface Command { text: string; words?: string; icon: IconName; run: () => void; on?: () => boolean }
export const commands = signal<Command[]>([]);
interface Hit { kind: string; icon: IconName; text: string; more?: string; severity?: string; run: () => void }

export function Palette() {
	if (!paletteOpen.value) return null;
	return <Inside />;
}

function Inside() {
	const [text, setText] = useState('');
	const [at, setAt] = useState(0);
	const [devices, setDevices] = useState<Device[]>([]);
	const [alerts, setAlerts] = useState<Alert[]>([]);
	const asked = useLater(text.trim(), 180);
	const box = useRef<HTMLDialogElement>(null);
	const list = useRef<HTMLUListElement>(null);
	// Before the next key is pressed: what is typed must not be lost.
	useLayoutEffect(() => {
		const before = document.activeElement as HTMLElement | null;
		box.current!.showModal();
		return () => before?.focus?.();
	}, []);
	useEffect(() => {
		if (asked.length < 2 && !/^\d$/.test(asked)) {
			setDevices([]);
			setAlerts([]);
			return;
		}
		const stop = new AbortController();
		const o = { signal: stop.signal };
		const where = search(asked, ['name', 'addresses', 'vendor', 'model'])!;
		read<Page<Device>>('/devices', { ...o, query: { where, limit: 6 } }).then((d) => setDevices(d.items), () => undefined);
		const alert = /^#?\d+$/.test(asked) ? `number = ${asked.replace('#', '')}` : `title ~ ${pattern(asked)} or text ~ ${pattern(asked)}`;
		read<Page<Alert>>('/alerts', { ...o, query: { where: alert, sort: '-last', limit: 6 } }).then((a) => setAlerts(a.items), () => undefined);
		return () => stop.abort();
	}, [asked]);
	const hits = useMemo<Hit[]>(() => {
		const w = text.toLowerCase().split(/\s+/).filter(Boolean);
		const fits = (t: string) => w.every((x) => t.toLowerCase().includes(x));
		return [
			...pages.filter((p) => (!p.role || can(p.role)) && fits(`${p.title} ${p.words}`)).map((p) => ({ kind: 'Pages', icon: p.icon, text: p.title, run: () => go(p.id === 'overview' ? '/' : `/${p.id}`) })),
			...commands.value.filter((c) => (!c.on || c.on()) && fits(`${c.text} ${c.words ?? ''}`)).map((c) => ({ kind: 'Actions', icon: c.icon, text: c.text, run: c.run })),
			...devices.map((d) => ({ kind: 'Devices', icon: 'devices' as IconName, text: label(d), more: [d.role, d.vendor].filter(Boolean).join(' · '), run: () => go(`/devices/${d.id}`) })),
			...alerts.map((a) => ({ kind: 'Alerts', icon: 'alerts' as IconName, text: `#${a.number} ${a.title}`, more: `${a.source ?? ''} → ${a.destination ?? ''}`, severity: a.severity, run: () => go(`/alerts/${a.number}`) })),
		];
	}, [text, devices, alerts]);
	const now = Math.min(at, Math.max(0, hits.length - 1));
	useEffect(() => {
		list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
	}, [now]);
	const close = () => {
		paletteOpen.value = false;
	};
	const take = (h: Hit | undefined) => {
		if (!h) return;
		close();
		h.run();
	};
	return (
		<dialog ref={box} class="palette" aria-label="Go to or do" onCancel={close} onClick={(e) => e.target === box.current && close()}>
			<input role="combobox" aria-expanded="true" aria-controls="palette-hits" aria-activedescendant={hits.length ? `hit-${now}` : undefined} aria-label="Search pages, devices, alerts, actions" placeholder="Search pages, devices, alerts, actions" value={text} onInput={(e) => {
				setText(e.currentTarget.value);
				setAt(0);
			}} onKeyDown={(e) => {
				const by = e.key === 'ArrowDown' ? 1 : e.key === 'ArrowUp' ? -1 : 0;
				if (by) {
					e.preventDefault();
					setAt((now + by + hits.length) % Math.max(1, hits.length));
				} else if (e.key === 'Enter') {
					e.preventDefault();
					take(hits[now]);
				}
			}} />
			<ul id="palette-hits" role="listbox" aria-label="Results" ref={list}>
				{hits.length === 0 && <li class="kind" role="option" aria-selected="false" aria-disabled="true">Nothing is called like that.</li>}
				{hits.map((h, i) => (
					<>
						{h.kind !== hits[i - 1]?.kind && <li class="kind" role="presentation" key={h.kind}>{h.kind}</li>}
						<li key={`${h.kind}${h.text}${i}`} id={`hit-${i}`} role="option" aria-selected={i === now ? 'true' : 'false'} onClick={() => take(h)} onMouseMove={() => i !== now && setAt(i)}>
							<Icon name={h.icon} /><span class="cut">{h.text}</span>{h.severity && <Sev of={h.severity} />}<span class="grow cut dim small num">{h.more}</span>
						</li>
					</>
				))}
			</ul>
		</dialog>
	);
}
