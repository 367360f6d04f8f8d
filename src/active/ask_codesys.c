/*
 * ask_codesys.c - runtimes of CODESYS 3: who are you?
 *
 * Unpublished; as src/proto/codesys.c has it.  By TCP, where the answer comes
 * back by the same connection: by UDP it goes to a port and an address that
 * are part of the sender's CODESYS address, which needs the mask of the
 * network and a port of our own.
 */
#include "private.h"

#define RESOLVE_ADDRESS 0xc202u
#define VERSION_4 0x0400u
#define REQUEST 1u
#define LENGTH 36u
#define NAMES_ANSWER 4u

/*
 * Block driver: mark, length.  Router: C5; 13 hops, head of three words;
 * priority 1, signal off; names; message 0; lengths of addresses: four words
 * from, three to, all zero; filled up to eight bytes before the request.
 */
bool
codesys_ask(struct inquiry *q, struct wr *w)
{
	if (q->step > 0)
		return false;
	WR_HEX(w, 0, 1, 0x17, 0xe8);
	wr_le32(w, LENGTH);
	WR_HEX(w, 0xc5, 0x6b, 0x40, 3, 0, 0x43);
	WR_HEX(w, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	wr_le16(w, RESOLVE_ADDRESS);
	wr_le16(w, VERSION_4);
	wr_le32(w, REQUEST);
	return true;
}

bool
codesys_heard(struct inquiry *q, struct span s)
{
	(void)q;
	return s.n >= 12 && s.p[8] == 0xc5 && s.p[11] == NAMES_ANSWER;
}
