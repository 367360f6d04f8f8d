/*
 * nmea.c - sentences of ships' instruments: NMEA 0183, and over Ethernet.
 *
 * IEC 61162-1:2016 (NMEA 0183 4.11), IEC 61162-450:2018 and its Edition 2
 * binary transfer.
 *
 *	sentence  '$' or '!' | talker 2 | formatter 3 | ,field... | *sum CR LF
 *		  query: talker 2 | whom 2 | 'Q' ,formatter; 'P' maker 3 ...
 *	61162-450 "UdPbC" 00 | [\\s:source,d:destination,n:line*sum\\]
 *sentence... "RaUdP" 00, "RrUdP" 00: files
 *
 * Op is the formatter, three letters as one number ("GGA" 0x474741); 1 is a
 * query, 2 a sentence of a maker, 3 a file.  Objects are the fields by number
 * (first), with their numbers as values; the talker is the area.
 */
#include "../base/hex.h"
#include "say.h"
#include "text.h"

#define S(a, b, c) ((uint32_t)(a) << 16 | (uint32_t)(b) << 8 | (uint32_t)(c))
#define OP_QUERY 1u
#define OP_OWN 2u
#define OP_BINARY 3u
#define PASSWORD S('S', 'P', 'W')
#define LINE_MAX_ 512u /* a tag block and a sentence of 82 characters */
#define FIELDS_MAX 64u

/* The approved sentences; what commands a controller or sets up a device has
 * its risk. */
static const struct proto_op ops[] = {
	{ OP_QUERY, FACT_READ, RISK_NONE, "query" },
	{ OP_OWN, FACT_REPORT, RISK_NONE, "proprietary sentence" },
	{ OP_BINARY, FACT_FILE, RISK_FILE, "binary file transfer" },
	{ S('A', 'A', 'M'), FACT_REPORT, RISK_NONE, "waypoint arrival alarm" },
	{ S('A', 'B', 'K'), FACT_SESSION, RISK_NONE, "AIS acknowledgement" },
	{ S('A', 'B', 'M'), FACT_CONTROL, RISK_CONTROL,
	    "AIS addressed message" },
	{ S('A', 'C', 'A'), FACT_CONFIG, RISK_CONFIGURATION,
	    "AIS channel assignment" },
	{ S('A', 'C', 'K'), FACT_CONTROL, RISK_CONTROL, "acknowledge alarm" },
	{ S('A', 'C', 'N'), FACT_CONTROL, RISK_CONTROL, "alert command" },
	{ S('A', 'C', 'S'), FACT_REPORT, RISK_NONE,
	    "AIS channel management source" },
	{ S('A', 'I', 'R'), FACT_READ, RISK_NONE, "AIS interrogation" },
	{ S('A', 'K', 'D'), FACT_CONTROL, RISK_CONTROL,
	    "acknowledge detail alarm" },
	{ S('A', 'L', 'A'), FACT_REPORT, RISK_NONE, "detail alarm" },
	{ S('A', 'L', 'C'), FACT_REPORT, RISK_NONE, "cyclic alert list" },
	{ S('A', 'L', 'F'), FACT_REPORT, RISK_NONE, "alert sentence" },
	{ S('A', 'L', 'M'), FACT_REPORT, RISK_NONE, "GPS almanac" },
	{ S('A', 'L', 'R'), FACT_REPORT, RISK_NONE, "alarm state" },
	{ S('A', 'P', 'A'), FACT_CONTROL, RISK_CONTROL, "autopilot A" },
	{ S('A', 'P', 'B'), FACT_CONTROL, RISK_CONTROL,
	    "heading and track controller B" },
	{ S('A', 'R', 'C'), FACT_REPORT, RISK_NONE, "alert command refused" },
	{ S('B', 'B', 'M'), FACT_CONTROL, RISK_CONTROL,
	    "AIS broadcast message" },
	{ S('B', 'E', 'C'), FACT_REPORT, RISK_NONE,
	    "bearing and distance, dead reckoning" },
	{ S('B', 'O', 'D'), FACT_REPORT, RISK_NONE,
	    "bearing, origin to destination" },
	{ S('B', 'W', 'C'), FACT_REPORT, RISK_NONE,
	    "bearing and distance to waypoint" },
	{ S('B', 'W', 'R'), FACT_REPORT, RISK_NONE,
	    "bearing and distance, rhumb line" },
	{ S('B', 'W', 'W'), FACT_REPORT, RISK_NONE,
	    "bearing, waypoint to waypoint" },
	{ S('C', 'U', 'R'), FACT_REPORT, RISK_NONE, "water current layer" },
	{ S('D', 'B', 'T'), FACT_REPORT, RISK_NONE, "depth below transducer" },
	{ S('D', 'D', 'C'), FACT_CONFIG, RISK_CONFIGURATION,
	    "display dimming control" },
	{ S('D', 'O', 'R'), FACT_REPORT, RISK_NONE, "door status" },
	{ S('D', 'P', 'T'), FACT_REPORT, RISK_NONE, "depth" },
	{ S('D', 'S', 'C'), FACT_REPORT, RISK_NONE,
	    "digital selective calling" },
	{ S('D', 'S', 'E'), FACT_REPORT, RISK_NONE,
	    "expanded digital selective calling" },
	{ S('D', 'T', 'M'), FACT_REPORT, RISK_NONE, "datum reference" },
	{ S('E', 'P', 'V'), FACT_CONFIG, RISK_CONFIGURATION,
	    "equipment property value" },
	{ S('E', 'T', 'L'), FACT_CONTROL, RISK_CONTROL,
	    "engine telegraph operation" },
	{ S('E', 'V', 'E'), FACT_REPORT, RISK_NONE, "general event" },
	{ S('F', 'I', 'R'), FACT_REPORT, RISK_NONE, "fire detection" },
	{ S('F', 'S', 'I'), FACT_CONFIG, RISK_CONFIGURATION, "frequency set" },
	{ S('G', 'B', 'S'), FACT_REPORT, RISK_NONE,
	    "satellite fault detection" },
	{ S('G', 'E', 'N'), FACT_REPORT, RISK_NONE,
	    "generic binary information" },
	{ S('G', 'F', 'A'), FACT_REPORT, RISK_NONE,
	    "position accuracy and integrity" },
	{ S('G', 'G', 'A'), FACT_REPORT, RISK_NONE, "GPS fix" },
	{ S('G', 'L', 'L'), FACT_REPORT, RISK_NONE, "geographic position" },
	{ S('G', 'N', 'S'), FACT_REPORT, RISK_NONE, "GNSS fix" },
	{ S('G', 'R', 'S'), FACT_REPORT, RISK_NONE, "GNSS range residuals" },
	{ S('G', 'S', 'A'), FACT_REPORT, RISK_NONE,
	    "GNSS DOP and active satellites" },
	{ S('G', 'S', 'T'), FACT_REPORT, RISK_NONE, "GNSS pseudorange error" },
	{ S('G', 'S', 'V'), FACT_REPORT, RISK_NONE, "GNSS satellites in view" },
	{ S('H', 'B', 'T'), FACT_REPORT, RISK_NONE, "heartbeat" },
	{ S('H', 'C', 'R'), FACT_REPORT, RISK_NONE, "heading correction" },
	{ S('H', 'D', 'G'), FACT_REPORT, RISK_NONE,
	    "heading, deviation and variation" },
	{ S('H', 'D', 'M'), FACT_REPORT, RISK_NONE, "heading, magnetic" },
	{ S('H', 'D', 'T'), FACT_REPORT, RISK_NONE, "heading, true" },
	{ S('H', 'M', 'R'), FACT_REPORT, RISK_NONE, "heading monitor receive" },
	{ S('H', 'M', 'S'), FACT_CONFIG, RISK_CONFIGURATION,
	    "heading monitor set" },
	{ S('H', 'R', 'M'), FACT_REPORT, RISK_NONE,
	    "heel, roll period and amplitude" },
	{ S('H', 'S', 'C'), FACT_CONTROL, RISK_CONTROL,
	    "heading steering command" },
	{ S('H', 'S', 'S'), FACT_REPORT, RISK_NONE, "hull stress" },
	{ S('H', 'T', 'C'), FACT_CONTROL, RISK_CONTROL,
	    "heading and track control command" },
	{ S('H', 'T', 'D'), FACT_REPORT, RISK_NONE,
	    "heading and track control data" },
	{ S('L', 'R', '1'), FACT_REPORT, RISK_NONE, "AIS long-range reply 1" },
	{ S('L', 'R', '2'), FACT_REPORT, RISK_NONE, "AIS long-range reply 2" },
	{ S('L', 'R', '3'), FACT_REPORT, RISK_NONE, "AIS long-range reply 3" },
	{ S('L', 'R', 'F'), FACT_READ, RISK_NONE, "AIS long-range function" },
	{ S('L', 'R', 'I'), FACT_READ, RISK_NONE,
	    "AIS long-range interrogation" },
	{ S('M', 'E', 'B'), FACT_CONTROL, RISK_CONTROL,
	    "message input for broadcast" },
	{ S('M', 'S', 'K'), FACT_CONFIG, RISK_CONFIGURATION,
	    "MSK receiver interface" },
	{ S('M', 'S', 'S'), FACT_REPORT, RISK_NONE,
	    "MSK receiver signal status" },
	{ S('M', 'T', 'W'), FACT_REPORT, RISK_NONE, "water temperature" },
	{ S('M', 'W', 'D'), FACT_REPORT, RISK_NONE,
	    "wind direction and speed" },
	{ S('M', 'W', 'V'), FACT_REPORT, RISK_NONE, "wind speed and angle" },
	{ S('N', 'A', 'K'), FACT_SESSION, RISK_NONE,
	    "negative acknowledgement" },
	{ S('N', 'R', 'M'), FACT_CONFIG, RISK_CONFIGURATION,
	    "NAVTEX receiver mask" },
	{ S('N', 'R', 'X'), FACT_REPORT, RISK_NONE, "NAVTEX received message" },
	{ S('N', 'S', 'R'), FACT_REPORT, RISK_NONE,
	    "navigation status report" },
	{ S('O', 'S', 'D'), FACT_REPORT, RISK_NONE, "own ship data" },
	{ S('P', 'O', 'S'), FACT_REPORT, RISK_NONE,
	    "device position and dimensions" },
	{ S('P', 'R', 'C'), FACT_REPORT, RISK_NONE,
	    "propulsion remote control status" },
	{ S('R', 'L', 'M'), FACT_REPORT, RISK_NONE, "return link message" },
	{ S('R', 'M', 'A'), FACT_REPORT, RISK_NONE,
	    "recommended minimum, Loran-C" },
	{ S('R', 'M', 'B'), FACT_REPORT, RISK_NONE,
	    "recommended minimum, navigation" },
	{ S('R', 'M', 'C'), FACT_REPORT, RISK_NONE,
	    "recommended minimum, GNSS" },
	{ S('R', 'O', 'R'), FACT_REPORT, RISK_NONE, "rudder order status" },
	{ S('R', 'O', 'T'), FACT_REPORT, RISK_NONE, "rate of turn" },
	{ S('R', 'P', 'M'), FACT_REPORT, RISK_NONE, "revolutions" },
	{ S('R', 'R', 'T'), FACT_REPORT, RISK_NONE, "route transfer report" },
	{ S('R', 'S', 'A'), FACT_REPORT, RISK_NONE, "rudder sensor angle" },
	{ S('R', 'S', 'D'), FACT_REPORT, RISK_NONE, "radar system data" },
	{ S('R', 'T', 'E'), FACT_CONFIG, RISK_CONFIGURATION, "routes" },
	{ S('S', 'F', 'I'), FACT_CONFIG, RISK_CONFIGURATION,
	    "scanning frequency information" },
	{ S('S', 'M', 'I'), FACT_REPORT, RISK_NONE,
	    "SafetyNET message identification" },
	{ S('S', 'P', 'W'), FACT_LOGIN, RISK_SECURITY, "security password" },
	{ S('S', 'R', 'P'), FACT_REPORT, RISK_NONE,
	    "system function identifier resolution" },
	{ S('S', 'S', 'D'), FACT_CONFIG, RISK_CONFIGURATION,
	    "AIS ship static data" },
	{ S('S', 'T', 'N'), FACT_REPORT, RISK_NONE,
	    "multiple data identifier" },
	{ S('T', 'H', 'S'), FACT_REPORT, RISK_NONE, "true heading and status" },
	{ S('T', 'L', 'B'), FACT_REPORT, RISK_NONE, "target label" },
	{ S('T', 'L', 'L'), FACT_REPORT, RISK_NONE, "target position" },
	{ S('T', 'R', 'C'), FACT_CONTROL, RISK_CONTROL,
	    "thruster control data" },
	{ S('T', 'R', 'D'), FACT_REPORT, RISK_NONE, "thruster response data" },
	{ S('T', 'R', 'F'), FACT_REPORT, RISK_NONE, "transit fix data" },
	{ S('T', 'R', 'L'), FACT_REPORT, RISK_NONE,
	    "AIS transmitter non-functioning log" },
	{ S('T', 'T', 'D'), FACT_REPORT, RISK_NONE, "tracked target data" },
	{ S('T', 'T', 'M'), FACT_REPORT, RISK_NONE, "tracked target message" },
	{ S('T', 'U', 'T'), FACT_REPORT, RISK_NONE,
	    "transmission of multi-language text" },
	{ S('T', 'X', 'T'), FACT_REPORT, RISK_NONE, "text transmission" },
	{ S('U', 'I', 'D'), FACT_REPORT, RISK_NONE,
	    "user identification code transmission" },
	{ S('V', 'B', 'W'), FACT_REPORT, RISK_NONE,
	    "dual ground and water speed" },
	{ S('V', 'D', 'M'), FACT_REPORT, RISK_NONE, "AIS data-link message" },
	{ S('V', 'D', 'O'), FACT_REPORT, RISK_NONE,
	    "AIS data-link own report" },
	{ S('V', 'D', 'R'), FACT_REPORT, RISK_NONE, "set and drift" },
	{ S('V', 'E', 'R'), FACT_REPORT, RISK_NONE, "version" },
	{ S('V', 'H', 'W'), FACT_REPORT, RISK_NONE, "water speed and heading" },
	{ S('V', 'L', 'W'), FACT_REPORT, RISK_NONE,
	    "dual ground and water distance" },
	{ S('V', 'P', 'W'), FACT_REPORT, RISK_NONE, "speed parallel to wind" },
	{ S('V', 'S', 'D'), FACT_CONFIG, RISK_CONFIGURATION,
	    "AIS voyage static data" },
	{ S('V', 'T', 'G'), FACT_REPORT, RISK_NONE,
	    "course over ground and ground speed" },
	{ S('W', 'A', 'T'), FACT_REPORT, RISK_NONE, "water level detection" },
	{ S('W', 'C', 'V'), FACT_REPORT, RISK_NONE,
	    "waypoint closure velocity" },
	{ S('W', 'N', 'C'), FACT_REPORT, RISK_NONE,
	    "distance, waypoint to waypoint" },
	{ S('W', 'P', 'L'), FACT_CONFIG, RISK_CONFIGURATION,
	    "waypoint location" },
	{ S('X', 'D', 'R'), FACT_REPORT, RISK_NONE, "transducer measurements" },
	{ S('X', 'T', 'E'), FACT_REPORT, RISK_NONE,
	    "cross-track error, measured" },
	{ S('X', 'T', 'R'), FACT_REPORT, RISK_NONE,
	    "cross-track error, dead reckoning" },
	{ S('Z', 'D', 'A'), FACT_REPORT, RISK_NONE, "time and date" },
	{ S('Z', 'D', 'L'), FACT_REPORT, RISK_NONE,
	    "time and distance to variable point" },
	{ S('Z', 'F', 'O'), FACT_REPORT, RISK_NONE,
	    "UTC and time from origin waypoint" },
	{ S('Z', 'T', 'G'), FACT_REPORT, RISK_NONE,
	    "UTC and time to destination waypoint" },
};

/* ---------------------------------------------------------------- framing */

/* What stands between the mark and '*' by exclusive or is behind it. */
static bool
sum_holds(struct span s, uint32_t *ret_star)
{
	uint32_t star = span_find(s, '*'), sum = 0;

	*ret_star = star;
	if (star + 3 > s.n)
		return false;
	for (uint32_t i = 1; i < star; i++)
		sum ^= s.p[i];
	return hex_digit(s.p[star + 1]) * 16 + hex_digit(s.p[star + 2]) == sum;
}

static bool
is_head(struct span s)
{
	if (s.n < 6 || (s.p[0] != '$' && s.p[0] != '!'))
		return false;
	for (uint32_t i = 1; i < 5; i++)
		if (!(s.p[i] >= 'A' && s.p[i] <= 'Z') && !text_is_digit(s.p[i]))
			return false;
	return true;
}

static bool
is_450(struct span s)
{
	return span_starts(s, SPAN_LIT("UdPbC\0"));
}

static bool
is_file(struct span s)
{
	return span_starts(s, SPAN_LIT("RaUdP\0")) ||
	    span_starts(s, SPAN_LIT("RrUdP\0"));
}

static uint32_t
nmea_frame(struct span s, const struct dissect *d)
{
	uint32_t n;

	if (d->via != VIA_TCP)
		return s.n;
	n = span_find(span_first(s, LINE_MAX_), '\n');
	if (s.p[0] != '$' && s.p[0] != '!' && s.p[0] != '\\')
		return FRAME_NOT_MINE;
	if (n < s.n && n < LINE_MAX_)
		return n + 1;
	return s.n < LINE_MAX_ ? FRAME_NEED_MORE : FRAME_NOT_MINE;
}

static enum claim
nmea_claim(struct span s, const struct dissect *d)
{
	uint32_t star;

	(void)d;
	if (is_450(s) || is_file(s))
		return CLAIM_STRONG;
	if (s.n > 1 && s.p[0] == '\\') { /* a tag block first */
		uint32_t n = span_find(span_from(s, 1), '\\') + 2;

		s = span_from(s, n);
	}
	if (!is_head(s))
		return CLAIM_NO;
	s = span_first(s, span_find(s, '\n'));
	return sum_holds(s, &star) ? CLAIM_STRONG : CLAIM_NO;
}

/* --------------------------------------------------------------- sentences */

static struct span
next_field(struct span *rest)
{
	uint32_t n = span_find(*rest, ',');
	struct span s = span_first(*rest, n);

	*rest = span_from(*rest, n + 1);
	return s;
}

static void
say_fields(struct dissect *d, uint32_t op, uint32_t talker, struct span rest)
{
	double v;

	if (!say_wanted(d, FACT_VALUE))
		return;
	for (uint32_t i = 1; rest.n > 0 && i < FIELDS_MAX; i++)
		if (text_decimal(next_field(&rest), &v))
			dissect_value_real(d, op,
			    (struct fact_object){ .space = SPACE_NAME,
				.area = talker,
				.first = i,
				.count = 1 },
			    v);
}

/* VER: total, number, device, maker, unique id, serial, model, software,
 * hardware. */
static void
introduce(struct dissect *d, struct span rest)
{
	static const enum trait traits[] = { TRAIT_COUNT, TRAIT_COUNT,
		TRAIT_COUNT, TRAIT_VENDOR, TRAIT_UUID, TRAIT_SERIAL,
		TRAIT_MODEL, TRAIT_FIRMWARE, TRAIT_HARDWARE };

	for (uint32_t i = 0; i < 9 && rest.n > 0; i++) {
		struct span s = next_field(&rest);

		if (traits[i] != TRAIT_COUNT)
			dissect_ident(d, traits[i], s);
	}
}

/* The address field, and with it what the sentence is. */
static uint32_t
op_of(struct span address)
{
	if (address.n > 0 && address.p[0] == 'P')
		return OP_OWN;
	if (address.n == 5 && address.p[4] == 'Q')
		return OP_QUERY;
	return address.n == 5 ? S(address.p[2], address.p[3], address.p[4]) : 0;
}

static void
sentence(struct dissect *d, struct span s, bool first)
{
	struct span rest = span_from(s, 1), address = next_field(&rest);
	uint32_t op = op_of(address), talker;
	struct fact *f = dissect_op(d, op);

	talker =
	    address.n >= 2 ? (uint32_t)address.p[0] << 8 | address.p[1] : 0;
	f->is_message = first;
	say_named(f, address);
	f->object.area = talker;
	if (op == S('V', 'E', 'R'))
		introduce(d, rest);
	if (s.p[0] == '$' && op > OP_BINARY && op != PASSWORD)
		say_fields(d, op, talker, rest);
	if (op == PASSWORD)
		(void)dissect_ident_about(d, ABOUT_RECEIVER, TRAIT_SECURITY,
		    SPAN_LIT("password without encryption"));
}

/* s: is who sends, of IEC 61162-450. */
static void
tag_block(struct dissect *d, struct span s)
{
	struct span rest = span_first(s, span_find(s, '*'));

	while (rest.n > 0) {
		struct span part = next_field(&rest);

		if (text_starts(part, "s:"))
			dissect_ident(d, TRAIT_NAME, span_from(part, 2));
	}
}

/* A line: tag blocks, a sentence. */
static bool
line(struct rd *r, struct dissect *d, struct span s, bool first)
{
	struct span block = SPAN(NULL, 0);
	uint32_t star;

	for (uint32_t i = 0; i < 4 && s.n > 1 && s.p[0] == '\\'; i++) {
		uint32_t n = span_find(span_from(s, 1), '\\');

		block = span_first(span_from(s, 1), n);
		s = span_from(s, n + 2);
	}
	if (s.n == 0 || !is_head(s)) {
		rd_require(r, s.n == 0, "not a sentence");
		return false;
	}
	rd_require(r, sum_holds(s, &star), "sum is wrong");
	if (!rd_ok(r))
		return false;
	sentence(d, span_first(s, star), first);
	tag_block(d, block);
	return true;
}

static void
nmea_parse(struct rd *r, struct dissect *d)
{
	struct span head = rd_ahead(r, 6), all;
	bool first = true;

	d->ctx.response = false;
	if (head.n == 6 && is_file(head)) {
		(void)dissect_op(d, OP_BINARY);
		rd_skip(r, 6);
		rd_opaque_rest(r);
		return;
	}
	if (head.n == 6 && is_450(head))
		rd_skip(r, 6);
	all = rd_span(r, rd_left(r));
	while (all.n > 0 && rd_ok(r))
		if (line(r, d, text_line(&all), first))
			first = false;
}

const struct proto proto_nmea = {
	.name = "nmea",
	.title = "NMEA 0183 and IEC 61162-450, ships' instruments",
	.spec = "IEC 61162-1:2016, IEC 61162-450:2018",
	.depth = "all approved sentences by name, numbers of their fields, "
		 "queries, sources, versions; AIS contents, sentences of "
		 "makers and files are not looked into",
	.slot = PROTO_SLOT,
	.ot = true,
	.tcp = { 10110 },
	.udp = { 10110, 60001, 60002, 60003, 60004, 60005, 60006, 60007 },
	.client_role = ROLE_SENSOR,
	.claim = nmea_claim,
	.frame = nmea_frame,
	.frame_min = 1,
	.parse = nmea_parse,
	PROTO_OPS(ops),
};
