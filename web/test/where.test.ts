// Conditions put together from what people type: never more than they said.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { all, any, isAddress, oneOf, pattern, quote, search, word } from '../src/lib/where';

test('texts are quoted, quotation marks and backslashes escaped', () => {
	assert.equal(quote('a "b" \\ c'), '"a \\"b\\" \\\\ c"');
	assert.equal(pattern('x" or status = new or title ~ "y'), '"*x\\" or status = new or title ~ \\"y*"');
	assert.equal(pattern('10*'), '"*10?*"');
});
test('words stand bare only where they are one', () => {
	assert.equal(word('s7comm-plus'), 's7comm-plus');
	assert.equal(word('Firmware change'), '"Firmware change"');
	assert.equal(word('not'), '"not"');
	assert.equal(word('a)or(b'), '"a)or(b"');
});
test('one of several', () => {
	assert.equal(oneOf('status', []), null);
	assert.equal(oneOf('status', ['new']), 'status = new');
	assert.equal(oneOf('category', ['Scan', 'Backup']), 'category in ("Scan", "Backup")');
});
test('parts are joined so that or binds no wider than it was written', () => {
	assert.equal(all(['a = 1', null, 'b = 1 or c = 1']), 'a = 1 and (b = 1 or c = 1)');
	assert.equal(all(['b = 1 or c = 1']), 'b = 1 or c = 1');
	assert.equal(all([null, '', undefined]), '');
	assert.equal(any(['a', 'b']), 'a or b');
});
test('addresses are told from other words', () => {
	for (const good of ['10.0.0.1', '10.0.0.0/8', 'fe80::1', '2001:db8::/32', '00:1b:1b', '00:1b:1b:04:05:06']) assert.ok(isAddress(good), good);
	for (const bad of ['10.0.0.256', '10.0.0', 'plc-1', '10.0.0.0/33', 'abc', '12', ':']) assert.ok(!isAddress(bad), bad);
});
test('a search asks each word of each field, addresses of the address', () => {
	assert.equal(search('  ', ['title']), null);
	assert.equal(search('pump', ['title', 'text']), '(title ~ "*pump*" or text ~ "*pump*")');
	assert.equal(search('10.0.0.1', ['title'], 'either'), '(either = 10.0.0.1 or title ~ "*10.0.0.1*")');
	assert.equal(search('#12', ['title'], 'either', 'number'), '(number = 12 or title ~ "*#12*")');
	assert.equal(search('a b', ['title']), 'title ~ "*a*" and title ~ "*b*"');
});
