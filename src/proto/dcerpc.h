/*
 * dcerpc.h - between dcerpc.c and those it carries or who carry it.
 *
 * A protocol that carries DCE/RPC (SMB named pipes) points dissect.state to
 * DCERPC_STATE zeroed bytes per pipe before dissect_inner(&proto_dcerpc); NULL
 * is allowed, then contexts are not remembered.  One whole PDU a call.
 *
 * A protocol that is carried finds a struct dcerpc_call behind dissect.state.
 */
#ifndef PROTO_DCERPC_H
#define PROTO_DCERPC_H

#include "proto.h"

#define DCERPC_STATE 256u

#define DCERPC_REQUEST 0u
#define DCERPC_RESPONSE 2u
#define DCERPC_FAULT 3u
#define DCERPC_REJECT 6u /* connectionless */

struct dcerpc_call {
	uint32_t opnum;
	uint32_t status; /* of a fault */
	uint8_t type; /* DCERPC_REQUEST ... */
	bool little; /* integers of the stub are little endian */
	uint16_t vendor, device; /* of a PROFINET object identifier, or 0 */
};

static inline uint32_t
dcerpc_u16(struct rd *r, bool little)
{
	return little ? rd_le16(r) : rd_be16(r);
}

static inline uint32_t
dcerpc_u32(struct rd *r, bool little)
{
	return little ? rd_le32(r) : rd_be32(r);
}

#endif
