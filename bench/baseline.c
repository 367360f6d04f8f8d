/*
 * baseline.c - how long the baseline takes for a fact it knows, and how much
 * memory a million keys need.
 *
 *	baseline [ROUNDS]
 *
 * A plant of 200 clients and 50 servers, each pair polled for ten objects a
 * round: 100 000 facts that are all known after three hours.  Then the same
 * with a hot set that fits the memo, and a million keys that do not repeat.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "../src/baseline/baseline.h"
#include "../src/proto/proto.h"

#define CLIENTS 200u
#define SERVERS 50u
#define OBJECTS 10u
#define HOUR (3600 * TICK_SECOND)
#define START (INT64_C(1790553600) * TICK_SECOND)

static struct assets *assets;
static struct baseline *base;
static uint8_t modbus;

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double
resident(void)
{
	long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	if (file == NULL || fscanf(file, "%*d %ld", &pages) != 1)
		pages = 0;
	if (file != NULL)
		(void)fclose(file);
	return (double)pages * 4096;
}

static void
hear(void *ctx, const struct novelty *n)
{
	(void)ctx;
	(void)n;
}

static struct talk
talk_of(uint32_t client, uint32_t server)
{
	struct talk t = { .via = VIA_TCP,
		.proto = modbus,
		.vlan = TALK_NO_VLAN,
		.flow = client * SERVERS + server,
		.server_port = 502 };

	t.client.ip.len = t.server.ip.len = 4;
	t.client.ip.b[3] = (uint8_t)client;
	t.server.ip.b[3] = (uint8_t)server;
	return t;
}

static void
ask(uint32_t client, uint32_t server, uint32_t object, uint32_t unit,
    int64_t at)
{
	const struct talk t = talk_of(client, server);
	const struct fact f = { .at = { at },
		.proto = modbus,
		.kind = FACT_READ,
		.op = 3,
		.unit = unit,
		.has_unit = true,
		.is_message = true,
		.object = { .space = SPACE_HOLDING,
		    .first = object * 100,
		    .count = 10 } };

	baseline_fact(base, &f, &t, client, server);
}

static uint32_t
round_of(uint32_t clients, uint32_t servers, int64_t at)
{
	uint32_t n = 0;

	for (uint32_t c = 1; c <= clients; c++)
		for (uint32_t s = 1; s <= servers; s++)
			for (uint32_t o = 0; o < OBJECTS; o++, n++)
				ask(c, CLIENTS + s, o, 1, at);
	return n;
}

static void
measure(const char *what, uint32_t clients, uint32_t servers, int64_t at,
    uint32_t rounds)
{
	uint64_t n = round_of(clients, servers, at); /* fills the memo */
	double began = now(), took;

	n = 0;
	for (uint32_t i = 0; i < rounds; i++)
		n += round_of(clients, servers, at + i * TICK_SECOND);
	took = now() - began;
	(void)printf("%-36s %8.1f ns a fact\n", what, took / (double)n);
}

static void
a_million(int64_t at)
{
	const double before = resident();
	const uint64_t keys = baseline_counts(base)->keys;
	double began = now(), took, n;

	for (uint32_t i = 0; baseline_counts(base)->keys < 1000000 && i < 800;
	     i++, at += 120 * TICK_SECOND)
		for (uint32_t c = 1; c <= CLIENTS; c++)
			for (uint32_t k = 0; k < 30; k++)
				ask(c, CLIENTS + 1 + i % SERVERS, k,
				    2 + i / SERVERS, at);
	took = now() - began;
	n = (double)(baseline_counts(base)->keys - keys);
	(void)printf("%-36s %8.1f ns a key, %.0f keys\n", "keys that are new",
	    took / n, n);
	(void)printf("%-36s %8.1f bytes a key, %.0f MiB in all\n",
	    "memory touched", (resident() - before) / n, resident() / 1048576);
}

int
main(int argc, char **argv)
{
	const uint32_t rounds =
	    argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 20;
	const struct baseline_listener l = { .novelty = hear };
	struct baseline_config c = BASELINE_CONFIG_DEFAULT;
	struct scenario_report r;
	int64_t at = START;
	double began;

	proto_init();
	while (strcmp(protos[modbus]->name, "modbus") != 0)
		modbus++;
	assets = assets_new(4096);
	base = baseline_new(&c, assets, &l);
	if (assets == NULL || base == NULL)
		return 1;
	for (uint32_t i = 1; i <= CLIENTS + SERVERS; i++) {
		struct asset a = { .id = i, .vlan = TALK_NO_VLAN };

		a.addr.ip.len = 4;
		a.addr.ip.b[2] = (uint8_t)(i >> 8);
		a.addr.ip.b[3] = (uint8_t)i;
		if (!assets_restore(assets, &a))
			return 1;
	}
	/* slow enough for the limit on new keys */
	for (uint32_t i = 0; i < 30; i++, at += HOUR)
		(void)round_of(CLIENTS, SERVERS, at);
	measure("known, of 100 000", CLIENTS, SERVERS, at, rounds);
	measure("known, of 1 000", 10, 10, at, 100 * rounds);
	a_million(at + HOUR);
	began = now();
	baseline_report(base, SCENARIO_READ, &r);
	(void)printf("%-36s %8.1f ms\n", "a scan of all keys",
	    (now() - began) / 1e6);
	baseline_free(base);
	assets_free(assets);
	return 0;
}
