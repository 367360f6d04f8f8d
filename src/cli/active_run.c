/*
 * active_run.c - asking devices now, by the grants of a state.
 *
 * What comes back goes the way of all frames as far as the inventory, and is
 * printed; it is kept in DIR/asked.pcapng, too.  Where a sensor runs with the
 * state, it is handed to it; else the store is ours meanwhile.
 * DIR/active.pid is locked, so that `active stop` finds us; a signal stops
 * everything within a tenth of a second.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "../base/vault.h"
#include "../config/config.h"
#include "../sensor/sensor.h"
#include "active.h"
#include "ask.h"
#include "cli.h"
#include "state.h"

#define GRANTS 256u
#define MARKED 4096u

struct parcel { /* what an address was sent and answered, until it is told */
	struct ip ip; /* len 0: free */
	json_t *frames;
};

struct asker {
	const char *state;
	bool runs; /* a sensor does, with this state */
	uint32_t at_work; /* grant */
	struct parcel parcel[16];
	struct store *store;
	struct sensor *sensor;
	struct governor *governor[2];
	uint32_t n_grant;
	struct asking grant[GRANTS];
	uint32_t n_marked;
	struct ip marked[MARKED];
	char comment[160];
	uint64_t frames;
	bool said;
};

static volatile sig_atomic_t stopped;

static void
on_signal(int number)
{
	(void)number;
	stopped = 1;
}

/* --------------------------------------------------------------- who is marked
 */

static bool
read_marked(struct asker *a)
{
	sqlite3_stmt *s = NULL;
	struct addr addr;
	bool ok = sqlite3_prepare_v2(store_db(a->store), DESK_MARKED, -1, &s,
		      NULL) == SQLITE_OK;

	while (ok && sqlite3_step(s) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(s, 0);

		if (text == NULL || !rule_addr(span_text(text), &addr))
			continue;
		if (a->n_marked == MARKED)
			ok = false;
		else
			a->marked[a->n_marked++] = addr.ip;
	}
	(void)sqlite3_finalize(s);
	if (!ok)
		complain("active: which devices must not be asked could not "
			 "be read; nothing was asked");
	return ok;
}

static void
pulse(void *ctx, const struct ip *ip, struct device_pulse *ret)
{
	const struct asker *a = ctx;

	for (uint32_t i = 0; i < a->n_marked && !ret->marked; i++)
		ret->marked = memcmp(&a->marked[i], ip, sizeof(*ip)) == 0;
}

/* ------------------------------------------------------------- what comes back
 */

static void
on_fact(void *ctx, const struct fact *f, const struct talk *t)
{
	char ip[ADDR_TEXT_MAX];

	(void)ctx;
	if (f->kind == FACT_IDENT && f->from_server && f->text_len > 0)
		(void)printf("%-15s  %-12s %.*s\n",
		    ip_text(f->about == ABOUT_ADDR ? &f->addr.ip
						   : &t->server.ip,
			ip),
		    fact_trait_name(f->trait), (int)f->text_len,
		    (const char *)f->text);
}

static void
on_asked(void *ctx, struct tick at, struct span bytes, uint32_t labels,
    bool passed)
{
	struct asker *a = ctx;
	const struct frame frame = { .at = at,
		.bytes = bytes,
		.wire_len = bytes.n,
		.number = (uint32_t)++a->frames,
		.link = 101 };

	sensor_asked(a->sensor, &frame, labels, passed);
}

static void
on_found(void *ctx, char *dst, size_t cap)
{
	struct asker *a = ctx;

	sensor_asked_found(a->sensor, dst, cap);
}

#define BASE64_MOST (4 * (65535 / 3 + 1) + 1)
#define PARCELS 16u /* targets at a time */

/* The desk: of the sensor that runs, else our own over the store. */
static bool
tell(struct asker *a, json_t *request)
{
	struct desk d = { .store = a->store,
		.assets = sensor_assets(a->sensor),
		.now = state_now(),
		.who = state_user(),
		.asked = on_asked,
		.found = on_found,
		.ctx = a };
	json_t *answer;
	bool ok;

	if (a->runs)
		return ask("active", a->state, request) == EXIT_DONE;
	answer = desk_do(&d, request);
	json_decref(request);
	ok = json_is_true(json_object_get(answer, "ok"));
	if (!ok)
		complain("active: %s",
		    json_string_value(
			json_object_get(json_object_get(answer, "error"),
			    "message")));
	json_decref(answer);
	return ok;
}

static struct parcel *
parcel_of(struct asker *a, const struct ip *ip)
{
	struct parcel *empty = &a->parcel[0];

	for (uint32_t i = 0; i < PARCELS; i++) {
		if (memcmp(&a->parcel[i].ip, ip, sizeof(*ip)) == 0)
			return &a->parcel[i];
		if (a->parcel[i].ip.len == 0)
			empty = &a->parcel[i];
	}
	empty->ip = *ip;
	empty->frames = json_array();
	return empty;
}

static void
on_frame(void *ctx, const struct ip *ip, struct tick at, struct span bytes,
    bool passed)
{
	static char text[BASE64_MOST];
	struct asker *a = ctx;
	const struct store_frame kept = { .at = at,
		.bytes = bytes,
		.length = bytes.n,
		.link = 101 };

	(void)sodium_bin2base64(text, sizeof(text), bytes.p, bytes.n,
	    sodium_base64_VARIANT_ORIGINAL);
	(void)json_array_append_new(parcel_of(a, ip)->frames,
	    json_pack("{s:I, s:s, s:b}", "at", (json_int_t)at.ns, "bytes", text,
		"passed", passed));
	/* the keeper of a sensor that runs keeps them itself */
	if (a->runs || !passed ||
	    store_put_asked(a->store, &kept, 1, a->comment) || a->said)
		return;
	a->said = true;
	complain("active: %s", store_error(a->store));
}

static void
on_end(void *ctx, const struct ip *ip, enum probe_end how, uint32_t answers)
{
	struct asker *a = ctx;
	struct parcel *p = parcel_of(a, ip);
	char text[ADDR_TEXT_MAX];

	(void)tell(a,
	    json_pack("{s:s, s:I, s:s, s:o, s:s, s:I}", "verb", "active.took",
		"id", (json_int_t)a->at_work, "ip", ip_text(ip, text), "frames",
		p->frames, "how", probe_end_text(how), "answers",
		(json_int_t)answers));
	memset(p, 0, sizeof(*p));
	(void)fflush(stdout);
	(void)printf("%-15s  %s", ip_text(ip, text), probe_end_text(how));
	if (answers > 0)
		(void)printf(", %" PRIu32 " answer%s", answers,
		    answers == 1 ? "" : "s");
	(void)printf("\n");
}

static const char *
stop(void *ctx)
{
	(void)ctx;
	return stopped != 0 ? "stopped by hand" : NULL;
}

/* ------------------------------------------------------------------- the
 * grants */

static bool
got_grant(void *ctx, const struct asking *g)
{
	struct asker *a = ctx;

	if (a->n_grant < GRANTS)
		a->grant[a->n_grant++] = *g;
	return true;
}

/* Stopped is stopped, whoever would ask. */
static bool
is_halted(struct asker *a)
{
	const char *halted = store_get(a->store, DESK_HALTED);

	if (halted[0] == '\0')
		return false;
	complain("active: asking was stopped (%s); 'active resume' lets it "
		 "go on",
	    halted);
	return true;
}

/* Those that are named and may be used now stay. */
static bool
choose(struct asker *a, const struct picked *named)
{
	struct tick now = state_now();
	uint32_t n = 0;

	for (uint32_t i = 0; i < a->n_grant; i++) {
		const char *why = desk_asking_not_now(&a->grant[i], now);

		if (!picks(named, a->grant[i].id))
			continue;
		if (why != NULL)
			complain("active: grant %" PRIu32 ": %s",
			    a->grant[i].id, why);
		else
			a->grant[n++] = a->grant[i];
	}
	a->n_grant = n;
	if (n == 0)
		complain("active: no grant may be used now; 'active grant' "
			 "makes one");
	return n > 0;
}

/* One for all devices, another for servers: made when first needed. */
static struct governor *
governor_of(struct asker *a, const struct active_plan *plan)
{
	const struct active_limits devices = ACTIVE_LIMITS,
				   servers = ACTIVE_SERVER_LIMITS;
	bool of_server = plan->method->of_server;
	char error[256];

	if (a->governor[of_server] == NULL)
		a->governor[of_server] = governor_open(a->state, &plan->limits,
		    of_server ? &servers : &devices,
		    of_server ? GOVERNOR_SERVERS : GOVERNOR_DEVICES,
		    state_now(), error, sizeof(error));
	if (a->governor[of_server] == NULL)
		complain("active: %s; nothing was asked", error);
	return a->governor[of_server];
}

static bool
unseal(struct asker *a, const struct asking *g, struct active_plan *p)
{
	char error[VAULT_ERROR] = "its passwords cannot be opened";
	struct vault_key key;
	bool ok = vault_open_key(a->state, false, &key, error) &&
	    desk_asking_unseal(g, &key, p);

	if (!ok)
		complain("active: grant %" PRIu32 ": %s", g->id, error);
	vault_wipe(&key, sizeof(key));
	return ok;
}

static int
run_one(struct asker *a, const struct asking *g, const char *interface)
{
	static struct active_plan plan;
	const struct probe_listener listener = { .ctx = a,
		.pulse = pulse,
		.frame = on_frame,
		.ended = on_end,
		.stop = stop };
	struct governor *governor;
	struct probe_counts counts;
	char error[256], text[256];
	bool ok;

	if (!desk_asking_plan(g, &plan, error, sizeof(error))) {
		complain("active: grant %" PRIu32 ": %s", g->id, error);
		return EXIT_INPUT;
	}
	if (g->user[0] != '\0' && !unseal(a, g, &plan))
		return EXIT_INPUT;
	governor = governor_of(a, &plan);
	if (governor == NULL)
		return EXIT_INPUT;
	(void)snprintf(a->comment, sizeof(a->comment),
	    "asked: %s, grant %" PRIu32 ", for %.80s", g->method, g->id,
	    g->owner);
	a->at_work = g->id;
	if (!tell(a,
		json_pack("{s:s, s:I}", "verb", "active.began", "id",
		    (json_int_t)g->id)))
		return EXIT_INTERNAL;
	ok = probe_run(&plan, governor, interface, &listener, &counts, error,
	    sizeof(error));
	(void)snprintf(text, sizeof(text),
	    "%s: %" PRIu64 " requests to %" PRIu64 " addresses, %" PRIu64
	    " answers%s%s",
	    g->method, counts.sent, plan.addresses, counts.answers,
	    governor_stopped(governor) != NULL ? "; " : "",
	    governor_stopped(governor) != NULL ? governor_stopped(governor)
					       : "");
	(void)printf("%s\n", text);
	(void)tell(a,
	    json_pack("{s:s, s:I, s:s}", "verb", "active.ran", "id",
		(json_int_t)g->id, "text", text));
	if (!ok)
		complain("active: %s", error);
	return ok ? EXIT_DONE : EXIT_INPUT;
}

/* ------------------------------------------------------------------ begin, end
 */

int
active_lock(const char *state)
{
	char path[4096], text[32];
	int fd, n;

	(void)snprintf(path, sizeof(path), "%s/active.pid", state);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0) {
		complain("active: %s: %s", path,
		    fd >= 0 ? "another process is asking" : strerror(errno));
		if (fd >= 0)
			(void)close(fd);
		return -1;
	}
	n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)n, 0) != n)
		complain("active: %s: %s", path, strerror(errno));
	return fd;
}

static bool
open_all(struct asker *a, const char *state)
{
	struct sensor_config c = { .flow = FLOW_CONFIG_DEFAULT,
		.baseline = BASELINE_CONFIG_DEFAULT,
		.malware = MALWARE_CONFIG_DEFAULT,
		.inventory_only = true,
		.fact = on_fact };
	static struct config conf;
	char error[STORE_ERROR];

	config_init(&conf);
	c.convs_max = (uint32_t)conf.number[CONF_CONVS];
	c.inventory_max = (uint32_t)conf.number[CONF_INVENTORY];
	c.assets_max = (uint32_t)conf.number[CONF_ASSETS];
	c.vendors = config_path(&conf, CONF_VENDORS);
	a->state = state;
	a->runs = ask_has_sensor(state);
	a->store =
	    store_open(state, a->runs ? STORE_READING : STORE_WRITING, error);
	c.store = a->runs ? NULL : a->store;
	if (a->store != NULL)
		a->sensor = sensor_new(&c, error);
	if (a->sensor == NULL)
		complain("active: %s", error);
	return a->sensor != NULL;
}

static void
close_all(struct asker *a)
{
	governor_free(a->governor[0]);
	governor_free(a->governor[1]);
	sensor_free(a->sensor);
	if (a->store != NULL)
		store_close(a->store);
	free(a);
}

static int
run_all(struct asker *a, const char *interface)
{
	int status = EXIT_DONE;

	for (uint32_t i = 0;
	     i < a->n_grant && status == EXIT_DONE && stopped == 0; i++)
		status = run_one(a, &a->grant[i], interface);
	if (!sensor_finish(a->sensor)) {
		complain("active: %s", sensor_error(a->sensor));
		status = EXIT_INTERNAL;
	}
	return status;
}

int
active_run(const char *state, const char *interface,
    const struct picked *grants)
{
	struct sigaction act = { .sa_handler = on_signal };
	struct asker *a = calloc(1, sizeof(*a));
	int fd, status = EXIT_INPUT;

	if (a == NULL) {
		complain("active: out of memory");
		return EXIT_INTERNAL;
	}
	fd = active_lock(state);
	(void)sigaction(SIGINT, &act, NULL);
	(void)sigaction(SIGTERM, &act, NULL);
	if (fd >= 0 && open_all(a, state) && !is_halted(a) &&
	    store_each_asking(a->store, got_grant, a) && choose(a, grants) &&
	    read_marked(a))
		status = run_all(a, interface);
	close_all(a);
	if (fd >= 0)
		(void)close(fd);
	return status;
}
