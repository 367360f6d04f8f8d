/*
 * windows_child.c - see windows_child.h.
 *
 * Messages to the parent are JSON, one a datagram:
 *
 *	{"is": "open"}			a socket for the next address
 *	{"is": "item", "kind": ...}	known of it
 *	{"is": "lacks", "what", "why"}	a query that it does not answer
 *	{"is": "frame", "at", "bytes"}	sent or received
 *	{"is": "end", "outcome", ...}	the next address is up
 *
 *	{"is": "pulse"}			how does the next address do?
 *
 * The answer to "open" is a byte and a descriptor, or a byte and a sentence;
 * to "pulse" a struct device_pulse.
 */
#include "windows_child.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../model/sock_name.h"
#include "../process/process.h"

#define GAVE 'g' /* with a descriptor */
#define NOT 'n' /* a sentence follows */
#define HALT 'h'

struct child {
	int fd;
	const struct windows_jobs *jobs;
	const struct windows_job *job;
	bool halted;
};

static void
put(struct child *c, json_t *m)
{
	char *text = json_dumps(m, JSON_COMPACT);

	/* a parent that is gone has no use for us */
	if (text == NULL || send(c->fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		_exit(1);
	free(text);
	json_decref(m);
}

/* ---------------------------------------------------------------- listening
 */

static void
on_item(void *ctx, const struct windows_item *i)
{
	json_t *m = windows_item_json(i);

	(void)json_object_set_new(m, "is", json_string("item"));
	put(ctx, m);
}

static void
on_lack(void *ctx, const struct windows_query *q, const char *why)
{
	char text[TALK_WHY];
	struct fact f = { .kind = FACT_IDENT };

	fact_text(&f, span_text(why));
	(void)snprintf(text, sizeof(text), "%.*s", (int)f.text_len, f.text);
	put(ctx,
	    json_pack("{s:s, s:s, s:s}", "is", "lacks", "what", q->name, "why",
		text));
}

static void
on_frame(void *ctx, struct tick at, struct span bytes)
{
	static char text[4 * (65535 / 3 + 1) + 1];

	(void)sodium_bin2base64(text, sizeof(text), bytes.p, bytes.n,
	    sodium_base64_VARIANT_ORIGINAL);
	put(ctx,
	    json_pack("{s:s, s:I, s:s}", "is", "frame", "at", (json_int_t)at.ns,
		"bytes", text));
}

static void
pulse(void *ctx, const struct ip *ip, struct device_pulse *ret)
{
	struct child *c = ctx;

	(void)ip;
	put(c, json_pack("{s:s}", "is", "pulse"));
	if (recv(c->fd, ret, sizeof(*ret), 0) != (ssize_t)sizeof(*ret))
		_exit(1);
	ret->marked = c->job->marked;
}

static int
open_socket(void *ctx, char why[static ASK_WHY])
{
	char control[CMSG_SPACE(sizeof(int))], text[ASK_WHY] = "";
	struct iovec v = { .iov_base = text, .iov_len = sizeof(text) - 1 };
	struct msghdr m = { .msg_iov = &v,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	struct child *c = ctx;
	const struct cmsghdr *h;
	int fd = -1;

	put(c, json_pack("{s:s}", "is", "open"));
	if (recvmsg(c->fd, &m, MSG_CMSG_CLOEXEC) <= 0)
		_exit(1);
	h = CMSG_FIRSTHDR(&m);
	if (text[0] == GAVE && h != NULL && h->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(h), sizeof(fd));
	c->halted = text[0] == HALT;
	(void)snprintf(why, ASK_WHY, "%s", text + 1);
	return fd;
}

/* ---------------------------------------------------------------- one by one
 */

static void
tell_end(struct child *c, const struct windows_asked *a)
{
	struct fact f = { .kind = FACT_IDENT };
	char why[ASK_WHY];

	/* of what the endpoint said only what is text */
	fact_text(&f, span_text(a->why));
	(void)snprintf(why, sizeof(why), "%.*s%s", (int)f.text_len, f.text,
	    (f.flags & FACT_CUT) != 0 ? " ..." : "");
	put(c,
	    json_pack("{s:s, s:s, s:s, s:b, s:s*, s:I}", "is", "end", "outcome",
		windows_end_name(a->end), "text", why, "proved", a->proved,
		"pin", a->pin[0] != '\0' && a->requests > 0 ? a->pin : NULL,
		"requests", (json_int_t)a->requests));
}

/* True: the next one may be asked. */
static bool
ask_one(struct child *c, struct governor *g, bool *proved)
{
	const struct windows_jobs *j = c->jobs;
	struct windows_target t = { .ip = c->job->ip,
		.port = j->port,
		.plain = j->plain,
		.trust = j->trust,
		.authorities = j->authorities,
		.user = j->user,
		.domain = j->domain,
		.password = j->password,
		.kinds = j->kinds };
	const struct windows_listener l = { .ctx = c,
		.pulse = pulse,
		.open = open_socket,
		.item = on_item,
		.lacks = on_lack,
		.frame = on_frame };
	struct windows_asked a = { .end = ASK_LEFT };

	memcpy(t.pin, c->job->pin, sizeof(t.pin));
	if (c->job->denied)
		(void)snprintf(a.why, sizeof(a.why),
		    "it refused these credentials before");
	else
		windows_ask(&t, g, &l, &a);
	tell_end(c, &a);
	*proved = *proved || a.proved;
	return !c->halted && (a.end != ASK_DENIED || *proved) &&
	    a.end != ASK_STOPPED;
}

static void
lock_in(void)
{
	const struct jail j = { .user = NULL };
	char error[JAIL_ERROR], warning[JAIL_ERROR];

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	(void)signal(SIGINT, SIG_IGN); /* the parent's to decide */
	if (jail_enter(PROCESS_PROBE, &j, error, warning))
		return;
	(void)fprintf(stderr, "sightglass: active: %s; nothing was asked\n",
	    error);
	_exit(1);
}

void
windows_child(int fd, const struct windows_jobs *jobs)
{
	const struct active_limits limits = ACTIVE_LIMITS;
	struct child c = { .fd = 3, .jobs = jobs };
	bool proved = false, more = true;
	struct governor *g;
	char error[256];

	if (dup2(fd, 3) != 3 || close_range(4, ~0u, 0) != 0)
		_exit(1);
	g = governor_open(jobs->state, &limits, &limits, GOVERNOR_WINDOWS,
	    time_of_day(), error, sizeof(error));
	if (g == NULL) {
		(void)fprintf(stderr,
		    "sightglass: active: %s; nothing was asked\n", error);
		_exit(1);
	}
	lock_in();
	for (uint32_t i = 0; more && i < jobs->n; i++) {
		c.job = &jobs->of[i];
		more = ask_one(&c, g, &proved);
	}
	governor_free(g);
}

/* ----------------------------------------------------------------- the parent
 */

int
windows_dial(const struct ip *ip, uint16_t port, bool plain,
    const char *interface, char *why, size_t cap)
{
	const int yes = 1;
	union sock_name name;
	socklen_t n = sock_name_of(ip, windows_port(port, plain), &name);
	int fd = socket(name.any.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd >= 0 &&
	    (interface == NULL ||
		setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface,
		    (socklen_t)strlen(interface)) == 0)) {
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes,
		    sizeof(yes));
		/* what comes of it is seen at the socket */
		(void)connect(fd, &name.any, n);
		return fd;
	}
	(void)snprintf(why, cap, "%s: %s",
	    fd < 0 || interface == NULL ? "no socket" : interface,
	    strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

void
windows_tell_pulse(int to, const struct device_pulse *p)
{
	(void)send(to, p, sizeof(*p), MSG_NOSIGNAL);
}

/* A datagram socket that is connected sends nothing, and has an address. */
bool
windows_own(const struct ip *ip, const char *interface, struct ip *ret)
{
	union sock_name name;
	socklen_t n = sock_name_of(ip, 9, &name);
	int fd = socket(name.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool ok = fd >= 0 &&
	    (interface == NULL ||
		setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface,
		    (socklen_t)strlen(interface)) == 0) &&
	    connect(fd, &name.any, n) == 0 &&
	    getsockname(fd, &name.any, &n) == 0;

	if (ok)
		*ret = name.any.sa_family == AF_INET
		    ? ip4_of((const uint8_t *)&name.v4.sin_addr)
		    : ip6_of((const uint8_t *)&name.v6.sin6_addr);
	if (fd >= 0)
		(void)close(fd);
	return ok;
}

void
windows_hand_over(int to, int fd, bool halt, const char *why)
{
	char control[CMSG_SPACE(sizeof(int))], text[ASK_WHY + 2];
	struct iovec v = { .iov_base = text };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	struct cmsghdr *h;

	v.iov_len = (size_t)snprintf(text, sizeof(text), "%c%s",
	    fd >= 0    ? GAVE
		: halt ? HALT
		       : NOT,
	    fd >= 0 ? "" : why);
	if (fd >= 0) {
		memset(control, 0, sizeof(control));
		m.msg_control = control;
		m.msg_controllen = sizeof(control);
		h = CMSG_FIRSTHDR(&m);
		h->cmsg_level = SOL_SOCKET;
		h->cmsg_type = SCM_RIGHTS;
		h->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(h), &fd, sizeof(fd));
	}
	(void)sendmsg(to, &m, MSG_NOSIGNAL);
}
