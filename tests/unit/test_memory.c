/* test_memory.c - what detectors remember: cells, counts, different items. */
#include "../../src/detect/private.h"

#include "check.h"

#define S(x) ((struct tick){ .ns = (int64_t)((x)*1e9) })

static void
cells(struct memory *m)
{
	int *a = memory_cell(m, 1, 7, S(100), 10);

	CHECK_INT(*a, 0);
	*a = 5;
	CHECK_INT(*(int *)memory_cell(m, 1, 7, S(105), 10), 5);
	CHECK_INT(*(int *)memory_cell(m, 2, 7, S(105), 10), 0);
	CHECK(memory_peek(m, 1, 7, S(115)) != NULL);
	CHECK(memory_peek(m, 1, 7, S(116)) == NULL);
	CHECK(memory_peek(m, 1, 8, S(105)) == NULL);
	/* a clock that steps back ends nothing */
	CHECK_INT(*(int *)memory_cell(m, 1, 7, S(50), 10), 5);
	CHECK_INT(*(int *)memory_cell(m, 1, 7, S(200), 10), 0);
}

/* More keys than cells: the ones asked for lately stay. */
static void
full(void)
{
	struct memory *m = memory_new(64);
	uint32_t alive = 0;

	for (uint32_t i = 0; i < 1000; i++) {
		*(int *)memory_cell(m, 3, i, S(1000 + i), 5000) = 1;
		*(int *)memory_cell(m, 4, 1, S(1000 + i), 5000) = 1;
	}
	for (uint32_t i = 0; i < 1000; i++)
		alive += memory_peek(m, 3, i, S(2000)) != NULL;
	CHECK(alive > 20 && alive <= 63);
	CHECK(memory_peek(m, 4, 1, S(2000)) != NULL);
	memory_free(m);
}

static void
counting(struct memory *m)
{
	for (uint32_t i = 1; i <= 5; i++)
		CHECK_INT(memory_count(m, 9, 1, S(1000 + i), 60), i);
	CHECK_INT(memory_count(m, 9, 2, S(1006), 60), 1);
	/* the five are gone a minute later, not before */
	CHECK_INT(memory_count(m, 9, 1, S(1056), 60), 6);
	CHECK_INT(memory_count(m, 9, 1, S(1070), 60), 2);
	CHECK_INT(memory_count(m, 9, 1, S(5000), 60), 1);
}

static void
different(struct memory *m)
{
	uint32_t n = 0;

	for (uint64_t i = 0; i < 24; i++) {
		n = memory_distinct(m, 9, 5, i * 77, S(1000), 60);
		CHECK_INT(n, i + 1);
		CHECK_INT(memory_distinct(m, 9, 5, i * 77, S(1000), 60), i + 1);
	}
	CHECK_INT(memory_distinct(m, 9, 6, 1, S(1000), 60), 1);
	CHECK_INT(memory_distinct(m, 9, 6, 2, S(1055), 60), 2);
	CHECK_INT(memory_distinct(m, 9, 6, 3, S(1070), 60), 2);
	for (uint32_t want = 50; want <= 1600; want *= 2) {
		for (uint64_t i = 0; i < want; i++)
			n = memory_distinct(m, 9, 100 + want, i, S(1000), 60);
		CHECK(n > want * 0.85 && n < want * 1.15);
	}
	/* a bitmap forgets, too */
	n = memory_distinct(m, 9, 150, 1, S(1065), 60);
	CHECK(n < 60);
	CHECK(memory_distinct(m, 9, 150, 2, S(1124), 60) < 5);
}

int
main(void)
{
	struct memory *m = memory_new(4096);

	cells(m);
	counting(m);
	different(m);
	full();
	memory_free(m);
	return check_done();
}
