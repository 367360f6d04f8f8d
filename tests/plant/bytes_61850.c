/* bytes_61850.c - MMS and GOOSE, as IEC 61850 uses them. */
#include "plant.h"

static const char associate[] =
    "0d b7 0506 130100 160102 14020002 33020001 34020002 c1a1"
    "31819e a003800101 a28196 80020780 810400000001 820400000002"
    "a423 300f 020101 060452010001 3004 06025101"
    "3010 020103 060528ca220201 3004 06025101"
    "615f 305d 020101 a058 6056 a107060528ca220203 a20506032b0102"
    "a30302010c a60506032b0101 a70302010c be33 2831 06025101 020103"
    "a028 a826 800300fde8 810105 820105 83010a a416 800101 810305f100"
    "820c03ee1c00000408000079ef18";
static const char associated[] =
    "0e 8a 0506 130100 160102 14020002 34020002 c178"
    "3176 a003800101 a26f 830400000002 a512 3007 800100 81025101"
    "3007 800100 81025101 6153 3051 020101 a04c 614a a107060528ca220203"
    "a203020100 a305a103020100 be33 2831 06025101 020103 a028 a926"
    "800300fde8 810105 820105 83010a a416 800101 810305f100"
    "820c03ee1c00000408000079ef18";

static void
start(struct msg *m)
{
	m->n = 0;
	m_hex(m, "03000000 02f080");
}

static void
swap(struct plant *p, struct conn *c)
{
	m_set_b16(&p->ask, 2, p->ask.n);
	m_set_b16(&p->answer, 2, p->answer.n);
	conn_swap(p, c);
}

void
mms_open(struct plant *p, struct conn *c)
{
	conn_open(p, c);
	p->ask.n = p->answer.n = 0;
	m_hex(&p->ask, "03000016 11e00000000100 c0010a c1020001 c2020001");
	m_hex(&p->answer, "03000016 11d00001000200 c0010a c1020001 c2020001");
	conn_swap(p, c);
	start(&p->ask);
	m_hex(&p->ask, associate);
	start(&p->answer);
	m_hex(&p->answer, associated);
	swap(p, c);
}

/* What is around every request and answer; mark[4] is the innermost. */
static void
around(struct msg *m, struct conn *c, unsigned tag, uint32_t mark[static 4])
{
	start(m);
	m_hex(m, "01000100");
	mark[0] = m_ber(m, 0x61);
	mark[1] = m_ber(m, 0x30);
	m_hex(m, "020103");
	mark[2] = m_ber(m, 0xa0);
	mark[3] = m_ber(m, tag);
	m_ber_u32(m, 2, c->next & 0x7fffffff);
}

static void
closed(struct msg *m, const uint32_t mark[static 4])
{
	for (unsigned i = 4; i-- > 0;)
		m_ber_end(m, mark[i]);
}

void
mms_identify(struct plant *p, struct conn *c)
{
	uint32_t mark[4], inner;
	char version[16];

	c->next++;
	around(&p->ask, c, 0xa0, mark);
	m_hex(&p->ask, "8200");
	closed(&p->ask, mark);
	around(&p->answer, c, 0xa1, mark);
	inner = m_ber(&p->answer, 0xa2);
	m_ber_text(&p->answer, 0x80, "ABB");
	m_ber_text(&p->answer, 0x81, "REF615");
	(void)snprintf(version, sizeof(version), "5.0.%u", c->b->version);
	m_ber_text(&p->answer, 0x82, version);
	m_ber_end(&p->answer, inner);
	closed(&p->answer, mark);
	swap(p, c);
}

static void
opened(struct msg *m, const char *tags, uint32_t *mark, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		mark[i] = m_ber(m, (uint8_t)tags[i]);
}

static void
ended(struct msg *m, const uint32_t *mark, unsigned n)
{
	while (n-- > 0)
		m_ber_end(m, mark[n]);
}

static void
utc(struct msg *m, uint64_t t)
{
	m_b32(m, (uint32_t)(t / SECOND));
	m_b32(m, (uint32_t)(t % SECOND * (1u << 24) / SECOND) << 8 | 10);
}

void
mms_read(struct plant *p, struct conn *c, const char *item)
{
	uint32_t mark[4], in[6];

	c->next++;
	around(&p->ask, c, 0xa0, mark);
	opened(&p->ask, "\xa4\xa1\xa0\x30\xa0\xa1", in, 6);
	m_ber_text(&p->ask, 0x1a, "BAY1MEAS");
	m_ber_text(&p->ask, 0x1a, item);
	ended(&p->ask, in, 6);
	closed(&p->ask, mark);
	around(&p->answer, c, 0xa1, mark);
	opened(&p->answer, "\xa4\xa1\xa2", in, 3);
	m_hex(&p->answer, "870508");
	m_bf32(&p->answer, value_now(p, c->b->ip + (uint8_t)item[6]) / 10.0);
	m_hex(&p->answer, "8403030000 9108");
	utc(&p->answer, p->now);
	ended(&p->answer, in, 3);
	closed(&p->answer, mark);
	swap(p, c);
}

static void
goose_pdu(struct plant *p, struct msg *m, const struct goose *g)
{
	char text[40];
	uint32_t mark = m_ber(m, 0x61), data;

	(void)snprintf(text, sizeof(text), "BAY%uCTRL/LLN0$GO$gcbTrip",
	    g->host->number);
	m_ber_text(m, 0x80, text);
	m_ber_u32(m, 0x81, (uint32_t)(150000 / p->rate));
	(void)snprintf(text, sizeof(text), "BAY%uCTRL/LLN0$TripSet",
	    g->host->number);
	m_ber_text(m, 0x82, text);
	(void)snprintf(text, sizeof(text), "bay%utrip", g->host->number);
	m_ber_text(m, 0x83, text);
	m_hex(m, "8408");
	utc(m, g->changed);
	m_ber_u32(m, 0x85, g->state);
	m_ber_u32(m, 0x86, g->number);
	m_hex(m, "870100 880101 890100 8a0103");
	data = m_ber(m, 0xab);
	for (unsigned i = 0; i < 3; i++) {
		m_hex(m, "8301");
		m_u8(m, g->data >> i & 1);
	}
	m_ber_end(m, data);
	m_ber_end(m, mark);
}

void
goose_send(struct plant *p, const struct goose *g)
{
	struct msg *m = &p->ask;
	uint8_t group[6] = { 0x01, 0x0c, 0xcd, 0x01, 0,
		(uint8_t)g->host->number };

	m->n = 0;
	m_b16(m, g->host->number);
	m_b16(m, 0);
	m_b32(m, 0);
	goose_pdu(p, m, g);
	m_set_b16(m, 2, m->n);
	send_ether(p, group, g->host->mac, g->host->vlan, 4, 0x88b8, m);
}
