/*
 * shares.c - what all conversations together carried, by protocol and by port.
 *
 * One look at every row, kept for a while: it is of all time, and changes
 * slowly.
 */
#include "shares.h"

#include <stdlib.h>
#include <string.h>

#include "../base/hash.h"

/* It may take a fiftieth of the time, and is never older than that. */
#define SHARE_OF_TIME 50
#define OLDEST (30 * TICK_SECOND)
#define PORT_COUNT 65536u

_Static_assert(PROTO_NAMES > 2 * PROTO_MAX, "names are found at once");

static uint32_t
slot_of(struct span name)
{
	return (uint32_t)hash_bytes(name.p, name.n, 1) & (PROTO_NAMES - 1);
}

void
proto_names_make(struct proto_names *of)
{
	memset(of, 0, sizeof(*of));
	for (uint32_t i = 0; i < n_protos; i++) {
		uint32_t at = slot_of(span_text(protos[i]->name));

		while (of->slot[at] != 0)
			at = (at + 1) & (PROTO_NAMES - 1);
		of->slot[at] = (uint16_t)(i + 1);
	}
}

uint32_t
proto_names_find(const struct proto_names *of, struct span name)
{
	uint32_t at = slot_of(name);

	for (; of->slot[at] != 0; at = (at + 1) & (PROTO_NAMES - 1)) {
		uint32_t i = of->slot[at] - 1u;

		if (strlen(protos[i]->name) == name.n &&
		    memcmp(protos[i]->name, name.p, name.n) == 0)
			return i;
	}
	return n_protos;
}

/* ---------------------------------------------------------------- counting */

static void
add_conversations(struct shares *s, struct reader *r,
    const struct proto_names *of, uint64_t *port)
{
	sqlite3_stmt *q = reader_ask(r,
	    "select proto, via, port, bytes_sent + bytes_back from "
	    "conversation");

	while (q != NULL && sqlite3_step(q) == SQLITE_ROW) {
		uint32_t i = proto_names_find(of, list_text(q, 0));
		struct span via = list_text(q, 1);
		int64_t at = sqlite3_column_int64(q, 2);
		uint64_t bytes = (uint64_t)sqlite3_column_int64(q, 3);

		s->conversations++;
		if (i < n_protos)
			s->proto[i].bytes += bytes;
		if (at <= 0 || at >= PORT_COUNT || via.n == 0)
			continue;
		for (uint32_t v = 0; v < SHARE_VIAS; v++)
			if (via.p[0] == share_vias[v][0])
				port[v * PORT_COUNT + at] += bytes;
	}
}

/* A device counts once for each protocol that it asks or answers in. */
static void
add_devices(struct shares *s, struct reader *r, const struct proto_names *of)
{
	sqlite3_stmt *q =
	    reader_ask(r, "select clients || ' ' || servers from v_device");
	uint64_t seen[PROTO_MAX] = { 0 }, row = 0;

	while (q != NULL && sqlite3_step(q) == SQLITE_ROW) {
		struct span words = list_text(q, 0);

		row++;
		for (uint32_t at = 0, end; at < words.n; at = end + 1) {
			uint32_t i;

			end = at;
			while (end < words.n && words.p[end] != ' ')
				end++;
			i = proto_names_find(of, SPAN(words.p + at, end - at));
			if (i == n_protos || seen[i] == row)
				continue;
			seen[i] = row;
			s->proto[i].devices++;
		}
	}
}

static int
most_first(const void *a, const void *b)
{
	const struct share_port *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes > y->bytes ? -1 : 1;
	return x->port < y->port ? -1 : x->port > y->port;
}

/* The busiest, in one pass: the least of those held makes room. */
static void
choose_ports(struct shares *s, const uint64_t *port)
{
	uint32_t least = 0;

	for (uint32_t i = 0; i < SHARE_VIAS * PORT_COUNT; i++) {
		struct share_port p = { share_vias[i / PORT_COUNT],
			(uint16_t)(i % PORT_COUNT), port[i] };

		if (p.bytes == 0)
			continue;
		if (s->n_port < SHARES) {
			s->port[s->n_port++] = p;
		} else if (p.bytes > s->port[least].bytes) {
			s->port[least] = p;
		} else {
			continue;
		}
		least = 0;
		for (uint32_t k = 1; k < s->n_port; k++)
			if (s->port[k].bytes < s->port[least].bytes)
				least = k;
	}
	qsort(s->port, s->n_port, sizeof(s->port[0]), most_first);
}

void
shares_count(struct shares *s, struct reader *r)
{
	int64_t now = now_tick().ns;
	uint64_t *port;
	struct proto_names of;

	if (now >= s->at && now < s->until)
		return;
	port = calloc((size_t)SHARE_VIAS * PORT_COUNT, sizeof(*port));
	if (port == NULL)
		return;
	*s = (struct shares){ .at = now };
	proto_names_make(&of);
	add_conversations(s, r, &of, port);
	add_devices(s, r, &of);
	choose_ports(s, port);
	s->until = now_tick().ns - now;
	s->until = s->until < OLDEST / SHARE_OF_TIME ? s->until * SHARE_OF_TIME
						     : OLDEST;
	s->until += now;
	free(port);
}
