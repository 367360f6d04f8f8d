// Conditions in the language of docs/rules.md, put together from what people
// choose in the page. Everything they type is quoted here and nowhere else.
export const quote = (text: string): string => `"${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"')}"`;

const bare = /^[a-z][a-z0-9-]*$/;
const reserved = new Set(['and', 'or', 'not', 'in', 'has']);
export const word = (text: string): string => (bare.test(text) && !reserved.has(text) ? text : quote(text));

// A pattern that finds the text anywhere; what the language has as wildcards
// stands for itself as well as it can: "?" is any one character.
export const pattern = (text: string): string => quote(`*${text.replace(/\*/g, '?')}*`);

export const all = (parts: (string | null | undefined | false)[]): string => {
	const there = parts.filter((p): p is string => !!p && p.trim() !== '');
	return there.length === 1 ? there[0] : there.map((p) => (/\bor\b/.test(p) ? `(${p})` : p)).join(' and ');
};
export const any = (parts: string[]): string => parts.join(' or ');

export const oneOf = (field: string, values: string[]): string | null =>
	values.length === 0 ? null : values.length === 1 ? `${field} = ${word(values[0])}` : `${field} in (${values.map(word).join(', ')})`;

const ip4 = /^\d{1,3}(\.\d{1,3}){3}(\/\d{1,2})?$/;
const ip6 = /^[0-9a-f]*:[0-9a-f:.]*:[0-9a-f.]*(\/\d{1,3})?$/i;
const mac = /^[0-9a-f]{2}(:[0-9a-f]{2}){1,5}$/i;
export const isAddress = (text: string): boolean => {
	if (ip4.test(text)) {
		const [address, bits] = text.split('/');
		return address.split('.').every((n) => Number(n) < 256) && (bits === undefined || Number(bits) <= 32);
	}
	return mac.test(text) || ip6.test(text);
};

// Free text over some fields: each word must be found in one of them. A word
// that is an address asks the address field, if there is one.
export function search(text: string, fields: string[], address?: string, number?: string): string | null {
	const words = text.trim().split(/\s+/).filter(Boolean);
	if (words.length === 0) return null;
	return all(words.map((w) => {
		const tests = fields.map((f) => `${f} ~ ${pattern(w)}`);
		if (address && isAddress(w)) tests.unshift(`${address} = ${w}`);
		if (number && /^#?\d{1,9}$/.test(w)) tests.unshift(`${number} = ${w.replace('#', '')}`);
		return tests.length === 1 ? tests[0] : `(${any(tests)})`;
	}));
}
