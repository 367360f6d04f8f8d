/*
 * statistic.c - how accurate the baseline of a scenario is.
 *
 * Leave one window out: a window would have alerted, had it come after
 * learning, if something was seen in it and in no other.  W1 of T windows
 * give the rate to expect of the next one; see docs/decisions/baseline.md.
 * Nothing of it is kept up to date as keys come: a scan of the table counts.
 */
#include "../base/hash.h"
#include "private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define DAYS_AHEAD 90u /* a forecast looks */

double
scenario_budget(const struct baseline *b, enum scenario s)
{
	return scenario_rows[s].budget * b->config.alerts_per_day / 5.0;
}

uint32_t
scenario_windows(const struct baseline *b, enum scenario s)
{
	if (scenario_estimated(s) && b->scenario[s].judged > 0)
		return b->scenario[s].judged;
	return b->n_counted < WINDOW_BITS ? b->n_counted : WINDOW_BITS;
}

static bool
is_one_of(uint32_t id, const uint32_t *list, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (list[i] == id)
			return true;
	return false;
}

/* The key of a device is made once; the device may have come again. */
static bool
came_again(const struct baseline *b, const struct key *k)
{
	const struct asset *a = asset_at(b->assets, k->client);

	return k->scenario == SCENARIO_DEVICE && a != NULL &&
	    a->last.ns - a->first.ns >= b->window_ns;
}

/* Seen in fewer windows than it takes to be learned: what changes the plant
 * would alert in its second, too. */
static bool
is_seldom(const struct key *k)
{
	const struct scenario_row *row = &scenario_rows[k->scenario];
	const bool changes = (k->flags & (KEY_WRITE | KEY_ENGINEER)) != 0;

	return k->windows == 1 || (changes && k->windows < row->change.windows);
}

/* Seen in one counted window only, and nobody has said anything of it. */
static bool
is_single(const struct baseline *b, const struct key *k)
{
	return is_seldom(k) && (k->flags & KEY_HARD) == 0 &&
	    !came_again(b, k) && (k->flags & KEY_FIRST) == 0 &&
	    k->state != KEY_NONE && k->state != KEY_USER &&
	    k->state != KEY_DENIED &&
	    b->window - k->first_window < WINDOW_BITS &&
	    bit_is(b->counted, k->first_window);
}

static uint32_t
bits_in(const uint8_t *bits)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < WINDOW_BITS / 8; i++)
		n += (uint32_t)__builtin_popcount(bits[i]);
	return n;
}

/*
 * What has no keys is judged by what its estimator would have said, in the
 * windows in which it had learned enough to say something.
 */
static void
scan_estimated(struct baseline *b, enum scenario s)
{
	struct estimator_report e;

	b->scenario[s].single = b->scenario[s].judged = 0;
	if (!estimator_figures(b, s, &e) || e.entries == 0)
		return;
	/* all too rare to be judged: nothing that could alert */
	if (e.ready == 0 && b->n_counted >= 4 * WEEK_WINDOWS)
		return;
	b->scenario[s].judged = e.windows > 0 ? e.windows : 1;
	b->scenario[s].single = e.single;
}

uint32_t
recent_windows(const struct baseline *b, enum scenario s,
    const uint32_t *without, uint32_t n)
{
	uint8_t bits[WEEK_WINDOWS / 8 + 1] = { 0 };
	uint32_t found = 0;

	for (uint32_t i = 0; i < keytable_top(b->keys); i++) {
		const struct key *k = keytable_at(b->keys, i);
		const uint32_t ago = b->window - k->first_window;

		if (k->state == KEY_NONE || k->scenario != s ||
		    ago >= WEEK_WINDOWS ||
		    (k->flags & (KEY_FIRST | KEY_HARD)) != 0 ||
		    (bits[ago / 8] >> ago % 8 & 1) != 0 ||
		    is_one_of(k->client, without, n) ||
		    asset_learns(b, k->client) || asset_learns(b, k->server))
			continue;
		bits[ago / 8] = (uint8_t)(bits[ago / 8] | 1u << ago % 8);
		found++;
	}
	return found;
}

static void
mark(const struct baseline *b, uint8_t *bits, const struct key *k)
{
	bit_set(bits, k->first_window, true);
	if (bit_is(b->counted, k->last_window))
		bit_set(bits, k->last_window, true);
}

uint32_t
single_windows(const struct baseline *b, enum scenario s,
    const uint32_t *without, uint32_t n)
{
	uint8_t bits[WINDOW_BITS / 8];

	if (scenario_estimated(s))
		return b->scenario[s].single;
	memset(bits, 0, sizeof(bits));
	for (uint32_t i = 0; i < keytable_top(b->keys); i++) {
		const struct key *k = keytable_at(b->keys, i);

		if (k->scenario == s && is_single(b, k) &&
		    !is_one_of(k->client, without, n))
			mark(b, bits, k);
	}
	return bits_in(bits);
}

/* Pairs of a client and a window, each once. */
struct pairs {
	uint64_t *slot;
	uint32_t mask;
};

static bool
pairs_open(struct pairs *p, uint32_t n)
{
	p->mask = 63;
	while (p->mask < 2 * n)
		p->mask = p->mask * 2 + 1;
	p->slot = calloc((size_t)p->mask + 1, sizeof(*p->slot));
	return p->slot != NULL;
}

static bool
pairs_add(struct pairs *p, uint32_t client, uint32_t window)
{
	const uint64_t pair = (uint64_t)client << 32 | window;
	uint32_t i = (uint32_t)hash_mix(pair, 1) & p->mask;

	while (p->slot[i] != 0 && p->slot[i] != pair)
		i = (i + 1) & p->mask;
	if (p->slot[i] == pair)
		return false;
	p->slot[i] = pair;
	return true;
}

static void
count_clients(struct baseline *b, enum scenario s, const uint32_t *without,
    uint32_t n, struct pairs *pairs)
{
	memset(b->per_client, 0, OVERLAYS * sizeof(b->per_client[0]));
	for (uint32_t i = 0; i < keytable_top(b->keys); i++) {
		const struct key *k = keytable_at(b->keys, i);

		if (k->scenario == s && is_single(b, k) &&
		    k->client < OVERLAYS && k->client != ASSET_NONE &&
		    !is_one_of(k->client, without, n) &&
		    pairs_add(pairs, k->client, k->first_window))
			b->per_client[k->client]++;
	}
}

/* Of several with as many the one that was met first; the order in which keys
 * came from a state is chance, and counts for nothing. */
uint32_t
most_single_client(struct baseline *b, enum scenario s, const uint32_t *without,
    uint32_t n)
{
	uint32_t most = 2, client = ASSET_NONE;
	struct pairs pairs;

	scan_scenarios(b);
	if (!pairs_open(&pairs, b->scenario[s].keys))
		return ASSET_NONE;
	count_clients(b, s, without, n, &pairs);
	for (uint32_t c = 1; c < OVERLAYS; c++)
		if (b->per_client[c] > most) {
			most = b->per_client[c];
			client = c;
		}
	free(pairs.slot);
	return client;
}

/* ------------------------------------------------------------------ scan */

struct scan { /* of all scenarios in one pass */
	uint8_t bits[SCENARIO_COUNT][WINDOW_BITS / 8];
	uint8_t week[SCENARIO_COUNT][WINDOW_BITS / 8];
};

static void
scan_key(struct baseline *b, struct scan *scan, const struct key *k)
{
	struct scenario_data *s = &b->scenario[k->scenario];

	s->keys++;
	s->candidates += k->state == KEY_CANDIDATE;
	s->learned += k->state == KEY_LEARNED || k->state == KEY_USER;
	s->seen += k->windows;
	s->once += k->windows == 1;
	if (!is_single(b, k))
		return;
	bit_set(scan->bits[k->scenario], k->first_window, true);
	if (b->window - k->first_window < WEEK_WINDOWS)
		bit_set(scan->week[k->scenario], k->first_window, true);
}

void
scan_scenarios(struct baseline *b)
{
	struct scan *scan;

	if (b->scanned == b->version)
		return;
	scan = calloc(1, sizeof(*scan));
	if (scan == NULL)
		return;
	b->scanned = b->version;
	for (unsigned i = 0; i < SCENARIO_COUNT; i++) {
		struct scenario_data *s = &b->scenario[i];

		s->keys = s->candidates = s->learned = 0;
		s->seen = s->once = 0;
	}
	for (uint32_t i = 0; i < keytable_top(b->keys); i++)
		if (keytable_at(b->keys, i)->state != KEY_NONE)
			scan_key(b, scan, keytable_at(b->keys, i));
	for (unsigned i = 0; i < SCENARIO_COUNT; i++) {
		const bool est = scenario_estimated((enum scenario)i);

		if (est)
			scan_estimated(b, (enum scenario)i);
		else
			b->scenario[i].single = bits_in(scan->bits[i]);
		b->scenario[i].single_week = est ? 0 : bits_in(scan->week[i]);
	}
	free(scan);
}

void
count_expected(struct baseline *b)
{
	scan_scenarios(b);
	for (unsigned i = 0; i < SCENARIO_COUNT; i++) {
		struct scenario_data *s = &b->scenario[i];
		const uint32_t windows = scenario_windows(b, (enum scenario)i);

		s->per_day = windows > 0
		    ? DAY_WINDOWS * at_most_90(s->single) / windows
		    : -1;
	}
	b->expects = true;
}

/* ---------------------------------------------------------------- report */

bool
estimator_figures(const struct baseline *b, enum scenario s,
    struct estimator_report *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (s == SCENARIO_VALUE && b->values != NULL)
		values_report(b->values, ret);
	else if (s == SCENARIO_PERIOD)
		periods_report(b->periods, ret);
	else if (s == SCENARIO_SEQUENCE)
		sequences_report(b->sequences, ret);
	else if (s == SCENARIO_VOLUME)
		volumes_report(b->volumes, ret);
	else if (s == SCENARIO_TIME_OF_DAY)
		hours_report(b->hours, ret);
	else
		return false;
	return true;
}

/* What is new keeps coming as it did in the last week: windows until the
 * upper limit falls below the budget; UINT32_MAX: not within sight. */
static uint32_t
windows_until(const struct scenario_report *r, uint32_t single_week,
    uint32_t least)
{
	const uint32_t span =
	    r->windows < WEEK_WINDOWS ? r->windows : WEEK_WINDOWS;
	const double slope =
	    span > 0 ? (double)single_week / (double)span : 1.0;

	for (uint32_t day = 0; day <= DAYS_AHEAD; day++) {
		uint32_t more = day * DAY_WINDOWS, all = r->windows + more;
		double single = r->single + ceil(slope * (double)more);

		if (all > 0 && all >= least &&
		    DAY_WINDOWS * at_most_90((uint32_t)single) / all <=
			r->budget)
			return more;
	}
	return UINT32_MAX;
}

static void
say_reason(const struct scenario_report *r, uint32_t least, char *dst,
    size_t cap)
{
	if (r->windows < least)
		(void)snprintf(dst, cap, "%.1f of %.0f days were learned",
		    (double)r->windows / DAY_WINDOWS,
		    (double)least / DAY_WINDOWS);
	else
		(void)snprintf(dst, cap,
		    "in %u of %u hours something was seen only once: up to "
		    "%.2f alerts a day, more than %.2f",
		    r->single, r->windows, r->at_most, r->budget);
}

static uint32_t
count_held(const struct baseline *b, enum scenario s)
{
	uint32_t n = 0;

	for (uint32_t i = 1; i < OVERLAYS && i <= assets_count(b->assets); i++)
		n += asset_held(b, s, i);
	return n;
}

static void
fill_estimated(const struct baseline *b, enum scenario scenario,
    struct scenario_report *ret)
{
	struct estimator_report e;

	if (!estimator_figures(b, scenario, &e))
		return;
	ret->keys = e.entries;
	ret->learned = e.ready;
	ret->candidates = e.entries - e.ready - e.excluded;
}

void
baseline_cycles(const struct baseline *b,
    void (*got)(void *ctx, const struct cycle *), void *ctx)
{
	periods_each(b->periods, got, ctx);
}

void
baseline_report(struct baseline *b, enum scenario scenario,
    struct scenario_report *ret)
{
	const struct scenario_data *s = &b->scenario[scenario];
	const uint32_t least = scenario_rows[scenario].days * DAY_WINDOWS;
	uint32_t until;

	scan_scenarios(b);
	*ret = (struct scenario_report){ .state = s->state,
		.keys = s->keys,
		.candidates = s->candidates,
		.learned = s->learned,
		.windows = scenario_windows(b, scenario),
		.single = s->single,
		.budget = scenario_budget(b, scenario),
		.ready_in = -1,
		.held = count_held(b, scenario) };
	fill_estimated(b, scenario, ret);
	if (ret->windows > 0) {
		ret->per_day = (double)DAY_WINDOWS * ret->single / ret->windows;
		ret->at_most =
		    DAY_WINDOWS * at_most_90(ret->single) / ret->windows;
	}
	if (s->seen > 0)
		ret->missing = (double)s->once / (double)s->seen;
	ret->ready = ret->windows >= least && ret->at_most <= ret->budget;
	until = windows_until(ret, s->single_week, least);
	if (until != UINT32_MAX)
		ret->ready_in = (int64_t)until * (b->window_ns / TICK_SECOND);
	if (!ret->ready)
		say_reason(ret, least, ret->reason, sizeof(ret->reason));
}
