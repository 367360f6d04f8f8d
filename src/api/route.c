/* route.c - the table of routes, and which of them a path is. */
#include <stdio.h>
#include <string.h>

#include "handlers.h"

#define LIST_PARAMS "where sort fields limit cursor format"

const struct route routes[] = {
#define ROUTE(method, path, access, run, tag, summary, params, takes, answer, \
    gives)                                                                    \
	{ #method, path, ACCESS_##access, run, tag, summary, params, takes,   \
		ANSWER_##answer, gives, NULL },
#define LIST(path, access, list, tag, summary, gives)                        \
	{ "GET", path, ACCESS_##access, rows_run, tag, summary, LIST_PARAMS, \
		NULL, ANSWER_LIST, gives, &(list) },
#include "routes.def"
#undef LIST
#undef ROUTE
};
const uint32_t n_routes = sizeof(routes) / sizeof(routes[0]);

/* "{name}" takes what stands between two slashes, "{name...}" all the rest. */
static bool
fits(const char *pattern, const char *path,
    char arg[ROUTE_ARGS][ARG_MAX_LENGTH])
{
	uint32_t n = 0;

	while (*pattern != '\0') {
		size_t most;
		const char *end;

		if (*pattern != '{') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		end = strchr(pattern, '}');
		most = end[-1] == '.' ? strlen(path) : strcspn(path, "/");
		if (most == 0 || most >= ARG_MAX_LENGTH || n == ROUTE_ARGS)
			return false;
		memcpy(arg[n], path, most);
		arg[n++][most] = '\0';
		path += most;
		pattern = end + 1;
	}
	return *path == '\0';
}

/* A fixed word wins over a name in braces: it stands first in the table. */
const struct route *
route_find(const char *method, const char *path,
    char arg[ROUTE_ARGS][ARG_MAX_LENGTH], char *ret_allow, size_t cap)
{
	size_t n = 0;

	ret_allow[0] = '\0';
	if (strcmp(method, "HEAD") == 0)
		method = "GET";
	for (uint32_t i = 0; i < n_routes; i++) {
		if (!fits(routes[i].path, path, arg))
			continue;
		if (strcmp(routes[i].method, method) == 0)
			return &routes[i];
		n += (size_t)snprintf(ret_allow + n, cap - n, "%s%s%s",
		    n > 0 ? ", " : "", routes[i].method,
		    strcmp(routes[i].method, "GET") == 0 ? ", HEAD" : "");
	}
	if (n > 0)
		(void)snprintf(ret_allow + n, cap - n, ", OPTIONS");
	return NULL;
}
