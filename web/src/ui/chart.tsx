// Lines over time, drawn by uPlot, which is fetched when the first is shown.
import { useEffect, useRef } from 'preact/hooks';
import { dark } from '../lib/prefs';
import type uPlot from 'uplot';

export interface Series { name: string; values: (number | null)[]; kind?: 'line' | 'bars' | 'step'; dashed?: boolean }
// `most`: what is above is cut. `step`: each value is of a span of so many seconds, which begins at its x.
export interface ChartProps { step?: number; label: string; xs: number[]; series: Series[]; unit: (n: number) => string; height?: number; zero?: boolean; plain?: boolean; most?: number; legend?: boolean; onZoom?: (from: number, to: number) => void; xName?: (n: number) => string }

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
// Labels of an axis: what would say the same again stays empty.
const once = (texts: string[]): string[] => texts.map((t, i) => (t === texts[i - 1] ? '' : t));
const two = (n: number) => String(n).padStart(2, '0');

export function Chart(p: ChartProps) {
	const box = useRef<HTMLDivElement>(null);
	const plot = useRef<uPlot | null>(null);
	const night = dark.value;
	const shape = JSON.stringify([p.series.map((s) => [s.name, s.kind]), p.height, p.step, p.most, night]);
	useEffect(() => {
		let gone = false;
		let watch: ResizeObserver | null = null;
		void Promise.all([import('uplot'), import('uplot/dist/uPlot.min.css')]).then(([{ default: Plot }]) => {
			if (gone || !box.current) return;
			const axis: uPlot.Axis = {
				stroke: colour('--text-3'), font: '11px system-ui', grid: { stroke: colour('--chart-grid'), width: 1 }, ticks: { show: false },
			};
			const opts: uPlot.Options = {
				width: box.current.clientWidth || 300, height: p.height ?? 180,
				cursor: { drag: { x: !!p.onZoom, y: false, setScale: false } },
				legend: { show: p.legend !== false },
				scales: { x: { time: !p.xName, range: (u, min, max) => {
					// of a single value the given ends lie years apart
					const from = u.data[0][0] ?? min;
					const to = u.data[0][u.data[0].length - 1] ?? max;
					return p.step ? [from, to + p.step] : from === to ? [from - 1, to + 1] : [from, to];
				} }, y: { range: (_u, _min, max) => [0, p.most ?? (max > 0 ? max * 1.08 : 1)] } },
				axes: [
					p.xName ? { ...axis, size: 30, values: (_u, at) => once(at.map((n) => p.xName!(n))) } : { ...axis, size: 30, values: (_u, at, _i, _s, incr) => once(at.map((n) => {
						const d = new Date(n * 1000);
						if (incr >= 28 * 86400) return `${d.getFullYear()}-${two(d.getMonth() + 1)}`;
						return incr >= 86400 || (d.getHours() === 0 && d.getMinutes() === 0) ? `${two(d.getMonth() + 1)}-${two(d.getDate())}` : `${two(d.getHours())}:${two(d.getMinutes())}`;
					})) },
					{ ...axis, size: 76, values: (_u, at) => once(at.map((n) => p.unit(n))) },
				],
				series: [
					{ value: (_u, v) => (v == null ? '–' : p.xName ? p.xName(v) : new Date(v * 1000).toLocaleString('sv-SE')) },
					...p.series.map((s, i): uPlot.Series => ({
						label: s.name, stroke: colour(`--chart-${(i % 6) + 1}`), width: 1.6, dash: s.dashed ? [5, 4] : undefined,
						fill: s.kind === 'bars' ? colour(`--chart-${(i % 6) + 1}`) : p.series.length === 1 ? `${colour('--chart-1')}22` : undefined,
						paths: s.kind === 'bars' ? Plot.paths.bars!({ size: [0.8, 40], align: p.step ? 1 : 0 }) : s.kind === 'step' ? Plot.paths.stepped!({ align: 1 }) : undefined,
						points: { show: false }, value: (_u, v) => (v == null ? '–' : p.unit(v)),
					})),
				],
				hooks: { setSelect: [(u) => {
					if (p.onZoom && u.select.width > 4) p.onZoom(u.posToVal(u.select.left, 'x'), u.posToVal(u.select.left + u.select.width, 'x'));
				}] },
			};
			plot.current = new Plot(opts, [p.xs, ...p.series.map((s) => s.values)] as uPlot.AlignedData, box.current);
			watch = new ResizeObserver(() => box.current && plot.current?.setSize({ width: box.current.clientWidth, height: p.height ?? 180 }));
			watch.observe(box.current);
		});
		return () => {
			gone = true;
			watch?.disconnect();
			plot.current?.destroy();
			plot.current = null;
		};
	}, [shape]);
	useEffect(() => {
		plot.current?.setData([p.xs, ...p.series.map((s) => s.values)] as uPlot.AlignedData);
	}, [p.xs, p.series]);
	return <figure class="chart" role="img" aria-label={p.label} style={{ minHeight: `${(p.height ?? 180) + (p.legend !== false ? 30 : 0)}px` }}><div ref={box} /></figure>;
}
