/*
 * export.c - the baseline as text, and back as candidates.
 *
 *	S06 learned client=10.0.0.5 server=10.0.0.20 protocol="modbus"
 *	unit="1" function="3(read holding registers)" | flags=- n=336w/14d
 *	count=1209600 first=2026-05-01T00:00:00 last=2026-05-14T23:00:00
 *	hours=ffffff days=7f #chain
 *
 * on one line.  The chain is a hash of the line and of the chain before it:
 * what was changed, taken out or put in shows from there on.  The last line
 * says who signed all of it: seal.h.
 */
#include "../base/hash.h"
#include "../proto/proto.h"
#include "private.h"
#include "seal.h"

#include <stdio.h>
#include <stdlib.h>

/* ------------------------------------------------------------------ order */

static int
compare_bytes(const void *a, size_t n, const void *b, size_t m)
{
	const int c = memcmp(a, b, n < m ? n : m);

	return c != 0 ? c : n < m ? -1 : n > m;
}

static int
compare_assets(const struct baseline *b, uint32_t x, uint32_t y)
{
	const struct asset *p = x != ASSET_NONE ? asset_at(b->assets, x) : NULL;
	const struct asset *q = y != ASSET_NONE ? asset_at(b->assets, y) : NULL;
	int c;

	if (p == NULL || q == NULL)
		return (p != NULL) - (q != NULL);
	c = compare_bytes(p->addr.ip.b, p->addr.ip.len, q->addr.ip.b,
	    q->addr.ip.len);
	if (c == 0)
		c = memcmp(p->addr.mac.b, q->addr.mac.b, 6);
	return c != 0 ? c : x < y ? -1 : x > y;
}

static int
compare_parts(const struct baseline *b, const struct key *x,
    const struct key *y)
{
	for (unsigned i = 0; i < 5; i++) {
		const enum part part = scenario_parts[x->scenario][i].part;
		struct span s, t;

		if (x->p[i] == y->p[i])
			continue;
		if (part != PART_WORD && part != PART_AREA)
			return x->p[i] < y->p[i] ? -1 : 1;
		s = words_at(b->words, x->p[i]);
		t = words_at(b->words, y->p[i]);
		if (!span_is(s, t))
			return compare_bytes(s.n > 0 ? s.p : (const void *)"",
			    s.n, t.n > 0 ? t.p : (const void *)"", t.n);
	}
	return 0;
}

static int
compare_keys(const void *a, const void *c, void *ctx)
{
	const struct baseline *b = ctx;
	const struct key *x = keytable_at(b->keys, *(const uint32_t *)a);
	const struct key *y = keytable_at(b->keys, *(const uint32_t *)c);
	int d = x->scenario - y->scenario;

	if (d == 0)
		d = compare_assets(b, x->client, y->client);
	if (d == 0)
		d = compare_assets(b, x->server, y->server);
	if (d == 0)
		d = compare_parts(b, x, y);
	return d;
}

/* ----------------------------------------------------------------- a line */

static void
put_quoted(struct text *t, const char *s)
{
	textf(t, "\"");
	for (; *s != '\0'; s++)
		textf(t, *s == '"' || *s == '\\' ? "\\%c" : "%c", *s);
	textf(t, "\"");
}

static bool
part_is_written(const struct key *k, unsigned i)
{
	switch (scenario_parts[k->scenario][i].part) {
	case PART_NONE:
		return false;
	case PART_UNIT:
		return k->p[i] != UNIT_NONE;
	case PART_NUMBER:
	case PART_CODE:
	case PART_HEX:
	case PART_WORD:
	case PART_PORT:
		return k->p[i] != 0;
	case PART_MAC:
		return k->p[0] == ATTRIBUTE_MAC;
	case PART_DETAIL:
		return k->p[0] > ATTRIBUTE_MAC;
	case PART_PROTO:
	case PART_OP:
	case PART_AREA:
	case PART_FIRST:
	case PART_LAST:
	case PART_VIA:
	case PART_TRAIT:
	case PART_RISK:
	case PART_LOGIN:
	case PART_WAY:
	case PART_OUT:
	case PART_COUNT:
	default:
		return true;
	}
}

static void
put_time(const struct baseline *b, const char *name, uint32_t window,
    struct text *t)
{
	const struct tick at = window_time(b, window);
	char text[TIME_TEXT_MAX];

	textf(t, " %s=%.19s", name, time_text(at, text));
}

static void
put_parts(const struct baseline *b, const struct key *k, struct text *t)
{
	for (unsigned i = 0; i < 5; i++) {
		char one[256] = "";
		struct text v = { one, 0, sizeof(one) };

		if (!part_is_written(k, i))
			continue;
		text_part(b, k, i, &v);
		if (scenario_parts[k->scenario][i].part == PART_AREA &&
		    key_by_name(b, k))
			textf(&v, ":name");
		/* the name of an object is both ends of its interval */
		if (scenario_parts[k->scenario][i].part == PART_LAST &&
		    v.n == 0)
			continue;
		textf(t, " %s=", scenario_parts[k->scenario][i].name);
		put_quoted(t, one);
	}
}

static void
put_line(const struct baseline *b, const struct key *k, struct text *t)
{
	textf(t, "%s %s client=", scenario_rows[k->scenario].id,
	    key_state_name((enum key_state)k->state));
	text_asset(b, k->client, t);
	textf(t, " server=");
	text_asset(b, k->server, t);
	put_parts(b, k, t);
	textf(t, " | flags=%s%s%s%s%s%s",
	    (k->flags & KEY_WRITE) != 0 ? "w" : "",
	    (k->flags & KEY_ENGINEER) != 0 ? "e" : "",
	    (k->flags & KEY_HARD) != 0 ? "h" : "",
	    (k->flags & KEY_FAIL) != 0 ? "f" : "",
	    (k->flags & KEY_TAINTED) != 0 ? "t" : "",
	    (k->flags & KEY_FLOOD) != 0 ? "x" : "");
	textf(t, " n=%uw/%ud count=%u", k->windows, k->days, k->count);
	put_time(b, "first", k->first_window, t);
	put_time(b, "last", k->last_window, t);
	textf(t, " hours=%06x days=%02x", k->hours & 0xffffff,
	    k->hours >> 24 & 0x7f);
}

bool
baseline_export(const struct baseline *b, const struct export_seal *seal,
    struct out *out)
{
	const uint32_t top = keytable_top(b->keys);
	uint32_t *order = calloc((size_t)top + 1, sizeof(*order)), n = 0;
	struct line_chain chain;

	if (order == NULL)
		return false;
	for (uint32_t i = 0; i < top; i++)
		if (keytable_at(b->keys, i)->state != KEY_NONE)
			order[n++] = i;
	/* the comparison takes what it does not change */
	qsort_r(order, n, sizeof(*order), compare_keys, (void *)(uintptr_t)b);
	line_chain_begin(&chain);
	for (uint32_t i = 0; i < n; i++) {
		char line[LINE_MAX_BYTES] = "";
		struct text t = { line, 0, sizeof(line) };

		put_line(b, keytable_at(b->keys, order[i]), &t);
		line_chain_add(&chain,
		    SPAN((const uint8_t *)line, (uint32_t)t.n));
		out_bytes(out, line, t.n);
		outf(out, " #%s\n", chain.hex);
	}
	free(order);
	return seal == NULL || export_seal_put(&chain, seal, out);
}
