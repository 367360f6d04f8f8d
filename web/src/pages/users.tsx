// Users, sessions, tokens; and one's own account with a second factor.
import { useState } from 'preact/hooks';
import * as route from '../lib/router';
import { call, can, patch, post, remove, session } from '../lib/api';
import { act, type Done, failed, toast } from '../lib/act';
import { useList, useRead } from '../lib/hooks';
import type { Role } from '../lib/types';
import { Badge, Bones, Card, Choice, Empty, Props, Ready, Say, Scroll, Tabs, TextField, When, Wrong } from '../ui/basic';
import { ask, Dialog, FormDialog } from '../ui/dialog';
import { Icon } from '../ui/icons';
import { Menu } from '../ui/menu';
import { signOut } from '../shell';
import { encode } from 'uqr';
import { Header } from './common';

interface User { name: string; role: Role | 'public'; outside?: boolean; last?: string | null; locked?: boolean; totp?: boolean; created?: string; password_changed?: string | null; etag?: string }
interface Token { id: number; name: string; role: Role; created?: string; expires?: string | null; used?: string | null; user?: string; token?: string }
interface Sess { id: string; user?: string; source?: string; agent?: string; began?: string | null; seen?: string | null; ends?: string | null; current?: boolean }
const nameOf = (u: User) => u.name;
const roleTexts: [Role, string][] = [['read-only', 'Read-only: sees everything, changes nothing'], ['analyst', 'Security analyst: alerts, devices, baseline, rules'], ['admin', 'Administrator: everything']];

export default function UsersPage({ rest }: { rest: string[] }) {
	const admin = can('admin');
	const tab = rest[0] || (admin ? 'all' : 'me');
	return (
		<div class="page">
			<Header title="Users" />
			<Tabs label="Users" value={tab} set={(t) => route.go(`/users/${t}`)} options={[...(admin ? [['all', 'Users'] as [string, string]] : []), ['me', 'My account'], ['sessions', 'Sessions'], ['tokens', 'Access tokens'], ['roles', 'What a role may']]} />
			{tab === 'me' ? <Me /> : tab === 'sessions' ? <Sessions /> : tab === 'tokens' ? <Tokens /> : tab === 'roles' ? <Roles /> : admin ? <All /> : <Empty title="Your role does not allow this">Only administrators see the users.</Empty>}
		</div>
	);
}

function All() {
	const list = useList<User>('/users', {});
	const [making, setMaking] = useState(false);
	const [password, setPassword] = useState<User | null>(null);
	const set = (u: User, body: Record<string, unknown>, text: string) => void act(patch<Done>(`/users/${encodeURIComponent(nameOf(u))}`, body, { etag: u.etag }), `${nameOf(u)} ${text}.`, 'health').then(list.reload);
	const drop = async (u: User) => {
		if (await ask(`Delete ${nameOf(u)}?`, 'Their sessions and tokens end at once. What they did stays on the timeline.', 'Delete')) void act(remove<Done>(`/users/${encodeURIComponent(nameOf(u))}`), `${nameOf(u)} deleted.`, 'health').then(list.reload);
	};
	if (list.error && list.rows.length === 0) return <Wrong error={list.error} again={list.reload} />;
	if (list.fresh) return <Bones />;
	return (
		<Card title={`${list.total} ${list.total === 1 ? 'user' : 'users'}`} act={<button type="button" class="btn main-act" onClick={() => setMaking(true)}><Icon name="plus" />New user</button>}>
			<Scroll><table class="plain">
				<thead><tr><th>Name</th><th>Role</th><th>Second factor</th><th>Last signed in</th><th>State</th><th /></tr></thead>
				<tbody>{list.rows.map((u) => (
					<tr key={nameOf(u)}><td class="break"><b>{nameOf(u)}</b>{nameOf(u) === session.value?.user && <span class="dim small"> (you)</span>}{u.outside && <> <Badge kind="outline">of the directory</Badge></>}</td><td>{u.role === 'public' ? <span class="dim">none any more</span> : u.role}</td><td>{u.totp ? 'on' : <span class="dim">off</span>}</td><td class="nowrap"><When at={u.last} /></td><td>{u.locked ? <Badge kind="major">locked</Badge> : <Badge kind="good">active</Badge>}</td>
						<td><Menu cls="btn plain small icon-only" label={`With ${nameOf(u)}`} actions={[...(u.outside ? [] : [...roleTexts.filter(([r]) => r !== u.role).map(([r]) => ({ text: `Role: ${r}`, run: () => set(u, { role: r }, `is ${r} now`) })), null, { icon: 'key' as const, text: 'New password …', run: () => setPassword(u) }]), u.totp ? { text: 'Take away the second factor', run: () => void act(remove<Done>(`/users/${encodeURIComponent(nameOf(u))}/totp`), `${nameOf(u)} has no second factor any more.`, 'health').then(list.reload) } : null, u.locked ? { text: 'Unlock', run: () => set(u, { locked: false }, 'may sign in again') } : { text: 'Lock', run: () => set(u, { locked: true }, 'may not sign in any more') }, null, { icon: 'trash', text: 'Delete …', danger: true, run: () => void drop(u) }]} /></td></tr>
				))}</tbody>
			</table></Scroll>
			{making && <NewUser close={() => setMaking(false)} done={list.reload} />}
			{password && <PasswordDialog of={password} close={() => setPassword(null)} done={list.reload} />}
		</Card>
	);
}

function NewUser({ close, done }: { close: () => void; done: () => void }) {
	const [user, setUser] = useState('');
	const [role, setRole] = useState<string>('read-only');
	const [password, setPassword] = useState('');
	return (
		<FormDialog title="New user" close={close} act="Create" ready={!!user.trim() && password.length > 0} send={async () => {
			await post('/users', { name: user.trim(), role, password });
			toast('ok', `${user.trim()} can sign in.`);
			done();
		}}>
			<TextField label="Name" value={user} set={setUser} autocomplete="off" maxLength={64} />
			<Choice label="Role" value={role} set={setRole} options={roleTexts} />
			<TextField label="First password" type="password" value={password} set={setPassword} autocomplete="new-password" hint="At least 12 characters. They should change it when they sign in." />
		</FormDialog>
	);
}

function PasswordDialog({ of, close, done }: { of: User | null; close: () => void; done?: () => void }) {
	const mine = !of || nameOf(of) === session.value?.user;
	const name = of ? nameOf(of) : session.value!.user;
	const [old, setOld] = useState('');
	const [password, setPassword] = useState('');
	const [again, setAgain] = useState('');
	return (
		<FormDialog title={mine ? 'Change my password' : `New password for ${name}`} close={close} act="Set password" ready={password.length > 0 && password === again} send={async () => {
			await post(`/users/${encodeURIComponent(name)}/password`, { ...(mine ? { current: old } : {}), password });
			toast('ok', mine ? 'Password changed. Your other sessions have ended.' : `${name} has a new password. Their sessions have ended.`);
			done?.();
		}}>
			{mine && <TextField label="Password until now" type="password" autocomplete="current-password" value={old} set={setOld} />}
			<TextField label="New password" type="password" autocomplete="new-password" value={password} set={setPassword} hint="At least 12 characters; a sentence is good." />
			<TextField label="New password again" type="password" autocomplete="new-password" value={again} set={setAgain} wrong={again && again !== password ? 'The two differ.' : null} />
		</FormDialog>
	);
}

function Me() {
	const [changing, setChanging] = useState(false);
	const [totp, setTotp] = useState<{ secret: string; uri: string; password: string } | null>(null);
	const [asking, setAsking] = useState<'on' | 'off' | null>(null);
	const [password, setPassword] = useState('');
	const [code, setCode] = useState('');
	const s = session.value!;
	const begin = async () => {
		if (asking === 'off') {
			await call<Done>('DELETE', '/users/me/totp', { password });
			session.value = { ...s, totp: false };
			toast('ok', 'The second factor is off.');
		} else {
			setTotp({ ...(await post<{ secret: string; uri: string }>('/users/me/totp', { password })), password });
			setCode('');
		}
		setPassword('');
	};
	return (
		<div class="cards">
			<Card title="Me"><div class="stack"><Props of={[['User', s.user], ['Role', roleTexts.find(([r]) => r === s.role)?.[1] ?? s.role], ['Session ends', s.expires && <When at={s.expires} />]]} />{s.outside && <p class="dim">Your password is kept by the directory of your company, and changed there; your groups there give the role.</p>}<div class="row wrap">{!s.outside && <button type="button" class="btn" onClick={() => setChanging(true)}><Icon name="key" />Change password</button>}<button type="button" class="btn" onClick={() => void signOut()}>Sign out</button></div></div></Card>
			<Card title="Second factor"><div class="stack"><p class="dim">A code from an app on your phone, besides the password. Whoever finds out your password cannot sign in with it alone.</p>{s.totp ? <div class="row"><Badge kind="good">on</Badge><span class="grow" /><button type="button" class="btn danger" onClick={() => setAsking('off')}>Switch off</button></div> : <div><button type="button" class="btn main-act" onClick={() => setAsking('on')}>Set up</button></div>}</div></Card>
			{changing && <PasswordDialog of={null} close={() => setChanging(false)} />}
			{asking && <FormDialog title={asking === 'on' ? 'Set up the second factor' : 'Switch off the second factor'} close={() => setAsking(null)} act={asking === 'on' ? 'Go on' : 'Switch off'} danger={asking === 'off'} ready={password.length > 0} send={begin}><p class="dim">{asking === 'on' ? 'To show that it is you.' : 'Your password alone will be enough to sign in.'}</p><TextField label="Password" type="password" autocomplete="current-password" value={password} set={setPassword} /></FormDialog>}
			{totp && (
				<FormDialog title="Set up the second factor" close={() => setTotp(null)} act="Switch on" ready={/^\d{6}$/.test(code.trim())} send={async () => {
					await post('/users/me/totp', { password: totp.password, secret: totp.secret, code: code.trim() });
					session.value = { ...session.value!, totp: true };
					toast('ok', 'The second factor is on.');
				}}>
					<p>Scan this with your authenticator app, or type the key into it (time based, 6 digits); then type the code it shows.</p>
					{totp.uri?.startsWith('otpauth:') && <Qr text={totp.uri} />}
					<pre class="num" style={{ textAlign: 'center', fontSize: '1.1rem', whiteSpace: 'pre-wrap' }}>{totp.secret.replace(/(.{4})/g, '$1 ').trim()}</pre>
					{totp.uri?.startsWith('otpauth:') && <p class="small"><a href={totp.uri}>Open in the app on this machine</a></p>}
					<TextField label="Code" inputMode="numeric" autocomplete="one-time-code" maxLength={6} value={code} set={setCode} />
				</FormDialog>
			)}
		</div>
	);
}

// Drawn here: the secret goes to no other host. Dark on light in either theme,
// with the four modules of margin that scanners want.
function Qr({ text }: { text: string }) {
	const { data, size } = encode(text, { ecc: 'M', border: 4 });
	const dark = data.flatMap((row, y) => row.flatMap((on, x) => (on ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
	return <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label="The key as a QR code" shape-rendering="crispEdges"><rect width={size} height={size} fill="#fff" /><path d={dark} fill="#000" /></svg>;
}

function Sessions() {
	const list = useRead<Sess[] | { items: Sess[] }>('/sessions');
	const everywhere = async () => {
		if (!(await ask('Sign out everywhere?', 'All your sessions end, this one too.', 'Sign out everywhere'))) return;
		try {
			await remove('/sessions');
			session.value = null;
			route.go('/', true);
		} catch (e) {
			failed(e);
		}
	};
	return (
		<Ready of={list}>{(d) => {
			const all = Array.isArray(d) ? d : d.items;
			return (
				<Card title="Where I am signed in" act={<button type="button" class="btn danger" onClick={() => void everywhere()}>Sign out everywhere</button>}>
					<Scroll><table class="plain"><thead><tr><th>From</th><th>Browser</th><th>Since</th><th>Last used</th></tr></thead><tbody>{all.map((s, i) => <tr key={s.id ?? i}><td class="mono">{s.source ?? '–'}</td><td class="break">{s.agent ?? '–'} {s.current && <Badge kind="good">this one</Badge>}</td><td class="nowrap"><When at={s.began} /></td><td class="nowrap"><When at={s.seen} near /></td></tr>)}</tbody></table></Scroll>
				</Card>
			);
		}}</Ready>
	);
}

function Tokens() {
	const list = useList<Token>('/tokens', {});
	const [making, setMaking] = useState(false);
	const [name, setName] = useState('');
	const [role, setRole] = useState<string>('read-only');
	const [days, setDays] = useState('90');
	const [made, setMade] = useState<Token | null>(null);
	const mine = session.value!.role;
	const allowed = roleTexts.slice(0, roleTexts.findIndex(([r]) => r === mine) + 1);
	const drop = async (t: Token) => {
		if (await ask(`Revoke “${t.name}”?`, 'Programs that use it are refused at once.', 'Revoke')) void act(remove<Done>(`/tokens/${t.id}`), 'Token revoked.', 'health').then(list.reload);
	};
	return (
		<Card title="Access tokens" act={<button type="button" class="btn main-act" onClick={() => setMaking(true)}><Icon name="plus" />New token</button>}>
			<p class="dim">For programs: <code>Authorization: Bearer …</code>. Everything the console does is possible with the API, see <a href="/api/v1/openapi.json" target="_blank" rel="noopener">its description</a>.</p>
			{list.error && list.rows.length === 0 ? <Wrong error={list.error} again={list.reload} /> : list.fresh ? <Bones lines={3} /> : list.rows.length === 0 ? <Empty icon="key" title="No tokens">None was made yet.</Empty> : (
				<Scroll><table class="plain"><thead><tr><th>Name</th><th>Role</th><th>Made by</th><th>Expires</th><th>Last used</th><th /></tr></thead><tbody>{list.rows.map((t) => <tr key={t.id}><td class="break">{t.name}</td><td>{t.role}</td><td>{t.user ?? '–'}</td><td class="nowrap">{t.expires ? <When at={t.expires} /> : 'never'}</td><td class="nowrap">{t.used ? <When at={t.used} near /> : 'never'}</td><td><button type="button" class="btn plain small" onClick={() => void drop(t)}>Revoke</button></td></tr>)}</tbody></table></Scroll>
			)}
			{making && <FormDialog title="New token" close={() => setMaking(false)} act="Make" ready={!!name.trim()} send={async () => {
				setMade(await post<Token>('/tokens', { name: name.trim(), role, days: Number(days) }));
				list.reload();
			}}>
				<TextField label="What for" value={name} set={setName} maxLength={80} placeholder="SIEM" />
				<Choice label="Role" value={role} set={setRole} options={allowed} />
				<Choice label="Valid for" value={days} set={setDays} options={[['7', '7 days'], ['30', '30 days'], ['90', '90 days'], ['365', 'One year']]} />
			</FormDialog>}
			{made && <Dialog title="The token" close={() => setMade(null)} foot={<button type="button" class="btn main-act" onClick={() => setMade(null)}>I have copied it</button>}><Say kind="minor">It is shown once, now. The sensor keeps only a hash of it.</Say><pre tabIndex={0}>{made.token}</pre><div><button type="button" class="btn" onClick={() => void navigator.clipboard?.writeText(made.token ?? '')}>Copy</button></div></Dialog>}
		</Card>
	);
}

// As the API enforces it: what is not allowed is refused there, whatever a
// page shows.
const matrix: [string, number][] = [['See everything', 0], ['Own password, second factor, sessions, tokens of own role', 0], ['Alerts: learn, mute, close, comment', 1], ['Devices: edit, authorise, mark, merge, split, delete, import', 1], ['Baseline: accept, deny, unlearn', 1], ['Exclusions, maintenance windows, own rules', 1], ['Mode, scenarios, detections', 2], ['Captures: send, play back, delete', 2], ['Settings, networks, names, indicators, certificate', 2], ['Users', 2]];
function Roles() {
	return <Card><Scroll><table class="plain"><thead><tr><th>What</th>{roleTexts.map(([r]) => <th key={r}>{r}</th>)}</tr></thead><tbody>{matrix.map(([t, least]) => <tr key={t}><td>{t}</td>{roleTexts.map(([r], i) => <td key={r}>{i >= least ? <Icon name="check" label="yes" /> : <span class="dim" aria-label="no">–</span>}</td>)}</tr>)}</tbody></table></Scroll></Card>;
}
