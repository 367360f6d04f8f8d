/*
 * wire.h - between engine and keeper: batches one way, acknowledgements and
 * questions the other, over a stream socket.
 *
 *	kind (4) | length of what follows (4) | number (8) | a (4) | b (4)
 *
 * in the machine's byte order: both ends are one machine.  Neither end
 * believes the other: lengths are bounded, and what is not one of these ends
 * the connection.  A descriptor may come along to the engine: of a capture
 * that it is to play back, and cannot open.
 */
#ifndef PROCESS_WIRE_H
#define PROCESS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/span.h"

#define WIRE_HEAD 24u
#define WIRE_BATCH_MAX (1u << 30)
#define WIRE_TEXT_MAX (64u << 20)

enum wire_kind {
	/* engine to keeper */
	WIRE_HELLO,
	WIRE_BATCH, /* number; a: bytes of rows, then frames */
	WIRE_ANSWER, /* number of the question; JSON */
	/* keeper to engine */
	WIRE_WELCOME, /* number of the last batch that was written */
	WIRE_WRITTEN, /* number; text: what was left out, or "" */
	WIRE_WAIT, /* text: why nothing is written at present, "": it is */
	WIRE_FILE, /* number of the question that follows, with a descriptor */
	WIRE_ASK, /* number; JSON {"who": ..., "request": ...} */
	WIRE_REFRESH, /* the keeper closed alerts, or removed what was old */
	WIRE_KIND_COUNT
};

struct wire_head {
	uint32_t kind, n;
	uint64_t number;
	uint32_t a, b;
};

/* Bytes that wait to go out, or came in. */
struct wire {
	int fd; /* -1: no connection */
	uint8_t *in, *out;
	size_t n_in, cap_in, n_out, cap_out, out_at;
	uint32_t most; /* that a message may be long */
	bool ended; /* the other end is gone: what came before it counts */
	bool takes_files; /* descriptors that come are not closed */
	int file; /* came last and was not taken; -1: none */
};

void wire_init(struct wire *); /* no connection */
void wire_open(struct wire *, int fd, uint32_t most);
void wire_close(struct wire *); /* and forget what waits */
/* False: the other end is gone (w->ended: wire_close() once what came is
 * looked at), or memory is out. */
bool wire_send(struct wire *, enum wire_kind, uint64_t number, uint32_t a,
    struct span first, struct span second);
/* WIRE_FILE with a copy of the descriptor; false: not now. */
bool wire_send_file(struct wire *, uint64_t number, int fd);
/* What came with the WIRE_FILE at hand: the caller's; -1: nothing did. */
int wire_take_file(struct wire *);
/* As much as goes without waiting. */
bool wire_flush(struct wire *);
bool wire_wants_out(const struct wire *);
/* Read what is there. */
bool wire_fill(struct wire *);
/* The next whole message: it lies at ret_bytes until wire_drop(). */
bool wire_next(const struct wire *, struct wire_head *ret,
    struct span *ret_bytes);
void wire_drop(struct wire *, const struct wire_head *);

#endif
