/*
 * asking.c - what the probe must know of the plant (pulses, alerts, other
 * scanners), and what it does: its own packets are no business of learning
 * and alerts, where a port sees them.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../active/pulse.h"
#include "../asker/board.h"
#include "private.h"

#define AFTER_MS 10000 /* answers may come after the last question */
#define BESIDE_MS 30000 /* a question beside the probe takes twelve seconds */

struct asking_view {
	const struct board *shared;
	struct pulses *pulses;
	struct board board;
	struct active_plan plan; /* of the grant that is at work */
	uint32_t grant; /* whose plan it is, 0: none */
	int64_t until; /* its packets are ours, monotonic ms */
	struct beside { /* whom another process of ours asks */
		struct ip own, ip;
		uint16_t port;
		int64_t until; /* monotonic ms; 0: nobody */
	} beside;
	uint64_t room; /* for what was asked, as it was told */
	int64_t ms;
};

static struct asking_view *
view(struct watcher *e)
{
	if (e->asking == NULL)
		e->asking = calloc(1, sizeof(*e->asking));
	return e->asking;
}

void
asking_take(struct watcher *e, const struct leash_message *m)
{
	struct asking_view *v = view(e);

	if (v != NULL && m->kind == LEASH_BOARD_OF_GRANTS)
		v->shared = shared_map(m->fd, sizeof(struct board), false);
	else if (v != NULL)
		v->pulses = shared_map(m->fd, sizeof(struct pulses), true);
	if (m->fd >= 0)
		(void)close(m->fd);
}

/* Stopped stays stopped, whoever was started anew. */
void
asking_begin(struct watcher *e)
{
	bool halted =
	    e->store == NULL || store_get(e->store, DESK_HALTED)[0] != '\0';

	__atomic_store_n(&e->page->asking.halt, halted, __ATOMIC_RELAXED);
}

/* By a signal, or by a keeper that was faster than we. */
static void
note_halt(struct watcher *e)
{
	if (!__atomic_load_n(&e->page->asking.halt, __ATOMIC_RELAXED) ||
	    e->store == NULL || store_get(e->store, DESK_HALTED)[0] != '\0')
		return;
	if (store_put(e->store, DESK_HALTED, "by a signal"))
		(void)sensor_note(e->sensor, time_of_day(), "sensor", "ask",
		    "all", "stopped by a signal");
}

static void
look_at_grant(struct watcher *e, struct asking_view *v, int64_t ms)
{
	uint32_t id = __atomic_load_n(&e->page->asking.grant, __ATOMIC_ACQUIRE);
	const struct asking *g;
	char error[256];

	if (id == 0) {
		if (ms > v->until)
			v->grant = 0;
		return;
	}
	v->until = ms + AFTER_MS;
	if (id == v->grant || v->shared == NULL ||
	    !board_copy(v->shared, &v->board))
		return;
	g = board_grant(&v->board, id);
	if (g != NULL && desk_asking_plan(g, &v->plan, error, sizeof(error)))
		v->grant = id;
}

/* For whoever keeps what was asked: the keeper, and commands beside us. */
static void
tell_room(struct watcher *e, struct asking_view *v)
{
	uint64_t most = (uint64_t)e->config.number[CONF_ASKED_BYTES];
	char text[24];

	if (most == v->room || e->store == NULL)
		return;
	(void)snprintf(text, sizeof(text), "%" PRIu64, most);
	if (store_put(e->store, STORE_ASKED_MOST, text))
		v->room = most;
}

#define LOOK_MS 1000

void
asking_tend(struct watcher *e, int64_t ms)
{
	struct asking_view *v = view(e);

	if (v == NULL)
		return;
	look_at_grant(e, v, ms);
	if (ms - v->ms < LOOK_MS)
		return;
	v->ms = ms;
	if (ms > v->beside.until)
		v->beside.until = 0;
	note_halt(e);
	tell_room(e, v);
}

bool
asking_look(struct watcher *e, const struct ip *own, const struct ip *ip,
    uint16_t port, struct device_pulse *ret)
{
	struct asking_view *v = view(e);
	int64_t ms = monotonic_ms(),
		at =
		    __atomic_load_n(&e->page->asking.scanner, __ATOMIC_RELAXED);

	if (v != NULL) {
		v->beside = (struct beside){ *own, *ip, port, ms + BESIDE_MS };
		if (v->pulses != NULL)
			(void)pulse_look(v->pulses, ip, ret);
	}
	return at != 0 && ms - at < SCANNER_MS;
}

/* ------------------------------------------------------------------- packets
 */

static bool
is_own(const struct page *page, const struct ip *ip)
{
	for (unsigned i = 0; i < PAGE_OWN; i++)
		if (page->asking.own[i][16] == ip->len && ip->len != 0 &&
		    memcmp(page->asking.own[i], ip->b, ip->len) == 0)
			return true;
	return false;
}

static bool
is_asked(const struct active_plan *p, const struct ip *ip, uint16_t port,
    uint8_t via)
{
	uint16_t usual =
	    p->options.port != 0 ? p->options.port : p->method->port;

	if (via != VIA_IP && port != usual)
		return false;
	if (p->method->of_server)
		return memcmp(ip, &p->options.server, sizeof(*ip)) == 0;
	return active_plan_holds(p, ip);
}

static bool
same(const struct ip *a, const struct ip *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static bool
is_beside(const struct beside *b, const struct packet *p)
{
	return b->until != 0 && p->via == VIA_TCP &&
	    ((p->dst_port == b->port && same(&p->src_ip, &b->own) &&
		 same(&p->dst_ip, &b->ip)) ||
		(p->src_port == b->port && same(&p->dst_ip, &b->own) &&
		    same(&p->src_ip, &b->ip)));
}

bool
asking_packet(void *watcher, const struct packet *p)
{
	struct watcher *e = watcher;
	struct asking_view *v = e->asking;

	if (v == NULL ||
	    (e->page->asking.grants == 0 && e->page->asking.ranges == 0))
		return true;
	if (is_beside(&v->beside, p))
		return false;
	if (v->grant != 0 &&
	    ((is_own(e->page, &p->src_ip) &&
		 is_asked(&v->plan, &p->dst_ip, p->dst_port, p->via)) ||
		(is_own(e->page, &p->dst_ip) &&
		    is_asked(&v->plan, &p->src_ip, p->src_port, p->via))))
		return false;
	if (v->pulses != NULL)
		pulse_packet(v->pulses, p);
	return true;
}

static bool
is_scan(uint32_t row)
{
	return row == ALERT_address_scan || row == ALERT_arp_scan ||
	    row == ALERT_slow_address_scan || row == ALERT_plc_scan ||
	    row == ALERT_port_scan;
}

void
asking_raised(void *watcher, const struct alert *a, bool is_new)
{
	struct watcher *e = watcher;
	struct page_asking *p = &e->page->asking;

	if (is_scan(a->row))
		__atomic_store_n(&p->scanner, monotonic_ms(), __ATOMIC_RELAXED);
	if (is_new && a->severity >= SEVERITY_MAJOR)
		__atomic_store_n(&p->alarms, p->alarms + 1, __ATOMIC_RELAXED);
}

/* ------------------------------------------------------------------- telling
 */

json_t *
asking_json(struct watcher *e, int64_t ms)
{
	static const char *const waits[] = { [WAITS_NOT] = "",
		[WAITS_HALTED] = "stopped",
		[WAITS_SCANNER] = "another scanner was seen" };
	const struct page_asking *p = &e->page->asking;
	uint32_t id = __atomic_load_n(&p->grant, __ATOMIC_ACQUIRE);
	bool on = e->config.number[CONF_ACTIVE] == 1;

	return json_pack("{s:b, s:s, s:b, s:s, s:I, s:I, s:I, s:I, s:I, s:I, "
			 "s:I}",
	    "on", on, "interface", e->config.text[CONF_ACTIVE_INTERFACE],
	    "halted", __atomic_load_n(&p->halt, __ATOMIC_RELAXED), "waits",
	    p->waits <= WAITS_SCANNER ? waits[p->waits] : "", "grants",
	    (json_int_t)p->grants, "grant", (json_int_t)id, "of",
	    (json_int_t)p->of, "done", (json_int_t)p->done, "sent",
	    (json_int_t)p->sent, "answers", (json_int_t)p->answers, "seconds",
	    (json_int_t)(id != 0 ? (ms - p->since) / 1000 : 0));
}
