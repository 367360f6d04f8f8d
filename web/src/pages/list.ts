// Every page: its address, name, icon, who may see it. One row a page; the
// code comes when it is first opened.
import type { ComponentType } from 'preact';
import type { IconName } from '../ui/icons';
import type { Role } from '../lib/types';

export interface PageRow { id: string; title: string; icon: IconName; group: string; role?: Role; words: string; key?: string; load: () => Promise<{ default: ComponentType<{ rest: string[] }> }> }

export const pages: PageRow[] = [
	{ id: 'overview', title: 'Overview', icon: 'overview', group: 'Watch', words: 'home start dashboard', key: 'g o', load: () => import('./overview') },
	{ id: 'alerts', title: 'Alerts', icon: 'alerts', group: 'Watch', words: 'triage incidents', key: 'g a', load: () => import('./alerts') },
	{ id: 'devices', title: 'Devices', icon: 'devices', group: 'Watch', words: 'inventory assets', key: 'g d', load: () => import('./devices') },
	{ id: 'map', title: 'Map', icon: 'map', group: 'Watch', words: 'network purdue topology', key: 'g m', load: () => import('./map') },
	{ id: 'timeline', title: 'Timeline', icon: 'timeline', group: 'Watch', words: 'events audit log', key: 'g t', load: () => import('./timeline') },
	{ id: 'baseline', title: 'Baseline', icon: 'baseline', group: 'Understand', words: 'learning dynamic operational mode scenarios', key: 'g b', load: () => import('./baseline') },
	{ id: 'mining', title: 'Data mining', icon: 'mining', group: 'Understand', words: 'query search', load: () => import('./mining') },
	{ id: 'trends', title: 'Trends', icon: 'trends', group: 'Understand', words: 'statistics charts bandwidth', load: () => import('./trends') },
	{ id: 'programming', title: 'Programming', icon: 'programming', group: 'Understand', words: 'blocks downloads controllers engineering', load: () => import('./programming') },
	{ id: 'reports', title: 'Reports', icon: 'reports', group: 'Understand', words: 'risk attack vectors inventory print', load: () => import('./reports') },
	{ id: 'mirror', title: 'Mirror', icon: 'mirror', group: 'Sensor', words: 'span tap rspan erspan ports capture quality', load: () => import('./mirror') },
	{ id: 'active', title: 'Asking', icon: 'ask', group: 'Sensor', words: 'active monitoring query scan identify snmp dns kill switch grants', load: () => import('./active') },
	{ id: 'windows', title: 'Windows', icon: 'windows', group: 'Sensor', words: 'windows winrm endpoints programs services updates usb antivirus wmi', load: () => import('./windows') },
	{ id: 'captures', title: 'Captures', icon: 'captures', group: 'Sensor', role: 'admin', words: 'pcap playback upload', load: () => import('./captures') },
	{ id: 'detections', title: 'Detections', icon: 'detections', group: 'Sensor', words: 'rules exclusions thresholds maintenance', load: () => import('./detections') },
	{ id: 'settings', title: 'Settings', icon: 'settings', group: 'Sensor', words: 'networks subnets names configuration certificate indicators', load: () => import('./settings') },
	{ id: 'users', title: 'Users', icon: 'users', group: 'Sensor', words: 'account password tokens totp sessions', load: () => import('./users') },
	{ id: 'health', title: 'Health', icon: 'health', group: 'Sensor', words: 'processes disk drops database', load: () => import('./health') },
];
