/* event_rows.c - what rightfully changes a plant, and what happens to the
 * capture; rows as those of the attacks. */
#include "plant.h"

/* Six new controllers, asked by the server and by two screens. */
static uint64_t
commission(struct plant *p, struct attack *a)
{
	struct host *by[] = { host_of(p, KIND_SCADA, 1),
		host_of(p, KIND_HMI, 2), host_of(p, KIND_HMI, 5) };
	struct host *h = host_of(p, KIND_NEW, a->step + 1);

	a->b = h;
	h->away = false;
	arp_ask(p, host_of(p, KIND_EWS, 1), h);
	for (unsigned i = 0; i < 3; i++) {
		struct link *l = link_add(p, talker_of(KIND_NEW), by[i], h, 60);

		l->items = 4;
		link_start(p, l);
	}
	return a->step < 5 ? 20 * MINUTE : 0;
}

/* Same address, another device: a spare part. */
static uint64_t
replace(struct plant *p, struct attack *a)
{
	struct conn c;

	a->b = host_of(p, KIND_S7, 11 + (uint32_t)(a->at / DAY % 7));
	for (uint32_t i = 0; i < p->n_links; i++)
		if (p->link[i].c.b == a->b)
			p->link[i].c.open = false; /* they connect again */
	for (unsigned i = 3; i < 6; i++)
		a->b->mac[i] = (uint8_t)rng_u32(&a->rng);
	a->b->serial = 10000000 + rng_below(&a->rng, 90000000);
	send_arp(p, 1, everybody, a->b, a->b->ip, everybody, a->b->ip);
	a->a = host_of(p, KIND_EWS, 1);
	arp_ask(p, a->a, a->b);
	c = conn_make(p, a->a, a->b, 102);
	s7_open(p, &c);
	s7_identify(p, &c);
	conn_close(p, &c);
	return 0;
}

static uint64_t
firmware(struct plant *p, struct attack *a)
{
	struct conn c;

	a->a = host_of(p, KIND_EWS, 2);
	a->b = host_of(p, KIND_MODBUS, 14 + a->step);
	a->b->version++;
	c = conn_make(p, a->a, a->b, 502);
	conn_open(p, &c);
	modbus_identify(p, &c, 1);
	conn_close(p, &c);
	return a->step < 2 ? 30 * MINUTE : 0;
}

/* The server is started again: all its connections within minutes. */
static uint64_t
restart(struct plant *p, struct attack *a)
{
	a->a = host_of(p, KIND_SCADA, 1);
	for (uint32_t i = 0; i < p->n_links; i++)
		if (p->link[i].c.a == a->a)
			p->link[i].c.open = false;
	return 0;
}

static uint64_t
loss(struct plant *p, struct attack *a)
{
	p->wire.loss = a->step == 0 ? 20000 : 0;
	return a->step == 0 ? 10 * MINUTE : 0;
}

static uint64_t
clock_back(struct plant *p, struct attack *a)
{
	(void)a;
	p->wire.skew -= (int64_t)HOUR;
	return 0;
}

static uint64_t
clock_forward(struct plant *p, struct attack *a)
{
	(void)a;
	p->wire.skew += (int64_t)HOUR;
	return 0;
}

const struct attack_row event_rows[] = {
	{ "commission", false, commission,
	    "six new controllers, all read every hour" },
	{ "replace", false, replace,
	    "a spare part: same IP address, other MAC and serial number" },
	{ "firmware", false, firmware, "new firmware on three controllers" },
	{ "restart", false, restart,
	    "the server is started again and connects to everybody" },
	{ "loss", false, loss, "the capture misses frames for ten minutes" },
	{ "clock-back", false, clock_back, "the capture's clock, one hour" },
	{ "clock-forward", false, clock_forward,
	    "the capture's clock, one hour" },
	{ .name = NULL },
};
