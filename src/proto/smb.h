/*
 * smb.h - what SMB 1 and SMB 2 share.  Private to them and their carriers.
 */
#ifndef PROTO_SMB_H
#define PROTO_SMB_H

#include "dcerpc.h"
#include "proto.h"

/* State of a connection: whoever carries SMB points dissect.state to it, or to
 * nothing: then pipes are not looked into. */
struct smb_state {
	uint64_t rpc[DCERPC_STATE / 8]; /* of the pipe last used */
	uint32_t pipe;
};

#define STATUS_PENDING 0x00000103u
#define STATUS_MORE_PROCESSING 0xc0000016u

/* Begins as a message of SMB 1 does. */
static inline bool
smb_is_v1(struct span s)
{
	return span_starts(s, SPAN_LIT("\xffSMB"));
}

/* Success, information and warnings ([MS-ERREF] 2.3) are no errors. */
static inline bool
smb_is_error(uint32_t status)
{
	return status >> 30 == 3 && status != STATUS_MORE_PROCESSING;
}

static inline uint32_t
smb_rpc_length(struct span s)
{
	return (s.p[4] & 0x10) != 0 ? (uint32_t)(s.p[8] | s.p[9] << 8)
				    : (uint32_t)(s.p[8] << 8 | s.p[9]);
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
	    smb_rpc_length(s) >= 16 && smb_rpc_length(s) <= rd_left(r);
}

/* What was read or written: of which file or pipe, and where in it. */
struct smb_place {
	uint32_t file; /* tells those of a connection apart */
	uint32_t offset;
	bool is_file; /* file, or pipe: not only a pipe */
};

/* Files of 4 GiB and more are followed up to there. */
static inline uint32_t
smb_offset(uint64_t offset)
{
	return offset < UINT32_MAX ? (uint32_t)offset : UINT32_MAX;
}

/*
 * What was read from or written to a file, or a pipe: whole PDUs of DCE/RPC are
 * handed on.  What was agreed on is known of the pipe last used.  True when it
 * was a pipe's.
 */
static inline bool
smb_data(struct rd *r, struct dissect *d, const struct smb_place *at)
{
	struct smb_state *st = d->state;
	bool is_pipe = st != NULL && smb_is_rpc(r);

	if (is_pipe && st->pipe != at->file) {
		memset(st, 0, sizeof(*st));
		st->pipe = at->file;
	}
	if (is_pipe)
		d->state = st->rpc;
	while (is_pipe && smb_is_rpc(r)) {
		struct span s = rd_ahead(r, 16);
		struct rd pdu = rd_sub(r, smb_rpc_length(s));

		dissect_inner(d, &proto_dcerpc, &pdu);
	}
	d->state = st;
	if (!is_pipe && at->is_file && at->offset != UINT32_MAX)
		dissect_content_ahead(d, at->file, at->offset, 0, r);
	rd_opaque_rest(r);
	return is_pipe;
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
