/* test_traffic.c - what passed: minutes add up to hours and days, the busiest
 * have rows of their own, nothing is counted twice. */
#include "store.h"

#include "../../src/sensor/traffic.h"

#define MINUTE (60 * TICK_SECOND)
#define DAY0 (20000 * 86400 * TICK_SECOND)

static struct traffic *t;

static void
pass(int64_t at, uint32_t bytes, uint16_t port, uint8_t proto, uint32_t client,
    uint32_t server)
{
	const struct frame f = { .at = { at },
		.wire_len = bytes,
		.port = port };
	const struct packet p = { .frame = &f, .at = f.at };

	traffic_packet(t, &p, proto, client, server);
}

static void
save(void)
{
	CHECK(store_begin(store));
	CHECK(traffic_save(t, store));
	CHECK(store_commit(store));
}

static void
begin(void)
{
	store_fresh();
	if (!store_start(STORE_MAKING))
		abort();
	t = traffic_new(1000);
	if (t == NULL)
		abort();
}

static void
end(void)
{
	traffic_free(t);
	store_end();
}

#define BYTES(seconds, what, more)                                        \
	store_count("SELECT coalesce(sum(bytes), -1) FROM traffic WHERE " \
		    "seconds = " #seconds " AND what = '" what "'" more)

static void
test_spans(void)
{
	uint8_t modbus = proto_id("modbus");

	begin();
	pass(DAY0 + 1, 100, 0, modbus, 1, 2);
	pass(DAY0 + MINUTE - 1, 50, 1, PROTO_UNKNOWN, 1, 0);
	save(); /* the minute goes on */
	CHECK_INT(store_count("SELECT count(*) FROM traffic"), 0);
	traffic_clock(t, (struct tick){ DAY0 + MINUTE });
	save();
	CHECK_INT(BYTES(60, "all", ""), 150);
	CHECK_INT(BYTES(3600, "all", ""), 150);
	CHECK_INT(BYTES(86400, "all", ""), 150);
	CHECK_INT(BYTES(60, "port", " AND key = 1"), 50);
	CHECK_INT(BYTES(60, "protocol", " AND key = 'modbus'"), 100);
	CHECK_INT(BYTES(60, "device", " AND key = 1"), 150);
	CHECK_INT(BYTES(60, "device", " AND key = 2"), 100);
	CHECK_INT(BYTES(60, "device", " AND key = 0"), 50);
	save(); /* nothing new */
	CHECK_INT(BYTES(86400, "all", ""), 150);
	pass(DAY0 + 61 * MINUTE, 7, 0, modbus, 1, 2);
	pass(DAY0 + 1441 * MINUTE, 3, 0, modbus, 1, 2);
	traffic_end(t);
	save();
	CHECK_INT(BYTES(60, "all", ""), 160);
	CHECK_INT(BYTES(3600, "all", ""), 160);
	CHECK_INT(store_count("SELECT count(*) FROM traffic WHERE seconds = "
			      "3600 AND what = 'all'"),
	    3);
	CHECK_INT(store_count("SELECT group_concat(packets || '' , '') FROM "
			      "(SELECT packets FROM traffic WHERE seconds = "
			      "86400 AND what = 'all' ORDER BY at)"),
	    31);
	end();
}

/* Packets that are a little late stay in the minute; those of another capture
 * begin their own, and add to what is there. */
static void
test_backwards(void)
{
	begin();
	pass(DAY0 + 2 * MINUTE, 10, 0, 0, 0, 0);
	pass(DAY0 + 2 * MINUTE - 1, 10, 0, 0, 0, 0);
	pass(DAY0 - 86400 * TICK_SECOND, 5, 0, 0, 0, 0);
	pass(DAY0 + 2 * MINUTE, 1, 0, 0, 0, 0);
	pass(-1, 4, 0, 0, 0, 0);
	traffic_end(t);
	save();
	CHECK_INT(store_count("SELECT count(*) FROM traffic WHERE seconds = 60 "
			      "AND what = 'all'"),
	    3);
	CHECK_INT(BYTES(60, "all", " AND at = 1728000120000000000"), 21);
	CHECK_INT(BYTES(60, "all", " AND at = -60000000000"), 4);
	CHECK_INT(BYTES(86400, "all", ""), 30);
	end();
}

static void
test_busiest(void)
{
	begin();
	for (uint32_t a = 1; a <= 1000; a++)
		pass(DAY0, a, 0, 0, a, a);
	traffic_end(t);
	save();
	CHECK_INT(store_count("SELECT count(*) FROM traffic WHERE seconds = 60 "
			      "AND what = 'device'"),
	    TRAFFIC_DEVICES + 1);
	CHECK_INT(BYTES(60, "device", " AND key = 1000"), 1000);
	CHECK_INT(BYTES(60, "device", " AND key = 936"), -1);
	CHECK_INT(BYTES(60, "device", ""), 500500);
	CHECK_INT(BYTES(3600, "device", ""), 500500);
	end();
}

/* Frames of two days in turn: rows wait, never more than there is room for. */
static void
test_many_minutes(void)
{
	begin();
	for (int64_t i = 0; i < 20000; i++) {
		pass(DAY0 + (i % 2) * 86400 * TICK_SECOND + i * MINUTE, 1, 0, 0,
		    1, 2);
		if (traffic_is_full(t))
			save();
	}
	traffic_end(t);
	save();
	CHECK_INT(BYTES(60, "all", ""), 20000);
	CHECK_INT(BYTES(86400, "all", ""), 20000);
	CHECK_INT(BYTES(86400, "device", ""), 40000);
	end();
}

static void
test_retention(void)
{
	struct retention r = RETENTION_DEFAULT;

	begin();
	for (int64_t day = 0; day < 500; day++)
		pass(DAY0 + day * 86400 * TICK_SECOND, 1, 0, 0, 1, 2);
	traffic_end(t);
	save();
	CHECK(store_retain(store, &r,
	    (struct tick){ DAY0 + 499 * 86400 * TICK_SECOND }));
	CHECK_INT(BYTES(60, "all", ""), 3);
	CHECK_INT(BYTES(3600, "device", " AND key = 1"), 61);
	CHECK_INT(BYTES(86400, "protocol", ""), 401);
	r.database_bytes = 1;
	CHECK(store_retain(store, &r,
	    (struct tick){ DAY0 + 499 * 86400 * TICK_SECOND }));
	CHECK_INT(BYTES(60, "all", ""), -1);
	CHECK_INT(BYTES(3600, "device", ""), -1);
	CHECK_INT(BYTES(86400, "all", ""), 401);
	end();
}

int
main(void)
{
	proto_init();
	test_spans();
	test_backwards();
	test_busiest();
	test_many_minutes();
	test_retention();
	return check_done();
}
