/* private.h - what a description is once it was read. */
#ifndef DESCRIBE_PRIVATE_H
#define DESCRIBE_PRIVATE_H

#include "describe.h"

#define NAME_MAX_ 32u /* with its end */
#define TEXT_MAX_ 160u
#define OPS_MAX 256u
#define FIELDS_MAX 1024u /* of all bodies together */
#define BODIES_MAX 512u
#define BODY_FIELDS 64u /* of one, with the header's */
#define MESSAGE_MAX 0x100000u

enum meaning {
#define MEANING(sym, name, what) MEAN_##sym,
#include "meanings.def"
#undef MEANING
	N_MEANINGS
};

enum form {
	FORM_UINT,
	FORM_INT,
	FORM_REAL,
	FORM_COUNT
};

enum width_is {
	WIDTH_BYTES, /* `width` of them */
	WIDTH_FIELD, /* as the field `from` says */
	WIDTH_REST,
};

struct field {
	char name[NAME_MAX_];
	uint8_t meaning; /* enum meaning */
	uint8_t form; /* enum form */
	uint8_t width_is; /* enum width_is */
	uint8_t width;
	uint8_t from; /* place of an earlier field, the header's first */
	uint8_t trait; /* MEAN_IDENTITY */
	bool little;
	bool all; /* MEAN_LENGTH counts from the message's start */
	uint8_t constant[8]; /* MEAN_IS */
	int32_t adjust; /* MEAN_LENGTH */
	uint32_t mask; /* MEAN_OPERATION, MEAN_ANSWER */
	uint32_t answer; /* MEAN_OPERATION: bit of answers; MEAN_ANSWER */
	uint16_t offset; /* of the header's fields */
};

#define WAY_BIT_REQUEST 1u
#define WAY_BIT_RESPONSE 2u

struct body {
	uint32_t op;
	uint32_t ways; /* WAY_BIT_... */
	uint16_t first, n; /* in field[] */
};

struct described {
	struct proto proto; /* first: found again from it */
	struct proto_slot slot;
	char name[NAME_MAX_], title[TEXT_MAX_], spec[TEXT_MAX_];
	char depth[TEXT_MAX_];
	struct proto_op op[OPS_MAX];
	char op_name[OPS_MAX][48];
	uint32_t n_op;
	struct field field[FIELDS_MAX]; /* the header's first */
	uint32_t n_field, n_header;
	struct body body[BODIES_MAX];
	uint32_t n_body;
	uint32_t header_size;
	uint32_t fixed; /* every message is of so many bytes; 0: not */
	uint32_t constants; /* bytes of the header that never differ */
	bool has_length, has_op, has_pair;
	uint8_t length, operation; /* their fields */
};

/* run.c: what struct proto calls. */
enum claim described_claim(struct span, const struct dissect *);
uint32_t described_frame(struct span, const struct dissect *);
void described_parse(struct rd *, struct dissect *);

#endif
