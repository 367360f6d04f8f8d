/*
 * state.c - saving and loading, see struct baseline_sink.
 *
 * Blocks are little endian and begin with a version.  The head comes first:
 * the others are read by the window it tells.
 */
#include "private.h"

enum block {
	BLOCK_HEAD = 1,
	BLOCK_SCENARIO, /* id: the scenario */
	BLOCK_WORD, /* id: the word */
	BLOCK_OVERLAY, /* id: the asset */
	BLOCK_PROTOS, /* their names, in order */
};
#define STATE_VERSION 2u

struct pack { /* to write; what does not fit is cut and noticed */
	uint8_t b[2 * WINDOW_BITS / 8 + 1024];
	uint32_t n;
};

static void
put(struct pack *p, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes && p->n < sizeof(p->b); i++)
		p->b[p->n++] = (uint8_t)(v >> 8 * i);
}

static void
put_real(struct pack *p, double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof(bits));
	put(p, bits, 8);
}

struct unpack {
	struct span s;
	bool failed;
};

static uint64_t
get(struct unpack *u, unsigned bytes)
{
	uint64_t v = 0;

	if (u->s.n < bytes) {
		u->failed = true;
		return 0;
	}
	for (unsigned i = 0; i < bytes; i++)
		v |= (uint64_t)u->s.p[i] << 8 * i;
	u->s = span_from(u->s, bytes);
	return v;
}

static uint32_t
get32(struct unpack *u)
{
	return (uint32_t)get(u, 4);
}

static double
get_real(struct unpack *u)
{
	const uint64_t bits = get(u, 8);
	double v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

/* As many bytes as windows have begun. */
static uint32_t
bits_bytes(const struct baseline *b)
{
	return b->window >= WINDOW_BITS ? WINDOW_BITS / 8 : b->window / 8 + 1;
}

static void
put_bits(struct pack *p, const struct baseline *b, const uint8_t *bits)
{
	const uint32_t n = bits_bytes(b);

	put(p, n, 4);
	if (n > sizeof(p->b) - p->n)
		return;
	memcpy(p->b + p->n, bits, n);
	p->n += n;
}

static void
get_bits(struct unpack *u, uint8_t bits[WINDOW_BITS / 8])
{
	const uint32_t n = get32(u);

	if (n > WINDOW_BITS / 8 || n > u->s.n) {
		u->failed = true;
		return;
	}
	if (n > 0)
		memcpy(bits, u->s.p, n);
	u->s = span_from(u->s, n);
}

/* ------------------------------------------------------------- estimators */

bool
estimators_new(struct baseline *b)
{
	const int64_t seconds = b->window_ns / TICK_SECOND;
	const struct estimator_config c = {
		.learn_scale = b->config.learn_scale,
		.window_seconds = seconds > 0 ? (uint32_t)seconds : 1,
	};

	if (b->config.values) {
		b->values = values_new(&c);
		if (b->values == NULL)
			return false;
	}
	b->periods = periods_new(&c);
	b->sequences = sequences_new(&c);
	b->volumes = volumes_new(&c);
	b->hours = hours_new(&c);
	return b->periods != NULL && b->sequences != NULL &&
	    b->volumes != NULL && b->hours != NULL;
}

void
estimators_free(struct baseline *b)
{
	values_free(b->values);
	periods_free(b->periods);
	sequences_free(b->sequences);
	volumes_free(b->volumes);
	hours_free(b->hours);
	b->values = NULL;
	b->periods = NULL;
	b->sequences = NULL;
	b->volumes = NULL;
	b->hours = NULL;
}

static bool
save_estimators(struct baseline *b, const struct baseline_sink *sink)
{
	const bool all = b->finished;

	return (b->values == NULL || values_save(b->values, sink, all)) &&
	    periods_save(b->periods, sink, all) &&
	    sequences_save(b->sequences, sink, all) &&
	    volumes_save(b->volumes, sink, all) &&
	    hours_save(b->hours, sink, all);
}

/* ------------------------------------------------------------------- save */

static bool
save_head(struct baseline *b, const struct baseline_sink *sink)
{
	struct pack p = { .n = 0 };

	put(&p, STATE_VERSION, 4);
	put(&p, b->config.learn_scale, 4);
	put(&p, b->config.secret, 8);
	put(&p, b->begun, 1);
	put(&p, (uint64_t)b->epoch, 8);
	put(&p, (uint64_t)b->epoch_seen, 8);
	put(&p, (uint64_t)b->shift, 8);
	put(&p, (uint64_t)b->now, 8);
	put(&p, b->window, 4);
	put(&p, b->day, 4);
	put(&p, b->last_day, 4);
	put(&p, b->mode, 1);
	put(&p, b->mode_since, 4);
	put(&p, (uint64_t)b->mode_ns, 8);
	put(&p, b->learned_windows, 4);
	put(&p, b->n_counted, 4);
	put(&p, b->window_lost, 1);
	for (uint32_t i = 0; i < WEEK_WINDOWS; i++)
		put(&p, b->weeks[i], 1);
	put_bits(&p, b, b->counted);
	put_bits(&p, b, b->lossy);
	return sink->block(sink->ctx, BLOCK_HEAD, 0, SPAN(p.b, p.n));
}

static bool
save_scenario(struct baseline *b, uint32_t id, const struct baseline_sink *sink)
{
	const struct scenario_data *s = &b->scenario[id];
	struct pack p = { .n = 0 };

	put(&p, STATE_VERSION, 4);
	put(&p, s->state, 1);
	put(&p, s->since, 4);
	put(&p, s->until, 4);
	put(&p, s->extensions, 4);
	put(&p,
	    (s->by_hand ? 1u : 0) | (s->acknowledged ? 2u : 0) |
		(s->told ? 4u : 0) | (s->generalised ? 8u : 0),
	    1);
	put_real(&p, s->cusum);
	put_real(&p, s->expected);
	for (uint32_t i = 0; i < DAYS_KEPT; i++)
		put(&p, s->shadow[i], 4);
	for (uint32_t i = 0; i < ATTRIBUTED; i++) {
		put(&p, s->who[i].client, 4);
		put(&p, s->who[i].n, 4);
	}
	put(&p, s->n_novel, 4);
	for (uint32_t i = 0; i < s->n_novel; i++)
		put(&p, s->novel[i], 4);
	put_bits(&p, b, b->novel[id]);
	return sink->block(sink->ctx, BLOCK_SCENARIO, id, SPAN(p.b, p.n));
}

static bool
save_overlay(struct baseline *b, uint32_t id, const struct baseline_sink *sink)
{
	const struct overlay *o = &b->overlay[id];
	struct pack p = { .n = 0 };

	put(&p, STATE_VERSION, 4);
	put(&p, o->learns_until, 4);
	put(&p, o->held, 4);
	put(&p, o->groups, 4);
	put(&p, o->last_group, 4);
	put(&p, o->rounds, 1);
	put(&p, o->taint_until, 4);
	return sink->block(sink->ctx, BLOCK_OVERLAY, id, SPAN(p.b, p.n));
}

static bool
save_keys(struct baseline *b, const struct baseline_sink *sink)
{
	const uint64_t *gone;
	const uint32_t n = keytable_gone(b->keys, &gone);

	for (uint32_t i = 0; i < n; i++)
		if (!sink->gone(sink->ctx, gone[i]))
			return false;
	keytable_gone_clear(b->keys);
	for (uint32_t i = 0; i < keytable_top(b->keys); i++) {
		struct key *k = keytable_at(b->keys, i);
		struct key copy = *k;

		if (k->state == KEY_NONE ||
		    ((k->flags & KEY_CHANGED) == 0 &&
			!(b->finished && k->last_window == b->window)))
			continue;
		copy.flags &= (uint8_t)~KEY_CHANGED;
		if (!sink->key(sink->ctx, &copy))
			return false;
		k->flags = copy.flags;
	}
	return true;
}

static bool
save_words(struct baseline *b, const struct baseline_sink *sink)
{
	for (; b->words_saved < words_count(b->words); b->words_saved++)
		if (!sink->block(sink->ctx, BLOCK_WORD, b->words_saved + 1,
			words_at(b->words, b->words_saved + 1)))
			return false;
	return true;
}

void
baseline_finish(struct baseline *b)
{
	b->finished = true;
	b->changed = true;
}

bool
baseline_save(struct baseline *b, const struct baseline_sink *sink)
{
	if (b->changed && !save_head(b, sink))
		return false;
	b->changed = false;
	if (!b->protos_saved && !renumber_save(sink, BLOCK_PROTOS))
		return false;
	b->protos_saved = true;
	for (uint32_t i = 0; i < SCENARIO_COUNT; i++) {
		if (b->scenario[i].changed && !save_scenario(b, i, sink))
			return false;
		b->scenario[i].changed = false;
	}
	for (uint32_t i = 1; i < OVERLAYS && i <= assets_count(b->assets);
	     i++) {
		if (b->overlay[i].changed && !save_overlay(b, i, sink))
			return false;
		b->overlay[i].changed = false;
	}
	if (!save_words(b, sink) || !save_keys(b, sink) ||
	    !save_estimators(b, sink))
		return false;
	b->finished = false;
	return true;
}

/* ------------------------------------------------------------------- load */

bool
baseline_load_key(struct baseline *b, const struct key *from)
{
	struct key k = *from;
	struct tuple t;

	if (k.scenario >= SCENARIO_COUNT || k.state == KEY_NONE ||
	    k.state >= KEY_STATE_COUNT || k.windows == 0 ||
	    keytable_by_hash(b->keys, k.hash) != KEY_NOWHERE)
		return false;
	k.flags &= (uint8_t)~KEY_CHANGED;
	if (b->renumber.differs) {
		keytable_forget(b->keys, k.hash);
		if (!renumber_key(&b->renumber, &k))
			return true;
		tuple_of_key(&k, &t);
		k.hash = tuple_hash(b, &t);
		k.flags |= KEY_CHANGED;
	}
	tuple_of_key(&k, &t);
	if (keytable_add(b->keys, &k, tuple_chain(&t)) == KEY_NOWHERE)
		return false;
	b->buckets[(k.client < OVERLAYS ? k.client : 0) * SCENARIO_COUNT +
	     k.scenario]
	    .keys++;
	b->counts.keys++;
	b->counts.candidates += k.state == KEY_CANDIDATE;
	b->counts.learned += k.state == KEY_LEARNED;
	b->version++;
	return true;
}

/* The window of what was learned is kept, whatever was asked for now. */
static bool
use_scale(struct baseline *b, uint32_t scale)
{
	if (scale == b->config.learn_scale)
		return true;
	b->config.learn_scale = scale;
	set_window_length(b);
	estimators_free(b);
	return estimators_new(b);
}

static bool
load_head(struct baseline *b, struct unpack *u)
{
	const uint32_t scale = get32(u);
	uint64_t mode;

	if (scale == 0 || !use_scale(b, scale))
		return false;
	b->config.secret = get(u, 8);
	b->begun = get(u, 1) != 0;
	b->epoch = (int64_t)get(u, 8);
	b->epoch_seen = (int64_t)get(u, 8);
	b->shift = (int64_t)get(u, 8);
	b->now = (int64_t)get(u, 8);
	b->at.ns = b->now - b->shift;
	b->window = get32(u);
	b->day = get32(u);
	b->last_day = get32(u);
	mode = get(u, 1);
	b->mode_since = get32(u);
	b->mode_ns = (int64_t)get(u, 8);
	b->learned_windows = get32(u);
	b->n_counted = get32(u);
	b->window_lost = get(u, 1) != 0;
	for (uint32_t i = 0; i < WEEK_WINDOWS; i++)
		b->weeks[i] = (uint8_t)get(u, 1);
	get_bits(u, b->counted);
	get_bits(u, b->lossy);
	b->mode = mode < MODE_COUNT ? (enum mode)mode : MODE_LEARNING;
	return mode < MODE_COUNT;
}

static bool
load_scenario(struct baseline *b, uint64_t id, struct unpack *u)
{
	struct scenario_data *s;
	uint64_t flags, state;

	if (id >= SCENARIO_COUNT)
		return false;
	s = &b->scenario[id];
	state = get(u, 1);
	s->state =
	    state < STATE_COUNT ? (enum scenario_state)state : STATE_LEARN;
	s->since = get32(u);
	s->until = get32(u);
	s->extensions = get32(u);
	flags = get(u, 1);
	s->by_hand = (flags & 1) != 0;
	s->acknowledged = (flags & 2) != 0;
	s->told = (flags & 4) != 0;
	s->generalised = (flags & 8) != 0;
	s->cusum = get_real(u);
	s->expected = get_real(u);
	for (uint32_t i = 0; i < DAYS_KEPT; i++)
		s->shadow[i] = get32(u);
	for (uint32_t i = 0; i < ATTRIBUTED; i++) {
		s->who[i].client = get32(u);
		s->who[i].n = get32(u);
	}
	s->n_novel = get32(u);
	if (s->n_novel > NOVEL_CLIENTS)
		s->n_novel = 0;
	for (uint32_t i = 0; i < s->n_novel; i++)
		s->novel[i] = get32(u);
	get_bits(u, b->novel[id]);
	return state < STATE_COUNT;
}

static bool
load_overlay(struct baseline *b, uint64_t id, struct unpack *u)
{
	struct overlay *o = id < OVERLAYS ? overlay_of(b, (uint32_t)id) : NULL;

	if (o == NULL)
		return false;
	o->learns_until = get32(u);
	o->held = get32(u);
	o->groups = get32(u);
	o->last_group = get32(u);
	o->rounds = (uint8_t)get(u, 1);
	o->taint_until = get32(u);
	return true;
}

static bool
load_word(struct baseline *b, uint64_t id, struct span s)
{
	if (id > UINT32_MAX || !words_set(b->words, (uint32_t)id, s))
		return false;
	b->words_saved = words_count(b->words);
	return true;
}

static bool
load_estimator(struct baseline *b, uint32_t kind, uint64_t id, struct span s)
{
	switch (kind) {
	case BLOCK_PERIOD:
		return periods_load(b->periods, id, s);
	case BLOCK_VALUE: /* they are kept only where they are wanted */
		return b->values == NULL || values_load(b->values, id, s);
	case BLOCK_VOLUME:
		return volumes_load(b->volumes, id, s);
	case BLOCK_HOURS:
		return hours_load(b->hours, id, s);
	case BLOCK_SEQUENCE:
	case BLOCK_TRIGRAM:
		return sequences_load(b->sequences, kind, id, s);
	default:
		return false;
	}
}

bool
baseline_load_block(struct baseline *b, uint32_t kind, uint64_t id,
    struct span s)
{
	struct unpack u = { .s = s };
	bool good;

	if (kind == BLOCK_WORD)
		return load_word(b, id, s);
	if (kind == BLOCK_PROTOS)
		return renumber_load(&b->renumber, s);
	if (kind != BLOCK_HEAD && kind != BLOCK_SCENARIO &&
	    kind != BLOCK_OVERLAY)
		return b->renumber.differs || load_estimator(b, kind, id, s);
	if (get32(&u) != STATE_VERSION)
		return false;
	if (kind == BLOCK_HEAD)
		good = load_head(b, &u);
	else if (kind == BLOCK_SCENARIO)
		good = load_scenario(b, id, &u);
	else
		good = load_overlay(b, id, &u);
	forget_memo(b);
	b->version++;
	return good && !u.failed;
}
