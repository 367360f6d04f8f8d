/* value.c - literals: numbers, names, texts, addresses and times. */
#include <math.h>
#include <stdlib.h>

#include "../base/nearest.h"
#include "private.h"

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static uint32_t
skip_digits(struct span s, uint32_t at)
{
	while (at < s.n && is_digit(s.p[at]))
		at++;
	return at;
}

/* Digits, a fraction, an exponent: what strtod() takes, and no more. */
static bool
is_decimal(struct span s)
{
	uint32_t end = skip_digits(s, 0);

	if (end == 0)
		return false;
	if (end + 1 < s.n && s.p[end] == '.' && is_digit(s.p[end + 1]))
		end = skip_digits(s, end + 1);
	if (end + 1 < s.n && (s.p[end] | 0x20) == 'e') {
		uint32_t e = end + 1;

		if (e + 1 < s.n && (s.p[e] == '-' || s.p[e] == '+'))
			e++;
		end = skip_digits(s, e);
	}
	return end == s.n && is_digit(s.p[s.n - 1]);
}

static bool
is_hex(struct span s)
{
	if (s.n < 3 || s.n > 18 || s.p[0] != '0' || (s.p[1] | 0x20) != 'x')
		return false;
	for (uint32_t i = 2; i < s.n; i++) {
		uint8_t lower = s.p[i] | 0x20;

		if (!is_digit(s.p[i]) && (lower < 'a' || lower > 'f'))
			return false;
	}
	return true;
}

static bool
read_number(struct span s, double *ret)
{
	bool minus = s.n > 0 && s.p[0] == '-';
	struct span rest = span_from(s, minus);
	char text[64];

	if (rest.n >= sizeof(text) || (!is_hex(rest) && !is_decimal(rest)))
		return false;
	memcpy(text, rest.p, rest.n);
	text[rest.n] = '\0';
	if (is_hex(rest)) {
		uint64_t v = strtoull(text, NULL, 16);

		*ret = (double)v;
	} else {
		*ret = strtod(text, NULL);
	}
	if (minus)
		*ret = -*ret;
	return *ret >= -1.7976931348623157e308 &&
	    *ret <= 1.7976931348623157e308;
}

static double
number(struct parser *p, const struct rule_field *f)
{
	struct token t = rule_take(p);
	char shown[SHOWN_MAX];
	double v = 0;

	if (t.kind != TOKEN_WORD || !read_number(t.text, &v))
		rule_fail(p, t.at, "%s needs a number, not %s", f->name,
		    rule_shown(&t, shown));
	return v;
}

static bool
same_word(struct span s, const char *word)
{
	size_t n = strlen(word);

	if (s.n != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		uint8_t a = s.p[i], b = (uint8_t)word[i];

		if (a >= 'A' && a <= 'Z')
			a |= 0x20;
		if (b >= 'A' && b <= 'Z')
			b |= 0x20;
		if (a != b)
			return false;
	}
	return true;
}

static void
no_name(struct parser *p, const struct rule_field *f, const struct token *t)
{
	char word[SHOWN_MAX];
	const char *near = nearest(rule_word(t, word), f->word);

	if (near != NULL)
		rule_fail(p, t->at, "no %s '%s'; did you mean %s?", f->name,
		    word, near);
	else
		rule_fail(p, t->at, "no %s '%s'", f->name, word);
}

static double
name(struct parser *p, const struct rule_field *f)
{
	struct token t = rule_take(p);
	char shown[SHOWN_MAX];
	const char *word;

	if (t.kind != TOKEN_WORD && t.kind != TOKEN_TEXT) {
		rule_fail(p, t.at, "%s needs a name, not %s", f->name,
		    rule_shown(&t, shown));
		return 0;
	}
	for (uint32_t i = 0; (word = f->word(i)) != NULL; i++)
		if (same_word(t.text, word))
			return i;
	no_name(p, f, &t);
	return 0;
}

/* Taken out of its quotes, kept in the rule. */
static struct span
text(struct parser *p, const struct rule_field *f)
{
	struct token t = rule_take(p);
	struct rule *r = p->rule;
	uint8_t *start = r->text + r->n_text;
	char shown[SHOWN_MAX];

	if (t.kind != TOKEN_TEXT) {
		rule_fail(p, t.at, "%s needs a text in double quotes, not %s",
		    f->name, rule_shown(&t, shown));
		return SPAN(NULL, 0);
	}
	for (uint32_t i = 0; i < t.text.n; i++) {
		if (t.text.p[i] == '\\')
			i++;
		r->text[r->n_text++] = t.text.p[i];
	}
	return SPAN(start, (uint32_t)(r->text + r->n_text - start));
}

static struct net
net(struct parser *p, const struct rule_field *f)
{
	struct token t = rule_take(p);
	struct net n = { .len = 0 };
	char shown[SHOWN_MAX];

	if (t.kind != TOKEN_WORD || !rule_net(t.text, &n))
		rule_fail(p, t.at,
		    "%s needs an address, a network like 10.1.0.0/16 or a MAC "
		    "address, not %s",
		    f->name, rule_shown(&t, shown));
	return n;
}

static void
moment(struct parser *p, const struct rule_field *f, int64_t *ret_from,
    int64_t *ret_to)
{
	struct token t = rule_take(p);
	const char *why = "a time is a word, without quotes";

	*ret_from = *ret_to = 0;
	if (t.kind != TOKEN_WORD || !rule_time(t.text, ret_from, ret_to, &why))
		rule_fail(p, t.at, "%s: %s", f->name, why);
}

/* Whether ".." comes next; takes it. */
static bool
goes_on(struct parser *p, bool ranges)
{
	if (!ranges || p->failed || p->now.kind != TOKEN_TO)
		return false;
	(void)rule_take(p);
	return true;
}

static void
empty_range(struct parser *p, uint32_t at)
{
	rule_fail(p, at, "the range ends before it begins");
}

static void
numbers(struct parser *p, const struct rule_field *f, bool ranges,
    struct item *ret)
{
	double (*one)(struct parser *, const struct rule_field *) =
	    f->type == RULE_NAME ? name : number;
	uint32_t at = p->now.at;

	ret->said = ret->said_high = one(p, f);
	if (!goes_on(p, ranges))
		return;
	if (f->type == RULE_NAME && !f->ordered)
		rule_fail(p, at, "%s has no order: list the names", f->name);
	ret->said_high = one(p, f);
	if (!f->round && ret->said_high < ret->said)
		empty_range(p, at);
}

static void
nets(struct parser *p, const struct rule_field *f, bool ranges,
    struct item *ret)
{
	uint32_t at = p->now.at;
	struct net last;

	ret->net = net(p, f);
	if (!goes_on(p, ranges))
		return;
	last = net(p, f);
	if (last.len != ret->net.len)
		rule_fail(p, at, "the range joins addresses of two kinds");
	else if (memcmp(ret->net.low, last.high, last.len) > 0)
		empty_range(p, at);
	memcpy(ret->net.high, last.high, sizeof(last.high));
	ret->net.bits = NET_RANGE;
}

static void
moments(struct parser *p, const struct rule_field *f, bool ranges,
    struct item *ret)
{
	uint32_t at = p->now.at;
	int64_t unused;

	moment(p, f, &ret->said_from, &ret->said_to);
	if (!goes_on(p, ranges))
		return;
	moment(p, f, &unused, &ret->said_to);
	if (ret->said_to < ret->said_from)
		empty_range(p, at);
}

/* -------------------------------------------------------------- intervals */

static void
close_numbers(enum compare c, struct item *it)
{
	it->low = it->said;
	it->high = it->said_high;
	if (c == COMPARE_LT || c == COMPARE_LE)
		it->low = -HUGE_VAL;
	if (c == COMPARE_GT || c == COMPARE_GE)
		it->high = HUGE_VAL;
	if (c == COMPARE_LT)
		it->high = nextafter(it->said, -HUGE_VAL);
	if (c == COMPARE_GT)
		it->low = nextafter(it->said, HUGE_VAL);
}

static void
close_times(enum compare c, struct item *it)
{
	it->from = it->said_from;
	it->to = it->said_to;
	if (c == COMPARE_LT || c == COMPARE_LE)
		it->from = INT64_MIN;
	if (c == COMPARE_GT || c == COMPARE_GE)
		it->to = INT64_MAX;
	if (c == COMPARE_LT)
		it->to = it->said_from - 1;
	if (c == COMPARE_GT)
		it->from = it->said_to + 1;
}

void
rule_value(struct parser *p, const struct rule_field *f, enum compare c,
    struct item *ret)
{
	bool ranges = c == COMPARE_IN || c == COMPARE_NOT_IN;

	switch (f->type) {
	case RULE_NUMBER:
	case RULE_NAME:
		numbers(p, f, ranges, ret);
		close_numbers(c, ret);
		break;
	case RULE_TEXT:
		ret->text = text(p, f);
		break;
	case RULE_ADDR:
		nets(p, f, ranges, ret);
		break;
	case RULE_TIME:
		moments(p, f, ranges, ret);
		close_times(c, ret);
		break;
	case RULE_BOOL: /* stands alone, has no literals */
	case RULE_TYPE_COUNT:
		break;
	}
}
