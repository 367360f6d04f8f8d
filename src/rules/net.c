/*
 * net.c - addresses of a condition: one, a prefix, or a MAC address by its
 * first bytes.
 *
 * Two to six pairs of hexadecimal digits are a MAC address or its beginning;
 * no IPv6 address looks like that, as it has eight groups or "::".
 */
#include <arpa/inet.h>

#include "../base/hex.h"
#include "private.h"

/* Everything after the first `bits` bits: zero in low, one in high. */
static void
open_end(struct net *n)
{
	for (uint32_t i = 0; i < n->len; i++) {
		uint32_t kept = n->bits > 8 * i ? n->bits - 8 * i : 0;
		uint32_t rest = kept < 8 ? 0xffu >> kept : 0;

		n->high[i] = (uint8_t)(n->low[i] | rest);
		n->low[i] = (uint8_t)(n->low[i] & ~rest);
	}
}

static bool
read_mac(struct span s, struct net *ret)
{
	uint32_t pairs = (s.n + 1) / 3;

	if (s.n % 3 != 2 || pairs < 2 || pairs > 6)
		return false;
	*ret = (struct net){ .len = 6, .bits = (uint8_t)(8 * pairs) };
	for (uint32_t i = 0; i < pairs; i++) {
		uint32_t a = hex_digit(s.p[3 * i]);
		uint32_t b = hex_digit(s.p[3 * i + 1]);

		if (a > 15 || b > 15 || (i > 0 && s.p[3 * i - 1] != ':'))
			return false;
		ret->low[i] = (uint8_t)(a << 4 | b);
	}
	open_end(ret);
	return true;
}

/* Decimal digits, at most `most`. */
static bool
read_bits(struct span s, uint32_t most, uint8_t *ret)
{
	uint32_t v = 0;

	if (s.n < 1 || s.n > 3)
		return false;
	for (uint32_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = v * 10 + s.p[i] - '0';
	}
	*ret = (uint8_t)v;
	return v <= most;
}

static bool
read_ip(struct span s, struct net *ret)
{
	uint32_t slash = span_find(s, '/');
	char text[64];

	if (slash >= sizeof(text))
		return false;
	if (slash > 0)
		memcpy(text, s.p, slash);
	text[slash] = '\0';
	*ret = (struct net){ .len = 0 };
	if (inet_pton(AF_INET, text, ret->low) == 1)
		ret->len = 4;
	else if (inet_pton(AF_INET6, text, ret->low) == 1)
		ret->len = 16;
	else
		return false;
	ret->bits = (uint8_t)(8 * ret->len);
	if (slash < s.n &&
	    !read_bits(span_from(s, slash + 1), ret->bits, &ret->bits))
		return false;
	open_end(ret);
	return true;
}

bool
rule_net(struct span s, struct net *ret)
{
	return read_mac(s, ret) || read_ip(s, ret);
}

bool
rule_addr(struct span s, struct addr *ret)
{
	struct net net;

	if (!rule_net(s, &net) || net.bits != net.len * 8u)
		return false;
	*ret = (struct addr){ .has_mac = net.len == 6 };
	if (net.len == 6) {
		memcpy(ret->mac.b, net.low, 6);
	} else {
		ret->ip.len = net.len;
		memcpy(ret->ip.b, net.low, net.len);
	}
	return true;
}
