/* utf16.c - texts as Windows hashes them: UTF-16, little endian. */
#include <string.h>

#include "ntlm.h"

uint32_t
utf8_take(const uint8_t *p, uint32_t left, uint32_t *ret)
{
	uint32_t n = left == 0 || (*p >= 0x80 && *p < 0xc2) ? 0
	    : *p < 0x80                                     ? 1
	    : *p < 0xe0                                     ? 2
	    : *p < 0xf0                                     ? 3
	    : *p < 0xf5                                     ? 4
							    : 0;
	uint32_t c = n == 1 ? *p : n > 0 ? *p & (0x7fu >> n) : 0;

	if (n > left)
		return 0;
	for (uint32_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3fu);
	}
	if ((n == 3 && (c < 0x800 || (c >= 0xd800 && c < 0xe000))) ||
	    (n == 4 && (c < 0x10000 || c > 0x10ffff)))
		return 0;
	*ret = c;
	return n;
}

/*
 * Capitals of Latin, Greek and Cyrillic letters (Unicode, simple mapping):
 * the scripts in which names of accounts are written and which have any.
 */
static uint32_t
capital(uint32_t c)
{
	if ((c >= 'a' && c <= 'z') || (c >= 0xe0 && c <= 0xfe && c != 0xf7) ||
	    (c >= 0x3b1 && c <= 0x3c9 && c != 0x3c2) ||
	    (c >= 0x430 && c <= 0x44f))
		return c - 32;
	if (c >= 0x450 && c <= 0x45f)
		return c - 80;
	if (c == 0xff)
		return 0x178;
	if (c >= 0x139 && c <= 0x148)
		return c % 2 == 0 ? c - 1 : c;
	if ((c >= 0x100 && c <= 0x137 && c != 0x131) ||
	    (c >= 0x14a && c <= 0x177))
		return c & ~1u;
	return c == 0x17a || c == 0x17c || c == 0x17e ? c - 1 : c;
}

void
utf16_put(struct wr *w, const char *text, bool upper)
{
	const uint8_t *p = (const uint8_t *)text;
	uint32_t left = (uint32_t)strlen(text);

	while (left > 0) {
		uint32_t c = 0, n = utf8_take(p, left, &c);

		p += n > 0 ? n : 1;
		left -= n > 0 ? n : 1;
		if (n == 0)
			continue;
		if (upper)
			c = capital(c);
		if (c >= 0x10000) {
			wr_le16(w, 0xd800 + ((c - 0x10000) >> 10));
			c = 0xdc00 + ((c - 0x10000) & 0x3ff);
		}
		wr_le16(w, c);
	}
}
