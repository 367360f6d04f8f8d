/* plan.c - whom a method would ask, how often, and how long that takes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../rules/rules.h"
#include "active.h"

/* ----------------------------------------------------------- addresses count
 */

/* Addresses as numbers: of IPv6 the low 64 bits, the high ones alike. */
static uint64_t
low_of(const struct ip *ip)
{
	uint64_t n = 0;

	for (unsigned i = ip->len == 16 ? 8 : 0; i < ip->len; i++)
		n = n << 8 | ip->b[i];
	return n;
}

static struct ip
with_low(const struct ip *like, uint64_t n)
{
	struct ip ip = *like;

	for (unsigned i = ip.len; i-- > (ip.len == 16 ? 8u : 0u); n >>= 8)
		ip.b[i] = (uint8_t)n;
	return ip;
}

static uint64_t
size_of(const struct active_range *r)
{
	uint64_t n = low_of(&r->last) - low_of(&r->first);

	return n == UINT64_MAX ? n : n + 1;
}

static bool
alike(const struct ip *a, const struct ip *b)
{
	return a->len == b->len && (a->len == 4 || memcmp(a->b, b->b, 8) == 0);
}

/* -------------------------------------------------------------------- reading
 */

static bool
read_ip(const char *p, size_t n, struct ip *ret)
{
	struct addr a;

	if (!rule_addr(SPAN((const uint8_t *)p, (uint32_t)n), &a) ||
	    a.ip.len == 0)
		return false;
	*ret = a.ip;
	return true;
}

/* The bits below the prefix, all zero or all one. */
static struct ip
fill(struct ip ip, unsigned bits, bool ones)
{
	for (unsigned i = 0; i < ip.len; i++) {
		unsigned keep = bits > 8 * i ? bits - 8 * i : 0;
		uint8_t mask = (uint8_t)(keep >= 8 ? 0 : 0xffu >> keep);

		ip.b[i] =
		    (uint8_t)(ones ? ip.b[i] | mask : ip.b[i] & (uint8_t)~mask);
	}
	return ip;
}

static bool
read_prefix(const char *text, size_t slash, struct active_range *ret)
{
	char *end;
	unsigned long bits = strtoul(text + slash + 1, &end, 10);

	if (!read_ip(text, slash, &ret->first) || text[slash + 1] < '0' ||
	    text[slash + 1] > '9' || *end != '\0' ||
	    bits > 8ul * ret->first.len)
		return false;
	/* more than 2^64 is too many in any case */
	if (ret->first.len == 16 && bits < 64)
		bits = 64;
	ret->last = fill(ret->first, (unsigned)bits, true);
	ret->first = fill(ret->first, (unsigned)bits, false);
	if (ret->first.len == 4 && bits <= 30) { /* network, broadcast */
		ret->first = with_low(&ret->first, low_of(&ret->first) + 1);
		ret->last = with_low(&ret->last, low_of(&ret->last) - 1);
	}
	return true;
}

bool
active_range_read(const char *text, struct active_range *ret)
{
	size_t slash = strcspn(text, "/"), dash = strcspn(text, "-");

	if (text[slash] == '/')
		return read_prefix(text, slash, ret);
	if (!read_ip(text, dash, &ret->first))
		return false;
	ret->last = ret->first;
	return text[dash] == '\0' ||
	    (read_ip(text + dash + 1, strlen(text + dash + 1), &ret->last) &&
		alike(&ret->first, &ret->last) &&
		low_of(&ret->first) <= low_of(&ret->last));
}

/* --------------------------------------------------------------------- adding
 */

static bool
too_many(uint64_t n, char *ret_error, size_t cap)
{
	(void)snprintf(ret_error, cap,
	    "that would ask %" PRIu64 " addresses, of at most %u: name the "
	    "subnets in which the devices are",
	    n, ACTIVE_TARGETS);
	return false;
}

static bool
is_no_host(const struct ip *ip)
{
	static const uint8_t none[16];

	return ip_is_group(ip) || memcmp(ip->b, none, ip->len) == 0;
}

/* Joins what touches, so that no address counts twice. */
static bool
take_in(struct active_plan *p, struct active_range r)
{
	for (uint32_t i = 0; i < p->n_range;) {
		struct active_range *o = &p->range[i];

		if (!alike(&o->first, &r.first) ||
		    low_of(&o->first) > low_of(&r.last) ||
		    low_of(&r.first) > low_of(&o->last)) {
			i++;
			continue;
		}
		if (low_of(&o->first) < low_of(&r.first))
			r.first = o->first;
		if (low_of(&o->last) > low_of(&r.last))
			r.last = o->last;
		*o = p->range[--p->n_range];
		i = 0;
	}
	if (p->n_range == ACTIVE_RANGES)
		return false;
	p->range[p->n_range++] = r;
	return true;
}

static uint64_t
count(const struct active_plan *p)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < p->n_range; i++) {
		uint64_t one = size_of(&p->range[i]);

		n = n + one < n ? UINT64_MAX : n + one;
	}
	return n;
}

bool
active_plan_add(struct active_plan *p, const struct active_range *r,
    char *ret_error, size_t cap)
{
	struct active_plan *before = malloc(sizeof(*before));
	bool fits;

	if (before == NULL || is_no_host(&r->first) || is_no_host(&r->last)) {
		(void)snprintf(ret_error, cap, "%s",
		    before == NULL ? "out of memory"
				   : "multicast and broadcast addresses are "
				     "not asked");
		free(before);
		return false;
	}
	*before = *p;
	fits = take_in(p, *r);
	if (!fits)
		(void)snprintf(ret_error, cap, "more than %u ranges",
		    ACTIVE_RANGES);
	else if (count(p) > ACTIVE_TARGETS)
		fits = too_many(count(p), ret_error, cap);
	if (!fits)
		*p = *before;
	free(before);
	return fits;
}

/* ------------------------------------------------------------------------ sums
 */

static int
by_address(const void *a, const void *b)
{
	const struct active_range *x = a, *y = b;

	if (x->first.len != y->first.len)
		return x->first.len < y->first.len ? -1 : 1;
	return memcmp(x->first.b, y->first.b, sizeof(x->first.b));
}

/* Where the subnet's rate, the device's pause or the rate of all is the
 * slowest.  Each range is taken for one subnet, which errs on the slow side
 * only where ranges share one. */
static int64_t
shortest(const struct active_plan *p)
{
	const struct active_limits *l = &p->limits;
	uint64_t each = p->method->requests;
	int64_t most = (int64_t)(p->requests * (uint64_t)l->gap);
	int64_t device = each > 1 ? (int64_t)(each - 1) * l->device_gap : 0;

	for (uint32_t i = 0; i < p->n_range; i++) {
		uint64_t hosts = size_of(&p->range[i]);
		uint64_t per_subnet = hosts < 254 ? hosts : 254;
		int64_t t =
		    (int64_t)(per_subnet * each * (uint64_t)l->subnet_gap);

		most = t > most ? t : most;
	}
	return most > device ? most : device;
}

void
active_plan_finish(struct active_plan *p)
{
	qsort(p->range, p->n_range, sizeof(p->range[0]), by_address);
	p->addresses = count(p);
	if (p->method == NULL) /* of addresses alone */
		return;
	p->requests = p->addresses * p->method->requests;
	p->shortest = p->addresses > 0 ? shortest(p) : 0;
}

bool
active_plan_read(struct active_plan *p, const char *ranges, char *ret_error,
    size_t cap)
{
	char *text = strdup(ranges), *at = text, *word;
	struct active_range r;
	bool good = text != NULL;

	while (good && (word = strsep(&at, " ")) != NULL) {
		if (word[0] == '\0')
			continue;
		good = active_range_read(word, &r);
		if (good)
			good = active_plan_add(p, &r, ret_error, cap);
		else
			(void)snprintf(ret_error, cap,
			    "'%.64s' is no range: such as 10.1.2.0/24, "
			    "10.1.2.3-10.1.2.9 or one address",
			    word);
	}
	if (text == NULL)
		(void)snprintf(ret_error, cap, "not enough memory");
	free(text);
	if (good)
		active_plan_finish(p);
	return good;
}

bool
active_plan_target(const struct active_plan *p, uint64_t i, struct ip *ret)
{
	for (uint32_t k = 0; k < p->n_range; k++) {
		uint64_t n = size_of(&p->range[k]);

		if (i < n) {
			*ret = with_low(&p->range[k].first,
			    low_of(&p->range[k].first) + i);
			return true;
		}
		i -= n;
	}
	return false;
}

bool
active_plan_holds(const struct active_plan *p, const struct ip *ip)
{
	for (uint32_t i = 0; i < p->n_range; i++)
		if (p->range[i].first.len == ip->len &&
		    memcmp(ip->b, p->range[i].first.b, ip->len) >= 0 &&
		    memcmp(ip->b, p->range[i].last.b, ip->len) <= 0)
			return true;
	return false;
}
