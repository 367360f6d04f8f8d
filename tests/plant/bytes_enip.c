/* bytes_enip.c - EtherNet/IP and CIP: sessions, tags, attributes, identity. */
#include <string.h>

#include "plant.h"

/* The session's handle and the connection's two numbers follow the port. */
static uint32_t
session(const struct conn *c)
{
	return 0x0b000000u | c->sport;
}

static void
start(struct msg *m, unsigned command, uint32_t handle)
{
	m->n = 0;
	m_l16(m, command);
	m_l16(m, 0);
	m_l32(m, handle);
	m_l32(m, 0);
	m_text(m, "plantctx");
	m_l32(m, 0);
}

static void
finish(struct msg *m)
{
	m_set_l16(m, 2, m->n - 24);
}

static void
unconnected(struct plant *p, struct conn *c, const struct msg *ask,
    const struct msg *answer)
{
	const struct msg *in[2] = { ask, answer };
	struct msg *out[2] = { &p->ask, &p->answer };

	for (unsigned i = 0; i < 2; i++) {
		start(out[i], 0x6f, session(c));
		m_hex(out[i], "00000000 0500 0200 0000 0000 b200");
		m_l16(out[i], in[i]->n);
		m_raw(out[i], in[i]->b, in[i]->n);
		finish(out[i]);
	}
	conn_swap(p, c);
}

/* Heads of a connected question and answer. */
static void
begin(struct plant *p, struct conn *c)
{
	struct msg *out[2] = { &p->ask, &p->answer };

	c->next++;
	for (unsigned i = 0; i < 2; i++) {
		start(out[i], 0x70, session(c));
		m_hex(out[i], "00000000 0000 0200 a100 0400");
		m_l32(out[i], (i == 0 ? 0x20000000u : 0x80000000u) | c->sport);
		m_hex(out[i], "b100 0000");
		m_l16(out[i], c->next);
	}
}

static void
swap(struct plant *p, struct conn *c)
{
	struct msg *out[2] = { &p->ask, &p->answer };

	for (unsigned i = 0; i < 2; i++) {
		m_set_l16(out[i], 42, out[i]->n - 44);
		finish(out[i]);
	}
	conn_swap(p, c);
}

static void
path(struct msg *m, const struct conn *c)
{
	m_hex(m, "4d4d 3713");
	m_l32(m, 0xc0ff0000u | c->sport);
}

void
enip_open(struct plant *p, struct conn *c)
{
	struct msg ask = { .n = 0 }, answer = { .n = 0 };

	conn_open(p, c);
	start(&p->ask, 0x65, 0);
	m_hex(&p->ask, "0100 0000");
	finish(&p->ask);
	start(&p->answer, 0x65, session(c));
	m_hex(&p->answer, "0100 0000");
	finish(&p->answer);
	conn_swap(p, c);
	m_hex(&ask, "5402 2006 2401 0a0e 00000000");
	m_l32(&ask, 0x80000000u | c->sport);
	path(&ask, c);
	m_hex(&ask, "01000000 80841e00 f443 80841e00 f443 a3 03 010020022401");
	m_hex(&answer, "d4000000");
	m_l32(&answer, 0x20000000u | c->sport);
	m_l32(&answer, 0x80000000u | c->sport);
	path(&answer, c);
	m_hex(&answer, "80841e00 80841e00 0000");
	unconnected(p, c, &ask, &answer);
}

void
enip_close(struct plant *p, struct conn *c)
{
	struct msg ask = { .n = 0 }, answer = { .n = 0 };

	m_hex(&ask, "4e02 2006 2401 0a0e");
	path(&ask, c);
	m_hex(&ask, "0300 010020022401");
	m_hex(&answer, "ce000000");
	path(&answer, c);
	m_hex(&answer, "0000");
	unconnected(p, c, &ask, &answer);
	conn_close(p, c);
}

static void
tag(struct msg *m, const char *name)
{
	uint32_t n = (uint32_t)strlen(name);

	m_u8(m, (2 + n + n % 2) / 2);
	m_u8(m, 0x91);
	m_u8(m, n);
	m_text(m, name);
	m_fill(m, 0, n % 2);
}

void
cip_read_tag(struct plant *p, struct conn *c, const char *name, unsigned n)
{
	begin(p, c);
	m_u8(&p->ask, 0x4c);
	tag(&p->ask, name);
	m_l16(&p->ask, n);
	m_hex(&p->answer, "cc000000 c400");
	for (unsigned i = 0; i < n; i++)
		m_l32(&p->answer, value_now(p, c->b->ip + n * 31 + i));
	swap(p, c);
}

void
cip_write_tag(struct plant *p, struct conn *c, const char *name, unsigned value)
{
	begin(p, c);
	m_u8(&p->ask, 0x4d);
	tag(&p->ask, name);
	m_hex(&p->ask, "c400 0100");
	m_l32(&p->ask, value);
	m_hex(&p->answer, "cd000000");
	swap(p, c);
}

static void
object(struct msg *m, unsigned service, unsigned class, unsigned instance,
    unsigned attribute)
{
	m_u8(m, service);
	m_u8(m, attribute == 0 ? 2 : 3);
	m_u8(m, 0x20);
	m_u8(m, class);
	m_u8(m, 0x24);
	m_u8(m, instance);
	if (attribute == 0)
		return;
	m_u8(m, 0x30);
	m_u8(m, attribute);
}

void
cip_get(struct plant *p, struct conn *c, unsigned class, unsigned instance,
    unsigned attribute)
{
	begin(p, c);
	object(&p->ask, 0x0e, class, instance, attribute);
	m_hex(&p->answer, "8e000000");
	m_l16(&p->answer, value_now(p, c->b->ip + class * 256 + attribute));
	swap(p, c);
}

void
cip_set(struct plant *p, struct conn *c, unsigned class, unsigned instance,
    unsigned attribute, unsigned value)
{
	begin(p, c);
	object(&p->ask, 0x10, class, instance, attribute);
	m_l16(&p->ask, value);
	m_hex(&p->answer, "90000000");
	swap(p, c);
}

void
cip_reset(struct plant *p, struct conn *c)
{
	struct msg ask = { .n = 0 }, answer = { .n = 0 };

	object(&ask, 0x05, 1, 1, 0);
	m_hex(&answer, "85000000");
	unconnected(p, c, &ask, &answer);
}

/* ------------------------------------------------------------ who is there */

static void
identity(struct msg *m, const struct host *h)
{
	const char *name = h->kind == KIND_DRIVE_CIP ? "PowerFlex 525 1P 110V"
						     : "1756-L61/B LOGIX5561";
	uint32_t size = (uint32_t)strlen(name);

	start(m, 0x63, 0);
	m_hex(m, "0100 0c00");
	m_l16(m, 34 + size);
	m_hex(m, "0100 0002 af12");
	m_b32(m, h->ip);
	m_fill(m, 0, 8);
	m_l16(m, 1); /* Rockwell Automation */
	m_l16(m, h->kind == KIND_DRIVE_CIP ? 0x7f : 0x0e);
	m_l16(m, h->kind == KIND_DRIVE_CIP ? 9 : 54);
	m_u8(m, 20);
	m_u8(m, 11u + h->version);
	m_hex(m, "3000");
	m_l32(m, h->serial);
	m_u8(m, size);
	m_text(m, name);
	m_u8(m, 3);
	finish(m);
}

void
enip_list(struct plant *p, struct host *asks)
{
	start(&p->ask, 0x63, 0);
	send_udp_all(p, asks, everybody, IP(255, 255, 255, 255), 51818, 44818,
	    &p->ask);
	for (uint32_t i = 0; i < p->n_hosts; i++) {
		struct host *h = &p->host[i];

		if ((h->kind != KIND_LOGIX && h->kind != KIND_DRIVE_CIP) ||
		    h->away || h->vlan != asks->vlan)
			continue;
		identity(&p->answer, h);
		send_udp(p, h, asks, 44818, 51818, &p->answer);
	}
}
