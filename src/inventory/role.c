/*
 * role.c - what we conclude ourselves: roles, from what a device speaks.
 *
 * A device that answers in a protocol is what that protocol's servers are
 * (struct proto's server_role), but a gateway where several units answer and
 * the protocol does not tell what they are (slots of a rack, which a protocol
 * within another names, are not such); one that changes programs is an
 * engineering station; one that asks is what its clients are, and a SCADA
 * server where it asks many.  All of it is marked as guessed: what a device
 * says of itself goes first.
 */
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
	uint32_t routed = m->routed4 + m->routed6;

	return m->ip.len == 0 && m->sent &&
	    (routed >= 2 || (routed == 1 && m->behind4 + m->behind6 > 1));
}

static enum role
server_role(const struct inventory *v, const struct node *n, uint32_t proto)
{
	enum role role = (enum role)protos[proto]->server_role;
	uint32_t units = 0;

	for (uint32_t at = n->units; at != 0; at = v->unit[at - 1].next)
		units += v->unit[at - 1].proto == proto;
	return role == ROLE_CONTROLLER && units > 1 &&
		protos[proto]->tcp[0] != 0
	    ? ROLE_GATEWAY
	    : role;
}

static enum role
client_role(const struct node *n, uint32_t proto)
{
	enum role role = (enum role)protos[proto]->client_role;

	return role == ROLE_HMI && n->n_peer == NODE_PEERS ? ROLE_SCADA : role;
}

static void
guess_by_protocols(struct inventory *v, struct node *n)
{
	for (uint32_t i = 1; i < n_protos; i++) {
		if (has_bit(n->as_server, i))
			guess(v, n, server_role(v, n, i), (uint8_t)i);
		if (has_bit(n->as_client, i))
			guess(v, n, client_role(n, i), (uint8_t)i);
	}
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
		guess_by_protocols(v, n);
	}
}

/*
 * Roles in the order in which one wins over another where both are guessed:
 * what controls a process over what watches it, over what serves offices.
 */
static const uint8_t role_order[] = { ROLE_SAFETY, ROLE_ENGINEERING, ROLE_IED,
	ROLE_MERGING, ROLE_PMU, ROLE_RTU, ROLE_PLC, ROLE_DRIVE, ROLE_IO,
	ROLE_BUILDING, ROLE_METER, ROLE_SENSOR, ROLE_GATEWAY, ROLE_CONTROLLER,
	ROLE_OPC, ROLE_HISTORIAN, ROLE_SCADA, ROLE_HMI, ROLE_ROUTER,
	ROLE_FIREWALL, ROLE_SWITCH, ROLE_WIRELESS, ROLE_DIRECTORY,
	ROLE_DATABASE, ROLE_NAME, ROLE_TIME, ROLE_PRINTER, ROLE_CAMERA,
	ROLE_PHONE, ROLE_SERVER, ROLE_WORKSTATION };

uint32_t
role_rank(enum role role)
{
	uint32_t i = 0;

	while (i < sizeof(role_order) && role_order[i] != role)
		i++;
	return i;
}
