/* curve.c - how much was new on each of the last days. */
#include "private.h"

_Static_assert(BASELINE_DAYS == DAYS_KEPT, "all that are kept are told");

uint32_t
baseline_curve(const struct baseline *b, enum scenario scenario,
    uint32_t ret[static BASELINE_DAYS], struct tick *ret_from)
{
	const struct scenario_data *s = &b->scenario[scenario];
	uint32_t n = b->day + 1 < DAYS_KEPT ? b->day + 1 : DAYS_KEPT;
	uint32_t first = b->day + 1 - n;

	if (!b->begun)
		return 0;
	for (uint32_t i = 0; i < n; i++)
		ret[i] = s->shadow[(first + i) % DAYS_KEPT];
	*ret_from = window_time(b, first * DAY_WINDOWS);
	return n;
}

int64_t
baseline_day_seconds(const struct baseline *b)
{
	return b->window_ns * (int64_t)DAY_WINDOWS / TICK_SECOND;
}
