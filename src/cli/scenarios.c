/* scenarios.c - see scenarios.h. */
#include "scenarios.h"

const struct scenario_name scenario_names[SCENARIO_COUNT] = {
#define SCENARIO(sym, name, id, tier, days, w, d, cw, cd, budget, part, title) \
	{ id, name, title },
#include "../baseline/scenarios.def"
#undef SCENARIO
};
