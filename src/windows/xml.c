/* xml.c - see xml.h. */
#include "xml.h"

#include "../base/hex.h"

static enum xml_piece
bad(struct xml *x, const char *why)
{
	rd_bad(&x->r, why);
	return XML_BAD;
}

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Also '_', ':', and everything beyond ASCII: more than XML allows, nothing
 * that markup is made of. */
static bool
is_name(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == ':' || c == '-' ||
	    c == '.' || c >= 0x80;
}

static struct span
rest(const struct xml *x)
{
	return rd_ahead(&x->r, rd_have(&x->r));
}

static bool
is_next(const struct xml *x, struct span what)
{
	return span_is(rd_ahead(&x->r, what.n), what);
}

/* Up to and with `what`; what stood before it.  False: it never comes. */
static bool
up_to(struct xml *x, struct span what, struct span *ret)
{
	struct span all = rest(x);

	for (uint32_t i = 0; i + what.n <= all.n; i++)
		if (memcmp(all.p + i, what.p, what.n) == 0) {
			*ret = rd_span(&x->r, i);
			rd_skip(&x->r, what.n);
			return true;
		}
	rd_bad(&x->r, "ends within markup");
	return false;
}

static struct span
without_prefix(struct span s)
{
	uint32_t colon = span_find(s, ':');

	return colon < s.n ? span_from(s, colon + 1) : s;
}

void
xml_begin(struct xml *x, struct span s)
{
	*x = (struct xml){ .depth = 0 };
	x->r = rd_open(&x->state, s, s.n);
	if (is_next(x, SPAN_LIT("\xef\xbb\xbf")))
		rd_skip(&x->r, 3);
}

/* ------------------------------------------------------------------ elements
 */

static enum xml_piece
close_one(struct xml *x)
{
	x->closes = false;
	x->name = without_prefix(x->open[--x->depth]);
	return XML_CLOSE;
}

static enum xml_piece
closing(struct xml *x, struct span inside)
{
	uint32_t n = inside.n;

	while (n > 0 && is_blank(inside.p[n - 1]))
		n--;
	if (x->depth == 0 ||
	    !span_is(x->open[x->depth - 1], span_first(inside, n)))
		return bad(x, "closes what is not open");
	return close_one(x);
}

/* A '>' in an attribute's value does not end the element. */
static bool
is_whole_tag(struct span s)
{
	uint8_t quote = 0;

	for (uint32_t i = 0; i < s.n; i++)
		if (quote != 0)
			quote = s.p[i] == quote ? 0 : quote;
		else if (s.p[i] == '"' || s.p[i] == '\'')
			quote = s.p[i];
	return quote == 0;
}

static enum xml_piece
opening(struct xml *x, struct span inside)
{
	uint32_t n = 0;

	x->closes = inside.n > 0 && inside.p[inside.n - 1] == '/';
	if (x->closes)
		inside.n--;
	while (n < inside.n && is_name(inside.p[n]))
		n++;
	if (n == 0 || (n < inside.n && !is_blank(inside.p[n])))
		return bad(x, "no name of an element");
	if (x->depth == XML_DEPTH)
		return bad(x, "too many elements within each other");
	x->open[x->depth++] = span_first(inside, n);
	x->name = without_prefix(span_first(inside, n));
	x->attributes = span_from(inside, n);
	return XML_OPEN;
}

static enum xml_piece
tag(struct xml *x)
{
	struct span all = rest(x), inside;
	uint32_t n = 1;

	do {
		while (n < all.n && all.p[n] != '>')
			n++;
		if (n >= all.n)
			return bad(x, "ends within markup");
		inside = SPAN(all.p + 1, n++ - 1);
	} while (!is_whole_tag(inside));
	rd_skip(&x->r, n);
	if (inside.n > 0 && inside.p[0] == '/')
		return closing(x, span_from(inside, 1));
	return opening(x, inside);
}

/* Comments and instructions say nothing; false: it was neither. */
static bool
pass_over(struct xml *x)
{
	struct span said;

	if (is_next(x, SPAN_LIT("<?")))
		return up_to(x, SPAN_LIT("?>"), &said);
	return is_next(x, SPAN_LIT("<!--")) && up_to(x, SPAN_LIT("-->"), &said);
}

static enum xml_piece
special(struct xml *x)
{
	if (!is_next(x, SPAN_LIT("<![CDATA[")) || x->depth == 0)
		return bad(x, "a document type");
	rd_skip(&x->r, 9);
	x->whole = true;
	return up_to(x, SPAN_LIT("]]>"), &x->text) ? XML_TEXT : XML_BAD;
}

enum xml_piece
xml_next(struct xml *x)
{
	struct span all;

	if (!rd_ok(&x->r))
		return XML_BAD;
	if (x->closes)
		return close_one(x);
	while (pass_over(x))
		;
	if (!rd_more(&x->r)) {
		if (!rd_ok(&x->r) || x->depth == 0)
			return rd_ok(&x->r) ? XML_END : XML_BAD;
		return bad(x, "ends within an element");
	}
	if (is_next(x, SPAN_LIT("<!")))
		return special(x);
	if (is_next(x, SPAN_LIT("<")))
		return tag(x);
	all = rest(x);
	x->whole = false;
	x->text = rd_span(&x->r, span_find(all, '<'));
	for (uint32_t i = 0; x->depth == 0 && i < x->text.n; i++)
		if (!is_blank(x->text.p[i]))
			return bad(x, "text outside of everything");
	return XML_TEXT;
}

/* ---------------------------------------------------------------- attributes
 */

struct span
xml_attribute(const struct xml *x, const char *name)
{
	struct span s = x->attributes, want = span_text(name);
	uint32_t i = 0;

	while (i < s.n) {
		uint32_t from, n = 0, value;
		uint8_t quote;

		while (i < s.n && is_blank(s.p[i]))
			i++;
		from = i;
		while (i < s.n && is_name(s.p[i]))
			i++;
		n = i - from;
		if (n == 0 || s.n - i < 2 || s.p[i] != '=' ||
		    (s.p[i + 1] != '"' && s.p[i + 1] != '\''))
			break;
		quote = s.p[i + 1];
		value = i += 2;
		while (i < s.n && s.p[i] != quote)
			i++;
		if (span_is(without_prefix(SPAN(s.p + from, n)), want))
			return SPAN(s.p + value, i - value);
		i++;
	}
	return SPAN(NULL, 0);
}

/* ---------------------------------------------------------------------- text
 */

/* RFC 3629 */
static void
put_character(struct wr *w, uint32_t c)
{
	if (c < 0x80) {
		wr_u8(w, c);
		return;
	}
	if (c >= 0x10000) {
		wr_u8(w, 0xf0 | c >> 18);
		wr_u8(w, 0x80 | (c >> 12 & 0x3f));
	} else if (c >= 0x800) {
		wr_u8(w, 0xe0 | c >> 12);
	}
	if (c >= 0x800)
		wr_u8(w, 0x80 | (c >> 6 & 0x3f));
	else
		wr_u8(w, 0xc0 | c >> 6);
	wr_u8(w, 0x80 | (c & 0x3f));
}

/* "#10", "#x1F600"; 0: no character. */
static uint32_t
by_number(struct span s)
{
	uint32_t base = s.n > 1 && s.p[1] == 'x' ? 16 : 10, c = 0;

	for (uint32_t i = base == 16 ? 2 : 1; i < s.n; i++) {
		uint32_t v = hex_digit(s.p[i]);

		if (v >= base || c > 0x10ffff)
			return 0;
		c = c * base + v;
	}
	return c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? 0 : c;
}

static uint32_t
entity(struct span s)
{
	static const struct {
		const char *name;
		uint32_t c;
	} known[] = { { "lt", '<' }, { "gt", '>' }, { "amp", '&' },
		{ "quot", '"' }, { "apos", '\'' } };

	if (s.n > 1 && s.p[0] == '#')
		return by_number(s);
	for (uint32_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (span_is(s, span_text(known[i].name)))
			return known[i].c;
	return 0;
}

void
xml_put_text(const struct xml *x, struct wr *w)
{
	struct span s = x->text;

	for (uint32_t i = 0; i < s.n; i++) {
		struct span ahead = span_first(span_from(s, i + 1), 12);
		uint32_t end = span_find(ahead, ';');
		uint32_t c = !x->whole && s.p[i] == '&' && end < ahead.n
		    ? entity(span_first(ahead, end))
		    : 0;

		if (c == 0) {
			wr_u8(w, s.p[i]);
		} else {
			put_character(w, c);
			i += end + 1;
		}
	}
}

void
xml_escape(struct wr *w, const char *text)
{
	for (; *text != '\0'; text++) {
		const char *e = *text == '<' ? "&lt;"
		    : *text == '>'           ? "&gt;"
		    : *text == '&'           ? "&amp;"
		    : *text == '"'           ? "&quot;"
					     : NULL;

		if (e != NULL)
			wr_bytes(w, e, (uint32_t)strlen(e));
		else if ((uint8_t)*text >= ' ')
			wr_u8(w, (uint8_t)*text);
	}
}
