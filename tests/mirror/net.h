/*
 * net.h - a network namespace of the test's own, with veth pairs in it, and
 * frames sent into them.
 *
 *	net_enter()            or the test is skipped (exit 77)
 *	net_pair("s0", "m0")   s0 sends, m0 is the monitoring port
 */
#ifndef MIRROR_NET_H
#define MIRROR_NET_H

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define SKIPPED 77

/* Run a command of the shell; its exit status. */
static inline int __attribute__((format(printf, 1, 2)))
run(const char *format, ...)
{
	char line[512];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	return system(line);
}

static inline void
net_enter(void)
{
	if (geteuid() != 0 || unshare(CLONE_NEWNET) != 0 ||
	    run("ip link set lo up") != 0) {
		(void)printf("skipped: needs root, network namespaces and "
			     "ip (iproute2)\n");
		exit(SKIPPED);
	}
}

/* Only the sender's end is up; it says nothing by itself either. */
static inline void
net_pair(const char *sender, const char *port)
{
	if (run("ip link add %s type veth peer name %s", sender, port) != 0 ||
	    run("ip link set %s arp off addrgenmode none up", sender) != 0) {
		(void)printf("skipped: no veth here\n");
		exit(SKIPPED);
	}
}

/* The link has come up when the kernel has noticed: until then what is sent
 * is thrown away. */
static inline void
net_wait(const char *name)
{
	struct ifreq r = { .ifr_flags = 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	for (int i = 0; i < 300; i++) {
		if (ioctl(fd, SIOCGIFFLAGS, &r) == 0 &&
		    (r.ifr_flags & IFF_RUNNING) != 0)
			break;
		(void)usleep(10000);
	}
	(void)close(fd);
	(void)usleep(20000);
}

static inline int
net_socket(const char *name)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
		.sll_protocol = (unsigned short)(ETH_P_ALL << 8),
		.sll_ifindex = (int)if_nametoindex(name) };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0) {
		perror(name);
		exit(1);
	}
	return fd;
}

static inline void
net_send(int fd, const uint8_t *frame, size_t n)
{
	while (send(fd, frame, n, 0) != (ssize_t)n)
		if (errno != EAGAIN && errno != ENOBUFS) {
			perror("send");
			exit(1);
		}
}

#endif
