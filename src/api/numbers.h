/* numbers.h - where in an array the device of a number stands: found at once.
 */
#ifndef API_NUMBERS_H
#define API_NUMBERS_H

#include <stdbool.h>
#include <stdint.h>

#define NUMBER_NONE UINT32_MAX

struct numbers {
	struct {
		int64_t id; /* 0: free */
		uint32_t place;
	} * slot;
	uint64_t mask;
};

/* For so many; false: memory is out, and nothing is found. */
bool numbers_begin(struct numbers *, uint32_t n);
/* id from 1, each once, and no more than there is room for. */
void numbers_put(struct numbers *, int64_t id, uint32_t place);
uint32_t numbers_find(const struct numbers *, int64_t id);
void numbers_free(struct numbers *);

#endif
