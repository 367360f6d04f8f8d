/* nearest.c - which word of a list may have been meant. */
#include <stddef.h>
#include <string.h>

#include "nearest.h"

#define NAME_MAX_LEN 48u

struct plain { /* a list that needs no telling */
	const char *(*name)(uint32_t n);
};

static size_t
least(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* Letters to add, drop or change to get from a to b (Levenshtein). */
static size_t
distance(const char *a, const char *b)
{
	size_t row[NAME_MAX_LEN + 1], na = strlen(a), nb = strlen(b);

	if (na > NAME_MAX_LEN || nb > NAME_MAX_LEN)
		return NAME_MAX_LEN;
	for (size_t j = 0; j <= nb; j++)
		row[j] = j;
	for (size_t i = 1; i <= na; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			size_t above = row[j];

			row[j] = least(row[j] + 1, row[j - 1] + 1,
			    diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[nb];
}

const char *
nearest_of(const char *typed, const char *(*name)(const void *, uint32_t),
    const void *list)
{
	const char *best = NULL, *each;
	size_t n = strlen(typed), found = n / 3 + 2;

	for (uint32_t i = 0; (each = name(list, i)) != NULL; i++) {
		size_t d = distance(typed, each);

		if (n >= 3 && strncmp(typed, each, n) == 0)
			d = 1; /* the beginning of it */
		if (d < found) {
			found = d;
			best = each;
		}
	}
	return best;
}

static const char *
plain_name(const void *list, uint32_t n)
{
	return ((const struct plain *)list)->name(n);
}

const char *
nearest(const char *typed, const char *(*name)(uint32_t))
{
	struct plain p = { name };

	return nearest_of(typed, plain_name, &p);
}
