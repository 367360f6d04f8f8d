/*
 * out.h - buffered output of text, numbers and JSON to a descriptor.
 *
 * The first write error sticks (out_failed()); later calls do nothing, so
 * that callers write straight on and ask once.  Numbers are formatted without
 * locale.  One thread.
 */
#ifndef BASE_OUT_H
#define BASE_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"
#include "tick.h"

#define OUT_BUFFER 65536u

struct out {
	int fd; /* or -1, and where it goes instead: */
	void (*sink)(void *ctx, const void *, size_t);
	void *ctx;
	int error; /* errno of the first failure, 0 if none */
	size_t n;
	bool comma; /* JSON: the next member needs one */
	char buf[OUT_BUFFER];
};

void out_open(struct out *, int fd);
/* The same into memory: the sink is handed each piece. */
void out_open_sink(struct out *, void (*sink)(void *, const void *, size_t),
    void *ctx);
/* Write what is buffered; false when anything failed since out_open(). */
bool out_flush(struct out *);

void out_char(struct out *, char);
void out_bytes(struct out *, const void *, size_t);
void out_text(struct out *, const char *);
void out_u64(struct out *, uint64_t);
void out_i64(struct out *, int64_t);
/* Shortest text that reads back as the same number; JSON has no infinities:
 * those and NaN are written as null. */
void out_real(struct out *, double);
void outf(struct out *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* RFC 3339, UTC, nanoseconds: 30 characters. */
#define TIME_TEXT_MAX 36
const char *time_text(struct tick, char dst[static TIME_TEXT_MAX]);

/*
 * JSON.  An object is json_open(), members, json_close(); keys are ours and
 * need no escaping.  Text that is not valid UTF-8 must not come here
 * (fact_text() has seen to it); control characters are escaped.
 */
void json_open(struct out *, char bracket); /* '{' or '[' */
void json_close(struct out *, char bracket); /* '}' or ']' */
void json_key(struct out *, const char *key);
void json_item(struct out *); /* before an element of an array */
void json_put_string(struct out *, struct span);

void json_text(struct out *, const char *key, const char *value);
void json_span(struct out *, const char *key, struct span value);
void json_u64(struct out *, const char *key, uint64_t);
void json_bool(struct out *, const char *key, bool);
void json_none(struct out *, const char *key);
void json_time(struct out *, const char *key, struct tick);

#endif
