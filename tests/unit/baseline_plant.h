/*
 * baseline_plant.h - a small plant for tests of the baseline: assets, facts
 * and hours of them.
 */
#ifndef UNIT_BASELINE_PLANT_H
#define UNIT_BASELINE_PLANT_H

#include "check.h"

#include <stdlib.h>

#include "../../src/baseline/baseline.h"
#include "../../src/proto/proto.h"

#define HOUR (3600 * TICK_SECOND)
#define DAY (24 * HOUR)
/* a Monday, midnight */
#define START (INT64_C(1790553600) * TICK_SECOND)

struct plant {
	struct assets *assets;
	struct baseline *base;
	uint32_t n, novel, spoken, changes;
	uint32_t by_scenario[SCENARIO_COUNT], by_why[WHY_COUNT];
	uint32_t changed[SCENARIO_COUNT];
	struct novelty last; /* that spoke */
	uint8_t modbus;
};

static inline void
plant_novelty(void *ctx, const struct novelty *v)
{
	struct plant *p = ctx;

	p->novel++;
	if (!v->speak)
		return;
	p->spoken++;
	p->by_scenario[v->scenario]++;
	p->by_why[v->why]++;
	p->changes += v->why == WHY_CHANGE;
	p->changed[v->scenario] += v->why == WHY_CHANGE;
	p->last = *v;
}

static inline void
plant_forget(struct plant *p)
{
	p->novel = p->spoken = p->changes = 0;
	memset(p->by_scenario, 0, sizeof(p->by_scenario));
	memset(p->by_why, 0, sizeof(p->by_why));
	memset(p->changed, 0, sizeof(p->changed));
	memset(&p->last, 0, sizeof(p->last));
}

static inline struct asset
plant_asset(uint32_t id, uint32_t flags, int64_t at)
{
	struct asset a = { .id = id,
		.flags = flags,
		.vlan = TALK_NO_VLAN,
		.first = { at },
		.last = { at } };
	const uint8_t ip[4] = { 10, 0, (uint8_t)(id >> 8), (uint8_t)id };

	a.addr.ip = ip4_of(ip);
	a.addr.has_mac = true;
	a.addr.mac =
	    (struct mac){ { 2, 0, 0, 0, (uint8_t)(id >> 8), (uint8_t)id } };
	return a;
}

static inline void
plant_add(struct plant *p, uint32_t n, uint32_t flags, int64_t at)
{
	for (; n > 0; n--) {
		const struct asset a = plant_asset(++p->n, flags, at);

		CHECK(assets_restore(p->assets, &a));
		baseline_new_asset(p->base, &a);
	}
}

static inline struct plant *
plant_new(const struct baseline_config *c)
{
	struct plant *p = calloc(1, sizeof(*p));
	struct baseline_listener l = { .ctx = p, .novelty = plant_novelty };

	if (p == NULL)
		abort();
	proto_init();
	while (strcmp(protos[p->modbus]->name, "modbus") != 0)
		p->modbus++;
	p->assets = assets_new(4096);
	p->base = baseline_new(c, p->assets, &l);
	CHECK(p->assets != NULL && p->base != NULL);
	return p;
}

static inline void
plant_free(struct plant *p)
{
	baseline_free(p->base);
	assets_free(p->assets);
	free(p);
}

static inline struct talk
plant_talk(const struct plant *p, uint32_t client, uint32_t server, int64_t at)
{
	struct talk t = { .via = VIA_TCP,
		.proto = p->modbus,
		.sure = true,
		.vlan = TALK_NO_VLAN,
		.flow = client << 16 | server,
		.client_port = 50000,
		.server_port = 502,
		.first = { at },
		.last = { at } };

	t.client = plant_asset(client, 0, at).addr;
	t.server = plant_asset(server, 0, at).addr;
	return t;
}

static inline struct fact
plant_request(const struct plant *p, uint8_t op, uint32_t first, uint32_t count,
    int64_t at)
{
	const bool write = op == 5 || op == 6 || op == 15 || op == 16;

	return (struct fact){ .at = { at },
		.proto = p->modbus,
		.kind = write ? FACT_WRITE : FACT_READ,
		.risk = write ? RISK_WRITE : RISK_NONE,
		.op = op,
		.unit = 1,
		.has_unit = true,
		.is_message = true,
		.object = { .space = SPACE_HOLDING,
		    .first = first,
		    .count = count } };
}

static inline void
plant_say(struct plant *p, uint32_t client, uint32_t server,
    const struct fact *f)
{
	const struct talk t = plant_talk(p, client, server, f->at.ns);

	baseline_fact(p->base, f, &t, client, server);
}

static inline void
plant_ask(struct plant *p, uint32_t client, uint32_t server, uint8_t op,
    uint32_t first, uint32_t count, int64_t at)
{
	const struct fact f = plant_request(p, op, first, count, at);

	plant_say(p, client, server, &f);
}

#endif
