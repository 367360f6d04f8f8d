/* windows_jobs.c - whom a scan of Windows endpoints asks, and as whom. */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "file.h"
#include "state.h"
#include "windows_scan.h"

#define PEM_MOST (256u << 10)

/* ---------------------------------------------------------------- the choice
 */

static bool
got_range(void *ctx, const struct windows_range *r)
{
	struct scan *s = ctx;

	if (s->n < RANGES)
		s->range[s->n++] = *r;
	return true;
}

bool
scan_choose(struct scan *s)
{
	const struct windows_order *o = s->order;
	struct tick now = state_now();
	uint32_t n = 0, waits = 0;

	if (!store_each_windows_range(windows_sink_store(s->sink), got_range,
		s)) {
		complain("active: %s",
		    store_error(windows_sink_store(s->sink)));
		return false;
	}
	for (uint32_t i = 0; i < s->n; i++) {
		const struct windows_range *r = &s->range[i];
		const char *why = desk_windows_not_now(r, now);

		if (!picks(o->ranges, r->id))
			continue;
		if (why == NULL && o->due && !desk_windows_due(r, now))
			waits++;
		else if (why == NULL)
			s->range[n++] = *r;
		else if (!o->due)
			complain("active: range %" PRIu32 ": %s", r->id, why);
	}
	s->n = n;
	if (n == 0 && !o->due)
		complain("active: no range may be scanned now; 'active "
			 "windows add' makes one");
	return n > 0;
}

/* ---------------------------------------------------------------- the jobs */

static bool
fill_pins(struct scan *s)
{
	struct windows_jobs *j = &s->jobs;

	for (uint32_t i = 0; i < j->n; i++) {
		struct windows_host h = { .ip = j->of[i].ip };

		if (!store_get_windows_host(windows_sink_store(s->sink), &h)) {
			complain("active: %s",
			    store_error(windows_sink_store(s->sink)));
			return false;
		}
		memcpy(j->of[i].pin, h.pin, sizeof(h.pin));
		/* refused since they were given: not shown them again */
		j->of[i].denied =
		    h.denied.ns != 0 && h.denied.ns >= s->at->given.ns;
	}
	return true;
}

static bool
list_jobs(struct scan *s, const struct windows_range *r)
{
	static struct active_plan p;
	struct windows_jobs *j = &s->jobs;
	char error[256];
	struct ip ip;

	if (!desk_windows_plan(r, &p, error, sizeof(error))) {
		complain("active: range %" PRIu32 ": %s", r->id, error);
		return false;
	}
	j->n = 0;
	for (uint64_t i = 0;
	     active_plan_target(&p, i, &ip) && j->n < ACTIVE_TARGETS; i++)
		if (s->order->only.len == 0 ||
		    memcmp(&s->order->only, &ip, sizeof(ip)) == 0)
			j->of[j->n++].ip = ip;
	return fill_pins(s);
}

static bool
read_marked(struct scan *s)
{
	const char *sql = DESK_MARKED;
	struct windows_jobs *j = &s->jobs;
	sqlite3_stmt *q = NULL;
	bool ok = sqlite3_prepare_v2(store_db(windows_sink_store(s->sink)), sql,
		      -1, &q, NULL) == SQLITE_OK;
	struct addr a;

	while (ok && sqlite3_step(q) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(q, 0);

		if (text == NULL || !rule_addr(span_text(text), &a))
			continue;
		for (uint32_t i = 0; i < j->n; i++)
			if (memcmp(&j->of[i].ip, &a.ip, sizeof(a.ip)) == 0)
				j->of[i].marked = true;
	}
	(void)sqlite3_finalize(q);
	if (!ok)
		complain("active: which devices must not be asked could not "
			 "be read; nothing was asked");
	return ok;
}

bool
scan_credentials(struct scan *s, const struct windows_range *r, char **ret_pem)
{
	struct windows_jobs *j = &s->jobs;
	char purpose[DESK_PURPOSE];
	struct span text;

	*ret_pem = NULL;
	desk_windows_purpose(r, purpose);
	if (!vault_unseal(&s->key, purpose, r->sealed, j->password)) {
		complain("active: range %" PRIu32
			 ": its password cannot be opened: the key was "
			 "changed, "
			 "or the range was; 'active windows password' gives it "
			 "anew",
		    r->id);
		return false;
	}
	j->user = r->user;
	j->domain = r->domain;
	j->plain = r->plain;
	j->port = r->port;
	j->kinds = windows_kinds(r->kinds);
	j->trust = strcmp(r->trust, "first") == 0 ? TRUST_FIRST
	    : strcmp(r->trust, "pinned") == 0     ? TRUST_PINNED
						  : TRUST_CA;
	if (j->trust == TRUST_CA) {
		*ret_pem = file_read(r->trust, PEM_MOST, &text);
		if (*ret_pem == NULL)
			return false;
		j->authorities = text;
	}
	return true;
}

bool
scan_jobs(struct scan *s, const struct windows_range *r)
{
	return list_jobs(s, r) && read_marked(s);
}
