/* private.h - shared by the files of sensor/ only. */
#ifndef SENSOR_PRIVATE_H
#define SENSOR_PRIVATE_H

#include "diary.h"
#include "evidence.h"
#include "sensor.h"
#include "traffic.h"

struct due { /* milliseconds of the caller's clock */
	int64_t alerts, rest, devices, all;
	int64_t pause; /* between lists of devices: grows at first */
	bool begun;
};

struct hand { /* a frame that is worked on, or will be soon */
	struct packet packet;
	struct mirror_place mirror;
	struct flow_place flow;
};

struct sensor {
	struct sensor_config config;
	struct store *store; /* NULL: nothing is kept */
	bool own_store; /* ... and it is closed with it */
	struct mirrors *mirror;
	struct filters *set, *added; /* capture filters: by settings, by
				      * people; NULL: none */
	struct trial *trial; /* of filters; NULL: none runs */
	struct flows *flows;
	struct flows *asked; /* what we asked ourselves; NULL: nothing yet */
	uint32_t labels; /* of names in it that are kept, 0: all */
	bool passed; /* the frame at hand did */
	char found[512]; /* what they said of themselves */
	struct ports *ports; /* ports.c's own; NULL: nothing yet */
	struct flows *played; /* what is played back; NULL: nothing is */
	struct played play; /* the frame of it in hand, or the last */
	bool playing; /* such a frame is in hand */
	uint32_t play_alerts;
	struct convs *convs;
	struct inventory *inventory;
	struct assets *assets;
	struct baseline *baseline;
	struct detect *detect;
	struct malware *malware;
	bool malware_hears[PROTO_MAX];
	struct triage *triage;
	struct evidence_ring *ring; /* NULL: nobody would read it */
	struct traffic *traffic; /* the same */
	struct hand hand[SENSOR_BATCH];
	struct tick latest;
	int64_t saved; /* seconds of the caller's clock */
	unsigned batches;
	struct due due; /* live.c */
	struct diary diary;
	char error[STORE_ERROR];
};

/* Always false, so that it can be returned. */
bool sensor_fail(struct sensor *, const char *text);
bool sensor_save_alerts(struct sensor *);
/* ports.c: what a switch says when it is asked: its forwarding table */
void ports_fact(struct sensor *, const struct fact *, const struct talk *);
void ports_end(struct sensor *); /* it is through */
/* A flow goes on. */
void sensor_sofar(void *ctx, struct talk *);
/* Whatever has to do with flows goes here. */
struct flow_listener sensor_listener(struct sensor *);
/* play.c: of two ends met alive, one may have been played only so far. */
void sensor_meet(struct sensor *, uint32_t client, uint32_t server);
/* filter.c: what the flow is kept from */
#define OUT_INVENTORY 1u
#define OUT_BASELINE 2u
#define OUT_ALERTS 4u
#define OUT_ALL 8u /* but malware */
unsigned sensor_left_out(const struct sensor *, const struct talk *);
static inline unsigned
left_out(const struct sensor *s, const struct talk *t)
{
	return s->set != NULL || s->added != NULL ? sensor_left_out(s, t) : 0;
}
/* Those that people added, from the store; true with sensor_error(): one is
 * left out as it does not parse any more. */
bool sensor_added_filters(struct sensor *);
void sensor_no_filters(struct sensor *);
void sensor_trial_tally(struct sensor *, const struct talk *);
void sensor_clear_taint(struct sensor *);

#endif
