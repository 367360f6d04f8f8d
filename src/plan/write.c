/*
 * write.c - the lines of a plan, filled in; its warnings; the whole as JSON.
 */
#include <stdio.h>
#include <string.h>

#include "private.h"

static const struct line {
	enum plan_method method;
	enum plan_make make;
	enum line_for what;
	const char *text;
} lines[] = {
#define LINE(method, make, what, text) \
	{ METHOD_##method, MAKE_##make, LINE_##what, text },
#include "lines.def"
#undef LINE
};
#define N_LINES (sizeof(lines) / sizeof(lines[0]))

bool
plan_has(enum plan_method method, enum plan_make make)
{
	for (size_t i = 0; i < N_LINES; i++)
		if (lines[i].method == method && lines[i].make == make)
			return true;
	return false;
}

/* ------------------------------------------------------------- filling in */

struct filling {
	const struct plan *plan;
	const char *source;
	uint16_t vlan;
};

static const char *
word(const struct filling *f, const char *name, size_t n, char number[8])
{
	static const char *const in[] = { "inbound", "outbound", "both" },
				 *const in2[] = { "in", "out", "both" };
	const struct plan *p = f->plan;
	const struct {
		const char *name, *value;
	} known[] = {
		{ "source", f->source },
		{ "to", p->destination },
		{ "own", p->from },
		{ "vm", p->machine[0] != '\0' ? p->machine : "SENSOR" },
		{ "rx", plan_direction_name(p->direction) },
		{ "in", in[p->direction] },
		{ "in2", in2[p->direction] },
	};
	uint32_t value = p->session != 0 ? p->session : 1;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strlen(known[i].name) == n &&
		    memcmp(known[i].name, name, n) == 0)
			return known[i].value;
	if (n == 4)
		value = f->vlan; /* {vlan} */
	else if (n == 6)
		value = p->remote_vlan; /* {remote} */
	(void)snprintf(number, 8, "%u", value);
	return number;
}

static void
fill(const struct filling *f, const char *text, char *dst, size_t cap)
{
	char address[PLAN_WORD], number[8];
	size_t at = 0;

	plan_address(f->plan->to, address);
	while (*text != '\0' && at + 1 < cap) {
		size_t n = strcspn(text + 1, "}");
		const char *value;
		int put;

		if (*text != '{') {
			dst[at++] = *text++;
			continue;
		}
		value = n == 2 && memcmp(text + 1, "ip", 2) == 0
		    ? address
		    : word(f, text + 1, n, number);
		put = snprintf(dst + at, cap - at, "%s", value);
		at += put > 0 ? (size_t)put : 0;
		text += n + 2;
	}
	dst[at < cap ? at : cap - 1] = '\0';
}

/* How often a line is typed. */
static uint32_t
times(const struct plan *p, enum line_for what)
{
	switch (what) {
	case LINE_ALWAYS:
		return 1;
	case LINE_FROM:
		return p->from[0] != '\0';
	case LINE_PORTS:
		return p->n_source;
	case LINE_PORTS_RX:
		return p->direction != DIRECTION_TX ? p->n_source : 0;
	case LINE_PORTS_TX:
		return p->direction != DIRECTION_RX ? p->n_source : 0;
	case LINE_VLANS:
		return p->n_vlan;
	case LINE_VLANS_RX:
		return p->direction != DIRECTION_TX ? p->n_vlan : 0;
	}
	return 0;
}

static bool
is_next(const struct line *a, const struct line *b)
{
	return b < lines + N_LINES && a->method == b->method &&
	    a->make == b->make && a->what == b->what && a->what != LINE_ALWAYS;
}

/* Lines for one port that follow each other belong together. */
static void
run_of_lines(const struct plan *p, const struct line *from, size_t n,
    plan_line *put, void *ctx)
{
	char text[400];

	for (uint32_t i = 0; i < times(p, from->what); i++)
		for (size_t k = 0; k < n; k++) {
			struct filling f = { .plan = p,
				.source = i < p->n_source ? p->source[i] : "",
				.vlan = i < p->n_vlan ? p->vlan[i] : 0 };

			fill(&f, from[k].text, text, sizeof(text));
			put(ctx, text);
		}
}

void
plan_switch_lines(const struct plan *p, plan_line *put, void *ctx)
{
	for (size_t i = 0; i < N_LINES;) {
		size_t n = 1;

		if (lines[i].method != p->method || lines[i].make != p->make) {
			i++;
			continue;
		}
		while (is_next(&lines[i], &lines[i + n]))
			n++;
		run_of_lines(p, &lines[i], n, put, ctx);
		i += n;
	}
}

/* ------------------------------------------------------------ the sensor */

static const char *
kind_of(const struct plan *p)
{
	return p->method == METHOD_TAP_TWO ? "tap-rx"
					   : plan_method_name(p->method);
}

void
plan_sensor_lines(const struct plan *p, plan_line *put, void *ctx)
{
	char text[128];

	(void)snprintf(text, sizeof(text), "[port %s]",
	    p->interface[0] != '\0' ? p->interface : "INTERFACE");
	put(ctx, text);
	(void)snprintf(text, sizeof(text), "kind = %s", kind_of(p));
	put(ctx, text);
	if (p->method == METHOD_RSPAN) {
		(void)snprintf(text, sizeof(text), "rspan.vlan = %u",
		    p->remote_vlan);
		put(ctx, text);
	}
	if (p->method == METHOD_ERSPAN) {
		(void)snprintf(text, sizeof(text), "address = %s", p->to);
		put(ctx, text);
		(void)snprintf(text, sizeof(text), "erspan.%u = %s",
		    p->session != 0 ? p->session : 1, plan_make_title(p->make));
		put(ctx, text);
	}
	if (p->method != METHOD_TAP_TWO)
		return;
	(void)snprintf(text, sizeof(text), "[port %s]",
	    p->other[0] != '\0' ? p->other : "SECOND-INTERFACE");
	put(ctx, text);
	put(ctx, "kind = tap-tx");
}

/* -------------------------------------------------------------- warnings */

enum warning {
#define WARN(sym, id, text) WARN_##sym,
#include "warnings.def"
#undef WARN
	WARN_COUNT
};

static const struct {
	const char *id, *text;
} warnings[WARN_COUNT] = {
#define WARN(sym, id, text) [WARN_##sym] = { id, text },
#include "warnings.def"
#undef WARN
};

static bool
applies(const struct plan *p, enum warning w)
{
	bool remote = p->method == METHOD_RSPAN,
	     tunnel = p->method == METHOD_ERSPAN,
	     local = p->method == METHOD_SPAN || remote,
	     tap = p->method == METHOD_TAP || p->method == METHOD_TAP_TWO,
	     same = tunnel && p->management[0] != '\0' &&
	    plan_same_subnet(p->to, p->management);

	switch (w) {
	case WARN_ALL_PORTS:
		return (local || tunnel) && p->n_source > 0;
	case WARN_RX_ONLY:
		return (local || tunnel) &&
		    (p->direction != DIRECTION_RX || p->multicast);
	case WARN_ROOM:
		return local || tunnel;
	case WARN_TAGS:
	case WARN_ONE_WAY_DESTINATION:
		return local;
	case WARN_TRUNK:
	case WARN_TRUNK_SOURCE:
	case WARN_ONE_MAKE:
		return remote;
	case WARN_SUBNETS:
		return tunnel && !same;
	case WARN_SAME_SUBNET:
		return same;
	case WARN_ID:
	case WARN_MTU:
		return tunnel;
	case WARN_TAP_CUT:
	case WARN_TAP_POWER:
		return tap;
	case WARN_TAP_TIME:
		return p->method == METHOD_TAP;
	case WARN_PROMISCUOUS:
		return p->method == METHOD_ESXI;
	case WARN_NO_ADDRESS:
		return p->method == METHOD_ESXI || p->method == METHOD_HYPER_V;
	case WARN_UNVERIFIED:
		return !tap;
	case WARN_COUNT:
		break;
	}
	return false;
}

void
plan_warnings(const struct plan *p,
    void (*put)(void *ctx, const char *id, const char *text), void *ctx)
{
	for (unsigned i = 0; i < WARN_COUNT; i++)
		if (applies(p, (enum warning)i))
			put(ctx, warnings[i].id, warnings[i].text);
}

/* -------------------------------------------------------------------- JSON */

static void
put_line(void *ctx, const char *text)
{
	struct out *o = ctx;

	json_item(o);
	json_put_string(o, span_text(text));
}

static void
put_warning(void *ctx, const char *id, const char *text)
{
	struct out *o = ctx;

	json_item(o);
	json_open(o, '{');
	json_text(o, "id", id);
	json_text(o, "text", text);
	json_close(o, '}');
}

static void
put_sources(struct out *o, const struct plan *p)
{
	json_key(o, "sources");
	json_open(o, '[');
	for (uint32_t i = 0; i < p->n_source; i++) {
		json_item(o);
		json_put_string(o, span_text(p->source[i]));
	}
	json_close(o, ']');
	json_key(o, "vlans");
	json_open(o, '[');
	for (uint32_t i = 0; i < p->n_vlan; i++) {
		json_item(o);
		out_u64(o, p->vlan[i]);
	}
	json_close(o, ']');
}

static void
put_word(struct out *o, const char *key, const char *value)
{
	if (value[0] != '\0')
		json_text(o, key, value);
	else
		json_none(o, key);
}

void
plan_json(struct out *o, const struct plan *p)
{
	json_open(o, '{');
	json_text(o, "type", "plan");
	json_text(o, "method", plan_method_name(p->method));
	json_text(o, "make", plan_make_name(p->make));
	json_text(o, "origin", plan_make_origin(p->make));
	json_text(o, "direction", plan_direction_name(p->direction));
	put_sources(o, p);
	put_word(o, "destination", p->destination);
	json_u64(o, "session", p->session != 0 ? p->session : 1);
	if (p->remote_vlan != 0)
		json_u64(o, "remote_vlan", p->remote_vlan);
	else
		json_none(o, "remote_vlan");
	put_word(o, "to", p->to);
	put_word(o, "from", p->from);
	json_key(o, "switch");
	json_open(o, '[');
	plan_switch_lines(p, put_line, o);
	json_close(o, ']');
	json_key(o, "sensor");
	json_open(o, '[');
	plan_sensor_lines(p, put_line, o);
	json_close(o, ']');
	json_key(o, "warnings");
	json_open(o, '[');
	plan_warnings(p, put_warning, o);
	json_close(o, ']');
	json_close(o, '}');
}
