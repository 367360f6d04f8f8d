/*
 * tables.c - scenarios, the parts of their keys, and names.
 */
#include "private.h"

const struct scenario_row scenario_rows[SCENARIO_COUNT] = {
#define SCENARIO(sym, name, id, tier, days, look_w, look_d, change_w,  \
    change_d, budget, interval, title)                                 \
	[SCENARIO_##sym] = { name, id, tier, days, { look_w, look_d }, \
		{ change_w, change_d }, budget, interval, title },
#include "scenarios.def"
#undef SCENARIO
};

const struct part_row scenario_parts[SCENARIO_COUNT][5] = {
	[SCENARIO_DEVICE] = { { "vlan", PART_NUMBER } },
	[SCENARIO_IDENTITY] = { { "attribute", PART_TRAIT },
	    { "value", PART_WORD }, { "unit", PART_UNIT }, { "mac", PART_MAC },
	    { "detail", PART_DETAIL } },
	[SCENARIO_CONNECTION] = { { "via", PART_VIA },
	    { "service", PART_HEX } },
	[SCENARIO_SERVICE] = { { "protocol", PART_PROTO }, { "via", PART_VIA },
	    { "port", PART_PORT } },
	[SCENARIO_EXTERNAL] = { { "way", PART_OUT }, { "port", PART_PORT },
	    { "name", PART_WORD } },
	[SCENARIO_FUNCTION] = { { "protocol", PART_PROTO },
	    { "unit", PART_UNIT }, { "function", PART_OP } },
	[SCENARIO_READ] = { { "protocol", PART_PROTO }, { "unit", PART_UNIT },
	    { "area", PART_AREA }, { "from", PART_FIRST },
	    { "to", PART_LAST } },
	[SCENARIO_WRITE] = { { "protocol", PART_PROTO }, { "unit", PART_UNIT },
	    { "area", PART_AREA }, { "from", PART_FIRST },
	    { "to", PART_LAST } },
	[SCENARIO_ENGINEERING] = { { "protocol", PART_PROTO },
	    { "unit", PART_UNIT }, { "function", PART_OP },
	    { "risk", PART_RISK } },
	[SCENARIO_SESSION] = { { "protocol", PART_PROTO },
	    { "user", PART_WORD }, { "outcome", PART_LOGIN } },
	[SCENARIO_FILE] = { { "protocol", PART_PROTO },
	    { "directory", PART_WORD }, { "file", PART_WORD },
	    { "way", PART_WAY } },
	[SCENARIO_PUBLISHER] = { { "protocol", PART_PROTO },
	    { "via", PART_VIA }, { "port", PART_PORT }, { "name", PART_WORD },
	    { "settings", PART_HEX } },
	[SCENARIO_ERROR] = { { "protocol", PART_PROTO }, { "unit", PART_UNIT },
	    { "function", PART_OP }, { "code", PART_CODE } },
	[SCENARIO_TOPOLOGY] = { { "attribute", PART_TRAIT },
	    { "value", PART_WORD }, { "number", PART_NUMBER } },
	[SCENARIO_ATTRIBUTE] = { { "attribute", PART_TRAIT },
	    { "value", PART_WORD }, { "unit", PART_UNIT } },
};

const char *
mode_name(enum mode m)
{
	static const char *const names[MODE_COUNT] = { "learning", "dynamic",
		"operational" };

	return (unsigned)m < MODE_COUNT ? names[m] : "?";
}

const char *
scenario_state_name(enum scenario_state s)
{
	static const char *const names[STATE_COUNT] = { "learn", "watch",
		"operational", "extended", "parked" };

	return (unsigned)s < STATE_COUNT ? names[s] : "?";
}

const char *
key_state_name(enum key_state s)
{
	static const char *const names[KEY_STATE_COUNT] = { "none", "candidate",
		"learned", "user", "stale", "denied", "unlearned" };

	return (unsigned)s < KEY_STATE_COUNT ? names[s] : "?";
}

const char *
why_name(enum why w)
{
	static const char *const names[WHY_COUNT] = { "new", "candidate",
		"stale", "denied", "unlearned", "range", "step", "silent",
		"fast", "period", "volume", "order", "hour", "change" };

	return (unsigned)w < WHY_COUNT ? names[w] : "?";
}

bool
scenario_has_interval(unsigned scenario)
{
	return scenario_rows[scenario].interval >= 0;
}

bool
scenario_estimated(enum scenario s)
{
	return scenario_rows[s].tier == 'C';
}
