/*
 * test_triage.c - what people decided: mutes, exclusions, maintenance windows
 * and custom rules.  Detection itself is not here: what is raised is made
 * into an alert, and triage is asked, as detection would.
 */
#include "check.h"

#include "../../src/proto/proto.h"
#include "../../src/triage/triage.h"

/* 2026-11-20T08:30:00Z, a Friday */
#define MORNING (INT64_C(1795163400) * TICK_SECOND)
#define DAY (86400 * TICK_SECOND)

struct detect { /* in place of the real one */
	struct triage *triage;
	uint32_t raised, kept;
	struct finding finding;
	struct alert alert;
};

static uint8_t modbus, dnp3;

static struct alert
an_alert(void)
{
	return (struct alert){ .row = ALERT_modbus_exception,
		.severity = SEVERITY_MAJOR,
		.source = { .addr.ip = { { 10, 1, 2, 3 }, 4 } },
		.destination = { .addr.ip = { { 10, 1, 9, 9 }, 4 },
		    .port = 502 },
		.proto = modbus,
		.vlan = TALK_NO_VLAN,
		.first = { MORNING },
		.last = { MORNING },
		.count = 1,
		.fold = 77 };
}

void
detect_raise(struct detect *d, const struct event *e, const struct finding *f)
{
	d->raised++;
	d->finding = *f;
	d->alert = an_alert();
	d->alert.row = (uint16_t)f->row;
	d->alert.first = d->alert.last = e->at;
	d->alert.fold = f->extra;
	if (e->fact != NULL)
		d->alert.because = *e->fact;
	d->kept += triage_admit(d->triage, &d->alert);
}

static struct person_rule
a_rule(enum person_rule_kind kind, const char *text)
{
	struct person_rule r = { .id = 5,
		.kind = (uint8_t)kind,
		.on = true,
		.severity = SEVERITY_CRITICAL,
		.name = "Overhaul 12" };

	(void)snprintf(r.text, sizeof(r.text), "%s", text);
	return r;
}

static void
add(struct triage *t, const struct person_rule *r)
{
	struct rule_error e;
	bool added = triage_add(t, r, &e);

	CHECK(added);
	if (!added)
		(void)printf("%s: %s\n", r->text, e.text);
}

static const struct person_rule *
only(const struct triage *t)
{
	CHECK(triage_at(t, 1) == NULL);
	return triage_at(t, 0);
}

/* ----------------------------------------------------------------- alerts */

static void
test_nothing(void)
{
	struct triage *t = triage_new();
	struct alert a = an_alert(), before = a;

	CHECK(triage_admit(t, &a));
	CHECK(memcmp(&a, &before, sizeof(a)) == 0);
	CHECK(triage_at(t, 0) == NULL);
	triage_free(t);
	triage_free(NULL);
}

static void
test_mute(void)
{
	struct triage *t = triage_new();
	struct alert a = an_alert();

	CHECK(triage_mute(t, 77) && triage_mute(t, 77));
	CHECK(!triage_admit(t, &a));
	a.fold = 78;
	CHECK(triage_admit(t, &a));
	triage_unmute(t, 78);
	triage_unmute(t, 77);
	a.fold = 77;
	CHECK(triage_admit(t, &a));
	triage_free(t);
}

/* Folds that fall on the same slots, and the whole set. */
static void
test_many_mutes(void)
{
	struct triage *t = triage_new();
	struct alert a = an_alert();
	uint64_t step = UINT64_C(1) << 32;

	for (uint64_t i = 0; i < 50; i++)
		CHECK(triage_mute(t, i % 2 + i * step));
	for (uint64_t i = 0; i < 50; i += 3)
		triage_unmute(t, i % 2 + i * step);
	for (uint64_t i = 0; i < 50; i++) {
		a.fold = i % 2 + i * step;
		CHECK_INT(triage_admit(t, &a), i % 3 == 0);
	}
	for (uint64_t i = 33; i < TRIAGE_MUTES; i++)
		CHECK(triage_mute(t, UINT64_C(0x9e3779b97f4a7c15) * (i + 7)));
	CHECK(!triage_mute(t, 12345));
	a.fold = 12345;
	CHECK(triage_admit(t, &a));
	a.fold = 1 + step;
	CHECK(!triage_admit(t, &a));
	triage_free(t);
}

static const struct {
	const char *text;
	bool excluded;
} exclusions[] = {
	{ "source = 10.1.2.3", true },
	{ "source in 10.1.9.0/24", false },
	{ "either in 10.1.9.0/24", true },
	{ "either != 10.1.9.9", false },
	{ "destination = 10.1.9.9 and port = 502", true },
	{ "severity < critical", true },
	{ "severity = critical", false },
	{ "engine = protocol and status = new", true },
	{ "category = \"illegal commands\"", true },
	{ "name = modbus-exception", true },
	{ "name = user-rule", false },
	{ "title ~ \"modbus*\"", true },
	{ "ref = \"PRO-14\"", true },
	{ "techniques ~ \"T0*\"", true },
	{ "tier = c", true },
	{ "tier in a..b", false },
	{ "learnable and muted", false },
	{ "protocol = modbus", true },
	{ "protocol = dnp3", false },
	{ "has vlan", false },
	{ "first = 2026-11-20 and last < 2026-11-21", true },
	{ "count > 1", false },
	{ "has number or has text", false },
	{ "hour = 8 and weekday = fri", true },
	{ "hour in 18..6 or weekday in sat..sun", false },
};

static void
test_exclude(void)
{
	for (size_t i = 0; i < sizeof(exclusions) / sizeof(exclusions[0]);
	     i++) {
		struct triage *t = triage_new();
		struct person_rule r =
		    a_rule(PERSON_EXCLUDE, exclusions[i].text);
		struct alert a = an_alert();
		bool excluded = exclusions[i].excluded;

		add(t, &r);
		if (triage_admit(t, &a) == excluded)
			(void)printf("of: %s\n", exclusions[i].text);
		CHECK_INT(!triage_admit(t, &a), excluded);
		CHECK_INT(only(t)->hits, excluded ? 2 : 0);
		CHECK_INT(only(t)->last_hit.ns, excluded ? MORNING : 0);
		triage_free(t);
	}
}

/* From the first moment on, until before the last. */
static void
test_window(void)
{
	static const struct {
		int64_t from, until;
		bool on, excluded;
	} windows[] = {
		{ 0, 0, true, true },
		{ 0, 0, false, false },
		{ MORNING, 0, true, true },
		{ MORNING + 1, 0, true, false },
		{ 0, MORNING, true, false },
		{ 0, MORNING + 1, true, true },
		{ MORNING - DAY, MORNING + DAY, true, true },
	};

	for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
		struct triage *t = triage_new();
		struct person_rule r = a_rule(PERSON_EXCLUDE, "count = 1");
		struct alert a = an_alert();

		r.from.ns = windows[i].from;
		r.until.ns = windows[i].until;
		r.on = windows[i].on;
		add(t, &r);
		CHECK_INT(!triage_admit(t, &a), windows[i].excluded);
		triage_free(t);
	}
}

static void
test_maintenance(void)
{
	struct triage *t = triage_new();
	struct person_rule r =
	    a_rule(PERSON_MAINTENANCE, "either in 10.1.0.0/16");
	struct alert a = an_alert();

	add(t, &r);
	CHECK(triage_admit(t, &a));
	CHECK_STR(a.title, "Overhaul 12: Modbus device refused a request");
	CHECK_INT(a.severity, SEVERITY_WARNING);
	CHECK_INT(a.fold, 77);
	CHECK_INT(only(t)->hits, 1);
	a = an_alert();
	a.source.addr.ip.b[1] = a.destination.addr.ip.b[1] = 2;
	CHECK(triage_admit(t, &a));
	CHECK_STR(a.title, "");
	CHECK_INT(a.severity, SEVERITY_MAJOR);
	triage_free(t);
}

/* What is too long is cut at a whole character. */
static void
test_long_title(void)
{
	struct triage *t = triage_new();
	struct person_rule r = a_rule(PERSON_MAINTENANCE, "count = 1");
	struct alert a = an_alert();

	(void)snprintf(r.name, sizeof(r.name),
	    "123456789 123456789 123456789 123456789\xc3\xa9");
	add(t, &r);
	CHECK(triage_admit(t, &a));
	CHECK_STR(a.title,
	    "123456789 123456789 123456789 123456789"
	    ": Modbus device refused a request");
	triage_free(t);
}

/* ----------------------------------------------------------------- events */

static struct fact
a_write(uint8_t proto)
{
	return (struct fact){ .at = { MORNING },
		.proto = proto,
		.kind = FACT_WRITE,
		.op = 6,
		.unit = 3,
		.has_unit = true };
}

static void
test_custom(void)
{
	struct triage *t = triage_new();
	struct detect d = { .triage = t };
	struct person_rule r =
	    a_rule(PERSON_CUSTOM, "proto = modbus and op in (5, 6)");
	struct fact f = a_write(modbus);
	struct event e = { .kind = EVENT_FACT, .at = f.at, .fact = &f };

	(void)snprintf(r.name, sizeof(r.name), "Nobody writes");
	(void)snprintf(r.message, sizeof(r.message), "{client} wrote {odd}");
	add(t, &r);
	triage_event(t, &d, &e);
	CHECK_INT(d.raised, 1);
	CHECK_INT(d.kept, 1);
	CHECK_INT(d.finding.row, ALERT_user_rule);
	CHECK_STR(d.alert.title, "Nobody writes");
	CHECK_STR(d.alert.text, "10.1.2.3 wrote {odd}");
	CHECK_INT(d.alert.severity, SEVERITY_CRITICAL);
	CHECK_INT(only(t)->hits, 1);
	CHECK_INT(only(t)->last_hit.ns, MORNING);
	f.op = 16;
	triage_event(t, &d, &e);
	f = a_write(dnp3);
	triage_event(t, &d, &e);
	CHECK_INT(d.raised, 1);
	triage_free(t);
}

/* Rules of the same event are alerts of their own; an exclusion sees their
 * titles, and an alert of another row is not named after a rule. */
static void
test_two_rules(void)
{
	struct triage *t = triage_new();
	struct detect d = { .triage = t };
	struct person_rule r = a_rule(PERSON_CUSTOM, "kind = write");
	struct fact f = a_write(modbus);
	struct event e = { .kind = EVENT_FACT, .at = f.at, .fact = &f };
	struct alert a = an_alert();
	uint64_t fold;

	add(t, &r);
	triage_event(t, &d, &e);
	fold = d.alert.fold;
	r.id = 6;
	(void)snprintf(r.name, sizeof(r.name), "Second");
	add(t, &r);
	triage_event(t, &d, &e);
	CHECK_INT(d.raised, 3);
	CHECK(d.alert.fold != fold);
	CHECK_STR(d.alert.title, "Second");
	r = a_rule(PERSON_EXCLUDE, "title = \"Second\"");
	add(t, &r);
	triage_event(t, &d, &e);
	CHECK_INT(d.raised, 5);
	CHECK_INT(d.kept, 4);
	CHECK(triage_admit(t, &a));
	CHECK_STR(a.title, "");
	a.row = ALERT_user_rule; /* of an earlier run */
	CHECK(triage_admit(t, &a));
	CHECK_STR(a.title, "");
	r = a_rule(PERSON_CUSTOM, "kind = read");
	add(t, &r);
	d.raised = 0;
	triage_event(t, &d, &e);
	CHECK_INT(d.raised, 2);
	triage_free(t);
}

/* Which events a rule is tried on does not change what it matches. */
static void
test_dispatch(void)
{
	static const struct {
		const char *text;
		uint32_t raised; /* 1 write, 2 error, 4 begin, 8 novelty */
	} tries[] = {
		{ "has client or not has client", 15 },
		{ "event = begin", 4 },
		{ "event in (fact, novelty)", 11 },
		{ "kind = write", 1 },
		{ "kind in (write, error)", 3 },
		{ "kind != write", 2 },
		{ "not kind = write", 14 },
		{ "proto = modbus", 5 },
		{ "proto = dnp3", 2 },
		{ "proto != dnp3", 5 },
		{ "not proto = dnp3", 13 },
		{ "proto = modbus and kind = error", 0 },
		{ "proto = modbus or kind = error", 7 },
		{ "port = 502 and event = begin", 4 },
		{ "scenario = write", 8 },
		{ "not has kind", 12 },
	};
	struct talk talk = { .via = VIA_TCP,
		.proto = modbus,
		.server_port = 502,
		.vlan = TALK_NO_VLAN };
	struct novelty novelty = { .scenario = SCENARIO_WRITE };
	struct fact write = a_write(modbus), error = a_write(dnp3);
	struct event events[4] = {
		{ .kind = EVENT_FACT, .fact = &write },
		{ .kind = EVENT_FACT, .fact = &error },
		{ .kind = EVENT_BEGIN, .talk = &talk },
		{ .kind = EVENT_NOVELTY, .novelty = &novelty },
	};

	error.kind = FACT_ERROR;
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		struct triage *t = triage_new();
		struct detect d = { .triage = t };
		struct person_rule r = a_rule(PERSON_CUSTOM, tries[i].text);
		uint32_t raised = 0;

		add(t, &r);
		for (uint32_t k = 0; k < 4; k++) {
			d.raised = 0;
			triage_event(t, &d, &events[k]);
			raised |= d.raised << k;
		}
		if (raised != tries[i].raised)
			(void)printf("of: %s\n", tries[i].text);
		CHECK_INT(raised, tries[i].raised);
		triage_free(t);
	}
}

/* An exclusion is no custom rule, nor is one that is off. */
static void
test_other_rules(void)
{
	struct triage *t = triage_new();
	struct detect d = { .triage = t };
	struct person_rule r = a_rule(PERSON_EXCLUDE, "count > 0");
	struct fact f = a_write(modbus);
	struct event e = { .kind = EVENT_FACT, .at = f.at, .fact = &f };

	add(t, &r);
	r = a_rule(PERSON_CUSTOM, "kind = write");
	r.on = false;
	add(t, &r);
	r.on = true;
	r.until.ns = MORNING;
	add(t, &r);
	triage_event(t, &d, &e);
	CHECK_INT(d.raised, 0);
	triage_free(t);
}

static void
test_refused(void)
{
	struct triage *t = triage_new();
	struct person_rule r = a_rule(PERSON_EXCLUDE, "kind = write");
	struct rule_error e;

	CHECK(!triage_add(t, &r, &e));
	CHECK_STR(e.text, "no field 'kind' in an alert");
	r = a_rule(PERSON_CUSTOM, "severity = major");
	CHECK(!triage_add(t, &r, &e));
	CHECK(triage_at(t, 0) == NULL);
	r = a_rule(PERSON_CUSTOM, "kind = write");
	for (uint32_t i = 0; i < TRIAGE_RULES; i++)
		CHECK(triage_add(t, &r, &e));
	CHECK(!triage_add(t, &r, &e));
	CHECK_STR(e.text, "there are 1000 rules already");
	CHECK(triage_at(t, TRIAGE_RULES - 1) != NULL);
	triage_free(t);
}

static uint8_t
proto_id(const char *name)
{
	uint32_t i = 0;

	while (strcmp(protos[i]->name, name) != 0)
		i++;
	return (uint8_t)i;
}

int
main(void)
{
	proto_init();
	modbus = proto_id("modbus");
	dnp3 = proto_id("dnp3");
	test_nothing();
	test_mute();
	test_many_mutes();
	test_exclude();
	test_window();
	test_maintenance();
	test_long_title();
	test_custom();
	test_two_rules();
	test_dispatch();
	test_other_rules();
	test_refused();
	CHECK_STR(person_rule_kind_name(PERSON_CUSTOM), "custom");
	CHECK(person_rule_kind_name(PERSON_KIND_COUNT) == NULL);
	return check_done();
}
