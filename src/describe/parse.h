/* parse.h - a description while it is read. */
#ifndef DESCRIBE_PARSE_H
#define DESCRIBE_PARSE_H

#include "private.h"

#define LINE_BYTES 400u
#define LINE_WORDS 32u

enum where {
	WHERE_TOP,
	WHERE_HEADER,
	WHERE_OPERATION,
	WHERE_BODY,
};

struct parser {
	const char *path;
	uint32_t line; /* 0: of the whole */
	char *error; /* DESCRIBE_ERROR bytes */
	struct described *x;
	enum where where;
	struct body *body; /* being described, or NULL: the header */
	uint32_t op; /* described last */
	bool has_op, little;
	char text[LINE_BYTES], cut[LINE_BYTES];
	char *word[LINE_WORDS];
	uint32_t n_word;
};

/* Always false. */
bool parse_fault(struct parser *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
bool parse_number(struct parser *, const char *what, const char *s,
    uint64_t least, uint64_t most, uint64_t *ret);

/* finish.c: what a field, and what all of it, must hold to. */
bool finish_field(struct parser *, struct field *);
bool finish(struct parser *);

#endif
