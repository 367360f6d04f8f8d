/* test_desk.c - what is asked of the desk is done whole, and taken back. */
#include "../../src/desk/desk.h"
#include "store.h"

static const struct tick now = { INT64_C(1800000000) * TICK_SECOND };

static json_t *
ask(const char *text)
{
	json_error_t e;
	json_t *request = json_loads(text, 0, &e), *answer;

	if (request == NULL)
		(void)printf("%s: %s\n", text, e.text);
	answer = desk_do_in(store_dir, request, "alice", now);
	json_decref(request);
	return answer;
}

static bool
is_done(json_t *answer)
{
	bool ok = json_is_true(json_object_get(answer, "ok"));

	if (!ok)
		(void)printf("%s\n",
		    json_string_value(
			json_object_get(json_object_get(answer, "error"),
			    "message")));
	json_decref(answer);
	return ok;
}

#define DONE(text) CHECK(is_done(ask(text)))

/* Fails with that code, about that field. */
static void
refused(const char *text, const char *code, const char *field)
{
	json_t *answer = ask(text), *e = json_object_get(answer, "error");
	const char *about = json_string_value(json_object_get(e, "field"));

	CHECK(!json_is_true(json_object_get(answer, "ok")));
	CHECK_STR(json_string_value(json_object_get(e, "code")), code);
	CHECK_STR(about != NULL ? about : "", field);
	json_decref(answer);
}

static int64_t
number(const char *sql)
{
	sqlite3_stmt *s = NULL;
	int64_t n = -1;

	if (!store_start(STORE_READING))
		return n;
	if (sqlite3_prepare_v2(store_db(store), sql, -1, &s, NULL) ==
		SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int64(s, 0);
	else
		(void)printf("%s: %s\n", sql, sqlite3_errmsg(store_db(store)));
	(void)sqlite3_finalize(s);
	store_close(store);
	store = NULL;
	return n;
}

/* Do it, then what it says takes it back. */
static void
done_and_undone(const char *text, const char *sql, int64_t before,
    int64_t after)
{
	json_t *answer = ask(text), *undo = json_object_get(answer, "undo");

	CHECK(json_is_true(json_object_get(answer, "ok")));
	CHECK(undo != NULL);
	CHECK_INT(number(sql), after);
	if (undo != NULL)
		CHECK(is_done(desk_do_in(store_dir, undo, "alice", now)));
	CHECK_INT(number(sql), before);
	json_decref(answer);
}

/* ------------------------------------------------------------------ a state */

static struct alert
alert_of(enum alert_id row, uint8_t last)
{
	struct alert a = { .row = (uint16_t)row,
		.severity = alert_rows[row].severity,
		.proto = 1,
		.vlan = TALK_NO_VLAN,
		.first = now,
		.last = now,
		.count = 1,
		.per_day = -1 };

	a.fold = UINT64_C(0x1000) + last;
	a.source.addr.ip = ip4_of((const uint8_t[]){ 10, 0, 0, last });
	a.destination.addr.ip = ip4_of((const uint8_t[]){ 10, 0, 0, 200 });
	(void)snprintf(a.text, sizeof(a.text), "10.0.0.%u did it", last);
	return a;
}

static void
make_state(void)
{
	struct alert a;

	store_fresh();
	if (!store_start(STORE_MAKING))
		abort();
	CHECK(store_begin(store));
	for (uint8_t i = 1; i <= 3; i++) {
		a = alert_of(ALERT_port_scan, i);
		CHECK(store_put_alert(store, &a));
	}
	CHECK(store_commit(store));
	CHECK(sqlite3_exec(store_db(store),
		  "INSERT INTO device (id, name, role, ot, clients, servers, "
		  "first, last, packets, bytes, left_out) VALUES "
		  "(1, 'x', 'plc', 1, '', '', 5, 7, 0, 0, 0)",
		  NULL, NULL, NULL) == SQLITE_OK ||
	    printf("%s\n", sqlite3_errmsg(store_db(store))) < 0);
	store_close(store);
	store = NULL;
}

/* --------------------------------------------------------------------- tests
 */

#define CLOSED "SELECT count(*) FROM alert WHERE status = 'closed'"

static void
test_alerts(void)
{
	done_and_undone("{\"verb\":\"alerts.close\",\"numbers\":[1,3]}", CLOSED,
	    0, 2);
	done_and_undone("{\"verb\":\"alerts.mute\",\"numbers\":[2]}",
	    "SELECT count(*) FROM mute", 0, 1);
	done_and_undone("{\"verb\":\"alerts.severity\",\"numbers\":[1],"
			"\"severity\":\"warning\"}",
	    "SELECT count(*) FROM alert WHERE severity = 'warning'", 0, 1);
	DONE("{\"verb\":\"alerts.comment\",\"numbers\":[1],\"text\":\"seen\"}");
	CHECK_INT(number("SELECT count(*) FROM comment WHERE who = 'alice'"),
	    1);
}

/* One that is not there, and nothing of it is done. */
static void
test_whole_or_not(void)
{
	refused("{\"verb\":\"alerts.close\",\"numbers\":[1,2,99]}", "absent",
	    "numbers");
	CHECK_INT(number(CLOSED), 0);
	DONE("{\"verb\":\"alerts.close\",\"numbers\":[1],\"dry_run\":true}");
	CHECK_INT(number(CLOSED), 0);
}

static void
test_refused(void)
{
	refused("{\"verb\":\"alerts.clse\",\"numbers\":[1]}", "bad", "");
	refused("[1]", "bad", "");
	refused("{\"verb\":\"alerts.close\",\"numbers\":[]}", "bad", "numbers");
	refused("{\"verb\":\"alerts.close\",\"numbers\":[\"1\"]}", "bad",
	    "numbers");
	refused("{\"verb\":\"alerts.severity\",\"numbers\":[1],\"severity\":"
		"\"hgh\"}",
	    "bad", "severity");
	refused("{\"verb\":\"alerts.comment\",\"numbers\":[1],\"text\":"
		"\"\\u001b[2J\"}",
	    "bad", "text");
	refused("{\"verb\":\"mode.set\",\"mode\":\"operational\"}", "conflict",
	    "force");
	refused("{\"verb\":\"devices.change\",\"ids\":[1],\"role\":"
		"\"toaster\"}",
	    "bad", "role");
	refused("{\"verb\":\"devices.change\",\"ids\":[1],\"level\":\"two\"}",
	    "bad", "level");
	refused("{\"verb\":\"networks.put\",\"networks\":[{\"network\":"
		"\"8.8.0.0/16\"}]}",
	    "bad", "inside");
	refused("{\"verb\":\"rules.add\",\"kind\":\"exclude\",\"name\":\"x\","
		"\"text\":\"nme = 3\"}",
	    "bad", "text");
	refused("{\"verb\":\"indicators.import\",\"list\":\"l\",\"text\":"
		"\"type,value\\nip,not-one\"}",
	    "input", "text");
}

static void
test_others(void)
{
	DONE("{\"verb\":\"mode.set\",\"mode\":\"dynamic\",\"force\":true}");
	CHECK_INT(number(
		      "SELECT count(*) FROM timeline WHERE what = 'mode' AND "
		      "about = 'dynamic' AND who = 'alice'"),
	    1);
	done_and_undone("{\"verb\":\"devices.change\",\"ids\":[1],\"name\":"
			"\"Boiler\",\"authorized\":true,\"level\":1}",
	    "SELECT count(*) FROM device_person WHERE name = 'Boiler' AND "
	    "authorized = 1 AND purdue = 10",
	    0, 1);
	done_and_undone("{\"verb\":\"devices.delete\",\"ids\":[1]}",
	    "SELECT count(*) FROM device_person WHERE hidden > 0", 0, 1);
	done_and_undone("{\"verb\":\"rules.add\",\"kind\":\"exclude\",\"name\":"
			"\"scans\",\"text\":\"name = \\\"port-scan\\\"\"}",
	    "SELECT count(*) FROM rule", 0, 1);
	done_and_undone("{\"verb\":\"names.add\",\"what\":\"vlan/30\",\"name\":"
			"\"Cell 3\"}",
	    "SELECT count(*) FROM vlan_name", 0, 1);
	done_and_undone("{\"verb\":\"detections.set\",\"name\":\"port-scan\","
			"\"on\":false}",
	    "SELECT count(*) FROM alert_setting WHERE enabled = 0", 0, 1);
	DONE("{\"verb\":\"networks.put\",\"networks\":[{\"network\":"
	     "\"10.1.2.3/16\",\"name\":\"Line 1\"}]}");
	CHECK_INT(number("SELECT count(*) FROM network WHERE ip = '10.1.0.0'"),
	    1);
	DONE("{\"verb\":\"networks.delete\",\"networks\":[\"10.1.0.0/16\"]}");
	CHECK_INT(number("SELECT count(*) FROM network"), 0);
}

/* Every row names a function, its role and its fields. */
static void
test_table(void)
{
	for (unsigned i = 0; i < desk_verb_count; i++) {
		const struct desk_verb *v = &desk_verbs[i];

		CHECK(desk_verb_find(v->name) == v);
		CHECK(v->help[0] != '\0' && v->role < DESK_ROLE_COUNT);
		CHECK(v->writes == (v->role != DESK_READ_ONLY));
	}
}

int
main(void)
{
	proto_init();
	make_state();
	test_table();
	test_alerts();
	test_whole_or_not();
	test_refused();
	test_others();
	store_end();
	return check_done();
}
