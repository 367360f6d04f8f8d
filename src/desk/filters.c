/* filters.c - capture filters, tried on live traffic before they count. */
#include "desk.h"
#include "private.h"

#define SECONDS 5
#define SECONDS_MOST 60
#define CONDITION_MOST 200

bool
filters_try(struct work *w)
{
	const char *condition;
	char why[256] = "";
	int64_t seconds;
	uint32_t number;

	if (w->d->try_filter == NULL)
		return work_fail(w, "conflict", NULL,
		    "no sensor runs with this state");
	if (!work_text(w, "condition", "", CONDITION_MOST, &condition) ||
	    !work_whole(w, "seconds", SECONDS, 1, SECONDS_MOST, &seconds))
		return false;
	number = w->d->try_filter(w->d->ctx, condition, (uint32_t)seconds, why,
	    sizeof(why));
	return number != 0 ? work_put(w, "number", json_integer(number))
			   : work_fail(w, "bad", "condition", "%s", why);
}
