/* fact_json.c - one fact as a line of JSON (see docs/json-lines.md). */
#include "report.h"

static void
put_end(struct out *o, const char *key, const char *mac_key,
    const struct addr *a)
{
	char ip[ADDR_TEXT_MAX], mac[MAC_TEXT_MAX];

	if (a->ip.len > 0)
		json_text(o, key, ip_text(&a->ip, ip));
	else if (a->has_mac)
		json_text(o, key, mac_text(&a->mac, mac));
	else
		json_none(o, key);
	if (a->has_mac)
		json_text(o, mac_key, mac_text(&a->mac, mac));
	else
		json_none(o, mac_key);
}

static void
put_talk(struct out *o, const struct talk *t)
{
	put_end(o, "client", "client_mac", &t->client);
	put_end(o, "server", "server_mac", &t->server);
	json_u64(o, "client_port", t->client_port);
	json_u64(o, "server_port", t->server_port);
	if (t->vlan != TALK_NO_VLAN)
		json_u64(o, "vlan", t->vlan);
	else
		json_none(o, "vlan");
	if (t->session != 0)
		json_u64(o, "session", t->session & 0xffff);
}

static void
put_flags(struct out *o, const struct fact *f)
{
	json_key(o, "flags");
	json_open(o, '[');
	for (uint32_t i = 0; i < FACT_FLAGS; i++) {
		if ((f->flags >> i & 1) == 0)
			continue;
		json_item(o);
		json_put_string(o, span_text(fact_flag_name(i)));
	}
	json_close(o, ']');
}

static struct span
text_of(const struct fact *f)
{
	return SPAN((const uint8_t *)f->text, f->text_len);
}

static void
put_object(struct out *o, const struct fact *f)
{
	json_key(o, "object");
	json_open(o, '{');
	json_text(o, "space", fact_space_name(f->object.space));
	if (f->object.area != 0)
		json_u64(o, "area", f->object.area);
	json_u64(o, "first", f->object.first);
	json_u64(o, "count", f->object.count);
	if (f->object.sub != 0)
		json_u64(o, "sub", f->object.sub);
	if (f->text_len > 0)
		json_span(o, "name", text_of(f));
	json_close(o, '}');
}

static void
put_values(struct out *o, const struct fact *f)
{
	json_key(o, "values");
	json_open(o, '[');
	json_item(o);
	switch ((enum num_type)f->num_type) {
	case NUM_INT:
		out_i64(o, f->num.i);
		break;
	case NUM_UINT:
		out_u64(o, f->num.u);
		break;
	case NUM_REAL:
		out_real(o, f->num.r);
		break;
	case NUM_BOOL:
		out_text(o, f->num.u != 0 ? "true" : "false");
		break;
	case NUM_NONE:
	case NUM_COUNT:
		json_put_string(o, text_of(f));
		break;
	}
	json_close(o, ']');
}

static void
put_ident(struct out *o, const struct fact *f)
{
	static const char *const about[] = { "sender", "receiver", "address" };
	char ip[ADDR_TEXT_MAX], mac[MAC_TEXT_MAX];

	json_key(o, "ident");
	json_open(o, '{');
	json_text(o, "trait", fact_trait_name(f->trait));
	json_span(o, "text", text_of(f));
	json_text(o, "about", about[f->about]);
	if (f->addr.has_mac)
		json_text(o, "mac", mac_text(&f->addr.mac, mac));
	if (f->addr.ip.len > 0)
		json_text(o, "ip", ip_text(&f->addr.ip, ip));
	json_close(o, '}');
}

static void
put_body(struct out *o, const struct fact *f)
{
	if (f->kind == FACT_IDENT) {
		put_ident(o, f);
	} else if (f->kind == FACT_MALFORMED || f->kind == FACT_TRUNCATED) {
		json_key(o, "fault");
		json_open(o, '{');
		json_u64(o, "offset", f->code);
		json_span(o, "why", text_of(f));
		json_close(o, '}');
	} else if (f->object.space != SPACE_NONE) {
		put_object(o, f);
	} else if (f->text_len > 0) {
		json_span(o, "text", text_of(f));
	}
	if (f->kind == FACT_VALUE || f->num_type != NUM_NONE)
		put_values(o, f);
	if (f->kind == FACT_ERROR) {
		const char *name = proto_code_name(protos[f->proto], f->code);

		json_u64(o, "error", f->code);
		if (name != NULL)
			json_text(o, "error_name", name);
	}
}

void
report_fact(struct out *o, const struct fact *f, const struct talk *t)
{
	const struct proto *p = protos[f->proto];
	char name[16];

	json_open(o, '{');
	json_text(o, "type", "fact");
	json_u64(o, "frame", f->frame);
	json_u64(o, "file", f->file);
	json_time(o, "time", f->at);
	json_text(o, "proto", p->name);
	json_text(o, "kind", fact_kind_name((enum fact_kind)f->kind));
	json_u64(o, "op", FACT_OP_CODE(f->op));
	json_text(o, "op_name", proto_op_name(p, f->op, name));
	json_bool(o, "response", f->response);
	put_talk(o, t);
	if (f->has_unit)
		json_u64(o, "unit", f->unit);
	else
		json_none(o, "unit");
	if (f->has_pair)
		json_u64(o, "pair", f->pair);
	else
		json_none(o, "pair");
	put_flags(o, f);
	if (f->risk != RISK_NONE)
		json_text(o, "risk", fact_risk_name(f->risk));
	put_body(o, f);
	json_close(o, '}');
	out_char(o, '\n');
}
