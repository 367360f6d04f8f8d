/* links.c - who asks whom again and again, over connections that last. */
#include "plant.h"

/* ------------------------------------------------------------ the protocols */

static void
modbus_poll(struct plant *p, struct link *l, uint32_t i)
{
	unsigned unit = l->units == 0 ? 1 : 1 + i % l->units;

	modbus_read(p, &l->c, unit, i == 3 ? 1 : 3, l->first[i], l->count[i]);
}

static void
s7_poll(struct plant *p, struct link *l, uint32_t i)
{
	s7_read(p, &l->c, 10 + i, l->first[i] & ~1u, l->count[i] & ~1u);
}

static void
logix_poll(struct plant *p, struct link *l, uint32_t i)
{
	static const char *const tags[] = { "Line.Speed", "Tank.Level",
		"Oven.Zone", "Pack.Count" };
	char name[24];

	(void)snprintf(name, sizeof(name), "%s%u", tags[i],
	    (unsigned)l->first[i] % 100);
	cip_read_tag(p, &l->c, name, 1u + l->count[i] % 8);
}

/* Speed, torque, state of a drive: attributes of the motor's object. */
static void
drive_poll(struct plant *p, struct link *l, uint32_t i)
{
	cip_get(p, &l->c, 0x28, 1, 6 + i);
}

static void
iec104_poll(struct plant *p, struct link *l, uint32_t i)
{
	if (i == 3)
		iec104_test(p, &l->c);
	else
		iec104_values(p, &l->c, 2001 + 2 * i, 2);
}

static void
dnp3_link_poll(struct plant *p, struct link *l, uint32_t i)
{
	dnp3_poll(p, &l->c, i == 3);
}

static void
mms_poll(struct plant *p, struct link *l, uint32_t i)
{
	static const char *const items[] = { "MMXU1$MX$TotW", "MMXU1$MX$TotVAr",
		"MMXU1$MX$Hz", "MMXU1$MX$TotPF" };

	mms_read(p, &l->c, items[i]);
}

static void
opcua_poll(struct plant *p, struct link *l, uint32_t i)
{
	opcua_read(p, &l->c, 2000 + l->first[i], 4);
}

static void
bacnet_poll(struct plant *p, struct link *l, uint32_t i)
{
	bacnet_read(p, l->c.a, l->c.b, 0, 1 + i, 85);
}

static void
nothing(struct plant *p, struct conn *c)
{
	(void)p;
	c->open = true;
}

static const struct talker talkers[KIND_COUNT] = {
	[KIND_MODBUS] = { 502, conn_open, modbus_poll, conn_close },
	[KIND_NEW] = { 502, conn_open, modbus_poll, conn_close },
	[KIND_DRIVE_MODBUS] = { 502, conn_open, modbus_poll, conn_close },
	[KIND_GATEWAY] = { 502, conn_open, modbus_poll, conn_close },
	[KIND_S7] = { 102, s7_open, s7_poll, conn_close },
	[KIND_LOGIX] = { 44818, enip_open, logix_poll, enip_close },
	[KIND_DRIVE_CIP] = { 44818, enip_open, drive_poll, enip_close },
	[KIND_IEC104] = { 2404, iec104_open, iec104_poll, conn_close },
	[KIND_DNP3] = { 20000, conn_open, dnp3_link_poll, conn_close },
	[KIND_IED] = { 102, mms_open, mms_poll, conn_close },
	[KIND_OPCUA] = { 4840, opcua_open, opcua_poll, conn_close },
	[KIND_BACNET] = { 47808, nothing, bacnet_poll, nothing },
};

const struct talker *
talker_of(enum kind kind)
{
	return talkers[kind].poll == NULL ? NULL : &talkers[kind];
}

/* ----------------------------------------------------------------- the cycle
 */

/* Some screens are dark on weekends; the connection is kept alive. */
static bool
dark(const struct plant *p, const struct link *l)
{
	return l->shifts && l->c.a->number % 3 == 0 && plant_weekday(p) >= 5;
}

static void
again(struct plant *p, struct link *l)
{
	const struct host *a = l->c.a, *b = l->c.b;

	l->c = conn_make(p, l->c.a, l->c.b, l->talker->port);
	if (a->vlan == b->vlan && rng_below(&l->rng, 4) == 0)
		arp_ask(p, l->c.a, l->c.b);
	l->talker->open(p, &l->c);
	l->until = p->now + DAY + rng_wait(&l->rng, 6 * DAY);
}

static void
turn(struct plant *p, void *arg)
{
	struct link *l = arg;
	uint64_t period = l->period;

	if (l->quiet)
		return;
	if (dark(p, l) && l->c.open) {
		conn_alive(p, &l->c);
		plant_after(p, rng_about(&l->rng, 2 * HOUR), turn, l);
		return;
	}
	if (!l->c.open) {
		again(p, l);
	} else if (p->now > l->until) {
		l->talker->close(p, &l->c);
		period = rng_about(&l->rng, 20 * SECOND);
	} else {
		l->talker->poll(p, l, l->turn++ % l->items);
	}
	if (l->shifts)
		period = (uint64_t)((double)period / plant_work(p));
	plant_after(p, rng_about(&l->rng, period), turn, l);
}

struct link *
link_add(struct plant *p, const struct talker *t, struct host *a,
    struct host *b, uint32_t seconds)
{
	struct link *l = &p->link[p->n_links++];

	*l = (struct link){ .c = { .a = a, .b = b },
		.talker = t,
		.rng = rng_of(p->seed, a->name, b->ip),
		.period = (uint64_t)(seconds * (double)SECOND / p->rate),
		.shifts = a->kind == KIND_HMI,
		.units = b->kind == KIND_GATEWAY ? 4 : 0 };
	l->items = b->kind == KIND_DRIVE_CIP ? 3
	    : b->kind == KIND_GATEWAY || b->kind == KIND_IEC104 ||
		b->kind == KIND_DNP3
	    ? 4
	    : 2 + rng_below(&l->rng, 3);
	for (uint32_t i = 0; i < 4; i++) {
		l->first[i] = i * 100 + rng_below(&l->rng, 8) * 10;
		l->count[i] = (uint16_t)(4 + rng_below(&l->rng, 9));
	}
	return l;
}

void
link_start(struct plant *p, struct link *l)
{
	/* MMS says only in the beginning which contexts it uses */
	uint64_t unseen = l->c.b->kind == KIND_IED ? 10 * MINUTE : 0;

	plant_after(p, unseen + rng_below(&l->rng, 300) * SECOND, turn, l);
}

struct link *
link_between(struct plant *p, const struct host *a, const struct host *b)
{
	for (uint32_t i = 0; i < p->n_links; i++)
		if (p->link[i].c.a == a && p->link[i].c.b == b)
			return &p->link[i];
	return NULL;
}

static void
all_of(struct plant *p, struct host *a, enum kind kind, uint32_t seconds)
{
	uint32_t n = host_count(p, kind);

	for (uint32_t i = 1; i <= n; i++)
		link_start(p,
		    link_add(p, talker_of(kind), a, host_of(p, kind, i),
			seconds + i * 7 % 40));
}

/* Each screen shows three controllers, neighbours share some. */
static void
screen(struct plant *p, struct host *h)
{
	static const enum kind kinds[] = { KIND_S7, KIND_LOGIX, KIND_MODBUS };

	for (uint32_t i = 0; i < 3; i++) {
		uint32_t n = host_count(p, kinds[i]);
		uint32_t at = (h->number * 2u + i * 7u) % n;

		link_start(p,
		    link_add(p, talker_of(kinds[i]), h,
			host_of(p, kinds[i], at + 1), 70 + 10 * i));
	}
}

void
links_build(struct plant *p)
{
	struct host *first = host_of(p, KIND_SCADA, 1);
	struct host *second = host_of(p, KIND_SCADA, 2);
	struct host *third = host_of(p, KIND_SCADA, 3);

	all_of(p, first, KIND_MODBUS, 45);
	all_of(p, first, KIND_S7, 45);
	all_of(p, first, KIND_LOGIX, 45);
	all_of(p, first, KIND_DRIVE_CIP, 60);
	all_of(p, first, KIND_DRIVE_MODBUS, 60);
	all_of(p, first, KIND_GATEWAY, 40);
	all_of(p, second, KIND_IEC104, 50);
	all_of(p, second, KIND_DNP3, 50);
	all_of(p, second, KIND_IED, 50);
	all_of(p, third, KIND_BACNET, 60);
	all_of(p, third, KIND_OPCUA, 60);
	all_of(p, host_of(p, KIND_HISTORIAN, 1), KIND_OPCUA, 80);
	for (uint32_t i = 1; i <= host_count(p, KIND_HMI); i++)
		screen(p, host_of(p, KIND_HMI, i));
}
