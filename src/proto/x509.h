/*
 * x509.h - the names, dates and roles in a certificate: RFC 5280, 4.1.
 *
 *	SEQUENCE { SEQUENCE { [0] version, serial, algorithm, issuer Name,
 *	    SEQUENCE { not before, not after }, subject Name, key,
 *	    [3] SEQUENCE of SEQUENCE { OID, [critical], OCTET STRING } }, ... }
 *	Name = SEQUENCE of SET of SEQUENCE { attribute OID, string }
 *
 * Private to tls.c.  Walks spans forward, one level of nesting a function; a
 * certificate that makes no sense gives empty fields and no complaint.
 */
#ifndef PROTO_X509_H
#define PROTO_X509_H

#include "../base/span.h"

struct x509_name {
	struct span common, organisation;
	struct span raw;
};

struct x509 {
	struct x509_name issuer, subject;
	struct span from, until; /* UTCTime or GeneralizedTime text */
	struct span role; /* what the holder may do: text; or empty */
	const char *role_of; /* who defines it */
};

/* Take the next element off the front; tag 0 at the end or when it lies. */
static inline uint32_t
x509_next(struct span *s, struct span *ret)
{
	uint32_t tag, n, head = 2;

	*ret = SPAN(s->p, 0);
	if (s->n < 2)
		return 0;
	tag = s->p[0];
	n = s->p[1];
	if (n > 0x80) {
		uint32_t k = n & 0x7f;

		if (k > 3 || s->n < 2 + k)
			return 0;
		n = 0;
		for (uint32_t i = 0; i < k; i++)
			n = n << 8 | s->p[2 + i];
		head += k;
	}
	if (n == 0x80 || n > s->n - head)
		return 0;
	*ret = SPAN(s->p + head, n);
	*s = SPAN(s->p + head + n, s->n - head - n);
	return tag;
}

static inline void
x509_name_read(struct span name, struct x509_name *ret)
{
	struct span set, pair, oid, text;

	ret->raw = name;
	for (uint32_t i = 0; i < 32 && x509_next(&name, &set) == 0x31; i++) {
		if (x509_next(&set, &pair) != 0x30 ||
		    x509_next(&pair, &oid) != 0x06 ||
		    x509_next(&pair, &text) == 0 || oid.n != 3 ||
		    oid.p[0] != 0x55 || oid.p[1] != 0x04)
			continue;
		if (oid.p[2] == 3)
			ret->common = text;
		else if (oid.p[2] == 10)
			ret->organisation = text;
	}
}

/* Modbus: the text.  IEC 62351-8: structures with numbers, which are not
 * looked into. */
static inline void
x509_extension(struct span ext, struct x509 *ret)
{
	static const uint8_t modbus[] = { 0x2b, 6, 1, 4, 1, 0x83, 0x89, 0x0c,
		0x86, 0x22, 1 }; /* 1.3.6.1.4.1.50316.802.1 */
	static const uint8_t iec[] = { 0x2a, 0x86, 0x48, 0xce, 0x56, 8,
		1 }; /* 1.2.840.10070.8.1 */
	struct span oid, value, text;
	uint32_t tag;

	if (x509_next(&ext, &oid) != 0x06)
		return;
	tag = x509_next(&ext, &value);
	if (tag == 0x01)
		tag = x509_next(&ext, &value);
	if (tag != 0x04)
		return;
	if (span_is(oid, SPAN(modbus, sizeof(modbus))) &&
	    x509_next(&value, &text) == 0x0c) {
		ret->role = text;
		ret->role_of = "Modbus";
	} else if (span_is(oid, SPAN(iec, sizeof(iec)))) {
		ret->role = SPAN_LIT("assigned");
		ret->role_of = "IEC 62351-8";
	}
}

static inline void
x509_read(struct span der, struct x509 *ret)
{
	struct span body, tbs, item, times;
	uint32_t tag;

	*ret = (struct x509){ .from = SPAN(NULL, 0) };
	if (x509_next(&der, &body) != 0x30 || x509_next(&body, &tbs) != 0x30)
		return;
	tag = x509_next(&tbs, &item);
	if (tag == 0xa0)
		tag = x509_next(&tbs, &item);
	if (tag != 0x02 || x509_next(&tbs, &item) != 0x30 ||
	    x509_next(&tbs, &item) != 0x30)
		return;
	x509_name_read(item, &ret->issuer);
	if (x509_next(&tbs, &times) != 0x30)
		return;
	(void)x509_next(&times, &ret->from);
	(void)x509_next(&times, &ret->until);
	if (x509_next(&tbs, &item) == 0x30)
		x509_name_read(item, &ret->subject);
	for (uint32_t i = 0; i < 4; i++) /* key, two identifiers, extensions */
		if ((tag = x509_next(&tbs, &item)) == 0xa3)
			break;
	if (tag != 0xa3 || x509_next(&item, &body) != 0x30)
		return;
	for (uint32_t i = 0; i < 32 && x509_next(&body, &item) == 0x30; i++)
		x509_extension(item, ret);
}

#endif
