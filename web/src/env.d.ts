// What the build adds: the sensor's vocabularies (words.mjs).
declare module 'virtual:words' {
	export const roles: string[];
	export const risks: { name: string; text: string }[];
	export const techniques: Record<string, string>;
	export const categories: string[];
	export const scenarios: { name: string; title: string }[];
	export const timeline: { name: string; text: string }[];
}
