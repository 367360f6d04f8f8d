/*
 * order.c - numbers that protocols count, so that what is missing shows.
 *
 *	GOOSE        sqNum of a stream, within one stNum (IEC 61850-8-1)
 *	SV           smpCnt of a stream (IEC 61850-9-2)
 *	PROFINET RT  cycle counter of a frame identifier (IEC 61158-6-10)
 *	CIP          sequence of a connection (CIP volume 2, 2-6)
 *	IEC 104      N(S) of a direction (IEC 60870-5-104, 5)
 *	Modbus       an answer to which no question was seen
 *	ERSPAN       sequence of a session (RFC 2890)
 *
 * Some count by more than one: the step is learned.  What jumps further than a
 * mirror loses at once has begun anew and says nothing.
 */
#include <stdlib.h>

#include "../base/rd.h"
#include "../proto/proto.h"
#include "private.h"

#define ORDERS 2048u
#define LEARN 8u /* numbers by which the step is learned */
#define JUMP 1000u
#define TUNNEL_JUMP 100000u
#define PORT_IEC104 2404
#define PORT_CIP 2222
#define CIP_CONNECTION 6u /* where its identifier stands */
#define TYPE_PROFINET 0x8892

struct orders {
	struct order { /* four in a cache line */
		uint32_t check; /* of the key, what does not say the place */
		uint32_t last, step;
		uint8_t seen; /* saturating */
	} order[ORDERS];
	uint8_t goose, sv, modbus; /* of protos[]; PROTOS: not there */
};

static uint8_t
proto_by_name(const char *name)
{
	for (uint32_t i = 0; i < n_protos; i++)
		if (strcmp(protos[i]->name, name) == 0)
			return (uint8_t)i;
	return PROTO_UNKNOWN;
}

struct orders *
orders_new(void)
{
	struct orders *os = calloc(1, sizeof(*os));

	if (os == NULL)
		return NULL;
	os->goose = proto_by_name("goose");
	os->sv = proto_by_name("sv");
	os->modbus = proto_by_name("modbus");
	return os;
}

void
orders_free(struct orders *os)
{
	free(os);
}

/* A number of a sequence that begins anew at `modulus` (0: at 2^32). */
static void
number(struct orders *os, struct point *pt, uint64_t key, uint32_t n,
    uint32_t modulus)
{
	struct order *o = &os->order[key % ORDERS];
	const uint32_t check = (uint32_t)(key >> 32) | 1;
	uint32_t by = n - o->last;

	if (o->check != check) {
		*o = (struct order){ .check = check, .last = n };
		return;
	}
	if (modulus != 0 && n < o->last)
		by = n + modulus - o->last;
	if (by == 0)
		return;
	o->last = n;
	if (o->seen < LEARN) {
		o->seen++;
		if (o->step == 0 || by < o->step)
			o->step = by;
		return;
	}
	if (by == o->step) {
		pt->count[COUNT_NUMBERED]++;
		return;
	}
	if (by < o->step || by % o->step != 0 || by / o->step > JUMP) {
		o->seen = 0; /* another rhythm, or begun anew */
		o->step = 0;
		return;
	}
	pt->count[COUNT_NUMBERED]++;
	pt->count[COUNT_MISSING] += by / o->step - 1;
}

static uint64_t
key_of(const struct packet *p, uint32_t what, uint32_t id)
{
	return hash_mix(ends_hash(p), (uint64_t)what << 32 | id);
}

/* The last four bytes: cycle counter, data status, transfer status. */
static void
profinet(struct orders *os, struct point *pt, const struct packet *p)
{
	struct rd_state state;
	struct rd r = rd_open(&state, p->payload, p->payload_wire);
	uint32_t id = rd_be16(&r), cycle;

	if (rd_left(&r) < 40 || id < 0x8000 || id > 0xfbff)
		return;
	rd_skip(&r, rd_left(&r) - 4);
	cycle = rd_be16(&r);
	if (rd_ok(&r))
		number(os, pt, key_of(p, TYPE_PROFINET, id), cycle, 0x10000);
}

/* Item count, then the sequenced address item (cip_io.c). */
static void
cip(struct orders *os, struct point *pt, const struct packet *p)
{
	struct rd_state state;
	struct rd r = rd_open(&state, p->payload, p->payload_wire);
	uint32_t connection, sequence;

	rd_require(&r, rd_le16(&r) == 2, "");
	rd_require(&r, rd_le16(&r) == 0x8002, "");
	rd_require(&r, rd_le16(&r) == 8, "");
	connection = rd_le32(&r);
	sequence = rd_le32(&r);
	if (rd_ok(&r))
		number(os, pt, key_of(p, PORT_CIP, connection), sequence, 0);
}

static uint64_t
iec104_key(const struct packet *p)
{
	return key_of(p, PORT_IEC104,
	    (uint32_t)p->src_port << 16 | p->dst_port);
}

/* Start 68, length, N(S) shifted by one with bit 0 clear, N(R). */
static void
iec104(struct orders *os, struct point *pt, const struct packet *p)
{
	struct rd_state state;
	struct rd r = rd_open(&state, p->payload, p->payload_wire);
	const uint64_t key = iec104_key(p);

	while (rd_more(&r)) {
		uint32_t start = rd_u8(&r), length = rd_u8(&r), send;
		struct rd apdu;

		rd_require(&r, start == 0x68 && length >= 4, "");
		apdu = rd_sub(&r, length);
		send = rd_le16(&apdu);
		if (rd_ok(&r) && (send & 1) == 0)
			number(os, pt, key, send >> 1, 0x8000);
	}
}

static bool
is_iec104(const struct packet *p)
{
	return p->via == VIA_TCP && p->payload_wire > 0 &&
	    (p->src_port == PORT_IEC104 || p->dst_port == PORT_IEC104);
}

static bool
is_cip(const struct packet *p)
{
	return p->via == VIA_UDP && p->dst_port == PORT_CIP;
}

void
orders_ahead(const struct orders *os, const struct packet *p)
{
	struct rd_state state;
	struct rd r;
	uint64_t key;

	if (is_iec104(p)) {
		key = iec104_key(p);
	} else if (is_cip(p)) {
		r = rd_open(&state, p->payload, p->payload_wire);
		rd_skip(&r, CIP_CONNECTION);
		key = key_of(p, PORT_CIP, rd_le32(&r));
	} else {
		return;
	}
	__builtin_prefetch(&os->order[key % ORDERS], 1);
}

void
orders_packet(struct orders *os, struct point *pt, const struct packet *p)
{
	if (p->via == VIA_ETHER && p->service == TYPE_PROFINET)
		profinet(os, pt, p);
	else if (is_cip(p))
		cip(os, pt, p);
	else if (is_iec104(p))
		iec104(os, pt, p);
}

void
orders_fact(struct orders *os, struct point *pt, const struct fact *f,
    const struct talk *t)
{
	uint64_t h;
	uint32_t id;

	if ((f->flags & FACT_DUPLICATE) != 0)
		return;
	if (f->proto == os->modbus && f->response) {
		pt->count[COUNT_NUMBERED]++;
		pt->count[COUNT_MISSING] += (f->flags & FACT_UNSOLICITED) != 0;
		return;
	}
	if ((f->proto != os->goose && f->proto != os->sv) || f->op != 1)
		return;
	/* a new state of GOOSE counts anew; of SV the second does */
	id = f->proto == os->goose ? f->object.first : f->unit;
	h = hash_mix(mac_word(&t->client.mac) << 16 | t->vlan,
	    (uint64_t)f->proto << 32 | id);
	h = hash_bytes(f->text, f->text_len, h);
	if (f->proto == os->goose)
		number(os, pt, h, f->object.count, 0);
	else
		number(os, pt, h, f->object.first, 0);
}

void
orders_tunnel(struct point *pt, uint32_t sequence)
{
	uint32_t by = sequence - pt->sequence;

	pt->count[COUNT_TUNNEL]++;
	if (!pt->has_sequence || (by > TUNNEL_JUMP && -by > TUNNEL_JUMP)) {
		pt->has_sequence = true;
		pt->sequence = sequence;
		return;
	}
	if (by > TUNNEL_JUMP) { /* behind: one that was missed */
		pt->count[COUNT_TUNNEL_ORDER]++;
		if (pt->count[COUNT_TUNNEL_MISSING] > 0)
			pt->count[COUNT_TUNNEL_MISSING]--;
		return;
	}
	if (by > 1)
		pt->count[COUNT_TUNNEL_MISSING] += by - 1;
	if (by > 0)
		pt->sequence = sequence;
}
