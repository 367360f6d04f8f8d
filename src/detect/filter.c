/* filter.c - see filter.h. */
#include "filter.h"

#include <stdio.h>

#include "event.h"

const char *
filter_of_name(uint32_t i)
{
	static const char *const names[FILTER_OF_COUNT] = { "all", "inventory",
		"baseline", "alerts" };

	return i < FILTER_OF_COUNT ? names[i] : NULL;
}

const char *
filter_take_name(uint32_t i)
{
	static const char *const names[FILTER_TAKE_COUNT] = { "exclude",
		"include" };

	return i < FILTER_TAKE_COUNT ? names[i] : NULL;
}

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
