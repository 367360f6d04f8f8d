// The language of docs/rules.md, as far as the stand-in server needs it.
const token = /\s*(?:("(?:[^"\\]|\\.)*")|(\.\.)|(!=|<=|>=|[=<>~(),])|([^\s=!<>~(),"]+))/y;

function split(text) {
	const out = [];
	token.lastIndex = 0;
	while (token.lastIndex < text.trimEnd().length) {
		const at = token.lastIndex;
		const m = token.exec(text);
		if (!m) throw Object.assign(new Error(`byte ${at}: what is this?`), { at });
		if (m[1] !== undefined) out.push({ text: m[1].slice(1, -1).replace(/\\(.)/g, '$1'), quoted: true, at });
		else {
			const word = m[4];
			const cut = word?.indexOf('..') ?? -1;
			if (cut > 0) out.push({ text: word.slice(0, cut), at }, { text: '..', at }, { text: word.slice(cut + 2), at });
			else out.push({ text: m[2] ?? m[3] ?? word, at });
		}
	}
	return out;
}

// Names of a fixed set: no pattern fits them.
const named = new Set(['severity', 'status', 'engine', 'category', 'role', 'protocol', 'proto', 'what', 'scenario', 'state']);
const orders = { severity: ['warning', 'minor', 'major', 'critical'], status: ['new', 'active', 'closed'] };
const pattern = (p) => new RegExp(`^${p.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '[\\s\\S]*').replace(/\?/g, '[\\s\\S]')}$`, 'i');

function address(have, want) {
	if (!have) return false;
	const [net, bits] = want.split('/');
	if (bits === undefined) return have.toLowerCase().startsWith(want.toLowerCase()) && (have.length === want.length || want.includes(':'));
	const num = (ip) => ip.split('.').reduce((n, p) => n * 256 + Number(p), 0);
	const size = 2 ** (32 - Number(bits));
	return Math.floor(num(have) / size) === Math.floor(num(net) / size);
}

// fields: name → getter. Returns a test of a row, or throws with a sentence.
export function compile(text, fields) {
	const tokens = split(text);
	let at = 0;
	const peek = () => tokens[at]?.text;
	const fail = (why) => {
		throw new Error(`byte ${tokens[at]?.at ?? text.length}: ${why}`);
	};
	const take = (what) => (peek() === what ? tokens[at++] : fail(`'${what}' is missing`));
	const value = (f, row) => fields[f](row);
	const compare = (f, have, op, want) => {
		if (have === null || have === undefined) return false;
		if (orders[f]) {
			const a = orders[f].indexOf(have);
			const b = orders[f].indexOf(want);
			return { '=': a === b, '!=': a !== b, '<': a < b, '>': a > b, '<=': a <= b, '>=': a >= b }[op];
		}
		if (Array.isArray(have)) return op === '=' ? have.some((h) => address(h, want)) : !have.some((h) => address(h, want));
		if (typeof have === 'number') {
			const b = Number(want);
			return { '=': have === b, '!=': have !== b, '<': have < b, '>': have > b, '<=': have <= b, '>=': have >= b }[op];
		}
		if (op === '=' || op === '!=') {
			const same = /^(source|destination|client|server)$/.test(f) ? address(have, want) : String(have).toLowerCase() === want.toLowerCase();
			return (op === '=') === same;
		}
		return { '<': have < want, '>': have > want, '<=': have <= want, '>=': have >= want }[op];
	};
	const range = () => {
		const from = tokens[at++]?.text;
		if (peek() === '..') {
			at++;
			return [from, tokens[at++]?.text];
		}
		return [from, null];
	};
	const within = (f, row, [a, b]) => (b === null ? compare(f, value(f, row), '=', a) : compare(f, value(f, row), '>=', a) && compare(f, value(f, row), '<=', b));
	const atom = () => {
		if (peek() === '(') {
			at++;
			const inside = or();
			take(')');
			return inside;
		}
		const has = peek() === 'has' ? (at++, true) : false;
		const f = tokens[at]?.text;
		if (f === undefined) return fail('a condition is missing');
		if (!fields[f]) return fail(`no field '${f}'`);
		at++;
		if (has) return (row) => value(f, row) != null;
		const op = peek();
		if (['=', '!=', '<', '>', '<=', '>='].includes(op)) {
			at++;
			const want = tokens[at++]?.text ?? fail('a value is missing');
			return (row) => compare(f, value(f, row), op, want);
		}
		if (op === '~') {
			if (named.has(f)) fail(`${f} is a name: = != in`);
			at++;
			const p = pattern(tokens[at++]?.text ?? fail('a pattern is missing'));
			return (row) => p.test(String(value(f, row) ?? ''));
		}
		const not = op === 'not' ? (at++, true) : false;
		if (peek() === 'in') {
			at++;
			const ranges = [];
			if (peek() === '(') {
				do {
					at++;
					ranges.push(range());
				} while (peek() === ',');
				take(')');
			} else ranges.push(range());
			return (row) => ranges.some((r) => within(f, row, r)) !== not;
		}
		return (row) => !!value(f, row);
	};
	const notted = () => {
		if (peek() !== 'not') return atom();
		at++;
		const inside = notted();
		return (row) => !inside(row);
	};
	const and = () => {
		let a = notted();
		while (peek() === 'and') {
			at++;
			const x = a;
			const y = notted();
			a = (row) => x(row) && y(row);
		}
		return a;
	};
	const or = () => {
		let a = and();
		while (peek() === 'or') {
			at++;
			const x = a;
			const y = and();
			a = (row) => x(row) || y(row);
		}
		return a;
	};
	const test = or();
	if (at < tokens.length) fail(`'${peek()}' does not belong here`);
	return test;
}
