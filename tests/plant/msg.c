/* msg.c - bytes of one message, put one after the other. */
#include <stdlib.h>
#include <string.h>

#include "plant.h"

static uint8_t *
room(struct msg *m, size_t n)
{
	uint8_t *at = m->b + m->n;

	if (n > sizeof(m->b) - m->n)
		abort();
	m->n += (uint32_t)n;
	return at;
}

void
m_raw(struct msg *m, const void *from, size_t n)
{
	if (n != 0)
		memcpy(room(m, n), from, n);
}

void
m_fill(struct msg *m, uint32_t byte, size_t n)
{
	if (n != 0)
		memset(room(m, n), (int)(byte & 0xff), n);
}

static void
put_b(uint8_t *at, uint64_t v, unsigned n)
{
	for (unsigned i = n; i-- > 0; v >>= 8)
		at[i] = (uint8_t)v;
}

static void
put_l(uint8_t *at, uint64_t v, unsigned n)
{
	for (unsigned i = 0; i < n; i++, v >>= 8)
		at[i] = (uint8_t)v;
}

void
m_u8(struct msg *m, uint32_t v)
{
	*room(m, 1) = (uint8_t)v;
}

void
m_b16(struct msg *m, uint32_t v)
{
	put_b(room(m, 2), v, 2);
}

void
m_b32(struct msg *m, uint32_t v)
{
	put_b(room(m, 4), v, 4);
}

void
m_b64(struct msg *m, uint64_t v)
{
	put_b(room(m, 8), v, 8);
}

void
m_l16(struct msg *m, uint32_t v)
{
	put_l(room(m, 2), v, 2);
}

void
m_l32(struct msg *m, uint32_t v)
{
	put_l(room(m, 4), v, 4);
}

void
m_l64(struct msg *m, uint64_t v)
{
	put_l(room(m, 8), v, 8);
}

static uint32_t
bits32(double v)
{
	float f = (float)v;
	uint32_t u;

	memcpy(&u, &f, sizeof(u));
	return u;
}

void
m_bf32(struct msg *m, double v)
{
	m_b32(m, bits32(v));
}

void
m_lf32(struct msg *m, double v)
{
	m_l32(m, bits32(v));
}

void
m_lf64(struct msg *m, double v)
{
	uint64_t u;

	memcpy(&u, &v, sizeof(u));
	m_l64(m, u);
}

void
m_text(struct msg *m, const char *s)
{
	m_raw(m, s, strlen(s));
}

void
m_utf16(struct msg *m, const char *s)
{
	for (; *s != '\0'; s++)
		m_l16(m, (uint8_t)*s);
}

static unsigned
digit(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
}

/* Pairs of digits; spaces anywhere between. */
void
m_hex(struct msg *m, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == ' ')
			continue;
		m_u8(m, digit(s[0]) << 4 | digit(s[1]));
		s++;
	}
}

void
m_set_b16(struct msg *m, uint32_t at, uint32_t v)
{
	put_b(m->b + at, v, 2);
}

void
m_set_l16(struct msg *m, uint32_t at, uint32_t v)
{
	put_l(m->b + at, v, 2);
}

void
m_set_l32(struct msg *m, uint32_t at, uint32_t v)
{
	put_l(m->b + at, v, 4);
}

uint32_t
m_ber(struct msg *m, uint32_t tag)
{
	m_u8(m, tag);
	m_u8(m, 0);
	return m->n;
}

void
m_ber_end(struct msg *m, uint32_t mark)
{
	uint32_t n = m->n - mark;
	uint32_t extra = n < 128 ? 0 : n < 256 ? 1 : 2;

	(void)room(m, extra);
	memmove(m->b + mark + extra, m->b + mark, n);
	m->b[mark - 1] = (uint8_t)(extra == 0 ? n : 0x80 | extra);
	put_b(m->b + mark, n, extra);
}

void
m_ber_raw(struct msg *m, uint32_t tag, const void *from, size_t n)
{
	uint32_t mark = m_ber(m, tag);

	m_raw(m, from, n);
	m_ber_end(m, mark);
}

void
m_ber_text(struct msg *m, uint32_t tag, const char *s)
{
	m_ber_raw(m, tag, s, strlen(s));
}

/* A number that is not negative, in as few bytes as it takes. */
void
m_ber_u32(struct msg *m, uint32_t tag, uint32_t v)
{
	uint8_t b[5] = { 0 };
	unsigned i = 0;

	put_b(b + 1, v, 4);
	while (i < 4 && b[i] == 0 && b[i + 1] < 128)
		i++;
	m_ber_raw(m, tag, b + i, 5 - i);
}
