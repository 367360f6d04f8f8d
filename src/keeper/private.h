/* private.h - shared by the files of keeper/ only. */
#ifndef KEEPER_PRIVATE_H
#define KEEPER_PRIVATE_H

#include <jansson.h>

#include "../asker/board.h"
#include "../config/config.h"
#include "../process/leash.h"
#include "../process/process.h"
#include "../process/wire.h"
#include "../store/store.h"

#define CLIENTS 32u
#define LINE_MOST (64u << 20) /* of a request: a baseline to be imported */

enum client_kind {
	CLIENT_PERSON, /* at the control socket: who is what the kernel says */
	CLIENT_WEB, /* it says who */
	CLIENT_PROBE, /* the sensor itself; says what it was answered */
};

struct client {
	int fd; /* -1: free */
	char who[80]; /* for the timeline; "": he says himself (web) */
	enum client_kind kind;
	int file; /* that came with his next question; -1: none */
	char *in;
	size_t n, cap;
	char *out;
	size_t n_out, out_at;
	uint64_t asked; /* number of the question that is open, 0: none */
	int64_t until; /* monotonic ms */
};

struct keeper {
	struct config config;
	struct page *page; /* may be NULL */
	struct store *store;
	struct wire wire; /* to the engine */
	int control; /* listens; -1: none */
	struct client client[CLIENTS];
	uint64_t asks; /* questions so far */
	char trouble[STORE_ERROR]; /* why nothing is written, or "" */
	int64_t again; /* when to try the batch again; 0: none waits */
	int64_t offset; /* of the time of day, ms; 0: not known yet */
	int64_t retain, seal, fill; /* when next, monotonic ms */
	struct board *board; /* of grants; may be NULL */
	uint8_t secret[STORE_LEDGER_SECRET]; /* of the ledger */
	bool signs; /* there is one */
	bool stopping;
	struct leash_message in; /* from main; too large for a stack */
};

/* clients.c */
void clients_init(struct keeper *);
void clients_accept(struct keeper *);
void clients_own(struct keeper *, int fd, enum client_kind);
/* Something can be read, or written. */
void client_tend(struct keeper *, struct client *, bool readable);
bool client_wants_out(const struct client *);
void clients_answer(struct keeper *, uint64_t number, struct span json);
void clients_expire(struct keeper *, int64_t ms);
/* The engine is gone: whoever waits is told. */
void clients_no_engine(struct keeper *);
void clients_close(struct keeper *);

/* asked.c: grants to the board; what was asked, to DIR/asked.pcapng */
void asked_tend(struct keeper *, int64_t ms);
/* Before the engine sees it: frames are kept, and "stop" counts at once. */
void asked_request(struct keeper *, const json_t *request);

#endif
