/*
 * json.c - the report as JSON Lines: devices, conversations, alerts, the ledger
 * and the summary (see docs/json-lines.md).
 */
#include "shared.h"

/* ---------------------------------------------------------- conversations */

static void
put_end(struct out *o, const char *key, const char *mac_key,
    const struct addr *a)
{
	char text[ADDR_TEXT_MAX], mac[MAC_TEXT_MAX];

	if (a->ip.len > 0 || a->has_mac)
		json_text(o, key, addr_text(a, text));
	else
		json_none(o, key);
	if (a->has_mac)
		json_text(o, mac_key, mac_text(&a->mac, mac));
	else
		json_none(o, mac_key);
}

static void
put_channel(struct out *o, const struct conv *c)
{
	bool ported =
	    c->via == VIA_TCP || c->via == VIA_UDP || c->via == VIA_SCTP;

	json_text(o, "via", via_name((enum via)c->via));
	if (ported)
		json_u64(o, "port", c->port);
	else
		json_none(o, "port");
	if (!ported)
		json_u64(o, "service", c->service);
	if (c->vlan != TALK_NO_VLAN)
		json_u64(o, "vlan", c->vlan);
	else
		json_none(o, "vlan");
	if (c->session != 0)
		json_u64(o, "session", c->session & 0xffff);
	else
		json_none(o, "session");
}

static void
put_operations(struct out *o, const struct convs *cs, const struct conv *c)
{
	struct op_sums ops;

	ops_gather(&ops, cs, c, OPS_BY_NAME);
	json_key(o, "operations");
	json_open(o, '{');
	for (uint32_t i = 0; i < ops.n; i++)
		json_u64(o, ops.sum[i].name, ops.sum[i].count);
	json_close(o, '}');
	json_key(o, "risks");
	json_open(o, '{');
	for (uint32_t i = 0; i < ops.n; i++)
		if (ops.sum[i].risk != RISK_NONE)
			json_text(o, ops.sum[i].name,
			    fact_risk_name(ops.sum[i].risk));
	json_close(o, '}');
}

static void
put_conversation(struct out *o, const struct convs *cs, const struct conv *c)
{
	json_open(o, '{');
	json_text(o, "type", "conversation");
	put_end(o, "client", "client_mac", &c->client);
	put_end(o, "server", "server_mac", &c->server);
	json_text(o, "proto", protos[c->proto]->name);
	put_channel(o, c);
	json_time(o, "first", c->first);
	json_time(o, "last", c->last);
	json_u64(o, "flows", c->flows);
	json_u64(o, "packets", c->packets[0] + c->packets[1]);
	json_u64(o, "packets_to_server", c->packets[0]);
	json_u64(o, "packets_to_client", c->packets[1]);
	json_u64(o, "bytes", c->bytes[0] + c->bytes[1]);
	json_u64(o, "bytes_to_server", c->bytes[0]);
	json_u64(o, "bytes_to_client", c->bytes[1]);
	put_operations(o, cs, c);
	json_u64(o, "operations_left_out", c->ops_left_out);
	json_u64(o, "errors", c->errors);
	json_u64(o, "malformed", c->malformed);
	json_bool(o, "odd_port", c->odd_port);
	json_bool(o, "certain", c->sure);
	json_close(o, '}');
	out_char(o, '\n');
}

/* ----------------------------------------------------------------- ledger */

static void
put_ledger(struct out *o, const char *proto, const struct ledger *l)
{
	json_open(o, '{');
	json_text(o, "type", "ledger");
	json_text(o, "proto", proto);
	json_u64(o, "bytes_seen", l->bytes_seen);
	json_u64(o, "bytes_understood", l->bytes_understood);
	json_u64(o, "bytes_skipped", l->bytes_skipped);
	json_u64(o, "bytes_encrypted", l->bytes_encrypted);
	json_u64(o, "bytes_lost", l->bytes_lost);
	json_u64(o, "messages", l->messages);
	json_u64(o, "malformed", l->malformed);
	json_u64(o, "truncated", l->truncated);
	json_u64(o, "unknown", l->unknown);
	json_u64(o, "unsolicited", l->unsolicited);
	json_u64(o, "unanswered", l->unanswered);
	json_u64(o, "facts_cut", l->facts_cut);
	json_close(o, '}');
	out_char(o, '\n');
}

static void
put_ledgers(struct out *o, const struct ledger *l)
{
	struct proto_order order = protos_sorted();
	struct ledger all = ledger_all(l);

	for (uint32_t i = 0; i < order.n; i++)
		if (!ledger_is_empty(&l[order.id[i]]))
			put_ledger(o, protos[order.id[i]]->name,
			    &l[order.id[i]]);
	put_ledger(o, "all", &all);
}

/* ---------------------------------------------------------------- summary */

static void
put_file(struct out *o, const struct capture_file *f)
{
	char safe[SAFE_TEXT_MAX];

	json_item(o);
	json_open(o, '{');
	json_span(o, "path", safe_text(f->path, safe));
	json_text(o, "format", f->format);
	json_u64(o, "packets", f->packets);
	json_u64(o, "bytes", f->bytes);
	json_u64(o, "interfaces", f->interfaces);
	json_u64(o, "backwards", f->backwards);
	json_u64(o, "drops", f->drops);
	json_u64(o, "comments", f->comments);
	if (f->damaged)
		json_span(o, "error", safe_text(f->error, safe));
	else
		json_none(o, "error");
	json_close(o, '}');
}

static void
put_files(struct out *o, const struct capture *c)
{
	json_key(o, "files");
	json_open(o, '[');
	for (unsigned i = 0; i < capture_files(c); i++)
		put_file(o, capture_file(c, i));
	json_close(o, ']');
}

static void
put_links(struct out *o, const struct totals *t)
{
	char name[24];

	json_key(o, "links");
	json_open(o, '{');
	for (uint32_t i = 0; i < LINKS; i++)
		if (t->links[i] > 0)
			json_u64(o, capture_link_name((uint16_t)i, name),
			    t->links[i]);
	json_close(o, '}');
}

static void
put_notes(struct out *o, const struct totals *t)
{
	json_key(o, "notes");
	json_open(o, '{');
	for (uint32_t i = 0; i < NOTE_COUNT; i++)
		if (t->notes[i] > 0)
			json_u64(o, note_name((enum note_bit)i), t->notes[i]);
	json_close(o, '}');
	json_key(o, "encapsulations");
	json_open(o, '{');
	for (uint32_t i = 0; i < ENCAP_COUNT; i++)
		if (t->encaps[i] > 0)
			json_u64(o, encap_name((enum encap)i), t->encaps[i]);
	json_close(o, '}');
}

static void
put_flows(struct out *o, const struct flow_counts *c)
{
	json_key(o, "flows");
	json_open(o, '{');
	json_u64(o, "begun", c->flows);
	json_u64(o, "expired", c->expired);
	json_u64(o, "evicted", c->evicted);
	json_u64(o, "packets", c->packets);
	json_u64(o, "payload_bytes", c->payload_bytes);
	json_u64(o, "no_flow", c->no_flow);
	json_u64(o, "odd_ports", c->odd_ports);
	json_u64(o, "duplicates", c->duplicates);
	json_u64(o, "retransmitted", c->retransmitted);
	json_u64(o, "conflicting", c->conflicting);
	json_u64(o, "reordered", c->reordered);
	json_u64(o, "keep_alives", c->keep_alives);
	json_u64(o, "gaps", c->gaps);
	json_u64(o, "gap_bytes", c->gap_bytes);
	json_u64(o, "resyncs", c->resyncs);
	json_u64(o, "buffers_full", c->buffers_full);
	json_u64(o, "fragments", c->fragments);
	json_u64(o, "datagrams", c->datagrams);
	json_u64(o, "fragments_lost", c->fragments_lost);
	json_u64(o, "fragments_conflicting", c->fragments_conflicting);
	json_close(o, '}');
}

static void
put_span_of_time(struct out *o, const struct totals *t)
{
	if (t->packets == 0) {
		json_none(o, "first");
		json_none(o, "last");
		return;
	}
	json_time(o, "first", t->first);
	json_time(o, "last", t->last);
}

static void
put_summary(struct out *o, const struct findings *f)
{
	const struct totals *t = f->totals;

	json_open(o, '{');
	json_text(o, "type", "summary");
	put_files(o, f->capture);
	json_u64(o, "packets", t->packets);
	json_u64(o, "bytes", t->bytes);
	json_u64(o, "captured", t->captured);
	put_span_of_time(o, t);
	json_u64(o, "devices", inventory_count(f->inventory));
	json_u64(o, "devices_left_out", inventory_left_out(f->inventory));
	json_u64(o, "internet_addresses", inventory_internet(f->inventory));
	json_u64(o, "conversations", convs_count(f->convs));
	json_u64(o, "conversations_left_out", convs_left_out(f->convs));
	json_u64(o, "alerts", alerts_seen(f->detect));
	json_text(o, "mode", mode_name(f->mode));
	json_u64(o, "facts", t->facts);
	put_links(o, t);
	put_notes(o, t);
	put_flows(o, f->flows);
	json_close(o, '}');
	out_char(o, '\n');
}

void
report_json(struct out *o, const struct findings *f)
{
	report_devices_json(o, f->inventory);
	for (uint32_t i = 0; i < convs_count(f->convs); i++)
		put_conversation(o, f->convs, convs_at(f->convs, i));
	report_alerts_json(o, f->detect);
	report_mirror_json(o, f->mirror);
	put_ledgers(o, f->ledger);
	put_summary(o, f);
}
