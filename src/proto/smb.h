/*
 * smb.h - what SMB 1 and SMB 2 share.  Private to nbss.c, smb.c and smb2.c.
 */
#ifndef PROTO_SMB_H
#define PROTO_SMB_H

#include "proto.h"

#define STATUS_PENDING 0x00000103u
#define STATUS_MORE_PROCESSING 0xc0000016u

/* Success, information and warnings ([MS-ERREF] 2.3) are no errors. */
static inline bool
smb_is_error(uint32_t status)
{
	return status >> 30 == 3 && status != STATUS_MORE_PROCESSING;
}

/*
 * Is a piece of file data a DCE/RPC PDU of a named pipe?  Told by its head
 * (C706 12.6.3): 5.0 or 5.1, a packet type, a data representation, a fragment
 * length that the piece holds.
 */
static inline bool
smb_is_rpc(const struct rd *r)
{
	struct span s = rd_ahead(r, 16);

	return s.n == 16 && s.p[0] == 5 && s.p[1] <= 1 && s.p[2] <= 19 &&
	    (s.p[4] & 0xee) == 0 && s.p[6] == 0 && s.p[7] == 0 &&
	    ((s.p[4] & 0x10) != 0
		    ? (uint32_t)(s.p[8] | s.p[9] << 8)
		    : (uint32_t)(s.p[8] << 8 | s.p[9])) <= rd_left(r);
}

/* What was read from or written to a file, or a pipe. */
static inline void
smb_data(struct rd *r, struct dissect *d)
{
	(void)d;
	rd_opaque_rest(r);
}

/* Kind of share and file: where a name is an object of a request. */
static inline void
smb_object(struct fact *f, enum space space, struct span name, bool wide)
{
	f->object.space = (uint16_t)space;
	f->object.count = 1;
	if (wide)
		fact_text16(f, name);
	else
		fact_text(f, name);
}

static inline void
smb_ident(struct dissect *d, enum trait trait, struct span name, bool wide)
{
	struct fact *f = dissect_ident_about(d, ABOUT_SENDER, trait, name);

	if (wide && name.n > 0)
		fact_text16(f, name);
}

#endif
