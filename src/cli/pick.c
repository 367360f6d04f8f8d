/* pick.c - see pick.h. */
#include "pick.h"

#include <stdlib.h>

#include "cli.h"

bool
pick_number(struct picked *p, const char *command, const char *text)
{
	char *end;
	unsigned long first = strtoul(text, &end, 10), last = first;

	if (*text >= '0' && *text <= '9' && end[0] == '.' && end[1] == '.')
		last = strtoul(end + 2, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || first == 0 ||
	    last < first || last > UINT32_MAX) {
		complain("%s: '%s' is no number of an alert", command, text);
		return false;
	}
	if (last - first >= PICKED_MAX - p->n) {
		complain("%s: more than %u alerts at a time", command,
		    PICKED_MAX);
		return false;
	}
	for (unsigned long i = first; i <= last; i++)
		p->number[p->n++] = (uint32_t)i;
	return true;
}

bool
pick_where(struct picked *p, const struct list *l, struct store *db,
    const char *condition)
{
	struct query_error e;
	int64_t n = list_select(l, db, condition, p->number + p->n,
	    PICKED_MAX - p->n, &e);

	if (n < 0)
		complain("%s: --where: %s", l->noun, e.text);

	if (n > PICKED_MAX - p->n) {
		complain("%s: more than %u fulfil that; narrow it down",
		    l->noun, PICKED_MAX);
		return false;
	}
	if (n > 0)
		p->n += (uint32_t)n;
	return n >= 0;
}

bool
picks_any(const struct picked *p, const struct list_request *r,
    const char *command, const char *verb)
{
	if (p->n > 0 || r->where != NULL)
		return true;
	complain("%s: %s: which? a number, or --where CONDITION", command,
	    verb);
	return false;
}

bool
picks(const struct picked *p, uint32_t number)
{
	for (uint32_t i = 0; i < p->n; i++)
		if (p->number[i] == number)
			return true;
	return p->n == 0;
}
