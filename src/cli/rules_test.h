/* rules_test.h - a person's rule is tried before it is kept. */
#ifndef CLI_RULES_TEST_H
#define CLI_RULES_TEST_H

#include "../triage/triage.h"
#include "state.h"

/* What is wrong with the condition, and where. */
void rule_complain(const struct person_rule *, const struct rule_error *);

/* Each prints how often the rule applies; the exit status. */
int rule_test_on_alerts(struct state *, const struct person_rule *);
int rule_test_on_captures(const struct person_rule *, const char *const *path,
    unsigned n);
/* On the frames that alerts kept: the traffic that is stored. */
int rule_test_on_evidence(const struct person_rule *, const char *state);

#endif
