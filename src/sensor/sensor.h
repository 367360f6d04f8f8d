/*
 * sensor.h - the whole way from a frame to alerts and state.
 *
 * Puts the stages together for everybody who has frames: read (files) and
 * run (interfaces).  Owns them all; one thread.
 */
#ifndef SENSOR_SENSOR_H
#define SENSOR_SENSOR_H

#include "../capture/live.h"
#include "../config/config.h"
#include "../detect/detect.h"
#include "../detect/filter.h"
#include "../flow/flow.h"
#include "../inventory/conv.h"
#include "../inventory/inventory.h"
#include "../malware/malware.h"
#include "../mirror/mirror.h"
#include "../store/store.h"
#include "../triage/triage.h"

struct sensor_config {
	const struct config *settings; /* its capture filters; during
					* sensor_new() only; NULL: none */
	struct flow_config flow;
	uint32_t convs_max, inventory_max, assets_max;
	const char *vendors; /* see inventory_new() */
	struct malware_config malware; /* indicators_max 0: as usual */
	struct baseline_config baseline; /* learn_scale 0: as it was, or 1 */
	bool inventory_only; /* no learning, no alerts */
	const char *state; /* directory, or NULL: nothing is kept */
	struct store *store; /* instead of it: one that is open, and the
			      * caller's; or NULL */
	enum mode mode; /* of a fresh state */
	struct tick learn_until; /* learning ends there by itself; 0: never */
	/* every packet, before all stages; false: it is left out */
	bool (*packet)(void *ctx, const struct packet *);
	/* alerts, as detection raises them */
	void (*raised)(void *ctx, const struct alert *, bool is_new);
	/* every fact, after all stages; NULL: nobody listens */
	void (*fact)(void *ctx, const struct fact *, const struct talk *);
	void *ctx;
};

/* What the settings say of all that is not the caller's own. */
void sensor_configure(struct sensor_config *, const struct config *);

struct sensor;

/* NULL with a sentence in ret_error.  What could be left out, such as a rule
 * that does not parse any more, is in sensor_error(). */
struct sensor *sensor_new(const struct sensor_config *,
    char ret_error[static STORE_ERROR]);
void sensor_free(struct sensor *);

void sensor_frame(struct sensor *, const struct frame *);
/* The same for several that are valid at once, at most SENSOR_BATCH: faster
 * than one by one. */
#define SENSOR_BATCH 8u
void sensor_frames(struct sensor *, const struct frame *, unsigned n);
/* Write what changed, if the last time is long enough ago; `wall` seconds of
 * any clock that only goes forward. */
bool sensor_save(struct sensor *, int64_t wall);
/*
 * Of a sensor that runs, instead of sensor_save(): alerts within half a
 * second, what was learned within five, devices after one second, two, four
 * and then every ten, all of it every minute; less often while `store` has
 * much that is not written.  `ms` of any clock that only goes forward.
 */
bool sensor_tend(struct sensor *, int64_t ms);
/* The same at once, but for devices: before people ask for something. */
bool sensor_save_now(struct sensor *);
/*
 * A frame that we sent ourselves, or the answer to it: as far as the
 * inventory, not to the baseline, not to alerts.  `labels`: of names of the
 * domain name system that many are kept, 0: all; `passed` false: it is what an
 * encrypted one said.
 */
void sensor_asked(struct sensor *, const struct frame *, uint32_t labels,
    bool passed);
/* The address that was asked is through: what it said of itself since the last
 * call ("vendor Acme; firmware 3.1"); and what a switch said of its ports is
 * told of the devices behind them. */
void sensor_asked_found(struct sensor *, char *dst, size_t cap);
/* Alerts of what only asking shows: an address answered; a Windows machine has
 * so many programs or services that it did not have. */
void sensor_asked_ended(struct sensor *, struct tick, const struct ip *);
void sensor_asked_more(struct sensor *, struct tick, const struct ip *,
    bool services, uint32_t n, const char *names);
/*
 * A frame of a capture that is played back: `at` of the frame is now, recorded
 * is when it was captured.  It goes the way of live ones, in flows of its own;
 * the mirror and its verdict are not concerned.  Unless `learns` is set the
 * baseline only looks at it.  False: memory is out.
 */
struct played {
	const char *name; /* of the capture; lives until sensor_played() */
	uint32_t number; /* of the playback, from 1 */
	struct tick recorded;
	bool learns;
};
bool sensor_play(struct sensor *, const struct frame *, const struct played *);
/* There is no more of it: its flows end.  How many alerts it raised. */
uint32_t sensor_played(struct sensor *);

/* What a device said of itself when it was asked by other means than frames:
 * a MAC address as text where the trait is one. */
void sensor_told(struct sensor *, struct tick, const struct ip *, uint8_t trait,
    const char *text);
/* No frame came: time passes all the same. */
void sensor_clock(struct sensor *, struct tick now);
/*
 * Somebody set the clock that frames are stamped by: from `now` on it is so
 * many nanoseconds later (earlier) than it would be.  No stage takes it for
 * silence, or for time that was learned in.
 */
void sensor_clock_set(struct sensor *, struct tick now, int64_t by);
/* People changed something in the store: mutes, rules, allowed keys,
 * networks, domains, settings of detections, alerts.  False with
 * sensor_error(): all is as it was, or a rule is left out. */
bool sensor_refresh(struct sensor *);
/* A frame that ended the engine again and again is not looked at: it becomes
 * the evidence of an alert. */
void sensor_set_aside(struct sensor *, const struct frame *, const char *text);
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
/* What is configured of a monitoring port, and, once a second, what the ports
 * say of themselves: verdict, alerts of silence, row `mirror` of the state. */
void sensor_port(struct sensor *, unsigned port,
    const struct mirror_port_config *);
bool sensor_ports(struct sensor *, struct live *, struct tick now);
bool sensor_tell_mirror(struct sensor *); /* the row alone */

/*
 * Capture filters (detect/filter.h): what is left out of all is searched for
 * malware, and nothing else.  Whether those of the settings parse; false with a
 * sentence for the first that does not, and its key.
 */
bool filters_check(const struct config *, enum config_key *ret_key,
    char *ret_error, size_t cap);
/* From now on those of the settings; false with sensor_error(): it stays as it
 * was.  Those that people added are the store's, and another matter. */
bool sensor_filters(struct sensor *, const struct config *);

/*
 * What each filter that is set, and one more condition (NULL: none), leaves
 * out of what passes until the end.
 */
#define FILTERS_SET 5u /* by settings, at most */
#define TRIAL_ROWS (FILTERS_SET + STORE_FILTERS + 1u)
struct trial_row {
	const char *key; /* of the setting; "": the condition, or added */
	uint32_t number; /* of one that was added, else 0 */
	uint8_t of, take;
	char text[CONFIG_TEXT];
	uint64_t packets, bytes; /* left out */
};
struct trial_result {
	uint64_t packets, bytes;
	uint32_t n;
	struct trial_row row[TRIAL_ROWS];
};
bool sensor_trial_begin(struct sensor *, const char *condition,
    enum filter_take, char ret_error[static FILTER_ERROR]);
void sensor_trial_end(struct sensor *, struct trial_result *ret);

struct mirrors *sensor_mirror(const struct sensor *);
uint32_t sensor_learn_scale(const struct sensor *);
/* What the i-th of the last frames was decoded to. */
const struct packet *sensor_packet(const struct sensor *, unsigned i);

#endif
