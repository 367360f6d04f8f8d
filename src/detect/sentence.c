/*
 * sentence.c - what happened, in one sentence of facts.
 *
 * Who did what to whom; for a novelty also what was normal, on how much
 * learning that rests, and how often such an alert is to be expected.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../proto/proto.h"
#include "private.h"

struct words
words_in(char *dst, size_t cap)
{
	dst[0] = '\0';
	return (struct words){ .p = dst, .cap = cap };
}

void
words_add(struct words *w, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(w->p + w->n, w->cap - w->n, fmt, args);
	va_end(args);
	if (n > 0)
		w->n +=
		    (size_t)n < w->cap - w->n ? (size_t)n : w->cap - w->n - 1;
}

void
words_addr(struct words *w, const struct addr *a)
{
	char ip[ADDR_TEXT_MAX], mac[MAC_TEXT_MAX];

	if (a == NULL || (a->ip.len == 0 && !a->has_mac))
		words_add(w, "somebody");
	else if (a->ip.len > 0)
		words_add(w, "%s", ip_text(&a->ip, ip));
	else
		words_add(w, "%s", mac_text(&a->mac, mac));
}

/* ------------------------------------------------------------- objects */

/* What area, first and sub are called; NULL: not told.  `many`: count says
 * how many follow on each other. */
static const struct {
	const char *area, *first, *sub;
	bool many;
} places[SPACE_COUNT] = {
	[SPACE_COIL] = { NULL, "", NULL, true },
	[SPACE_DISCRETE] = { NULL, "", NULL, true },
	[SPACE_HOLDING] = { NULL, "", NULL, true },
	[SPACE_INPUT] = { NULL, "", NULL, true },
	[SPACE_FIFO] = { NULL, "", NULL, false },
	[SPACE_RECORD] = { "file ", "record ", NULL, true },
	[SPACE_UMAS_BLOCK] = { "", "byte ", NULL, false },
	[SPACE_S7_DB] = { "", "byte ", "bit ", false },
	[SPACE_S7_DI] = { "", "byte ", "bit ", false },
	[SPACE_S7_LOCAL] = { NULL, "byte ", "bit ", false },
	[SPACE_S7_INPUT] = { NULL, "byte ", "bit ", false },
	[SPACE_S7_OUTPUT] = { NULL, "byte ", "bit ", false },
	[SPACE_S7_MARKER] = { NULL, "byte ", "bit ", false },
	[SPACE_S7_PERIPHERY] = { NULL, "byte ", "bit ", false },
	[SPACE_S7_COUNTER] = { NULL, "", NULL, true },
	[SPACE_S7_TIMER] = { NULL, "", NULL, true },
	[SPACE_S7_SZL] = { "", "index ", NULL, false },
	[SPACE_DNP3_POINT] = { "group ", "index ", "variation ", true },
	[SPACE_IEC_OBJECT] = { "type ", "address ", NULL, false },
	[SPACE_CIP_OBJECT] = { "class ", "instance ", "attribute ", false },
	[SPACE_PCCC_FILE] = { "file ", "element ", "sub-element ", true },
	[SPACE_BACNET_OBJECT] = { "type ", "instance ", "property ", false },
	[SPACE_UA_NODE] = { "namespace ", "identifier ", NULL, false },
	[SPACE_PN_RECORD] = { NULL, "slot ", "index ", false },
	[SPACE_PN_FRAME] = { NULL, "", NULL, false },
	[SPACE_PN_OPTION] = { NULL, "", NULL, false },
	[SPACE_PMU_PHASOR] = { "unit ", "channel ", NULL, false },
	[SPACE_PMU_ANALOG] = { "unit ", "channel ", NULL, false },
	[SPACE_PMU_DIGITAL] = { "unit ", "channel ", NULL, false },
	[SPACE_HART_VARIABLE] = { NULL, "code ", NULL, false },
	[SPACE_ROC_POINT] = { "type ", "point ", "parameter ", false },
	[SPACE_ROC_TABLE] = { "", "row ", NULL, true },
	[SPACE_BSAP_SIGNAL] = { NULL, "address ", NULL, false },
	[SPACE_TRISTATION] = { "", "offset ", NULL, false },
	[SPACE_EGD_EXCHANGE] = { NULL, "", NULL, false },
	[SPACE_GE_MEMORY] = { "selector ", "offset ", NULL, true },
	[SPACE_KNX_GROUP] = { NULL, "", NULL, false },
	[SPACE_KNX_DEVICE] = { "", "place ", "object ", false },
	[SPACE_GENISYS] = { NULL, "address ", NULL, true },
	[SPACE_SBUS_COUNTER] = { NULL, "", NULL, true },
	[SPACE_SBUS_FLAG] = { NULL, "", NULL, true },
	[SPACE_SBUS_INPUT] = { NULL, "", NULL, true },
	[SPACE_SBUS_OUTPUT] = { NULL, "", NULL, true },
	[SPACE_SBUS_REGISTER] = { NULL, "", NULL, true },
	[SPACE_SBUS_TIMER] = { NULL, "", NULL, true },
	[SPACE_ESIO_TRANSFER] = { "to ", "identifier ", NULL, false },
	[SPACE_COSEM] = { "class ", NULL, "attribute ", false },
	[SPACE_LON_VARIABLE] = { NULL, "selector ", NULL, false },
	[SPACE_PCOM_BIT] = { NULL, "", NULL, true },
	[SPACE_PCOM_INPUT] = { NULL, "", NULL, true },
	[SPACE_PCOM_OUTPUT] = { NULL, "", NULL, true },
	[SPACE_PCOM_INTEGER] = { NULL, "", NULL, true },
	[SPACE_PCOM_LONG] = { NULL, "", NULL, true },
	[SPACE_PCOM_SYSTEM] = { NULL, "", NULL, true },
	[SPACE_METER_TABLE] = { "", "offset ", NULL, false },
};

static void
words_object(struct words *w, const struct fact_object *o)
{
	const char *comma = " ";

	words_add(w, "%s", fact_space_name(o->space));
	if (places[o->space].area != NULL) {
		words_add(w, " %s%u", places[o->space].area, o->area);
		comma = ", ";
	}
	if (places[o->space].first == NULL)
		return;
	words_add(w, "%s%s%u", comma, places[o->space].first, o->first);
	if (places[o->space].many && o->count > 1)
		words_add(w, "..%u", o->first + o->count - 1);
	if (places[o->space].sub != NULL && o->sub != 0)
		words_add(w, ", %s%u", places[o->space].sub, o->sub);
}

void
words_value(struct words *w, const struct fact *f)
{
	switch (f->num_type) {
	case NUM_INT:
		words_add(w, "%lld", (long long)f->num.i);
		break;
	case NUM_UINT:
		words_add(w, "%llu", (unsigned long long)f->num.u);
		break;
	case NUM_REAL:
		words_add(w, "%g", f->num.r);
		break;
	case NUM_BOOL:
		words_add(w, "%s", f->num.u != 0 ? "on" : "off");
		break;
	default:
		break;
	}
}

void
words_place(struct words *w, const struct fact *f)
{
	if (f->object.space != SPACE_NONE && f->object.space < SPACE_COUNT)
		words_object(w, &f->object);
	if (f->text_len > 0)
		words_add(w, "%s\"%.*s\"",
		    f->object.space != SPACE_NONE ? " " : "", (int)f->text_len,
		    f->text);
}

/* What is refused is the request, whatever the message is called. */
static size_t
without_response(const char *name)
{
	static const char tail[] = " response";
	const size_t n = strlen(name), t = sizeof(tail) - 1;

	return n > t && strcmp(name + n - t, tail) == 0 ? n - t : n;
}

void
words_op(struct words *w, const struct fact *f)
{
	char number[16];
	const char *name = proto_op_name(protos[f->proto], f->op, number);

	if (f->kind != FACT_ERROR)
		words_add(w, "%s", name);
	else if (strcmp(name, "response") == 0 ||
	    strcmp(name, "unsolicited response") == 0)
		words_add(w, "request");
	else
		words_add(w, "%.*s", (int)without_response(name), name);
}

static void
words_code(struct words *w, const struct fact *f)
{
	const char *name = proto_code_name(protos[f->proto], f->code);

	words_add(w, f->code < 4096 ? " with code %u" : " with code 0x%x",
	    f->code);
	if (name != NULL)
		words_add(w, " (%s)", name);
}

/* A number of milliseconds, by which a clock is set: from 2000 to 2100. */
static bool
is_moment(const struct fact *f)
{
	return f->risk == RISK_TIME &&
	    (f->num_type == NUM_UINT || f->num_type == NUM_INT) &&
	    f->num.u >= UINT64_C(946684800000) &&
	    f->num.u < UINT64_C(4102444800000);
}

static void
words_moment(struct words *w, const struct fact *f)
{
	const struct tick at = { (int64_t)f->num.u * (TICK_SECOND / 1000) };
	char text[TIME_TEXT_MAX];

	words_add(w, "%.19sZ", time_text(at, text));
}

void
words_what(struct words *w, const struct fact *f)
{
	const char *open = " (";

	words_op(w, f);
	if (f->has_unit) {
		words_add(w, "%sunit %u", open, f->unit);
		open = ", ";
	}
	if (f->object.space != SPACE_NONE || f->text_len > 0) {
		words_add(w, "%s", open);
		words_place(w, f);
		open = ", ";
	}
	if (f->num_type != NUM_NONE) {
		words_add(w, "%svalue ", open);
		if (is_moment(f))
			words_moment(w, f);
		else
			words_value(w, f);
		open = ", ";
	}
	if (open[0] == ',')
		words_add(w, ")");
}

/* ------------------------------------------------------------ sentences */

static void
say_ident(struct words *w, const struct fact *f, const struct addr *from)
{
	words_addr(w, f->about == ABOUT_ADDR ? &f->addr : from);
	words_add(w, " has %s \"%.*s\"", fact_trait_name(f->trait),
	    (int)f->text_len, f->text);
}

static const char *
verb(const struct fact *f)
{
	/* where the kind is no plain request */
	static const char *const verbs[FACT_COUNT] = {
		[FACT_ACK] = "confirmed",
		[FACT_VALUE] = "gave",
		[FACT_REPORT] = "reported",
		[FACT_ERROR] = "refused",
	};

	if (verbs[f->kind] != NULL && (f->response || f->from_server))
		return verbs[f->kind];
	return f->response ? "answered" : "sent";
}

static void
say_fact(struct words *w, const struct event *e)
{
	const struct fact *f = e->fact;
	const struct addr *from = event_end(e, f->from_server);
	const struct addr *to = event_end(e, !f->from_server);
	const char *proto = protos[f->proto]->name;

	if (f->kind == FACT_IDENT) {
		say_ident(w, f, from);
		words_add(w, " (%s)", proto);
		return;
	}
	words_addr(w, from);
	if (f->kind == FACT_MALFORMED || f->kind == FACT_TRUNCATED) {
		words_add(w, " sent ");
		words_addr(w, to);
		words_add(w, " a %s message that %s: %.*s", proto,
		    f->kind == FACT_MALFORMED ? "breaks the protocol's rules"
					      : "is not whole",
		    (int)f->text_len, f->text);
		return;
	}
	words_add(w, " %s %s ", verb(f), proto);
	words_what(w, f);
	words_add(w, f->kind == FACT_ERROR ? " of " : " to ");
	words_addr(w, to);
	if (f->kind == FACT_ERROR)
		words_code(w, f);
}

static void
say_talk(struct words *w, const struct talk *t, bool end)
{
	words_addr(w, &t->client);
	words_add(w, end ? " talked to " : " turned to ");
	words_addr(w, &t->server);
	if (t->server_port != 0)
		words_add(w, " %s port %u",
		    t->via == VIA_UDP        ? "UDP"
			: t->via == VIA_SCTP ? "SCTP"
					     : "TCP",
		    t->server_port);
	if (t->proto != PROTO_UNKNOWN)
		words_add(w, " (%s)", protos[t->proto]->name);
	if (end)
		words_add(w, ": %u packets there, %u back", t->packets[0],
		    t->packets[1]);
}

/* What a device is, where no message says so. */
static bool
say_device(struct words *w, const struct event *e, struct span key)
{
	const enum scenario s = e->novelty->scenario;

	if (s != SCENARIO_DEVICE && s != SCENARIO_IDENTITY &&
	    s != SCENARIO_ATTRIBUTE && s != SCENARIO_TOPOLOGY)
		return false;
	words_addr(w, event_end(e, e->client == NULL));
	if (s == SCENARIO_DEVICE)
		words_add(w, " appeared");
	else
		words_add(w, " has %.*s", (int)key.n, (const char *)key.p);
	return true;
}

static void
say_key(struct words *w, const struct event *e, struct span key)
{
	const struct addr *client = event_end(e, false);
	const struct addr *server = event_end(e, true);

	if (say_device(w, e, key))
		return;
	if (e->talk != NULL && client != NULL && server != NULL) {
		say_talk(w, e->talk, false);
		return;
	}
	if (client != NULL || server == NULL)
		words_addr(w, client);
	if (client != NULL && server != NULL)
		words_add(w, " and ");
	if (server != NULL)
		words_addr(w, server);
	if (key.n > 0)
		words_add(w, ": %.*s", (int)key.n, (const char *)key.p);
}

static const char *
why_words(enum why why)
{
	static const char *const words[WHY_COUNT] = {
		[WHY_NEW] = "never seen before",
		[WHY_CANDIDATE] = "seen too seldom to be normal",
		[WHY_STALE] = "which was normal once, but not of late",
		[WHY_DENIED] = "which people said must not be",
		[WHY_UNLEARNED] = "which people took out of the baseline",
		[WHY_RANGE] = "outside of what was learned",
		[WHY_STEP] = "a faster change than was learned",
		[WHY_SILENT] = "has fallen silent",
		[WHY_FAST] = "more often than was learned",
		[WHY_PERIOD] = "in another rhythm than was learned",
		[WHY_VOLUME] = "another amount than was learned",
		[WHY_ORDER] = "in an order that was not learned",
		[WHY_HOUR] = "at a time of day at which it never happens",
		[WHY_CHANGE] = "the traffic has changed",
	};

	return why < WHY_COUNT ? words[why] : "";
}

static void
say_expected(struct words *w, double per_day)
{
	if (per_day >= 1.5)
		words_add(w,
		    "; at most %.0f such alerts a day are expected here",
		    per_day);
	else if (per_day * 365.0 < 1.0 && per_day >= 0.0)
		words_add(w,
		    "; less than one such alert a year is expected here");
	else if (per_day > 0.6)
		words_add(w, "; at most one such alert a day is expected here");
	else if (per_day >= 0.0)
		words_add(w,
		    "; at most one such alert in %.0f days is expected here",
		    1.0 / per_day);
}

static void
say_watched(struct words *w, const struct novelty *n)
{
	const uint32_t windows = n->learned_windows;

	if (n->scaled)
		words_add(w, " in %u windows watched", windows);
	else if (windows < 48)
		words_add(w, " in %u hour%s watched", windows,
		    windows == 1 ? "" : "s");
	else
		words_add(w, " in %u days watched", windows / 24);
}

static const char *const titles[SCENARIO_COUNT] = {
#define SCENARIO(sym, name, id, tier, d, lw, ld, cw, cd, b, i, title) title,
#include "../baseline/scenarios.def"
#undef SCENARIO
};

static void
say_novelty(struct words *w, const struct novelty *n)
{
	if (n->why == WHY_CHANGE) {
		words_add(w,
		    ", brings much that is new to \"%s\": %.6g times "
		    "in a day, usual at most %.6g; %s",
		    titles[n->scenario], n->value, n->most, n->text);
		return;
	}
	words_add(w, ", %s", why_words(n->why));
	if (n->least < n->most)
		words_add(w, " (%.6g, usual %.6g to %.6g)", n->value, n->least,
		    n->most);
	if (n->learned_windows > 0)
		say_watched(w, n);
	if (n->text[0] != '\0')
		words_add(w, "; %s", n->text);
	say_expected(w, n->per_day);
}

void
event_sentence(struct words *w, const struct event *e, struct span key)
{
	if (e->fact != NULL)
		say_fact(w, e);
	else if (e->kind == EVENT_NOVELTY)
		say_key(w, e, key);
	else if (e->talk != NULL)
		say_talk(w, e->talk, e->kind == EVENT_END);
	if (e->kind == EVENT_NOVELTY)
		say_novelty(w, e->novelty);
}
