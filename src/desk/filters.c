/*
 * filters.c - capture filters: tried on live traffic, added, taken away.
 *
 * What is filtered is said as a condition, or by what it is about: a device, a
 * channel (two ends), a subnet, a port, a VLAN; of several all must hold.
 */
#include <stdio.h>
#include <string.h>

#include "../detect/filter.h"
#include "desk.h"
#include "private.h"

#define SECONDS 5
#define SECONDS_MOST 60
#define CONDITION_MOST 200

/* -------------------------------------------------------- what it is about */

enum ends {
	EITHER,
	BOTH,
};

static const char *
ends_word(uint32_t i)
{
	return i == EITHER ? "either" : i == BOTH ? "both" : NULL;
}

/* %: the values, as often as it is there */
static const struct subject {
	const char *field, *either, *both;
} abouts[] = {
	{ "device", "(client % or server %)", NULL },
	{ "channel", NULL, "client % and server %" },
	{ "subnet", "(client % or server %)", "client % and server %" },
	{ "port", "port %", NULL },
	{ "vlan", "vlan %", NULL },
};
#define ABOUTS (sizeof(abouts) / sizeof(abouts[0]))

/* The form with the value in the place of each %; false: no room. */
static bool
fill(char *dst, size_t cap, const char *form, const char *value)
{
	size_t n = strlen(dst);

	for (; *form != '\0' && n < cap; form++)
		if (form[0] == '%')
			n += (size_t)snprintf(dst + n, cap - n, "%s", value);
		else
			dst[n++] = *form;
	if (n >= cap)
		return false;
	dst[n] = '\0';
	return true;
}

/* Nothing but what addresses, numbers and lists of them are made of. */
static bool
is_plain(const char *text)
{
	return strspn(text, "0123456789abcdefABCDEF.:/, ") == strlen(text);
}

static bool
take_about(struct work *w, const struct subject *a, int ends, char *dst,
    size_t cap)
{
	const char *form = a->either, *value;
	char values[CONDITION_MOST + 8];

	if (!work_text(w, a->field, "", CONDITION_MOST, &value))
		return false;
	if (value[0] == '\0')
		return true;
	if (!is_plain(value))
		return work_fail(w, "bad", a->field,
		    "%s: must be addresses or numbers, with commas between "
		    "them",
		    a->field);
	if (form == NULL || (ends == BOTH && a->both != NULL))
		form = a->both;
	(void)snprintf(values, sizeof(values),
	    strpbrk(value, ",") != NULL || strstr(value, "..") != NULL
		? "in (%s)"
		: "= %s",
	    value);
	return (dst[0] == '\0' || fill(dst, cap, " and ", "")) &&
	    (fill(dst, cap, form, values) ||
		work_fail(w, "bad", a->field, "%s: is too long", a->field));
}

/* `must`: it is there; `dst` has room for CONDITION_MOST + 1. */
static bool
take_condition(struct work *w, bool must, char *dst)
{
	const char *said, *field = "condition";
	char why[FILTER_ERROR];
	struct rule *r;
	int ends;

	dst[0] = '\0';
	if (!work_text(w, "condition", "", CONDITION_MOST, &said) ||
	    !work_word(w, "ends", ends_word, &ends))
		return false;
	for (size_t i = 0; i < ABOUTS; i++) {
		if (!take_about(w, &abouts[i], ends, dst, CONDITION_MOST + 1))
			return false;
		field = work_has(w, abouts[i].field) ? abouts[i].field : field;
	}
	if (said[0] != '\0' && dst[0] != '\0')
		return work_fail(w, "bad", "condition",
		    "a condition, or what it is about: not both");
	if (said[0] != '\0')
		(void)snprintf(dst, CONDITION_MOST + 1, "%s", said);
	if (dst[0] == '\0')
		return !must ||
		    work_fail(w, "bad", "condition",
			"what is filtered? A condition, or a device, channel, "
			"subnet, port or VLAN");
	r = filter_compile(dst, why);
	rule_free(r);
	return r != NULL || work_fail(w, "bad", field, "%s", why);
}

static bool
take_take(struct work *w, int *ret)
{
	if (!work_word(w, "take", filter_take_name, ret))
		return false;
	*ret = *ret < 0 ? FILTER_EXCLUDE : *ret;
	return true;
}

/* ----------------------------------------------------------------- the verbs
 */

bool
filters_try(struct work *w)
{
	char condition[CONDITION_MOST + 1], why[FILTER_ERROR] = "";
	struct desk_trial q = { .condition = condition };
	int64_t seconds;
	uint32_t number;
	int take;

	if (w->d->try_filter == NULL)
		return work_fail(w, "conflict", NULL,
		    "no sensor runs with this state");
	if (!take_condition(w, false, condition) || !take_take(w, &take) ||
	    !work_whole(w, "seconds", SECONDS, 1, SECONDS_MOST, &seconds))
		return false;
	q.include = take == FILTER_INCLUDE;
	q.seconds = (uint32_t)seconds;
	number = w->d->try_filter(w->d->ctx, &q, why, sizeof(why));
	if (number == 0)
		return work_fail(w, "bad", "condition", "%s", why);
	return work_put(w, "number", json_integer(number)) &&
	    work_put(w, "condition", json_string(condition));
}

static const char *
what_of(const struct said_filter *f, char dst[static 64])
{
	bool all = strcmp(f->of, "all") == 0,
	     include = strcmp(f->take, "include") == 0;

	(void)snprintf(dst, 64, "%s %s", include ? "only" : "not",
	    all ? "watched" : f->of);
	return dst;
}

static bool
put_one(struct work *w, const struct said_filter *f)
{
	char about[24], words[64];

	(void)snprintf(about, sizeof(about), "filter %u", f->number);
	return (store_put_filter(w->d->store, f, w->d->now) ||
		   work_fail_store(w)) &&
	    work_note(w, "setting", about, "%s: %s", what_of(f, words),
		f->condition);
}

/* All that there are; their number, or -1 after failing. */
static int
read_all(struct work *w, struct said_filter all[static STORE_FILTERS])
{
	uint32_t n;

	if (!store_filters(w->d->store, all, &n)) {
		(void)work_fail_store(w);
		return -1;
	}
	return (int)n;
}

static uint32_t
next_number(struct work *w)
{
	/* also of those that were taken away: the timeline speaks of them */
	return 1 +
	    (uint32_t)work_sql(w,
		"SELECT max(CAST(substr(key, 8) AS INTEGER)) FROM setting "
		"WHERE key GLOB 'filter.[1-9]*'",
		NULL, 0);
}

bool
filters_add(struct work *w)
{
	static struct said_filter all[STORE_FILTERS];
	struct said_filter f = { .number = 0 };
	char words[64];
	int of, take, n = read_all(w, all);

	if (n < 0 || !take_condition(w, true, f.condition) ||
	    !take_take(w, &take) || !work_word(w, "of", filter_of_name, &of))
		return false;
	if (of < 0)
		return work_fail(w, "bad", "of", "of is missing");
	if (n == (int)STORE_FILTERS)
		return work_fail(w, "conflict", NULL,
		    "there are %u capture filters, and no more can be: put "
		    "some into one condition with or",
		    STORE_FILTERS);
	f.number = next_number(w);
	(void)snprintf(f.of, sizeof(f.of), "%s", filter_of_name((uint32_t)of));
	(void)snprintf(f.take, sizeof(f.take), "%s",
	    filter_take_name((uint32_t)take));
	work_say(w, "filter %u: %s: %s\n", f.number, what_of(&f, words),
	    f.condition);
	return put_one(w, &f) &&
	    work_put(w, "number", json_integer(f.number)) &&
	    work_put(w, "condition", json_string(f.condition)) &&
	    work_put(w, "undo",
		json_pack("{s:s, s:[i]}", "verb", "filters.remove", "numbers",
		    (int)f.number));
}

static const struct said_filter *
find(const struct said_filter *all, int n, uint32_t number)
{
	for (int i = 0; i < n; i++)
		if (all[i].number == number)
			return &all[i];
	return NULL;
}

static bool
remove_one(struct work *w, const struct said_filter *was, json_t *before)
{
	struct said_filter f = *was;
	char about[24], words[64];

	(void)json_array_append_new(before,
	    json_pack("{s:i, s:s, s:s, s:s}", "number", (int)f.number, "of",
		f.of, "take", f.take, "condition", f.condition));
	(void)snprintf(about, sizeof(about), "filter %u", f.number);
	work_say(w, "filter %u is gone: %s: %s\n", f.number, what_of(&f, words),
	    f.condition);
	f.condition[0] = '\0';
	return (store_put_filter(w->d->store, &f, w->d->now) ||
		   work_fail_store(w)) &&
	    work_note(w, "setting", about, "gone: %s: %s", words,
		was->condition);
}

bool
filters_remove(struct work *w)
{
	static struct said_filter all[STORE_FILTERS];
	static struct numbers numbers;
	json_t *before;
	int n = read_all(w, all);
	bool ok = n >= 0 && work_numbers(w, "numbers", &numbers);

	if (!ok)
		return false;
	before = json_array();
	for (uint32_t i = 0; ok && i < numbers.n; i++) {
		const struct said_filter *f = find(all, n, numbers.of[i]);

		ok = f != NULL
		    ? remove_one(w, f, before)
		    : work_fail(w, "absent", "numbers",
			  "there is no capture filter %u", numbers.of[i]);
	}
	ok = ok &&
	    work_put(w, "undo",
		json_pack("{s:s, s:O}", "verb", "filters.restore", "filters",
		    before));
	json_decref(before);
	return ok;
}

/* One of the list, as a request of its own; false after failing. */
static bool
restore_one(struct work *w, const json_t *one, struct said_filter *ret)
{
	const json_t *whole = w->q;
	int64_t number = 0;
	int of = -1, take = -1;
	bool ok;

	w->q = one;
	ok = work_whole(w, "number", WORK_MUST, 1, UINT32_MAX / 2, &number) &&
	    take_condition(w, true, ret->condition) && take_take(w, &take) &&
	    work_word(w, "of", filter_of_name, &of) &&
	    (of >= 0 || work_fail(w, "bad", "of", "of is missing"));
	w->q = whole;
	if (!ok)
		return false;
	ret->number = (uint32_t)number;
	(void)snprintf(ret->of, sizeof(ret->of), "%s",
	    filter_of_name((uint32_t)of));
	(void)snprintf(ret->take, sizeof(ret->take), "%s",
	    filter_take_name((uint32_t)take));
	return put_one(w, ret);
}

bool
filters_restore(struct work *w)
{
	json_t *list = json_object_get(w->q, "filters"), *one,
	       *numbers = json_array();
	bool ok =
	    json_array_size(list) > 0 && json_array_size(list) <= STORE_FILTERS;
	size_t i;

	if (!ok)
		(void)work_fail(w, "bad", "filters",
		    "filters: must be a list of filters");
	json_array_foreach(list, i, one) {
		struct said_filter f = { .number = 0 };

		ok = ok && restore_one(w, one, &f);
		(void)json_array_append_new(numbers, json_integer(f.number));
	}
	ok = ok &&
	    work_put(w, "undo",
		json_pack("{s:s, s:O}", "verb", "filters.remove", "numbers",
		    numbers));
	json_decref(numbers);
	return ok;
}
