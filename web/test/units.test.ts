// Numbers and times as people read them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bits, bytes, count, many, percent, span } from '../src/lib/units';
import { ago, fromInput, full, local, parse, setSensorZone, toInput, utc } from '../src/lib/time';

test('numbers have units', () => {
	assert.equal(bytes(0), '0 B');
	assert.equal(bytes(999), '999 B');
	assert.equal(bytes(1000), '1.0 kB');
	assert.equal(bytes(31e9), '31.0 GB');
	assert.equal(bytes(null), '–');
	assert.equal(bits(48e6), '48.0 Mbit/s');
	assert.equal(count(1234567), '1,234,567');
	assert.equal(many(1, 'device'), '1 device');
	assert.equal(many(2, 'way', 'ways'), '2 ways');
	assert.equal(percent(1, 3), '33.3 %');
	assert.equal(percent(1, 0), '–');
});
test('spans', () => {
	assert.equal(span(20), '20 s');
	assert.equal(span(3600), '1 h');
	assert.equal(span(90000), '1 d 1 h');
	assert.equal(span(0), '0 s');
	assert.equal(span(Infinity), '–');
});
test('times with nanoseconds are read, and shown with UTC and the sensor beside', () => {
	const d = parse('2026-01-12T06:00:08.006000000Z')!;
	assert.equal(d.getTime(), Date.UTC(2026, 0, 12, 6, 0, 8, 6));
	assert.equal(utc(d), '2026-01-12 06:00:08');
	assert.equal(parse('nonsense'), null);
	assert.equal(local(null), '–');
	setSensorZone(120, 'CEST');
	assert.match(full('2026-01-12T06:00:08Z'), /2026-01-12 08:00:08 at the sensor \(UTC\+2, CEST\)/);
	setSensorZone(undefined, undefined);
	assert.match(full('2026-01-12T06:00:08Z'), /2026-01-12 06:00:08 UTC\nThe sensor counts in UTC/);
});
test('a time of today has no date', () => {
	const now = new Date(2026, 5, 1, 12, 0, 0);
	assert.equal(local(new Date(2026, 5, 1, 9, 5, 7).toISOString(), now), '09:05:07');
	assert.equal(local(new Date(2026, 4, 31, 9, 5, 7).toISOString(), now), '2026-05-31 09:05:07');
	assert.equal(ago(new Date(now.getTime() - 125000).toISOString(), now.getTime()), '2 min ago');
});
test('a moment in a field for dates is the reader’s', () => {
	const d = new Date(2026, 5, 1, 12, 30);
	assert.equal(toInput(d), '2026-06-01T12:30');
	assert.equal(fromInput('2026-06-01T12:30'), d.toISOString());
});
