// Risk and ways of attack: each point has its reason, each way leads somewhere.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MapLink, MapNode } from '../src/lib/types';
import { risk, vectors } from '../src/pages/reports_calc';

const node = (id: number, more: Partial<MapNode> = {}): MapNode => ({ id, name: `d${id}`, role: 'plc', purdue: 1, subnet: `10.0.${id}.0/24`, alerts: 0, ot: true, authorized: true, address: `10.0.${id}.1`, protocols: [], ...more });
const link = (a: number, b: number, more: Partial<MapLink> = {}): MapLink => ({ a, b, protocols: ['modbus'], packets: 1, bytes: 1, risks: [], ...more });
const alert = (severity: 'critical' | 'minor', source: string, destination: string | null = null) => ({ severity, source, destination, title: 'x' });

test('a plant without a fault has all points and nothing to do', () => {
	const r = risk([node(1), node(2)], [link(1, 2)], []);
	assert.equal(r.score, 100);
	assert.deepEqual(r.steps, []);
});
test('points and reasons belong together, and a step gains what it takes away', () => {
	const r = risk([node(1, { authorized: false }), node(2)], [], [alert('critical', '10.0.2.1'), alert('minor', '10.0.2.1', '10.0.2.1')]);
	const of = (id: number) => r.devices.find((d) => d.id === id)!;
	assert.equal(of(1).score, 85);
	assert.equal(of(2).score, 76);
	assert.equal(of(2).reasons[0].text, 'open alerts: 1 critical, 1 minor');
	assert.equal(r.score, (85 + 76) / 2);
	assert.deepEqual(r.steps.map((s) => [s.step, s.gain]), [['alerts', 12], ['authorise', 7.5]]);
});
test('many alerts are no more than so bad', () => {
	const r = risk([node(1)], [], Array.from({ length: 50 }, () => alert('critical', '10.0.1.1')));
	assert.equal(r.devices[0].score, 60);
});
test('who programs without being marked so, is counted; the controller is not', () => {
	const nodes = [node(1), node(2, { role: 'workstation', purdue: 2 }), node(3, { role: 'engineering-station', purdue: 2, programming: true })];
	const r = risk(nodes, [link(2, 1, { risks: ['program'] }), link(3, 1, { risks: ['program'] })], []);
	assert.deepEqual(r.devices.filter((d) => d.reasons.some((x) => x.step === 'engineering')).map((d) => d.id), [2]);
});
test('the way goes over what was seen before what is only possible', () => {
	const nodes = [node(1, { authorized: false, subnet: 'a' }), node(2, { purdue: 2, subnet: 'a' }), node(3, { important: true, subnet: 'b' }), node(4, { subnet: 'a' })];
	const v = vectors(nodes, [link(1, 2), link(2, 3)]);
	assert.equal(v.targets, 1);
	assert.deepEqual(v.vectors[0].hops.map((h) => h.id), [1, 2, 3]);
	assert.ok(v.vectors[0].hops.every((h) => h.seen));
	const possible = vectors([node(1, { authorized: false, subnet: 'a' }), node(3, { important: true, subnet: 'a' })], []);
	assert.deepEqual(possible.vectors[0].hops.map((h) => [h.id, h.seen]), [[1, true], [3, false]]);
	assert.ok(possible.vectors[0].risk < v.vectors[0].risk + 20);
});
test('no way where there is none; without important devices controllers are the targets', () => {
	assert.equal(vectors([node(1, { authorized: false, purdue: 4, ot: false }), node(3, { important: true })], []).vectors.length, 0);
	assert.equal(vectors([node(0, { ot: false, subnet: null, address: undefined }), node(3)], [link(0, 3)]).vectors[0].why, 'the Internet reaches a controller in 1 step');
});
test('a large plant is counted in reasonable time', () => {
	const nodes = Array.from({ length: 3000 }, (_, i) => node(i + 1, { subnet: `10.${i >> 6}.0.0/24`, authorized: i % 20 !== 0, important: i % 50 === 1, alerts: i % 9 }));
	const links = Array.from({ length: 6000 }, (_, i) => link(1 + (i % 3000), 1 + ((i * 37 + 11) % 3000)));
	const began = performance.now();
	const v = vectors(nodes, links);
	assert.equal(v.vectors.length, 60);
	for (let i = 1; i < v.vectors.length; i++) assert.ok(v.vectors[i - 1].risk >= v.vectors[i].risk);
	for (const w of v.vectors) assert.ok(w.hops.length <= 6 && w.hops.length > 1);
	assert.ok(performance.now() - began < 20000, `${performance.now() - began} ms`);
});
