/*
 * match.c - is it so?
 *
 * and, or and not end at the first child that decides.  A test of what the
 * subject does not have is false, whatever its sign.
 */
#include "private.h"

/* ------------------------------------------------------------------- glob */

static uint8_t
folded(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/* The byte after the character at `at`: UTF-8 may take several. */
static uint32_t
past_character(struct span s, uint32_t at)
{
	at++;
	while (at < s.n && (s.p[at] & 0xc0) == 0x80)
		at++;
	return at;
}

bool
rule_glob(struct span pattern, struct span text)
{
	uint32_t p = 0, t = 0, star = UINT32_MAX, from = 0;

	while (t < text.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = ++p;
			from = t;
		} else if (p < pattern.n && pattern.p[p] == '?') {
			p++;
			t = past_character(text, t);
		} else if (p < pattern.n &&
		    folded(pattern.p[p]) == folded(text.p[t])) {
			p++;
			t++;
		} else if (star != UINT32_MAX) {
			p = star;
			t = ++from;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}

/* -------------------------------------------------------------- one value */

static bool
number_in(double v, const struct item *it)
{
	if (it->low <= it->high)
		return v >= it->low && v <= it->high;
	return v >= it->low || v <= it->high; /* goes round */
}

static bool
addr_in(const struct addr *a, const struct net *n)
{
	const uint8_t *b = n->len == 6 ? a->mac.b : a->ip.b;

	if (n->len == 6 ? !a->has_mac : a->ip.len != n->len)
		return false;
	return memcmp(b, n->low, n->len) >= 0 &&
	    memcmp(b, n->high, n->len) <= 0;
}

static bool
any_number(const struct item *it, uint32_t n, double v)
{
	for (uint32_t i = 0; i < n; i++)
		if (number_in(v, &it[i]))
			return true;
	return false;
}

static bool
any_text(const struct item *it, uint32_t n, struct span v)
{
	for (uint32_t i = 0; i < n; i++)
		if (span_is(it[i].text, v))
			return true;
	return false;
}

static bool
any_addr(const struct item *it, uint32_t n, const struct rule_value *v)
{
	for (uint32_t i = 0; i < n; i++)
		if (addr_in(v->u.addr, &it[i].net) ||
		    (v->u.other != NULL && addr_in(v->u.other, &it[i].net)))
			return true;
	return false;
}

static bool
any_time(const struct item *it, uint32_t n, int64_t v)
{
	for (uint32_t i = 0; i < n; i++)
		if (v >= it[i].from && v <= it[i].to)
			return true;
	return false;
}

static bool
any_holds(const struct node *n, const struct item *it,
    const struct rule_value *v)
{
	switch ((enum rule_type)n->type) {
	case RULE_NUMBER:
		return any_number(it, n->n, v->u.number);
	case RULE_NAME:
		return any_number(it, n->n, v->u.name);
	case RULE_TEXT:
		if (n->compare == COMPARE_LIKE)
			return rule_glob(it->text, v->u.text);
		return any_text(it, n->n, v->u.text);
	case RULE_ADDR:
		return any_addr(it, n->n, v);
	case RULE_TIME:
		return any_time(it, n->n, v->u.time.ns);
	case RULE_BOOL:
		return v->u.yes;
	case RULE_TYPE_COUNT:
		break;
	}
	return false;
}

static bool
value_holds(const struct rule *r, const struct node *n,
    const struct rule_value *v)
{
	bool negated = n->compare == COMPARE_NE || n->compare == COMPARE_NOT_IN;

	return any_holds(n, r->item + n->first, v) != negated;
}

/* --------------------------------------------------------------- the rule */

static bool
test_holds(const struct rule *r, const struct node *n, const void *subject)
{
	struct rule_value v = { .u.addr = NULL };

	if (!r->schema->get(subject, n->field, &v))
		return false;
	return n->kind == NODE_HAS || value_holds(r, n, &v);
}

static bool
holds(const struct rule *r, uint32_t i, const void *subject)
{
	const struct node *n = &r->node[i];
	uint32_t c = n->first;

	switch ((enum node_kind)n->kind) {
	case NODE_AND:
		while (c != NODE_NONE && holds(r, c, subject))
			c = r->node[c].next;
		return c == NODE_NONE;
	case NODE_OR:
		while (c != NODE_NONE && !holds(r, c, subject))
			c = r->node[c].next;
		return c != NODE_NONE;
	case NODE_NOT:
		return !holds(r, c, subject);
	case NODE_HAS:
	case NODE_TEST:
		return test_holds(r, n, subject);
	}
	return false;
}

bool
rule_matches(const struct rule *r, const void *subject)
{
	return holds(r, r->root, subject);
}

bool
rule_asks(const struct rule *r, uint32_t field)
{
	for (uint32_t i = 0; i < r->n_node; i++)
		if ((r->node[i].kind == NODE_TEST ||
			r->node[i].kind == NODE_HAS) &&
		    r->node[i].field == field)
			return true;
	return false;
}

/* ------------------------------------------------------- could it be so? */

struct could {
	bool be, not_be;
};

/* What is known of a subject: one field, or some fields of another. */
struct given {
	uint32_t field;
	uint32_t value;
	const void *subject; /* NULL: the one field */
	uint64_t fields; /* of the subject */
};

static bool
is_given(const struct given *g, uint32_t field)
{
	if (g->subject == NULL)
		return field == g->field;
	return field < 64 && (g->fields >> field & 1) != 0;
}

static struct could
test_could(const struct rule *r, const struct node *n, const struct given *g)
{
	struct rule_value v = { .u.addr = NULL };
	bool so;

	if (!is_given(g, n->field))
		return (struct could){ true, true };
	if (g->subject != NULL) {
		so = test_holds(r, n, g->subject);
		return (struct could){ so, !so };
	}
	if (n->kind == NODE_HAS)
		return (struct could){ true, false };
	if (n->type == RULE_NUMBER)
		v.u.number = g->value;
	else if (n->type == RULE_NAME)
		v.u.name = g->value;
	else if (n->type == RULE_BOOL)
		v.u.yes = g->value != 0;
	else
		return (struct could){ true, true };
	so = value_holds(r, n, &v);
	return (struct could){ so, !so };
}

static struct could
could(const struct rule *r, uint32_t i, const struct given *g)
{
	const struct node *n = &r->node[i];
	bool all = n->kind == NODE_AND;
	struct could c, ret = { all, !all };

	if (n->kind == NODE_TEST || n->kind == NODE_HAS)
		return test_could(r, n, g);
	if (n->kind == NODE_NOT) {
		c = could(r, n->first, g);
		return (struct could){ c.not_be, c.be };
	}
	for (uint32_t j = n->first; j != NODE_NONE; j = r->node[j].next) {
		c = could(r, j, g);
		ret.be = all ? ret.be && c.be : ret.be || c.be;
		ret.not_be =
		    all ? ret.not_be || c.not_be : ret.not_be && c.not_be;
	}
	return ret;
}

bool
rule_can_match(const struct rule *r, uint32_t field, uint32_t value)
{
	const struct given g = { .field = field, .value = value };

	return could(r, r->root, &g).be;
}

enum rule_guess
rule_guess(const struct rule *r, uint64_t fields, const void *subject)
{
	const struct given g = { .subject = subject, .fields = fields };
	const struct could c = could(r, r->root, &g);

	if (!c.be)
		return RULE_NEVER;
	return c.not_be ? RULE_PERHAPS : RULE_ALWAYS;
}
