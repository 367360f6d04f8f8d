/*
 * test_active.c - whom a plan asks, and that what is asked only reads.
 */
#include "../../src/active/active.h"
#include "../../src/decode/decode.h"
#include "../../src/flow/flow.h"
#include "../../src/rules/rules.h"
#include "check.h"

/* ---------------------------------------------------------------------- plans
 */

static bool
add(struct active_plan *p, const char *text, char *error)
{
	struct active_range r;

	error[0] = '\0';
	return active_range_read(text, &r) &&
	    active_plan_add(p, &r, error, 256);
}

static struct active_plan
plan_of(const char *method)
{
	return (struct active_plan){ .method = active_method_find(method),
		.limits = ACTIVE_LIMITS };
}

static void
test_plan(void)
{
	static struct active_plan p;
	char error[256], text[ADDR_TEXT_MAX];
	struct ip ip;

	p = plan_of("modbus-identity");
	CHECK(add(&p, "10.1.2.0/28", error));
	CHECK(add(&p, "10.1.2.8/29", error)); /* lies within */
	CHECK(add(&p, "10.1.2.14-10.1.2.17", error)); /* and beyond */
	CHECK(add(&p, "10.9.9.9", error));
	CHECK(add(&p, "2001:db8::10-2001:db8::1f", error));
	active_plan_finish(&p);
	CHECK_INT(p.n_range, 3);
	CHECK_INT(p.addresses, 17 + 1 + 16);
	CHECK_INT(p.requests, 3 * (17 + 1 + 16));
	CHECK(active_plan_target(&p, 16, &ip));
	CHECK_STR(ip_text(&ip, text), "10.1.2.17");
	CHECK(active_plan_target(&p, 17, &ip));
	CHECK_STR(ip_text(&ip, text), "10.9.9.9");
	CHECK(active_plan_target(&p, 33, &ip));
	CHECK_STR(ip_text(&ip, text), "2001:db8::1f");
	CHECK(!active_plan_target(&p, 34, &ip));
}

static void
test_refused(void)
{
	static struct active_plan p;
	char error[256];

	p = plan_of("icmp-echo");
	CHECK(!add(&p, "10.0.0.0/8", error));
	CHECK(strstr(error, "16777214 addresses") != NULL);
	CHECK(!add(&p, "2001:db8::/32", error));
	CHECK(strstr(error, "18446744073709551615 addresses") != NULL);
	CHECK(!add(&p, "224.0.0.1", error));
	CHECK(!add(&p, "255.255.255.255", error));
	CHECK(!add(&p, "0.0.0.0", error));
	CHECK(!add(&p, "10.0.0.9-10.0.0.3", error));
	CHECK(!add(&p, "10.0.0.0/33", error));
	CHECK(!add(&p, "10.0.0.1/", error));
	CHECK(!add(&p, "10.0.0.1-fe80::1", error));
	CHECK(!add(&p, "pump-3", error));
	CHECK_INT(p.n_range, 0);
	/* together too many: the last is not taken in */
	CHECK(add(&p, "10.0.0.0/20", error));
	CHECK(!add(&p, "10.1.0.0/24", error));
	CHECK_INT(p.n_range, 1);
}

/* -------------------------------------------------------------------- requests
 */

static uint32_t facts, changing, damaged;

static void
on_fact(void *ctx, const struct fact *f, struct talk *t)
{
	(void)ctx;
	(void)t;
	if (f->from_server)
		return;
	facts++;
	changing += f->risk != RISK_NONE || f->kind == FACT_WRITE ||
	    f->kind == FACT_CONTROL || f->kind == FACT_PROGRAM ||
	    f->kind == FACT_FILE;
	damaged += f->kind == FACT_MALFORMED || f->kind == FACT_UNKNOWN;
}

static void
on_tally(void *ctx, struct talk *t)
{
	(void)ctx;
	(void)t;
}

static void
feed(struct flows *flows, struct trace *t, uint8_t flags, struct span bytes)
{
	static struct packet p;
	static struct tick at = { INT64_C(1800000000) * TICK_SECOND };
	struct span s = trace_frame(t, true, flags, bytes);
	struct frame f = { .at = at, .bytes = s, .wire_len = s.n, .link = 101 };

	at.ns += 1000000;
	CHECK(s.n > 0);
	decode_frame(&f, &p);
	CHECK_INT(p.notes, 0);
	flow_packet(flows, &p);
}

static bool
is_known(const char *proto)
{
	for (uint32_t i = 0; proto != NULL && i < n_protos; i++)
		if (strcmp(protos[i]->name, proto) == 0)
			return true;
	return false;
}

/* Everything a method says, as our own dissectors understand it. */
static void
test_method(const struct active_method *m, const char *target)
{
	const struct flow_listener listener = { .fact = on_fact,
		.tally = on_tally };
	struct flow_config c = FLOW_CONFIG_DEFAULT;
	static struct trace t;
	struct inquiry q = { .step = 0 };
	struct addr a;
	struct flows *flows;
	uint8_t bytes[ACTIVE_REQUEST_MAX];

	CHECK(rule_addr(span_text(target), &a));
	q.target = q.options.server = a.ip;
	t = (struct trace){ .local = a.ip,
		.remote = a.ip,
		.local_port = 40000,
		.remote_port = m->port,
		.via = m->via };
	t.local.b[t.local.len - 1] ^= 1;
	facts = changing = damaged = 0;
	flows = flow_new(&c, &listener);
	if (m->via == VIA_TCP)
		feed(flows, &t, TCP_SYN, SPAN(bytes, 0));
	for (; q.step <= m->requests; q.step++) {
		struct wr w = WR(bytes);

		if (!m->ask(&q, &w))
			break;
		CHECK(!w.full && w.n > 0);
		feed(flows, &t, TCP_PSH | TCP_ACK, wr_span(&w));
	}
	flow_finish(flows);
	flow_free(flows);
	CHECK(q.step >= 1 && q.step <= m->requests);
	CHECK_INT(changing, 0);
	CHECK_INT(damaged, 0);
	if (is_known(m->proto) && !check_note(facts > 0))
		(void)printf("%s: not understood\n", m->name);
}

static void
test_methods(void)
{
	for (unsigned i = 0; i < active_method_count; i++) {
		CHECK(active_method_find(active_methods[i].name) ==
		    &active_methods[i]);
		test_method(&active_methods[i], "10.1.2.3");
		test_method(&active_methods[i], "2001:db8::7");
	}
}

/* Answers that are none, of every length: refused or asked for more, no
 * crash. */
static void
test_garbage(void)
{
	uint8_t bytes[300];

	for (unsigned i = 0; i < active_method_count; i++) {
		const struct active_method *m = &active_methods[i];

		for (uint32_t n = 0; n < sizeof(bytes); n++) {
			struct inquiry q = { .step = 1 + n % 4 };

			memset(bytes, (int)(n * 37), sizeof(bytes));
			if (m->whole != NULL)
				(void)m->whole(SPAN(bytes, n));
			if (m->heard != NULL)
				(void)m->heard(&q, SPAN(bytes, n));
		}
	}
	CHECK(true);
}

/* RFC 3414 A.3.2: the key of "maplesyrup" for that engine. */
static void
test_usm_key(void)
{
	static const uint8_t key[] = { 0x66, 0x95, 0xfe, 0xbc, 0x92, 0x88, 0xe3,
		0x62, 0x82, 0x23, 0x5f, 0xc7, 0x15, 0x1f, 0x12, 0x84, 0x97,
		0xb3, 0x8f, 0x3f };
	struct usm engine = { .n_engine = 12, .boots = 7, .time = 70000 };
	struct usm us = { .id = 1 };
	uint8_t bytes[300];
	struct wr w = WR(bytes);

	engine.engine[11] = 2;
	usm_discover(&engine, &w); /* its shape is that of the report, too */
	CHECK(usm_discovered(&us, wr_span(&w), USM_SHA1, "maplesyrup",
	    "maplesyrup"));
	CHECK_INT(us.n_engine, 12);
	CHECK_INT(us.boots, 7);
	CHECK_INT(us.time, 70000);
	CHECK(memcmp(us.auth, key, sizeof(key)) == 0);
	CHECK(memcmp(us.priv, key, sizeof(key)) == 0);
}

/* What one end wraps the other unwraps; a byte changed, and it does not. */
static void
test_usm(enum usm_hash h)
{
	struct usm a = { .n_engine = 5, .boots = 300, .time = 200 }, b;
	const char *pdu = "a PDU that is longer than one block of AES";
	uint32_t n = (uint32_t)strlen(pdu), size;
	uint8_t bytes[400], out[100];
	struct wr w = WR(bytes);

	memset(a.auth, 3, sizeof(a.auth));
	memset(a.priv, 5, sizeof(a.priv));
	CHECK(usm_wrap(&a, h, "op", span_text(pdu), &w));
	b = a;
	CHECK_INT(usm_unwrap(&b, h, wr_span(&w), out, sizeof(out), &size),
	    USM_GOOD);
	CHECK(size == n && memcmp(out, pdu, n) == 0);
	for (uint32_t i = 0; i < w.n; i++) {
		bytes[i] ^= 1;
		b = a;
		CHECK(usm_unwrap(&b, h, wr_span(&w), out, sizeof(out), &size) !=
		    USM_GOOD);
		bytes[i] ^= 1;
	}
	for (uint32_t i = 0; i < w.n; i++) {
		b = a;
		CHECK(usm_unwrap(&b, h, SPAN(bytes, i), out, sizeof(out),
			  &size) != USM_GOOD);
	}
}

int
main(void)
{
	proto_init();
	test_plan();
	test_refused();
	test_methods();
	test_garbage();
	test_usm_key();
	test_usm(USM_SHA1);
	test_usm(USM_SHA256);
	return check_done();
}
