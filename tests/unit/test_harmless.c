/*
 * test_harmless.c - asking does no harm: simulated devices that answer one
 * request after another, polled by their masters, and asked as often as the
 * governor lets us.
 *
 *	master ──poll──▶ ┌────────┐
 *	                 │ device │ one at a time, in order of arrival
 *	we ──question──▶ └────────┘
 *
 * Over an hour the cycle of the polls changes by less than 1 %.  Two processes
 * ask them, as the probe and a scan of Windows endpoints do.  Whatever is
 * configured, however devices behave, and whoever is killed in the middle: a
 * device never has two of our requests, nor gets them faster than allowed.
 */
#include <stdlib.h>
#include <unistd.h>

#include "../../src/active/pulse.h"
#include "check.h"

#define MS (TICK_SECOND / 1000)
#define DEVICES 8u
#define QUEUE 64u
#define ASKERS 2u
#define BEGINNING (INT64_C(1800000000) * TICK_SECOND)

static uint64_t seed = 0x2545f4914f6cdd1du;

static uint32_t
draw(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return below > 0 ? (uint32_t)(seed >> 33) % below : 0;
}

enum manner {
	GOOD,
	SILENT, /* never answers us */
	GARBAGE,
	SLOWING, /* each answer to us takes longer */
	STUCK, /* answers us after half a minute */
	MANNERS
};

struct device {
	struct ip ip, master;
	enum manner manner;
	uint32_t takes, jitter, pause; /* ms */
	uint32_t queue[QUEUE], n; /* 0: a poll, else our request's number */
	uint32_t left; /* ms until the first of them is done; 0: idle */
	uint32_t rest; /* ms until the master polls again */
	bool polled; /* the poll is under way */
	uint64_t polls;
	/* our requests as the device sees them */
	uint32_t ours, made;
	int64_t last; /* when one came, 0: never */
	/* we */
	struct wish {
		int64_t when, given_up; /* ask again; 0: none outstanding */
		uint32_t open; /* number of the request whose answer counts */
	} wish[ASKERS];
	uint32_t asked;
};

struct world {
	int64_t now;
	bool asks; /* at all */
	bool heedless; /* ... whatever the governor says */
	struct device d[DEVICES];
	struct pulses *pulses;
	char dir[32];
	struct governor *g[ASKERS];
	struct active_limits limits;
	uint32_t kills; /* one in so many ms; 0: never */
	uint32_t sent;
	int64_t last; /* when somebody was asked */
	bool two, fast; /* a device had two at once; faster than allowed */
};

/* ------------------------------------------------------------------- packets
 */

static void
passes(struct world *w, const struct ip *from, const struct ip *to,
    uint16_t from_port, uint16_t to_port)
{
	struct packet p;

	memset(&p, 0, sizeof(p));
	p.at.ns = w->now;
	p.payload_wire = 12;
	p.via = VIA_TCP;
	p.src_ip = *from;
	p.dst_ip = *to;
	p.src_port = from_port;
	p.dst_port = to_port;
	pulse_packet(w->pulses, &p);
}

static void
arrives(struct device *d, uint32_t what)
{
	if (d->n < QUEUE)
		d->queue[d->n++] = what;
}

static uint32_t
time_for(const struct device *d, uint32_t what)
{
	uint32_t ms = d->takes + draw(d->jitter + 1);

	if (what != 0 && d->manner == SLOWING)
		ms += 5 * d->made;
	return ms > 0 ? ms : 1;
}

static void
is_answered(struct world *w, struct device *d, uint32_t k)
{
	struct tick now = { w->now };

	d->wish[k].given_up = 0;
	d->wish[k].when = w->now;
	if (d->manner == GARBAGE)
		governor_failed(w->g[k], &d->ip, now);
	else if (k == 0)
		(void)governor_answered(w->g[k], &d->ip, now);
	else /* questions of WMI are not alike */
		governor_over(w->g[k], &d->ip, now);
}

static void
serves(struct world *w, struct device *d)
{
	uint32_t what;

	if (d->left == 0 && d->n > 0)
		d->left = time_for(d, d->queue[0]);
	if (d->left == 0 || --d->left > 0)
		return;
	what = d->queue[0];
	memmove(d->queue, d->queue + 1, --d->n * sizeof(d->queue[0]));
	if (what == 0) {
		d->polled = false;
		d->rest = d->pause;
		passes(w, &d->ip, &d->master, 502, 40000);
		return;
	}
	if (d->manner == SILENT)
		return; /* done with it, and says nothing */
	if (d->manner == STUCK && draw(30000) != 0) {
		arrives(d, what);
		return;
	}
	d->ours--;
	for (uint32_t k = 0; k < ASKERS; k++)
		if (what == d->wish[k].open) /* else nobody waits any more */
			is_answered(w, d, k);
}

static void
polls(struct world *w, struct device *d)
{
	if (d->polled || d->master.len == 0)
		return;
	if (d->rest > 0 && --d->rest > 0)
		return;
	d->polled = true;
	d->polls++;
	arrives(d, 0);
	passes(w, &d->master, &d->ip, 40000, 502);
}

/* ------------------------------------------------------------------------- we
 */

static void
send_to(struct world *w, struct device *d, uint32_t k)
{
	const struct active_limits least = ACTIVE_LIMITS;

	if (d->ours > 0)
		w->two = true;
	if (d->last != 0 && w->now - d->last < least.device_gap)
		w->fast = true;
	if (!w->heedless && w->last != 0 && w->now - w->last < least.gap)
		w->fast = true;
	d->ours++;
	d->last = w->last = w->now;
	d->wish[k].open = ++d->made;
	d->wish[k].given_up = w->now + (k == 0 ? 3 : 12) * TICK_SECOND;
	d->asked++;
	w->sent++;
	arrives(d, d->made);
	governor_sent(w->g[k], &d->ip, (struct tick){ w->now });
}

static void
asks(struct world *w, struct device *d, uint32_t k)
{
	struct device_pulse pulse = { .marked = false };
	struct tick now = { w->now }, when;
	struct wish *one = &d->wish[k];

	if (one->given_up != 0) {
		if (w->now < one->given_up)
			return;
		one->given_up = 0;
		one->open = 0;
		governor_failed(w->g[k], &d->ip, now);
	}
	if (w->now < one->when)
		return;
	if (w->heedless) {
		send_to(w, d, k);
		one->when = w->now + TICK_SECOND / 10;
		return;
	}
	(void)pulse_look(w->pulses, &d->ip, &pulse);
	if (governor_may(w->g[k], &d->ip, &pulse, now, &when) == GOVERNOR_GO)
		send_to(w, d, k);
	else
		one->when = when.ns;
}

static void
begin_asker(struct world *w, uint32_t k)
{
	const struct active_limits least = ACTIVE_LIMITS;
	char error[256];

	w->g[k] = governor_open(w->dir, &w->limits, &least,
	    k == 0 ? GOVERNOR_DEVICES : GOVERNOR_WINDOWS,
	    (struct tick){ w->now }, error, sizeof(error));
	if (w->g[k] == NULL)
		abort();
}

/* All that the process knew is gone, but for the ledger. */
static void
is_killed(struct world *w, uint32_t k)
{
	governor_free(w->g[k]);
	begin_asker(w, k);
	for (uint32_t i = 0; i < DEVICES; i++)
		w->d[i].wish[k] = (struct wish){ .when = w->now };
}

static void
runs(struct world *w, uint32_t seconds)
{
	for (uint32_t ms = 0; ms < seconds * 1000; ms++) {
		w->now += MS;
		if (w->kills > 0 && draw(w->kills) == 0)
			is_killed(w, draw(ASKERS));
		for (uint32_t i = 0; i < DEVICES; i++) {
			serves(w, &w->d[i]);
			polls(w, &w->d[i]);
			for (uint32_t k = 0; w->asks && k < ASKERS; k++)
				asks(w, &w->d[i], k);
		}
	}
}

static void
make_world(struct world *w, const struct active_limits *limits)
{
	memset(w, 0, sizeof(*w));
	w->now = BEGINNING;
	w->limits = *limits;
	w->pulses = calloc(1, sizeof(*w->pulses));
	(void)snprintf(w->dir, sizeof(w->dir), "/tmp/harmless.XXXXXX");
	if (w->pulses == NULL || mkdtemp(w->dir) == NULL)
		abort();
	for (uint32_t k = 0; k < ASKERS; k++)
		begin_asker(w, k);
	for (uint32_t i = 0; i < DEVICES; i++) {
		const uint8_t ip[] = { 10, 0, (uint8_t)(i / 2),
			(uint8_t)(1 + i) };
		const uint8_t master[] = { 10, 9, 0, (uint8_t)(1 + i) };

		w->d[i].ip = ip4_of(ip);
		w->d[i].master = ip4_of(master);
	}
}

static void
end_world(struct world *w)
{
	char path[64];

	for (uint32_t k = 0; k < ASKERS; k++)
		governor_free(w->g[k]);
	free(w->pulses);
	(void)snprintf(path, sizeof(path), "%s/active.ledger", w->dir);
	(void)unlink(path);
	(void)rmdir(w->dir);
}

/* ---------------------------------------------------------------------- tests
 */

/* What the devices of the hour are like: from quick to busy. */
static void
be_polled(struct world *w)
{
	static const struct {
		uint32_t takes, jitter, pause;
	} kinds[DEVICES] = { { 2, 1, 100 }, { 8, 10, 200 }, { 20, 10, 250 },
		{ 40, 20, 400 }, { 80, 20, 900 }, { 5, 30, 500 },
		{ 150, 50, 1000 }, { 10, 2, 30 } };

	for (uint32_t i = 0; i < DEVICES; i++) {
		w->d[i].takes = kinds[i].takes;
		w->d[i].jitter = kinds[i].jitter;
		w->d[i].pause = kinds[i].pause;
	}
}

/* An hour, with and without us: how many cycles each device had. */
static void
test_hour(void)
{
	const struct active_limits limits = ACTIVE_LIMITS;
	static struct world without, with;
	uint32_t asked = 0;

	make_world(&without, &limits);
	make_world(&with, &limits);
	be_polled(&without);
	be_polled(&with);
	with.asks = true;
	runs(&without, 3600);
	runs(&with, 3600);
	for (uint32_t i = 0; i < DEVICES; i++) {
		double a = (double)without.d[i].polls;
		double b = (double)with.d[i].polls;
		bool holds = b > 0.99 * a && b < 1.01 * a;

		CHECK(holds);
		asked += with.d[i].asked;
		if (!holds || getenv("SHOW") != NULL)
			(void)printf("device %u: %.0f cycles, asked %u times: "
				     "%.0f (%.3f %%)\n",
			    (unsigned)i, a, (unsigned)with.d[i].asked, b,
			    100 * (a - b) / a);
	}
	CHECK(asked > 1000);
	CHECK(!with.two && !with.fast);
	end_world(&without);
	end_world(&with);
}

/* The measure is one: without a governor the cycles do change. */
static void
test_heedless(void)
{
	const struct active_limits limits = ACTIVE_LIMITS;
	static struct world without, with;
	uint32_t harmed = 0;

	make_world(&without, &limits);
	make_world(&with, &limits);
	be_polled(&without);
	be_polled(&with);
	with.asks = with.heedless = true;
	runs(&without, 60);
	runs(&with, 60);
	for (uint32_t i = 0; i < DEVICES; i++)
		harmed +=
		    (double)with.d[i].polls < 0.99 * (double)without.d[i].polls;
	CHECK(harmed >= DEVICES / 2);
	CHECK(with.fast);
	end_world(&without);
	end_world(&with);
}

static void
test_any(void)
{
	static struct world w;
	struct active_limits wild = {
		.device_gap = (int64_t)draw(5) * TICK_SECOND - TICK_SECOND,
		.subnet_gap = (int64_t)draw(2000000000) - TICK_SECOND,
		.gap = (int64_t)draw(1000000000) - TICK_SECOND / 2,
		.timeout = 3 * TICK_SECOND
	};

	make_world(&w, &wild);
	w.asks = true;
	w.kills = draw(2) == 0 ? 2000 + draw(30000) : 0;
	for (uint32_t i = 0; i < DEVICES; i++) {
		uint32_t manner = draw(MANNERS);

		w.d[i].manner = (enum manner)manner;
		w.d[i].takes = 1 + draw(300);
		w.d[i].jitter = draw(100);
		w.d[i].pause = 10 + draw(2000);
		if (draw(4) == 0)
			w.d[i].master.len = 0; /* nobody polls it */
	}
	runs(&w, 300);
	CHECK(!w.two);
	CHECK(!w.fast);
	CHECK(w.sent > 0);
	for (uint32_t i = 0; i < DEVICES; i++)
		CHECK(w.d[i].manner != SILENT || w.d[i].asked <= 1);
	end_world(&w);
}

int
main(void)
{
	test_hour();
	test_heedless();
	for (unsigned i = 0; i < 60; i++)
		test_any();
	return check_done();
}
