/*
 * tls.h - what protocols that turn into TLS half-way (RDP, FTP) share with it.
 *
 * Such a protocol puts a struct tls_state at the very start of its own state,
 * frames records with tls_record_length() and hands each to proto_tls.
 */
#ifndef PROTO_TLS_H
#define PROTO_TLS_H

#include "proto.h"

#define TLS_RECORD_MAX (16384u + 2048u)

struct tls_state {
	uint32_t missing[2]; /* bytes of a handshake message begun, by way */
	uint8_t secret[2]; /* the keys changed: what follows is encrypted */
	uint16_t version; /* agreed on; 0 not known */
	char over; /* 'd' inside DTLS, 'q' inside QUIC, as JA4 says it */
};

/* Length of the record that starts here, or FRAME_...; wants 5 bytes. */
static inline uint32_t
tls_record_length(struct span s)
{
	uint32_t n;

	if (s.n < 5)
		return FRAME_NEED_MORE;
	n = (uint32_t)s.p[3] << 8 | s.p[4];
	if (s.p[0] < 20 || s.p[0] > 24 || s.p[1] != 3 || s.p[2] > 4 ||
	    n > TLS_RECORD_MAX || (n == 0 && s.p[0] != 23))
		return FRAME_NOT_MINE;
	return n + 5;
}

#endif
