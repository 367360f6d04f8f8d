/* alert_fields.c - the fields of an alert, as exclusions and lists ask for
 * them. */
#include "../model/sensor_name.h"
#include "event.h"

#include "field.h"

enum {
	HAS_SEVERITY,
	HAS_ENGINE,
	HAS_STATUS,
	HAS_CATEGORY,
	HAS_NAME,
	HAS_TITLE,
	HAS_REF,
	HAS_TECHNIQUES,
	HAS_TIER,
	HAS_LEARNABLE,
	HAS_MUTED,
	HAS_SOURCE,
	HAS_DESTINATION,
	HAS_EITHER,
	HAS_PORT,
	HAS_PROTOCOL,
	HAS_VLAN,
	HAS_FIRST,
	HAS_LAST,
	HAS_TIMES,
	HAS_NUMBER,
	HAS_TEXT,
	HAS_HOUR,
	HAS_WEEKDAY,
	HAS_SENSOR,
	HAS_FIELDS
};

static const char *
name_word(uint32_t i)
{
	return i < ALERT_COUNT ? alert_slug(i) : NULL;
}

static const char *
tier_word(uint32_t i)
{
	static const char *const names[] = { "a", "b", "c" };

	return i < 3 ? names[i] : NULL;
}

static const struct rule_field fields[HAS_FIELDS] = {
	[HAS_SEVERITY] = { "severity", RULE_NAME, true, false, "how bad it is",
	    severity_name },
	[HAS_ENGINE] = { "engine", RULE_NAME, false, false,
	    "which engine found it", engine_name },
	[HAS_STATUS] = { "status", RULE_NAME, true, false, "what became of it",
	    alert_status_name },
	[HAS_CATEGORY] = { "category", RULE_NAME, false, false,
	    "what it is about", category_name },
	[HAS_NAME] = { "name", RULE_NAME, false, false,
	    "the alert's name in the catalogue", name_word },
	[HAS_TITLE] = { "title", RULE_TEXT, false, false,
	    "its title; of a custom rule, the rule's name", NULL },
	[HAS_REF] = { "ref", RULE_TEXT, false, false,
	    "its number in the catalogue, \"POL-69\"", NULL },
	[HAS_TECHNIQUES] = { "techniques", RULE_TEXT, false, false,
	    "ATT&CK for ICS, \"T0836 T1692.001\"", NULL },
	[HAS_TIER] = { "tier", RULE_NAME, true, false,
	    "a: no baseline justifies it, b: learned, c: weak", tier_word },
	[HAS_LEARNABLE] = { "learnable", RULE_BOOL, false, false,
	    "learning can allow it", NULL },
	[HAS_MUTED] = { "muted", RULE_BOOL, false, false, "people muted it",
	    NULL },
	[HAS_SOURCE] = { "source", RULE_ADDR, false, false,
	    "address of who did it", NULL },
	[HAS_DESTINATION] = { "destination", RULE_ADDR, false, false,
	    "address it was done to", NULL },
	[HAS_EITHER] = { "either", RULE_ADDR, false, false,
	    "source or destination", NULL },
	[HAS_PORT] = { "port", RULE_NUMBER, false, false,
	    "port of the destination", NULL },
	[HAS_PROTOCOL] = { "protocol", RULE_NAME, false, false, "protocol",
	    proto_word },
	[HAS_VLAN] = { "vlan", RULE_NUMBER, false, false, "VLAN identifier",
	    NULL },
	[HAS_FIRST] = { "first", RULE_TIME, false, false, "first sight", NULL },
	[HAS_LAST] = { "last", RULE_TIME, false, false, "last sight", NULL },
	[HAS_TIMES] = { "count", RULE_NUMBER, false, false,
	    "how often it was seen", NULL },
	[HAS_NUMBER] = { "number", RULE_NUMBER, false, false,
	    "its number in this sensor", NULL },
	[HAS_TEXT] = { "text", RULE_TEXT, false, false,
	    "the sentence of what was seen", NULL },
	[HAS_HOUR] = { "hour", RULE_NUMBER, false, true,
	    "hour of the last sight, 0 to 23, UTC", NULL },
	[HAS_WEEKDAY] = { "weekday", RULE_NAME, true, true,
	    "day of the week of the last sight, UTC", weekday_word },
	[HAS_SENSOR] = { "sensor", RULE_TEXT, false, false,
	    "name of the sensor that saw it (setting sensor.name)", NULL },
};

/* ----------------------------------------------------------------- values */

static bool
number(struct rule_value *ret, double v, bool is_there)
{
	ret->u.number = v;
	return is_there;
}

static bool
name(struct rule_value *ret, uint32_t v)
{
	ret->u.name = v;
	return true;
}

static bool
yes(struct rule_value *ret, bool v)
{
	ret->u.yes = v;
	return true;
}

static bool
text(struct rule_value *ret, const char *v)
{
	if (v == NULL || v[0] == '\0')
		return false;
	ret->u.text = span_text(v);
	return true;
}

static bool
moment(struct rule_value *ret, struct tick v)
{
	ret->u.time = v;
	return true;
}

/* Two addresses, of which one will do; or the one there is. */
static bool
get_either(const struct alert *a, struct rule_value *ret)
{
	struct rule_value other = { .u.addr = NULL };

	if (!addr_value(&a->source.addr, ret))
		return addr_value(&a->destination.addr, ret);
	if (addr_value(&a->destination.addr, &other))
		ret->u.other = other.u.addr;
	return true;
}

/* What the row says. */
static bool
get_row(const struct alert_row *row, uint32_t field, struct rule_value *ret)
{
	switch (field) {
	case HAS_ENGINE:
		return name(ret, row->engine);
	case HAS_CATEGORY:
		return name(ret, row->category);
	case HAS_TITLE:
		return text(ret, row->title);
	case HAS_REF:
		return text(ret, row->ref);
	case HAS_TECHNIQUES:
		return text(ret, row->techniques);
	case HAS_TIER:
		return name(ret, (uint32_t)row->tier - 'A');
	default: /* HAS_LEARNABLE */
		return yes(ret, row->learnable);
	}
}

static bool
get_ends(const struct alert *a, uint32_t field, struct rule_value *ret)
{
	switch (field) {
	case HAS_SOURCE:
		return addr_value(&a->source.addr, ret);
	case HAS_DESTINATION:
		return addr_value(&a->destination.addr, ret);
	case HAS_EITHER:
		return get_either(a, ret);
	default: /* HAS_PORT */
		return number(ret, a->destination.port,
		    a->destination.port != 0);
	}
}

static bool
get_own(const struct alert *a, uint32_t field, struct rule_value *ret)
{
	switch (field) {
	case HAS_SEVERITY:
		return name(ret, a->severity);
	case HAS_STATUS:
		return name(ret, a->status);
	case HAS_NAME:
		return name(ret, a->row);
	case HAS_MUTED:
		return yes(ret, a->muted);
	case HAS_PROTOCOL:
		return name(ret, a->proto);
	case HAS_VLAN:
		return number(ret, a->vlan, a->vlan != TALK_NO_VLAN);
	case HAS_TIMES:
		return number(ret, a->count, true);
	case HAS_NUMBER:
		return number(ret, a->number, a->number != 0);
	default: /* HAS_TEXT */
		return text(ret, a->text);
	}
}

static bool
get(const void *subject, uint32_t field, struct rule_value *ret)
{
	const struct alert *a = subject;

	switch (field) {
	case HAS_TITLE:
		if (a->title[0] != '\0')
			return text(ret, a->title);
		return get_row(&alert_rows[a->row], field, ret);
	case HAS_ENGINE:
	case HAS_CATEGORY:
	case HAS_REF:
	case HAS_TECHNIQUES:
	case HAS_TIER:
	case HAS_LEARNABLE:
		return get_row(&alert_rows[a->row], field, ret);
	case HAS_SOURCE:
	case HAS_DESTINATION:
	case HAS_EITHER:
	case HAS_PORT:
		return get_ends(a, field, ret);
	case HAS_FIRST:
		return moment(ret, a->first);
	case HAS_LAST:
		return moment(ret, a->last);
	case HAS_HOUR:
		return number(ret, tick_hour(a->last), true);
	case HAS_WEEKDAY:
		return name(ret, tick_weekday(a->last));
	case HAS_SENSOR:
		return text(ret, sensor_name());
	default:
		return get_own(a, field, ret);
	}
}

const struct rule_schema alert_schema = { .what = "an alert",
	.field = fields,
	.n = HAS_FIELDS,
	.get = get };
