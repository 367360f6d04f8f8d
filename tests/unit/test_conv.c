/* test_conv.c - conversations: rows, names found late, operations, caps. */
#include "check.h"

#include "../../src/inventory/conv.h"
#include "../../src/proto/proto.h"

static struct convs *convs;
static uint32_t flow_id;

static uint8_t
proto_id(const char *name)
{
	for (uint32_t i = 1; i < n_protos; i++)
		if (strcmp(protos[i]->name, name) == 0)
			return (uint8_t)i;
	return PROTO_UNKNOWN;
}

static struct addr
host(uint8_t h)
{
	const uint8_t ip[4] = { 10, 0, 0, h };

	return (struct addr){ .ip = ip4_of(ip) };
}

static struct talk
talk_of(uint8_t client, uint8_t server, const char *proto)
{
	return (struct talk){ .client = host(client),
		.server = host(server),
		.client_port = 40000,
		.server_port = 502,
		.vlan = TALK_NO_VLAN,
		.flow = ++flow_id,
		.via = VIA_TCP,
		.proto = proto_id(proto),
		.first = { 1000 },
		.last = { 2000 },
		.packets = { 3, 2 },
		.bytes = { 300, 200 } };
}

static void
say(struct talk *t, const char *proto, enum fact_kind kind, uint32_t op)
{
	struct fact f = { .proto = proto_id(proto),
		.kind = (uint8_t)kind,
		.op = op,
		.is_message = true };

	convs_fact(convs, &f, t);
}

static uint32_t
count_ops(const struct conv *c)
{
	uint32_t n = 0;

	for (uint32_t at = c->ops; at != 0; at = convs_op(convs, at - 1)->next)
		n++;
	return n;
}

static uint64_t
count_of(const struct conv *c, const char *proto, uint32_t op)
{
	for (uint32_t at = c->ops; at != 0;) {
		const struct conv_op *o = convs_op(convs, at - 1);

		if (o->op == op && o->proto == proto_id(proto))
			return o->count;
		at = o->next;
	}
	return 0;
}

static void
test_operations(void)
{
	struct fact f = { .proto = proto_id("modbus"),
		.kind = FACT_READ,
		.op = 3,
		.is_message = true,
		.flags = FACT_DUPLICATE };
	struct talk t = talk_of(1, 2, "modbus");
	const struct conv *c;

	for (int i = 0; i < 5; i++) {
		say(&t, "modbus", FACT_READ, 3);
		say(&t, "modbus", FACT_ACK, 3); /* answers do not count */
	}
	say(&t, "modbus", FACT_WRITE, 6);
	say(&t, "modbus", FACT_ERROR, 6);
	convs_fact(convs, &f, &t); /* nor do other copies */
	f.flags = 0;
	f.is_message = false;
	convs_fact(convs, &f, &t); /* nor does what follows in the message */
	f.kind = FACT_MALFORMED;
	convs_fact(convs, &f, &t);
	convs_tally(convs, &t);
	convs_sort(convs);
	CHECK_INT(convs_count(convs), 1);
	c = convs_at(convs, 0);
	CHECK_INT(count_of(c, "modbus", 3), 5);
	CHECK_INT(count_of(c, "modbus", 6), 1);
	CHECK_INT(count_ops(c), 2);
	CHECK_INT(c->errors, 1);
	CHECK_INT(c->malformed, 1);
	CHECK_INT(c->flows, 1);
	CHECK_INT(c->packets[0], 3);
	CHECK_INT(c->bytes[1], 200);
}

/* Several flows of one conversation; and what makes it another. */
static void
test_rows(void)
{
	struct talk t = talk_of(1, 2, "modbus");

	convs_tally(convs, &t);
	t = talk_of(1, 2, "modbus");
	t.client_port++;
	t.first.ns = 500;
	t.last.ns = 3000;
	convs_tally(convs, &t);
	t = talk_of(1, 2, "modbus");
	t.server_port = 503;
	convs_tally(convs, &t);
	t = talk_of(1, 2, "modbus");
	t.vlan = 7;
	convs_tally(convs, &t);
	t = talk_of(1, 2, "modbus");
	t.session = 9;
	convs_tally(convs, &t);
	t = talk_of(2, 1, "modbus");
	convs_tally(convs, &t);
	t = talk_of(3, 1, "modbus"); /* of which nothing was seen */
	memset(t.packets, 0, sizeof(t.packets));
	convs_tally(convs, &t);
	convs_sort(convs);
	CHECK_INT(convs_count(convs), 5);
	CHECK_INT(convs_at(convs, 0)->vlan, 7);
	CHECK_INT(convs_at(convs, 1)->flows, 2);
	CHECK_INT(convs_at(convs, 1)->first.ns, 500);
	CHECK_INT(convs_at(convs, 1)->last.ns, 3000);
	CHECK_INT(convs_at(convs, 2)->session, 9);
	CHECK_INT(convs_at(convs, 3)->port, 503);
	CHECK_INT(convs_at(convs, 4)->client.ip.b[3], 2);
}

/* A flow is taken for its carrier until it is known what that carries. */
static void
test_renamed(void)
{
	struct talk t = talk_of(1, 2, "cotp");
	const struct conv *c;

	say(&t, "cotp", FACT_SESSION, 0xe0);
	say(&t, "cotp", FACT_ERROR, 0xe0);
	t.proto = proto_id("s7comm");
	say(&t, "s7comm", FACT_READ, 4);
	say(&t, "cotp", FACT_SESSION, 0xe0);
	convs_tally(convs, &t);
	convs_sort(convs);
	CHECK_INT(convs_count(convs), 1);
	c = convs_at(convs, 0);
	CHECK_INT(c->proto, proto_id("s7comm"));
	CHECK_INT(count_of(c, "cotp", 0xe0), 2);
	CHECK_INT(count_of(c, "s7comm", 4), 1);
	CHECK_INT(c->errors, 1);
}

/* What another flow of the carrier said stays with the carrier. */
static void
test_renamed_one_of_two(void)
{
	struct talk a = talk_of(1, 2, "cotp"), b = talk_of(1, 2, "cotp");

	say(&a, "cotp", FACT_SESSION, 0xe0);
	convs_tally(convs, &a);
	say(&b, "cotp", FACT_SESSION, 0xe0);
	b.proto = proto_id("s7comm");
	say(&b, "s7comm", FACT_READ, 4);
	convs_tally(convs, &b);
	convs_sort(convs);
	CHECK_INT(convs_count(convs), 2);
	CHECK_INT(convs_at(convs, 0)->proto, proto_id("cotp"));
	CHECK_INT(convs_at(convs, 0)->packets[0], 3);
	CHECK_INT(convs_at(convs, 1)->proto, proto_id("s7comm"));
	CHECK_INT(count_of(convs_at(convs, 0), "cotp", 0xe0) +
		count_of(convs_at(convs, 1), "cotp", 0xe0),
	    2);
}

static void
test_many_operations(void)
{
	struct talk t = talk_of(1, 2, "modbus");
	const struct conv *c;

	for (uint32_t op = 0; op < CONV_OPS_MAX + 100; op++)
		say(&t, "modbus", FACT_UNKNOWN, op);
	say(&t, "modbus", FACT_UNKNOWN, 0);
	convs_tally(convs, &t);
	convs_sort(convs);
	c = convs_at(convs, 0);
	CHECK_INT(count_ops(c), CONV_OPS_MAX);
	CHECK_INT(c->ops_left_out, 100);
	CHECK_INT(count_of(c, "modbus", 0), 2);
}

static void
test_full(void)
{
	struct convs *big = convs;

	convs = convs_new(16);
	for (uint8_t h = 1; h <= 40; h++) {
		struct talk t = talk_of(h, 200, "modbus");

		say(&t, "modbus", FACT_READ, 3);
		convs_tally(convs, &t);
	}
	convs_sort(convs);
	CHECK_INT(convs_count(convs), 16);
	CHECK(convs_left_out(convs) >= 24);
	convs_free(convs);
	convs = big;
}

int
main(void)
{
	static void (*const tests[])(void) = { test_operations, test_rows,
		test_renamed, test_renamed_one_of_two, test_many_operations,
		test_full };

	proto_init();
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		convs = convs_new(1024);
		tests[i]();
		convs_free(convs);
	}
	return check_done();
}
