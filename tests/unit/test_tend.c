/*
 * test_tend.c - a sensor that runs: looking at it again and again changes
 * nothing of what it finds in the end, what it says while it runs is in the
 * store, and what people change there counts at once.
 */
#include "store.h"

#include "../../src/capture/capture.h"
#include "../../src/sensor/sensor.h"

#define LOOK_EVERY 20 /* frames */

static struct store *engine;
static int64_t ms;

static void
deliver(void)
{
	const struct shipment *s;

	while ((s = store_shipment(engine, 0)) != NULL) {
		CHECK(store_apply(store, s->number, SPAN(s->bytes, s->rows),
		    SPAN(s->bytes + s->rows, s->frames)));
		CHECK_STR(store_error(store), "");
		store_acknowledge(engine, s->number);
	}
}

static struct sensor *
make(struct store *with)
{
	char error[STORE_ERROR];
	struct sensor_config c = { .flow = FLOW_CONFIG_DEFAULT,
		.baseline = BASELINE_CONFIG_DEFAULT,
		.store = with,
		.convs_max = 4096,
		.inventory_max = 4096,
		.assets_max = 4096,
		.mode = MODE_OPERATIONAL };
	struct sensor *s;

	c.baseline.learn_scale = 1;
	s = sensor_new(&c, error);
	if (s == NULL) {
		(void)printf("sensor_new: %s\n", error);
		abort();
	}
	return s;
}

/* The sample's frames; NULL look: only at the end. */
static void
feed(struct sensor *s, void (*look)(struct sensor *))
{
	char path[512];
	const char *paths[1] = { path };
	struct capture *c;
	struct frame f;
	uint64_t n = 0;

	(void)snprintf(path, sizeof(path), "%.*s../../samples/plant.pcapng",
	    (int)(strrchr(__FILE__, '/') + 1 - __FILE__), __FILE__);
	c = capture_open(paths, 1);
	if (c == NULL)
		abort();
	while (capture_next(c, &f)) {
		sensor_frame(s, &f);
		if (++n % LOOK_EVERY == 0 && look != NULL)
			look(s);
	}
	CHECK(n > 100);
	capture_close(c);
}

static void
tend(struct sensor *s)
{
	ms += 1100;
	CHECK(sensor_tend(s, ms));
	deliver();
}

/* Everything said of devices and conversations, as one text. */
static char *
found(struct sensor *s)
{
	const struct inventory *v = sensor_inventory(s);
	struct convs *cs = sensor_convs(s);
	char *text = NULL, ip[ADDR_TEXT_MAX];
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	if (out == NULL)
		abort();
	for (uint32_t i = 0; i < inventory_count(v); i++) {
		static struct device d;

		inventory_at(v, i, &d);
		(void)fprintf(out, "%s %u %u %u %d %llu %llu %lld %lld\n",
		    ip_text(&d.addr[0].addr.ip, ip), d.n_addr, d.n_evidence,
		    d.n_module, (int)d.role, (unsigned long long)d.packets,
		    (unsigned long long)d.bytes, (long long)d.first.ns,
		    (long long)d.last.ns);
	}
	for (uint32_t i = 0; i < convs_count(cs); i++) {
		const struct conv *c = convs_at(cs, i);

		(void)fprintf(out, "%u %u %llu %llu %llu %llu %llu\n", c->proto,
		    c->port, (unsigned long long)c->flows,
		    (unsigned long long)c->packets[0],
		    (unsigned long long)c->packets[1],
		    (unsigned long long)c->bytes[0],
		    (unsigned long long)c->bytes[1]);
	}
	(void)fclose(out);
	return text;
}

static void
engine_start(void)
{
	char error[STORE_ERROR];

	engine = store_remote(store_dir, store_batch(store), error);
	if (engine == NULL)
		abort();
}

static void
test_looking_changes_nothing(void)
{
	struct sensor *s = make(NULL);
	char *plain, *looked;

	feed(s, NULL);
	CHECK(sensor_finish(s));
	plain = found(s);
	CHECK(inventory_count(sensor_inventory(s)) > 5);
	sensor_free(s);
	engine_start();
	s = make(engine);
	feed(s, tend);
	CHECK(store_count("SELECT count(*) FROM device") > 5);
	CHECK(store_count("SELECT count(*) FROM alert") > 0);
	CHECK(sensor_finish(s));
	deliver();
	looked = found(s);
	CHECK_STR(looked, plain);
	CHECK_INT(store_count("SELECT count(*) FROM device"),
	    inventory_count(sensor_inventory(s)));
	CHECK_INT(store_count("SELECT count(*) FROM device_address"),
	    store_count("SELECT count(DISTINCT device || '-' || place) FROM "
			"device_address"));
	CHECK_INT(store_count("SELECT count(*) FROM conversation"),
	    convs_count(sensor_convs(s)));
	sensor_free(s);
	free(plain);
	free(looked);
}

/* A second is enough for first devices, half a one for alerts. */
static void
test_soon(void)
{
	struct sensor *s;

	engine_start();
	s = make(engine);
	CHECK(sensor_tend(s, ms));
	feed(s, NULL);
	CHECK(sensor_tend(s, ms + 400));
	deliver();
	CHECK_INT(store_count("SELECT count(*) FROM alert"), 0);
	CHECK(sensor_tend(s, ms + 600));
	deliver();
	CHECK(store_count("SELECT count(*) FROM alert") > 0);
	CHECK_INT(store_count("SELECT count(*) FROM device"), 0);
	CHECK(sensor_tend(s, ms + 1100));
	deliver();
	CHECK(store_count("SELECT count(*) FROM device") > 5);
	sensor_free(s);
}

static struct alert *
open_alert(struct sensor *s)
{
	struct detect *d = sensor_detect(s);

	for (uint32_t i = 0; i < detect_count(d); i++)
		if (detect_at(d, i)->status != STATUS_CLOSED)
			return detect_at(d, i);
	return NULL;
}

static void
test_refresh(void)
{
	struct sensor *s;
	struct alert *a;
	char sql[128];
	uint64_t fold;

	engine_start();
	s = make(engine);
	feed(s, tend);
	ms += 2000;
	tend(s);
	a = open_alert(s);
	if (a == NULL)
		abort();
	fold = a->fold;
	(void)snprintf(sql, sizeof(sql),
	    "UPDATE alert SET status = 'closed' WHERE number = %u", a->number);
	CHECK(store_sql(sql));
	CHECK(store_set_mute(store, fold, true));
	CHECK(sensor_refresh(s));
	CHECK_STR(sensor_error(s), "");
	CHECK_INT(a->status, STATUS_CLOSED);
	a = open_alert(s);
	if (a == NULL)
		abort();
	CHECK(a->fold != fold);
	(void)snprintf(sql, sizeof(sql),
	    "UPDATE alert SET severity = 'critical' WHERE number = %u",
	    a->number);
	CHECK(store_sql(sql));
	CHECK(sensor_refresh(s) && sensor_refresh(s));
	CHECK_INT(a->severity, SEVERITY_CRITICAL);
	sensor_free(s);
}

int
main(void)
{
	void (*const tests[])(
	    void) = { test_looking_changes_nothing, test_soon, test_refresh };

	proto_init();
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		store_fresh();
		if (store_start(STORE_MAKING))
			tests[i]();
		store_close(engine);
		engine = NULL;
		store_end();
	}
	return check_done();
}
