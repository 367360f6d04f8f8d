// The vocabularies of the sensor, read from its own tables when the console is
// built: a role, a technique or a scenario is written down once.
import { readFileSync } from 'node:fs';

const root = new URL('../src/', import.meta.url);

// The rows of a table: the arguments of each MACRO(...), quotes taken off.
export function rows(file, macro) {
	const text = readFileSync(new URL(file, root), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
	const found = [];
	for (const [, inside] of text.matchAll(new RegExp(`^${macro}\\(([^\\n]*)\\)`, 'gm'))) {
		found.push([...inside.matchAll(/"((?:[^"\\]|\\.)*)"|([^,\s][^,]*)/g)].map((m) => m[1] ?? m[2].trim()));
	}
	return found;
}

export function words() {
	return {
		roles: rows('model/roles.def', 'ROLE').map((r) => r[1]),
		risks: rows('model/risks.def', 'RISK').map((r) => ({ name: r[1], text: r[2] })),
		techniques: Object.fromEntries(rows('detect/techniques.def', 'TECHNIQUE').map((r) => [r[0], r[1]])),
		categories: rows('detect/categories.def', 'CATEGORY').map((r) => r[1]),
		scenarios: rows('baseline/scenarios.def', 'SCENARIO').map((r) => ({ name: r[1], title: r[r.length - 1] })),
		timeline: rows('store/timeline.def', 'TIMELINE').map((r) => ({ name: r[1], text: r[2] })),
	};
}

// A plug-in for Vite: `import { roles } from 'virtual:words'`.
export function plugin() {
	const id = '\0virtual:words';
	return {
		name: 'words',
		resolveId: (name) => (name === 'virtual:words' ? id : null),
		load: (name) => (name === id
			? Object.entries(words()).map(([k, v]) => `export const ${k} = ${JSON.stringify(v)};`).join('\n')
			: null),
	};
}
