-- schema.sql - the state database; docs/database.md says what everything is.
--
-- A section "--- version N" takes a database from version N - 1 to N and is
-- never changed once released.  "--- views" is made anew after every
-- migration.  Times are nanoseconds since 1970-01-01 UTC.

--- version 1

CREATE TABLE setting (
	key TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- ------------------------------------------------------------ what is there

CREATE TABLE asset (
	id INTEGER PRIMARY KEY,
	flags INTEGER NOT NULL,
	ip TEXT,
	mac TEXT,
	vlan INTEGER,
	role TEXT NOT NULL,
	ttl INTEGER NOT NULL,
	first INTEGER NOT NULL,
	last INTEGER NOT NULL,
	learns_until INTEGER NOT NULL
) STRICT;

CREATE TABLE node (
	id INTEGER PRIMARY KEY,
	latest INTEGER NOT NULL,
	older INTEGER NOT NULL,
	ip TEXT,
	mac TEXT,
	vlan INTEGER,
	sent INTEGER NOT NULL,
	heard INTEGER NOT NULL,
	programs INTEGER NOT NULL,
	behind4 INTEGER NOT NULL,
	behind6 INTEGER NOT NULL,
	bound4 INTEGER NOT NULL,
	clients TEXT NOT NULL,
	servers TEXT NOT NULL,
	first INTEGER NOT NULL,
	last INTEGER NOT NULL,
	packets INTEGER NOT NULL,
	bytes INTEGER NOT NULL
) STRICT;

CREATE TABLE node_link (
	node INTEGER NOT NULL REFERENCES node ON DELETE CASCADE,
	place INTEGER NOT NULL,
	mac TEXT NOT NULL,
	bound INTEGER NOT NULL,
	direct INTEGER NOT NULL,
	crossed INTEGER NOT NULL,
	frames INTEGER NOT NULL,
	PRIMARY KEY (node, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE node_peer (
	node INTEGER NOT NULL REFERENCES node ON DELETE CASCADE,
	place INTEGER NOT NULL,
	peer INTEGER NOT NULL,
	PRIMARY KEY (node, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE node_evidence (
	id INTEGER PRIMARY KEY,
	node INTEGER NOT NULL REFERENCES node ON DELETE CASCADE,
	trait TEXT NOT NULL,
	source TEXT NOT NULL,
	proto TEXT NOT NULL,
	unit INTEGER,
	file INTEGER NOT NULL,
	frame INTEGER NOT NULL,
	count INTEGER NOT NULL,
	first INTEGER NOT NULL,
	last INTEGER NOT NULL,
	text TEXT NOT NULL
) STRICT;

CREATE TABLE node_unit (
	id INTEGER PRIMARY KEY,
	node INTEGER NOT NULL REFERENCES node ON DELETE CASCADE,
	proto TEXT NOT NULL,
	unit INTEGER NOT NULL
) STRICT;

CREATE TABLE node_tie (
	id INTEGER PRIMARY KEY,
	node INTEGER NOT NULL REFERENCES node ON DELETE CASCADE,
	own INTEGER NOT NULL
) STRICT;

CREATE TABLE conversation (
	id INTEGER PRIMARY KEY,
	client_ip TEXT,
	client_mac TEXT,
	server_ip TEXT,
	server_mac TEXT,
	port INTEGER NOT NULL,
	vlan INTEGER,
	session INTEGER NOT NULL,
	service INTEGER NOT NULL,
	via TEXT NOT NULL,
	proto TEXT NOT NULL,
	odd_port INTEGER NOT NULL,
	sure INTEGER NOT NULL,
	first INTEGER NOT NULL,
	last INTEGER NOT NULL,
	flows INTEGER NOT NULL,
	packets_sent INTEGER NOT NULL,
	packets_back INTEGER NOT NULL,
	bytes_sent INTEGER NOT NULL,
	bytes_back INTEGER NOT NULL,
	errors INTEGER NOT NULL,
	malformed INTEGER NOT NULL,
	ops_left_out INTEGER NOT NULL
) STRICT;
CREATE INDEX conversation_last ON conversation (last);

CREATE TABLE operation (
	id INTEGER PRIMARY KEY,
	conversation INTEGER NOT NULL,
	proto TEXT NOT NULL,
	kind TEXT NOT NULL,
	op INTEGER NOT NULL,
	risk TEXT NOT NULL,
	count INTEGER NOT NULL
) STRICT;
CREATE INDEX operation_conversation ON operation (conversation);

-- No foreign key: a running sensor may count on in what retention removed.
CREATE TRIGGER conversation_delete AFTER DELETE ON conversation BEGIN
	DELETE FROM operation WHERE conversation = OLD.id;
END;

-- ------------------------------------------------------ devices, for people

CREATE TABLE device (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	name TEXT,
	vendor TEXT,
	model TEXT,
	order_number TEXT,
	firmware TEXT,
	hardware TEXT,
	serial TEXT,
	os TEXT,
	mode TEXT,
	role TEXT NOT NULL,
	purdue INTEGER,
	ot INTEGER NOT NULL,
	clients TEXT NOT NULL,
	servers TEXT NOT NULL,
	first INTEGER NOT NULL,
	last INTEGER NOT NULL,
	packets INTEGER NOT NULL,
	bytes INTEGER NOT NULL,
	left_out INTEGER NOT NULL
) STRICT;

CREATE TABLE device_address (
	device INTEGER NOT NULL REFERENCES device ON DELETE CASCADE,
	place INTEGER NOT NULL,
	ip TEXT,
	mac TEXT,
	vlan INTEGER,
	asset INTEGER NOT NULL,
	PRIMARY KEY (device, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX device_address_asset ON device_address (asset);

CREATE TABLE device_evidence (
	device INTEGER NOT NULL REFERENCES device ON DELETE CASCADE,
	place INTEGER NOT NULL,
	trait TEXT NOT NULL,
	source TEXT NOT NULL,
	proto TEXT NOT NULL,
	unit INTEGER,
	file INTEGER NOT NULL,
	frame INTEGER NOT NULL,
	count INTEGER NOT NULL,
	first INTEGER NOT NULL,
	last INTEGER NOT NULL,
	text TEXT NOT NULL,
	PRIMARY KEY (device, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE device_module (
	device INTEGER NOT NULL REFERENCES device ON DELETE CASCADE,
	place INTEGER NOT NULL,
	proto TEXT NOT NULL,
	unit INTEGER,
	text TEXT NOT NULL,
	PRIMARY KEY (device, place)
) STRICT, WITHOUT ROWID;

-- What people say of a device; NULL: nothing, what was found stands.
CREATE TABLE device_person (
	device INTEGER PRIMARY KEY,
	name TEXT,
	role TEXT,
	purdue INTEGER,
	authorized INTEGER,
	important INTEGER,
	scanner INTEGER,
	programming INTEGER,
	comment TEXT,
	hidden INTEGER
) STRICT;

-- ---------------------------------------------------------------- baseline

CREATE TABLE key (
	hash INTEGER PRIMARY KEY,
	scenario TEXT NOT NULL,
	state TEXT NOT NULL,
	client INTEGER NOT NULL,
	server INTEGER NOT NULL,
	p0 INTEGER NOT NULL,
	p1 INTEGER NOT NULL,
	p2 INTEGER NOT NULL,
	p3 INTEGER NOT NULL,
	p4 INTEGER NOT NULL,
	first_window INTEGER NOT NULL,
	last_window INTEGER NOT NULL,
	windows INTEGER NOT NULL,
	days INTEGER NOT NULL,
	count INTEGER NOT NULL,
	hours INTEGER NOT NULL,
	flags INTEGER NOT NULL,
	extra INTEGER NOT NULL
) STRICT;

CREATE TABLE block (
	kind INTEGER NOT NULL,
	id INTEGER NOT NULL,
	data BLOB NOT NULL,
	PRIMARY KEY (kind, id)
) STRICT;

-- ------------------------------------------------------------------ alerts

-- The catalogue of the program that wrote last: for views.
CREATE TABLE alert_kind (
	slug TEXT PRIMARY KEY,
	ref TEXT,
	title TEXT NOT NULL,
	engine TEXT NOT NULL,
	category TEXT NOT NULL,
	tier TEXT NOT NULL,
	learnable INTEGER NOT NULL,
	techniques TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE alert (
	number INTEGER PRIMARY KEY AUTOINCREMENT,
	slug TEXT NOT NULL,
	severity TEXT NOT NULL,
	status TEXT NOT NULL,
	muted INTEGER NOT NULL,
	source_asset INTEGER NOT NULL,
	source_ip TEXT,
	source_mac TEXT,
	source_port INTEGER NOT NULL,
	destination_asset INTEGER NOT NULL,
	destination_ip TEXT,
	destination_mac TEXT,
	destination_port INTEGER NOT NULL,
	proto TEXT NOT NULL,
	vlan INTEGER,
	first INTEGER NOT NULL,
	last INTEGER NOT NULL,
	count INTEGER NOT NULL,
	fold INTEGER NOT NULL,
	violations_left_out INTEGER NOT NULL,
	per_day REAL,
	title TEXT NOT NULL,
	text TEXT NOT NULL
) STRICT;
CREATE INDEX alert_last ON alert (last);
CREATE INDEX alert_open ON alert (number) WHERE status <> 'closed';

CREATE TABLE alert_time (
	alert INTEGER NOT NULL REFERENCES alert ON DELETE CASCADE,
	place INTEGER NOT NULL,
	at INTEGER NOT NULL,
	PRIMARY KEY (alert, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert_frame (
	alert INTEGER NOT NULL REFERENCES alert ON DELETE CASCADE,
	place INTEGER NOT NULL,
	file INTEGER NOT NULL,
	frame INTEGER NOT NULL,
	PRIMARY KEY (alert, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert_violation (
	alert INTEGER NOT NULL REFERENCES alert ON DELETE CASCADE,
	place INTEGER NOT NULL,
	hash INTEGER NOT NULL,
	first INTEGER NOT NULL,
	last INTEGER NOT NULL,
	count INTEGER NOT NULL,
	text TEXT NOT NULL,
	PRIMARY KEY (alert, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert_fact (
	alert INTEGER PRIMARY KEY REFERENCES alert ON DELETE CASCADE,
	at INTEGER NOT NULL,
	file INTEGER NOT NULL,
	frame INTEGER NOT NULL,
	flow INTEGER NOT NULL,
	proto TEXT NOT NULL,
	kind TEXT NOT NULL,
	op INTEGER NOT NULL,
	unit INTEGER,
	pair INTEGER,
	seq INTEGER NOT NULL,
	flags INTEGER NOT NULL,
	risk TEXT NOT NULL,
	trait TEXT NOT NULL,
	about TEXT NOT NULL,
	response INTEGER NOT NULL,
	from_server INTEGER NOT NULL,
	is_message INTEGER NOT NULL,
	space TEXT NOT NULL,
	area INTEGER NOT NULL,
	object INTEGER NOT NULL,
	count INTEGER NOT NULL,
	sub INTEGER NOT NULL,
	number_type TEXT NOT NULL,
	number ANY,
	code INTEGER NOT NULL,
	ip TEXT,
	mac TEXT,
	text TEXT NOT NULL
) STRICT;

CREATE TABLE alert_key (
	alert INTEGER PRIMARY KEY REFERENCES alert ON DELETE CASCADE,
	hash INTEGER NOT NULL,
	scenario TEXT NOT NULL,
	state TEXT NOT NULL,
	client INTEGER NOT NULL,
	server INTEGER NOT NULL,
	p0 INTEGER NOT NULL,
	p1 INTEGER NOT NULL,
	p2 INTEGER NOT NULL,
	p3 INTEGER NOT NULL,
	p4 INTEGER NOT NULL,
	first_window INTEGER NOT NULL,
	last_window INTEGER NOT NULL,
	windows INTEGER NOT NULL,
	days INTEGER NOT NULL,
	count INTEGER NOT NULL,
	hours INTEGER NOT NULL,
	flags INTEGER NOT NULL,
	extra INTEGER NOT NULL
) STRICT;

CREATE TABLE comment (
	id INTEGER PRIMARY KEY,
	alert INTEGER NOT NULL REFERENCES alert ON DELETE CASCADE,
	at INTEGER NOT NULL,
	who TEXT NOT NULL,
	text TEXT NOT NULL
) STRICT;
CREATE INDEX comment_alert ON comment (alert);

-- --------------------------------------------------- what people decided

CREATE TABLE allow (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	scenario TEXT NOT NULL,
	open INTEGER NOT NULL,
	deny INTEGER NOT NULL,
	client INTEGER NOT NULL,
	server INTEGER NOT NULL,
	p0 INTEGER NOT NULL,
	p1 INTEGER NOT NULL,
	p2 INTEGER NOT NULL,
	p3 INTEGER NOT NULL,
	p4 INTEGER NOT NULL,
	until_p INTEGER NOT NULL,
	expires INTEGER NOT NULL,
	alert INTEGER NOT NULL,
	who TEXT NOT NULL,
	reason TEXT NOT NULL,
	at INTEGER NOT NULL
) STRICT;

CREATE TABLE mute (
	fold INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE rule (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	kind TEXT NOT NULL,
	enabled INTEGER NOT NULL,
	severity TEXT NOT NULL,
	since INTEGER NOT NULL,
	until INTEGER NOT NULL,
	name TEXT NOT NULL,
	text TEXT NOT NULL,
	message TEXT NOT NULL,
	hits INTEGER NOT NULL,
	last_hit INTEGER NOT NULL
) STRICT;

CREATE TABLE alert_setting (
	slug TEXT PRIMARY KEY,
	enabled INTEGER NOT NULL,
	severity TEXT NOT NULL,
	count INTEGER NOT NULL,
	within INTEGER NOT NULL,
	by_hand TEXT NOT NULL,
	until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE network (
	ip TEXT NOT NULL,
	bits INTEGER NOT NULL,
	inside INTEGER NOT NULL,
	ot INTEGER NOT NULL,
	dhcp INTEGER NOT NULL,
	name TEXT NOT NULL,
	PRIMARY KEY (ip, bits)
) STRICT, WITHOUT ROWID;

CREATE TABLE domain (
	name TEXT PRIMARY KEY,
	comment TEXT NOT NULL,
	added INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE port_name (
	via TEXT NOT NULL,
	port INTEGER NOT NULL,
	name TEXT NOT NULL,
	PRIMARY KEY (via, port)
) STRICT, WITHOUT ROWID;

CREATE TABLE vlan_name (
	vlan INTEGER PRIMARY KEY,
	name TEXT NOT NULL
) STRICT;

CREATE TABLE indicator (
	type TEXT NOT NULL,
	value TEXT NOT NULL,
	list TEXT NOT NULL,
	comment TEXT NOT NULL,
	added INTEGER NOT NULL,
	expires INTEGER NOT NULL,
	PRIMARY KEY (type, value, list)
) STRICT, WITHOUT ROWID;

-- ---------------------------------------------------------------- timeline

CREATE TABLE timeline (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	at INTEGER NOT NULL,
	who TEXT NOT NULL,
	what TEXT NOT NULL,
	about TEXT NOT NULL,
	text TEXT NOT NULL
) STRICT;
CREATE INDEX timeline_at ON timeline (at);

-- Has a row only within a transaction of retention.
CREATE TABLE retaining (
	before INTEGER NOT NULL
) STRICT;

CREATE TRIGGER timeline_update BEFORE UPDATE ON timeline BEGIN
	SELECT RAISE(ABORT, 'the timeline is append only');
END;

-- Replacing is deleting without its trigger.
CREATE TRIGGER timeline_replace BEFORE INSERT ON timeline
WHEN EXISTS (SELECT 1 FROM timeline WHERE id = NEW.id) BEGIN
	SELECT RAISE(ABORT, 'the timeline is append only');
END;

CREATE TRIGGER timeline_delete BEFORE DELETE ON timeline
WHEN NOT EXISTS (SELECT 1 FROM retaining WHERE OLD.at < before) BEGIN
	SELECT RAISE(ABORT, 'the timeline is append only');
END;

--- version 2

-- All keys of the baseline that were folded into an alert.
CREATE TABLE alert_keys (
	alert INTEGER NOT NULL REFERENCES alert ON DELETE CASCADE,
	place INTEGER NOT NULL,
	hash INTEGER NOT NULL,
	PRIMARY KEY (alert, place)
) STRICT, WITHOUT ROWID;

--- version 3

-- What is true now, as the running sensor says it once a second.
CREATE TABLE live (
	key TEXT PRIMARY KEY,
	at INTEGER NOT NULL,
	json TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The visibility ledger: a record an hour, each signed, and chained to the one
-- before by its hash.
CREATE TABLE ledger_hour (
	number INTEGER PRIMARY KEY,
	at INTEGER NOT NULL,
	json TEXT NOT NULL,
	previous TEXT NOT NULL,
	hash TEXT NOT NULL,
	signature TEXT NOT NULL
) STRICT;

--- version 4

-- Devices that must never be asked.
ALTER TABLE device_person ADD COLUMN fragile INTEGER;

-- What may be asked of devices, of whom, by whose decision and until when.
CREATE TABLE asking (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	enabled INTEGER NOT NULL,
	method TEXT NOT NULL,
	ranges TEXT NOT NULL,
	port INTEGER NOT NULL,
	station INTEGER NOT NULL,
	community TEXT NOT NULL,
	server TEXT,
	hours TEXT NOT NULL,
	every INTEGER NOT NULL,
	owner TEXT NOT NULL,
	reason TEXT NOT NULL,
	who TEXT NOT NULL,
	at INTEGER NOT NULL,
	until INTEGER NOT NULL,
	last INTEGER NOT NULL
) STRICT;

--- version 5

-- Open alerts of a device, and how many.
CREATE INDEX alert_open_source ON alert (source_asset)
	WHERE status <> 'closed';
CREATE INDEX alert_open_destination ON alert (destination_asset)
	WHERE status <> 'closed';

--- version 6

-- What people say of addresses: those of one group are one device, those of
-- two are not.
CREATE TABLE device_group (
	place INTEGER PRIMARY KEY,
	ip TEXT,
	mac TEXT,
	vlan INTEGER,
	grp INTEGER NOT NULL
) STRICT;

--- version 7

-- How much passed in each minute, hour and day.
CREATE TABLE traffic (
	seconds INTEGER NOT NULL,
	what TEXT NOT NULL,
	at INTEGER NOT NULL,
	key ANY NOT NULL,
	packets INTEGER NOT NULL,
	bytes INTEGER NOT NULL,
	PRIMARY KEY (seconds, what, at, key)
) STRICT, WITHOUT ROWID;

--- version 8

ALTER TABLE asking ADD COLUMN times TEXT NOT NULL DEFAULT '';
ALTER TABLE asking ADD COLUMN due INTEGER NOT NULL DEFAULT 0;
ALTER TABLE asking ADD COLUMN only TEXT NOT NULL DEFAULT '';
ALTER TABLE asking ADD COLUMN labels INTEGER NOT NULL DEFAULT 0;

CREATE TABLE asked (
	method TEXT NOT NULL,
	ip TEXT NOT NULL,
	granted INTEGER NOT NULL,
	at INTEGER NOT NULL,
	outcome TEXT NOT NULL,
	answers INTEGER NOT NULL,
	found TEXT NOT NULL,
	before TEXT NOT NULL,
	changed INTEGER NOT NULL,
	PRIMARY KEY (method, ip)
) STRICT;

--- version 9

CREATE TABLE windows_range (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	enabled INTEGER NOT NULL,
	ranges TEXT NOT NULL,
	user TEXT NOT NULL,
	domain TEXT NOT NULL,
	sealed TEXT NOT NULL,
	plain INTEGER NOT NULL,
	port INTEGER NOT NULL,
	trust TEXT NOT NULL,
	kinds TEXT NOT NULL,
	times TEXT NOT NULL,
	hours TEXT NOT NULL,
	every INTEGER NOT NULL,
	owner TEXT NOT NULL,
	reason TEXT NOT NULL,
	who TEXT NOT NULL,
	at INTEGER NOT NULL,
	until INTEGER NOT NULL,
	last INTEGER NOT NULL,
	given INTEGER NOT NULL,
	proved INTEGER NOT NULL,
	blocked TEXT NOT NULL
) STRICT;

CREATE TABLE windows_host (
	ip TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	range INTEGER NOT NULL,
	outcome TEXT NOT NULL,
	text TEXT NOT NULL,
	first INTEGER NOT NULL,
	at INTEGER NOT NULL,
	told INTEGER NOT NULL,
	denied INTEGER NOT NULL,
	pin TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE windows_fact (
	ip TEXT NOT NULL,
	kind TEXT NOT NULL,
	name TEXT NOT NULL,
	value TEXT NOT NULL,
	detail TEXT NOT NULL,
	was TEXT NOT NULL,
	first INTEGER NOT NULL,
	last INTEGER NOT NULL,
	changed INTEGER NOT NULL,
	gone INTEGER NOT NULL,
	PRIMARY KEY (ip, kind, name)
) STRICT, WITHOUT ROWID;

--- version 10

ALTER TABLE asking ADD COLUMN user TEXT NOT NULL DEFAULT '';
ALTER TABLE asking ADD COLUMN hash TEXT NOT NULL DEFAULT '';
ALTER TABLE asking ADD COLUMN sealed TEXT NOT NULL DEFAULT '';

--- version 11

-- The device at an address.
CREATE INDEX device_address_ip ON device_address (ip);

--- views

DROP VIEW IF EXISTS v_alert;
CREATE VIEW v_alert AS SELECT
	a.number,
	a.status,
	a.severity,
	a.muted,
	coalesce(k.engine, '') AS engine,
	a.slug AS id,
	k.ref AS ref,
	iif(a.title <> '', a.title, coalesce(k.title, a.slug)) AS title,
	coalesce(k.category, '') AS category,
	coalesce(a.source_ip, a.source_mac, '') AS source,
	coalesce(a.destination_ip, a.destination_mac, '') AS destination,
	a.source_port,
	a.destination_port,
	a.proto AS protocol,
	a.vlan,
	strftime('%Y-%m-%dT%H:%M:%SZ', a.first / 1000000000, 'unixepoch') AS first,
	strftime('%Y-%m-%dT%H:%M:%SZ', a.last / 1000000000, 'unixepoch') AS last,
	a.count,
	a.text,
	coalesce(k.tier, '') AS tier,
	coalesce(k.learnable, 0) AS learnable,
	coalesce(k.techniques, '') AS techniques,
	a.first AS first_ns,
	a.last AS last_ns
FROM alert a LEFT JOIN alert_kind k ON k.slug = a.slug;

DROP VIEW IF EXISTS v_device;
CREATE VIEW v_device AS SELECT
	d.id,
	(SELECT group_concat(a, ' ') FROM
		(SELECT coalesce(ip, mac) AS a FROM device_address x
		WHERE x.device = d.id GROUP BY a ORDER BY min(place)))
		AS addresses,
	(SELECT group_concat(mac, ' ') FROM
		(SELECT DISTINCT mac FROM device_address x WHERE x.device = d.id
		AND mac IS NOT NULL ORDER BY mac)) AS macs,
	coalesce(p.name, d.name, '') AS name,
	coalesce(d.vendor, '') AS vendor,
	coalesce(d.model, '') AS model,
	coalesce(d.order_number, '') AS order_number,
	coalesce(d.firmware, '') AS firmware,
	coalesce(d.hardware, '') AS hardware,
	coalesce(d.serial, '') AS serial,
	coalesce(d.os, '') AS os,
	coalesce(d.mode, '') AS mode,
	coalesce(p.role, d.role) AS role,
	coalesce(p.purdue, d.purdue) / 10.0 AS purdue,
	d.ot,
	d.clients,
	d.servers,
	-- bits of asset.flags where nobody said anything
	coalesce(p.authorized, (SELECT max(s.flags & 1) FROM device_address x
		JOIN asset s ON s.id = x.asset WHERE x.device = d.id), 0)
		AS authorized,
	coalesce(p.important, 0) AS important,
	coalesce(p.scanner, 0) AS scanner,
	coalesce(p.programming, 0) AS programming,
	coalesce(p.fragile, 0) AS fragile,
	coalesce(p.comment, '') AS comment,
	strftime('%Y-%m-%dT%H:%M:%SZ', d.first / 1000000000, 'unixepoch') AS first,
	strftime('%Y-%m-%dT%H:%M:%SZ', d.last / 1000000000, 'unixepoch') AS last,
	d.packets,
	d.bytes,
	d.first AS first_ns,
	d.last AS last_ns
FROM device d LEFT JOIN device_person p ON p.device = d.id
WHERE p.hidden IS NULL OR d.last > p.hidden;

DROP VIEW IF EXISTS v_conversation;
CREATE VIEW v_conversation AS SELECT
	c.id,
	coalesce(c.client_ip, c.client_mac, '') AS client,
	coalesce(c.server_ip, c.server_mac, '') AS server,
	c.proto AS protocol,
	c.via,
	c.port,
	c.vlan,
	strftime('%Y-%m-%dT%H:%M:%SZ', c.first / 1000000000, 'unixepoch') AS first,
	strftime('%Y-%m-%dT%H:%M:%SZ', c.last / 1000000000, 'unixepoch') AS last,
	c.flows,
	c.packets_sent,
	c.packets_back,
	c.bytes_sent,
	c.bytes_back,
	c.errors,
	c.malformed,
	c.odd_port,
	c.sure AS certain,
	c.first AS first_ns,
	c.last AS last_ns
FROM conversation c;

DROP VIEW IF EXISTS v_timeline;
CREATE VIEW v_timeline AS SELECT
	t.id,
	strftime('%Y-%m-%dT%H:%M:%SZ', t.at / 1000000000, 'unixepoch') AS at,
	t.who,
	t.what,
	t.about,
	t.text,
	t.at AS at_ns
FROM timeline t;

DROP VIEW IF EXISTS v_windows_host;
CREATE VIEW v_windows_host AS SELECT
	h.ip,
	h.name,
	coalesce((SELECT value FROM windows_fact f WHERE f.ip = h.ip AND f.gone = 0
		AND f.kind = 'os' AND f.name = 'edition'), '') AS os,
	coalesce((SELECT value FROM windows_fact f WHERE f.ip = h.ip AND f.gone = 0
		AND f.kind = 'os' AND f.name = 'build'), '') ||
	coalesce('.' || (SELECT value FROM windows_fact f WHERE f.ip = h.ip AND f.gone = 0
		AND f.kind = 'os' AND f.name = 'revision'), '') AS build,
	(SELECT count(*) FROM windows_fact f WHERE f.ip = h.ip AND f.gone = 0
		AND f.kind = 'program') AS programs,
	(SELECT count(*) FROM windows_fact f WHERE f.ip = h.ip AND f.gone = 0
		AND f.kind = 'service') AS services,
	(SELECT count(*) FROM windows_fact f WHERE f.ip = h.ip AND f.gone = 0
		AND f.kind = 'update') AS updates,
	(SELECT count(*) FROM windows_fact f WHERE f.ip = h.ip AND h.told > h.first
		AND (f.first = h.told OR f.changed = h.told OR f.gone = h.told)) AS news,
	iif(h.told = 0, NULL, strftime('%Y-%m-%dT%H:%M:%SZ', h.told / 1000000000, 'unixepoch')) AS told,
	h.outcome,
	iif(h.at = 0, NULL, strftime('%Y-%m-%dT%H:%M:%SZ', h.at / 1000000000, 'unixepoch')) AS at,
	h.text,
	h.range,
	h.pin
FROM windows_host h;

-- What is gone was not there the last time; nothing is new the first time.
DROP VIEW IF EXISTS v_windows_fact;
CREATE VIEW v_windows_fact AS SELECT
	f.ip,
	h.name AS host,
	f.kind,
	f.name,
	f.value,
	CASE WHEN f.gone <> 0 THEN 'gone'
		WHEN h.told = h.first THEN 'same'
		WHEN f.first = h.told THEN 'new'
		WHEN f.changed = h.told THEN 'changed'
		ELSE 'same' END AS news,
	f.was,
	f.detail,
	strftime('%Y-%m-%dT%H:%M:%SZ', f.first / 1000000000, 'unixepoch') AS first,
	strftime('%Y-%m-%dT%H:%M:%SZ', f.last / 1000000000, 'unixepoch') AS last,
	iif(f.changed = 0, NULL, strftime('%Y-%m-%dT%H:%M:%SZ', f.changed / 1000000000, 'unixepoch')) AS changed,
	iif(f.gone = 0, NULL, strftime('%Y-%m-%dT%H:%M:%SZ', f.gone / 1000000000, 'unixepoch')) AS gone
FROM windows_fact f JOIN windows_host h ON h.ip = f.ip;
