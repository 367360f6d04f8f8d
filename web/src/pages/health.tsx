// Health: the processes of the sensor, losses, disk, database, certificate.
import { changed, connection } from '../lib/events';
import { useRead } from '../lib/hooks';
import { parse } from '../lib/time';
import { bytes, count, many, percent, span } from '../lib/units';
import { Badge, Card, Props, Ready, Say, Scroll, When } from '../ui/basic';
import { Icon } from '../ui/icons';
import { Header } from './common';

interface Live { key: string; at: string; now: unknown }
interface Health { version: string; state: string; uptime: number; disk: { size: number; free: number } | null; database: Record<string, number>; certificate: { subject?: string; issuer?: string; until?: string; days?: number; self_signed?: boolean; fingerprint?: string }; live: Live[]; web: Record<string, number> }
interface Process { pid: number; starts: number; deaths: number; seconds: number }
interface Port { port: number; interface: string; name: string; kind?: string; up?: boolean; carrier?: boolean; present?: boolean; problem?: string; mbit?: number; frames: number; dropped: number; set_aside?: number; missed: number; card?: Record<string, number>; damaged: number; late?: number; ring?: number }

export default function HealthPage() {
	const h = useRead<Health>('/health', changed.health);
	return (
		<div class="page">
			<Header title="Health" more={h.data && <>version {h.data.version}, the console is up {span(h.data.uptime)}</>}><button type="button" class="btn" onClick={h.reload}><Icon name="refresh" />Look again</button></Header>
			<Ready of={h} lines={10}>{(x) => <Inside h={x} />}</Ready>
		</div>
	);
}

const nowOf = <T,>(h: Health, key: string): T | null => (h.live?.find((l) => l.key === key)?.now as T | undefined) ?? null;

function Inside({ h }: { h: Health }) {
	const processes = Object.entries(nowOf<Record<string, Process>>(h, 'processes') ?? {});
	const ports = nowOf<{ ports: Port[] }>(h, 'ports')?.ports ?? [];
	const traffic = nowOf<Record<string, unknown>>(h, 'traffic');
	const c = h.certificate;
	const left = c?.until ? ((parse(c.until)?.getTime() ?? 0) - Date.now()) / 86400000 : c?.days;
	const lost = (p: Port) => p.dropped + p.missed;
	const where = (p: Port) => [['full ring', p.dropped], ['network card', p.missed], ...Object.entries(p.card ?? {})].filter(([, n]) => Number(n) > 0).map(([k, n]) => `${k} ${count(n as number)}`).join(', ');
	const d = h.disk;
	const trouble = typeof traffic?.trouble === 'string' && traffic.trouble ? traffic.trouble : '';
	return (
		<>
			{trouble && <Say kind="major">{trouble}</Say>}
			{left != null && left < 30 && <Say kind={left < 0 ? 'critical' : 'minor'}>{left < 0 ? 'The certificate of this console has expired.' : `The certificate of this console expires in ${many(Math.floor(left), 'day')}.`} <a href="/settings/certificate">Put in another</a></Say>}
			{d && d.free < d.size * 0.05 && <Say kind="major">Less than 5 % of the disk is free: frames of old alerts make room first.</Say>}
			<div class="cards">
				<Card title="Sensor" act={<Badge kind={h.state === 'running' ? 'good' : /no sensor/.test(h.state) ? '' : 'major'}>{h.state}</Badge>}>
					{traffic ? <Plain of={traffic} /> : <p class="dim">Nothing listens to a port; a state is shown that captures were read into.</p>}
				</Card>
				<Card title="Processes" cls="wide">
					{processes.length === 0 ? <p class="dim">Only the console runs.</p> : (
						<Scroll><table class="plain"><thead><tr><th>Process</th><th class="num">Number</th><th class="num">Up</th><th class="num">Starts</th><th class="num">Ended by itself</th></tr></thead><tbody>{processes.map(([name, p]) => <tr key={name}><td><b>{name}</b></td><td class="num">{p.pid}</td><td class="num nowrap">{span(p.seconds)}</td><td class="num">{count(p.starts)}</td><td class="num">{p.deaths > 0 ? <Badge kind="major">{count(p.deaths)}</Badge> : '0'}</td></tr>)}</tbody></table></Scroll>
					)}
				</Card>
				{ports.length > 0 && (
					<Card title="Ports" cls="wide" act={<a href="/mirror">Verdict</a>}>
						<Scroll><table class="plain"><thead><tr><th>Port</th><th>Link</th><th class="num">Frames</th><th class="num">Lost</th><th class="num">Damaged</th><th class="num">Set aside</th></tr></thead><tbody>{ports.map((p) => <tr key={p.port}><td><b>{p.name}</b>{p.interface !== p.name && <span class="dim small"> {p.interface}</span>}{p.problem && <div class="wrong small">{p.problem}</div>}</td><td class="nowrap">{p.present === false ? <Badge kind="critical">not there</Badge> : p.carrier ? `up${p.mbit ? `, ${count(p.mbit)} Mbit/s` : ''}` : <Badge kind="major">down</Badge>}</td><td class="num">{count(p.frames)}</td><td class="num nowrap">{lost(p) > 0 ? <Badge kind="major">{count(lost(p))}, {percent(lost(p), p.frames + lost(p))}</Badge> : '0'}{where(p) && <div class="dim small">{where(p)}</div>}</td><td class="num">{count(p.damaged)}</td><td class="num">{count(p.set_aside ?? 0)}</td></tr>)}</tbody></table></Scroll>
					</Card>
				)}
				<Card title="Disk">
					{d ? <div class="stack-s"><div class="row small"><span class="grow">State</span>{bytes(d.free)} free of {bytes(d.size)}</div><progress value={d.size - d.free} max={d.size || 1} aria-label="Used" style={{ width: '100%' }} /></div> : <p class="dim">Not known.</p>}
				</Card>
				<Card title="Database">{h.database ? <Plain of={h.database} /> : <p class="dim">Not known.</p>}</Card>
				<Card title="Certificate" act={<a href="/settings/certificate">Change</a>}>
					{c ? <Props of={[['For', c.subject], ['Issued by', c.self_signed ? 'itself' : c.issuer], ['Until', c.until && <When at={c.until} />], ['Fingerprint', c.fingerprint && <code class="break">{c.fingerprint}</code>]]} /> : <p class="dim">Not known.</p>}
				</Card>
				<Card title="This console"><Props of={[['Connection', connection.value], ['Host', location.host], ['Requests', count(h.web?.requests)], ['Refused', count(h.web?.refused)], ['Failed', count(h.web?.failed)], ['Parts of others', <a href="/assets/licences.txt" target="_blank" rel="noopener">their licences</a>]]} /></Card>
			</div>
		</>
	);
}

// Whatever the sensor tells, key by key; numbers of bytes as bytes.
export function Plain({ of }: { of: Record<string, unknown> }) {
	return <Props of={Object.entries(of).filter(([, v]) => v !== null && typeof v !== 'object').map(([k, v]) => [k.replace(/_kib$/, '').replace(/_/g, ' '), typeof v === 'number' ? (/_kib$/.test(k) ? bytes(v * 1024) : /byte|size|free|wal/.test(k) ? bytes(v) : v > 1e17 ? <When at={new Date(v / 1e6).toISOString()} /> : count(v)) : typeof v === 'string' && /^\d{4}-\d\d-\d\dT/.test(v) ? <When at={v} /> : String(v)])} />;
}
