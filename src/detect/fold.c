/*
 * fold.c - the open alerts: what is seen again is added to what is there.
 *
 * An index by fold (open addressing, linear), the order of first sight, and
 * beside each alert the little that making room looks at.
 */
#include <stdlib.h>
#include <string.h>

#include "../base/reserve.h"
#include "private.h"

#define LOOK 512u /* alerts looked at when room is needed */
#define SHARE 8u /* a row has at most one place in so many */
#define MANY 1024u /* places from which on that is kept */

struct beside {
	int64_t told; /* when the listener heard of it */
	uint32_t place; /* in the order */
};

struct folds {
	uint32_t max, n, slots; /* slots: power of two */
	uint32_t hand; /* where the next look for room begins */
	uint32_t *index; /* alert + 1, by fold */
	uint32_t *order, *spare;
	struct beside *beside;
	struct alert *alert;
	uint32_t of_row[ALERT_COUNT]; /* open alerts */
	uint64_t left_out;
};

struct folds *
folds_new(uint32_t max)
{
	struct folds *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->max = max;
	t->slots = 4;
	while (t->slots < max * 2)
		t->slots *= 2;
	t->index = calloc(t->slots, sizeof(*t->index));
	t->order = calloc(max, sizeof(*t->order));
	t->spare = calloc(max, sizeof(*t->spare));
	t->beside = calloc(max, sizeof(*t->beside));
	t->alert = reserve(max * sizeof(*t->alert));
	if (t->index == NULL || t->order == NULL || t->spare == NULL ||
	    t->beside == NULL || t->alert == NULL) {
		folds_free(t);
		return NULL;
	}
	for (uint32_t i = 0; i < max; i++)
		t->spare[i] = max - 1 - i;
	return t;
}

void
folds_free(struct folds *t)
{
	if (t == NULL)
		return;
	release(t->alert, t->max * sizeof(*t->alert));
	free(t->beside);
	free(t->spare);
	free(t->order);
	free(t->index);
	free(t);
}

static uint32_t
slot_of(const struct folds *t, uint64_t fold)
{
	uint32_t at = (uint32_t)fold & (t->slots - 1);

	while (t->index[at] != 0 && t->alert[t->index[at] - 1].fold != fold)
		at = (at + 1) & (t->slots - 1);
	return at;
}

/* Those behind move up, so that no search ends at the hole. */
static void
index_drop(struct folds *t, uint32_t hole)
{
	uint32_t at = hole;

	for (;;) {
		uint32_t home;

		at = (at + 1) & (t->slots - 1);
		if (t->index[at] == 0)
			break;
		home =
		    (uint32_t)t->alert[t->index[at] - 1].fold & (t->slots - 1);
		if (((at - home) & (t->slots - 1)) <
		    ((at - hole) & (t->slots - 1)))
			continue;
		t->index[hole] = t->index[at];
		hole = at;
	}
	t->index[hole] = 0;
}

static void
forget(struct folds *t, uint32_t i)
{
	uint32_t place = t->beside[i].place;

	index_drop(t, slot_of(t, t->alert[i].fold));
	t->of_row[t->alert[i].row]--;
	t->n--;
	for (uint32_t k = place; k < t->n; k++) {
		t->order[k] = t->order[k + 1];
		t->beside[t->order[k]].place = k;
	}
	t->spare[t->max - t->n - 1] = i;
}

struct alert *
folds_find(struct folds *t, uint64_t fold)
{
	uint32_t at = slot_of(t, fold);

	if (t->index[at] == 0)
		return NULL;
	if (t->alert[t->index[at] - 1].status == STATUS_CLOSED) {
		forget(t, t->index[at] - 1);
		return NULL;
	}
	return &t->alert[t->index[at] - 1];
}

/* Closed ones first, then the warning that was seen longest ago. */
static bool
worse(const struct alert *a, const struct alert *than)
{
	if (than == NULL)
		return true;
	if ((a->status == STATUS_CLOSED) != (than->status == STATUS_CLOSED))
		return a->status == STATUS_CLOSED;
	return a->last.ns < than->last.ns;
}

static bool
make_room(struct folds *t)
{
	const struct alert *found = NULL;

	for (uint32_t k = 0; k < LOOK && k < t->max; k++) {
		const struct alert *a = &t->alert[(t->hand + k) % t->max];

		if (a->status != STATUS_CLOSED &&
		    (a->severity != SEVERITY_WARNING ||
			alert_rows[a->row].tier == 'A'))
			continue;
		if (worse(a, found))
			found = a;
	}
	t->hand = (t->hand + LOOK) % t->max;
	t->left_out++;
	if (found != NULL)
		forget(t, (uint32_t)(found - t->alert));
	return found != NULL;
}

struct alert *
folds_add(struct folds *t, const struct alert *a)
{
	uint32_t i;

	if (t->max >= MANY && t->of_row[a->row] >= t->max / SHARE) {
		t->left_out++;
		return NULL;
	}
	if (t->n == t->max && !make_room(t))
		return NULL;
	t->of_row[a->row]++;
	i = t->spare[t->max - t->n - 1];
	t->alert[i] = *a;
	t->beside[i] = (struct beside){ .told = a->last.ns, .place = t->n };
	t->order[t->n++] = i;
	t->index[slot_of(t, a->fold)] = i + 1;
	return &t->alert[i];
}

bool
folds_due(struct folds *t, const struct alert *a, struct tick now)
{
	struct beside *b = &t->beside[a - t->alert];

	if (now.ns >= b->told && now.ns - b->told < TICK_SECOND)
		return false;
	b->told = now.ns;
	return true;
}

void
folds_sweep(struct folds *t)
{
	for (uint32_t k = t->n; k-- > 0;) {
		const struct alert *a = folds_at(t, k);

		if (a->status == STATUS_CLOSED && !a->changed)
			forget(t, t->order[k]);
	}
}

uint32_t
folds_count(const struct folds *t)
{
	return t->n;
}

struct alert *
folds_at(const struct folds *t, uint32_t i)
{
	return &t->alert[t->order[i]];
}

uint64_t
folds_left_out(const struct folds *t)
{
	return t->left_out;
}

/* -------------------------------------------------- one more of the same */

/* The inner time closest behind another one is the least loss. */
static uint32_t
crowded(const struct tick *times, uint32_t n)
{
	uint32_t least = 1;

	for (uint32_t i = 2; i + 1 < n; i++)
		if (tick_since(times[i], times[i - 1]) <
		    tick_since(times[least], times[least - 1]))
			least = i;
	return least;
}

void
alert_time(struct alert *a, struct tick at)
{
	uint32_t drop;

	if (a->n_times == 0) {
		a->first = a->last = at;
		a->times[a->n_times++] = at;
		return;
	}
	if (at.ns < a->first.ns)
		a->first = at;
	if (at.ns <= a->last.ns)
		return; /* the clock stepped back, or the same packet */
	a->last = at;
	if (a->n_times == ALERT_TIMES) {
		drop = crowded(a->times, ALERT_TIMES);
		memmove(&a->times[drop], &a->times[drop + 1],
		    (ALERT_TIMES - 1 - drop) * sizeof(a->times[0]));
		a->n_times--;
	}
	a->times[a->n_times++] = at;
}

/* The first half and the latest half. */
void
alert_frame(struct alert *a, uint16_t file, uint32_t number)
{
	uint32_t n = a->n_frames;

	if (n > 0 && a->frames[n - 1].file == file &&
	    a->frames[n - 1].number == number)
		return;
	if (n == ALERT_FRAMES) {
		memmove(&a->frames[ALERT_FRAMES / 2],
		    &a->frames[ALERT_FRAMES / 2 + 1],
		    (ALERT_FRAMES / 2 - 1) * sizeof(a->frames[0]));
		n--;
	}
	a->frames[n].file = file;
	a->frames[n].number = number;
	a->n_frames = n + 1;
}

struct violation *
alert_violation(struct alert *a, uint64_t hash, struct tick at)
{
	struct violation *v = a->violation, *end = v + a->n_violations;

	while (v < end && v->hash != hash)
		v++;
	if (v == a->violation + ALERT_VIOLATIONS) {
		a->violations_left_out++;
		return NULL;
	}
	if (v < end) {
		v->last = at;
		v->count++;
		return NULL;
	}
	*v = (struct violation){ .hash = hash,
		.first = at,
		.last = at,
		.count = 1 };
	a->n_violations++;
	return v;
}
