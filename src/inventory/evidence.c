/* evidence.c - what was said of an address, folded with its repeats. */
#include <string.h>

#include "private.h"

static const char *const source_names[] = { "guessed", "said of it",
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
	    a->proto == b->proto && a->text_len == b->text_len &&
	    memcmp(a->text, b->text, a->text_len) == 0;
}

uint32_t
evidence_add(struct inventory *v, struct node *n, const struct evidence *e)
{
	uint32_t count = 0;
	struct said *s;

	for (uint32_t at = n->said; at != 0; at = v->said[at - 1].next) {
		s = &v->said[at - 1];
		count++;
		if (!is_same(&s->e, e))
			continue;
		s->e.count++;
		if (e->last.ns > s->e.last.ns)
			s->e.last = e->last;
		return at;
	}
	if (count >= DEVICE_EVIDENCE || v->n_said == v->said_max) {
		v->left_out++;
		return 0;
	}
	s = &v->said[v->n_said++];
	s->e = *e;
	s->e.count = 1;
	s->next = n->said;
	n->said = v->n_said;
	return v->n_said;
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
	if (count >= DEVICE_MODULES || v->n_unit == v->unit_max)
		return;
	v->unit[v->n_unit++] =
	    (struct unit){ .unit = unit, .proto = proto, .next = n->units };
	n->units = v->n_unit;
}
