/*
 * ads.c - ADS, Automation Device Specification: Beckhoff's TwinCAT, over TCP
 * (AMS) and the routers' datagrams.
 *
 * Beckhoff Information System, "Specification for the ADS/AMS protocol"; of
 * the datagrams on UDP 48899 what Beckhoff's AdsLib sends.
 *
 *	TCP	+------+--------+
 *		| 0000 | length | AMS
 *		+------+--------+
 *		  le16   le32
 *	AMS	+-------------+-------------+---------+-------+--------+
 *		| target      | source      | command | flags | length |
 *		+-------------+-------------+---------+-------+--------+
 *		| error | invoke | data
 *		+-------+--------+- - -
 *		net id of 6 octets and port le16 each; le16 le16 le32 le32 le32
 *		flags: bit 0 an answer, bit 2 ADS
 *
 *	UDP	+------------+--------+---------+--------+------+-------+- -
 *		| 0x71146603 | invoke | service | net id | port | count | tags
 *		+------------+--------+---------+--------+------+-------+- -
 *		  le32         le32     le32      6        le16   le32
 *
 * Op is the command; of the datagrams ROUTER(service).  Unit is the server's
 * AMS port (851 a runtime, 10000 the system service).  Object (space ADS):
 * area is the index group, first the index offset, count the octets; of
 * notifications first is the handle.
 */
#include "ads_tables.h"
#include "say.h"

#define HEAD 6u
#define AMS_HEAD 32u
#define ROUTER_HEAD 24u
#define ROUTER_ANSWER 0x80000000u
#define FLAG_ANSWER 1u
#define FLAG_ADS 4u
#define NUMBER_MAX 8u

struct ams {
	struct dissect *d;
	uint32_t command, port, error;
};

static uint64_t
number(struct span s)
{
	uint64_t v = 0;

	for (uint32_t i = 0; i < s.n && i < NUMBER_MAX; i++)
		v |= (uint64_t)s.p[i] << (8 * i);
	return v;
}

static void
say_data(struct ams *a, struct rd *r, struct fact_object at, uint32_t n)
{
	if (n == 1 || n == 2 || n == 4 || n == 8)
		dissect_value_uint(a->d, a->command, at, number(rd_span(r, n)));
	else
		rd_skip(r, n);
}

/* -------------------------------------------------------------- requests */

static struct fact_object
place(struct rd *r)
{
	struct fact_object at = { .space = SPACE_ADS };

	at.area = rd_le32(r);
	at.first = rd_le32(r);
	at.count = rd_le32(r);
	return at;
}

/* What it means to read or write there. */
static void
mean(struct fact *f, const struct ams *a, struct fact_object at, bool write)
{
	const struct ads_group *g = ads_group_find(at.area, a->port);

	f->object = at;
	if (f->kind == FACT_NONE || g == NULL)
		return;
	f->kind = write ? g->write : g->read;
	f->risk = write ? g->risk : RISK_NONE;
	fact_text(f, span_text(g->name));
}

/* Many in one: of each group, offset and length (and length to write). */
static void
sum(struct ams *a, struct rd *r, struct fact_object all)
{
	bool both = all.area == GROUP_SUM_READ_WRITE;
	bool write = all.area != GROUP_SUM_READ;

	for (uint32_t i = 0; i < all.first && rd_left(r) >= 12; i++) {
		struct fact_object at = place(r);

		if (both)
			rd_skip(r, 4);
		if (rd_ok(r))
			mean(dissect_emit(a->d, write ? FACT_WRITE : FACT_READ,
				 a->command),
			    a, at, write);
	}
	rd_skip_rest(r);
}

/* Whether what is sent there is a name. */
static bool
names(const struct ams *a, uint32_t group)
{
	if (a->port == ADS_SYSTEM && group < 1000)
		return group == 120 || (group >= 131 && group <= 133) ||
		    group == 500;
	return group == GROUP_HANDLE || group == 0xf004 || group == 0xf007 ||
	    group == 0xf009;
}

static void
read_write(struct ams *a, struct rd *r, struct fact *f, struct ask *ask)
{
	struct fact_object at = { .space = SPACE_ADS };
	struct rd data;
	uint32_t n;

	at.area = rd_le32(r);
	at.first = rd_le32(r);
	at.count = rd_le32(r); /* wanted back */
	n = rd_le32(r);
	data = rd_sub(r, n);
	ask->at = at;
	mean(f, a, at, true);
	if (at.area >= GROUP_SUM_READ && at.area <= GROUP_SUM_READ_WRITE)
		sum(a, &data, at);
	else if (names(a, at.area) && rd_left(&data) > 1)
		fact_text(f, rd_span(&data, rd_left(&data)));
}

static void
control(struct rd *r, struct fact *f)
{
	uint32_t state = rd_le16(r);

	rd_skip(r, 2);
	if (f->kind == FACT_NONE || ads_state(state) == NULL)
		return;
	if (state == 2 || state == 12)
		f->risk = RISK_RESET;
	fact_text(f, span_text(ads_state(state)));
}

static void
notification(struct ams *a, struct rd *r)
{
	uint32_t stamps;

	rd_skip(r, 4);
	stamps = rd_le32(r);
	for (uint32_t i = 0; i < stamps && rd_more(r); i++) {
		uint32_t samples;

		rd_skip(r, 8);
		samples = rd_le32(r);
		for (uint32_t k = 0; k < samples && rd_more(r); k++) {
			struct fact_object at = { .space = SPACE_ADS,
				.first = rd_le32(r) };
			struct rd data;

			at.count = rd_le32(r);
			data = rd_sub(r, at.count);
			say_data(a, &data, at, at.count);
		}
	}
}

static void
request(struct ams *a, struct rd *r, struct ask *ask)
{
	struct fact *f = dissect_op(a->d, a->command);

	switch (a->command) {
	case ADS_READ:
	case ADS_ADD:
		ask->at = place(r);
		mean(f, a, ask->at, false);
		break;
	case ADS_WRITE:
		ask->at = place(r);
		mean(f, a, ask->at, true);
		if (rd_left(r) >= ask->at.count && f->risk == RISK_WRITE)
			say_data(a, r, ask->at, ask->at.count);
		break;
	case ADS_CONTROL:
		control(r, f);
		break;
	case ADS_DELETE:
		f->object = (struct fact_object){ .space = SPACE_ADS,
			.first = rd_le32(r) };
		break;
	case ADS_NOTIFY:
		notification(a, r);
		break;
	case ADS_READ_WRITE:
		read_write(a, r, f, ask);
		break;
	default:
		break;
	}
}

/* --------------------------------------------------------------- answers */

static void
say_info(struct dissect *d, struct rd *r)
{
	uint32_t major = rd_u8(r), minor = rd_u8(r), build = rd_le16(r);
	struct span name = rd_span(r, 16);

	name = span_first(name, span_find(name, 0));
	if (!rd_ok(r) || name.n == 0)
		return;
	dissect_ident(d, TRAIT_VENDOR, SPAN_LIT("Beckhoff"));
	dissect_identf(d, TRAIT_APPLICATION, "%.*s %u.%u.%u", (int)name.n,
	    (const char *)name.p, major, minor, build);
}

static void
say_state(struct ams *a, struct rd *r)
{
	uint32_t state = rd_le16(r);

	rd_skip(r, 2);
	if (rd_ok(r) && (state == 5 || state == 6 || state == 15) &&
	    (a->port == ADS_SYSTEM || (a->port >= 800 && a->port < 900)))
		dissect_ident(a->d, TRAIT_MODE, span_text(ads_state(state)));
}

static void
answer(struct ams *a, struct rd *r, const struct ask *ask)
{
	uint32_t error = a->error, n;

	if (error == 0 && rd_left(r) >= 4)
		error = rd_le32(r);
	if (error != 0) {
		(void)dissect_error(a->d, a->command, error);
		return;
	}
	(void)dissect_op(a->d, a->command);
	switch (a->command) {
	case ADS_INFO:
		say_info(a->d, r);
		break;
	case ADS_STATE:
		say_state(a, r);
		break;
	case ADS_READ:
	case ADS_READ_WRITE:
		n = rd_le32(r);
		if (ask != NULL && n <= rd_left(r) &&
		    ask->at.area - GROUP_SUM_READ > 2)
			say_data(a, r, ask->at, n);
		break;
	default:
		break;
	}
}

static void
ams(struct rd *r, struct dissect *d)
{
	struct ams a = { .d = d };
	uint32_t target, source, flags, n, invoke;
	struct rd data;

	rd_skip(r, 6);
	target = rd_le16(r);
	rd_skip(r, 6);
	source = rd_le16(r);
	a.command = rd_le16(r);
	flags = rd_le16(r);
	n = rd_le32(r);
	a.error = rd_le32(r);
	invoke = rd_le32(r);
	data = rd_sub(r, n);
	if (!rd_ok(r))
		return;
	d->ctx.response = (flags & FLAG_ANSWER) != 0;
	a.port = d->ctx.response || a.command == ADS_NOTIFY ? source : target;
	dissect_unit(d, a.port);
	dissect_pair(d, invoke);
	if (d->ctx.response) {
		answer(&a, &data, dissect_recall(d, invoke));
	} else {
		struct ask ask = { .pair = invoke, .op = a.command };

		request(&a, &data, &ask);
		if (a.command != ADS_NOTIFY)
			dissect_remember(d, ask);
	}
	if (a.command == 0 || a.command > ADS_READ_WRITE)
		rd_opaque_rest(&data);
}

/* ---------------------------------------------------- the routers' datagrams
 */

enum {
	TAG_STATUS = 1,
	TAG_PASSWORD,
	TAG_TWINCAT,
	TAG_OS,
	TAG_HOST,
	TAG_NET_ID = 7,
	TAG_ROUTE = 12,
	TAG_USER
};

static void
say_os(struct dissect *d, struct rd *r)
{
	static const char *const platforms[] = { "Win32s", "Windows",
		"Windows NT", "Windows CE" };
	uint32_t major, minor, platform;

	rd_skip(r, 4);
	major = rd_le32(r);
	minor = rd_le32(r);
	rd_skip(r, 4);
	platform = rd_le32(r);
	if (rd_ok(r) && platform < 4)
		dissect_identf(d, TRAIT_OS, "%s %u.%u", platforms[platform],
		    major, minor);
}

static void
say_twincat(struct dissect *d, struct rd *r)
{
	uint32_t major = rd_u8(r), minor = rd_u8(r), build = rd_le16(r);

	if (!rd_ok(r))
		return;
	dissect_ident(d, TRAIT_VENDOR, SPAN_LIT("Beckhoff"));
	dissect_identf(d, TRAIT_FIRMWARE, "TwinCAT %u.%u.%u", major, minor,
	    build);
}

struct login {
	struct span user, password;
	uint32_t status;
};

static void
router_tag(struct dissect *d, uint32_t tag, struct rd *r, struct fact *f,
    struct login *ret_login)
{
	switch (tag) {
	case TAG_STATUS:
		ret_login->status = rd_le32(r);
		break;
	case TAG_PASSWORD:
		ret_login->password = rd_span(r, rd_left(r));
		break;
	case TAG_TWINCAT:
		if (d->ctx.response && rd_left(r) >= 4)
			say_twincat(d, r);
		break;
	case TAG_OS:
		if (d->ctx.response && rd_left(r) >= 20)
			say_os(d, r);
		break;
	case TAG_HOST:
		if (d->ctx.response)
			dissect_ident(d, TRAIT_NAME, rd_span(r, rd_left(r)));
		break;
	case TAG_ROUTE:
		fact_text(f, rd_span(r, rd_left(r)));
		break;
	case TAG_USER:
		ret_login->user = rd_span(r, rd_left(r));
		break;
	default:
		break;
	}
	rd_skip_rest(r);
}

static void
router(struct rd *r, struct dissect *d)
{
	struct login login = { .status = 0 };
	uint32_t service, invoke, count, op;
	struct span id;
	struct fact *f;

	rd_skip(r, 4);
	invoke = rd_le32(r);
	service = rd_le32(r);
	id = rd_span(r, 6);
	rd_skip(r, 2);
	count = rd_le32(r);
	d->ctx.response = (service & ROUTER_ANSWER) != 0;
	op = ROUTER(service & 0xffffff);
	dissect_pair(d, invoke);
	f = dissect_op(d, op);
	for (uint32_t i = 0; i < count && rd_more(r); i++) {
		uint32_t tag = rd_le16(r);
		struct rd in = rd_sub_le16(r);

		router_tag(d, tag, &in, f, &login);
	}
	if (!rd_ok(r))
		return;
	if (login.status != 0 && d->ctx.response && f->kind == FACT_ACK) {
		f->kind = FACT_ERROR;
		f->code = login.status;
	}
	if (!d->ctx.response && login.user.n > 0)
		dissect_content_login(d, invoke, login.user, login.password);
	if (d->ctx.response && id.n == 6)
		dissect_identf(d, TRAIT_DESCRIPTION,
		    "AMS net id %u.%u.%u.%u.%u.%u", id.p[0], id.p[1], id.p[2],
		    id.p[3], id.p[4], id.p[5]);
	rd_skip_rest(r);
}

/* ------------------------------------------------------------- the flow */

static const uint8_t magic[] = { 0x03, 0x66, 0x14, 0x71 };

static bool
good_ams(struct span s)
{
	uint32_t length, n, flags;

	if (s.n < HEAD + AMS_HEAD || s.p[0] != 0 || s.p[1] != 0)
		return false;
	length = (uint32_t)number(span_first(span_from(s, 2), 4));
	n = (uint32_t)number(span_first(span_from(s, HEAD + 20), 4));
	flags = (uint32_t)s.p[HEAD + 19] << 8 | s.p[HEAD + 18];
	return length >= AMS_HEAD && length == n + AMS_HEAD &&
	    (flags & 0xff1e) == FLAG_ADS && s.p[HEAD + 17] == 0;
}

static enum claim
ads_claim(struct span s, const struct dissect *d)
{
	if (d->via == VIA_TCP)
		return !good_ams(s)                   ? CLAIM_NO
		    : s.p[HEAD + 16] > ADS_READ_WRITE ? CLAIM_WEAK
						      : CLAIM_STRONG;
	return s.n >= ROUTER_HEAD && span_starts(s, SPAN(magic, 4))
	    ? CLAIM_STRONG
	    : CLAIM_NO;
}

static uint32_t
ads_frame(struct span s, const struct dissect *d)
{
	uint32_t n;

	if (d->via != VIA_TCP)
		return span_starts(s, SPAN(magic, 4)) ? s.n : FRAME_NOT_MINE;
	if (s.n < HEAD + AMS_HEAD)
		return s.p[0] == 0 && s.p[1] == 0 ? FRAME_NEED_MORE
						  : FRAME_NOT_MINE;
	n = (uint32_t)number(span_first(span_from(s, 2), 4));
	return s.p[0] == 0 && s.p[1] == 0 && n >= AMS_HEAD && n < 1u << 24
	    ? n + HEAD
	    : FRAME_NOT_MINE;
}

static enum way
ads_way(struct span s)
{
	if (span_starts(s, SPAN(magic, 4)))
		return s.n < 12             ? WAY_UNKNOWN
		    : (s.p[11] & 0x80) != 0 ? WAY_RESPONSE
					    : WAY_REQUEST;
	if (s.n < HEAD + AMS_HEAD)
		return WAY_UNKNOWN;
	if (s.p[HEAD + 16] == ADS_NOTIFY)
		return WAY_RESPONSE;
	return (s.p[HEAD + 18] & FLAG_ANSWER) != 0 ? WAY_RESPONSE : WAY_REQUEST;
}

static void
ads_parse(struct rd *r, struct dissect *d)
{
	if (d->via != VIA_TCP) {
		router(r, d);
		return;
	}
	rd_skip(r, HEAD);
	ams(r, d);
	rd_end(r);
}

const struct proto proto_ads = {
	.name = "ads",
	.title = "Beckhoff ADS/AMS",
	.spec = "Beckhoff Information System, ADS/AMS specification; routers' "
		"datagrams as in Beckhoff's AdsLib",
	.depth = "all commands; index groups by name, symbols, values, sums, "
		 "notifications; states; discovery and routes; secure ADS "
		 "(port 8016) is TLS",
	.slot = PROTO_SLOT,
	.ot = true,
	.tcp = { 48898 },
	.udp = { 48899 },
	.client_role = ROLE_UNKNOWN,
	.server_role = ROLE_PLC,
	.claim = ads_claim,
	.way = ads_way,
	.frame = ads_frame,
	.frame_min = HEAD,
	.parse = ads_parse,
	PROTO_OPS(ops),
};
