// How the console is built: one page, hashed assets, nothing inline (the
// content policy allows neither inline scripts nor inline styles).
import { defineConfig } from 'vite';
import { licences } from './licences.mjs';
import { plugin as words } from './words.mjs';

const api = process.env.SIGHTGLASS_API ?? 'http://127.0.0.1:5174';

export default defineConfig({
	plugins: [words(), licences()],
	esbuild: { jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none' },
	build: {
		target: 'es2021',
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		chunkSizeWarningLimit: 700,
		reportCompressedSize: false,
		rollupOptions: {
			output: {
				manualChunks: (id) => (/cytoscape|cose-base|layout-base/.test(id) ? 'graph' : undefined),
			},
		},
	},
	server: { host: '127.0.0.1', port: 5173, proxy: { '/api': { target: api, secure: false } } },
});
