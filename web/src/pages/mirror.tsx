// The mirror: is what reaches the sensor whole? Per port, with findings and
// advice; and a plan for setting one up.
import { useState } from 'preact/hooks';
import * as route from '../lib/router';
import { post } from '../lib/api';
import { sentence } from '../lib/act';
import { changed } from '../lib/events';
import { useRead } from '../lib/hooks';
import { bytes, count, packets, bits, percent } from '../lib/units';
import { points, worst, type Point } from '../lib/live';
import type { Finding } from '../lib/types';
import { Badge, Bars, Card, Choice, Empty, Props, Ready, Say, Tabs, TextField, Tick } from '../ui/basic';
import { Icon } from '../ui/icons';
import { Header } from './common';
import { Filters } from './mirror_filters';
import { grade, verdictKind } from './overview';

const shareNames: [string, string][] = [['unicast', 'Between two others'], ['broadcast', 'Broadcast'], ['multicast', 'Multicast'], ['arp', 'ARP'], ['duplicate', 'Seen twice'], ['one_way', 'One direction only'], ['tagged', 'With VLAN tag'], ['damaged', 'Damaged'], ['truncated', 'Cut off'], ['industrial', 'Industrial messages']];
const lostNames: [string, string][] = [['before', 'at the switch or TAP'], ['tunnel', 'in the tunnel'], ['nic', 'in the network card'], ['kernel', 'in the kernel'], ['sensor', 'in the sensor']];

export default function MirrorPage({ rest }: { rest: string[] }) {
	const tab = rest[0] === 'plan' || rest[0] === 'filters' ? rest[0] : 'ports';
	return (
		<div class="page">
			<Header title="Mirror" />
			<Tabs label="Mirror" value={tab} set={(t) => route.go(t === 'ports' ? '/mirror' : `/mirror/${t}`)} options={[['ports', 'Ports and verdict'], ['filters', 'Capture filters'], ['plan', 'Plan a mirror']]} />
			{tab === 'plan' ? <Plan /> : tab === 'filters' ? <Filters /> : <Ports />}
		</div>
	);
}

function Ports() {
	const m = useRead<{ now?: unknown; running?: boolean; verdict?: string; findings?: Finding[]; ports?: Point[] }>('/mirror', changed.health);
	return (
		<Ready of={m}>{(x) => {
			const all = points(x.now ?? x);
			const verdict = worst(all) || x.verdict;
			if (all.length === 0) return <Empty icon="mirror" title="No port listens" act={<a class="btn main-act" href="/mirror/plan">Plan a mirror</a>}>{x.running ? 'The sensor runs, but no port has told anything yet.' : 'No sensor runs on this state; it has only read captures. Connect a port to a mirror or a TAP, and name it in the settings.'}</Empty>;
			return (
				<>
					<Card><div class="row wrap">{verdict && <Badge kind={verdictKind(verdict)}>{verdict}</Badge>}<span class="grow dim">{all.every((p) => (p.findings ?? []).length === 0) ? 'The copies of the traffic look whole.' : 'What is missing in the copies the sensor cannot know. Mend these first.'}</span><button type="button" class="btn" onClick={m.reload}><Icon name="refresh" />Look again</button></div></Card>
					<div class="cards">{all.map((p, i) => <PortCard key={i} p={p} />)}</div>
				</>
			);
		}}</Ready>
	);
}

const listed = (of: unknown[] | undefined): string => (of ?? []).map((v) => (v !== null && typeof v === 'object' ? Object.values(v as object).join(' ') : String(v))).join(', ');
function PortCard({ p }: { p: Point }) {
	const shares = p.shares ?? {};
	const bars = shareNames.filter(([k]) => typeof shares[k] === 'number').map(([k, t]) => ({ name: t, value: shares[k]!, text: percent(shares[k]!, 1), title: t }));
	const lost = lostNames.filter(([k]) => (p.lost?.[k] ?? 0) > 0);
	const link = p.link === true ? 'up' : p.link === false ? 'down' : p.link;
	return (
		<Card cls="wide" title={<>{p.name}{p.session && p.id != null ? ` ${p.id}` : ''} {p.how && <span class="dim small">{p.how}</span>}</>} act={<Badge kind={verdictKind(p.verdict)}>{p.verdict}</Badge>}>
			<div class="stack">
				{(p.findings ?? []).map((f, i) => (
					<Say key={i} kind={grade(f.severity)}>
						<b>{f.text}</b>{f.cause && <p class="dim">{f.cause}</p>}{f.advice && <p>{f.advice}</p>}
						{(f.makes ?? []).length > 0 && <details><summary>On the switch</summary><Props of={f.makes!.map((x) => [x.make, <code class="break">{x.change}</code>])} /></details>}
					</Say>
				))}
				<Props of={[
					['Link', link], ['Now', p.packets_second != null && `${packets(p.packets_second)}, ${bits(p.bits_second)}`], ['Busiest second', p.utilisation != null && `${percent(p.utilisation, 1)} full`], ['In all', `${count(p.packets)} packets, ${bytes(p.bytes)}`],
					['Lost', lost.length > 0 ? lost.map(([k, t]) => `${count(p.lost![k])} ${t}`).join(', ') : p.lost && 'nothing'], ['TAP halves apart', p.skew_us != null && `${count(p.skew_us)} µs`],
					['Subnets', listed(p.subnets)], ['VLANs', listed(p.vlans)], ['Industrial', listed(p.industrial)],
				]} />
				{bars.length > 0 && <Bars of={bars} />}
			</div>
		</Card>
	);
}

interface Word { name: string; text: string | null }
interface Words { methods: Word[]; vendors: Word[]; directions: Word[]; known: { method: string; vendor: string }[] }
interface Answer { text: string; sensor?: string; origin?: string; warnings?: (string | { id: string; text: string })[] }

function Plan() {
	const words = useRead<Words>('/mirror/plan');
	return <Ready of={words} lines={8}>{(w) => <Wizard w={w} />}</Ready>;
}

// What each method asks for.
const asks: Record<string, string[]> = {
	span: ['sources', 'vlans', 'direction', 'destination', 'session'], rspan: ['sources', 'vlans', 'direction', 'remote_vlan', 'session'], erspan: ['sources', 'vlans', 'direction', 'to', 'from', 'session', 'management'],
	tap: ['interface'], 'tap-two': ['interface', 'other'], esxi: ['destination', 'machine', 'interface'], 'hyper-v': ['destination', 'machine', 'interface'],
};
const fields: Record<string, [string, string, string]> = {
	sources: ['Ports to copy', 'Gi1/0/1-24', 'Where controllers, HMIs and engineering stations are; uplinks too. As the switch calls them, with commas.'], vlans: ['Or VLANs', '10,20-25', ''], destination: ['Port the sensor is connected to', 'Gi1/0/48', 'Of a virtual switch: its name'],
	session: ['Session number', '1', ''], remote_vlan: ['VLAN of the mirror', '900', 'Used for nothing else, and allowed on the trunks.'], to: ['Address of the sensor for the tunnel', '10.1.1.9/24', ''], from: ['Address of the switch', '10.1.1.1', ''],
	management: ['The sensor’s other address', '192.168.1.9/24', 'To see that the two are in different subnets.'], machine: ['Name of the virtual machine', 'sightglass', ''], interface: ['Port of the sensor', 'eth1', ''], other: ['Its second port', 'eth2', 'One for each direction.'],
};
const numbers = new Set(['session', 'remote_vlan']);

function Wizard({ w }: { w: Words }) {
	const [method, setMethod] = useState(route.get('method') || 'span');
	const makes = w.vendors.filter((v) => w.known.some((k) => k.method === method && k.vendor === v.name));
	const [vendor, setVendor] = useState(route.get('vendor') || makes[0]?.name || '');
	const [said, setSaid] = useState<Record<string, string>>({});
	const [direction, setDirection] = useState('rx');
	const [multicast, setMulticast] = useState(false);
	const [answer, setAnswer] = useState<Answer | null>(null);
	const [wrong, setWrong] = useState('');
	const make = makes.some((m) => m.name === vendor) ? vendor : makes[0]?.name ?? '';
	const wanted = asks[method] ?? [];
	const ask = async () => {
		setWrong('');
		route.set({ method, vendor: make });
		const body: Record<string, unknown> = { method, ...(make ? { vendor: make } : {}), ...(wanted.includes('direction') ? { direction } : {}), ...(multicast ? { multicast } : {}) };
		for (const k of wanted) if (k !== 'direction' && said[k]?.trim()) body[k] = numbers.has(k) ? Number(said[k]) : said[k].trim();
		try {
			setAnswer(await post<Answer>('/mirror/plan', body));
		} catch (e) {
			setAnswer(null);
			setWrong(sentence(e));
		}
	};
	const both = answer && [answer.text, answer.sensor].filter(Boolean).join('\n\n');
	return (
		<div class="cards">
			<Card title="What you have">
				<form class="form" onSubmit={(e) => {
					e.preventDefault();
					void ask();
				}}>
					<Choice label="Method" value={method} set={setMethod} options={w.methods.map((m) => [m.name, `${m.name}: ${m.text ?? ''}`])} hint="A TAP shows everything, and nothing can be sent through it; a SPAN costs nothing but drops when its port is full." />
					{makes.length > 0 && <Choice label="Make" value={make} set={setVendor} options={makes.map((m) => [m.name, m.text ?? m.name])} />}
					{wanted.map((k) => (k === 'direction' ? <Choice key={k} label="Direction" value={direction} set={setDirection} options={w.directions.map((d) => [d.name, d.text ? `${d.name}: ${d.text}` : d.name])} hint="Of all ports, rx shows each packet once; of some of them, both." /> : <TextField key={k} label={fields[k][0]} placeholder={fields[k][1]} hint={fields[k][2] || undefined} value={said[k] ?? ''} set={(v) => setSaid({ ...said, [k]: v })} inputMode={numbers.has(k) ? 'numeric' : undefined} />))}
					<Tick label="The network uses multicast" hint="GOOSE, Sampled Values, PROFINET, video" on={multicast} set={setMulticast} />
					<div><button type="submit" class="btn main-act">Show me how</button></div>
				</form>
			</Card>
			<Card title="What to do" cls="wide" act={both && <button type="button" class="btn small" onClick={() => void navigator.clipboard?.writeText(both)}>Copy</button>}>
				{wrong && <div role="alert"><Say kind="critical" icon="wrong">{wrong}</Say></div>}
				{!answer && !wrong && <Empty icon="mirror" title="A plan for your switch">Say what you have; the commands, and what to watch for, show here. Nothing is sent to any switch.</Empty>}
				{answer && (
					<div class="stack">
						{answer.text && <div><h3>At the switch</h3><pre tabIndex={0}>{answer.text}</pre></div>}
						{answer.sensor && <div><h3>At the sensor</h3><pre tabIndex={0}>{answer.sensor}</pre></div>}
						{(answer.warnings ?? []).map((x, i) => <Say key={i} kind="minor">{typeof x === 'string' ? x : x.text}</Say>)}
						{answer.origin && <p class="dim small">Where the commands are from: {answer.origin}.</p>}
					</div>
				)}
			</Card>
		</div>
	);
}
