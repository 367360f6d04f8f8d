/* params.c - what was said in the query, the path and the body. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

const char *
param(const struct request *rq, const char *name)
{
	const char *v =
	    MHD_lookup_connection_value(rq->link, MHD_GET_ARGUMENT_KIND, name);

	return v != NULL && v[0] != '\0' ? v : NULL;
}

static bool
names_it(const char *names, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = names; at != NULL && *at != '\0';) {
		size_t len = strcspn(at, " ");

		if (len == n && memcmp(at, name, n) == 0)
			return true;
		at += len + strspn(at + len, " ");
	}
	return false;
}

static enum MHD_Result
look(void *ctx, enum MHD_ValueKind kind, const char *name, size_t name_n,
    const char *value, size_t n)
{
	struct request *rq = ctx;

	(void)kind;
	if (!text_is_utf8(name, name_n) || strlen(name) != name_n ||
	    (value != NULL && (!text_is_utf8(value, n) || strlen(value) != n)))
		fail(rq, 422, "bad-text", NULL,
		    "The query is not valid UTF-8 text.");
	else if (!names_it(rq->route->params, name))
		fail(rq, 422, "unknown-parameter", NULL,
		    "There is no parameter '%.64s' here.", name);
	else if (strcmp(MHD_lookup_connection_value(rq->link,
			    MHD_GET_ARGUMENT_KIND, name) != NULL
			 ? MHD_lookup_connection_value(rq->link,
			       MHD_GET_ARGUMENT_KIND, name)
			 : "",
		     value != NULL ? value : "") != 0)
		fail(rq, 422, "twice", NULL,
		    "The parameter '%.64s' is there twice.", name);
	return rq->status == 0 ? MHD_YES : MHD_NO;
}

bool
params_are_known(struct request *rq)
{
	(void)MHD_get_connection_values_n(rq->link, MHD_GET_ARGUMENT_KIND, look,
	    rq);
	return rq->status == 0;
}

static bool
number_of(const char *text, int64_t *ret)
{
	char *end;
	long long v = strtoll(text, &end, 10);

	*ret = v;
	return end != text && *end == '\0' && strlen(text) < 19 &&
	    strspn(text, "-0123456789") == strlen(text);
}

bool
param_number(struct request *rq, const char *name, int64_t least, int64_t most,
    int64_t *ret)
{
	const char *text = param(rq, name);
	int64_t v;

	if (text == NULL)
		return true;
	if (number_of(text, &v) && v >= least && v <= most) {
		*ret = v;
		return true;
	}
	fail(rq, 422, "bad-number", name,
	    "'%s' must be a number from %lld to %lld.", name, (long long)least,
	    (long long)most);
	return false;
}

bool
param_time(struct request *rq, const char *name, struct tick *ret)
{
	const char *text = param(rq, name);

	if (text == NULL || rule_moment(span_text(text), ret))
		return true;
	fail(rq, 422, "bad-time", name,
	    "'%s' must be a time such as 2026-11-20T12:00:00Z, or a day.",
	    name);
	return false;
}

/* A number in the path: what is none is not there. */
bool
arg_number(struct request *rq, uint32_t i, uint32_t *ret)
{
	int64_t v;

	if (number_of(rq->arg[i], &v) && v > 0 && v <= UINT32_MAX) {
		*ret = (uint32_t)v;
		return true;
	}
	fail(rq, 404, "not-found", NULL, "There is no such thing here.");
	return false;
}

const char *
body_text(const struct request *rq, const char *name)
{
	return json_string_value(json_object_get(rq->body, name));
}

bool
body_flag(const struct request *rq, const char *name, bool otherwise)
{
	const json_t *v = json_object_get(rq->body, name);

	return json_is_boolean(v) ? json_is_true(v) : otherwise;
}

int64_t
body_number(const struct request *rq, const char *name, int64_t otherwise)
{
	const json_t *v = json_object_get(rq->body, name);

	return json_is_integer(v) ? json_integer_value(v) : otherwise;
}
