/*
 * windows.c - Windows endpoints that may be asked, and as whom.
 *
 * A range is a grant like any other, with credentials.  These are tried once:
 * refused before they were ever taken, the range is blocked until it gets
 * others; later, only the endpoint that refused them.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../active/active.h"
#include "../base/vault.h"
#include "../windows/windows.h"
#include "private.h"

_Static_assert(sizeof(((struct windows_range *)0)->sealed) == VAULT_SEALED,
    "a sealed password fits");
_Static_assert(DESK_PURPOSE == VAULT_PURPOSE, "so does what it is for");

void
desk_windows_purpose(const struct windows_range *r,
    char ret[static DESK_PURPOSE])
{
	(void)snprintf(ret, DESK_PURPOSE, "windows\n%s\n%s\n%s\n%d\n%u\n%s",
	    r->ranges, r->user, r->domain, r->plain, (unsigned)r->port,
	    r->trust);
}

/* ------------------------------------------------------------------ whom, when
 */

bool
desk_windows_plan(const struct windows_range *r, struct active_plan *ret,
    char *ret_error, size_t cap)
{
	*ret = (struct active_plan){ .limits = ACTIVE_LIMITS };
	return active_plan_read(ret, r->ranges, ret_error, cap);
}

/* As a grant of another method would be. */
static struct asking
as_grant(const struct windows_range *r)
{
	struct asking a = { .on = r->on,
		.every = r->every,
		.at = r->at,
		.until = r->until,
		.last = r->last };

	memcpy(a.hours, r->hours, sizeof(a.hours));
	memcpy(a.times, r->times, sizeof(a.times));
	return a;
}

const char *
desk_windows_not_now(const struct windows_range *r, struct tick now)
{
	struct asking a = as_grant(r);

	return r->blocked[0] != '\0' ? r->blocked
				     : desk_asking_not_now(&a, now);
}

bool
desk_windows_due(const struct windows_range *r, struct tick now)
{
	struct asking a = as_grant(r);

	return desk_asking_due(&a, now);
}

/* ------------------------------------------------------------------- reading
 */

static bool
is_kind(const char *word)
{
	for (uint32_t i = 0; windows_kind_name(i) != NULL; i++)
		if (strcmp(word, windows_kind_name(i)) == 0)
			return true;
	return false;
}

static bool
take_kinds(struct work *w, struct windows_range *r)
{
	const json_t *list = json_object_get(w->q, "kinds"), *one;
	size_t i, n = 0;

	json_array_foreach(list, i, one) {
		const char *text = json_string_value(one);

		if (text == NULL || !is_kind(text) ||
		    n + strlen(text) + 2 > sizeof(r->kinds))
			return work_fail(w, "bad", "kinds",
			    "kinds: os, hardware, address, update, program, "
			    "service, user, antivirus, usb");
		n += (size_t)snprintf(r->kinds + n, sizeof(r->kinds) - n,
		    "%s%s", n > 0 ? " " : "", text);
	}
	return true;
}

static bool
take_trust(struct work *w, struct windows_range *r)
{
	if (!work_copy(w, "trust", "first", r->trust, sizeof(r->trust)))
		return false;
	return strcmp(r->trust, "first") == 0 ||
	    strcmp(r->trust, "pinned") == 0 || r->trust[0] == '/' ||
	    work_fail(w, "bad", "trust",
		"trust: first, pinned, or the path of a file of authorities");
}

static bool
take_sealed(struct work *w, const char *none, struct windows_range *r)
{
	if (!work_copy(w, "sealed", none, r->sealed, sizeof(r->sealed)))
		return false;
	if (r->sealed[0] != '\0' &&
	    strspn(r->sealed,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/=") != strlen(r->sealed))
		return work_fail(w, "bad", "sealed",
		    "sealed: the password, as base/vault.h seals it");
	return true;
}

static bool
take_way(struct work *w, struct windows_range *r)
{
	int64_t port;

	if (!work_copy(w, "user", NULL, r->user, sizeof(r->user)) ||
	    !work_copy(w, "domain", "", r->domain, sizeof(r->domain)) ||
	    !work_yes(w, "plain", false, &r->plain) ||
	    !work_yes(w, "on", true, &r->on) ||
	    !work_whole(w, "port", 0, 0, 65535, &port))
		return false;
	r->port = (uint16_t)port;
	return take_trust(w, r) && take_kinds(w, r) && take_sealed(w, NULL, r);
}

static bool
take_terms(struct work *w, struct windows_range *r)
{
	struct asking a = { .on = true };

	if (!active_terms(w, &a))
		return false;
	memcpy(r->ranges, a.ranges, sizeof(r->ranges));
	memcpy(r->hours, a.hours, sizeof(r->hours));
	memcpy(r->times, a.times, sizeof(a.times));
	memcpy(r->owner, a.owner, sizeof(r->owner));
	memcpy(r->reason, a.reason, sizeof(r->reason));
	r->every = a.every;
	r->until = a.until;
	return true;
}

/* ----------------------------------------------------------------- overlapping
 */

struct overlap {
	const struct active_plan *plan;
	struct active_plan other;
	uint32_t with; /* 0: none */
};

static bool
meet(const struct active_range *a, const struct active_range *b)
{
	return a->first.len == b->first.len &&
	    memcmp(a->first.b, b->last.b, a->first.len) <= 0 &&
	    memcmp(b->first.b, a->last.b, a->first.len) <= 0;
}

static bool
look_for_overlap(void *ctx, const struct windows_range *r)
{
	struct overlap *o = ctx;
	char error[256];

	if (!desk_windows_plan(r, &o->other, error, sizeof(error)))
		return true;
	for (uint32_t i = 0; i < o->plan->n_range; i++)
		for (uint32_t k = 0; k < o->other.n_range; k++)
			if (meet(&o->plan->range[i], &o->other.range[k]))
				o->with = r->id;
	return true;
}

static bool
stands_alone(struct work *w, const struct active_plan *p)
{
	static struct overlap o;

	o = (struct overlap){ .plan = p };
	if (!store_each_windows_range(w->d->store, look_for_overlap, &o))
		return work_fail_store(w);
	return o.with == 0 ||
	    work_fail(w, "conflict", "ranges",
		"range %" PRIu32
		" has some of these addresses: an endpoint is asked as one "
		"user",
		o.with);
}

/* ---------------------------------------------------------------------- verbs
 */

static bool
note_range(struct work *w, const struct windows_range *r, const char *what)
{
	char about[48];

	(void)snprintf(about, sizeof(about), "windows range %" PRIu32, r->id);
	return work_note(w, "ask", about, "%s: %s as %s%s%s", what, r->ranges,
	    r->domain, r->domain[0] != '\0' ? "\\" : "", r->user);
}

bool
windows_add(struct work *w)
{
	static struct active_plan p;
	struct windows_range r = { .at = w->d->now, .given = w->d->now };
	char error[256];

	if (!take_terms(w, &r) || !take_way(w, &r))
		return false;
	if (!desk_windows_plan(&r, &p, error, sizeof(error)))
		return work_fail(w, "bad", "ranges", "%s", error);
	if (!stands_alone(w, &p))
		return false;
	(void)snprintf(r.who, sizeof(r.who), "%s", w->d->who);
	if (!store_put_windows_range(w->d->store, &r))
		return work_fail_store(w);
	work_say(w,
	    "range %" PRIu32 ": %" PRIu64
	    " address%s may be asked over WS-Management as %s%s%s\n",
	    r.id, p.addresses, p.addresses == 1 ? "" : "es", r.domain,
	    r.domain[0] != '\0' ? "\\" : "", r.user);
	return note_range(w, &r, "allowed") &&
	    work_put(w, "id", json_integer(r.id)) &&
	    work_put(w, "undo",
		json_pack("{s:s, s:[I]}", "verb", "windows.remove", "ids",
		    (json_int_t)r.id));
}

/* A field of a range is nothing to do with who asks for the change. */
static bool
change(struct work *w, struct windows_range *r, bool unblock)
{
	const struct windows_range before = *r;
	bool fresh;

	if (!work_yes(w, "on", r->on, &r->on) ||
	    !take_sealed(w, before.sealed, r))
		return false;
	fresh = strcmp(before.sealed, r->sealed) != 0;
	if (fresh || unblock)
		r->blocked[0] = '\0';
	if (fresh || unblock)
		r->given = w->d->now;
	if (fresh)
		r->proved.ns = 0;
	if (r->on != before.on &&
	    !work_put(w, "undo",
		json_pack("{s:s, s:I, s:b}", "verb", "windows.change", "id",
		    (json_int_t)r->id, "on", before.on)))
		return false;
	return note_range(w, r,
	    fresh                    ? "another password"
		: unblock            ? "to be tried again"
		: r->on != before.on ? (r->on ? "switched on" : "switched off")
				     : "as it was");
}

bool
windows_change(struct work *w)
{
	struct windows_range r;
	int64_t id;
	bool unblock;

	if (!work_whole(w, "id", WORK_MUST, 1, UINT32_MAX, &id) ||
	    !work_yes(w, "unblock", false, &unblock))
		return false;
	if (!store_get_windows_range(w->d->store, (uint32_t)id, &r))
		return work_fail(w, "absent", "id", "%s",
		    store_error(w->d->store));
	if (!change(w, &r, unblock))
		return false;
	work_say(w, "range %" PRIu32 " changed\n", r.id);
	return store_put_windows_range(w->d->store, &r) || work_fail_store(w);
}

bool
windows_remove(struct work *w)
{
	static struct numbers ids;
	struct windows_range r;

	if (!work_numbers(w, "ids", &ids))
		return false;
	for (uint32_t i = 0; i < ids.n; i++) {
		if (!store_get_windows_range(w->d->store, ids.of[i], &r))
			return work_fail(w, "absent", "ids", "%s",
			    store_error(w->d->store));
		if (!store_delete_windows_range(w->d->store, r.id))
			return work_fail_store(w);
		if (!note_range(w, &r, "no longer allowed"))
			return false;
	}
	work_say(w, "%" PRIu32 " range%s removed\n", ids.n,
	    ids.n == 1 ? "" : "s");
	return true;
}

static bool
get_range(struct work *w, struct windows_range *ret)
{
	int64_t id;

	return work_whole(w, "id", WORK_MUST, 1, UINT32_MAX, &id) &&
	    (store_get_windows_range(w->d->store, (uint32_t)id, ret) ||
		work_fail(w, "absent", "id", "%s", store_error(w->d->store)));
}

/* When, for its next time. */
bool
windows_began(struct work *w)
{
	struct windows_range r;

	if (!get_range(w, &r))
		return false;
	r.last = w->d->now;
	return store_put_windows_range(w->d->store, &r) || work_fail_store(w);
}

bool
windows_ran(struct work *w)
{
	struct windows_range r;
	const char *text;
	char about[48];

	if (!get_range(w, &r) || !work_text(w, "text", "", 400, &text))
		return false;
	(void)snprintf(about, sizeof(about), "windows range %" PRIu32, r.id);
	return work_note(w, "ask", about, "%s", text);
}
