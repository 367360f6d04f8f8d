/*
 * test_clock.c - a sensor whose clock is set by hours while it watches: what
 * it is told of (sensor_clock_set) is no silence, no time that was learned in,
 * and ends no flows; what it is not told of is all of that.
 */
#include "check.h"

#include <stdlib.h>

#include "../../src/capture/capture.h"
#include "../../src/sensor/sensor.h"

#define HOURS(n) ((n)*INT64_C(3600) * TICK_SECOND)
#define ROUND (25 * TICK_SECOND) /* the sample lasts 20 s */

static struct sensor *sensor;
static int64_t now; /* by the clock of the machine */

static void
begin(void)
{
	char error[STORE_ERROR];
	struct sensor_config c = { .flow = FLOW_CONFIG_DEFAULT,
		.baseline = BASELINE_CONFIG_DEFAULT,
		.convs_max = 4096,
		.inventory_max = 4096,
		.assets_max = 4096,
		.mode = MODE_DYNAMIC };
	const struct mirror_link link = { .live = true, .up = true };

	sensor = sensor_new(&c, error);
	if (sensor == NULL) {
		(void)printf("sensor_new: %s\n", error);
		abort();
	}
	now = INT64_C(1700000000) * TICK_SECOND;
	mirror_link(sensor_mirror(sensor), 0, &link);
}

/* The sample once more, from now on. */
static void
watch(void)
{
	char path[512];
	const char *paths[1] = { path };
	struct capture *c;
	struct frame f;
	int64_t first = 0;
	uint64_t n = 0;

	(void)snprintf(path, sizeof(path), "%.*s../../samples/plant.pcapng",
	    (int)(strrchr(__FILE__, '/') + 1 - __FILE__), __FILE__);
	c = capture_open(paths, 1);
	if (c == NULL)
		abort();
	while (capture_next(c, &f)) {
		first = first != 0 ? first : f.at.ns;
		f.at.ns += now - first;
		f.port = 0;
		sensor_frame(sensor, &f);
		n++;
	}
	CHECK(n > 100);
	capture_close(c);
	now += ROUND;
	sensor_clock(sensor, (struct tick){ now });
}

struct seen {
	int64_t silent, age;
	uint64_t ended;
	uint32_t said; /* alerts of the clock */
};

static struct seen
look(void)
{
	struct seen v = { .said = 0 };

	CHECK(mirror_is_silent(sensor_mirror(sensor), 0, &v.silent));
	v.silent /= TICK_SECOND;
	v.age = baseline_mode_age(sensor_baseline(sensor));
	v.ended = flow_counts(sensor_flows(sensor))->expired;
	for (uint32_t i = 0; i < detect_count(sensor_detect(sensor)); i++)
		v.said += detect_at(sensor_detect(sensor), i)->row ==
		    ALERT_sensor_clock;
	return v;
}

/* A minute without a frame after the clock jumped, then traffic again. */
static void
step(int64_t by, bool told, struct seen *before, struct seen *at,
    struct seen *after)
{
	begin();
	for (int i = 0; i < 8; i++)
		watch();
	*before = look();
	now += by;
	if (told)
		sensor_clock_set(sensor, (struct tick){ now }, by);
	now += 2 * TICK_SECOND;
	sensor_clock(sensor, (struct tick){ now });
	*at = look();
	for (int i = 0; i < 8; i++)
		watch();
	*after = look();
	sensor_free(sensor);
}

static void
test_told(int64_t by)
{
	struct seen before, at, after;

	step(by, true, &before, &at, &after);
	CHECK(at.silent >= 2 && at.silent < 30);
	CHECK(at.age - before.age < 10);
	CHECK_INT(at.ended, before.ended);
	CHECK_INT(before.said, 0);
	CHECK_INT(at.said, 1);
	/* and it goes on by the time that passes */
	CHECK(after.silent < 30);
	CHECK(after.age - before.age >= 190 && after.age - before.age < 230);
}

static void
test_not_told(void)
{
	struct seen before, at, after;

	step(HOURS(5), false, &before, &at, &after);
	CHECK(at.silent >= 5 * 3600);
	CHECK(at.age - before.age >= 5 * 3600);
	CHECK(at.ended > before.ended);
	CHECK_INT(at.said, 0);
}

int
main(void)
{
	proto_init();
	test_told(HOURS(5));
	test_told(-HOURS(5));
	test_told(HOURS(24 * 400));
	test_not_told();
	return check_done();
}
