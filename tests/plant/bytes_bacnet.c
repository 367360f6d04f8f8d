/* bytes_bacnet.c - BACnet/IP: who is there, properties read and written. */
#include <string.h>

#include "plant.h"

enum {
	PORT = 47808,
	DEVICE = 8
};

static void
start(struct msg *m, unsigned function, unsigned expects)
{
	m->n = 0;
	m_u8(m, 0x81);
	m_u8(m, function);
	m_b16(m, 0);
	m_u8(m, 1);
	m_u8(m, expects);
}

static void
send(struct plant *p, struct host *a, struct host *b, struct msg *m)
{
	m_set_b16(m, 2, m->n);
	if (b != NULL)
		send_udp(p, a, b, PORT, PORT, m);
	else
		send_udp_all(p, a, everybody, IP(10, 30, 3, 255), PORT, PORT,
		    m);
}

static unsigned
device_id(const struct host *h)
{
	return 1000u + h->number;
}

void
bacnet_iam(struct plant *p, struct host *h)
{
	start(&p->answer, 0x0b, 0);
	m_hex(&p->answer, "1000 c4");
	m_b32(&p->answer, (uint32_t)DEVICE << 22 | device_id(h));
	m_hex(&p->answer, "2201e0 9100 2105");
	send(p, h, NULL, &p->answer);
}

void
bacnet_who(struct plant *p, struct host *asks)
{
	start(&p->ask, 0x0b, 0);
	m_hex(&p->ask, "1008");
	send(p, asks, NULL, &p->ask);
	for (uint32_t i = 0; i < p->n_hosts; i++)
		if (p->host[i].kind == KIND_BACNET && !p->host[i].away)
			bacnet_iam(p, &p->host[i]);
}

static void
text(struct msg *m, const char *s)
{
	uint32_t n = (uint32_t)strlen(s) + 1;

	m_u8(m, 0x75);
	m_u8(m, n);
	m_u8(m, 0);
	m_text(m, s);
}

static void
value(struct plant *p, struct msg *m, const struct host *h, unsigned instance,
    unsigned property)
{
	char version[16];

	switch (property) {
	case 77:
		text(m, h->name);
		break;
	case 70:
		text(m, "MS-NAE3514-2");
		break;
	case 44:
		(void)snprintf(version, sizeof(version), "9.0.%u",
		    7u + h->version);
		text(m, version);
		break;
	default:
		m_u8(m, 0x44);
		m_bf32(m, value_now(p, h->ip + instance) / 10.0);
		break;
	}
}

/* The invoke identifier follows what the asking host has sent. */
void
bacnet_read(struct plant *p, struct host *a, struct host *b, unsigned kind,
    unsigned instance, unsigned property)
{
	unsigned id = a->ident & 0xff;
	uint32_t object =
	    kind << 22 | (kind == DEVICE ? device_id(b) : instance);

	start(&p->ask, 0x0a, 4);
	m_hex(&p->ask, "0005");
	m_u8(&p->ask, id);
	m_hex(&p->ask, "0c0c");
	m_b32(&p->ask, object);
	m_u8(&p->ask, 0x19);
	m_u8(&p->ask, property);
	send(p, a, b, &p->ask);
	start(&p->answer, 0x0a, 0);
	m_u8(&p->answer, 0x30);
	m_u8(&p->answer, id);
	m_hex(&p->answer, "0c0c");
	m_b32(&p->answer, object);
	m_u8(&p->answer, 0x19);
	m_u8(&p->answer, property);
	m_u8(&p->answer, 0x3e);
	value(p, &p->answer, b, instance, property);
	m_u8(&p->answer, 0x3f);
	send(p, b, a, &p->answer);
}

void
bacnet_write(struct plant *p, struct host *a, struct host *b, unsigned kind,
    unsigned instance, double v)
{
	unsigned id = a->ident & 0xff;

	start(&p->ask, 0x0a, 4);
	m_hex(&p->ask, "0005");
	m_u8(&p->ask, id);
	m_hex(&p->ask, "0f0c");
	m_b32(&p->ask, kind << 22 | instance);
	m_hex(&p->ask, "1955 3e44");
	m_bf32(&p->ask, v);
	m_hex(&p->ask, "3f 4908");
	send(p, a, b, &p->ask);
	start(&p->answer, 0x0a, 0);
	m_u8(&p->answer, 0x20);
	m_u8(&p->answer, id);
	m_u8(&p->answer, 0x0f);
	send(p, b, a, &p->answer);
}
