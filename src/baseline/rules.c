/*
 * rules.c - what is decided once a day: promotion, extension, aging.
 *
 * docs/decisions/baseline.md has the rules and why they are so.
 */
#include "private.h"

#include <math.h>
#include <stdio.h>

#define CUSUM_TRIP 3.0
#define CUSUM_IDLE 1.0
#define SPIKE 10u
#define CULPRITS 5u
#define DECIDE_DAYS 42u
#define STALE_DAYS 90u
#define STALE_WINDOWS (STALE_DAYS * DAY_WINDOWS)
#define DROP_DAYS 400u
#define HELD_MAX 64u
#define ROUNDS_MAX 3u

static uint32_t
shadow_of(const struct scenario_data *s, uint32_t day)
{
	return s->shadow[day % DAYS_KEPT];
}

static uint32_t
shadow_week(const struct baseline *b, const struct scenario_data *s)
{
	uint32_t n = 0;

	for (uint32_t i = 1; i <= 7 && i <= b->day; i++)
		n += shadow_of(s, b->day - i);
	return n;
}

/* ------------------------------------------------------------- promotion */

uint32_t
counted_lately(const struct baseline *b, uint32_t windows)
{
	uint32_t n = 0;

	for (uint32_t i = 1; i <= windows && i <= b->window; i++)
		n += bit_is(b->counted, b->window - i);
	return n;
}

/* Every hour of the week that was ever watched, watched twice. */
static bool
weeks_covered(const struct baseline *b)
{
	uint32_t ever = 0, twice = 0;

	for (uint32_t i = 0; i < WEEK_WINDOWS; i++) {
		ever += b->weeks[i] > 0;
		twice += b->weeks[i] > 1;
	}
	return 10 * twice >= 9 * ever;
}

static uint32_t
held_of(const struct baseline *b, enum scenario s, uint32_t *held, uint32_t cap)
{
	uint32_t n = 0;

	for (uint32_t a = 1; a < OVERLAYS && a <= assets_count(b->assets); a++)
		if (n < cap && asset_held(b, s, a))
			held[n++] = a;
	return n;
}

static double
at_most(const struct baseline *b, enum scenario s, const uint32_t *held,
    uint32_t n)
{
	const uint32_t windows = scenario_windows(b, s);

	return windows > 0
	    ? DAY_WINDOWS * at_most_90(single_windows(b, s, held, n)) / windows
	    : (double)DAY_WINDOWS;
}

static void
enter(struct baseline *b, struct scenario_data *s, enum scenario_state state)
{
	s->state = state;
	s->since = b->window;
	s->until = 0;
	s->by_hand = false;
	s->changed = true;
	forget_memo(b);
}

static void
promote(struct baseline *b, enum scenario s, const uint32_t *held, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct overlay *o = overlay_of(b, held[i]);

		if (o == NULL)
			continue;
		o->held |= 1u << s;
		o->changed = true;
	}
	enter(b, &b->scenario[s], STATE_OPER);
	b->scenario[s].cusum = 0;
	b->scenario[s].expected = scenario_budget(b, s);
}

/* What would have alerted in the last week. */
static double
new_lately(const struct baseline *b, enum scenario s, const uint32_t *held,
    uint32_t n)
{
	return scenario_estimated(s) ? shadow_week(b, &b->scenario[s])
				     : recent_windows(b, s, held, n);
}

/*
 * It is promoted on the first day on which its limit is low enough, and who is
 * held back is chosen to make it so: such a number is too low by chance.  So
 * a part of the budget is kept back, unless nothing at all was single.
 */
#define RESERVE 0.25

static bool
is_affordable(const struct baseline *b, enum scenario s, const uint32_t *held,
    uint32_t n)
{
	const double budget = scenario_budget(b, s);
	const bool any = single_windows(b, s, held, n) > 0;

	return at_most(b, s, held, n) <= budget * (any ? 1 - RESERVE : 1);
}

/* As few as make the rest accurate; false when they would be too many. */
static bool
hold_back(struct baseline *b, enum scenario s, uint32_t *held, uint32_t *n)
{
	const double budget = scenario_budget(b, s);
	uint32_t most = assets_count(b->assets) / 20, client;

	most = most < 5 ? 5 : most > HELD_MAX ? HELD_MAX : most;
	while (!is_affordable(b, s, held, *n) ||
	    new_lately(b, s, held, *n) > 7 * budget) {
		client =
		    *n < most ? most_single_client(b, s, held, *n) : ASSET_NONE;
		if (client == ASSET_NONE)
			return false;
		held[(*n)++] = client;
	}
	return true;
}

/* What keeps it from being operational besides its rate. */
static bool
is_settled(const struct baseline *b, enum scenario scenario)
{
	const struct scenario_data *s = &b->scenario[scenario];

	return b->n_counted >=
	    (uint32_t)scenario_rows[scenario].days * DAY_WINDOWS &&
	    (s->judged == 0 || s->judged >= WEEK_WINDOWS) &&
	    s->cusum < CUSUM_IDLE &&
	    5 * counted_lately(b, WEEK_WINDOWS) >= 4 * WEEK_WINDOWS &&
	    weeks_covered(b);
}

/* Objects become blocks, files directories: once, late. */
static void
generalise(struct baseline *b, enum scenario scenario)
{
	b->scenario[scenario].generalised = true;
	b->scenario[scenario].changed = true;
	for (uint32_t i = 0; i < keytable_top(b->keys); i++) {
		struct key k = *keytable_at(b->keys, i);
		struct tuple t;
		uint32_t at;

		if (k.scenario != scenario || k.state != KEY_CANDIDATE)
			continue;
		tuple_of_key(&k, &t);
		if (!tuple_widen(b, &t))
			continue;
		k.hash = tuple_hash(b, &t);
		if (k.hash == keytable_at(b->keys, i)->hash)
			continue; /* as wide already */
		memcpy(k.p, t.p, sizeof(k.p));
		k.flags |= KEY_CHANGED;
		at = keytable_find(b->keys, k.hash, &t);
		if (at != KEY_NOWHERE &&
		    keytable_at(b->keys, at)->last_window != k.last_window)
			keytable_at(b->keys, at)->windows++;
		drop_key(b, i);
		if (at == KEY_NOWHERE) {
			(void)keytable_add(b->keys, &k, tuple_chain(&t));
			b->counts.keys++;
			b->counts.candidates++;
		}
	}
	forget_memo(b);
}

static bool
promoted(struct baseline *b, enum scenario scenario)
{
	uint32_t held[HELD_MAX], n = held_of(b, scenario, held, 5);

	if (!is_settled(b, scenario) || !hold_back(b, scenario, held, &n))
		return false;
	promote(b, scenario, held, n);
	return true;
}

static void
try_promote(struct baseline *b, enum scenario scenario)
{
	struct scenario_data *s = &b->scenario[scenario];
	uint32_t held[HELD_MAX], n = held_of(b, scenario, held, 5);

	if (promoted(b, scenario) ||
	    b->window - b->mode_since <= DECIDE_DAYS * DAY_WINDOWS)
		return;
	if (!s->generalised)
		generalise(b, scenario);
	else if (at_most(b, scenario, held, n) > scenario_budget(b, scenario))
		enter(b, s, STATE_PARKED);
}

/* Once a week: who can be let in again? */
static void
release_held(struct baseline *b, enum scenario scenario)
{
	uint32_t held[HELD_MAX], n = held_of(b, scenario, held, HELD_MAX);

	for (uint32_t i = n; i-- > 0;) {
		const uint32_t asset = held[i];
		struct overlay *o = overlay_of(b, asset);

		held[i] = held[n - 1];
		if (o != NULL && is_affordable(b, scenario, held, n - 1)) {
			o->held &= ~(1u << scenario);
			o->changed = true;
			n--;
			forget_memo(b);
		} else {
			held[i] = asset;
		}
	}
}

/* ---------------------------------------------------------------- change */

static uint32_t
median_shadow(const struct baseline *b, const struct scenario_data *s)
{
	uint32_t sorted[DAYS_KEPT], n = 0, i, v;

	for (uint32_t d = 1; d + 1 < DAYS_KEPT && d <= b->last_day; d++) {
		v = shadow_of(s, b->last_day - d);
		for (i = n++; i > 0 && sorted[i - 1] > v; i--)
			sorted[i] = sorted[i - 1];
		sorted[i] = v;
	}
	return n > 0 ? sorted[n / 2] : 0;
}

static bool
has_changed(const struct baseline *b, struct scenario_data *s)
{
	const uint32_t day = shadow_of(s, b->last_day);
	const uint32_t median = median_shadow(b, s);
	/* likelihood of four times what is expected, against it */
	const double slack = 3.0 * s->expected / log(4.0);

	s->cusum = fmax(0, s->cusum + day - slack);
	return s->cusum >= CUSUM_TRIP ||
	    (day >= SPIKE && day >= 5 * median && s->expected < day);
}

/* The few who brought at least four fifths of it; 0: many did. */
static uint32_t
culprits(struct scenario_data *s, uint32_t *ret)
{
	uint32_t all = 0, few = 0, n = 0;

	for (unsigned i = 0; i < ATTRIBUTED; i++)
		all += s->who[i].n;
	while (n < CULPRITS && 5 * few < 4 * all) {
		unsigned best = 0;

		for (unsigned i = 1; i < ATTRIBUTED; i++)
			if (s->who[i].n > s->who[best].n)
				best = i;
		if (s->who[best].n == 0)
			break;
		few += s->who[best].n;
		s->who[best].n = 0;
		ret[n++] = s->who[best].client;
	}
	return all > 0 && 5 * few >= 4 * all ? n : 0;
}

static size_t
name_asset(const struct baseline *b, uint32_t id, char *dst, size_t cap)
{
	const struct asset *a = asset_at(b->assets, id);
	char text[ADDR_TEXT_MAX];
	int n;

	if (a == NULL)
		return 0;
	n = snprintf(dst, cap, " %s",
	    a->addr.ip.len > 0 ? ip_text(&a->addr.ip, text)
			       : mac_text(&a->addr.mac, text));
	return n > 0 && (size_t)n < cap ? (size_t)n : 0;
}

static void
say_change(struct baseline *b, enum scenario scenario, const uint32_t *who,
    uint32_t n, const char *what)
{
	struct novelty v = { .scenario = scenario,
		.why = WHY_CHANGE,
		.speak = true,
		.client = n == 1 ? who[0] : ASSET_NONE,
		.value = shadow_of(&b->scenario[scenario], b->last_day),
		.most = b->scenario[scenario].expected };
	int at = snprintf(v.text, sizeof(v.text), "%s%s", what,
	    n > 0 ? ", brought by" : "");

	for (uint32_t i = 0; i < n && at > 0 && (size_t)at < sizeof(v.text);
	     i++)
		at += (int)name_asset(b, who[i], v.text + at,
		    sizeof(v.text) - (size_t)at);
	say_novelty(b, &v);
	b->scenario[scenario].told = true;
}

static void
learn_again(struct baseline *b, uint32_t asset)
{
	struct overlay *o = overlay_of(b, asset);

	if (o == NULL)
		return;
	o->learns_until = b->window + WEEK_WINDOWS;
	o->groups = 0;
	o->changed = true;
	forget_memo(b);
}

static void
extend(struct baseline *b, enum scenario scenario)
{
	struct scenario_data *s = &b->scenario[scenario];
	uint32_t who[CULPRITS], n = culprits(s, who);
	const bool told = s->told;

	s->cusum = 0;
	s->changed = true;
	if (b->mode == MODE_OPERATIONAL || s->by_hand) {
		if (!told)
			say_change(b, scenario, who, n,
			    "traffic changed; nothing is learned anew by "
			    "itself");
		return;
	}
	for (uint32_t i = 0; i < n; i++)
		learn_again(b, who[i]);
	if (!told)
		say_change(b, scenario, who, n,
		    n > 0 ? "traffic changed: learning goes on for 7 days"
			  : "traffic changed: learning extended by 7 days");
	if (n > 0)
		return;
	if (s->extensions++ < EXTENSIONS_MAX) {
		enter(b, s, STATE_EXTEND);
		s->until = b->window + EXTENSION_WINDOWS;
	} else {
		enter(b, s, STATE_PARKED);
	}
}

/* ----------------------------------------------------------- single assets */

/* Sequential test of its novelty: 0.2 groups a day against 1, errors 5 %. */
static bool
is_calm(const struct overlay *o)
{
	return o->groups * log(5.0) - 0.8 * 6.0 <= log(0.05 / 0.95);
}

static void
end_learning_of(struct baseline *b, uint32_t id, struct overlay *o)
{
	struct asset *a = asset_at(b->assets, id);
	const bool calm = is_calm(o), again = !calm && o->rounds < ROUNDS_MAX;

	o->rounds++;
	o->groups = 0;
	o->changed = true;
	o->learns_until = again ? b->window + WEEK_WINDOWS : 0;
	if (a != NULL) {
		a->learns_until.ns =
		    again ? b->at.ns + WEEK_WINDOWS * b->window_ns : 0;
		a->flags |= ASSET_CHANGED;
	}
	if (calm)
		admit_of(b, id, -1);
	forget_memo(b);
}

void
rules_window(struct baseline *b)
{
	const uint32_t n = assets_count(b->assets);

	if (b->mode == MODE_OPERATIONAL && b->values != NULL)
		values_judge(b->values, b->mode_ns - b->epoch_seen,
		    b->now - b->mode_ns);
	for (uint32_t id = 1; id <= n && id < OVERLAYS; id++)
		if (b->overlay[id].learns_until != 0 &&
		    b->overlay[id].learns_until <= b->window)
			end_learning_of(b, id, &b->overlay[id]);
	for (unsigned i = 0; i < SCENARIO_COUNT; i++) {
		struct scenario_data *s = &b->scenario[i];

		if (s->until == 0 || s->until > b->window)
			continue;
		if (s->state == STATE_EXTEND || s->state == STATE_LEARN) {
			enter(b, s, STATE_WATCH);
			admit_of(b, ASSET_NONE, (int)i);
		}
	}
}

/* -------------------------------------------------------------- every day */

/* The window since which there were so many days with something to see: what
 * was not seen while nobody looked did not fall silent. */
static uint32_t
days_watched(const struct baseline *b, uint32_t days)
{
	uint32_t w = b->window, n = 0, day = UINT32_MAX;

	while (w > 0 && b->window - w < WINDOW_BITS && n <= days) {
		if (bit_is(b->counted, w) && w / DAY_WINDOWS != day) {
			day = w / DAY_WINDOWS;
			n++;
		}
		w--;
	}
	return n <= days ? 0 : w;
}

static void
age(struct baseline *b)
{
	const uint32_t drop = days_watched(b, DROP_DAYS);
	const uint32_t stale = days_watched(b, STALE_DAYS);

	for (uint32_t i = 0; i < keytable_top(b->keys); i++) {
		struct key *k = keytable_at(b->keys, i);
		const uint32_t idle = b->window - k->last_window;
		uint32_t usual, limit;

		if (k->state == KEY_STALE && k->last_window < drop) {
			drop_key(b, i);
			forget_memo(b);
			continue;
		}
		if (k->state != KEY_LEARNED || k->last_window >= stale)
			continue;
		usual = (k->last_window - k->first_window) / k->windows;
		limit = 4 * usual > STALE_WINDOWS ? 4 * usual : STALE_WINDOWS;
		if (idle <= limit)
			continue;
		k->state = KEY_STALE;
		k->flags |= KEY_CHANGED;
		b->counts.learned--;
		forget_memo(b);
	}
}

/* Nothing was counted since the last one yet. */
static void
clear_days(const struct baseline *b, struct scenario_data *s)
{
	for (uint32_t d = 1; d < DAYS_KEPT && b->last_day + d <= b->day; d++)
		s->shadow[(b->last_day + d) % DAYS_KEPT] = 0;
	s->shadow[b->day % DAYS_KEPT] = 0;
}

static void
daily(struct baseline *b, enum scenario scenario)
{
	struct scenario_data *s = &b->scenario[scenario];

	/* parked, and accurate after all: nobody had to decide */
	if (s->state == STATE_PARKED && !s->acknowledged &&
	    b->mode == MODE_DYNAMIC)
		(void)promoted(b, scenario);
	if (s->state != STATE_WATCH && s->state != STATE_OPER)
		return;
	if (has_changed(b, s)) {
		extend(b, scenario);
		return;
	}
	if (s->cusum <= 0 && s->told) {
		s->told = false;
		s->changed = true;
	}
	if (b->mode != MODE_DYNAMIC)
		return;
	if (s->state == STATE_WATCH && !s->by_hand)
		try_promote(b, scenario);
	else if (s->state == STATE_OPER && b->day % 7 == 0)
		release_held(b, scenario);
}

static void
all_operational(struct baseline *b)
{
	for (unsigned i = 0; i < SCENARIO_COUNT; i++) {
		const struct scenario_data *s = &b->scenario[i];

		if (s->state != STATE_OPER &&
		    !(s->state == STATE_PARKED && s->acknowledged))
			return;
	}
	b->mode = MODE_OPERATIONAL;
	b->mode_since = b->window;
	b->mode_ns = b->now;
	b->changed = true;
}

void
rules_daily(struct baseline *b)
{
	age(b);
	if (b->mode != MODE_LEARNING)
		count_expected(b);
	for (unsigned i = 0; i < SCENARIO_COUNT; i++) {
		struct scenario_data *s = &b->scenario[i];

		if (b->day - b->last_day < DAYS_KEPT) {
			clear_days(b, s);
			daily(b, (enum scenario)i);
		} else {
			memset(s->shadow, 0, sizeof(s->shadow));
		}
		memset(s->who, 0, sizeof(s->who));
		s->changed = true;
	}
	if (b->mode == MODE_DYNAMIC)
		all_operational(b);
}

/* The switch: what is expected of each from now on. */
void
watch_all(struct baseline *b)
{
	count_expected(b);
	for (unsigned i = 0; i < SCENARIO_COUNT; i++) {
		struct scenario_data *s = &b->scenario[i];
		const double budget = scenario_budget(b, (enum scenario)i);

		enter(b, s, STATE_WATCH);
		s->expected = s->per_day > budget ? s->per_day : budget;
		s->cusum = 0;
		s->extensions = 0;
		s->told = s->acknowledged = false;
		memset(s->shadow, 0, sizeof(s->shadow));
		memset(s->who, 0, sizeof(s->who));
	}
}
