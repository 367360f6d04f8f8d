/*
 * Each finding of src/mirror/findings.def: an arrangement that makes it, and
 * one close to it that must not.  And a mirror that is right: nothing is said.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../../src/proto/proto.h"
#include "../unit/check.h"
#include "world.h"

#define NAMED(k)                            \
	{                                   \
		.name = "cell", .kind = (k) \
	}
#define LIVE                                                   \
	{                                                      \
		.live = true, .up = true, .full_duplex = true, \
		.driver = "igb", .mbit = 1000                  \
	}
#define LIVE_WITH(...)                                                     \
	{                                                                  \
		.live = true, .up = true, .full_duplex = true, __VA_ARGS__ \
	}

static const struct row {
	enum finding_id id;
	struct world fires, quiet;
} rows[] = {
	{ FINDING_NO_LINK, { .link = { { .live = true } } },
	    { .link = { LIVE } } },
	{ FINDING_NO_TRAFFIC, { .link = { LIVE }, .silent_s = 90 },
	    { .link = { LIVE }, .silent_s = 20 } },
	{ FINDING_ESXI,
	    { .no_unicast = true,
		.groups = 2,
		.link = { LIVE_WITH(.driver = "vmxnet3") } },
	    { .groups = 2, .link = { LIVE_WITH(.driver = "vmxnet3") } } },
	{ FINDING_HYPER_V,
	    { .no_unicast = true,
		.groups = 2,
		.link = { LIVE_WITH(.driver = "hv_netvsc") } },
	    { .no_unicast = true,
		.groups = 2,
		.link = { LIVE_WITH(.driver = "vmxnet3") } } },
	{ FINDING_ONLY_GROUPS, { .no_unicast = true, .groups = 2 },
	    { .no_unicast = true, .goose = 5 } },
	{ FINDING_MOSTLY_ARP, { .arps = 12 }, { .arps = 3 } },
	{ FINDING_HALF_SILENT,
	    { .port = { NAMED(MIRROR_TAP_RX), NAMED(MIRROR_TAP_TX) } },
	    { .port = { NAMED(MIRROR_TAP_RX), NAMED(MIRROR_TAP_TX) },
		.by_two = true } },
	{ FINDING_ONE_WAY, { .side = ONLY_CLIENT },
	    { .port = { NAMED(MIRROR_TAP_RX), NAMED(MIRROR_TAP_TX) },
		.by_two = true } },
	{ FINDING_TAP_SAME,
	    { .port = { NAMED(MIRROR_TAP_RX), NAMED(MIRROR_TAP_TX) },
		.copy = COPY_THERE },
	    { .port = { NAMED(MIRROR_TAP_RX), NAMED(MIRROR_TAP_TX) },
		.by_two = true } },
	{ FINDING_NO_INDUSTRIAL, { .web = true }, { .also_web = 2 } },
	{ FINDING_LITTLE_INDUSTRIAL, { .also_web = 100 }, { .also_web = 10 } },
	{ FINDING_COPIES, { .copy = COPY_HERE }, { .copy = COPY_LATER } },
	{ FINDING_COPIES_GROUP, { .copy = COPY_GROUPS, .groups = 3 },
	    { .groups = 3 } },
	{ FINDING_COPIES_PORT, { .copy = COPY_THERE }, { .by_two = true } },
	{ FINDING_COPIES_ROUTED, { .copy = COPY_BEHIND_ROUTER },
	    { .copy = COPY_HERE } },
	{ FINDING_TAGS_LOST, { .two_nets = true }, { .one_large_net = true } },
	{ FINDING_RSPAN_UNNAMED, { .vlan = 7, .outer = 900 },
	    { .vlan = 7,
		.outer = 900,
		.port = { { .name = "r",
		    .kind = MIRROR_RSPAN,
		    .rspan_vlan = 900 } } } },
	{ FINDING_CUT, { .snap = 64 }, { .snap = 1500 } },
	{ FINDING_DAMAGED, { .fcs = true }, { .vlan = 5 } },
	{ FINDING_BAD_SUMS, { .bad_sums = true }, { .bad_sums = false } },
	{ FINDING_KERNEL_DROPS, { .link = { LIVE_WITH(.kernel_dropped = 7) } },
	    { .link = { LIVE } } },
	{ FINDING_NIC_DROPS, { .link = { LIVE_WITH(.nic_missed = 7) } },
	    { .link = { LIVE_WITH(.nic_damaged = 0) } } },
	{ FINDING_TUNNEL_LOSS, { .erspan = 2, .session = 7, .tunnel_lose = 20 },
	    { .erspan = 2, .session = 7 } },
	{ FINDING_SWITCH_LOSS, { .lose = 15 }, { .copy = COPY_LATER } },
	{ FINDING_OUR_LOSS, { .ours = 3 }, { .ours = 0 } },
	{ FINDING_FULL, { .bulk = 90, .link = { LIVE_WITH(.mbit = 10) } },
	    { .bulk = 90, .link = { LIVE } } },
	{ FINDING_NO_SEQUENCE, { .erspan = 1 }, { .erspan = 3, .session = 9 } },
	{ FINDING_UNKNOWN_SESSION,
	    { .erspan = 2,
		.session = 8,
		.port = { { .name = "e",
		    .kind = MIRROR_ERSPAN,
		    .n_session = 1,
		    .session = { { 7, "press" } } } } },
	    { .erspan = 2,
		.session = 7,
		.port = { { .name = "e",
		    .kind = MIRROR_ERSPAN,
		    .n_session = 1,
		    .session = { { 7, "press" } } } } } },
	{ FINDING_SPLIT_TUNNEL, { .erspan = 2, .session = 1, .split = true },
	    { .erspan = 2, .session = 1 } },
	{ FINDING_TIME_JUMPS, { .back = 3 * TICK_SECOND },
	    { .back = TICK_SECOND / 2000 } },
	{ FINDING_ORDER, { .late = 300000 }, { .copy = COPY_HERE } },
	{ FINDING_SKEW,
	    { .late = 300000,
		.by_two = true,
		.port = { NAMED(MIRROR_TAP_RX), NAMED(MIRROR_TAP_TX) } },
	    { .by_two = true,
		.port = { NAMED(MIRROR_TAP_RX), NAMED(MIRROR_TAP_TX) } } },
	{ FINDING_SENT, { .link = { LIVE_WITH(.sent = 2) } },
	    { .link = { LIVE_WITH(.sent = 2, .may_send = true) } } },
	{ FINDING_HALF_DUPLEX,
	    { .link = { { .live = true, .up = true, .mbit = 10 } } },
	    { .link = { LIVE } } },
};

/* Whether the finding is among those of any point; its text in `figure`. */
static bool
found(struct stage *s, enum finding_id id, char figure[static 96])
{
	struct mirrors *m = sensor_mirror(s->sensor);
	struct mirror_verdict v;
	bool any = false;

	for (unsigned i = 0; i < mirror_points(m); i++) {
		if (!mirror_verdict(m, i, &v))
			continue;
		for (uint32_t k = 0; k < v.n_findings; k++)
			if (v.finding[k].id == id) {
				any = true;
				memcpy(figure, v.finding[k].figure, 96);
			}
	}
	return any;
}

static void
say_all(struct stage *s)
{
	struct mirrors *m = sensor_mirror(s->sensor);
	char text[MIRROR_TEXT];
	struct mirror_verdict v;

	for (unsigned i = 0; i < mirror_points(m); i++) {
		if (!mirror_verdict(m, i, &v))
			continue;
		for (uint32_t k = 0; k < v.n_findings; k++)
			(void)printf("    %s: %s: %s\n", v.name,
			    finding_rows[v.finding[k].id].name,
			    mirror_finding_text(&v.finding[k], text));
	}
}

static void
test_row(const struct row *r, bool fires)
{
	static struct stage s;
	char figure[96] = "";

	s = (struct stage){ .w = fires ? r->fires : r->quiet };
	world_run(&s);
	if (!check_note(found(&s, r->id, figure) == fires)) {
		(void)printf("%s: %s; there are:\n", finding_rows[r->id].name,
		    fires ? "not found" : "found where it is not so");
		say_all(&s);
	}
	world_end(&s);
}

/* What is right is called so, also live, tagged, in tunnels, by two ports. */
static void
test_good(void)
{
	static const struct world good[] = {
		{ .polls = 100 },
		{ .polls = 5000 },
		{ .link = { LIVE }, .vlan = 5 },
		{ .erspan = 2, .session = 7 },
		{ .erspan = 3,
		    .session = 7,
		    .port = { { .name = "e", .kind = MIRROR_ERSPAN } } },
		{ .vlan = 7,
		    .outer = 900,
		    .port = { { .name = "r",
			.kind = MIRROR_RSPAN,
			.rspan_vlan = 900 } } },
		{ .by_two = true,
		    .port = { NAMED(MIRROR_TAP_RX), NAMED(MIRROR_TAP_TX) },
		    .link = { LIVE, LIVE } },
	};
	static struct stage s;
	struct mirror_verdict v;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		unsigned points = 0;

		s = (struct stage){ .w = good[i] };
		world_run(&s);
		for (unsigned k = 0; k < mirror_points(sensor_mirror(s.sensor));
		     k++) {
			if (!mirror_verdict(sensor_mirror(s.sensor), k, &v))
				continue;
			points++;
			CHECK_STR(mirror_grade_name(v.grade), "good");
			CHECK(v.packets > 0);
		}
		CHECK_INT(points,
		    1 +
			(good[i].erspan != 0 || good[i].outer != 0 ||
			    good[i].by_two));
		if (points == 0 || v.grade != MIRROR_GOOD)
			say_all(&s);
		world_end(&s);
	}
}

static uint64_t
polls_counted(struct stage *s)
{
	uint64_t packets = 0;
	struct convs *cs = sensor_convs(s->sensor);

	(void)sensor_finish(s->sensor);
	for (uint32_t i = 0; i < convs_count(cs); i++)
		if (convs_at(cs, i)->port == 502)
			packets += convs_at(cs, i)->packets[0] +
			    convs_at(cs, i)->packets[1];
	return packets;
}

/* What a mirror sends twice counts once, and so does what it loses. */
static void
test_once(void)
{
	static struct stage s;

	for (int copy = NO_COPY; copy <= COPY_LATER; copy++) {
		if (copy == COPY_BEHIND_ROUTER)
			continue;
		s = (struct stage){ .w = { .copy = (enum world_copy)copy } };
		world_run(&s);
		CHECK_INT(polls_counted(&s), copy == COPY_LATER ? 1200 : 600);
		world_end(&s);
	}
}

/* Two halves of a TAP are one conversation. */
static void
test_joined(void)
{
	static struct stage s;
	struct convs *cs;
	uint32_t n = 0;

	s = (struct stage){
		.w = { .by_two = true,
		    .port = { NAMED(MIRROR_TAP_RX), NAMED(MIRROR_TAP_TX) } }
	};
	world_run(&s);
	CHECK_INT(polls_counted(&s), 600);
	cs = sensor_convs(s.sensor);
	for (uint32_t i = 0; i < convs_count(cs); i++)
		if (convs_at(cs, i)->port == 502) {
			n++;
			CHECK_INT(convs_at(cs, i)->packets[0], 200);
			CHECK_INT(convs_at(cs, i)->packets[1], 100);
		}
	CHECK_INT(n, 2);
	CHECK_INT(flow_counts(sensor_flows(s.sensor))->gaps, 0);
	world_end(&s);
}

/* The RSPAN VLAN is the mirror's: the device's own is what is kept. */
static void
test_rspan(void)
{
	static struct stage s;
	struct convs *cs;

	s = (struct stage){
		.w = { .vlan = 7,
		    .outer = 900,
		    .port = { { .kind = MIRROR_RSPAN, .rspan_vlan = 900 } } }
	};
	world_run(&s);
	(void)sensor_finish(s.sensor);
	cs = sensor_convs(s.sensor);
	CHECK(convs_count(cs) > 0);
	for (uint32_t i = 0; i < convs_count(cs); i++)
		CHECK_INT(convs_at(cs, i)->vlan, 7);
	world_end(&s);
}

int
main(void)
{
	bool have[FINDING_COUNT] = { false };

	proto_init();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		have[rows[i].id] = true;
		test_row(&rows[i], true);
		test_row(&rows[i], false);
	}
	for (unsigned i = 0; i < FINDING_COUNT; i++)
		if (!check_note(have[i]))
			(void)printf("%s: no arrangement\n",
			    finding_rows[i].name);
	test_good();
	test_once();
	test_joined();
	test_rspan();
	return check_done();
}
