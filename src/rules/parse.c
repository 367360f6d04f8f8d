/*
 * parse.c - from text to nodes.
 *
 *	or	= and { "or" and }
 *	and	= not { "and" not }
 *	not	= "not" not | "(" or ")" | "has" field | test
 *	test	= field [ sign value | ["not"] "in" (value | "(" list ")") ]
 *
 * Every token makes at most two nodes and one item: that is what is
 * reserved, before.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../base/nearest.h"
#include "private.h"

static const char *const words[] = { "and", "or", "not", "in", "has" };

void
rule_fail(struct parser *p, uint32_t at, const char *fmt, ...)
{
	va_list args;

	if (p->failed)
		return;
	p->failed = true;
	p->error->at = at;
	va_start(args, fmt);
	(void)vsnprintf(p->error->text, sizeof(p->error->text), fmt, args);
	va_end(args);
}

const char *
rule_word(const struct token *t, char dst[static SHOWN_MAX])
{
	uint32_t n = t->text.n < SHOWN_MAX ? t->text.n : SHOWN_MAX - 1;

	for (uint32_t i = 0; i < n; i++) {
		uint8_t c = t->text.p[i];

		dst[i] = c >= 0x20 && c < 0x7f ? (char)c : '?';
	}
	dst[n] = '\0';
	return dst;
}

const char *
rule_shown(const struct token *t, char dst[static SHOWN_MAX])
{
	char word[SHOWN_MAX];

	if (t->kind == TOKEN_END)
		return "the end";
	(void)snprintf(dst, SHOWN_MAX, "'%.45s'", rule_word(t, word));
	return dst;
}

struct token
rule_take(struct parser *p)
{
	struct token t = p->now;

	if (p->failed)
		return (struct token){ .kind = TOKEN_END, .at = t.at };
	p->now = rule_lex(p->text, token_end(&t));
	if (p->now.kind == TOKEN_BAD)
		rule_fail(p, p->now.at, "%s", p->now.why);
	return t;
}

static bool
is_keyword(struct token t, const char *word)
{
	size_t n = strlen(word);

	if (t.kind != TOKEN_WORD || t.text.n != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((t.text.p[i] | 0x20) != word[i])
			return false;
	return true;
}

static bool
accept(struct parser *p, const char *word)
{
	if (p->failed || !is_keyword(p->now, word))
		return false;
	(void)rule_take(p);
	return true;
}

static bool
accept_sign(struct parser *p, enum token_kind kind)
{
	if (p->failed || p->now.kind != kind)
		return false;
	(void)rule_take(p);
	return true;
}

static uint32_t
new_node(struct parser *p, struct node n)
{
	struct rule *r = p->rule;

	n.next = NODE_NONE;
	r->node[r->n_node] = n;
	return r->n_node++;
}

/* --------------------------------------------------------------- one test */

struct fields {
	const struct rule_schema *schema;
};

static const char *
field_name(const void *list, uint32_t i)
{
	const struct rule_schema *s = ((const struct fields *)list)->schema;

	return i < s->n ? s->field[i].name : NULL;
}

static void
no_field(struct parser *p, struct token t)
{
	struct fields list = { p->schema };
	char shown[SHOWN_MAX];
	const char *near;

	(void)rule_word(&t, shown);
	near = nearest_of(shown, field_name, &list);
	if (near != NULL)
		rule_fail(p, t.at, "no field '%s'; did you mean %s?", shown,
		    near);
	else
		rule_fail(p, t.at, "no field '%s' in %s", shown,
		    p->schema->what);
}

/* A field's place; 0 after a failure. */
static uint16_t
read_field(struct parser *p)
{
	struct token t = rule_take(p);
	char shown[SHOWN_MAX];

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (is_keyword(t, words[i]))
			t.kind = TOKEN_BAD;
	if (t.kind != TOKEN_WORD) {
		rule_fail(p, t.at, "a condition should stand here, not %s",
		    rule_shown(&t, shown));
		return 0;
	}
	for (uint32_t i = 0; i < p->schema->n; i++)
		if (span_is(t.text, span_text(p->schema->field[i].name)))
			return (uint16_t)i;
	no_field(p, t);
	return 0;
}

static enum compare
read_compare(struct parser *p)
{
	static const struct {
		enum token_kind sign;
		enum compare compare;
	} signs[] = {
		{ TOKEN_EQ, COMPARE_EQ },
		{ TOKEN_NE, COMPARE_NE },
		{ TOKEN_LT, COMPARE_LT },
		{ TOKEN_GT, COMPARE_GT },
		{ TOKEN_LE, COMPARE_LE },
		{ TOKEN_GE, COMPARE_GE },
		{ TOKEN_LIKE, COMPARE_LIKE },
	};

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (accept_sign(p, signs[i].sign))
			return signs[i].compare;
	if (accept(p, "in"))
		return COMPARE_IN;
	if (!accept(p, "not"))
		return COMPARE_IS;
	if (!accept(p, "in"))
		rule_fail(p, p->now.at, "after a field, 'not' goes with 'in'");
	return COMPARE_NOT_IN;
}

#define EQUAL (1u << COMPARE_EQ | 1u << COMPARE_NE)
#define ORDER                                                     \
	(1u << COMPARE_LT | 1u << COMPARE_GT | 1u << COMPARE_LE | \
	    1u << COMPARE_GE)
#define LIST (1u << COMPARE_IN | 1u << COMPARE_NOT_IN)

static const struct {
	uint32_t compares;
	const char *help;
} types[RULE_TYPE_COUNT] = {
	[RULE_BOOL] = { 1u << COMPARE_IS, "is yes or no and stands alone" },
	[RULE_NUMBER] = { EQUAL | ORDER | LIST,
	    "is a number: = != < > <= >= in" },
	[RULE_NAME] = { EQUAL | LIST, "is a name: = != in" },
	[RULE_TEXT] = { EQUAL | LIST | 1u << COMPARE_LIKE,
	    "is a text: = != in ~" },
	[RULE_ADDR] = { EQUAL | LIST, "is an address: = != in" },
	[RULE_TIME] = { EQUAL | ORDER | LIST, "is a time: = != < > <= >= in" },
};

static void
check_compare(struct parser *p, const struct rule_field *f, enum compare c,
    uint32_t at)
{
	uint32_t may = types[f->type].compares;

	if (f->type == RULE_NAME && f->ordered)
		may |= ORDER;
	if ((may >> c & 1) == 0)
		rule_fail(p, at, "%s %s", f->name, types[f->type].help);
}

static void
add_item(struct parser *p, const struct rule_field *f, struct node *n)
{
	struct item item = { .low = 0 };

	rule_value(p, f, (enum compare)n->compare, &item);
	if (p->failed)
		return;
	p->rule->item[p->rule->n_item++] = item;
	n->n++;
}

static void
read_list(struct parser *p, const struct rule_field *f, struct node *n)
{
	if (!accept_sign(p, TOKEN_OPEN)) {
		add_item(p, f, n);
		return;
	}
	do
		add_item(p, f, n);
	while (accept_sign(p, TOKEN_COMMA));
	if (!accept_sign(p, TOKEN_CLOSE))
		rule_fail(p, p->now.at, "the list needs a comma or a )");
}

static uint32_t
parse_test(struct parser *p)
{
	struct node n = { .kind = NODE_TEST, .first = p->rule->n_item };
	const struct rule_field *f;
	enum compare compare;
	uint32_t at;

	n.field = read_field(p);
	f = &p->schema->field[n.field];
	at = p->now.at;
	compare = read_compare(p);
	check_compare(p, f, compare, at);
	n.type = (uint8_t)f->type;
	n.compare = (uint8_t)compare;
	if (compare == COMPARE_IN || compare == COMPARE_NOT_IN)
		read_list(p, f, &n);
	else if (compare != COMPARE_IS)
		add_item(p, f, &n);
	return new_node(p, n);
}

/* ------------------------------------------------------------ what joins */

static uint32_t parse_or(struct parser *);

static uint32_t
parse_has(struct parser *p)
{
	struct node n = { .kind = NODE_HAS, .field = read_field(p) };

	return new_node(p, n);
}

static uint32_t
parse_group(struct parser *p, uint32_t at)
{
	uint32_t inner = parse_or(p);

	if (!accept_sign(p, TOKEN_CLOSE))
		rule_fail(p, p->now.at, "the ( of byte %u is not closed", at);
	return inner;
}

static uint32_t parse_not(struct parser *);

static uint32_t
parse_deeper(struct parser *p, uint32_t at, bool group)
{
	struct node n = { .kind = NODE_NOT };

	if (p->depth >= RULE_DEPTH) {
		rule_fail(p, at, "nested more than %u deep", RULE_DEPTH);
		return 0;
	}
	p->depth++;
	n.first = group ? parse_group(p, at) : parse_not(p);
	p->depth--;
	return group ? n.first : new_node(p, n);
}

static uint32_t
parse_not(struct parser *p)
{
	uint32_t at = p->now.at;

	if (p->failed)
		return 0;
	if (accept(p, "not"))
		return parse_deeper(p, at, false);
	if (accept_sign(p, TOKEN_OPEN))
		return parse_deeper(p, at, true);
	if (accept(p, "has"))
		return parse_has(p);
	return parse_test(p);
}

/* Children of one parent, joined by `word`; an only child stands alone. */
static uint32_t
chain(struct parser *p, enum node_kind kind, const char *word,
    uint32_t (*child)(struct parser *))
{
	uint32_t first = child(p), last = first, next;

	if (p->failed || !is_keyword(p->now, word))
		return first;
	while (accept(p, word)) {
		next = child(p);
		if (p->failed)
			return 0;
		p->rule->node[last].next = next;
		last = next;
	}
	return new_node(p,
	    (struct node){ .kind = (uint8_t)kind, .first = first });
}

static uint32_t
parse_and(struct parser *p)
{
	return chain(p, NODE_AND, "and", parse_not);
}

static uint32_t
parse_or(struct parser *p)
{
	return chain(p, NODE_OR, "or", parse_and);
}

/* -------------------------------------------------------------- the whole */

static uint32_t
count_tokens(struct span s)
{
	struct token t = rule_lex(s, 0);
	uint32_t n = 0;

	while (t.kind != TOKEN_END && t.kind != TOKEN_BAD) {
		n++;
		t = rule_lex(s, token_end(&t));
	}
	return n;
}

static struct rule *
reserve_rule(const struct rule_schema *schema, struct span s)
{
	uint32_t tokens = count_tokens(s) + 1;
	struct rule *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->schema = schema;
	r->node = calloc(2 * (size_t)tokens, sizeof(*r->node));
	r->item = calloc(tokens, sizeof(*r->item));
	r->text = calloc(1, (size_t)s.n + 1);
	if (r->node != NULL && r->item != NULL && r->text != NULL)
		return r;
	rule_free(r);
	return NULL;
}

static void
read_all(struct parser *p)
{
	char shown[SHOWN_MAX];

	p->now = rule_lex(p->text, 0);
	if (p->now.kind == TOKEN_END)
		rule_fail(p, 0, "the condition is empty");
	if (p->now.kind == TOKEN_BAD)
		rule_fail(p, p->now.at, "%s", p->now.why);
	p->rule->root = parse_or(p);
	if (!p->failed && p->now.kind != TOKEN_END)
		rule_fail(p, p->now.at, "'and' or 'or' should come before %s",
		    rule_shown(&p->now, shown));
}

struct rule *
rule_compile(const struct rule_schema *schema, struct span text,
    struct rule_error *ret_error)
{
	struct parser p = { .schema = schema,
		.text = text,
		.error = ret_error };

	*ret_error = (struct rule_error){ .at = 0 };
	if (text.n > RULE_TEXT_MAX) {
		rule_fail(&p, RULE_TEXT_MAX, "a condition has at most %u bytes",
		    RULE_TEXT_MAX);
		return NULL;
	}
	p.rule = reserve_rule(schema, text);
	if (p.rule == NULL) {
		rule_fail(&p, 0, "out of memory");
		return NULL;
	}
	read_all(&p);
	if (!p.failed)
		return p.rule;
	rule_free(p.rule);
	return NULL;
}

void
rule_free(struct rule *r)
{
	if (r == NULL)
		return;
	free(r->node);
	free(r->item);
	free(r->text);
	free(r);
}
