/*
 * networks_seen.c - in which networks the devices are.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../desk/desk.h"
#include "../report/csv.h"
#include "networks.h"
#include "output.h"
#include "values.h"

#define SUBNETS 4096u

/* ----------------------------------------------------------------------- seen
 */

struct subnet {
	struct ip ip;
	uint8_t bits;
	uint32_t devices, ot;
};

/* The /24 or /64 an address is in, or what people said it is in. */
static void
place(const struct network *known, uint32_t n_known, struct ip ip,
    struct subnet *ret)
{
	*ret = (struct subnet){ .ip = ip, .bits = ip.len == 4 ? 24 : 64 };
	for (uint32_t i = 0; i < n_known; i++)
		if (known[i].bits > (ret->bits == 24 ? 8 : 16) &&
		    ip_in_prefix(&ip, &known[i].ip, known[i].bits))
			ret->bits = known[i].bits;
	network_mask(&ret->ip, ret->bits);
}

static uint32_t
load_known(struct state *s, struct network *ret)
{
	sqlite3_stmt *q = NULL;
	uint32_t n = 0;

	if (sqlite3_prepare_v2(store_db(s->store),
		"select ip || '/' || bits, name, ot from network order by bits",
		-1, &q, NULL) != SQLITE_OK)
		return 0;
	while (n < DESK_NETWORKS && sqlite3_step(q) == SQLITE_ROW) {
		const char *cidr = (const char *)sqlite3_column_text(q, 0);
		const char *name = (const char *)sqlite3_column_text(q, 1);

		if (cidr == NULL || name == NULL ||
		    !network_read(cidr, &ret[n].ip, &ret[n].bits))
			continue;
		(void)snprintf(ret[n].name, sizeof(ret[n].name), "%s", name);
		ret[n++].ot = sqlite3_column_int(q, 2) != 0;
	}
	(void)sqlite3_finalize(q);
	return n;
}

static uint32_t
gather(struct state *s, const struct network *known, uint32_t n_known,
    struct subnet *ret)
{
	sqlite3_stmt *q = NULL;
	struct subnet here;
	struct addr addr;
	uint32_t n = 0, i;

	if (sqlite3_prepare_v2(store_db(s->store),
		"select distinct x.ip, d.ot, d.id from device_address x join "
		"device d on d.id = x.device where x.ip is not null",
		-1, &q, NULL) != SQLITE_OK)
		return 0;
	while (sqlite3_step(q) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(q, 0);

		if (text == NULL || !rule_addr(span_text(text), &addr))
			continue;
		place(known, n_known, addr.ip, &here);
		for (i = 0; i < n; i++)
			if (ip_same(&ret[i].ip, &here.ip) &&
			    ret[i].bits == here.bits)
				break;
		if (i == SUBNETS)
			continue;
		if (i == n)
			ret[n++] = here;
		ret[i].devices++;
		ret[i].ot += sqlite3_column_int(q, 1) != 0;
	}
	(void)sqlite3_finalize(q);
	return n;
}

static int
by_ip(const void *left, const void *right)
{
	const struct subnet *a = left, *b = right;

	if (a->ip.len != b->ip.len)
		return a->ip.len < b->ip.len ? -1 : 1;
	return memcmp(a->ip.b, b->ip.b, a->ip.len);
}

static const char *
name_of(const struct network *known, uint32_t n_known, const struct ip *ip)
{
	const char *name = "";

	for (uint32_t i = 0; i < n_known; i++) /* the narrowest is last */
		if (ip_in_prefix(ip, &known[i].ip, known[i].bits))
			name = known[i].name[0] != '\0' ? known[i].name
							: "(no name)";
	return name;
}

static void
put_subnet(struct out *o, struct table *t, int format, const char *cidr,
    const char *name, const struct subnet *net)
{
	char number[2][16];

	if (format == 0) {
		table_row(t);
		table_text(t, cidr);
		table_u64(t, net->devices);
		table_u64(t, net->ot);
		table_text(t, name);
		return;
	}
	if (format == 1) {
		json_open(o, '{');
		json_text(o, "network", cidr);
		json_u64(o, "devices", net->devices);
		json_u64(o, "ot_devices", net->ot);
		json_text(o, "name", name);
		json_close(o, '}');
		out_char(o, '\n');
		return;
	}
	(void)snprintf(number[0], sizeof(number[0]), "%" PRIu32, net->devices);
	(void)snprintf(number[1], sizeof(number[1]), "%" PRIu32, net->ot);
	csv_span(o, span_text(cidr));
	csv_span(o, span_text(number[0]));
	csv_span(o, span_text(number[1]));
	csv_span(o, span_text(name));
	csv_end(o);
}

int
networks_seen(struct state *s, const struct list_request *q)
{
	static const struct column head[] = { { "Network", false, false },
		{ "Devices", true, false }, { "OT", true, false },
		{ "Name", false, true } };
	static struct network known[DESK_NETWORKS];
	static struct subnet nets[SUBNETS];
	static struct out out;
	struct text_style style = { .all = true };
	struct table t;
	uint32_t n_known = load_known(s, known);
	uint32_t n = gather(s, known, n_known, nets);
	char cidr[64];

	qsort(nets, n, sizeof(nets[0]), by_ip);
	output_style(&style, q->colour);
	out_open(&out, STDOUT_FILENO);
	table_open(&t, head, 4);
	if (q->format == 2)
		out_text(&out, "network,devices,ot_devices,name\r\n");
	for (uint32_t i = 0; i < n; i++)
		put_subnet(&out, &t, q->format,
		    network_text(&nets[i].ip, nets[i].bits, cidr, sizeof(cidr)),
		    name_of(known, n_known, &nets[i].ip), &nets[i]);
	if (q->format == 0 && n > 0)
		table_put(&out, &t, &style);
	else if (q->format == 0)
		out_text(&out, "no devices yet\n");
	table_close(&t);
	return output_end(&out);
}
