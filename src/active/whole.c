/* whole.c - where an answer that comes by TCP ends. */
#include "private.h"

#define NEVER UINT32_MAX

/* A length field at `at`; what it does not count is `more`. */
static uint32_t
by_field(struct span s, uint32_t at, uint32_t size, bool little, uint32_t more)
{
	uint32_t n = 0;

	if (s.n < at + size)
		return 0;
	for (uint32_t i = 0; i < size; i++)
		n = n << 8 | s.p[at + (little ? size - 1 - i : i)];
	return n > ACTIVE_ANSWER_MAX ? NEVER : n + more;
}

uint32_t
whole_enip(struct span s)
{
	return by_field(s, 2, 2, true, 24);
}

uint32_t
whole_tpkt(struct span s)
{
	uint32_t n = by_field(s, 2, 2, false, 0);

	return (s.n > 0 && s.p[0] != 3) || (n > 0 && n < 7) ? NEVER : n;
}

uint32_t
whole_modbus(struct span s)
{
	return by_field(s, 4, 2, false, 6);
}

uint32_t
whole_opcua(struct span s)
{
	uint32_t n = by_field(s, 4, 4, true, 0);

	return n > 0 && n < 8 ? NEVER : n;
}

/* User data in blocks of 16, each with its check sum. */
uint32_t
whole_dnp3(struct span s)
{
	uint32_t user;

	if (s.n < 3)
		return 0;
	if (s.p[0] != 0x05 || s.p[1] != 0x64 || s.p[2] < 5)
		return NEVER;
	user = s.p[2] - 5u;
	return 10 + user + 2 * ((user + 15) / 16);
}

uint32_t
whole_melsec(struct span s)
{
	return by_field(s, 7, 2, true, 9);
}

uint32_t
whole_dns(struct span s)
{
	return by_field(s, 0, 2, false, 2);
}

/* Until it hangs up, or the head and enough of the body for a title. */
uint32_t
whole_http(struct span s)
{
	return s.n >= 16384 ? s.n : 0;
}

/* Until ServerHelloDone, or an alert. */
uint32_t
whole_tls(struct span s)
{
	static const uint8_t done[] = { 14, 0, 0, 0 };
	uint32_t at = 0;

	while (s.n - at >= 5) {
		uint32_t n = (uint32_t)s.p[at + 3] << 8 | s.p[at + 4];

		if (s.p[at] < 20 || s.p[at] > 23 || s.p[at + 1] != 3)
			return NEVER;
		if (s.n - at - 5 < n)
			return 0;
		at += 5 + n;
		if (s.p[at - n - 5] == 21 ||
		    (n >= 4 && memcmp(s.p + at - 4, done, 4) == 0))
			return at;
	}
	return 0;
}

/* 00 01 17 e8, the length of all. */
uint32_t
whole_codesys(struct span s)
{
	static const uint8_t magic[] = { 0, 1, 0x17, 0xe8 };
	uint32_t n = by_field(s, 4, 4, true, 0);

	return (s.n >= sizeof(magic) &&
		   memcmp(s.p, magic, sizeof(magic)) != 0) ||
		(n > 0 && n < 20)
	    ? NEVER
	    : n;
}
