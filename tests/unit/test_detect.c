/*
 * test_detect.c - facts in, alerts out: counting, folding, settings, what the
 * listener hears, and who is meant.
 */

#include "../../src/detect/private.h"
#include "../../src/proto/proto.h"

#include "check.h"

static struct {
	struct assets *assets;
	struct baseline *baseline;
	struct detect *detect;
	bool refuse;
	uint32_t asked, raised, again;
} rig;

static bool
admit(void *ctx, struct alert *a)
{
	(void)ctx;
	rig.asked++;
	a->severity = SEVERITY_MINOR;
	return !rig.refuse;
}

static void
raised(void *ctx, struct alert *a, bool is_new)
{
	(void)ctx;
	CHECK(a->text[0] != '\0');
	if (is_new)
		rig.raised++;
	else
		rig.again++;
}

static void
open_rig(enum mode mode)
{
	struct baseline_config config = BASELINE_CONFIG_DEFAULT;
	struct baseline_listener nobody = { .ctx = NULL };
	struct detect_listener listener = { .admit = admit, .raised = raised };

	memset(&rig, 0, sizeof(rig));
	config.keys_max = 1024;
	rig.assets = assets_new(64);
	rig.baseline = baseline_new(&config, rig.assets, &nobody);
	rig.detect = detect_new(rig.assets, rig.baseline, &listener);
	CHECK(rig.detect != NULL);
	baseline_set_mode(rig.baseline, mode);
}

static void
close_rig(void)
{
	detect_free(rig.detect);
	baseline_free(rig.baseline);
	assets_free(rig.assets);
}

static uint8_t
proto(const char *name)
{
	uint32_t i = 0;

	while (strcmp(protos[i]->name, name) != 0)
		i++;
	return (uint8_t)i;
}

static struct addr
host(uint8_t first, uint8_t last)
{
	const uint8_t b[4] = { first, 0, 0, last };

	return (struct addr){ .ip = ip4_of(b) };
}

static struct talk
talk_of(const char *name, uint8_t client, uint8_t server)
{
	return (struct talk){ .via = VIA_TCP,
		.proto = proto(name),
		.vlan = TALK_NO_VLAN,
		.flow = 7,
		.client = host(10, client),
		.server = host(10, server),
		.client_port = 40000,
		.server_port = 502 };
}

/* A Modbus exception at so many milliseconds. */
static void
exception(uint8_t client, uint32_t first, int64_t ms)
{
	struct talk t = talk_of("modbus", client, 20);
	struct fact f = {
		.at = { ms * 1000000 },
		.frame = (uint32_t)ms,
		.proto = t.proto,
		.kind = FACT_ERROR,
		.op = 3,
		.code = 2,
		.response = true,
		.from_server = true,
		.object = { .space = SPACE_HOLDING, .first = first, .count = 1 }
	};

	detect_fact(rig.detect, &f, &t, 0, 0);
}

static struct alert *
find(enum alert_id row)
{
	for (uint32_t i = 0; i < detect_count(rig.detect); i++)
		if (detect_at(rig.detect, i)->row == row)
			return detect_at(rig.detect, i);
	return NULL;
}

static uint32_t
count(enum alert_id row)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < detect_count(rig.detect); i++)
		n += detect_at(rig.detect, i)->row == row;
	return n;
}

static void
folding(void)
{
	struct alert *a;

	open_rig(MODE_OPERATIONAL);
	for (uint32_t id = 0; id < ALERT_COUNT; id++)
		detect_setting(rig.detect, (enum alert_id)id)->on =
		    id == ALERT_modbus_exception;
	for (int64_t i = 0; i < 30; i++)
		exception(5, 100, 1000 + i * 100);
	CHECK_INT(detect_count(rig.detect), 1);
	a = find(ALERT_modbus_exception);
	CHECK_INT(a->count, 30);
	CHECK_INT(a->first.ns, 1000 * 1000000ll);
	CHECK_INT(a->last.ns, 3900 * 1000000ll);
	CHECK_INT(a->severity, SEVERITY_MINOR); /* admit said so */
	CHECK_INT(a->because.kind, FACT_ERROR);
	CHECK_INT(a->frames[0].number, 1000);
	CHECK_INT(a->source.addr.ip.b[3], 5);
	CHECK_INT(a->destination.addr.ip.b[3], 20);
	CHECK_INT(a->destination.port, 502);
	CHECK_INT(rig.raised, 1);
	CHECK_INT(rig.asked, 1);
	CHECK_INT(rig.again, 2); /* once a second */
	/* another pair is another alert; a closed one begins anew */
	exception(6, 100, 5000);
	CHECK_INT(detect_count(rig.detect), 2);
	a->status = STATUS_CLOSED;
	exception(5, 100, 6000);
	CHECK_INT(rig.raised, 3);
	CHECK_INT(detect_count(rig.detect), 2);
	CHECK_INT(detect_at(rig.detect, 1)->count, 1);
	close_rig();
}

static void
settings(void)
{
	struct alert_setting *set;

	open_rig(MODE_OPERATIONAL);
	set = detect_setting(rig.detect, ALERT_modbus_exception);
	set->count = 3;
	set->within = 10;
	exception(5, 1, 1000);
	exception(5, 1, 2000);
	CHECK(find(ALERT_modbus_exception) == NULL);
	exception(6, 1, 2500); /* counted by pair */
	CHECK(find(ALERT_modbus_exception) == NULL);
	exception(5, 1, 3000);
	CHECK(find(ALERT_modbus_exception) != NULL);
	CHECK(
	    strstr(find(ALERT_modbus_exception)->text, "within 10 s") != NULL);
	close_rig();
	open_rig(MODE_OPERATIONAL);
	detect_engine(rig.detect, ENGINE_PROTOCOL, false);
	exception(5, 1, 1000);
	CHECK(find(ALERT_modbus_exception) == NULL);
	detect_engine(rig.detect, ENGINE_PROTOCOL, true);
	rig.refuse = true;
	exception(5, 1, 2000);
	CHECK(find(ALERT_modbus_exception) == NULL);
	CHECK(rig.asked > 0);
	rig.refuse = false;
	exception(5, 1, 3000);
	CHECK(find(ALERT_modbus_exception) != NULL);
	close_rig();
}

static void
novelty(enum why why, bool speak, uint32_t first, int64_t at)
{
	struct talk t = talk_of("modbus", 5, 20);
	struct fact f = { .at = { at },
		.proto = t.proto,
		.kind = FACT_READ,
		.op = 3,
		.object = { .space = SPACE_HOLDING, .first = first } };
	struct key key = { .hash = first, .scenario = SCENARIO_READ };
	struct novelty n = { .scenario = SCENARIO_READ,
		.why = why,
		.speak = speak,
		.at = { at },
		.fact = &f,
		.talk = &t,
		.key = &key,
		.per_day = 0.11,
		.learned_windows = 336,
		.text = "registers 0..9" };

	detect_novelty(rig.detect, &n);
}

static void
policy(void)
{
	struct alert_setting *set;
	struct alert *a;

	open_rig(MODE_OPERATIONAL);
	set = detect_setting(rig.detect, ALERT_modbus_address_range);
	novelty(WHY_NEW, false, 5000, TICK_SECOND);
	CHECK_INT(detect_count(rig.detect), 0);
	novelty(WHY_NEW, true, 5000, TICK_SECOND);
	novelty(WHY_NEW, true, 5001, 2 * TICK_SECOND);
	novelty(WHY_NEW, true, 5001, 3 * TICK_SECOND);
	a = find(ALERT_modbus_address_range);
	CHECK(a != NULL);
	CHECK_INT(detect_count(rig.detect), 1); /* the first row that matches */
	CHECK_INT(a->n_violations, 2);
	CHECK_INT(a->violation[1].count, 2);
	CHECK(strstr(a->text, "10.0.0.5 sent modbus read holding registers") !=
	    NULL);
	CHECK(strstr(a->text, "never seen before in 14 days") != NULL);
	CHECK(strstr(a->text, "; registers 0..9") != NULL);
	CHECK(strstr(a->text, "at most one such alert in 9 days") != NULL);
	/* by hand */
	a->status = STATUS_CLOSED;
	set->by_hand = BY_HAND_LEARN;
	set->until = (struct tick){ 100 * TICK_SECOND };
	novelty(WHY_NEW, true, 5000, 50 * TICK_SECOND);
	CHECK_INT(rig.raised, 1);
	novelty(WHY_NEW, true, 5000, 150 * TICK_SECOND);
	CHECK_INT(rig.raised, 2);
	find(ALERT_modbus_address_range)->status = STATUS_CLOSED;
	set->by_hand = BY_HAND_OPERATIONAL;
	novelty(WHY_NEW, false, 5000, 160 * TICK_SECOND);
	CHECK_INT(rig.raised, 3);
	/* who is off has the novelty all the same */
	detect_at(rig.detect, 0)->status = STATUS_CLOSED;
	set->on = false;
	novelty(WHY_NEW, true, 5000, 170 * TICK_SECOND);
	CHECK_INT(rig.raised, 3);
	close_rig();
}

/* A refused FTP login: of the policy engine, and no industrial protocol. */
static void
ftp(uint8_t net, int64_t at)
{
	struct talk t = talk_of("ftp", 5, 20);
	struct fact f = { .at = { at },
		.proto = t.proto,
		.kind = FACT_ERROR,
		.code = 530,
		.from_server = true };

	t.client = host(net, 5);
	t.server = host(net, 20);
	detect_fact(rig.detect, &f, &t, 0, 0);
}

static void
focus(void)
{
	struct network it = { .bits = 8, .inside = true, .ot = false };

	open_rig(MODE_LEARNING);
	ftp(10, TICK_SECOND); /* policy rests */
	CHECK_INT(count(ALERT_ftp_login_failed), 0);
	baseline_set_mode(rig.baseline, MODE_OPERATIONAL);
	ftp(8, TICK_SECOND); /* nothing of the plant in it */
	CHECK_INT(count(ALERT_ftp_login_failed), 0);
	ftp(10, TICK_SECOND);
	CHECK_INT(count(ALERT_ftp_login_failed), 1);
	close_rig();
	open_rig(MODE_OPERATIONAL);
	it.ip = host(10, 0).ip;
	CHECK(assets_network(rig.assets, &it));
	ftp(10, TICK_SECOND);
	CHECK_INT(count(ALERT_ftp_login_failed), 0);
	exception(5, 1, 1000); /* but the protocol is industrial */
	CHECK_INT(count(ALERT_modbus_exception), 1);
	close_rig();
}

static void
raising(void)
{
	static const struct addr nobody;
	struct talk t = talk_of("modbus", 5, 20);
	struct event e = { .kind = EVENT_BEGIN, .at = { 5 }, .talk = &t };
	struct finding f = { .row = ALERT_user_rule,
		.text = "custom",
		.swap = true,
		.violation = "one" };
	struct alert *a, saved;
	char text[200];

	open_rig(MODE_LEARNING);
	detect_raise(rig.detect, &e, &f);
	f.violation = "two";
	detect_raise(rig.detect, &e, &f);
	a = find(ALERT_user_rule);
	CHECK_INT(a->source.addr.ip.b[3], 20);
	CHECK_INT(a->n_violations, 2);
	CHECK_STR(a->text, "custom");
	alert_fill(text, sizeof(text), a, "{client}->{server} {x} {port} {op}");
	CHECK_STR(text, "10.0.0.5->10.0.0.20 {x} 502 message");
	f.extra = 9;
	f.destination = &nobody;
	detect_raise(rig.detect, &e, &f);
	CHECK_INT(count(ALERT_user_rule), 2);
	CHECK_INT(detect_at(rig.detect, 1)->destination.addr.ip.len, 0);
	saved = *a;
	close_rig();
	/* the next run goes on with it */
	open_rig(MODE_LEARNING);
	CHECK(detect_restore(rig.detect, &saved));
	CHECK(!detect_restore(rig.detect, &saved));
	f.extra = 0;
	f.destination = NULL;
	detect_raise(rig.detect, &e, &f);
	CHECK_INT(detect_count(rig.detect), 1);
	CHECK_INT(detect_at(rig.detect, 0)->count, 3);
	close_rig();
}

int
main(void)
{
	proto_init();
	CHECK(alert_find("modbus-exception") == ALERT_modbus_exception);
	CHECK_STR(alert_slug(ALERT_modbus_exception), "modbus-exception");
	CHECK(alert_find("no-such") == ALERT_COUNT);
	folding();
	settings();
	policy();
	focus();
	raising();
	return check_done();
}
