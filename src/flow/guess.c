/*
 * guess.c - structure of what no parser claims, per service.
 *
 * What is found, and why so: docs/decisions/unknown-protocols.md.  A table of
 * fixed size, the longest idle service makes room; a flow holds nothing.  The
 * first messages of a service are kept as samples, and looked at once, when
 * there are enough of them; what was settled then stays so.
 */
#include "guess.h"

#include <stdlib.h>
#include <string.h>

#include "../base/hash.h"
#include "private.h"

#define SERVICES 256u /* a power of two */
#define WAYS 8u /* places where a service may stand */
#define SAMPLES 128u /* messages until a layout is settled */
#define FEW_VALUES 32u
#define LENGTH_OFFSETS 24u
#define LONGEST 0x100000 /* a message */
#define OP_SHORT 0xff0000u /* | length */
#define MOST(n, of) ((n)*10u >= (of)*9u)

struct sample {
	uint32_t flow, wire;
	uint8_t n; /* bytes in hand */
	bool to_server;
	uint8_t byte[GUESS_BYTES];
};

struct service {
	struct guess guess; /* first what is told */
	uint64_t key;
	struct tick used;
	uint32_t n;
	bool taken;
	struct sample sample[SAMPLES];
};

struct guesses {
	struct service service[SERVICES];
	uint64_t pushed_out;
};

struct guesses *
guesses_new(void)
{
	return calloc(1, sizeof(struct guesses));
}

void
guesses_free(struct guesses *g)
{
	free(g);
}

/* ------------------------------------------------------------- the service */

static uint64_t
key_of(const struct talk *t)
{
	struct {
		struct ip ip;
		struct mac mac;
		uint32_t service;
		uint16_t port;
		uint8_t via;
	} key;

	memset(&key, 0, sizeof(key)); /* it is hashed */
	key.ip = t->server.ip;
	if (t->server.ip.len == 0)
		key.mac = t->server.mac;
	key.service = t->service;
	key.port = t->server_port;
	key.via = t->via;
	return hash_bytes(&key, sizeof(key), 3);
}

/* Among WAYS neighbours; the longest idle makes room. */
static struct service *
service_of(struct guesses *g, const struct talk *t, struct tick now)
{
	uint64_t key = key_of(t);
	struct service *oldest = NULL;

	for (uint32_t i = 0; i < WAYS; i++) {
		struct service *s = &g->service[(key + i) & (SERVICES - 1)];

		if (s->taken && s->key == key) {
			s->used = now;
			return s;
		}
		if (oldest == NULL ||
		    (oldest->taken &&
			(!s->taken || s->used.ns < oldest->used.ns)))
			oldest = s;
		if (!s->taken)
			break; /* they are filled in order */
	}
	g->pushed_out += oldest->taken;
	memset(oldest, 0, sizeof(*oldest));
	oldest->taken = true;
	oldest->key = key;
	oldest->used = now;
	oldest->guess.via = t->via;
	oldest->guess.port = t->server_port;
	oldest->guess.service = t->service;
	oldest->guess.server = t->server;
	return oldest;
}

/* ----------------------------------------------------------------- lengths */

static const uint8_t form_width[GUESS_FORMS] = { 1, 2, 2, 4 };

static uint32_t
number_of(const uint8_t *p, uint32_t form)
{
	switch (form) {
	case GUESS_U8:
		return p[0];
	case GUESS_BE16:
		return (uint32_t)p[0] << 8 | p[1];
	case GUESS_LE16:
		return (uint32_t)p[1] << 8 | p[0];
	default:
		return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		    (uint32_t)p[2] << 8 | p[3];
	}
}

/* Whether the number there is the length of nearly all, less `*ret_base`. */
static bool
is_length(const struct service *v, uint32_t at, uint32_t form,
    int32_t *ret_base)
{
	uint32_t hits = 0, first = 0;
	int64_t base = INT64_MIN;
	bool differ = false;

	for (uint32_t i = 0; i < v->n; i++) {
		const struct sample *m = &v->sample[i];
		int64_t less;

		if (at + form_width[form] > m->n)
			continue;
		less = (int64_t)m->wire - number_of(m->byte + at, form);
		if (base == INT64_MIN) {
			base = less;
			first = m->wire;
		}
		hits += less == base;
		differ = differ || (less == base && m->wire != first);
	}
	if (base < -4 || base > 64)
		return false;
	*ret_base = (int32_t)base;
	return differ && MOST(hits, v->n);
}

static void
mark(struct guess *g, uint32_t at, uint32_t width, enum guess_field what)
{
	for (uint32_t i = at; i < at + width && i < GUESS_BYTES; i++)
		g->field[i] = (uint8_t)what;
}

static void
settle_length(struct guess *g, const struct service *v)
{
	for (uint32_t at = 0; at < LENGTH_OFFSETS; at++)
		for (uint32_t form = GUESS_FORMS; form-- > 0;)
			if (is_length(v, at, form, &g->length_base)) {
				g->has_length = true;
				g->length_at = (uint8_t)at;
				g->length_form = (uint8_t)form;
				mark(g, at, form_width[form], GUESS_LENGTH);
				return;
			}
}

/* ----------------------------------------------------------- one byte each */

struct byte_seen { /* of one offset */
	uint32_t distinct[2]; /* by direction */
	uint32_t all; /* either */
	uint32_t n[2], news[2]; /* messages; the last that had a new value */
};

static struct byte_seen
look_at_byte(const struct service *v, uint32_t at)
{
	struct byte_seen b = { .all = 0 };
	uint8_t seen[256] = { 0 };

	for (uint32_t i = 0; i < v->n; i++) {
		const struct sample *m = &v->sample[i];
		uint8_t bit = m->to_server ? 2 : 1, *s;

		if (at >= m->n)
			continue;
		s = &seen[m->byte[at]];
		b.n[m->to_server]++;
		b.all += *s == 0;
		if ((*s & bit) != 0)
			continue;
		*s |= bit;
		b.distinct[m->to_server]++;
		b.news[m->to_server] = b.n[m->to_server];
	}
	return b;
}

/*
 * From one message to the next of the same flow and direction: how often the
 * number changed, and how often it grew by one, or by a little.
 */
struct going {
	uint32_t pairs, changed, by_one, little;
};

static struct going
look_at_order(const struct service *v, uint32_t at, bool wide)
{
	struct going g = { .pairs = 0 };
	const struct sample *last[2] = { NULL, NULL };

	for (uint32_t i = 0; i < v->n; i++) {
		const struct sample *m = &v->sample[i], *l;
		uint32_t by, end = at + (wide ? 2u : 1u);

		l = last[m->to_server];
		last[m->to_server] = m;
		if (l == NULL || l->flow != m->flow || end > m->n || end > l->n)
			continue;
		by = wide ? (number_of(m->byte + at, GUESS_BE16) -
				number_of(l->byte + at, GUESS_BE16)) &
			0xffffu
			  : ((uint32_t)m->byte[at] - l->byte[at]) & 0xffu;
		g.pairs++;
		g.changed += by != 0;
		g.by_one += by == 1;
		g.little += by >= 1 && by <= 8;
	}
	return g;
}

static bool
counts_up(const struct service *v, uint32_t at, bool wide)
{
	struct going g = look_at_order(v, at, wide);

	return g.pairs >= 8 && MOST(g.by_one, g.pairs);
}

/* A counter that only goes on now and then. */
static bool
creeps(const struct service *v, uint32_t at)
{
	struct going g = look_at_order(v, at, false);

	return g.changed >= 4 && g.little * 10 >= g.changed * 8;
}

/* Answers repeat it, and it changes. */
static bool
is_echoed(const struct service *v, uint32_t at)
{
	const struct sample *asked = NULL;
	uint32_t answers = 0, same = 0, changes = 0;

	for (uint32_t i = 0; i < v->n; i++) {
		const struct sample *m = &v->sample[i];

		if (at >= m->n)
			continue;
		if (m->to_server) {
			changes +=
			    asked != NULL && asked->byte[at] != m->byte[at];
			asked = m;
		} else if (asked != NULL && asked->flow == m->flow) {
			answers++;
			same += asked->byte[at] == m->byte[at];
		}
	}
	return answers >= 8 && changes >= 4 && MOST(same, answers);
}

/* ------------------------------------------------------------------- types */

static bool
tells_apart(const struct service *v, const struct byte_seen *b, uint32_t at)
{
	for (unsigned w = 0; w < 2; w++)
		if (b->distinct[w] > FEW_VALUES ||
		    b->distinct[w] * 3 > b->n[w] + 2 ||
		    (b->distinct[w] > 1 && b->news[w] > b->n[w] / 2))
			return false;
	return b->all > 1 && !creeps(v, at);
}

static uint32_t
type_of(const struct guess *g, const uint8_t *p)
{
	uint32_t op = 0;

	for (uint32_t i = 0; i < g->n_type; i++)
		op = op << 8 | p[g->type_at[i]];
	return op;
}

static int
by_op(const void *a, const void *b)
{
	const struct guess_type *x = a, *y = b;

	return (x->op > y->op) - (x->op < y->op);
}

uint32_t
guess_types(const struct guesses *gs, uint32_t place,
    struct guess_type dst[static GUESS_TYPES])
{
	const struct service *v = &gs->service[place];
	uint32_t n = 0;

	for (uint32_t i = 0; i < v->n; i++) {
		const struct sample *m = &v->sample[i];
		uint32_t op = type_of(&v->guess, m->byte), k = 0;

		while (k < n && dst[k].op != op)
			k++;
		if (k == GUESS_TYPES || m->n < v->guess.shortest)
			continue;
		if (k == n)
			dst[n++] = (struct guess_type){ .op = op };
		dst[k].asked = dst[k].asked || m->to_server;
		dst[k].answered = dst[k].answered || !m->to_server;
	}
	qsort(dst, n, sizeof(*dst), by_op);
	return n;
}

/* Together they must not be many, nor may new ones keep coming. */
static bool
few_together(const struct service *v)
{
	uint32_t op[GUESS_TYPES], n = 0, news = 0;

	for (uint32_t i = 0; i < v->n; i++) {
		uint32_t o = type_of(&v->guess, v->sample[i].byte), k = 0;

		while (k < n && op[k] != o)
			k++;
		if (k < n)
			continue;
		if (n == GUESS_TYPES)
			return false;
		op[n++] = o;
		news = i;
	}
	return news <= v->n / 2;
}

/* ---------------------------------------------------------------- settling */

static void
settle_counters(struct guess *g, const struct service *v)
{
	for (uint32_t i = 0; i < g->shortest; i++) {
		bool two = i + 1u < g->shortest &&
		    (g->field[i] == GUESS_NOTHING ||
			g->field[i] == GUESS_CONSTANT) &&
		    g->field[i + 1] == GUESS_NOTHING;

		if (two && counts_up(v, i, true))
			mark(g, i, 2, GUESS_COUNTER);
		else if (g->field[i] == GUESS_NOTHING && counts_up(v, i, false))
			g->field[i] = GUESS_COUNTER;
	}
}

static void
settle_types(struct guess *g, const struct service *v)
{
	for (uint32_t i = 0; i < g->shortest && g->n_type < GUESS_PARTS; i++) {
		struct byte_seen b = look_at_byte(v, i);

		if (g->field[i] != GUESS_NOTHING || !tells_apart(v, &b, i))
			continue;
		g->type_at[g->n_type++] = (uint8_t)i;
		if (few_together(v))
			g->field[i] = GUESS_TYPE;
		else
			g->n_type--;
	}
}

/* In order: what is surer marks its bytes first. */
static void
settle_fields(struct guess *g, const struct service *v)
{
	for (uint32_t i = 0; i < g->shortest; i++)
		if (g->field[i] == GUESS_NOTHING && look_at_byte(v, i).all == 1)
			g->field[i] = GUESS_CONSTANT;
	settle_counters(g, v);
	settle_types(g, v);
	for (uint32_t i = 0; i < g->shortest; i++)
		if (g->field[i] == GUESS_NOTHING && is_echoed(v, i))
			g->field[i] = GUESS_IDENTIFIER;
}

/*
 * The upper bytes of a time or a counter are constant for a while, and stand
 * beside bytes that are not.  Up to three such are not relied on.
 */
static bool
varies(const struct guess *g, uint32_t at)
{
	return at >= g->shortest || g->field[at] == GUESS_NOTHING ||
	    g->field[at] == GUESS_COUNTER;
}

static void
settle_fixed(struct guess *g)
{
	for (uint32_t from = 0, end; from < g->shortest; from = end) {
		uint32_t first = from, last;

		for (end = from;
		     end < g->shortest && g->field[end] == GUESS_CONSTANT;
		     end++)
			;
		last = end;
		end += end == from;
		if (first > 0 && varies(g, first - 1))
			first += 3;
		if (varies(g, last))
			last = last > 3 ? last - 3 : 0;
		for (uint32_t i = first; i < last; i++)
			g->fixed |= 1u << i;
	}
}

static bool
looks_random(const struct guess *g, const struct service *v)
{
	uint32_t wild = 0;

	for (uint32_t i = 0; i < g->shortest; i++) {
		struct byte_seen b = look_at_byte(v, i);

		wild +=
		    b.distinct[0] > FEW_VALUES || b.distinct[1] > FEW_VALUES;
	}
	return wild * 2 > g->shortest;
}

static void
settle(struct service *v)
{
	struct guess *g = &v->guess;
	uint32_t printable = 0;

	g->shortest = GUESS_BYTES;
	for (uint32_t i = 0; i < v->n; i++) {
		const struct sample *m = &v->sample[i];

		if (m->n < g->shortest)
			g->shortest = m->n;
		printable += m->byte[0] >= 0x20 && m->byte[0] < 0x7f;
	}
	memcpy(g->constant, v->sample[0].byte, GUESS_BYTES);
	settle_length(g, v);
	g->is_text = !g->has_length && MOST(printable, v->n);
	g->known = g->has_length || g->is_text || !looks_random(g, v)
	    ? GUESS_LAYOUT
	    : GUESS_NONE;
	if (g->known != GUESS_LAYOUT || g->is_text)
		return;
	settle_fields(g, v);
	settle_fixed(g);
}

/* ---------------------------------------------------------------- messages */

static void
look(struct service *v, struct span s, uint32_t wire, bool to_server,
    uint32_t flow)
{
	struct sample *m = &v->sample[v->n++];

	m->flow = flow;
	m->wire = wire;
	m->to_server = to_server;
	m->n = (uint8_t)(s.n < GUESS_BYTES ? s.n : GUESS_BYTES);
	memcpy(m->byte, s.p, m->n);
	if (v->n == SAMPLES)
		settle(v);
}

/* The first word of a text, in 16 bits. */
static uint32_t
first_word(struct span s)
{
	uint32_t n = 0;

	while (n < s.n && n < GUESS_BYTES && s.p[n] > ' ' && s.p[n] < 0x7f &&
	    s.p[n] != ',' && s.p[n] != ':' && s.p[n] != '=' && s.p[n] != ';')
		n++;
	return (uint32_t)hash_bytes(s.p, n, 4) & 0xffffu;
}

/* The type; of what is unlike all that was looked at, where, and what is
 * there. */
static uint32_t
op_of(const struct guess *g, struct span s)
{
	if (g->is_text)
		return first_word(s);
	for (uint32_t i = 0; i < g->shortest && i < s.n; i++)
		if ((g->fixed >> i & 1u) != 0 && s.p[i] != g->constant[i])
			return (i + 1) << 16 | s.p[i];
	if (s.n < g->shortest)
		return OP_SHORT | s.n;
	return type_of(g, s.p);
}

/* How long the message is that begins here, perhaps more than is in hand;
 * all that is when it is unknown or cannot be. */
static uint32_t
length_of(const struct guess *g, struct span s, uint32_t wire)
{
	uint32_t width = form_width[g->length_form];
	int64_t n;

	if (!g->has_length || g->length_at + width > s.n)
		return wire;
	n = (int64_t)number_of(s.p + g->length_at, g->length_form) +
	    g->length_base;
	return n >= (int64_t)(g->length_at + width) && n <= LONGEST
	    ? (uint32_t)n
	    : wire;
}

bool
guess_take(struct guesses *gs, const struct talk *t, struct span s,
    uint32_t wire, bool to_server, struct tick now, struct guess_message *m)
{
	struct service *v;

	if (s.n == 0)
		return false;
	v = service_of(gs, t, now);
	if (v->guess.known == GUESS_LOOKING) {
		look(v, s, wire, to_server, t->flow);
		return false;
	}
	if (v->guess.known == GUESS_NONE)
		return false;
	m->op = op_of(&v->guess, s);
	m->length = length_of(&v->guess, s, wire);
	m->port = v->guess.port != 0 ? v->guess.port : v->guess.service;
	v->guess.messages++;
	return true;
}

/* ------------------------------------------------------------------ drafts */

const struct guess *
guess_at(const struct guesses *gs, uint32_t i)
{
	return i < SERVICES ? &gs->service[i].guess : NULL;
}

uint64_t
guesses_pushed_out(const struct guesses *gs)
{
	return gs->pushed_out;
}
