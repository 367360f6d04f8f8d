/*
 * peer.h - one connection to an endpoint: TCP, with TLS or without, that ends
 * in time and stops when it is told to.  Management interface only; one
 * thread.
 */
#ifndef WINDOWS_PEER_H
#define WINDOWS_PEER_H

#include <gnutls/gnutls.h>

#include "windows.h"

enum peer_is {
	PEER_DONE,
	PEER_REFUSED, /* nobody there, or it hung up */
	PEER_LATE,
	PEER_STOPPED,
	PEER_UNABLE, /* no socket, no TLS: `why` */
	PEER_UNTRUSTED
};

struct peer {
	int fd; /* -1: none */
	gnutls_session_t tls; /* NULL: none */
	gnutls_certificate_credentials_t certificates;
	struct ip local; /* and its port, for frames */
	uint16_t local_port;
	char pin[WINDOWS_PIN];
	uint8_t binding[96]; /* of the channel (RFC 5929) */
	uint32_t n_binding;
	char why[ASK_WHY];
	const struct windows_listener *listener;
};

/* Opens it; the certificate is judged before anything is said. */
enum peer_is peer_open(struct peer *, const struct windows_target *,
    const struct windows_listener *);
void peer_close(struct peer *);
enum peer_is peer_send(struct peer *, struct span, struct tick until);
/* At least a byte, at most cap; *ret_n 0: it hung up. */
enum peer_is peer_receive(struct peer *, uint8_t *, uint32_t cap,
    struct tick until, uint32_t *ret_n);
/* Waits up to 50 ms; true: stopped. */
bool peer_pause(const struct windows_listener *, int64_t ns);
struct tick peer_now(void); /* monotonic */

#endif
