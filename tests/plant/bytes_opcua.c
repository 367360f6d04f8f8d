/* bytes_opcua.c - OPC UA without security: channel, session, read, write. */
#include <string.h>

#include "plant.h"

static void
string(struct msg *m, const char *s)
{
	m_l32(m, (uint32_t)strlen(s));
	m_text(m, s);
}

static void
none(struct msg *m)
{
	m_l32(m, 0xffffffff);
}

/* 100 ns since 1601. */
static void
when(struct plant *p, struct msg *m)
{
	m_l64(m, p->now / 100 + 116444736000000000ull);
}

static void
node(struct msg *m, unsigned id)
{
	m_u8(m, 1);
	m_u8(m, 2);
	m_l16(m, id);
}

static void
sequence(struct msg *m, struct conn *c, unsigned way)
{
	m_l32(m, ++c->more[way]);
	m_l32(m, c->next);
}

static void
type(struct plant *p, struct msg *m, unsigned id, bool answer)
{
	m_u8(m, 1);
	m_u8(m, 0);
	m_l16(m, id);
	if (answer) {
		when(p, m);
		m_l32(m, p->ask.n);
		m_hex(m, "00000000 00 00000000 000000");
		return;
	}
	node(m, 1000);
	when(p, m);
	m_l32(m, p->ask.n);
	m_l32(m, 0);
	none(m);
	m_l32(m, 5000);
	m_hex(m, "000000");
}

/* Heads of a request and its response. */
static void
begin(struct plant *p, struct conn *c, unsigned request)
{
	struct msg *both[2] = { &p->ask, &p->answer };

	c->next++;
	for (unsigned i = 0; i < 2; i++) {
		both[i]->n = 0;
		m_text(both[i], "MSGF");
		m_l32(both[i], 0);
		m_l32(both[i], 7);
		m_l32(both[i], 1);
		sequence(both[i], c, i);
		type(p, both[i], i == 0 ? request : request + 3, i == 1);
	}
}

static void
swap(struct plant *p, struct conn *c)
{
	m_set_l32(&p->ask, 4, p->ask.n);
	m_set_l32(&p->answer, 4, p->answer.n);
	conn_swap(p, c);
}

static void
hello(struct plant *p, struct conn *c)
{
	static const char sizes[] =
	    "00000000 00000100 00000100 00000000 00000000";
	char url[40];

	(void)snprintf(url, sizeof(url), "opc.tcp://%s:4840", c->b->name);
	p->ask.n = p->answer.n = 0;
	m_text(&p->ask, "HELF");
	m_l32(&p->ask, 0);
	m_hex(&p->ask, sizes);
	string(&p->ask, url);
	m_text(&p->answer, "ACKF");
	m_l32(&p->answer, 0);
	m_hex(&p->answer, sizes);
	swap(p, c);
}

static void
channel(struct plant *p, struct conn *c)
{
	struct msg *both[2] = { &p->ask, &p->answer };

	c->next++;
	for (unsigned i = 0; i < 2; i++) {
		struct msg *m = both[i];

		m->n = 0;
		m_text(m, "OPNF");
		m_l32(m, 0);
		m_l32(m, i == 0 ? 0 : 7);
		string(m, "http://opcfoundation.org/UA/SecurityPolicy#None");
		none(m);
		none(m);
		sequence(m, c, i);
		type(p, m, i == 0 ? 446 : 449, i == 1);
		m_l32(m, 0);
		if (i == 0) {
			m_hex(m, "00000000 01000000");
		} else {
			m_l32(m, 7);
			m_l32(m, 1);
			when(p, m);
		}
		if (i == 0)
			none(m);
		m_l32(m, 3600000);
		if (i == 1)
			none(m);
	}
	swap(p, c);
}

static void
session(struct plant *p, struct conn *c)
{
	struct msg *m = &p->ask, *a = &p->answer;
	char text[48];

	begin(p, c, 461);
	(void)snprintf(text, sizeof(text), "urn:%s:client", c->a->name);
	string(m, text);
	string(m, "urn:plant:viewer");
	m_u8(m, 2);
	string(m, c->a->name);
	m_l32(m, 1);
	none(m);
	none(m);
	m_l32(m, 0);
	none(m);
	(void)snprintf(text, sizeof(text), "opc.tcp://%s:4840", c->b->name);
	string(m, text);
	string(m, c->a->name);
	none(m);
	none(m);
	m_lf64(m, 1200000);
	m_l32(m, 0);
	node(a, 999);
	node(a, 1000);
	m_lf64(a, 1200000);
	none(a);
	none(a);
	m_l32(a, 0);
	m_l32(a, 0);
	none(a);
	none(a);
	m_l32(a, 0);
	swap(p, c);
}

static void
activate(struct plant *p, struct conn *c)
{
	struct msg *m = &p->ask, *a = &p->answer;

	begin(p, c, 467);
	none(m);
	none(m);
	m_l32(m, 0);
	m_l32(m, 0);
	m_hex(m, "01004101 01 0d000000");
	string(m, "anonymous");
	none(m);
	none(m);
	none(a);
	m_l32(a, 0);
	m_l32(a, 0);
	swap(p, c);
}

void
opcua_open(struct plant *p, struct conn *c)
{
	conn_open(p, c);
	c->more[0] = c->more[1] = 0;
	hello(p, c);
	channel(p, c);
	session(p, c);
	activate(p, c);
}

void
opcua_read(struct plant *p, struct conn *c, unsigned first, unsigned n)
{
	struct msg *m = &p->ask, *a = &p->answer;

	begin(p, c, 631);
	m_lf64(m, 0);
	m_l32(m, 0);
	m_l32(m, n);
	m_l32(a, n);
	for (unsigned i = 0; i < n; i++) {
		node(m, first + i);
		m_l32(m, 13);
		none(m);
		m_l16(m, 0);
		none(m);
		m_hex(a, "05 0b");
		m_lf64(a, value_now(p, c->b->ip + first + i) / 10.0);
		when(p, a);
	}
	m_l32(a, 0);
	swap(p, c);
}

void
opcua_write(struct plant *p, struct conn *c, unsigned id, unsigned value)
{
	struct msg *m = &p->ask, *a = &p->answer;

	begin(p, c, 673);
	m_l32(m, 1);
	node(m, id);
	m_l32(m, 13);
	none(m);
	m_hex(m, "01 0b");
	m_lf64(m, value);
	m_l32(a, 1);
	m_l32(a, 0);
	m_l32(a, 0);
	swap(p, c);
}
