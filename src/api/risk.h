/* risk.h - shared by risk_api.c and risk_talk.c: what is held against each
 * device. */
#ifndef API_RISK_H
#define API_RISK_H

#include "numbers.h"
#include "private.h"

#define RISKS_MOST 32u /* rules: a bit each */

struct device_risk {
	int64_t id;
	uint32_t weight, lost;
	uint32_t held; /* bits: rules */
	bool ot;
	char *detail[RISKS_MOST];
};

struct assessment {
	uint32_t n;
	struct device_risk *of; /* by number */
	struct numbers numbers; /* in it */
};

/* NULL: there is no such device. */
struct device_risk *risk_device(const struct assessment *, int64_t id);

/* Rules that look at all conversations: told together, in one pass. */
enum risk_talk {
	RISK_NO_TALK, /* another rule */
	RISK_INTERNET,
	RISK_SMB1,
	RISK_CLEARTEXT,
	RISK_OTHER_SUBNET,
	RISK_REFUSED,
	RISK_TALKS
};
/* The text is the callback's. */
void risk_talk(struct reader *, const struct assessment *,
    void (*)(void *ctx, struct device_risk *, enum risk_talk, const char *text),
    void *ctx);

#endif
