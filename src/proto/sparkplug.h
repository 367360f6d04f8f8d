/*
 * sparkplug.h - Sparkplug B, the payloads of industrial MQTT.
 *
 * Eclipse Sparkplug 3.0.0 (ISO/IEC 20237): topics clause 4, payloads clause 6;
 * encoded as Protocol Buffers.
 *
 *	topic:   spBv1.0/group/TYPE/node[/device], spBv1.0/STATE/host
 *	payload: timestamp 1, metric 2 (repeated), seq 3, uuid 4, body 5
 *	metric:  name 1, alias 2, timestamp 3, datatype 4, null 7,
 *		 int 10, long 11, float 12, double 13, bool 14, string 15,
 *		 bytes 16, data set 17, template 18
 *
 * Private to mqtt.c.  The object of a metric is its name, with the node it is
 * of (area: hash of group, node and device; first: alias).
 */
#ifndef PROTO_SPARKPLUG_H
#define PROTO_SPARKPLUG_H

#include "../base/hash.h"
#include "say.h"
#include "text.h"

enum spark_type { /* the variant of a publish: FACT_OP() */
	SPARK_NONE,
	SPARK_NBIRTH,
	SPARK_NDEATH,
	SPARK_DBIRTH,
	SPARK_DDEATH,
	SPARK_NDATA,
	SPARK_DDATA,
	SPARK_NCMD,
	SPARK_DCMD,
	SPARK_STATE,
	SPARK_TYPES
};

struct spark_topic {
	enum spark_type type;
	struct span group, node, device;
};

static inline struct span
spark_part(struct span *topic)
{
	uint32_t n = span_find(*topic, '/');
	struct span part = span_first(*topic, n);

	*topic = span_from(*topic, n + 1);
	return part;
}

static inline struct spark_topic
spark_topic(struct span topic)
{
	static const char *const names[SPARK_TYPES] = { "", "NBIRTH", "NDEATH",
		"DBIRTH", "DDEATH", "NDATA", "DDATA", "NCMD", "DCMD", "STATE" };
	struct spark_topic t = { .type = SPARK_NONE };
	struct span verb;

	if (!span_is(spark_part(&topic), SPAN_LIT("spBv1.0")))
		return t;
	t.group = spark_part(&topic);
	if (span_is(t.group, span_text(names[SPARK_STATE]))) {
		t.type = SPARK_STATE;
		t.node = topic;
		return t;
	}
	verb = spark_part(&topic);
	t.node = spark_part(&topic);
	t.device = topic;
	for (uint32_t i = SPARK_NBIRTH; i < SPARK_STATE; i++)
		if (t.node.n > 0 && span_is(verb, span_text(names[i])))
			t.type = (enum spark_type)i;
	return t;
}

/* ------------------------------------------------------- Protocol Buffers */

enum spark_wire {
	WIRE_VARINT = 0,
	WIRE_64 = 1,
	WIRE_BYTES = 2,
	WIRE_32 = 5,
};

struct spark_field {
	uint32_t number, wire;
	uint64_t v; /* of the numbers */
	struct rd in; /* of WIRE_BYTES */
};

static inline uint64_t
spark_varint(struct rd *r)
{
	uint64_t v = 0;

	for (uint32_t shift = 0; shift < 70; shift += 7) {
		uint32_t b = rd_u8(r);

		if (shift < 64)
			v |= (uint64_t)(b & 0x7f) << shift;
		if ((b & 0x80) == 0)
			return v;
	}
	rd_bad(r, "number of more than ten bytes");
	return 0;
}

static inline struct spark_field
spark_field(struct rd *r)
{
	uint64_t tag = spark_varint(r), n;
	struct spark_field f = { .number = (uint32_t)(tag >> 3),
		.wire = tag & 7u };

	switch (f.wire) {
	case WIRE_VARINT:
		f.v = spark_varint(r);
		break;
	case WIRE_64:
		f.v = rd_le64(r);
		break;
	case WIRE_32:
		f.v = rd_le32(r);
		break;
	case WIRE_BYTES:
		n = spark_varint(r);
		f.in = rd_sub(r, n < UINT32_MAX ? (uint32_t)n : UINT32_MAX);
		break;
	default:
		rd_bad(r, "wire type");
		break;
	}
	return f;
}

/* ---------------------------------------------------------------- metrics */

enum spark_kind { /* number of the field that holds the value */
	VALUE_NULL = 7,
	VALUE_INT = 10,
	VALUE_LONG = 11,
	VALUE_FLOAT = 12,
	VALUE_DOUBLE = 13,
	VALUE_BOOL = 14,
	VALUE_STRING = 15,
};

struct spark_metric {
	struct span name, text;
	uint32_t alias, datatype, kind;
	uint64_t v;
};

static inline struct spark_metric
spark_metric(struct rd *r)
{
	struct spark_metric m = { .kind = 0 };

	while (rd_more(r)) {
		struct spark_field f = spark_field(r);

		if (f.number == 1 && f.wire == WIRE_BYTES)
			m.name = rd_span_rest(&f.in);
		else if (f.number == 2 && f.wire == WIRE_VARINT)
			m.alias = (uint32_t)f.v;
		else if (f.number == 4 && f.wire == WIRE_VARINT)
			m.datatype = (uint32_t)f.v;
		else if (f.number >= VALUE_INT && f.number <= VALUE_STRING &&
		    (f.wire == WIRE_BYTES) == (f.number == VALUE_STRING))
			m.kind = f.number;
		if (f.number == m.kind)
			m.v = f.v;
		if (f.wire != WIRE_BYTES || f.number == 1)
			continue;
		if (f.number == VALUE_STRING)
			m.text = rd_span_rest(&f.in);
		else if (f.number == 8 || f.number == 9) /* what it is of */
			rd_skip_rest(&f.in);
		else
			rd_opaque_rest(&f.in); /* data set, template, bytes */
	}
	return m;
}

/* Int8, 16, 32 and 64 travel as unsigned numbers of 32 or 64 bits. */
static inline void
spark_number(struct fact *f, const struct spark_metric *m)
{
	bool is_signed = m->datatype >= 1 && m->datatype <= 4;

	if (m->kind == VALUE_FLOAT || m->kind == VALUE_DOUBLE) {
		f->num_type = NUM_REAL;
		f->num.r = m->kind == VALUE_FLOAT ? f32_of((uint32_t)m->v)
						  : f64_of(m->v);
	} else if (m->kind == VALUE_BOOL) {
		f->num_type = NUM_BOOL;
		f->num.u = m->v != 0;
	} else if (is_signed) {
		f->num_type = NUM_INT;
		f->num.i = m->datatype == 1 ? (int8_t)m->v
		    : m->datatype == 2      ? (int16_t)m->v
		    : m->datatype == 3      ? (int32_t)m->v
					    : (int64_t)m->v;
	} else if (m->kind == VALUE_INT || m->kind == VALUE_LONG) {
		f->num_type = NUM_UINT;
		f->num.u = m->v;
	}
}

static inline struct fact_object
spark_object(const struct spark_topic *t, const struct spark_metric *m)
{
	uint64_t h = hash_bytes(t->group.p, t->group.n, 1);

	h = hash_bytes(t->node.p, t->node.n, h);
	return (struct fact_object){ .space = SPACE_TOPIC,
		.area = (uint32_t)hash_bytes(t->device.p, t->device.n, h),
		.first = m->alias,
		.count = 1 };
}

static inline void
spark_say_metric(struct dissect *d, uint32_t op, const struct spark_topic *t,
    const struct spark_metric *m)
{
	struct span of = t->device.n > 0 ? t->device : t->node;
	struct fact *f = dissect_value(d, op, spark_object(t, m));

	if (f->kind == FACT_NONE)
		return;
	spark_number(f, m);
	fact_textf(f, "%.*s:%.*s%s%.*s", (int)span_first(of, 32).n,
	    (const char *)of.p, (int)span_first(m->name, 96).n,
	    (const char *)m->name.p, m->text.n > 0 ? "=" : "",
	    (int)span_first(m->text, 96).n, (const char *)m->text.p);
}

/* The metrics by which the specification's examples tell what a node is; a
 * device behind the node has its own birth and is not the sender. */
static inline void
spark_introduce(struct dissect *d, const struct spark_metric *m)
{
	static const struct {
		const char *name;
		enum trait trait;
	} table[] = {
		{ "properties/hardware make", TRAIT_VENDOR },
		{ "properties/hardware model", TRAIT_MODEL },
		{ "properties/serial number", TRAIT_SERIAL },
		{ "properties/fw", TRAIT_FIRMWARE },
		{ "properties/os", TRAIT_OS },
		{ "properties/os version", TRAIT_OS },
	};

	for (uint32_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (text_is(m->name, table[i].name))
			dissect_ident(d, table[i].trait, m->text);
}

/* What a command does hangs on the metric it sets (clause 6.4.20 and on). */
static inline enum risk
spark_risk(const struct spark_metric *m)
{
	if (text_is(m->name, "node control/reboot") ||
	    text_is(m->name, "device control/reboot"))
		return RISK_RESET;
	if (text_is(m->name, "node control/next server"))
		return RISK_CONFIGURATION;
	if (text_is(m->name, "node control/scan rate"))
		return RISK_CONFIGURATION;
	return RISK_NONE;
}

static inline void
spark_payload(struct rd *r, struct dissect *d, struct fact *f,
    const struct spark_topic *t)
{
	uint32_t op = f->op;

	while (rd_more(r)) {
		struct spark_field field = spark_field(r);
		struct spark_metric m;
		enum risk risk;

		if (field.wire != WIRE_BYTES)
			continue;
		if (field.number != 2) {
			if (field.number == 4)
				rd_skip_rest(&field.in);
			else
				rd_opaque_rest(&field.in);
			continue;
		}
		m = spark_metric(&field.in);
		if (!rd_ok(r))
			return;
		risk = spark_risk(&m);
		if (f->risk != RISK_NONE && risk != RISK_NONE)
			f->risk = (uint8_t)risk;
		spark_say_metric(d, op, t, &m);
		if (t->type == SPARK_NBIRTH && d->to_server)
			spark_introduce(d, &m);
	}
}

#endif
