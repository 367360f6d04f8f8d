/*
 * pulse.h - how devices do by themselves: their rhythm, and how fast they
 * answer, measured from passing packets.
 *
 * A table of fixed size in memory that processes share: the engine writes,
 * the probe reads.  Where it is full, of the places an address may have the
 * one that was quiet longest makes room.  Times are the packets'.
 */
#ifndef ACTIVE_PULSE_H
#define ACTIVE_PULSE_H

#include "../model/packet.h"
#include "active.h"

#define PULSES 8192u /* power of two */

struct pulse {
	uint32_t seq; /* odd while it is written */
	uint32_t answers, pauses; /* measured so far */
	bool asked; /* its answer is awaited */
	struct ip ip; /* len 0: free */
	uint64_t by; /* whose question that is */
	int64_t last, asked_at; /* ns; last: of anything to or from it */
	int64_t quiet; /* ns between what it does and the next question */
	int64_t usual, recent; /* ns from question to answer */
	int64_t spread; /* of these, mean deviation */
};

struct pulses {
	struct pulse slot[PULSES];
};

/* The writer: every packet. */
void pulse_packet(struct pulses *, const struct packet *);
/* A reader: false: nothing is known, *ret is as it was. */
bool pulse_look(const struct pulses *, const struct ip *,
    struct device_pulse *ret);

#endif
