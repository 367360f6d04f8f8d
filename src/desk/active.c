/*
 * active.c - what may be asked of devices: grants of methods.
 *
 * A grant names method and addresses, who answers for it and why, when it
 * may happen and when it ends.  Without one nothing is asked.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../active/active.h"
#include "../base/vault.h"
#include "../detect/field.h"
#include "private.h"

#define DAYS_MOST 366
#define SHOWN 8u /* requests, byte by byte */
#define DAY_NS (INT64_C(86400) * TICK_SECOND)
#define EVERY_LEAST 3600 /* seconds */
#define EVERY_MOST (90 * 86400)
#define HOUR_NS (INT64_C(3600) * TICK_SECOND)
#define MINUTE_NS (INT64_C(60) * TICK_SECOND)

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

/* ---------------------------------------------------------------- its times
 */

/* "06:00 18:30": minutes of the day; false at the end, or where it is none. */
static bool
next_time(const char **at, unsigned *ret)
{
	const char *p = *at;

	while (*p == ' ')
		p++;
	for (unsigned i = 0; i < 5; i++)
		if (i == 2 ? p[i] != ':' : p[i] < '0' || p[i] > '9')
			return false;
	*ret = (unsigned)(10 * (p[0] - '0') + p[1] - '0') * 60 +
	    (unsigned)(10 * (p[3] - '0') + p[4] - '0');
	*at = p + 5;
	return *ret < 24 * 60 && p[3] < '6' && (p[5] == ' ' || p[5] == '\0');
}

/* One of its times was in the last hour, after it was run last. */
static bool
is_time(const struct asking *a, struct tick now)
{
	int64_t midnight = now.ns - now.ns % DAY_NS;
	const char *at = a->times;
	unsigned minute;

	while (next_time(&at, &minute)) {
		int64_t t = midnight + (int64_t)minute * MINUTE_NS;

		if (t > now.ns)
			t -= DAY_NS; /* yesterday's */
		if (now.ns - t < HOUR_NS && t > a->last.ns && t > a->at.ns)
			return true;
	}
	return false;
}

bool
desk_asking_due(const struct asking *a, struct tick now)
{
	if (a->due.ns != 0 && now.ns >= a->due.ns)
		return true;
	if (a->every != 0 &&
	    (a->last.ns == 0 ||
		now.ns - a->last.ns >= (int64_t)a->every * TICK_SECOND))
		return true;
	return is_time(a, now);
}

/* ------------------------------------------------------------------ its plan
 */

bool
desk_asking_plan(const struct asking *a, struct active_plan *ret,
    char *ret_error, size_t cap)
{
	*ret = (struct active_plan){ .method = active_method_find(a->method),
		.limits = ACTIVE_LIMITS };
	ret->options.server = a->server;
	ret->options.port = a->port;
	ret->options.station = a->station;
	memcpy(ret->options.community, a->community, sizeof(a->community));
	memcpy(ret->options.user, a->user, sizeof(a->user));
	for (uint32_t i = 0; usm_hash_name(i) != NULL; i++)
		if (strcmp(usm_hash_name(i), a->hash) == 0)
			ret->options.hash = (enum usm_hash)i;
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
	if (!active_plan_read(ret, a->ranges, ret_error, cap))
		return false;
	if (ret->addresses > 0)
		return true;
	(void)snprintf(ret_error, cap, "no address is named");
	return false;
}

void
desk_asking_purpose(const struct asking *a, char *dst, size_t cap)
{
	(void)snprintf(dst, cap, "snmp3 %s\n%s\n%s", a->user, a->method,
	    a->ranges);
}

bool
desk_asking_unseal(const struct asking *a, const struct vault_key *key,
    struct active_plan *p)
{
	char purpose[VAULT_PURPOSE], both[VAULT_TEXT];
	size_t n;
	bool ok;

	if (a->user[0] == '\0')
		return true;
	desk_asking_purpose(a, purpose, sizeof(purpose));
	if (!vault_unseal(key, purpose, a->sealed, both))
		return false;
	n = strcspn(both, "\n");
	ok = both[n] == '\n' && n < sizeof(p->options.auth) &&
	    strlen(both + n + 1) < sizeof(p->options.priv);
	if (ok) {
		memcpy(p->options.auth, both, n);
		p->options.auth[n] = '\0';
		(void)snprintf(p->options.priv, sizeof(p->options.priv), "%s",
		    both + n + 1);
	}
	vault_wipe(both, sizeof(both));
	return ok;
}

/* ------------------------------------------------------------------- reading
 */

bool
desk_ranges(const json_t *list, char *dst, size_t cap)
{
	const json_t *one;
	size_t i, n = 0;

	json_array_foreach(list, i, one) {
		const char *text = json_string_value(one);
		size_t more = text != NULL ? strlen(text) + 1 : 0;

		if (text == NULL || strpbrk(text, " \t\n") != NULL ||
		    n + more >= cap)
			return false;
		(void)snprintf(dst + n, cap - n, "%s%s", n > 0 ? " " : "",
		    text);
		n += more - (n == 0);
	}
	return n > 0;
}

static bool
take_ranges(struct work *w, struct asking *a)
{
	return desk_ranges(json_object_get(w->q, "ranges"), a->ranges,
		   sizeof(a->ranges)) ||
	    work_fail(w, "bad", "ranges",
		"ranges: must be texts, such as 10.1.2.0/24");
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

/* A user of SNMPv3, and the passwords as whoever asked has sealed them. */
static bool
take_user(struct work *w, struct asking *a)
{
	int hash;

	if (!work_copy(w, "user", "", a->user, sizeof(a->user)) ||
	    !work_copy(w, "sealed", "", a->sealed, sizeof(a->sealed)) ||
	    !work_word(w, "hash", usm_hash_name, &hash))
		return false;
	if (a->user[0] == '\0')
		return a->sealed[0] == '\0' ||
		    work_fail(w, "bad", "user", "user: whose passwords?");
	if (strncmp(a->method, "snmp", 4) != 0)
		return work_fail(w, "bad", "user", "user: %s knows no users",
		    a->method);
	(void)snprintf(a->hash, sizeof(a->hash), "%s",
	    usm_hash_name(hash < 0 ? USM_SHA1 : (uint32_t)hash));
	return a->sealed[0] != '\0' ||
	    work_fail(w, "bad", "sealed",
		"user: its passwords are missing; --passwords FILE");
}

static bool
take_method(struct work *w, struct asking *a)
{
	int method;
	int64_t port, station;

	if (!work_word(w, "method", active_method_name, &method) ||
	    !work_whole(w, "port", 0, 0, 65535, &port) ||
	    !work_whole(w, "station", 0, 0, 65535, &station) ||
	    !work_copy(w, "community", "", a->community, sizeof(a->community)))
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

	if (!work_copy(w, "hours", "", a->hours, sizeof(a->hours)))
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

/* "06:00,18:30" */
static bool
take_times(struct work *w, struct asking *a)
{
	const char *at = a->times;
	unsigned minute;

	if (!work_copy(w, "times", "", a->times, sizeof(a->times)))
		return false;
	for (char *p = a->times; *p != '\0'; p++)
		if (*p == ',')
			*p = ' ';
	while (next_time(&at, &minute))
		;
	return at[strspn(at, " ")] == '\0' ||
	    work_fail(w, "bad", "times",
		"times: of the day in UTC, such as 06:00,18:30");
}

static bool
take_labels(struct work *w, struct asking *a)
{
	int64_t labels;

	if (!work_whole(w, "labels", 0, 0, 127, &labels))
		return false;
	a->labels = (uint32_t)labels;
	return true;
}

static bool
take_term(struct work *w, struct asking *a)
{
	int64_t every;

	if (!work_time(w, "until", &a->until) ||
	    !work_time(w, "once", &a->due) || !take_times(w, a) ||
	    !take_labels(w, a) ||
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

bool
active_terms(struct work *w, struct asking *a)
{
	return take_ranges(w, a) && take_hours(w, a) && take_term(w, a) &&
	    work_copy(w, "owner", NULL, a->owner, sizeof(a->owner)) &&
	    work_copy(w, "reason", NULL, a->reason, sizeof(a->reason));
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

/* Every byte of the first requests; numbers that come from answers are zero. */
static json_t *
bytes_of(const struct active_plan *p)
{
	struct inquiry one = { .options = p->options };
	uint8_t bytes[ACTIVE_REQUEST_MAX];
	char hex[2 * ACTIVE_REQUEST_MAX + 1];
	json_t *all = json_array();

	if (!active_plan_target(p, 0, &one.target))
		return all;
	for (; one.step < SHOWN; one.step++) {
		struct wr w = WR(bytes);

		if (!p->method->ask(&one, &w) || w.full)
			break;
		for (uint32_t i = 0; i < w.n; i++)
			(void)snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
		(void)json_array_append_new(all, json_stringn(hex, 2 * w.n));
	}
	return all;
}

static bool
put_rates(struct work *w, const struct active_plan *p)
{
	return work_put(w, "device_gap_ms",
		   json_integer(p->limits.device_gap / 1000000)) &&
	    work_put(w, "subnet_gap_ms",
		json_integer(p->limits.subnet_gap / 1000000)) &&
	    work_put(w, "gap_ms", json_integer(p->limits.gap / 1000000));
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
	return put_rates(w, &p) && work_put(w, "bytes", bytes_of(&p)) &&
	    work_put(w, "standard", json_string(p.method->standard)) &&
	    work_put(w, "requests_per_device",
		json_integer(p.method->requests)) &&
	    work_put(w, "addresses", json_integer((json_int_t)p.addresses)) &&
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

	if (!take_method(w, &a) || !take_user(w, &a) || !take_hours(w, &a) ||
	    !take_term(w, &a) ||
	    !work_copy(w, "owner", NULL, a.owner, sizeof(a.owner)) ||
	    !work_copy(w, "reason", NULL, a.reason, sizeof(a.reason)) ||
	    !plan_of(w, &a, &p))
		return false;
	if (work_sql(w, "select count(*) from asking", NULL, 0) >= DESK_GRANTS)
		return work_fail(w, "conflict", NULL,
		    "there are %u grants already: revoke one", DESK_GRANTS);
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

/* The request that grants it again. */
static json_t *
grant_of(const struct asking *a)
{
	char until[TIME_TEXT_MAX], server[ADDR_TEXT_MAX] = "";
	json_t *list = json_array();
	char text[sizeof(a->ranges)], *at = text, *word;

	memcpy(text, a->ranges, sizeof(text));
	while ((word = strsep(&at, " ")) != NULL)
		if (word[0] != '\0')
			(void)json_array_append_new(list, json_string(word));
	if (a->server.len > 0)
		(void)ip_text(&a->server, server);
	return json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:s, s:I, s:s, s:i, "
			 "s:i, s:s, s:s, s:I, s:s, s:s, s:s*}",
	    "verb", "active.grant", "method", a->method, "ranges", list,
	    "owner", a->owner, "reason", a->reason, "until",
	    time_text(a->until, until), "hours", a->hours, "every",
	    (json_int_t)a->every, "times", a->times, "port", (int)a->port,
	    "station", (int)a->station, "community", a->community, "server",
	    server, "labels", (json_int_t)a->labels, "user", a->user, "sealed",
	    a->sealed, "hash", a->hash[0] != '\0' ? a->hash : NULL);
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
	return ids.n != 1 || a.until.ns <= w->d->now.ns ||
	    work_put(w, "undo", grant_of(&a));
}
