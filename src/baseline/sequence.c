/*
 * sequence.c - the order of messages: trigrams of symbols per conversation.
 *
 * A trigram is known when it was seen in two windows on two days.  A
 * conversation is judged only where order is a habit: after two weeks, when
 * the windows in which something was seen that never came again are few; one
 * with more than 4 096 trigrams never.  How few: those that are judged must
 * predict less than 0.3 findings a day together, so the steadiest are taken
 * first.  Loss breaks the trail: what follows it is no order.
 *
 * Only what is said most of the time has a place: an operator's command comes
 * between any two polls.  Whether a symbol does is kept beside the trigrams.
 * An order with another symbol in it is known at once.
 */
#include <stdio.h>

#include "../base/hash.h"
#include "../base/reserve.h"
#include "places.h"

#define CONVERSATIONS 16384u
#define TRIGRAMS 262144u
#define TRIGRAMS_EACH 4096u
#define LEARN_SECONDS (14 * 86400)
#define BUDGET 0.3 /* findings a day of all, at most */
#define SINGLE_MAX 64u /* bits of conversation.single */
#define WINDOWS_KNOWN 2u
#define DAYS_KNOWN 2u
#define WINDOWS_A_DAY 24u
#define QUIET_WINDOWS (7u * WINDOWS_A_DAY) /* nothing new: a habit */
#define HABIT_LEAST 24u /* windows, before a symbol can be one */
#define HABIT_SHARE 2u /* and in one of so many */
#define CHUNK 32u /* trigrams in a block */
#define RECENT 65536u
#define RECENT_EACH 16u /* of a conversation: a cache line */
#define VERSION 2

struct conversation {
	int64_t at, first, age;
	uint64_t single; /* bit by window: something seen only there */
	uint32_t window, windows; /* the current one; seen in */
	uint32_t trigrams;
	uint32_t told; /* window of the last finding */
	uint32_t fresh; /* window of the last trigram never seen */
	bool begun, busy, ready;
};

struct trigram {
	uint64_t hash; /* of the conversation and the three symbols */
	uint32_t conversation;
	uint32_t first, last; /* windows */
	uint8_t windows, days; /* until it is known; days 0: a symbol */
};

/* Of a symbol, `first` is in how many windows it was seen, and in how many its
 * conversation had been before. */
#define SYMBOL_SEEN(first) ((first)&0xffffu)
#define SYMBOL_BORN(first) ((first) >> 16)

struct sequences {
	struct places places;
	struct conversation *conversation;
	struct trigram *trigram; /* 1 .. n */
	uint32_t *slot; /* hash table of numbers, at most half full */
	bool *busy; /* per chunk of trigrams */
	uint32_t mask, n, max;
	uint64_t left_out;
	struct estimator_config config;
	struct shadow shadow;
	uint32_t ready, saved_window;
	uint32_t single_most; /* of a conversation that may be judged */
	bool is_limited; /* it was counted */
	/* Trigrams of this window that need no second look: most messages end
	 * here, in one line for each conversation. */
	_Alignas(64) uint32_t recent[RECENT];
};

/* ------------------------------------------------------------- birth, death */

static size_t
chunks(const struct sequences *s)
{
	return s->max / CHUNK + 1;
}

struct sequences *
sequences_new(const struct estimator_config *config)
{
	struct sequences *s = reserve(sizeof(*s));
	uint32_t max = config->max != 0 ? config->max : CONVERSATIONS;

	if (s == NULL)
		return NULL;
	s->config = *config;
	s->max = TRIGRAMS;
	s->mask = 2 * TRIGRAMS - 1;
	s->conversation = reserve(((size_t)max + 1) * sizeof(*s->conversation));
	s->trigram = reserve(((size_t)s->max + 1) * sizeof(*s->trigram));
	s->slot = reserve(((size_t)s->mask + 1) * sizeof(*s->slot));
	s->busy = reserve(chunks(s) * sizeof(*s->busy));
	if (!places_open(&s->places, max) || s->conversation == NULL ||
	    s->trigram == NULL || s->slot == NULL || s->busy == NULL) {
		sequences_free(s);
		return NULL;
	}
	return s;
}

void
sequences_free(struct sequences *s)
{
	if (s == NULL)
		return;
	release(s->conversation,
	    ((size_t)s->places.max + 1) * sizeof(*s->conversation));
	release(s->trigram, ((size_t)s->max + 1) * sizeof(*s->trigram));
	release(s->slot, ((size_t)s->mask + 1) * sizeof(*s->slot));
	release(s->busy, chunks(s) * sizeof(*s->busy));
	places_close(&s->places);
	release(s, sizeof(*s));
}

uint32_t
sequences_entry(struct sequences *s, uint32_t client, uint32_t server,
    uint8_t proto)
{
	struct ident id = { .part = { client, server, proto } };
	bool is_new;

	return places_of(&s->places, &id, &is_new);
}

uint32_t
sequence_symbol(bool from_server, uint32_t op, uint32_t sub, uint32_t area)
{
	uint32_t part[] = { from_server, op, sub, area };
	uint32_t symbol = (uint32_t)hash_bytes(part, sizeof(part), 0);

	return symbol != 0 ? symbol : 1;
}

/* ----------------------------------------------------------------- learning */

static int64_t
age_of(const struct conversation *c)
{
	return c->age + (c->begun ? c->at - c->first : 0);
}

static bool
is_known(const struct trigram *t)
{
	return t->windows >= WINDOWS_KNOWN && t->days >= DAYS_KNOWN;
}

static uint64_t
hash_of(uint32_t entry, const struct trail *trail, uint32_t symbol)
{
	uint32_t part[] = { entry, trail->before, trail->last, symbol };

	return hash_bytes(part, sizeof(part), 0);
}

static uint32_t *
slot_of(const struct sequences *s, uint64_t hash)
{
	for (uint64_t at = hash;; at++) {
		uint32_t *slot = &s->slot[at & s->mask];

		if (*slot == 0 || s->trigram[*slot].hash == hash)
			return slot;
	}
}

/* Room for one more; false: there is none. */
static bool
put(struct sequences *s, uint32_t *slot, const struct trigram *t)
{
	if (s->n == s->max) {
		s->left_out++;
		return false;
	}
	*slot = ++s->n;
	s->busy[s->n / CHUNK] = true;
	s->trigram[s->n] = *t;
	return true;
}

/* A new order.  Of symbols without a place it is known at once. */
static void
add(struct sequences *s, uint32_t *slot, uint64_t hash, uint32_t entry,
    uint32_t window, bool usual)
{
	struct conversation *c = &s->conversation[entry];
	const struct trigram t = { .hash = hash,
		.conversation = entry,
		.first = window,
		.last = window,
		.windows = usual ? 1 : WINDOWS_KNOWN,
		.days = usual ? 1 : DAYS_KNOWN };

	if (c->trigrams >= TRIGRAMS_EACH) {
		s->left_out++;
		return;
	}
	if (!put(s, slot, &t))
		return;
	c->trigrams++;
	if (!c->ready && usual)
		c->fresh = window; /* else it is said */
}

static uint32_t *
symbol_slot(const struct sequences *s, uint32_t entry, uint32_t symbol)
{
	const struct trail nothing = { 0, 0 };

	return slot_of(s, hash_of(entry, &nothing, symbol));
}

static void
note_symbol(struct sequences *s, uint32_t entry, uint32_t symbol,
    uint32_t window)
{
	const struct trail nothing = { 0, 0 };
	const uint32_t windows = s->conversation[entry].windows;
	uint32_t *slot = symbol_slot(s, entry, symbol);
	struct trigram *t = &s->trigram[*slot];

	if (*slot == 0) {
		(void)put(s, slot,
		    &(struct trigram){ .hash = hash_of(entry, &nothing, symbol),
			.conversation = entry,
			.first =
			    (windows < 0xffffu ? windows : 0xffffu) << 16 | 1u,
			.last = window,
			.windows = WINDOWS_KNOWN });
		return;
	}
	if (t->last >= window || SYMBOL_SEEN(t->first) == 0xffffu)
		return;
	t->first++;
	t->last = window;
	s->busy[*slot / CHUNK] = true;
}

static bool
is_habit(const struct sequences *s, uint32_t entry, uint32_t symbol)
{
	const uint32_t *slot = symbol_slot(s, entry, symbol);
	const uint32_t first = *slot != 0 ? s->trigram[*slot].first : 0;

	return SYMBOL_SEEN(first) >= HABIT_LEAST &&
	    HABIT_SHARE * SYMBOL_SEEN(first) + SYMBOL_BORN(first) >=
	    s->conversation[entry].windows;
}

/* Seen before, but not often: once more? */
static void
count(struct sequences *s, uint32_t number, uint32_t window)
{
	struct trigram *t = &s->trigram[number];

	if (t->last >= window)
		return;
	if (t->windows < UINT8_MAX)
		t->windows++;
	if (t->last / WINDOWS_A_DAY != window / WINDOWS_A_DAY)
		t->days++;
	t->last = window;
	s->busy[number / CHUNK] = true;
}

/* Long enough known, and quiet. */
static bool
is_settled(const struct sequences *s, const struct conversation *c)
{
	return c->trigrams < TRIGRAMS_EACH &&
	    c->window >= c->fresh + QUIET_WINDOWS &&
	    age_of(c) >= learn_span(LEARN_SECONDS, s->config.learn_scale);
}

/* The steadiest, as many as the budget allows together. */
static void
find_limit(struct sequences *s)
{
	uint32_t by[SINGLE_MAX + 1] = { 0 }, sum = 0, windows = 0, n;

	for (uint32_t i = 1; i <= s->places.n; i++) {
		const struct conversation *c = &s->conversation[i];

		if (c->windows > windows)
			windows = c->windows;
		if (is_settled(s, c))
			by[__builtin_popcountll(c->single)]++;
	}
	for (n = 1; n <= SINGLE_MAX; n++) {
		sum += n * by[n];
		if (at_most_90(sum) * WINDOWS_A_DAY > BUDGET * windows)
			break;
	}
	s->single_most = n - 1;
	s->is_limited = true;
}

/* For each conversation, the windows in which something was seen once. */
static void
find_singles(struct sequences *s)
{
	for (uint32_t i = 1; i <= s->places.n; i++)
		s->conversation[i].single = 0;
	for (uint32_t i = 1; i <= s->n; i++) {
		const struct trigram *t = &s->trigram[i];

		if (t->windows == 1 && t->days > 0)
			s->conversation[t->conversation].single |= UINT64_C(1)
			    << (t->first * 0x9e3779b1u >> 26);
	}
	find_limit(s);
}

/* Is its order a habit? */
static bool
is_ready(const struct sequences *s, const struct conversation *c)
{
	uint32_t single = (uint32_t)__builtin_popcountll(c->single);

	return is_settled(s, c) && single <= s->single_most &&
	    at_most_90(single) * WINDOWS_A_DAY <= BUDGET * c->windows;
}

static void
new_window(struct sequences *s, uint32_t entry, const struct moment *m)
{
	struct conversation *c = &s->conversation[entry];
	bool ready;

	if (!c->begun)
		c->first = m->at.ns;
	c->begun = true;
	if (c->at < m->at.ns)
		c->at = m->at.ns;
	c->window = m->window;
	c->windows++;
	c->busy = true;
	ready = is_ready(s, c);
	if (ready != c->ready)
		s->ready += ready ? 1 : UINT32_MAX;
	c->ready = ready;
}

/* ------------------------------------------------------------------ judging */

static bool
new_order(struct sequences *s, uint32_t entry, const struct moment *m,
    struct finding *ret)
{
	struct conversation *c = &s->conversation[entry];
	const struct ident *id = &s->places.ident[entry];
	char time[24];

	if (!c->ready || c->told == m->window)
		return false;
	c->told = m->window;
	shadow_hit(&s->shadow);
	*ret = (struct finding){ .why = WHY_ORDER,
		.client = id->part[0],
		.server = id->part[1],
		.proto = (uint8_t)id->part[2],
		.links = 1,
		.at = m->at,
		.value = c->trigrams };
	(void)snprintf(ret->text, sizeof(ret->text),
	    "usual are %u orders of three messages, learned in %s", c->trigrams,
	    span_words(age_of(c), time));
	return true;
}

static bool
follows(struct sequences *s, uint32_t entry, uint64_t hash, bool usual,
    const struct moment *m, struct finding *ret)
{
	uint32_t *slot = slot_of(s, hash);

	if (*slot != 0) {
		struct trigram *t = &s->trigram[*slot];

		if (is_known(t))
			return false;
		count(s, *slot, m->window);
		return usual && !is_known(t) && new_order(s, entry, m, ret);
	}
	add(s, slot, hash, entry, m->window, usual);
	return usual && new_order(s, entry, m, ret);
}

void
sequences_ahead(const struct sequences *s, uint32_t entry)
{
	__builtin_prefetch(&s->recent[entry * RECENT_EACH % RECENT], 1);
}

bool
sequences_seen(struct sequences *s, uint32_t entry, struct trail *trail,
    uint32_t symbol, const struct moment *m, struct finding *ret)
{
	struct conversation *c = &s->conversation[entry];
	struct trail before = *trail;
	uint32_t *recent, tag;
	uint64_t hash;

	if (entry == 0)
		return false;
	if (shadow_clock(&s->shadow, m, s->ready > 0)) {
		find_singles(s);
		memset(s->recent, 0, sizeof(s->recent));
	}
	if (!s->is_limited)
		find_limit(s); /* what was loaded */
	*trail = (struct trail){ m->lost ? 0 : before.last, symbol };
	if (m->lost || before.before == 0)
		return false;
	hash = hash_mix((uint64_t)entry << 32 | before.before,
	    (uint64_t)before.last << 32 | symbol);
	recent =
	    &s->recent[(entry * RECENT_EACH + hash % RECENT_EACH) % RECENT];
	tag = (uint32_t)(hash >> 32) | 1;
	if (*recent == tag)
		return false;
	*recent = tag;
	if (!c->begun || c->window != m->window)
		new_window(s, entry, m);
	note_symbol(s, entry, symbol, m->window);
	return follows(s, entry, hash_of(entry, &before, symbol),
	    is_habit(s, entry, symbol) && is_habit(s, entry, before.last) &&
		is_habit(s, entry, before.before),
	    m, ret);
}

void
sequences_report(const struct sequences *s, struct estimator_report *ret)
{
	*ret = (struct estimator_report){ .entries = s->places.n,
		.ready = s->ready,
		.left_out = s->places.left_out + s->left_out };
	for (uint32_t i = 1; i <= s->places.n; i++) {
		const struct conversation *c = &s->conversation[i];

		ret->excluded += !c->ready &&
		    age_of(c) >=
			learn_span(LEARN_SECONDS, s->config.learn_scale);
	}
	shadow_report(&s->shadow, s->config.window_seconds, ret);
}

/* ------------------------------------------------------------------- saving */

static bool
pack(void *ctx, uint32_t number, struct block *b)
{
	struct sequences *s = ctx;
	const struct conversation *c = &s->conversation[number];

	if (number == 0) {
		put_shadow(b, &s->shadow);
		return true;
	}
	if (!c->busy)
		return false;
	put_ident(b, &s->places.ident[number]);
	put_le(b, (uint64_t)age_of(c), 8);
	put_le(b, c->single, 8);
	put_le(b, c->window, 4);
	put_le(b, c->windows, 4);
	put_le(b, c->fresh, 4);
	put_le(b, c->ready, 1);
	return true;
}

static void
saved(void *ctx, uint32_t number)
{
	struct sequences *s = ctx;

	s->conversation[number].busy = false;
}

static uint32_t
chunk_end(const struct sequences *s, uint32_t chunk)
{
	uint32_t end = (chunk + 1) * CHUNK - 1;

	return end < s->n ? end : s->n;
}

static bool
pack_chunk(void *ctx, uint32_t chunk, struct block *b)
{
	struct sequences *s = ctx;

	if (!s->busy[chunk])
		return false;
	for (uint32_t i = chunk * CHUNK; i <= chunk_end(s, chunk); i++) {
		const struct trigram *t = &s->trigram[i];

		put_le(b, t->hash, 8);
		put_le(b, t->conversation, 4);
		put_le(b, t->first, 4);
		put_le(b, t->last, 4);
		put_le(b, t->windows, 1);
		put_le(b, t->days, 1);
	}
	return true;
}

static void
chunk_saved(void *ctx, uint32_t chunk)
{
	struct sequences *s = ctx;

	s->busy[chunk] = false;
}

bool
sequences_save(struct sequences *s, const struct baseline_sink *sink, bool all)
{
	const struct saver of = { BLOCK_SEQUENCE, VERSION, s, pack, saved };
	const struct saver tri = { BLOCK_TRIGRAM, VERSION, s, pack_chunk,
		chunk_saved };

	if (!all && s->saved_window == s->shadow.window)
		return true;
	if (!save_places(&of, s->places.n, sink) ||
	    !save_places(&tri, s->n / CHUNK, sink))
		return false;
	s->saved_window = s->shadow.window;
	return true;
}

static bool
load_conversation(struct sequences *s, uint32_t number, struct rd *r)
{
	struct ident ident = rd_ident(r);
	struct conversation *c = &s->conversation[number];
	struct conversation in = { .age = (int64_t)rd_le64(r) };

	in.single = rd_le64(r);
	in.window = rd_le32(r);
	in.windows = rd_le32(r);
	in.fresh = rd_le32(r);
	in.ready = rd_u8(r) != 0;
	if (!block_done(r) || !places_put(&s->places, number, &ident))
		return false;
	in.trigrams = c->trigrams;
	*c = in;
	s->ready += in.ready;
	return true;
}

/* Where it stood, so that its chunk is saved again as it was. */
static bool
load_trigram(struct sequences *s, uint32_t number, struct rd *r)
{
	struct trigram t = { .hash = rd_le64(r) };
	uint32_t *slot;

	t.conversation = rd_le32(r);
	t.first = rd_le32(r);
	t.last = rd_le32(r);
	t.windows = rd_u8(r);
	t.days = rd_u8(r);
	if (!rd_ok(r) || number > s->max || t.conversation > s->places.max)
		return false;
	if (t.conversation == 0)
		return true; /* place 0, or one that was lost */
	slot = slot_of(s, t.hash);
	if (*slot != 0)
		return false;
	*slot = number;
	s->trigram[number] = t;
	s->conversation[t.conversation].trigrams += t.days > 0;
	if (s->n < number)
		s->n = number;
	return true;
}

static bool
load_chunk(struct sequences *s, uint32_t chunk, struct rd *r)
{
	for (uint32_t i = 0; i < CHUNK && rd_more(r); i++)
		if (!load_trigram(s, chunk * CHUNK + i, r))
			return false;
	return block_done(r);
}

bool
sequences_load(struct sequences *s, uint32_t kind, uint64_t id,
    struct span bytes)
{
	struct rd_state state;
	struct rd r;

	if (!block_open(&r, &state, bytes, VERSION))
		return false;
	if (kind == BLOCK_TRIGRAM)
		return id <= s->max / CHUNK && load_chunk(s, (uint32_t)id, &r);
	if (id > s->places.max)
		return false;
	if (id != 0)
		return load_conversation(s, (uint32_t)id, &r);
	rd_shadow(&r, &s->shadow);
	return block_done(&r);
}
