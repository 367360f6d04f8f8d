// As much of node's own test modules as the unit tests use.
declare module 'node:test' {
	export function test(name: string, run: () => void | Promise<void>): void;
}
declare module 'node:assert/strict' {
	const assert: {
		equal(a: unknown, b: unknown, text?: string): void;
		deepEqual(a: unknown, b: unknown, text?: string): void;
		ok(a: unknown, text?: string): void;
		match(a: string, b: RegExp): void;
	};
	export default assert;
}
