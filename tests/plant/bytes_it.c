/* bytes_it.c - names, leases, time, management: DNS, DHCP, NTP, SNMP, syslog,
 * HTTP. */
#include <string.h>

#include "plant.h"

/* ---------------------------------------------------------------------- DHCP
 */

enum {
	DISCOVER = 1,
	OFFER = 2,
	REQUEST = 3,
	ACK = 5
};

static void
dhcp_head(struct msg *m, const struct host *client, unsigned op, uint32_t xid,
    uint32_t given, uint32_t server)
{
	m->n = 0;
	m_u8(m, op);
	m_hex(m, "010600");
	m_b32(m, xid);
	m_b32(m, 0);
	m_b32(m, 0);
	m_b32(m, given);
	m_b32(m, server);
	m_b32(m, 0);
	m_raw(m, client->mac, 6);
	m_fill(m, 0, 10 + 64 + 128);
	m_hex(m, "63825363");
}

static void
option_ip(struct msg *m, unsigned code, uint32_t ip)
{
	m_u8(m, code);
	m_u8(m, 4);
	m_b32(m, ip);
}

void
dhcp_ask(struct plant *p, struct host *client, unsigned kind, uint32_t xid,
    uint32_t ip)
{
	struct host nobody = *client;
	struct msg *m = &p->ask;

	nobody.ip = 0;
	dhcp_head(m, client, 1, xid, 0, 0);
	m_hex(m, "3501");
	m_u8(m, kind);
	option_ip(m, 50, ip);
	if (kind == REQUEST)
		option_ip(m, 54, p->server->ip);
	m_u8(m, 12);
	m_u8(m, (uint32_t)strlen(client->name));
	m_text(m, client->name);
	m_hex(m, "3c08");
	m_text(m, "MSFT 5.0");
	m_hex(m, "370e 0103060f1f212b2c2e2f7779f9fc ff");
	send_udp_all(p, &nobody, everybody, IP(255, 255, 255, 255), 68, 67, m);
}

void
dhcp_answer(struct plant *p, struct host *server, struct host *client,
    unsigned kind, uint32_t xid, uint32_t ip)
{
	struct msg *m = &p->answer;
	struct host relayed = *server;
	uint32_t gateway =
	    server == p->server ? (ip & 0xffffff00u) | 1 : server->ip;

	relayed.vlan = client->vlan;
	dhcp_head(m, client, 2, xid, ip, server->ip);
	m_hex(m, "3501");
	m_u8(m, kind);
	option_ip(m, 54, server->ip);
	option_ip(m, 51, 86400);
	option_ip(m, 1, 0xffffff00u);
	option_ip(m, 3, gateway);
	option_ip(m, 6, server->ip);
	m_hex(m, "0f0d");
	m_text(m, "plant.example");
	m_u8(m, 255);
	send_udp_all(p, &relayed, everybody, IP(255, 255, 255, 255), 67, 68, m);
	server->ident = relayed.ident;
}

void
dhcp_lease(struct plant *p, struct host *client, uint32_t ip, bool renew)
{
	uint32_t xid =
	    0x5a000000u | (uint32_t)client->number << 16 | client->ident;

	if (!renew) {
		dhcp_ask(p, client, DISCOVER, xid, ip);
		dhcp_answer(p, p->server, client, OFFER, xid, ip);
	}
	dhcp_ask(p, client, REQUEST, xid, ip);
	dhcp_answer(p, p->server, client, ACK, xid, ip);
	client->ip = ip;
}

/* ------------------------------------------------------------- names and time
 */

static void
question(struct msg *m, const char *name)
{
	while (*name != '\0') {
		size_t n = strcspn(name, ".");

		m_u8(m, (uint32_t)n);
		m_raw(m, name, n);
		name += n + (name[n] == '.');
	}
	m_hex(m, "00 0001 0001");
}

/* `answer` 0: there is no such name. */
void
dns_ask(struct plant *p, struct host *h, const char *name, uint32_t answer)
{
	struct msg *m = &p->ask, *a = &p->answer;
	uint16_t port = (uint16_t)(49152 + h->ident % 16000);

	m->n = a->n = 0;
	m_b16(m, h->ident);
	m_hex(m, "0100 0001 0000 0000 0000");
	question(m, name);
	m_b16(a, h->ident);
	m_hex(a,
	    answer != 0 ? "8180 0001 0001 0000 0000"
			: "8183 0001 0000 0000 0000");
	question(a, name);
	if (answer != 0) {
		m_hex(a, "c00c 0001 0001 00000e10 0004");
		m_b32(a, answer);
	}
	send_udp(p, h, p->server, port, 53, m);
	wire_pass(p, 3000000);
	send_udp(p, p->server, h, 53, port, a);
}

static void
stamp(struct msg *m, uint64_t t)
{
	m_b32(m, (uint32_t)(t / SECOND + 2208988800u));
	m_b32(m, (uint32_t)((t % SECOND << 32) / SECOND));
}

void
ntp_ask(struct plant *p, struct host *h, struct host *server)
{
	struct msg *m = &p->ask, *a = &p->answer;
	uint64_t sent = p->now;

	m->n = a->n = 0;
	m_hex(m, "230006ec");
	m_fill(m, 0, 36);
	stamp(m, sent);
	send_udp(p, h, server, 123, 123, m);
	m_hex(a, "240106ec 00000010 00000020");
	m_text(a, "GPS");
	m_u8(a, 0);
	stamp(a, sent - 16 * SECOND);
	stamp(a, sent);
	stamp(a, p->now);
	stamp(a, p->now + 20000);
	send_udp(p, server, h, 123, 123, a);
}

/* ---------------------------------------------------------------- management
 */

static const char *
description(const struct host *h)
{
	switch (h->kind) {
	case KIND_SWITCH:
		return "Hirschmann RSP20 Industrial Ethernet Switch";
	case KIND_PRINTER:
		return "HP ETHERNET MULTI-ENVIRONMENT,ROM none,JETDIRECT,"
		       "JD153,EEPROM JSI24090012";
	case KIND_CAMERA:
		return "; AXIS P1455-LE; Network Camera; 10.12.65";
	default:
		return "Meinberg LANTIME M300 V7.06.010";
	}
}

static void
snmp(struct plant *p, struct host *a, struct host *b, const char *oid,
    unsigned leaf, const char *text)
{
	struct msg *both[2] = { &p->ask, &p->answer };
	uint16_t port = (uint16_t)(50000 + a->ident % 10000);
	uint32_t id = 0x10000000u | a->ident;

	for (unsigned i = 0; i < 2; i++) {
		struct msg *m = both[i];
		uint32_t mark[4];

		m->n = 0;
		mark[0] = m_ber(m, 0x30);
		m_ber_u32(m, 2, 1);
		m_ber_text(m, 4, "plant-ro");
		mark[1] = m_ber(m, i == 0 ? 0xa0 : 0xa2);
		m_ber_u32(m, 2, id);
		m_hex(m, "020100 020100");
		mark[2] = m_ber(m, 0x30);
		mark[3] = m_ber(m, 0x30);
		m_hex(m, oid);
		m->b[m->n - 1] = (uint8_t)leaf;
		if (i == 0)
			m_hex(m, "0500");
		else if (text != NULL)
			m_ber_text(m, 4, text);
		else
			m_ber_u32(m, 0x41, value_now(p, b->ip + leaf));
		for (unsigned k = 4; k-- > 0;)
			m_ber_end(m, mark[k]);
	}
	send_udp(p, a, b, port, 161, &p->ask);
	wire_pass(p, 2000000);
	send_udp(p, b, a, 161, port, &p->answer);
}

/* ifInOctets of a port */
void
snmp_get(struct plant *p, struct host *a, struct host *b, unsigned leaf)
{
	snmp(p, a, b, "060a 2b060102010202010a00", leaf, NULL);
}

void
snmp_describe(struct plant *p, struct host *a, struct host *b)
{
	snmp(p, a, b, "0608 2b06010201010100", 0, description(b));
}

void
syslog_say(struct plant *p, struct host *h, struct host *to, const char *text)
{
	char line[200];

	(void)snprintf(line, sizeof(line), "<134>%s %s", h->name, text);
	p->ask.n = 0;
	m_text(&p->ask, line);
	send_udp(p, h, to, 514, 514, &p->ask);
}

void
http_get(struct plant *p, struct host *a, struct host *b, const char *path)
{
	struct conn c = conn_make(p, a, b, 80);
	char text[320], page[96];

	(void)snprintf(page, sizeof(page), "<html><title>%s</title></html>\n",
	    b->name);
	conn_open(p, &c);
	(void)snprintf(text, sizeof(text),
	    "GET %s HTTP/1.1\r\nHost: %u.%u.%u.%u\r\n"
	    "User-Agent: Mozilla/5.0\r\n\r\n",
	    path, (unsigned)b->ip >> 24, (unsigned)b->ip >> 16 & 255,
	    (unsigned)b->ip >> 8 & 255, (unsigned)b->ip & 255);
	p->ask.n = p->answer.n = 0;
	m_text(&p->ask, text);
	(void)snprintf(text, sizeof(text),
	    "HTTP/1.1 200 OK\r\nServer: embedded\r\n"
	    "Content-Type: text/html\r\nContent-Length: %u\r\n\r\n%s",
	    (unsigned)strlen(page), page);
	m_text(&p->answer, text);
	conn_swap(p, &c);
	conn_close(p, &c);
}
