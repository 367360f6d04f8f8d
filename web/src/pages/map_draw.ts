// The drawing of the map, by Cytoscape. Placed by us in layers, by fcose when
// only the connections count.
import cytoscape, { type Core, type ElementDefinition, type StylesheetStyle } from 'cytoscape';
import fcose from 'cytoscape-fcose';
import type { Band, Drawn, Line, Plan } from './map_plan';
import { lineText } from './map_plan';

cytoscape.use(fcose);

// Cytoscape would put a style element into the page, which the content policy
// forbids; it does not when it finds one by that name. Ours is in parts.css.
const marker = '__________cytoscape_stylesheet';
if (!document.getElementById(marker)) {
	const m = document.createElement('meta');
	m.id = marker;
	document.head.append(m);
}

const glyphs: [RegExp, string][] = [
	[/plc|controller|rtu|ied|gateway|pmu/, 'M5 6h14v12H5zM9 6v12M12 10h4M12 14h4'],
	[/io-device|drive|sensor|meter|merging/, 'M12 5v5M12 14v5M12 10a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM5 12h5M14 12h5'],
	[/hmi|scada|historian|opc|server/, 'M5 5h14v6H5zM5 13h14v6H5zM8 8h.1M8 16h.1'],
	[/engineering|workstation|phone/, 'M4 6h16v10H4zM9 19h6'],
	[/switch|router|access-point/, 'M4 9h16v6H4zM7 12h.1M10 12h.1M13 12h.1'],
	[/firewall/, 'M4 6h16v12H4zM4 10h16M4 14h16M10 6v4M14 10v4M9 14v4'],
];
const glyph = (d: Drawn, colour: string): string => {
	const path = d.members.length > 1 ? 'M8 7h8v4H8zM4 15h6v4H4zM14 15h6v4h-6zM12 11v2M7 15v-2h10v2' : glyphs.find(([r]) => r.test(d.role))?.[1] ?? 'M12 6a6 6 0 1 0 0 12 6 6 0 0 0 0-12z';
	return `data:image/svg+xml;utf8,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48" viewBox="0 0 24 24"><path d="${path}" fill="none" stroke="${colour}" stroke-width="1.7" stroke-linejoin="round" stroke-linecap="round"/></svg>`)}`;
};
const v = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function style(): StylesheetStyle[] {
	return [
		{ selector: 'node', style: {
			width: 34, height: 34, shape: 'round-rectangle', 'background-color': v('--surface'), 'border-width': 1.5, 'border-color': v('--line-strong'), 'background-image': 'data(glyph)', 'background-fit': 'contain', 'background-clip': 'node',
			label: 'data(label)', color: v('--text'), 'font-size': 11, 'font-family': 'system-ui, sans-serif', 'text-valign': 'bottom', 'text-margin-y': 4, 'min-zoomed-font-size': 7, 'text-wrap': 'ellipsis', 'text-max-width': '104px',
			'text-background-color': v('--surface'), 'text-background-opacity': 0.75, 'text-background-padding': '1px',
		} },
		{ selector: 'node[!ot]', style: { shape: 'ellipse', 'background-color': v('--sunken') } },
		{ selector: 'node[?group]', style: { width: 46, height: 46, 'border-style': 'double', 'border-width': 4, label: 'data(both)', 'text-wrap': 'wrap' } },
		{ selector: 'node[?important]', style: { 'border-width': 3, 'border-color': v('--accent') } },
		{ selector: 'node[?strange]', style: { 'border-style': 'dashed', 'border-color': v('--minor') } },
		{ selector: 'node[alerts > 0]', style: { 'border-color': v('--critical'), 'border-width': 3, 'background-color': v('--critical-bg') } },
		{ selector: 'edge', style: { width: 'data(width)', 'line-color': v('--line-strong'), opacity: 0.45, 'curve-style': 'haystack', 'haystack-radius': 0 } },
		{ selector: 'edge.many', style: { opacity: 0.08, width: 1 } },
		{ selector: 'edge[alerts > 0]', style: { 'line-color': v('--critical'), opacity: 0.8 } },
		{ selector: '.faint', style: { opacity: 0.13, 'text-opacity': 0 } },
		{ selector: 'edge.faint', style: { opacity: 0.04 } },
		{ selector: 'node.lit', style: { 'border-color': v('--focus'), 'border-width': 3 } },
		{ selector: 'edge.lit', style: { 'line-color': v('--focus'), opacity: 0.9, width: 3 } },
		{ selector: 'node.picked', style: { 'border-color': v('--accent'), 'border-width': 4, 'background-color': v('--chosen') } },
		{ selector: 'edge.picked', style: { 'line-color': v('--accent'), opacity: 1, width: 4 } },
	] as unknown as StylesheetStyle[];
}

function elements(plan: Plan): ElementDefinition[] {
	const ink = v('--text-2');
	return [
		...plan.nodes.map((d): ElementDefinition => ({ group: 'nodes', data: { id: d.id, label: d.label, both: `${d.label}\n${d.sub}`, glyph: glyph(d, ink), alerts: d.alerts, ot: d.ot, important: d.important, strange: d.strange, group: d.members.length > 1 || d.id[0] === 'g' }, position: { x: d.x, y: d.y } })),
		...plan.lines.map((l): ElementDefinition => ({ group: 'edges', data: { id: l.id, source: l.a, target: l.b, alerts: l.alerts, width: Math.min(6, 1 + Math.log10(1 + l.bytes / 1000)) } })),
	];
}

export interface Hands { node: (d: Drawn) => void; line: (l: Line) => void; away: () => void; hover: (text: string, at: { x: number; y: number } | null) => void; moved: (zoom: number, pan: { x: number; y: number }) => void }

export class Drawing {
	cy: Core;
	private nodes = new Map<string, Drawn>();
	private lines = new Map<string, Line>();
	took = 0;
	constructor(box: HTMLElement, private hands: Hands) {
		this.cy = cytoscape({ container: box, style: style(), minZoom: 0.03, maxZoom: 3, hideEdgesOnViewport: false, textureOnViewport: false, pixelRatio: 'auto', boxSelectionEnabled: false });
		this.cy.on('tap', 'node', (e) => this.hands.node(this.nodes.get(e.target.id())!));
		this.cy.on('tap', 'edge', (e) => this.hands.line(this.lines.get(e.target.id())!));
		this.cy.on('tap', (e) => e.target === this.cy && this.hands.away());
		this.cy.on('mouseover', 'edge', (e) => this.hands.hover(lineText(this.lines.get(e.target.id())!), e.renderedPosition));
		this.cy.on('mouseover', 'node', (e) => {
			const d = this.nodes.get(e.target.id())!;
			this.hands.hover([d.label, d.sub, d.members.length === 1 && d.role !== 'unknown' ? d.role.replace(/-/g, ' ') : '', d.alerts ? `${d.alerts} open alerts` : ''].filter(Boolean).join(' · '), e.renderedPosition);
		});
		this.cy.on('mouseout', () => this.hands.hover('', null));
		this.cy.on('viewport', () => this.hands.moved(this.cy.zoom(), this.cy.pan()));
	}
	draw(plan: Plan, keepView: boolean): void {
		const began = performance.now();
		this.nodes = new Map(plan.nodes.map((d) => [d.id, d]));
		this.lines = new Map(plan.lines.map((l) => [l.id, l]));
		const big = plan.nodes.length > 400 || plan.lines.length > 1500;
		(this.cy as unknown as { renderer: () => { hideEdgesOnViewport: boolean; textureOnViewport: boolean } }).renderer().hideEdgesOnViewport = big;
		this.cy.batch(() => {
			this.cy.elements().remove();
			this.cy.add(elements(plan));
			// So many lines would hide what they join.
			if (plan.lines.length > 1500) this.cy.edges().addClass('many');
		});
		if (plan.bands.length === 0 && plan.nodes.length > 1) {
			this.cy.layout({ name: 'fcose', animate: false, quality: plan.nodes.length > 300 ? 'draft' : 'default', randomize: true, nodeSeparation: 90, idealEdgeLength: 90, packComponents: true, nodeDimensionsIncludeLabels: false } as never).run();
		} else {
			this.cy.layout({ name: 'preset', fit: false } as never).run();
		}
		if (!keepView) this.fit();
		this.took = performance.now() - began;
		this.hands.moved(this.cy.zoom(), this.cy.pan());
	}
	restyle(): void {
		const ink = v('--text-2');
		this.cy.style(style());
		this.cy.batch(() => this.cy.nodes().forEach((n) => void n.data('glyph', glyph(this.nodes.get(n.id())!, ink))));
	}
	fit(ids?: string[]): void {
		const some = ids?.length ? this.cy.nodes().filter((n) => ids.includes(n.id())) : this.cy.elements();
		if (some.length === 0) return;
		this.cy.fit(some, 40);
		if (this.cy.zoom() > 1.3) {
			this.cy.zoom(1.3);
			this.cy.center(some);
		}
	}
	zoom(by: number): void {
		this.cy.zoom({ level: this.cy.zoom() * by, renderedPosition: { x: this.cy.width() / 2, y: this.cy.height() / 2 } });
	}
	// Lit: these; the rest grows faint. null: all alike.
	light(nodes: Set<string> | null, lines: Set<string> | null, picked: string | null): void {
		this.cy.batch(() => {
			this.cy.elements().removeClass('faint lit picked');
			if (nodes) {
				this.cy.nodes().forEach((n) => void n.addClass(nodes.has(n.id()) ? 'lit' : 'faint'));
				this.cy.edges().forEach((e) => void e.addClass((lines ? lines.has(e.id()) : nodes.has(e.data('source')) && nodes.has(e.data('target'))) ? 'lit' : 'faint'));
			}
			if (picked) this.cy.getElementById(picked).removeClass('faint').addClass('picked');
		});
	}
	around(id: string): { nodes: Set<string>; lines: Set<string> } {
		const n = this.cy.getElementById(id).closedNeighborhood();
		return { nodes: new Set(n.nodes().map((x) => x.id())), lines: new Set(n.edges().map((x) => x.id())) };
	}
	picture(): Blob {
		return this.cy.png({ output: 'blob', full: true, scale: 2, maxWidth: 6000, maxHeight: 6000, bg: v('--surface') } as never) as unknown as Blob;
	}
	close(): void {
		this.cy.destroy();
	}
}

export type { Band };
