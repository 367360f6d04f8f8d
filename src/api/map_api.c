/*
 * map_api.c - devices and who talks to whom, for drawing.
 *
 * A link is all conversations between two devices.  Ends that are no devices
 * (groups, the Internet) are left out, but for one node 0 that stands for all
 * public addresses.  No more links are told than can be drawn: those that
 * changed something, then those with most bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "../base/hash.h"
#include "brief.h"
#include "handlers.h"
#include "polls.h"
#include "shares.h"

#define LINKS_TOLD 20000u
#define PROTO_WORDS ((PROTO_MAX + 63) / 64)

struct link {
	int64_t a, b, packets, bytes, first, last;
	uint64_t protos[PROTO_WORDS];
	uint32_t risks; /* a bit each */
	bool odd_port;
};

struct links {
	struct link *of;
	uint32_t n, cap;
	uint32_t *slot; /* index and 1, 0 free */
	uint32_t mask;
	uint32_t begin; /* room at first, a power of two */
	bool failed; /* memory is out */
};

/* --------------------------------------------------------------- the table */

static uint32_t
slot_of(const struct links *l, int64_t a, int64_t b)
{
	const int64_t key[2] = { a, b };
	uint32_t at = (uint32_t)hash_bytes(key, sizeof(key), 1) & l->mask;

	while (l->slot[at] != 0 &&
	    (l->of[l->slot[at] - 1].a != a || l->of[l->slot[at] - 1].b != b))
		at = (at + 1) & l->mask;
	return at;
}

static bool
grow(struct links *l)
{
	uint32_t cap = l->cap > 0 ? 2 * l->cap : l->begin;
	struct link *of = realloc(l->of, cap * sizeof(*of));
	uint32_t *slot = calloc((size_t)cap * 2, sizeof(*slot));

	l->of = of != NULL ? of : l->of;
	if (of == NULL || slot == NULL) {
		free(slot);
		return false;
	}
	free(l->slot);
	l->slot = slot;
	l->cap = cap;
	l->mask = 2 * cap - 1;
	for (uint32_t i = 0; i < l->n; i++)
		l->slot[slot_of(l, l->of[i].a, l->of[i].b)] = i + 1;
	return true;
}

/* NULL: no ends that can be drawn, or no memory. */
static struct link *
link_of(struct links *l, int64_t x, int64_t y)
{
	int64_t a = x < y ? x : y, b = x < y ? y : x;
	uint32_t at;

	if (a < 0 || a == b)
		return NULL;
	if (l->n == l->cap && !grow(l)) {
		l->failed = true;
		return NULL;
	}
	at = slot_of(l, a, b);
	if (l->slot[at] == 0) {
		l->of[l->n++] =
		    (struct link){ .a = a, .b = b, .first = INT64_MAX };
		l->slot[at] = l->n;
	}
	return &l->of[l->slot[at] - 1];
}

/* --------------------------------------------------------------- gathering */

static void
add_conversations(struct links *l, struct reader *r, const struct ends *ends)
{
	sqlite3_stmt *s = reader_ask(r,
	    "select coalesce(client_ip, client_mac), coalesce(server_ip, "
	    "server_mac), proto, packets_sent + packets_back, bytes_sent + "
	    "bytes_back, first, last, odd_port from conversation");
	struct proto_names names;

	proto_names_make(&names);
	while (s != NULL && sqlite3_step(s) == SQLITE_ROW) {
		struct link *k = link_of(l, ends_find(ends, list_text(s, 0)),
		    ends_find(ends, list_text(s, 1)));
		uint32_t proto;

		if (k == NULL)
			continue;
		proto = proto_names_find(&names, list_text(s, 2));
		if (proto < n_protos)
			k->protos[proto / 64] |= UINT64_C(1) << proto % 64;
		k->packets += sqlite3_column_int64(s, 3);
		k->bytes += sqlite3_column_int64(s, 4);
		if (sqlite3_column_int64(s, 5) < k->first)
			k->first = sqlite3_column_int64(s, 5);
		if (sqlite3_column_int64(s, 6) > k->last)
			k->last = sqlite3_column_int64(s, 6);
		k->odd_port |= sqlite3_column_int(s, 7) != 0;
	}
}

static void
add_risks(struct links *l, struct reader *r, const struct ends *ends)
{
	sqlite3_stmt *s = reader_ask(r,
	    "select o.risk, coalesce(c.client_ip, c.client_mac), "
	    "coalesce(c.server_ip, c.server_mac) from operation o join "
	    "conversation c on c.id = o.conversation where o.risk <> 'none'");

	while (s != NULL && sqlite3_step(s) == SQLITE_ROW) {
		struct link *k = link_of(l, ends_find(ends, list_text(s, 1)),
		    ends_find(ends, list_text(s, 2)));
		const char *risk = (const char *)sqlite3_column_text(s, 0);

		for (uint32_t i = 0; k != NULL && i < RISK_COUNT; i++)
			if (strcmp(fact_risk_name(i), risk) == 0)
				k->risks |= 1u << i;
	}
}

/* Those that change something first, then by bytes. */
static uint64_t
weight_of(const struct link *l)
{
	return (uint64_t)(l->risks != 0) << 63 |
	    ((uint64_t)l->bytes & INT64_MAX);
}

/* The n-th largest, from 0; the values change places. */
static uint64_t
nth_largest(uint64_t *v, uint32_t n, uint32_t nth)
{
	uint32_t from = 0, to = n - 1;

	while (from < to) {
		uint64_t middle = v[from + (to - from) / 2];
		uint32_t i = from, k = to;

		for (;; i++, k--) {
			uint64_t x;

			while (v[i] > middle)
				i++;
			while (v[k] < middle)
				k--;
			if (i >= k)
				break;
			x = v[i];
			v[i] = v[k];
			v[k] = x;
		}
		if (nth <= k)
			to = k;
		else
			from = k + 1;
	}
	return v[nth];
}

/* The heaviest links stay; of those equal to the last, the first seen. */
static void
keep_heaviest(struct links *l)
{
	uint64_t *v = calloc(l->n, sizeof(*v)), least;
	uint32_t n = 0, equal = 0;

	if (v == NULL) {
		l->failed = true;
		return;
	}
	for (uint32_t i = 0; i < l->n; i++)
		v[i] = weight_of(&l->of[i]);
	least = nth_largest(v, l->n, LINKS_TOLD - 1);
	for (uint32_t i = 0; i < LINKS_TOLD; i++)
		equal += v[i] == least;
	for (uint32_t i = 0; i < l->n; i++) {
		uint64_t w = weight_of(&l->of[i]);

		if (w < least || (w == least && equal == 0))
			continue;
		equal -= w == least;
		l->of[n++] = l->of[i];
	}
	l->n = n;
	free(v);
}

static int
by_ends(const void *a, const void *b)
{
	const struct link *x = a, *y = b;

	if (x->a != y->a)
		return x->a < y->a ? -1 : 1;
	return x->b < y->b ? -1 : x->b > y->b;
}

/* How many are left out. */
static uint32_t
choose(struct links *l)
{
	uint32_t all = l->n;

	if (l->n > LINKS_TOLD)
		keep_heaviest(l);
	if (l->n > 0)
		qsort(l->of, l->n, sizeof(l->of[0]), by_ends);
	return all - l->n;
}

/* ----------------------------------------------------------------- telling */

static void
put_words(struct out *o, const char *key, const char *words)
{
	json_key(o, key);
	json_open(o, '[');
	while (*words != '\0') {
		size_t n = strcspn(words, " ");

		json_item(o);
		json_put_string(o, SPAN((const uint8_t *)words, (uint32_t)n));
		words += n + strspn(words + n, " ");
	}
	json_close(o, ']');
}

static void
put_name(struct out *o, const char *name)
{
	json_item(o);
	json_put_string(o, span_text(name));
}

static void
put_link(struct out *o, const struct link *l)
{
	json_item(o);
	json_open(o, '{');
	json_u64(o, "a", (uint64_t)l->a);
	json_u64(o, "b", (uint64_t)l->b);
	json_key(o, "protocols");
	json_open(o, '[');
	for (uint32_t i = 0; i < n_protos; i++)
		if ((l->protos[i / 64] >> i % 64 & 1) != 0)
			put_name(o, protos[i]->name);
	json_close(o, ']');
	json_key(o, "risks");
	json_open(o, '[');
	for (uint32_t i = 0; i < RISK_COUNT; i++)
		if ((l->risks >> i & 1) != 0)
			put_name(o, fact_risk_name(i));
	json_close(o, ']');
	json_u64(o, "packets", (uint64_t)l->packets);
	json_u64(o, "bytes", (uint64_t)l->bytes);
	json_bool(o, "odd_port", l->odd_port);
	json_time(o, "first", (struct tick){ l->first });
	json_time(o, "last", (struct tick){ l->last });
	json_close(o, '}');
}

/* There are not more links than conversations, and mostly half as many. */
static uint32_t
room_for(struct reader *r)
{
	int64_t n = reader_number(r, "select count(*) from conversation", 0);
	uint32_t room = 1024;

	while (room < n / 2 && room < 1u << 20)
		room *= 2;
	return room;
}

static void
put_links(struct request *rq, const struct ends *ends)
{
	struct out *o = rq->out;
	struct links l = { .begin = room_for(rq->reader) };
	bool outside = false;
	uint32_t left_out;

	add_conversations(&l, rq->reader, ends);
	add_risks(&l, rq->reader, ends);
	left_out = choose(&l);
	json_key(o, "links");
	json_open(o, '[');
	for (uint32_t i = 0; i < l.n; i++) {
		outside |= l.of[i].a == END_INTERNET;
		put_link(o, &l.of[i]);
	}
	json_close(o, ']');
	json_u64(o, "links_left_out", left_out);
	json_bool(o, "internet", outside);
	if (l.failed)
		fail(rq, 500, "memory", NULL, "Out of memory.");
	free(l.of);
	free(l.slot);
}

/* Seconds of the cycles it asks or is asked in; *at goes on with the devices.
 */
static void
put_periods(struct out *o, const struct polls *p, uint32_t *at, int64_t device)
{
	json_key(o, "periods");
	json_open(o, '[');
	while (p != NULL && *at < p->n && p->of[*at].device < device)
		++*at;
	while (p != NULL && *at < p->n && p->of[*at].device == device) {
		json_item(o);
		out_real(o, (double)p->of[(*at)++].ns / (double)TICK_SECOND);
	}
	json_close(o, ']');
}

static void
put_node(struct out *o, sqlite3_stmt *s, const struct polls *p, uint32_t *at)
{
	char words[1024];

	json_item(o);
	json_open(o, '{');
	for (int i = 0; i < 9; i++)
		put_column(o, s, i);
	for (int i = 9; i < 14; i++)
		json_bool(o, sqlite3_column_name(s, i),
		    sqlite3_column_int(s, i) != 0);
	(void)snprintf(words, sizeof(words), "%s",
	    (const char *)sqlite3_column_text(s, 14));
	put_words(o, "protocols", words);
	put_periods(o, p, at, sqlite3_column_int64(s, 0));
	json_time(o, "last", (struct tick){ sqlite3_column_int64(s, 15) });
	json_close(o, '}');
}

static void
put_nodes(struct request *rq, const struct ends *ends)
{
	struct out *o = rq->out;
	const struct polls *polls;
	uint32_t at = 0;
	sqlite3_stmt *s = reader_ask(rq->reader,
	    "with n as (select x.device, count(distinct a.number) as n from "
	    "alert a join device_address x on x.asset in (a.source_asset, "
	    "a.destination_asset) where a.status <> 'closed' and x.asset <> 0 "
	    "group by 1), p as (select device, min(vlan) as vlan, "
	    "coalesce((select ip from device_address i where i.device = "
	    "d.device and ip is not null order by place limit 1), min(mac)) "
	    "as address from device_address d group by 1) select v.id, v.name, "
	    "v.role, v.purdue, v.vendor, p.address, iif(instr(p.address, ':') "
	    "> 0, null, rtrim(rtrim(p.address, '0123456789'), '.') || "
	    "'.0/24') as subnet, p.vlan, coalesce(n.n, 0) as alerts, "
	    "v.important, v.authorized, v.ot, v.scanner, v.programming, "
	    "v.clients || ' ' || v.servers, v.last_ns from v_device v left "
	    "join p on p.device = v.id left join n on n.device = v.id order "
	    "by v.id");

	polls = polls_of(rq, ends);
	json_key(o, "nodes");
	json_open(o, '[');
	while (s != NULL && sqlite3_step(s) == SQLITE_ROW)
		put_node(o, s, polls, &at);
	json_close(o, ']');
}

static void
put_map(struct request *rq)
{
	struct ends *ends = ends_load(rq->reader);

	if (ends == NULL) {
		fail(rq, 500, "memory", NULL, "Out of memory.");
		return;
	}
	json_open(rq->out, '{');
	put_nodes(rq, ends);
	put_links(rq, ends);
	json_close(rq->out, '}');
	ends_free(ends);
}

void
h_map(struct request *rq)
{
	kept_put(rq, KEPT_MAP, put_map);
}
