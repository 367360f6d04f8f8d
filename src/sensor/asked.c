/*
 * asked.c - what we asked ourselves, and the answers: as far as the inventory.
 */
#include <stdio.h>
#include <string.h>

#include "../base/hash.h"
#include "../decode/decode.h"
#include "../rules/rules.h"
#include "private.h"

/* Of "a.b.c.example" the first labels. */
static void
cut_labels(struct fact *f, uint32_t labels)
{
	for (uint32_t i = 0; labels > 0 && i < f->text_len; i++)
		if (f->text[i] == '.' && --labels == 0)
			f->text_len = (uint8_t)i;
}

/* Once each; what does not fit is left out. */
static void
note_found(struct sensor *s, const struct fact *f)
{
	char text[FACT_TEXT_MAX + 40];
	size_t n = strlen(s->found);
	int more = snprintf(text, sizeof(text), "%s %.*s",
	    fact_trait_name(f->trait), (int)f->text_len, f->text);

	if (more < 0 || n + (size_t)more + 3 > sizeof(s->found) ||
	    strstr(s->found, text) != NULL)
		return;
	(void)snprintf(s->found + n, sizeof(s->found) - n, "%s%s",
	    n > 0 ? "; " : "", text);
}

/* What it says now, with what it said unasked. */
static void
compare(struct sensor *s, const struct fact *f, const struct talk *t)
{
	char asked[FACT_TEXT_MAX + 1], seen[FACT_TEXT_MAX + 1];

	if (s->detect == NULL || f->kind != FACT_IDENT || !f->from_server ||
	    f->trait != TRAIT_FIRMWARE || f->about != ABOUT_SENDER ||
	    f->has_unit || f->text_len > FACT_TEXT_MAX ||
	    !inventory_said(s->inventory, &t->server.ip, TRAIT_FIRMWARE, seen,
		sizeof(seen)))
		return;
	(void)snprintf(asked, sizeof(asked), "%.*s", (int)f->text_len, f->text);
	detect_asked_firmware(s->detect, f->at, &t->server.ip, asked, seen);
}

static void
on_fact(void *ctx, const struct fact *f, struct talk *t)
{
	struct sensor *s = ctx;
	struct fact cut;

	if (!s->passed && f->kind == FACT_IDENT && f->trait == TRAIT_SECURITY)
		return; /* it was encrypted */
	ports_fact(s, f, t);
	if (f->kind == FACT_IDENT && f->from_server && f->text_len > 0 &&
	    f->text_len <= FACT_TEXT_MAX) {
		cut = *f;
		if (f->trait == TRAIT_NAME && f->about == ABOUT_ADDR)
			cut_labels(&cut, s->labels);
		note_found(s, &cut);
		f = &cut;
	}
	compare(s, f, t);
	inventory_asked(s->inventory, f, t);
	if (s->config.fact != NULL)
		s->config.fact(s->config.ctx, f, t);
}

static void
on_tally(void *ctx, struct talk *t)
{
	(void)ctx;
	(void)t;
}

void
sensor_asked(struct sensor *s, const struct frame *frame, uint32_t labels,
    bool passed)
{
	const struct flow_listener listener = { .ctx = s,
		.fact = on_fact,
		.tally = on_tally };
	struct flow_config c = FLOW_CONFIG_DEFAULT;
	struct packet *p = &s->hand[0].packet;

	c.flows_max = 1024;
	c.buffer_bytes = 4u << 20;
	s->labels = labels;
	s->passed = passed;
	if (s->asked == NULL)
		s->asked = flow_new(&c, &listener);
	decode_frame(frame, p);
	if (s->asked != NULL)
		flow_packet(s->asked, p);
	if (frame->at.ns > s->latest.ns)
		s->latest = frame->at;
}

void
sensor_asked_found(struct sensor *s, char *dst, size_t cap)
{
	ports_end(s);
	(void)snprintf(dst, cap, "%s", s->found);
	s->found[0] = '\0';
}

void
sensor_asked_ended(struct sensor *s, struct tick at, const struct ip *ip)
{
	bool near, heard = inventory_heard(s->inventory, ip, &near);

	if (s->detect != NULL)
		detect_asked_unheard(s->detect, at, ip, heard, near);
}

void
sensor_asked_more(struct sensor *s, struct tick at, const struct ip *ip,
    bool services, uint32_t n, const char *names)
{
	if (s->detect != NULL)
		detect_asked_more(s->detect, at, ip, services, n, names);
}

void
sensor_told(struct sensor *s, struct tick at, const struct ip *ip,
    uint8_t trait, const char *text)
{
	struct talk t = { .server.ip = *ip,
		.vlan = TALK_NO_VLAN,
		.proto = PROTO_UNKNOWN,
		/* each device its own: repeats are told by it */
		.flow = (uint32_t)hash_bytes(ip->b, ip->len, 0) };
	struct fact f = { .at = at,
		.flow = t.flow,
		.kind = FACT_IDENT,
		.trait = trait,
		.about = ABOUT_SENDER,
		.response = true,
		.from_server = true };
	struct addr a;

	if (trait == TRAIT_ADDRESS) {
		if (!rule_addr(span_text(text), &a) || !a.has_mac)
			return;
		f.addr = a;
	}
	fact_text(&f, span_text(text));
	inventory_asked(s->inventory, &f, &t);
	if (at.ns > s->latest.ns)
		s->latest = at;
}
