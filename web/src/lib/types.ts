// What the API says, as far as the console reads it. Fields an older sensor
// does not send are optional; nothing here is trusted to be harmless text.
export type Severity = 'critical' | 'major' | 'minor' | 'warning';
export type Status = 'new' | 'active' | 'closed';
export type Role = 'read-only' | 'analyst' | 'admin';

export interface Session { user: string; role: Role; csrf: string; expires?: string; totp?: boolean; outside?: boolean; must_change?: boolean }

export interface Page<T> { items: T[]; next: string | null; total: number }

export interface Violation { text: string; count: number; first: string; last: string }
export interface Alert {
	number: number; id: string; ref: string | null; engine: string; title: string; severity: Severity;
	category: string; tier: string; learnable: boolean; muted?: boolean; techniques: string[] | string;
	source: string | null; source_mac?: string | null; source_port?: number | null; source_device?: DeviceBrief | number | null; source_name?: string;
	destination: string | null; destination_mac?: string | null; destination_port?: number | null;
	destination_device?: DeviceBrief | number | null; destination_name?: string;
	protocol: string | null; vlan?: number | null; first: string; last: string; count: number; status: Status;
	explanation?: string; text?: string; advice?: string; meaning?: string;
	violations?: Violation[]; violations_left_out?: number;
	times?: string[]; frames?: { file: number; frame: number }[]; comments?: Comment[]; etag?: string;
	neighbours?: AlertBrief[]; technique_names?: { id: string; text: string }[]; evidence?: boolean;
}
export interface DeviceBrief { id: number; name?: string; role?: string; addresses?: string | null }
export interface AlertBrief { number: number; severity: Severity; status: Status; title: string; source: string; destination: string; first: string; last: string }
export interface Comment { at: string; who: string; text: string }
export interface Frame { frame: number; time: string; length: number; captured: number; hex: string; summary: string; facts: Fact[] | null }
export interface Fact { proto: string; kind: string; op: number; op_name: string | null; response: boolean; client: string; server: string; unit?: number | null; risk?: string; object?: Record<string, unknown> | null; text?: string | null; values?: unknown[]; error?: unknown; ident?: Record<string, unknown>; fault?: Record<string, unknown>; flags?: string[]; [k: string]: unknown }
export interface Level { level: number; text: string; closes?: number; covers?: number; rule?: string }

export interface Evidence { trait: string; text: string; source: string; proto: string; file?: number; frame?: number | null; count: number; first?: string; last?: string }
export interface Device {
	id: number; addresses: string | { ip?: string; mac?: string; vlan?: number | null }[]; name: string | null; role: string; purdue: number | null;
	vendor: string | null; model: string | null; firmware: string | null; serial: string | null; order_number?: string | null; hardware?: string | null;
	order?: string | null; os?: string | null; mode?: string | null; servers?: string; clients?: string; ot?: boolean; industrial?: boolean;
	protocols?: { client: string[]; server: string[] };
	authorized: boolean | null; important: boolean; scanner: boolean; programming: boolean;
	macs?: string; packets: number; bytes: number; first: string; last: string; comment?: string | null;
	evidence?: Evidence[]; modules?: { proto: string; unit?: number | null; text?: string }[];
	interfaces?: { ip?: string; mac?: string; vlan?: number | null }[]; edited?: string[]; alerts?: number; etag?: string; merged?: unknown[]; open_alerts?: AlertBrief[];
}
export interface Conversation {
	id?: number; client: string; server: string; client_device?: number; server_device?: number; client_name?: string; server_name?: string;
	proto: string; via: string; port: number | null; vlan: number | null; packets: number; bytes: number; first: string; last: string;
	operations?: Record<string, number>; risks?: Record<string, string>; errors?: number; malformed?: number; odd_port?: boolean;
}
export interface Scenario {
	id: string; name: string; title: string; state: string; keys: number; learned: number; candidates: number; windows: number; single: number;
	per_day: number | null; at_most: number | null; budget: number | null; missing: number | null; ready_in: number; held: number; ready: boolean; reason: string; curve?: number[]; curve_from?: string | null;
}
export interface Mode { mode: string; since?: string; age_seconds?: number; learn_scale?: number; curve_step?: number; scenarios?: Scenario[] }
export interface Event { id: number; at: string; who: string; what: string; about: string; text: string }
export interface Finding { id: string; severity: string; text: string; advice?: string; port?: string }
export interface MapNode {
	id: number; name: string; role: string; purdue: number | null; vendor?: string; subnet?: string | null; vlan?: number | null; alerts: number;
	important?: boolean; authorized?: boolean | null; protocols?: string[]; last?: string; ot: boolean; address?: string; programming?: boolean; scanner?: boolean; periods?: number[];
}
export interface MapLink { a: number; b: number; protocols: string[]; packets: number; bytes: number; last?: string; first?: string; alerts?: number; risks?: string[]; odd_port?: boolean }
export interface TrafficPart { at: string; seconds: number; key: string; name: string; device: number | null; packets: number; bytes: number }
export interface Overview {
	mode: Mode; mirror: unknown;
	traffic: { now?: { pps: number; bps: number } | null; pps?: number; bps?: number } | null;
	protocols: { name: string; devices: number; bytes: number; industrial?: boolean }[]; ports: { port: number; via: string; name?: string; bytes: number }[];
	alerts: Record<Severity, number>; messages: { severity: string; text: string; at?: string }[];
	sensor: { name: string; version: string; started?: string | null; running?: boolean; time?: string; zone?: string; utc_offset?: number };
	counts?: { devices: number; unauthorized: number; conversations: number; alerts: number }; latest?: AlertBrief[];
}

// A way from a likely source to a likely target; device 0 is the Internet.
export interface Way { cost: number; text: string; observed: boolean; hops: { device: number; name: string; proto: string; possible: boolean }[] }
