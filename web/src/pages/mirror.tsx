// The mirror: is what reaches the sensor whole? Per port, with findings and
// advice; and a plan for setting one up.
import { useState } from 'preact/hooks';
import * as route from '../lib/router';
import { post } from '../lib/api';
import { sentence } from '../lib/act';
import { changed } from '../lib/events';
import { useRead } from '../lib/hooks';
import { bytes, count, packets, bits, percent } from '../lib/units';
import type { Finding } from '../lib/types';
import { Badge, Bars, Card, Choice, Empty, Props, Ready, Say, Scroll, Sev, Tabs, TextField, When } from '../ui/basic';
import { Icon } from '../ui/icons';
import { Header } from './common';
import { verdictKind } from './overview';

interface Port { name: string; port?: string; state?: string; link?: string; verdict?: string; speed?: number | null; packets: number; bytes: number; pps?: number; bps?: number; drops?: number; last?: string; findings?: Finding[]; shares?: Record<string, number>; [k: string]: unknown }
interface Subnet { subnet?: string; network?: string; devices: number; ot?: number; broadcast?: boolean; vlan?: number | null; protocols?: string[] }
interface Mirror { verdict: string; findings: Finding[]; ports: Port[]; subnets?: Subnet[]; since?: string }
const shareNames: [string, string][] = [['unicast', 'Between two others'], ['broadcast', 'Broadcast'], ['multicast', 'Multicast'], ['arp', 'ARP'], ['duplicate', 'Seen twice'], ['one_way', 'One direction only'], ['one-way', 'One direction only'], ['tagged', 'With VLAN tag'], ['damaged', 'Damaged'], ['truncated', 'Cut off']];

export default function MirrorPage({ rest }: { rest: string[] }) {
	const tab = rest[0] === 'plan' ? 'plan' : 'ports';
	return (
		<div class="page">
			<Header title="Mirror" />
			<Tabs label="Mirror" value={tab} set={(t) => route.go(t === 'ports' ? '/mirror' : '/mirror/plan')} options={[['ports', 'Ports and verdict'], ['plan', 'Plan a mirror']]} />
			{tab === 'plan' ? <Plan /> : <Ports />}
		</div>
	);
}

const findings = (of: Finding[]) => of.map((f, i) => <Say key={f.id + i} kind={f.severity}><b>{f.text}</b>{f.port && <span class="dim"> ({f.port})</span>}{f.advice && <p>{f.advice}</p>}</Say>);

function Ports() {
	const m = useRead<Mirror>('/mirror', changed.health);
	return (
		<Ready of={m}>{(x) => (
			<>
				<Card><div class="row wrap"><Badge kind={verdictKind(x.verdict)}>{x.verdict}</Badge><span class="grow dim">{(x.findings ?? []).length === 0 ? 'The copies of the traffic look whole.' : 'What is missing in the copies the sensor cannot know. Mend these first.'}</span><button type="button" class="btn" onClick={m.reload}><Icon name="refresh" />Look again</button></div></Card>
				{findings(x.findings ?? [])}
				{(x.ports ?? []).length === 0 ? <Empty icon="mirror" title="No port listens" act={<a class="btn main-act" href="/mirror/plan">Plan a mirror</a>}>This sensor has only read captures so far. Connect a port to a mirror or a TAP, and name it in the settings.</Empty> : (
					<div class="cards">{x.ports.map((p) => <PortCard key={p.name ?? p.port} p={p} />)}</div>
				)}
				{(x.subnets ?? []).length > 0 && (
					<Card title="Subnets in the traffic">
						<Scroll><table class="plain"><thead><tr><th>Subnet</th><th class="num">Devices</th><th class="num">Industrial</th><th>VLAN</th><th>Broadcasts seen</th></tr></thead><tbody>{x.subnets!.map((s, i) => <tr key={i}><td class="mono">{s.subnet ?? s.network}</td><td class="num">{count(s.devices)}</td><td class="num">{count(s.ot)}</td><td>{s.vlan ?? '–'}</td><td>{s.broadcast == null ? '–' : s.broadcast ? 'yes: local' : 'no: behind a router'}</td></tr>)}</tbody></table></Scroll>
					</Card>
				)}
			</>
		)}</Ready>
	);
}

function PortCard({ p }: { p: Port }) {
	const shares = p.shares ?? (p as unknown as Record<string, number>);
	const seen = new Set<string>();
	const bars = shareNames.filter(([k, t]) => typeof shares[k] === 'number' && !seen.has(t) && seen.add(t)).map(([k, t]) => ({ name: t, value: shares[k], text: shares[k] <= 1 ? percent(shares[k], 1) : percent(shares[k], p.packets) }));
	return (
		<Card title={p.name ?? p.port} act={p.verdict && <Badge kind={verdictKind(p.verdict)}>{p.verdict}</Badge>}>
			<div class="stack">
				<Props of={[['Link', p.link ?? p.state], ['Now', p.pps != null && `${packets(p.pps)}, ${bits(p.bps)}`], ['In all', `${count(p.packets)} packets, ${bytes(p.bytes)}`], ['Lost', p.drops != null && <span>{count(p.drops)} packets{p.drops > 0 && <> <Badge kind="major">{percent(p.drops, p.packets + p.drops)}</Badge></>}</span>], ['Last packet', p.last && <When at={p.last} near />]]} />
				{bars.length > 0 && <Bars of={bars} />}
				{(p.findings ?? []).map((f, i) => <div key={i} class="row"><Sev of={f.severity} short /><span><b>{f.text}</b>{f.advice && <div class="dim small">{f.advice}</div>}</span></div>)}
			</div>
		</Card>
	);
}

const methods: [string, string][] = [['span', 'SPAN: a port of the same switch'], ['rspan', 'RSPAN: over a VLAN to another switch'], ['erspan', 'ERSPAN: in GRE over IP'], ['tap', 'TAP: in the cable'], ['esxi', 'VMware ESXi virtual switch'], ['hyper-v', 'Microsoft Hyper-V virtual switch']];
const vendors: [string, string][] = [['cisco', 'Cisco IOS'], ['nexus', 'Cisco NX-OS'], ['hirschmann', 'Hirschmann'], ['scalance', 'Siemens SCALANCE'], ['aruba', 'HPE Aruba'], ['juniper', 'Juniper'], ['moxa', 'Moxa'], ['generic', 'Another']];

function Plan() {
	const [method, setMethod] = useState(route.get('method') || 'span');
	const [vendor, setVendor] = useState(route.get('vendor') || 'cisco');
	const [sources, setSources] = useState('');
	const [destination, setDestination] = useState('');
	const [vlan, setVlan] = useState('');
	const [more, setMore] = useState({ session: '1', ip: '', source_ip: '', id: '' });
	const [answer, setAnswer] = useState<{ text: string; warnings?: string[] } | null>(null);
	const [wrong, setWrong] = useState('');
	const make = async () => {
		setWrong('');
		route.set({ method, vendor });
		const opt = (k: string, v: string) => (v.trim() ? { [k]: v.trim() } : {});
		try {
			setAnswer(await post('/mirror/plan', { method, vendor, ...opt('sources', sources), ...opt('destination', destination), ...opt('vlan', vlan), ...opt('session', more.session), ...opt('ip', more.ip), ...opt('source_ip', more.source_ip), ...opt('id', more.id) }));
		} catch (e) {
			setAnswer(null);
			setWrong(sentence(e));
		}
	};
	const network = method === 'span' || method === 'rspan' || method === 'erspan';
	return (
		<div class="cards">
			<Card title="What you have">
				<form class="form" onSubmit={(e) => {
					e.preventDefault();
					void make();
				}}>
					<Choice label="Method" value={method} set={setMethod} options={methods} hint="Which is best here? A TAP shows everything and nothing can be sent through it; a SPAN costs nothing but drops when the port is full." />
					{network && <Choice label="Switch" value={vendor} set={setVendor} options={vendors} />}
					{network && <TextField label="Ports or VLANs to copy" value={sources} set={setSources} placeholder="Gi1/0/1-24" hint="Where controllers, HMIs and engineering stations are; uplinks too." />}
					{network && method !== 'erspan' && <TextField label="Port the sensor is connected to" value={destination} set={setDestination} placeholder="Gi1/0/48" />}
					{method === 'rspan' && <TextField label="VLAN of the mirror" value={vlan} set={setVlan} inputMode="numeric" placeholder="900" />}
					{method === 'erspan' && <div class="pair"><TextField label="Address of the sensor" value={more.ip} set={(v) => setMore({ ...more, ip: v })} placeholder="10.1.1.9" /><TextField label="Address of the switch" value={more.source_ip} set={(v) => setMore({ ...more, source_ip: v })} placeholder="10.1.1.1" /><TextField label="ERSPAN number" value={more.id} set={(v) => setMore({ ...more, id: v })} placeholder="100" /></div>}
					{network && <TextField label="Session number" value={more.session} set={(v) => setMore({ ...more, session: v })} inputMode="numeric" />}
					<div><button type="submit" class="btn main-act">Show me how</button></div>
				</form>
			</Card>
			<Card title="What to do" cls="wide" act={answer && <button type="button" class="btn small" onClick={() => void navigator.clipboard?.writeText(answer.text)}>Copy</button>}>
				{wrong && <Say kind="critical" icon="wrong">{wrong}</Say>}
				{!answer && !wrong && <Empty icon="mirror" title="A plan for your switch">Say what you have; the commands, and what to watch for, show here. Nothing is sent to any switch.</Empty>}
				{answer && <div class="stack">{(answer.warnings ?? []).map((w, i) => <Say key={i} kind="minor">{w}</Say>)}<pre tabIndex={0}>{answer.text}</pre></div>}
			</Card>
		</div>
	);
}
