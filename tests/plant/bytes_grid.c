/* bytes_grid.c - DNP3 and IEC 60870-5-104. */
#include "plant.h"

/* ---------------------------------------------------------------------- DNP3
 */

static void
crc(struct msg *m, const uint8_t *b, uint32_t n)
{
	uint32_t v = 0;

	for (uint32_t i = 0; i < n; i++) {
		v ^= b[i];
		for (unsigned k = 0; k < 8; k++)
			v = v >> 1 ^ ((v & 1) != 0 ? 0xa6bcu : 0);
	}
	m_l16(m, v ^ 0xffff);
}

/* The link frame around what the user says. */
static void
framed(struct msg *m, unsigned control, unsigned to, unsigned by,
    const struct msg *user)
{
	m->n = 0;
	m_b16(m, 0x0564);
	m_u8(m, 5 + user->n);
	m_u8(m, control);
	m_l16(m, to);
	m_l16(m, by);
	crc(m, m->b, 8);
	for (uint32_t i = 0; i < user->n; i += 16) {
		uint32_t n = user->n - i < 16 ? user->n - i : 16;

		m_raw(m, user->b + i, n);
		crc(m, user->b + i, n);
	}
}

static void
start(struct msg *user, const struct conn *c, const char *hex)
{
	unsigned both = 0xc0 | (c->next & 15);

	user->n = 0;
	m_u8(user, both);
	m_u8(user, both);
	m_hex(user, hex);
}

static void
swap(struct plant *p, struct conn *c, const struct msg *ask,
    const struct msg *answer)
{
	unsigned station = 10u + c->b->number;

	framed(&p->ask, 0xc4, station, 1, ask);
	framed(&p->answer, 0x44, 1, station, answer);
	conn_swap(p, c);
	c->next++;
}

void
dnp3_poll(struct plant *p, struct conn *c, bool all)
{
	struct msg ask, answer;

	start(&ask, c,
	    all ? "01 3c0206 3c0306 3c0406 3c0106" : "01 3c0206 3c0306 3c0406");
	start(&answer, c, "81 0000");
	m_hex(&answer, all ? "0102000003 81018101" : "");
	m_hex(&answer, "1e01000003");
	for (unsigned i = 0; i < 4; i++) {
		m_u8(&answer, 1);
		m_l32(&answer, value_now(p, c->b->ip + i));
	}
	swap(p, c, &ask, &answer);
}

void
dnp3_operate(struct plant *p, struct conn *c, unsigned point)
{
	static const char *const codes[] = { "03", "04" };
	struct msg ask, answer;

	for (unsigned i = 0; i < 2; i++) {
		start(&ask, c, codes[i]);
		start(&answer, c, "81 0000");
		for (unsigned k = 0; k < 2; k++) {
			struct msg *m = k == 0 ? &ask : &answer;

			m_hex(m, "0c01280100");
			m_l16(m, point);
			m_hex(m, "4101 64000000 64000000 00");
		}
		swap(p, c, &ask, &answer);
	}
}

void
dnp3_restart(struct plant *p, struct conn *c)
{
	struct msg ask, answer;

	start(&ask, c, "0d");
	start(&answer, c, "81 0000 34020701e803");
	swap(p, c, &ask, &answer);
}

static void
attribute(struct msg *m, unsigned variation, const char *text)
{
	uint32_t at;

	m_u8(m, 0);
	m_u8(m, variation);
	m_hex(m, "000000 01 00");
	at = m->n;
	m_text(m, text);
	m->b[at - 1] = (uint8_t)(m->n - at);
}

void
dnp3_attributes(struct plant *p, struct conn *c)
{
	struct msg ask, answer;
	char text[24];

	start(&ask, c, "01 00fe000000");
	start(&answer, c, "81 0000");
	(void)snprintf(text, sizeof(text), "SEL-351-R%u", 500u + c->b->version);
	attribute(&answer, 242, text);
	(void)snprintf(text, sizeof(text), "%u", (unsigned)c->b->serial);
	attribute(&answer, 248, text);
	attribute(&answer, 250, "SEL-351");
	attribute(&answer, 252, "SEL");
	swap(p, c, &ask, &answer);
}

/* ------------------------------------------------------------------- IEC 104
 */

static void
asdu(struct plant *p, struct conn *c, unsigned way, unsigned type, unsigned n,
    unsigned cause)
{
	struct msg *m = &p->ask;

	m->n = 0;
	m_u8(m, 0x68);
	m_u8(m, 0);
	m_l16(m, c->more[way] << 1 & 0xffff);
	m_l16(m, c->more[1 - way] << 1 & 0xffff);
	m_u8(m, type);
	m_u8(m, n);
	m_u8(m, cause);
	m_u8(m, 0);
	m_l16(m, 10u + c->b->number);
	c->more[way]++;
}

static void
address(struct msg *m, unsigned a)
{
	m_l16(m, a);
	m_u8(m, a >> 16);
}

static void
say(struct plant *p, struct conn *c, unsigned way)
{
	p->ask.b[1] = (uint8_t)(p->ask.n - 2);
	conn_say(p, c, way, &p->ask);
}

static void
confirm(struct plant *p, struct conn *c)
{
	p->ask.n = 0;
	m_hex(&p->ask, "68040100");
	m_l16(&p->ask, c->more[1] << 1 & 0xffff);
	conn_say(p, c, 0, &p->ask);
	conn_ack(p, c, 1);
}

static void
control(struct plant *p, struct conn *c, unsigned ask, unsigned answer)
{
	p->ask.n = p->answer.n = 0;
	m_hex(&p->ask, "6804");
	m_l32(&p->ask, ask);
	m_hex(&p->answer, "6804");
	m_l32(&p->answer, answer);
	conn_swap(p, c);
}

void
iec104_open(struct plant *p, struct conn *c)
{
	conn_open(p, c);
	c->more[0] = c->more[1] = 0;
	control(p, c, 0x07, 0x0b);
	iec104_interrogate(p, c);
}

void
iec104_test(struct plant *p, struct conn *c)
{
	control(p, c, 0x43, 0x83);
}

static void
floats(struct plant *p, struct conn *c, unsigned first, unsigned n,
    unsigned cause)
{
	asdu(p, c, 1, 13, n, cause);
	for (unsigned i = 0; i < n; i++) {
		address(&p->ask, first + i);
		m_lf32(&p->ask, value_now(p, c->b->ip + first + i) / 10.0);
		m_u8(&p->ask, 0);
	}
	say(p, c, 1);
}

void
iec104_values(struct plant *p, struct conn *c, unsigned first, unsigned n)
{
	floats(p, c, first, n, 3);
	confirm(p, c);
}

static void
interrogation(struct plant *p, struct conn *c, unsigned way, unsigned cause)
{
	asdu(p, c, way, 100, 1, cause);
	address(&p->ask, 0);
	m_u8(&p->ask, 20);
	say(p, c, way);
}

void
iec104_interrogate(struct plant *p, struct conn *c)
{
	interrogation(p, c, 0, 6);
	interrogation(p, c, 1, 7);
	asdu(p, c, 1, 1, 4, 20);
	for (unsigned i = 0; i < 4; i++) {
		address(&p->ask, 1001 + i);
		m_u8(&p->ask, i & 1);
	}
	say(p, c, 1);
	floats(p, c, 2001, 8, 20);
	interrogation(p, c, 1, 10);
	confirm(p, c);
}

/* A single command; the station refuses an address it does not know. */
void
iec104_command(struct plant *p, struct conn *c, unsigned where, bool on,
    bool known)
{
	static const unsigned way[] = { 0, 1, 1 };
	unsigned cause[] = { 6, known ? 7u : 0x40 | 47u, 10 };

	for (unsigned i = 0; i < (known ? 3u : 2u); i++) {
		asdu(p, c, way[i], 45, 1, cause[i]);
		address(&p->ask, where);
		m_u8(&p->ask, on);
		say(p, c, way[i]);
	}
	confirm(p, c);
}
