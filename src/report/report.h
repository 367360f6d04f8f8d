/*
 * report.h - what was found, as text for people, JSON Lines and CSV.
 *
 * Byte-identical for identical input: lists are sorted, numbers and times
 * formatted without locale, no clock is asked.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "../base/out.h"
#include "../capture/capture.h"
#include "../detect/detect.h"
#include "../flow/flow.h"
#include "../inventory/conv.h"
#include "../inventory/inventory.h"
#include "../mirror/mirror.h"
#include "../model/fact.h"
#include "../model/packet.h"
#include "../model/talk.h"
#include "../proto/proto.h"

#define LINKS (UINT16_MAX + 1u)

/* Counted while packets pass. */
struct totals {
	uint64_t packets;
	uint64_t bytes; /* on the wire */
	uint64_t captured; /* of them, in the file */
	uint64_t facts;
	struct tick first, last;
	uint64_t notes[NOTE_COUNT];
	uint64_t encaps[ENCAP_COUNT];
	uint64_t links[LINKS]; /* by LINKTYPE_ number */
};

/* All that a report draws on; nothing in it is changed. */
struct findings {
	const struct capture *capture;
	const struct totals *totals;
	const struct flow_counts *flows;
	const struct ledger *ledger; /* n_protos rows */
	const struct convs *convs; /* sorted */
	const struct inventory *inventory; /* settled */
	const struct detect *detect;
	struct mirrors *mirror;
	enum mode mode;
};

/* One fact as a line of JSON. */
void report_fact(struct out *, const struct fact *, const struct talk *);

/* The lines after the facts: devices, conversations, ledger, summary. */
void report_json(struct out *, const struct findings *);

/* One alert as a line of JSON. */
void report_alert(struct out *, const struct alert *);
/* The row's title, or a custom rule's. */
const char *alert_title(const struct alert *);
/* Alerts raised, or seen again, in this run. */
uint32_t alerts_seen(const struct detect *);

struct text_style {
	uint32_t width; /* of the terminal; 0: as wide as it takes */
	bool colour;
	bool all; /* no list is cut short */
};
void report_text(struct out *, const struct findings *,
    const struct text_style *);

/* The verdict on the mirror; text: `all`, or points of which there is
 * something to say. */
void report_mirror_json(struct out *, struct mirrors *);
void report_mirror_text(struct out *, struct mirrors *,
    const struct text_style *, bool all);

/* One table, with a line of headings. */
struct csv_table {
	const char *name;
	const char *what;
	void (*put)(struct out *, const struct findings *);
};
extern const struct csv_table csv_tables[];
extern const uint32_t n_csv_tables;

/* The protocols this program knows. */
void report_protocols_text(struct out *, const struct text_style *);
void report_protocols_json(struct out *);
void report_protocols_csv(struct out *);

#endif
