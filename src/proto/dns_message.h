/*
 * dns_message.h - the message that DNS, mDNS, LLMNR and (its header and
 * names) NetBIOS name service have in common.
 *
 * RFC 1035 clause 4; RFC 2136 (update), RFC 6891 (EDNS), RFC 6762 (mDNS),
 * RFC 4795 (LLMNR).
 *
 *	+----+-------+-----------+---------+-----------+------------+-----
 *	| id | flags | questions | answers | authority | additional | ...
 *	+----+-------+-----------+---------+-----------+------------+-----
 *	  be16 each		flags: QR 1, opcode 4, AA TC RD RA Z AD CD,
 *				rcode 4
 *	question: name, type be16, class be16
 *	record:	name, type, class, time to live be32, length be16, data
 *	name:	labels "length u8, bytes" up to one of length 0, or a pointer
 *		11 and 14 bits back into the message
 *
 * Op is the opcode; the object is the first question by name, its area the
 * type asked for.  Answers are VALUE facts "name TYPE data".  Private to
 * those dissectors.
 */
#ifndef PROTO_DNS_MESSAGE_H
#define PROTO_DNS_MESSAGE_H

#include "say.h"
#include "text.h"

/* RFC 1035, 4.1.1; RFC 2136, 2.2. */
static const struct proto_code codes[] = {
	{ 1, "format error" },
	{ 2, "server failure" },
	{ 3, "no such name" },
	{ 4, "not implemented" },
	{ 5, "refused" },
	{ 6, "name exists" },
	{ 7, "set exists" },
	{ 8, "no such set" },
	{ 9, "not authoritative" },
	{ 10, "not in the zone" },
};

#define DNS_HEAD 12u
#define DNS_NAME_MAX 255u
#define DNS_JUMPS 32u

#define DNS_IN 1u
#define DNS_A 1u
#define DNS_NS 2u
#define DNS_CNAME 5u
#define DNS_SOA 6u
#define DNS_PTR 12u
#define DNS_HINFO 13u
#define DNS_MX 15u
#define DNS_TXT 16u
#define DNS_AAAA 28u
#define DNS_SRV 33u
#define DNS_DNAME 39u

#define DNS_QUERY 0u
#define DNS_UPDATE 5u

enum dns_kind {
	DNS_UNICAST,
	DNS_MULTICAST,
	DNS_LINK_LOCAL,
};

/* The table all of them share. */
#define DNS_OPS                                                   \
	{ 0, FACT_DISCOVER, RISK_NONE, "query" },                 \
	    { 1, FACT_DISCOVER, RISK_NONE, "inverse query" },     \
	    { 2, FACT_DIAGNOSE, RISK_NONE, "status" },            \
	    { 4, FACT_REPORT, RISK_NONE, "notify" },              \
	    { 5, FACT_CONFIG, RISK_CONFIGURATION, "update" },     \
	{                                                         \
		6, FACT_SESSION, RISK_NONE, "stateful operations" \
	}

struct dns_name {
	uint8_t text[DNS_NAME_MAX + 1];
	uint32_t n;
};

struct dns_view { /* the whole message, for pointers back into it */
	struct span bytes;
	uint32_t off; /* of its first byte, as readers count */
};

/* A header with a known opcode, the reserved bit clear, and counts that the
 * bytes behind it can hold. */
static inline bool
dns_is_header(struct span s)
{
	uint32_t questions, records = 0, opcode;

	if (s.n < DNS_HEAD)
		return false;
	opcode = s.p[2] >> 3 & 15u;
	questions = (uint32_t)s.p[4] << 8 | s.p[5];
	for (uint32_t i = 6; i < DNS_HEAD; i += 2)
		records += (uint32_t)s.p[i] << 8 | s.p[i + 1];
	return opcode <= 6 && opcode != 3 && (s.p[3] & 0x40) == 0 &&
	    questions + records > 0 &&
	    questions * 5 + records * 11 <= s.n - DNS_HEAD;
}

static inline struct span
dns_text(const struct dns_name *name)
{
	return name->n > 0 ? SPAN(name->text, name->n) : SPAN_LIT(".");
}

static inline bool
dns_append(struct dns_name *name, struct span label)
{
	if (name->n + label.n + 1 > DNS_NAME_MAX)
		return false;
	if (name->n > 0)
		name->text[name->n++] = '.';
	memcpy(name->text + name->n, label.p, label.n);
	name->n += label.n;
	return true;
}

/*
 * Follow a pointer that stands at `limit`: everything it leads to lies before
 * it, and every further pointer leads further back.
 */
static inline bool
dns_follow(struct span msg, uint32_t limit, uint32_t at, struct dns_name *name)
{
	uint32_t start = at;

	if (limit > msg.n || at >= limit)
		return false;
	for (uint32_t jumps = 0; at < limit;) {
		uint32_t n = msg.p[at];

		if (n == 0)
			return true;
		if (n < 0x40) {
			if (n >= limit - at ||
			    !dns_append(name, SPAN(msg.p + at + 1, n)))
				return false;
			at += n + 1;
			continue;
		}
		if (n < 0xc0 || limit - at < 2 || ++jumps > DNS_JUMPS)
			return false;
		at = (n & 0x3f) << 8 | msg.p[at + 1];
		if (at >= start)
			return false;
		start = at;
	}
	return false;
}

/* Read a name and step over it. */
static inline void
dns_name(struct rd *r, const struct dns_view *v, struct dns_name *ret)
{
	ret->n = 0;
	for (uint32_t i = 0; rd_ok(r) && i < 128; i++) {
		uint32_t at = r->off - v->off, n = rd_u8(r);
		struct span label;

		if (n >= 0xc0) {
			uint32_t to = (n & 0x3f) << 8 | rd_u8(r);

			rd_require(r,
			    !rd_ok(r) || dns_follow(v->bytes, at, to, ret),
			    "name pointer leads nowhere");
			return;
		}
		rd_require(r, n < 0x40, "name label of an unknown kind");
		label = rd_span(r, rd_ok(r) ? n : 0);
		if (n == 0)
			return;
		rd_require(r, !rd_ok(r) || dns_append(ret, label),
		    "name too long");
	}
}

static inline const char *
dns_type_name(uint32_t type)
{
	switch (type) {
	case DNS_A:
		return "A";
	case DNS_NS:
		return "NS";
	case DNS_CNAME:
		return "CNAME";
	case DNS_SOA:
		return "SOA";
	case DNS_PTR:
		return "PTR";
	case DNS_HINFO:
		return "HINFO";
	case DNS_MX:
		return "MX";
	case DNS_TXT:
		return "TXT";
	case DNS_AAAA:
		return "AAAA";
	case DNS_SRV:
		return "SRV";
	case DNS_DNAME:
		return "DNAME";
	default:
		return "";
	}
}

/* --------------------------------------------------------- what names tell */

/* "7.0.0.10.in-addr.arpa" is 10.0.0.7; likewise nibbles under ip6.arpa. */
static inline struct ip
dns_reverse4(struct span s)
{
	struct ip ip = { .len = 4 };

	for (uint32_t i = 0; i < 4; i++) {
		uint32_t n = span_find(s, '.'), v = text_number(s);

		if (n == 0 || n > 3 || v > 255 || !text_is_digit(s.p[0]))
			return (struct ip){ .len = 0 };
		ip.b[3 - i] = (uint8_t)v;
		s = span_from(s, n + 1);
	}
	return text_is(s, "in-addr.arpa") ? ip : (struct ip){ .len = 0 };
}

static inline struct ip
dns_reverse6(struct span s)
{
	struct ip ip = { .len = 16 };

	if (s.n != 72 || !text_is(span_from(s, 64), "ip6.arpa"))
		return (struct ip){ .len = 0 };
	for (uint32_t i = 0; i < 32; i++) {
		uint8_t c = text_lower(s.p[i * 2]);
		uint8_t v = text_is_digit(c) ? (uint8_t)(c - '0')
					     : (uint8_t)(c - 'a' + 10);

		if (v > 15 || s.p[i * 2 + 1] != '.')
			return (struct ip){ .len = 0 };
		ip.b[15 - i / 2] |= (uint8_t)(i % 2 != 0 ? v << 4 : v);
	}
	return ip;
}

static inline struct ip
dns_reverse(struct span s)
{
	struct ip ip = dns_reverse4(s);

	return ip.len != 0 ? ip : dns_reverse6(s);
}

/* Names are evidence inside the plant only: outside, they are many. */
static inline void
dns_say_name(struct dissect *d, struct ip ip, struct span name)
{
	static const char local[] = ".local";

	if (ip.len == 0 || !ip_is_private(&ip))
		return;
	if (name.n > sizeof(local) - 1 &&
	    text_is(span_from(name, name.n - (uint32_t)sizeof(local) + 1),
		local))
		name.n -= (uint32_t)sizeof(local) - 1;
	say_of_ip(d, ip, TRAIT_NAME, name);
}

/* "key=value" strings by which printers, cameras and the like say more. */
static inline void
dns_say_txt(struct dissect *d, struct span s)
{
	static const struct {
		const char *key;
		enum trait trait;
	} rows[] = { { "model=", TRAIT_MODEL }, { "ty=", TRAIT_MODEL },
		{ "usb_mfg=", TRAIT_VENDOR }, { "usb_mdl=", TRAIT_MODEL },
		{ "manufacturer=", TRAIT_VENDOR },
		{ "serialnumber=", TRAIT_SERIAL } };

	for (uint32_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (text_starts(s, rows[i].key))
			dissect_ident(d, rows[i].trait,
			    span_from(s, (uint32_t)strlen(rows[i].key)));
}

/* What offers such a service is such a device. */
static inline void
dns_say_service(struct dissect *d, struct span owner)
{
	static const struct {
		const char *service;
		enum role role;
	} rows[] = { { "_ipp._tcp", ROLE_PRINTER },
		{ "_printer._tcp", ROLE_PRINTER },
		{ "_pdl-datastream._tcp", ROLE_PRINTER },
		{ "_axis-video._tcp", ROLE_CAMERA },
		{ "_workstation._tcp", ROLE_WORKSTATION } };

	for (uint32_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (text_starts(owner, rows[i].service))
			dissect_ident_role(d, ABOUT_SENDER, rows[i].role);
}

/* ----------------------------------------------------------------- records */

struct dns_record {
	struct dns_name owner, name; /* name: in the data */
	uint32_t type, class;
	struct ip ip;
	struct span text; /* TXT, HINFO: first string */
	uint32_t port;
};

static inline void
dns_strings(struct rd *data, struct dissect *d, struct dns_record *rec,
    bool own)
{
	for (uint32_t i = 0; rd_more(data); i++) {
		struct span s = rd_span(data, rd_u8(data));

		if (i == 0)
			rec->text = s;
		if (own && rec->type == DNS_TXT)
			dns_say_txt(d, s);
		if (own && rec->type == DNS_HINFO && i == 1)
			dissect_ident(d, TRAIT_OS, s);
	}
}

static inline void
dns_data(struct rd *data, struct dissect *d, const struct dns_view *v,
    struct dns_record *rec, bool own)
{
	switch (rec->type) {
	case DNS_A:
	case DNS_AAAA:
		rec->ip =
		    ip_of_span(rd_span(data, rec->type == DNS_A ? 4 : 16));
		break;
	case DNS_SRV:
		rd_skip(data, 4);
		rec->port = rd_be16(data);
		dns_name(data, v, &rec->name);
		break;
	case DNS_MX:
		rd_skip(data, 2);
		dns_name(data, v, &rec->name);
		break;
	case DNS_NS:
	case DNS_CNAME:
	case DNS_SOA:
	case DNS_PTR:
	case DNS_DNAME:
		dns_name(data, v, &rec->name);
		break;
	case DNS_TXT:
	case DNS_HINFO:
		dns_strings(data, d, rec, own);
		break;
	default:
		break; /* signatures, keys, options: known, not needed */
	}
	rd_skip_rest(data);
}

static inline void
dns_say_value(struct dissect *d, uint32_t op, const struct dns_record *rec)
{
	char line[DNS_NAME_MAX * 2 + 64], ip[ADDR_TEXT_MAX], port[16] = "";
	struct span s = dns_text(&rec->owner);
	uint32_t n = s.n;
	struct fact *f;

	if (!say_wanted(d, FACT_VALUE) || dns_type_name(rec->type)[0] == '\0')
		return;
	memcpy(line, s.p, n);
	n += (uint32_t)snprintf(line + n, 16, " %s ", dns_type_name(rec->type));
	if (rec->ip.len != 0)
		s = span_text(ip_text(&rec->ip, ip));
	else
		s = rec->text.n > 0 ? span_first(rec->text, DNS_NAME_MAX)
				    : SPAN(rec->name.text, rec->name.n);
	if (s.n > 0)
		memcpy(line + n, s.p, s.n);
	n += s.n;
	if (rec->type == DNS_SRV) {
		(void)snprintf(port, sizeof(port), ":%u", rec->port);
		memcpy(line + n, port, strlen(port));
		n += (uint32_t)strlen(port);
	}
	f = dissect_value(d, op, SAY_NAMED);
	f->object.area = rec->type;
	fact_text(f, SPAN((const uint8_t *)line, n));
}

/* One record; `own`: the sender speaks of itself, `believe`: names are
 * evidence. */
static inline void
dns_record(struct rd *r, struct dissect *d, const struct dns_view *v,
    uint32_t op, bool own, bool believe)
{
	struct dns_record rec;
	struct rd data;

	rec.ip.len = 0;
	rec.name.n = 0;
	rec.text = SPAN(NULL, 0);
	rec.port = 0;
	dns_name(r, v, &rec.owner);
	rec.type = rd_be16(r);
	rec.class = rd_be16(r) & (own ? 0x7fffu : 0xffffu);
	rd_skip(r, 4);
	data = rd_sub_be16(r);
	if (!rd_more(&data))
		return; /* updates say less with nothing */
	dns_data(&data, d, v, &rec, own);
	if (!rd_ok(r) || rec.class != DNS_IN)
		return;
	dns_say_value(d, op, &rec);
	if (!believe || !say_wanted(d, FACT_IDENT))
		return;
	if (rec.ip.len != 0)
		dns_say_name(d, rec.ip, dns_text(&rec.owner));
	if (rec.type == DNS_PTR && rec.name.n > 0)
		dns_say_name(d, dns_reverse(dns_text(&rec.owner)),
		    dns_text(&rec.name));
	if (own && rec.type == DNS_PTR)
		dns_say_service(d, dns_text(&rec.owner));
}

/* ----------------------------------------------------------------- message */

static inline void
dns_questions(struct rd *r, const struct dns_view *v, struct fact *f,
    uint32_t n)
{
	struct dns_name name;

	f->object = (struct fact_object){ .space = SPACE_NAME, .count = n };
	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		uint32_t type;

		dns_name(r, v, &name);
		type = rd_be16(r);
		rd_skip(r, 2);
		if (i > 0 || !rd_ok(r))
			continue;
		f->object.area = type;
		fact_text(f, dns_text(&name));
	}
}

static inline struct fact *
dns_say_op(struct dissect *d, enum dns_kind kind, uint32_t op, uint32_t id,
    uint32_t rcode)
{
	if (kind == DNS_UNICAST) {
		dissect_pair(d, id);
		if (d->ctx.response)
			(void)dissect_recall(d, id);
		else
			dissect_remember(d,
			    (struct ask){ .pair = id, .op = op });
	}
	return d->ctx.response && rcode != 0 && kind != DNS_MULTICAST
	    ? dissect_error(d, op, rcode)
	    : dissect_op(d, op);
}

static inline void
dns_message(struct rd *r, struct dissect *d, enum dns_kind kind)
{
	const struct dns_view v = { .bytes = rd_ahead(r, rd_have(r)),
		.off = r->off };
	uint32_t id = rd_be16(r), flags = rd_be16(r);
	uint32_t op = BITS(flags, 14, 11), n[4];
	struct fact *f;
	bool own;

	for (uint32_t i = 0; i < 4; i++)
		n[i] = rd_be16(r);
	d->ctx.response = BITS(flags, 15, 15) != 0;
	own = kind == DNS_MULTICAST && d->ctx.response;
	(void)rd_count(r, n[0], 5);
	(void)rd_count(r, n[1] + n[2] + n[3], 11);
	if (!rd_ok(r))
		return;
	f = dns_say_op(d, kind, op, id, BITS(flags, 3, 0));
	dns_questions(r, &v, f, n[0]);
	if (f->text_len == 0 && own && n[0] == 0)
		f->object.count = n[1];
	for (uint32_t s = 1; s < 4; s++)
		for (uint32_t i = 0; i < n[s] && rd_ok(r); i++)
			dns_record(r, d, &v, op, own,
			    (d->ctx.response && op == DNS_QUERY) ||
				(op == DNS_UPDATE && s == 2));
	rd_skip_rest(r);
}

static inline enum way
dns_way(struct span s)
{
	if (s.n < 3)
		return WAY_UNKNOWN;
	return s.p[2] & 0x80 ? WAY_RESPONSE : WAY_REQUEST;
}

#endif
