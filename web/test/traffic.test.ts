// Rows of the history as curves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { series } from '../src/lib/traffic';
import type { TrafficPart } from '../src/lib/types';

const row = (at: string, key: string, bytes: number): TrafficPart => ({ at: `2026-11-20T${at}:00Z`, seconds: 3600, key, name: key || 'the rest', device: null, packets: 1, bytes });
const later = Date.parse('2026-11-21T00:00:00Z') / 1000;

test('most first, the rest last, nothing where nothing passed', () => {
	const s = series([row('10:00', '', 99000), row('10:00', 'a', 900), row('12:00', 'b', 4500)], 3600, later);
	assert.deepEqual(s.names, ['b', 'a', 'the rest']);
	assert.deepEqual(s.values, [[0, 0, 10], [2, 0, 0], [220, 0, 0]]);
	assert.equal(s.xs[1]! - s.xs[0]!, 3600);
});
test('the running hour counts as far as it is', () => {
	const begin = Date.parse('2026-11-20T10:00:00Z') / 1000;
	assert.deepEqual(series([row('10:00', '', 900)], 3600, begin + 720).values, [[10]]);
	assert.deepEqual(series([row('10:00', '', 900)], 3600, begin + 1).values, [[120]]);
});
test('no rows, no curve', () => assert.deepEqual(series([], 60, later), { xs: [], names: [], values: [] }));
