// The ways in: signing in, the first administrator, and signing in again on
// top of a page whose session has ended.
import { useEffect, useState } from 'preact/hooks';
import { ApiError, call, expired, post, read, session, signedIn } from '../lib/api';
import { sentence } from '../lib/act';
import { connect } from '../lib/events';
import type { Session } from '../lib/types';
import { Dialog } from '../ui/dialog';
import { Say, TextField } from '../ui/basic';
import icon from '../icon.svg';

function useSignIn(user0: string) {
	const [user, setUser] = useState(user0);
	const [password, setPassword] = useState('');
	const [totp, setTotp] = useState('');
	const [second, setSecond] = useState(false);
	const [wrong, setWrong] = useState('');
	const [busy, setBusy] = useState(false);
	const send = async () => {
		setBusy(true);
		setWrong('');
		try {
			const s = await call<Session>('POST', '/session', { user: user.trim(), password, ...(totp ? { totp: totp.replace(/\s/g, '') } : {}) });
			signedIn(s);
			connect();
		} catch (e) {
			const code = e instanceof ApiError ? e.code : '';
			if (/totp|second/.test(code) && !second) setSecond(true);
			else setWrong(sentence(e));
			setBusy(false);
		}
	};
	const fields = (
		<>
			{wrong && <div role="alert"><Say kind="critical" icon="wrong">{wrong}</Say></div>}
			<TextField label="User" name="username" autocomplete="username" value={user} set={setUser} required autofocus={!user0} />
			<TextField label="Password" name="password" type="password" autocomplete="current-password" value={password} set={setPassword} required />
			{second && <TextField label="Code of your authenticator" name="totp" inputMode="numeric" autocomplete="one-time-code" value={totp} set={setTotp} maxLength={8} hint="Six digits. They change every half minute." autofocus />}
		</>
	);
	return { send, busy, fields };
}

export function SignIn() {
	const f = useSignIn('');
	return (
		<main class="enter">
			<div class="card">
				<div class="brand"><img src={icon} alt="" />Sightglass</div>
				<form class="form" onSubmit={(e) => {
					e.preventDefault();
					void f.send();
				}}>
					<h1>Sign in</h1>
					{f.fields}
					<button class="btn main-act" type="submit" disabled={f.busy}>{f.busy ? 'One moment …' : 'Sign in'}</button>
					<p class="dim small">Forgotten? An administrator can set a new password; on the machine itself <code>sightglass users reset NAME</code> can, too.</p>
				</form>
			</div>
		</main>
	);
}

export function Again() {
	if (!expired.value) return null;
	return <AgainInside />;
}
function AgainInside() {
	const f = useSignIn(session.value?.user ?? '');
	return (
		<Dialog title="Your session has ended" firm close={() => undefined} submit={() => void f.send()} foot={<button class="btn main-act" type="submit" disabled={f.busy}>{f.busy ? 'One moment …' : 'Sign in and go on'}</button>}>
			<p class="dim">Nothing you entered is lost: it is still in the page behind this, and what you were sending is sent after you sign in.</p>
			<div class="form">{f.fields}</div>
		</Dialog>
	);
}

export function Setup({ done }: { done: () => void }) {
	const [secret, setSecret] = useState('');
	const [user, setUser] = useState('');
	const [password, setPassword] = useState('');
	const [again, setAgain] = useState('');
	const [wrong, setWrong] = useState<{ text: string; field?: string } | null>(null);
	const [busy, setBusy] = useState(false);
	const send = async () => {
		if (password !== again) {
			setWrong({ text: 'The two passwords differ.', field: 'again' });
			return;
		}
		setBusy(true);
		setWrong(null);
		try {
			await post('/setup', { secret: secret.trim(), user: user.trim(), password });
			try {
				signedIn(await post<Session>('/session', { user: user.trim(), password }));
				connect();
			} catch {
				// the sign-in page says why
			}
			done();
		} catch (e) {
			setWrong({ text: sentence(e), field: e instanceof ApiError ? e.field : undefined });
			setBusy(false);
		}
	};
	const of = (field: string) => (wrong?.field === field ? wrong.text : null);
	return (
		<main class="enter">
			<div class="card">
				<div class="brand"><img src={icon} alt="" />Sightglass</div>
				<form class="form" onSubmit={(e) => {
					e.preventDefault();
					void send();
				}}>
					<h1>The first administrator</h1>
					<p class="dim">This sensor is new. Whoever started it has a one-time secret on the terminal; it shows that you are meant to be here.</p>
					{wrong && !wrong.field && <div role="alert"><Say kind="critical" icon="wrong">{wrong.text}</Say></div>}
					<TextField label="One-time secret" name="secret" autocomplete="off" spellcheck={false} value={secret} set={setSecret} wrong={of('secret')} required autofocus />
					<TextField label="User" name="username" autocomplete="username" value={user} set={setUser} wrong={of('user')} required />
					<TextField label="Password" name="new-password" type="password" autocomplete="new-password" value={password} set={setPassword} wrong={of('password')} hint="At least 12 characters; a sentence is good. Nothing that is on lists of known passwords." required minLength={12} />
					<TextField label="Password again" type="password" autocomplete="new-password" value={again} set={setAgain} wrong={of('again')} required />
					<button class="btn main-act" type="submit" disabled={busy}>{busy ? 'One moment …' : 'Create and sign in'}</button>
				</form>
			</div>
		</main>
	);
}

// Which of them: asked once when the page is opened.
export function Enter({ children }: { children: () => preact.ComponentChildren }) {
	const [state, setState] = useState<'asking' | 'setup' | 'ready' | { wrong: string }>('asking');
	const begin = async () => {
		try {
			session.value = await read<Session>('/session');
			connect();
			setState('ready');
		} catch (e) {
			if (!(e instanceof ApiError) || e.status !== 401) {
				setState({ wrong: sentence(e) });
				return;
			}
			const setup = await read<{ needed: boolean }>('/setup').catch(() => ({ needed: false }));
			setState(setup.needed ? 'setup' : 'ready');
		}
	};
	useEffect(() => void begin(), []);
	if (state === 'asking') return <main class="enter" aria-busy="true" aria-label="Loading" />;
	if (state === 'setup') return <Setup done={() => setState('ready')} />;
	if (typeof state === 'object') return <main class="enter"><div class="card stack"><h1>No connection</h1><p>{state.wrong}</p><button class="btn" type="button" onClick={() => void begin()}>Try again</button></div></main>;
	return session.value ? <>{children()}</> : <SignIn />;
}
