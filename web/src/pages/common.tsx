// What several pages say in the same way: a device, an address, a technique.
import type { ComponentChildren } from 'preact';
import { techniques } from 'virtual:words';
import * as route from '../lib/router';
import type { Alert, Device, DeviceBrief } from '../lib/types';

export interface Ends { ip?: string; mac?: string; vlan?: number | null }
export function ends(d: Pick<Device, 'addresses' | 'macs' | 'interfaces'>): Ends[] {
	if (d.interfaces?.length) return d.interfaces;
	if (Array.isArray(d.addresses)) return d.addresses;
	const ips = words(d.addresses);
	const macs = words(d.macs);
	if (ips.length === 0) return macs.map((mac) => ({ mac }));
	return ips.map((ip, i) => ({ ip, mac: macs[i] ?? (macs.length === 1 ? macs[0] : undefined) }));
}
export const words = (text: string | string[] | null | undefined): string[] =>
	Array.isArray(text) ? text : (text ?? '').split(/[\s,]+/).filter(Boolean);

export const address = (d: Pick<Device, 'addresses' | 'macs' | 'interfaces'>): string => {
	const first = ends(d)[0];
	return first?.ip ?? first?.mac ?? '';
};
export const label = (d: Pick<Device, 'name' | 'id' | 'addresses' | 'macs' | 'interfaces'>): string => d.name || address(d) || `device ${d.id}`;

export const roleText = (r: string | null | undefined): string => (!r || r === 'unknown' ? 'not known' : r.replace(/-/g, ' '));
export const isOt = (d: Pick<Device, 'industrial' | 'ot'>): boolean => d.industrial ?? d.ot ?? false;
export const serves = (d: Pick<Device, 'protocols' | 'servers'>): string[] => (d.protocols?.server ?? words(d.servers)).filter((p) => p !== 'unknown');
export const uses = (d: Pick<Device, 'protocols' | 'clients'>): string[] => (d.protocols?.client ?? words(d.clients)).filter((p) => p !== 'unknown');
export const orderOf = (d: Pick<Device, 'order' | 'order_number'>): string => d.order ?? d.order_number ?? '';
export const macsOf = (d: Pick<Device, 'addresses' | 'macs' | 'interfaces'>): string[] => [...new Set(ends(d).map((e) => e.mac).filter((m): m is string => !!m))];

export const levels: [string, string][] = [['0', '0 Process'], ['1', '1 Basic control'], ['2', '2 Supervisory'], ['2.5', '2.5 Operations network'], ['3', '3 Site operations'], ['3.5', '3.5 Industrial DMZ'], ['4', '4 Enterprise']];
export const levelText = (n: number | null | undefined): string => (n == null ? 'not known' : levels.find(([v]) => Number(v) === n)?.[1] ?? String(n));

// An end of a conversation, with a way to its device.
export function End({ name: given, at, port, device: dev }: { name?: string | null; at: string | null | undefined; port?: number | null; device?: DeviceBrief | number | null }) {
	const device = typeof dev === 'object' ? dev?.id : dev;
	const told = given ?? (typeof dev === 'object' ? dev?.name : undefined);
	const name = told && told !== at ? told : null;
	if (!at && !name) return <span class="dim">–</span>;
	const text = <>{name ? <>{name} <span class="dim">{at}</span></> : at}{port ? <span class="dim">:{port}</span> : ''}</>;
	return <a href={device ? `/devices/${device}` : route.link('/devices', { q: at ?? name ?? '' })} title={name ? `${name} ${at}` : undefined}>{text}</a>;
}

// The catalogue's sentences name the two ends and the rest in braces.
export function filled(text: string, a?: Pick<Alert, 'source' | 'destination' | 'protocol'>): string {
	const of: Record<string, string> = { client: a?.source || 'the client', server: a?.destination || 'the server', proto: a?.protocol || 'the protocol' };
	return text.replace(/\{(\w+)\}/g, (_, k: string) => of[k] ?? `the ${k}`).replace(/^\w/, (c) => c.toUpperCase());
}

export const techniqueList = (t: string | string[] | null | undefined): { id: string; name: string }[] => words(t).map((id) => ({ id, name: techniques[id] ?? '' }));

export function Header({ title, more, children }: { title: string; more?: ComponentChildren; children?: ComponentChildren }) {
	return <header><h1>{title}{more && <small>{more}</small>}</h1>{children}</header>;
}

// Asks the sensor to say in words what is odd; kept for pages that are thin.
export const csvName = (what: string): string => `sightglass-${what}-${new Date().toISOString().slice(0, 10)}.csv`;
