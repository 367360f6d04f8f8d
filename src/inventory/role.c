/*
 * role.c - what we conclude ourselves: roles, from what a device speaks.
 *
 * A device that answers in a protocol is what that protocol's servers are
 * (struct proto's server_role); one that changes programs is an engineering
 * station; one that asks is what its clients are.  All of it is marked as
 * guessed: what a device says of itself goes first.
 */
#include <stdio.h>
#include <string.h>

#include "private.h"

static bool
has_bit(const uint8_t *bits, uint32_t i)
{
	return (bits[i / 8] >> (i % 8) & 1) != 0;
}

static void
guess(struct inventory *v, struct node *n, enum role role, uint8_t proto)
{
	struct evidence e = { .trait = TRAIT_ROLE,
		.source = SOURCE_GUESSED,
		.proto = proto,
		.first = n->first,
		.last = n->last };
	const char *name = role_name(role);

	if (role == ROLE_UNKNOWN)
		return;
	e.text_len = (uint8_t)strlen(name);
	memcpy(e.text, name, e.text_len);
	(void)evidence_add(v, n, &e);
}

/* Forwards for others: a MAC with several addresses that are not its own. */
static bool
is_router(const struct node *m)
{
	return m->ip.len == 0 && m->sent &&
	    (m->routed >= 2 || (m->routed == 1 && m->behind4 + m->behind6 > 1));
}

void
role_guess(struct inventory *v, uint32_t root)
{
	for (uint32_t at = root + 1; at != 0; at = v->node[at - 1].next) {
		struct node *n = &v->node[at - 1];

		if (is_router(n))
			guess(v, n, ROLE_ROUTER, PROTO_UNKNOWN);
		if (n->programs)
			guess(v, n, ROLE_ENGINEERING, PROTO_UNKNOWN);
		for (uint32_t i = 1; i < n_protos; i++) {
			if (has_bit(n->as_server, i))
				guess(v, n, (enum role)protos[i]->server_role,
				    (uint8_t)i);
			if (has_bit(n->as_client, i))
				guess(v, n, (enum role)protos[i]->client_role,
				    (uint8_t)i);
		}
	}
}
