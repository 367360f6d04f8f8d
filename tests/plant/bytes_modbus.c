/* bytes_modbus.c - Modbus/TCP. */
#include "plant.h"

/* Both heads; the bodies follow, then swap() says how long they are. */
static void
start(struct plant *p, struct conn *c, unsigned unit)
{
	struct msg *both[2] = { &p->ask, &p->answer };

	c->next++;
	for (unsigned i = 0; i < 2; i++) {
		both[i]->n = 0;
		m_b16(both[i], c->next);
		m_b32(both[i], 0);
		m_u8(both[i], unit);
	}
}

static void
swap(struct plant *p, struct conn *c)
{
	m_set_b16(&p->ask, 4, p->ask.n - 6);
	m_set_b16(&p->answer, 4, p->answer.n - 6);
	conn_swap(p, c);
}

static void
range(struct msg *m, unsigned fc, unsigned first, unsigned count)
{
	m_u8(m, fc);
	m_b16(m, first);
	m_b16(m, count);
}

void
modbus_read(struct plant *p, struct conn *c, unsigned unit, unsigned fc,
    unsigned first, unsigned count)
{
	unsigned size = fc <= 2 ? (count + 7) / 8 : count * 2;

	start(p, c, unit);
	range(&p->ask, fc, first, count);
	m_u8(&p->answer, fc);
	m_u8(&p->answer, size);
	for (unsigned i = 0; fc > 2 && i < count; i++)
		m_b16(&p->answer, value_now(p, c->b->ip + first + i));
	if (fc <= 2)
		m_fill(&p->answer, 0x11, size);
	swap(p, c);
}

void
modbus_write(struct plant *p, struct conn *c, unsigned unit, unsigned first,
    unsigned count, unsigned value)
{
	start(p, c, unit);
	range(&p->ask, count == 1 ? 6 : 16, first, count == 1 ? value : count);
	range(&p->answer, count == 1 ? 6 : 16, first,
	    count == 1 ? value : count);
	if (count > 1) {
		m_u8(&p->ask, count * 2);
		for (unsigned i = 0; i < count; i++)
			m_b16(&p->ask, value + i);
	}
	swap(p, c);
}

void
modbus_refuse(struct plant *p, struct conn *c, unsigned unit, unsigned fc,
    unsigned first, unsigned code)
{
	start(p, c, unit);
	range(&p->ask, fc, first, 1);
	m_u8(&p->answer, fc | 0x80);
	m_u8(&p->answer, code);
	swap(p, c);
}

struct product {
	const char *vendor, *model;
};

static struct product
product_of(const struct host *h)
{
	static const struct product schneider[] = {
		{ "Schneider Electric", "BMX P34 2020" },
		{ "Schneider Electric", "TM221CE24R" },
	};

	if (h->kind == KIND_DRIVE_MODBUS)
		return (struct product){ "Danfoss", "FC-302" };
	if (h->kind == KIND_GATEWAY)
		return (struct product){ "Moxa", "MGate MB3180" };
	return schneider[h->number % 2];
}

void
modbus_identify(struct plant *p, struct conn *c, unsigned unit)
{
	struct product what = product_of(c->b);
	char version[16];
	const char *texts[3] = { what.vendor, what.model, version };

	(void)snprintf(version, sizeof(version), "v2.%u", 60u + c->b->version);
	start(p, c, unit);
	m_hex(&p->ask, "2b0e0100");
	m_hex(&p->answer, "2b0e0101000003");
	for (unsigned i = 0; i < 3; i++) {
		uint32_t at;

		m_u8(&p->answer, i);
		m_u8(&p->answer, 0);
		at = p->answer.n;
		m_text(&p->answer, texts[i]);
		p->answer.b[at - 1] = (uint8_t)(p->answer.n - at);
	}
	swap(p, c);
}
