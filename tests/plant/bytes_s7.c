/* bytes_s7.c - S7comm over COTP: data, identity, blocks, start and stop. */
#include <string.h>

#include "plant.h"

enum {
	JOB = 1,
	ACK_DATA = 3,
	USER = 7
};

/* TPKT, COTP data, S7 head; lengths are set by finish(). */
static void
start(struct msg *m, struct conn *c, unsigned kind)
{
	m->n = 0;
	m_hex(m, "03000000 02f080 32");
	m_u8(m, kind);
	m_b16(m, 0);
	m_b16(m, c->next);
	m_b32(m, 0);
	if (kind == ACK_DATA)
		m_b16(m, 0);
}

/* All after `param` bytes of parameters is data. */
static void
finish(struct msg *m, unsigned param)
{
	unsigned head = m->b[8] == ACK_DATA ? 19 : 17;

	m_set_b16(m, 2, m->n);
	m_set_b16(m, 13, param);
	m_set_b16(m, 15, m->n - head - param);
}

static void
begin(struct plant *p, struct conn *c)
{
	c->next++;
	start(&p->ask, c, JOB);
	start(&p->answer, c, ACK_DATA);
}

void
s7_open(struct plant *p, struct conn *c)
{
	struct msg *m = &p->ask, *a = &p->answer;

	conn_open(p, c);
	m->n = a->n = 0;
	m_hex(m, "03000016 11e00000000100 c0010a c1020100 c2020102");
	m_hex(a, "03000016 11d00001000200 c0010a c1020100 c2020102");
	conn_swap(p, c);
	begin(p, c);
	m_hex(m, "f000 0001 0001 01e0");
	m_hex(a, "f000 0001 0001 00f0");
	finish(m, 8);
	finish(a, 8);
	conn_swap(p, c);
}

static void
item(struct msg *m, unsigned fc, unsigned db, unsigned first, unsigned count)
{
	m_u8(m, fc);
	m_hex(m, "01 120a1002");
	m_b16(m, count);
	m_b16(m, db);
	m_u8(m, 0x84);
	m_u8(m, first * 8 >> 16);
	m_b16(m, first * 8 & 0xffff);
}

static void
values(struct plant *p, struct msg *m, const struct conn *c, unsigned which,
    unsigned count)
{
	m_u8(m, 4);
	m_b16(m, count * 8);
	for (unsigned i = 0; i + 1 < count; i += 2)
		m_b16(m, value_now(p, c->b->ip + which + i));
}

void
s7_read(struct plant *p, struct conn *c, unsigned db, unsigned first,
    unsigned count)
{
	begin(p, c);
	item(&p->ask, 4, db, first, count);
	finish(&p->ask, 14);
	m_hex(&p->answer, "0401 ff");
	values(p, &p->answer, c, db * 100 + first, count);
	finish(&p->answer, 2);
	conn_swap(p, c);
}

void
s7_write(struct plant *p, struct conn *c, unsigned db, unsigned first,
    unsigned count)
{
	begin(p, c);
	item(&p->ask, 5, db, first, count);
	m_u8(&p->ask, 0);
	values(p, &p->ask, c, db * 100 + first, count);
	finish(&p->ask, 14);
	m_hex(&p->answer, "0501 ff");
	finish(&p->answer, 2);
	conn_swap(p, c);
}

/* ------------------------------------------------------------------ identity
 */

static void
padded(struct msg *m, const char *text, uint32_t byte, size_t size)
{
	size_t n = strlen(text);

	m_raw(m, text, n);
	m_fill(m, byte, size - n);
}

static void
szl_module(struct msg *m, const struct host *h)
{
	static const uint16_t index[] = { 1, 6, 7 };

	for (unsigned i = 0; i < 3; i++) {
		m_b16(m, index[i]);
		padded(m, i < 2 ? "6ES7 315-2EH14-0AB0" : "", ' ', 20);
		m_b16(m, 0xc0);
		m_u8(m, i < 2 ? 0 : 'V');
		m_u8(m, i < 2 ? 5 : 3);
		m_u8(m, i < 2 ? 0 : 2);
		m_u8(m, i < 2 ? 1 : 6u + h->version);
	}
}

static void
szl_component(struct msg *m, const struct host *h)
{
	char serial[24];
	const char *text[] = { h->name, "CPU 315-2 PN/DP", "",
		"Original Siemens Equipment", serial };

	(void)snprintf(serial, sizeof(serial), "S C-C2UR%08u",
	    (unsigned)(h->serial % 100000000));
	for (unsigned i = 0; i < 5; i++) {
		m_b16(m, i + 1);
		padded(m, text[i], 0, 32);
	}
}

static void
szl(struct plant *p, struct conn *c, unsigned id, unsigned size, unsigned n,
    void (*body)(struct msg *, const struct host *))
{
	struct msg *m = &p->ask, *a = &p->answer;

	c->next++;
	start(m, c, USER);
	m_hex(m, "000112041144 0100 ff090004");
	m_b16(m, id);
	m_b16(m, 0);
	finish(m, 8);
	start(a, c, USER);
	m_hex(a, "000112081284 0101 00000000 ff09");
	m_b16(a, 8 + size * n);
	m_b16(a, id);
	m_b16(a, 0);
	m_b16(a, size);
	m_b16(a, n);
	body(a, c->b);
	finish(a, 12);
	conn_swap(p, c);
}

void
s7_identify(struct plant *p, struct conn *c)
{
	szl(p, c, 0x0011, 28, 3, szl_module);
	szl(p, c, 0x001c, 34, 5, szl_component);
}

/* -------------------------------------------------------------------- blocks
 */

/* A block's head, body and tail, all made up; its size is even. */
static void
block(struct msg *m, const char *name, unsigned size)
{
	m_hex(m, "70700101050a");
	m_b16(m, (unsigned)(name[4] - '0') * 10 + (unsigned)(name[5] - '0'));
	m_b32(m, size);
	m_fill(m, 0, 24);
	for (unsigned i = 36; i < size; i++)
		m_u8(m, i * 7 + (unsigned)(uint8_t)name[5]);
}

void
s7_upload(struct plant *p, struct conn *c, const char *name, unsigned size)
{
	struct msg *m = &p->ask, *a = &p->answer;

	begin(p, c);
	m_hex(m, "1d00 0000 00000000 09");
	m_text(m, name);
	finish(m, 18);
	m_hex(a, "1d00 0100 00000007 07");
	m_fill(a, '0', 4);
	m_u8(a, '0' + size / 100 % 10);
	m_u8(a, '0' + size / 10 % 10);
	m_u8(a, '0' + size % 10);
	finish(a, 16);
	conn_swap(p, c);
	begin(p, c);
	m_hex(m, "1e00 0000 00000007");
	finish(m, 8);
	m_hex(a, "1e00");
	m_b16(a, size);
	m_b16(a, 0x00fb);
	block(a, name, size);
	finish(a, 2);
	conn_swap(p, c);
	begin(p, c);
	m_hex(m, "1f00 0000 00000007");
	finish(m, 8);
	m_hex(a, "1f");
	finish(a, 1);
	conn_swap(p, c);
}

/* The controller asks, the station answers. */
static void
fetch(struct plant *p, struct conn *c, unsigned fc, const char *name,
    unsigned size)
{
	struct msg *m = &p->ask, *a = &p->answer;

	begin(p, c);
	m_u8(m, fc);
	m_hex(m, "00 0000 00000000 09");
	m_text(m, name);
	finish(m, 18);
	m_u8(a, fc);
	if (size != 0) {
		m_u8(a, 0);
		m_b16(a, size);
		m_b16(a, 0x00fb);
		block(a, name, size);
	}
	finish(a, size != 0 ? 2 : 1);
	conn_say(p, c, 1, m);
	conn_say(p, c, 0, a);
	conn_ack(p, c, 1);
}

static void
service(struct plant *p, struct conn *c, const struct msg *argument,
    const char *name)
{
	begin(p, c);
	m_hex(&p->ask, "28 000000000000 fd");
	m_b16(&p->ask, argument->n);
	m_raw(&p->ask, argument->b, argument->n);
	m_u8(&p->ask, (uint32_t)strlen(name));
	m_text(&p->ask, name);
	finish(&p->ask, p->ask.n - 17);
	m_hex(&p->answer, "28");
	finish(&p->answer, 1);
	conn_swap(p, c);
}

void
s7_download(struct plant *p, struct conn *c, const char *name, unsigned size)
{
	struct msg argument = { .n = 0 };
	char sizes[16];

	(void)snprintf(sizes, sizeof(sizes), "1%06u%06u", size, size - 36);
	begin(p, c);
	m_hex(&p->ask, "1a00 0100 00000000 09");
	m_text(&p->ask, name);
	m_u8(&p->ask, 13);
	m_text(&p->ask, sizes);
	finish(&p->ask, 32);
	m_hex(&p->answer, "1a");
	finish(&p->answer, 1);
	conn_swap(p, c);
	fetch(p, c, 0x1b, name, size);
	fetch(p, c, 0x1c, name, 0);
	m_hex(&argument, "0100");
	m_text(&argument, name + 1);
	service(p, c, &argument, "_INSE");
}

void
s7_stop(struct plant *p, struct conn *c)
{
	begin(p, c);
	m_hex(&p->ask, "29 0000000000 09");
	m_text(&p->ask, "P_PROGRAM");
	finish(&p->ask, 16);
	m_hex(&p->answer, "29");
	finish(&p->answer, 1);
	conn_swap(p, c);
}

void
s7_start(struct plant *p, struct conn *c)
{
	struct msg nothing = { .n = 0 };

	service(p, c, &nothing, "P_PROGRAM");
}
