/*
 * mms_names.h - how MMS names things (ISO 9506-2 clauses 7.5, 14.1 and
 * Annex C for files), and what is kept of a conversation; for mms.c only.
 *
 *	ObjectName	[0] name, of the device
 *			[1] { domain, item }
 *			[2] name, of the association
 *	access		[0] { { [0] ObjectName } ... } or [1] ObjectName
 *	FileName	{ name ... }
 */
#ifndef PROTO_MMS_NAMES_H
#define PROTO_MMS_NAMES_H

#include "cotp.h"
#include "mms_data.h"
#include "mms_tables.h"

#define N_NAMES 24u
#define ERROR_ACCESS 0x2000u

#define CLASS_DOMAIN 9u
#define OP_NAME_LIST 1u
#define OP_READ 4u
#define OP_WRITE 5u
#define OP_FILE_OPEN 72u
#define OP_SPDU_CN (OP_SESSION + 13)

enum context {
	CONTEXT_UNKNOWN,
	CONTEXT_ACSE,
	CONTEXT_MMS,
	CONTEXT_OTHER
};

#define KEPT_TEXT 90u
struct kept { /* the name in a request, for its answer */
	uint32_t key;
	bool used;
	uint8_t n;
	uint8_t text[KEPT_TEXT];
};

#define N_KEPT 3u
#define N_CONTEXTS 6u
struct mms_state {
	struct kept asked[N_KEPT];
	struct kept file;
	struct {
		uint16_t id;
		uint8_t kind;
	} context[N_CONTEXTS];
	uint8_t next_asked, next_context;
	bool tase2;
};

_Static_assert(sizeof(struct mms_state) <= COTP_INNER_STATE, "in COTP's");

struct osi { /* one TSDU on its way up */
	struct dissect *d;
	struct mms_state *st;
	bool said; /* MMS spoke: the layers below need not */
	bool has_acse;
	uint32_t acse; /* number of the APDU */
	uint32_t result, diagnostic;
	uint32_t reason; /* of a refused session */
	bool has_secret; /* an authentication value is there */
	struct span mechanism, calling, called;
};

struct name {
	struct span domain, item;
	bool own; /* of the association */
};

struct names {
	struct name at[N_NAMES];
	uint32_t n;
	bool is_list; /* at[0] names a list of variables */
};

/* ------------------------------------------------------------------- names */

static struct span
name_text(const struct name *name, uint8_t dst[static FACT_TEXT_MAX])
{
	struct span domain = span_first(name->domain, FACT_TEXT_MAX / 2);
	struct span item;
	uint32_t n = 0;

	if (domain.n > 0) {
		memcpy(dst, domain.p, domain.n);
		n = domain.n;
		dst[n++] = '/';
	} else if (name->own) {
		dst[n++] = '@';
	}
	item = span_first(name->item, FACT_TEXT_MAX - n);
	if (item.n > 0)
		memcpy(dst + n, item.p, item.n);
	return SPAN(dst, n + item.n);
}

/* ObjectName, by its choice. */
static struct name
object_name(struct ber *e)
{
	struct name name = { .own = e->tag == BER_CONTEXT(2) };

	if (e->tag == BER_CONTEXT(1)) {
		name.domain =
		    ber_span(&(struct ber){ .in = ber_enter(&e->in, BER_VISIBLE,
						"domain not a name") });
		name.item = ber_span(&(struct ber){
		    .in = ber_enter(&e->in, BER_VISIBLE, "item not a name") });
	} else if (!e->constructed) {
		name.item = ber_span(e);
	}
	return name;
}

/* FileName: a sequence of strings, here the first. */
static struct name
file_name(struct ber *e)
{
	struct name name = { .own = false };

	if (!e->constructed) {
		name.item = ber_span(e);
	} else if (rd_more(&e->in)) {
		struct ber part = ber_next(&e->in);

		if (part.constructed && rd_more(&part.in))
			part = ber_next(&part.in);
		name.item = ber_span(&part);
	}
	return name;
}

static void
add_name(struct names *list, struct name name)
{
	if (list->n < N_NAMES)
		list->at[list->n] = name;
	list->n++;
}

/* VariableAccessSpecification: [0] variables one by one, or [1] a list. */
static void
access_names(struct ber *spec, struct names *ret)
{
	if (spec->tag == BER_CONTEXT(1)) {
		struct ber e = ber_next(&spec->in);

		ret->is_list = true;
		add_name(ret, object_name(&e));
		return;
	}
	while (rd_more(&spec->in)) {
		struct ber one = ber_next(&spec->in);
		struct ber what = ber_next(&one.in);
		struct ber e;

		if (what.tag == BER_CONTEXT(0)) {
			e = ber_next(&what.in);
			add_name(ret, object_name(&e));
		} else {
			add_name(ret, (struct name){ .own = false });
		}
	}
}

static void
keep(struct kept *k, uint32_t key, struct span text)
{
	k->key = key;
	k->used = true;
	k->n = (uint8_t)span_first(text, KEPT_TEXT).n;
	if (k->n > 0)
		memcpy(k->text, text.p, k->n);
}

static struct span
kept(const struct kept *k, uint32_t key)
{
	return k->used && k->key == key ? SPAN(k->text, k->n) : SPAN(NULL, 0);
}

static struct span
asked_name(const struct mms_state *st, uint32_t pair)
{
	for (uint32_t i = 0; i < N_KEPT; i++) {
		uint32_t at = (st->next_asked + N_KEPT - 1 - i) % N_KEPT;
		struct span s = kept(&st->asked[at], pair);

		if (s.n > 0)
			return s;
	}
	return SPAN(NULL, 0);
}

static bool
has(struct span text, const char *part)
{
	return text.n > 0 && memmem(text.p, text.n, part, strlen(part)) != NULL;
}

static bool
ends(struct span text, const char *tail)
{
	struct span t = span_text(tail);

	return text.n >= t.n && span_is(span_from(text, text.n - t.n), t);
}

/* Control centres give themselves away by the names they ask for. */
static void
know_tase2(struct osi *o, struct span item)
{
	if (o->st->tase2)
		return;
	for (uint32_t i = 0; i < COUNT(tase2_names); i++)
		if (span_starts(item, span_text(tase2_names[i])))
			o->st->tase2 = true;
	if (!o->st->tase2)
		return;
	dissect_ident(o->d, TRAIT_APPLICATION, SPAN_LIT("TASE.2 (ICCP)"));
	dissect_ident_role(o->d, ABOUT_SENDER, ROLE_SCADA);
	dissect_ident_role(o->d, ABOUT_RECEIVER, ROLE_SCADA);
}

#endif
