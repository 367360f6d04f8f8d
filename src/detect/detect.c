/* detect.c - events in, tried against whom they concern. */
#include "detect.h"

#include <stdlib.h>
#include <string.h>

#include "../base/reserve.h"
#include "../proto/proto.h"
#include "watch.h"

#define CELLS 65536u /* what detectors remember */
#define OPEN_MAX 8192u /* open alerts */
#define SWEEP_SECONDS 60

static void (*const functions[])(struct detect *, const struct event *) = {
#define DETECTOR(name, events, kinds, protos) detector_##name,
#include "detectors.def"
#undef DETECTOR
	NULL,
};

struct detect *
detect_new(struct assets *assets, struct baseline *baseline,
    const struct detect_listener *listener)
{
	struct detect *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->assets = assets;
	d->baseline = baseline;
	d->listener = *listener;
	d->memory = memory_new(CELLS);
	d->folds = folds_new(OPEN_MAX);
	out_open(&d->out, -1);
	if (d->memory == NULL || d->folds == NULL || !dispatch_build(d)) {
		detect_free(d);
		return NULL;
	}
	return d;
}

void
detect_free(struct detect *d)
{
	if (d == NULL)
		return;
	for (uint32_t i = 0; i < ALERT_COUNT; i++)
		rule_free(d->rule[i]);
	free(d->end);
	free(d->fact);
	free(d->entry);
	free(d->classes);
	release(d->keys, END_KEYS * sizeof(*d->keys));
	folds_free(d->folds);
	memory_free(d->memory);
	free(d);
}

/* ---------------------------------------------------------------- trying */

/* Matches of the row so far, this one included, as it counts them. */
static struct counted
count_row(struct detect *d, uint32_t i, const struct event *e)
{
	const struct alert_row *row = &alert_rows[i];
	const struct alert_setting *set = &d->setting[i];
	struct counted c = { .per = row->per, .distinct = row->distinct };
	uint64_t key;

	if (set->count <= 1)
		return c;
	key = key_of(e, row->per);
	c.n = row->distinct == DISTINCT_NOTHING
	    ? memory_count(d->memory, i, key, e->at, set->within)
	    : memory_distinct(d->memory, i, key, item_of(e, row->distinct),
		  e->at, set->within);
	return c;
}

static void
hit_row(struct detect *d, uint32_t i, const struct event *e)
{
	struct counted c = count_row(d, i, e);

	if (c.n != 0 && c.n < d->setting[i].count)
		return;
	raise_counted(d, e, &(struct finding){ .row = (enum alert_id)i }, &c);
}

/* Policy is silent while normal is being learned. */
static bool
rests(const struct detect *d, uint32_t i)
{
	return alert_rows[i].engine == ENGINE_POLICY &&
	    d->setting[i].by_hand != BY_HAND_OPERATIONAL &&
	    baseline_mode(d->baseline) == MODE_LEARNING;
}

/* `holds`: its condition is true, as is known already. */
static void
try_entry(struct detect *d, uint32_t i, const struct event *e, bool holds)
{
	if (i >= ALERT_COUNT)
		functions[i - ALERT_COUNT](d, e);
	else if (detect_wants(d, i) && !rests(d, i) &&
	    (holds || rule_matches(d->rule[i], e)))
		hit_row(d, i, e);
}

static void
try_entries(struct detect *d, const struct run *run, const struct event *e)
{
	for (uint32_t k = 0; k < run->n; k++)
		try_entry(d, d->entry[run->from + k], e, false);
}

/* Those that can concern facts of its class, in the run's order. */
static void
try_fact(struct detect *d, const struct run *run, const struct event *e)
{
	const struct fact_class c = *dispatch_fact(d, run, e);

	for (uint32_t w = 0; w < CLASS_WORDS; w++)
		for (uint64_t left = c.tries[w]; left != 0; left &= left - 1) {
			const uint32_t k = (uint32_t)__builtin_ctzll(left);

			try_entry(d, d->entry[run->from + w * 64 + k], e,
			    (c.holds[w] >> k & 1) != 0);
		}
	for (uint32_t k = CLASS_WORDS * 64; k < run->n; k++)
		try_entry(d, d->entry[run->from + k], e, false);
}

void
detect_fact(struct detect *d, const struct fact *f, const struct talk *t,
    uint32_t client, uint32_t server)
{
	const struct run *run = &d->fact[f->proto * FACT_COUNT + f->kind];
	struct end_keys *keys;
	struct event e;

	if (run->n == 0)
		return;
	keys = keys_of_flow(d, t);
	e = (struct event){ .kind = EVENT_FACT,
		.at = f->at,
		.fact = f,
		.talk = t,
		.client = asset_at(d->assets, client),
		.server = asset_at(d->assets, server),
		.keys = keys };
	memory_watch(d->memory, keys->touched[f->from_server]);
	try_fact(d, run, &e);
	memory_unwatch(d->memory, keys->touched[f->from_server]);
}

void
detect_soon(const struct detect *d, const struct talk *t, bool from_server)
{
	const struct end_keys *keys = &d->keys[t->flow % END_KEYS];

	if (keys->flow == t->flow)
		memory_ahead(d->memory, keys->touched[from_server]);
}

void
detect_ahead(const struct detect *d, const struct talk *t)
{
	const struct end_keys *keys = &d->keys[t->flow % END_KEYS];

	__builtin_prefetch(keys);
	__builtin_prefetch(keys->touched + 1); /* the second line */
}

void
detect_begin(struct detect *d, const struct talk *t, uint32_t client,
    uint32_t server)
{
	struct event e = { .kind = EVENT_BEGIN,
		.at = t->first,
		.talk = t,
		.client = asset_at(d->assets, client),
		.server = asset_at(d->assets, server) };

	try_entries(d, &d->begin, &e);
}

void
detect_end(struct detect *d, const struct talk *t, uint32_t client,
    uint32_t server)
{
	struct event e = { .kind = EVENT_END,
		.at = t->last,
		.talk = t,
		.client = asset_at(d->assets, client),
		.server = asset_at(d->assets, server) };

	try_entries(d, &d->end[t->proto], &e);
}

void
detect_disorder(struct detect *d, const struct talk *t, uint32_t client,
    uint32_t server)
{
	struct event e = { .kind = EVENT_END,
		.at = d->now != NULL ? d->now->at : t->last,
		.talk = t,
		.client = asset_at(d->assets, client),
		.server = asset_at(d->assets, server) };

	if (t->routed)
		sequence_routed(d, &e);
	if (protos[t->proto]->ot)
		sequence_disorder(d, &e);
}

/* ------------------------------------------------------------- novelties */

/* As the scenario says, if nobody said otherwise of the row. */
static bool
speaks(const struct alert_setting *set, const struct novelty *n)
{
	if (set->by_hand == BY_HAND_OPERATIONAL)
		return true;
	if (set->by_hand == BY_HAND_LEARN && n->at.ns < set->until.ns)
		return false;
	return n->speak;
}

static bool
anybody_speaks(const struct detect *d, const struct run *run,
    const struct novelty *n)
{
	for (uint32_t k = 0; k < run->n; k++) {
		uint32_t i = d->entry[run->from + k];

		if (i < ALERT_COUNT && speaks(&d->setting[i], n))
			return true;
	}
	return n->speak;
}

/*
 * Of the policy rows the first that matches has the novelty, also where it
 * is off or does not speak: what a person silenced is not said in general
 * words by the next row.
 */
static void
try_novelty(struct detect *d, const struct run *run, const struct event *e)
{
	bool taken = false;

	for (uint32_t k = 0; k < run->n; k++) {
		uint32_t i = d->entry[run->from + k];
		bool policy;

		if (i >= ALERT_COUNT) {
			if (e->novelty->speak)
				functions[i - ALERT_COUNT](d, e);
			continue;
		}
		policy = alert_rows[i].engine == ENGINE_POLICY;
		if ((policy && taken) || !rule_matches(d->rule[i], e))
			continue;
		taken = taken || policy;
		if (detect_wants(d, i) && speaks(&d->setting[i], e->novelty))
			hit_row(d, i, e);
	}
}

/* Of a flood of invented sources each is new; the flood has its alert. */
static bool
is_forged(struct detect *d, const struct novelty *n)
{
	return n->talk != NULL && n->talk->packets[1] == 0 &&
	    watch_is_on(d, ALERT_spoofed_flood, watch_service(n->talk), n->at);
}

void
detect_novelty(struct detect *d, const struct novelty *n)
{
	const struct run *run = &d->novelty[n->scenario];
	struct event e;

	if (run->n == 0 || !anybody_speaks(d, run, n) || is_forged(d, n))
		return;
	e = (struct event){ .kind = EVENT_NOVELTY,
		.at = n->at,
		.fact = n->fact,
		.talk = n->talk,
		.novelty = n,
		.client = asset_at(d->assets, n->client),
		.server = asset_at(d->assets, n->server) };
	try_novelty(d, run, &e);
}

/* ------------------------------------------------------------------ rest */

void
detect_packet(struct detect *d, const struct packet *p)
{
	d->now = p;
}

void
detect_clock(struct detect *d, struct tick now)
{
	if (now.ns >= d->swept.ns &&
	    now.ns - d->swept.ns < SWEEP_SECONDS * TICK_SECOND)
		return;
	d->swept = now;
	folds_sweep(d->folds);
}

void
detect_played(struct detect *d, const char *name, uint32_t number)
{
	d->played = name;
	memory_apart(d->memory, name != NULL ? number : 0);
}

struct alert_setting *
detect_setting(struct detect *d, enum alert_id row)
{
	return &d->setting[row];
}

void
detect_engine(struct detect *d, enum engine engine, bool on)
{
	d->engine_off[engine] = !on;
}

bool
detect_wants(const struct detect *d, enum alert_id row)
{
	return d->setting[row].on && !d->engine_off[alert_rows[row].engine];
}

uint32_t
detect_count(const struct detect *d)
{
	return folds_count(d->folds);
}

struct alert *
detect_at(const struct detect *d, uint32_t i)
{
	return folds_at(d->folds, i);
}

bool
detect_restore(struct detect *d, const struct alert *a)
{
	return a->row < ALERT_COUNT && a->status != STATUS_CLOSED &&
	    folds_find(d->folds, a->fold) == NULL &&
	    folds_add(d->folds, a) != NULL;
}

uint64_t
detect_left_out(const struct detect *d)
{
	return folds_left_out(d->folds);
}

struct memory *
detect_memory(struct detect *d)
{
	return d->memory;
}

struct assets *
detect_assets(struct detect *d)
{
	return d->assets;
}

const struct packet *
detect_now(struct detect *d)
{
	return d->now;
}

/*
 * Attacks, by their category.  What an engineer rightly does (programs,
 * restarts, tours of all controllers) is no reason to distrust all else of
 * his station.
 */
bool
alert_taints(uint32_t id)
{
	static const bool attacks[CATEGORY_COUNT] = {
		[CATEGORY_ABNORMAL_COMMUNICATION] = true,
		[CATEGORY_AUTHENTICATION] = true,
		[CATEGORY_MALICIOUS] = true,
		[CATEGORY_MALWARE] = true,
		[CATEGORY_SCAN] = true,
	};

	return alert_rows[id].tier == 'A' && attacks[alert_rows[id].category];
}
