/*
 * round.c - one grant, from its first address to its last: what the probe
 * asks of us meanwhile, and what ends it before.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "private.h"

#define DIAL_MS 1000

static void
on_pulse(void *ctx, const struct ip *ip, struct device_pulse *ret)
{
	struct asker *a = ctx;

	ret->marked = board_marks(&a->board, ip);
	if (a->pulses != NULL)
		(void)pulse_look(a->pulses, ip, ret);
}

static void
on_frame(void *ctx, const struct ip *ip, struct tick at, struct span bytes,
    bool passed)
{
	tell_frame(ctx, ip, at, bytes, passed);
}

static void
on_end(void *ctx, const struct ip *ip, enum probe_end how, uint32_t answers)
{
	struct asker *a = ctx;

	a->page->asking.done++;
	a->page->asking.answers += answers;
	tell_end(a, ip, probe_end_text(how), answers);
}

/* main opens it, where the grant allows it; -1: it does not. */
static int
on_dial(void *ctx, const struct ip *ip, uint8_t via, bool *ret_raw)
{
	struct asker *a = ctx;
	int64_t until = monotonic_ms() + DIAL_MS;
	char text[ADDR_TEXT_MAX + 16], address[ADDR_TEXT_MAX];

	(void)snprintf(text, sizeof(text), "%s %s", via_name((enum via)via),
	    ip_text(ip, address));
	if (!leash_send(LEASH_FD, LEASH_DIAL, a->grant, -1, text))
		return -1;
	while (!a->stopping && monotonic_ms() < until) {
		if (!asker_hear(a, (int)(until - monotonic_ms()) + 1))
			return -1;
		if (a->in.kind == LEASH_SOCKET) {
			a->in.kind = LEASH_START;
			*ret_raw = a->in.number == 1;
			a->page->asking.sent++;
			return a->in.fd;
		}
	}
	return -1;
}

/* ------------------------------------------------------------------ what stops
 */

static bool
is_scanned(const struct asker *a)
{
	int64_t at =
	    __atomic_load_n(&a->page->asking.scanner, __ATOMIC_RELAXED);

	return at != 0 && monotonic_ms() - at < SCANNER_MS;
}

static const char *
not_allowed(struct asker *a)
{
	const struct asking *g;

	(void)board_copy(a->shared, &a->board);
	g = board_grant(&a->board, a->grant);
	return g == NULL ? "the grant was taken back, or has ended"
			 : desk_asking_not_now(g, time_of_day());
}

static const char *
on_stop(void *ctx)
{
	struct asker *a = ctx;
	const struct page_asking *p = &a->page->asking;
	static int64_t looked;
	int64_t ms = monotonic_ms();

	if (__atomic_load_n(&p->halt, __ATOMIC_RELAXED))
		return "stopped by hand";
	if (__atomic_load_n(&p->alarms, __ATOMIC_RELAXED) != a->alarms)
		return "stopped: there is a new alert";
	if (is_scanned(a))
		return "stopped: another scanner was seen";
	if (ms - looked < 250)
		return NULL;
	looked = ms;
	a->page->beat[PROCESS_PROBE] = ms;
	tell_flush(a);
	if (!asker_hear(a, 0) || a->stopping)
		return "the sensor ends, or asking was switched off";
	if (tell_is_behind(a))
		return "stopped: what was answered is not written";
	return not_allowed(a);
}

/* ------------------------------------------------------------------ the round
 */

static void
begin(struct asker *a, const struct asking *g, const struct active_plan *p)
{
	struct page_asking *at = &a->page->asking;

	a->grant = g->id;
	a->alarms = __atomic_load_n(&at->alarms, __ATOMIC_RELAXED);
	at->of = (uint32_t)p->addresses;
	at->done = at->sent = at->answers = 0;
	at->since = monotonic_ms();
	__atomic_store_n(&at->grant, g->id, __ATOMIC_RELEASE);
	tell_began(a, g->id);
}

void
round_run(struct asker *a, const struct asking *g)
{
	static struct active_plan plan;
	const struct probe_listener listener = { .ctx = a,
		.pulse = on_pulse,
		.frame = on_frame,
		.ended = on_end,
		.dial = on_dial,
		.stop = on_stop };
	struct probe_counts counts;
	struct governor *governor;
	char error[256], text[256];
	const char *stopped;

	if (!board_plan(g, &plan, error, sizeof(error)))
		return;
	if (!desk_asking_unseal(g, &a->key, &plan)) {
		a->grant = 0;
		tell_began(a, g->id);
		tell_ran(a, g->id, "its passwords cannot be opened");
		return;
	}
	governor = a->governor[plan.method->of_server];
	governor_go_on(governor);
	begin(a, g, &plan);
	(void)probe_run(&plan, governor, NULL, &listener, &counts, error,
	    sizeof(error));
	stopped = governor_stopped(governor);
	(void)snprintf(text, sizeof(text),
	    "%s: %" PRIu64 " requests to %" PRIu64 " addresses, %" PRIu64
	    " answers%s%s",
	    plan.method->name, counts.sent, plan.addresses, counts.answers,
	    stopped != NULL ? "; " : "", stopped != NULL ? stopped : "");
	vault_wipe(&plan.options, sizeof(plan.options));
	say(SAY_INFO, "grant %" PRIu32 ": %s", a->grant, text);
	tell_ran(a, a->grant, text);
	__atomic_store_n(&a->page->asking.grant, 0, __ATOMIC_RELEASE);
}
