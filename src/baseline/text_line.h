/*
 * text_line.h - lines of an exported baseline: the chain of hashes, and the
 * lines of a text.
 */
#ifndef BASELINE_TEXT_LINE_H
#define BASELINE_TEXT_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/span.h"

#define LINE_MAX_BYTES 1536u
#define CHAIN_BYTES 16u

struct line_chain {
	uint8_t hash[CHAIN_BYTES];
	char hex[2 * CHAIN_BYTES + 1];
};
void line_chain_begin(struct line_chain *);
void line_chain_add(struct line_chain *, struct span line);

/* The next line of a text, without its end; false: there is none. */
bool line_next(struct span *rest, struct span *ret);
/* Cut off " #chain"; false: it has none. */
bool line_cut_chain(struct span *line, struct span *ret_hex);

#endif
