/*
 * filter.c - capture filters: what is left out of everything but the search
 * for malware, which sees all of it.
 *
 * Conditions of the language of rules, over what every packet of a flow has in
 * common, so that a flow is left out as a whole.
 */
#include <stdio.h>

#include "../detect/event.h"
#include "private.h"

static const enum field may_ask[] = { FIELD_CLIENT, FIELD_SERVER, FIELD_PORT,
	FIELD_CLIENT_PORT, FIELD_VIA, FIELD_SERVICE, FIELD_VLAN };
#define MAY_ASK (sizeof(may_ask) / sizeof(may_ask[0]))

static bool
is_allowed(uint32_t field)
{
	for (size_t i = 0; i < MAY_ASK; i++)
		if (may_ask[i] == field)
			return true;
	return false;
}

struct rule *
filter_compile(const char *text, char ret_error[static FILTER_ERROR])
{
	struct rule_error e;
	struct rule *r = rule_compile(&event_schema, span_text(text), &e);

	if (r == NULL) {
		(void)snprintf(ret_error, FILTER_ERROR, "%s", e.text);
		return NULL;
	}
	for (uint32_t i = 0; i < FIELD_COUNT; i++)
		if (rule_asks(r, i) && !is_allowed(i)) {
			(void)snprintf(ret_error, FILTER_ERROR,
			    "a capture filter cannot ask for %s: there are "
			    "client, server, port, client_port, via, service "
			    "and vlan",
			    event_schema.field[i].name);
			rule_free(r);
			return NULL;
		}
	return r;
}

bool
filter_matches(const struct rule *r, const struct talk *t)
{
	struct event e = { .kind = EVENT_BEGIN, .at = t->first, .talk = t };

	return rule_matches(r, &e);
}

bool
sensor_leaves_out(const struct sensor *s, const struct talk *t)
{
	return (s->include != NULL && !filter_matches(s->include, t)) ||
	    (s->exclude != NULL && filter_matches(s->exclude, t));
}

static bool
open_one(struct sensor *s, const char *key, const char *text, struct rule **ret)
{
	char why[FILTER_ERROR], line[FILTER_ERROR + 64];

	if (text == NULL || text[0] == '\0')
		return true;
	*ret = filter_compile(text, why);
	if (*ret != NULL)
		return true;
	(void)snprintf(line, sizeof(line), "%s: %s", key, why);
	return sensor_fail(s, line);
}

bool
sensor_open_filters(struct sensor *s)
{
	return open_one(s, "filter.include", s->config.include, &s->include) &&
	    open_one(s, "filter.exclude", s->config.exclude, &s->exclude);
}
