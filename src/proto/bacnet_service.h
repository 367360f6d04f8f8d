/*
 * bacnet_service.h - parameters of the services: requests, acknowledgements,
 * and unconfirmed services.  ANSI/ASHRAE 135 clauses 13 to 17 and 21. Included
 * by bacnet.c only.
 */
#ifndef PROTO_BACNET_SERVICE_H
#define PROTO_BACNET_SERVICE_H

#include "bacnet_object.h"
#include "bacnet_ops.h"
#include "bacnet_value.h"
#include "proto.h"

#include <stdio.h>

/* ---------------------------------------------------------------- requests */

/* Turning the process value of an output, or of its owner's program. */
static void
weigh_write(struct fact *f, struct fact_object at)
{
	if (f->kind != FACT_WRITE)
		return;
	switch (at.sub) {
	case PRESENT_VALUE:
	case 108: /* setpoint */
	case 104: /* relinquish-default */
	case 87: /* priority-array */
		return;
	case 81: /* out-of-service: cut off from what is real */
		f->risk = RISK_FORCE;
		return;
	case 90: /* program-change */
		f->kind = FACT_CONTROL;
		f->risk = RISK_PROGRAM;
		return;
	case 160: /* mode and silenced of life safety objects */
	case 163:
		f->kind = FACT_CONTROL;
		f->risk = RISK_CONTROL;
		return;
	case 56: /* local-date, local-time */
	case 57:
		f->kind = FACT_TIME;
		f->risk = RISK_TIME;
		return;
	default:
		f->kind = FACT_CONFIG;
		f->risk = RISK_CONFIGURATION;
		return;
	}
}

static void
request_write(struct rd *r, struct dissect *d, const struct origin *o,
    struct fact *f)
{
	struct fact_object at = read_reference(r, 0);
	uint32_t priority;
	char text[24] = "";

	read_property_value(r, d, o, CO_WRITE, at, 3);
	priority = context_uint_or(r, 4, 0);
	if (priority != 0)
		(void)snprintf(text, sizeof(text), "priority %u", priority);
	weigh_write(f, at);
	say_object(f, at, text);
}

/* Property, index, value and priority of one object, with tags from 0 on. */
static void
read_property_values(struct rd *r, struct dissect *d, const struct origin *o,
    uint32_t op, uint32_t id, struct fact *f, bool first)
{
	for (uint32_t i = 0; i < LIST_MAX && at_context(r, 0); i++) {
		struct fact_object at = object_of(id, context_uint(r, 0));

		at.count = context_uint_or(r, 1, 0);
		if (first && i == 0) {
			if (op == CO_WRITE_MULTIPLE)
				weigh_write(f, at);
			say_object(f, at, "");
		}
		read_property_value(r, d, o, op, at, 2);
		skip_field(r, 3); /* priority */
	}
}

static void
request_write_multiple(struct rd *r, struct dissect *d, const struct origin *o,
    struct fact *f)
{
	for (uint32_t i = 0; i < LIST_MAX && rd_more(r); i++) {
		uint32_t id = context_uint(r, 0);

		rd_require(r, at_opening(r, 1), "a list is missing");
		(void)read_tag(r);
		read_property_values(r, d, o, CO_WRITE_MULTIPLE, id, f, i == 0);
		rd_require(r, at_closing(r, 1), "a list is not closed");
		(void)read_tag(r);
	}
}

static void
request_read_multiple(struct rd *r, struct fact *f)
{
	for (uint32_t i = 0; i < LIST_MAX && rd_more(r); i++) {
		uint32_t id = context_uint(r, 0);
		uint32_t property = PROPERTY_ANY, index = 0;

		rd_require(r, at_opening(r, 1), "a list is missing");
		(void)read_tag(r);
		if (at_context(r, 0)) {
			property = context_uint(r, 0);
			index = context_uint_or(r, 1, 0);
		}
		if (i == 0 && rd_ok(r)) {
			struct fact_object at = object_of(id, property);

			at.count = index;
			say_object(f, at, "");
		}
		skip_constructed(r);
	}
}

/* Process, device, object, time left, list of values. */
static void
read_cov(struct rd *r, struct dissect *d, const struct origin *o, uint32_t op,
    struct fact *f)
{
	uint32_t id;

	(void)context_uint(r, 0);
	say_device(d, o, context_uint(r, 1) & 0x3fffff);
	id = context_uint(r, 2);
	(void)context_uint(r, 3);
	say_object(f, object_of(id, PRESENT_VALUE), "");
	rd_require(r, at_opening(r, 4), "a list is missing");
	(void)read_tag(r);
	read_property_values(r, d, o, op, id, f, false);
	rd_require(r, at_closing(r, 4), "a list is not closed");
	(void)read_tag(r);
}

static const char *
event_state(uint32_t state)
{
	static const char *const names[] = { "normal", "fault", "offnormal",
		"high-limit", "low-limit", "life-safety-alarm" };

	return NAME_IN(names, state);
}

/*
 * Process, device, object, time stamp, class, priority, type, message, kind,
 * acknowledge, from, to, values.
 */
static void
read_event(struct rd *r, struct dissect *d, const struct origin *o,
    struct fact *f)
{
	struct fact_object at;
	uint32_t priority, to;
	char text[64];

	(void)context_uint(r, 0);
	say_device(d, o, context_uint(r, 1) & 0x3fffff);
	at = object_of(context_uint(r, 2), PROPERTY_ANY);
	skip_field(r, 3);
	(void)context_uint(r, 4);
	priority = context_uint(r, 5);
	(void)context_uint(r, 6);
	for (uint32_t n = 7; n <= 10; n++)
		skip_field(r, n);
	to = context_uint(r, 11);
	skip_field(r, 12);
	(void)snprintf(text, sizeof(text), "to %s, priority %u",
	    or_unknown(event_state(to)), priority);
	if (rd_ok(r))
		say_object(f, at, text);
}

/* Object, then a place in it: of a stream or of records; data to write. */
static void
read_file(struct rd *r, struct fact *f, bool write)
{
	struct fact_object at =
	    object_of(app_uint(r, TAG_OBJECT), PROPERTY_ANY);
	struct tag t = read_tag(r), number;
	char text[48];
	int64_t start;
	uint32_t count = 0;

	rd_require(r, !rd_ok(r) || t.opening, "a place is missing");
	number = expect(r, TAG_SIGNED);
	start = read_bytes_int(r, number.length);
	if (t.number == 1 || !write)
		count = app_uint(r, TAG_UNSIGNED);
	skip_constructed(r);
	(void)snprintf(text, sizeof(text), "%s %lld",
	    t.number == 1 ? "record" : "byte", (long long)start);
	if (!rd_ok(r))
		return;
	say_object(f, at, text);
	f->object.count = count;
}

/* Object type or identifier, and values to begin with. */
static void
request_create(struct rd *r, struct dissect *d, const struct origin *o,
    struct fact *f)
{
	uint32_t id;

	rd_require(r, at_opening(r, 0), "an object is missing");
	(void)read_tag(r);
	id = at_context(r, 0) ? context_uint(r, 0) << 22 : context_uint(r, 1);
	rd_require(r, at_closing(r, 0), "a choice is not closed");
	(void)read_tag(r);
	say_object(f, object_of(id, PROPERTY_ANY), "");
	if (at_opening(r, 1)) {
		(void)read_tag(r);
		read_property_values(r, d, o, CO_CREATE, id, f, false);
		rd_require(r, at_closing(r, 1), "a list is not closed");
		(void)read_tag(r);
	}
}

static void
request_communication(struct rd *r, struct fact *f)
{
	static const char *const what[] = { "enable", "disable",
		"disable initiation" };
	uint32_t minutes = context_uint_or(r, 0, 0), state = context_uint(r, 1);

	if (at_context(r, 2)) /* password */
		skip_field(r, 2);
	if (rd_ok(r) && f->kind != FACT_NONE)
		fact_textf(f, minutes != 0 ? "%s for %u min" : "%s",
		    or_unknown(NAME_IN(what, state)), minutes);
}

static void
request_reinitialize(struct rd *r, struct fact *f)
{
	static const char *const what[] = { "coldstart", "warmstart",
		"start backup", "end backup", "start restore", "end restore",
		"abort restore", "activate changes" };
	uint32_t state = context_uint(r, 0);

	skip_field(r, 1); /* password */
	fact_text(f, span_text(or_unknown(NAME_IN(what, state))));
	if (f->kind != FACT_CONTROL)
		return;
	if (state == 2 || state == 3) { /* a copy of all its settings */
		f->kind = FACT_FILE;
		f->risk = RISK_NONE;
	} else if (state >= 4 && state <= 6) {
		f->risk = RISK_PROGRAM;
	} else if (state == 7) {
		f->risk = RISK_CONFIGURATION;
	}
}

static void
request_life_safety(struct rd *r, struct fact *f)
{
	uint32_t operation, id;
	char text[24];

	(void)context_uint(r, 0);
	skip_field(r, 1); /* who asks */
	operation = context_uint(r, 2);
	id = context_uint_or(r, 3, 0);
	(void)snprintf(text, sizeof(text), "operation %u", operation);
	if (rd_ok(r))
		say_object(f, object_of(id, PROPERTY_ANY), text);
}

static void
read_private(struct rd *r, struct fact *f)
{
	uint32_t vendor = context_uint(r, 0), service = context_uint(r, 1);
	const char *name = vendor_name(vendor);

	if (rd_ok(r) && f->kind != FACT_NONE)
		fact_textf(f, "vendor %u %s, service %u", vendor,
		    name != NULL ? name : "", service);
	rd_opaque_rest(r);
}

static void
read_message_text(struct rd *r, struct fact *f)
{
	char utf8[TEXT_MAX];
	struct tag t;

	(void)context_uint(r, 0); /* device */
	skip_field(r, 1); /* class */
	(void)context_uint(r, 2); /* priority */
	rd_require(r, at_context(r, 3), "a text is missing");
	t = read_tag(r);
	fact_text(f, read_text(r, t.length, utf8));
}

/* Services that begin with process and object, or object and property. */
static void
request_other(struct rd *r, struct fact *f, uint32_t service)
{
	switch (service) {
	case CO_ACKNOWLEDGE_ALARM:
	case CO_SUBSCRIBE_COV:
	case CO_SUBSCRIBE_PROPERTY:
		(void)context_uint(r, 0);
		say_object(f,
		    object_of(context_uint(r, 1),
			service == CO_SUBSCRIBE_COV ? PRESENT_VALUE
						    : PROPERTY_ANY),
		    "");
		rd_skip_rest(r);
		break;
	case CO_DELETE:
		say_object(f, object_of(app_uint(r, TAG_OBJECT), PROPERTY_ANY),
		    "");
		break;
	case CO_READ_RANGE:
	case CO_ADD_ELEMENT:
	case CO_REMOVE_ELEMENT:
		say_object(f, read_reference(r, 0), "");
		rd_skip_rest(r);
		break;
	case CO_EVENT_INFORMATION:
	case CO_ALARM_SUMMARY:
	case CO_ENROLLMENT_SUMMARY:
		rd_skip_rest(r);
		break;
	default:
		rd_opaque_rest(r);
		break;
	}
}

static void
request_body(struct rd *r, struct dissect *d, const struct origin *o,
    uint32_t service, struct fact *f)
{
	switch (service) {
	case CO_READ:
		say_object(f, read_reference(r, 0), "");
		break;
	case CO_READ_MULTIPLE:
		request_read_multiple(r, f);
		break;
	case CO_WRITE:
		request_write(r, d, o, f);
		break;
	case CO_WRITE_MULTIPLE:
		request_write_multiple(r, d, o, f);
		break;
	case CO_COV:
		read_cov(r, d, o, CO_COV, f);
		break;
	case CO_EVENT:
		read_event(r, d, o, f);
		break;
	case CO_READ_FILE:
	case CO_WRITE_FILE:
		read_file(r, f, service == CO_WRITE_FILE);
		break;
	case CO_CREATE:
		request_create(r, d, o, f);
		break;
	case CO_COMMUNICATION:
		request_communication(r, f);
		break;
	case CO_PRIVATE:
		read_private(r, f);
		break;
	case CO_TEXT:
		read_message_text(r, f);
		break;
	case CO_REINITIALIZE:
		request_reinitialize(r, f);
		break;
	case CO_LIFE_SAFETY:
		request_life_safety(r, f);
		break;
	default:
		request_other(r, f, service);
		break;
	}
}

/* --------------------------------------------------------- acknowledgements */

/* Class and code of an error, as text. */
static void
say_error(struct fact *f, uint32_t class_id, uint32_t code)
{
	if (f->kind != FACT_NONE)
		fact_textf(f, "%s: %s",
		    or_unknown(NAME_IN(error_classes, class_id)),
		    or_unknown(NAME_IN(error_codes, code)));
}

/* One property of a multiple read: its value, or why there is none. */
static void
ack_one_property(struct rd *r, struct dissect *d, const struct origin *o,
    uint32_t id)
{
	struct fact_object at = object_of(id, context_uint(r, 2));

	at.count = context_uint_or(r, 3, 0);
	if (at_opening(r, 4)) {
		read_property_value(r, d, o, CO_READ_MULTIPLE, at, 4);
		return;
	}
	rd_require(r, at_opening(r, 5), "neither value nor error");
	(void)read_tag(r);
	skip_constructed(r);
}

static void
ack_read_multiple(struct rd *r, struct dissect *d, const struct origin *o)
{
	for (uint32_t i = 0; i < LIST_MAX && rd_more(r); i++) {
		uint32_t id = context_uint(r, 0);

		rd_require(r, at_opening(r, 1), "a list is missing");
		(void)read_tag(r);
		for (uint32_t k = 0; k < LIST_MAX && at_context(r, 2); k++)
			ack_one_property(r, d, o, id);
		rd_require(r, at_closing(r, 1), "a list is not closed");
		(void)read_tag(r);
	}
}

static void
ack_read(struct rd *r, struct dissect *d, const struct origin *o,
    struct fact *f)
{
	struct fact_object at = read_reference(r, 0);

	if (rd_ok(r))
		say_object(f, at, "");
	read_property_value(r, d, o, CO_READ, at, 3);
}

static void
ack_read_range(struct rd *r, struct dissect *d, struct fact *f)
{
	struct fact_object at = read_reference(r, 0);

	if (rd_ok(r))
		say_object(f, at, "");
	skip_field(r, 3); /* first, last, more */
	(void)context_uint(r, 4);
	if (at_opening(r, 5))
		read_any(r, d, CO_READ_RANGE, at, 5);
	rd_skip_rest(r);
}

/* Objects in an event state: a fact each. */
static void
ack_event_information(struct rd *r, struct dissect *d)
{
	rd_require(r, at_opening(r, 0), "a list is missing");
	(void)read_tag(r);
	for (uint32_t i = 0; i < LIST_MAX && at_context(r, 0); i++) {
		uint32_t id = context_uint(r, 0), state = context_uint(r, 1);
		struct fact *f = dissect_value(d, CO_EVENT_INFORMATION,
		    object_of(id, 36)); /* event-state */

		set_uint(f, state);
		for (uint32_t n = 2; n <= 6; n++)
			skip_field(r, n);
	}
	rd_require(r, at_closing(r, 0), "a list is not closed");
	rd_skip_rest(r);
}

static void
ack_body(struct rd *r, struct dissect *d, const struct origin *o,
    uint32_t service, struct fact *f)
{
	switch (service) {
	case CO_READ:
		ack_read(r, d, o, f);
		break;
	case CO_READ_MULTIPLE:
		ack_read_multiple(r, d, o);
		break;
	case CO_READ_RANGE:
		ack_read_range(r, d, f);
		break;
	case CO_EVENT_INFORMATION:
		ack_event_information(r, d);
		break;
	case CO_CREATE:
		say_object(f, object_of(app_uint(r, TAG_OBJECT), PROPERTY_ANY),
		    "");
		break;
	case CO_READ_FILE:
	case CO_WRITE_FILE:
	case CO_ALARM_SUMMARY:
	case CO_ENROLLMENT_SUMMARY:
		rd_skip_rest(r);
		break;
	default:
		rd_opaque_rest(r);
		break;
	}
}

/* ------------------------------------------------------------- unconfirmed */

static void
read_i_am(struct rd *r, struct dissect *d, const struct origin *o,
    struct fact *f)
{
	uint32_t id = app_uint(r, TAG_OBJECT), vendor;

	(void)app_uint(r, TAG_UNSIGNED); /* largest message */
	(void)app_uint(r, TAG_ENUMERATED); /* segmentation */
	vendor = app_uint(r, TAG_UNSIGNED);
	if (!rd_ok(r))
		return;
	say_object(f, object_of(id, PROPERTY_ANY), "");
	say_device(d, o, id & 0x3fffff);
	say_vendor(d, o, vendor);
}

static void
read_i_have(struct rd *r, struct dissect *d, const struct origin *o,
    struct fact *f)
{
	uint32_t device = app_uint(r, TAG_OBJECT);
	uint32_t id = app_uint(r, TAG_OBJECT);
	char utf8[TEXT_MAX];
	struct tag t = expect(r, TAG_TEXT);
	struct span name = read_text(r, t.length, utf8);

	if (!rd_ok(r))
		return;
	f->object = object_of(id, 0);
	fact_text(f, name);
	say_device(d, o, device & 0x3fffff);
}

static void
read_range_of_devices(struct rd *r, struct fact *f)
{
	uint32_t low = 0, high = 0x3fffff;

	if (at_context(r, 0)) {
		low = context_uint(r, 0);
		high = context_uint(r, 1);
	}
	f->object = object_of(TYPE_DEVICE << 22 | (low & 0x3fffff), 0);
	if (rd_ok(r) && f->kind != FACT_NONE)
		fact_textf(f, "%u to %u", low, high);
}

static void
read_who_has(struct rd *r, struct fact *f)
{
	char utf8[TEXT_MAX];

	read_range_of_devices(r, f);
	if (at_context(r, 2)) {
		say_object(f, object_of(context_uint(r, 2), PROPERTY_ANY), "");
	} else if (at_context(r, 3)) {
		struct tag t = read_tag(r);
		struct span name = read_text(r, t.length, utf8);

		fact_text(f, name);
	}
}

static void
read_time(struct rd *r, struct fact *f)
{
	struct span date, time;

	date = rd_span(r, expect(r, TAG_DATE).length);
	time = rd_span(r, expect(r, TAG_TIME).length);
	if (rd_ok(r) && f->kind != FACT_NONE && date.n == 4 && time.n == 4)
		fact_textf(f, "%04u-%02u-%02u %02u:%02u:%02u",
		    date.p[0] + 1900u, date.p[1], date.p[2], time.p[0],
		    time.p[1], time.p[2]);
}

/* Vendor, model, serial number: a device without an instance yet. */
static void
read_who_am_i(struct rd *r, struct dissect *d, const struct origin *o, bool own)
{
	uint32_t vendor = app_uint(r, TAG_UNSIGNED);
	char utf8[2][TEXT_MAX];
	struct span model, serial;
	struct tag t = expect(r, TAG_TEXT);

	model = read_text(r, t.length, utf8[0]);
	t = expect(r, TAG_TEXT);
	serial = read_text(r, t.length, utf8[1]);
	if (rd_ok(r) && own) {
		say_vendor(d, o, vendor);
		say_ident(d, o, TRAIT_MODEL, model);
		say_ident(d, o, TRAIT_SERIAL, serial);
	}
	rd_skip_rest(r);
}

static void
unconfirmed_body(struct rd *r, struct dissect *d, const struct origin *o,
    uint32_t service, struct fact *f)
{
	switch ((enum unconfirmed)service) {
	case UN_I_AM:
		read_i_am(r, d, o, f);
		break;
	case UN_I_HAVE:
		read_i_have(r, d, o, f);
		break;
	case UN_COV:
		read_cov(r, d, o, OP_UNCONFIRMED(UN_COV), f);
		break;
	case UN_EVENT:
		read_event(r, d, o, f);
		break;
	case UN_PRIVATE:
		read_private(r, f);
		break;
	case UN_TEXT:
		read_message_text(r, f);
		break;
	case UN_TIME:
	case UN_UTC:
		read_time(r, f);
		break;
	case UN_WHO_HAS:
		read_who_has(r, f);
		break;
	case UN_WHO_IS:
		read_range_of_devices(r, f);
		break;
	case UN_WHO_AM_I:
	case UN_YOU_ARE:
		read_who_am_i(r, d, o, service == UN_WHO_AM_I);
		break;
	case UN_WRITE_GROUP:
	case UN_COV_MULTIPLE:
	case UN_AUDIT:
	default:
		rd_opaque_rest(r);
		break;
	}
	rd_skip_rest(r);
}

#endif
