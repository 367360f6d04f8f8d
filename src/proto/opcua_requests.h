/*
 * opcua_requests.h - the bodies of OPC UA requests, IEC 62541-4 clause 5: what
 * they ask for, and what is kept for their answers.  Each says its operation.
 * Included by opcua.c only.
 */
#ifndef PROTO_OPCUA_REQUESTS_H
#define PROTO_OPCUA_REQUESTS_H

#include "opcua_types.h"

/* ------------------------------------------------- what is known of a node */

static struct node
node_at(struct place p)
{
	return (struct node){ .area = p.area, .first = p.first };
}

static void
keep_item(struct ua *u, uint32_t handle, struct node n, uint32_t attribute)
{
	struct ua_state *s = u->s;
	uint32_t k = s->next_item;

	for (uint32_t i = 0; i < N_ITEMS; i++)
		if (s->items[i].handle == handle && s->items[i].at.sub != 0)
			k = i;
	s->items[k].handle = handle;
	s->items[k].at = (struct place){ .first = n.first,
		.area = (uint16_t)n.area,
		.sub = (uint16_t)attribute };
	if (k == s->next_item)
		s->next_item = (uint8_t)((k + 1) % N_ITEMS);
}

static void
read_notified_value(struct rd *r, struct ua *u)
{
	uint32_t handle = rd_le32(r), attribute = 0;
	struct node at = { .area = AREA_HANDLE, .first = handle };

	for (uint32_t i = 0; i < N_ITEMS; i++) {
		if (u->s->items[i].handle != handle ||
		    u->s->items[i].at.sub == 0)
			continue;
		at = node_at(u->s->items[i].at);
		attribute = u->s->items[i].at.sub;
	}
	read_data_value(r, u, at, attribute, 0);
}

/* --------------------------------------------------- descriptions, identity */

static void
read_application(struct rd *r, struct ua *u, bool say)
{
	struct span uri = read_string(r), product = read_string(r);
	struct span name = read_localized(r);

	rd_skip(r, 4);
	skip_string(r); /* gateway */
	skip_string(r); /* discovery profile */
	skip_strings(r); /* discovery URLs */
	if (!rd_ok(r) || !say)
		return;
	dissect_ident(u->d, TRAIT_UUID, uri);
	dissect_ident(u->d, TRAIT_DESCRIPTION, product);
	dissect_ident(u->d, TRAIT_APPLICATION, name);
}

/* Which kinds of user token an endpoint takes, one bit each. */
static uint32_t
read_tokens(struct rd *r)
{
	uint32_t n = read_count(r, 20), kinds = 0;

	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		uint32_t kind;

		skip_string(r);
		kind = rd_le32(r);
		kinds |= kind < 4 ? 1u << kind : 0;
		skip_string(r);
		skip_string(r);
		skip_string(r);
	}
	return kinds;
}

static void
read_endpoint(struct rd *r, struct ua *u, bool first)
{
	struct span certificate, policy;
	uint32_t mode, tokens;

	skip_string(r); /* URL */
	read_application(r, u, first);
	certificate = read_string(r);
	mode = rd_le32(r);
	policy = policy_name(read_string(r));
	tokens = read_tokens(r);
	skip_string(r);
	rd_skip(r, 1);
	if (!rd_ok(r))
		return;
	if (first)
		say_certificate(u, certificate);
	dissect_identf(u->d, TRAIT_SECURITY, "%.*s, %s%s%s%s%s",
	    (int)span_first(policy, 40).n, (const char *)policy.p,
	    mode_name(mode), (tokens & 1) != 0 ? ", anonymous" : "",
	    (tokens & 2) != 0 ? ", user name" : "",
	    (tokens & 4) != 0 ? ", certificate" : "",
	    (tokens & 8) != 0 ? ", issued token" : "");
}

/* --------------------------------------------------------------- requests */

static void
read_find_servers(struct rd *r, struct ua *u)
{
	struct span url = read_string(r);

	say_url(say_op(u), url);
	rd_skip_rest(r);
}

static void
read_register_server(struct rd *r, struct ua *u)
{
	struct span uri = read_string(r), product = read_string(r);
	struct span name = SPAN(NULL, 0);
	uint32_t n = read_count(r, 1);

	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		struct span text = read_localized(r);

		name = i == 0 ? text : name;
	}
	say_url(say_op(u), uri);
	rd_skip_rest(r);
	if (!rd_ok(r))
		return;
	dissect_ident(u->d, TRAIT_UUID, uri);
	dissect_ident(u->d, TRAIT_DESCRIPTION, product);
	dissect_ident(u->d, TRAIT_APPLICATION, name);
}

static void
read_open_channel(struct rd *r, struct ua *u)
{
	uint32_t renew, mode, lifetime;

	rd_skip(r, 4);
	renew = rd_le32(r);
	mode = rd_le32(r);
	skip_string(r); /* nonce */
	lifetime = rd_le32(r);
	fact_textf(say_op(u), "%s, %s, %u ms", renew == 1 ? "renew" : "issue",
	    mode_name(mode), lifetime);
}

static void
read_create_session(struct rd *r, struct ua *u)
{
	struct fact *f = say_op(u);
	struct span name, certificate;

	read_application(r, u, true);
	skip_string(r); /* server URI */
	skip_string(r); /* endpoint URL */
	name = read_string(r);
	skip_string(r); /* nonce */
	certificate = read_string(r);
	rd_skip(r, 12);
	if (!rd_ok(r))
		return;
	f->object = (struct fact_object){ .space = SPACE_NAME, .count = 1 };
	fact_text(f, name);
	say_certificate(u, certificate);
}

static void
say_user_name(struct rd *r, struct ua *u, struct fact *f)
{
	struct span user, password, algorithm;

	skip_string(r); /* policy */
	user = read_string(r);
	password = read_string(r);
	algorithm = read_string(r);
	if (!rd_ok(r))
		return;
	fact_text(f, user);
	dissect_ident(u->d, TRAIT_USER, user);
	if (password.n > 0 && algorithm.n == 0)
		dissect_ident(u->d, TRAIT_SECURITY,
		    SPAN_LIT("password sent in the clear"));
}

static void
say_user(struct rd *r, struct ua *u, struct fact *f, uint32_t token)
{
	switch (token) {
	case 321:
		fact_text(f, SPAN_LIT("anonymous"));
		break;
	case 324:
		say_user_name(r, u, f);
		break;
	case 327:
		fact_text(f, SPAN_LIT("by certificate"));
		skip_string(r);
		say_certificate(u, read_string(r));
		break;
	case 940:
		fact_text(f, SPAN_LIT("by issued token"));
		break;
	default:
		break;
	}
	rd_skip_rest(r);
}

static void
read_activate_session(struct rd *r, struct ua *u)
{
	struct fact *f = say_op(u);
	struct rd body;
	uint32_t n, token;

	skip_string(r); /* signature: algorithm, octets */
	skip_string(r);
	n = read_count(r, 8);
	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		skip_string(r);
		skip_string(r);
	}
	skip_strings(r); /* locales */
	token = read_extension(r, &body);
	say_user(&body, u, f, token);
	rd_skip_rest(r);
}

static void
read_add_nodes(struct rd *r, struct ua *u)
{
	uint32_t n = read_count(r, 16);

	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		struct node node;
		struct span name;
		struct fact *f;

		(void)read_node(r); /* parent */
		(void)read_node(r); /* reference */
		node = read_node(r);
		rd_skip(r, 2);
		name = read_string(r);
		rd_skip(r, 4);
		skip_extension(r);
		(void)read_node(r);
		if (!rd_ok(r))
			break;
		f = say_node(u, node, 0, 1);
		fact_text(f, name);
	}
	if (n == 0)
		(void)say_op(u);
}

static void
read_add_references(struct rd *r, struct ua *u)
{
	uint32_t n = read_count(r, 15);

	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		struct node node = read_node(r);

		(void)read_node(r);
		rd_skip(r, 1);
		skip_string(r);
		(void)read_node(r);
		rd_skip(r, 4);
		if (rd_ok(r))
			(void)say_node(u, node, 0, 1);
	}
	if (n == 0)
		(void)say_op(u);
}

static void
read_delete_nodes(struct rd *r, struct ua *u)
{
	uint32_t n = read_count(r, 3);

	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		struct node node = read_node(r);

		rd_skip(r, 1);
		if (rd_ok(r))
			(void)say_node(u, node, 0, 1);
	}
	if (n == 0)
		(void)say_op(u);
}

static void
read_delete_references(struct rd *r, struct ua *u)
{
	uint32_t n = read_count(r, 8);

	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		struct node node = read_node(r);

		(void)read_node(r);
		rd_skip(r, 1);
		(void)read_node(r);
		rd_skip(r, 1);
		if (rd_ok(r))
			(void)say_node(u, node, 0, 1);
	}
	if (n == 0)
		(void)say_op(u);
}

/* An array that begins with nodes: the first and how many. */
static void
read_first_node(struct rd *r, struct ua *u)
{
	uint32_t n = read_count(r, 2);
	struct node node = { .name = SPAN(NULL, 0) };

	if (n > 0)
		node = read_node(r);
	(void)say_node(u, node, 0, n);
	rd_skip_rest(r);
}

static void
read_browse(struct rd *r, struct ua *u)
{
	(void)read_node(r); /* view */
	rd_skip(r, 8 + 4 + 4);
	read_first_node(r, u);
}

/* ReadValueId; returns the attribute. */
static uint32_t
read_value_id(struct rd *r, struct node *ret)
{
	uint32_t attribute;

	*ret = read_node(r);
	attribute = rd_le32(r);
	skip_string(r); /* index range */
	rd_skip(r, 2);
	skip_string(r); /* data encoding */
	return attribute;
}

static void
read_read(struct rd *r, struct ua *u)
{
	uint32_t n, k = u->s->next_read;

	rd_skip(r, 8 + 4);
	n = read_count(r, 16);
	u->s->reads[k].request = u->request;
	u->s->reads[k].n = 0;
	u->s->next_read = (uint8_t)((k + 1) % N_READS);
	for (uint32_t i = 0; i < n && i < N_PLACES && rd_ok(r); i++) {
		struct node node;
		uint32_t attribute = read_value_id(r, &node);

		u->s->reads[k].at[i] = (struct place){ .first = node.first,
			.area = (uint16_t)node.area,
			.sub = (uint16_t)attribute };
		u->s->reads[k].n = i + 1;
		if (i == 0)
			(void)say_node(u, node, attribute, n);
	}
	if (n == 0)
		(void)say_op(u);
	rd_skip_rest(r);
}

static void
read_history_read(struct rd *r, struct ua *u)
{
	skip_extension(r);
	rd_skip(r, 4 + 1);
	read_first_node(r, u);
}

static void
read_write(struct rd *r, struct ua *u)
{
	uint32_t n = read_count(r, 11);

	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		struct node node = read_node(r);
		uint32_t attribute = rd_le32(r);

		skip_string(r); /* index range */
		if (!rd_ok(r))
			break;
		(void)say_node(u, node, attribute, 1);
		read_data_value(r, u, node, attribute, 0);
	}
	if (n == 0)
		(void)say_op(u);
}

static void
read_call(struct rd *r, struct ua *u)
{
	uint32_t n = read_count(r, 8);

	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		struct node method;
		uint32_t arguments;

		(void)read_node(r); /* object */
		method = read_node(r);
		if (!rd_ok(r))
			break;
		(void)say_node(u, method, 0, 1);
		arguments = read_count(r, 1);
		for (uint32_t k = 0; k < arguments && rd_ok(r); k++)
			read_variant(r, u, method, 0, 0);
	}
	if (n == 0)
		(void)say_op(u);
}

static void
read_create_items(struct rd *r, struct ua *u)
{
	uint32_t n;

	rd_skip(r, 4 + 4);
	n = read_count(r, 40);
	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		struct node node;
		uint32_t attribute = read_value_id(r, &node), handle;

		rd_skip(r, 4);
		handle = rd_le32(r);
		rd_skip(r, 8);
		skip_extension(r); /* filter */
		rd_skip(r, 4 + 1);
		if (!rd_ok(r))
			break;
		if (i == 0)
			(void)say_node(u, node, attribute, n);
		keep_item(u, handle, node, attribute);
	}
	if (n == 0)
		(void)say_op(u);
}

#endif
