/* fact.c - names and one-line text of facts. */
#include "fact.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	bool counts;
} kinds[] = {
#define FACT_KIND(sym, name, counts, what) [FACT_##sym] = { (name), (counts) },
#include "kinds.def"
#undef FACT_KIND
};

static const char *const space_names[] = {
#define SPACE(sym, name) [SPACE_##sym] = (name),
#include "spaces.def"
#undef SPACE
};

static const char *const risk_names[] = {
#define RISK(sym, name, what) [RISK_##sym] = (name),
#include "risks.def"
#undef RISK
};

static const char *const trait_names[] = {
#define TRAIT(sym, name, what) [TRAIT_##sym] = (name),
#include "traits.def"
#undef TRAIT
};

static const struct {
	const char *name;
	uint8_t purdue;
	bool ot;
} roles[] = {
#define ROLE(sym, name, purdue, ot) [ROLE_##sym] = { (name), (purdue), (ot) },
#include "roles.def"
#undef ROLE
};

static const char *const flag_names[] = { "cut", "unsolicited", "broadcast",
	"negative", "test", "duplicate", "confirm" };

const char *
fact_kind_name(enum fact_kind kind)
{
	return kind < FACT_COUNT ? kinds[kind].name : "?";
}

bool
fact_kind_counts(enum fact_kind kind)
{
	return kind < FACT_COUNT && kinds[kind].counts;
}

const char *
fact_space_name(uint32_t space)
{
	return space < SPACE_COUNT ? space_names[space] : "?";
}

const char *
fact_risk_name(uint32_t risk)
{
	return risk < RISK_COUNT ? risk_names[risk] : "?";
}

const char *
fact_trait_name(uint32_t trait)
{
	return trait < TRAIT_COUNT ? trait_names[trait] : "?";
}

const char *
fact_flag_name(uint32_t bit)
{
	return bit < FACT_FLAGS ? flag_names[bit] : "?";
}

const char *
role_name(uint32_t role)
{
	return role < ROLE_COUNT ? roles[role].name : "?";
}

uint8_t
role_purdue(uint32_t role)
{
	return role < ROLE_COUNT ? roles[role].purdue : 255;
}

bool
role_is_ot(uint32_t role)
{
	return role < ROLE_COUNT && roles[role].ot;
}

enum role
role_find(struct span name)
{
	for (uint32_t i = 0; i < ROLE_COUNT; i++)
		if (span_is(name, span_text(roles[i].name)))
			return (enum role)i;
	return ROLE_UNKNOWN;
}

/*
 * Length of the valid UTF-8 character at the start of s (RFC 3629: no
 * overlong forms, no surrogates), or 0.
 */
static uint32_t
utf8_len(struct span s)
{
	uint32_t c = s.p[0], n, low;

	if (c < 0x80)
		return 1;
	if (c < 0xc2 || c > 0xf4)
		return 0;
	n = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	if (s.n < n)
		return 0;
	for (uint32_t i = 1; i < n; i++)
		if ((s.p[i] & 0xc0) != 0x80)
			return 0;
	low = s.p[1];
	if ((c == 0xe0 && low < 0xa0) || (c == 0xed && low > 0x9f) ||
	    (c == 0xf0 && low < 0x90) || (c == 0xf4 && low > 0x8f))
		return 0;
	return n;
}

/* C0, DEL, C1, and the marks that turn text around on a terminal. */
static bool
is_control(const uint8_t *p, uint32_t n)
{
	if (n == 1)
		return p[0] < 0x20 || p[0] == 0x7f;
	if (n == 2)
		return p[0] == 0xc2 && p[1] < 0xa0;
	return n == 3 && p[0] == 0xe2 &&
	    ((p[1] == 0x80 &&
		 (p[2] >= 0xa8 || (p[2] >= 0x8b && p[2] <= 0x8f))) ||
		(p[1] == 0x81 && p[2] >= 0xa0 && p[2] <= 0xaf));
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Eight characters of ASCII, none of them a control. */
static bool
is_plain(uint64_t x)
{
	return ((x | (x - EACH(0x20)) | ((x ^ EACH(0x7f)) - EACH(1))) &
		   EACH(0x80)) == 0;
}

/* Most text is plain: so much of it is copied, eight by eight. */
static uint32_t
copy_plain(char dst[static FACT_TEXT_MAX], struct span s)
{
	uint32_t n = 0;
	uint64_t x;

	for (; n + 8 <= s.n && n + 8 <= FACT_TEXT_MAX; n += 8) {
		memcpy(&x, s.p + n, 8);
		if (!is_plain(x))
			break;
		memcpy(dst + n, &x, 8);
	}
	return n;
}

void
fact_text(struct fact *f, struct span s)
{
	uint32_t len;

	if (f->kind == FACT_NONE)
		return;
	while (s.n > 0 && (s.p[s.n - 1] == 0 || s.p[s.n - 1] == ' '))
		s.n--;
	len = copy_plain(f->text, s);
	for (uint32_t i = len, n; i < s.n; i += n) {
		bool good;

		n = utf8_len(span_from(s, i));
		good = n > 0 && !is_control(s.p + i, n);
		if (len + (good ? n : 1) > FACT_TEXT_MAX) {
			f->flags |= FACT_CUT;
			break;
		}
		if (good)
			memcpy(f->text + len, s.p + i, n);
		else
			f->text[len] = '.';
		len += good ? n : 1;
		n = n > 0 ? n : 1;
	}
	f->text_len = (uint8_t)len;
}

void
fact_textf(struct fact *f, const char *fmt, ...)
{
	char text[FACT_TEXT_MAX + 16];
	va_list args;
	int n;

	if (f->kind == FACT_NONE)
		return;
	va_start(args, fmt);
	n = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (n > 0)
		fact_text(f, span_text(text));
}

/* Append the UTF-8 form of a code point; 0 when it does not fit. */
static uint32_t
utf8_put(uint8_t *dst, uint32_t cap, uint32_t c)
{
	uint8_t b[4];
	uint32_t n;

	if (c < 0x80) {
		b[0] = (uint8_t)c;
		n = 1;
	} else if (c < 0x800) {
		b[0] = (uint8_t)(0xc0 | c >> 6);
		b[1] = (uint8_t)(0x80 | (c & 0x3f));
		n = 2;
	} else if (c < 0x10000) {
		b[0] = (uint8_t)(0xe0 | c >> 12);
		b[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		b[2] = (uint8_t)(0x80 | (c & 0x3f));
		n = 3;
	} else {
		b[0] = (uint8_t)(0xf0 | c >> 18);
		b[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
		b[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		b[3] = (uint8_t)(0x80 | (c & 0x3f));
		n = 4;
	}
	if (n > cap)
		return 0;
	memcpy(dst, b, n);
	return n;
}

void
fact_text16(struct fact *f, struct span s)
{
	uint8_t text[FACT_TEXT_MAX * 2];
	uint32_t len = 0;

	if (f->kind == FACT_NONE)
		return;
	for (uint32_t i = 0; i + 1 < s.n; i += 2) {
		uint32_t c = (uint32_t)s.p[i] | (uint32_t)s.p[i + 1] << 8, n;

		if (c >= 0xd800 && c < 0xdc00 && i + 3 < s.n &&
		    (s.p[i + 3] & 0xfc) == 0xdc) {
			c = 0x10000 +
			    ((c & 0x3ff) << 10 |
				(uint32_t)(s.p[i + 3] & 3) << 8 | s.p[i + 2]);
			i += 2;
		} else if (c >= 0xd800 && c < 0xe000) {
			c = '.';
		}
		n = utf8_put(text + len, (uint32_t)sizeof(text) - len, c);
		if (n == 0)
			break;
		len += n;
	}
	fact_text(f, SPAN(text, len));
}

/* ------------------------------------------------------------- one line */

struct line {
	char *dst;
	size_t cap, n;
};

static void __attribute__((format(printf, 2, 3)))
put(struct line *l, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(l->n < l->cap ? l->dst + l->n : NULL,
	    l->n < l->cap ? l->cap - l->n : 0, fmt, args);
	va_end(args);
	if (n > 0)
		l->n += (size_t)n;
}

static void
put_object(struct line *l, const struct fact_object *o)
{
	if (o->space == SPACE_NONE)
		return;
	put(l, " %s", fact_space_name(o->space));
	if (o->area != 0)
		put(l, " %u/", o->area);
	else
		put(l, " ");
	put(l, "%u+%u", o->first, o->count);
	if (o->sub != 0)
		put(l, ".%u", o->sub);
}

static void
put_number(struct line *l, const struct fact *f)
{
	switch ((enum num_type)f->num_type) {
	case NUM_INT:
		put(l, " = %lld", (long long)f->num.i);
		break;
	case NUM_UINT:
		put(l, " = %llu", (unsigned long long)f->num.u);
		break;
	case NUM_REAL:
		put(l, " = %.9g", f->num.r);
		break;
	case NUM_BOOL:
		put(l, " = %s", f->num.u != 0 ? "true" : "false");
		break;
	case NUM_NONE:
	case NUM_COUNT:
		break;
	}
}

static void
put_about(struct line *l, const struct fact *f)
{
	char ip[ADDR_TEXT_MAX], mac[MAC_TEXT_MAX];

	if (f->about == ABOUT_RECEIVER)
		put(l, " of-receiver");
	if (f->addr.has_mac)
		put(l, " of %s", mac_text(&f->addr.mac, mac));
	if (f->addr.ip.len > 0)
		put(l, " of %s", ip_text(&f->addr.ip, ip));
}

int
fact_line(const struct fact *f, const char *proto, char *dst, size_t cap)
{
	struct line l = { .dst = dst, .cap = cap };

	put(&l, "%s %s", proto, fact_kind_name((enum fact_kind)f->kind));
	put(&l, " op=%u", FACT_OP_CODE(f->op));
	if (FACT_OP_VARIANT(f->op) != 0)
		put(&l, "/%u", FACT_OP_VARIANT(f->op));
	if (f->has_unit)
		put(&l, " unit=%u", f->unit);
	if (f->has_pair)
		put(&l, " pair=%u", f->pair);
	put(&l, " %s", f->response ? "rsp" : "req");
	if (f->risk != RISK_NONE)
		put(&l, " risk=%s", fact_risk_name(f->risk));
	for (uint32_t i = 0; i < FACT_FLAGS; i++)
		if ((f->flags >> i & 1) != 0)
			put(&l, " %s", flag_names[i]);
	put_object(&l, &f->object);
	if (f->kind == FACT_IDENT) {
		put_about(&l, f);
		put(&l, " %s", fact_trait_name(f->trait));
	}
	if (f->kind == FACT_ERROR || f->kind == FACT_MALFORMED ||
	    f->kind == FACT_TRUNCATED)
		put(&l, " code=%u", f->code);
	put_number(&l, f);
	if (f->text_len > 0)
		put(&l, " \"%.*s\"", (int)f->text_len, f->text);
	return (int)l.n;
}
