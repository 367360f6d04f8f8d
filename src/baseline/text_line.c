/*
 * text_line.c - see text_line.h.  The hash is BLAKE2b.
 */
#include "text_line.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

void
line_chain_begin(struct line_chain *c)
{
	memset(c, 0, sizeof(*c));
}

void
line_chain_add(struct line_chain *c, struct span line)
{
	crypto_generichash_state s;

	(void)crypto_generichash_init(&s, NULL, 0, CHAIN_BYTES);
	(void)crypto_generichash_update(&s, c->hash, CHAIN_BYTES);
	(void)crypto_generichash_update(&s, line.p, line.n);
	(void)crypto_generichash_final(&s, c->hash, CHAIN_BYTES);
	for (unsigned i = 0; i < CHAIN_BYTES; i++)
		(void)snprintf(c->hex + 2 * i, 3, "%02x", c->hash[i]);
}

bool
line_next(struct span *rest, struct span *ret)
{
	const uint32_t end = span_find(*rest, '\n');

	if (rest->n == 0)
		return false;
	*ret = span_first(*rest, end);
	*rest = span_from(*rest, end + 1);
	if (ret->n > 0 && ret->p[ret->n - 1] == '\r')
		ret->n--;
	return true;
}

bool
line_cut_chain(struct span *line, struct span *ret_hex)
{
	const uint32_t tail = 2 * CHAIN_BYTES + 2;

	if (line->n < tail || line->p[line->n - tail] != ' ' ||
	    line->p[line->n - tail + 1] != '#')
		return false;
	*ret_hex = SPAN(line->p + line->n - tail + 2, 2 * CHAIN_BYTES);
	line->n -= tail;
	return true;
}
