/*
 * ask_snmp.c - SNMP v2c and v3 (RFC 3416): the system group, then tables row
 * by row.
 *
 * GetRequest of the system group's scalars, then GetBulkRequest through the
 * subtrees below, each until an answer leaves it.  With a user the messages are
 * those of version 3 (usm.c), after one that asks for the engine.
 */
#include "private.h"

#define REPETITIONS 10u
#define OID_MAX ACTIVE_MEMO

struct subtree {
	const uint8_t *oid;
	uint32_t n;
};
#define SUBTREE(...)                                         \
	{                                                    \
		(const uint8_t[]){ __VA_ARGS__ },            \
		    sizeof((const uint8_t[]){ __VA_ARGS__ }) \
	}

/* Encoded as BER has them: 1.3 is 0x2b. */
static const struct subtree of_system[] = {
	SUBTREE(0x2b, 6, 1, 2, 1, 2, 2, 1, 2), /* ifDescr */
	SUBTREE(0x2b, 6, 1, 2, 1, 2, 2, 1, 6), /* ifPhysAddress */
	SUBTREE(0x2b, 6, 1, 2, 1, 4, 20, 1, 1), /* ipAdEntAddr */
	SUBTREE(0x2b, 6, 1, 2, 1, 47, 1, 1, 1, 1,
	    13), /* entPhysicalModelName */
	SUBTREE(0x2b, 6, 1, 2, 1, 47, 1, 1, 1, 1, 11), /* ...SerialNum */
	SUBTREE(0x2b, 6, 1, 2, 1, 47, 1, 1, 1, 1, 10), /* ...SoftwareRev */
};
static const struct subtree of_switch[] = {
	SUBTREE(0x2b, 6, 1, 2, 1, 17, 4, 3, 1, 2), /* dot1dTpFdbPort */
	SUBTREE(0x2b, 6, 1, 2, 1, 17, 1, 4, 1, 2), /* dot1dBasePortIfIndex */
	SUBTREE(0x2b, 6, 1, 2, 1, 31, 1, 1, 1, 1), /* ifName */
	SUBTREE(0x28, 0xc4, 0x62, 1, 1, 2, 1, 4, 1, 1, 9), /* lldpRemSysName */
	SUBTREE(0x28, 0xc4, 0x62, 1, 1, 2, 1, 4, 1, 1, 7), /* lldpRemPortId */
};

/* sysDescr, sysObjectID, sysUpTime, sysContact, sysName, sysLocation */
static const uint8_t scalars[] = { 1, 2, 3, 4, 5, 6 };

/* ------------------------------------------------------------------- writing
 */

static uint32_t
sized(uint32_t n)
{
	return n + 2 + (n >= 128) + (n >= 256);
}

static bool
is_v3(const struct inquiry *q)
{
	return q->options.user[0] != '\0';
}

static void
put_v2c(struct wr *w, const struct active_options *o, struct span pdu)
{
	const char *community =
	    o->community[0] != '\0' ? o->community : "public";
	uint32_t name = (uint32_t)strlen(community);

	usm_head(w, 0x30, 3 + sized(name) + pdu.n);
	WR_HEX(w, 2, 1, 1);
	usm_head(w, 4, name);
	wr_text(w, community);
	wr_bytes(w, pdu.p, pdu.n);
}

static bool
message(struct wr *w, struct inquiry *q, uint32_t pdu, uint32_t second,
    uint32_t third, const struct wr *bindings)
{
	uint8_t bytes[320];
	struct wr in = WR(bytes);

	usm_head(&in, pdu, 4 + 3 + 3 + sized(bindings->n));
	WR_HEX(&in, 2, 2);
	wr_be16(&in, 0x5300 + (q->step & 0xff));
	WR_HEX(&in, 2, 1);
	wr_u8(&in, second);
	WR_HEX(&in, 2, 1);
	wr_u8(&in, third);
	usm_head(&in, 0x30, bindings->n);
	wr_bytes(&in, bindings->p, bindings->n);
	if (is_v3(q))
		return usm_wrap(&q->usm, q->options.hash, q->options.user,
		    wr_span(&in), w);
	put_v2c(w, &q->options, wr_span(&in));
	return true;
}

static void
binding(struct wr *w, const uint8_t *oid, uint32_t n)
{
	usm_head(w, 0x30, sized(n) + 2);
	usm_head(w, 6, n);
	wr_bytes(w, oid, n);
	WR_HEX(w, 5, 0);
}

static bool
get_system(struct inquiry *q, struct wr *w)
{
	uint8_t bytes[200];
	struct wr b = WR(bytes);

	for (unsigned i = 0; i < sizeof(scalars); i++) {
		const uint8_t oid[] = { 0x2b, 6, 1, 2, 1, 1, scalars[i], 0 };

		binding(&b, oid, sizeof(oid));
	}
	return message(w, q, 0xa0, 0, 0, &b);
}

/* number[0]: the subtree; memo: where in it. */
static bool
walk(struct inquiry *q, struct wr *w, const struct subtree *list, uint32_t n)
{
	uint8_t bytes[OID_MAX + 16];
	struct wr b = WR(bytes);

	if (q->number[0] >= n)
		return false;
	if (q->n_memo == 0) {
		memcpy(q->memo, list[q->number[0]].oid, list[q->number[0]].n);
		q->n_memo = list[q->number[0]].n;
	}
	binding(&b, q->memo, q->n_memo);
	return message(w, q, 0xa5, 0, REPETITIONS, &b);
}

/* ------------------------------------------------------------------- reading
 */

/* The PDU of a message of version 2c. */
static bool
open_v2c(struct rd *whole, struct rd *ret)
{
	struct rd message_, part;

	return usm_inside(whole, 0x30, &message_) &&
	    usm_inside(&message_, 2, &part) &&
	    usm_inside(&message_, 4, &part) && usm_inside(&message_, 0xa2, ret);
}

/* The variable bindings of a response without error, and the number it
 * answers. */
static bool
open_response(struct rd *pdu, const struct inquiry *q, struct rd *ret)
{
	struct rd part;
	uint32_t id;

	if (!usm_inside(pdu, 2, &part))
		return false;
	id = rd_left(&part) == 2 ? rd_be16(&part) : 0;
	if (id != 0x5300u + ((q->step - 1) & 0xff) ||
	    !usm_inside(pdu, 2, &part) || rd_u8(&part) != 0 ||
	    !usm_inside(pdu, 2, &part))
		return false;
	return usm_inside(pdu, 0x30, ret);
}

static bool
is_below(struct span oid, const struct subtree *t)
{
	return oid.n > t->n && memcmp(oid.p, t->oid, t->n) == 0;
}

/* Where the walk goes on: behind the last object, or with the next subtree.
 * An agent that does not move on would keep us for ever: next subtree. */
static void
go_on(struct inquiry *q, struct span last, const struct subtree *t)
{
	bool moved =
	    last.n != q->n_memo || memcmp(last.p, q->memo, last.n) != 0;

	if (last.n > 0 && last.n <= OID_MAX && is_below(last, t) && moved) {
		memcpy(q->memo, last.p, last.n);
		q->n_memo = last.n;
		return;
	}
	q->number[0]++;
	q->n_memo = 0;
}

static bool
heard_pdu(struct inquiry *q, struct rd *pdu, const struct subtree *list,
    uint32_t n)
{
	struct rd bindings, one, name;
	struct span last = { .p = NULL };

	if (!open_response(pdu, q, &bindings))
		return false;
	while (rd_more(&bindings) && usm_inside(&bindings, 0x30, &one) &&
	    usm_inside(&one, 6, &name))
		last = rd_span_rest(&name);
	if (!rd_ok(&bindings))
		return false;
	if (q->n_memo > 0 && q->number[0] < n)
		go_on(q, last, &list[q->number[0]]);
	return true;
}

/* What was encrypted is kept as a message of version 2c, for whoever reads
 * such; "" for a community, as there is none. */
static bool
heard_v3(struct inquiry *q, struct span s, const struct subtree *list,
    uint32_t n)
{
	const struct active_options none = { .community = "-" };
	struct wr plain = WR(q->plain);
	uint8_t pdu[USM_PDU];
	struct rd_state state;
	struct rd r, in;
	uint32_t size;
	enum usm_verdict v;

	if (q->usm.n_engine == 0)
		return usm_discovered(&q->usm, s, q->options.hash,
		    q->options.auth, q->options.priv);
	v = usm_unwrap(&q->usm, q->options.hash, s, pdu, sizeof(pdu), &size);
	q->denied = v == USM_DENIED;
	if (v != USM_GOOD)
		return false;
	put_v2c(&plain, &none, SPAN(pdu, size));
	q->n_plain = plain.full ? 0 : plain.n;
	r = rd_open(&state, SPAN(pdu, size), size);
	return usm_inside(&r, 0xa2, &in) && heard_pdu(q, &in, list, n);
}

static bool
heard(struct inquiry *q, struct span s, const struct subtree *list, uint32_t n)
{
	struct rd_state state;
	struct rd r = rd_open(&state, s, s.n), pdu;

	if (is_v3(q))
		return heard_v3(q, s, list, n);
	return open_v2c(&r, &pdu) && heard_pdu(q, &pdu, list, n);
}

/* -------------------------------------------------------------------- methods
 */

#define N_OF(list) (uint32_t)(sizeof(list) / sizeof((list)[0]))

/* Version 3: who is there, before anything else. */
static bool
discovers(struct inquiry *q, struct wr *w)
{
	if (!is_v3(q) || q->step > 0)
		return false;
	usm_discover(&q->usm, w);
	return true;
}

bool
snmp_ask(struct inquiry *q, struct wr *w)
{
	if (discovers(q, w))
		return true;
	if (q->step == (is_v3(q) ? 1u : 0u))
		return get_system(q, w);
	return q->step < 66 && walk(q, w, of_system, N_OF(of_system));
}

bool
snmp_heard(struct inquiry *q, struct span s)
{
	return heard(q, s, of_system, N_OF(of_system));
}

bool
snmp_switch_ask(struct inquiry *q, struct wr *w)
{
	if (discovers(q, w))
		return true;
	return q->step < 512 && walk(q, w, of_switch, N_OF(of_switch));
}

bool
snmp_switch_heard(struct inquiry *q, struct span s)
{
	return heard(q, s, of_switch, N_OF(of_switch));
}
