// The licences of what is bundled, in one text beside it: assets/licences.txt.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export function licences() {
	return {
		name: 'licences',
		generateBundle(_options, bundle) {
			const packages = new Set();
			for (const part of Object.values(bundle)) {
				for (const id of Object.keys(part.modules ?? {}).map((m) => m.replace(/^\0/, ''))) {
					const at = id.lastIndexOf('/node_modules/');
					if (at < 0) continue;
					const name = /^((?:@[^/]+\/)?[^/]+)/.exec(id.slice(at + 14))[1];
					packages.add(id.slice(0, at + 14) + name);
				}
			}
			const texts = [...packages].sort().map((folder) => {
				const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
				const file = readdirSync(folder).find((f) => /^licen[cs]e(\.|$)/i.test(f));
				const text = file && existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8').trim() : `Licence: ${about.license}`;
				return `${about.name} ${about.version}\n\n${text}\n`;
			});
			this.emitFile({ type: 'asset', fileName: 'assets/licences.txt', source: texts.join('\n----------------------------------------\n\n') });
		},
	};
}
