/* test_baseline.c - learning, admission, modes, what people say. */
#include "baseline_plant.h"

/* Client 1 polls servers 2 and 3 every hour, from `at` on. */
static int64_t
poll_hours(struct plant *p, int64_t at, uint32_t hours)
{
	for (uint32_t i = 0; i < hours; i++, at += HOUR) {
		plant_ask(p, 1, 2, 3, 0, 100, at);
		plant_ask(p, 1, 3, 3, 100, 10, at + TICK_SECOND);
	}
	return at;
}

static struct plant *
learned(uint32_t hours, int64_t *ret_at)
{
	struct plant *p = plant_new(&BASELINE_CONFIG_DEFAULT);

	plant_add(p, 3, 0, START);
	*ret_at = poll_hours(p, START, hours);
	return p;
}

static void
test_quiet_in_learning(void)
{
	int64_t at;
	struct plant *p = learned(48, &at);

	CHECK_INT(baseline_mode(p->base), MODE_LEARNING);
	CHECK(p->novel > 0);
	CHECK_INT(p->spoken, 0);
	CHECK((asset_at(p->assets, 1)->flags & ASSET_AUTHORIZED) != 0);
	plant_free(p);
}

static void
test_known_is_silent(void)
{
	int64_t at;
	struct plant *p = learned(48, &at);

	baseline_set_mode(p->base, MODE_OPERATIONAL);
	plant_forget(p);
	at = poll_hours(p, at, 5);
	CHECK_INT(p->spoken, 0);
	/* part of what is known is known */
	plant_ask(p, 1, 2, 3, 10, 20, at);
	CHECK_INT(p->spoken, 0);
	/* more than that is not */
	plant_ask(p, 1, 2, 3, 90, 20, at);
	CHECK_INT(p->spoken, 1);
	CHECK_INT(p->by_scenario[SCENARIO_READ], 1);
	CHECK_INT(p->last.client, 1);
	CHECK_INT(p->last.server, 2);
	CHECK_INT(p->last.why, WHY_NEW);
	plant_free(p);
}

static void
test_write_is_explained(void)
{
	int64_t at;
	struct plant *p = learned(48, &at);

	baseline_set_mode(p->base, MODE_OPERATIONAL);
	plant_forget(p);
	plant_ask(p, 1, 2, 16, 0, 2, at);
	CHECK_INT(p->by_scenario[SCENARIO_FUNCTION], 1);
	CHECK_INT(p->by_scenario[SCENARIO_WRITE], 1);
	CHECK(strstr(p->last.text,
		  "between the two read holding registers is usual, seen in 48 "
		  "of 49 hours") != NULL);
	plant_free(p);
}

/* Once in learning is not normal: it alerts when it comes again. */
static void
test_poison(void)
{
	int64_t at;
	struct plant *p = learned(24, &at);

	plant_ask(p, 1, 2, 6, 7, 1, at);
	at = poll_hours(p, at, 300);
	baseline_set_mode(p->base, MODE_OPERATIONAL);
	plant_forget(p);
	plant_ask(p, 1, 2, 6, 7, 1, at);
	CHECK_INT(p->by_scenario[SCENARIO_WRITE], 1);
	CHECK_INT(p->by_why[WHY_CANDIDATE], 2);
	plant_free(p);
}

/* Writes need three hours on two days, reads two hours. */
static void
test_admission(void)
{
	int64_t at;
	struct plant *p = learned(24, &at);

	for (unsigned i = 0; i < 4; i++) /* one day */
		plant_ask(p, 1, 2, 6, 1, 1, START + 24 * HOUR + i * HOUR);
	for (unsigned i = 0; i < 2; i++)
		plant_ask(p, 1, 2, 4, 500, 1, START + 30 * HOUR + i * HOUR);
	for (unsigned i = 0; i < 3; i++) /* three days */
		plant_ask(p, 1, 2, 6, 2, 1, START + 32 * HOUR + i * DAY);
	at = START + 200 * HOUR;
	baseline_set_mode(p->base, MODE_OPERATIONAL);
	plant_forget(p);
	plant_ask(p, 1, 2, 6, 2, 1, at);
	plant_ask(p, 1, 2, 4, 500, 1, at);
	CHECK_INT(p->spoken, 0);
	plant_ask(p, 1, 2, 6, 1, 1, at);
	CHECK_INT(p->by_scenario[SCENARIO_WRITE], 1);
	plant_free(p);
}

/* What nobody but people admit, however often it comes. */
static void
test_hard(void)
{
	int64_t at;
	struct plant *p = learned(24, &at);
	struct fact stop = { .proto = p->modbus,
		.kind = FACT_CONTROL,
		.risk = RISK_MODE,
		.op = 90,
		.is_message = true };

	for (unsigned i = 0; i < 200; i++, at += HOUR) {
		stop.at.ns = at;
		plant_say(p, 1, 2, &stop);
	}
	baseline_set_mode(p->base, MODE_OPERATIONAL);
	plant_forget(p);
	stop.at.ns = at;
	plant_say(p, 1, 2, &stop);
	CHECK_INT(p->by_scenario[SCENARIO_ENGINEERING], 1);
	CHECK(p->last.tier_a);
	CHECK(baseline_set_key(p->base, p->last.key->hash, KEY_USER));
	plant_forget(p);
	stop.at.ns = at + HOUR;
	plant_say(p, 1, 2, &stop);
	CHECK_INT(p->spoken, 0);
	plant_free(p);
}

static void
test_pieces_become_one(void)
{
	int64_t at;
	struct plant *p = learned(2, &at);
	uint32_t cursor = 0, reads = 0;
	const struct key *k;

	for (unsigned i = 0; i < 30; i++, at += HOUR)
		for (uint32_t r = 0; r < 10; r++)
			plant_ask(p, 2, 3, 3, 100 + r * 10, 10, at);
	while ((k = baseline_next(p->base, &cursor)) != NULL)
		if (k->scenario == SCENARIO_READ && k->client == 2) {
			reads++;
			CHECK_INT(k->p[3], 100);
			CHECK_INT(k->p[4], 199);
		}
	CHECK_INT(reads, 1);
	baseline_set_mode(p->base, MODE_OPERATIONAL);
	plant_forget(p);
	plant_ask(p, 2, 3, 3, 105, 50, at);
	CHECK_INT(p->spoken, 0);
	plant_ask(p, 2, 3, 3, 200, 1, at);
	CHECK_INT(p->spoken, 1);
	plant_free(p);
}

/* A short capture: what it could show is enough, but for what is hard. */
static void
test_short_learning(void)
{
	struct plant *p = plant_new(&BASELINE_CONFIG_DEFAULT);

	plant_add(p, 2, 0, START);
	for (unsigned i = 0; i < 60; i++)
		plant_ask(p, 1, 2, 6, i % 4, 1, START + i * TICK_SECOND);
	baseline_set_mode(p->base, MODE_OPERATIONAL);
	plant_forget(p);
	plant_ask(p, 1, 2, 6, 2, 1, START + HOUR);
	CHECK_INT(p->spoken, 0);
	plant_ask(p, 1, 2, 6, 9, 1, START + HOUR);
	CHECK_INT(p->spoken, 1);
	plant_free(p);
}

static void
test_people(void)
{
	int64_t at;
	struct plant *p = learned(48, &at);
	struct allow a;
	uint64_t hash;

	baseline_set_mode(p->base, MODE_OPERATIONAL);
	plant_forget(p);
	plant_ask(p, 1, 2, 3, 500, 1, at);
	CHECK_INT(p->spoken, 1);
	hash = p->last.key->hash;
	CHECK(allow_of_key(p->last.key, 1, &a));
	CHECK(allow_covers(&a, p->last.key));
	CHECK(!allow_of_key(p->last.key, 4, &a)); /* there is no group */
	CHECK(allow_of_key(p->last.key, 1, &a));
	a.id = 7;
	CHECK(baseline_allow(p->base, &a));
	plant_forget(p);
	at += HOUR;
	plant_ask(p, 1, 2, 3, 500, 1, at);
	plant_ask(p, 1, 2, 3, 700, 9, at);
	CHECK_INT(p->spoken, 0);
	baseline_unallow(p->base, 7);
	at += HOUR;
	plant_ask(p, 1, 2, 3, 700, 9, at);
	CHECK_INT(p->spoken, 1);
	/* learned, un-learned, denied: one key */
	plant_forget(p);
	CHECK(baseline_set_key(p->base, hash, KEY_USER));
	plant_ask(p, 1, 2, 3, 500, 1, at + TICK_SECOND);
	CHECK_INT(p->spoken, 0);
	CHECK(baseline_set_key(p->base, hash, KEY_TOMB));
	plant_ask(p, 1, 2, 3, 500, 1, at + 2 * TICK_SECOND);
	CHECK_INT(p->by_why[WHY_UNLEARNED], 1);
	CHECK(baseline_set_key(p->base, hash, KEY_DENIED));
	plant_ask(p, 1, 2, 3, 500, 1, at + 3 * TICK_SECOND);
	CHECK_INT(p->by_why[WHY_DENIED], 1);
	plant_free(p);
}

/* Forbidding something known makes it alert, also in learning. */
static void
test_deny_wide(void)
{
	int64_t at;
	struct plant *p = learned(48, &at);
	struct allow a = { .id = 1,
		.scenario = SCENARIO_FUNCTION,
		.any = ALLOW_CLIENT | ALLOW_P(0) | ALLOW_P(1) | ALLOW_P(2),
		.deny = true,
		.server = 2 };

	a.expires.ns = at + 2 * HOUR;
	CHECK(baseline_allow(p->base, &a));
	plant_ask(p, 1, 2, 3, 0, 100, at);
	plant_ask(p, 1, 3, 3, 100, 10, at);
	CHECK_INT(p->spoken, 1);
	CHECK_INT(p->by_why[WHY_DENIED], 1);
	plant_ask(p, 1, 2, 3, 0, 100, at + 3 * HOUR);
	CHECK_INT(p->spoken, 1);
	plant_free(p);
}

static void
test_taint(void)
{
	int64_t at;
	struct plant *p = learned(24, &at);

	baseline_taint(p->base, 1, true);
	for (unsigned i = 0; i < 80; i++, at += HOUR)
		plant_ask(p, 1, 2, 4, 0, 1, at);
	baseline_set_mode(p->base, MODE_OPERATIONAL);
	plant_forget(p);
	plant_ask(p, 1, 2, 4, 0, 1, at);
	CHECK(p->spoken > 0);
	plant_free(p);
}

/* A week after the last word of an alert, what goes on counts anew. */
static void
test_taint_ends(void)
{
	int64_t at;
	struct plant *p = learned(24, &at);

	baseline_taint(p->base, 1, true);
	for (unsigned i = 0; i < 7 * 24 + 6; i++, at += HOUR)
		plant_ask(p, 1, 2, 4, 0, 1, at);
	CHECK(!baseline_is_tainted(p->base, 1));
	baseline_set_mode(p->base, MODE_OPERATIONAL);
	plant_forget(p);
	plant_ask(p, 1, 2, 4, 0, 1, at);
	CHECK_INT(p->spoken, 0);
	plant_free(p);
}

/* A controller that begins to ask is not what it was. */
static void
test_role_turns(void)
{
	int64_t at;
	struct plant *p = learned(48, &at);

	baseline_set_mode(p->base, MODE_OPERATIONAL);
	plant_forget(p);
	plant_ask(p, 2, 3, 3, 100, 10, at);
	CHECK_INT(p->by_scenario[SCENARIO_IDENTITY], 1);
	plant_free(p);
}

/* A sweep makes few keys, and one finding more that says so. */
static void
test_flood(void)
{
	int64_t at;
	struct plant *p = learned(24, &at);
	uint64_t keys;

	baseline_set_mode(p->base, MODE_OPERATIONAL);
	plant_forget(p);
	keys = baseline_counts(p->base)->keys;
	for (uint32_t r = 0; r < 60000; r++)
		plant_ask(p, 1, 2, 3, 1000 + 2 * r, 1, at + r * 1000);
	CHECK(baseline_counts(p->base)->keys - keys <= 121);
	CHECK(baseline_counts(p->base)->flooded > 59000);
	CHECK(p->by_scenario[SCENARIO_READ] <= 122);
	plant_free(p);
}

/* Who is not confirmed leaves nothing. */
static void
test_spoofed(void)
{
	int64_t at;
	struct plant *p = learned(24, &at);
	const uint64_t keys = baseline_counts(p->base)->keys;

	for (uint32_t i = 0; i < 1000000; i++) {
		struct fact f = plant_request(p, 3, i, 1, at + i * 1000);
		const struct talk t = plant_talk(p, i, 2, at);

		baseline_begin(p->base, &t, ASSET_NONE, 2);
		baseline_fact(p->base, &f, &t, ASSET_NONE, 2);
	}
	CHECK_INT(baseline_counts(p->base)->keys, keys);
	plant_free(p);
}

/* A table that is full drops who has most, and keeps what was learned. */
static void
test_full(void)
{
	struct baseline_config c = BASELINE_CONFIG_DEFAULT;
	int64_t at = START;
	struct plant *p;
	uint64_t learned_keys;

	c.keys_max = 1024;
	p = plant_new(&c);
	plant_add(p, 3, 0, START);
	at = poll_hours(p, at, 3);
	learned_keys = baseline_counts(p->base)->learned;
	CHECK(learned_keys > 5);
	for (uint32_t i = 0; i < 3000; i++, at += 30 * TICK_SECOND) {
		struct fact f = plant_request(p, 3, 0, 1, at);

		f.unit = 2 + i;
		plant_say(p, 2, 3, &f);
	}
	CHECK(baseline_counts(p->base)->keys <= 1024);
	CHECK(baseline_counts(p->base)->full > 0);
	CHECK(baseline_counts(p->base)->learned >= learned_keys);
	plant_free(p);
}

/* The clock steps back: no window opens again, and time goes on after. */
static void
test_clock_back(void)
{
	int64_t at;
	struct plant *p = learned(48, &at);
	struct scenario_report before, after;

	baseline_report(p->base, SCENARIO_READ, &before);
	poll_hours(p, START, 1); /* a few late packets */
	baseline_report(p->base, SCENARIO_READ, &after);
	CHECK_INT(after.windows, before.windows);
	/* flows that end are of the past: they move no clock */
	for (unsigned i = 0; i < 400; i++)
		plant_ask(p, 1, 2, 3, 0, 100, START + i * TICK_SECOND);
	poll_hours(p, START, 10);
	baseline_report(p->base, SCENARIO_READ, &after);
	CHECK_INT(after.windows, before.windows);
	for (unsigned i = 0; i < 400; i++) /* another capture, of earlier */
		baseline_clock(p->base,
		    (struct tick){ START + i * TICK_SECOND });
	poll_hours(p, START, 10);
	baseline_report(p->base, SCENARIO_READ, &after);
	CHECK(after.windows > before.windows + 6);
	CHECK(after.windows <= before.windows + 11);
	plant_free(p);
}

/* What is said to be expected in the last of ten hours, each of which brings a
 * write to another place. */
static double
expected_after(bool looked_at)
{
	struct scenario_report r;
	double ret;
	int64_t at;
	struct plant *p = learned(48, &at);

	baseline_set_mode(p->base, MODE_OPERATIONAL);
	for (uint32_t i = 0; i < 10; i++) {
		plant_ask(p, 1, 2, 16, 1000 * i, 2, at);
		at = poll_hours(p, at + TICK_SECOND, 1);
		if (looked_at)
			baseline_report(p->base, SCENARIO_WRITE, &r);
	}
	plant_forget(p);
	plant_ask(p, 1, 2, 16, 20000, 2, at);
	CHECK_INT(p->by_scenario[SCENARIO_WRITE], 1);
	ret = p->last.per_day;
	CHECK(ret > 0);
	plant_free(p);
	return ret;
}

/* Saving looks, too, and when that happens a clock decides. */
static void
test_looking_changes_nothing(void)
{
	CHECK(!(expected_after(true) > expected_after(false)) &&
	    !(expected_after(true) < expected_after(false)));
}

int
main(void)
{
	test_quiet_in_learning();
	test_known_is_silent();
	test_write_is_explained();
	test_poison();
	test_admission();
	test_hard();
	test_pieces_become_one();
	test_short_learning();
	test_people();
	test_deny_wide();
	test_taint();
	test_taint_ends();
	test_role_turns();
	test_flood();
	test_spoofed();
	test_full();
	test_clock_back();
	test_looking_changes_nothing();
	return check_done();
}
