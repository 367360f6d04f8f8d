// What the reader prefers, kept in the browser: nothing secret, nothing lost
// when it is gone.
import { effect, signal } from '@preact/signals';

const key = (name: string) => `sightglass.${name}`;

export function load<T>(name: string, other: T): T {
	try {
		const text = localStorage.getItem(key(name));
		return text === null ? other : (JSON.parse(text) as T);
	} catch {
		return other;
	}
}
export function store(name: string, value: unknown): void {
	try {
		if (value === undefined || value === null) localStorage.removeItem(key(name));
		else localStorage.setItem(key(name), JSON.stringify(value));
	} catch {
		// a browser that keeps nothing
	}
}

export type Theme = 'system' | 'light' | 'dark';
export const theme = signal<Theme>(load('theme', 'system'));
const night = matchMedia('(prefers-color-scheme: dark)');
export const dark = signal(night.matches);

export function startTheme(): void {
	const apply = () => {
		dark.value = theme.value === 'dark' || (theme.value === 'system' && night.matches);
		document.documentElement.dataset.theme = dark.value ? 'dark' : 'light';
	};
	night.addEventListener('change', apply);
	effect(() => {
		store('theme', theme.value);
		apply();
	});
}
