/*
 * active_run.c - devices are asked by a grant: begun, what came back, ended;
 * stopped, and let go on.
 */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "../active/active.h"
#include "../detect/field.h"
#include "private.h"

#define FRAME_MOST 65535u

static bool
get_grant(struct work *w, struct asking *ret)
{
	int64_t id;

	return work_whole(w, "id", WORK_MUST, 1, UINT32_MAX, &id) &&
	    (store_get_asking(w->d->store, (uint32_t)id, ret) ||
		work_fail(w, "absent", "id", "%s", store_error(w->d->store)));
}

static bool
note_of(struct work *w, uint32_t id, const char *text)
{
	char about[32];

	(void)snprintf(about, sizeof(about), "grant %" PRIu32, id);
	return work_note(w, "ask", about, "%s", text);
}

/* ------------------------------------------------------------- what came back
 */

static bool
take_frame(struct work *w, uint32_t labels)
{
	static uint8_t bytes[FRAME_MOST];
	const char *text;
	struct tick at;
	size_t n = 0;
	bool passed;

	if (!work_whole(w, "at", WORK_MUST, 0, INT64_MAX, &at.ns) ||
	    !work_yes(w, "passed", true, &passed) ||
	    !work_text(w, "bytes", NULL, 2 * FRAME_MOST, &text))
		return false;
	if (sodium_base642bin(bytes, sizeof(bytes), text, strlen(text), NULL,
		&n, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
		return work_fail(w, "bad", "bytes", "bytes: no base64");
	w->d->asked(w->d->ctx, at, SPAN(bytes, (uint32_t)n), labels, passed);
	return true;
}

static bool
take_frames(struct work *w, uint32_t labels)
{
	const json_t *whole = w->q, *list = json_object_get(w->q, "frames");
	bool ok = true;

	for (size_t i = 0; ok && i < json_array_size(list); i++) {
		w->q = json_array_get(list, i);
		ok = json_is_object(w->q)
		    ? take_frame(w, labels)
		    : work_fail(w, "bad", "frames", "frames: must be objects");
	}
	w->q = whole;
	return ok;
}

/* How asking an address ended, and what it said. */
static bool
take_end(struct work *w, const struct asking *by)
{
	static struct asked_address a;
	const char *ip, *how;
	struct addr addr;
	int64_t answers;

	memset(&a, 0, sizeof(a));
	if (!work_text(w, "ip", NULL, 64, &ip) ||
	    !work_text(w, "how", "", sizeof(a.outcome) - 1, &how) ||
	    !work_whole(w, "answers", 0, 0, UINT32_MAX, &answers))
		return false;
	if (!rule_addr(span_text(ip), &addr) || addr.ip.len == 0)
		return work_fail(w, "bad", "ip", "ip: '%s' is no address", ip);
	if (w->d->found != NULL)
		w->d->found(w->d->ctx, a.found, sizeof(a.found));
	if (how[0] == '\0')
		return true; /* there is more to come */
	if (w->d->answered != NULL && by->server.len == 0 && answers > 0 &&
	    strcmp(how, probe_end_text(PROBE_ANSWERED)) == 0)
		w->d->answered(w->d->ctx, w->d->now, &addr.ip);
	a.ip = addr.ip;
	a.grant = by->id;
	a.at = w->d->now;
	a.answers = (uint32_t)answers;
	(void)snprintf(a.method, sizeof(a.method), "%s", by->method);
	(void)snprintf(a.outcome, sizeof(a.outcome), "%s", how);
	return store_put_asked_of(w->d->store, &a, probe_text_asked(how)) ||
	    work_fail_store(w);
}

bool
active_took(struct work *w)
{
	struct asking by;

	if (w->d->asked == NULL)
		return work_fail(w, "conflict", NULL,
		    "no sensor runs that could take it");
	return get_grant(w, &by) && take_frames(w, by.labels) &&
	    take_end(w, &by);
}

/* ------------------------------------------------------------- begun and ended
 */

/* Before the first request, so that whoever ends in the middle does not begin
 * anew. */
bool
active_began(struct work *w)
{
	struct asking a;

	if (!get_grant(w, &a))
		return false;
	a.last = w->d->now;
	a.due.ns = 0;
	a.only[0] = '\0';
	return store_put_asking(w->d->store, &a) || work_fail_store(w);
}

bool
active_ran(struct work *w)
{
	struct asking a;
	const char *text;

	return get_grant(w, &a) && work_text(w, "text", "", 400, &text) &&
	    note_of(w, a.id, text);
}

static bool
may_run(struct work *w, const struct asking *a)
{
	struct tick now = w->d->now;
	const char *why = desk_asking_not_now(a, now);

	return why == NULL ||
	    work_fail(w, "conflict", "ids", "grant %" PRIu32 ": %s", a->id,
		why);
}

static bool
is_of(struct work *w, const struct asking *a, const char *only)
{
	static struct active_plan p;
	struct active_range r;
	char error[256];
	struct ip ip;

	if (only[0] == '\0')
		return true;
	if (!active_range_read(only, &r) ||
	    memcmp(&r.first, &r.last, sizeof(r.first)) != 0)
		return work_fail(w, "bad", "only", "only: must be one address");
	if (!desk_asking_plan(a, &p, error, sizeof(error)))
		return work_fail(w, "bad", "only", "%s", error);
	for (uint64_t i = 0; active_plan_target(&p, i, &ip); i++)
		if (memcmp(&ip, &r.first, sizeof(ip)) == 0)
			return true;
	return work_fail(w, "bad", "only",
	    "%s is not among the addresses of grant %" PRIu32, only, a->id);
}

/* Now, instead of when its schedule says so. */
bool
asking_run(struct work *w)
{
	static struct numbers ids;
	const char *only;
	struct asking a;

	if (!work_numbers(w, "ids", &ids) ||
	    !work_text(w, "only", "", sizeof(a.only) - 1, &only))
		return false;
	if (store_get(w->d->store, DESK_HALTED)[0] != '\0')
		return work_fail(w, "conflict", NULL,
		    "asking was stopped: 'active resume' lets it go on");
	for (uint32_t i = 0; i < ids.n; i++) {
		if (!store_get_asking(w->d->store, ids.of[i], &a))
			return work_fail(w, "absent", "ids", "%s",
			    store_error(w->d->store));
		if (!may_run(w, &a) || !is_of(w, &a, only))
			return false;
		a.due = w->d->now;
		(void)snprintf(a.only, sizeof(a.only), "%s", only);
		if (!store_put_asking(w->d->store, &a))
			return work_fail_store(w);
		if (!note_of(w, a.id, "to be run now"))
			return false;
	}
	work_say(w, "%" PRIu32 " grant%s will be run now\n", ids.n,
	    ids.n == 1 ? "" : "s");
	return true;
}

/* -------------------------------------------------------------- how one does
 */

static bool
take_address(struct work *w, const char *field, struct ip *ret)
{
	const char *text;
	struct addr a;

	if (!work_text(w, field, NULL, 64, &text))
		return false;
	if (!rule_addr(span_text(text), &a) || a.ip.len == 0)
		return work_fail(w, "bad", field, "%s: '%s' is no address",
		    field, text);
	*ret = a.ip;
	return true;
}

bool
active_look(struct work *w)
{
	struct device_pulse p = { .marked = false };
	struct ip ip, own;
	int64_t port;
	bool scanner;

	if (!take_address(w, "ip", &ip) || !take_address(w, "own", &own) ||
	    !work_whole(w, "port", WORK_MUST, 1, 65535, &port))
		return false;
	if (w->d->look == NULL)
		return work_fail(w, "conflict", NULL, "no sensor runs");
	scanner = w->d->look(w->d->ctx, &own, &ip, (uint16_t)port, &p);
	return work_put(w, "scanner", json_boolean(scanner)) &&
	    work_put(w, "last", json_integer(p.last.ns)) &&
	    work_put(w, "quiet", json_integer(p.quiet)) &&
	    work_put(w, "usual", json_integer(p.usual)) &&
	    work_put(w, "recent", json_integer(p.recent)) &&
	    work_put(w, "noise", json_integer(p.noise));
}

/* ------------------------------------------------------------ the kill switch
 */

bool
asking_stop(struct work *w)
{
	char at[TIME_TEXT_MAX], text[160];
	const char *reason;

	if (w->d->halt != NULL)
		w->d->halt(w->d->ctx, true); /* first of all */
	if (!work_text(w, "reason", "", 100, &reason))
		return false;
	(void)snprintf(text, sizeof(text), "%s %s%s%.80s",
	    time_text(w->d->now, at), w->d->who, reason[0] != '\0' ? ": " : "",
	    reason);
	if (!store_put(w->d->store, DESK_HALTED, text))
		return work_fail_store(w);
	work_say(w, "asking is stopped, until 'active resume'\n");
	return work_note(w, "ask", "all", "stopped%s%s",
		   reason[0] != '\0' ? ": " : "", reason) &&
	    work_put(w, "undo", json_pack("{s:s}", "verb", "active.resume"));
}

bool
asking_resume(struct work *w)
{
	if (store_get(w->d->store, DESK_HALTED)[0] == '\0') {
		work_say(w, "asking was not stopped\n");
		return true;
	}
	if (!store_put(w->d->store, DESK_HALTED, ""))
		return work_fail_store(w);
	if (w->d->halt != NULL)
		w->d->halt(w->d->ctx, false);
	work_say(w, "asking may go on\n");
	return work_note(w, "ask", "all", "may go on");
}
