/*
 * map_api.c - devices and who talks to whom, for drawing.
 *
 * A link is all conversations between two devices.  Ends that are no devices
 * (groups, the Internet) are left out, but for one node 0 that stands for all
 * public addresses.
 */
#include <stdlib.h>
#include <string.h>

#include "brief.h"
#include "handlers.h"

struct link {
	int64_t a, b, packets, bytes, first, last;
	char protos[512], risks[256];
	bool used;
};

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

/* One more word of a set with blanks between. */
static void
add_word(char *set, size_t cap, const char *word)
{
	size_t n = strlen(word), have = strlen(set);

	for (const char *at = set; *at != '\0';) {
		size_t len = strcspn(at, " ");

		if (len == n && memcmp(at, word, n) == 0)
			return;
		at += len + strspn(at + len, " ");
	}
	if (n > 0 && have + n + 2 < cap)
		(void)snprintf(set + have, cap - have, "%s%s",
		    have > 0 ? " " : "", word);
}

static void
put_link(struct out *o, const struct link *l)
{
	if (!l->used)
		return;
	json_item(o);
	json_open(o, '{');
	json_u64(o, "a", (uint64_t)l->a);
	json_u64(o, "b", (uint64_t)l->b);
	put_words(o, "protocols", l->protos);
	put_words(o, "risks", l->risks);
	json_u64(o, "packets", (uint64_t)l->packets);
	json_u64(o, "bytes", (uint64_t)l->bytes);
	json_time(o, "first", (struct tick){ l->first });
	json_time(o, "last", (struct tick){ l->last });
	json_close(o, '}');
}

/* Numbers of devices, 0 for a public address, -1 for what is no end. */
static int64_t
end_of(sqlite3_stmt *s, int device, int address)
{
	struct addr addr;

	if (sqlite3_column_type(s, device) != SQLITE_NULL)
		return sqlite3_column_int64(s, device);
	return rule_addr(list_text(s, (uint32_t)address), &addr) &&
		addr_is_public(&addr)
	    ? 0
	    : -1;
}

static bool
put_links(struct request *rq)
{
	sqlite3_stmt *s = reader_ask(rq->reader,
	    "with x as (select coalesce(ip, mac) as at, min(device) as device "
	    "from device_address group by 1), r as (select conversation, "
	    "group_concat(distinct risk) as risks from operation where risk <> "
	    "'none' group by 1) select ca.device, sa.device, "
	    "coalesce(c.client_ip, c.client_mac), coalesce(c.server_ip, "
	    "c.server_mac), c.proto, c.packets_sent + c.packets_back, "
	    "c.bytes_sent + c.bytes_back, c.first, c.last, r.risks from "
	    "conversation c left join x ca on ca.at = coalesce(c.client_ip, "
	    "c.client_mac) left join x sa on sa.at = coalesce(c.server_ip, "
	    "c.server_mac) left join r on r.conversation = c.id order by "
	    "min(coalesce(ca.device, 0), coalesce(sa.device, 0)), "
	    "max(coalesce(ca.device, 0), coalesce(sa.device, 0))");
	struct link *l = calloc(1, sizeof(*l));
	bool outside = false;

	json_key(rq->out, "links");
	json_open(rq->out, '[');
	while (s != NULL && l != NULL && sqlite3_step(s) == SQLITE_ROW) {
		int64_t a = end_of(s, 0, 2), b = end_of(s, 1, 3);
		int64_t low = a < b ? a : b, high = a < b ? b : a;
		char risks[256];

		if (low < 0 || low == high)
			continue;
		outside |= low == 0;
		if (!l->used || l->a != low || l->b != high) {
			put_link(rq->out, l);
			*l = (struct link){ .a = low,
				.b = high,
				.first = INT64_MAX,
				.used = true };
		}
		add_word(l->protos, sizeof(l->protos),
		    (const char *)sqlite3_column_text(s, 4));
		l->packets += sqlite3_column_int64(s, 5);
		l->bytes += sqlite3_column_int64(s, 6);
		if (sqlite3_column_int64(s, 7) < l->first)
			l->first = sqlite3_column_int64(s, 7);
		if (sqlite3_column_int64(s, 8) > l->last)
			l->last = sqlite3_column_int64(s, 8);
		(void)snprintf(risks, sizeof(risks), "%s",
		    sqlite3_column_type(s, 9) != SQLITE_NULL
			? (const char *)sqlite3_column_text(s, 9)
			: "");
		for (char *at = risks, *word;
		     (word = strsep(&at, ",")) != NULL;)
			add_word(l->risks, sizeof(l->risks), word);
	}
	if (l != NULL)
		put_link(rq->out, l);
	json_close(rq->out, ']');
	free(l);
	return outside;
}

static void
put_node(struct out *o, sqlite3_stmt *s)
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
	json_time(o, "last", (struct tick){ sqlite3_column_int64(s, 15) });
	json_close(o, '}');
}

void
h_map(struct request *rq)
{
	struct out *o = rq->out;
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

	json_open(o, '{');
	json_key(o, "nodes");
	json_open(o, '[');
	while (s != NULL && sqlite3_step(s) == SQLITE_ROW)
		put_node(o, s);
	json_close(o, ']');
	json_bool(o, "internet", put_links(rq));
	json_close(o, '}');
}
