/*
 * words.c - enums as words in the database: numbers may change between
 * versions of the program, words do not.
 */
#include <string.h>

#include "private.h"

#define LENGTH(a) ((uint32_t)(sizeof(a) / sizeof((a)[0])))

static const char *const about_names[] = { "sender", "receiver", "address" };
static const char *const number_names[] = { "none", "int", "uint", "real",
	"bool" };
static const char *const by_hand_names[] = { "no", "learning", "dynamic",
	"operational" };
static const char *const timeline_names[] = {
#define TIMELINE(sym, name, what) name,
#include "timeline.def"
#undef TIMELINE
};
_Static_assert(LENGTH(about_names) == ABOUT_COUNT &&
	LENGTH(number_names) == NUM_COUNT &&
	LENGTH(by_hand_names) == BY_HAND_COUNT,
    "a name for each");

#define NAMES(what)                                         \
	static const char *name_of_##what(uint32_t i)       \
	{                                                   \
		return what##_names[i];                     \
	}                                                   \
	const struct words words_##what = { name_of_##what, \
		LENGTH(what##_names) }
NAMES(about);
NAMES(number);
NAMES(by_hand);
NAMES(timeline);

static const char *
name_of_scenario(uint32_t i)
{
	return scenario_names[i].name;
}
const struct words words_scenario = { name_of_scenario, SCENARIO_COUNT };

static const char *
name_of_kind(uint32_t i)
{
	return fact_kind_name((enum fact_kind)i);
}

static const char *
name_of_via(uint32_t i)
{
	return via_name((enum via)i);
}

static const char *
name_of_source(uint32_t i)
{
	return source_name((enum source)i);
}

static const char *
name_of_key_state(uint32_t i)
{
	return key_state_name((enum key_state)i);
}

const struct words words_role = { role_name, ROLE_COUNT };
const struct words words_trait = { fact_trait_name, TRAIT_COUNT };
const struct words words_kind = { name_of_kind, FACT_COUNT };
const struct words words_risk = { fact_risk_name, RISK_COUNT };
const struct words words_space = { fact_space_name, SPACE_COUNT };
const struct words words_via = { name_of_via, VIA_COUNT };
const struct words words_source = { name_of_source, SOURCE_COUNT };
const struct words words_key_state = { name_of_key_state, KEY_STATE_COUNT };
const struct words words_severity = { severity_name, SEVERITY_COUNT };
const struct words words_engine = { engine_name, ENGINE_COUNT };
const struct words words_category = { category_name, CATEGORY_COUNT };
const struct words words_status = { alert_status_name, STATUS_COUNT };
const struct words words_rule_kind = { person_rule_kind_name,
	PERSON_KIND_COUNT };
const struct words words_indicator_type = { indicator_type_name,
	INDICATOR_COUNT };
const struct words words_alert = { alert_slug, ALERT_COUNT };

uint32_t
word_find(const struct words *w, const char *name)
{
	for (uint32_t i = 0; i < w->n; i++)
		if (strcmp(w->name(i), name) == 0)
			return i;
	return w->n;
}

uint32_t
proto_find(const char *name)
{
	for (uint32_t i = 0; i < n_protos; i++)
		if (strcmp(protos[i]->name, name) == 0)
			return i;
	return n_protos;
}
