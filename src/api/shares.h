/* shares.h - what all conversations together carried (shares.c). */
#ifndef API_SHARES_H
#define API_SHARES_H

#include "private.h"

#define SHARES 12u /* that are told */
#define SHARE_VIAS 3u

/* Which have ports. */
static const char *const share_vias[SHARE_VIAS] = { "tcp", "udp", "sctp" };

struct share_port {
	const char *via;
	uint16_t port;
	uint64_t bytes;
};
struct shares {
	int64_t at, until; /* counted when, good how long; ns */
	uint64_t conversations;
	struct {
		uint64_t devices, bytes;
	} proto[PROTO_MAX]; /* as in protos[] */
	uint32_t n_port;
	struct share_port port[SHARES]; /* most bytes first */
};

/* Protocols by name, at once. */
#define PROTO_NAMES 512u /* a power of two, twice the protocols and more */
struct proto_names {
	uint16_t slot[PROTO_NAMES]; /* index into protos[] and 1, 0 none */
};
void proto_names_make(struct proto_names *);
/* n_protos: a name of another version. */
uint32_t proto_names_find(const struct proto_names *, struct span name);

/* Anew, unless it was a moment ago.  One at a time. */
void shares_count(struct shares *, struct reader *);

#endif
