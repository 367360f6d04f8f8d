/*
 * mqtt_payload.h - what people put into MQTT messages that are not Sparkplug:
 * a decimal number, JSON, text, which says nothing.  Others are passed over.
 *
 * JSON: RFC 8259.  Only its numbers are said, each as a value of the topic and
 * the last member's name before it: "plant/boiler1 temperature".  What lies
 * inside of what does not matter, so that nothing has to be nested here.
 * Private to mqtt.c.
 */
#ifndef PROTO_MQTT_PAYLOAD_H
#define PROTO_MQTT_PAYLOAD_H

#include "say.h"
#include "text.h"

#define MQTT_NUMBERS 32u /* of one message that are said */

/* Text in UTF-8, or what begins so and was cut. */
static inline bool
mqtt_is_text(struct span s)
{
	for (uint32_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];
		uint32_t more = c < 0x80    ? 0
		    : c >= 0xc2 && c < 0xe0 ? 1
		    : c >= 0xe0 && c < 0xf0 ? 2
		    : c >= 0xf0 && c < 0xf5 ? 3
					    : 9;

		if (more == 9 ||
		    (c < ' ' && c != '\t' && c != '\n' && c != '\r'))
			return false;
		for (; more > 0 && i + 1 < s.n; more--)
			if ((s.p[++i] & 0xc0) != 0x80)
				return false;
	}
	return s.n > 0;
}

/* The string that begins behind a quote at `*at`, which is moved behind it. */
static inline struct span
mqtt_string(struct span s, uint32_t *at)
{
	uint32_t from = *at, to;

	while (*at < s.n && s.p[*at] != '"')
		*at += s.p[*at] == '\\' ? 2 : 1;
	to = *at < s.n ? *at : s.n;
	*at += 1;
	return SPAN(s.p + from, to - from);
}

static inline bool
mqtt_is_digit(uint8_t c)
{
	return text_is_digit(c) || c == '-' || c == '+' || c == '.' ||
	    c == 'e' || c == 'E';
}

static inline void
mqtt_say_number(struct dissect *d, uint32_t op, struct fact_object at,
    struct span topic, struct span name, double v)
{
	struct fact *f = dissect_value(d, op, at);

	f->num_type = NUM_REAL;
	f->num.r = v;
	if (name.n == 0)
		fact_text(f, topic);
	else if (f->kind != FACT_NONE)
		fact_textf(f, "%.*s %.*s", (int)topic.n, (const char *)topic.p,
		    (int)name.n, (const char *)name.p);
}

/* Every number that is a member: those of lists have no name. */
static inline void
mqtt_json(struct span s, struct dissect *d, uint32_t op, struct fact_object at,
    struct span topic)
{
	struct span last = SPAN(NULL, 0), name = SPAN(NULL, 0);
	uint32_t said = 0;

	for (uint32_t i = 0; i < s.n && said < MQTT_NUMBERS;) {
		uint8_t c = s.p[i];
		uint32_t from = i;
		double v;

		if (c == '"') {
			i++;
			last = mqtt_string(s, &i);
			continue;
		}
		if (c == ':')
			name = last;
		else if (c == ',' || c == '[')
			name = SPAN(NULL, 0);
		if (c != '-' && !text_is_digit(c)) {
			i++;
			continue;
		}
		while (i < s.n && mqtt_is_digit(s.p[i]))
			i++;
		if (i < s.n && name.n > 0 &&
		    text_decimal(SPAN(s.p + from, i - from), &v)) {
			mqtt_say_number(d, op, at, topic, name, v);
			said++;
		}
	}
}

/* True when the payload was understood, which is for the caller to skip. */
static inline bool
mqtt_payload(struct span s, struct dissect *d, uint32_t op, struct span topic)
{
	const struct fact_object at = { .space = SPACE_TOPIC, .count = 1 };
	struct span text = text_trim(s);
	double v;

	if (text_decimal(text, &v)) {
		mqtt_say_number(d, op, at, topic, SPAN(NULL, 0), v);
		return true;
	}
	if (!mqtt_is_text(s))
		return false;
	if (text.n > 0 && (text.p[0] == '{' || text.p[0] == '[')) {
		mqtt_json(text, d, op, at, topic);
		return true;
	}
	return true;
}

#endif
