/*
 * window.c - windows and days of packet time, and when a key is admitted.
 *
 * The baseline's time only goes forward.  A packet from before the last one
 * counts as the last; when packets stay behind (the next capture began
 * earlier), time goes on from where it was, at their pace.  A window counts
 * when there were packets in it and none were lost.
 */
#include "private.h"

#define PATIENCE (5 * TICK_SECOND) /* packets that are late in their file */
#define BEHIND_MAX 256u /* packets in a row */
#define ON_ITS_WAY_WINDOWS (35u * DAY_WINDOWS) /* a month and some days */

void
forget_memo(struct baseline *b)
{
	b->stamp++;
}

struct overlay *
overlay_of(const struct baseline *b, uint32_t asset)
{
	return asset != ASSET_NONE && asset < OVERLAYS ? &b->overlay[asset]
						       : NULL;
}

bool
asset_learns(const struct baseline *b, uint32_t asset)
{
	const struct overlay *o = overlay_of(b, asset);

	return o != NULL && o->learns_until > b->window;
}

bool
asset_held(const struct baseline *b, enum scenario s, uint32_t asset)
{
	const struct overlay *o = overlay_of(b, asset);

	return o != NULL && (o->held >> s & 1) != 0;
}

struct moment
moment_now(const struct baseline *b)
{
	return (struct moment){ .at = { b->now },
		.window = b->window,
		.lost = b->window_lost };
}

/* When it began, by the packets' clock; to the nearest, where time went on
 * after a step back. */
struct tick
window_time(const struct baseline *b, uint32_t window)
{
	const int64_t at = b->epoch - b->shift +
	    (int64_t)window * b->window_ns + b->window_ns / 2;

	return (struct tick){ at - at % b->window_ns };
}

/* ------------------------------------------------------------ admission */

static bool
was_seen_enough(const struct baseline *b, const struct key *k, bool scaled_down)
{
	const struct scenario_row *row = &scenario_rows[k->scenario];
	const bool change = (k->flags & (KEY_WRITE | KEY_ENGINEER)) != 0;
	uint32_t windows = change ? row->change.windows : row->look.windows;
	uint32_t days = change ? row->change.days : row->look.days;
	const uint32_t span =
	    (uint32_t)((b->now - b->epoch_seen) / b->window_ns);
	const uint32_t whole = span < b->n_counted ? span : b->n_counted;

	if (scaled_down) {
		if (windows > whole)
			windows = whole > 0 ? whole : 1;
		if (days > span / DAY_WINDOWS)
			days = span >= DAY_WINDOWS ? span / DAY_WINDOWS : 1;
	}
	return k->windows >= windows && k->days >= days;
}

bool
asset_tainted(const struct baseline *b, uint32_t asset)
{
	const struct overlay *o = overlay_of(b, asset);

	return o != NULL && o->taint_until > b->window;
}

static bool
may_ever_admit(const struct baseline *b, const struct key *k)
{
	return k->state == KEY_CANDIDATE &&
	    (k->flags & (KEY_HARD | KEY_FAIL | KEY_FLOOD | KEY_TAINTED)) == 0 &&
	    !asset_tainted(b, k->client);
}

/*
 * Seen before the scenario was found accurate, and again soon after: the
 * figures that promoted it held it for learned at the second sight.  Weekly
 * and monthly work would else alert in a batch.  What changes the plant
 * waits for people, as does all where people switched by hand.
 */
static bool
was_on_its_way(const struct baseline *b, const struct scenario_data *s,
    const struct key *k)
{
	return !s->by_hand && k->first_window < s->since &&
	    b->window - s->since < ON_ITS_WAY_WINDOWS &&
	    (k->flags & (KEY_WRITE | KEY_ENGINEER)) == 0;
}

bool
may_admit(const struct baseline *b, const struct key *k, bool scaled_down)
{
	const struct scenario_data *s = &b->scenario[k->scenario];

	if (!may_ever_admit(b, k))
		return false;
	if (asset_learns(b, k->client) || asset_learns(b, k->server))
		return false; /* judged at the end of its learning */
	if (!scaled_down &&
	    (s->state == STATE_EXTEND ||
		(s->state == STATE_OPER && !was_on_its_way(b, s, k) &&
		    !asset_held(b, (enum scenario)k->scenario, k->client))))
		return false;
	return was_seen_enough(b, k, scaled_down);
}

static bool
merges(const struct baseline *b, const struct key *a, const struct key *k)
{
	return k->state == KEY_LEARNED && k->scenario == a->scenario &&
	    k->client == a->client && k->server == a->server &&
	    memcmp(k->p, a->p, 3 * sizeof(a->p[0])) == 0 &&
	    (k->p[4] == UINT32_MAX || a->p[3] <= k->p[4] + 1) &&
	    (a->p[4] == UINT32_MAX || k->p[3] <= a->p[4] + 1) &&
	    !key_named(b, k);
}

/* `from` is taken up by `into`, which keeps its name. */
static void
merge(struct baseline *b, struct key *into, uint32_t from)
{
	const struct key *k = keytable_at(b->keys, from);

	if (k->p[3] < into->p[3])
		into->p[3] = k->p[3];
	if (k->p[4] > into->p[4])
		into->p[4] = k->p[4];
	if (k->first_window < into->first_window)
		into->first_window = k->first_window;
	if (k->last_window > into->last_window)
		into->last_window = k->last_window;
	if (k->windows > into->windows)
		into->windows = k->windows;
	if (k->days > into->days)
		into->days = k->days;
	if (UINT32_MAX - into->count < k->count)
		into->count = UINT32_MAX;
	else
		into->count += k->count;
	into->hours |= k->hours;
	b->counts.keys--;
	b->counts.learned--;
	give_back(b, k);
	keytable_remove(b->keys, from);
}

/*
 * Learned neighbours become one: a poll of 100..199 in pieces is one key.
 * Only what was learned: what was seen once does not become normal by
 * standing next to something that is.
 */
static void
coalesce(struct baseline *b, uint32_t at)
{
	struct key *k = keytable_at(b->keys, at);
	struct tuple t;
	uint32_t i, next;
	uint64_t chain;
	bool again = true;

	if (!scenario_has_interval(k->scenario) || key_named(b, k))
		return;
	tuple_of_key(k, &t);
	chain = tuple_chain(&t);
	while (again) {
		again = false;
		for (i = keytable_chain(b->keys, chain); i != KEY_NOWHERE;
		     i = next) {
			next = keytable_next(b->keys, i);
			if (i == at || !merges(b, k, keytable_at(b->keys, i)))
				continue;
			merge(b, k, i);
			forget_memo(b);
			again = true;
		}
	}
}

void
admit(struct baseline *b, uint32_t at)
{
	struct key *k = keytable_at(b->keys, at);

	b->version++;
	k->state = KEY_LEARNED;
	k->flags |= KEY_CHANGED;
	b->counts.candidates--;
	b->counts.learned++;
	coalesce(b, at);
}

void
admit_what_was_shown(struct baseline *b)
{
	for (uint32_t i = 0; i < keytable_top(b->keys); i++)
		if (may_admit(b, keytable_at(b->keys, i), true))
			admit(b, i);
	forget_memo(b);
}

void
admit_of(struct baseline *b, uint32_t asset, int scenario)
{
	for (uint32_t i = 0; i < keytable_top(b->keys); i++) {
		struct key *k = keytable_at(b->keys, i);

		if (k->state != KEY_CANDIDATE ||
		    (scenario >= 0 && k->scenario != scenario) ||
		    (asset != ASSET_NONE && k->client != asset &&
			k->server != asset))
			continue;
		/* writes of a new device were said, and wait for people */
		if (asset != ASSET_NONE &&
		    (k->flags & (KEY_WRITE | KEY_ENGINEER)) != 0)
			continue;
		if (may_ever_admit(b, k) && was_seen_enough(b, k, false))
			admit(b, i);
	}
	forget_memo(b);
}

/* ----------------------------------------------------------------- time */

static void
count_window(struct baseline *b)
{
	bit_set(b->counted, b->window, true);
	bit_set(b->lossy, b->window, false);
	b->window_lost = false;
	b->n_counted++;
	b->version++;
	if (b->weeks[b->window % WEEK_WINDOWS] < UINT8_MAX)
		b->weeks[b->window % WEEK_WINDOWS]++;
	if (b->mode == MODE_LEARNING)
		b->learned_windows++;
}

static void
enter_window(struct baseline *b, uint32_t window)
{
	const uint32_t gap = window - b->window;

	/* nobody watched in between */
	for (uint32_t i = 1; i < gap && i < WINDOW_BITS; i++) {
		bit_set(b->counted, b->window + i, false);
		bit_set(b->lossy, b->window + i, false);
		for (unsigned s = 0; s < SCENARIO_COUNT; s++)
			bit_set(b->novel[s], b->window + i, false);
	}
	b->window = window;
	for (unsigned s = 0; s < SCENARIO_COUNT; s++) {
		bit_set(b->novel[s], window, false);
		b->scenario[s].n_novel = 0;
	}
	count_window(b);
	b->changed = true;
	forget_memo(b);
	rules_window(b);
	if (window / DAY_WINDOWS != b->day) {
		b->last_day = b->day;
		b->day = window / DAY_WINDOWS;
		rules_daily(b);
	}
}

#define LATEST_TIME (INT64_MAX - (INT64_C(1) << 60)) /* the year 2225 */

static void
begin_time(struct baseline *b, struct tick t)
{
	const int64_t day = b->window_ns * (int64_t)DAY_WINDOWS;

	b->begun = true;
	b->now = t.ns;
	b->epoch = t.ns / day * day;
	if (b->epoch > t.ns)
		b->epoch -= day;
	b->epoch_seen = b->mode_ns = t.ns;
	b->window = (uint32_t)((t.ns - b->epoch) / b->window_ns);
	b->day = 0;
	count_window(b);
	b->changed = true;
	forget_memo(b);
}

/* Packets that stay behind: another capture.  Time goes on at its pace. */
static void
step_back(struct baseline *b, struct tick t)
{
	if (t.ns + b->shift >= b->now - PATIENCE || ++b->behind < BEHIND_MAX)
		return;
	b->shift = b->now - t.ns;
	b->behind = 0;
	b->changed = true;
}

/* Once a second: what went silent. */
static void
tick_estimators(struct baseline *b)
{
	const struct sight sight = { .fact = NULL };
	const struct moment now = moment_now(b);
	struct finding found;

	b->next_second = b->now + TICK_SECOND;
	while (periods_clock(b->periods, &now, &found))
		say_finding(b, SCENARIO_PERIOD, &found, &sight);
	hours_clock(b->hours, &now);
}

void
baseline_clock(struct baseline *b, struct tick t)
{
	int64_t windows;

	if (t.ns > LATEST_TIME)
		return; /* no clock says that: there is no time to add to */
	b->at = t;
	if (t.ns >= b->allow_expires)
		allow_expire(b);
	if (!b->begun) {
		begin_time(b, t);
		return;
	}
	if (t.ns + b->shift <= b->now) {
		step_back(b, t);
		return;
	}
	b->behind = 0;
	b->now = t.ns + b->shift;
	if (b->now - b->epoch >= (b->window + INT64_C(1)) * b->window_ns) {
		windows = (b->now - b->epoch) / b->window_ns;
		enter_window(b,
		    windows < UINT32_MAX ? (uint32_t)windows : UINT32_MAX - 1);
	}
	if (b->now >= b->next_second)
		tick_estimators(b);
}

void
baseline_clock_set(struct baseline *b, int64_t by)
{
	b->shift -= by;
	b->at.ns += by;
	b->behind = 0;
	b->changed = true;
}

void
baseline_lost(struct baseline *b, struct tick t, uint64_t packets)
{
	baseline_clock(b, t);
	if (packets == 0 || b->window_lost)
		return;
	b->window_lost = true;
	bit_set(b->lossy, b->window, true);
	if (bit_is(b->counted, b->window)) {
		bit_set(b->counted, b->window, false);
		b->n_counted--;
		if (b->mode == MODE_LEARNING && b->learned_windows > 0)
			b->learned_windows--;
	}
	b->changed = true;
}
