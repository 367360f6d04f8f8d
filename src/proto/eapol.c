/*
 * eapol.c - access to the network by IEEE 802.1X, and EAP inside.
 *
 * IEEE 802.1X-2020 clause 11.3; EAP RFC 3748 clause 4.
 *
 *	+---------+------+--------+  type 0, EAP:
 *	| version | type | length |  code u8, identifier u8, length be16,
 *	+---------+------+--------+  requests and responses: method u8 ...
 *	  u8        u8     be16
 *
 * Op is the type; 256 + code of EAP.  A response that tells an identity is a
 * login with that name.  Pair: EAP's identifier.
 */
#include "say.h"

#define EAP 256u
#define TYPE_EAP 0u
#define TYPE_KEY 3u

enum code {
	C_REQUEST = 1,
	C_RESPONSE = 2,
	C_SUCCESS = 3,
	C_FAILURE = 4,
};

enum method {
	M_IDENTITY = 1,
	M_NAK = 3,
};

static const struct proto_op ops[] = {
	{ 1, FACT_SESSION, RISK_NONE, "start" },
	{ 2, FACT_SESSION, RISK_NONE, "logoff" },
	{ TYPE_KEY, FACT_SESSION, RISK_NONE, "key" },
	{ 4, FACT_REPORT, RISK_NONE, "asf alert" },
	{ 5, FACT_SESSION, RISK_NONE, "macsec key agreement" },
	{ 6, FACT_DISCOVER, RISK_NONE, "generic announcement" },
	{ 7, FACT_DISCOVER, RISK_NONE, "specific announcement" },
	{ 8, FACT_DISCOVER, RISK_NONE, "announcement request" },
	{ EAP + C_REQUEST, FACT_LOGIN, RISK_NONE, "eap request" },
	{ EAP + C_RESPONSE, FACT_LOGIN, RISK_NONE, "eap response" },
	{ EAP + C_SUCCESS, FACT_LOGIN, RISK_NONE, "eap success" },
	{ EAP + C_FAILURE, FACT_LOGIN, RISK_NONE, "eap failure" },
};

static void
eap(struct rd *r, struct dissect *d)
{
	uint32_t code = rd_u8(r), op = EAP + code, n, method = 0;
	struct fact *f;
	struct rd body;

	dissect_pair(d, rd_u8(r));
	n = rd_be16(r);
	rd_require(r, !rd_ok(r) || n >= 4, "length less than the header");
	body = rd_sub(r, rd_ok(r) ? n - 4 : 0);
	if (code == C_REQUEST || code == C_RESPONSE)
		method = rd_u8(&body);
	if (!rd_ok(r))
		return;
	d->ctx.response = code == C_SUCCESS;
	f = code == C_FAILURE ? dissect_error(d, op, 0) : dissect_op(d, op);
	f->object = SAY_NAMED;
	if (method != 0)
		say_number(d, op, "method", method);
	if (code == C_RESPONSE && method == M_IDENTITY)
		say_named(f, rd_span_rest(&body));
	else if (method > M_NAK)
		rd_secret(&body, rd_left(&body));
	rd_skip_rest(&body);
}

static void
eapol_parse(struct rd *r, struct dissect *d)
{
	uint32_t version = rd_u8(r), type = rd_u8(r), n = rd_be16(r);
	struct rd body = rd_sub(r, n);

	(void)version;
	d->ctx.response = false;
	if (!rd_ok(r))
		return;
	if (type == TYPE_EAP) {
		eap(&body, d);
	} else {
		(void)dissect_op(d, type);
		if (proto_op_find(d->proto, type) == NULL)
			rd_opaque_rest(&body);
	}
	rd_skip_rest(&body);
	rd_skip_rest(r); /* padding of the link layer */
}

const struct proto proto_eapol = {
	.name = "eapol",
	.title = "Network access control, with EAP",
	.spec = "IEEE 802.1X-2020, RFC 3748",
	.depth = "all types; EAP's identities, methods and outcome",
	.slot = PROTO_SLOT,
	.ether = { 0x888e, 0x88c7 },
	.parse = eapol_parse,
	PROTO_OPS(ops),
};
