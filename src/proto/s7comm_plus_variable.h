/*
 * s7comm_plus_variable.h - variables and attributes that S7comm-plus asks for
 * and sets.
 *
 * Private to the dissector.
 */
#ifndef PROTO_S7COMM_PLUS_VARIABLE_H
#define PROTO_S7COMM_PLUS_VARIABLE_H

#include "cotp.h"
#include "s7comm_plus_object.h"
#include "tls.h"

/* Numbers that clients give to what they create for themselves. */
#define GIVEN_FIRST 0x70000000u
#define GIVEN 0x10000000u

#define RING 24u

struct plus_state {
	struct tls_state tls; /* first, as tls.h asks */
	struct fact_object ring[RING]; /* variables asked for, answers due */
	uint32_t head; /* counts all ever put */
	uint8_t open[2]; /* a message in pieces, by direction */
	uint16_t record[2]; /* missing of a TLS record, by direction */
	bool said; /* how the flow is protected */
};

_Static_assert(sizeof(struct plus_state) <= COTP_INNER_STATE, "inside COTP");

/* What the parts of one message have in common. */
struct plus_message {
	struct dissect *d;
	struct plus_state *st;
	struct plus_sink sink;
	struct fact *f; /* what is asked for */
	uint32_t op, session;
	struct ask ask;
	bool digest; /* stood behind the data */
};

/* Where a variable is: area 8A0Eh << 16 | data block, or 50h and up. */
static struct fact_object
place(uint64_t area, uint64_t lid)
{
	static const uint8_t spaces[] = { SPACE_S7_INPUT, SPACE_S7_OUTPUT,
		SPACE_S7_MARKER, SPACE_S7_COUNTER, SPACE_S7_TIMER };
	struct fact_object o = { .space = SPACE_S7_SYMBOL, .count = 1 };

	o.first = (uint32_t)lid;
	if (area >> 16 == 0x8a0e)
		o.area = area & 0xffff;
	else if (area >= 0x50 && area <= 0x54)
		o.space = spaces[area - 0x50];
	else
		o.area = (uint32_t)area;
	return o;
}

/*
 * Checksum of the symbol, area, how many identifiers, part, identifiers.
 * Without checksum an attribute by the numbers of object and attribute.
 */
static struct fact_object
variable(struct rd *r)
{
	uint64_t crc = vlq(r), area = vlq(r), n = vlq(r), lid = 0;
	struct fact_object o;

	for (uint64_t i = 0; i < n && rd_ok(r); i++) {
		uint64_t id = vlq(r);

		if (i == (crc != 0))
			lid = id;
	}
	if (crc != 0)
		return place(area, lid);
	o = (struct fact_object){ .space = SPACE_S7_SYMBOL, .count = 1 };
	o.first = (uint32_t)area;
	o.sub = (uint16_t)lid;
	return o;
}

static void
is_kind(struct fact *f, const struct plus_class *c)
{
	if (c == NULL || f->kind == FACT_NONE)
		return;
	f->kind = c->kind;
	f->risk = c->risk;
}

/* Of the session that asks: sessions have other numbers every time. */
static bool
is_own(const struct plus_message *m, struct fact_object o)
{
	return o.space == SPACE_S7_SYMBOL && o.area == 0 &&
	    o.first == m->session;
}

static const struct plus_class upload = { 0, FACT_PROGRAM, RISK_PROGRAM, "" };
static const struct plus_class handshake = { 0, FACT_SESSION, RISK_NONE, "" };

/* Setting this is more than writing a value.  Attributes of the session that
 * asks are its own business, unless they prove who it is. */
static const struct plus_class *
setting(struct plus_message *m, struct fact_object o)
{
	const struct plus_class *c = PLUS_FIND(plus_settings, o.sub);

	if (c != NULL)
		fact_textf(m->f, "%s", c->name);
	if (is_own(m, o) && (c == NULL || c->kind != FACT_LOGIN))
		c = &handshake;
	is_kind(m->f, c);
	m->sink.quiet = m->sink.quiet ||
	    (c != NULL &&
		(c->kind == FACT_LOGIN || c->kind == FACT_SESSION ||
		    c->risk == RISK_SECURITY));
	return c;
}

/* One more of what is asked for: the first is said already. */
static void
also(struct plus_message *m, struct fact_object o, uint32_t i)
{
	const struct proto_op *row = proto_op_find(m->d->proto, m->op);

	if (i > 0 && row != NULL) {
		m->f = dissect_emit(m->d, (enum fact_kind)row->kind, m->op);
		m->f->risk = row->risk;
	}
	m->f->object = is_own(m, o) ? (struct fact_object){ .area = 0 } : o;
	m->st->ring[m->st->head++ % RING] = o;
}

/* How many variables, how many fields, the variables. */
static void
variables(struct rd *r, struct plus_message *m)
{
	uint64_t n = vlq(r);

	(void)vlq(r);
	m->f->object = (struct fact_object){ .space = SPACE_NONE };
	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		struct fact_object o = variable(r);

		if (rd_ok(r))
			also(m, o, i);
	}
}

/* Attributes of one object. */
static void
attributes(struct rd *r, struct plus_message *m)
{
	struct fact_object o = m->f->object;
	uint32_t n;

	(void)vlq(r); /* how many values */
	n = rd_count(r, vlq32(r), 1);
	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		o.sub = (uint16_t)vlq(r);
		if (!rd_ok(r))
			return;
		also(m, o, i);
		if (m->op == OP_SET_MULTI)
			setting(m, o);
		else if (o.sub == ATTRIBUTE_CODE || o.sub == ATTRIBUTE_BODY)
			is_kind(m->f, &upload);
	}
}

/* Number of the variable, from 1, and its value; number 0 ends the list. */
static void
items(struct rd *r, struct plus_message *m, uint32_t start, uint32_t due)
{
	bool lost = m->st->head - start > RING; /* by later requests */
	uint32_t n;

	while ((n = vlq32(r)) != 0) {
		struct plus_sink k = m->sink;

		k.quiet = k.quiet || lost || n > due;
		if (!k.quiet)
			k.at = m->st->ring[(start + n - 1) % RING];
		plus_value(r, &k, 0);
	}
}

/* Number of the variable and why it was refused. */
static void
refused(struct rd *r, struct plus_message *m)
{
	uint32_t start = m->ask.extra[0], due = m->ask.extra[1], n;

	while ((n = vlq32(r)) != 0) {
		uint32_t why = vlq(r) & 0xffff;

		if (rd_ok(r) && n <= due && m->st->head - start <= RING)
			dissect_error(m->d, m->op, why)->object =
			    m->st->ring[(start + n - 1) % RING];
	}
}

/* A number may stand before the object. */
static void
objects(struct rd *r, struct plus_message *m, struct plus_object *o)
{
	struct span next = rd_ahead(r, 1);

	if (next.n > 0 && next.p[0] != 0xa1 && next.p[0] != 0)
		(void)vlq(r);
	m->sink.quiet = true;
	plus_objects(r, &m->sink, o);
}

#endif
