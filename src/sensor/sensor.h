/*
 * sensor.h - the whole way from a frame to alerts and state.
 *
 * Puts the stages together for everybody who has frames: read (files) and
 * run (interfaces).  Owns them all; one thread.
 */
#ifndef SENSOR_SENSOR_H
#define SENSOR_SENSOR_H

#include "../detect/detect.h"
#include "../flow/flow.h"
#include "../inventory/conv.h"
#include "../inventory/inventory.h"
#include "../malware/malware.h"
#include "../store/store.h"
#include "../triage/triage.h"

struct sensor_config {
	struct flow_config flow;
	uint32_t convs_max, inventory_max, assets_max;
	const char *vendors; /* see inventory_new() */
	struct malware_config malware; /* indicators_max 0: as usual */
	struct baseline_config baseline; /* learn_scale 0: as it was, or 1 */
	bool inventory_only; /* no learning, no alerts */
	const char *state; /* directory, or NULL: nothing is kept */
	enum mode mode; /* of a fresh state */
	struct tick learn_until; /* learning ends there by itself; 0: never */
	/* every fact, after all stages; NULL: nobody listens */
	void (*fact)(void *ctx, const struct fact *, const struct talk *);
	void *ctx;
};

struct sensor;

/* NULL with a sentence in ret_error.  What could be left out, such as a rule
 * that does not parse any more, is in sensor_error(). */
struct sensor *sensor_new(const struct sensor_config *,
    char ret_error[static STORE_ERROR]);
void sensor_free(struct sensor *);

void sensor_frame(struct sensor *, const struct frame *);
/* Write what changed, if the last time is long enough ago; `wall` seconds of
 * any clock that only goes forward. */
bool sensor_save(struct sensor *, int64_t wall);
/* No more frames: end flows, settle, save.  False with sensor_error(). */
bool sensor_finish(struct sensor *);
const char *sensor_error(const struct sensor *);
/* A line in the timeline of the state, if there is one; false with error. */
bool sensor_note(struct sensor *, struct tick, const char *who,
    const char *what, const char *about, const char *text);

const struct flows *sensor_flows(const struct sensor *);
struct convs *sensor_convs(const struct sensor *);
struct inventory *sensor_inventory(const struct sensor *);
struct assets *sensor_assets(const struct sensor *);
struct baseline *sensor_baseline(const struct sensor *);
struct detect *sensor_detect(const struct sensor *);
struct malware *sensor_malware(const struct sensor *);
struct triage *sensor_triage(const struct sensor *);
const struct packet *sensor_packet(const struct sensor *); /* the last */

#endif
