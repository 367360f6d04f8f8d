/*
 * test_limits.c - no heap allocation per packet, and memory that is capped
 * whatever comes.
 *
 * malloc() and its kin are counted by standing in front of the library's.
 * Under a sanitizer, which has its own, only the caps are checked.
 */
#include "check.h"
#include "frames.h"

#include <stdlib.h>
#include <sys/resource.h>

#include "../../src/decode/decode.h"
#include "../../src/flow/flow.h"
#include "../../src/inventory/conv.h"
#include "../../src/inventory/inventory.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

static unsigned long allocations;

#ifndef SANITIZED
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);

void *
malloc(size_t n)
{
	allocations++;
	return __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	allocations++;
	return __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	allocations++;
	return __libc_realloc(p, n);
}
#endif

struct sensor {
	struct flows *fs;
	struct convs *convs;
	struct inventory *inventory;
	uint32_t frame;
	int64_t ns;
};

static void
on_fact(void *ctx, const struct fact *f, struct talk *t)
{
	struct sensor *s = ctx;

	convs_fact(s->convs, f, t);
	inventory_fact(s->inventory, f, t);
}

static void
on_tally(void *ctx, struct talk *t)
{
	struct sensor *s = ctx;

	convs_tally(s->convs, t);
	inventory_tally(s->inventory, t);
}

static void
sensor_open(struct sensor *s)
{
	struct flow_config config = FLOW_CONFIG_DEFAULT;
	struct flow_listener l = { .ctx = s,
		.fact = on_fact,
		.tally = on_tally };

	memset(s, 0, sizeof(*s));
	s->ns = TICK_SECOND;
	s->convs = convs_new(65536);
	s->inventory = inventory_new(32768, NULL);
	s->fs = flow_new(&config, &l);
}

static void
sensor_close(struct sensor *s)
{
	flow_free(s->fs);
	convs_free(s->convs);
	inventory_free(s->inventory);
}

static void
give(struct sensor *s, const struct built *b)
{
	struct frame f = { .at = { s->ns += 100000 },
		.bytes = SPAN(b->b, b->n),
		.wire_len = b->n,
		.number = ++s->frame,
		.link = 1 };
	struct packet p;

	decode_frame(&f, &p);
	flow_packet(s->fs, &p);
}

static void
give_tcp(struct sensor *s, struct tcp_at at, const uint8_t *data, uint32_t n)
{
	struct built b;

	build_tcp(&b, &at, data, n);
	give(s, &b);
}

/* A poll in two segments, its answer, a UDP question, a fragment, a frame of
 * layer 2: all that happens over and over. */
static void
round_of_traffic(struct sensor *s, uint32_t round)
{
	static const uint8_t ask[12] = { 0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 2 };
	static const uint8_t say[13] = { 0, 1, 0, 0, 0, 7, 1, 3, 4, 0, 1, 0,
		2 };
	static const uint8_t dns[] = { 0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3,
		'p', 'l', 'c', 0, 0, 1, 0, 1 };
	struct tcp_at to = { .src = 1,
		.dst = 2,
		.sport = 40000,
		.dport = 502,
		.seq = 1000 + round * 12,
		.ack = 5000 + round * 13,
		.flags = TCP_ACK };
	struct tcp_at back = { .src = 2,
		.dst = 1,
		.sport = 502,
		.dport = 40000,
		.seq = 5000 + round * 13,
		.ack = 1012 + round * 12,
		.flags = TCP_ACK };
	struct built b;

	give_tcp(s, to, ask, 5);
	to.seq += 5;
	give_tcp(s, to, ask + 5, 7);
	give_tcp(s, back, say, 13);
	build_udp(&b, 1, 3, (uint16_t)(20000 + round % 50), 53, dns,
	    sizeof(dns));
	give(s, &b);
	put16(b.b + 20, 0x2000); /* more to come: waits, then is given up */
	put16(b.b + 18, round);
	put16(b.b + 24, 0);
	put16(b.b + 24, sum_done(sum16(0, b.b + 14, 20)));
	give(s, &b);
}

static void
test_no_allocation(void)
{
	struct sensor s;
	unsigned long before;

	sensor_open(&s);
	for (uint32_t i = 0; i < 2000; i++)
		round_of_traffic(&s, i);
	before = allocations;
	for (uint32_t i = 2000; i < 20000; i++)
		round_of_traffic(&s, i);
	CHECK_INT(allocations - before, 0);
	CHECK(flow_ledger(s.fs) != NULL);
	flow_finish(s.fs);
	CHECK_INT(allocations - before, 0);
	sensor_close(&s);
}

static long
peak_kib(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

/* A million addresses that never were: every table full, memory at its cap. */
static void
test_flood(void)
{
	struct sensor s;
	struct built b;
	long half = 0;

	sensor_open(&s);
	for (uint32_t i = 0; i < 1000000; i++) {
		struct tcp_at at = { .src = 1,
			.dst = 2,
			.sport = (uint16_t)i,
			.dport = 502,
			.seq = i,
			.flags = TCP_SYN };

		build_tcp(&b, &at, NULL, 0);
		put32(b.b + 8, i); /* source MAC and IP address */
		put32(b.b + 26, 0x0a000000u + i);
		put16(b.b + 24, 0);
		put16(b.b + 24, sum_done(sum16(0, b.b + 14, 20)));
		give(&s, &b);
		if (i == 500000)
			half = peak_kib();
	}
	CHECK(flow_counts(s.fs)->evicted > 0);
	CHECK_INT(peak_kib() - half < 1024, true);
#ifndef SANITIZED
	CHECK_INT(peak_kib() < 160 * 1024, true);
#endif
	flow_finish(s.fs);
	CHECK(convs_left_out(s.convs) > 0);
	CHECK(inventory_left_out(s.inventory) > 0);
	CHECK_INT(peak_kib() - half < 16 * 1024, true);
	sensor_close(&s);
}

int
main(void)
{
	proto_init();
	test_no_allocation();
	test_flood();
	return check_done();
}
