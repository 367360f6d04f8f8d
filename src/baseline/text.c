/*
 * text.c - keys and findings in words.
 */
#include "../proto/proto.h"
#include "private.h"

#include <stdarg.h>
#include <stdio.h>

#define NEIGHBOURS 256u /* keys of the same pair that are looked at */

void
textf(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (t->n + 1 >= t->cap)
		return;
	va_start(ap, fmt);
	n = vsnprintf(t->p + t->n, t->cap - t->n, fmt, ap);
	va_end(ap);
	if (n > 0)
		t->n +=
		    (size_t)n < t->cap - t->n ? (size_t)n : t->cap - t->n - 1;
}

static const struct proto *
proto_at(uint32_t p)
{
	return (p & 0xff) < n_protos ? protos[p & 0xff] : protos[0];
}

void
text_asset(const struct baseline *b, uint32_t id, struct text *t)
{
	const struct asset *a =
	    id != ASSET_NONE ? asset_at(b->assets, id) : NULL;
	char text[ADDR_TEXT_MAX];

	if (a == NULL)
		textf(t, "-");
	else if (a->addr.ip.len > 0)
		textf(t, "%s", ip_text(&a->addr.ip, text));
	else
		textf(t, "%s", mac_text(&a->addr.mac, text));
}

static void
text_word(const struct baseline *b, uint32_t id, struct text *t)
{
	struct span s = words_at(b->words, id);

	if (s.n == 0 && id > keytable_max(b->keys))
		textf(t, "#%08x", id);
	else
		textf(t, "%.*s", (int)s.n, (const char *)s.p);
}

static void
text_area(const struct baseline *b, uint32_t word, struct text *t)
{
	struct span s = words_at(b->words, word);
	struct area a;

	if (s.n != sizeof(a)) {
		textf(t, "#%08x", word);
		return;
	}
	memcpy(&a, s.p, sizeof(a));
	textf(t, "%s", fact_space_name(a.space));
	if (a.area != 0 || a.sub != 0 || a.count != 0)
		textf(t, "/%u/%u/%u", a.area, a.sub, a.count);
}

const char *
attribute_name(uint32_t p)
{
	static const char *const names[] = { "mac", "ttl", "serves", "asks",
		"says" };

	if (p < ATTRIBUTE_MAC)
		return fact_trait_name(p);
	p -= ATTRIBUTE_MAC;
	return p < sizeof(names) / sizeof(names[0]) ? names[p] : "?";
}

static void
text_op(const struct key *k, uint32_t op, struct text *t)
{
	char text[16];

	textf(t, "%u", FACT_OP_CODE(op));
	if (FACT_OP_VARIANT(op) != 0)
		textf(t, ".%u", FACT_OP_VARIANT(op));
	textf(t, "(%s)", proto_op_name(proto_at(k->p[0]), op, text));
}

static void
text_mac(const struct key *k, struct text *t)
{
	const uint32_t hi = k->p[3], lo = k->p[4];

	textf(t, "%02x:%02x:%02x:%02x:%02x:%02x", hi >> 24, hi >> 16 & 255,
	    hi >> 8 & 255, hi & 255, lo >> 8 & 255, lo & 255);
}

bool
key_by_name(const struct baseline *b, const struct key *k)
{
	struct span s = words_at(b->words, k->p[2]);
	struct area a;

	if (s.n != sizeof(a))
		return false;
	memcpy(&a, s.p, sizeof(a));
	return a.named != 0;
}

static void
text_port(uint32_t p, struct text *t)
{
	if (p == PORT_DYNAMIC)
		textf(t, "dynamic");
	else if (p != 0)
		textf(t, p > UINT16_MAX ? "0x%x" : "%u", p);
}

static void
text_code(uint32_t p, struct text *t)
{
	if ((p & CODE_INDICATION) != 0)
		textf(t, "IIN%u.%u", 1 + (p >> 3 & 1), p & 7);
	else
		textf(t, "%u", p);
}

/* One part; nothing where it says nothing. */
void
text_part(const struct baseline *b, const struct key *k, unsigned i,
    struct text *t)
{
	static const char *const out[] = { "out", "in", "name" };
	const uint32_t p = k->p[i];

	switch (scenario_parts[k->scenario][i].part) {
	case PART_NUMBER:
		if (p != 0)
			textf(t, "%u", p);
		break;
	case PART_CODE:
		text_code(p, t);
		break;
	case PART_HEX:
		if (p != 0)
			textf(t, "0x%x", p);
		break;
	case PART_PROTO:
		textf(t, "%s%s", proto_at(p)->name,
		    (p & PART_FROM_SERVER) != 0 ? ":server" : "");
		break;
	case PART_OP:
		text_op(k, p, t);
		break;
	case PART_UNIT:
		if (p != UNIT_NONE)
			textf(t, "%u", p);
		break;
	case PART_WORD:
		if (p != 0)
			text_word(b, p, t);
		break;
	case PART_AREA:
		text_area(b, p, t);
		break;
	case PART_FIRST:
	case PART_LAST:
		if (!key_by_name(b, k))
			textf(t, "%u", p);
		else if (i == 3)
			text_word(b, p, t);
		break;
	case PART_VIA:
		textf(t, "%s", p != 0 ? via_name((enum via)p) : "ip");
		break;
	case PART_TRAIT:
		textf(t, "%s", attribute_name(p));
		break;
	case PART_RISK:
		if (p < RISK_COUNT)
			textf(t, "%s", fact_risk_name(p));
		break;
	case PART_PORT:
		text_port(p, t);
		break;
	case PART_MAC:
		if (k->p[0] == ATTRIBUTE_MAC)
			text_mac(k, t);
		break;
	case PART_DETAIL:
		if (k->p[0] == ATTRIBUTE_TTL)
			textf(t, "%u", p);
		else if (k->p[0] > ATTRIBUTE_TTL)
			textf(t, "%s", proto_at(p)->name);
		break;
	case PART_LOGIN:
		textf(t, "%s", p != 0 ? "refused" : "asked");
		break;
	case PART_WAY:
		textf(t, "%s", p != 0 ? "change" : "read");
		break;
	case PART_OUT:
		textf(t, "%s", p < 3 ? out[p] : "?");
		break;
	case PART_NONE:
	case PART_COUNT:
	default:
		break;
	}
}

/* Says itself what it is. */
static bool
is_plain(unsigned scenario, unsigned part)
{
	const struct part_row *rows = scenario_parts[scenario];
	const enum part what = rows[part].part;

	return what == PART_PROTO || what == PART_TRAIT || what == PART_MAC ||
	    what == PART_DETAIL ||
	    (what == PART_WORD && rows[0].part == PART_TRAIT);
}

void
baseline_key_text(const struct baseline *b, const struct key *k,
    struct out *out)
{
	char text[512] = "", one[160];
	struct text t = { text, 0, sizeof(text) };

	for (unsigned i = 0; i < 5; i++) {
		struct text v = { one, 0, sizeof(one) };

		one[0] = '\0';
		text_part(b, k, i, &v);
		if (v.n == 0)
			continue;
		if (is_plain(k->scenario, i))
			textf(&t, "%s%s", t.n > 0 ? " " : "", one);
		else
			textf(&t, "%s%s %s", t.n > 0 ? " " : "",
			    scenario_parts[k->scenario][i].name, one);
	}
	out_text(out, text);
}

struct span
baseline_word(const struct baseline *b, uint32_t id)
{
	return words_at(b->words, id);
}

/* --------------------------------------------------------------- findings */

static const char *
hours_word(const struct baseline *b)
{
	return b->window_ns == 3600 * TICK_SECOND ? "hours" : "windows";
}

static void
explain_pair(const struct baseline *b, const struct tuple *tuple,
    struct text *t)
{
	const struct habit h = habit_of(b, tuple);
	char op[16];

	if (h.most == NULL)
		return; /* nothing else to tell */
	textf(t, "between the two %s is usual, seen in %u of %u %s",
	    proto_op_name(proto_at(h.most->p[0]), h.most->p[2], op),
	    h.most->windows, b->n_counted, hours_word(b));
	if (!h.writes)
		textf(t, ", and nothing was ever written");
}

/* What the device said or was until now. */
static void
explain_before(const struct baseline *b, const struct tuple *tuple,
    struct text *t)
{
	const struct key *most = NULL;
	uint32_t at = keytable_chain(b->keys, tuple_chain(tuple));
	unsigned part;

	for (uint32_t n = 0; at != KEY_NOWHERE && n < NEIGHBOURS; n++) {
		const struct key *k = keytable_at(b->keys, at);

		at = keytable_next(b->keys, at);
		if (k->scenario == tuple->scenario &&
		    k->client == tuple->client && k->p[0] == tuple->p[0] &&
		    k->p[2] == tuple->p[2] &&
		    (k->state == KEY_LEARNED || k->state == KEY_USER) &&
		    (most == NULL || k->last_window > most->last_window ||
			(k->last_window == most->last_window &&
			    k->p[1] > most->p[1])))
			most = k; /* the latest; of two the one named last */
	}
	if (most == NULL)
		return;
	textf(t, "until now ");
	for (part = 1; part < 5; part++)
		if (part != 2)
			text_part(b, most, part, t);
	textf(t, ", seen in %u of %u %s", most->windows, b->n_counted,
	    hours_word(b));
}

void
explain(const struct baseline *b, const struct tuple *tuple, enum why why,
    char *dst, size_t cap)
{
	struct text t = { dst, 0, cap };

	dst[0] = '\0';
	if (why != WHY_NEW && why != WHY_CANDIDATE)
		return; /* that it is so says everything */
	if (tuple->scenario == SCENARIO_IDENTITY ||
	    tuple->scenario == SCENARIO_ATTRIBUTE)
		explain_before(b, tuple, &t);
	else if (tuple->scenario == SCENARIO_FUNCTION ||
	    tuple->scenario == SCENARIO_READ ||
	    tuple->scenario == SCENARIO_WRITE ||
	    tuple->scenario == SCENARIO_ENGINEERING ||
	    tuple->scenario == SCENARIO_ERROR)
		explain_pair(b, tuple, &t);
}
