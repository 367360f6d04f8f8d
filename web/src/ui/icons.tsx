// Own icons, 24 by 24, drawn with one stroke.
const shapes = {
	overview: 'M4 4h7v9H4zM13 4h7v5h-7zM13 11h7v9h-7zM4 15h7v5H4z',
	devices: 'M4 5h16v10H4zM9 19h6M12 15v4M8 9h2M8 12h5',
	map: 'M12 4v4M12 12v0M5 16v4M19 16v4M5 16h14M12 8v8M9 4h6M3 20h4M17 20h4M10 20h4M12 16v4',
	alerts: 'M12 4 3 20h18zM12 10v4M12 17v.5',
	baseline: 'M3 17c3 0 4-9 7-9s3 6 6 6 3-3 5-3M3 21h18',
	timeline: 'M6 3v18M6 7h4M6 12h8M6 17h5M13 5h7v4h-7zM17 10h4v4h-4zM14 15h7v4h-7z',
	mirror: 'M12 3v18M8 7 3 17h5zM16 7l5 10h-5z',
	detections: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5M8 11h6M11 8v6',
	mining: 'M4 6c0-1.700 3.600-3 8-3s8 1.300 8 3-3.600 3-8 3-8-1.300-8-3zM4 6v12c0 1.700 3.600 3 8 3s8-1.300 8-3V6M4 12c0 1.700 3.600 3 8 3s8-1.300 8-3',
	trends: 'M4 4v16h16M8 16v-4M12 16V8M16 16v-6',
	windows: 'M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z',
	programming: 'M8 8l-4 4 4 4M16 8l4 4-4 4M13 5l-2 14',
	ask: 'M4 5h16v11H10l-5 4v-4H4zM9.500 9a2.500 2.500 0 1 1 3.300 2.400c-.6.2-.8.6-.8 1.100M12 14v.3', stop: 'M8.300 3h7.400L21 8.300v7.400L15.700 21H8.300L3 15.700V8.300zM9 9h6v6H9z',
	captures: 'M4 5h16v14H4zM10 9l5 3-5 3z',
	settings: 'M4 7h10M18 7h2M4 17h2M10 17h10M16 5v4M8 15v4',
	users: 'M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM3 20c0-3.500 2.500-6 6-6s6 2.500 6 6M16 4.500a3.500 3.500 0 0 1 0 6M18 14.500c2 .8 3 3 3 5.500',
	health: 'M3 12h4l2-6 4 12 2-6h6',
	reports: 'M6 3h9l4 4v14H6zM14 3v5h5M9 12h7M9 16h7',
	search: 'M10.500 4a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13zM15.500 15.500 21 21',
	close: 'M6 6l12 12M18 6 6 18', check: 'M5 12l5 5 9-10', down: 'M6 9l6 6 6-6', up: 'M6 15l6-6 6 6', right: 'M9 6l6 6-6 6', left: 'M15 6l-6 6 6 6',
	more: 'M5 12h.01M12 12h.01M19 12h.01', plus: 'M12 5v14M5 12h14', minus: 'M5 12h14', edit: 'M4 20l1-4L16 5l3 3L8 19zM14 7l3 3', trash: 'M5 7h14M10 4h4M7 7l1 13h8l1-13M10 11v5M14 11v5',
	download: 'M12 4v11M7 11l5 5 5-5M5 20h14', upload: 'M12 16V5M7 9l5-5 5 5M5 20h14', filter: 'M4 5h16l-6 8v6l-4-2v-4z', columns: 'M4 5h16v14H4zM10 5v14M15 5v14', star: 'M12 4l2.400 5.200 5.600.7-4.200 3.900 1.100 5.700L12 16.700 7.100 19.500l1.100-5.700L4 9.900l5.600-.7z',
	bell: 'M6 16V11a6 6 0 0 1 12 0v5l2 2H4zM10 21h4', sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M5 19l2-2M17 7l2-2', moon: 'M20 14A8 8 0 0 1 10 4a8 8 0 1 0 10 10z', system: 'M4 5h16v11H4zM9 20h6',
	person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-4 3.500-7 8-7s8 3 8 7', menu: 'M4 6h16M4 12h16M4 18h16', info: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 11v5M12 8v.5', good: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM8.500 12l2.500 2.500 4.500-5', wrong: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM9 9l6 6M15 9l-6 6',
	merge: 'M6 4v4c0 4 6 3 6 8v4M18 4v4c0 4-6 3-6 8', split: 'M12 4v5c0 4-6 4-6 8v3M12 9c0 4 6 4 6 8v3', refresh: 'M19 8a8 8 0 1 0 1 5M20 4v4h-4', print: 'M7 8V3h10v5M7 17H4V8h16v9h-3M7 14h10v7H7z', play: 'M8 5l11 7-11 7z', fit: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5', mute: 'M4 10v4h3l5 4V6L7 10zM16 10l4 4M20 10l-4 4', learn: 'M3 9l9-4 9 4-9 4zM7 11v5c3 2 7 2 10 0v-5M21 9v6', comment: 'M4 5h16v11H10l-5 4v-4H4z', undo: 'M9 7 4 12l5 5M4 12h10a6 6 0 0 1 0 12', key: 'M8 15a4 4 0 1 1 3.500-6H21v4h-3v3h-4v-3h-2.500A4 4 0 0 1 8 15z', save: 'M5 4h11l3 3v13H5zM8 4v5h7V4M8 20v-6h8v6', link: 'M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1', expand: 'M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7',
};
export type IconName = keyof typeof shapes;

export function Icon({ name, label }: { name: IconName; label?: string }) {
	return (
		<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width={name === 'more' ? 3.2 : 1.8} stroke-linecap="round" stroke-linejoin="round" role={label ? 'img' : undefined} aria-label={label} aria-hidden={label ? undefined : 'true'}>
			<path d={shapes[name]} />
		</svg>
	);
}
