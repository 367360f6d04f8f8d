/* bytes_tls.c - sessions whose inside is secret: TLS, remote desktop, SSH. */
#include <string.h>

#include "plant.h"

static uint32_t
opened(struct msg *m)
{
	m_b16(m, 0);
	return m->n;
}

static void
ended(struct msg *m, uint32_t mark)
{
	m_set_b16(m, mark - 2, m->n - mark);
}

static void
randomly(struct plant *p, struct msg *m, unsigned words)
{
	for (unsigned i = 0; i < words; i++)
		m_b32(m, rng_u32(&p->wire.rng));
}

static void
client_hello(struct plant *p, struct msg *m, const char *name)
{
	uint32_t record, hand, all, one;

	m->n = 0;
	m_hex(m, "160301");
	record = opened(m);
	m_hex(m, "0100");
	hand = opened(m);
	m_hex(m, "0303");
	randomly(p, m, 8);
	m_u8(m, 32);
	randomly(p, m, 8);
	m_hex(m, "0008 1301 1302 c02f 009c 0100");
	all = opened(m);
	m_hex(m, "0000");
	one = opened(m);
	m_b16(m, (uint32_t)strlen(name) + 3);
	m_u8(m, 0);
	m_b16(m, (uint32_t)strlen(name));
	m_text(m, name);
	ended(m, one);
	m_hex(m, "000a 0004 0002 001d 000d 0008 0006 0403 0804 0401");
	m_hex(m, "002b 0005 04 0304 0303 0033 0026 0024 001d 0020");
	randomly(p, m, 8);
	ended(m, all);
	ended(m, hand);
	ended(m, record);
}

static void
server_hello(struct plant *p, struct msg *m)
{
	m->n = 0;
	m_hex(m, "160303005a 02000056 0303");
	randomly(p, m, 8);
	m_hex(m, "00 1301 00 002e 002b 0002 0304 0033 0024 001d 0020");
	randomly(p, m, 8);
	m_hex(m, "140303000101 1703030400");
	m_fill(m, 0xa5, 1024);
}

/* Application data in whole records, one to a segment. */
static void
secret(struct plant *p, struct conn *c, unsigned way, size_t n)
{
	struct msg *m = &p->ask;

	for (unsigned i = 1; n > 0; i++) {
		size_t part = n < 1400 ? n : 1400;

		m->n = 0;
		m_hex(m, "170303");
		m_b16(m, (uint32_t)part + 17);
		m_fill(m, i * 37, part + 17);
		conn_say(p, c, way, m);
		n -= part;
		if (i % 4 == 0 || n == 0)
			conn_ack(p, c, 1 - way);
	}
}

static void
shake_hands(struct plant *p, struct conn *c, const char *name)
{
	client_hello(p, &p->ask, name);
	server_hello(p, &p->answer);
	conn_swap(p, c);
	p->ask.n = 0;
	m_hex(&p->ask, "140303000101 1703030035");
	m_fill(&p->ask, 0x5a, 53);
	conn_say(p, c, 0, &p->ask);
	conn_ack(p, c, 1);
}

void
tls_session(struct plant *p, struct host *a, struct host *b, const char *name,
    size_t up, size_t down)
{
	struct conn c = conn_make(p, a, b, 443);

	conn_open(p, &c);
	shake_hands(p, &c, name);
	secret(p, &c, 0, up);
	secret(p, &c, 1, down);
	conn_close(p, &c);
}

void
rdp_session(struct plant *p, struct host *a, struct host *b, const char *user,
    size_t size)
{
	struct conn c = conn_make(p, a, b, 3389);
	struct msg *m = &p->ask;

	conn_open(p, &c);
	m->n = p->answer.n = 0;
	m_hex(m, "03000000 00 e0 0000 0000 00");
	m_text(m, "Cookie: mstshash=");
	m_text(m, user);
	m_hex(m, "0d0a 01 00 0800 03000000");
	m_set_b16(m, 2, m->n);
	m->b[4] = (uint8_t)(m->n - 5);
	m_hex(&p->answer, "03000013 0ed00000000000 02 00 0800 01000000");
	conn_swap(p, &c);
	shake_hands(p, &c, b->name);
	for (size_t n = 0; n < size; n += 20000) {
		secret(p, &c, 0, 300);
		secret(p, &c, 1, 20000);
		wire_pass(p, SECOND / 20);
	}
	conn_close(p, &c);
}

static const char kexinit[] =
    "000000b4081400010203040506 0708090a0b0c0d0e0f"
    "0000002463757276653235353139 2d7368613235362c656364682d736861322d"
    "6e69737470323536000000137373682d656432353531392c7373682d727361"
    "0000000a6165733132382d6374720000000a6165733132382d637472"
    "0000000d686d61632d736861322d3235360000000d686d61632d736861322d323536"
    "000000046e6f6e65000000046e6f6e65"
    "000000000000000000000000000000000000000000";

static const char ed25519[] = "0000000b 7373682d65643235353139";

/* The exchange of keys; the server's answer holds its key and signature. */
static void
keys(struct plant *p, struct conn *c)
{
	struct msg *m = &p->ask, *a = &p->answer;

	m->n = a->n = 0;
	m_hex(m, kexinit);
	m_hex(a, kexinit);
	conn_swap(p, c);
	m->n = a->n = 0;
	m_hex(m, "0000002c 06 1e 00000020");
	m_fill(m, 0x33, 38);
	m_hex(a, "000000bc 08 1f 00000033");
	m_hex(a, ed25519);
	m_hex(a, "00000020");
	m_raw(a, c->b->mac, 6);
	m_fill(a, 0x44, 26);
	m_hex(a, "00000020");
	m_fill(a, 0x45, 32);
	m_hex(a, "00000053");
	m_hex(a, ed25519);
	m_hex(a, "00000040");
	m_fill(a, 0x46, 64 + 8);
	m_hex(a, "0000000c 0a 15 00000000000000000000");
	conn_swap(p, c);
}

void
ssh_session(struct plant *p, struct host *a, struct host *b, size_t size)
{
	struct conn c = conn_make(p, a, b, 22);

	conn_open(p, &c);
	p->ask.n = p->answer.n = 0;
	m_text(&p->ask, "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n");
	m_text(&p->answer, "SSH-2.0-dropbear_2020.81\r\n");
	conn_swap(p, &c);
	keys(p, &c);
	p->ask.n = 0;
	m_hex(&p->ask, "0000000c 0a 15 00000000000000000000");
	conn_say(p, &c, 0, &p->ask);
	conn_ack(p, &c, 1);
	conn_bulk(p, &c, 0, 64);
	conn_bulk(p, &c, 1, size);
	conn_close(p, &c);
}
