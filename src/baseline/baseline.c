/*
 * baseline.c - see baseline.h: what comes in, and what people say.
 *
 * The hot path: a fact's signature is looked up in a memo; when everything it
 * touches was settled in this window, only a counter and the estimators are
 * left to serve.  The memo is void as soon as anything changes.
 */
#include "../base/hash.h"
#include "../base/reserve.h"
#include "../proto/proto.h"
#include "private.h"

#include <stdlib.h>

#define SCALE_MAX 3600u

/* ------------------------------------------------------------ birth, death */

static size_t
buckets_bytes(void)
{
	return (size_t)OVERLAYS * SCENARIO_COUNT * sizeof(struct bucket);
}

static bool
reserve_all(struct baseline *b)
{
	const uint32_t max = b->config.keys_max;

	b->keys = keytable_new(max);
	b->words = words_new(max, (size_t)max * 32);
	b->buckets = reserve(buckets_bytes());
	b->overlay = reserve(OVERLAYS * sizeof(b->overlay[0]));
	b->spoke = reserve((size_t)max * sizeof(b->spoke[0]));
	b->memo = reserve(MEMOS * sizeof(b->memo[0]));
	b->front = reserve(FRONTS * sizeof(b->front[0]));
	b->trails = reserve(TRAILS * sizeof(b->trails[0]));
	b->allow = reserve(ALLOWS_MAX * sizeof(b->allow[0]));
	b->allow_bucket = reserve(ALLOW_BUCKETS * sizeof(b->allow_bucket[0]));
	b->per_client = reserve(OVERLAYS * sizeof(b->per_client[0]));
	return b->keys != NULL && b->words != NULL && b->buckets != NULL &&
	    b->overlay != NULL && b->spoke != NULL && b->memo != NULL &&
	    b->front != NULL && b->trails != NULL && b->allow != NULL &&
	    b->allow_bucket != NULL && b->per_client != NULL;
}

void
set_window_length(struct baseline *b)
{
	if (b->config.learn_scale < 1)
		b->config.learn_scale = 1;
	if (b->config.learn_scale > SCALE_MAX)
		b->config.learn_scale = SCALE_MAX;
	b->window_ns = 3600 * TICK_SECOND / b->config.learn_scale;
}

struct baseline *
baseline_new(const struct baseline_config *config, struct assets *assets,
    const struct baseline_listener *listener)
{
	struct baseline *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	b->config = *config;
	b->assets = assets;
	b->listener = *listener;
	b->allow_expires = INT64_MAX;
	b->stamp = 1;
	b->fresh = KEY_NOWHERE;
	b->version = 1;
	b->changed = true;
	set_window_length(b);
	if (!reserve_all(b) || !estimators_new(b)) {
		baseline_free(b);
		return NULL;
	}
	return b;
}

void
baseline_free(struct baseline *b)
{
	if (b == NULL)
		return;
	estimators_free(b);
	keytable_free(b->keys);
	words_free(b->words);
	release(b->buckets, buckets_bytes());
	release(b->overlay, OVERLAYS * sizeof(b->overlay[0]));
	release(b->spoke, (size_t)b->config.keys_max * sizeof(b->spoke[0]));
	release(b->memo, MEMOS * sizeof(b->memo[0]));
	release(b->front, FRONTS * sizeof(b->front[0]));
	release(b->trails, TRAILS * sizeof(b->trails[0]));
	release(b->allow, ALLOWS_MAX * sizeof(b->allow[0]));
	release(b->allow_bucket, ALLOW_BUCKETS * sizeof(b->allow_bucket[0]));
	release(b->per_client, OVERLAYS * sizeof(b->per_client[0]));
	free(b);
}

/* ------------------------------------------------------------------ facts */

/* What it is asked for first, of all facts: four multiplications. */
static uint64_t
hash_seven(const uint64_t w[static 7], uint64_t secret)
{
	const uint64_t a = hash_mix(w[0] ^ secret, w[1] + secret),
		       b = hash_mix(w[2] - secret, w[3] ^ ~secret),
		       c = hash_mix(w[4] + a, w[5] + b);

	return hash_mix(c ^ secret, w[6] + a - b);
}

/* Everything of a fact that its keys and estimators hang on. */
static uint64_t
signature(const struct baseline *b, const struct fact *f, const struct talk *t,
    uint32_t client, uint32_t server)
{
	const bool counts = f->kind == FACT_REPORT &&
	    f->object.space == SPACE_DATASET; /* first, count: of messages */
	uint64_t w[7];

	w[0] = (uint64_t)client << 32 | server;
	w[1] = (uint64_t)f->op << 32 | (f->has_unit ? f->unit : UNIT_NONE);
	w[2] = (uint64_t)(counts ? 0 : f->object.area) << 32 |
	    (counts ? 0 : f->object.first);
	w[3] = (uint64_t)(counts ? 0 : f->object.count) << 32 |
	    (uint32_t)f->object.sub << 16 | f->object.space;
	w[4] = (uint64_t)f->kind << 56 | (uint64_t)f->proto << 48 |
	    (uint64_t)f->risk << 40 | (uint64_t)f->trait << 32 |
	    (uint32_t)f->about << 24 | (uint32_t)f->flags << 16 |
	    (f->response ? 1u : 0) | (f->from_server ? 2u : 0) |
	    (f->is_message ? 4u : 0) | (f->num_type != NUM_NONE ? 8u : 0);
	w[5] = (uint64_t)(f->kind == FACT_ERROR ? f->code : 0) << 32 |
	    (uint32_t)t->server_port << 16 | (uint32_t)t->proto << 8 | t->via;
	w[6] = t->service;
	if (f->text_len > 0)
		w[6] ^= hash_bytes(f->text, f->text_len, b->config.secret);
	if (f->kind == FACT_IDENT && f->about == ABOUT_ADDR)
		w[6] ^= hash_bytes(f->addr.ip.b, 16, f->addr.ip.len) ^
		    hash_bytes(f->addr.mac.b, 6, f->addr.has_mac);
	return hash_seven(w, b->config.secret);
}

static double
number_of(const struct fact *f)
{
	switch ((enum num_type)f->num_type) {
	case NUM_INT:
		return (double)f->num.i;
	case NUM_UINT:
	case NUM_BOOL:
		return (double)f->num.u;
	case NUM_REAL:
		return f->num.r;
	case NUM_NONE:
	case NUM_COUNT:
	default:
		return 0;
	}
}

static bool
is_human(const struct fact *f)
{
	return f->risk >= RISK_PROGRAM || f->kind == FACT_PROGRAM ||
	    f->kind == FACT_LOGIN || f->kind == FACT_FILE;
}

/* What the estimators call this fact; 0: nothing of theirs. */
static void
estimator_entries(struct baseline *b, const struct fact *f,
    const struct talk *t, uint32_t client, uint32_t server, struct memo *m)
{
	const bool asks =
	    fact_kind_counts((enum fact_kind)f->kind) && !f->response;

	m->period = m->value = m->sequence = m->hours = 0;
	if (client == ASSET_NONE || server == ASSET_NONE ||
	    !protos[f->proto]->ot)
		return;
	if (f->kind == FACT_VALUE && f->num_type != NUM_NONE &&
	    f->object.space != SPACE_NONE && b->values != NULL)
		m->value = values_entry(b->values, server, f->proto,
		    f->has_unit ? f->unit : UNIT_NONE, &f->object);
	if (!f->is_message)
		return;
	if (asks)
		m->period = periods_entry(b->periods, client, server, f->proto,
		    f->op, f->from_server);
	if (t->via == VIA_TCP)
		m->sequence =
		    sequences_entry(b->sequences, client, server, f->proto);
	if (asks && is_human(f))
		m->hours = hours_entry(b->hours, client, f->kind);
}

static void
estimate(struct baseline *b, const struct memo *m, const struct fact *f,
    const struct talk *t, uint32_t client, uint32_t server)
{
	const struct moment now = moment_now(b);
	const struct sight sight = { .fact = f, .talk = t };
	struct finding *found = &b->found; /* large: not made each time */
	struct trail_slot *trail;

	if (m->period != 0 && periods_seen(b->periods, m->period, &now, found))
		say_finding(b, SCENARIO_PERIOD, found, &sight);
	if (m->value != 0 &&
	    values_seen(b->values, m->value, number_of(f), !f->from_server,
		&now, found))
		say_finding(b, SCENARIO_VALUE, found, &sight);
	if (m->sequence != 0) {
		trail = trail_of(b, t);
		if (sequences_seen(b->sequences, m->sequence, &trail->trail,
			sequence_symbol(f->from_server, f->op, f->object.space,
			    f->object.area),
			&now, found))
			say_finding(b, SCENARIO_SEQUENCE, found, &sight);
		count_volume(b, trail, t, client, server);
	}
	if (m->hours != 0 && hours_seen(b->hours, m->hours, &now, found))
		say_finding(b, SCENARIO_TIME_OF_DAY, found, &sight);
}

/* While learning, who programs controllers may. */
static void
note_programmer(struct baseline *b, const struct fact *f, uint32_t client)
{
	struct asset *a;

	if (b->mode != MODE_LEARNING || client == ASSET_NONE ||
	    f->risk != RISK_PROGRAM || f->from_server ||
	    !protos[f->proto]->ot || asset_tainted(b, client))
		return;
	a = asset_at(b->assets, client);
	if (a != NULL && (a->flags & ASSET_PROGRAMMING) == 0)
		a->flags |= ASSET_PROGRAMMING | ASSET_CHANGED;
}

static bool
holds(const struct baseline *b, const struct memo *m, uint64_t sig)
{
	return m->sig == sig && m->stamp == b->stamp;
}

/* Where it is remembered, or will be: what is void makes room first. */
static struct memo *
memo_in(const struct baseline *b, struct memo *m, uint64_t sig)
{
	uint32_t to = (uint32_t)(sig >> 62);

	for (uint32_t i = 0; i < MEMO_WAYS; i++) {
		if (m[i].sig == sig)
			return &m[i];
		if (m[i].stamp != b->stamp)
			to = i;
	}
	return &m[to];
}

static struct memo *
memo_of(struct baseline *b, uint64_t sig)
{
	return memo_in(b, &b->memo[sig % MEMOS & ~(uint64_t)(MEMO_WAYS - 1)],
	    sig);
}

struct seeing { /* a fact, while its keys are looked at */
	const struct fact *f;
	const struct talk *t;
	uint32_t client, server;
	uint32_t key; /* the last */
};

static bool
observe_all(struct baseline *b, struct seeing *s, tuples_of *tuples)
{
	const struct sight sight = { .fact = s->f, .talk = s->t };
	struct tuple tuple[TUPLES_MAX];
	const uint32_t n = tuples(b, s->f, s->t, s->client, s->server, tuple);
	bool settled = true;

	for (uint32_t i = 0; i < n; i++)
		settled &= observe(b, &tuple[i], &sight, &s->key);
	return settled;
}

/* What many facts share is remembered by itself. */
static bool
observe_shared(struct baseline *b, struct seeing *s, tuples_of *tuples,
    uint64_t sig)
{
	struct memo *m = memo_of(b, sig);
	const uint32_t stamp = b->stamp;
	bool settled;

	if (holds(b, m, sig)) {
		s->key = m->key;
		return true;
	}
	settled = observe_all(b, s, tuples);
	*m = (struct memo){ .sig = sig,
		.stamp = settled && stamp == b->stamp ? stamp : 0,
		.key = s->key };
	return settled;
}

static bool
observe_request(struct baseline *b, struct seeing *s)
{
	const struct fact *f = s->f;
	const struct talk *t = s->t;
	const uint64_t link[3] = { (uint64_t)s->client << 32 | s->server,
		(uint64_t)t->server_port << 32 | (uint64_t)t->via << 24 |
		    (uint32_t)t->proto << 16 | (uint32_t)f->proto << 8 | 1u,
		t->service };
	const uint64_t function[3] = { link[0],
		(uint64_t)f->op << 32 | (f->has_unit ? f->unit : UNIT_NONE),
		(uint64_t)f->proto << 32 | (uint32_t)f->risk << 24 |
		    (uint32_t)f->kind << 16 | (f->text_len > 0 ? 0x800u : 0) |
		    (f->object.space == SPACE_DATASET ? 0x400u : 0) |
		    (t->client.ip.len > 0 ? 0x200u : 0) |
		    (f->from_server ? 0x100u : 0) | 2u };

	const bool known = observe_shared(b, s, tuples_of_link,
	    hash_bytes(link, sizeof(link), b->config.secret));

	return observe_shared(b, s, tuples_of_function,
		   hash_bytes(function, sizeof(function), b->config.secret)) &&
	    known;
}

static void
count_key(struct baseline *b, uint32_t at)
{
	struct key *k;

	if (at == KEY_NOWHERE)
		return;
	k = keytable_at(b->keys, at);
	k->count += k->count < UINT32_MAX;
}

static void
learn_fact(struct baseline *b, const struct fact *f, const struct talk *t,
    uint32_t client, uint32_t server, struct memo *m, uint64_t sig)
{
	struct seeing s = { .f = f,
		.t = t,
		.client = client,
		.server = server,
		.key = KEY_NOWHERE };
	const uint32_t stamp = b->stamp;
	bool settled = true;

	note_programmer(b, f, client);
	if (client != ASSET_NONE && server != ASSET_NONE && !f->response &&
	    fact_kind_counts((enum fact_kind)f->kind))
		settled = observe_request(b, &s);
	settled &= observe_all(b, &s, tuples_of_fact);
	if (s.key != b->fresh)
		count_key(b, s.key);
	b->fresh = KEY_NOWHERE;
	estimator_entries(b, f, t, client, server, m);
	m->sig = sig;
	m->key = s.key;
	m->stamp = settled && stamp == b->stamp ? stamp : 0;
}

/* What lies in the past does not move time: flows that end in a flood would
 * look like another capture. */
static void
time_of(struct baseline *b, struct tick t)
{
	b->at = t;
	if (!b->begun || t.ns + b->shift > b->now)
		baseline_clock(b, t);
}

void
baseline_guest(struct baseline *b, bool on)
{
	b->guest = on;
}

/* Past the memos: what they hold was counted. */
static void
look_at_fact(struct baseline *b, const struct fact *f, const struct talk *t,
    uint32_t client, uint32_t server)
{
	struct seeing s = { .f = f,
		.t = t,
		.client = client,
		.server = server,
		.key = KEY_NOWHERE };

	if (client != ASSET_NONE && server != ASSET_NONE && !f->response &&
	    fact_kind_counts((enum fact_kind)f->kind)) {
		(void)observe_all(b, &s, tuples_of_link);
		(void)observe_all(b, &s, tuples_of_function);
	}
	(void)observe_all(b, &s, tuples_of_fact);
}

void
baseline_fact(struct baseline *b, const struct fact *f, const struct talk *t,
    uint32_t client, uint32_t server)
{
	const uint64_t sig = signature(b, f, t, client, server);
	struct memo *m = b->front[t->flow % FRONTS].memo, *latest;

	time_of(b, f->at);
	if (b->guest) {
		look_at_fact(b, f, t, client, server);
		return;
	}
	latest = m = memo_in(b, m, sig);
	if (!holds(b, m, sig))
		m = memo_of(b, sig);
	if (!holds(b, m, sig)) {
		learn_fact(b, f, t, client, server, m, sig);
	} else {
		count_key(b, m->key);
	}
	if (latest != m)
		*latest = *m;
	if ((m->period | m->value | m->sequence | m->hours) != 0)
		estimate(b, m, f, t, client, server);
}

void
baseline_soon(const struct baseline *b, const struct talk *t)
{
	const struct memo *m = b->front[t->flow % FRONTS].memo;

	for (uint32_t i = 0; i < MEMO_WAYS; i++) {
		if (m[i].stamp != b->stamp)
			continue;
		if (m[i].key != KEY_NOWHERE)
			__builtin_prefetch(keytable_at(b->keys, m[i].key), 1);
		if (m[i].period != 0)
			periods_ahead(b->periods, m[i].period);
		if (m[i].sequence != 0)
			sequences_ahead(b->sequences, m[i].sequence);
	}
}

void
baseline_later(const struct baseline *b, const struct talk *t)
{
	const struct memo *m = b->front[t->flow % FRONTS].memo;

	for (uint32_t i = 0; i < MEMO_WAYS; i++)
		if (m[i].period != 0 && m[i].stamp == b->stamp)
			periods_soon(b->periods, m[i].period);
}

void
baseline_ahead(const struct baseline *b, const struct talk *t)
{
	const struct front *front = &b->front[t->flow % FRONTS];

	__builtin_prefetch(&front->memo[0]);
	__builtin_prefetch(&front->memo[MEMO_WAYS / 2]);
	__builtin_prefetch(&b->trails[t->flow % TRAILS], 1);
}

/* ------------------------------------------------------------------ flows */

void
baseline_begin(struct baseline *b, const struct talk *t, uint32_t client,
    uint32_t server)
{
	const struct sight sight = { .talk = t };
	struct tuple tuple[TUPLES_MAX];
	uint32_t n, at;

	time_of(b, t->first);
	n = tuples_of_begin(b, t, client, server, tuple);
	for (uint32_t i = 0; i < n; i++)
		(void)observe(b, &tuple[i], &sight, &at);
}

/* Windows before this one in which the flow was there too. */
static uint32_t
spanned(const struct baseline *b, const struct talk *t)
{
	const int64_t ns = b->now - (t->first.ns + b->shift);
	const int64_t n = ns > 0 ? ns / b->window_ns : 0;

	return n > (int64_t)b->window ? b->window : (uint32_t)n;
}

void
baseline_tally(struct baseline *b, const struct talk *t, uint32_t client,
    uint32_t server)
{
	struct sight sight = { .talk = t };
	struct tuple tuple[TUPLES_MAX];
	uint32_t n, at;

	/* no clock: a flow that ends lies in the past */
	sight.spanned = spanned(b, t);
	n = tuples_of_tally(b, t, client, server, tuple);
	for (uint32_t i = 0; i < n; i++)
		(void)observe(b, &tuple[i], &sight, &at);
	if (!b->guest)
		count_volume_at_end(b, t, client, server);
}

/* Its own learning, counted from now. */
static void
begin_learning_of(struct baseline *b, struct asset *a)
{
	struct overlay *o = overlay_of(b, a->id);

	a->flags |= ASSET_LATE | ASSET_CHANGED;
	a->learns_until.ns = b->at.ns + WEEK_WINDOWS * b->window_ns;
	if (o == NULL)
		return;
	o->learns_until = b->window + WEEK_WINDOWS;
	o->groups = 0;
	o->changed = true;
	forget_memo(b);
}

void
baseline_new_asset(struct baseline *b, const struct asset *asset)
{
	const struct sight sight = { .fact = NULL };
	struct asset *a = asset_at(b->assets, asset->id);
	struct tuple t;
	uint32_t at;

	if (!b->begun)
		baseline_clock(b, asset->first);
	if (a == NULL || (a->flags & (ASSET_INTERNET | ASSET_GROUP)) != 0)
		return;
	memset(&t, 0, sizeof(t));
	t.scenario = SCENARIO_DEVICE;
	t.client = a->id;
	t.p[0] = a->vlan != TALK_NO_VLAN ? a->vlan : 0;
	(void)observe(b, &t, &sight, &at);
	if (b->guest)
		a->flags |= ASSET_PLAYED;
	else if (b->mode == MODE_LEARNING)
		a->flags |= ASSET_AUTHORIZED | ASSET_CHANGED;
	else
		begin_learning_of(b, a);
}

void
baseline_taint(struct baseline *b, uint32_t asset, bool on)
{
	struct overlay *o = overlay_of(b, asset);

	if (o == NULL || (!on && o->taint_until == 0))
		return;
	if (on && o->taint_until >= b->window + WEEK_WINDOWS)
		return;
	o->taint_until = on ? b->window + WEEK_WINDOWS : 0;
	o->changed = true;
	forget_memo(b);
	if (on)
		return;
	/* a person closed it: what was done meanwhile counts */
	for (uint32_t i = 0; i < keytable_top(b->keys); i++)
		if (keytable_at(b->keys, i)->client == asset)
			keytable_at(b->keys, i)->flags &= (uint8_t)~KEY_TAINTED;
}

bool
baseline_is_tainted(const struct baseline *b, uint32_t asset)
{
	return asset_tainted(b, asset);
}

/* ----------------------------------------------------------------- people */

bool
baseline_judges_values(const struct baseline *b, uint32_t server, uint8_t proto)
{
	return b->values != NULL && server != ASSET_NONE &&
	    values_judges(b->values, server, proto);
}

enum mode
baseline_mode(const struct baseline *b)
{
	return b->mode;
}

int64_t
baseline_mode_age(const struct baseline *b)
{
	return (b->now - b->mode_ns) / TICK_SECOND;
}

static void
set_all(struct baseline *b, enum scenario_state state)
{
	for (unsigned i = 0; i < SCENARIO_COUNT; i++) {
		b->scenario[i].state = state;
		b->scenario[i].since = b->window;
		b->scenario[i].until = 0;
		b->scenario[i].by_hand = state == STATE_OPER;
		b->scenario[i].told = false;
		b->scenario[i].cusum = 0;
		b->scenario[i].expected = scenario_budget(b, (enum scenario)i);
		b->scenario[i].changed = true;
	}
}

void
baseline_set_mode(struct baseline *b, enum mode mode)
{
	if (b->begun && mode != MODE_LEARNING)
		admit_what_was_shown(b);
	b->mode = mode;
	b->mode_since = b->window;
	b->mode_ns = b->now;
	if (mode == MODE_DYNAMIC)
		watch_all(b);
	else
		set_all(b, mode == MODE_LEARNING ? STATE_LEARN : STATE_OPER);
	b->changed = true;
	forget_memo(b);
}

void
baseline_set_scenario(struct baseline *b, enum scenario scenario,
    enum scenario_state state, uint32_t hours)
{
	struct scenario_data *s = &b->scenario[scenario];

	s->acknowledged = state == STATE_PARKED;
	s->by_hand = state != STATE_PARKED;
	s->state = state;
	s->since = b->window;
	s->until = state == STATE_LEARN && hours > 0 ? b->window + hours : 0;
	if (state != STATE_LEARN && b->begun)
		admit_of(b, ASSET_NONE, (int)scenario);
	s->changed = true;
	forget_memo(b);
}

bool
baseline_set_key(struct baseline *b, uint64_t hash, enum key_state state)
{
	const uint32_t at = keytable_by_hash(b->keys, hash);
	struct key *k;

	if (at == KEY_NOWHERE || state == KEY_NONE || state >= KEY_STATE_COUNT)
		return false;
	k = keytable_at(b->keys, at);
	b->counts.candidates -= k->state == KEY_CANDIDATE;
	b->counts.learned -= k->state == KEY_LEARNED;
	k->state = (uint8_t)state;
	k->flags |= KEY_CHANGED;
	b->counts.candidates += state == KEY_CANDIDATE;
	b->counts.learned += state == KEY_LEARNED;
	b->spoke[at] = 0;
	b->version++;
	forget_memo(b);
	return true;
}

const struct key *
baseline_next(const struct baseline *b, uint32_t *cursor)
{
	while (*cursor < keytable_top(b->keys)) {
		const struct key *k = keytable_at(b->keys, (*cursor)++);

		if (k->state != KEY_NONE)
			return k;
	}
	return NULL;
}

const struct key *
baseline_find(const struct baseline *b, uint64_t hash)
{
	const uint32_t at = keytable_by_hash(b->keys, hash);

	return at != KEY_NOWHERE ? keytable_at(b->keys, at) : NULL;
}

const struct baseline_counts *
baseline_counts(const struct baseline *b)
{
	return &b->counts;
}
