// Settings, Directory: the people of an LDAP directory: how it is set, and a
// trial of it.
import { useState } from 'preact/hooks';
import { can, post } from '../lib/api';
import { sentence } from '../lib/act';
import { useList, useRead } from '../lib/hooks';
import { Badge, Bones, Card, Empty, Say, Scroll, TextField, Wrong } from '../ui/basic';

interface Row { key: string; value: string | number; default: string; unit: string; help: string }
interface Tested { how: 'yes' | 'wrong' | 'no-role' | 'unknown' | 'away'; role: string | null; server: string; dn: string; why: string; groups: string[] }
const hows: Record<Tested['how'], string> = { yes: 'May sign in', wrong: 'The password is not right', 'no-role': 'Is there, but may not sign in', unknown: 'May not sign in', away: 'The directory does not answer' };

export function Directory() {
	const admin = can('admin');
	const state = useRead<{ on: boolean; looks: boolean }>(admin ? '/directory' : null);
	const list = useList<Row>(admin ? '/settings' : null, {});
	if (list.more && !list.loading) list.next();
	if (!admin) return <Empty title="Your role does not allow this">Only administrators see how people are looked up.</Empty>;
	if (list.error && list.rows.length === 0) return <Wrong error={list.error} again={list.reload} />;
	if (list.fresh || !state.data) return <Bones lines={8} />;
	const rows = list.rows.filter((s) => s.key === 'directory' || s.key.startsWith('directory.'));
	return (
		<>
			{state.data.on && <Trial looks={state.data.looks} />}
			<Card title="LDAP directory" act={state.data.on ? <Badge kind="good">asked</Badge> : <Badge kind="outline">not asked</Badge>}>
				<p class="dim">Beside the users that are kept here, people of a directory (Active Directory, OpenLDAP …) may sign in with their password there; their groups give the role. It is set in the sensor’s configuration file alone, so that nobody changes from here where passwords go.</p>
				{!state.data.on && rows.some((s) => s.key === 'directory' && s.value === 'on') && <Say kind="major" icon="wrong">It is switched on, but nobody asks it: what is missing stands in the sensor’s log, and <code>sightglass check-config</code> says it.</Say>}
				<table class="plain"><thead><tr><th>Setting</th><th>Now</th></tr></thead><tbody>{rows.map((s) => <tr key={s.key}><td><code>{s.key}</code><div class="dim small">{s.help}</div></td><td class="break">{String(s.value) === '' ? <span class="dim">–</span> : typeof s.value === 'number' ? `${s.value} ${s.unit}` : <Parts of={s} />}</td></tr>)}</tbody></table>
			</Card>
		</>
	);
}

// Servers and groups, one a line.
function Parts({ of }: { of: Row }) {
	const parts = of.key === 'directory.servers' ? String(of.value).split(/ +/) : /\.(admins|analysts|readers)$/.test(of.key) ? String(of.value).split(/(?<!\\); */) : [String(of.value)];
	return <>{parts.map((t) => <div key={t}>{t}</div>)}</>;
}

function Trial({ looks }: { looks: boolean }) {
	const [user, setUser] = useState('');
	const [password, setPassword] = useState('');
	const [found, setFound] = useState<Tested | null>(null);
	const [wrong, setWrong] = useState('');
	const [busy, setBusy] = useState(false);
	const send = async () => {
		setBusy(true);
		setWrong('');
		setFound(null);
		try {
			setFound(await post<Tested>('/directory/test', { user: user.trim(), ...(password ? { password } : {}) }));
		} catch (e) {
			setWrong(sentence(e));
		}
		setPassword('');
		setBusy(false);
	};
	return (
		<Card title="Try it">
			<form class="form" onSubmit={(e) => {
				e.preventDefault();
				void send();
			}}>
				<TextField label="User" value={user} set={setUser} autocomplete="off" maxLength={63} />
				<TextField label="Password" type="password" value={password} set={setPassword} autocomplete="off" hint={looks ? 'Without it only their groups and role are looked at.' : 'There is no service account: it takes the user’s password.'} />
				<div><button type="submit" class="btn main-act" disabled={busy || !user.trim() || (!looks && !password)}>{busy ? 'One moment …' : 'Ask the directory'}</button></div>
			</form>
			<div role="status" class="stack" style={{ marginTop: '1rem' }}>
				{wrong && <Say kind="critical" icon="wrong">{wrong}</Say>}
				{found && (
					<>
						<Say kind={found.how === 'yes' ? 'good' : found.how === 'away' ? 'critical' : 'major'}><b>{hows[found.how]}</b>{found.role && <> as {found.role}</>}{found.why && <>: {found.why}</>}</Say>
						<Scroll><table class="plain"><tbody>
							{found.server && <tr><th scope="row">Server</th><td class="break">{found.server}</td></tr>}
							{found.dn && <tr><th scope="row">Name there</th><td class="break mono">{found.dn}</td></tr>}
							<tr><th scope="row">Groups</th><td class="break mono">{found.groups.length ? found.groups.map((g) => <div key={g}>{g}</div>) : <span class="dim">none</span>}</td></tr>
						</tbody></table></Scroll>
					</>
				)}
			</div>
		</Card>
	);
}
