/* bytes_smb.c - SMB 3.0.2: sign in, share, files there and back. */
#include <string.h>

#include "plant.h"

enum {
	NEGOTIATE = 0,
	SETUP = 1,
	LOGOFF = 2,
	TREE = 3,
	UNTREE = 4,
	CREATE = 5,
	CLOSE = 6,
	READ = 8,
	WRITE = 9,
	CHUNK = 65536
};

/* NetBIOS length and SMB2 head; conn.more: [0] tree is there, [1] session. */
static void
start(struct msg *m, const struct conn *c, unsigned command, bool answer,
    uint32_t status)
{
	m->n = 0;
	m_b32(m, 0);
	m_hex(m, "fe534d42 4000 0100");
	m_l32(m, status);
	m_l16(m, command);
	m_l16(m, 1);
	m_l32(m, answer);
	m_l32(m, 0);
	m_l64(m, c->next);
	m_l32(m, 0xfeff);
	m_l32(m, c->more[0]);
	m_l64(m, c->more[1]);
	m_fill(m, 0, 16);
}

static void
begin(struct plant *p, struct conn *c, unsigned command, uint32_t status)
{
	start(&p->ask, c, command, false, 0);
	start(&p->answer, c, command, true, status);
}

static void
swap(struct plant *p, struct conn *c)
{
	m_set_b16(&p->ask, 2, p->ask.n - 4);
	m_set_b16(&p->answer, 2, p->answer.n - 4);
	conn_swap(p, c);
	c->next++;
}

static void
negotiate(struct plant *p, struct conn *c)
{
	begin(p, c, NEGOTIATE, 0);
	m_hex(&p->ask, "2400 0300 0100 0000 7f000000");
	m_raw(&p->ask, c->a->mac, 6);
	m_fill(&p->ask, 0x5a, 10);
	m_hex(&p->ask, "0000000000000000 0202 1002 0203");
	m_hex(&p->answer, "4100 0100 0203 0000");
	m_raw(&p->answer, c->b->mac, 6);
	m_fill(&p->answer, 0xa5, 10);
	m_hex(&p->answer, "07000000 00001000 00001000 00001000");
	m_l64(&p->answer, p->now / 100 + 116444736000000000ull);
	m_l64(&p->answer, 0);
	m_hex(&p->answer, "8000 0000 00000000 00");
	swap(p, c);
}

static void
setup_head(struct msg *m, size_t size)
{
	m_hex(m, "1900 00 01 01000000 00000000 5800");
	m_l16(m, (uint32_t)size);
	m_l64(m, 0);
}

static void
field(struct msg *m, size_t n, uint32_t *at)
{
	m_l16(m, (uint32_t)n);
	m_l16(m, (uint32_t)n);
	m_l32(m, *at);
	*at += (uint32_t)n;
}

static void
pair(struct msg *m, unsigned id, const char *s)
{
	m_l16(m, id);
	m_l16(m, (uint32_t)strlen(s) * 2);
	m_utf16(m, s);
}

static void
challenge(struct plant *p, struct conn *c)
{
	struct msg ntlm = { .n = 0 };
	uint32_t at = 56,
		 info = 4 + 10 + 4 + (uint32_t)strlen(c->b->name) * 2 + 4;

	begin(p, c, SETUP, 0xc0000016);
	setup_head(&p->ask, 40);
	m_hex(&p->ask,
	    "4e544c4d53535000 01000000 978208e2"
	    "0000000000000000 0000000000000000 0a00614a 0000000f");
	m_hex(&ntlm, "4e544c4d53535000 02000000");
	field(&ntlm, 10, &at);
	m_hex(&ntlm, "158289e2 0001020304050607 0000000000000000");
	field(&ntlm, info, &at);
	m_hex(&ntlm, "0a00634f 0000000f");
	m_utf16(&ntlm, "PLANT");
	pair(&ntlm, 2, "PLANT");
	pair(&ntlm, 1, c->b->name);
	m_l32(&ntlm, 0);
	m_hex(&p->answer, "0900 0000 4800");
	m_l16(&p->answer, ntlm.n);
	m_raw(&p->answer, ntlm.b, ntlm.n);
	swap(p, c);
}

static void
authenticate(struct plant *p, struct conn *c)
{
	struct msg ntlm = { .n = 0 };
	const char *text[] = { "PLANT", c->a->user, c->a->name };
	uint32_t at = 72;

	m_hex(&ntlm, "4e544c4d53535000 03000000");
	field(&ntlm, 24, &at);
	field(&ntlm, 24, &at);
	for (unsigned i = 0; i < 3; i++)
		field(&ntlm, strlen(text[i]) * 2, &at);
	field(&ntlm, 0, &at);
	m_hex(&ntlm, "158288e2 0a00614a 0000000f");
	m_fill(&ntlm, 'L', 24);
	m_fill(&ntlm, 'N', 24);
	for (unsigned i = 0; i < 3; i++)
		m_utf16(&ntlm, text[i]);
	begin(p, c, SETUP, 0);
	setup_head(&p->ask, ntlm.n);
	m_raw(&p->ask, ntlm.b, ntlm.n);
	m_hex(&p->answer, "0900 0000 4800 0000");
	swap(p, c);
}

void
smb_begin(struct plant *p, struct conn *c, struct host *a, struct host *b,
    const char *share)
{
	char path[64];

	*c = conn_make(p, a, b, 445);
	conn_open(p, c);
	negotiate(p, c);
	c->more[1] = 0x40000000u | c->sport;
	challenge(p, c);
	authenticate(p, c);
	(void)snprintf(path, sizeof(path), "\\\\%s\\%s", b->name, share);
	begin(p, c, TREE, 0);
	m_hex(&p->ask, "0900 0000 4800");
	m_l16(&p->ask, (uint32_t)strlen(path) * 2);
	m_utf16(&p->ask, path);
	c->more[0] = 1;
	start(&p->answer, c, TREE, true, 0);
	m_hex(&p->answer, "1000 01 00 00000000 00000000 ff011f00");
	swap(p, c);
}

static void
handle(struct msg *m, const struct conn *c)
{
	m_l64(m, c->sport);
	m_l64(m, 0xffffffff);
}

static void
create(struct plant *p, struct conn *c, const char *file, size_t size,
    bool write)
{
	struct msg *m = &p->ask, *a = &p->answer;

	begin(p, c, CREATE, 0);
	m_hex(m, "3900 00 00 02000000");
	m_l64(m, 0);
	m_l64(m, 0);
	m_l32(m, write ? 0x00120196 : 0x00120089);
	m_l32(m, 0);
	m_l32(m, 7);
	m_l32(m, write ? 5 : 1);
	m_l32(m, 0x40);
	m_l16(m, 120);
	m_l16(m, (uint32_t)strlen(file) * 2);
	m_l64(m, 0);
	m_utf16(m, file);
	m_hex(a, "5900 00 00");
	m_l32(a, write ? 2 : 1);
	for (unsigned i = 0; i < 4; i++)
		m_l64(a, p->now / 100 + 116444736000000000ull);
	m_l64(a, write ? 0 : (size + 4095) & ~(size_t)4095);
	m_l64(a, write ? 0 : size);
	m_l32(a, 0x80);
	m_l32(a, 0);
	handle(a, c);
	m_l64(a, 0);
	swap(p, c);
}

/* Says the length of a message whose last `n` bytes follow as bulk. */
static void
whole(struct msg *m, size_t n)
{
	m->b[1] = (uint8_t)((m->n - 4 + n) >> 16);
	m_set_b16(m, 2, (uint32_t)(m->n - 4 + n) & 0xffff);
}

static void
put(struct plant *p, struct conn *c, size_t at, size_t n)
{
	begin(p, c, WRITE, 0);
	m_hex(&p->ask, "3100 7000");
	m_l32(&p->ask, (uint32_t)n);
	m_l64(&p->ask, at);
	handle(&p->ask, c);
	m_fill(&p->ask, 0, 16);
	m_hex(&p->answer, "1100 0000");
	m_l32(&p->answer, (uint32_t)n);
	m_hex(&p->answer, "00000000 00000000");
	whole(&p->ask, n);
	whole(&p->answer, 0);
	conn_say(p, c, 0, &p->ask);
	conn_bulk(p, c, 0, n);
	conn_say(p, c, 1, &p->answer);
	conn_ack(p, c, 0);
	c->next++;
}

static void
get(struct plant *p, struct conn *c, size_t at, size_t n)
{
	begin(p, c, READ, 0);
	m_hex(&p->ask, "3100 5000");
	m_l32(&p->ask, (uint32_t)n);
	m_l64(&p->ask, at);
	handle(&p->ask, c);
	m_fill(&p->ask, 0, 17);
	m_hex(&p->answer, "1100 5000");
	m_l32(&p->answer, (uint32_t)n);
	m_l64(&p->answer, 0);
	whole(&p->ask, 0);
	whole(&p->answer, n);
	conn_say(p, c, 0, &p->ask);
	conn_say(p, c, 1, &p->answer);
	conn_bulk(p, c, 1, n);
	c->next++;
}

void
smb_copy(struct plant *p, struct conn *c, const char *file, size_t size,
    bool write)
{
	create(p, c, file, size, write);
	for (size_t at = 0; at < size; at += CHUNK) {
		size_t n = size - at < CHUNK ? size - at : CHUNK;

		if (write)
			put(p, c, at, n);
		else
			get(p, c, at, n);
	}
	begin(p, c, CLOSE, 0);
	m_hex(&p->ask, "1800 0000 00000000");
	handle(&p->ask, c);
	m_hex(&p->answer, "3c00 0000 00000000");
	m_fill(&p->answer, 0, 52);
	swap(p, c);
}

void
smb_end(struct plant *p, struct conn *c)
{
	static const unsigned last[] = { UNTREE, LOGOFF };

	for (unsigned i = 0; i < 2; i++) {
		begin(p, c, last[i], 0);
		m_hex(&p->ask, "0400 0000");
		m_hex(&p->answer, "0400 0000");
		swap(p, c);
		c->more[0] = 0;
	}
	conn_close(p, c);
}
