/*
 * mqtt.c - Message Queuing Telemetry Transport, and Sparkplug B in it.
 *
 * OASIS MQTT 3.1.1, MQTT 5.0; MQTT 3.1 ("MQIsdp"); Sparkplug: sparkplug.h.
 *
 *	+------+-------+------------------+-------------------+- - - - -
 *	| type | flags | length, 1 to 4   | by type; 5.0 adds | payload
 *	+------+-------+ bytes of 7 bits  | properties        |
 *	   4      4    +------------------+-------------------+- - - - -
 *
 * Op is the type; of what is published in Sparkplug's topics it has the
 * variant of enum spark_type.  The object of what is published or asked for is
 * the topic by name (area: quality of service, sub: 1 retained).  Pair is the
 * packet identifier.
 */
#include "mqtt_payload.h"
#include "sparkplug.h"

enum type {
	T_CONNECT = 1,
	T_CONNACK,
	T_PUBLISH,
	T_PUBACK,
	T_PUBREC,
	T_PUBREL,
	T_PUBCOMP,
	T_SUBSCRIBE,
	T_SUBACK,
	T_UNSUBSCRIBE,
	T_UNSUBACK,
	T_PINGREQ,
	T_PINGRESP,
	T_DISCONNECT,
	T_AUTH,
};

#define PORT 1883u
#define V5 5u
#define NUMBER_MAX 18u /* bytes: too short for a file */
#define REFUSED 0x80u /* reason codes from here on */

#define SPARK(type) FACT_OP(SPARK_##type, T_PUBLISH)

static const struct proto_op ops[] = {
	{ T_CONNECT, FACT_LOGIN, RISK_NONE, "connect" },
	{ T_CONNACK, FACT_LOGIN, RISK_NONE, "connect acknowledgement" },
	{ T_PUBLISH, FACT_REPORT, RISK_NONE, "publish" },
	{ T_PUBACK, FACT_REPORT, RISK_NONE, "publish acknowledgement" },
	{ T_PUBREC, FACT_REPORT, RISK_NONE, "publish received" },
	{ T_PUBREL, FACT_REPORT, RISK_NONE, "publish release" },
	{ T_PUBCOMP, FACT_REPORT, RISK_NONE, "publish complete" },
	{ T_SUBSCRIBE, FACT_READ, RISK_NONE, "subscribe" },
	{ T_SUBACK, FACT_READ, RISK_NONE, "subscribe acknowledgement" },
	{ T_UNSUBSCRIBE, FACT_SESSION, RISK_NONE, "unsubscribe" },
	{ T_UNSUBACK, FACT_SESSION, RISK_NONE, "unsubscribe acknowledgement" },
	{ T_PINGREQ, FACT_SESSION, RISK_NONE, "ping request" },
	{ T_PINGRESP, FACT_SESSION, RISK_NONE, "ping response" },
	{ T_DISCONNECT, FACT_SESSION, RISK_NONE, "disconnect" },
	{ T_AUTH, FACT_LOGIN, RISK_NONE, "authentication exchange" },
	{ SPARK(NBIRTH), FACT_SESSION, RISK_NONE, "node birth" },
	{ SPARK(NDEATH), FACT_SESSION, RISK_NONE, "node death" },
	{ SPARK(DBIRTH), FACT_SESSION, RISK_NONE, "device birth" },
	{ SPARK(DDEATH), FACT_SESSION, RISK_NONE, "device death" },
	{ SPARK(NDATA), FACT_REPORT, RISK_NONE, "node data" },
	{ SPARK(DDATA), FACT_REPORT, RISK_NONE, "device data" },
	{ SPARK(NCMD), FACT_CONTROL, RISK_CONTROL, "node command" },
	{ SPARK(DCMD), FACT_CONTROL, RISK_CONTROL, "device command" },
	{ SPARK(STATE), FACT_SESSION, RISK_NONE, "host state" },
};

struct state {
	uint8_t version; /* of CONNECT; 0 not seen */
};

/* ---------------------------------------------------------------- framing */

/* Whether these flags may stand beside the type (MQTT 5.0, 2.1.3; 3.1 let a
 * resent message be marked so). */
static bool
is_head(uint8_t b)
{
	uint32_t type = b >> 4, flags = b & 15u;

	if (type == T_PUBLISH)
		return BITS(flags, 2, 1) != 3;
	if (type == T_PUBREL || type == T_SUBSCRIBE || type == T_UNSUBSCRIBE)
		return (flags & 7u) == 2;
	return type >= T_CONNECT && flags == 0;
}

static uint32_t
mqtt_frame(struct span s, const struct dissect *d)
{
	uint32_t length = 0;

	(void)d;
	if (!is_head(s.p[0]))
		return FRAME_NOT_MINE;
	for (uint32_t i = 1; i < 5; i++) {
		if (i >= s.n)
			return FRAME_NEED_MORE;
		length |= (uint32_t)(s.p[i] & 0x7f) << (7 * (i - 1));
		if ((s.p[i] & 0x80) == 0)
			return length + 1 + i;
	}
	return FRAME_NOT_MINE;
}

/* "MQTT" and 4 or 5, "MQIsdp" and 3; a bridge sets the top bit. */
static bool
is_connect(struct span s)
{
	uint32_t at = 1;

	if (s.n < 14 || s.p[0] != T_CONNECT << 4)
		return false;
	while (at < 5 && (s.p[at] & 0x80) != 0)
		at++;
	s = span_from(s, at + 1);
	if (span_starts(s, SPAN_LIT("\0\4MQTT")) && s.n > 6)
		return (s.p[6] & 0x7f) == 4 || s.p[6] == V5;
	return span_starts(s, SPAN_LIT("\0\6MQIsdp")) && s.n > 8 &&
	    (s.p[8] & 0x7f) == 3;
}

/* Of the short messages the length is known. */
static bool
is_plausible(struct span s, uint32_t n)
{
	uint32_t type = s.p[0] >> 4;

	if (n == FRAME_NOT_MINE || n == FRAME_NEED_MORE)
		return false;
	if (type == T_PINGREQ || type == T_PINGRESP)
		return n == 2;
	if (type == T_CONNACK)
		return n >= 4 && s.n >= 4 && s.p[2] <= 1;
	if (type == T_CONNECT)
		return false; /* is_connect() would have said so */
	return type == T_DISCONNECT || type == T_AUTH || n >= 4;
}

static enum claim
mqtt_claim(struct span s, const struct dissect *d)
{
	if (s.n < 2)
		return CLAIM_NO;
	if (is_connect(s))
		return CLAIM_STRONG;
	return say_on_port(d, PORT) && is_plausible(s, mqtt_frame(s, d))
	    ? CLAIM_WEAK
	    : CLAIM_NO;
}

static enum way
mqtt_way(struct span s)
{
	switch (s.n > 0 ? s.p[0] >> 4 : 0) {
	case T_CONNECT:
	case T_SUBSCRIBE:
	case T_UNSUBSCRIBE:
	case T_PINGREQ:
		return WAY_REQUEST;
	case T_CONNACK:
	case T_SUBACK:
	case T_UNSUBACK:
	case T_PINGRESP:
		return WAY_RESPONSE;
	default:
		return WAY_UNKNOWN;
	}
}

/* ---------------------------------------------------- questions and answers */

/* Each end numbers its own messages. */
static uint32_t
pair_of(uint32_t id, bool asked_by_client)
{
	return (uint32_t)asked_by_client << 31 | id;
}

static void
ask(struct dissect *d, const struct fact *f, uint32_t id)
{
	dissect_remember(d,
	    (struct ask){ .pair = pair_of(id, d->to_server),
		.op = f->op,
		.at = f->object });
}

/* An answer, refused from code 0x80 on; those of before 5.0 are never. */
static void
answer(struct dissect *d, uint32_t type, uint32_t id, uint32_t code)
{
	const struct ask *a = dissect_recall(d, pair_of(id, !d->to_server));
	struct fact *f;

	d->ctx.response = true;
	f = code >= REFUSED ? dissect_error(d, type, code)
			    : dissect_op(d, type);
	if (a != NULL)
		f->object = a->at;
}

/* A number of 7 bits a byte, as the length. */
static uint32_t
rd_number(struct rd *r)
{
	uint32_t v = 0;

	for (uint32_t shift = 0; shift < 28; shift += 7) {
		uint32_t b = rd_u8(r);

		v |= (b & 0x7f) << shift;
		if ((b & 0x80) == 0)
			return v;
	}
	rd_bad(r, "number of more than four bytes");
	return 0;
}

static void
properties(struct rd *r, const struct dissect *d)
{
	const struct state *st = d->state;

	if (st->version == V5 && rd_more(r))
		rd_skip(r, rd_number(r));
}

static struct span
rd_text(struct rd *r)
{
	return rd_span(r, rd_be16(r));
}

/* ---------------------------------------------------------------- connect */

static void
say_login(struct dissect *d, uint32_t flags, struct span user, struct rd *r)
{
	struct span password;

	if (BITS(flags, 6, 6) == 0)
		return;
	password = rd_text(r);
	if (!rd_ok(r))
		return;
	dissect_content_login(d, 0, user, password);
	(void)dissect_ident_about(d, ABOUT_RECEIVER, TRAIT_SECURITY,
	    SPAN_LIT("MQTT login without encryption"));
}

static void
connect(struct rd *r, struct dissect *d)
{
	struct state *st = d->state;
	struct span id, will = SPAN(NULL, 0), user = SPAN(NULL, 0);
	uint32_t flags;
	struct fact *f;

	(void)rd_text(r); /* name of the protocol */
	st->version = rd_u8(r) & 0x7f;
	flags = rd_u8(r);
	rd_skip(r, 2); /* keep alive */
	properties(r, d);
	id = rd_text(r);
	if (BITS(flags, 2, 2) != 0) {
		properties(r, d);
		will = rd_text(r);
		rd_skip(r, rd_be16(r));
	}
	if (BITS(flags, 7, 7) != 0)
		user = rd_text(r);
	d->ctx.response = false;
	f = dissect_op(d, T_CONNECT);
	rd_require(r, (flags & 1) == 0, "reserved flag");
	if (!rd_ok(r))
		return;
	say_named(f, user.n > 0 ? user : id);
	dissect_ident(d, TRAIT_UUID, id);
	dissect_ident(d, TRAIT_USER, user);
	if (will.n > 0)
		say_text(d, T_CONNECT, "will", will);
	say_login(d, flags, user, r);
	ask(d, f, 0);
}

/* Session present, reason; 3.1.1 knows refusals 1 to 5. */
static void
connack(struct rd *r, struct dissect *d)
{
	uint32_t code;

	rd_skip(r, 1);
	code = rd_u8(r);
	answer(d, T_CONNACK, 0, code > 0 && code < 6 ? code + REFUSED : code);
	properties(r, d);
	rd_skip_rest(r);
}

/* ---------------------------------------------------------------- publish */

static void
payload(struct rd *r, struct dissect *d, struct span topic)
{
	struct span all = rd_ahead(r, rd_have(r));
	uint32_t id = (uint32_t)hash_bytes(topic.p, topic.n, 1);
	bool known = mqtt_payload(all, d, T_PUBLISH, topic);

	if (!known || all.n != rd_left(r) || all.n > NUMBER_MAX) {
		dissect_content_name(d, id, topic, SPAN(NULL, 0));
		dissect_content_ahead(d, id, 0, rd_left(r), r);
		dissect_content_end(d, id);
	}
	if (known)
		rd_skip_rest(r);
	else
		rd_opaque_rest(r);
}

/* Joined in its midst: no metric begins with 0, but no properties do. */
static void
spark_metrics(struct rd *r, struct dissect *d, struct fact *f,
    const struct spark_topic *topic)
{
	const struct state *st = d->state;
	struct span head = rd_ahead(r, 1);

	if (st->version == 0 && head.n == 1 && head.p[0] == 0)
		rd_skip(r, 1);
	spark_payload(r, d, f, topic);
}

static void
publish(struct rd *r, struct dissect *d, uint32_t flags)
{
	struct span topic = rd_text(r);
	uint32_t qos = BITS(flags, 2, 1), id = qos > 0 ? rd_be16(r) : 0;
	struct spark_topic spark = spark_topic(topic);
	struct fact *f;

	d->ctx.response = false;
	if (qos > 0)
		dissect_pair(d, id);
	properties(r, d);
	f = dissect_op(d, FACT_OP(spark.type, T_PUBLISH));
	f->object = (struct fact_object){ .space = SPACE_TOPIC,
		.area = qos,
		.count = 1,
		.sub = flags & 1u };
	fact_text(f, topic);
	if (!rd_ok(r))
		return;
	if (qos > 0)
		ask(d, f, id);
	if (text_starts(topic, "opcua/uadp/")) /* IEC 62541-14, 7.3.4 */
		dissect_inner(d, &proto_opcua_pubsub, r);
	else if (spark.type == SPARK_NONE)
		payload(r, d, topic);
	else if (spark.type == SPARK_STATE)
		say_text(d, f->op, "state", rd_span_rest(r));
	else
		spark_metrics(r, d, f, &spark);
	if (spark.type == SPARK_NBIRTH && d->to_server)
		dissect_ident(d, TRAIT_NAME, spark.node);
}

/* -------------------------------------------------------------- the others */

/* Publish, subscribe and unsubscribe acknowledgements and their kin. */
static void
acknowledge(struct rd *r, struct dissect *d, uint32_t type)
{
	uint32_t id = rd_be16(r), code = 0;
	const struct state *st = d->state;

	if (!rd_ok(r))
		return;
	dissect_pair(d, id);
	if (type == T_SUBACK || type == T_UNSUBACK)
		properties(r, d);
	if (rd_more(r) && (type == T_SUBACK || st->version == V5))
		code = rd_u8(r);
	/* the middle steps of the fourfold exchange answer and ask */
	if (type == T_PUBREC || type == T_PUBREL)
		dissect_remember(d,
		    (struct ask){ .pair = pair_of(id, d->to_server),
			.op = type });
	answer(d, type, id, code);
	rd_skip_rest(r);
}

/* Topics; one fact each, all but the first not the message's own. */
static void
topics(struct rd *r, struct dissect *d, uint32_t type)
{
	uint32_t id = rd_be16(r);
	struct span head = rd_ahead(r, 2);
	const struct state *st = d->state;
	struct fact *f;
	bool first = true;

	d->ctx.response = false;
	if (!rd_ok(r))
		return;
	dissect_pair(d, id);
	/* joined in its midst: no topic is empty, but properties may be */
	if (st->version == 0 && head.n == 2 && head.p[0] == 0 && head.p[1] == 0)
		rd_skip(r, 1);
	else
		properties(r, d);
	do {
		struct span topic = rd_text(r);
		uint32_t qos = type == T_SUBSCRIBE ? rd_u8(r) & 3u : 0;

		f = first
		    ? dissect_op(d, type)
		    : dissect_emit(d,
			  type == T_SUBSCRIBE ? FACT_READ : FACT_SESSION, type);
		f->object = (struct fact_object){ .space = SPACE_TOPIC,
			.area = qos,
			.count = 1 };
		fact_text(f, topic);
		if (first)
			ask(d, f, id);
		first = false;
	} while (rd_more(r));
}

static void
disconnect(struct rd *r, struct dissect *d, uint32_t type)
{
	uint32_t code = rd_more(r) ? rd_u8(r) : 0;

	d->ctx.response = false;
	if (code >= REFUSED)
		(void)dissect_error(d, type, code);
	else
		(void)dissect_op(d, type);
	properties(r, d);
	rd_skip_rest(r);
}

static void
mqtt_parse(struct rd *r, struct dissect *d)
{
	uint32_t head = rd_u8(r), type = head >> 4;
	struct rd body = rd_sub(r, rd_number(r));

	if (!rd_ok(r))
		return;
	d->ctx.response =
	    mqtt_way(SPAN(&(uint8_t){ (uint8_t)head }, 1)) == WAY_RESPONSE;
	switch (type) {
	case T_CONNECT:
		connect(&body, d);
		break;
	case T_CONNACK:
		connack(&body, d);
		break;
	case T_PUBLISH:
		publish(&body, d, head & 15u);
		break;
	case T_SUBSCRIBE:
	case T_UNSUBSCRIBE:
		topics(&body, d, type);
		break;
	case T_PINGREQ:
		dissect_remember(d,
		    (struct ask){ .pair = 1u << 30, .op = type });
		(void)dissect_op(d, type);
		break;
	case T_PINGRESP:
		(void)dissect_recall(d, 1u << 30);
		(void)dissect_op(d, type);
		break;
	case T_DISCONNECT:
	case T_AUTH:
		disconnect(&body, d, type);
		break;
	default:
		acknowledge(&body, d, type);
		break;
	}
}

const struct proto proto_mqtt = {
	.name = "mqtt",
	.title = "Message Queuing Telemetry Transport, Sparkplug B",
	.spec = "OASIS MQTT 3.1.1 and 5.0; Eclipse Sparkplug 3.0.0",
	.depth = "all messages; topics, logins, wills, reasons; Sparkplug: "
		 "births, commands, metrics with values; properties of 5.0 "
		 "are stepped over; of other payloads numbers, also those "
		 "in JSON by name, and text",
	.slot = PROTO_SLOT,
	.ot = true,
	.tcp = { PORT },
	.server_role = ROLE_SERVER,
	.claim = mqtt_claim,
	.way = mqtt_way,
	.frame = mqtt_frame,
	.frame_min = 2,
	.parse = mqtt_parse,
	.state_size = sizeof(struct state),
	PROTO_OPS(ops),
};
