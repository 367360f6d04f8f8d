/* indicators.c - lists of what is known to be bad. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

#define TEXT_MOST ((size_t)256 << 20)
#define DAYS_MOST 3650
#define DAY_NS (INT64_C(86400) * TICK_SECOND)

static const char *
format_word(uint32_t i)
{
	return i < IMPORT_COUNT ? import_format_name(i) : NULL;
}

struct asked {
	const char *text, *list, *from;
	int format;
	int64_t days;
	bool replace;
};

static bool
read_request(struct work *w, struct asked *q)
{
	if (!work_text(w, "text", NULL, TEXT_MOST, &q->text) ||
	    !work_text(w, "list", NULL, INDICATOR_LIST - 1, &q->list) ||
	    !work_text(w, "from", "a file", 255, &q->from) ||
	    !work_word(w, "format", format_word, &q->format) ||
	    !work_whole(w, "days", 0, 0, DAYS_MOST, &q->days) ||
	    !work_yes(w, "replace", false, &q->replace))
		return false;
	q->format = q->format < 0 ? IMPORT_AUTO : q->format;
	return q->list[0] != '\0' ||
	    work_fail(w, "bad", "list", "list: a name of 1 to %d bytes",
		INDICATOR_LIST - 1);
}

static bool
put_list(struct work *w, const struct indicators *all, const char *name)
{
	struct indicator one;

	for (uint32_t i = 0; indicators_at(all, i, &one, &i);)
		if (strcmp(one.list, name) == 0 &&
		    !store_put_indicator(w->d->store, &one))
			return work_fail_store(w);
	return true;
}

static void
say_report(struct work *w, const struct import_report *r, const char *name)
{
	work_say(w, "%s: %" PRIu32 " indicators (%s)\n", name, r->taken,
	    import_format_name(r->format));
	if (r->passed_over == 0)
		return;
	work_say(w, "passed over: %" PRIu32, r->passed_over);
	for (uint32_t i = 0; i < r->n_names; i++)
		work_say(w, "%s %" PRIu32 " %s", i == 0 ? ":" : ",",
		    r->name[i].count, r->name[i].name);
	work_say(w, "\n");
}

static bool
keep(struct work *w, const struct asked *q, struct indicators *all)
{
	static struct import_report report;
	struct tick until = { q->days > 0 ? w->d->now.ns + q->days * DAY_NS
					  : 0 };

	if (!store_load_indicators(w->d->store, all))
		return work_fail_store(w);
	if (q->replace)
		(void)indicators_remove_list(all, q->list);
	if (!indicators_import(all, span_text(q->text),
		(enum import_format)q->format, q->list, w->d->now, until,
		&report))
		return work_fail(w, "input", "text",
		    "%s: %s; nothing was imported", q->from, report.error);
	if (q->replace && !store_delete_indicators(w->d->store, q->list))
		return work_fail_store(w);
	if (!put_list(w, all, q->list))
		return false;
	say_report(w, &report, q->list);
	return work_note(w, "indicator", q->list, "%" PRIu32 " %s from %s",
		   report.taken, q->replace ? "instead" : "imported",
		   q->from) &&
	    work_put(w, "taken", json_integer(report.taken)) &&
	    work_put(w, "passed_over", json_integer(report.passed_over));
}

bool
indicators_take(struct work *w)
{
	const struct malware_config c = MALWARE_CONFIG_DEFAULT;
	struct indicators *all;
	struct asked q;
	bool ok;

	if (!read_request(w, &q))
		return false;
	all = indicators_new(c.indicators_max);
	ok = all != NULL ? keep(w, &q, all)
			 : work_fail(w, "failed", NULL, "out of memory");
	indicators_free(all);
	return ok;
}

bool
indicators_delete(struct work *w)
{
	const char *name;
	int64_t n;

	if (!work_text(w, "list", NULL, INDICATOR_LIST - 1, &name))
		return false;
	n = work_sql(w, "select count(*) from indicator where list = ?1", name,
	    0);
	if (n <= 0)
		return work_fail(w, "absent", "list",
		    "there is no list '%s'; 'sightglass indicators count' "
		    "names them",
		    name);
	if (!store_delete_indicators(w->d->store, name))
		return work_fail_store(w);
	work_say(w, "%s: %" PRId64 " indicators deleted\n", name, n);
	return work_note(w, "indicator", name, "deleted: %" PRId64, n);
}
