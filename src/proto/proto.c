/* proto.c - the protocol table. */
#include "proto.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct proto proto_unknown = {
	.name = "unknown",
	.title = "Not identified",
	.spec = "-",
	.depth = "counted only",
	.slot = PROTO_SLOT,
};

const struct proto *protos[PROTO_MAX] = {
	&proto_unknown,
#define PROTO(sym) &proto_##sym,
#include PROTOS_DEF
#undef PROTO
};

enum {
	COUNT_UNKNOWN,
#define PROTO(sym) COUNT_##sym,
#include PROTOS_DEF
#undef PROTO
	COUNT_ALL
};
uint32_t n_protos = COUNT_ALL;

_Static_assert(COUNT_ALL <= PROTO_MAX, "raise PROTO_MAX");

static void
mistake(const struct proto *p, const char *what)
{
	(void)fprintf(stderr, "sightglass: protocol table: %s: %s\n", p->name,
	    what);
	abort();
}

static void
check_one(const struct proto *p)
{
	if (p->state_size > PROTO_STATE_MAX)
		mistake(p, "state_size is over PROTO_STATE_MAX");
	for (uint32_t i = 0; i < p->n_op; i++) {
		if (i > 0 && p->op[i].code <= p->op[i - 1].code)
			mistake(p, "operations are not in ascending order");
		if (p->op[i].code < 256)
			p->slot->index[p->op[i].code] = (uint16_t)(i + 1);
	}
}

void
proto_init(void)
{
	for (uint32_t i = 0; i < n_protos; i++) {
		protos[i]->slot->id = (uint8_t)i;
		check_one(protos[i]);
	}
}

bool
proto_add(const struct proto *p)
{
	if (n_protos == PROTO_MAX)
		return false;
	p->slot->id = (uint8_t)n_protos;
	check_one(p);
	protos[n_protos++] = p;
	return true;
}

const struct proto *
proto_named(const char *name)
{
	for (uint32_t i = 0; i < n_protos; i++)
		if (strcmp(protos[i]->name, name) == 0)
			return protos[i];
	return NULL;
}

const struct proto_op *
proto_op_find(const struct proto *p, uint32_t code)
{
	uint32_t lo = 0, hi = p->n_op;

	if (code < 256) {
		uint16_t row = p->slot->index[code];

		return row > 0 ? &p->op[row - 1] : NULL;
	}
	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;

		if (p->op[mid].code == code)
			return &p->op[mid];
		if (p->op[mid].code < code)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

const char *
proto_op_name(const struct proto *p, uint32_t code, char dst[static 16])
{
	const struct proto_op *op = proto_op_find(p, code);

	if (op != NULL)
		return op->name;
	op = FACT_OP_VARIANT(code) != 0 ? proto_op_find(p, FACT_OP_CODE(code))
					: NULL;
	if (op != NULL)
		return op->name;
	(void)snprintf(dst, 16, "0x%02x", FACT_OP_CODE(code));
	return dst;
}

const char *
proto_code_name(const struct proto *p, uint32_t code)
{
	for (uint32_t i = 0; i < p->n_code; i++)
		if (p->code[i].code == code)
			return p->code[i].name;
	return NULL;
}

static bool
has16(const uint16_t *list, uint32_t n, uint32_t number)
{
	for (uint32_t i = 0; i < n && list[i] != 0; i++)
		if (list[i] == number)
			return true;
	return false;
}

static bool
has32(const uint32_t *list, uint32_t n, uint32_t number)
{
	for (uint32_t i = 0; i < n && list[i] != 0; i++)
		if (list[i] == number)
			return true;
	return false;
}

bool
proto_expects(const struct proto *p, enum via via, uint32_t number)
{
	switch (via) {
	case VIA_TCP:
		return has16(p->tcp, PROTO_PORTS, number);
	case VIA_UDP:
		return has16(p->udp, PROTO_PORTS, number);
	case VIA_ETHER:
		return has32(p->ether, 4, number);
	case VIA_LLC:
		return has32(p->llc, 2, number);
	case VIA_SNAP:
		return has32(p->snap, 4, number);
	case VIA_IP:
		return has32(p->ip, 2, number);
	case VIA_SERIAL:
		return has32(p->serial, 2, number);
	case VIA_SCTP:
	case VIA_NONE:
	case VIA_COUNT:
		break;
	}
	return false;
}
