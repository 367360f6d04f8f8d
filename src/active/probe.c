/*
 * probe.c - asking the devices of a plan, a few at a time.
 *
 * One conversation has one socket.  What is sent and received is told as
 * frames.  The governor is asked before every request, and everything is
 * stopped within a tenth of a second.
 *
 * Plain sockets, none raw, where the probe opens them; in the running sensor
 * they come from elsewhere (dial), and one of ICMP may be raw: then answers
 * have an IP header before them.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../model/packet.h"
#include "../model/sock_name.h"
#include "private.h"

#define CONVERSATIONS 16u /* devices at a time */
#define STEP_MS 20 /* longest sleep */

enum state {
	FREE,
	WAITING, /* for the governor */
	CONNECTING,
	ASKED
};

struct conversation {
	enum state state;
	struct inquiry q;
	struct tick when; /* WAITING: ask again; else: given up */
	int fd; /* -1: none yet */
	bool raw; /* a socket of IP */
	uint32_t answers, n_in;
	struct trace trace;
	uint8_t out[ACTIVE_REQUEST_MAX];
	uint32_t n_out;
	uint8_t in[ACTIVE_ANSWER_MAX];
};

struct probe {
	const struct active_plan *plan;
	struct governor *governor;
	const char *interface;
	const struct probe_listener *listener;
	struct probe_counts *counts;
	uint64_t next; /* target */
	char *error;
	size_t error_cap;
	bool failed;
	struct conversation c[CONVERSATIONS];
};

const char *
probe_end_text(enum probe_end e)
{
	static const char *const texts[PROBE_END_COUNT] = {
		[PROBE_ANSWERED] = "answered",
		[PROBE_REFUSED] = "nobody listens there",
		[PROBE_SILENT] = "no answer",
		[PROBE_ODD] = "odd answer, left alone",
		[PROBE_DENIED] = "refused: user or password, left alone",
		[PROBE_SLOW] = "answered slower, left alone",
		[PROBE_ALONE] = "not asked: left alone for a while",
		[PROBE_MARKED] = "not asked: marked",
		[PROBE_NOT_ASKED] = "not asked: stopped",
	};

	return texts[e];
}

bool
probe_text_asked(const char *text)
{
	for (int e = PROBE_ALONE; e < PROBE_END_COUNT; e++)
		if (strcmp(text, probe_end_text((enum probe_end)e)) == 0)
			return false;
	return true;
}

static uint8_t
via_of(const struct probe *p, const struct conversation *c)
{
	return c->q.by_stream ? VIA_TCP : p->plan->method->via;
}

static const struct ip *
asked_of(const struct probe *p, const struct conversation *c)
{
	return p->plan->method->of_server ? &c->q.options.server : &c->q.target;
}

static struct tick
now(void)
{
	struct timespec t = { .tv_sec = 0 };

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (struct tick){ (int64_t)t.tv_sec * TICK_SECOND + t.tv_nsec };
}

/* -------------------------------------------------------------------- sockets
 */

static uint16_t
port_of(const struct probe *p)
{
	return p->plan->options.port != 0 ? p->plan->options.port
					  : p->plan->method->port;
}

static int
open_socket(struct probe *p, const struct ip *ip, uint8_t via)
{
	int family = ip->len == 4 ? AF_INET : AF_INET6;
	int type = via == VIA_TCP ? SOCK_STREAM : SOCK_DGRAM;
	int protocol = via != VIA_IP ? 0
	    : ip->len == 4           ? IPPROTO_ICMP
				     : IPPROTO_ICMPV6;
	int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);

	if (fd < 0) {
		(void)snprintf(p->error, p->error_cap, "no socket: %s%s",
		    strerror(errno),
		    p->plan->method->via == VIA_IP
			? "; sysctl net.ipv4.ping_group_range allows it"
			: "");
		return -1;
	}
	if (p->interface == NULL ||
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, p->interface,
		(socklen_t)strlen(p->interface)) == 0)
		return fd;
	(void)snprintf(p->error, p->error_cap, "interface %.40s: %s",
	    p->interface, strerror(errno));
	(void)close(fd);
	return -1;
}

static struct ip
ip_of_name(const union sock_name *n)
{
	return n->any.sa_family == AF_INET
	    ? ip4_of((const uint8_t *)&n->v4.sin_addr)
	    : ip6_of((const uint8_t *)&n->v6.sin6_addr);
}

/* --------------------------------------------------------------------- frames
 */

static void
tell(struct probe *p, struct conversation *c, bool sent, uint8_t flags,
    struct span bytes)
{
	struct span frame = trace_frame(&c->trace, sent, flags, bytes);

	if (p->listener->frame != NULL && frame.n > 0)
		p->listener->frame(p->listener->ctx, &c->q.target, now(), frame,
		    true);
}

/* What an encrypted answer said. */
static void
tell_plain(struct probe *p, struct conversation *c)
{
	struct span frame;

	if (c->q.n_plain == 0 || p->listener->frame == NULL)
		return;
	frame =
	    trace_frame(&c->trace, false, 0, SPAN(c->q.plain, c->q.n_plain));
	if (frame.n > 0)
		p->listener->frame(p->listener->ctx, &c->q.target, now(), frame,
		    false);
	c->q.n_plain = 0;
}

static void
begin_trace(struct probe *p, struct conversation *c)
{
	union sock_name local;
	socklen_t n = sizeof(local);

	memset(&local, 0, sizeof(local));
	(void)getsockname(c->fd, &local.any, &n);
	c->trace.via = via_of(p, c);
	c->trace.remote = *asked_of(p, c);
	c->trace.remote_port = port_of(p);
	c->trace.local = ip_of_name(&local);
	c->trace.local_port =
	    ntohs(local.any.sa_family == AF_INET ? local.v4.sin_port
						 : local.v6.sin6_port);
	c->trace.seq = 1000;
	c->trace.ack = 2000;
}

static void
tell_connected(struct probe *p, struct conversation *c)
{
	const struct span none = SPAN(c->in, 0);

	tell(p, c, true, TCP_SYN, none);
	tell(p, c, false, TCP_SYN | TCP_ACK, none);
	tell(p, c, true, TCP_ACK, none);
}

/* ------------------------------------------------------------------ the course
 */

static void
hang_up(struct probe *p, struct conversation *c)
{
	if (c->fd < 0)
		return;
	if (c->trace.via == VIA_TCP && c->n_out > 0)
		tell(p, c, true, TCP_FIN | TCP_ACK, SPAN(c->in, 0));
	(void)close(c->fd);
	c->fd = -1;
}

static void
end(struct probe *p, struct conversation *c, enum probe_end how)
{
	if (how != PROBE_ANSWERED && c->state != WAITING)
		governor_failed(p->governor, asked_of(p, c), now());
	hang_up(p, c);
	p->counts->ended[how]++;
	if (p->listener->ended != NULL)
		p->listener->ended(p->listener->ctx, &c->q.target, how,
		    c->answers);
	c->state = FREE;
}

static void
begin(struct probe *p, struct conversation *c)
{
	c->fd = -1;
	c->answers = c->n_in = c->n_out = 0;
	memset(&c->q, 0, sizeof(c->q));
	c->q.options = p->plan->options;
	c->when.ns = 0;
	if (active_plan_target(p->plan, p->next, &c->q.target)) {
		p->next++;
		c->state = WAITING;
	}
}

/* Of a raw socket the kernel does not make it (RFC 792; of ICMPv6 it does). */
static void
put_echo_sum(struct conversation *c)
{
	uint32_t sum = 0;

	c->out[2] = c->out[3] = 0;
	for (uint32_t i = 0; i < c->n_out; i++)
		sum += (uint32_t)c->out[i] << (i % 2 == 0 ? 8 : 0);
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	c->out[2] = (uint8_t)(~sum >> 8);
	c->out[3] = (uint8_t)~sum;
}

static bool
send_request(struct probe *p, struct conversation *c)
{
	ssize_t n;

	if (c->raw)
		put_echo_sum(c);
	n = send(c->fd, c->out, c->n_out, MSG_NOSIGNAL);

	c->state = ASKED;
	if (n != (ssize_t)c->n_out) {
		end(p, c, PROBE_REFUSED);
		return false;
	}
	governor_sent(p->governor, asked_of(p, c), now());
	c->when = (struct tick){ now().ns + p->plan->limits.timeout };
	c->n_in = 0;
	c->q.step++;
	p->counts->sent++;
	tell(p, c, true, TCP_PSH | TCP_ACK, SPAN(c->out, c->n_out));
	return true;
}

/* The first request opens the conversation. */
static void
connect_to(struct probe *p, struct conversation *c)
{
	union sock_name name;
	socklen_t n = sock_name_of(asked_of(p, c), port_of(p), &name);

	c->raw = false;
	if (p->listener->dial != NULL)
		c->fd = p->listener->dial(p->listener->ctx, &c->q.target,
		    via_of(p, c), &c->raw);
	else
		c->fd = open_socket(p, asked_of(p, c), via_of(p, c));
	if (c->fd < 0) {
		p->failed = p->listener->dial == NULL;
		governor_over(p->governor, asked_of(p, c), now());
		end(p, c, PROBE_NOT_ASKED);
		return;
	}
	governor_sent(p->governor, asked_of(p, c), now());
	c->when = (struct tick){ now().ns + p->plan->limits.timeout };
	c->state = CONNECTING;
	if (p->listener->dial == NULL && connect(c->fd, &name.any, n) != 0 &&
	    errno != EINPROGRESS)
		end(p, c, PROBE_REFUSED);
}

/* Makes the next request: false when there is none. */
static bool
next_request(struct conversation *c, const struct active_method *m)
{
	struct wr w = WR(c->out);
	bool more = m->ask(&c->q, &w);

	c->n_out = more && !w.full ? w.n : 0;
	return c->n_out > 0;
}

static void
ask_governor(struct probe *p, struct conversation *c)
{
	struct device_pulse pulse = { .marked = false };
	enum governor_why why;

	if (p->listener->pulse != NULL)
		p->listener->pulse(p->listener->ctx, asked_of(p, c), &pulse);
	why =
	    governor_may(p->governor, asked_of(p, c), &pulse, now(), &c->when);
	if (why == GOVERNOR_GO) {
		if (c->fd < 0)
			connect_to(p, c);
		else
			(void)send_request(p, c);
	} else if (c->when.ns == INT64_MAX) {
		end(p, c,
		    why == GOVERNOR_LEFT_ALONE   ? PROBE_ALONE
			: why == GOVERNOR_MARKED ? PROBE_MARKED
						 : PROBE_NOT_ASKED);
	}
}

static void
connected(struct probe *p, struct conversation *c)
{
	int error = 0;
	socklen_t n = sizeof(error);

	(void)getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &n);
	if (error != 0) {
		end(p, c, PROBE_REFUSED);
		return;
	}
	begin_trace(p, c);
	if (c->trace.via == VIA_TCP)
		tell_connected(p, c);
	(void)send_request(p, c);
}

/* A whole answer. */
static void
heard(struct probe *p, struct conversation *c, struct span answer)
{
	const struct active_method *m = p->plan->method;
	bool was_stream = c->q.by_stream;
	bool goes_on = governor_answered(p->governor, asked_of(p, c), now());

	tell(p, c, false, TCP_PSH | TCP_ACK, answer);
	p->counts->answers++;
	c->answers++;
	if (m->heard != NULL && !m->heard(&c->q, answer)) {
		end(p, c, c->q.denied ? PROBE_DENIED : PROBE_ODD);
		return;
	}
	/* of SNMPv3 the first question is not proved, and the others are */
	if (c->q.step == 1 && c->q.usm.n_engine > 0)
		governor_relearn(p->governor, asked_of(p, c), now());
	tell_plain(p, c);
	if (c->q.denied) {
		end(p, c, PROBE_DENIED);
	} else if (!next_request(c, m)) {
		end(p, c, PROBE_ANSWERED);
	} else if (!goes_on) {
		end(p, c, PROBE_SLOW);
	} else {
		if (c->q.by_stream != was_stream)
			hang_up(p, c);
		c->state = WAITING;
		c->when.ns = 0;
	}
}

/* The last request of some conversations only says goodbye: nothing answers
 * it. */
static bool
said_goodbye(struct probe *p, struct conversation *c)
{
	return c->answers > 0 && !next_request(c, p->plan->method);
}

/* TCP: as far as an answer goes; what follows it is not asked for. */
static void
take_in(struct probe *p, struct conversation *c, bool closed)
{
	const struct active_method *m = p->plan->method;
	uint32_t n = m->whole != NULL && via_of(p, c) == VIA_TCP
	    ? m->whole(SPAN(c->in, c->n_in))
	    : c->n_in;

	if (n == UINT32_MAX || c->n_in == sizeof(c->in))
		end(p, c, PROBE_ODD);
	else if (n != 0 && n <= c->n_in)
		heard(p, c, SPAN(c->in, n));
	else if (closed && c->n_in > 0)
		heard(p, c, SPAN(c->in, c->n_in));
	else if (closed)
		end(p, c, said_goodbye(p, c) ? PROBE_ANSWERED : PROBE_REFUSED);
}

#define ECHO_REPLY_4 0
#define ECHO_REPLY_6 129
#define ECHO_SAME 4u /* identifier, number: after type, code and sum */

/* Of a raw socket: the echo of what we sent, without its IP header; else
 * nothing came. */
static bool
is_echo(struct conversation *c)
{
	uint32_t head =
	    c->q.target.len == 4 && c->n_in > 0 ? 4u * (c->in[0] & 15u) : 0;
	uint8_t type = c->q.target.len == 4 ? ECHO_REPLY_4 : ECHO_REPLY_6;

	if (c->n_in < head + 2 * ECHO_SAME || c->in[head] != type ||
	    memcmp(c->in + head + ECHO_SAME, c->out + ECHO_SAME, 4) != 0) {
		c->n_in = 0;
		return false;
	}
	memmove(c->in, c->in + head, c->n_in - head);
	c->n_in -= head;
	return true;
}

static void
receive(struct probe *p, struct conversation *c)
{
	ssize_t n = recv(c->fd, c->in + c->n_in, sizeof(c->in) - c->n_in, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		end(p, c, PROBE_REFUSED);
		return;
	}
	c->n_in += (uint32_t)n;
	if (c->raw && !is_echo(c))
		return;
	take_in(p, c, n == 0 && via_of(p, c) == VIA_TCP);
}

static void
timed_out(struct probe *p, struct conversation *c)
{
	if (c->n_in > 0)
		take_in(p, c, true);
	else
		end(p, c, said_goodbye(p, c) ? PROBE_ANSWERED : PROBE_SILENT);
}

static void
work(struct probe *p, struct conversation *c, short events)
{
	switch (c->state) {
	case FREE:
		begin(p, c);
		if (c->state == FREE)
			break;
		if (!next_request(c, p->plan->method)) {
			end(p, c, PROBE_ANSWERED);
			break;
		}
		ask_governor(p, c);
		break;
	case WAITING:
		if (now().ns >= c->when.ns)
			ask_governor(p, c);
		break;
	case CONNECTING:
		if (events != 0)
			connected(p, c);
		else if (now().ns >= c->when.ns)
			end(p, c, PROBE_SILENT);
		break;
	case ASKED:
		if (events != 0)
			receive(p, c);
		else if (now().ns >= c->when.ns)
			timed_out(p, c);
		break;
	}
}

static bool
is_stopped(struct probe *p)
{
	const char *why = p->listener->stop != NULL
	    ? p->listener->stop(p->listener->ctx)
	    : NULL;

	if (why != NULL)
		governor_stop(p->governor, why);
	return governor_stopped(p->governor) != NULL || p->failed;
}

/* False when nobody is left. */
static bool
step(struct probe *p)
{
	struct pollfd fds[CONVERSATIONS];
	bool busy = false;

	for (uint32_t i = 0; i < CONVERSATIONS; i++)
		fds[i] = (struct pollfd){
			.fd = p->c[i].state >= CONNECTING ? p->c[i].fd : -1,
			.events =
			    p->c[i].state == CONNECTING ? POLLOUT : POLLIN,
		};
	(void)poll(fds, CONVERSATIONS, STEP_MS);
	for (uint32_t i = 0; i < CONVERSATIONS; i++) {
		if (is_stopped(p))
			return false;
		work(p, &p->c[i], fds[i].revents);
		busy = busy || p->c[i].state != FREE;
	}
	return busy;
}

bool
probe_run(const struct active_plan *plan, struct governor *governor,
    const char *interface, const struct probe_listener *listener,
    struct probe_counts *ret, char *ret_error, size_t cap)
{
	struct probe *p = calloc(1, sizeof(*p));
	bool good;

	*ret = (struct probe_counts){ .sent = 0 };
	if (p == NULL) {
		(void)snprintf(ret_error, cap, "out of memory");
		return false;
	}
	p->plan = plan;
	p->governor = governor;
	p->interface = interface;
	p->listener = listener;
	p->counts = ret;
	p->error = ret_error;
	p->error_cap = cap;
	while (step(p))
		;
	for (uint32_t i = 0; i < CONVERSATIONS; i++)
		if (p->c[i].state != FREE)
			end(p, &p->c[i], PROBE_NOT_ASKED);
	good = !p->failed;
	free(p);
	return good;
}
