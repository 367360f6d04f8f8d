// Unit tests of the console: test/*.test.ts, bundled by esbuild (which Vite
// brings along) and run by node's own test runner.
import { build } from 'esbuild';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { words } from '../words.mjs';

const here = new URL('.', import.meta.url).pathname;
const out = mkdtempSync(join(here, '../node_modules/.units-'));
const files = readdirSync(here).filter((f) => f.endsWith('.test.ts'));
try {
	await build({
		entryPoints: files.map((f) => join(here, f)), outdir: out, bundle: true, platform: 'node', format: 'esm', outExtension: { '.js': '.mjs' }, target: 'node18', jsx: 'automatic', jsxImportSource: 'preact', logLevel: 'error',
		plugins: [{ name: 'words', setup(b) {
			b.onResolve({ filter: /^virtual:words$/ }, () => ({ path: 'words', namespace: 'words' }));
			b.onLoad({ filter: /.*/, namespace: 'words' }, () => ({ contents: Object.entries(words()).map(([k, v]) => `export const ${k} = ${JSON.stringify(v)};`).join('\n'), loader: 'js' }));
		} }],
	});
	const ran = spawnSync(process.execPath, ['--test', ...files.map((f) => join(out, f.replace('.ts', '.mjs')))], { stdio: 'inherit' });
	process.exitCode = ran.status ?? 1;
} finally {
	rmSync(out, { recursive: true, force: true });
}
