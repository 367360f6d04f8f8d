// Traffic now and today: a card of the overview.
import { useMemo } from 'preact/hooks';
import * as route from '../lib/router';
import { changed } from '../lib/events';
import { history, rate } from '../lib/live';
import { useRead } from '../lib/hooks';
import { bits, bytes, many, packets } from '../lib/units';
import { parse } from '../lib/time';
import { series } from '../lib/traffic';
import type { Page, TrafficPart } from '../lib/types';
import { Bones, Card, Empty, Seg, Wrong } from '../ui/basic';
import { Chart, type Series } from '../ui/chart';

const parts: [string, string][] = [['all', 'In all'], ['protocol', 'Protocols'], ['device', 'Devices'], ['port', 'Ports']];
const spans: Record<string, { text: string; step: string; seconds: number; last: number }> = {
	'1h': { text: '1 hour', step: 'minute', seconds: 60, last: 60 },
	'24h': { text: '24 hours', step: 'hour', seconds: 3600, last: 24 },
	'30d': { text: '30 days', step: 'hour', seconds: 3600, last: 720 },
	'1y': { text: '1 year', step: 'day', seconds: 86400, last: 366 },
};
const every = 60000;

export function TrafficCard() {
	const part = route.get('traffic') || 'all';
	const key = route.get('span') || '24h';
	const span = spans[key] ?? spans['24h']!;
	const today = useRead<Page<TrafficPart>>('/traffic/history', changed.health, { step: 'hour', last: 24 }, every);
	const shown = useRead<Page<TrafficPart>>('/traffic/history', changed.health, { step: span.step, last: span.last, by: part, top: 5 }, every);
	const live = rate.value;
	const midnight = new Date().setHours(0, 0, 0, 0);
	const day = (today.data?.items ?? []).filter((r) => (parse(r.at)?.getTime() ?? 0) >= midnight).reduce((n, r) => n + r.bytes, 0);
	return (
		<Card title="Traffic" cls="wide" act={<span class="dim small">{live ? <>now {packets(live.pps)}{live.bps !== null && <>, {bits(live.bps)}</>}{day > 0 && <>; today {bytes(day)}</>}</> : day > 0 ? `today ${bytes(day)}` : 'no live traffic'}</span>}>
			<div class="stack-s">
				<div class="row wrap">
					<Seg label="By" value={part} options={parts} set={(v) => route.set({ traffic: v === 'all' ? undefined : v })} />
					<Seg label="Span" value={key} options={Object.entries(spans).map(([k, s]) => [k, s.text])} set={(v) => route.set({ span: v === '24h' ? undefined : v })} />
				</div>
				{shown.error ? <Wrong error={shown.error} again={shown.reload} /> : !shown.data ? <Bones lines={4} /> : <Curve rows={shown.data.items} seconds={span.seconds} text={span.text} part={part} />}
			</div>
		</Card>
	);
}

function Curve({ rows, seconds, text, part }: { rows: TrafficPart[]; seconds: number; text: string; part: string }) {
	const lately = history.value;
	const drawn = useMemo(() => series(rows, seconds, Date.now() / 1000), [rows, seconds]);
	// In its first minute a sensor has no history yet: what it said so far.
	if (drawn.xs.length === 0 && lately.length >= 3) return <Chart label="Packets since this page was opened" xs={lately.map((r) => r.at)} series={[{ name: 'Packets', values: lately.map((r) => r.pps) }]} unit={packets} height={170} legend={false} />;
	if (drawn.xs.length === 0) return <Empty icon="trends" title="No traffic yet">The curve begins a minute after the first packets.</Empty>;
	const kind: Series['kind'] = part === 'all' ? 'bars' : 'step';
	const total = rows.reduce((n, r) => n + r.bytes, 0);
	const most = Math.max(...drawn.values.map((v) => Math.max(...v)));
	return (
		<>
			<Chart label={`Traffic, ${text}`} step={seconds} xs={drawn.xs} series={drawn.names.map((name, i) => ({ name: name || 'In all', values: drawn.values[i]!, kind }))} unit={bits} height={170} legend={part !== 'all'} />
			<div class="dim small">{part === 'device' ? 'Each packet counts for both its devices' : `${bytes(total)} in ${text}`}; averages of {seconds === 60 ? 'a minute' : seconds === 3600 ? 'an hour' : 'a day'}, at most {bits(most)}{seconds > 60 && drawn.xs.length === 1 && <>; only {many(1, seconds === 3600 ? 'hour' : 'day')} so far</>}</div>
		</>
	);
}
