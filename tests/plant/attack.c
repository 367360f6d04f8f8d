/*
 * attack.c - what is ordered by name: read, placed in time, noted as truth.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plant.h"

static void
address(FILE *f, const struct host *h)
{
	if (h == NULL) {
		(void)fputs("-", f);
		return;
	}
	(void)fprintf(f, "%u.%u.%u.%u", (unsigned)h->ip >> 24,
	    (unsigned)h->ip >> 16 & 255, (unsigned)h->ip >> 8 & 255,
	    (unsigned)h->ip & 255);
	if (h->kind == KIND_OUTSIDE)
		return;
	for (unsigned i = 0; i < 6; i++)
		(void)fprintf(f, "%c%02x", i == 0 ? ',' : ':', h->mac[i]);
}

/* start, end (seconds since 1970, in the clock of the capture), name, attack
 * or event, source, destination, note. */
void
truth_say(struct plant *p, const struct attack *a, uint64_t end)
{
	uint64_t skew = (uint64_t)p->wire.skew;

	if (p->truth == NULL || end < p->wire.from || a->at >= p->wire.to)
		return;
	(void)fprintf(p->truth, "%.3f\t%.3f\t%s\t%s\t",
	    (double)((a->at + skew) / 1000000) / 1000,
	    (double)((end + skew) / 1000000) / 1000, a->row->name,
	    a->row->attack ? "attack" : "event");
	address(p->truth, a->a);
	(void)fputc('\t', p->truth);
	address(p->truth, a->b);
	(void)fprintf(p->truth, "\t%s\n", a->row->note);
}

static void
step(struct plant *p, void *arg)
{
	struct attack *a = arg;
	uint64_t wait;

	if (a->step == 0)
		a->at = p->now;
	wait = a->row->run(p, a);
	a->step++;
	if (wait != 0 && p->now + wait < p->end) {
		plant_after(p, wait, step, a);
		return;
	}
	truth_say(p, a, p->now);
	free(a);
}

static void
order(struct plant *p, const struct attack_row *row, uint64_t at)
{
	struct attack *a;

	if (at >= p->end)
		return;
	a = calloc(1, sizeof(*a));
	if (a == NULL)
		abort();
	a->row = row;
	a->rng = rng_of(p->seed, row->name, (uint32_t)(at / HOUR));
	plant_at(p, at, step, a);
}

static const struct attack_row *
row_of(const char *name, size_t n)
{
	const struct attack_row *const tables[] = { attack_rows, event_rows };

	for (unsigned t = 0; t < 2; t++)
		for (const struct attack_row *r = tables[t]; r->name != NULL;
		     r++)
			if (strlen(r->name) == n &&
			    memcmp(r->name, name, n) == 0)
				return r;
	return NULL;
}

/* "3.14": day 3, 14 hours; "3.5" is five hours, "3.09.30" half past nine. */
static bool
time_of(const char *text, uint64_t *ret)
{
	uint64_t units[3] = { 0, 0, 0 };
	char *end;

	for (unsigned i = 0; i < 3; i++) {
		units[i] = strtoul(text, &end, 10);
		if (end == text)
			return false;
		text = end;
		if (*text != '.')
			break;
		text++;
	}
	*ret = START + units[0] * DAY + units[1] * HOUR + units[2] * MINUTE;
	return *text == '\0' && units[1] < 240 && units[2] < 60;
}

bool
attack_order(struct plant *p, const char *text)
{
	const char *at = strchr(text, '@');
	const struct attack_row *r;
	uint64_t when;

	if (at == NULL || !time_of(at + 1, &when))
		return false;
	if (strncmp(text, "all@", 4) == 0) {
		for (r = attack_rows; r->name != NULL; r++)
			order(p, r, when + (uint64_t)(r - attack_rows) * HOUR);
		return true;
	}
	r = row_of(text, (size_t)(at - text));
	if (r != NULL)
		order(p, r, when);
	return r != NULL;
}

void
attack_list(FILE *f)
{
	for (const struct attack_row *r = attack_rows; r->name != NULL; r++)
		(void)fprintf(f, "attack  %-16s %s\n", r->name, r->note);
	for (const struct attack_row *r = event_rows; r->name != NULL; r++)
		(void)fprintf(f, "event   %-16s %s\n", r->name, r->note);
}

void
events_begin(struct plant *p)
{
	static const char *const normal[] = { "loss@5.13", "commission@20.9",
		"replace@26.10", "loss@30.2", "firmware@33.11",
		"clock-back@40.3", "restart@47.5", "clock-forward@40.5",
		"loss@55.20" };
	static const char *const noisy[] = { "loss@2.9", "loss@9.22",
		"firmware@10.10", "replace@12.8", "loss@18.15", "loss@44.1",
		"replace@60.9" };

	if (p->scenario == QUIET)
		return;
	for (size_t i = 0; i < sizeof(normal) / sizeof(*normal); i++)
		(void)attack_order(p, normal[i]);
	for (size_t i = 0;
	     p->scenario == NOISY && i < sizeof(noisy) / sizeof(*noisy); i++)
		(void)attack_order(p, noisy[i]);
}
