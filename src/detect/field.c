/* field.c - see field.h. */
#include "field.h"

#include "../proto/proto.h"

const char *
proto_word(uint32_t i)
{
	return i < n_protos ? protos[i]->name : NULL;
}

const char *
weekday_word(uint32_t i)
{
	static const char *const names[] = { "mon", "tue", "wed", "thu", "fri",
		"sat", "sun" };

	return i < 7 ? names[i] : NULL;
}

static int64_t
hours_since_epoch(struct tick t)
{
	int64_t hour = 3600 * TICK_SECOND;

	return t.ns / hour - (t.ns % hour < 0);
}

uint32_t
tick_hour(struct tick t)
{
	return (uint32_t)((hours_since_epoch(t) % 24 + 24) % 24);
}

/* 1970-01-01 was a Thursday. */
uint32_t
tick_weekday(struct tick t)
{
	int64_t week = INT64_C(7) * 24;
	int64_t hours = hours_since_epoch(t) + INT64_C(3) * 24;

	return (uint32_t)((hours % week + week) % week / 24);
}

bool
addr_value(const struct addr *a, struct rule_value *ret)
{
	ret->u.addr = a;
	return a != NULL && (a->ip.len > 0 || a->has_mac);
}
