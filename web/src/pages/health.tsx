// Health: the processes of the sensor, losses, disk, database, certificate.
import type { ComponentChildren } from 'preact';
import { changed, connection } from '../lib/events';
import { useRead } from '../lib/hooks';
import { parse } from '../lib/time';
import { bytes, count, many, percent, span } from '../lib/units';
import { Badge, Card, Props, Ready, Say, Scroll, When } from '../ui/basic';
import { Icon } from '../ui/icons';
import { Header } from './common';

interface Process { name: string; role?: string; state?: string; pid?: number; memory?: number; rss?: number; cpu?: number; since?: string; started?: string; restarts?: number }
interface Health {
	state?: string; verdict?: string; processes?: Process[]; roles?: Process[]; drops?: { port?: string; name?: string; dropped?: number; drops?: number; packets?: number }[] | number; disk?: { path?: string; free?: number; size?: number; total?: number; used?: number }[] | { free?: number; size?: number; total?: number; used?: number };
	db?: Record<string, unknown>; database?: Record<string, unknown>; certificate?: { subject?: string; issuer?: string; until?: string; not_after?: string; days?: number; self_signed?: boolean; fingerprint?: string; names?: string[] }; messages?: { severity: string; text: string; at?: string }[]; version?: string; uptime?: number; started?: string; [k: string]: unknown;
}

export default function HealthPage() {
	const h = useRead<Health>('/health', changed.health);
	return (
		<div class="page">
			<Header title="Health" more={h.data && <>{h.data.version && `version ${h.data.version}`}{h.data.uptime != null && `, up ${span(h.data.uptime)}`}</>}><button type="button" class="btn" onClick={h.reload}><Icon name="refresh" />Look again</button></Header>
			<Ready of={h} lines={10}>{(x) => <Inside h={x} />}</Ready>
		</div>
	);
}

function Inside({ h }: { h: Health }) {
	const processes = h.processes ?? h.roles ?? [];
	const drops = Array.isArray(h.drops) ? h.drops : [];
	const disks = Array.isArray(h.disk) ? h.disk : h.disk ? [h.disk] : [];
	const db = h.db ?? h.database;
	const c = h.certificate;
	const until = c?.until ?? c?.not_after;
	const left = until ? ((parse(until)?.getTime() ?? 0) - Date.now()) / 86400000 : c?.days;
	return (
		<>
			{(h.messages ?? []).map((m, i) => <Say key={i} kind={m.severity}>{m.text}</Say>)}
			{left != null && left < 30 && <Say kind={left < 0 ? 'critical' : 'minor'}>{left < 0 ? 'The certificate of this console has expired.' : `The certificate of this console expires in ${many(Math.floor(left), 'day')}.`} <a href="/settings/certificate">Put in another</a></Say>}
			<div class="cards">
				<Card title="Processes" cls="wide">
					{processes.length === 0 ? <p class="dim">The sensor says nothing of its processes; only the console runs.</p> : (
						<Scroll><table class="plain"><thead><tr><th>Role</th><th>State</th><th class="num">Memory</th><th class="num">Processor</th><th>Since</th><th class="num">Restarts</th></tr></thead><tbody>{processes.map((p) => <tr key={p.name ?? p.role}><td><b>{p.name ?? p.role}</b>{p.pid && <span class="dim small"> {p.pid}</span>}</td><td><Badge kind={/run|up|ok|live/.test(p.state ?? '') ? 'good' : p.state ? 'major' : ''}>{p.state ?? 'not known'}</Badge></td><td class="num">{bytes(p.memory ?? p.rss)}</td><td class="num">{p.cpu == null ? '–' : percent(p.cpu, p.cpu > 1 ? 100 : 1)}</td><td class="nowrap"><When at={p.since ?? p.started} near /></td><td class="num">{count(p.restarts ?? 0)}</td></tr>)}</tbody></table></Scroll>
					)}
				</Card>
				<Card title="Losses">
					{drops.length === 0 ? <p class="row"><Icon name="good" />{typeof h.drops === 'number' ? `${count(h.drops)} packets lost` : 'No port listens, so nothing is lost.'}</p> : <Props of={drops.map((d): [string, ComponentChildren] => [d.port ?? d.name ?? '', <>{count(d.dropped ?? d.drops)} packets{d.packets ? `, ${percent(d.dropped ?? d.drops ?? 0, d.packets)}` : ''}</>])} />}
				</Card>
				<Card title="Disk">
					{disks.length === 0 ? <p class="dim">Not known.</p> : disks.map((d, i) => {
						const size = d.size ?? d.total ?? 0;
						const used = d.used ?? size - (d.free ?? 0);
						return <div key={i} class="stack-s"><div class="row small"><span class="grow">{(d as { path?: string }).path ?? 'State'}</span>{bytes(d.free ?? size - used)} free of {bytes(size)}</div><progress value={used} max={size || 1} aria-label="Used" style={{ width: '100%' }} /></div>;
					})}
				</Card>
				<Card title="Database">{db ? <Plain of={db} /> : <p class="dim">Not known.</p>}</Card>
				<Card title="Certificate" act={<a href="/settings/certificate">Change</a>}>
					{c ? <Props of={[['For', c.names?.join(', ') ?? c.subject], ['Issued by', c.self_signed ? 'itself' : c.issuer], ['Until', until && <When at={until} />], ['Fingerprint', c.fingerprint && <code class="break">{c.fingerprint}</code>]]} /> : <p class="dim">Not known.</p>}
				</Card>
				<Card title="This console"><Props of={[['Connection', connection.value === 'live' ? 'live' : connection.value], ['Host', location.host]]} /></Card>
			</div>
		</>
	);
}

// Whatever the sensor tells, key by key; numbers of bytes as bytes.
export function Plain({ of }: { of: Record<string, unknown> }) {
	return <Props of={Object.entries(of).filter(([, v]) => v !== null && typeof v !== 'object').map(([k, v]) => [k.replace(/_/g, ' '), typeof v === 'number' ? (/byte|size|free|wal/.test(k) ? bytes(v) : count(v)) : typeof v === 'string' && /^\d{4}-\d\d-\d\dT/.test(v) ? <When at={v} /> : String(v)])} />;
}
