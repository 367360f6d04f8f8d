/*
 * report.h - what was found, as text for people, JSON Lines and CSV.
 *
 * Byte-identical for identical input: lists are sorted, numbers and times
 * formatted without locale.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "../base/out.h"
#include "../model/fact.h"
#include "../model/talk.h"
#include "../proto/proto.h"

/* One fact as a line of JSON. */
void report_fact(struct out *, const struct fact *, const struct talk *);

#endif
