// Keys for the whole page. A page says what its keys do while it is shown;
// "?" lists them. Fields for typing keep their letters.
import { useLayoutEffect } from 'preact/hooks';
import { signal } from '@preact/signals';

export interface Key { keys: string; text: string; run: (e: KeyboardEvent) => void; typing?: boolean; hidden?: boolean }
const layers: Key[][] = [];
export const helpOpen = signal(false);
export const known = (): Key[] => layers.flat().filter((k) => !k.hidden);

function typing(e: KeyboardEvent): boolean {
	const t = e.target as HTMLElement | null;
	return !!t && (t.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(t.tagName)) && !/^(checkbox|radio|button)$/.test((t as HTMLInputElement).type);
}
function name(e: KeyboardEvent): string {
	return (e.ctrlKey || e.metaKey ? 'Ctrl+' : '') + (e.altKey ? 'Alt+' : '') + (e.key === ' ' ? 'Space' : e.key);
}
let before = '';
let beforeAt = 0;

export function startKeys(): void {
	document.addEventListener('keydown', (e) => {
		if (e.defaultPrevented || e.isComposing) return;
		const pressed = name(e);
		const pair = Date.now() - beforeAt < 900 ? `${before} ${pressed}` : '';
		before = pressed;
		beforeAt = Date.now();
		const open = document.querySelector('dialog[open]');
		for (let i = layers.length - 1; i >= 0; i--) {
			for (const k of layers[i]) {
				const names = k.keys.split(' / ');
				if (!names.includes(pressed) && !(pair && names.includes(pair))) continue;
				if (typing(e) && !k.typing) continue;
				if (open && !k.typing) continue;
				e.preventDefault();
				if (pair && names.includes(pair)) before = '';
				k.run(e);
				return;
			}
		}
	});
}

export function useKeys(keys: Key[], on = true): void {
	useLayoutEffect(() => {
		if (!on) return;
		layers.push(keys);
		return () => {
			const at = layers.indexOf(keys);
			if (at >= 0) layers.splice(at, 1);
		};
	});
}
