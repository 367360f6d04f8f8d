/*
 * vendor.c - who made the network interface, by MAC prefix.
 *
 * The IEEE's registry is read at the end, and only what is needed of it is
 * kept; by a sensor that runs, before it begins.  A row of its CSV:
 * Registry,Assignment,"Organization Name",...; the assignment is the prefix in
 * hex, 24, 28 or 36 bits long (oui.csv, mam.csv, oui36.csv and iab.csv stand in
 * one folder).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/hex.h"
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

/* A row of the registry: its prefix; where its name begins, NULL if it is odd.
 * There are 50 000 of them, so it is not left to strtoull(). */
static char *
row_of(char *line, uint64_t *ret_prefix, unsigned *ret_bits)
{
	char *hex = strchr(line, ','), *end;

	if (hex == NULL)
		return NULL;
	*ret_prefix = 0;
	for (end = ++hex; end - hex < 10 && hex_digit((uint8_t)*end) < 16;
	     end++)
		*ret_prefix = *ret_prefix << 4 | hex_digit((uint8_t)*end);
	if (*end != ',' || end - hex < 6 || end - hex > 9)
		return NULL;
	*ret_bits = (unsigned)(end - hex) * 4;
	return end + 1;
}

/* Who hears of the rows; `wants` before the name is looked at. */
struct hearer {
	bool (*wants)(void *ctx, uint64_t prefix, unsigned bits);
	void (
	    *row)(void *ctx, uint64_t prefix, unsigned bits, struct span name);
	void *ctx;
};

static void
each_row(const char *path, const struct hearer *h)
{
	char line[LINE], *name;
	FILE *in = fopen(path, "re");
	uint64_t prefix;
	unsigned bits;
	struct span maker;

	if (in == NULL)
		return;
	while (fgets_unlocked(line, sizeof(line), in) != NULL) {
		name = row_of(line, &prefix, &bits);
		if (name == NULL || !h->wants(h->ctx, prefix, bits))
			continue;
		maker = organisation(name);
		if (is_maker(maker))
			h->row(h->ctx, prefix, bits, maker);
	}
	(void)fclose(in);
}

/* the finer blocks first: they are carved out of the coarse ones, whose owner
 * is the registry itself */
static const char *const files[] = { "oui36.csv", "iab.csv", "mam.csv",
	"oui.csv" };

static void
each_file(const struct inventory *v, const struct hearer *h)
{
	char path[512];

	for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", v->oui, files[i]);
		each_row(path, h);
	}
}

/* ------------------------------------------------------------- in memory */

struct vendors {
	struct vendor {
		uint64_t prefix;
		uint32_t name; /* where it begins in the text */
		uint8_t bits, n;
	} * row;
	char *text;
	uint32_t n, cap, n_text, cap_text;
	bool full; /* memory is out */
};

static bool
grow(void **p, uint32_t *cap, uint32_t need, size_t size)
{
	uint32_t want = *cap > 0 ? *cap : 4096;
	void *more;

	while (want < need)
		want *= 2;
	if (want == *cap)
		return true;
	more = realloc(*p, want * size);
	if (more == NULL)
		return false;
	*p = more;
	*cap = want;
	return true;
}

static bool
wants_all(void *ctx, uint64_t prefix, unsigned bits)
{
	(void)ctx;
	(void)prefix;
	(void)bits;
	return true;
}

static void
keep_row(void *ctx, uint64_t prefix, unsigned bits, struct span name)
{
	struct vendors *all = ctx;
	void *row = all->row, *text = all->text;
	uint8_t n = (uint8_t)(name.n < 255 ? name.n : 255);

	all->full = all->full ||
	    !grow(&row, &all->cap, all->n + 1, sizeof(all->row[0])) ||
	    !grow(&text, &all->cap_text, all->n_text + n, 1);
	all->row = row;
	all->text = text;
	if (all->full)
		return;
	memcpy(all->text + all->n_text, name.p, n);
	all->row[all->n++] = (struct vendor){ .prefix = prefix,
		.name = all->n_text,
		.bits = (uint8_t)bits,
		.n = n };
	all->n_text += n;
}

bool
inventory_read_vendors(struct inventory *v)
{
	if (v->oui == NULL || v->vendors != NULL)
		return true;
	v->vendors = calloc(1, sizeof(*v->vendors));
	if (v->vendors == NULL)
		return false;
	each_file(v, &(struct hearer){ wants_all, keep_row, v->vendors });
	return !v->vendors->full;
}

void
vendors_free(struct inventory *v)
{
	if (v->vendors == NULL || v->borrows)
		return;
	free(v->vendors->row);
	free(v->vendors->text);
	free(v->vendors);
}

/* ---------------------------------------------------------------- giving */

struct giving {
	struct inventory *v;
	const uint32_t *order; /* sorted by MAC */
	uint32_t n;
	uint64_t begins[1024]; /* a bit for each hash of three bytes that one of
				* the MACs begins with: few rows are such */
};

static uint64_t *
begins(struct giving *g, uint64_t three, uint64_t *ret_bit)
{
	const uint32_t h = (uint32_t)three * 0x9e3779b1u >> 16;

	*ret_bit = UINT64_C(1) << h % 64;
	return &g->begins[h / 64];
}

static bool
wants_some(void *ctx, uint64_t prefix, unsigned bits)
{
	uint64_t bit;

	return (*begins(ctx, prefix >> (bits - 24), &bit) & bit) != 0;
}

/* To all MACs of the sorted list that start with the prefix. */
static void
give_row(void *ctx, uint64_t prefix, unsigned bits, struct span name)
{
	const struct giving *g = ctx;
	uint64_t low = prefix << (48 - bits);
	uint32_t lo = 0, hi = g->n;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;

		if (mac_number(&g->v->node[g->order[mid]].mac) < low)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < g->n; lo++) {
		struct node *m = &g->v->node[g->order[lo]];

		if (mac_number(&m->mac) >> (48 - bits) != prefix)
			break;
		add_vendor(g->v, m, name);
	}
}

void
vendor_guess(struct inventory *v)
{
	const struct vendors *all = v->vendors;
	uint32_t *order = v->device;
	struct giving g = { .v = v, .order = order };
	uint64_t bit, *word;

	for (uint32_t i = 0; i < v->n; i++) {
		if (v->node[i].ip.len > 0 || (v->node[i].mac.b[0] & 2) != 0)
			continue;
		order[g.n++] = i;
		word = begins(&g, mac_number(&v->node[i].mac) >> 24, &bit);
		*word |= bit;
	}
	qsort_r(order, g.n, sizeof(order[0]), by_mac, v);
	if (g.n > 0 && all == NULL)
		each_file(v, &(struct hearer){ wants_some, give_row, &g });
	for (uint32_t i = 0; all != NULL && i < all->n && g.n > 0; i++)
		if (wants_some(&g, all->row[i].prefix, all->row[i].bits))
			give_row(&g, all->row[i].prefix, all->row[i].bits,
			    SPAN((const uint8_t *)all->text + all->row[i].name,
				all->row[i].n));
}
