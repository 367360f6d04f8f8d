// What the map shows: layers, what is taken together, groups; also at 5000.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MapLink, MapNode } from '../src/lib/types';
import { groups, most, plan, type Wish } from '../src/pages/map_plan';

const node = (id: number, more: Partial<MapNode> = {}): MapNode => ({ id, name: `d${id}`, role: 'plc', purdue: 1, subnet: '10.0.0.0/24', vlan: null, alerts: 0, ot: true, address: `10.0.0.${id}`, ...more });
const link = (a: number, b: number, more: Partial<MapLink> = {}): MapLink => ({ a, b, protocols: ['modbus'], packets: 1, bytes: 10, ...more });
const wish: Wish = { expanded: new Set(), only: null, collapseIt: true, shape: 'layers' };

test('layers: the enterprise above the process, no two at one place', () => {
	const p = plan([node(1, { purdue: 4, ot: false }), node(2, { purdue: 2 }), node(3), node(4, { purdue: 0 }), node(5, { purdue: null })], [], wish);
	assert.deepEqual(p.bands.map((b) => b.level), [4, 2, 1, 0, null]);
	const y = (id: number) => p.nodes.find((n) => n.members[0] === id)!.y;
	assert.ok(y(1) < y(2) && y(2) < y(3) && y(3) < y(4) && y(4) < y(5));
	assert.equal(new Set(p.nodes.map((n) => `${n.x} ${n.y}`)).size, 5);
	for (const n of p.nodes) {
		const b = p.bands.find((x) => x.level === n.level)!;
		assert.ok(n.y > b.top && n.y < b.bottom);
	}
});
test('an office subnet is one node, with its lines and alerts kept apart', () => {
	const office = [1, 2, 3, 4].map((i) => node(i, { ot: false, purdue: 4, role: 'workstation', subnet: '10.9.0.0/24' }));
	office[3].alerts = 2;
	const p = plan([...office, node(9)], [link(1, 9), link(2, 9), link(4, 9), link(1, 2)], wish);
	const it = p.nodes.find((n) => n.id === 'g:it 10.9.0.0/24')!;
	assert.deepEqual(it.members, [1, 2, 3]);
	assert.ok(p.nodes.some((n) => n.id === 'n:4' && n.alerts === 2), 'what alerts is never hidden in a group');
	assert.deepEqual(p.lines.map((l) => l.bytes).sort(), [10, 20]);
	const open = plan([...office, node(9)], [link(1, 9)], { ...wish, expanded: new Set(['it 10.9.0.0/24']) });
	assert.equal(open.nodes.length, 5);
});
test('only a group', () => {
	const p = plan([node(1), node(2), node(3)], [link(1, 2), link(2, 3)], { ...wish, only: new Set([1, 2]) });
	assert.equal(p.nodes.length, 2);
	assert.equal(p.lines.length, 1);
	assert.equal(p.hidden, 1);
});
test('5000 devices are taken together until they can be told apart', () => {
	const all = Array.from({ length: 5000 }, (_, i) => node(i + 1, { subnet: `10.1.${Math.floor(i / 200)}.0/24`, role: i % 3 ? 'plc' : 'io-device', purdue: i % 3 ? 1 : 0, alerts: i === 77 ? 1 : 0 }));
	const began = performance.now();
	const p = plan(all, Array.from({ length: 8000 }, (_, i) => link(1 + (i % 5000), 1 + ((i * 7) % 5000))), wish);
	assert.ok(p.nodes.length < most, `${p.nodes.length} nodes`);
	assert.ok(p.nodes.some((n) => n.id === 'n:78'));
	assert.equal(p.nodes.reduce((n, d) => n + d.members.length, 0), 5000);
	assert.ok(performance.now() - began < 1000);
});
test('where everything alerts, the groups do', () => {
	const all = Array.from({ length: 3000 }, (_, i) => node(i + 1, { subnet: `10.1.${Math.floor(i / 200)}.0/24`, alerts: 2 }));
	const p = plan(all, [], wish);
	assert.equal(p.nodes.length, 15);
	assert.equal(p.nodes.reduce((n, d) => n + d.alerts, 0), 6000);
});
test('groups: subnets, VLAN, protocols, cross-subnet, authorisation, activity', () => {
	const now = Date.parse('2026-01-12T12:00:00Z');
	const g = groups([node(1, { vlan: 30, authorized: false, last: '2026-01-12T11:30:00Z' }), node(2, { subnet: '10.0.1.0/24', last: '2026-01-01T00:00:00Z' })], [link(1, 2, { protocols: ['s7comm', 'dns'] })], [{ name: 'Press shop', devices: [2, 99] }], now, [{ cost: 2, text: 'from outside', observed: true, hops: [{ device: 0, name: '', proto: '', possible: false }, { device: 2, name: 'MIXER', proto: 'rdp', possible: false }] }]);
	const ids = (id: string) => [...(g.find((x) => x.id === id)?.nodes ?? [])];
	assert.deepEqual(ids('Subnets:10.0.1.0/24'), [2]);
	assert.deepEqual(ids('VLAN:VLAN 30'), [1]);
	assert.deepEqual(ids('OT protocols:s7comm'), [1, 2]);
	assert.deepEqual(ids('IT protocols:dns'), [1, 2]);
	assert.deepEqual(ids('Cross subnet:between subnets'), [1, 2]);
	assert.deepEqual(ids('Authorisation:not authorised'), [1]);
	assert.deepEqual(ids('Last activity:1 hour'), [1]);
	assert.deepEqual(ids('Last activity:longer ago'), [2]);
	assert.deepEqual(ids('Own:Press shop'), [2]);
	assert.deepEqual(ids('Attack vectors:the Internet → MIXER'), [0, 2]);
});
