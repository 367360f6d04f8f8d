/* mirror.h - shared by the files of sightglass mirror. */
#ifndef CLI_MIRROR_H
#define CLI_MIRROR_H

#include <jansson.h>

#include "../plan/plan.h"
#include "../report/report.h"

struct mirror_request {
	const char *state;
	bool json;
	int colour;
	struct plan plan;
	bool has_method, has_make, asks; /* asks: nothing was said */
	const char *file; /* check: a plan, as JSON; filter: a condition, or
			   * NULL */
	uint64_t seconds; /* filter */
	const char *add; /* filter: of what; NULL: it is tried only */
	bool include;
	uint64_t remove; /* filter: that number; 0: none */
};

int mirror_show(const struct mirror_request *);
int mirror_plan(struct mirror_request *);
int mirror_check(const struct mirror_request *);
int mirror_filter(const struct mirror_request *);

/* The row `mirror` of the state: an array; NULL after complaining. */
json_t *mirror_row(const char *state);
/* A paragraph with an indent and a label; the label only once. */
void mirror_words(struct out *, const char *label, const char *text);

#endif
