/*
 * renumber.c - keys of a program with other protocols.
 *
 * A key holds a protocol by its index, and a new protocol moves the indexes
 * of others.  The names are saved in their order; where they differ, every
 * key is given its new index as it is loaded, and what estimators learned is
 * left behind: it is learned again within days.
 */
#include <string.h>

#include "../proto/proto.h"
#include "private.h"

#define NAMES_MAX (PROTO_MAX * 32u)

bool
renumber_save(const struct baseline_sink *sink, uint32_t kind)
{
	static uint8_t names[NAMES_MAX];
	uint32_t n = 0;

	for (uint32_t i = 0; i < n_protos; i++) {
		size_t len = strlen(protos[i]->name);

		if (len + 1 > sizeof(names) - n)
			return false;
		memcpy(names + n, protos[i]->name, len);
		n += (uint32_t)len;
		names[n++] = '\n';
	}
	return sink->block(sink->ctx, kind, 0, SPAN(names, n));
}

static uint32_t
index_of(struct span name)
{
	for (uint32_t i = 0; i < n_protos; i++)
		if (strlen(protos[i]->name) == name.n &&
		    memcmp(protos[i]->name, name.p, name.n) == 0)
			return i;
	return RENUMBER_GONE;
}

bool
renumber_load(struct renumber *r, struct span names)
{
	uint32_t n = 0;

	while (names.n > 0 && n < RENUMBER_MAX) {
		uint32_t len = span_find(names, '\n');

		if (len == names.n)
			return false;
		r->to[n] = index_of(span_first(names, len));
		r->differs = r->differs || r->to[n] != n;
		n++;
		names = span_from(names, len + 1);
	}
	while (n < RENUMBER_MAX)
		r->to[n++] = RENUMBER_GONE;
	return names.n == 0;
}

static bool
move(const struct renumber *r, uint32_t *part)
{
	uint32_t to = r->to[*part & (RENUMBER_MAX - 1)];

	if (to == RENUMBER_GONE)
		return false;
	*part = (*part & ~(RENUMBER_MAX - 1)) | to;
	return true;
}

bool
renumber_key(const struct renumber *r, struct key *k)
{
	for (unsigned i = 0; i < 5; i++)
		if (scenario_parts[k->scenario][i].part == PART_PROTO &&
		    !move(r, &k->p[i]))
			return false;
	if (k->scenario == SCENARIO_IDENTITY &&
	    (k->p[0] == ATTRIBUTE_SERVES || k->p[0] == ATTRIBUTE_ASKS))
		return move(r, &k->p[4]);
	return true;
}
