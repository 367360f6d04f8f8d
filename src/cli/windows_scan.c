/*
 * windows_scan.c - asking Windows endpoints now.
 *
 *	parent: the state, the key of the vault, a socket per endpoint
 *	   |  one child a range: its credentials, and what comes back
 *	child: locked in; no files, opens no sockets, reads what they answer
 *
 * The parent goes through the addresses; the child is handed one connected
 * socket for each and says how it ended.  What a child says is no more
 * believed than what came over the network.  A signal, or
 * `active windows stop`, ends the child at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "active.h"
#include "ask.h"
#include "cli.h"
#include "file.h"
#include "state.h"
#include "windows.h"
#include "windows_child.h"

#define RANGES 256u
#define COMMENT 160u
#define PEM_MOST (256u << 10)
#define SILENCE (120 * TICK_SECOND) /* of a child: it is at its end */
#define LOOK_MS 50
#define LOOKS_NS (TICK_SECOND / 5) /* between two looks at how it does */

struct scan {
	const struct windows_order *order;
	struct windows_sink *sink;
	struct vault_key key;
	uint32_t n;
	struct windows_range range[RANGES];
	struct windows_jobs jobs; /* of the range at work */
	/* the range at work */
	const struct windows_range *at;
	pid_t child;
	int fd; /* to the child */
	uint32_t next; /* job that the child is at */
	bool opened; /* it got its socket */
	json_t *items; /* of the job */
	char name[WINDOWS_NAME];
	uint32_t asked, answered;
	uint64_t requests;
	char comment[COMMENT];
	struct tick frames_at;
	bool said, blocked;
	struct device_pulse pulse; /* of the address it is at */
	int64_t looked; /* monotonic: when that was; 0: not yet */
	int64_t alert; /* the newest when it began */
	const char *why; /* it was ended, or NULL */
};

static volatile sig_atomic_t stopped;

static int64_t
monotonic_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * TICK_SECOND + t.tv_nsec;
}

static void
on_signal(int number)
{
	(void)number;
	stopped = 1;
}

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

static bool
choose(struct scan *s)
{
	const struct windows_order *o = s->order;
	struct tick now = state_now();
	uint32_t n = 0, waits = 0;

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

/* The password, and the authorities; false after complaining. */
static bool
give_credentials(struct scan *s, const struct windows_range *r, char **ret_pem)
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

/* ----------------------------------------------------------- what a child says
 */

static void
put_host(struct scan *s, const json_t *m)
{
	const struct windows_job *j = &s->jobs.of[s->next];
	const char *end = json_string_value(json_object_get(m, "outcome"));
	char ip[ADDR_TEXT_MAX];
	json_t *request = ask_new("windows.took");
	static const char *const copied[] = { "outcome", "text", "proved",
		"pin", NULL };

	ask_text(request, "ip", ip_text(&j->ip, ip));
	for (uint32_t i = 0; copied[i] != NULL; i++)
		(void)json_object_set(request, copied[i],
		    json_object_get(m, copied[i]));
	(void)json_object_set_new(request, "range", json_integer(s->at->id));
	if (s->name[0] != '\0')
		ask_text(request, "name", s->name);
	(void)json_object_set_new(request, "items", s->items);
	s->items = json_array();
	s->name[0] = '\0';
	(void)windows_sink_put(s->sink, request);
	if (end != NULL && strcmp(end, windows_end_name(ASK_DENIED)) == 0) {
		struct windows_range r;

		if (store_get_windows_range(windows_sink_store(s->sink),
			s->at->id, &r))
			s->blocked = r.blocked[0] != '\0';
	}
}

static void
say_end(struct scan *s, const json_t *m)
{
	const char *end = json_string_value(json_object_get(m, "outcome"));
	const char *why = json_string_value(json_object_get(m, "text"));
	char ip[ADDR_TEXT_MAX];

	for (uint32_t i = 0; end != NULL && i < ASK_END_COUNT; i++)
		if (strcmp(end, windows_end_name(i)) == 0)
			(void)printf("%-15s  %s%s%s\n",
			    ip_text(&s->jobs.of[s->next].ip, ip),
			    windows_end_text(i),
			    why != NULL && why[0] != '\0' ? ": " : "",
			    why != NULL ? why : "");
}

static void
on_end(struct scan *s, const json_t *m)
{
	json_int_t n = json_integer_value(json_object_get(m, "requests"));
	const char *end = json_string_value(json_object_get(m, "outcome"));
	bool stop =
	    end != NULL && strcmp(end, windows_end_name(ASK_STOPPED)) == 0;

	if (s->next >= s->jobs.n)
		return;
	say_end(s, m);
	if (n > 0)
		s->asked++;
	s->requests += n > 0 ? (uint64_t)n : 0;
	s->answered += end != NULL && strcmp(end, "answered") == 0;
	if (n > 0 || (end != NULL && strcmp(end, "not-asked") != 0 && !stop))
		put_host(s, m);
	(void)json_array_clear(s->items);
	s->next++;
	s->opened = false;
	s->looked = 0;
}

static void
on_item(struct scan *s, json_t *m)
{
	const char *name = json_string_value(json_object_get(m, "name"));
	const char *value = json_string_value(json_object_get(m, "value"));
	const char *kind = json_string_value(json_object_get(m, "kind"));

	(void)json_object_del(m, "is");
	if (json_array_size(s->items) < 10000)
		(void)json_array_append(s->items, m);
	if (name != NULL && value != NULL && kind != NULL &&
	    strcmp(kind, "hardware") == 0 && strcmp(name, "name") == 0)
		(void)snprintf(s->name, sizeof(s->name), "%.*s",
		    (int)sizeof(s->name) - 1, value);
}

static void
on_lack(const json_t *m)
{
	const char *what = json_string_value(json_object_get(m, "what"));
	const char *why = json_string_value(json_object_get(m, "why"));

	if (what != NULL && why != NULL)
		(void)printf("                 %.60s: %.160s\n", what, why);
}

static void
on_frame(struct scan *s, const json_t *m)
{
	static uint8_t bytes[65536];
	const char *text = json_string_value(json_object_get(m, "bytes"));
	struct store_frame f = { .link = 101 };
	size_t n = 0;

	if (text == NULL ||
	    sodium_base642bin(bytes, sizeof(bytes), text, strlen(text), NULL,
		&n, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
		return;
	f.at.ns = json_integer_value(json_object_get(m, "at"));
	f.bytes = SPAN(bytes, (uint32_t)n);
	f.length = f.bytes.n;
	if (store_put_asked(windows_sink_store(s->sink), &f, 1, s->comment) ||
	    s->said)
		return;
	s->said = true;
	complain("active: %s", store_error(windows_sink_store(s->sink)));
}

static int64_t
sql_number(struct scan *s, const char *sql, int64_t bound)
{
	sqlite3_stmt *q = NULL;
	int64_t n = 0;

	if (sqlite3_prepare_v2(store_db(windows_sink_store(s->sink)), sql, -1,
		&q, NULL) == SQLITE_OK &&
	    sqlite3_bind_int64(q, 1, bound) == SQLITE_OK &&
	    sqlite3_step(q) == SQLITE_ROW)
		n = sqlite3_column_int64(q, 0);
	(void)sqlite3_finalize(q);
	return n;
}

/* The kill switch, a signal, an alert that is new: asked twenty times a
 * second. */
static bool
is_to_end(struct scan *s)
{
	static const char alerts[] = "select count(*) from alert where number "
				     "> ?1 and severity in ('critical', "
				     "'major')";

	if (s->why == NULL && stopped != 0)
		s->why = "stopped by hand";
	if (s->why == NULL &&
	    store_get(windows_sink_store(s->sink), DESK_HALTED)[0] != '\0')
		s->why = "asking was stopped";
	if (s->why == NULL && sql_number(s, alerts, s->alert) > 0)
		s->why = "there is a new alert";
	return s->why != NULL;
}

/* What the sensor that runs sees of the address, which learns with it whom we
 * are about to ask. */
static void
look(struct scan *s)
{
	const struct ip *ip = &s->jobs.of[s->next].ip;
	char text[ADDR_TEXT_MAX], own_text[ADDR_TEXT_MAX];
	struct ip own;
	json_t *known;

	s->pulse = (struct device_pulse){ .marked = false };
	s->looked = monotonic_ns();
	if (!windows_own(ip, s->order->interface, &own))
		return; /* nor will it be asked */
	known = windows_sink_look(s->sink,
	    json_pack("{s:s, s:s, s:s, s:i}", "verb", "active.look", "ip",
		ip_text(ip, text), "own", ip_text(&own, own_text), "port",
		windows_port(s->jobs.port, s->jobs.plain)));
	if (json_is_true(json_object_get(known, "scanner")) && s->why == NULL)
		s->why = "another scanner was seen";
	s->pulse.last.ns = json_integer_value(json_object_get(known, "last"));
	s->pulse.quiet = json_integer_value(json_object_get(known, "quiet"));
	s->pulse.usual = json_integer_value(json_object_get(known, "usual"));
	s->pulse.recent = json_integer_value(json_object_get(known, "recent"));
	s->pulse.noise = json_integer_value(json_object_get(known, "noise"));
	json_decref(known);
}

static void
on_pulse(struct scan *s)
{
	if (s->next < s->jobs.n &&
	    (s->looked == 0 || monotonic_ns() - s->looked > LOOKS_NS))
		look(s);
	windows_tell_pulse(s->fd, &s->pulse);
}

/* A connected socket, or one that is being connected, to the address that it
 * is at: once. */
static void
on_open(struct scan *s)
{
	char why[ASK_WHY] = "no more sockets for this address";
	int fd = -1;

	if (s->next < s->jobs.n && !s->opened && !s->blocked &&
	    !s->jobs.of[s->next].marked && !s->jobs.of[s->next].denied)
		fd = windows_dial(&s->jobs.of[s->next].ip, s->jobs.port,
		    s->jobs.plain, s->order->interface, why, sizeof(why));
	s->opened = true;
	windows_hand_over(s->fd, fd, s->blocked, why);
	if (fd >= 0)
		(void)close(fd);
}

static void
on_message(struct scan *s, const char *text, size_t n)
{
	json_t *m = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
	const char *is = json_string_value(json_object_get(m, "is"));

	if (is == NULL)
		complain("active: the process that asks spoke nonsense");
	else if (strcmp(is, "open") == 0)
		on_open(s);
	else if (strcmp(is, "pulse") == 0)
		on_pulse(s);
	else if (strcmp(is, "item") == 0)
		on_item(s, m);
	else if (strcmp(is, "frame") == 0)
		on_frame(s, m);
	else if (strcmp(is, "lacks") == 0)
		on_lack(m);
	else if (strcmp(is, "end") == 0)
		on_end(s, m);
	json_decref(m);
}

/* ------------------------------------------------------------------- a range
 */

/* Until the child is through, dies, or is to end. */
static void
listen_to(struct scan *s)
{
	static char text[CHILD_MESSAGE];
	struct pollfd p = { .fd = s->fd, .events = POLLIN };
	int64_t heard = monotonic_ns(), looked = 0;

	while (monotonic_ns() - heard < SILENCE) {
		ssize_t n;
		int ready = poll(&p, 1, LOOK_MS);

		if (monotonic_ns() - looked >= LOOK_MS * 1000000) {
			looked = monotonic_ns();
			if (is_to_end(s))
				break;
		}
		if (ready <= 0)
			continue;
		heard = monotonic_ns();
		n = recv(s->fd, text, sizeof(text), 0);
		if (n <= 0)
			return;
		on_message(s, text, (size_t)n);
		(void)fflush(stdout);
	}
	(void)kill(s->child, SIGKILL);
}

static bool
begin_child(struct scan *s)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
		complain("active: %s", strerror(errno));
		return false;
	}
	(void)fflush(stdout);
	s->child = fork();
	if (s->child == 0) {
		/* the key is not the child's */
		vault_wipe(&s->key, sizeof(s->key));
		windows_child(pair[1], &s->jobs);
		_exit(0);
	}
	(void)close(pair[1]);
	s->fd = pair[0];
	if (s->child > 0)
		return true;
	complain("active: %s", strerror(errno));
	(void)close(s->fd);
	return false;
}

static void
end_range(struct scan *s)
{
	char text[256];
	json_t *request = ask_new("windows.ran");
	int how = 0;

	(void)waitpid(s->child, &how, 0);
	(void)close(s->fd);
	if (s->why == NULL && !(WIFEXITED(how) && WEXITSTATUS(how) == 0))
		complain("active: the process that asks died at %s",
		    s->next < s->jobs.n ? "an endpoint; it is not asked again "
					  "in this scan"
					: "its end");
	(void)snprintf(text, sizeof(text),
	    "%" PRIu64 " requests to %" PRIu32 " of %" PRIu32
	    " addresses, %" PRIu32 " answered%s%s",
	    s->requests, s->asked, s->jobs.n, s->answered,
	    s->why != NULL || s->blocked ? "; " : "",
	    s->why != NULL   ? s->why
		: s->blocked ? "its credentials were refused"
			     : "");
	(void)printf("range %" PRIu32 ": %s\n", s->at->id, text);
	(void)json_object_set_new(request, "id", json_integer(s->at->id));
	ask_text(request, "text", text);
	(void)windows_sink_put(s->sink, request);
}

/* Before the first is asked, so that one that is killed does not begin anew. */
static bool
tell_began(struct scan *s)
{
	json_t *request = ask_new("windows.began");

	(void)json_object_set_new(request, "id", json_integer(s->at->id));
	return windows_sink_put(s->sink, request);
}

static int
scan_range(struct scan *s, const struct windows_range *r)
{
	char *pem = NULL;
	int status = EXIT_INPUT;

	s->at = r;
	s->next = s->asked = s->answered = 0;
	s->requests = 0;
	s->opened = s->blocked = false;
	s->jobs.state = s->order->state;
	s->items = json_array();
	(void)snprintf(s->comment, sizeof(s->comment),
	    "asked: Windows, range %" PRIu32 ", for %.80s; without TLS or "
	    "seal, credentials left out",
	    r->id, r->owner);
	if (list_jobs(s, r) && read_marked(s) && s->jobs.n > 0 &&
	    give_credentials(s, r, &pem) && tell_began(s) && begin_child(s)) {
		vault_wipe(s->jobs.password, sizeof(s->jobs.password));
		listen_to(s);
		end_range(s);
		status = EXIT_DONE;
	}
	vault_wipe(s->jobs.password, sizeof(s->jobs.password));
	json_decref(s->items);
	free(pem);
	return status;
}

/* ---------------------------------------------------------------- begin, end
 */

static int
scan_all(struct scan *s)
{
	char error[VAULT_ERROR];
	int status = EXIT_DONE;

	if (!store_each_windows_range(windows_sink_store(s->sink), got_range,
		s)) {
		complain("active: %s",
		    store_error(windows_sink_store(s->sink)));
		return EXIT_INPUT;
	}
	if (!choose(s))
		return s->order->due ? EXIT_DONE : EXIT_INPUT;
	if (!vault_open_key(s->order->state, false, &s->key, error)) {
		complain("active: %s", error);
		return EXIT_INPUT;
	}
	s->alert = sql_number(s, "select max(number) + ?1 from alert", 0);
	for (uint32_t i = 0; i < s->n && !is_to_end(s); i++) {
		int one = scan_range(s, &s->range[i]);

		status = one != EXIT_DONE ? one : status;
	}
	vault_wipe(&s->key, sizeof(s->key));
	if (s->why != NULL)
		complain("active: %s", s->why);
	return status;
}

int
windows_scan(const struct windows_order *order)
{
	struct sigaction act = { .sa_handler = on_signal };
	struct scan *s = calloc(1, sizeof(*s));
	int fd, status = EXIT_INPUT;

	if (s == NULL) {
		complain("active: out of memory");
		return EXIT_INTERNAL;
	}
	s->order = order;
	/* what is in memory may be a password: no other looks in */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	fd = active_lock(order->state);
	(void)sigaction(SIGINT, &act, NULL);
	(void)sigaction(SIGTERM, &act, NULL);
	s->sink = fd >= 0 ? windows_sink_open(order->state) : NULL;
	if (s->sink != NULL) {
		status = scan_all(s);
		if (!windows_sink_close(s->sink))
			status = EXIT_INTERNAL;
	}
	if (fd >= 0)
		(void)close(fd);
	sodium_memzero(s, sizeof(*s));
	free(s);
	return status;
}
