// The frame of every page: navigation, search, connection, messages, account.
import { Component, type ComponentChildren, type ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import * as route from './lib/router';
import { can, post, read, remove, session } from './lib/api';
import { act, type Done, failed, toast } from './lib/act';
import { changed, connection, disconnect, onAlert, since } from './lib/events';
import { asking, rate, type Asking } from './lib/live';
import { useRead } from './lib/hooks';
import { helpOpen, known, useKeys } from './lib/keys';
import { theme, type Theme } from './lib/prefs';
import { setSensorZone } from './lib/time';
import { bits, packets } from './lib/units';
import type { Overview } from './lib/types';
import { pages, type PageRow } from './pages/list';
import { Again } from './pages/enter';
import { Bones, Empty, Say, Wrong } from './ui/basic';
import { Dialog, Questions } from './ui/dialog';
import { Icon } from './ui/icons';
import { Menu, Pop } from './ui/menu';
import { commands, Palette, paletteOpen } from './ui/palette';
import { Toasts } from './ui/toasts';
import icon from './icon.svg';
import { ApiError } from './lib/api';

const href = (p: PageRow) => (p.id === 'overview' ? '/' : `/${p.id}`);
// What cannot be decoded is taken as it stands.
const decoded = (part: string): string => {
	try {
		return decodeURIComponent(part);
	} catch {
		return part;
	}
};
const groups = [...new Set(pages.map((p) => p.group))];

export async function signOut(): Promise<void> {
	try {
		await remove('/session');
	} catch (e) {
		if (!(e instanceof ApiError) || e.status !== 401) return failed(e);
	}
	disconnect();
	session.value = null;
	route.go('/', true);
}

function Live() {
	const state = connection.value;
	const t = rate.value;
	const words = { live: 'Live', connecting: 'Connecting …', lost: 'Not connected' }[state];
	return (
		<span class={`live ${state}`} role="status" title={state === 'live' ? `Changes show by themselves since ${new Date(since.value).toLocaleTimeString()}` : 'What is shown may be old; the console tries again by itself.'}>
			<i aria-hidden="true" />{words}{state === 'live' && t && <span class="label dim">{packets(t.pps)}{t.bps !== null && <>, {bits(t.bps)}</>}</span>}
		</span>
	);
}

// At once, and without a question: what is stopped can go on any time.
export function stopAsking(): void {
	void act(post<Done>('/active/stop', { reason: 'from the console' }), 'Asking is stopped. Nothing is sent to devices.', 'change');
}
function Kill() {
	const a = asking.value;
	if (!a || !a.grant || a.halted || !can('admin')) return null;
	return <button type="button" class="btn danger" title={`Devices are being asked: ${a.done} of ${a.of} done. Stop at once.`} onClick={stopAsking}><Icon name="stop" /><span class="label">Stop asking</span><span class="hide">Stop asking devices</span></button>;
}

function Bell({ of }: { of: Overview['messages'] }) {
	return (
		<Pop cls="btn plain icon-only" label={of.length ? `${of.length} system messages` : 'No system messages'} align="right" button={<><Icon name="bell" />{of.length > 0 && <span class="hide">{of.length}</span>}</>}>
			{() => (of.length === 0 ? <h4>No messages of the system</h4> : of.map((m, i) => <div key={i} class="item"><Say kind={m.severity}>{m.text}</Say></div>))}
		</Pop>
	);
}

function ThemeMenu() {
	const names: [Theme, string, 'system' | 'sun' | 'moon'][] = [['system', 'As the system', 'system'], ['light', 'Light', 'sun'], ['dark', 'Dark', 'moon']];
	const now = names.find(([t]) => t === theme.value)!;
	return <Menu label={`Colours: ${now[1]}`} cls="btn plain icon-only" button={<Icon name={now[2]} label={`Colours: ${now[1]}`} />} actions={names.map(([t, text, i]) => ({ text, icon: i, run: () => void (theme.value = t) }))} />;
}

function Nav({ here, open, counts }: { here: string; open: boolean; counts: Record<string, number> }) {
	return (
		<aside class={`side ${open ? 'open' : ''}`}>
			<a class="brand" href="/"><img src={icon} alt="" /><span class="label">Sightglass</span></a>
			<nav class="nav" aria-label="Pages">
				{groups.map((g) => (
					<div key={g}>
						<h2>{g}</h2>
						{pages.filter((p) => p.group === g && (!p.role || can(p.role))).map((p) => (
							<a key={p.id} href={href(p)} aria-current={p.id === here ? 'page' : undefined} title={p.title}>
								<Icon name={p.icon} /><span class="label">{p.title}</span>
								{counts[p.id] > 0 && <span class="count" title={`${counts[p.id]} open, critical or major`}>{counts[p.id] > 999 ? '999+' : counts[p.id]}</span>}
							</a>
						))}
					</div>
				))}
			</nav>
		</aside>
	);
}

class Guarded extends Component<{ children: ComponentChildren; name: string }, { wrong: Error | null }> {
	state = { wrong: null as Error | null };
	static getDerivedStateFromError(wrong: Error) {
		return { wrong };
	}
	componentDidUpdate(before: { name: string }) {
		if (before.name !== this.props.name && this.state.wrong) this.setState({ wrong: null });
	}
	render() {
		if (!this.state.wrong) return this.props.children;
		return <div class="page"><Wrong error={new ApiError(-1, 'console', `This page could not be shown: ${this.state.wrong.message}`)} again={() => this.setState({ wrong: null })} /></div>;
	}
}

function Current({ row, rest }: { row: PageRow | undefined; rest: string[] }) {
	const [page, setPage] = useState<{ id: string; view: ComponentType<{ rest: string[] }> } | null>(null);
	const [wrong, setWrong] = useState('');
	useEffect(() => {
		if (!row) return;
		let gone = false;
		document.title = `${row.title} · Sightglass`;
		setWrong('');
		row.load().then((m) => !gone && setPage({ id: row.id, view: m.default }), () => !gone && setWrong('This part of the console could not be fetched. If the sensor was just updated, load the page again.'));
		return () => {
			gone = true;
		};
	}, [row]);
	if (!row) return <div class="page"><Empty title="There is no such page" act={<a class="btn" href="/">To the overview</a>}>The address may be mistyped, or from another version.</Empty></div>;
	if (row.role && !can(row.role)) return <div class="page"><Empty title="Your role does not allow this">{row.title} needs the role {row.role}. You are signed in as {session.value?.role}.</Empty></div>;
	if (wrong) return <div class="page"><Wrong error={new ApiError(0, 'console', wrong)} again={() => location.reload()} /></div>;
	if (page?.id !== row.id) return <div class="page"><Bones lines={8} /></div>;
	const View = page.view;
	return <Guarded name={row.id}><View rest={rest} /></Guarded>;
}

function Help() {
	if (!helpOpen.value) return null;
	return (
		<Dialog title="Keys" close={() => void (helpOpen.value = false)}>
			<table class="plain"><tbody>{known().map((k, i) => <tr key={i}><td class="nowrap">{k.keys.split(' / ').map((x, j) => <>{j > 0 && ' or '}{x.split(' ').map((y) => <><kbd>{y}</kbd> </>)}</>)}</td><td>{k.text}</td></tr>)}</tbody></table>
		</Dialog>
	);
}

export function Shell() {
	const [, id = '', ...rest] = route.path.value.split('/').map(decoded);
	const here = id || 'overview';
	const row = pages.find((p) => p.id === here);
	const [drawer, setDrawer] = useState(false);
	const overview = useRead<Overview>('/overview', changed.alert);
	useEffect(() => setDrawer(false), [route.path.value]);
	useEffect(() => {
		const s = overview.data?.sensor;
		if (s) setSensorZone(s.utc_offset, s.zone);
	}, [overview.data]);
	useEffect(() => {
		read<Asking>('/active').then((a) => void (asking.value ??= a), () => undefined);
	}, []);
	useEffect(() => onAlert((a) => {
		if (a.severity === 'critical' && a.number && a.title) toast('note', `Critical: ${a.title}`, { href: `/alerts/${a.number}` });
	}), []);
	useEffect(() => {
		commands.value = [
			{ text: 'Colours: light', words: 'theme', icon: 'sun', run: () => void (theme.value = 'light') },
			{ text: 'Colours: dark', words: 'theme night', icon: 'moon', run: () => void (theme.value = 'dark') },
			{ text: 'Colours: as the system', words: 'theme', icon: 'system', run: () => void (theme.value = 'system') },
			{ text: 'New open alerts, worst first', words: 'triage', icon: 'alerts', run: () => route.go('/alerts?status=new&sort=-severity') },
			{ text: 'Devices that are not authorised', words: 'new unauthorized', icon: 'devices', run: () => route.go('/devices?flag=unauthorised') },
			{ text: 'Change the mode', words: 'learning dynamic operational', icon: 'baseline', run: () => route.go('/baseline'), on: () => can('admin') },
			{ text: 'Play back a capture', words: 'pcap upload', icon: 'captures', run: () => route.go('/captures'), on: () => can('admin') },
			{ text: 'New exclusion, maintenance window or rule', words: 'suppress', icon: 'plus', run: () => route.go('/detections/rules?new=1'), on: () => can('analyst') },
			{ text: 'Stop asking devices', words: 'active kill switch halt', icon: 'stop', run: stopAsking, on: () => can('admin') },
			{ text: 'Capture filters', words: 'exclude include leave out', icon: 'filter', run: () => route.go('/mirror/filters') },
			{ text: 'Plan a mirror', words: 'span wizard', icon: 'mirror', run: () => route.go('/mirror/plan') },
			{ text: 'My account and second factor', words: 'password totp', icon: 'person', run: () => route.go('/users/me') },
			{ text: 'Keys', words: 'shortcuts help', icon: 'info', run: () => void (helpOpen.value = true) },
			{ text: 'Sign out', icon: 'right', run: () => void signOut() },
		];
	}, []);
	useKeys([
		{ keys: 'Ctrl+k', text: 'Search everything', typing: true, run: () => void (paletteOpen.value = !paletteOpen.value) },
		{ keys: '?', text: 'These keys', run: () => void (helpOpen.value = true) },
		...pages.filter((p) => p.key).map((p) => ({ keys: p.key!, text: p.title, run: () => route.go(href(p)) })),
	]);
	const open = overview.data?.alerts;
	const counts = { alerts: open ? open.critical + open.major : 0 };
	const tabs = ['overview', 'alerts', 'devices', 'map'].map((x) => pages.find((p) => p.id === x)!);
	return (
		<div class="shell">
			<a class="skip" href="#main" onClick={(e) => {
				e.preventDefault();
				document.getElementById('main')?.focus();
			}}>To the content</a>
			<Nav here={here} open={drawer} counts={counts} />
			<header class="top">
				<button type="button" class="finder" onClick={() => void (paletteOpen.value = true)}><Icon name="search" /><span class="label">Search everything</span><span class="grow" /><kbd>Ctrl K</kbd></button>
				<span class="grow" />
				<Kill />
				<Live />
				<Bell of={overview.data?.messages ?? []} />
				<ThemeMenu />
				<Menu label="Account" cls="btn plain" button={<><Icon name="person" /><span class="cut">{session.value?.user}</span></>} actions={[
					{ icon: 'person', text: 'My account', href: '/users/me' },
					{ icon: 'info', text: 'Keys', run: () => void (helpOpen.value = true) },
					null,
					{ icon: 'right', text: 'Sign out', run: () => void signOut() },
				]} />
			</header>
			<main class="main" id="main" tabIndex={-1}>
				{connection.value === 'lost' && Date.now() - since.value > 4000 && <div class="noprint"><Say kind="major">The connection to the sensor is lost; what is shown may be old. It is tried again by itself.</Say></div>}
				<Current row={row} rest={rest} />
			</main>
			<nav class="tabbar" aria-label="Main pages">
				{tabs.map((p) => <a key={p.id} href={href(p)} aria-current={p.id === here ? 'page' : undefined}><Icon name={p.icon} />{p.title}{p.id === 'alerts' && counts.alerts > 0 && <span class="count">{counts.alerts > 99 ? '99+' : counts.alerts}</span>}</a>)}
				<button type="button" aria-expanded={drawer ? 'true' : 'false'} onClick={() => setDrawer(!drawer)}><Icon name="menu" />More</button>
			</nav>
			<Palette />
			<Help />
			<Questions />
			<Toasts />
			<Again />
		</div>
	);
}
