/*
 * vectors_api.c - attack vectors: ways from likely sources to likely targets,
 * over connections that were seen and such as the networks allow.
 *
 * Dijkstra over devices and subnets.  A step along a conversation, from who
 * asks to who answers, costs 2; a step that was not seen but is possible, for
 * both are in one /24, costs 3 to the subnet and 3 from it.  Sources: not
 * authorised, in touch with the Internet, with a grave alert open.  Targets:
 * marked important; where nothing is, controllers.  Of each source the nearest
 * targets are told, so that all sources have their share of the list.
 */
#include <stdlib.h>
#include <string.h>

#include "../base/hash.h"
#include "brief.h"
#include "ends.h"
#include "handlers.h"
#include "numbers.h"
#include "shares.h"

#define SOURCES_MOST 64u
#define WAYS_MOST 200u
#define WAYS_LEAST 3u /* of one source */
#define SEEN_COST 2u
#define POSSIBLE_COST 3u
#define HOPS_MOST 12u

#define NOT_AUTHORISED "not authorised"

struct edge {
	uint32_t to, next; /* of the same node, 0: none */
	uint32_t proto; /* in protos[]; POSSIBLE: none was seen */
};
#define POSSIBLE UINT32_MAX

struct node {
	int64_t id; /* 0: a subnet */
	char name[96], subnet[24];
	const char *why; /* a source */
	bool target;
	uint32_t first; /* edge, 0 none */
	uint32_t cost, from, by; /* of the way here */
};

struct graph {
	uint32_t n, cap, n_edge, cap_edge;
	struct node *node;
	struct edge *edge; /* 0 is none */
	uint32_t *heap, n_heap, *place;
	struct numbers numbers; /* of devices in node */
	uint32_t *reached, n_reached; /* in the walk before */
	uint64_t *pair; /* hashes of the ends of edges: each pair once */
	uint32_t pairs; /* a power of two */
	uint32_t found[WAYS_MOST], n_found; /* targets, nearest first */
};

/* ------------------------------------------------------------------ building
 */

static bool
grow(struct graph *g, uint32_t nodes, uint32_t edges)
{
	g->cap = nodes;
	g->cap_edge = edges + 1;
	g->n_edge = 1;
	g->node = calloc((size_t)nodes + 1, sizeof(*g->node));
	g->edge = calloc((size_t)edges + 2, sizeof(*g->edge));
	g->heap = calloc((size_t)nodes + 1, sizeof(*g->heap));
	g->place = calloc((size_t)nodes + 1, sizeof(*g->place));
	g->reached = calloc((size_t)nodes + 1, sizeof(*g->reached));
	g->pairs = 1024;
	while (g->pairs < 2 * edges)
		g->pairs *= 2;
	g->pair = calloc(g->pairs, sizeof(*g->pair));
	return numbers_begin(&g->numbers, nodes) && g->pair != NULL &&
	    g->node != NULL && g->edge != NULL && g->heap != NULL &&
	    g->place != NULL && g->reached != NULL;
}

static void
add_edge(struct graph *g, uint32_t from, uint32_t to, uint32_t proto)
{
	struct edge *e;

	if (g->n_edge >= g->cap_edge)
		return;
	e = &g->edge[g->n_edge];
	e->to = to;
	e->next = g->node[from].first;
	e->proto = proto;
	g->node[from].first = g->n_edge++;
}

static void
load_devices(struct request *rq, struct graph *g)
{
	sqlite3_stmt *s = reader_ask(rq->reader,
	    "with t as (select distinct x.device from alert a join "
	    "device_address x on x.asset in (a.source_asset, "
	    "a.destination_asset) where a.status <> 'closed' and a.severity in "
	    "('critical', 'major') and x.asset <> 0) select v.id, "
	    "coalesce(nullif(v.name, ''), v.addresses), (select "
	    "rtrim(rtrim(a.ip, '0123456789'), '.') || '.0/24' from "
	    "device_address a where a.device = v.id and a.ip is not null and "
	    "instr(a.ip, ':') = 0 order by place limit 1), iif(not "
	    "v.authorized, 1, iif(v.id in t, 2, 0)), v.important or (not "
	    "exists (select 1 from device_person where important = 1) and "
	    "v.role in ('plc', 'rtu', 'ied', 'safety-controller', "
	    "'controller')) from v_device v order by v.id");
	static const char *const why[] = { NULL, NOT_AUTHORISED,
		"with a grave alert", NULL };

	while (s != NULL && g->n < g->cap && sqlite3_step(s) == SQLITE_ROW) {
		struct node *n = &g->node[g->n++];
		const char *name = (const char *)sqlite3_column_text(s, 1);
		const char *subnet = (const char *)sqlite3_column_text(s, 2);

		n->id = sqlite3_column_int64(s, 0);
		(void)snprintf(n->name, sizeof(n->name), "%s",
		    name != NULL ? name : "");
		(void)snprintf(n->subnet, sizeof(n->subnet), "%s",
		    subnet != NULL ? subnet : "");
		n->why = why[sqlite3_column_int(s, 3) & 3];
		n->target = sqlite3_column_int(s, 4) != 0;
		n->cost = UINT32_MAX;
		numbers_put(&g->numbers, n->id, g->n - 1);
	}
}

/* True the first time. */
static bool
is_new_pair(struct graph *g, uint32_t a, uint32_t b)
{
	const uint32_t ends[2] = { a, b };
	uint64_t hash = hash_bytes(ends, sizeof(ends), hash_seed) | 1;
	uint32_t at = (uint32_t)(hash >> 32) & (g->pairs - 1);

	while (g->pair[at] != 0 && g->pair[at] != hash)
		at = (at + 1) & (g->pairs - 1);
	if (g->pair[at] == hash)
		return false;
	g->pair[at] = hash;
	return true;
}

/* Not authorised weighs more. */
static void
touches_internet(struct graph *g, int64_t id)
{
	uint32_t i = numbers_find(&g->numbers, id);

	if (i != NUMBER_NONE &&
	    (g->node[i].why == NULL ||
		strcmp(g->node[i].why, NOT_AUTHORISED) != 0))
		g->node[i].why = "in touch with the Internet";
}

static void
load_links(struct request *rq, struct graph *g, const struct ends *ends)
{
	sqlite3_stmt *s = reader_ask(rq->reader,
	    "select coalesce(client_ip, client_mac), coalesce(server_ip, "
	    "server_mac), proto, via in ('tcp', 'udp') from conversation");
	struct proto_names names;

	proto_names_make(&names);
	while (s != NULL && sqlite3_step(s) == SQLITE_ROW) {
		int64_t x = ends_find(ends, list_text(s, 0));
		int64_t y = ends_find(ends, list_text(s, 1));
		uint32_t a, b;

		if (x == END_INTERNET || y == END_INTERNET) {
			touches_internet(g, x + y);
			continue;
		}
		if (x < 0 || y < 0 || x == y || sqlite3_column_int(s, 3) == 0)
			continue;
		a = numbers_find(&g->numbers, x);
		b = numbers_find(&g->numbers, y);
		if (a != NUMBER_NONE && b != NUMBER_NONE &&
		    is_new_pair(g, a, b))
			add_edge(g, a, b,
			    proto_names_find(&names, list_text(s, 2)));
	}
}

/* A node for each subnet, behind the devices. */
static void
add_subnets(struct graph *g, uint32_t devices)
{
	for (uint32_t i = 0; i < devices; i++) {
		uint32_t k = devices;

		if (g->node[i].subnet[0] == '\0')
			continue;
		while (
		    k < g->n && strcmp(g->node[k].name, g->node[i].subnet) != 0)
			k++;
		if (k == g->cap)
			continue;
		if (k == g->n) {
			memcpy(g->node[k].name, g->node[i].subnet,
			    sizeof(g->node[i].subnet));
			g->node[k].cost = UINT32_MAX;
			g->n++;
		}
		add_edge(g, i, k, POSSIBLE);
		add_edge(g, k, i, POSSIBLE);
	}
}

/* --------------------------------------------------------- the shortest way */

static void
swap(struct graph *g, uint32_t a, uint32_t b)
{
	uint32_t x = g->heap[a];

	g->heap[a] = g->heap[b];
	g->heap[b] = x;
	g->place[g->heap[a]] = a;
	g->place[g->heap[b]] = b;
}

static void
up(struct graph *g, uint32_t i)
{
	while (i > 0 &&
	    g->node[g->heap[i]].cost < g->node[g->heap[(i - 1) / 2]].cost) {
		swap(g, i, (i - 1) / 2);
		i = (i - 1) / 2;
	}
}

static void
down(struct graph *g)
{
	uint32_t i = 0, least;

	for (;; i = least) {
		least = i;
		for (uint32_t c = 2 * i + 1; c <= 2 * i + 2 && c < g->n_heap;
		     c++)
			if (g->node[g->heap[c]].cost <
			    g->node[g->heap[least]].cost)
				least = c;
		if (least == i)
			return;
		swap(g, i, least);
	}
}

/* At a cost, from another by an edge; one that is reached at less stays. */
static void
reach(struct graph *g, uint32_t at, uint32_t cost, uint32_t from, uint32_t by)
{
	struct node *n = &g->node[at];

	if (cost >= n->cost)
		return;
	if (n->cost == UINT32_MAX) {
		g->reached[g->n_reached++] = at;
		g->place[at] = g->n_heap;
		g->heap[g->n_heap++] = at;
	}
	n->cost = cost;
	n->from = from;
	n->by = by;
	up(g, g->place[at]);
}

static void
start(struct graph *g, uint32_t source)
{
	while (g->n_reached > 0)
		g->node[g->reached[--g->n_reached]].cost = UINT32_MAX;
	g->n_found = g->n_heap = 0;
	reach(g, source, 0, UINT32_MAX, 0);
}

/* Until the nearest `most` targets are reached; `to`: that device alone. */
static void
walk(struct graph *g, uint32_t source, int64_t to, uint32_t most)
{
	start(g, source);
	while (g->n_heap > 0 && g->n_found < most) {
		uint32_t at = g->heap[0];

		swap(g, 0, --g->n_heap);
		down(g);
		if (at != source &&
		    (to != 0 ? g->node[at].id == to : g->node[at].target))
			g->found[g->n_found++] = at;
		for (uint32_t e = g->node[at].first; e != 0;
		     e = g->edge[e].next)
			reach(g, g->edge[e].to,
			    g->node[at].cost +
				(g->edge[e].proto != POSSIBLE ? SEEN_COST
							      : POSSIBLE_COST),
			    at, e);
	}
}

/* ------------------------------------------------------------------ telling */

struct route_found {
	uint32_t n, cost, hop[HOPS_MOST];
	uint32_t proto[HOPS_MOST]; /* by which it is reached, or POSSIBLE */
};

/* Subnets are no hops: the step through one is a possible one. */
static bool
trace(const struct graph *g, uint32_t target, struct route_found *ret)
{
	uint32_t at = target;
	uint32_t proto = POSSIBLE;

	*ret = (struct route_found){ .cost = g->node[target].cost };
	while (at != UINT32_MAX && ret->n < HOPS_MOST) {
		if (g->node[at].from != UINT32_MAX)
			proto = g->edge[g->node[at].by].proto;
		if (g->node[at].id != 0) {
			ret->hop[ret->n] = at;
			ret->proto[ret->n++] = proto;
		}
		at = g->node[at].from;
	}
	return at == UINT32_MAX && ret->n > 1;
}

/* One of another version has no number. */
static const char *
proto_of(uint32_t i)
{
	return i < n_protos ? protos[i]->name : protos[PROTO_UNKNOWN]->name;
}

static void
put_way(struct items *it, const struct graph *g, const struct route_found *w)
{
	struct out *o = items_next(it);
	bool seen = true;

	if (o == NULL)
		return;
	json_open(o, '{');
	json_u64(o, "cost", w->cost);
	json_text(o, "text", g->node[w->hop[w->n - 1]].why);
	json_key(o, "hops");
	json_open(o, '[');
	for (uint32_t i = w->n; i > 0; i--) {
		const struct node *n = &g->node[w->hop[i - 1]];
		bool start = i == w->n, possible = w->proto[i - 1] == POSSIBLE;

		seen &= start || !possible;
		json_item(o);
		json_open(o, '{');
		json_u64(o, "device", (uint64_t)n->id);
		json_text(o, "name", n->name);
		json_text(o, "proto",
		    start || possible ? "" : proto_of(w->proto[i - 1]));
		json_bool(o, "possible", !start && possible);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_bool(o, "observed", seen);
	json_close(o, '}');
	items_end(it);
}

static int
by_cost(const void *a, const void *b)
{
	const struct route_found *x = a, *y = b;

	return x->cost < y->cost ? -1 : x->cost > y->cost;
}

static bool
is_source(const struct node *n, int64_t from)
{
	return from != 0 ? n->id == from : n->why != NULL;
}

/* How many targets of each source have room. */
static uint32_t
share_of(const struct graph *g, uint32_t devices, int64_t from)
{
	uint32_t sources = 0;

	for (uint32_t i = 0; i < devices && sources < SOURCES_MOST; i++)
		sources += is_source(&g->node[i], from);
	return sources == 0 || WAYS_MOST / sources < WAYS_LEAST
	    ? WAYS_LEAST
	    : WAYS_MOST / sources;
}

static void
put_ways(struct items *it, struct graph *g, uint32_t devices, int64_t from,
    int64_t to)
{
	struct route_found *ways = calloc(WAYS_MOST, sizeof(*ways));
	uint32_t n = 0, share = share_of(g, devices, from);

	for (uint32_t i = 0; ways != NULL && i < devices && n < WAYS_MOST;
	     i++) {
		if (!is_source(&g->node[i], from))
			continue;
		if (g->node[i].why == NULL)
			g->node[i].why = "asked for";
		walk(g, i, to, share);
		for (uint32_t k = 0; k < g->n_found && n < WAYS_MOST; k++)
			if (trace(g, g->found[k], &ways[n]))
				n++;
	}
	if (n > 0)
		qsort(ways, n, sizeof(*ways), by_cost);
	for (uint32_t i = 0; i < n; i++)
		put_way(it, g, &ways[i]);
	free(ways);
}

void
h_report_vectors(struct request *rq)
{
	int64_t n =
	    reader_number(rq->reader, "select count(*) from v_device", 0);
	int64_t links =
	    reader_number(rq->reader, "select count(*) from conversation", 0);
	struct items *it = calloc(1, sizeof(*it));
	struct ends *ends = ends_load(rq->reader);
	struct graph g = { .n = 0 };
	int64_t from = 0, to = 0;
	uint32_t devices;

	if (it != NULL && ends != NULL &&
	    param_number(rq, "from", 1, UINT32_MAX, &from) &&
	    param_number(rq, "to", 1, UINT32_MAX, &to) &&
	    grow(&g, (uint32_t)(2 * n), (uint32_t)(links + 2 * n)) &&
	    items_begin(it, rq)) {
		load_devices(rq, &g);
		devices = g.n;
		load_links(rq, &g, ends);
		add_subnets(&g, devices);
		put_ways(it, &g, devices, from, to);
		items_finish(it);
	}
	free(g.node);
	free(g.edge);
	free(g.heap);
	free(g.place);
	free(g.reached);
	numbers_free(&g.numbers);
	free(g.pair);
	ends_free(ends);
	free(it);
}
