/* text.c - a rule as text again, and the fields as a page. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../base/out.h"
#include "private.h"

struct line {
	char *dst;
	size_t cap, n;
};

static void put(struct line *l, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
put(struct line *l, const char *fmt, ...)
{
	va_list args;
	int n;

	if (l->n + 1 >= l->cap)
		return;
	va_start(args, fmt);
	n = vsnprintf(l->dst + l->n, l->cap - l->n, fmt, args);
	va_end(args);
	if (n > 0)
		l->n += (size_t)n;
	if (l->n >= l->cap)
		l->n = l->cap - 1;
}

/* The fewest digits that read back as the same number. */
static void
put_number(struct line *l, double v)
{
	char text[32];

	for (int digits = 15; digits <= 17; digits++) {
		double back;

		(void)snprintf(text, sizeof(text), "%.*g", digits, v);
		back = strtod(text, NULL);
		if (back >= v && back <= v)
			break;
	}
	put(l, "%s", text);
}

/* Names that are no word go in quotes. */
static void
put_name(struct line *l, const struct rule_field *f, double place)
{
	const char *word = f->word((uint32_t)place);
	struct token t = rule_lex(span_text(word), 0);

	if (t.kind == TOKEN_WORD && t.text.n == strlen(word))
		put(l, "%s", word);
	else
		put(l, "\"%s\"", word);
}

static void
put_quoted(struct line *l, struct span s)
{
	put(l, "\"");
	for (uint32_t i = 0; i < s.n; i++)
		put(l, s.p[i] == '"' || s.p[i] == '\\' ? "\\%c" : "%c", s.p[i]);
	put(l, "\"");
}

static void
put_addr(struct line *l, const uint8_t *b, uint32_t len, uint32_t bits)
{
	struct ip ip = { .len = (uint8_t)len };
	char text[ADDR_TEXT_MAX];

	if (len == 6) {
		for (uint32_t i = 0; i < bits / 8; i++)
			put(l, i > 0 ? ":%02x" : "%02x", b[i]);
		return;
	}
	memcpy(ip.b, b, len);
	put(l, "%s", ip_text(&ip, text));
	if (bits < 8 * len)
		put(l, "/%u", bits);
}

static void
put_net(struct line *l, const struct net *n)
{
	uint32_t full = 8u * n->len;

	put_addr(l, n->low, n->len, n->bits != NET_RANGE ? n->bits : full);
	if (n->bits == NET_RANGE) {
		put(l, "..");
		put_addr(l, n->high, n->len, full);
	}
}

static void
put_moment(struct line *l, int64_t ns)
{
	char text[TIME_TEXT_MAX];

	put(l, "%s", time_text((struct tick){ ns }, text));
}

/* A whole day as a day; else from and, where it differs, to. */
static void
put_time(struct line *l, const struct item *it)
{
	int64_t day = 86400 * TICK_SECOND;
	char from[TIME_TEXT_MAX], to[TIME_TEXT_MAX];

	if (it->said_from % day != 0 || it->said_to % day != day - 1) {
		put_moment(l, it->said_from);
		if (it->said_to > it->said_from) {
			put(l, "..");
			put_moment(l, it->said_to);
		}
		return;
	}
	put(l, "%.10s", time_text((struct tick){ it->said_from }, from));
	if (it->said_to - it->said_from >= day)
		put(l, "..%.10s", time_text((struct tick){ it->said_to }, to));
}

static void
put_item(struct line *l, const struct rule_field *f, const struct item *it)
{
	bool wide = it->said < it->said_high || it->said > it->said_high;

	switch (f->type) {
	case RULE_NUMBER:
		put_number(l, it->said);
		if (wide)
			put(l, "..");
		if (wide)
			put_number(l, it->said_high);
		break;
	case RULE_NAME:
		put_name(l, f, it->said);
		if (wide)
			put(l, "..");
		if (wide)
			put_name(l, f, it->said_high);
		break;
	case RULE_TEXT:
		put_quoted(l, it->text);
		break;
	case RULE_ADDR:
		put_net(l, &it->net);
		break;
	case RULE_TIME:
		put_time(l, it);
		break;
	case RULE_BOOL:
	case RULE_TYPE_COUNT:
		break;
	}
}

static void
put_test(struct line *l, const struct rule *r, const struct node *n)
{
	static const char *const signs[COMPARE_COUNT] = { "", "=", "!=", "<",
		">", "<=", ">=", "in", "not in", "~" };
	const struct rule_field *f = &r->schema->field[n->field];

	put(l, "%s", f->name);
	if (n->compare == COMPARE_IS)
		return;
	put(l, " %s ", signs[n->compare]);
	if (n->n > 1)
		put(l, "(");
	for (uint32_t i = 0; i < n->n; i++) {
		if (i > 0)
			put(l, ", ");
		put_item(l, f, &r->item[n->first + i]);
	}
	if (n->n > 1)
		put(l, ")");
}

static void put_node(struct line *, const struct rule *, uint32_t i,
    enum node_kind above);

static void
put_chain(struct line *l, const struct rule *r, const struct node *n)
{
	const char *word = n->kind == NODE_AND ? " and " : " or ";

	for (uint32_t i = n->first; i != NODE_NONE; i = r->node[i].next) {
		if (i != n->first)
			put(l, "%s", word);
		put_node(l, r, i, (enum node_kind)n->kind);
	}
}

/* Parentheses only where they are needed: or within and, both within not. */
static void
put_node(struct line *l, const struct rule *r, uint32_t i, enum node_kind above)
{
	const struct node *n = &r->node[i];
	bool grouped = (n->kind == NODE_OR && above != NODE_OR) ||
	    (n->kind == NODE_AND && above == NODE_NOT);

	if (n->kind == NODE_TEST) {
		put_test(l, r, n);
	} else if (n->kind == NODE_HAS) {
		put(l, "has %s", r->schema->field[n->field].name);
	} else if (n->kind == NODE_NOT) {
		put(l, "not ");
		put_node(l, r, n->first, NODE_NOT);
	} else {
		put(l, "%s", grouped ? "(" : "");
		put_chain(l, r, n);
		put(l, "%s", grouped ? ")" : "");
	}
}

size_t
rule_text(const struct rule *r, char *dst, size_t cap)
{
	struct line l = { .dst = dst, .cap = cap };

	if (cap == 0)
		return 0;
	dst[0] = '\0';
	put_node(&l, r, r->root, NODE_OR);
	return l.n;
}

/* --------------------------------------------------------- documentation */

#define WORDS_SHOWN 40u /* of a longer list the first few */
#define WORDS_FEW 6u

static void
put_words(struct out *o, const struct rule_field *f)
{
	uint32_t n = 0, shown;

	while (f->word(n) != NULL)
		n++;
	shown = n <= WORDS_SHOWN ? n : WORDS_FEW;
	out_text(o, f->ordered ? "; in this order: " : ": ");
	for (uint32_t i = 0; i < shown; i++)
		outf(o, i > 0 ? ", `%s`" : "`%s`", f->word(i));
	out_text(o, shown < n ? " ..." : "");
}

void
rule_fields(const struct rule_schema *s, struct out *o)
{
	static const char *const names[RULE_TYPE_COUNT] = { "yes or no",
		"number", "name", "text", "address", "time" };

	out_text(o, "| field | type | meaning |\n|---|---|---|\n");
	for (uint32_t i = 0; i < s->n; i++) {
		const struct rule_field *f = &s->field[i];

		outf(o, "| `%s` | %s | %s", f->name, names[f->type], f->help);
		if (f->type == RULE_NAME)
			put_words(o, f);
		out_text(o, " |\n");
	}
}
