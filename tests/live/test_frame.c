/*
 * test_frame.c - a frame that kills the engine: tried again once, then set
 * aside as the evidence of an alert, and the protocol it died in switched off.
 * How often a process died with it is the ring's to say (live_deaths, played
 * here); the sensor and its store are real.
 */
#include "../../src/capture/capture.h"
#include "../../src/engine/private.h"
#include "../unit/store.h"

uint32_t __wrap_live_deaths(const struct live *l);

static uint32_t deaths;
static struct watcher w;
static struct page page;

uint32_t
__wrap_live_deaths(const struct live *l)
{
	(void)l;
	return deaths;
}

static void
engine_start(void)
{
	char error[STORE_ERROR];
	struct sensor_config c = { .flow = FLOW_CONFIG_DEFAULT,
		.baseline = BASELINE_CONFIG_DEFAULT,
		.convs_max = 4096,
		.inventory_max = 4096,
		.assets_max = 4096,
		.mode = MODE_OPERATIONAL };

	w.died_in = page.note;
	w.page = &page;
	w.store = store_remote(store_dir, store_batch(store), error);
	c.store = w.store;
	c.flow.note = &page.note;
	c.flow.off = page.off;
	w.sensor = w.store != NULL ? sensor_new(&c, error) : NULL;
	if (w.sensor == NULL) {
		(void)printf("%s\n", error);
		abort();
	}
}

static void
engine_end(void)
{
	const struct shipment *s;

	CHECK(sensor_tend(w.sensor, 0));
	CHECK(sensor_tend(w.sensor, 1000));
	while ((s = store_shipment(w.store, 0)) != NULL) {
		CHECK(store_apply(store, s->number, SPAN(s->bytes, s->rows),
		    SPAN(s->bytes + s->rows, s->frames)));
		store_acknowledge(w.store, s->number);
	}
	sensor_free(w.sensor);
	store_close(w.store);
}

static uint8_t
id_of(const char *name)
{
	for (uint32_t i = 1; i < n_protos; i++)
		if (strcmp(protos[i]->name, name) == 0)
			return (uint8_t)i;
	abort();
}

static struct capture *
sample(void)
{
	static char path[512];
	const char *paths[1] = { path };
	struct capture *c;

	(void)snprintf(path, sizeof(path), "%.*s../../samples/plant.pcapng",
	    (int)(strrchr(__FILE__, '/') + 1 - __FILE__), __FILE__);
	c = capture_open(paths, 1);
	if (c == NULL)
		abort();
	return c;
}

static uint64_t
flow_packets(void)
{
	return flow_counts(sensor_flows(w.sensor))->packets;
}

static void
test_counted_once(void)
{
	struct capture *c = sample();
	struct frame f;

	engine_start();
	CHECK(capture_next(c, &f));
	frame_work(&w, &f);
	CHECK_INT(page.frames[0], 2);
	CHECK_INT(flow_packets(), 1);
	/* the engine died after it had done the frame: not again */
	deaths = 1;
	frame_work(&w, &f);
	CHECK_INT(page.frames[0], 2);
	CHECK_INT(flow_packets(), 1);
	/* it died while it had it in its hands: once more */
	CHECK(capture_next(c, &f));
	page.frames[0] |= 1;
	frame_work(&w, &f);
	CHECK_INT(page.frames[0], 4);
	CHECK_INT(flow_packets(), 2);
	deaths = 0;
	engine_end();
	capture_close(c);
}

static void
test_set_aside(void)
{
	uint8_t modbus = id_of("modbus");
	struct capture *c = sample();
	struct frame f;
	char text[512];

	page.note = modbus; /* as the engine before left it */
	engine_start();
	CHECK(capture_next(c, &f));
	deaths = 2;
	page.frames[0] |= 1;
	frame_work(&w, &f);
	CHECK_INT(page.set_aside[0], 1);
	CHECK_INT(page.frames[0], 2);
	CHECK_INT(flow_packets(), 0);
	CHECK_INT(page.off[modbus / 64] >> (modbus % 64) & 1, 1);
	deaths = 0;
	while (capture_next(c, &f)) /* the others are looked at */
		frame_work(&w, &f);
	engine_end();
	CHECK_INT(store_count("SELECT count(*) FROM alert WHERE slug = "
			      "'frame-set-aside'"),
	    1);
	(void)snprintf(text, sizeof(text), "%s",
	    store_text("SELECT text FROM alert WHERE slug = "
		       "'frame-set-aside'"));
	CHECK(strstr(text, "the parser of modbus is switched off") != NULL);
	(void)snprintf(text, sizeof(text), "%s/evidence/%u.pcapng", store_dir,
	    (unsigned)store_count("SELECT number FROM alert WHERE slug = "
				  "'frame-set-aside'"));
	CHECK_INT(access(text, R_OK), 0);
	capture_close(c);
}

/* Other protocols are understood as before. */
static void
test_switched_off(void)
{
	uint8_t modbus = id_of("modbus"), s7 = proto_id("s7comm");
	const struct ledger *l;

	for (int off = 0; off < 2; off++) {
		struct capture *c = sample();
		struct frame f;

		page.off[modbus / 64] = off ? UINT64_C(1) << (modbus % 64) : 0;
		engine_start();
		while (capture_next(c, &f))
			frame_work(&w, &f);
		l = flow_ledger(sensor_flows(w.sensor));
		CHECK((l[modbus].messages == 0) == (off == 1));
		CHECK(l[s7].messages > 0);
		CHECK_INT(page.note, 0);
		engine_end();
		capture_close(c);
	}
}

int
main(void)
{
	void (*const tests[])(
	    void) = { test_counted_once, test_set_aside, test_switched_off };

	proto_init();
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		memset(&page, 0, sizeof(page));
		memset(&w, 0, sizeof(w));
		deaths = 0;
		store_fresh();
		if (store_start(STORE_MAKING))
			tests[i]();
		store_end();
	}
	return check_done();
}
