// Groups of devices that people make on the map: kept by the sensor, each for
// who made it.
import { useEffect, useState } from 'preact/hooks';
import { items, put, remove, session } from '../lib/api';
import { failed } from '../lib/act';
import type { MapNode } from '../lib/types';
import { many } from '../lib/units';
import { TextField } from '../ui/basic';
import { FormDialog } from '../ui/dialog';
import { Icon } from '../ui/icons';
import { Menu } from '../ui/menu';
import type { Own } from './map_plan';

interface View { name: string; noun: string; query: unknown; owner?: string }
const noun = 'map-group';
const at = (name: string): string => `/views/${noun}/${encodeURIComponent(name)}`;
const numbers = (x: unknown): number[] => (Array.isArray(x) ? x.filter((i): i is number => typeof i === 'number') : []);

type Keep = (name: string, devices: number[] | null) => void;

export function useOwn(): [Own[], Keep] {
	const [own, set] = useState<Own[]>([]);
	const read = () => items<View>('/views').then((all) => set(all.filter((v) => v.noun === noun && v.owner === session.value?.user).map((v) => ({ name: v.name, devices: numbers(v.query) }))), failed);
	useEffect(() => void read(), []);
	const keep: Keep = (name, devices) => void (devices === null ? remove(at(name)) : put(at(name), { query: [...new Set(devices)] })).then(read, failed);
	return [own, keep];
}

export function Groups({ own, keep, chosen, device }: { own: Own[]; keep: Keep; chosen: number[]; device: MapNode | null }) {
	const [name, setName] = useState<string | null>(null);
	const there = (chosen.length > 0 ? chosen : device ? [device.id] : []).filter((i) => i > 0);
	const called = device ? device.name || device.address || `device ${device.id}` : '';
	return (
		<>
			<Menu label="Own groups" cls="btn plain" button={<>Groups<Icon name="down" /></>} actions={[
				{ icon: 'plus', text: there.length > 0 ? `New group of ${many(there.length, 'device')} …` : 'Search, highlight a group or open a device first', off: there.length === 0, run: () => setName('') },
				...own.filter((o) => device && !o.devices.includes(device.id)).map((o) => ({ text: `Add ${called} to “${o.name}”`, run: () => keep(o.name, [...o.devices, device!.id]) })),
				...own.filter((o) => device && o.devices.includes(device.id)).map((o) => ({ text: `Take ${called} out of “${o.name}”`, run: () => keep(o.name, o.devices.filter((i) => i !== device!.id)) })),
				...own.map((o) => ({ icon: 'trash' as const, text: `Delete “${o.name}”`, danger: true, run: () => keep(o.name, null) })),
			]} />
			{name !== null && <FormDialog title="New group" close={() => setName(null)} act="Make" ready={!!name.trim() && !own.some((o) => o.name === name.trim())} send={async () => {
				keep(name.trim(), there);
			}}><p>Of {many(there.length, 'device')}; it stands first among the groups to highlight or to show alone.</p><TextField label="Name" value={name} set={setName} maxLength={30} /></FormDialog>}
		</>
	);
}
