/* rules.c - exclusions, maintenance windows and alerts of one's own. */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "private.h"

#define SHOWN 10u /* alerts of a test */

static const char *
kind_word(uint32_t i)
{
	return i < PERSON_KIND_COUNT ? person_rule_kind_name(i) : NULL;
}

static const char *
severity_word(uint32_t i)
{
	return i < SEVERITY_COUNT ? severity_name(i) : NULL;
}

/* ------------------------------------------------------------------- reading
 */

static bool
take_text(struct work *w, const char *field, char *dst, size_t cap)
{
	const char *text;

	if (!work_text(w, field, dst, cap - 1, &text))
		return false;
	if (text != dst)
		(void)snprintf(dst, cap, "%s", text);
	return true;
}

/* Where it is given; else it stays. */
static bool
take_time(struct work *w, const char *field, struct tick *t)
{
	return json_object_get(w->q, field) == NULL || work_time(w, field, t);
}

static bool
take_rule(struct work *w, struct person_rule *r)
{
	int severity;

	if (!take_text(w, "name", r->name, sizeof(r->name)) ||
	    !take_text(w, "text", r->text, sizeof(r->text)) ||
	    !take_text(w, "message", r->message, sizeof(r->message)) ||
	    !take_time(w, "from", &r->from) ||
	    !take_time(w, "until", &r->until) ||
	    !work_yes(w, "on", r->on, &r->on) ||
	    !work_word(w, "severity", severity_word, &severity))
		return false;
	r->severity = severity >= 0 ? (uint8_t)severity : r->severity;
	if (r->name[0] == '\0' || r->text[0] == '\0')
		return work_fail(w, "bad", r->name[0] == '\0' ? "name" : "text",
		    "%s is missing", r->name[0] == '\0' ? "name" : "text");
	return alert_form_ok(r->message) ||
	    work_fail(w, "bad", "message",
		"message: only {client} {server} {op} {object} {value} "
		"{count} {text} {user} {code} {unit} {proto} and {port} can "
		"be filled in");
}

static bool
take_kind(struct work *w, struct person_rule *r)
{
	int kind;

	if (!work_word(w, "kind", kind_word, &kind))
		return false;
	r->kind = (uint8_t)kind;
	return kind >= 0 || work_fail(w, "bad", "kind", "kind is missing");
}

/* The place of the error is told, too. */
static bool
compiles(struct work *w, const struct person_rule *r)
{
	struct triage *t = triage_new();
	struct rule_error e;
	bool good = t != NULL && triage_add(t, r, &e);

	if (t == NULL)
		(void)work_fail(w, "failed", NULL, "out of memory");
	else if (!good)
		(void)work_fail(w, "bad", "text", "%s\n  %s\n  %*s^", e.text,
		    r->text, (int)e.at, "");
	triage_free(t);
	return good;
}

static const char *
moment(struct tick t, char dst[static TIME_TEXT_MAX])
{
	return time_text(t, dst);
}

static json_t *
rule_json(const struct person_rule *r)
{
	char from[TIME_TEXT_MAX], until[TIME_TEXT_MAX];

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:o, s:o}", "kind",
	    person_rule_kind_name(r->kind), "name", r->name, "text", r->text,
	    "message", r->message, "severity", severity_name(r->severity), "on",
	    (int)r->on, "from",
	    r->from.ns != 0 ? json_string(moment(r->from, from)) : json_null(),
	    "until",
	    r->until.ns != 0 ? json_string(moment(r->until, until))
			     : json_null());
}

static json_t *
undo_of(const char *verb, const struct person_rule *r, bool with_id)
{
	json_t *q = rule_json(r);

	(void)json_object_set_new(q, "verb", json_string(verb));
	if (with_id)
		(void)json_object_set_new(q, "id", json_integer(r->id));
	return q;
}

/* ------------------------------------------------------------------- trying it
 */

/* How many alerts of the state fulfil it. */
static bool
try_on_alerts(struct work *w, const struct person_rule *r)
{
	static struct alert a;
	struct rule_error e;
	struct rule *rule = rule_compile(&alert_schema, span_text(r->text), &e);
	sqlite3_stmt *s = NULL;
	json_t *list = json_array();
	uint32_t n = 0, all = 0;

	if (rule == NULL)
		return work_fail(w, "bad", "text", "%s", e.text);
	if (sqlite3_prepare_v2(store_db(w->d->store),
		"SELECT number FROM alert ORDER BY number", -1, &s,
		NULL) == SQLITE_OK)
		for (; sqlite3_step(s) == SQLITE_ROW; all++) {
			if (!store_get_alert(w->d->store,
				(uint32_t)sqlite3_column_int64(s, 0), &a) ||
			    !rule_matches(rule, &a))
				continue;
			if (n++ >= SHOWN)
				continue;
			work_say(w, "  %" PRIu32 "  %s\n", a.number, a.text);
			(void)json_array_append_new(list,
			    json_pack("{s:I, s:s}", "number",
				(json_int_t)a.number, "text", a.text));
		}
	(void)sqlite3_finalize(s);
	rule_free(rule);
	work_say(w, "%" PRIu32 " of %" PRIu32 " alerts fulfil it\n", n, all);
	return work_put(w, "alerts", list) &&
	    work_put(w, "matches", json_integer(n)) &&
	    work_put(w, "of", json_integer(all));
}

bool
rules_test(struct work *w)
{
	struct person_rule r = { .on = true, .name = "test" };

	if (!take_kind(w, &r) ||
	    !take_text(w, "text", r.text, sizeof(r.text)) || !compiles(w, &r))
		return false;
	return r.kind == PERSON_CUSTOM || try_on_alerts(w, &r);
}

/* -------------------------------------------------------------------- changing
 */

static bool
note_rule(struct work *w, const struct person_rule *r, const char *what,
    const char *did)
{
	char about[32];

	(void)snprintf(about, sizeof(about), "rule %" PRIu32, r->id);
	return work_note(w, what, about, "%s%s %s: %s", did,
	    person_rule_kind_name(r->kind), r->name, r->text);
}

bool
rules_add(struct work *w)
{
	struct person_rule r = { .on = true, .severity = SEVERITY_MAJOR };

	if (!take_kind(w, &r) || !take_rule(w, &r) || !compiles(w, &r))
		return false;
	if (!store_put_rule(w->d->store, &r))
		return work_fail_store(w);
	work_say(w, "rule %" PRIu32 " added\n", r.id);
	return note_rule(w, &r, "rule", "") &&
	    work_put(w, "id", json_integer(r.id)) &&
	    work_put(w, "undo",
		json_pack("{s:s, s:[I]}", "verb", "rules.delete", "ids",
		    (json_int_t)r.id));
}

static bool
get_rule(struct work *w, uint32_t id, struct person_rule *ret)
{
	return store_get_rule(w->d->store, id, ret) ||
	    work_fail(w, "absent", "id", "%s", store_error(w->d->store));
}

bool
rules_change(struct work *w)
{
	struct person_rule r, was;
	int64_t id;

	if (!work_whole(w, "id", WORK_MUST, 1, UINT32_MAX, &id) ||
	    !get_rule(w, (uint32_t)id, &r))
		return false;
	was = r;
	if (!take_rule(w, &r) || !compiles(w, &r))
		return false;
	if (!store_put_rule(w->d->store, &r))
		return work_fail_store(w);
	work_say(w, "rule %" PRIu32 ": %s\n", r.id,
	    r.on == was.on ? "changed"
		: r.on     ? "on"
			   : "off");
	return note_rule(w, &r, "rule",
		   r.on == was.on ? ""
		       : r.on     ? "on "
				  : "off ") &&
	    work_put(w, "undo", undo_of("rules.change", &was, true));
}

bool
rules_delete(struct work *w)
{
	static struct numbers ids;
	struct person_rule r;

	if (!work_numbers(w, "ids", &ids))
		return false;
	for (uint32_t i = 0; i < ids.n; i++) {
		if (!get_rule(w, ids.of[i], &r))
			return false;
		if (!store_delete_rule(w->d->store, r.id))
			return work_fail_store(w);
		if (!note_rule(w, &r, "rule-gone", "delete "))
			return false;
	}
	work_say(w, "delete: %" PRIu32 " rule%s\n", ids.n,
	    ids.n == 1 ? "" : "s");
	return ids.n > 1 ||
	    work_put(w, "undo", undo_of("rules.add", &r, false));
}
