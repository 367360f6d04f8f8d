/*
 * site.c - the devices: who made them, where they stand.
 *
 * VLAN 0 (untagged) is the control network 10.30.0.0/22, 30 the substation,
 * 60 the offices; a router stands between them and before the Internet.
 */
#include <stdlib.h>

#include "plant.h"

struct group {
	enum kind kind;
	uint16_t count, vlan;
	uint32_t oui[3]; /* in turn; 0 ends */
	uint32_t ip; /* of the first */
	const char *name; /* the number follows */
	int digits;
	uint8_t ttl;
};

static const struct group groups[] = {
	{ KIND_ROUTER, 1, 0, { 0x00090f }, IP(10, 30, 0, 1), "FW-", 1, 64 },
	{ KIND_MODBUS, 24, 0, { 0x0080f4, 0x000054 }, IP(10, 30, 0, 11),
	    "PLC-M", 2, 64 },
	{ KIND_S7, 20, 0, { 0x001b1b, 0x286336, 0x000e8c }, IP(10, 30, 0, 51),
	    "S7-", 2, 30 },
	{ KIND_LOGIX, 20, 0, { 0x0000bc, 0x001d9c }, IP(10, 30, 0, 81), "CLX-",
	    2, 64 },
	{ KIND_DRIVE_CIP, 6, 0, { 0xf45433 }, IP(10, 30, 0, 111), "PF-", 2,
	    64 },
	{ KIND_DRIVE_MODBUS, 6, 0, { 0x001b08 }, IP(10, 30, 0, 121), "VLT-", 2,
	    64 },
	{ KIND_BACNET, 10, 0, { 0x00108d }, IP(10, 30, 1, 11), "AHU-", 2, 64 },
	{ KIND_OPCUA, 4, 0, { 0x000105 }, IP(10, 30, 1, 31), "CX-", 2, 128 },
	{ KIND_IO, 4, 0, { 0x00a045 }, IP(10, 30, 1, 41), "axl-", 2, 64 },
	{ KIND_GATEWAY, 3, 0, { 0x0090e8 }, IP(10, 30, 1, 51), "GW-", 2, 64 },
	{ KIND_IEC104, 10, 30, { 0x0002a3 }, IP(10, 30, 30, 11), "RTU-", 2,
	    64 },
	{ KIND_DNP3, 8, 30, { 0x0030a7 }, IP(10, 30, 30, 31), "SEL-", 2, 64 },
	{ KIND_IED, 8, 30, { 0x0021c1 }, IP(10, 30, 30, 51), "BAY-", 2, 64 },
	{ KIND_HMI, 12, 0, { 0x00d0c9 }, IP(10, 30, 2, 11), "HMI-", 2, 128 },
	{ KIND_SCADA, 3, 0, { 0x00110a }, IP(10, 30, 2, 31), "SCADA-", 1, 128 },
	{ KIND_HISTORIAN, 1, 0, { 0x001422 }, IP(10, 30, 2, 41), "HIST-", 1,
	    128 },
	{ KIND_EWS, 4, 0, { 0x3417eb }, IP(10, 30, 2, 51), "EWS-", 2, 128 },
	{ KIND_SWITCH, 10, 0, { 0x008063 }, IP(10, 30, 3, 11), "SW-", 2, 64 },
	{ KIND_CLOCK, 1, 0, { 0xec4670 }, IP(10, 30, 3, 5), "LANTIME", 1, 64 },
	{ KIND_CAMERA, 1, 0, { 0x00408c }, IP(10, 30, 3, 61), "CAM-", 1, 64 },
	{ KIND_CLIENT, 40, 60, { 0xd4bed9, 0x54ee75, 0x8cec4b },
	    IP(10, 30, 60, 101), "PC-", 3, 128 },
	{ KIND_DC, 1, 60, { 0x00110a }, IP(10, 30, 60, 10), "DC-", 1, 128 },
	{ KIND_FILES, 1, 60, { 0x001132 }, IP(10, 30, 60, 11), "FILES", 1, 64 },
	{ KIND_PRINTER, 2, 60, { 0x3cd92b }, IP(10, 30, 60, 21), "PRN-", 1,
	    64 },
	/* not there on the first day */
	{ KIND_NEW, 6, 0, { 0x0080f4 }, IP(10, 30, 0, 201), "PLC-N", 1, 64 },
	{ KIND_ROGUE, 2, 0, { 0x000ec6 }, IP(10, 30, 2, 201), "kali-", 1, 64 },
	{ KIND_OUTSIDE, 60, 0xfff, { 0x000001 }, IP(203, 0, 113, 10), "out-", 1,
	    52 },
};

struct host *
host_add(struct plant *p, enum kind kind, uint32_t number, uint32_t oui,
    uint32_t ip, uint16_t vlan, const char *name)
{
	struct host *h = &p->host[p->n_hosts++];
	struct rng r = rng_of(p->seed, name, kind);
	uint32_t tail = rng_u32(&r);

	*h = (struct host){ .mac = { (uint8_t)(oui >> 16), (uint8_t)(oui >> 8),
				(uint8_t)oui, (uint8_t)(tail >> 16),
				(uint8_t)(tail >> 8), (uint8_t)p->n_hosts },
		.ip = ip,
		.vlan = vlan,
		.ident = (uint16_t)rng_u32(&r),
		.port = (uint16_t)(49152 + rng_below(&r, 16000)),
		.kind = (uint8_t)kind,
		.number = (uint16_t)number,
		.serial = 10000000 + rng_below(&r, 90000000) };
	(void)snprintf(h->name, sizeof(h->name), "%s", name);
	(void)snprintf(h->user, sizeof(h->user), "%s%u",
	    kind == KIND_EWS          ? "engineer"
		: kind == KIND_HMI    ? "operator"
		: kind == KIND_CLIENT ? "user"
				      : "svc",
	    (unsigned)number);
	return h;
}

/* Servers all over the world, thirty networks. */
static uint32_t
outside_ip(uint32_t number)
{
	return IP(20 + number % 60, 30 + number * 7 % 200, number * 13 % 250,
	    10 + number);
}

static void
add_group(struct plant *p, const struct group *g)
{
	uint32_t makes = g->oui[1] == 0 ? 1 : g->oui[2] == 0 ? 2 : 3;
	bool later = g->kind == KIND_NEW || g->kind == KIND_ROGUE;

	for (uint32_t i = 0; i < g->count; i++) {
		char name[16];
		struct host *h;

		(void)snprintf(name, sizeof(name), "%s%0*u", g->name, g->digits,
		    i + 1);
		h = host_add(p, g->kind, i + 1, g->oui[i % makes], g->ip + i,
		    g->vlan, name);
		h->ttl = g->ttl;
		h->away = later;
		if (g->kind == KIND_OUTSIDE)
			h->ip = outside_ip(i);
	}
}

void
site_build(struct plant *p)
{
	struct host *front;

	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++)
		add_group(p, &groups[i]);
	/* the second server asks the substation, and stands in it */
	front = host_of(p, KIND_SCADA, 2);
	front->vlan = 30;
	front->ip = IP(10, 30, 30, 2);
	p->router = host_of(p, KIND_ROUTER, 1);
	p->server = host_of(p, KIND_DC, 1);
	p->files = host_of(p, KIND_FILES, 1);
	p->clock = host_of(p, KIND_CLOCK, 1);
}

struct host *
host_of(struct plant *p, enum kind kind, uint32_t number)
{
	for (uint32_t i = 0; i < p->n_hosts; i++)
		if (p->host[i].kind == kind && p->host[i].number == number)
			return &p->host[i];
	abort();
}

uint32_t
host_count(const struct plant *p, enum kind kind)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->n_hosts; i++)
		n += p->host[i].kind == kind;
	return n;
}
