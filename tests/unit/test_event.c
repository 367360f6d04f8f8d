/* test_event.c - what conditions can ask of an event, field by field. */
#include "check.h"

#include "../../src/detect/event.h"
#include "../../src/proto/proto.h"

/* 2026-11-20T23:30:00Z, a Friday */
#define EVENING (INT64_C(1795217400) * TICK_SECOND)

static struct fact fact = { .at = { EVENING },
	.kind = FACT_WRITE,
	.op = FACT_OP(2, 0x4d),
	.unit = 3,
	.has_unit = true,
	.risk = RISK_WRITE,
	.flags = FACT_CUT | FACT_TEST,
	.num_type = NUM_INT,
	.num.i = -5,
	.object = { .space = SPACE_HOLDING,
	    .area = 1,
	    .first = 100,
	    .count = 2,
	    .sub = 7 },
	.text = "pump-1",
	.text_len = 6 };
static struct talk talk = { .via = VIA_TCP,
	.vlan = 12,
	.client_port = 40000,
	.server_port = 502,
	.odd_port = true,
	.packets = { 3, 4 },
	.bytes = { 300, 400 },
	.client = { .ip = { { 8, 8, 8, 8 }, 4 } },
	.server = { .ip = { { 10, 1, 9, 9 }, 4 } } };
static const struct asset server = { .id = 2,
	.role = ROLE_PLC,
	.flags = ASSET_OT | ASSET_CONTROLLER | ASSET_SAFETY };

static bool
is(const char *text, const struct event *e)
{
	struct rule_error error;
	struct rule *r = rule_compile(&event_schema, span_text(text), &error);
	bool so = r != NULL && rule_matches(r, e);

	if (r == NULL)
		(void)printf("%s: byte %u: %s\n", text, error.at, error.text);
	CHECK(r != NULL);
	rule_free(r);
	return so;
}

static void
all(const char *const *texts, const struct event *e, bool so)
{
	for (; *texts != NULL; texts++) {
		bool got = is(*texts, e);

		if (got != so)
			(void)printf("of: %s\n", *texts);
		CHECK_INT(got, so);
	}
}

static const char *const of_fact[] = { "event = fact", "proto = modbus",
	"kind = write", "op = 0x4d", "variant = 2", "not response",
	"has response", "not from_server", "unit = 3", "risk = write",
	"space = holding", "area = 1", "first = 100", "count = 2", "sub = 7",
	"value = -5", "text = \"pump-1\"", "cut and test",
	"not (unsolicited or broadcast or negative)", "client = 8.8.8.8",
	"server in 10.0.0.0/8", "sender = 8.8.8.8", "port = 502",
	"client_port = 40000", "via = tcp", "vlan = 12", "odd_port",
	"packets.sent = 3", "packets.back = 4", "bytes.sent = 300",
	"bytes.back = 400", "server.role = plc", "server.known",
	"has client.known and not client.known",
	"server.ot and server.controller and server.safety", "client.internet",
	"has server.internet and not server.internet",
	"has server.group and not server.group",
	"has server.important and not server.important", "time = 2026-11-20",
	"hour = 23", "weekday = fri", "hour in 22..6 and weekday in mon..fri",
	NULL };

static const char *const not_of_fact[] = { "has code", "has trait",
	"has service", "has client.role", "has client.ot",
	"has client.controller", "has client.authorized", "has client.scanner",
	"has client.programming", "has client.important", "has client.late",
	"has scenario", "has why", NULL };

static void
test_fact(void)
{
	struct event e = { .kind = EVENT_FACT,
		.at = fact.at,
		.fact = &fact,
		.talk = &talk,
		.server = &server };

	all(of_fact, &e, true);
	all(not_of_fact, &e, false);
}

static void
test_other_facts(void)
{
	struct fact f = { .kind = FACT_ERROR, .code = 2, .from_server = true };
	struct event e = { .kind = EVENT_FACT, .fact = &f, .talk = &talk };
	static const char *const error[] = { "code = 2", "sender = 10.1.9.9",
		"not has value", "not has unit", "not has text",
		"not has space and not has first", "weekday = thu and hour = 0",
		NULL };
	static const char *const ident[] = { "trait = firmware", "value = 2.5",
		"not has code", NULL };

	all(error, &e, true);
	f.kind = FACT_IDENT;
	f.trait = TRAIT_FIRMWARE;
	f.num_type = NUM_REAL;
	f.num.r = 2.5;
	all(ident, &e, true);
	f.num_type = NUM_UINT;
	f.num.u = UINT64_MAX;
	CHECK(is("value > 1e19", &e));
}

static void
test_flow(void)
{
	struct talk t = talk;
	struct asset client = { .id = 1,
		.flags = ASSET_SCANNER | ASSET_PROGRAMMING | ASSET_LATE };
	struct event e = { .kind = EVENT_END,
		.at = { EVENING },
		.talk = &t,
		.client = &client };
	static const char *const flow[] = { "event = end", "proto = modbus",
		"not has kind and not has op and not has sender",
		"client.scanner and client.programming and client.late",
		"has client.internet and not client.internet",
		"via = ether and service = 0x88b8", "not has port",
		"not has vlan", "server.group", "server = 01:00:5e", NULL };

	t.via = VIA_ETHER;
	t.service = 0x88b8;
	t.vlan = TALK_NO_VLAN;
	t.server = (struct addr){ .mac = { { 1, 0, 0x5e, 0, 0, 1 } },
		.has_mac = true };
	all(flow, &e, true);
}

static void
test_novelty(void)
{
	struct novelty n = { .scenario = SCENARIO_TIME_OF_DAY,
		.why = WHY_HOUR };
	struct asset client = { .id = 1,
		.addr.ip = { { 10, 0, 0, 1 }, 4 },
		.flags = ASSET_INTERNET };
	struct event e = { .kind = EVENT_NOVELTY,
		.at = { EVENING },
		.novelty = &n,
		.client = &client };
	static const char *const novel[] = { "event = novelty",
		"scenario = time-of-day", "why = hour", "client = 10.0.0.1",
		"client.internet", "not has server", "not has proto",
		"not has port", "not has server.internet", NULL };

	all(novel, &e, true);
}

/* Each field has a help, a name of its own, and words that tell themselves
 * apart. */
static void
test_schema(const struct rule_schema *s)
{
	for (uint32_t i = 0; i < s->n; i++) {
		const struct rule_field *f = &s->field[i];

		CHECK(f->help != NULL && f->help[0] != '\0');
		CHECK_INT(f->word != NULL, f->type == RULE_NAME);
		for (uint32_t k = 0; k < i; k++)
			CHECK(strcmp(f->name, s->field[k].name) != 0);
		for (uint32_t a = 0; f->word != NULL && f->word(a) != NULL; a++)
			for (uint32_t b = 0; b < a; b++)
				CHECK(strcmp(f->word(a), f->word(b)) != 0);
	}
}

int
main(void)
{
	proto_init();
	for (uint8_t i = 0; i < n_protos; i++)
		if (strcmp(protos[i]->name, "modbus") == 0)
			fact.proto = talk.proto = i;
	test_fact();
	test_other_facts();
	test_flow();
	test_novelty();
	test_schema(&event_schema);
	test_schema(&alert_schema);
	return check_done();
}
