/*
 * observe.c - a key was seen: known, counted, or new.
 */
#include "private.h"

#include <stdio.h>

#define BURST 120u /* new keys at once, of one client in one scenario */
#define REFILL 1u /* of them a second */
#define CHAIN_MAX 64u /* intervals of one area */

/* Keys of one client; beyond, wider ones, and twice that at most. */
static const uint16_t quota[SCENARIO_COUNT] = {
	[SCENARIO_DEVICE] = 16,
	[SCENARIO_IDENTITY] = 256,
	[SCENARIO_CONNECTION] = 256,
	[SCENARIO_SERVICE] = 512,
	[SCENARIO_EXTERNAL] = 1024,
	[SCENARIO_FUNCTION] = 2048,
	[SCENARIO_READ] = 8192,
	[SCENARIO_WRITE] = 8192,
	[SCENARIO_ENGINEERING] = 2048,
	[SCENARIO_SESSION] = 1024,
	[SCENARIO_FILE] = 1024,
	[SCENARIO_PUBLISHER] = 1024,
	[SCENARIO_ERROR] = 1024,
	[SCENARIO_TOPOLOGY] = 256,
	[SCENARIO_ATTRIBUTE] = 512,
};

/* ------------------------------------------------------------- counting */

static uint32_t
hour_bits(const struct baseline *b)
{
	const int64_t hours = b->at.ns / (3600 * TICK_SECOND);
	const uint32_t hour = (uint32_t)(hours % 24);
	/* 1970-01-01 was a Thursday; Monday is 0 */
	const uint32_t weekday = (uint32_t)((hours / 24 + 3) % 7);

	return 1u << hour | 1u << (24 + weekday);
}

static void
add_windows(struct baseline *b, struct key *k, uint32_t spanned)
{
	const uint32_t day = b->window / DAY_WINDOWS;
	uint32_t first = b->window - spanned, days, windows;

	if (first <= k->last_window)
		first = k->last_window + 1;
	windows = b->window - first + 1;
	days = first / DAY_WINDOWS == k->last_window / DAY_WINDOWS
	    ? day - first / DAY_WINDOWS
	    : day - first / DAY_WINDOWS + 1;
	k->windows = (uint16_t)(windows > (uint32_t)UINT16_MAX - k->windows
		? UINT16_MAX
		: k->windows + windows);
	k->days =
	    (uint8_t)(days > (uint32_t)UINT8_MAX - k->days ? UINT8_MAX
							   : k->days + days);
	k->last_window = b->window;
	if (k->count < k->windows)
		k->count = k->windows;
	b->version++;
}

/* By an alert that is open about its client. */
static uint8_t
taints(const struct baseline *b, uint32_t client, uint8_t flags)
{
	const struct asset *a =
	    client != ASSET_NONE ? asset_at(b->assets, client) : NULL;
	const bool changes = (flags & (KEY_WRITE | KEY_ENGINEER)) != 0;

	if (asset_tainted(b, client))
		return KEY_TAINTED;
	/* nobody outside teaches changes of the plant */
	return a != NULL && (a->flags & ASSET_INTERNET) != 0 && changes
	    ? KEY_TAINTED
	    : 0;
}

static void
touch(struct baseline *b, struct key *k, const struct sight *sight)
{
	const struct bucket *bucket;

	/* of a fact's keys only the most telling is counted, by the caller:
	 * how often the others are looked at is the memo's business */
	if (sight->fact == NULL && k->count < UINT32_MAX)
		k->count++;
	if (k->last_window >= b->window)
		return;
	/* an alert was open, is no more, and it goes on: it counts anew */
	if ((k->flags & KEY_TAINTED) != 0 &&
	    taints(b, k->client, k->flags) == 0) {
		k->flags &= (uint8_t)~KEY_TAINTED;
		k->windows = k->days = 0;
	}
	add_windows(b, k, sight->spanned);
	k->hours |= hour_bits(b);
	k->flags |= KEY_CHANGED;
	if ((k->flags & KEY_FLOOD) == 0)
		return;
	/* it came again, and not in a flood: it was no part of one */
	bucket = &b->buckets[(k->client < OVERLAYS ? k->client : 0) *
		SCENARIO_COUNT +
	    k->scenario];
	if (bucket->overflow != b->window + 1)
		k->flags &= (uint8_t)~KEY_FLOOD;
}

/* ------------------------------------------------------------ novelties */

bool
may_speak(const struct baseline *b, enum scenario s, uint32_t client,
    uint32_t server, uint8_t flags)
{
	const struct asset *to;

	if (b->scenario[s].state != STATE_OPER || asset_held(b, s, client))
		return false;
	if (!asset_learns(b, client) && !asset_learns(b, server))
		return true;
	to = server != ASSET_NONE ? asset_at(b->assets, server) : NULL;
	return (flags & (KEY_WRITE | KEY_ENGINEER)) != 0 ||
	    s == SCENARIO_DEVICE || s == SCENARIO_EXTERNAL ||
	    s == SCENARIO_SESSION ||
	    (to != NULL && (to->flags & ASSET_SAFETY) != 0);
}

void
say_novelty(struct baseline *b, struct novelty *n)
{
	const struct scenario_data *s = &b->scenario[n->scenario];

	n->at = b->at;
	n->learned_windows = b->n_counted;
	n->scaled = b->config.learn_scale > 1;
	if (!b->expects && b->mode != MODE_LEARNING)
		count_expected(b);
	n->per_day = b->mode == MODE_LEARNING ? -1 : s->per_day;
	b->counts.novelties++;
	b->counts.spoken += n->speak;
	if (b->listener.novelty != NULL)
		b->listener.novelty(b->listener.ctx, n);
}

/* The days of an asset's learning after the first, which is all new. */
static void
count_asset(struct baseline *b, uint32_t asset)
{
	struct overlay *o = overlay_of(b, asset);

	if (o == NULL || !asset_learns(b, asset) ||
	    o->learns_until - b->window > 6 * DAY_WINDOWS ||
	    o->last_group == b->window + 1)
		return;
	o->last_group = b->window + 1;
	o->groups++;
	o->changed = true;
}

static void
count_who(struct scenario_data *s, uint32_t client)
{
	unsigned least = 0;

	for (unsigned i = 0; i < ATTRIBUTED; i++) {
		if (s->who[i].n > 0 && s->who[i].client == client) {
			s->who[i].n++;
			return;
		}
		if (s->who[i].n < s->who[least].n)
			least = i;
	}
	s->who[least].client = client;
	s->who[least].n++;
}

/* A group: one scenario, one initiator, one window. */
void
count_novel(struct baseline *b, enum scenario scenario, uint32_t client,
    uint32_t server)
{
	struct scenario_data *s = &b->scenario[scenario];

	if (b->window_lost)
		return;
	count_asset(b, client);
	if (server != client)
		count_asset(b, server);
	if (asset_learns(b, client) || asset_learns(b, server) ||
	    asset_held(b, scenario, client))
		return;
	if (scenario_estimated(scenario))
		bit_set(b->novel[scenario], b->window, true);
	for (uint32_t i = 0; i < s->n_novel; i++)
		if (s->novel[i] == client)
			return;
	if (s->n_novel == NOVEL_CLIENTS)
		return;
	s->novel[s->n_novel++] = client;
	s->shadow[b->window / DAY_WINDOWS % DAYS_KEPT]++;
	count_who(s, client);
	s->changed = true;
}

/* One a second and key are enough. */
static bool
said_lately(struct baseline *b, uint32_t at)
{
	const uint32_t second =
	    (uint32_t)((b->now - b->epoch) / TICK_SECOND) + 1;

	if (b->spoke[at] == second)
		return true;
	b->spoke[at] = second;
	return false;
}

static void
tell(struct baseline *b, const struct tuple *t, const struct sight *sight,
    const struct key *k, enum why why, bool speak)
{
	struct novelty n = { .scenario = (enum scenario)t->scenario,
		.why = why,
		.speak = speak,
		.tier_a = (t->flags & KEY_HARD) != 0,
		.client = t->client,
		.server = t->server,
		.fact = sight->fact,
		.talk = sight->talk,
		.key = k };

	if (speak)
		explain(b, t, why, n.text, sizeof(n.text));
	say_novelty(b, &n);
}

/*
 * That a device changes something where it only ever looked, day after day, is
 * none of the many things for which it is held back, or for which the scenario
 * is not accurate yet: it happens a few times a year.
 */
static bool
is_first_change(const struct baseline *b, const struct tuple *t)
{
	const enum scenario s = (enum scenario)t->scenario;
	const enum scenario_state state = b->scenario[s].state;

	return (t->flags & (KEY_WRITE | KEY_ENGINEER)) != 0 &&
	    (state == STATE_WATCH || state == STATE_PARKED ||
		(state == STATE_OPER && asset_held(b, s, t->client))) &&
	    b->n_counted >= scenario_rows[s].days * DAY_WINDOWS &&
	    habit_is_to_look(b, t);
}

/* What is to be said of a key that was seen; true: settled for now. */
static bool
judge(struct baseline *b, const struct tuple *t, const struct sight *sight,
    uint32_t at, bool fresh)
{
	struct key *k = keytable_at(b->keys, at);
	const enum allowed a = allowed(b, t);
	const enum scenario s = (enum scenario)t->scenario;
	enum why why = fresh ? WHY_NEW : WHY_CANDIDATE;
	bool speak;

	if (k->state == KEY_DENIED || a == ALLOWED_DENIED) {
		if (!said_lately(b, at))
			tell(b, t, sight, k, WHY_DENIED, true);
		return false;
	}
	if (k->state == KEY_LEARNED || k->state == KEY_USER || a == ALLOWED_YES)
		return true;
	if (k->state == KEY_TOMB)
		why = WHY_UNLEARNED;
	if (fresh || k->state == KEY_STALE) /* one alert, however long open */
		count_novel(b, s, t->client, t->server);
	if (k->state == KEY_STALE) {
		why = WHY_STALE; /* once; then it is known again */
		k->state = KEY_LEARNED;
		k->flags |= KEY_CHANGED;
		b->counts.learned++;
	}
	speak = may_speak(b, s, t->client, t->server, t->flags) ||
	    is_first_change(b, t);
	if ((speak || fresh) && !said_lately(b, at))
		tell(b, t, sight, k, why, speak);
	return !speak;
}

/* ------------------------------------------------------------- new keys */

static struct bucket *
bucket_of(struct baseline *b, const struct tuple *t)
{
	return &b->buckets[(t->client < OVERLAYS ? t->client : 0) *
		SCENARIO_COUNT +
	    t->scenario];
}

/* False: this client makes too many keys. */
static bool
take_token(struct baseline *b, struct bucket *bucket)
{
	const uint32_t now = (uint32_t)((b->now - b->epoch) / TICK_SECOND) + 1;
	const uint32_t back = (now - bucket->second) * REFILL;

	bucket->tokens =
	    (uint16_t)(back < bucket->tokens ? bucket->tokens - back
					     : 0); /* those taken */
	bucket->second = now;
	if (bucket->tokens >= BURST)
		return false;
	bucket->tokens++;
	return true;
}

/* There is no key to go with it: once a window. */
static void
flooded(struct baseline *b, const struct tuple *t, const struct sight *sight,
    struct bucket *bucket)
{
	struct novelty n = { .scenario = (enum scenario)t->scenario,
		.why = WHY_NEW,
		.client = t->client,
		.server = t->server,
		.fact = sight->fact,
		.talk = sight->talk };

	b->counts.flooded++;
	if (bucket->overflow == b->window + 1)
		return;
	bucket->overflow = b->window + 1;
	count_novel(b, n.scenario, t->client, t->server);
	n.speak = may_speak(b, n.scenario, t->client, t->server, t->flags);
	(void)snprintf(n.text, sizeof(n.text),
	    "more than %u new ones in a minute: the others are counted, not "
	    "listed",
	    BURST);
	say_novelty(b, &n);
}

static void
intern(struct baseline *b, struct tuple *t)
{
	for (uint32_t i = 0; i < t->n_late; i++)
		t->p[t->late[i].part] =
		    words_put(b->words, SPAN(t->late[i].bytes, t->late[i].len));
	/* the name of an object is both ends of its interval */
	for (uint32_t i = 0; i < t->n_late; i++)
		if (scenario_has_interval(t->scenario) && t->late[i].part == 3)
			t->p[4] = t->p[3];
	t->n_late = 0;
}

static bool
same_area(const struct key *k, const struct tuple *t)
{
	return k->scenario == t->scenario && k->client == t->client &&
	    k->server == t->server &&
	    memcmp(k->p, t->p, 3 * sizeof(t->p[0])) == 0;
}

/* Where the tuple stands, or what already covers it. */
static uint32_t
find(const struct baseline *b, const struct tuple *t)
{
	uint32_t at, n = 0;

	if (t->n_late > 0)
		return KEY_NOWHERE;
	at = keytable_find(b->keys, tuple_hash(b, t), t);
	if (at != KEY_NOWHERE || !scenario_has_interval(t->scenario))
		return at;
	at = keytable_chain(b->keys, tuple_chain(t));
	for (; at != KEY_NOWHERE && n < 2 * CHAIN_MAX;) {
		const struct key *k = keytable_at(b->keys, at);

		if ((k->state == KEY_LEARNED || k->state == KEY_USER) &&
		    same_area(k, t) && k->p[3] <= t->p[3] && k->p[4] >= t->p[4])
			return at;
		n += same_area(k, t);
		at = keytable_next(b->keys, at);
	}
	return KEY_NOWHERE;
}

static bool
chain_full(const struct baseline *b, const struct tuple *t)
{
	uint32_t n = 0, at;

	if (!scenario_has_interval(t->scenario) || t->n_late > 0)
		return false;
	at = keytable_chain(b->keys, tuple_chain(t));
	for (; at != KEY_NOWHERE && n < CHAIN_MAX;
	     at = keytable_next(b->keys, at))
		n += same_area(keytable_at(b->keys, at), t);
	return n == CHAIN_MAX;
}

static uint32_t
add(struct baseline *b, const struct tuple *t, const struct bucket *bucket,
    const struct sight *sight)
{
	struct key k = { .hash = tuple_hash(b, t),
		.client = t->client,
		.server = t->server,
		.first_window = b->window - sight->spanned,
		.last_window = b->window - sight->spanned,
		.count = 1,
		.hours = hour_bits(b),
		.windows = 1,
		.days = 1,
		.scenario = t->scenario,
		.state = KEY_CANDIDATE,
		.flags = (uint8_t)(t->flags | taints(b, t->client, t->flags) |
		    KEY_CHANGED) };
	uint32_t at;

	memcpy(k.p, t->p, sizeof(k.p));
	if (bucket->overflow == b->window + 1)
		k.flags |= KEY_FLOOD;
	if (sight->spanned > 0)
		add_windows(b, &k, sight->spanned);
	at = keytable_add(b->keys, &k, tuple_chain(t));
	if (at == KEY_NOWHERE && make_room(b))
		at = keytable_add(b->keys, &k, tuple_chain(t));
	if (at == KEY_NOWHERE)
		return at;
	b->spoke[at] = 0;
	b->fresh = at;
	b->version++;
	b->counts.keys++;
	b->counts.candidates++;
	return at;
}

/* Nowhere to keep it: it is said all the same. */
static void
no_room(struct baseline *b, const struct tuple *t, const struct sight *sight)
{
	b->counts.full++;
	if (allowed(b, t) == ALLOWED_YES)
		return;
	count_novel(b, (enum scenario)t->scenario, t->client, t->server);
	tell(b, t, sight, NULL, WHY_NEW,
	    may_speak(b, (enum scenario)t->scenario, t->client, t->server,
		t->flags));
}

/* Who only asked and now serves is not what it was. */
static bool
same_matter(uint32_t a, uint32_t b)
{
	const bool roles = (a == ATTRIBUTE_SERVES || a == ATTRIBUTE_ASKS) &&
	    (b == ATTRIBUTE_SERVES || b == ATTRIBUTE_ASKS);

	return a == b || roles;
}

/*
 * What a device says of itself is a change where it said something else
 * before; the first time it is only news.
 */
static bool
is_first_word(const struct baseline *b, const struct tuple *t)
{
	uint32_t n = 0, at;

	if (t->scenario != SCENARIO_IDENTITY &&
	    t->scenario != SCENARIO_ATTRIBUTE)
		return false;
	at = keytable_chain(b->keys, tuple_chain(t));
	for (; at != KEY_NOWHERE && n < 4 * CHAIN_MAX; n++) {
		const struct key *k = keytable_at(b->keys, at);

		if (k->scenario == t->scenario && k->client == t->client &&
		    same_matter(k->p[0], t->p[0]) && k->p[2] == t->p[2])
			return false;
		at = keytable_next(b->keys, at);
	}
	return true;
}

/* The key of a tuple nobody saw before; KEY_NOWHERE: it has none. */
static uint32_t
new_key(struct baseline *b, struct tuple *t, const struct sight *sight,
    bool *ret_fresh)
{
	struct bucket *bucket = bucket_of(b, t);
	const uint32_t most = quota[t->scenario];
	bool first = is_first_word(b, t);
	uint32_t at;

	*ret_fresh = true;
	if (!take_token(b, bucket)) {
		flooded(b, t, sight, bucket);
		return KEY_NOWHERE;
	}
	if ((bucket->keys >= most || chain_full(b, t)) && tuple_widen(b, t)) {
		at = find(b, t);
		if (at != KEY_NOWHERE) {
			*ret_fresh = false;
			return at;
		}
	}
	if (bucket->keys >= 2 * most) {
		no_room(b, t, sight);
		return KEY_NOWHERE;
	}
	intern(b, t);
	at = add(b, t, bucket, sight);
	if (at == KEY_NOWHERE) {
		no_room(b, t, sight);
		return at;
	}
	bucket->keys++;
	if (first) {
		keytable_at(b->keys, at)->flags |= KEY_FIRST;
		admit(b, at);
	}
	return at;
}

/* Of a guest: said, and nothing else. */
static bool
look(struct baseline *b, const struct tuple *t, const struct sight *sight,
    uint32_t at)
{
	static const uint8_t whys[KEY_STATE_COUNT] = {
		[KEY_CANDIDATE] = WHY_CANDIDATE,
		[KEY_STALE] = WHY_STALE,
		[KEY_DENIED] = WHY_DENIED,
		[KEY_TOMB] = WHY_UNLEARNED,
	};
	const struct key *k =
	    at != KEY_NOWHERE ? keytable_at(b->keys, at) : NULL;
	const uint8_t state = k != NULL ? k->state : KEY_NONE;
	const enum allowed a = allowed(b, t);
	const bool denied = state == KEY_DENIED || a == ALLOWED_DENIED;

	if (!denied &&
	    (state == KEY_LEARNED || state == KEY_USER || a == ALLOWED_YES ||
		(k == NULL && is_first_word(b, t))))
		return true;
	if (denied ||
	    may_speak(b, (enum scenario)t->scenario, t->client, t->server,
		t->flags))
		tell(b, t, sight, k,
		    denied ? WHY_DENIED : (enum why)whys[state], true);
	return false;
}

bool
observe(struct baseline *b, struct tuple *t, const struct sight *sight,
    uint32_t *ret_key)
{
	uint32_t at;
	bool fresh = false;

	if (b->scenario[t->scenario].generalised)
		(void)tuple_widen(b, t);
	at = find(b, t);
	if (b->guest) {
		*ret_key = at;
		return look(b, t, sight, at);
	}
	if (at == KEY_NOWHERE)
		at = new_key(b, t, sight, &fresh);
	*ret_key = at;
	if (at == KEY_NOWHERE)
		return false;
	if (!fresh)
		touch(b, keytable_at(b->keys, at), sight);
	if (may_admit(b, keytable_at(b->keys, at), false))
		admit(b, at);
	return judge(b, t, sight, at, fresh);
}

void
say_finding(struct baseline *b, enum scenario s, const struct finding *f,
    const struct sight *sight)
{
	struct novelty n = { .scenario = s,
		.why = f->why,
		.client = f->client,
		.server = f->server,
		.fact = sight->fact,
		.talk = sight->talk,
		.value = f->value,
		.least = f->least,
		.most = f->most };
	const struct tuple t = { .scenario = (uint8_t)s,
		.client = f->client,
		.server = f->server };

	if (allowed(b, &t) == ALLOWED_YES)
		return;
	n.speak = may_speak(b, s, f->client, f->server, 0);
	memcpy(n.text, f->text, sizeof(n.text));
	count_novel(b, s, f->client, f->server);
	say_novelty(b, &n);
}
