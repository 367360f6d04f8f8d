/* alerts.c - see lists.h: alerts. */
#include "lists.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "../detect/field.h"

static const char *
severity_word(uint32_t i)
{
	return i < SEVERITY_COUNT ? severity_name(i) : NULL;
}

static const char *
status_word(uint32_t i)
{
	return i < STATUS_COUNT ? alert_status_name(i) : NULL;
}

static const char *
engine_word(uint32_t i)
{
	return i < ENGINE_COUNT ? engine_name(i) : NULL;
}

static const char *
category_word(uint32_t i)
{
	return i < CATEGORY_COUNT ? category_name(i) : NULL;
}

static const char *
name_word(uint32_t i)
{
	return i < ALERT_COUNT ? alert_slug(i) : NULL;
}

static const char *
tier_word(uint32_t i)
{
	static const char *const tiers[] = { "a", "b", "c", NULL };

	return i < 3 ? tiers[i] : NULL;
}

#define COLUMN_SEVERITY 1

static const struct list_column alert_columns[] = {
	{ "number", "No", RULE_NUMBER, false, false, NULL, "its number here" },
	{ "severity", "Severity", RULE_NAME, true, false, severity_word,
	    "critical, major, minor, warning" },
	{ "status", "Status", RULE_NAME, true, false, status_word,
	    "new, active, closed" },
	{ "title", "What", RULE_TEXT, false, true, NULL, "what it is" },
	{ "source", "Source", RULE_ADDR, false, false, NULL, "who did it" },
	{ "destination", "Destination", RULE_ADDR, false, false, NULL,
	    "to whom" },
	{ "protocol", "Protocol", RULE_NAME, false, false, proto_word,
	    "protocol" },
	{ "count", "Times", RULE_NUMBER, false, false, NULL,
	    "how often it was seen" },
	{ "first", NULL, RULE_TIME, false, false, NULL, "seen first" },
	{ "last", "Last", RULE_TIME, false, false, NULL, "seen last" },
	{ "engine", NULL, RULE_NAME, false, false, engine_word,
	    "policy, protocol, malware, anomaly, operational" },
	{ "name", NULL, RULE_NAME, false, false, name_word,
	    "its name in the catalogue" },
	{ "ref", NULL, RULE_TEXT, false, false, NULL, "id in the catalogue" },
	{ "category", NULL, RULE_NAME, false, false, category_word,
	    "what it is about" },
	{ "tier", NULL, RULE_NAME, true, false, tier_word,
	    "A: no baseline can justify it, B: learned, C: weak" },
	{ "learnable", NULL, RULE_BOOL, false, false, NULL, "may be learned" },
	{ "muted", NULL, RULE_BOOL, false, false, NULL, "kept quiet" },
	{ "techniques", NULL, RULE_TEXT, false, false, NULL, "ATT&CK for ICS" },
	{ "vlan", NULL, RULE_NUMBER, false, false, NULL, "VLAN identifier" },
	{ "text", NULL, RULE_TEXT, false, false, NULL, "the sentence" },
	{ "port", NULL, RULE_NUMBER, false, false, NULL,
	    "port of the destination" },
	{ "either", NULL, RULE_ADDR, false, false, NULL,
	    "source or destination" },
	{ "hour", NULL, RULE_NUMBER, false, false, NULL,
	    "hour of the last sight, 0 to 23, UTC" },
	{ "weekday", NULL, RULE_NAME, true, false, weekday_word,
	    "day of the last sight: mon, tue ..." },
};

static void
put_json(struct out *o, struct list_more *m, int64_t number)
{
	if (m->alert == NULL)
		m->alert = calloc(1, sizeof(*m->alert));
	if (m->alert != NULL &&
	    store_get_alert(m->store, (uint32_t)number, m->alert))
		report_alert(o, m->alert);
}

static enum ink
ink_of(struct sqlite3_stmt *row)
{
	const char *s = (const char *)sqlite3_column_text(row, COLUMN_SEVERITY);

	for (uint32_t i = 0; s != NULL && i < SEVERITY_COUNT; i++)
		if (strcmp(severity_name(i), s) == 0)
			return severity_ink(i);
	return INK_PLAIN;
}

const struct list list_alerts = { .noun = "alerts",
	.view = "(select *, id as name, iif(destination_port > 0, "
		"destination_port, null) as port, source || ' ' || "
		"destination as either, cast(strftime('%H', last) as "
		"integer) as hour, substr('sunmontuewedthufrisat', 1 + 3 * "
		"strftime('%w', last), 3) as weekday from v_alert)",
	.column = alert_columns,
	.n = sizeof(alert_columns) / sizeof(alert_columns[0]),
	.hidden = 3,
	.order = "last_ns desc, number desc",
	.sort = "-last,-number",
	.rows = "alert",
	.ns = true,
	.seek = true,
	.none = "no alerts",
	.json = put_json,
	.ink = ink_of };
