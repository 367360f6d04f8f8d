/*
 * csv.c - the report as tables for spreadsheets (RFC 4180, lines end in CR
 * LF, UTF-8).
 *
 * Names come from the network, and spreadsheets run cells that begin with
 * '=', '+', '-' or '@' as formulas: such text is given an apostrophe in
 * front, which spreadsheets do not show.
 */
#include "csv.h"

#include "shared.h"

/* ----------------------------------------------------------------- writing */

/* A cell's comma; o->comma says whether it is the first of its line. */
static void
next(struct out *o)
{
	if (o->comma)
		out_char(o, ',');
	o->comma = true;
}

void
csv_end(struct out *o)
{
	out_text(o, "\r\n");
	o->comma = false;
}

static bool
is_formula(struct span s)
{
	return s.n > 0 &&
	    (s.p[0] == '=' || s.p[0] == '+' || s.p[0] == '-' || s.p[0] == '@');
}

static void
put_quoted(struct out *o, struct span s)
{
	out_char(o, '"');
	if (is_formula(s))
		out_char(o, '\'');
	for (uint32_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			out_char(o, '"');
		out_char(o, (char)s.p[i]);
	}
	out_char(o, '"');
}

void
csv_span(struct out *o, struct span s)
{
	next(o);
	if (is_formula(s) || span_find(s, ',') < s.n ||
	    span_find(s, '"') < s.n || span_find(s, ';') < s.n ||
	    span_find(s, '\n') < s.n || span_find(s, '\r') < s.n)
		put_quoted(o, s);
	else
		out_bytes(o, s.p, s.n);
}

static void
put_text(struct out *o, const char *s)
{
	csv_span(o, span_text(s));
}

static void
put_u64(struct out *o, uint64_t v)
{
	next(o);
	out_u64(o, v);
}

static void
put_time(struct out *o, struct tick t)
{
	char text[TIME_TEXT_MAX];

	put_text(o, time_text(t, text));
}

static void
put_bool(struct out *o, bool v)
{
	put_text(o, v ? "yes" : "no");
}

/* Names of the columns, already separated by commas. */
static void
put_head(struct out *o, const char *columns)
{
	out_text(o, columns);
	csv_end(o);
}

static void
put_vlan(struct out *o, uint16_t vlan)
{
	if (vlan != TALK_NO_VLAN)
		put_u64(o, vlan);
	else
		put_text(o, "");
}

/* ----------------------------------------------------------------- devices */

/* All the addresses of a kind in one cell, separated by blanks. */
static void
put_addresses(struct out *o, const struct device *d, bool mac)
{
	char text[ADDR_TEXT_MAX], mac_dst[MAC_TEXT_MAX];
	bool first = true;

	next(o);
	for (uint32_t i = 0; i < d->n_addr; i++) {
		const struct addr *a = &d->addr[i].addr;

		if (mac ? !a->has_mac : a->ip.len == 0)
			continue;
		if (!first)
			out_char(o, ' ');
		first = false;
		out_text(o,
		    mac ? mac_text(&a->mac, mac_dst) : ip_text(&a->ip, text));
	}
}

static void
put_spoken(struct out *o, const uint8_t bits[PROTO_MAX / 8])
{
	struct proto_order order = protos_sorted();
	bool first = true;

	next(o);
	for (uint32_t i = 0; i < order.n; i++) {
		if (order.id[i] == PROTO_UNKNOWN ||
		    !has_proto(bits, order.id[i]))
			continue;
		if (!first)
			out_char(o, ' ');
		first = false;
		out_text(o, protos[order.id[i]]->name);
	}
}

static void
put_purdue(struct out *o, const struct device *d)
{
	next(o);
	if (d->purdue == 255)
		return;
	out_u64(o, d->purdue / 10);
	if (d->purdue % 10 != 0) {
		out_char(o, '.');
		out_u64(o, d->purdue % 10);
	}
}

static void
put_device(struct out *o, const struct device *d)
{
	put_u64(o, d->id);
	put_addresses(o, d, false);
	put_addresses(o, d, true);
	csv_span(o, evidence_text(d->name));
	put_text(o, role_name(d->role));
	put_purdue(o, d);
	csv_span(o, evidence_text(d->vendor));
	csv_span(o, evidence_text(d->model));
	csv_span(o, evidence_text(d->order));
	csv_span(o, evidence_text(d->firmware));
	csv_span(o, evidence_text(d->hardware));
	csv_span(o, evidence_text(d->serial));
	csv_span(o, evidence_text(d->os));
	csv_span(o, evidence_text(d->mode));
	put_bool(o, d->ot);
	put_spoken(o, d->as_client);
	put_spoken(o, d->as_server);
	put_u64(o, d->n_module);
	put_time(o, d->first);
	put_time(o, d->last);
	put_u64(o, d->packets);
	put_u64(o, d->bytes);
	csv_end(o);
}

static void
put_devices(struct out *o, const struct findings *f)
{
	struct device d;

	put_head(o,
	    "id,ip,mac,name,role,purdue,vendor,model,order,firmware,hardware,"
	    "serial,os,mode,industrial,client_of,server_of,modules,first,last,"
	    "packets,bytes");
	for (uint32_t i = 0; i < inventory_count(f->inventory); i++) {
		inventory_at(f->inventory, i, &d);
		put_device(o, &d);
	}
}

static void
put_evidence(struct out *o, const struct findings *f)
{
	struct device d;

	put_head(o,
	    "device,trait,text,source,proto,file,frame,count,first,last");
	for (uint32_t i = 0; i < inventory_count(f->inventory); i++) {
		inventory_at(f->inventory, i, &d);
		for (uint32_t k = 0; k < d.n_evidence; k++) {
			const struct evidence *e = d.evidence[k];
			bool said = e->frame != 0; /* ours have none */

			put_u64(o, d.id);
			put_text(o, fact_trait_name(e->trait));
			csv_span(o, evidence_text(e));
			put_text(o, source_name((enum source)e->source));
			put_text(o,
			    e->proto != PROTO_UNKNOWN ? protos[e->proto]->name
						      : "");
			next(o);
			if (said)
				out_u64(o, e->file);
			next(o);
			if (said)
				out_u64(o, e->frame);
			put_u64(o, e->count);
			if (said) {
				put_time(o, e->first);
				put_time(o, e->last);
			} else {
				put_text(o, "");
				put_text(o, "");
			}
			csv_end(o);
		}
	}
}

static void
put_modules(struct out *o, const struct findings *f)
{
	struct device d;

	put_head(o, "device,proto,unit,text");
	for (uint32_t i = 0; i < inventory_count(f->inventory); i++) {
		inventory_at(f->inventory, i, &d);
		for (uint32_t k = 0; k < d.n_module; k++) {
			const struct module *m = &d.module[k];

			put_u64(o, d.id);
			put_text(o, protos[m->proto]->name);
			next(o);
			if (m->has_unit)
				out_u64(o, m->unit);
			csv_span(o, module_text(m));
			csv_end(o);
		}
	}
}

/* ----------------------------------------------------------- conversations */

static void
put_channel(struct out *o, const struct conv *c)
{
	char text[ADDR_TEXT_MAX];

	put_text(o, addr_text(&c->client, text));
	put_text(o, addr_text(&c->server, text));
	put_text(o, protos[c->proto]->name);
	put_text(o, via_name((enum via)c->via));
	if (c->via == VIA_TCP || c->via == VIA_UDP || c->via == VIA_SCTP)
		put_u64(o, c->port);
	else
		put_text(o, "");
	put_vlan(o, c->vlan);
	next(o);
	if (c->session != 0)
		out_u64(o, c->session & 0xffff);
}

static void
put_op_names(struct out *o, const struct convs *cs, const struct conv *c)
{
	struct op_sums ops;

	ops_gather(&ops, cs, c, OPS_BY_COUNT);
	next(o);
	out_char(o, '"');
	for (uint32_t i = 0; i < ops.n; i++) {
		out_text(o, i > 0 ? "; " : "");
		out_text(o, ops.sum[i].name);
		out_char(o, ' ');
		out_u64(o, ops.sum[i].count);
	}
	out_char(o, '"');
}

static void
put_conversations(struct out *o, const struct findings *f)
{
	put_head(o,
	    "client,server,proto,via,port,vlan,session,first,last,flows,"
	    "packets_to_server,packets_to_client,bytes_to_server,"
	    "bytes_to_client,errors,malformed,odd_port,certain,operations");
	for (uint32_t i = 0; i < convs_count(f->convs); i++) {
		const struct conv *c = convs_at(f->convs, i);

		put_channel(o, c);
		put_time(o, c->first);
		put_time(o, c->last);
		put_u64(o, c->flows);
		put_u64(o, c->packets[0]);
		put_u64(o, c->packets[1]);
		put_u64(o, c->bytes[0]);
		put_u64(o, c->bytes[1]);
		put_u64(o, c->errors);
		put_u64(o, c->malformed);
		put_bool(o, c->odd_port);
		put_bool(o, c->sure);
		put_op_names(o, f->convs, c);
		csv_end(o);
	}
}

static void
put_operations(struct out *o, const struct findings *f)
{
	struct op_sums ops;

	put_head(o,
	    "client,server,proto,via,port,vlan,session,operation,risk,count");
	for (uint32_t i = 0; i < convs_count(f->convs); i++) {
		const struct conv *c = convs_at(f->convs, i);

		ops_gather(&ops, f->convs, c, OPS_BY_NAME);
		for (uint32_t k = 0; k < ops.n; k++) {
			put_channel(o, c);
			put_text(o, ops.sum[k].name);
			put_text(o, fact_risk_name(ops.sum[k].risk));
			put_u64(o, ops.sum[k].count);
			csv_end(o);
		}
	}
}

/* --------------------------------------------------------- ledger, summary */

static void
put_ledger_row(struct out *o, const char *name, const struct ledger *l)
{
	put_text(o, name);
	put_u64(o, l->bytes_seen);
	put_u64(o, l->bytes_understood);
	put_u64(o, l->bytes_skipped);
	put_u64(o, l->bytes_encrypted);
	put_u64(o, l->bytes_lost);
	put_u64(o, l->messages);
	put_u64(o, l->malformed);
	put_u64(o, l->truncated);
	put_u64(o, l->unknown);
	put_u64(o, l->unsolicited);
	put_u64(o, l->unanswered);
	csv_end(o);
}

static void
put_ledger(struct out *o, const struct findings *f)
{
	struct proto_order order = protos_sorted();
	struct ledger all = ledger_all(f->ledger);

	put_head(o,
	    "proto,bytes_seen,bytes_understood,bytes_skipped,bytes_encrypted,"
	    "bytes_lost,messages,malformed,truncated,unknown,unsolicited,"
	    "unanswered");
	for (uint32_t i = 0; i < order.n; i++)
		if (!ledger_is_empty(&f->ledger[order.id[i]]))
			put_ledger_row(o, protos[order.id[i]]->name,
			    &f->ledger[order.id[i]]);
	put_ledger_row(o, "all", &all);
}

static void
put_files(struct out *o, const struct findings *f)
{
	char safe[SAFE_TEXT_MAX];

	put_head(o,
	    "file,path,format,packets,bytes,interfaces,backwards,drops,error");
	for (unsigned i = 0; i < capture_files(f->capture); i++) {
		const struct capture_file *c = capture_file(f->capture, i);

		put_u64(o, i);
		csv_span(o, safe_text(c->path, safe));
		put_text(o, c->format);
		put_u64(o, c->packets);
		put_u64(o, c->bytes);
		put_u64(o, c->interfaces);
		put_u64(o, c->backwards);
		put_u64(o, c->drops);
		csv_span(o,
		    c->damaged ? safe_text(c->error, safe) : span_text(""));
		csv_end(o);
	}
}

static void
put_count(struct out *o, const char *what, const char *name, uint64_t n)
{
	if (n == 0)
		return;
	put_text(o, what);
	put_text(o, name);
	put_u64(o, n);
	csv_end(o);
}

static void
put_counts(struct out *o, const struct findings *f)
{
	const struct totals *t = f->totals;
	char name[24];

	put_head(o, "what,name,packets");
	put_count(o, "all", "", t->packets);
	for (uint32_t i = 0; i < LINKS; i++)
		put_count(o, "link",
		    t->links[i] > 0 ? capture_link_name((uint16_t)i, name) : "",
		    t->links[i]);
	for (uint32_t i = 0; i < NOTE_COUNT; i++)
		put_count(o, "note", note_name((enum note_bit)i), t->notes[i]);
	for (uint32_t i = 0; i < ENCAP_COUNT; i++)
		put_count(o, "encapsulation", encap_name((enum encap)i),
		    t->encaps[i]);
}

static void
put_alerts(struct out *o, const struct findings *f)
{
	char text[ADDR_TEXT_MAX], tier[2] = "";

	put_head(o,
	    "id,ref,engine,severity,title,category,tier,learnable,source,"
	    "destination,protocol,first,last,count,status,techniques,"
	    "explanation");
	for (uint32_t i = 0; i < detect_count(f->detect); i++) {
		const struct alert *a = detect_at(f->detect, i);
		const struct alert_row *r = &alert_rows[a->row];

		if (!a->seen)
			continue;
		tier[0] = r->tier;
		put_text(o, r->slug);
		put_text(o, r->ref != NULL ? r->ref : "");
		put_text(o, engine_name(r->engine));
		put_text(o, severity_name(a->severity));
		put_text(o, alert_title(a));
		put_text(o, category_name(r->category));
		put_text(o, tier);
		put_bool(o, r->learnable);
		put_text(o, addr_text(&a->source.addr, text));
		put_text(o, addr_text(&a->destination.addr, text));
		put_text(o,
		    a->proto != PROTO_UNKNOWN ? protos[a->proto]->name : "");
		put_time(o, a->first);
		put_time(o, a->last);
		put_u64(o, a->count);
		put_text(o, alert_status_name(a->status));
		put_text(o, r->techniques);
		put_text(o, a->text);
		csv_end(o);
	}
}

const struct csv_table csv_tables[] = {
	{ "devices", "one row a device", put_devices },
	{ "evidence", "why something is said of a device", put_evidence },
	{ "modules", "racks, slots and units beneath a device", put_modules },
	{ "conversations", "who talks to whom", put_conversations },
	{ "operations", "what was asked for in each conversation",
	    put_operations },
	{ "alerts", "what is not as it should be", put_alerts },
	{ "ledger", "how much was understood, by protocol", put_ledger },
	{ "files", "what was read", put_files },
	{ "packets", "packets by link type, note and encapsulation",
	    put_counts },
};
const uint32_t n_csv_tables = sizeof(csv_tables) / sizeof(csv_tables[0]);

/* --------------------------------------------------------------- protocols */

void
report_protocols_csv(struct out *o)
{
	struct proto_order order = protos_sorted();
	char ports[PORTS_TEXT_MAX];

	put_head(o, "name,title,industrial,ports,depth,spec");
	for (uint32_t i = 0; i < order.n; i++) {
		const struct proto *p = protos[order.id[i]];

		if (order.id[i] == PROTO_UNKNOWN)
			continue;
		put_text(o, p->name);
		put_text(o, p->title);
		put_bool(o, p->ot);
		put_text(o, ports_text(p, ports));
		put_text(o, p->depth != NULL ? p->depth : "");
		put_text(o, p->spec != NULL ? p->spec : "");
		csv_end(o);
	}
}
