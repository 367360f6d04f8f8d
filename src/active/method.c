/* method.c - the table of methods. */
#include <string.h>

#include "private.h"

#define HEARD_true(prefix) prefix##_heard
#define HEARD_false(prefix) NULL

const struct active_method active_methods[] = {
#define METHOD(prefix, name, title, proto, via, port, requests, hears, whole, \
    of_server, standard, caution)                                             \
	{ name, title, proto, via, port, requests, standard, caution,         \
		prefix##_ask, HEARD_##hears(prefix), whole, of_server },
#include "methods.def"
#undef METHOD
};
const unsigned active_method_count =
    sizeof(active_methods) / sizeof(active_methods[0]);

const char *
active_method_name(uint32_t i)
{
	return i < active_method_count ? active_methods[i].name : NULL;
}

const struct active_method *
active_method_find(const char *name)
{
	for (unsigned i = 0; i < active_method_count; i++)
		if (strcmp(active_methods[i].name, name) == 0)
			return &active_methods[i];
	return NULL;
}
