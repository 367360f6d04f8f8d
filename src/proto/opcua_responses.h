/*
 * opcua_responses.h - the bodies of OPC UA responses, IEC 62541-4 clause 5:
 * results, values, identity.  Included by opcua.c only.
 */
#ifndef PROTO_OPCUA_RESPONSES_H
#define PROTO_OPCUA_RESPONSES_H

#include "opcua_requests.h"

/* -------------------------------------------------------------- responses */

/* The fact of an answer, some of whose results may be bad. */
static void
say_results(struct ua *u, uint32_t code)
{
	u->said = true;
	if (code < BAD_STATUS)
		(void)dissect_op(u->d, u->op);
	else
		dissect_error(u->d, u->op, code)->flags |= FACT_NEGATIVE;
}

static void
read_codes(struct rd *r, struct ua *u)
{
	uint32_t n = read_count(r, 4), bad = 0;

	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		uint32_t code = rd_le32(r);

		bad = bad == 0 && code >= BAD_STATUS ? code : bad;
	}
	say_results(u, bad);
	rd_skip_rest(r);
}

static void
read_add_results(struct rd *r, struct ua *u)
{
	uint32_t n = read_count(r, 6), bad = 0;

	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		uint32_t code = rd_le32(r);

		(void)read_node(r);
		bad = bad == 0 && code >= BAD_STATUS ? code : bad;
	}
	say_results(u, bad);
	rd_skip_rest(r);
}

static void
read_call_results(struct rd *r, struct ua *u)
{
	uint32_t n = read_count(r, 16);

	say_results(u, n > 0 ? rd_le32(r) : 0);
	rd_skip_rest(r); /* output arguments have no node */
}

static void
read_servers(struct rd *r, struct ua *u)
{
	uint32_t n;

	(void)say_op(u);
	n = read_count(r, 20);
	for (uint32_t i = 0; i < n && rd_ok(r); i++) /* else: of others */
		read_application(r, u, n == 1);
}

static void
read_endpoints(struct rd *r, struct ua *u)
{
	uint32_t n;

	(void)say_op(u);
	n = read_count(r, 40);
	for (uint32_t i = 0; i < n && rd_ok(r); i++)
		read_endpoint(r, u, i == 0);
}

static void
read_channel(struct rd *r, struct ua *u)
{
	(void)say_op(u);
	rd_skip(r, 4 + 4 + 4 + 8 + 4);
	skip_string(r); /* nonce */
}

static void
read_session(struct rd *r, struct ua *u)
{
	uint32_t n;

	(void)say_op(u);
	(void)read_node(r);
	(void)read_node(r);
	rd_skip(r, 8);
	skip_string(r); /* nonce */
	say_certificate(u, read_string(r));
	n = read_count(r, 40);
	if (n > 0) {
		skip_string(r);
		read_application(r, u, true);
	}
	rd_skip_rest(r);
}

/* The nodes that a read asked for, or NULL. */
static const struct place *
places_of(const struct ua *u, uint32_t *ret_n)
{
	for (uint32_t i = 0; i < N_READS; i++) {
		if (u->s->reads[i].n == 0 ||
		    u->s->reads[i].request != u->request)
			continue;
		*ret_n = u->s->reads[i].n;
		return u->s->reads[i].at;
	}
	*ret_n = 0;
	return NULL;
}

/* Whether one of them is the server's status or build information. */
static bool
tells_identity(const struct place *at, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (at[i].area == 0 && at[i].first >= 2256 &&
		    at[i].first <= 2266)
			return true;
	return false;
}

static void
read_values(struct rd *r, struct ua *u)
{
	const struct place *at;
	uint32_t known, n;

	(void)say_op(u);
	at = places_of(u, &known);
	if (!wants(u, FACT_VALUE) && !tells_identity(at, known)) {
		rd_skip_rest(r);
		return;
	}
	n = read_count(r, 1);
	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		struct node node = { .area = AREA_PLACE, .first = i };

		if (i < known)
			node = node_at(at[i]);
		read_data_value(r, u, node, i < known ? at[i].sub : 0, 0);
	}
	rd_skip_rest(r); /* diagnostics */
}

/* A field: the first text in a language is the message, the first two octets
 * the severity. */
static void
read_event_field(struct rd *r, struct ua *u, struct fact *f)
{
	const struct node nowhere = { .area = AREA_HANDLE };
	uint32_t type = rd_have(r) > 0 ? rd_ahead(r, 1).p[0] : 0;

	if (type == TYPE_UINT16 && f->num_type == NUM_NONE) {
		rd_skip(r, 1);
		f->num_type = NUM_UINT;
		f->num.u = rd_le16(r);
	} else if (type == TYPE_LOCALIZED && f->text_len == 0) {
		rd_skip(r, 1);
		fact_text(f, read_localized(r));
	} else {
		u->quiet = true;
		read_variant(r, u, nowhere, 0, 0);
		u->quiet = false;
	}
}

/*
 * IEC 62541-4, 7.25.3: handle, fields.  Which they are was said when the item
 * was made; but of the base event's own (part 5, 6.4.2) only Severity is a
 * UInt16, 1 to 1000, and only Message a LocalizedText.
 */
static void
read_event(struct rd *r, struct ua *u)
{
	struct fact *f = dissect_emit(u->d, FACT_REPORT, u->op);
	uint32_t n;

	f->object = (struct fact_object){ .space = SPACE_UA_EVENT,
		.first = rd_le32(r),
		.count = 1 };
	n = read_count(r, 1);
	for (uint32_t i = 0; i < n && rd_ok(r); i++)
		read_event_field(r, u, f);
}

static void
read_notification(struct rd *r, struct ua *u)
{
	struct rd body;
	uint32_t type = read_extension(r, &body), n;

	if (type == 811) {
		n = read_count(&body, 5);
		for (uint32_t i = 0; i < n && rd_ok(r); i++)
			read_notified_value(&body, u);
	} else if (type == 916) {
		n = read_count(&body, 8);
		for (uint32_t i = 0; i < n && rd_ok(r); i++)
			read_event(&body, u);
	} else if (type == 820) {
		uint32_t status = rd_le32(&body);

		if (rd_ok(r) && status >= BAD_STATUS)
			say_results(u, status);
	}
	rd_skip_rest(&body);
}

static void
read_republication(struct rd *r, struct ua *u)
{
	uint32_t n;

	if (u->op != 829)
		(void)say_op(u);
	rd_skip(r, 4 + 8);
	n = read_count(r, 3);
	for (uint32_t i = 0; i < n && rd_ok(r); i++)
		read_notification(r, u);
	rd_skip_rest(r);
}

static void
read_publication(struct rd *r, struct ua *u)
{
	(void)say_op(u);
	if (!wants(u, FACT_VALUE) && !wants(u, FACT_REPORT)) {
		rd_skip_rest(r);
		return;
	}
	rd_skip(r, 4); /* subscription */
	rd_skip(r, read_count(r, 4) * 4);
	rd_skip(r, 1);
	read_republication(r, u);
}

#endif
