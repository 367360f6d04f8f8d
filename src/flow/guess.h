/*
 * guess.h - what was inferred of flows that no parser claims.
 *
 * Private to flow but for drafts: see flow_guesses() in flow.h.
 */
#ifndef FLOW_GUESS_H
#define FLOW_GUESS_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/span.h"
#include "../model/talk.h"

#define GUESS_BYTES 32u /* of a message that are looked at */
#define GUESS_PARTS 2u /* bytes that are a type together */
#define GUESS_TYPES 64u

enum guess_known {
	GUESS_LOOKING, /* too few messages yet */
	GUESS_LAYOUT, /* settled */
	GUESS_NONE, /* looks random */
};

enum guess_field {
	GUESS_NOTHING,
	GUESS_CONSTANT,
	GUESS_LENGTH,
	GUESS_COUNTER,
	GUESS_IDENTIFIER,
	GUESS_TYPE,
};

enum guess_form {
	GUESS_U8,
	GUESS_BE16,
	GUESS_LE16,
	GUESS_BE32,
	GUESS_FORMS
};

struct guess {
	struct addr server;
	uint32_t service;
	uint16_t port;
	uint8_t via;
	uint8_t known; /* enum guess_known */
	uint8_t field[GUESS_BYTES]; /* enum guess_field */
	uint8_t constant[GUESS_BYTES];
	uint32_t fixed; /* bit per constant that is no part of a number that
			 * only changes slowly: what differs there is news */
	uint8_t shortest; /* bytes all messages have, at most GUESS_BYTES */
	bool has_length, is_text;
	uint8_t length_at, length_form;
	uint8_t n_type, type_at[GUESS_PARTS]; /* bytes that tell messages
					       * apart, together */
	int32_t length_base; /* of the message less the number */
	uint64_t messages; /* since it was settled */
};

struct guess_message {
	uint32_t op, length, port;
};

struct guesses;

struct guesses *guesses_new(void);
void guesses_free(struct guesses *);
/* Bytes that begin a message, of a flow nobody claims.  True when the layout
 * is settled: what the message is. */
bool guess_take(struct guesses *, const struct talk *, struct span s,
    uint32_t wire, bool to_server, struct tick now, struct guess_message *);

/* NULL behind the last place; places may be empty (via 0). */
const struct guess *guess_at(const struct guesses *, uint32_t i);
/* The types of the messages that were looked at. */
struct guess_type {
	uint32_t op;
	bool asked, answered; /* by the client, by the server */
};
uint32_t guess_types(const struct guesses *, uint32_t place,
    struct guess_type dst[static GUESS_TYPES]);
uint64_t guesses_pushed_out(const struct guesses *);

#endif
