/* values.c - see values.h. */
#include "values.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

bool
value_number(const char *text, uint64_t most, uint64_t *ret)
{
	char *end;

	*ret = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && *end == '\0' && *ret <= most;
}

bool
value_count(const char *command, const char *option, const char *text,
    uint64_t most, uint64_t *ret)
{
	if (value_number(text, most, ret))
		return true;
	complain("%s: --%s %s: must be a number up to %" PRIu64, command,
	    option, text, most);
	return false;
}

bool
value_text(const char *command, const char *option, const char *text, char *dst,
    size_t cap)
{
	if (strlen(text) < cap) {
		(void)snprintf(dst, cap, "%s", text);
		return true;
	}
	complain("%s: --%s: at most %zu bytes", command, option, cap - 1);
	return false;
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
