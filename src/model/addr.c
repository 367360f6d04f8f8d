/*
 * addr.c - what kind of address it is, and how it is written.
 *
 * IPv4 blocks: RFC 6890; private use RFC 1918, shared RFC 6598, link-local
 * RFC 3927, multicast RFC 5771.  IPv6: RFC 4291, unique local RFC 4193; text
 * RFC 5952.  MAC addresses as six pairs with colons.
 */
#include "addr.h"

#include <stdio.h>

struct block { /* the addresses that begin with these bits */
	uint8_t len; /* of the address: 4 or 16 */
	uint8_t bits;
	uint8_t head[4];
};

static bool
same_head(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	return memcmp(a, b, whole) == 0 &&
	    (rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0);
}

static bool
in_block(const struct ip *ip, const struct block *b)
{
	return ip->len == b->len && same_head(ip->b, b->head, b->bits);
}

/* All zero but for the last byte. */
static bool
is_small(const struct ip *ip, uint8_t last)
{
	static const uint8_t zero[16];

	return ip->len > 0 && memcmp(ip->b, zero, ip->len - 1u) == 0 &&
	    ip->b[ip->len - 1] == last;
}

bool
ip_is_zero(const struct ip *ip)
{
	return is_small(ip, 0);
}

bool
ip_is_group(const struct ip *ip)
{
	static const struct block multicast4 = { 4, 4, { 224 } };
	static const struct block broadcast = { 4, 32, { 255, 255, 255, 255 } };
	static const struct block multicast6 = { 16, 8, { 0xff } };

	return in_block(ip, &multicast4) || in_block(ip, &multicast6) ||
	    in_block(ip, &broadcast);
}

bool
ip_is_loopback(const struct ip *ip)
{
	static const struct block loopback = { 4, 8, { 127 } };

	return in_block(ip, &loopback) || (ip->len == 16 && is_small(ip, 1));
}

bool
ip_is_link_local(const struct ip *ip)
{
	static const struct block local4 = { 4, 16, { 169, 254 } };
	static const struct block local6 = { 16, 10, { 0xfe, 0x80 } };

	return in_block(ip, &local4) || in_block(ip, &local6);
}

bool
ip_is_private(const struct ip *ip)
{
	static const struct block inside[] = {
		{ 4, 8, { 10 } },
		{ 4, 12, { 172, 16 } },
		{ 4, 16, { 192, 168 } },
		{ 4, 10, { 100, 64 } },
		{ 4, 15, { 198, 18 } },
		{ 16, 7, { 0xfc } },
	};

	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
		if (in_block(ip, &inside[i]))
			return true;
	return ip_is_link_local(ip);
}

bool
ttl_is_fresh(uint8_t ttl)
{
	return ttl == 255 || ttl == 128 || ttl == 64 || ttl == 60 ||
	    ttl == 32 || ttl == 30 || ttl == 1;
}

static char *
put_decimal(char *at, uint32_t v)
{
	if (v >= 100)
		*at++ = (char)('0' + v / 100);
	if (v >= 10)
		*at++ = (char)('0' + v / 10 % 10);
	*at++ = (char)('0' + v % 10);
	return at;
}

static char *
put_ip4(char *at, const uint8_t b[static 4])
{
	for (int i = 0; i < 4; i++) {
		at = put_decimal(at, b[i]);
		*at++ = '.';
	}
	return at - 1;
}

static char *
put_hex(char *at, uint32_t v)
{
	for (int shift = 12; shift >= 0; shift -= 4)
		if (v >> shift != 0 || shift == 0)
			*at++ = "0123456789abcdef"[v >> shift & 15];
	return at;
}

/* The longest run of two or more zero groups, the first of equals. */
static int
zero_run(const uint32_t group[static 8], int n, int *ret_len)
{
	int best = -1, len = 1;

	for (int i = 0, run = 0; i < n; i++) {
		run = group[i] == 0 ? run + 1 : 0;
		if (run > len) {
			len = run;
			best = i - run + 1;
		}
	}
	*ret_len = len;
	return best;
}

static char *
put_ip6(char *at, const uint8_t b[static 16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	bool dotted = memcmp(b, mapped, sizeof(mapped)) == 0;
	int n = dotted ? 6 : 8, len, gap;
	uint32_t group[8];

	for (int i = 0; i < 8; i++)
		group[i] = (uint32_t)b[2 * i] << 8 | b[2 * i + 1];
	gap = zero_run(group, n, &len);
	for (int i = 0; i < n; i++) {
		if (i == gap) {
			*at++ = ':';
			i += len - 1;
			if (i == n - 1)
				*at++ = ':';
			continue;
		}
		if (i > 0)
			*at++ = ':';
		at = put_hex(at, group[i]);
	}
	if (!dotted)
		return at;
	*at++ = ':';
	return put_ip4(at, b + 12);
}

bool
ip_in_prefix(const struct ip *ip, const struct ip *prefix, unsigned bits)
{
	return ip->len == prefix->len && bits <= ip->len * 8u &&
	    same_head(ip->b, prefix->b, bits);
}

const char *
ip_text(const struct ip *ip, char dst[static ADDR_TEXT_MAX])
{
	char *end = dst;

	if (ip->len == 4)
		end = put_ip4(dst, ip->b);
	else if (ip->len == 16)
		end = put_ip6(dst, ip->b);
	*end = '\0';
	return dst;
}

const char *
mac_text(const struct mac *m, char dst[static MAC_TEXT_MAX])
{
	char *at = dst;

	for (int i = 0; i < 6; i++) {
		*at++ = "0123456789abcdef"[m->b[i] >> 4];
		*at++ = "0123456789abcdef"[m->b[i] & 15];
		*at++ = i < 5 ? ':' : '\0';
	}
	return dst;
}

const char *
addr_text(const struct addr *a, char dst[static ADDR_TEXT_MAX])
{
	char mac[MAC_TEXT_MAX];

	if (a->ip.len > 0)
		return ip_text(&a->ip, dst);
	(void)snprintf(dst, ADDR_TEXT_MAX, "%s",
	    a->has_mac ? mac_text(&a->mac, mac) : "");
	return dst;
}
