/*
 * ws_discovery.c - WS-Discovery: printers, cameras (ONVIF) and Windows find
 * each other.
 *
 * OASIS WS-Discovery 1.1; SOAP 1.2 over UDP.
 *
 *	XML: Envelope, Header with Action, MessageID, ...; Body with Types,
 *	Scopes, XAddrs
 *
 * Op is the row of the action.  Types, addresses and scopes of a device are
 * read where they stand, as text; the first element of each counts.
 */
#include "say.h"
#include "text.h"

enum action {
	A_HELLO = 1,
	A_BYE = 2,
	A_PROBE = 3,
	A_PROBE_MATCHES = 4,
	A_RESOLVE = 5,
	A_RESOLVE_MATCHES = 6,
};

static const struct proto_op ops[] = {
	{ A_HELLO, FACT_DISCOVER, RISK_NONE, "hello" },
	{ A_BYE, FACT_SESSION, RISK_NONE, "bye" },
	{ A_PROBE, FACT_DISCOVER, RISK_NONE, "probe" },
	{ A_PROBE_MATCHES, FACT_DISCOVER, RISK_NONE, "probe matches" },
	{ A_RESOLVE, FACT_DISCOVER, RISK_NONE, "resolve" },
	{ A_RESOLVE_MATCHES, FACT_DISCOVER, RISK_NONE, "resolve matches" },
};

/* Where `word` stands, whatever the length; s.n if it does not. */
static uint32_t
find(struct span s, const char *word)
{
	struct span w = span_text(word);

	for (uint32_t i = 0; i + w.n <= s.n; i++)
		if (s.p[i] == w.p[0] && memcmp(s.p + i, w.p, w.n) == 0)
			return i;
	return s.n;
}

/* The text of the first element of this local name, whatever its prefix. */
static struct span
element(struct span s, const char *name)
{
	struct span word = span_text(name);

	for (;;) {
		uint32_t at = find(s, name);
		bool starts;

		if (at == s.n)
			return SPAN(NULL, 0);
		starts = at > 0 && (s.p[at - 1] == ':' || s.p[at - 1] == '<');
		s = span_from(s, at + word.n);
		if (!starts || s.n == 0 ||
		    (s.p[0] != '>' && s.p[0] != ' ' && s.p[0] != '\n'))
			continue;
		s = span_from(s, span_find(s, '>') + 1);
		return text_trim(span_first(s, span_find(s, '<')));
	}
}

static enum claim
ws_discovery_claim(struct span s, const struct dissect *d)
{
	struct span head = span_first(s, 1024);

	return d->via == VIA_UDP && s.n > 100 &&
		(text_starts(s, "<?xml") || s.p[0] == '<') &&
		find(head, "Envelope") < head.n &&
		find(head, "/discovery") < head.n
	    ? CLAIM_STRONG
	    : CLAIM_NO;
}

/* The action ends in the name of its message. */
static uint32_t
action_of(struct span s)
{
	static const char *const names[] = { "/Hello", "/Bye", "/Probe",
		"/ProbeMatches", "/Resolve", "/ResolveMatches" };

	for (uint32_t i = 0; i < 6; i++) {
		struct span name = span_text(names[i]);

		if (s.n > name.n && span_is(span_from(s, s.n - name.n), name))
			return i + 1;
	}
	return 0;
}

/* ONVIF's scopes: onvif://www.onvif.org/name/..., hardware/... */
static void
scope(struct dissect *d, struct span s, const char *mark, enum trait trait)
{
	uint32_t at = find(s, mark);

	if (at == s.n)
		return;
	s = span_from(s, at + (uint32_t)strlen(mark));
	dissect_ident(d, trait, span_first(s, span_find(s, ' ')));
}

static void
say_device(struct dissect *d, uint32_t op, struct span s)
{
	struct span types = element(s, "Types"), scopes = element(s, "Scopes");
	struct span at = element(s, "XAddrs");

	if (types.n > 0)
		say_text(d, op, "types", types);
	if (at.n > 0)
		say_text(d, op, "at", at);
	if (op == A_PROBE || op == A_RESOLVE)
		return; /* what is looked for */
	scope(d, scopes, "onvif.org/name/", TRAIT_NAME);
	scope(d, scopes, "onvif.org/hardware/", TRAIT_MODEL);
	scope(d, scopes, "onvif.org/location/", TRAIT_LOCATION);
	if (find(types, "NetworkVideoTransmitter") < types.n)
		dissect_ident_role(d, ABOUT_SENDER, ROLE_CAMERA);
	else if (find(types, "PrintDeviceType") < types.n)
		dissect_ident_role(d, ABOUT_SENDER, ROLE_PRINTER);
	else if (find(types, "Computer") < types.n)
		dissect_ident(d, TRAIT_OS, SPAN_LIT("Windows"));
}

static void
ws_discovery_parse(struct rd *r, struct dissect *d)
{
	struct span s = rd_ahead(r, rd_have(r));
	uint32_t op = action_of(element(s, "Action"));
	struct fact *f;

	if (op == 0 && s.n < rd_left(r)) {
		(void)rd_span(r, rd_left(r)); /* fails: cut off */
		return;
	}
	d->ctx.response = op == A_PROBE_MATCHES || op == A_RESOLVE_MATCHES;
	f = dissect_op(d, op);
	say_named(f, element(s, "Address"));
	say_device(d, op, s);
	if (op == 0)
		rd_opaque_rest(r);
	rd_skip_rest(r);
}

const struct proto proto_ws_discovery = {
	.name = "ws-discovery",
	.title = "Web Services Dynamic Discovery",
	.spec = "OASIS WS-Discovery 1.1",
	.depth = "all actions; types and addresses of devices, ONVIF's names "
		 "and models",
	.slot = PROTO_SLOT,
	.udp = { 3702 },
	.claim = ws_discovery_claim,
	.parse = ws_discovery_parse,
	PROTO_OPS(ops),
};
