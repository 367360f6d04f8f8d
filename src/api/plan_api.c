/* plan_api.c - how a mirror is set up (src/plan). */
#include <stdio.h>
#include <string.h>

#include "../plan/plan.h"
#include "handlers.h"

static int
find(const char *(*name)(uint32_t), const char *word)
{
	for (uint32_t i = 0; word != NULL && name(i) != NULL; i++)
		if (strcmp(name(i), word) == 0)
			return (int)i;
	return -1;
}

static bool
pick(struct request *rq, const char *member, const char *(*name)(uint32_t),
    int otherwise, int *ret)
{
	const char *word = body_text(rq, member);
	char known[400] = "";
	size_t n = 0;

	*ret = word == NULL ? otherwise : find(name, word);
	if (*ret >= 0)
		return true;
	for (uint32_t i = 0; name(i) != NULL && n < sizeof(known) - 1; i++)
		n += (size_t)snprintf(known + n, sizeof(known) - n, "%s%s",
		    i > 0 ? ", " : "", name(i));
	fail(rq, 422, member, member, "There are %s.", known);
	return false;
}

static void
take(struct request *rq, const char *member, char dst[static PLAN_WORD])
{
	const char *text = body_text(rq, member);

	(void)snprintf(dst, PLAN_WORD, "%s", text != NULL ? text : "");
}

static bool
read_plan(struct request *rq, struct plan *p)
{
	const char *sources = body_text(rq, "sources");
	const char *vlans = body_text(rq, "vlans");
	char why[PLAN_ERROR];
	int method, make, direction;

	if (!pick(rq, "method", plan_method_name, -1, &method) ||
	    !pick(rq, "vendor", plan_make_name, 0, &make) ||
	    !pick(rq, "direction", plan_direction_name, DIRECTION_RX,
		&direction))
		return false;
	p->method = (enum plan_method)method;
	p->make = (enum plan_make)make;
	p->direction = (enum plan_direction)direction;
	if (sources != NULL && sources[0] != '\0' &&
	    !plan_sources(p, sources, why)) {
		fail(rq, 422, "sources", "sources", "%s", why);
		return false;
	}
	if (vlans != NULL && vlans[0] != '\0' && !plan_vlans(p, vlans, why)) {
		fail(rq, 422, "vlans", "vlans", "%s", why);
		return false;
	}
	take(rq, "destination", p->destination);
	take(rq, "to", p->to);
	take(rq, "from", p->from);
	take(rq, "management", p->management);
	take(rq, "machine", p->machine);
	take(rq, "interface", p->interface);
	take(rq, "other", p->other);
	p->session = (uint32_t)body_number(rq, "session", 0);
	p->remote_vlan = (uint16_t)body_number(rq, "remote_vlan", 0);
	p->multicast = body_flag(rq, "multicast", false);
	if (plan_check(p, why))
		return true;
	fail(rq, 422, "plan", NULL, "%s", why);
	return false;
}

static void
put_line(void *ctx, const char *text)
{
	out_text(ctx, text);
	out_char(ctx, '\n');
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
put_lines(struct request *rq, const char *key, const struct plan *p,
    void (*lines)(const struct plan *, plan_line *, void *))
{
	static _Thread_local struct out o;
	struct buffer *b = &rq->reader->item;

	b->n = 0;
	out_open_sink(&o, buffer_sink, b);
	lines(p, put_line, &o);
	(void)out_flush(&o);
	json_span(rq->out, key,
	    SPAN((const uint8_t *)(b->n > 0 ? b->p : ""), (uint32_t)b->n));
}

void
h_plan(struct request *rq)
{
	struct plan p = { .session = 0 };

	if (!read_plan(rq, &p))
		return;
	json_open(rq->out, '{');
	put_lines(rq, "text", &p, plan_switch_lines);
	put_lines(rq, "sensor", &p, plan_sensor_lines);
	json_text(rq->out, "origin", plan_make_origin(p.make));
	json_key(rq->out, "warnings");
	json_open(rq->out, '[');
	plan_warnings(&p, put_warning, rq->out);
	json_close(rq->out, ']');
	json_close(rq->out, '}');
}

static void
put_names(struct out *o, const char *key, const char *(*name)(uint32_t),
    const char *(*text)(uint32_t))
{
	json_key(o, key);
	json_open(o, '[');
	for (uint32_t i = 0; name(i) != NULL; i++) {
		json_item(o);
		json_open(o, '{');
		json_text(o, "name", name(i));
		json_text(o, "text", text != NULL ? text(i) : name(i));
		json_close(o, '}');
	}
	json_close(o, ']');
}

/* What can be planned. */
void
h_plan_words(struct request *rq)
{
	struct out *o = rq->out;

	json_open(o, '{');
	put_names(o, "methods", plan_method_name, plan_method_what);
	put_names(o, "vendors", plan_make_name, plan_make_title);
	put_names(o, "directions", plan_direction_name, NULL);
	json_key(o, "known");
	json_open(o, '[');
	for (uint32_t m = 0; plan_method_name(m) != NULL; m++)
		for (uint32_t v = 0; plan_make_name(v) != NULL; v++) {
			if (!plan_has((enum plan_method)m, (enum plan_make)v))
				continue;
			json_item(o);
			json_open(o, '{');
			json_text(o, "method", plan_method_name(m));
			json_text(o, "vendor", plan_make_name(v));
			json_close(o, '}');
		}
	json_close(o, ']');
	json_close(o, '}');
}
