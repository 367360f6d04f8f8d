/*
 * operational.c - states that only several messages show: a controller that
 * changed its mode, a station that starts again and again, who gets no
 * answer, who gets no address.
 */
#include <stdio.h>
#include <string.h>

#include "../proto/proto.h"
#include "watch.h"

#define DAY 86400u
#define MODE_TEXT 40u
/* Requests are asked ahead, and gateways to serial lines let some wait for a
 * dozen seconds. */
#define SILENT_LEAST (30 * TICK_SECOND)

/* A second memory of a row, and a third. */
#define BESIDE(row) (ALERT_COUNT + (row))

static uint64_t
sender_key(const struct event *e)
{
	const uint64_t key =
	    key_of(e, e->fact->from_server ? PER_SERVER : PER_CLIENT);

	return cell_key(key, (uint64_t)e->fact->unit << 8 | e->fact->proto);
}

/* -------------------------------------------------------- operating modes */

struct mode_seen {
	uint8_t n; /* 0: none yet */
	char text[MODE_TEXT];
};
_Static_assert(sizeof(struct mode_seen) <= MEMORY_CELL, "fits a cell");

/* The same state has other words in another message. */
void
detector_mode(struct detect *d, const struct event *e)
{
	const struct fact *f = e->fact;
	const uint32_t row = ALERT_plc_mode_changed;
	uint8_t n = f->text_len < MODE_TEXT ? f->text_len : MODE_TEXT;
	struct mode_seen *was;
	char text[192];
	struct words w = words_in(text, sizeof(text));

	if (f->trait != TRAIT_MODE || f->about != ABOUT_SENDER || n == 0)
		return;
	was = memory_cell(detect_memory(d), row, key_mix(sender_key(e), f->op),
	    e->at, 30 * DAY);
	if (was->n != 0 &&
	    (was->n != n || memcmp(was->text, f->text, n) != 0)) {
		words_addr(&w, event_end(e, f->from_server));
		words_add(&w, " reports the mode %.*s; before, it was %.*s",
		    (int)n, f->text, (int)was->n, was->text);
		detect_raise(d, e,
		    &(struct finding){ .row = row,
			.swap = f->from_server,
			.destination = &watch_nobody,
			.text = text });
	}
	was->n = n;
	memcpy(was->text, f->text, n);
}

/* -------------------------------------------------------- stations' starts */

#define DEVICE_RESTART 0x80u /* IEEE 1815, 4.5.2: IIN1.7 */

/* A mark that stands since before we looked tells of no restart now. */
struct restart_mark {
	bool on, was_off;
};

static bool
has_restarted(struct restart_mark *m, const struct fact *f)
{
	bool was = m->on;

	m->on = f->object.space == SPACE_DNP3_INDICATIONS &&
	    (f->object.first & DEVICE_RESTART) != 0;
	m->was_off = m->was_off || !m->on;
	return !was && m->on && m->was_off;
}

static void
say_restart(struct detect *d, const struct event *e)
{
	const uint32_t row = ALERT_outstation_restarts;
	uint32_t within, least, n;
	char text[192], at[ADDR_TEXT_MAX];

	(void)snprintf(text, sizeof(text), "%s says that it has restarted",
	    ip_text(&e->talk->server.ip, at));
	detect_raise(d, e,
	    &(struct finding){ .row = ALERT_outstation_restarted,
		.swap = true,
		.text = text });
	least = watch_limit(d, row, &within);
	n = memory_count(detect_memory(d), row, sender_key(e), e->at, within);
	if (n < least)
		return;
	(void)snprintf(text, sizeof(text),
	    "%s restarted %u times within %u s, as it says itself",
	    ip_text(&e->talk->server.ip, at), n, within);
	detect_raise(d, e,
	    &(struct finding){ .row = row,
		.swap = true,
		.destination = &watch_nobody,
		.text = text });
}

void
detector_restarts(struct detect *d, const struct event *e)
{
	const struct fact *f = e->fact;

	if (f->from_server && f->is_message && (f->op == 129 || f->op == 130) &&
	    has_restarted(memory_cell(detect_memory(d),
			      BESIDE(ALERT_outstation_restarts), sender_key(e),
			      e->at, DAY),
		f))
		say_restart(d, e);
}

/* ------------------------------------------------------------ no answers */

struct asked {
	uint32_t n; /* since the last answer */
	bool answered; /* ever */
	struct tick first;
};

/* Confirmations and commands that want no answer. */
static bool
wants_answer(const struct fact *f)
{
	const uint32_t op = FACT_OP_CODE(f->op);

	if (f->response || !f->is_message || f->kind == FACT_MALFORMED ||
	    (f->flags & FACT_BROADCAST) != 0)
		return false;
	if (protos[f->proto] != &proto_dnp3)
		return fact_kind_counts((enum fact_kind)f->kind);
	return op != 0 && op != 6 && op != 8 && op != 10 && op != 12 &&
	    op <= 31;
}

static bool
is_modbus(const struct fact *f)
{
	return protos[f->proto] == &proto_modbus ||
	    protos[f->proto] == &proto_modbus_rtu;
}

static void
say_silent(struct detect *d, const struct event *e, enum alert_id row,
    uint32_t n, uint32_t seconds)
{
	char text[192];
	struct words w = words_in(text, sizeof(text));

	words_addr(&w, event_end(e, true));
	words_add(&w, " answered none of the last %u requests of ", n);
	words_addr(&w, event_end(e, false));
	words_add(&w, ", for %u s", seconds);
	detect_raise(d, e, &(struct finding){ .row = row, .text = text });
}

void
detector_unanswered(struct detect *d, const struct event *e)
{
	const struct fact *f = e->fact;
	enum alert_id row = ALERT_unresponsive;
	uint32_t within, least;
	struct asked *a;
	int64_t silent;

	a = memory_cell(detect_memory(d), ALERT_unresponsive,
	    cell_key(pair_key(e), (uint64_t)f->unit << 8 | f->proto), e->at,
	    DAY);
	if (f->from_server) {
		a->n = 0;
		a->answered = true;
		return;
	}
	if (!wants_answer(f))
		return;
	if (is_modbus(f) && a->answered)
		row = ALERT_modbus_unresponsive;
	least = watch_limit(d, row, &within);
	silent = tick_since(e->at, a->first);
	if (a->n == 0 || silent > (int64_t)within * TICK_SECOND || silent < 0) {
		a->n = 0;
		a->first = e->at;
		silent = 0;
	}
	a->n++;
	if (a->n >= least && silent >= SILENT_LEAST)
		say_silent(d, e, row, a->n, (uint32_t)(silent / TICK_SECOND));
}

/* A controller that does not even take the connection. */
void
detector_no_connection(struct detect *d, const struct event *e)
{
	const struct talk *t = e->talk;
	uint32_t within, least, n;

	if (t->via != VIA_TCP || t->packets[0] == 0 || t->packets[1] != 0 ||
	    !watch_is(e->server, ASSET_CONTROLLER) ||
	    watch_is_on(d, ALERT_spoofed_flood, watch_service(t), e->at))
		return;
	least = watch_limit(d, ALERT_unresponsive, &within);
	n = memory_count(detect_memory(d), BESIDE(ALERT_unresponsive),
	    key_mix(pair_key(e), t->server_port), e->at, within);
	if (n >= least)
		say_silent(d, e, ALERT_unresponsive, n, within);
}

/* ------------------------------------------------------------ no address */

#define DHCP_DISCOVER 1u
#define DHCP_OFFER 2u
#define DHCP_ACK 5u

struct asking {
	uint32_t n; /* since the last offer */
	struct tick first;
};

static void
asks_address(struct detect *d, const struct event *e, const struct addr *who,
    struct asking *a)
{
	const uint32_t row = ALERT_no_lease;
	uint32_t within, least;
	char text[160];
	struct words w = words_in(text, sizeof(text));

	least = watch_limit(d, row, &within);
	if (tick_since(e->at, a->first) > (int64_t)within * TICK_SECOND)
		a->n = 0;
	if (a->n == 0)
		a->first = e->at;
	if (++a->n < least)
		return;
	words_addr(&w, who);
	words_add(&w, " asked %u times for an address and was offered none",
	    a->n);
	detect_raise(d, e,
	    &(struct finding){ .row = row,
		.source = who,
		.destination = &watch_nobody,
		.text = text });
}

/* Offers are sent to all, by the number of the question. */
void
detector_no_lease(struct detect *d, const struct event *e)
{
	const struct fact *f = e->fact;
	struct memory *m = detect_memory(d);
	const uint32_t row = ALERT_no_lease;
	uint64_t *who;

	if (!f->is_message || !f->has_pair)
		return;
	if (f->op == DHCP_DISCOVER && e->talk->client.has_mac) {
		const struct addr mac = { .has_mac = true,
			.mac = e->talk->client.mac };
		const uint64_t key = addr_key(&mac);

		who = memory_cell(m, BESIDE(row), f->pair, e->at, 3600);
		*who = key;
		asks_address(d, e, &mac, memory_cell(m, row, key, e->at, 3600));
	} else if (f->op == DHCP_OFFER || f->op == DHCP_ACK) {
		who = memory_peek(m, BESIDE(row), f->pair, e->at);
		if (who != NULL)
			*(struct asking *)memory_cell(m, row, *who, e->at,
			    3600) = (struct asking){ .n = 0 };
	}
}
