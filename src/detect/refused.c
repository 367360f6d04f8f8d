/*
 * refused.c - a DNP3 station that does not know what it was asked for.
 *
 * IEEE 1815, 4.5.1: IIN2.1, object unknown.  A request without any object, as
 * some masters send to see whether the station is alive, gets it too, and says
 * nothing about what the station has.
 */
#include "watch.h"

#define LIVES 60u
#define OBJECT_UNKNOWN 2u
#define CODES 32u /* below: indications; above: other kinds of errors */

static uint64_t
question_key(const struct event *e)
{
	return key_mix(e->talk->flow, e->fact->pair);
}

void
detector_refused(struct detect *d, const struct event *e)
{
	const struct fact *f = e->fact;
	const uint32_t row = ALERT_dnp3_object_refused;
	struct memory *m = detect_memory(d);
	bool *has_object;

	if (!f->response && !f->from_server) {
		has_object = memory_cell(m, row, question_key(e), e->at, LIVES);
		*has_object = *has_object || f->object.space != SPACE_NONE;
		return;
	}
	if (f->kind != FACT_ERROR || f->code >= CODES ||
	    (f->code & OBJECT_UNKNOWN) == 0)
		return;
	has_object = memory_peek(m, row, question_key(e), e->at);
	if (has_object == NULL || *has_object)
		detect_raise(d, e, &(struct finding){ .row = row });
}
