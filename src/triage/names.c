/*
 * names.c - see names.h.
 *
 * A few patterns are tried one after another; what DNS answers for them is
 * kept in two tables of fixed size, where the newer takes the older's place:
 * the same one in every run, so the hash takes no seed.
 */
#include "names.h"

#include <stdlib.h>
#include <string.h>

#include "../base/hash.h"
#include "../rules/rules.h"

#define NAME_CAP 256u
#define PLACES 4096u /* a power of two */

struct allowed_names {
	uint32_t n;
	char pattern[ALLOWED_NAMES][NAME_CAP];
	struct ip ip[PLACES]; /* by hash */
	uint64_t alias[PLACES]; /* hash of a name that CNAME led to */
};

struct allowed_names *
allowed_names_new(void)
{
	return calloc(1, sizeof(struct allowed_names));
}

void
allowed_names_free(struct allowed_names *a)
{
	free(a);
}

bool
allowed_names_add(struct allowed_names *a, const char *pattern)
{
	size_t n = strlen(pattern);

	if (a->n == ALLOWED_NAMES || n >= NAME_CAP)
		return false;
	memcpy(a->pattern[a->n++], pattern, n + 1);
	return true;
}

uint32_t
allowed_names_count(const struct allowed_names *a)
{
	return a->n;
}

bool
allowed_name_matches(const char *pattern, struct span name)
{
	struct span p = span_text(pattern);

	if (rule_glob(p, name))
		return true;
	return p.n > 2 && pattern[0] == '*' && pattern[1] == '.' &&
	    rule_glob(span_from(p, 2), name);
}

static struct span
without_dot(struct span name)
{
	if (name.n > 0 && name.p[name.n - 1] == '.')
		name.n--;
	return name;
}

/* Never 0, which is an empty place. */
static uint64_t
hash_of_name(struct span name)
{
	uint8_t low[NAME_CAP];
	uint32_t n = name.n < sizeof(low) ? name.n : (uint32_t)sizeof(low);

	for (uint32_t i = 0; i < n; i++)
		low[i] = name.p[i] >= 'A' && name.p[i] <= 'Z'
		    ? (uint8_t)(name.p[i] | 0x20)
		    : name.p[i];
	return hash_bytes(low, n, 0) | 1;
}

bool
allowed_names_has(const struct allowed_names *a, struct span name)
{
	name = without_dot(name);
	if (a->n == 0 || name.n == 0)
		return false;
	for (uint32_t i = 0; i < a->n; i++)
		if (allowed_name_matches(a->pattern[i], name))
			return true;
	return false;
}

static uint32_t
place_of_ip(const struct ip *ip)
{
	return (uint32_t)hash_bytes(ip->b, ip->len, 0) & (PLACES - 1);
}

bool
allowed_names_has_ip(const struct allowed_names *a, const struct ip *ip)
{
	return ip->len != 0 && ip_same(&a->ip[place_of_ip(ip)], ip);
}

void
allowed_names_ip(struct allowed_names *a, const struct ip *ip)
{
	a->ip[place_of_ip(ip)] = *ip;
}

/* Up to the next blank, and past it. */
static struct span
word(struct span *s)
{
	struct span w = { .p = s->p, .n = 0 };

	while (w.n < s->n && s->p[w.n] != ' ')
		w.n++;
	*s = span_from(*s, w.n < s->n ? w.n + 1 : w.n);
	return w;
}

void
allowed_names_answer(struct allowed_names *a, struct span record)
{
	struct span name = without_dot(word(&record)), type = word(&record);
	struct span data = without_dot(record);
	uint64_t hash;
	struct addr addr;

	if (a->n == 0 || name.n == 0 || data.n == 0)
		return;
	hash = hash_of_name(name);
	if (a->alias[hash & (PLACES - 1)] != hash &&
	    !allowed_names_has(a, name))
		return;
	if (type.n == 5 && memcmp(type.p, "CNAME", 5) == 0) {
		hash = hash_of_name(data);
		a->alias[hash & (PLACES - 1)] = hash;
	} else if (rule_addr(data, &addr) && addr.ip.len != 0) {
		allowed_names_ip(a, &addr.ip);
	}
}
