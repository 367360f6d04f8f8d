/* test_join.c - buffers in classes, and messages put together from pieces. */
#include "check.h"

#include <stdlib.h>

#include "../../src/base/bufs.h"
#include "../../src/proto/join.h"

static void
test_bufs(void)
{
	struct bufs *b = bufs_new(1u << 20);
	void *p[64];
	unsigned n = 0;

	CHECK_INT(bufs_room(1), 64);
	CHECK_INT(bufs_room(65), 128);
	CHECK(bufs_get(b, BUFS_MAX + 1) == NULL);
	while (n < 64 && (p[n] = bufs_get(b, 256u << 10)) != NULL)
		memset(p[n++], 0xff, 256u << 10);
	CHECK_INT(n, 4);
	CHECK_INT(bufs_used(b), 1u << 20);
	CHECK(bufs_get(b, 64) == NULL); /* all chunks are taken */
	while (n > 0)
		bufs_put(b, p[--n], 256u << 10);
	bufs_put(b, NULL, 64);
	CHECK_INT(bufs_used(b), 0);
	bufs_free(b);
}

static struct join_key
key(uint32_t flow, uint32_t k)
{
	return (struct join_key){ .flow = flow, .key = k };
}

static void
test_pieces(void)
{
	struct bufs *b = bufs_new(4u << 20);
	struct joins *j = joins_new(b);
	struct span whole = SPAN_LIT("x");

	/* in one piece: no copy */
	CHECK(joins_add(j, key(1, 1), true, true, SPAN_LIT("all"), &whole));
	CHECK(span_is(whole, SPAN_LIT("all")));
	CHECK_INT(bufs_used(b), 0);
	/* two streams at once */
	CHECK(!joins_add(j, key(1, 1), true, false, SPAN_LIT("ab"), &whole));
	CHECK(!joins_add(j, key(1, 2), true, false, SPAN_LIT("xy"), &whole));
	CHECK(!joins_add(j, key(1, 1), false, false, SPAN_LIT("cd"), &whole));
	CHECK(joins_add(j, key(1, 2), false, true, SPAN_LIT("z"), &whole));
	CHECK(span_is(whole, SPAN_LIT("xyz")));
	CHECK(joins_add(j, key(1, 1), false, true, SPAN_LIT("ef"), &whole));
	CHECK(span_is(whole, SPAN_LIT("abcdef")));
	joins_release(j);
	/* a piece that lies in what was put together just before */
	CHECK(!joins_add(j, key(1, 3), true, false, SPAN_LIT("in"), &whole));
	CHECK(joins_add(j, key(1, 3), false, true, SPAN_LIT("ner"), &whole));
	CHECK(!joins_add(j, key(1, 4), true, false, whole, &whole));
	CHECK(joins_add(j, key(1, 4), false, true, whole, &whole));
	CHECK(span_is(whole, SPAN_LIT("innerinner")));
	/* a first piece drops what was there; one without a first is lost */
	CHECK(!joins_add(j, key(2, 1), true, false, SPAN_LIT("old"), &whole));
	CHECK(!joins_add(j, key(2, 1), true, false, SPAN_LIT("new"), &whole));
	CHECK(joins_add(j, key(2, 1), false, true, SPAN_LIT("!"), &whole));
	CHECK(span_is(whole, SPAN_LIT("new!")));
	CHECK(!joins_add(j, key(3, 1), false, true, SPAN_LIT("late"), &whole));
	CHECK_INT(joins_counts(j).orphans, 1);
	joins_drain(j);
	CHECK_INT(bufs_used(b), 0);
	joins_free(j);
	bufs_free(b);
}

/* Too long, too many, no memory: dropped and counted, nothing leaks. */
static void
test_limits(void)
{
	static uint8_t big[60000];
	struct bufs *b = bufs_new(2u << 20);
	struct joins *j = joins_new(b);
	struct span whole;

	CHECK(!joins_add(j, key(1, 1), true, false, SPAN(big, sizeof(big)),
	    &whole));
	for (unsigned i = 0; i < 4; i++)
		CHECK(!joins_add(j, key(1, 1), false, false,
		    SPAN(big, sizeof(big)), &whole));
	CHECK(joins_counts(j).too_long > 0);
	for (uint32_t i = 0; i < 5000; i++)
		(void)joins_add(j, key(i, 7), true, false, SPAN(big, 500),
		    &whole);
	CHECK(joins_counts(j).evicted > 0);
	joins_drain(j);
	CHECK_INT(bufs_used(b), 0);
	joins_free(j);
	bufs_free(b);
}

int
main(void)
{
	test_bufs();
	test_pieces();
	test_limits();
	return check_done();
}
