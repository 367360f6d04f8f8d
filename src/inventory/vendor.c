/*
 * vendor.c - who made the network interface, by MAC prefix.
 *
 * The IEEE's registry is read once, at the end, and only what is needed of it
 * is kept.  A row of its CSV: Registry,Assignment,"Organization Name",...;
 * the assignment is the prefix in hex, 24, 28 or 36 bits long (oui.csv,
 * mam.csv, oui36.csv and iab.csv stand in one folder).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

#define LINE 1024

static uint64_t
mac_number(const struct mac *m)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < 6; i++)
		n = n << 8 | m->b[i];
	return n;
}

static int
by_mac(const void *a, const void *b, void *ctx)
{
	const struct inventory *v = ctx;
	uint64_t x = mac_number(&v->node[*(const uint32_t *)a].mac);
	uint64_t y = mac_number(&v->node[*(const uint32_t *)b].mac);

	return x < y ? -1 : x > y;
}

/*
 * The organisation's name out of a row, unquoted in its place; empty if the row
 * is odd.  Commas and blanks at the end are left over from postal addresses.
 */
static struct span
organisation(char *row)
{
	bool quoted = *row == '"';
	char *from = row + quoted, *to = from;

	for (const char *at = from; *at != '\0'; at++) {
		if (!quoted && (*at == ',' || *at == '\r' || *at == '\n'))
			break;
		if (quoted && *at == '"' && *++at != '"')
			break;
		*to++ = *at;
	}
	while (to > from && (to[-1] == ' ' || to[-1] == ','))
		to--;
	return SPAN((const uint8_t *)from, (uint32_t)(to - from));
}

/* Owners that say nothing about the maker: of blocks that are given away in
 * parts, of those who do not want to be known, of addresses without a maker. */
static bool
is_maker(struct span name)
{
	static const char *const others[] = { "IEEE Registration Authority",
		"Private", "ICANN, IANA Department" };

	for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (span_is(name, span_text(others[i])))
			return false;
	return name.n > 0;
}

static void
add_vendor(struct inventory *v, struct node *n, struct span name)
{
	struct evidence e = { .trait = TRAIT_VENDOR,
		.source = SOURCE_GUESSED,
		.first = n->first,
		.last = n->last };
	struct fact f = { .kind = FACT_IDENT };

	if (evidence_has(v, n, TRAIT_VENDOR, SOURCE_GUESSED))
		return; /* by a finer block */
	fact_text(&f, name);
	e.text_len = f.text_len;
	memcpy(e.text, f.text, f.text_len);
	(void)evidence_add(v, n, &e);
}

/* All MACs of the sorted list that start with the prefix. */
static void
give(struct inventory *v, const uint32_t *order, uint32_t n, uint64_t prefix,
    unsigned bits, struct span name)
{
	uint64_t low = prefix << (48 - bits);
	uint32_t lo = 0, hi = n;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;

		if (mac_number(&v->node[order[mid]].mac) < low)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < n; lo++) {
		struct node *m = &v->node[order[lo]];

		if (mac_number(&m->mac) >> (48 - bits) != prefix)
			break;
		add_vendor(v, m, name);
	}
}

static void
read_registry(struct inventory *v, const char *path, const uint32_t *order,
    uint32_t n)
{
	char line[LINE];
	FILE *in = fopen(path, "re");

	if (in == NULL)
		return;
	while (fgets(line, sizeof(line), in) != NULL) {
		char *hex = strchr(line, ','), *end;
		struct span name;
		uint64_t prefix;

		if (hex == NULL)
			continue;
		prefix = strtoull(++hex, &end, 16);
		if (*end != ',' || end - hex < 6 || end - hex > 9)
			continue;
		name = organisation(end + 1);
		if (is_maker(name))
			give(v, order, n, prefix, (unsigned)(end - hex) * 4,
			    name);
	}
	(void)fclose(in);
}

void
vendor_guess(struct inventory *v)
{
	/* the finer blocks first: they are carved out of the coarse ones,
	 * whose owner is the registry itself */
	static const char *const files[] = { "oui36.csv", "iab.csv", "mam.csv",
		"oui.csv" };
	uint32_t *order = v->device, n = 0;
	char path[512];

	for (uint32_t i = 0; i < v->n; i++)
		if (v->node[i].ip.len == 0 && (v->node[i].mac.b[0] & 2) == 0)
			order[n++] = i;
	qsort_r(order, n, sizeof(order[0]), by_mac, v);
	for (unsigned i = 0; n > 0 && i < 4; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", v->oui, files[i]);
		read_registry(v, path, order, n);
	}
}
