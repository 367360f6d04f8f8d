/* scenarios.c - the scenarios, as people and programs name them. */
#include "baseline.h"

const struct scenario_name scenario_names[SCENARIO_COUNT] = {
#define SCENARIO(sym, name, id, tier, days, w, d, cw, cd, budget, part, title) \
	{ id, name, title },
#include "scenarios.def"
#undef SCENARIO
};
