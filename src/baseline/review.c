/*
 * review.c - what people should look at: before the switch, and of the last
 * days.
 */
#include "../base/hash.h"
#include "private.h"

#include <stdio.h>
#include <stdlib.h>

#define SEEN_MAX 16384u
#define TOUR 20u /* objects, on a single day */
#define LATELY (3u * DAY_WINDOWS)
#define PREVIEWS 4096u
#define DAYTIME 0x7ffc0u /* bits 6 .. 18 of the hours */
#define WORKDAYS (0x1fu << 24) /* Monday to Friday */

/* --------------------------------------------------------- what is unusual */

struct seen { /* by something: who, and on how many */
	uint64_t what; /* 0: free */
	uint32_t who; /* the first */
	uint32_t n; /* times */
	uint32_t last;
	bool several;
};

struct looking {
	const struct baseline *b;
	struct seen writers[SEEN_MAX]; /* clients, by server */
	struct seen users[SEEN_MAX]; /* clients and servers, by function */
	struct seen models[SEEN_MAX]; /* servers, by model */
	struct seen uses[SEEN_MAX]; /* servers, by model and function */
	struct seen tours[SEEN_MAX]; /* objects read, by client and day */
	struct seen outside[SEEN_MAX]; /* keys, by who talks with it */
	uint32_t model[OVERLAYS];
	uint32_t peers[OVERLAYS];
	uint32_t many; /* peers: more than that is unusual */
};

/* NULL: the table is full.  Then nothing is said of it. */
static struct seen *
seen_of(struct seen *table, uint64_t a, uint64_t b)
{
	const uint64_t words[2] = { a, b };
	const uint64_t what = hash_bytes(words, sizeof(words), 0) | 1;
	uint32_t i = (uint32_t)(what >> 32) % SEEN_MAX;

	for (uint32_t n = 0; n < 64; n++, i = (i + 1) % SEEN_MAX) {
		if (table[i].what == 0)
			table[i].what = what;
		if (table[i].what == what)
			return &table[i];
	}
	return NULL;
}

static void
see(struct seen *s, uint32_t who, uint32_t on)
{
	if (s == NULL)
		return;
	if (s->n == 0)
		s->who = who;
	s->several |= s->who != who;
	if (s->n == 0 || s->last != on)
		s->n++;
	s->last = on;
}

static uint64_t
function_of(const struct key *k)
{
	return (uint64_t)(k->p[0] & 0xff) << 32 | k->p[2];
}

static bool
is_outside(const struct key *k)
{
	return k->scenario == SCENARIO_EXTERNAL && k->p[0] != 2;
}

/* The end that is ours. */
static uint32_t
inner_of(const struct key *k)
{
	return k->p[0] == 1 ? k->server : k->client;
}

static uint32_t
day_of(const struct key *k)
{
	return k->first_window / DAY_WINDOWS;
}

/* Read on one day only, and not on the first, when all is new. */
static bool
is_of_tour(const struct key *k)
{
	return k->scenario == SCENARIO_READ && k->days == 1 && day_of(k) > 0;
}

static void
look_first(struct looking *l, const struct key *k)
{
	if (k->scenario == SCENARIO_ATTRIBUTE && k->p[0] == TRAIT_MODEL &&
	    k->client < OVERLAYS) {
		l->model[k->client] = k->p[1];
		see(seen_of(l->models, k->p[1], 0), k->client, k->client);
	}
	if (k->scenario == SCENARIO_CONNECTION && k->client < OVERLAYS)
		l->peers[k->client]++;
	if (is_outside(k))
		see(seen_of(l->outside, inner_of(k), 0), k->server,
		    (uint32_t)k->hash);
	if (is_of_tour(k))
		see(seen_of(l->tours, k->client, day_of(k)), k->server,
		    (uint32_t)k->hash);
	if (k->scenario != SCENARIO_FUNCTION)
		return;
	if ((k->flags & (KEY_WRITE | KEY_ENGINEER)) != 0)
		see(seen_of(l->writers, k->server, 0), k->client, k->client);
	see(seen_of(l->users, function_of(k), 0), k->client, k->server);
}

/* After the models are known. */
static void
look_again(struct looking *l, const struct key *k)
{
	if (k->scenario == SCENARIO_FUNCTION && k->server < OVERLAYS &&
	    l->model[k->server] != 0)
		see(seen_of(l->uses, function_of(k), l->model[k->server]),
		    k->server, k->server);
}

static int
by_number(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Four times what half of the clients have, and ten at least. */
static bool
find_many(struct looking *l)
{
	uint32_t *sorted = calloc(OVERLAYS, sizeof(*sorted)), n = 0;

	if (sorted == NULL)
		return false;
	for (uint32_t i = 1; i < OVERLAYS; i++)
		if (l->peers[i] > 0)
			sorted[n++] = l->peers[i];
	qsort(sorted, n, sizeof(*sorted), by_number);
	l->many = n > 0 && sorted[n / 2] * 4 > 10 ? sorted[n / 2] * 4 : 10;
	free(sorted);
	return true;
}

/* ------------------------------------------------------------- judgements */

static bool
only_writer(struct looking *l, const struct key *k)
{
	const struct seen *s = seen_of(l->writers, k->server, 0);

	return k->scenario == SCENARIO_FUNCTION &&
	    (k->flags & (KEY_WRITE | KEY_ENGINEER)) != 0 && s != NULL &&
	    s->n > 0 && !s->several;
}

static bool
only_user_of_function(struct looking *l, const struct key *k)
{
	const struct seen *s = seen_of(l->users, function_of(k), 0);

	return k->scenario == SCENARIO_FUNCTION &&
	    (k->flags & (KEY_WRITE | KEY_ENGINEER)) != 0 && s != NULL &&
	    !s->several && s->n >= 3;
}

/* Of four and more of a model, only on this one. */
static bool
only_of_its_model(struct looking *l, const struct key *k)
{
	const struct seen *of, *use;
	uint32_t model;

	if (k->scenario != SCENARIO_FUNCTION || k->server >= OVERLAYS ||
	    l->model[k->server] == 0)
		return false;
	model = l->model[k->server];
	of = seen_of(l->models, model, 0);
	use = seen_of(l->uses, function_of(k), model);
	return of != NULL && use != NULL && of->n >= 4 && use->n > 0 &&
	    !use->several;
}

/* One key of a device is enough for the list. */
static bool
stands_for(struct seen *table, uint32_t asset, const struct key *k)
{
	const struct seen *s = seen_of(table, asset, 0);

	return s == NULL || s->last == (uint32_t)k->hash;
}

/* Who looks about among objects, on one day; one key stands for all. */
static bool
is_tour(struct looking *l, const struct key *k)
{
	const struct seen *s;

	if (!is_of_tour(k))
		return false;
	s = seen_of(l->tours, k->client, day_of(k));
	return s != NULL && s->n >= TOUR && s->last == (uint32_t)k->hash;
}

static bool
at_odd_hours(const struct key *k)
{
	return (k->flags & KEY_ENGINEER) != 0 &&
	    ((k->hours & DAYTIME) == 0 || (k->hours & WORKDAYS) == 0);
}

static bool
is_recent(const struct looking *l, const struct key *k)
{
	return l->b->n_counted > 2 * LATELY &&
	    l->b->window - k->first_window < LATELY;
}

static bool
is_seldom_change(const struct key *k)
{
	return (k->flags & (KEY_WRITE | KEY_ENGINEER)) != 0 && k->windows < 3;
}

static void
judge_key(struct looking *l, const struct key *k, struct review *r)
{
	const struct {
		bool is;
		uint32_t rank;
		const char *why;
	} rows[] = {
		{ (k->flags & KEY_HARD) != 0, 100,
		    "changes a controller's program or mode" },
		{ (k->flags & KEY_TAINTED) != 0, 90,
		    "done while an alert about the device was open, or from "
		    "outside" },
		{ is_seldom_change(k), 80,
		    "changes the plant, and was seen in few hours only" },
		{ only_user_of_function(l, k), 75,
		    "only this device uses the function, and on several" },
		{ at_odd_hours(k), 70, "engineering outside working hours" },
		{ only_of_its_model(l, k), 65,
		    "used on one of several devices of the same model only" },
		{ is_outside(k) && stands_for(l->outside, inner_of(k), k), 60,
		    "talks with the Internet" },
		{ is_tour(l, k), 72,
		    "one of many objects that it read on one day only" },
		{ only_writer(l, k), 55, "only this device writes to it" },
		{ k->scenario == SCENARIO_SESSION && is_recent(l, k), 50,
		    "signs in since a few days only" },
		{ k->scenario == SCENARIO_DEVICE && k->client < OVERLAYS &&
			l->peers[k->client] > l->many,
		    45, "talks with many more devices than others" },
		{ is_recent(l, k) && k->state == KEY_LEARNED, 40,
		    "began in the last days" },
	};

	r->key = k;
	r->rank = 0;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].is && rows[i].rank > r->rank) {
			r->rank = rows[i].rank;
			r->why = rows[i].why;
		}
}

/* Keep the list of the highest ranks in order; the earlier key first. */
static void
insert(struct review *list, uint32_t n, uint32_t cap, const struct review *r)
{
	uint32_t i = n < cap ? n : cap;

	if (i == cap && (cap == 0 || list[cap - 1].rank >= r->rank))
		return;
	if (i == cap)
		i--;
	for (; i > 0 && list[i - 1].rank < r->rank; i--)
		list[i] = list[i - 1];
	list[i] = *r;
}

static bool
is_open(const struct key *k)
{
	return k->state == KEY_CANDIDATE || k->state == KEY_LEARNED;
}

uint32_t
baseline_review(const struct baseline *b, struct review *ret, uint32_t cap)
{
	struct looking *l = calloc(1, sizeof(*l));
	const uint32_t top = keytable_top(b->keys);
	struct review r = { .why = "" };
	uint32_t n = 0;

	if (l == NULL)
		return 0;
	l->b = b;
	for (uint32_t i = 0; i < top; i++)
		look_first(l, keytable_at(b->keys, i));
	for (uint32_t i = 0; i < top; i++)
		look_again(l, keytable_at(b->keys, i));
	if (!find_many(l)) {
		free(l);
		return 0;
	}
	for (uint32_t i = 0; i < top; i++) {
		if (!is_open(keytable_at(b->keys, i)))
			continue;
		judge_key(l, keytable_at(b->keys, i), &r);
		if (r.rank > 0)
			insert(ret, n++, cap, &r);
	}
	free(l);
	return n;
}

/* ---------------------------------------------------------------- preview */

static int
by_groups(const void *a, const void *b)
{
	const struct preview *x = a, *y = b;

	if (x->groups != y->groups)
		return x->groups > y->groups ? -1 : 1;
	if (x->scenario != y->scenario)
		return x->scenario < y->scenario ? -1 : 1;
	return x->client < y->client ? -1 : x->client > y->client;
}

static void
add_preview(struct preview *list, uint32_t *last, uint32_t *n,
    const struct key *k)
{
	uint32_t i = 0;

	while (i < *n &&
	    (list[i].scenario != k->scenario || list[i].client != k->client))
		i++;
	if (i == PREVIEWS)
		return;
	if (i == *n) {
		(*n)++;
		list[i] =
		    (struct preview){ .scenario = (enum scenario)k->scenario,
			    .client = k->client,
			    .example = k };
	}
	list[i].keys++;
	list[i].groups += last[i] != k->first_window + 1;
	last[i] = k->first_window + 1;
}

uint32_t
baseline_preview(const struct baseline *b, uint32_t days, struct preview *ret,
    uint32_t cap)
{
	struct preview *list = calloc(PREVIEWS, sizeof(*list));
	uint32_t *last = calloc(PREVIEWS, sizeof(*last)), n = 0;

	for (uint32_t i = 0;
	     list != NULL && last != NULL && i < keytable_top(b->keys); i++) {
		const struct key *k = keytable_at(b->keys, i);

		if (is_open(k) &&
		    b->window - k->first_window < days * DAY_WINDOWS)
			add_preview(list, last, &n, k);
	}
	if (n > 0)
		qsort(list, n, sizeof(*list), by_groups);
	n = n < cap ? n : cap;
	if (n > 0)
		memcpy(ret, list, n * sizeof(*list));
	free(list);
	free(last);
	return n;
}

/* -------------------------------------------------------------- one key */

void
baseline_why(const struct baseline *b, const struct key *k, char *dst,
    size_t cap)
{
	struct text t = { dst, 0, cap };
	struct tuple tuple;

	tuple_of_key(k, &tuple);
	textf(&t, "%s: seen in %u of %u %s on %u day%s, %u time%s. ",
	    key_state_name((enum key_state)k->state), k->windows, b->n_counted,
	    b->window_ns == 3600 * TICK_SECOND ? "hours" : "windows", k->days,
	    k->days == 1 ? "" : "s", k->count, k->count == 1 ? "" : "s");
	if (k->state == KEY_CANDIDATE && (k->flags & KEY_HARD) != 0)
		textf(&t, "Only people admit it. ");
	if (k->state == KEY_CANDIDATE && (k->flags & KEY_FAIL) != 0)
		textf(&t, "What is refused is never normal. ");
	if (k->state == KEY_CANDIDATE && (k->flags & KEY_FLOOD) != 0)
		textf(&t, "It came in a flood of new ones. ");
	if (k->state == KEY_CANDIDATE && (k->flags & KEY_TAINTED) != 0)
		textf(&t, "It came while an alert was open, or from outside. ");
	if (k->client != ASSET_NONE && k->server != ASSET_NONE) {
		char text[160];

		explain(b, &tuple, WHY_NEW, text, sizeof(text));
		textf(&t, "%s.", text);
	}
}

uint32_t
baseline_forget(struct baseline *b, uint32_t asset, struct tick from,
    struct tick until)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < keytable_top(b->keys); i++) {
		const struct key *k = keytable_at(b->keys, i);
		const int64_t at = window_time(b, k->first_window).ns;

		if (k->state != KEY_CANDIDATE && k->state != KEY_LEARNED &&
		    k->state != KEY_USER && k->state != KEY_STALE)
			continue;
		if ((asset != ASSET_NONE && k->client != asset &&
			k->server != asset) ||
		    at + b->window_ns <= from.ns || at >= until.ns)
			continue;
		n += baseline_set_key(b, k->hash, KEY_TOMB);
	}
	return n;
}
