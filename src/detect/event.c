/*
 * event.c - the fields of an event, as conditions ask for them.
 *
 * A field is there when the event has it: what a fact says needs a fact, what
 * a flow says a flow, flags of a device a confirmed device.
 */
#include "event.h"

#include "../proto/proto.h"
#include "field.h"
#include "private.h"

/* ------------------------------------------------------------------ words */

static const char *
kind_word(uint32_t i)
{
	return i < FACT_COUNT ? fact_kind_name((enum fact_kind)i) : NULL;
}

static const char *
risk_word(uint32_t i)
{
	return i < RISK_COUNT ? fact_risk_name(i) : NULL;
}

/* The first has no name; nobody asks for it, as it is no space. */
static const char *
space_word(uint32_t i)
{
	if (i == SPACE_NONE)
		return "none";
	return i < SPACE_COUNT ? fact_space_name(i) : NULL;
}

static const char *
trait_word(uint32_t i)
{
	return i < TRAIT_COUNT ? fact_trait_name(i) : NULL;
}

static const char *
via_word(uint32_t i)
{
	return i < VIA_COUNT ? via_name((enum via)i) : NULL;
}

static const char *
role_word(uint32_t i)
{
	return i < ROLE_COUNT ? role_name(i) : NULL;
}

static const char *
scenario_word(uint32_t i)
{
	static const char *const names[SCENARIO_COUNT] = {
#define SCENARIO(sym, name, ...) [SCENARIO_##sym] = (name),
#include "../baseline/scenarios.def"
#undef SCENARIO
	};

	return i < SCENARIO_COUNT ? names[i] : NULL;
}

static const char *
why_word(uint32_t i)
{
	return i < WHY_COUNT ? why_name((enum why)i) : NULL;
}

static const struct rule_field fields[FIELD_COUNT] = {
#define FIELD(sym, name_, type_, ordered_, word_, ...) \
	[FIELD_##sym] = { .name = (name_),             \
		.type = (type_),                       \
		.ordered = (ordered_),                 \
		.word = (word_),                       \
		.help = __VA_ARGS__ },
#include "fields.def"
#undef FIELD
};

/* ----------------------------------------------------------------- values */

static bool
number(struct rule_value *ret, double v, bool is_there)
{
	ret->u.number = v;
	return is_there;
}

static bool
name(struct rule_value *ret, uint32_t v, bool is_there)
{
	ret->u.name = v;
	return is_there;
}

static bool
yes(struct rule_value *ret, bool v)
{
	ret->u.yes = v;
	return true;
}

static bool
get_value(const struct fact *f, struct rule_value *ret)
{
	switch ((enum num_type)f->num_type) {
	case NUM_INT:
		return number(ret, (double)f->num.i, true);
	case NUM_UINT:
	case NUM_BOOL:
		return number(ret, (double)f->num.u, true);
	case NUM_REAL:
		return number(ret, f->num.r, true);
	case NUM_NONE:
	case NUM_COUNT:
		break;
	}
	return false;
}

static bool
get_object(const struct fact_object *o, uint32_t field, struct rule_value *ret)
{
	bool is_there = o->space != SPACE_NONE;

	switch (field) {
	case FIELD_SPACE:
		return name(ret, o->space, is_there);
	case FIELD_AREA:
		return number(ret, o->area, is_there);
	case FIELD_FIRST:
		return number(ret, o->first, is_there);
	case FIELD_HOW_MANY:
		return number(ret, o->count, is_there);
	default: /* FIELD_SUB */
		return number(ret, o->sub, is_there);
	}
}

/* What stands in every fact. */
static bool
get_fact(const struct fact *f, uint32_t field, struct rule_value *ret)
{
	switch (field) {
	case FIELD_KIND:
		return name(ret, f->kind, true);
	case FIELD_OP:
		return number(ret, FACT_OP_CODE(f->op), true);
	case FIELD_VARIANT:
		return number(ret, FACT_OP_VARIANT(f->op), true);
	case FIELD_RESPONSE:
		return yes(ret, f->response);
	case FIELD_FROM_SERVER:
		return yes(ret, f->from_server);
	case FIELD_RISK:
		return name(ret, f->risk, true);
	case FIELD_CUT:
		return yes(ret, (f->flags & FACT_CUT) != 0);
	case FIELD_UNSOLICITED:
		return yes(ret, (f->flags & FACT_UNSOLICITED) != 0);
	case FIELD_BROADCAST:
		return yes(ret, (f->flags & FACT_BROADCAST) != 0);
	case FIELD_NEGATIVE:
		return yes(ret, (f->flags & FACT_NEGATIVE) != 0);
	case FIELD_CONFIRM:
		return yes(ret, (f->flags & FACT_CONFIRM) != 0);
	default: /* FIELD_TEST */
		return yes(ret, (f->flags & FACT_TEST) != 0);
	}
}

/* What only some facts have. */
static bool
get_special(const struct fact *f, uint32_t field, struct rule_value *ret)
{
	switch (field) {
	case FIELD_UNIT:
		return number(ret, f->unit, f->has_unit);
	case FIELD_CODE:
		return number(ret, f->code, f->kind == FACT_ERROR);
	case FIELD_VALUE:
		return get_value(f, ret);
	case FIELD_TEXT:
		ret->u.text = SPAN((const uint8_t *)f->text, f->text_len);
		return f->text_len > 0;
	default: /* FIELD_TRAIT */
		return name(ret, f->trait, f->kind == FACT_IDENT);
	}
}

/* --------------------------------------------------------------- the flow */

static bool
has_ports(const struct talk *t)
{
	return t->via == VIA_TCP || t->via == VIA_UDP || t->via == VIA_SCTP;
}

static bool
get_talk(const struct talk *t, uint32_t field, struct rule_value *ret)
{
	switch (field) {
	case FIELD_PORT:
		return number(ret, t->server_port, has_ports(t));
	case FIELD_CLIENT_PORT:
		return number(ret, t->client_port, has_ports(t));
	case FIELD_VIA:
		return name(ret, t->via, true);
	case FIELD_SERVICE:
		return number(ret, t->service, !has_ports(t));
	case FIELD_VLAN:
		return number(ret, t->vlan, t->vlan != TALK_NO_VLAN);
	case FIELD_ODD_PORT:
		return yes(ret, t->odd_port);
	case FIELD_SENT:
		return number(ret, t->packets[0], true);
	case FIELD_ANSWERED:
		return number(ret, t->packets[1], true);
	case FIELD_BYTES_SENT:
		return number(ret, (double)t->bytes[0], true);
	default: /* FIELD_BYTES_BACK */
		return number(ret, (double)t->bytes[1], true);
	}
}

/* --------------------------------------------------------------- the ends */

static bool
is_group(const struct addr *a)
{
	return ip_is_group(&a->ip) || (a->has_mac && mac_is_group(&a->mac));
}

static bool
is_outside(const struct addr *a)
{
	return a->ip.len > 0 && !is_group(a) && !ip_is_private(&a->ip) &&
	    !ip_is_loopback(&a->ip) && !ip_is_zero(&a->ip);
}

/* Who is not confirmed is judged by the address alone: a scan from outside
 * never gets an answer, and never becomes a device. */
static bool
get_place(const struct event *e, bool server, uint32_t flag,
    struct rule_value *ret)
{
	const struct asset *a = server ? e->server : e->client;
	const struct addr *at = event_end(e, server);

	if (a != NULL && (a->flags & flag) != 0)
		return yes(ret, true);
	if (at == NULL)
		return a != NULL;
	if (flag == ASSET_GROUP)
		return yes(ret, is_group(at));
	return yes(ret, a == NULL && is_outside(at));
}

static const struct {
	uint16_t flag;
	bool server;
} flags[FIELD_COUNT] = {
	[FIELD_CLIENT_OT] = { ASSET_OT, false },
	[FIELD_SERVER_OT] = { ASSET_OT, true },
	[FIELD_CLIENT_CONTROLLER] = { ASSET_CONTROLLER, false },
	[FIELD_SERVER_CONTROLLER] = { ASSET_CONTROLLER, true },
	[FIELD_SERVER_SAFETY] = { ASSET_SAFETY, true },
	[FIELD_CLIENT_NET] = { ASSET_INTERNET, false },
	[FIELD_SERVER_NET] = { ASSET_INTERNET, true },
	[FIELD_SERVER_GROUP] = { ASSET_GROUP, true },
	[FIELD_CLIENT_AUTHORIZED] = { ASSET_AUTHORIZED, false },
	[FIELD_CLIENT_SCANNER] = { ASSET_SCANNER, false },
	[FIELD_CLIENT_PROGRAMMING] = { ASSET_PROGRAMMING, false },
	[FIELD_CLIENT_IMPORTANT] = { ASSET_IMPORTANT, false },
	[FIELD_SERVER_IMPORTANT] = { ASSET_IMPORTANT, true },
	[FIELD_CLIENT_LATE] = { ASSET_LATE, false },
};

static bool
get_flag(const struct event *e, uint32_t field, struct rule_value *ret)
{
	const struct asset *a = flags[field].server ? e->server : e->client;
	uint32_t flag = flags[field].flag;

	if (flag == ASSET_INTERNET || flag == ASSET_GROUP)
		return get_place(e, flags[field].server, flag, ret);
	return a != NULL && yes(ret, (a->flags & flag) != 0);
}

static bool
get_role(const struct asset *a, struct rule_value *ret)
{
	return a != NULL && name(ret, a->role, true);
}

static bool
get_end(const struct event *e, uint32_t field, struct rule_value *ret)
{
	switch (field) {
	case FIELD_CLIENT:
		return addr_value(event_end(e, false), ret);
	case FIELD_SERVER:
		return addr_value(event_end(e, true), ret);
	case FIELD_SENDER:
		return e->fact != NULL &&
		    addr_value(event_end(e, e->fact->from_server), ret);
	case FIELD_CLIENT_ROLE:
		return get_role(e->client, ret);
	case FIELD_SERVER_ROLE:
		return get_role(e->server, ret);
	case FIELD_CLIENT_KNOWN:
		return yes(ret, e->client != NULL);
	case FIELD_SERVER_KNOWN:
		return yes(ret, e->server != NULL);
	default:
		return get_flag(e, field, ret);
	}
}

/* --------------------------------------------------------------- the whole */

static bool
get_rest(const struct event *e, uint32_t field, struct rule_value *ret)
{
	switch (field) {
	case FIELD_SCENARIO:
		return e->novelty != NULL &&
		    name(ret, e->novelty->scenario, true);
	case FIELD_WHY:
		return e->novelty != NULL && name(ret, e->novelty->why, true);
	case FIELD_TIME:
		ret->u.time = e->at;
		return true;
	case FIELD_HOUR:
		return number(ret, tick_hour(e->at), true);
	case FIELD_WEEKDAY:
		return name(ret, tick_weekday(e->at), true);
	default:
		return get_end(e, field, ret);
	}
}

static bool
get(const void *subject, uint32_t field, struct rule_value *ret)
{
	const struct event *e = subject;

	switch (field) {
	case FIELD_EVENT:
		return name(ret, e->kind, true);
	case FIELD_PROTO:
		return name(ret, event_proto(e),
		    e->fact != NULL || e->talk != NULL);
	case FIELD_KIND:
	case FIELD_OP:
	case FIELD_VARIANT:
	case FIELD_RESPONSE:
	case FIELD_FROM_SERVER:
	case FIELD_RISK:
	case FIELD_CUT:
	case FIELD_UNSOLICITED:
	case FIELD_BROADCAST:
	case FIELD_NEGATIVE:
	case FIELD_TEST:
	case FIELD_CONFIRM:
		return e->fact != NULL && get_fact(e->fact, field, ret);
	case FIELD_UNIT:
	case FIELD_CODE:
	case FIELD_VALUE:
	case FIELD_TEXT:
	case FIELD_TRAIT:
		return e->fact != NULL && get_special(e->fact, field, ret);
	case FIELD_SPACE:
	case FIELD_AREA:
	case FIELD_FIRST:
	case FIELD_HOW_MANY:
	case FIELD_SUB:
		return e->fact != NULL &&
		    get_object(&e->fact->object, field, ret);
	case FIELD_PORT:
	case FIELD_CLIENT_PORT:
	case FIELD_VIA:
	case FIELD_SERVICE:
	case FIELD_VLAN:
	case FIELD_ODD_PORT:
	case FIELD_SENT:
	case FIELD_ANSWERED:
	case FIELD_BYTES_SENT:
	case FIELD_BYTES_BACK:
		return e->talk != NULL && get_talk(e->talk, field, ret);
	default:
		return get_rest(e, field, ret);
	}
}

const struct rule_schema event_schema = { .what = "an event",
	.field = fields,
	.n = FIELD_COUNT,
	.get = get };
