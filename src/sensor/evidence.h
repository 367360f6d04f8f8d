/*
 * evidence.h - the frames of alerts: the last ones are held back, and those
 * between the ends of an alert are kept when it is raised.
 */
#ifndef SENSOR_EVIDENCE_H
#define SENSOR_EVIDENCE_H

#include "../detect/detect.h"
#include "../model/packet.h"
#include "../store/store.h"

struct evidence_ring;

struct evidence_ring *evidence_new(void); /* NULL: memory is out */
void evidence_free(struct evidence_ring *);
/* Every frame, before its facts. */
void evidence_frame(struct evidence_ring *, const struct packet *);
/*
 * What is in the ring between the alert's ends becomes its evidence: up to
 * ALERT_FRAMES frames when it is new, the current one when seen again.
 */
void evidence_take(struct evidence_ring *, const struct alert *, bool is_new);
/* Write what was taken; the alerts have their numbers. */
bool evidence_save(struct evidence_ring *, const struct detect *,
    struct store *);

#endif
