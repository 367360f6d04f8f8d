/*
 * test_store_state.c - what a later run goes on with: assets, inventory,
 * conversations, and the list of devices that people see.
 */
#include "store.h"

#define NODES 512u

static struct inventory *inv;
static struct convs *convs;
static struct assets *assets;

static void
begin(void)
{
	inv = inventory_new(NODES, NULL);
	convs = convs_new(256);
	assets = assets_new(256);
}

static void
end(void)
{
	inventory_free(inv);
	convs_free(convs);
	assets_free(assets);
}

/* ------------------------------------------------------------------- traffic
 */

static void
hear(const struct fact *f, struct talk *t)
{
	inventory_fact(inv, f, t);
	convs_fact(convs, f, t);
	assets_fact(assets, f, t);
}

static void
say(struct talk *t, enum trait trait, const char *text, bool from_server)
{
	struct fact f = { .proto = t->proto,
		.kind = FACT_IDENT,
		.trait = (uint8_t)trait,
		.about = ABOUT_SENDER,
		.from_server = from_server,
		.frame = 7,
		.file = 1,
		.flow = t->flow,
		.at = { 1500 } };

	fact_text(&f, span_text(text));
	hear(&f, t);
}

static void
bind_ip(struct talk *t, struct addr a)
{
	struct fact f = { .proto = t->proto,
		.kind = FACT_IDENT,
		.trait = TRAIT_ADDRESS,
		.about = ABOUT_ADDR,
		.addr = a,
		.flow = t->flow,
		.at = { 1500 } };

	hear(&f, t);
}

static void
ask(struct talk *t, enum fact_kind kind, uint32_t op, uint32_t unit)
{
	struct fact f = { .proto = t->proto,
		.kind = (uint8_t)kind,
		.op = op,
		.risk = kind == FACT_WRITE ? RISK_WRITE : RISK_NONE,
		.flow = t->flow,
		.is_message = true,
		.at = { 1500 } };

	hear(&f, t);
	f.kind = FACT_ACK;
	f.risk = RISK_NONE;
	f.from_server = f.response = true;
	f.unit = unit;
	f.has_unit = true;
	hear(&f, t);
}

static void
finish(struct talk *t)
{
	inventory_tally(inv, t);
	convs_tally(convs, t);
	assets_tally(assets, t);
	t->note = 0;
}

static void
morning(void)
{
	struct talk t = talk_of(1, 2, "modbus");

	bind_ip(&t, host(1));
	say(&t, TRAIT_VENDOR, "Acme", true);
	say(&t, TRAIT_MODEL, "P-1", true);
	ask(&t, FACT_READ, 3, 1);
	ask(&t, FACT_READ, 3, 2);
	finish(&t);
	t = talk_of(3, 2, "modbus");
	t.vlan = 12;
	ask(&t, FACT_WRITE, 6, 1);
	finish(&t);
}

/* The lease of 10.0.0.1 goes to another machine; more of what was. */
static void
evening(void)
{
	struct talk t = talk_of(9, 2, "modbus");
	struct addr moved = host(9);

	moved.ip = host(1).ip;
	t.client = moved;
	t.first.ns = 5000;
	t.last.ns = 6000;
	bind_ip(&t, moved);
	say(&t, TRAIT_MODEL, "P-1", true);
	say(&t, TRAIT_SERIAL, "4711", true);
	ask(&t, FACT_READ, 3, 1);
	ask(&t, FACT_WRITE, 16, 7);
	finish(&t);
}

/* ---------------------------------------------------------------- comparison
 */

static void
put_addrs(char *dst, size_t cap, const struct device *d)
{
	char ip[ADDR_TEXT_MAX], mac[MAC_TEXT_MAX];
	size_t n = strlen(dst);

	for (uint32_t i = 0; i < d->n_addr && n < cap; i++)
		n += (size_t)snprintf(dst + n, cap - n, " %s/%s/%u",
		    ip_text(&d->addr[i].addr.ip, ip),
		    d->addr[i].addr.has_mac
			? mac_text(&d->addr[i].addr.mac, mac)
			: "",
		    d->addr[i].vlan);
}

/* All devices and conversations as one text. */
static char *
picture(void)
{
	static char texts[2][32768];
	static int turn;
	char *p = texts[turn ^= 1];
	size_t cap = sizeof(texts[0]), n;
	struct device d;

	p[0] = '\0';
	inventory_settle(inv);
	convs_sort(convs);
	for (uint32_t i = 0; i < inventory_count(inv); i++) {
		inventory_at(inv, i, &d);
		n = strlen(p);
		(void)snprintf(p + n, cap - n, "%u %s %lld %lld %llu:", d.id,
		    role_name(d.role), (long long)d.first.ns,
		    (long long)d.last.ns, (unsigned long long)d.packets);
		put_addrs(p, cap, &d);
		for (uint32_t k = 0; k < d.n_evidence; k++) {
			const struct evidence *e = d.evidence[k];

			n = strlen(p);
			(void)snprintf(p + n, cap - n,
			    " [%u %u %u %.*s %u %u %u]", e->trait, e->source,
			    e->proto, e->text_len, e->text, e->count, e->file,
			    e->frame);
		}
		for (uint32_t k = 0; k < d.n_module; k++) {
			n = strlen(p);
			(void)snprintf(p + n, cap - n, " {%u}",
			    d.module[k].unit);
		}
		(void)strncat(p, "\n", cap - strlen(p) - 1);
	}
	for (uint32_t i = 0; i < convs_count(convs); i++) {
		const struct conv *c = convs_at(convs, i);
		uint64_t ops = 0;

		for (uint32_t at = c->ops; at != 0;
		     at = convs_op(convs, at - 1)->next)
			ops += convs_op(convs, at - 1)->count *
			    (convs_op(convs, at - 1)->op + 1) *
			    (convs_op(convs, at - 1)->risk + 1u);
		n = strlen(p);
		(void)snprintf(p + n, cap - n, "%u %u %u %llu %llu %lld\n",
		    c->client.ip.b[3], c->server.ip.b[3], c->vlan,
		    (unsigned long long)c->flows, (unsigned long long)ops,
		    (long long)c->last.ns);
	}
	return p;
}

static void
save(void)
{
	CHECK(store_begin(store));
	CHECK(store_save_inventory(store, inv));
	CHECK(store_save_convs(store, convs));
	CHECK(store_save_assets(store, assets));
	CHECK(store_commit(store));
}

static void
load(void)
{
	begin();
	CHECK(store_load_inventory(store, inv));
	CHECK(store_load_convs(store, convs));
	CHECK(store_load_assets(store, assets));
}

/* ---------------------------------------------------------------------- tests
 */

/* Saved in the middle and continued by another process: as if in one go. */
static void
test_continued(void)
{
	const char *whole;

	begin();
	morning();
	evening();
	whole = picture();
	end();
	begin();
	morning();
	save();
	end();
	store_again(STORE_WRITING);
	load();
	evening();
	save();
	end();
	store_again(STORE_WRITING);
	load();
	CHECK_STR(picture(), whole);
	end();
}

/* What did not change is not written again. */
static void
test_only_changes(void)
{
	int before, after;

	begin();
	morning();
	save();
	end();
	store_again(STORE_WRITING);
	load();
	before = sqlite3_total_changes(store_db(store));
	save();
	after = sqlite3_total_changes(store_db(store));
	CHECK_INT(after - before, 0);
	evening();
	save();
	CHECK(sqlite3_total_changes(store_db(store)) > after);
	end();
}

/* An operation that moved to another conversation is not counted twice. */
static void
test_renamed(void)
{
	struct talk t = talk_of(1, 2, "cotp");
	const struct conv *c;

	begin();
	ask(&t, FACT_SESSION, 0xe0, 0);
	save();
	t.proto = proto_id("s7comm");
	ask(&t, FACT_READ, 4, 0);
	finish(&t);
	save();
	end();
	store_again(STORE_WRITING);
	load();
	convs_sort(convs);
	CHECK_INT(convs_count(convs), 1);
	c = convs_at(convs, 0);
	CHECK_INT(c->proto, proto_id("s7comm"));
	CHECK_INT(store_count("SELECT sum(count) FROM operation"), 2);
	CHECK_INT(store_count(
		      "SELECT count(*) FROM operation WHERE proto = 'cotp'"),
	    1);
	end();
}

static void
test_settled_is_refused(void)
{
	begin();
	morning();
	inventory_settle(inv);
	CHECK(!store_save_inventory(store, inv));
	CHECK(strstr(store_error(store), "settled") != NULL);
	CHECK_INT(store_count("SELECT count(*) FROM node"), 0);
	end();
}

/* Smaller tables than last time: what fits is taken. */
static void
test_smaller(void)
{
	begin();
	morning();
	save();
	end();
	inv = inventory_new(2, NULL);
	convs = convs_new(1);
	CHECK(store_load_inventory(store, inv));
	CHECK(store_load_convs(store, convs));
	CHECK(inventory_left_out(inv) > 0);
	CHECK(convs_left_out(convs) > 0);
	inventory_settle(inv);
	inventory_free(inv);
	convs_free(convs);
	CHECK(store_count("SELECT count(*) FROM node") > 2);
}

/* Rows that lead nowhere or round and round are refused, or mended. */
static void
test_rows_that_cannot_be(void)
{
	static const char *const harm[] = {
		"UPDATE node SET vlan = 70000",
		"UPDATE node SET ip = 'ten'",
		"UPDATE node SET mac = '00:00'",
		"UPDATE node SET id = id + 1000",
		"UPDATE node_evidence SET trait = 'mood'",
		"UPDATE node_evidence SET unit = -1",
		"UPDATE node_evidence SET text = printf('%0500d', 1)",
		"UPDATE node_unit SET unit = 1 << 40",
		"UPDATE node_tie SET own = 0",
		"UPDATE node SET older = id",
		"UPDATE node SET older = 100000, latest = 1",
		"UPDATE node_peer SET peer = 100000",
		"UPDATE node_link SET place = place + 100",
		("UPDATE conversation SET server_ip = '10.0.0.9', "
		 "client_ip = '10.0.0.9', vlan = 1, port = 1"),
		"UPDATE operation SET conversation = 70000",
		"UPDATE operation SET kind = 'none', op = -1",
	};

	begin();
	morning();
	evening();
	save();
	end();
	for (size_t i = 0; i < sizeof(harm) / sizeof(harm[0]); i++) {
		CHECK(store_sql("SAVEPOINT a; PRAGMA defer_foreign_keys = ON"));
		CHECK(store_sql(harm[i]));
		begin();
		if (!store_load_inventory(store, inv) ||
		    !store_load_convs(store, convs))
			CHECK(strstr(store_error(store), "is damaged") != NULL);
		(void)picture();
		end();
		CHECK(store_sql("ROLLBACK TO a; RELEASE a"));
	}
}

static void
test_assets(void)
{
	struct asset a = { .id = 1,
		.flags = ASSET_OT | ASSET_LATE,
		.addr = host(5),
		.vlan = 12,
		.role = ROLE_PLC,
		.ttl = 64,
		.first = { 100 },
		.last = { 200 },
		.learns_until = { 300 } };
	const struct asset *b;

	begin();
	CHECK(assets_restore(assets, &a));
	a = (struct asset){ .id = 3,
		.vlan = TALK_NO_VLAN,
		.addr.has_mac = true,
		.addr.mac = { { 2, 2, 2, 2, 2, 2 } } };
	CHECK(assets_restore(assets, &a));
	asset_at(assets, 1)->flags |= ASSET_CHANGED;
	asset_at(assets, 3)->flags |= ASSET_CHANGED;
	CHECK(store_save_assets(store, assets));
	CHECK_INT(asset_at(assets, 1)->flags, ASSET_OT | ASSET_LATE);
	end();
	store_again(STORE_READING);
	begin();
	CHECK(store_load_assets(store, assets));
	b = asset_at(assets, 1);
	CHECK_INT(b->flags, ASSET_OT | ASSET_LATE);
	CHECK_INT(b->addr.ip.b[3], 5);
	CHECK(b->addr.has_mac && b->addr.mac.b[5] == 5);
	CHECK_INT(b->vlan, 12);
	CHECK_INT(b->role, ROLE_PLC);
	CHECK_INT(b->ttl, 64);
	CHECK_INT(b->first.ns, 100);
	CHECK_INT(b->last.ns, 200);
	CHECK_INT(b->learns_until.ns, 300);
	b = asset_at(assets, 3);
	CHECK_INT(b->addr.ip.len, 0);
	CHECK_INT(b->vlan, TALK_NO_VLAN);
	CHECK_INT(b->addr.mac.b[0], 2);
	end();
}

/* ------------------------------------------------------------------- baseline
 */

static void
ignore(void *ctx, const struct novelty *n)
{
	(void)ctx;
	(void)n;
}

static struct baseline *
new_baseline(void)
{
	struct baseline_config c = BASELINE_CONFIG_DEFAULT;
	const struct baseline_listener quiet = { .novelty = ignore };

	c.keys_max = 4096;
	c.secret = 42;
	return baseline_new(&c, assets, &quiet);
}

/* All keys, in whatever order, as one number. */
static uint64_t
sum_of_keys(const struct baseline *b, uint32_t *ret_n)
{
	const struct key *k;
	uint32_t cursor = 0;
	uint64_t sum = 0;

	*ret_n = 0;
	while ((k = baseline_next(b, &cursor)) != NULL) {
		struct key copy = *k;
		uint64_t one = 14695981039346656037u;
		/* what follows the last member is nobody's */
		uint8_t bytes[offsetof(struct key, extra) + sizeof(uint16_t)];

		copy.flags &= (uint8_t)~KEY_CHANGED;
		memcpy(bytes, &copy, sizeof(bytes));
		for (size_t i = 0; i < sizeof(bytes); i++)
			one = (one ^ bytes[i]) * 1099511628211u;
		sum += one;
		++*ret_n;
	}
	return sum;
}

static void
test_baseline(void)
{
	struct talk t = talk_of(1, 2, "modbus");
	struct fact f = { .proto = t.proto,
		.kind = FACT_READ,
		.op = 3,
		.is_message = true };
	struct allow allow = { .scenario = SCENARIO_FUNCTION,
		.any = ALLOW_CLIENT,
		.server = 2,
		.p = { 1, 2, 3, 4, 5 },
		.expires = { 77 } };
	struct triage *triage = triage_new();
	struct baseline *b;
	uint32_t n, loaded;
	uint64_t sum;

	begin();
	b = new_baseline();
	finish(&t);
	finish(&t);
	for (uint32_t i = 0; i < 40; i++) {
		f.at.ns = (int64_t)i * 1800 * TICK_SECOND + TICK_SECOND;
		f.op = i % 7;
		baseline_clock(b, f.at);
		baseline_fact(b, &f, &t, 1, 2);
	}
	baseline_finish(b);
	CHECK(store_begin(store));
	CHECK(store_save_baseline(store, b));
	CHECK(store_save_assets(store, assets));
	CHECK(store_put_allow(store, &allow, 3, "cli:me", "so it is", f.at));
	CHECK(store_commit(store));
	CHECK_INT(allow.id, 1);
	sum = sum_of_keys(b, &n);
	CHECK(n >= 7);
	CHECK_INT(store_count("SELECT count(*) FROM key"), n);
	baseline_free(b);
	end();
	store_again(STORE_WRITING);
	begin();
	CHECK(store_load_assets(store, assets));
	b = new_baseline();
	CHECK(store_load_baseline(store, b));
	CHECK(sum_of_keys(b, &loaded) == sum);
	CHECK_INT(loaded, n);
	CHECK_INT(baseline_counts(b)->keys, n);
	CHECK(store_load_triage(store, triage, b, assets));
	CHECK_STR(store_text(
		      "SELECT scenario || open || server || p4 || who || "
		      "reason || alert FROM allow"),
	    "function125cli:meso it is3");
	CHECK(store_delete_allow(store, 1));
	CHECK_INT(store_count("SELECT count(*) FROM allow"), 0);
	triage_free(triage);
	baseline_free(b);
	end();
}

/* -------------------------------------------------------------------- devices
 */

static void
save_devices(void)
{
	CHECK(store_begin(store));
	CHECK(store_save_inventory(store, inv));
	inventory_settle(inv);
	CHECK(store_save_devices(store, inv, assets));
	CHECK(store_save_assets(store, assets));
	CHECK(store_commit(store));
}

#define DEVICE_AT(ip)                                                 \
	"(SELECT device FROM device_address WHERE ip = '" ip "' AND " \
	"vlan IS NULL)"

/* Numbers stay, though a new device now stands first in the list. */
static void
test_devices_keep_numbers(void)
{
	struct talk t = talk_of(5, 6, "modbus");
	int64_t five, six;

	begin();
	finish(&t);
	save_devices();
	end();
	five = store_count("SELECT " DEVICE_AT("10.0.0.5"));
	six = store_count("SELECT " DEVICE_AT("10.0.0.6"));
	CHECK(five > 0 && six > 0 && five != six);
	store_again(STORE_WRITING);
	load();
	t = talk_of(1, 6, "modbus");
	say(&t, TRAIT_NAME, "pump", true);
	finish(&t);
	save_devices();
	end();
	CHECK_INT(store_count("SELECT " DEVICE_AT("10.0.0.5")), five);
	CHECK_INT(store_count("SELECT " DEVICE_AT("10.0.0.6")), six);
	CHECK_INT(store_count("SELECT count(*) FROM device"), 3);
	CHECK_STR(store_text("SELECT name FROM v_device WHERE id = " DEVICE_AT(
		      "10.0.0.6")),
	    "pump");
	CHECK_STR(store_text(
		      "SELECT addresses FROM v_device WHERE id = " DEVICE_AT(
			  "10.0.0.6")),
	    "10.0.0.6");
	CHECK_INT(store_count("SELECT count(*) FROM device_evidence WHERE "
			      "text = 'pump'"),
	    1);
}

/* What people say wins and stays. */
static void
test_person_wins(void)
{
	struct talk t = talk_of(5, 6, "modbus");
	struct device_person p = DEVICE_PERSON_NONE, q;

	begin();
	say(&t, TRAIT_NAME, "found", true);
	finish(&t);
	save_devices();
	end();
	p.device = (uint32_t)store_count("SELECT " DEVICE_AT("10.0.0.6"));
	(void)snprintf(p.name, sizeof(p.name), "Pump 3");
	(void)snprintf(p.comment, sizeof(p.comment), "north hall");
	p.purdue = 10;
	p.scanner = 1;
	CHECK(store_put_person(store, &p));
	store_again(STORE_WRITING);
	load();
	CHECK((asset_at(assets,
		   asset_of(assets, &(struct addr){ .ip = host(6).ip },
		       TALK_NO_VLAN))
		      ->flags &
		  ASSET_SCANNER) != 0);
	t = talk_of(7, 6, "modbus");
	say(&t, TRAIT_NAME, "found again", true);
	finish(&t);
	save_devices();
	end();
	CHECK_STR(store_text("SELECT name FROM v_device WHERE id = " DEVICE_AT(
		      "10.0.0.6")),
	    "Pump 3");
	CHECK_STR(store_text(
		      "SELECT purdue FROM v_device WHERE id = " DEVICE_AT(
			  "10.0.0.6")),
	    "1.0");
	CHECK_INT(store_count(
		      "SELECT scanner FROM v_device WHERE id = " DEVICE_AT(
			  "10.0.0.6")),
	    1);
	CHECK(store_get_person(store, p.device, &q));
	CHECK_STR(q.comment, "north hall");
	CHECK_STR(q.role, "");
	CHECK_INT(q.scanner, 1);
	CHECK_INT(q.important, -1);
	CHECK_INT(q.purdue, 10);
	p.hidden.ns = 10000;
	CHECK(store_put_person(store, &p));
	CHECK_INT(store_count(
		      "SELECT count(*) FROM v_device WHERE id = " DEVICE_AT(
			  "10.0.0.6")),
	    0);
	CHECK(store_get_person(store, p.device + 1000, &q));
	CHECK_INT(q.authorized, -1);
}

/* A MAC and an IP address turn out to be one device. */
static void
test_devices_become_one(void)
{
	struct talk t = talk_of(5, 6, "modbus");
	struct device_person p = DEVICE_PERSON_NONE;

	begin();
	t.client.has_mac = false;
	finish(&t); /* 5 by its IP address */
	t = talk_of(5, 6, "lldp");
	t.via = VIA_ETHER;
	t.client.ip.len = t.server.ip.len = 0;
	t.packets[1] = 0;
	finish(&t); /* and by its MAC */
	save_devices();
	end();
	CHECK_INT(store_count("SELECT count(*) FROM device"), 3);
	p.device = (uint32_t)store_count("SELECT device FROM device_address "
					 "WHERE mac LIKE '%:05'");
	(void)snprintf(p.name, sizeof(p.name), "Desk");
	CHECK(store_put_person(store, &p));
	store_again(STORE_WRITING);
	load();
	t = talk_of(5, 6, "modbus");
	bind_ip(&t, host(5));
	finish(&t);
	save_devices();
	end();
	CHECK_INT(store_count("SELECT count(*) FROM device"), 2);
	CHECK_STR(store_text("SELECT name FROM v_device WHERE id = " DEVICE_AT(
		      "10.0.0.5")),
	    "Desk");
	CHECK_INT(store_count("SELECT count(*) FROM device_person"), 1);
}

int
main(void)
{
	static void (*const tests[])(void) = { test_continued,
		test_only_changes, test_renamed, test_settled_is_refused,
		test_smaller, test_rows_that_cannot_be, test_assets,
		test_baseline, test_devices_keep_numbers, test_person_wins,
		test_devices_become_one };

	proto_init();
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		store_fresh();
		if (store_start(STORE_MAKING))
			tests[i]();
		store_end();
	}
	return check_done();
}
