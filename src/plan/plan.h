/*
 * plan.h - how a mirror is set up: what to type at the switch, what to say to
 * the sensor, what to mind.
 *
 * Static knowledge, in tables: makes.def (who), lines.def (what is typed),
 * warnings.def (what is easily got wrong).  Nothing is asked of any device.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/out.h"

#define PLAN_LIST 64u
#define PLAN_WORD 48
#define PLAN_ERROR 256

enum plan_method {
#define METHOD(sym, name, what) METHOD_##sym,
#include "methods.def"
#undef METHOD
	METHOD_COUNT
};

enum plan_make {
#define MAKE(sym, name, title, origin) MAKE_##sym,
#include "makes.def"
#undef MAKE
	MAKE_COUNT
};

enum plan_direction {
	DIRECTION_RX,
	DIRECTION_TX,
	DIRECTION_BOTH,
	DIRECTION_COUNT
};

struct plan {
	enum plan_method method;
	enum plan_make make;
	enum plan_direction direction;
	uint32_t n_source, n_vlan;
	char source[PLAN_LIST][PLAN_WORD]; /* ports, as the switch calls them */
	uint16_t vlan[PLAN_LIST]; /* sources, too */
	char destination[PLAN_WORD]; /* the switch's port to the sensor */
	uint32_t session; /* 0: 1 */
	uint16_t remote_vlan; /* of RSPAN */
	char to[PLAN_WORD]; /* of ERSPAN: the sensor's address, with /prefix */
	char from[PLAN_WORD]; /* the switch's */
	char management[PLAN_WORD]; /* the sensor's other address, /prefix */
	char machine[PLAN_WORD]; /* the sensor's virtual machine */
	char interface[PLAN_WORD]; /* the sensor's */
	char other[PLAN_WORD]; /* its second one, of a two-port TAP */
	bool multicast; /* the network uses it */
};

/* Names, by number; NULL ends the list. */
const char *plan_method_name(uint32_t);
const char *plan_method_what(uint32_t);
const char *plan_make_name(uint32_t);
const char *plan_make_title(uint32_t);
const char *plan_direction_name(uint32_t);
/* Where the commands are from: a manual that was read, or memory. */
const char *plan_make_origin(uint32_t);
/* Whether there is something to type for the two. */
bool plan_has(enum plan_method, enum plan_make);

/* As "1/1,1/2", "10-12": false with a sentence. */
bool plan_sources(struct plan *, const char *text,
    char ret_error[static PLAN_ERROR]);
bool plan_vlans(struct plan *, const char *text,
    char ret_error[static PLAN_ERROR]);
/* What is missing or contradicts itself; true: it can be carried out. */
bool plan_check(const struct plan *, char ret_error[static PLAN_ERROR]);

/* Called once for each line. */
typedef void plan_line(void *ctx, const char *text);
void plan_switch_lines(const struct plan *, plan_line *, void *ctx);
void plan_sensor_lines(const struct plan *, plan_line *, void *ctx);
void plan_warnings(const struct plan *,
    void (*)(void *ctx, const char *id, const char *text), void *ctx);

void plan_json(struct out *, const struct plan *);

#endif
