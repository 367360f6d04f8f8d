/*
 * active.c - what may be asked of devices: grants of methods.
 *
 * A grant names method and addresses, who answers for it and why, when it
 * may happen and when it ends.  Without one nothing is asked.
 */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "../active/active.h"
#include "../detect/field.h"
#include "private.h"

#define DAYS_MOST 366
#define DAY_NS (INT64_C(86400) * TICK_SECOND)
#define EVERY_LEAST 3600 /* seconds */
#define EVERY_MOST (90 * 86400)

/* ----------------------------------------------------------------- its hours
 */

enum {
	HAS_HOUR,
	HAS_WEEKDAY,
	HAS_FIELDS
};

static bool
get(const void *subject, uint32_t field, struct rule_value *ret)
{
	const struct tick *t = subject;

	if (field == HAS_HOUR)
		ret->u.number = tick_hour(*t);
	else
		ret->u.name = tick_weekday(*t);
	return true;
}

static const struct rule_field fields[HAS_FIELDS] = {
	[HAS_HOUR] = { "hour", RULE_NUMBER, false, true, "hour, 0 to 23, UTC",
	    NULL },
	[HAS_WEEKDAY] = { "weekday", RULE_NAME, true, true,
	    "day of the week, UTC", weekday_word },
};

static const struct rule_schema hours_schema = { .what = "a time",
	.field = fields,
	.n = HAS_FIELDS,
	.get = get };

static bool
is_hour(const char *condition, struct tick now)
{
	struct rule_error e;
	struct rule *r;
	bool yes;

	if (condition[0] == '\0')
		return true;
	r = rule_compile(&hours_schema, span_text(condition), &e);
	yes = r != NULL && rule_matches(r, &now);
	rule_free(r);
	return yes;
}

const char *
desk_asking_not_now(const struct asking *a, struct tick now)
{
	if (!a->on)
		return "switched off";
	if (now.ns >= a->until.ns)
		return "it has ended";
	return is_hour(a->hours, now) ? NULL : "not in its hours";
}

/* ------------------------------------------------------------------ its plan
 */

bool
desk_asking_plan(const struct asking *a, struct active_plan *ret,
    char *ret_error, size_t cap)
{
	char text[sizeof(a->ranges)], *at = text, *word;
	struct active_range r;

	*ret = (struct active_plan){ .method = active_method_find(a->method),
		.limits = ACTIVE_LIMITS };
	ret->options.server = a->server;
	ret->options.port = a->port;
	ret->options.station = a->station;
	memcpy(ret->options.community, a->community, sizeof(a->community));
	memcpy(text, a->ranges, sizeof(text));
	if (ret->method == NULL) {
		(void)snprintf(ret_error, cap, "no method %s", a->method);
		return false;
	}
	if (ret->method->of_server) {
		ret->limits = ACTIVE_SERVER_LIMITS;
		if (a->server.len == 0) {
			(void)snprintf(ret_error, cap,
			    "%s: which server is to be asked? --server ADDRESS",
			    a->method);
			return false;
		}
	}
	while ((word = strsep(&at, " ")) != NULL) {
		if (word[0] == '\0')
			continue;
		if (!active_range_read(word, &r)) {
			(void)snprintf(ret_error, cap,
			    "'%.64s' is no range: such as 10.1.2.0/24, "
			    "10.1.2.3-10.1.2.9 or one address",
			    word);
			return false;
		}
		if (!active_plan_add(ret, &r, ret_error, cap))
			return false;
	}
	active_plan_finish(ret);
	if (ret->addresses > 0)
		return true;
	(void)snprintf(ret_error, cap, "no address is named");
	return false;
}

/* ------------------------------------------------------------------- reading
 */

static bool
take_text(struct work *w, const char *field, const char *none, char *dst,
    size_t cap)
{
	const char *text;

	if (!work_text(w, field, none, cap - 1, &text))
		return false;
	(void)snprintf(dst, cap, "%s", text);
	return none != NULL || text[0] != '\0' ||
	    work_fail(w, "bad", field, "%s is missing", field);
}

static bool
take_ranges(struct work *w, struct asking *a)
{
	const json_t *list = json_object_get(w->q, "ranges"), *one;
	size_t i, n = 0;

	json_array_foreach(list, i, one) {
		const char *text = json_string_value(one);
		size_t more = text != NULL ? strlen(text) + 1 : 0;

		if (text == NULL || strpbrk(text, " \t\n") != NULL ||
		    n + more >= sizeof(a->ranges))
			return work_fail(w, "bad", "ranges",
			    "ranges: must be texts, such as 10.1.2.0/24");
		(void)snprintf(a->ranges + n, sizeof(a->ranges) - n, "%s%s",
		    n > 0 ? " " : "", text);
		n += more - (n == 0);
	}
	return n > 0 || work_fail(w, "bad", "ranges", "ranges are missing");
}

static bool
take_server(struct work *w, struct asking *a)
{
	struct addr addr;
	const char *text;

	if (!work_text(w, "server", "", 64, &text))
		return false;
	if (text[0] == '\0')
		return true;
	if (!rule_addr(span_text(text), &addr) || addr.ip.len == 0)
		return work_fail(w, "bad", "server",
		    "server: '%s' is no address", text);
	a->server = addr.ip;
	return true;
}

static bool
take_method(struct work *w, struct asking *a)
{
	int method;
	int64_t port, station;

	if (!work_word(w, "method", active_method_name, &method) ||
	    !work_whole(w, "port", 0, 0, 65535, &port) ||
	    !work_whole(w, "station", 0, 0, 65535, &station) ||
	    !take_text(w, "community", "", a->community, sizeof(a->community)))
		return false;
	if (method < 0)
		return work_fail(w, "bad", "method", "method is missing");
	if (!take_server(w, a))
		return false;
	(void)snprintf(a->method, sizeof(a->method), "%s",
	    active_methods[method].name);
	a->port = (uint16_t)port;
	a->station = (uint16_t)station;
	return take_ranges(w, a);
}

static bool
take_hours(struct work *w, struct asking *a)
{
	struct rule_error e;
	struct rule *r;

	if (!take_text(w, "hours", "", a->hours, sizeof(a->hours)))
		return false;
	if (a->hours[0] == '\0')
		return true;
	r = rule_compile(&hours_schema, span_text(a->hours), &e);
	if (r == NULL)
		return work_fail(w, "bad", "hours",
		    "hours: %s; such as 'hour "
		    "in 18..22 and weekday in "
		    "mon..fri'",
		    e.text);
	rule_free(r);
	return true;
}

static bool
take_term(struct work *w, struct asking *a)
{
	int64_t every;

	if (!work_time(w, "until", &a->until) ||
	    !work_whole(w, "every", 0, 0, EVERY_MOST, &every))
		return false;
	if (a->until.ns <= w->d->now.ns ||
	    a->until.ns > w->d->now.ns + DAYS_MOST * DAY_NS)
		return work_fail(w, "bad", "until",
		    "until: when it ends, within %d days", DAYS_MOST);
	if (every != 0 && every < EVERY_LEAST)
		return work_fail(w, "bad", "every",
		    "every: at least %d seconds", EVERY_LEAST);
	a->every = (uint32_t)every;
	return true;
}

/* ---------------------------------------------------------------------- verbs
 */

static bool
plan_of(struct work *w, const struct asking *a, struct active_plan *ret)
{
	char error[256];

	return desk_asking_plan(a, ret, error, sizeof(error)) ||
	    work_fail(w, "bad", "ranges", "%s", error);
}

bool
active_planned(struct work *w)
{
	static struct active_plan p;
	struct asking a = { .on = true };

	if (!take_method(w, &a) || !plan_of(w, &a, &p))
		return false;
	work_say(w,
	    "%s asks %" PRIu64 " address%s, in at most %" PRIu64
	    " requests, within %" PRId64 " s\n",
	    p.method->name, p.addresses, p.addresses == 1 ? "" : "es",
	    p.requests, p.shortest / TICK_SECOND + 1);
	return work_put(w, "addresses",
		   json_integer((json_int_t)p.addresses)) &&
	    work_put(w, "requests", json_integer((json_int_t)p.requests)) &&
	    work_put(w, "seconds",
		json_integer(p.shortest / TICK_SECOND + 1)) &&
	    work_put(w, "caution", json_string(p.method->caution));
}

bool
active_grant(struct work *w)
{
	static struct active_plan p;
	struct asking a = { .on = true, .at = w->d->now };
	char about[32];

	if (!take_method(w, &a) || !take_hours(w, &a) || !take_term(w, &a) ||
	    !take_text(w, "owner", NULL, a.owner, sizeof(a.owner)) ||
	    !take_text(w, "reason", NULL, a.reason, sizeof(a.reason)) ||
	    !plan_of(w, &a, &p))
		return false;
	(void)snprintf(a.who, sizeof(a.who), "%s", w->d->who);
	if (!store_put_asking(w->d->store, &a))
		return work_fail_store(w);
	(void)snprintf(about, sizeof(about), "grant %" PRIu32, a.id);
	work_say(w,
	    "grant %" PRIu32 ": %s may be asked of %" PRIu64
	    " address%s; 'active revoke %" PRIu32 "' ends it\n",
	    a.id, a.method, p.addresses, p.addresses == 1 ? "" : "es", a.id);
	return work_note(w, "ask", about, "%s of %s, for %s: %s", a.method,
		   a.ranges, a.owner, a.reason) &&
	    work_put(w, "id", json_integer(a.id)) &&
	    work_put(w, "undo",
		json_pack("{s:s, s:[I]}", "verb", "active.revoke", "ids",
		    (json_int_t)a.id));
}

bool
active_revoke(struct work *w)
{
	static struct numbers ids;
	struct asking a;
	char about[32];

	if (!work_numbers(w, "ids", &ids))
		return false;
	for (uint32_t i = 0; i < ids.n; i++) {
		if (!store_get_asking(w->d->store, ids.of[i], &a))
			return work_fail(w, "absent", "ids", "%s",
			    store_error(w->d->store));
		if (!store_delete_asking(w->d->store, a.id))
			return work_fail_store(w);
		(void)snprintf(about, sizeof(about), "grant %" PRIu32, a.id);
		if (!work_note(w, "ask", about, "revoked: %s of %s", a.method,
			a.ranges))
			return false;
	}
	work_say(w, "%" PRIu32 " grant%s revoked\n", ids.n,
	    ids.n == 1 ? "" : "s");
	return true;
}

#define FRAME_MOST 65535u

static bool
take_frame(struct work *w)
{
	static uint8_t bytes[FRAME_MOST];
	const char *text;
	struct tick at;
	size_t n = 0;

	if (!work_whole(w, "at", WORK_MUST, 0, INT64_MAX, &at.ns) ||
	    !work_text(w, "bytes", NULL, 2 * FRAME_MOST, &text))
		return false;
	if (sodium_base642bin(bytes, sizeof(bytes), text, strlen(text), NULL,
		&n, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
		return work_fail(w, "bad", "bytes", "bytes: no base64");
	w->d->asked(w->d->ctx, at, SPAN(bytes, (uint32_t)n));
	return true;
}

bool
active_took(struct work *w)
{
	const json_t *whole = w->q, *list = json_object_get(w->q, "frames");
	bool ok = true;

	if (w->d->asked == NULL)
		return work_fail(w, "conflict", NULL,
		    "no sensor runs that could take it");
	for (size_t i = 0; ok && i < json_array_size(list); i++) {
		w->q = json_array_get(list, i);
		ok = json_is_object(w->q)
		    ? take_frame(w)
		    : work_fail(w, "bad", "frames", "frames: must be objects");
	}
	w->q = whole;
	return ok;
}

/* One was run: when, for its next time. */
bool
active_ran(struct work *w)
{
	struct asking a;
	const char *text;
	char about[32];
	int64_t id;

	if (!work_whole(w, "id", WORK_MUST, 1, UINT32_MAX, &id) ||
	    !work_text(w, "text", "", 400, &text))
		return false;
	if (!store_get_asking(w->d->store, (uint32_t)id, &a))
		return work_fail(w, "absent", "id", "%s",
		    store_error(w->d->store));
	a.last = w->d->now;
	(void)snprintf(about, sizeof(about), "grant %" PRIu32, a.id);
	return (store_put_asking(w->d->store, &a) || work_fail_store(w)) &&
	    work_note(w, "ask", about, "%s", text);
}
