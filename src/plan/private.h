/* private.h - shared by the files of plan/ only. */
#ifndef PLAN_PRIVATE_H
#define PLAN_PRIVATE_H

#include "plan.h"

/* For what a line is typed. */
enum line_for {
	LINE_ALWAYS,
	LINE_PORTS,
	LINE_PORTS_RX,
	LINE_PORTS_TX,
	LINE_VLANS,
	LINE_VLANS_RX,
	LINE_FROM,
};

/* The two addresses are in one subnet, by the shorter of their prefixes. */
bool plan_same_subnet(const char *a, const char *b);
/* "10.0.0.5/24": the text before the slash. */
void plan_address(const char *text, char dst[static PLAN_WORD]);
bool plan_address_ok(const char *text, bool prefix);

#endif
