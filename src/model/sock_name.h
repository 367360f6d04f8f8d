/*
 * sock_name.h - an IP address and a port as the calls of sockets want them.
 */
#ifndef MODEL_SOCK_NAME_H
#define MODEL_SOCK_NAME_H

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "addr.h"

union sock_name {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* Its length; IPv4 when the address has four octets. */
static inline socklen_t
sock_name_of(const struct ip *ip, uint16_t port, union sock_name *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (ip->len == 4) {
		ret->v4.sin_family = AF_INET;
		ret->v4.sin_port = htons(port);
		memcpy(&ret->v4.sin_addr, ip->b, 4);
		return sizeof(ret->v4);
	}
	ret->v6.sin6_family = AF_INET6;
	ret->v6.sin6_port = htons(port);
	memcpy(&ret->v6.sin6_addr, ip->b, 16);
	return sizeof(ret->v6);
}

#endif
