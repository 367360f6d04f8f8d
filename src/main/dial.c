/*
 * dial.c - main's part in asking devices: whether the probe is wanted at all,
 * the kill switch by signal, and the sockets.
 *
 * The probe can open none.  It names a grant and an address; what is opened
 * is a connection to that address, by the method's port, through the
 * interface that the Admin named, and only while the grant allows it.  No
 * faster than all together may be asked, whatever the probe thinks.
 */
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../active/pulse.h"
#include "../asker/board.h"
#include "../model/sock_name.h"
#include "../rules/rules.h"
#include "private.h"

struct asking_place {
	struct board *shared, board;
	struct pulses *pulses;
	int board_fd, pulses_fd;
	struct active_plan plan;
	int64_t dialled; /* last, monotonic ms */
	char said[160]; /* why it is not wanted */
};

/* ------------------------------------------------------------- what is shared
 */

bool
dial_open(struct supervisor *s)
{
	struct asking_place *a = calloc(1, sizeof(*a));

	s->asking = a;
	if (a == NULL)
		return false;
	a->shared = shared_new(sizeof(*a->shared), &a->board_fd);
	a->pulses = shared_new(sizeof(*a->pulses), &a->pulses_fd);
	/* until the engine has read whether it was stopped */
	if (s->page != NULL)
		s->page->asking.halt = true;
	return a->shared != NULL && a->pulses != NULL;
}

void
dial_close(struct supervisor *s)
{
	free(s->asking);
	s->asking = NULL;
}

void
dial_give(struct supervisor *s, enum process p)
{
	int leash = s->child[p].leash;

	if (p == PROCESS_PROBE || p == PROCESS_ENGINE || p == PROCESS_KEEPER)
		(void)leash_send(leash, LEASH_BOARD_OF_GRANTS, 0,
		    s->asking->board_fd, "");
	if (p == PROCESS_PROBE || p == PROCESS_ENGINE)
		(void)leash_send(leash, LEASH_PULSES, 0, s->asking->pulses_fd,
		    "");
}

/* --------------------------------------------------------- whether it is
 * wanted
 */

static bool
is_monitoring(const struct config *c, const char *interface)
{
	for (uint32_t i = 0; i < c->n_port; i++)
		if (strcmp(c->port[i].interface, interface) == 0)
			return true;
	return false;
}

static const char *
why_not(const struct supervisor *s)
{
	const char *by = s->config.text[CONF_ACTIVE_INTERFACE];

	if (by[0] == '\0')
		return "active=on needs active.interface: nothing is asked";
	if (is_monitoring(&s->config, by))
		return "active.interface is a monitoring port, which never "
		       "sends: nothing is asked";
	return if_nametoindex(by) == 0
	    ? "active.interface is not there: nothing is asked"
	    : "";
}

/* What the engine is to know as our own. */
static void
note_addresses(struct supervisor *s)
{
	const char *by = s->config.text[CONF_ACTIVE_INTERFACE];
	struct ifaddrs *all = NULL;
	unsigned n = 0;

	if (getifaddrs(&all) != 0)
		return;
	for (const struct ifaddrs *a = all; a != NULL && n < PAGE_OWN;
	     a = a->ifa_next) {
		uint8_t *own = s->page->asking.own[n];
		int family = a->ifa_addr != NULL ? a->ifa_addr->sa_family : 0;

		if (strcmp(a->ifa_name, by) != 0 ||
		    (family != AF_INET && family != AF_INET6))
			continue;
		if (family == AF_INET)
			memcpy(own,
			    &((const struct sockaddr_in *)(const void *)
				    a->ifa_addr)
				 ->sin_addr,
			    4);
		else
			memcpy(own,
			    &((const struct sockaddr_in6 *)(const void *)
				    a->ifa_addr)
				 ->sin6_addr,
			    16);
		own[16] = family == AF_INET ? 4 : 16;
		n++;
	}
	for (; n < PAGE_OWN; n++)
		s->page->asking.own[n][16] = 0;
	freeifaddrs(all);
}

void
dial_tend(struct supervisor *s)
{
	struct child *c = &s->child[PROCESS_PROBE];
	bool on = s->config.number[CONF_ACTIVE] == 1;
	const char *why = on ? why_not(s) : "";
	bool may = on && why[0] == '\0' &&
	    __atomic_load_n(&s->page->asking.grants, __ATOMIC_RELAXED) > 0;

	if (strcmp(s->asking->said, why) != 0 && why[0] != '\0')
		say(SAY_ERROR, "%s", why);
	(void)snprintf(s->asking->said, sizeof(s->asking->said), "%s", why);
	if (may)
		note_addresses(s);
	if (!may && c->wanted)
		child_stop(s, PROCESS_PROBE);
	c->wanted = may;
}

void
dial_halt(struct supervisor *s)
{
	__atomic_store_n(&s->page->asking.halt, true, __ATOMIC_RELAXED);
	say(SAY_INFO, "asking devices is stopped by a signal");
}

/* -------------------------------------------------------------------- sockets
 */

/* Addresses of a range count in their last eight bytes; the rest is alike. */
static bool
is_granted(struct supervisor *s, uint32_t id, const struct ip *ip)
{
	struct asking_place *a = s->asking;
	const struct asking *g;
	char error[256];

	for (int i = 0; i < 100 && !board_copy(a->shared, &a->board); i++)
		;
	g = board_grant(&a->board, id);
	return g != NULL && desk_asking_not_now(g, time_of_day()) == NULL &&
	    board_plan(g, &a->plan, error, sizeof(error)) &&
	    active_plan_holds(&a->plan, ip) && !board_marks(&a->board, ip) &&
	    !board_marks(&a->board,
		a->plan.method->of_server ? &a->plan.options.server : ip);
}

static bool
may_stream(const struct active_method *m, uint8_t via)
{
	return via == m->via || (via == VIA_TCP && m->of_server);
}

/* ICMP: as the kernel makes them for anybody, else a raw one. */
static int
open_echo(const struct ip *ip, uint32_t *ret_raw)
{
	int family = ip->len == 4 ? AF_INET : AF_INET6;
	int protocol = ip->len == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	int fd =
	    socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);

	*ret_raw = fd < 0;
	return fd >= 0
	    ? fd
	    : socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
}

static int
open_to(struct supervisor *s, const struct ip *ip, uint8_t via,
    uint32_t *ret_raw)
{
	const struct active_plan *p = &s->asking->plan;
	const char *by = s->config.text[CONF_ACTIVE_INTERFACE];
	const struct ip *to = p->method->of_server ? &p->options.server : ip;
	uint16_t port =
	    p->options.port != 0 ? p->options.port : p->method->port;
	union sock_name name;
	socklen_t n = sock_name_of(to, via == VIA_IP ? 0 : port, &name);
	int type = via == VIA_TCP ? SOCK_STREAM : SOCK_DGRAM;
	int fd = via == VIA_IP ? open_echo(to, ret_raw)
			       : socket(name.any.sa_family,
				     type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 ||
	    (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, by,
		 (socklen_t)strlen(by)) == 0 &&
		(connect(fd, &name.any, n) == 0 || errno == EINPROGRESS)))
		return fd;
	(void)close(fd);
	return -1;
}

static bool
read_dial(const char *text, uint8_t *ret_via, struct ip *ret_ip)
{
	size_t n = strcspn(text, " ");
	struct addr addr;

	if (text[n] == '\0' || !rule_addr(span_text(text + n + 1), &addr) ||
	    addr.ip.len == 0)
		return false;
	*ret_ip = addr.ip;
	for (uint8_t via = VIA_TCP; via <= VIA_IP; via++) {
		if (strncmp(text, via_name((enum via)via), n) != 0)
			continue;
		*ret_via = via;
		return via != VIA_SCTP;
	}
	return false;
}

void
dial_socket(struct supervisor *s)
{
	const struct active_limits least = ACTIVE_SERVER_LIMITS;
	struct asking_place *a = s->asking;
	int64_t ms = monotonic_ms();
	uint32_t raw = 0;
	struct ip ip;
	uint8_t via;
	int fd = -1;

	if (!__atomic_load_n(&s->page->asking.halt, __ATOMIC_RELAXED) &&
	    read_dial(s->in.text, &via, &ip) &&
	    ms - a->dialled >= least.gap / 1000000 - 5 &&
	    why_not(s)[0] == '\0' && is_granted(s, s->in.number, &ip) &&
	    may_stream(a->plan.method, via)) {
		a->dialled = ms;
		fd = open_to(s, &ip, via, &raw);
	}
	(void)leash_send(s->child[PROCESS_PROBE].leash, LEASH_SOCKET, raw, fd,
	    "");
	if (fd >= 0)
		(void)close(fd);
}
