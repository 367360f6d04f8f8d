/*
 * import.c - what another sensor learned, as candidates; see export.c.
 *
 * The text is read twice: once to see that every line is good, once to do it.
 */
#include "../base/hash.h"
#include "../proto/proto.h"
#include "private.h"
#include "seal.h"

#define TEXT_MAX 256u

struct import {
	struct baseline *b;
	bool doing;
	const char *error; /* of this line */
	struct key key;
	bool wanted; /* learned, rather than a candidate or denied */
	bool stranger;
	bool named;
	struct import_result *ret;
};

/* ------------------------------------------------------------------ words */

/* Up to the next space. */
static struct span
next_word(struct span *line)
{
	struct span w;

	while (line->n > 0 && line->p[0] == ' ')
		*line = span_from(*line, 1);
	w = span_first(*line, span_find(*line, ' '));
	*line = span_from(*line, w.n);
	return w;
}

/* After name=": the text without its quotes and escapes. */
static bool
quoted(struct span *line, uint8_t dst[TEXT_MAX], struct span *ret)
{
	uint32_t i = 1, n = 0;

	if (line->n < 2 || line->p[0] != '"')
		return false;
	for (; i < line->n && line->p[i] != '"'; i++) {
		if (line->p[i] == '\\')
			i++;
		if (i >= line->n || n == TEXT_MAX)
			return false;
		dst[n++] = line->p[i];
	}
	if (i >= line->n)
		return false;
	*ret = SPAN(dst, n);
	*line = span_from(*line, i + 1);
	return true;
}

static bool
digit_of(uint8_t c, uint32_t base, uint32_t *ret)
{
	if (c >= '0' && c <= '9')
		*ret = c - (uint32_t)'0';
	else if (c >= 'a' && c <= 'f')
		*ret = c - (uint32_t)'a' + 10;
	else
		return false;
	return *ret < base;
}

/* The number at the start; what follows stays in *s. */
static bool
number(struct span *s, uint32_t base, uint32_t *ret)
{
	uint64_t v = 0;
	uint32_t i = 0, d;

	for (; i < s->n && digit_of(s->p[i], base, &d); i++) {
		v = v * base + d;
		if (v > UINT32_MAX)
			return false;
	}
	*ret = (uint32_t)v;
	*s = span_from(*s, i);
	return i > 0;
}

static bool
whole_number(struct span s, uint32_t *ret)
{
	const bool hex = span_starts(s, SPAN_LIT("0x"));

	if (hex)
		s = span_from(s, 2);
	return number(&s, hex ? 16 : 10, ret) && s.n == 0;
}

/* The place of a name in a list that name() gives; false: in none. */
static bool
place_of_name(struct span s, uint32_t n, const char *(*name)(uint32_t),
    uint32_t *ret)
{
	for (uint32_t i = 0; i < n; i++)
		if (span_is(s, span_text(name(i)))) {
			*ret = i;
			return true;
		}
	return false;
}

static const char *
proto_name(uint32_t i)
{
	return protos[i]->name;
}

static const char *
via_word(uint32_t i)
{
	return i == VIA_NONE ? "ip" : via_name((enum via)i);
}

static const char *
out_word(uint32_t i)
{
	static const char *const words[] = { "out", "in", "name" };

	return words[i];
}

static const char *
login_word(uint32_t i)
{
	return i == 0 ? "asked" : "refused";
}

static const char *
way_word(uint32_t i)
{
	return i == 0 ? "read" : "change";
}

/* ------------------------------------------------------------------ parts */

static uint32_t
word(struct import *m, struct span s)
{
	return m->doing ? words_put(m->b->words, s) : 1;
}

static bool
read_proto(struct span s, uint32_t *ret)
{
	const uint32_t colon = span_find(s, ':');
	const bool server = span_is(span_from(s, colon), SPAN_LIT(":server"));

	if (colon < s.n && !server)
		return false;
	if (!place_of_name(span_first(s, colon), n_protos, proto_name, ret))
		return false;
	*ret |= server ? PART_FROM_SERVER : 0;
	return true;
}

/* "55.14(name)" */
static bool
read_op(struct span s, uint32_t *ret)
{
	uint32_t code, variant = 0;

	if (!number(&s, 10, &code) || code > 0xffffff)
		return false;
	if (s.n > 0 && s.p[0] == '.') {
		s = span_from(s, 1);
		if (!number(&s, 10, &variant) || variant > 0xff)
			return false;
	}
	*ret = FACT_OP(variant, code);
	return s.n == 0 || s.p[0] == '(';
}

static bool
slash_number(struct span *s, uint32_t *ret)
{
	if (s->n == 0 || s->p[0] != '/')
		return false;
	*s = span_from(*s, 1);
	return number(s, 10, ret);
}

/* "holding", "db/5/0/0", "tag:name" */
static bool
read_area(struct import *m, struct span s, uint32_t *ret)
{
	const uint32_t end = span_find(s, ':');
	struct span name = span_first(s, end);
	struct area a;
	uint32_t space, sub = 0;

	memset(&a, 0, sizeof(a));
	m->named = span_is(span_from(s, end), SPAN_LIT(":name"));
	if (end < s.n && !m->named)
		return false;
	a.named = m->named;
	s = name;
	name = span_first(name, span_find(name, '/'));
	s = span_from(s, name.n);
	if (!place_of_name(name, SPACE_COUNT, fact_space_name, &space))
		return false;
	if (s.n > 0 &&
	    (!slash_number(&s, &a.area) || !slash_number(&s, &sub) ||
		!slash_number(&s, &a.count) || s.n > 0 || sub > UINT16_MAX))
		return false;
	a.space = (uint16_t)space;
	a.sub = (uint16_t)sub;
	*ret = word(m, SPAN((const uint8_t *)&a, sizeof(a)));
	return true;
}

static bool
read_mac(struct span s, struct mac *ret)
{
	uint32_t v;

	for (unsigned i = 0; i < 6; i++) {
		if (!number(&s, 16, &v) || v > 255 ||
		    (i < 5 && (s.n == 0 || s.p[0] != ':')))
			return false;
		ret->b[i] = (uint8_t)v;
		if (i < 5)
			s = span_from(s, 1);
	}
	return s.n == 0;
}

static bool
read_mac_part(struct import *m, struct span s)
{
	struct mac mac;

	if (!read_mac(s, &mac))
		return false;
	m->key.p[3] = (uint32_t)mac.b[0] << 24 | (uint32_t)mac.b[1] << 16 |
	    (uint32_t)mac.b[2] << 8 | mac.b[3];
	m->key.p[4] = (uint32_t)mac.b[4] << 8 | mac.b[5];
	return true;
}

static bool
read_trait(struct span s, uint32_t *ret)
{
	for (uint32_t i = 0; i <= ATTRIBUTE_SAYS; i++) {
		if (i >= TRAIT_COUNT && i < ATTRIBUTE_MAC)
			continue;
		if (span_is(s, span_text(attribute_name(i)))) {
			*ret = i;
			return true;
		}
	}
	return false;
}

static bool
read_port(struct span s, uint32_t *ret)
{
	if (!span_is(s, SPAN_LIT("dynamic")))
		return whole_number(s, ret);
	*ret = PORT_DYNAMIC;
	return true;
}

/* A number, or "IIN1.7". */
static bool
read_code(struct span s, uint32_t *ret)
{
	if (!span_starts(s, SPAN_LIT("IIN")))
		return whole_number(s, ret);
	if (s.n != 6 || (s.p[3] != '1' && s.p[3] != '2') || s.p[4] != '.' ||
	    s.p[5] < '0' || s.p[5] > '7')
		return false;
	*ret = CODE_INDICATION | (uint32_t)(s.p[3] - '1') << 3 |
	    (uint32_t)(s.p[5] - '0');
	return true;
}

static bool
read_part(struct import *m, unsigned i, struct span s)
{
	uint32_t *p = &m->key.p[i];

	switch (scenario_parts[m->key.scenario][i].part) {
	case PART_NUMBER:
	case PART_HEX:
	case PART_UNIT:
		return whole_number(s, p);
	case PART_CODE:
		return read_code(s, p);
	case PART_PROTO:
		return read_proto(s, p);
	case PART_OP:
		return read_op(s, p);
	case PART_WORD:
		*p = word(m, s);
		return true;
	case PART_AREA:
		return read_area(m, s, p);
	case PART_FIRST:
		if (!m->named)
			return whole_number(s, p);
		*p = m->key.p[4] = word(m, s);
		return true;
	case PART_LAST:
		return whole_number(s, p) && *p >= m->key.p[3];
	case PART_VIA:
		return place_of_name(s, VIA_COUNT, via_word, p);
	case PART_TRAIT:
		return read_trait(s, p);
	case PART_RISK:
		return place_of_name(s, RISK_COUNT, fact_risk_name, p);
	case PART_PORT:
		return read_port(s, p);
	case PART_MAC:
		return read_mac_part(m, s);
	case PART_DETAIL:
		return m->key.p[0] == ATTRIBUTE_TTL
		    ? whole_number(s, p)
		    : place_of_name(s, n_protos, proto_name, p);
	case PART_LOGIN:
		return place_of_name(s, 2, login_word, p);
	case PART_WAY:
		return place_of_name(s, 2, way_word, p);
	case PART_OUT:
		return place_of_name(s, 3, out_word, p);
	case PART_NONE:
	case PART_COUNT:
	default:
		return false;
	}
}

/* ----------------------------------------------------------------- a line */

static bool
fail(struct import *m, const char *error)
{
	m->error = error;
	return false;
}

static bool
read_head(struct import *m, struct span *line)
{
	const struct span id = next_word(line), state = next_word(line);
	unsigned s = 0, k = KEY_CANDIDATE;

	while (
	    s < SCENARIO_COUNT && !span_is(id, span_text(scenario_rows[s].id)))
		s++;
	if (s == SCENARIO_COUNT || scenario_parts[s][0].part == PART_NONE)
		return fail(m, "no such scenario");
	while (k < KEY_STATE_COUNT &&
	    !span_is(state, span_text(key_state_name((enum key_state)k))))
		k++;
	if (k == KEY_STATE_COUNT)
		return fail(m, "no such state of a key");
	m->key.scenario = (uint8_t)s;
	m->wanted = k == KEY_LEARNED || k == KEY_USER;
	for (unsigned i = 0; i < 5; i++)
		if (scenario_parts[s][i].part == PART_UNIT)
			m->key.p[i] = UNIT_NONE;
	return true;
}

static bool
read_ip4(struct span s, struct ip *ret)
{
	uint8_t b[4];
	uint32_t v;

	for (unsigned i = 0; i < 4; i++) {
		if (!number(&s, 10, &v) || v > 255 ||
		    (i < 3 && (s.n == 0 || s.p[0] != '.')))
			return false;
		b[i] = (uint8_t)v;
		if (i < 3)
			s = span_from(s, 1);
	}
	*ret = ip4_of(b);
	return s.n == 0;
}

/* Groups of hexadecimal digits; "::" once. */
static bool
read_ip6(struct span s, struct ip *ret)
{
	uint8_t b[16] = { 0 };
	uint32_t n = 0, gap = UINT32_MAX, v;

	if (span_starts(s, SPAN_LIT("::"))) {
		gap = 0;
		s = span_from(s, 2);
	}
	while (s.n > 0 && n < 16) {
		if (!number(&s, 16, &v) || v > UINT16_MAX)
			return false;
		b[n++] = (uint8_t)(v >> 8);
		b[n++] = (uint8_t)v;
		if (span_starts(s, SPAN_LIT("::")) && gap == UINT32_MAX) {
			gap = n;
			s = span_from(s, 2);
		} else if (s.n > 1 && s.p[0] == ':') {
			s = span_from(s, 1);
		} else if (s.n > 0) {
			return false;
		}
	}
	if (s.n > 0 || (gap == UINT32_MAX) != (n == 16))
		return false;
	if (gap != UINT32_MAX) {
		memmove(b + 16 - (n - gap), b + gap, n - gap);
		memset(b + gap, 0, 16 - n);
	}
	*ret = ip6_of(b);
	return true;
}

/* "client=10.0.0.5", "server=-" */
static bool
read_end(struct import *m, struct span *line, struct span name, uint32_t *ret)
{
	struct span s = next_word(line);
	struct addr a;

	memset(&a, 0, sizeof(a));
	if (!span_starts(s, name))
		return fail(m, "client= and server= are missing");
	s = span_from(s, name.n);
	*ret = ASSET_NONE;
	if (span_is(s, SPAN_LIT("-")))
		return true;
	a.has_mac = read_mac(s, &a.mac);
	if (!a.has_mac && !read_ip4(s, &a.ip) && !read_ip6(s, &a.ip))
		return fail(m, "no address");
	*ret = asset_of(m->b->assets, &a, TALK_NO_VLAN);
	m->stranger |= *ret == ASSET_NONE;
	return true;
}

static bool
read_parts(struct import *m, struct span *line)
{
	uint8_t text[TEXT_MAX];
	struct span s;
	unsigned i = 0;

	for (;;) {
		while (line->n > 0 && line->p[0] == ' ')
			*line = span_from(*line, 1);
		if (line->n == 0 || line->p[0] == '|')
			return line->n > 0 || fail(m, "it ends too early");
		s = span_first(*line, span_find(*line, '='));
		*line = span_from(*line, s.n + 1);
		while (i < 5 &&
		    (scenario_parts[m->key.scenario][i].part == PART_NONE ||
			!span_is(s,
			    span_text(
				scenario_parts[m->key.scenario][i].name))))
			i++;
		if (i == 5)
			return fail(m, "a part the scenario does not have");
		if (!quoted(line, text, &s))
			return fail(m, "a text without quotes");
		if (!read_part(m, i, s))
			return fail(m, "a value that cannot be");
		i++;
	}
}

static bool
read_flags(struct import *m, struct span *line)
{
	struct span s;

	(void)next_word(line); /* | */
	s = next_word(line);
	if (!span_starts(s, SPAN_LIT("flags=")))
		return fail(m, "flags= is missing");
	for (s = span_from(s, 6); s.n > 0; s = span_from(s, 1))
		m->key.flags |= (uint8_t)(s.p[0] == 'w' ? KEY_WRITE
			: s.p[0] == 'e'                 ? KEY_ENGINEER
			: s.p[0] == 'h'                 ? KEY_HARD
			: s.p[0] == 'f'                 ? KEY_FAIL
							: 0u);
	return true;
}

static void
add_candidate(struct import *m)
{
	struct baseline *b = m->b;
	struct key *k = &m->key;
	struct tuple t;
	uint32_t at;

	tuple_of_key(k, &t);
	k->hash = tuple_hash(b, &t);
	if (keytable_find(b->keys, k->hash, &t) != KEY_NOWHERE) {
		m->ret->known++;
		return;
	}
	k->state = KEY_CANDIDATE;
	k->windows = 1;
	k->days = 1;
	k->first_window = k->last_window = b->window;
	k->flags |= KEY_CHANGED;
	at = keytable_add(b->keys, k, tuple_chain(&t));
	if (at == KEY_NOWHERE) {
		b->counts.full++;
		return;
	}
	b->counts.keys++;
	b->counts.candidates++;
	b->version++;
	m->ret->added++;
}

static bool
read_line(struct import *m, struct span line)
{
	m->key = (struct key){ .hash = 0 };
	m->stranger = m->named = false;
	if (!read_head(m, &line) ||
	    !read_end(m, &line, SPAN_LIT("client="), &m->key.client) ||
	    !read_end(m, &line, SPAN_LIT("server="), &m->key.server) ||
	    !read_parts(m, &line) || !read_flags(m, &line))
		return false;
	if (!m->doing || !m->wanted)
		return true;
	if (m->stranger)
		m->ret->strangers++;
	else
		add_candidate(m);
	return true;
}

/* Nothing may stand behind it. */
static bool
read_seal(struct import *m, const struct line_chain *chain, struct span line,
    struct span rest)
{
	if (!export_seal_check(chain, line, m->ret))
		return fail(m,
		    "the signature does not fit what was signed: it was "
		    "changed, or cut");
	if (rest.n > 0)
		return fail(m, "there is more behind the signature");
	m->ret->line = 0;
	return true;
}

static bool
read_text(struct import *m, struct span text)
{
	struct line_chain chain;
	struct span line, hex;

	line_chain_begin(&chain);
	for (uint32_t n = 1; line_next(&text, &line); n++) {
		m->ret->line = n;
		if (export_seal_is(line))
			return read_seal(m, &chain, line, text);
		if (!line_cut_chain(&line, &hex))
			return fail(m, "its hash is missing");
		line_chain_add(&chain, line);
		if (!span_is(hex, span_text(chain.hex)))
			return fail(m, "it, or a line before it, was changed");
		if (!read_line(m, line))
			return false;
	}
	m->ret->line = 0;
	return true;
}

/* Is it signed by whom it should be? */
static bool
is_by(struct import *m, const uint8_t *by)
{
	if (by == NULL)
		return true;
	if (!m->ret->is_signed)
		return fail(m, "it is not signed");
	return memcmp(by, m->ret->key, EXPORT_PUBLIC) == 0 ||
	    fail(m, "another key signed it");
}

bool
baseline_import(struct baseline *b, struct span text, const uint8_t *by,
    struct import_result *ret)
{
	struct import m = { .b = b, .ret = ret };

	*ret = (struct import_result){ .line = 0 };
	if (!read_text(&m, text) || !is_by(&m, by)) {
		ret->error = m.error;
		return false;
	}
	m.doing = true;
	(void)read_text(&m, text);
	forget_memo(b);
	return true;
}
