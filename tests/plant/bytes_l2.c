/* bytes_l2.c - what has no IP: LLDP, spanning tree, PROFINET DCP. */
#include <string.h>

#include "plant.h"

static void
tlv(struct msg *m, unsigned kind, size_t n)
{
	m_b16(m, kind << 9 | (uint32_t)n);
}

static void
text_tlv(struct msg *m, unsigned kind, const char *text)
{
	tlv(m, kind, strlen(text));
	m_text(m, text);
}

void
lldp_send(struct plant *p, struct host *h, unsigned port)
{
	static const uint8_t group[6] = { 0x01, 0x80, 0xc2, 0, 0, 0x0e };
	struct msg *m = &p->ask;
	char text[64];

	m->n = 0;
	tlv(m, 1, 7);
	m_u8(m, 4);
	m_raw(m, h->mac, 6);
	(void)snprintf(text, sizeof(text), "1/%u", port);
	tlv(m, 2, 1 + strlen(text));
	m_u8(m, 5);
	m_text(m, text);
	tlv(m, 3, 2);
	m_b16(m, 3600);
	text_tlv(m, 5, h->name);
	(void)snprintf(text, sizeof(text),
	    "Hirschmann RSP20 - HiOS-2S-08.7.%02u", 1u + h->version);
	text_tlv(m, 6, text);
	tlv(m, 7, 4);
	m_b32(m, 0x00040004);
	tlv(m, 8, 12);
	m_hex(m, "0501");
	m_b32(m, h->ip);
	m_hex(m, "02");
	m_b32(m, port);
	m_u8(m, 0);
	tlv(m, 0, 0);
	send_ether(p, group, h->mac, 0, 0, 0x88cc, m);
}

void
stp_send(struct plant *p, struct host *h, unsigned port)
{
	static const uint8_t group[6] = { 0x01, 0x80, 0xc2, 0, 0, 0 };
	struct msg *m = &p->ask;

	m->n = 0;
	m_hex(m, "424203 0000 02 02 3c 8000");
	m_raw(m, h->mac, 6);
	m_b32(m, 0);
	m_b16(m, 0x8000);
	m_raw(m, h->mac, 6);
	m_b16(m, 0x8000 | port);
	m_hex(m, "0000 1400 0200 0f00 00");
	send_llc(p, group, h->mac, m);
}

static void
block(struct msg *m, unsigned option, const void *value, size_t n)
{
	m_b16(m, option);
	m_b16(m, (uint32_t)n + 2);
	m_b16(m, 0);
	m_raw(m, value, n);
	m_fill(m, 0, n % 2);
}

static void
dcp(struct msg *m, unsigned frame, unsigned kind, uint32_t xid)
{
	m->n = 0;
	m_b16(m, frame);
	m_u8(m, 5);
	m_u8(m, kind);
	m_b32(m, xid);
	m_b16(m, kind == 0 ? 1 : 0);
	m_b16(m, 0);
}

static void
dcp_answer(struct plant *p, const struct host *h, const struct host *to,
    uint32_t xid)
{
	struct msg *m = &p->answer;
	uint8_t ip[12] = { (uint8_t)(h->ip >> 24), (uint8_t)(h->ip >> 16),
		(uint8_t)(h->ip >> 8), (uint8_t)h->ip, 255, 255, 252, 0, 10, 30,
		0, 1 };

	dcp(m, 0xfeff, 1, xid);
	block(m, 0x0202, h->name, strlen(h->name));
	block(m, 0x0201, "AXL F BK PN TPS", 15);
	block(m, 0x0203, "\x00\xb0\x01\x09", 4);
	block(m, 0x0204, "\x01", 2);
	m_b16(m, 0x0102);
	m_b16(m, 14);
	m_b16(m, 1);
	m_raw(m, ip, sizeof(ip));
	m_set_b16(m, 10, m->n - 12);
	send_ether(p, to->mac, h->mac, 0, 0, 0x8892, m);
}

void
dcp_identify(struct plant *p, struct host *asks)
{
	static const uint8_t group[6] = { 0x01, 0x0e, 0xcf, 0, 0, 0 };
	uint32_t xid = 0x5a100000u | asks->ident;

	dcp(&p->ask, 0xfefe, 0, xid);
	m_hex(&p->ask, "ffff0000");
	m_set_b16(&p->ask, 10, 4);
	send_ether(p, group, asks->mac, 0, 0, 0x8892, &p->ask);
	for (uint32_t i = 0; i < p->n_hosts; i++)
		if (p->host[i].kind == KIND_IO && !p->host[i].away)
			dcp_answer(p, &p->host[i], asks, xid);
}
