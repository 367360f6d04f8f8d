/*
 * fuzz_table.c - tables of devices of any content.
 *
 * Every cell lies within its record and ends; what is read, written with
 * quotes and read again is the same.
 */
#include <stdint.h>
#include <stdlib.h>

#include "../src/desk/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static char again[2 * CSV_RECORD + 4 * CSV_CELLS];

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static uint32_t
written(const struct csv_record *r, char between)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < r->n; i++) {
		if (i > 0)
			again[n++] = between;
		again[n++] = '"';
		for (const char *c = r->cell[i]; *c != '\0'; c++) {
			if (*c == '"')
				again[n++] = '"';
			again[n++] = *c;
		}
		again[n++] = '"';
	}
	again[n++] = '\n';
	return n;
}

static void
read_again(const struct csv_record *r, const struct csv *from)
{
	static struct csv_record same;
	struct csv c;
	uint32_t n = written(r, from->between);

	csv_open(&c, SPAN((const uint8_t *)again, n));
	c.between = from->between;
	must(csv_next(&c, &same));
	must(same.n == r->n);
	for (uint32_t i = 0; i < r->n; i++)
		must(strcmp(same.cell[i], r->cell[i]) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct csv_record r;
	struct csv c;

	if (n > 1u << 20)
		return 0;
	csv_open(&c, SPAN(data, (uint32_t)n));
	while (csv_next(&c, &r)) {
		must(r.n > 0 && r.n <= CSV_CELLS);
		for (uint32_t i = 0; i < r.n; i++)
			must(r.cell[i] >= r.text &&
			    r.cell[i] < r.text + CSV_RECORD);
		read_again(&r, &c);
	}
	must(c.error[0] != '\0' || c.rest.n == 0);
	return 0;
}
