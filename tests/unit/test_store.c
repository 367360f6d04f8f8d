/*
 * test_store.c - the state directory: batches, alerts, what people decide, the
 * timeline, evidence, retention, migrations and what is refused.
 */
#include "store.h"

#include <fcntl.h>
#include <stddef.h>

#define DAY (INT64_C(86400) * TICK_SECOND)

/* ------------------------------------------------------------------- batches
 */

static int
mode_of(const char *name)
{
	char path[512];
	struct stat is;

	store_path(path, sizeof(path), name);
	return stat(path, &is) == 0 ? (int)(is.st_mode & 0777) : -1;
}

static void
test_settings(void)
{
	CHECK_STR(store_get(store, "site"), "");
	CHECK(store_put(store, "site", "North"));
	CHECK(store_put(store, "site", "South"));
	CHECK(store_put(store, "empty", ""));
	CHECK_STR(store_get(store, "site"), "South");
	CHECK(store_begin(store));
	CHECK(!store_begin(store));
	CHECK(store_put(store, "site", "West"));
	store_rollback(store);
	CHECK(!store_commit(store));
	CHECK_STR(store_get(store, "site"), "South");
	CHECK(store_begin(store));
	CHECK(store_put(store, "site", "West"));
	CHECK_STR(store_get(store, "site"), "South");
	CHECK(store_commit(store));
	CHECK_STR(store_get(store, "site"), "West");
	store_again(STORE_READING);
	CHECK_STR(store_get(store, "site"), "West");
	CHECK(!store_put(store, "site", "East"));
	CHECK(strstr(store_error(store), "reading only") != NULL);
	CHECK(!store_begin(store));
}

static void
test_modes(void)
{
	CHECK_INT(mode_of(""), 0700);
	CHECK_INT(mode_of("evidence"), 0700);
	CHECK_INT(mode_of("state.db"), 0600);
	CHECK_INT(mode_of("state.db-wal"), 0600);
	CHECK_INT(mode_of("lock"), 0600);
}

/* No room: the batch waits, more comes, and then all of it is written. */
static void
test_no_room(void)
{
	char sql[64];
	char text[4001];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	(void)snprintf(sql, sizeof(sql), "PRAGMA max_page_count = %d",
	    (int)store_count("PRAGMA page_count") + 2);
	CHECK(store_sql(sql));
	CHECK(store_begin(store));
	for (int i = 0; i < 20; i++)
		CHECK(store_note(store, (struct tick){ i }, "sensor", "start",
		    "", text));
	CHECK(!store_commit(store));
	CHECK(strstr(store_error(store), "no room") != NULL);
	CHECK(strstr(store_error(store), "20 changes") != NULL);
	store_rollback(store); /* too late: it waits */
	CHECK_INT(store_count("SELECT count(*) FROM timeline"), 0);
	CHECK(store_begin(store));
	CHECK(store_note(store, (struct tick){ 99 }, "sensor", "stop", "", ""));
	CHECK(!store_commit(store));
	CHECK(!store_put(store, "site", text)); /* not done, and not kept */
	CHECK(store_sql("PRAGMA max_page_count = 1000000"));
	CHECK(store_begin(store));
	CHECK(store_commit(store));
	CHECK_INT(store_count("SELECT count(*) FROM timeline"), 21);
	CHECK_STR(store_get(store, "site"), "");
	CHECK_STR(store_text("PRAGMA integrity_check"), "ok");
}

/* What still waits at the end is not written after all. */
static void
test_given_up(void)
{
	CHECK(store_sql("PRAGMA max_page_count = 1"));
	CHECK(store_begin(store));
	for (int i = 0; i < 2000; i++)
		CHECK(store_note(store, (struct tick){ i }, "sensor", "start",
		    "", "some text"));
	CHECK(!store_commit(store));
	CHECK(store_sql("PRAGMA max_page_count = 1000000"));
	store_again(STORE_WRITING);
	CHECK_INT(store_count("SELECT count(*) FROM timeline"), 0);
}

/* -------------------------------------------------------------------- alerts
 */

static struct alert
an_alert(uint32_t row)
{
	struct alert a;

	memset(&a, 0, sizeof(a));
	a.row = (uint16_t)row;
	a.severity = SEVERITY_MAJOR;
	a.status = STATUS_ACTIVE;
	a.muted = true;
	a.source.asset = 5;
	a.source.addr = host(5);
	a.source.port = 40000;
	a.destination.addr.has_mac = true;
	a.destination.addr.mac.b[0] = 3;
	a.proto = proto_id("modbus");
	a.vlan = 12;
	a.first.ns = 1000;
	a.last.ns = 2000;
	a.count = 3;
	a.fold = UINT64_C(0xfedcba9876543210);
	a.per_day = 0.25;
	a.n_times = ALERT_TIMES;
	for (uint32_t i = 0; i < ALERT_TIMES; i++)
		a.times[i].ns = 1000 + i;
	a.n_frames = 2;
	a.frames[0].file = 65535;
	a.frames[1].number = 4000000000u;
	a.n_violations = 1;
	a.violations_left_out = 9;
	a.violation[0] = (struct violation){ .hash = UINT64_MAX,
		.first = { 7 },
		.last = { 8 },
		.count = 2,
		.text = "register 5" };
	(void)snprintf(a.title, sizeof(a.title), "My rule");
	(void)snprintf(a.text, sizeof(a.text), "10.0.0.5 wrote \xc3\xa4");
	return a;
}

static void
fill_because(struct alert *a)
{
	struct key k = { .hash = UINT64_C(1) << 63 | 1,
		.client = 5,
		.server = 6,
		.p = { 1, 2, 3, 4, UINT32_MAX },
		.first_window = 10,
		.last_window = 20,
		.count = 30,
		.hours = 0x7f000001,
		.windows = 65535,
		.days = 255,
		.scenario = SCENARIO_WRITE,
		.state = KEY_LEARNED,
		.flags = KEY_WRITE | KEY_HARD,
		.extra = 77 };
	struct fact f = { .at = { 1500 },
		.frame = 9,
		.flow = 8,
		.file = 1,
		.proto = proto_id("modbus"),
		.kind = FACT_WRITE,
		.op = FACT_OP(3, 6),
		.unit = 255,
		.has_unit = true,
		.flags = FACT_TEST,
		.risk = RISK_WRITE,
		.is_message = true,
		.num_type = NUM_REAL,
		.num = { .r = -0.5 },
		.object = { .space = 3,
		    .area = 4,
		    .first = 5,
		    .count = 6,
		    .sub = 7 },
		.code = 11,
		.addr = host(6) };

	fact_text(&f, SPAN_LIT("valve"));
	a->key = k;
	a->because = f;
}

/* As people would see it, and the numbers that a line does not show. */
static bool
same_fact(const struct fact *a, const struct fact *b)
{
	char one[1024], other[1024];

	(void)fact_line(a, "x", one, sizeof(one));
	(void)fact_line(b, "x", other, sizeof(other));
	return strcmp(one, other) == 0 && a->at.ns == b->at.ns &&
	    a->frame == b->frame && a->flow == b->flow && a->file == b->file &&
	    a->proto == b->proto && a->seq == b->seq && a->code == b->code &&
	    a->is_message == b->is_message &&
	    a->from_server == b->from_server && a->num.u == b->num.u &&
	    ip_same(&a->addr.ip, &b->addr.ip);
}

/* What follows the last member is nobody's. */
#define KEY_BYTES (offsetof(struct key, extra) + sizeof(uint16_t))

static void
check_same(const struct alert *a, const struct alert *b)
{
	CHECK_INT(b->row, a->row);
	CHECK_INT(b->severity, a->severity);
	CHECK_INT(b->status, a->status);
	CHECK_INT(b->muted, a->muted);
	CHECK_INT(b->source.asset, a->source.asset);
	CHECK(ip_same(&b->source.addr.ip, &a->source.addr.ip));
	CHECK(mac_same(&b->source.addr.mac, &a->source.addr.mac));
	CHECK_INT(b->source.port, a->source.port);
	CHECK_INT(b->destination.addr.ip.len, 0);
	CHECK(b->destination.addr.has_mac);
	CHECK(mac_same(&b->destination.addr.mac, &a->destination.addr.mac));
	CHECK_INT(b->proto, a->proto);
	CHECK_INT(b->vlan, a->vlan);
	CHECK_INT(b->first.ns, a->first.ns);
	CHECK_INT(b->last.ns, a->last.ns);
	CHECK_INT(b->count, a->count);
	CHECK(b->fold == a->fold);
	CHECK(memcmp(&b->per_day, &a->per_day, sizeof(a->per_day)) == 0);
	CHECK_INT(b->n_times, a->n_times);
	CHECK(memcmp(b->times, a->times, sizeof(a->times)) == 0);
	CHECK_INT(b->n_frames, a->n_frames);
	CHECK_INT(b->frames[0].file, a->frames[0].file);
	CHECK_INT(b->frames[1].number, a->frames[1].number);
	CHECK_INT(b->n_violations, a->n_violations);
	CHECK_INT(b->violations_left_out, a->violations_left_out);
	CHECK(memcmp(b->violation, a->violation, sizeof(a->violation)) == 0);
	CHECK_STR(b->title, a->title);
	CHECK_STR(b->text, a->text);
}

static void
test_alert(void)
{
	struct alert a = an_alert(0), b;

	fill_because(&a);
	a.changed = true;
	CHECK(store_put_alert(store, &a));
	CHECK_INT(a.number, 1);
	CHECK(!a.changed);
	store_again(STORE_WRITING);
	CHECK(store_get_alert(store, 1, &b));
	check_same(&a, &b);
	CHECK(memcmp(&b.key, &a.key, KEY_BYTES) == 0);
	CHECK(same_fact(&b.because, &a.because));
	CHECK_STR(store_text("SELECT title FROM v_alert"), "My rule");
	CHECK_STR(store_text("SELECT id FROM v_alert"), alert_slug(0));
	CHECK_STR(store_text("SELECT source FROM v_alert"), "10.0.0.5");
	CHECK_STR(store_text("SELECT last FROM v_alert"),
	    "1970-01-01T00:00:00Z");
	/* fewer of everything */
	a.n_times = 1;
	a.n_violations = 0;
	a.status = STATUS_CLOSED;
	a.title[0] = '\0';
	CHECK(store_put_alert(store, &a));
	CHECK(store_get_alert(store, 1, &b));
	CHECK_INT(b.n_times, 1);
	CHECK_INT(b.n_violations, 0);
	CHECK_INT(b.status, STATUS_CLOSED);
	CHECK_STR(store_text("SELECT title FROM v_alert"), alert_rows[0].title);
	CHECK_INT(store_count("SELECT count(*) FROM alert"), 1);
	CHECK(!store_get_alert(store, 2, &b));
	CHECK(strstr(store_error(store), "no alert 2") != NULL);
}

/* Every kind of number a fact can carry; no fact, no key. */
static void
test_numbers(void)
{
	static const uint8_t types[] = { NUM_INT, NUM_UINT, NUM_REAL,
		NUM_BOOL };
	struct alert a = an_alert(0), b;

	for (uint32_t i = 0; i < sizeof(types); i++) {
		a.number = 0;
		fill_because(&a);
		a.because.num_type = types[i];
		a.because.num.u = UINT64_C(0x8000000000000001);
		if (types[i] == NUM_REAL)
			a.because.num.r = 1e300;
		CHECK(store_put_alert(store, &a));
		CHECK_INT(a.number, 1 + i);
		CHECK(store_get_alert(store, a.number, &b));
		CHECK(b.because.num.u == a.because.num.u);
		CHECK_INT(b.because.num_type, types[i]);
	}
	a.number = 0;
	a.because.kind = FACT_NONE;
	a.key.state = KEY_NONE;
	CHECK(store_put_alert(store, &a));
	CHECK(store_get_alert(store, a.number, &b));
	CHECK_INT(b.because.kind, FACT_NONE);
	CHECK_INT(b.key.state, KEY_NONE);
	CHECK_INT(b.because.text_len, 0);
}

/* A number is never given twice, though its alert is gone. */
static void
test_alert_numbers(void)
{
	struct alert a = an_alert(0);

	CHECK(store_put_alert(store, &a));
	a.number = 0;
	CHECK(store_put_alert(store, &a));
	CHECK_INT(a.number, 2);
	CHECK(store_sql("DELETE FROM alert WHERE number = 2"));
	store_again(STORE_WRITING);
	a.number = 0;
	CHECK(store_put_alert(store, &a));
	CHECK_INT(a.number, 3);
}

static void
test_load_detect(void)
{
	struct assets *as = assets_new(64);
	const struct detect_listener quiet = { 0 };
	struct detect *d = detect_new(as, NULL, &quiet);
	struct alert a = an_alert(0), b = an_alert(0);
	struct alert_setting set = { .on = false,
		.severity = SEVERITY_CRITICAL,
		.count = 7,
		.within = 8,
		.by_hand = BY_HAND_LEARN,
		.until = { 9 } };

	b.fold = 1;
	b.status = STATUS_CLOSED;
	CHECK(store_put_alert(store, &a));
	CHECK(store_put_alert(store, &b));
	CHECK(store_put_setting_of(store, (enum alert_id)0, &set));
	/* what another version wrote is left where it is */
	CHECK(store_sql("INSERT INTO alert_setting SELECT 'from-tomorrow', "
			"enabled, severity, count, within, by_hand, until "
			"FROM alert_setting"));
	CHECK(store_load_detect(store, d));
	CHECK_INT(detect_count(d), 1);
	CHECK_INT(detect_at(d, 0)->number, a.number);
	CHECK_STR(detect_at(d, 0)->violation[0].text, "register 5");
	CHECK_INT(detect_setting(d, (enum alert_id)0)->count, 7);
	CHECK_INT(detect_setting(d, (enum alert_id)0)->by_hand, BY_HAND_LEARN);
	CHECK(!detect_setting(d, (enum alert_id)0)->on);
	CHECK_INT(store_count("SELECT count(*) FROM alert_setting"), 2);
	detect_free(d);
	assets_free(as);
}

/* -------------------------------------------------------------------- people
 */

static void
test_mute_and_comment(void)
{
	struct alert a = an_alert(0);

	a.muted = false;
	CHECK(store_put_alert(store, &a));
	CHECK(store_set_mute(store, a.fold, true));
	CHECK_INT(store_count("SELECT muted FROM v_alert"), 1);
	CHECK_INT(store_count("SELECT count(*) FROM mute"), 1);
	CHECK(store_set_mute(store, a.fold, true));
	CHECK(store_set_mute(store, a.fold, false));
	CHECK_INT(store_count("SELECT muted FROM v_alert"), 0);
	CHECK_INT(store_count("SELECT count(*) FROM mute"), 0);
	CHECK(store_put_comment(store, 1, (struct tick){ 5 }, "cli:me", "hm"));
	CHECK(!store_put_comment(store, 9, (struct tick){ 5 }, "cli:me", "hm"));
	CHECK_INT(store_count("SELECT count(*) FROM comment"), 1);
}

static void
test_triage(void)
{
	struct assets *as = assets_new(64);
	struct triage *t = triage_new();
	struct person_rule r = { .kind = PERSON_EXCLUDE,
		.on = true,
		.severity = SEVERITY_MINOR,
		.from = { 1 },
		.until = { INT64_MAX },
		.name = "scanner",
		.text = "source = 10.0.0.5",
		.message = "" };
	struct network n = { .bits = 16, .inside = true, .name = "plant" };
	struct rule_error e;
	const struct person_rule *q;

	n.ip = host(0).ip;
	n.ip.b[0] = 9;
	n.ip.b[3] = 0;
	CHECK(store_put_network(store, &n));
	CHECK(store_put_rule(store, &r));
	CHECK_INT(r.id, 1);
	CHECK(store_set_mute(store, UINT64_MAX, true));
	CHECK(store_load_triage(store, t, NULL, as));
	CHECK_STR(store_error(store), "");
	q = triage_at(t, 0);
	CHECK(q != NULL);
	if (q == NULL)
		return;
	CHECK_STR(q->name, "scanner");
	CHECK_STR(q->text, "source = 10.0.0.5");
	CHECK_INT(q->until.ns, INT64_MAX);
	CHECK_INT(q->kind, PERSON_EXCLUDE);
	CHECK(triage_at(t, 1) == NULL);
	CHECK(!asset_is_internet(as, &n.ip));
	triage_free(t);
	t = triage_new();
	r.hits = 12;
	r.last_hit.ns = 34;
	CHECK(triage_add(t, &r, &e));
	CHECK(store_save_hits(store, t));
	CHECK_INT(store_count("SELECT hits FROM rule"), 12);
	CHECK_INT(store_count("SELECT last_hit FROM rule"), 34);
	triage_free(t);
	t = triage_new();
	r.id = 0;
	(void)snprintf(r.text, sizeof(r.text), "no such thing");
	CHECK(store_put_rule(store, &r));
	CHECK_INT(r.id, 2);
	CHECK(store_load_triage(store, t, NULL, as)); /* without it */
	CHECK(strstr(store_error(store), "rule 2") != NULL);
	CHECK(triage_at(t, 0) != NULL && triage_at(t, 1) == NULL);
	CHECK(store_delete_rule(store, 2));
	CHECK(store_delete_network(store, &n.ip, 16));
	CHECK_INT(store_count("SELECT count(*) FROM rule"), 1);
	CHECK_INT(store_count("SELECT count(*) FROM network"), 0);
	triage_free(t);
	assets_free(as);
}

static void
test_timeline(void)
{
	const struct tick at = { 1700000000 * TICK_SECOND };

	CHECK(store_note(store, at, "cli:me", "learn", "alert 3", "why not"));
	CHECK(!store_note(store, at, "cli:me", "dance", "", ""));
	CHECK_STR(store_text("SELECT at || who || what || about || text "
			     "FROM v_timeline"),
	    "2023-11-14T22:13:20Zcli:melearnalert 3why not");
	CHECK(!store_sql("UPDATE timeline SET text = ''"));
	CHECK(!store_sql("DELETE FROM timeline"));
	CHECK(!store_sql("INSERT OR REPLACE INTO timeline SELECT id, 0, '', "
			 "'', '', '' FROM timeline"));
	CHECK_STR(store_text("SELECT text FROM timeline"), "why not");
}

/* ------------------------------------------------------------------ retention
 */

static void
alert_of(enum alert_status status, int64_t last)
{
	struct alert a = an_alert(0);

	a.status = (uint8_t)status;
	a.last.ns = last;
	a.fold = (uint64_t)last ^ status;
	CHECK(store_put_alert(store, &a));
	CHECK(store_put_evidence(store, a.number, SPAN_LIT("0123456789ab")));
}

static bool
is_kept(uint32_t number)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "evidence/%u.pcapng", number);
	return mode_of(name) == 0600;
}

/* Frames of an alert that was not written go when its number comes again. */
static void
test_strays(void)
{
	char path[512];
	FILE *f;

	alert_of(STATUS_NEW, DAY);
	CHECK(store_put_evidence(store, 2, SPAN_LIT("0123456789ab")));
	store_again(STORE_WRITING);
	CHECK(is_kept(1) && is_kept(2));
	store_close(store);
	store_path(path, sizeof(path), "lock");
	f = fopen(path, "w");
	CHECK(f != NULL && fputs("somebody\n", f) >= 0 && fclose(f) == 0);
	if (store_start(STORE_WRITING))
		CHECK(is_kept(1) && !is_kept(2));
}

static void
test_retain_age(void)
{
	const struct retention r = RETENTION_DEFAULT;
	const struct tick now = { 1000 * DAY };

	alert_of(STATUS_CLOSED, 909 * DAY); /* 1: too old */
	alert_of(STATUS_CLOSED, 911 * DAY); /* 2 */
	alert_of(STATUS_NEW, 909 * DAY); /* 3: quiet for long */
	alert_of(STATUS_ACTIVE, 911 * DAY); /* 4 */
	CHECK(store_note(store, (struct tick){ 500 * DAY }, "a", "start", "",
	    ""));
	CHECK(store_note(store, (struct tick){ 700 * DAY }, "a", "start", "",
	    ""));
	CHECK(store_put_comment(store, 1, now, "cli:me", "goes with it"));
	CHECK(store_retain(store, &r, now));
	CHECK_INT(store_count("SELECT count(*) FROM alert WHERE number = 1"),
	    0);
	CHECK_INT(store_count("SELECT count(*) FROM comment"), 0);
	CHECK_INT(store_count(
		      "SELECT count(*) FROM alert_time WHERE alert = 1"),
	    0);
	CHECK(!is_kept(1) && is_kept(2) && is_kept(4));
	CHECK_INT(store_count("SELECT count(*) FROM timeline WHERE at <= "
			      "60480000000000000"),
	    1);
	CHECK_INT(store_count("SELECT count(*) FROM timeline WHERE what = "
			      "'close' AND about = 'alert 3'"),
	    1);
	CHECK_INT(store_count("SELECT count(*) FROM alert WHERE number = 4 "
			      "AND status = 'active'"),
	    1);
	/* append only again */
	CHECK(!store_sql("DELETE FROM timeline"));
	CHECK_INT(store_count("SELECT count(*) FROM retaining"), 0);
}

static void
test_retain_evidence(void)
{
	struct retention r = RETENTION_DEFAULT;
	const struct tick now = { 1000 * DAY };

	alert_of(STATUS_NEW, 990 * DAY); /* 1: open */
	alert_of(STATUS_CLOSED, 992 * DAY); /* 2 */
	alert_of(STATUS_CLOSED, 991 * DAY); /* 3: the oldest closed */
	CHECK(store_put_evidence(store, 99, SPAN_LIT("0123456789ab")));
	r.evidence_bytes = 24;
	CHECK(store_retain(store, &r, now));
	CHECK(is_kept(1) && is_kept(2) && !is_kept(3));
	CHECK(!is_kept(99)); /* of no alert */
	r.evidence_bytes = 0;
	CHECK(store_retain(store, &r, now));
	CHECK(is_kept(1) && !is_kept(2));
}

static void
test_retain_size(void)
{
	struct retention r = RETENTION_DEFAULT;
	const struct tick now = { 1000 * DAY };
	int64_t before, after;
	char text[2001];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	alert_of(STATUS_NEW, 999 * DAY);
	CHECK(store_begin(store));
	for (int i = 0; i < 3000; i++)
		CHECK(store_note(store, (struct tick){ 999 * DAY + i }, "a",
		    "start", "", text));
	CHECK(store_commit(store));
	before = store_count("PRAGMA page_count");
	r.database_bytes = 3000000;
	CHECK(store_retain(store, &r, now));
	after = store_count("PRAGMA page_count");
	CHECK(after < before / 2);
	CHECK(store_count("PRAGMA page_count") * 4096 <= 3000000);
	CHECK(store_count("SELECT count(*) FROM timeline") > 0);
	CHECK_INT(store_count("SELECT max(at) FROM timeline"),
	    999 * DAY + 2999);
	CHECK_INT(store_count("SELECT count(*) FROM alert"), 1);
	r.database_bytes = 1; /* what must stay stays */
	CHECK(store_retain(store, &r, now));
	CHECK_INT(store_count("SELECT count(*) FROM alert"), 1);
	CHECK(store_begin(store));
	CHECK(!store_retain(store, &r, now));
	store_rollback(store);
}

/* ------------------------------------------------------------------- evidence
 */

static size_t
copied(uint32_t number, uint8_t *dst, size_t cap)
{
	char path[512];
	int fd;
	ssize_t n;

	store_path(path, sizeof(path), "copy");
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	n = store_copy_evidence(store, number, fd) ? pread(fd, dst, cap, 0)
						   : -1;
	(void)close(fd);
	return n >= 0 ? (size_t)n : 0;
}

static void
test_evidence(void)
{
	static const uint8_t bytes[5] = { 1, 2, 3, 4, 5 };
	const struct store_frame f[2] = {
		{ { 1700000000123456789 }, SPAN(bytes, 5), 60, 1 },
		{ { 1700000001000000000 }, SPAN(bytes, 4), 4, 101 },
	};
	uint8_t got[4096];
	char path[512];
	size_t one, two;
	int fd;

	CHECK_INT(copied(7, got, sizeof(got)), 0);
	CHECK(strstr(store_error(store), "no frames") != NULL);
	CHECK(store_begin(store));
	CHECK(store_put_frames(store, 7, f, 2, "why"));
	CHECK_INT(copied(7, got, sizeof(got)), 0); /* with the batch only */
	CHECK(store_commit(store));
	one = copied(7, got, sizeof(got));
	CHECK_INT(one, 28 + 2 * 32 + 52 + 48);
	CHECK(
	    memcmp(got, "\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a", 12) == 0);
	CHECK_INT(got[60 + 28], 1); /* first byte of the frame */
	/* a tail that a crash left is cut off before more comes */
	store_path(path, sizeof(path), "evidence/7.pcapng");
	fd = open(path, O_WRONLY | O_APPEND);
	CHECK(write(fd, got, 21) == 21);
	(void)close(fd);
	CHECK_INT(copied(7, got, sizeof(got)), one);
	CHECK(store_put_frames(store, 7, f, 1, ""));
	two = copied(7, got, sizeof(got));
	CHECK(two > one);
	CHECK(memcmp(got + one, "\x0a\x0d\x0d\x0a", 4) == 0);
	CHECK(!store_put_evidence(store, 0, SPAN_LIT("0123")));
	CHECK(!store_put_evidence(store, 7, SPAN_LIT("012")));
}

/* ------------------------------------------------------------------ versions
 */

static uint64_t
sum_of(const char *name)
{
	char path[512];
	uint64_t sum = 0;
	FILE *f;
	int c;

	store_path(path, sizeof(path), name);
	f = fopen(path, "rb");
	while (f != NULL && (c = fgetc(f)) != EOF)
		sum = sum * 31 + (uint64_t)c + 1;
	if (f != NULL)
		(void)fclose(f);
	return sum;
}

static bool
refused(enum store_for how, const char *because)
{
	char error[STORE_ERROR];
	struct store *s = store_open(store_dir, how, error);

	if (s == NULL && strstr(error, because) != NULL)
		return true;
	(void)printf("refused otherwise: %s\n", error);
	store_close(s);
	return false;
}

static void
test_newer(void)
{
	uint64_t before;

	CHECK(store_sql("PRAGMA user_version = 999"));
	store_close(store);
	store = NULL;
	before = sum_of("state.db");
	CHECK(refused(STORE_WRITING, "newer version"));
	CHECK(refused(STORE_MAKING, "newer version"));
	CHECK(refused(STORE_READING, "newer version"));
	CHECK(sum_of("state.db") == before);
	CHECK_INT(mode_of("state.db.v999"), -1);
}

static void
test_older(void)
{
	char path[512];

	/* version 0 had one table, which nobody reads any more */
	store_close(store);
	store_path(path, sizeof(path), "state.db");
	CHECK(unlink(path) == 0);
	CHECK(sqlite3_initialize() == SQLITE_OK);
	{
		sqlite3 *db = NULL;

		CHECK_INT(sqlite3_open(path, &db), SQLITE_OK);
		CHECK_INT(sqlite3_exec(db,
			      "PRAGMA application_id = 0x5367476c;"
			      "CREATE TABLE before (text);"
			      "INSERT INTO before VALUES ('long ago')",
			      NULL, NULL, NULL),
		    SQLITE_OK);
		(void)sqlite3_close(db);
	}
	store = NULL;
	CHECK(refused(STORE_READING, "older version"));
	if (!store_start(STORE_WRITING))
		return;
	CHECK_INT(store_count("PRAGMA user_version"), STORE_VERSION);
	CHECK_STR(store_text("SELECT text FROM before"), "long ago");
	CHECK(store_put(store, "site", "North"));
	CHECK_INT(mode_of("state.db.v0"), 0600);
	store_close(store);
	store = NULL;
	{
		char copy[512];

		store_path(copy, sizeof(copy), "state.db.v0");
		CHECK(rename(copy, path) == 0);
	}
	CHECK(refused(STORE_READING, "older version"));
}

/* A migration that fails leaves all as it was. */
static void
test_migration_fails(void)
{
	CHECK(store_sql("PRAGMA user_version = 0")); /* tables are there */
	store_close(store);
	store = NULL;
	CHECK(refused(STORE_WRITING, "already exists"));
	CHECK(refused(STORE_READING, "older version"));
	CHECK_INT(mode_of("state.db.v0"), 0600);
}

static void
test_not_ours(void)
{
	CHECK(store_sql("PRAGMA application_id = 1"));
	store_close(store);
	store = NULL;
	CHECK(refused(STORE_WRITING, "not one of Sightglass"));
}

static void
test_not_there(void)
{
	char path[512];

	store_close(store);
	store = NULL;
	store_path(path, sizeof(path), "state.db");
	CHECK(unlink(path) == 0);
	CHECK(refused(STORE_READING, "no state of Sightglass"));
	CHECK(refused(STORE_WRITING, "no state of Sightglass"));
	CHECK_INT(mode_of("state.db"), -1);
}

static void
test_damaged(void)
{
	char path[512];
	FILE *f;

	store_close(store);
	store = NULL;
	store_path(path, sizeof(path), "state.db");
	f = fopen(path, "r+b");
	for (int i = 0; f != NULL && i < 4096; i++)
		(void)fputc('x', f);
	if (f != NULL)
		(void)fclose(f);
	CHECK(refused(STORE_WRITING, "is damaged"));
	CHECK(refused(STORE_READING, "is damaged"));
	CHECK(mode_of("state.db") == 0600);
}

/* What was asked: in two files, of half the room each; a torn end is cut. */
static void
test_asked(void)
{
	static uint8_t bytes[1000];
	const struct store_frame f = { .at = { 1 },
		.bytes = SPAN(bytes, sizeof(bytes)),
		.length = sizeof(bytes),
		.link = 101 };
	char path[512], older[512];
	struct stat is, was;
	FILE *torn;

	store_path(path, sizeof(path), "asked.pcapng");
	store_path(older, sizeof(older), "asked.1.pcapng");
	CHECK(store_put(store, STORE_ASKED_MOST, "16384"));
	CHECK(store_put_asked(store, &f, 1, "asked"));
	CHECK(stat(path, &was) == 0);
	torn = fopen(path, "ab");
	CHECK(torn != NULL && fwrite("torn!", 5, 1, torn) == 1);
	if (torn != NULL)
		(void)fclose(torn);
	CHECK(store_put_asked(store, &f, 1, "asked"));
	CHECK(stat(path, &is) == 0);
	CHECK_INT(is.st_size, 2 * was.st_size);
	CHECK(stat(older, &is) != 0);
	for (int i = 0; i < 20; i++)
		CHECK(store_put_asked(store, &f, 1, "asked"));
	CHECK(stat(path, &is) == 0 && is.st_size <= 8192);
	CHECK(is.st_size % was.st_size == 0);
	CHECK(stat(older, &is) == 0 && is.st_size <= 8192);
	CHECK(is.st_size > 4096);
	CHECK_INT(mode_of("asked.1.pcapng"), 0600);
}

int
main(void)
{
	static void (*const tests[])(void) = { test_settings, test_modes,
		test_no_room, test_given_up, test_alert, test_numbers,
		test_alert_numbers, test_load_detect, test_mute_and_comment,
		test_triage, test_timeline, test_retain_age,
		test_retain_evidence, test_retain_size, test_strays,
		test_evidence, test_asked, test_newer, test_older,
		test_migration_fails, test_not_ours, test_not_there,
		test_damaged };

	proto_init();
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		store_fresh();
		if (store_start(STORE_MAKING))
			tests[i]();
		store_end();
	}
	return check_done();
}
