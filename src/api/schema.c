/* schema.c - the table of schemas, and whether a body fits one. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "private.h"

#define SCHEMA(name) static const struct member name##_members[] = {
#define M(name, type, help) { name, type, help },
#define END(name, help) \
	}               \
	;
#include "schema.def"
#undef SCHEMA
#undef M
#undef END

const struct schema schemas[] = {
#define SCHEMA(name)
#define M(name, type, help)
#define END(name, help)                \
	{ #name, help, name##_members, \
		sizeof(name##_members) / sizeof(name##_members[0]) },
#include "schema.def"
#undef SCHEMA
#undef M
#undef END
};
const uint32_t n_schemas = sizeof(schemas) / sizeof(schemas[0]);

const struct schema *
schema_find(const char *name)
{
	for (uint32_t i = 0; name != NULL && i < n_schemas; i++)
		if (strcmp(schemas[i].name, name) == 0)
			return &schemas[i];
	return NULL;
}

bool
schema_has(const struct schema *s, const char *name, size_t n)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (strcmp(s->member[i].name, "*") == 0 ||
		    (strlen(s->member[i].name) == n &&
			memcmp(s->member[i].name, name, n) == 0))
			return true;
	return false;
}

/* ---------------------------------------------------------------- checking */

struct flaw {
	char *field, *why;
	size_t field_cap, why_cap;
};

static bool say(const struct flaw *, const char *field, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static bool
say(const struct flaw *f, const char *field, const char *fmt, ...)
{
	va_list args;

	(void)snprintf(f->field, f->field_cap, "%s", field);
	va_start(args, fmt);
	(void)vsnprintf(f->why, f->why_cap, fmt, args);
	va_end(args);
	return false;
}

static bool
is_of(const char *type, size_t n, const json_t *v)
{
#define IS(word) (n == sizeof(word) - 1 && memcmp(type, word, n) == 0)
	if (IS("string") || IS("time"))
		return json_is_string(v);
	if (IS("integer"))
		return json_is_integer(v);
	if (IS("number"))
		return json_is_number(v);
	if (IS("boolean"))
		return json_is_boolean(v);
	return IS("any");
#undef IS
}

static bool check_object(const struct schema *, const json_t *,
    const struct flaw *);

static const struct schema *
schema_find_n(const char *name, size_t n)
{
	char copy[64];

	(void)snprintf(copy, sizeof(copy), "%.*s", (int)n, name);
	return schema_find(copy);
}

static bool
check_value(const struct member *m, const json_t *v, const struct flaw *f)
{
	const char *type = m->type;
	size_t n = strcspn(type, "?-"), i;
	char name[64];
	json_t *item;

	if (type[n] == '?' && json_is_null(v))
		return true;
	(void)snprintf(name, sizeof(name), "%.*s", (int)n, type);
	if (type[0] == '[') {
		if (!json_is_array(v))
			return say(f, m->name, "%s must be a list.", m->name);
		json_array_foreach(v, i, item)
			if (schema_find_n(type + 1, n - 2) != NULL) {
				if (!check_object(schema_find_n(type + 1,
						      n - 2),
					item, f))
					return false;
			} else if (!is_of(type + 1, n - 2, item)) {
				return say(f, m->name,
				    "%s must be a list of %.*s.", m->name,
				    (int)n - 2, type + 1);
			}
		return true;
	}
	if (schema_find(name) != NULL)
		return check_object(schema_find(name), v, f);
	if (is_of(type, n, v))
		return true;
	return say(f, m->name, "%s must be %s %s.", m->name,
	    type[0] == 'i' ? "an" : "a", name);
}

static bool
check_object(const struct schema *s, const json_t *v, const struct flaw *f)
{
	const char *name;
	json_t *member;

	if (!json_is_object(v))
		return say(f, "", "The body must be an object.");
	json_object_foreach((json_t *)(uintptr_t)v, name, member)
		if (!schema_has(s, name, strlen(name)))
			return say(f, "", "There is no member '%.48s' here.",
			    name);
	for (uint32_t i = 0; i < s->n; i++) {
		const struct member *m = &s->member[i];

		member = json_object_get(v, m->name);
		if (member == NULL && strchr(m->type, '-') == NULL)
			return say(f, m->name, "%s is missing.", m->name);
		if (member != NULL && !check_value(m, member, f))
			return false;
	}
	return true;
}

bool
schema_check(const struct schema *s, const json_t *body, char *ret_field,
    size_t field_cap, char *ret_why, size_t why_cap)
{
	const struct flaw f = { ret_field, ret_why, field_cap, why_cap };

	ret_field[0] = ret_why[0] = '\0';
	return check_object(s, body, &f);
}
