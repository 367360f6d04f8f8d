/* values.c - see values.h. */
#include "values.h"

#include <stdlib.h>

#include "cli.h"

bool
value_number(const char *text, uint64_t most, uint64_t *ret)
{
	char *end;

	*ret = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && *end == '\0' && *ret <= most;
}

bool
value_time(const char *command, const char *option, const char *text,
    struct tick *ret)
{
	if (rule_moment(span_text(text), ret))
		return true;
	complain("%s: --%s %s: must be a time such as 2026-11-20, or "
		 "2026-11-20T12:00:00Z",
	    command, option, text);
	return false;
}
