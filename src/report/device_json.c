/* device_json.c - devices as lines of JSON (see docs/json-lines.md). */
#include "shared.h"

static void
put_vlan(struct out *o, uint16_t vlan)
{
	if (vlan != TALK_NO_VLAN)
		json_u64(o, "vlan", vlan);
	else
		json_none(o, "vlan");
}

static void
put_addresses(struct out *o, const struct device *d)
{
	char mac[MAC_TEXT_MAX], ip[ADDR_TEXT_MAX];

	json_key(o, "addresses");
	json_open(o, '[');
	for (uint32_t i = 0; i < d->n_addr; i++) {
		const struct addr *a = &d->addr[i].addr;

		json_item(o);
		json_open(o, '{');
		if (a->has_mac)
			json_text(o, "mac", mac_text(&a->mac, mac));
		else
			json_none(o, "mac");
		if (a->ip.len > 0)
			json_text(o, "ip", ip_text(&a->ip, ip));
		else
			json_none(o, "ip");
		put_vlan(o, d->addr[i].vlan);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void
put_known(struct out *o, const char *key, const struct evidence *e)
{
	if (e != NULL)
		json_span(o, key, evidence_text(e));
	else
		json_none(o, key);
}

static void
put_purdue(struct out *o, const struct device *d)
{
	if (d->purdue == 255) {
		json_none(o, "purdue");
		return;
	}
	json_key(o, "purdue");
	out_u64(o, d->purdue / 10);
	if (d->purdue % 10 != 0) {
		out_char(o, '.');
		out_u64(o, d->purdue % 10);
	}
}

static void
put_spoken(struct out *o, const char *key, const uint8_t bits[PROTO_MAX / 8])
{
	struct proto_order order = protos_sorted();

	json_key(o, key);
	json_open(o, '[');
	for (uint32_t i = 0; i < order.n; i++) {
		if (order.id[i] == PROTO_UNKNOWN ||
		    !has_proto(bits, order.id[i]))
			continue;
		json_item(o);
		json_put_string(o, span_text(protos[order.id[i]]->name));
	}
	json_close(o, ']');
}

static void
put_protocols(struct out *o, const struct device *d)
{
	json_key(o, "protocols");
	json_open(o, '{');
	put_spoken(o, "client", d->as_client);
	put_spoken(o, "server", d->as_server);
	json_close(o, '}');
}

static void
put_modules(struct out *o, const struct device *d)
{
	json_key(o, "modules");
	json_open(o, '[');
	for (uint32_t i = 0; i < d->n_module; i++) {
		const struct module *m = &d->module[i];

		json_item(o);
		json_open(o, '{');
		json_text(o, "proto", protos[m->proto]->name);
		if (m->has_unit)
			json_u64(o, "unit", m->unit);
		if (m->text_len > 0)
			json_span(o, "text", module_text(m));
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void
put_evidence(struct out *o, const struct evidence *e)
{
	json_item(o);
	json_open(o, '{');
	json_text(o, "trait", fact_trait_name(e->trait));
	json_span(o, "text", evidence_text(e));
	json_text(o, "source", source_name((enum source)e->source));
	if (e->proto != PROTO_UNKNOWN)
		json_text(o, "proto", protos[e->proto]->name);
	else
		json_none(o, "proto");
	if (e->frame != 0) { /* ours have none */
		json_u64(o, "file", e->file);
		json_u64(o, "frame", e->frame);
	} else {
		json_none(o, "file");
		json_none(o, "frame");
	}
	json_u64(o, "count", e->count);
	if (e->frame != 0) {
		json_time(o, "first", e->first);
		json_time(o, "last", e->last);
	} else {
		json_none(o, "first");
		json_none(o, "last");
	}
	json_close(o, '}');
}

static void
put_device(struct out *o, const struct device *d)
{
	json_open(o, '{');
	json_text(o, "type", "device");
	json_u64(o, "id", d->id);
	put_addresses(o, d);
	put_known(o, "name", d->name);
	put_known(o, "vendor", d->vendor);
	put_known(o, "model", d->model);
	put_known(o, "firmware", d->firmware);
	put_known(o, "hardware", d->hardware);
	put_known(o, "serial", d->serial);
	put_known(o, "order", d->order);
	put_known(o, "os", d->os);
	put_known(o, "mode", d->mode);
	json_text(o, "role", role_name(d->role));
	put_purdue(o, d);
	json_bool(o, "industrial", d->ot);
	put_protocols(o, d);
	put_modules(o, d);
	json_none(o, "authorized"); /* nobody has decided yet */
	json_time(o, "first", d->first);
	json_time(o, "last", d->last);
	json_u64(o, "packets", d->packets);
	json_u64(o, "bytes", d->bytes);
	json_key(o, "evidence");
	json_open(o, '[');
	for (uint32_t i = 0; i < d->n_evidence; i++)
		put_evidence(o, d->evidence[i]);
	json_close(o, ']');
	json_close(o, '}');
	out_char(o, '\n');
}

void
report_devices_json(struct out *o, const struct inventory *v)
{
	struct device d;

	for (uint32_t i = 0; i < inventory_count(v); i++) {
		inventory_at(v, i, &d);
		put_device(o, &d);
	}
}
