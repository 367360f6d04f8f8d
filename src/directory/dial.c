/*
 * dial.c - a socket to a server, for the process that may open none: its name
 * looked up, its addresses tried.  In a process of its own, with a user's
 * rights, that ends with it: what answers of name servers do to a resolver,
 * they do there.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "private.h"

#define ADDRESSES 4u

/* -1 with errno. */
static int
try_address(const struct addrinfo *a, int64_t until)
{
	const int yes = 1;
	int fd =
	    socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int error = ETIMEDOUT;
	socklen_t n = sizeof(error);
	int64_t left = until - monotonic_ms();

	if (fd < 0)
		return -1;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	if (connect(fd, a->ai_addr, a->ai_addrlen) == 0)
		return fd;
	if (errno != EINPROGRESS)
		error = errno;
	else if (poll(&p, 1, left > 0 ? (int)left : 0) > 0)
		(void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n);
	if (error == 0)
		return fd;
	(void)close(fd);
	errno = error;
	return -1;
}

static int
try_all(const struct addrinfo *all, int64_t until)
{
	uint32_t n = 0, i = 0;
	int fd = -1;

	for (const struct addrinfo *a = all; a != NULL && n < ADDRESSES;
	     a = a->ai_next)
		n++;
	for (const struct addrinfo *a = all; fd < 0 && i < n;
	     a = a->ai_next, i++)
		fd = try_address(a,
		    monotonic_ms() + (until - monotonic_ms()) / (n - i));
	return fd;
}

void
directory_dial(const struct config *c, uint32_t number, int leash)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV };
	int64_t until =
	    monotonic_ms() + 1000 * (int64_t)c->number[CONF_DIRECTORY_TIMEOUT];
	struct addrinfo *all = NULL;
	struct server s = { .port = 0 };
	char port[8];
	const char *why = "there is no such server";
	int fd = -1, rc;

	if (server_at(c, number & 0xff, &s)) {
		(void)snprintf(port, sizeof(port), "%u", s.port);
		rc = getaddrinfo(s.host, port, &hints, &all);
		why = rc != 0 ? gai_strerror(rc) : why;
		if (rc == 0 && (fd = try_all(all, until)) < 0)
			why = strerror(errno);
		if (rc == 0)
			freeaddrinfo(all);
	}
	(void)leash_send(leash, LEASH_SOCKET, number, fd, why);
	if (fd >= 0)
		(void)close(fd);
}
