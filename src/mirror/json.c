/* json.c - a verdict as JSON: `mirror` of docs/json-lines.md. */
#include <stdio.h>

#include "../proto/proto.h"
#include "mirror.h"

static void
put_real(struct out *o, const char *key, double value)
{
	json_key(o, key);
	out_real(o, value);
}

static void
put_finding(struct out *o, const struct mirror_finding *f)
{
	const struct finding_row *row = &finding_rows[f->id];
	char text[MIRROR_TEXT];

	json_item(o);
	json_open(o, '{');
	json_text(o, "id", row->name);
	json_text(o, "severity", mirror_grade_name(row->grade));
	json_text(o, "text", mirror_finding_text(f, text));
	json_text(o, "cause", row->cause);
	json_text(o, "advice", row->advice);
	json_key(o, "makes");
	json_open(o, '[');
	for (uint32_t i = 0; i < n_make_advices; i++) {
		if (make_advices[i].id != f->id)
			continue;
		json_item(o);
		json_open(o, '{');
		json_text(o, "make", make_advices[i].make);
		json_text(o, "change", make_advices[i].change);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_close(o, '}');
}

static void
put_shares(struct out *o, const struct mirror_verdict *v)
{
	json_key(o, "shares");
	json_open(o, '{');
	put_real(o, "unicast", v->unicast);
	put_real(o, "multicast", v->multicast);
	put_real(o, "broadcast", v->broadcast);
	put_real(o, "arp", v->arp);
	put_real(o, "duplicate", v->copies);
	put_real(o, "one_way", v->one_way);
	put_real(o, "tagged", v->tagged);
	put_real(o, "damaged", v->damaged);
	put_real(o, "truncated", v->cut);
	put_real(o, "industrial", v->industrial);
	json_close(o, '}');
}

static void
put_lost(struct out *o, const struct mirror_verdict *v)
{
	json_key(o, "lost");
	json_open(o, '{');
	json_u64(o, "before", v->lost_before);
	json_u64(o, "tunnel", v->lost_tunnel);
	json_u64(o, "nic", v->lost_nic);
	json_u64(o, "kernel", v->lost_kernel);
	json_u64(o, "sensor", v->lost_ours);
	json_u64(o, "numbered", v->numbered);
	json_close(o, '}');
}

static void
put_lists(struct out *o, const struct mirror_verdict *v)
{
	char text[ADDR_TEXT_MAX], net[ADDR_TEXT_MAX + 4];

	json_key(o, "vlans");
	json_open(o, '[');
	for (uint32_t i = 0; i < v->n_vlans && i < MIRROR_LIST; i++) {
		json_item(o);
		out_u64(o, v->vlan[i]);
	}
	json_close(o, ']');
	json_key(o, "subnets");
	json_open(o, '[');
	for (uint32_t i = 0; i < v->n_subnets && i < MIRROR_LIST; i++) {
		(void)snprintf(net, sizeof(net), "%s/24",
		    ip_text(&v->subnet[i], text));
		json_item(o);
		json_put_string(o, span_text(net));
	}
	json_close(o, ']');
	json_key(o, "industrial");
	json_open(o, '[');
	for (uint32_t i = 0; i < v->n_protos && i < MIRROR_LIST; i++) {
		json_item(o);
		json_put_string(o, span_text(protos[v->proto[i]]->name));
	}
	json_close(o, ']');
}

void
mirror_json(struct out *o, const struct mirror_verdict *v)
{
	json_open(o, '{');
	json_text(o, "type", "mirror");
	json_u64(o, "port", v->port);
	json_text(o, "name", v->name);
	json_text(o, "how", v->how);
	json_bool(o, "session", v->is_session);
	if (v->is_session)
		json_u64(o, "id", v->id);
	else
		json_none(o, "id");
	json_text(o, "verdict", mirror_grade_name(v->grade));
	json_u64(o, "packets", v->packets);
	json_u64(o, "bytes", v->bytes);
	put_real(o, "packets_second", v->packets_second);
	put_real(o, "bits_second", v->bits_second);
	if (v->live)
		json_bool(o, "link", v->up);
	else
		json_none(o, "link");
	if (v->utilisation > 0)
		put_real(o, "utilisation", v->utilisation);
	else
		json_none(o, "utilisation");
	put_shares(o, v);
	json_u64(o, "conversations", v->conversations);
	put_lost(o, v);
	if (v->skew_us > 0)
		put_real(o, "skew_us", v->skew_us);
	else
		json_none(o, "skew_us");
	put_lists(o, v);
	json_key(o, "findings");
	json_open(o, '[');
	for (uint32_t i = 0; i < v->n_findings; i++)
		put_finding(o, &v->finding[i]);
	json_close(o, ']');
	json_close(o, '}');
}
