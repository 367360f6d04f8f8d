/*
 * ethercat.c - EtherCAT: what a master asks of its slaves, in one frame that
 * passes through them all and comes back.
 *
 * ETG.1000.4 (IEC 61158-4-12) clause 5.  Ethertype 88A4, and UDP and TCP port
 * 34980.
 *
 *	+--------------------+- - - - - - - - - - - - - -
 *	| length   0   type  | datagrams (type 1)
 *	+--------------------+- - - - - - - - - - - - - -
 *	  11 bits  1   4 bits, le16
 *
 *	+-----+-----+-----+-----+-----------+-----+- - -+-----+
 *	| cmd | idx | ADP | ADO | length    | IRQ | data| WKC | ...
 *	+-----+-----+-----+-----+-----------+-----+- - -+-----+
 *	  u8    u8    le16  le16  11 bits,    le16        le16
 *	  logical: one le32       bit 15: more follow
 *
 *	type 4: network variables; type 5: a mailbox message (ETG.8200)
 *
 * The first slave that a frame reaches sets bit 1 of its source address, and
 * every slave that carries a command out counts in its working counter (WKC):
 * a frame in which one was counted is the answer.  Request and answer are two
 * flows, so nothing is joined; an answer repeats all that was asked.
 *
 * Op is the command; of the mailbox see ethercat_tables.h.  Unit is the
 * configured station address.  Objects: of registers (space ECAT_REGISTER)
 * area is the slave's address or position, first the offset; of logical
 * memory (space ECAT_LOGICAL) first is the address; count is octets.  Of CoE
 * (space DICTIONARY) first is the index, sub the subindex.  Slaves have no
 * address on the network: they are modules of their master.
 */
#include "ethercat_mailbox.h"

#define TYPE_COMMAND 1u
#define TYPE_VARIABLES 4u
#define TYPE_MAILBOX 5u

#define REG_AL_CONTROL 0x120u
#define REG_AL_STATUS 0x130u
#define REG_SII 0x502u
#define REG_SII_DATA 0x508u
#define REG_MEMORY 0x1000u

/* Words of the slave's EEPROM. */
#define SII_VENDOR 8u
#define SII_PRODUCT 10u
#define SII_REVISION 12u
#define SII_SERIAL 14u

#define N_SLAVES 24u

struct slave { /* what its EEPROM said so far */
	uint32_t vendor, product;
	uint16_t station, word;
};

struct ecat_state {
	struct slave slave[N_SLAVES];
	uint8_t next;
	bool own; /* asks itself: the address is the master's own */
	bool returns; /* what it sends has come back from slaves */
};

struct datagram {
	uint32_t cmd, adp, ado, n;
	bool response, by_station, logical, writes, reads;
};

/* ------------------------------------------------------------ the EEPROM */

static struct slave *
slave_at(struct ecat_state *st, uint32_t station)
{
	struct slave *s;

	for (uint32_t i = 0; i < N_SLAVES; i++)
		if (st->slave[i].station == station)
			return &st->slave[i];
	s = &st->slave[st->next++ % N_SLAVES];
	*s = (struct slave){ .station = (uint16_t)station };
	return s;
}

static void
say_word(struct dissect *d, struct slave *s, uint32_t word, uint32_t v)
{
	switch (word) {
	case SII_VENDOR:
		s->vendor = v;
		break;
	case SII_PRODUCT:
		s->product = v;
		break;
	case SII_REVISION:
		if (s->product != 0)
			dissect_identf(d, TRAIT_MODULE,
			    "station %u: vendor 0x%08x product 0x%08x "
			    "revision 0x%08x",
			    s->station, s->vendor, s->product, v);
		break;
	case SII_SERIAL:
		if (v != 0 && v != UINT32_MAX)
			dissect_identf(d, TRAIT_MODULE,
			    "station %u: serial 0x%08x", s->station, v);
		break;
	default:
		break;
	}
}

/* What comes back of the registers that reach the EEPROM. */
static void
sii(struct rd *r, struct dissect *d, const struct datagram *g)
{
	struct slave *s = slave_at(d->state, g->adp);
	uint32_t n = g->n;

	if (g->ado == REG_SII) {
		if (n < 6)
			return;
		rd_skip(r, 2);
		s->word = (uint16_t)rd_le16(r);
		rd_skip(r, 2);
		n -= 6;
	}
	if (!g->reads)
		return;
	for (uint32_t i = 0; i + 4 <= n && i < 8; i += 4)
		say_word(d, s, s->word + i / 2, rd_le32(r));
}

/* ------------------------------------------------------------- registers */

static const struct ecat_register *
register_at(uint32_t offset)
{
	uint32_t n = sizeof(ecat_registers) / sizeof(ecat_registers[0]);

	for (uint32_t i = 0; i < n; i++)
		if (offset >= ecat_registers[i].first &&
		    offset <= ecat_registers[i].last)
			return &ecat_registers[i];
	return NULL;
}

/* Bits 8 to 10 of the control register: 1 read, 2 write, 4 reload. */
static bool
sii_writes(const struct rd *r, const struct datagram *g)
{
	struct span s = rd_ahead(r, g->n >= 2 ? 2 : 0);

	return g->ado == REG_SII && s.n == 2 && (s.p[1] & 7) == 2;
}

static void
say_register(struct fact *f, const struct rd *r, const struct datagram *g)
{
	const struct ecat_register *row = register_at(g->ado);
	struct span s = rd_ahead(r, g->n > 0 ? 1 : 0);

	if (f->kind == FACT_NONE || row == NULL)
		return;
	if (!g->response && g->ado < REG_MEMORY) {
		f->kind = g->writes || row->kind == FACT_WRITE ? row->kind
		    : row->kind == FACT_CONTROL                ? FACT_DIAGNOSE
							       : row->kind;
		f->risk = g->writes ? row->risk : RISK_NONE;
		if (g->writes && sii_writes(r, g))
			f->risk = RISK_CONFIGURATION;
		if (g->cmd == CMD_ARMW || g->cmd == CMD_FRMW)
			f->risk = RISK_NONE; /* hands a slave's clock on */
	}
	if ((g->ado == REG_AL_CONTROL || g->ado == REG_AL_STATUS) && s.n == 1 &&
	    (g->writes || g->response) && ecat_state(s.p[0]) != NULL)
		fact_textf(f, "%s: %s", row->name, ecat_state(s.p[0]));
	else
		fact_text(f, span_text(row->name));
}

static struct fact_object
object_of(const struct datagram *g)
{
	return (struct fact_object){ .space = g->logical ? SPACE_ECAT_LOGICAL
							 : SPACE_ECAT_REGISTER,
		.area = g->logical ? 0 : g->adp,
		.first = g->logical ? g->ado << 16 | g->adp : g->ado,
		.count = g->n };
}

static void
say_number_of(struct rd *r, struct dissect *d, const struct datagram *g)
{
	if (g->n <= 4 && g->n > 0 && (d->ctx.response ? g->reads : g->writes))
		dissect_value_uint(d, g->cmd, object_of(g),
		    little(rd_span(r, g->n)));
}

/* ------------------------------------------------------------- datagrams */

static bool
holds_mailbox(const struct rd *r, const struct datagram *g)
{
	return !g->logical && g->ado >= REG_MEMORY && g->cmd <= CMD_FPRW &&
	    (g->response ? g->cmd == CMD_APRD || g->cmd == CMD_FPRD
			 : g->cmd == CMD_APWR || g->cmd == CMD_FPWR) &&
	    is_mailbox(rd_ahead(r, g->n));
}

static void
carry_out(struct rd *r, struct dissect *d, const struct datagram *g)
{
	struct fact *f = dissect_op(d, g->cmd);

	if (g->cmd > CMD_FRMW) {
		rd_opaque_rest(r);
		return;
	}
	if (g->cmd == CMD_NOP) {
		rd_skip_rest(r);
		return;
	}
	f->object = object_of(g);
	if (g->logical)
		return; /* process data: what they are is in the project */
	if (holds_mailbox(r, g)) {
		if (f->kind != FACT_NONE && !g->response)
			f->kind = FACT_SESSION;
		f->risk = RISK_NONE;
		fact_text(f, SPAN_LIT("mailbox"));
		mailbox(r, d);
		return;
	}
	say_register(f, r, g);
	if (g->ado >= REG_MEMORY)
		return;
	if (g->response && g->by_station &&
	    (g->ado == REG_SII || g->ado == REG_SII_DATA))
		sii(r, d, g);
	else
		say_number_of(r, d, g);
}

static void
classify(struct datagram *g)
{
	static const uint32_t reads = 1u << CMD_APRD | 1u << CMD_APRW |
	    1u << CMD_FPRD | 1u << CMD_FPRW | 1u << CMD_BRD | 1u << CMD_BRW |
	    1u << CMD_LRD | 1u << CMD_LRW | 1u << CMD_ARMW | 1u << CMD_FRMW;
	static const uint32_t writes = 1u << CMD_APWR | 1u << CMD_APRW |
	    1u << CMD_FPWR | 1u << CMD_FPRW | 1u << CMD_BWR | 1u << CMD_BRW |
	    1u << CMD_LWR | 1u << CMD_LRW | 1u << CMD_ARMW | 1u << CMD_FRMW;
	uint32_t bit = g->cmd < 32 ? 1u << g->cmd : 0;

	g->reads = (reads & bit) != 0;
	g->writes = (writes & bit) != 0;
	g->logical = g->cmd >= CMD_LRD && g->cmd <= CMD_LRW;
	g->by_station =
	    (g->cmd >= CMD_FPRD && g->cmd <= CMD_FPRW) || g->cmd == CMD_FRMW;
}

/* The next datagram: false after the last. */
static bool
next_datagram(struct rd *r, struct datagram *g, struct rd *ret_data)
{
	uint32_t length;

	*g = (struct datagram){ .cmd = rd_u8(r) };
	rd_skip(r, 1); /* index */
	g->adp = rd_le16(r);
	g->ado = rd_le16(r);
	length = rd_le16(r);
	rd_skip(r, 2); /* interrupts */
	g->n = length & 0x7ff;
	*ret_data = rd_sub(r, g->n);
	classify(g);
	return (length & 0x8000) != 0;
}

/* Whether a slave has carried anything out. */
static bool
is_answer(const struct rd *r)
{
	struct rd_state state;
	struct rd look = rd_open(&state, rd_ahead(r, rd_have(r)), rd_left(r));
	struct rd data;
	struct datagram g;
	uint32_t done = 0;
	bool more = true;

	while (more && rd_more(&look)) {
		more = next_datagram(&look, &g, &data);
		done |= rd_le16(&look);
	}
	return done != 0;
}

/* An answer's source address is the master's with bit 1 set. */
static void
say_master(struct dissect *d, bool response)
{
	struct ecat_state *st = d->state;
	const struct addr *from = say_sender(d);
	uint8_t mac[6];

	if (!response)
		st->own = true;
	if (!response || st->own || st->returns || d->via != VIA_ETHER ||
	    !from->has_mac || (from->mac.b[0] & 2) == 0)
		return;
	st->returns = true;
	memcpy(mac, from->mac.b, sizeof(mac));
	mac[0] &= (uint8_t)~2u;
	say_own_mac(d, SPAN(mac, 6));
}

static void
commands(struct rd *r, struct dissect *d)
{
	const struct ecat_state *st = d->state;
	bool response = st->returns || is_answer(r), more = true;

	d->ctx.response = response;
	while (more && rd_more(r)) {
		struct datagram g;
		struct rd data;

		more = next_datagram(r, &g, &data);
		g.response = response;
		d->ctx.has_unit = g.by_station;
		d->ctx.unit = g.by_station ? g.adp : 0;
		if (!rd_ok(r))
			return;
		carry_out(&data, d, &g);
		rd_skip(r, 2); /* working counter */
	}
	if (rd_ok(r))
		say_master(d, response);
}

/* Publisher, count, cycle; of each: identifier, hash, length, quality. */
static void
variables(struct rd *r, struct dissect *d)
{
	uint32_t n;

	rd_skip(r, 6);
	n = rd_le16(r);
	rd_skip(r, 4);
	d->ctx.response = false;
	dissect_op(d, FACT_OP(V_VARIABLES, TYPE_VARIABLES))->object =
	    (struct fact_object){ .space = SPACE_ECAT_LOGICAL, .count = n };
	for (uint32_t i = 0; i < n && rd_more(r); i++) {
		uint32_t length;

		rd_skip(r, 4);
		length = rd_le16(r);
		rd_skip(r, 2);
		rd_skip(r, length);
	}
}

static void
ethercat_parse(struct rd *r, struct dissect *d)
{
	uint32_t head = rd_le16(r);
	struct rd body = rd_sub(r, head & 0x7ff);

	switch (head >> 12) {
	case TYPE_COMMAND:
		commands(&body, d);
		break;
	case TYPE_VARIABLES:
		variables(&body, d);
		break;
	case TYPE_MAILBOX:
		mailbox(&body, d);
		break;
	default:
		rd_bad(r, "no such type of frame");
		break;
	}
	rd_skip_rest(r); /* padding */
}

static uint32_t
ethercat_frame(struct span s, const struct dissect *d)
{
	uint32_t head = (uint32_t)s.p[1] << 8 | s.p[0], n = head & 0x7ff;
	uint32_t type = head >> 12;

	if ((head & 0x800) != 0 || n < 6 ||
	    (type != TYPE_COMMAND && type != TYPE_VARIABLES &&
		type != TYPE_MAILBOX))
		return FRAME_NOT_MINE;
	return d->via == VIA_TCP || n + 2 > s.n ? n + 2 : s.n;
}

const struct proto proto_ethercat = {
	.name = "ethercat",
	.title = "EtherCAT",
	.spec = "ETG.1000.4 and .6 (IEC 61158-4-12, -6-12), ETG.8200",
	.depth =
	    "all commands; registers by name; mailbox: CoE with values, "
	    "FoE, SoE, AoE, EoE settings; slaves' EEPROM identity; "
	    "process data are not split, as their layout is in the project",
	.slot = PROTO_SLOT,
	.ot = true,
	.ether = { 0x88a4 },
	.tcp = { 34980 },
	.udp = { 34980 },
	.client_role = ROLE_CONTROLLER,
	.server_role = ROLE_IO,
	.frame = ethercat_frame,
	.frame_min = 2,
	.parse = ethercat_parse,
	.state_size = sizeof(struct ecat_state),
	PROTO_OPS(ops),
};

_Static_assert(sizeof(struct ecat_state) <= PROTO_STATE_MAX, "too big");
