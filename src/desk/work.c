/* work.c - what all verbs stand on: fields of requests, answers, notes. */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/nearest.h"
#include "private.h"

/* ------------------------------------------------------------------ answers */

bool
work_fail(struct work *w, const char *code, const char *field, const char *fmt,
    ...)
{
	va_list ap;

	w->code = code;
	w->field = field;
	va_start(ap, fmt);
	(void)vsnprintf(w->message, sizeof(w->message), fmt, ap);
	va_end(ap);
	return false;
}

bool
work_fail_store(struct work *w)
{
	return work_fail(w, "failed", NULL, "%s", store_error(w->d->store));
}

static bool
has_room(struct work *w, size_t more)
{
	size_t cap = w->cap_text > 0 ? w->cap_text : 256;
	char *p;

	while (cap < w->n_text + more)
		cap *= 2;
	if (cap == w->cap_text)
		return true;
	p = realloc(w->text, cap);
	if (p == NULL)
		return false;
	w->text = p;
	w->cap_text = cap;
	return true;
}

void
work_say(struct work *w, const char *fmt, ...)
{
	char line[1024];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	n = n < (int)sizeof(line) ? n : (int)sizeof(line) - 1;
	if (!has_room(w, (size_t)n))
		return;
	memcpy(w->text + w->n_text, line, (size_t)n);
	w->n_text += (size_t)n;
}

bool
work_put(struct work *w, const char *key, json_t *value)
{
	return json_object_set_new(w->reply, key, value) == 0 ||
	    work_fail(w, "failed", NULL, "out of memory");
}

bool
work_note(struct work *w, const char *what, const char *about, const char *fmt,
    ...)
{
	char text[640];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return store_note(w->d->store, w->d->now, w->d->who, what, about,
		   text) ||
	    work_fail_store(w);
}

/* ------------------------------------------------------------------- fields */

static const json_t *
get(const struct work *w, const char *field)
{
	const json_t *v = json_object_get(w->q, field);

	return json_is_null(v) ? NULL : v;
}

bool
work_has(const struct work *w, const char *field)
{
	return get(w, field) != NULL;
}

static bool
is_missing(struct work *w, const char *field)
{
	return work_fail(w, "bad", field, "%s is missing", field);
}

bool
work_numbers(struct work *w, const char *field, struct numbers *ret)
{
	const json_t *list = get(w, field), *one;
	size_t i;

	ret->n = 0;
	if (!json_is_array(list) || json_array_size(list) == 0)
		return work_fail(w, "bad", field,
		    "%s: must be a list of at least one number", field);
	if (json_array_size(list) > WORK_NUMBERS_MAX)
		return work_fail(w, "bad", field, "%s: more than %u at a time",
		    field, WORK_NUMBERS_MAX);
	json_array_foreach(list, i, one) {
		json_int_t n = json_integer_value(one);

		if (n < 1 || n > UINT32_MAX)
			return work_fail(w, "bad", field,
			    "%s: must be numbers from 1", field);
		ret->of[ret->n++] = (uint32_t)n;
	}
	return true;
}

/* Control characters would reach terminals and logs of others. */
static bool
is_plain(const char *s, bool lines)
{
	for (; *s != '\0'; s++)
		if (((unsigned char)*s < ' ' && !(lines && *s == '\n') &&
			*s != '\t') ||
		    *s == 0x7f)
			return false;
	return true;
}

bool
work_text(struct work *w, const char *field, const char *none, size_t most,
    const char **ret)
{
	const json_t *v = get(w, field);

	*ret = none;
	if (v == NULL)
		return none != NULL || is_missing(w, field);
	if (!json_is_string(v))
		return work_fail(w, "bad", field, "%s: must be a text", field);
	*ret = json_string_value(v);
	if (json_string_length(v) > most)
		return work_fail(w, "bad", field, "%s: at most %zu bytes",
		    field, most);
	return strlen(*ret) == json_string_length(v) &&
		(most > 65536 || is_plain(*ret, true))
	    ? true
	    : work_fail(w, "bad", field, "%s: has control characters", field);
}

bool
work_copy(struct work *w, const char *field, const char *none, char *dst,
    size_t cap)
{
	const char *text;

	/* never NULL then, which compilers cannot see */
	if (!work_text(w, field, none, cap - 1, &text) || text == NULL)
		return false;
	(void)snprintf(dst, cap, "%s", text);
	return none != NULL || text[0] != '\0' ||
	    work_fail(w, "bad", field, "%s is missing", field);
}

bool
work_whole(struct work *w, const char *field, int64_t none, int64_t least,
    int64_t most, int64_t *ret)
{
	const json_t *v = get(w, field);

	*ret = none;
	if (v == NULL)
		return none != WORK_MUST || is_missing(w, field);
	*ret = json_integer_value(v);
	return (json_is_integer(v) && *ret >= least && *ret <= most) ||
	    work_fail(w, "bad", field,
		"%s: must be a number from %" PRId64 " to %" PRId64, field,
		least, most);
}

bool
work_yes(struct work *w, const char *field, bool none, bool *ret)
{
	const json_t *v = get(w, field);

	*ret = v != NULL ? json_is_true(v) : none;
	return v == NULL || json_is_boolean(v) ||
	    work_fail(w, "bad", field, "%s: must be true or false", field);
}

bool
work_time(struct work *w, const char *field, struct tick *ret)
{
	const char *text;

	ret->ns = 0;
	if (!work_has(w, field))
		return true;
	if (!work_text(w, field, NULL, 64, &text))
		return false;
	return rule_moment(span_text(text), ret) ||
	    work_fail(w, "bad", field,
		"%s: must be a time such as 2026-11-20, or "
		"2026-11-20T12:00:00Z",
		field);
}

static bool
no_such_word(struct work *w, const char *field, const char *text,
    const char *(*word)(uint32_t))
{
	const char *near = nearest(text, word);
	char all[256] = "";
	size_t n = 0;

	for (uint32_t i = 0; word(i) != NULL && n < sizeof(all); i++)
		n += (size_t)snprintf(all + n, sizeof(all) - n, "%s%s",
		    i > 0 ? ", " : "", word(i));
	if (near != NULL)
		return work_fail(w, "bad", field,
		    "%s: no '%.64s'; did you mean %s?", field, text, near);
	return work_fail(w, "bad", field, "%s: no '%.64s'; there are %s", field,
	    text, all);
}

bool
work_word(struct work *w, const char *field, const char *(*word)(uint32_t),
    int *ret)
{
	const char *text;

	*ret = -1;
	if (!work_has(w, field))
		return true;
	if (!work_text(w, field, NULL, 256, &text))
		return false;
	for (uint32_t i = 0; word(i) != NULL; i++)
		if (strcmp(word(i), text) == 0) {
			*ret = (int)i;
			return true;
		}
	return no_such_word(w, field, text, word);
}

/* ---------------------------------------------------------------------- SQL */

int64_t
work_sql(struct work *w, const char *sql, const char *text, int64_t none)
{
	sqlite3_stmt *s = NULL;
	int64_t n = none;

	if (sqlite3_prepare_v2(store_db(w->d->store), sql, -1, &s, NULL) !=
	    SQLITE_OK)
		return none;
	if (text != NULL)
		(void)sqlite3_bind_text(s, 1, text, -1, SQLITE_STATIC);
	if (sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int64(s, 0);
	(void)sqlite3_finalize(s);
	return n;
}
