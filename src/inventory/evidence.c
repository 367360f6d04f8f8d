/* evidence.c - what was said of an address, folded with its repeats. */
#include <string.h>

#include "private.h"

static const char *const source_names[] = { "guessed", "said of it", "asked",
	"says itself" };

const char *
source_name(enum source s)
{
	return s < SOURCE_COUNT ? source_names[s] : "?";
}

static bool
is_same(const struct evidence *a, const struct evidence *b)
{
	return a->trait == b->trait && a->source == b->source &&
	    a->proto == b->proto && a->has_unit == b->has_unit &&
	    a->unit == b->unit && a->text_len == b->text_len &&
	    memcmp(a->text, b->text, a->text_len) == 0;
}

/* How much may be kept: less of addresses outside, which are many. */
static uint32_t
room_of(const struct node *n)
{
	if (n->ip.len == 0 || n->link[0].bound || ip_is_private(&n->ip) ||
	    ip_is_loopback(&n->ip))
		return DEVICE_EVIDENCE;
	return NODE_OUTSIDE;
}

/* Full: what is stronger takes the place of what is weaker. */
static uint32_t
take_place(struct inventory *v, struct node *n, const struct evidence *e)
{
	for (uint32_t at = n->said; at != 0; at = v->said[at - 1].next) {
		struct evidence *old = &v->said[at - 1].e;

		if (old->source >= e->source)
			continue;
		*old = *e;
		old->count = 1;
		return at;
	}
	return 0;
}

/* Index + 1, 0 if there is no room. */
static uint32_t
append(struct inventory *v, struct node *n, const struct evidence *e)
{
	struct said *s;

	if (v->n_said == v->said_max)
		return 0;
	s = &v->said[v->n_said++];
	s->e = *e;
	s->e.count = 1;
	s->next = n->said;
	n->said = v->n_said;
	return v->n_said;
}

uint32_t
evidence_add(struct inventory *v, struct node *n, const struct evidence *e)
{
	uint32_t count = 0, alike = 0, at;

	for (at = n->said; at != 0; at = v->said[at - 1].next) {
		struct evidence *old = &v->said[at - 1].e;

		count++;
		alike += old->trait == e->trait && old->source == e->source;
		if (!is_same(old, e))
			continue;
		old->count++;
		if (e->last.ns > old->last.ns)
			old->last = e->last;
		return at;
	}
	if (alike >= (e->trait == TRAIT_MODULE ? NODE_PARTS : NODE_ALIKE))
		at = 0;
	else if (count < room_of(n) || e->source == SOURCE_GUESSED)
		at = append(v, n, e);
	else
		at = take_place(v, n, e);
	v->left_out += at == 0;
	return at;
}

/* The same, said of two addresses of one device. */
static void
merge(struct evidence *into, const struct evidence *e)
{
	into->count += e->count;
	if (e->last.ns > into->last.ns)
		into->last = e->last;
	if (e->file > into->file ||
	    (e->file == into->file && e->frame >= into->frame))
		return;
	into->file = e->file;
	into->frame = e->frame;
	into->first = e->first;
}

static struct evidence *
find_same(struct inventory *v, const struct node *n, const struct evidence *e,
    uint32_t *ret_count)
{
	*ret_count = 0;
	for (uint32_t at = n->said; at != 0; at = v->said[at - 1].next) {
		++*ret_count;
		if (is_same(&v->said[at - 1].e, e))
			return &v->said[at - 1].e;
	}
	return NULL;
}

void
evidence_fold(struct inventory *v, struct node *into, struct node *n)
{
	uint32_t at = n->said, count;

	n->said = 0;
	while (at != 0) {
		struct said *s = &v->said[at - 1];
		struct evidence *same = find_same(v, into, &s->e, &count);
		uint32_t next = s->next;

		if (same != NULL) {
			merge(same, &s->e);
		} else if (count < NODE_FOLDED) {
			s->next = into->said;
			into->said = at;
		} else {
			v->left_out++;
		}
		at = next;
	}
}

bool
evidence_has(const struct inventory *v, const struct node *n, enum trait trait,
    enum source source)
{
	for (uint32_t at = n->said; at != 0; at = v->said[at - 1].next)
		if (v->said[at - 1].e.trait == trait &&
		    v->said[at - 1].e.source == source)
			return true;
	return false;
}

void
unit_add(struct inventory *v, struct node *n, uint8_t proto, uint32_t unit)
{
	uint32_t count = 0;

	for (uint32_t at = n->units; at != 0; at = v->unit[at - 1].next) {
		count++;
		if (v->unit[at - 1].unit == unit &&
		    v->unit[at - 1].proto == proto)
			return;
	}
	if (count >= DEVICE_MODULES || v->n_unit == v->unit_max) {
		v->left_out++;
		return;
	}
	v->unit[v->n_unit++] =
	    (struct unit){ .unit = unit, .proto = proto, .next = n->units };
	n->units = v->n_unit;
}
