/*
 * live_link.c - what the kernel says about interfaces, and what is set on
 * them (rtnetlink(7)).
 *
 *	request: nlmsghdr | ifinfomsg or ifaddrmsg | attributes
 *	answer:  the same, or NLMSG_ERROR with an errno
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "live_private.h"

#define ANSWER_MAX 32768u

struct request {
	struct nlmsghdr head;
	union {
		struct ifinfomsg link;
		struct ifaddrmsg address;
		struct tcmsg queue;
	};
	uint8_t attributes[256];
};

int
link_netlink(void)
{
	return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
}

int
live_notices_open(void)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_LINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    NETLINK_ROUTE);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

/* What changed is looked up, not believed; also when notices were lost. */
bool
live_notices_read(int fd)
{
	uint8_t bytes[4096];
	bool any = false;

	while (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0 ||
	    errno == ENOBUFS)
		any = true;
	return any;
}

/* The kernel's macros cast away const: the same, without. */
static const void *
behind(const void *head, size_t n)
{
	return (const uint8_t *)head + n;
}

static const void *
message_data(const struct nlmsghdr *h)
{
	return behind(h, NLMSG_HDRLEN);
}

static const struct nlmsghdr *
message_next(const struct nlmsghdr *h, unsigned *n)
{
	unsigned step = NLMSG_ALIGN(h->nlmsg_len);

	*n -= step < *n ? step : *n;
	return behind(h, step);
}

static const void *
attribute_data(const struct rtattr *a)
{
	return behind(a, RTA_LENGTH(0));
}

static const struct rtattr *
attribute_next(const struct rtattr *a, unsigned *n)
{
	unsigned step = RTA_ALIGN(a->rta_len);

	*n -= step < *n ? step : *n;
	return behind(a, step);
}

static void
request_open(struct request *r, uint16_t type, uint16_t flags, size_t fixed)
{
	memset(r, 0, sizeof(*r));
	r->head.nlmsg_len = (uint32_t)NLMSG_LENGTH(fixed);
	r->head.nlmsg_type = type;
	r->head.nlmsg_flags = NLM_F_REQUEST | flags;
	r->head.nlmsg_seq = 1;
}

/* Room for an attribute at the end; NULL data opens a nest. */
static struct rtattr *
request_add(struct request *r, uint16_t type, const void *data, size_t n)
{
	uint8_t *at = (uint8_t *)r + NLMSG_ALIGN(r->head.nlmsg_len);
	struct rtattr *a = (void *)at;

	a->rta_type = type;
	a->rta_len = (unsigned short)RTA_LENGTH(n);
	if (data != NULL)
		memcpy((uint8_t *)a + RTA_LENGTH(0), data, n);
	r->head.nlmsg_len =
	    (uint32_t)(NLMSG_ALIGN(r->head.nlmsg_len) + RTA_ALIGN(a->rta_len));
	return a;
}

static void
request_nest_end(struct request *r, struct rtattr *a)
{
	a->rta_len = (unsigned short)((uint8_t *)r +
	    NLMSG_ALIGN(r->head.nlmsg_len) - (uint8_t *)a);
}

/* Send and read one datagram of the answer; its size, or -1 with errno. */
static ssize_t
ask(int netlink, const struct request *r, void *answer, size_t room)
{
	const struct nlmsghdr *h = answer;
	const struct nlmsgerr *e;
	ssize_t n;

	if (send(netlink, r, r->head.nlmsg_len, 0) < 0)
		return -1;
	do
		n = recv(netlink, answer, room, 0);
	while (n < 0 && errno == EINTR);
	if (n >= (ssize_t)sizeof(*h) && h->nlmsg_type == NLMSG_ERROR) {
		e = message_data(h);
		if (e->error != 0) {
			errno = -e->error;
			return -1;
		}
	}
	return n;
}

static bool
command(int netlink, const struct request *r)
{
	_Alignas(struct nlmsghdr) uint8_t answer[1024];

	return ask(netlink, r, answer, sizeof(answer)) >= 0;
}

/* ------------------------------------------------------------- questions */

static void
take_counters(struct link *l, const struct rtattr *a)
{
	struct rtnl_link_stats64 s = { .rx_packets = 0 };
	size_t n = RTA_PAYLOAD(a);

	memcpy(&s, attribute_data(a), n < sizeof(s) ? n : sizeof(s));
	l->rx_packets = s.rx_packets;
	l->rx_bytes = s.rx_bytes;
	l->tx_packets = s.tx_packets;
	l->missed = s.rx_missed_errors + s.rx_fifo_errors + s.rx_over_errors;
	l->damaged = s.rx_crc_errors + s.rx_length_errors + s.rx_frame_errors;
	l->dropped = s.rx_dropped;
}

static const struct rtattr *
inside(const struct rtattr *nest, unsigned short type)
{
	const struct rtattr *a = attribute_data(nest);
	unsigned n = (unsigned)RTA_PAYLOAD(nest);

	for (; RTA_OK(a, n); a = attribute_next(a, &n))
		if (a->rta_type == type)
			return a;
	return NULL;
}

static void
take_families(struct link *l, const struct rtattr *spec)
{
	const struct rtattr *six = inside(spec, AF_INET6), *mode;

	if (six == NULL) { /* the kernel speaks no IPv6 here */
		l->no_ipv6 = true;
		return;
	}
	mode = inside(six, IFLA_INET6_ADDR_GEN_MODE);
	l->no_ipv6 = mode != NULL &&
	    *(const uint8_t *)attribute_data(mode) == IN6_ADDR_GEN_MODE_NONE;
}

static void
take_attribute(struct link *l, const struct rtattr *a)
{
	switch (a->rta_type) {
	case IFLA_IFNAME:
		(void)snprintf(l->name, sizeof(l->name), "%s",
		    (const char *)attribute_data(a));
		return;
	case IFLA_MTU:
		memcpy(&l->mtu, attribute_data(a), sizeof(l->mtu));
		return;
	case IFLA_PROMISCUITY:
		memcpy(&l->promiscuity, attribute_data(a),
		    sizeof(l->promiscuity));
		return;
	case IFLA_CARRIER:
		l->carrier = *(const uint8_t *)attribute_data(a) != 0;
		return;
	case IFLA_STATS64:
		take_counters(l, a);
		return;
	case IFLA_QDISC:
		l->no_exit = strcmp(attribute_data(a), "blackhole") == 0;
		return;
	case IFLA_AF_SPEC:
		take_families(l, a);
		return;
	default:
		return;
	}
}

bool
link_find(int netlink, int index, const char *name, struct link *ret)
{
	_Alignas(struct nlmsghdr) uint8_t answer[ANSWER_MAX];
	const struct nlmsghdr *h = (const void *)answer;
	const struct ifinfomsg *info;
	const struct rtattr *a;
	struct request r;
	unsigned n;
	ssize_t got;

	request_open(&r, RTM_GETLINK, 0, sizeof(r.link));
	r.link.ifi_index = index;
	if (index == 0)
		(void)request_add(&r, IFLA_IFNAME, name, strlen(name) + 1);
	got = ask(netlink, &r, answer, sizeof(answer));
	if (got < (ssize_t)NLMSG_LENGTH(sizeof(*info)) ||
	    h->nlmsg_type != RTM_NEWLINK || h->nlmsg_len > (size_t)got)
		return false;
	info = message_data(h);
	*ret =
	    (struct link){ .index = info->ifi_index, .flags = info->ifi_flags };
	a = behind(info, NLMSG_ALIGN(sizeof(*info)));
	n = (unsigned)(h->nlmsg_len - NLMSG_LENGTH(sizeof(*info)));
	for (; RTA_OK(a, n); a = attribute_next(a, &n))
		take_attribute(ret, a);
	return true;
}

/* One that somebody gave the interface, not one it makes itself. */
static bool
is_given(const struct ifaddrmsg *m, int index)
{
	return m->ifa_index == (unsigned)index &&
	    (m->ifa_family == AF_INET ||
		(m->ifa_family == AF_INET6 && m->ifa_scope != RT_SCOPE_LINK));
}

static bool
address_is(const struct nlmsghdr *h, const struct ip *but,
    char ret_text[static 64])
{
	const struct ifaddrmsg *m = message_data(h);
	const struct rtattr *a = behind(m, NLMSG_ALIGN(sizeof(*m)));
	unsigned n = (unsigned)(h->nlmsg_len - NLMSG_LENGTH(sizeof(*m)));

	for (; RTA_OK(a, n); a = attribute_next(a, &n)) {
		if (a->rta_type != IFA_ADDRESS)
			continue;
		if (but->len == RTA_PAYLOAD(a) &&
		    memcmp(but->b, attribute_data(a), but->len) == 0)
			return false;
		return inet_ntop(m->ifa_family, attribute_data(a), ret_text,
			   64) != NULL;
	}
	return false;
}

bool
link_has_address(int netlink, int index, const struct ip *but,
    char ret_text[static 64])
{
	_Alignas(struct nlmsghdr) uint8_t answer[ANSWER_MAX];
	const struct nlmsghdr *h;
	struct request r;
	bool found = false, done = false;
	ssize_t got;
	unsigned n;

	request_open(&r, RTM_GETADDR, NLM_F_DUMP, sizeof(r.address));
	got = ask(netlink, &r, answer, sizeof(answer));
	while (got > 0 && !done) {
		n = (unsigned)got;
		for (h = (const void *)answer; NLMSG_OK(h, n) && !done;
		     h = message_next(h, &n)) {
			done = h->nlmsg_type == NLMSG_DONE ||
			    h->nlmsg_type == NLMSG_ERROR;
			if (h->nlmsg_type == RTM_NEWADDR && !found &&
			    is_given(message_data(h), index))
				found = address_is(h, but, ret_text);
		}
		if (!done)
			got = recv(netlink, answer, sizeof(answer), 0);
	}
	return found;
}

/* ---------------------------------------------------------------- changes */

bool
link_set(int netlink, int index, unsigned flags, unsigned mask)
{
	struct request r;

	request_open(&r, RTM_NEWLINK, NLM_F_ACK, sizeof(r.link));
	r.link.ifi_index = index;
	r.link.ifi_flags = flags;
	r.link.ifi_change = mask;
	return command(netlink, &r);
}

/* Also by its own switch, where the file system shows it: that takes away
 * addresses which are there already. */
static void
switch_ipv6_off(const char *name)
{
	char path[80];
	int fd;

	if (strchr(name, '/') != NULL || name[0] == '.')
		return;
	(void)snprintf(path, sizeof(path),
	    "/proc/sys/net/ipv6/conf/%s/disable_ipv6", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)!write(fd, "1", 1);
	(void)close(fd);
}

bool
link_no_ipv6(int netlink, const struct link *l)
{
	const uint8_t none = IN6_ADDR_GEN_MODE_NONE;
	struct rtattr *spec, *six;
	struct request r;

	switch_ipv6_off(l->name);
	request_open(&r, RTM_NEWLINK, NLM_F_ACK, sizeof(r.link));
	r.link.ifi_index = l->index;
	spec = request_add(&r, IFLA_AF_SPEC, NULL, 0);
	six = request_add(&r, AF_INET6, NULL, 0);
	(void)request_add(&r, IFLA_INET6_ADDR_GEN_MODE, &none, sizeof(none));
	request_nest_end(&r, six);
	request_nest_end(&r, spec);
	return command(netlink, &r);
}

/* The queue of an interface that throws away whatever is to leave by it: what
 * no other setting forbids a program of this machine. */
bool
link_shut(int netlink, int index, bool shut)
{
	struct request r;

	request_open(&r, shut ? RTM_NEWQDISC : RTM_DELQDISC,
	    shut ? NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE : NLM_F_ACK,
	    sizeof(r.queue));
	r.queue.tcm_ifindex = index;
	r.queue.tcm_parent = TC_H_ROOT;
	if (shut)
		(void)request_add(&r, TCA_KIND, "blackhole",
		    sizeof("blackhole"));
	return command(netlink, &r);
}

static bool
address(int netlink, int index, const struct ip *ip, uint8_t prefix,
    uint16_t type, uint16_t flags)
{
	struct request r;

	request_open(&r, type, NLM_F_ACK | flags, sizeof(r.address));
	r.address.ifa_family = ip->len == 4 ? AF_INET : AF_INET6;
	r.address.ifa_prefixlen = prefix;
	r.address.ifa_index = (unsigned)index;
	(void)request_add(&r, IFA_LOCAL, ip->b, ip->len);
	(void)request_add(&r, IFA_ADDRESS, ip->b, ip->len);
	return command(netlink, &r);
}

bool
link_add_address(int netlink, int index, const struct ip *ip, uint8_t prefix)
{
	return address(netlink, index, ip, prefix, RTM_NEWADDR, NLM_F_CREATE) ||
	    errno == EEXIST;
}

void
link_drop_address(int netlink, int index, const struct ip *ip, uint8_t prefix)
{
	(void)address(netlink, index, ip, prefix, RTM_DELADDR, 0);
}
