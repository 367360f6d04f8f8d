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
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "active.h"
#include "ask.h"
#include "cli.h"
#include "state.h"
#include "windows_scan.h"

#define SILENCE (120 * TICK_SECOND) /* of a child: it is at its end */
#define LOOK_MS 50
#define LOOKS_NS (TICK_SECOND / 5) /* between two looks at how it does */

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

	if (!is_to_end(s) && s->next < s->jobs.n && !s->opened && !s->blocked &&
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
		scan_said_item(s, m);
	else if (strcmp(is, "frame") == 0)
		scan_said_frame(s, m);
	else if (strcmp(is, "lacks") == 0)
		scan_said_lack(m);
	else if (strcmp(is, "end") == 0)
		scan_said_end(s, m);
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
	if (scan_jobs(s, r) && s->jobs.n > 0 && scan_credentials(s, r, &pem) &&
	    tell_began(s) && begin_child(s)) {
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

	if (!scan_choose(s))
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
