/* protocols.c - the protocols this program knows. */
#include "shared.h"

static void
put_numbers(struct out *o, const char *key, const uint16_t *port)
{
	if (port[0] == 0)
		return;
	json_key(o, key);
	json_open(o, '[');
	for (uint32_t i = 0; i < PROTO_PORTS && port[i] != 0; i++) {
		json_item(o);
		out_u64(o, port[i]);
	}
	json_close(o, ']');
}

static void
put_services(struct out *o, const char *key, const uint32_t *s, uint32_t max)
{
	if (s[0] == 0)
		return;
	json_key(o, key);
	json_open(o, '[');
	for (uint32_t i = 0; i < max && s[i] != 0; i++) {
		json_item(o);
		out_u64(o, s[i]);
	}
	json_close(o, ']');
}

static void
put_ports(struct out *o, const struct proto *p)
{
	json_key(o, "ports");
	json_open(o, '{');
	put_numbers(o, "tcp", p->tcp);
	put_numbers(o, "udp", p->udp);
	put_services(o, "ether", p->ether, 4);
	put_services(o, "llc", p->llc, 2);
	put_services(o, "snap", p->snap, 4);
	put_services(o, "ip", p->ip, 2);
	put_services(o, "link", p->serial, 2);
	json_close(o, '}');
}

void
report_protocols_json(struct out *o)
{
	struct proto_order order = protos_sorted();

	for (uint32_t i = 0; i < order.n; i++) {
		const struct proto *p = protos[order.id[i]];

		if (order.id[i] == PROTO_UNKNOWN)
			continue;
		json_open(o, '{');
		json_text(o, "name", p->name);
		json_text(o, "title", p->title);
		json_bool(o, "industrial", p->ot);
		put_ports(o, p);
		json_text(o, "depth", p->depth != NULL ? p->depth : "");
		json_text(o, "spec", p->spec != NULL ? p->spec : "");
		json_close(o, '}');
		out_char(o, '\n');
	}
}

void
report_protocols_text(struct out *o, const struct text_style *style)
{
	static const struct column columns[] = {
		{ "PROTOCOL", false, false },
		{ "TITLE", false, true },
		{ "EXPECTED ON", false, true },
		{ "UNDERSTOOD", false, true },
	};
	struct proto_order order = protos_sorted();
	char ports[PORTS_TEXT_MAX];
	struct table t;

	table_open(&t, columns, 4);
	for (uint32_t i = 0; i < order.n; i++) {
		const struct proto *p = protos[order.id[i]];

		if (order.id[i] == PROTO_UNKNOWN)
			continue;
		table_row(&t);
		table_text(&t, p->name);
		table_text(&t, p->title);
		table_text(&t, ports_text(p, ports));
		table_text(&t, p->depth != NULL ? p->depth : "");
	}
	table_put(o, &t, style);
	table_close(&t);
}
