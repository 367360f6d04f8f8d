/*
 * onc_rpc.h - what ONC RPC and the programs inside it share: strings of XDR
 * (RFC 4506, clause 4.11), and how a call is handed on.
 *
 * Private to those dissectors.
 */
#ifndef PROTO_ONC_RPC_H
#define PROTO_ONC_RPC_H

#include "proto.h"

/* Length be32, bytes, padding to four. */
static inline struct span
onc_rpc_bytes(struct rd *r)
{
	uint32_t n = rd_be32(r);
	struct span s = rd_span(r, n);

	rd_skip(r, rd_ok(r) ? (4 - n % 4) % 4 : 0);
	return s;
}

/* NFS, its mount protocol and its locks. */
static inline bool
onc_rpc_is_nfs(uint32_t program)
{
	return program == 100003 || program == 100005 || program == 100021;
}

/*
 * What NFS is told with a call or its reply, in the context's unit and pair:
 * the program; version << 16 | procedure.  Results and arguments follow.
 */
static inline void
onc_rpc_nfs(struct dissect *d, struct rd *r, uint32_t program, uint32_t what,
    bool response)
{
	d->ctx.response = response;
	d->ctx.seq = (program - 100000) << 24 | (what >> 16 & 0xff) << 16 |
	    (what & 0xffff);
	dissect_inner(d, &proto_nfs, r);
}

#endif
