/* scenarios.h - the baseline's scenarios, as people and programs name them. */
#ifndef CLI_SCENARIOS_H
#define CLI_SCENARIOS_H

#include "../baseline/baseline.h"

struct scenario_name {
	const char *id, *name, *title;
};

extern const struct scenario_name scenario_names[SCENARIO_COUNT];

#endif
