/*
 * sequence.c - messages that were cloned, held back, removed or swapped.
 *
 * Two things tell.  A TCP segment made before what its sender has said since
 * (talk.replayed) is no retransmission.  One that its sender cannot have made
 * (talk.strange) was either left over from an earlier connection between the
 * same ports, which happens (RFC 9293, 3.4.3), or forged: the first is alone.
 * And telecontrol numbers its messages
 * (IEC 60870-5-104, 5.1: N(S) goes up by one): a number that is missing or
 * comes twice while TCP is whole was changed on the way.  What is missing in
 * TCP itself is mostly the mirror's loss; it is said as what it is, and not at
 * all when it is missing everywhere.
 */
#include <stdio.h>

#include "../proto/proto.h"
#include "watch.h"

#define LIVES 7200u
#define COPIES_MAX                                                \
	4u /* more than one segment in so many: a mirror's copies \
	    */
#define LOSSY_FLOWS 24u /* with gaps in LOSSY_SECONDS: the mirror loses */
#define LOSSY_SECONDS 600u
#define NUMBERED (1u << 31)
#define MODULO 0x8000u

struct flow_seen {
	uint32_t replayed, strange, gaps;
};

/* ------------------------------------------------------------------- TCP */

static void
replayed(struct detect *d, const struct event *e, uint32_t n)
{
	const struct talk *t = e->talk;
	const uint64_t all = (uint64_t)t->packets[0] + t->packets[1];
	char text[192], a[ADDR_TEXT_MAX], b[ADDR_TEXT_MAX];

	if ((uint64_t)t->replayed * COPIES_MAX > all)
		return;
	(void)snprintf(text, sizeof(text),
	    "Bytes between %s and %s were sent again after newer ones had been "
	    "confirmed",
	    ip_text(&t->client.ip, a), ip_text(&t->server.ip, b));
	detect_raise(d, e,
	    &(struct finding){ .row = ALERT_replayed_segment,
		.text = text,
		.extra = t->client_port,
		.count = n });
}

static void
strange(struct detect *d, const struct event *e)
{
	const struct talk *t = e->talk;
	const uint32_t row = ALERT_forged_segments;
	char text[192], a[ADDR_TEXT_MAX], b[ADDR_TEXT_MAX];
	uint32_t within, least, n;

	least = watch_limit(d, row, &within);
	n = memory_count(detect_memory(d), row, pair_key(e), e->at, within);
	if (n < least)
		return;
	(void)snprintf(text, sizeof(text),
	    "Between %s and %s passed %u segments within %u s that neither of "
	    "them can have sent",
	    ip_text(&t->client.ip, a), ip_text(&t->server.ip, b), n, within);
	detect_raise(d, e,
	    &(struct finding){ .row = row,
		.text = text,
		.extra = t->client_port });
}

static void
missing(struct detect *d, const struct event *e, uint32_t n)
{
	const struct talk *t = e->talk;
	char text[192], a[ADDR_TEXT_MAX], b[ADDR_TEXT_MAX];

	/* elsewhere the next poll brings what was lost */
	if (protos[t->proto] != &proto_iec104 &&
	    protos[t->proto] != &proto_dnp3)
		return;
	if (memory_distinct(detect_memory(d), ALERT_missing_messages, 0,
		t->flow, e->at, LOSSY_SECONDS) > LOSSY_FLOWS)
		return;
	(void)snprintf(text, sizeof(text),
	    "Bytes between %s and %s that were confirmed did not pass here",
	    ip_text(&t->client.ip, a), ip_text(&t->server.ip, b));
	detect_raise(d, e,
	    &(struct finding){ .row = ALERT_missing_messages,
		.text = text,
		.extra = t->client_port,
		.count = n });
}

void
sequence_routed(struct detect *d, const struct event *e)
{
	const struct packet *p = detect_now(d);
	char text[192];
	struct words w = words_in(text, sizeof(text));

	if (p == NULL || (p->notes & NOTE_SOURCE_ROUTED) == 0)
		return;
	words_addr(&w, &(struct addr){ .ip = p->src_ip });
	words_add(&w, " sent a packet that prescribes its route");
	detect_raise(d, e,
	    &(struct finding){ .row = ALERT_source_routed,
		.text = text,
		.source = &(struct addr){ .ip = p->src_ip },
		.destination = &watch_nobody });
}

void
sequence_disorder(struct detect *d, const struct event *e)
{
	const struct talk *t = e->talk;
	struct flow_seen *seen, was;

	seen = memory_cell(detect_memory(d), ALERT_replayed_segment, t->flow,
	    e->at, LIVES);
	was = *seen;
	*seen = (struct flow_seen){ t->replayed, t->strange, t->gaps };
	if (t->replayed > was.replayed)
		replayed(d, e, t->replayed - was.replayed);
	if (t->strange > was.strange)
		strange(d, e);
	if (t->gaps > was.gaps)
		missing(d, e, t->gaps - was.gaps);
}

/* --------------------------------------------------------- telecontrol */

struct numbers {
	uint32_t next; /* N(S) + 1 of the last, of 15 bits; */
	uint32_t gaps;
	bool begun;
};

static void
say_number(struct detect *d, const struct event *e, uint32_t sent, uint32_t due)
{
	const uint32_t ahead = (sent - due) % MODULO;
	char text[192];

	(void)snprintf(text, sizeof(text), "N(S) is %u, %u was due: %s", sent,
	    due,
	    ahead < MODULO / 2 ? "messages are missing"
			       : "a message comes again");
	detect_raise(d, e,
	    &(struct finding){ .row = ALERT_telecontrol_sequence,
		.text = text,
		.swap = e->fact->from_server });
}

void
detector_telecontrol(struct detect *d, const struct event *e)
{
	const struct fact *f = e->fact;
	const struct talk *t = e->talk;
	const uint32_t sent = f->seq >> 15 & (MODULO - 1);
	struct numbers *n;
	uint32_t due, ahead;
	bool whole;

	if (!f->is_message || (f->seq & NUMBERED) == 0)
		return;
	n = memory_cell(detect_memory(d), ALERT_telecontrol_sequence,
	    (uint64_t)t->flow << 1 | f->from_server, e->at, LIVES);
	due = n->next;
	whole = n->begun && n->gaps == t->gaps;
	*n = (struct numbers){ .next = (sent + 1) % MODULO,
		.gaps = t->gaps,
		.begun = true };
	ahead = (sent - due) % MODULO;
	if (whole && ahead != 0)
		say_number(d, e, sent, due);
}

/* ---------------------------------------------------------------- DNP3 */

static void
say_unwaited(struct detect *d, const struct event *e, uint32_t n)
{
	char text[192], from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];

	(void)snprintf(text, sizeof(text),
	    "%s sent %u requests to station %u at %s without waiting for "
	    "an answer",
	    ip_text(&e->talk->client.ip, from), n, e->fact->unit,
	    ip_text(&e->talk->server.ip, to));
	detect_raise(d, e,
	    &(struct finding){ .row = ALERT_dnp3_unwaited, .text = text });
}

#define DNP3_CONFIRM 0u
#define DNP3_LINK 256u /* and above: frames of the link layer alone */

struct asking {
	int64_t since; /* the first of the requests without an answer */
	uint32_t n, pair;
};

/*
 * IEEE 1815, 4.4: a master waits for the answer, or gives up after seconds,
 * before it asks the same station again.  Who plays a recording does not.
 */
void
detector_unwaited(struct detect *d, const struct event *e)
{
	const struct fact *f = e->fact;
	struct asking *a;
	uint32_t within, least;

	if (!f->is_message || f->op >= DNP3_LINK || f->op == DNP3_CONFIRM ||
	    (f->flags & FACT_BROADCAST) != 0)
		return;
	a = memory_cell(detect_memory(d), ALERT_dnp3_unwaited,
	    cell_key(e->talk->flow, f->unit), e->at, LIVES);
	least = watch_limit(d, ALERT_dnp3_unwaited, &within);
	if (f->response || f->from_server ||
	    e->at.ns - a->since > (int64_t)within * TICK_SECOND) {
		*a = (struct asking){ .since = e->at.ns };
		if (f->response || f->from_server)
			return;
	}
	/* a repetition has the same number */
	if (a->n > 0 && f->pair == a->pair)
		return;
	a->pair = f->pair;
	if (++a->n >= least)
		say_unwaited(d, e, a->n);
}
