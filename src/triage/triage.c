/*
 * triage.c - see triage.h.
 *
 * Which custom rules an event may concern is known beforehand: a rule says of
 * each protocol, kind of fact and kind of event whether it can be true there.
 */
#include "triage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../proto/proto.h"
#include "mutes.h"
#include "names.h"

#define TICKET_MAX 41u /* of the title: name of the window */

struct listed {
	struct person_rule about;
	struct rule *rule;
	/* CUSTOM: where it can be true */
	uint32_t kinds; /* FACT_MASK() */
	uint32_t events; /* 1 << enum event_kind */
	uint8_t protos[(PROTO_MAX + 7) / 8];
};

struct cue { /* a custom rule that may match facts of a protocol */
	uint32_t kinds; /* FACT_MASK() */
	uint32_t rule; /* its place in the list */
};

struct cues {
	struct cue *cue; /* in the order of the list */
	uint32_t n;
	uint32_t kinds; /* of all of them */
};

struct triage {
	struct listed *list[TRIAGE_RULES];
	uint32_t n;
	struct mutes *mutes;
	struct allowed_names *names;
	uint32_t dns, tls; /* places of these protocols */
	/* of all custom rules that are on */
	struct cues cues[PROTO_MAX]; /* EVENT_FACT */
	uint32_t events;
	const struct listed *raising; /* whose alert is being asked about */
};

_Static_assert(FACT_COUNT <= 32, "kinds of facts are bits");

const char *
person_rule_kind_name(uint32_t i)
{
	static const char *const names[PERSON_KIND_COUNT] = {
		[PERSON_EXCLUDE] = "exclude",
		[PERSON_MAINTENANCE] = "maintenance",
		[PERSON_CUSTOM] = "custom",
	};

	return i < PERSON_KIND_COUNT ? names[i] : NULL;
}

static uint32_t
place_of(const char *proto)
{
	uint32_t i = 0;

	while (i < n_protos && strcmp(protos[i]->name, proto) != 0)
		i++;
	return i;
}

struct triage *
triage_new(void)
{
	struct triage *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->mutes = mutes_new(TRIAGE_MUTES);
	t->names = allowed_names_new();
	t->dns = place_of("dns");
	t->tls = place_of("tls");
	if (t->mutes != NULL && t->names != NULL)
		return t;
	triage_free(t);
	return NULL;
}

static void
free_listed(struct listed *l)
{
	if (l != NULL)
		rule_free(l->rule);
	free(l);
}

void
triage_free(struct triage *t)
{
	if (t == NULL)
		return;
	for (uint32_t i = 0; i < t->n; i++)
		free_listed(t->list[i]);
	for (uint32_t i = 0; i < PROTO_MAX; i++)
		free(t->cues[i].cue);
	mutes_free(t->mutes);
	allowed_names_free(t->names);
	free(t);
}

/* ------------------------------------------------------------------ rules */

static bool
has_proto(const struct listed *l, uint32_t proto)
{
	return (l->protos[proto / 8] >> (proto % 8) & 1) != 0;
}

static void
find_out(struct listed *l)
{
	for (uint32_t i = 0; i < FACT_COUNT; i++)
		if (rule_can_match(l->rule, FIELD_KIND, i))
			l->kinds |= FACT_MASK(i);
	for (uint32_t i = 0; i < EVENT_COUNT; i++)
		if (rule_can_match(l->rule, FIELD_EVENT, i))
			l->events |= 1u << i;
	for (uint32_t i = 0; i < n_protos; i++)
		if (rule_can_match(l->rule, FIELD_PROTO, i))
			l->protos[i / 8] |= (uint8_t)(1u << i % 8);
}

static bool
add_cue(struct cues *c, struct cue cue)
{
	struct cue *more = reallocarray(c->cue, c->n + 1, sizeof(*c->cue));

	if (more == NULL)
		return false;
	c->cue = more;
	c->cue[c->n++] = cue;
	c->kinds |= cue.kinds;
	return true;
}

/* From now on events are looked at that concern this one, the last. */
static bool
listen(struct triage *t, const struct listed *l)
{
	struct cue cue = { .kinds = l->kinds, .rule = t->n - 1 };

	t->events |= l->events;
	if ((l->events & 1u << EVENT_FACT) == 0)
		return true;
	for (uint32_t i = 0; i < n_protos; i++)
		if (has_proto(l, i) && !add_cue(&t->cues[i], cue))
			return false;
	return true;
}

static struct listed *
read_rule(const struct person_rule *about, struct rule_error *ret_error)
{
	struct listed *l = calloc(1, sizeof(*l));

	if (l == NULL) {
		*ret_error = (struct rule_error){ .text = "out of memory" };
		return NULL;
	}
	l->about = *about;
	l->rule = rule_compile(about->kind == PERSON_CUSTOM ? &event_schema
							    : &alert_schema,
	    span_text(about->text), ret_error);
	if (l->rule != NULL)
		return l;
	free_listed(l);
	return NULL;
}

bool
triage_add(struct triage *t, const struct person_rule *about,
    struct rule_error *ret_error)
{
	struct listed *l;

	if (t->n == TRIAGE_RULES) {
		*ret_error = (struct rule_error){ .at = 0 };
		(void)snprintf(ret_error->text, sizeof(ret_error->text),
		    "there are %u rules already", TRIAGE_RULES);
		return false;
	}
	l = read_rule(about, ret_error);
	if (l == NULL)
		return false;
	t->list[t->n++] = l;
	if (about->kind != PERSON_CUSTOM || !about->on)
		return true;
	find_out(l);
	if (listen(t, l))
		return true;
	*ret_error = (struct rule_error){ .text = "out of memory" };
	return false;
}

const struct person_rule *
triage_at(const struct triage *t, uint32_t i)
{
	return i < t->n ? &t->list[i]->about : NULL;
}

bool
triage_mute(struct triage *t, uint64_t fold)
{
	return mutes_add(t->mutes, fold);
}

void
triage_unmute(struct triage *t, uint64_t fold)
{
	mutes_drop(t->mutes, fold);
}

bool
triage_domain(struct triage *t, const char *pattern)
{
	return allowed_names_add(t->names, pattern);
}

static bool
holds(const struct listed *l, enum person_rule_kind kind, const void *subject,
    struct tick at)
{
	const struct person_rule *r = &l->about;

	return r->kind == kind && r->on &&
	    (r->from.ns == 0 || at.ns >= r->from.ns) &&
	    (r->until.ns == 0 || at.ns < r->until.ns) &&
	    rule_matches(l->rule, subject);
}

static void
hit(struct listed *l, struct tick at)
{
	l->about.hits++;
	if (at.ns > l->about.last_hit.ns)
		l->about.last_hit = at;
}

/* ----------------------------------------------------------------- alerts */

/* Added to a text as far as it fits, in whole characters. */
static void
add(char *dst, size_t cap, const char *s)
{
	size_t have = strlen(dst), n = strlen(s);

	if (n >= cap - have) {
		n = cap - have - 1;
		while (n > 0 && ((uint8_t)s[n] & 0xc0) == 0x80)
			n--;
	}
	memcpy(dst + have, s, n);
	dst[have + n] = '\0';
}

static struct listed *
find(struct triage *t, enum person_rule_kind kind, const struct alert *a)
{
	for (uint32_t i = 0; i < t->n; i++)
		if (holds(t->list[i], kind, a, a->last))
			return t->list[i];
	return NULL;
}

static void
name_after(struct alert *a, const struct person_rule *r)
{
	a->severity = r->severity;
	a->title[0] = '\0';
	add(a->title, sizeof(a->title), r->name);
	if (r->message[0] != '\0')
		alert_fill(a->text, sizeof(a->text), a, r->message);
}

/* "Overhaul 12: PLC stopped", a warning. */
static void
file_under(struct alert *a, const struct person_rule *r)
{
	char title[sizeof(a->title)] = "";

	add(title, TICKET_MAX, r->name);
	add(title, sizeof(title), ": ");
	add(title, sizeof(title),
	    a->title[0] != '\0' ? a->title : alert_rows[a->row].title);
	memcpy(a->title, title, sizeof(title));
	a->severity = SEVERITY_WARNING;
}

/* By what name a client of TLS calls the server it greets. */
static bool
names_server(const struct triage *t, const struct fact *f)
{
	return f->proto == t->tls && f->object.space == SPACE_NAME &&
	    !f->response && f->text_len > 0;
}

/* Alerts of the Internet, about a name that is allowed. */
static bool
is_allowed_name(const struct triage *t, const struct alert *a)
{
	const struct fact *f = &a->because;

	if (a->row != ALERT_name_query && a->row != ALERT_internet_connection &&
	    a->row != ALERT_internet_attempt)
		return false;
	if ((a->row == ALERT_name_query || names_server(t, f)) &&
	    allowed_names_has(t->names,
		SPAN((const uint8_t *)f->text, f->text_len)))
		return true;
	return a->row != ALERT_name_query &&
	    allowed_names_has_ip(t->names, &a->destination.addr.ip);
}

bool
triage_admit(struct triage *t, struct alert *a)
{
	struct listed *l;

	if (t->raising != NULL && a->row == ALERT_user_rule)
		name_after(a, &t->raising->about);
	if (mutes_has(t->mutes, a->fold) || is_allowed_name(t, a))
		return false;
	l = find(t, PERSON_EXCLUDE, a);
	if (l != NULL) {
		hit(l, a->last);
		return false;
	}
	l = find(t, PERSON_MAINTENANCE, a);
	if (l != NULL) {
		hit(l, a->last);
		file_under(a, &l->about);
	}
	return true;
}

/* ----------------------------------------------------------------- events */

static void
try_rule(struct triage *t, uint32_t i, struct detect *d, const struct event *e)
{
	struct listed *l = t->list[i];

	if (!holds(l, PERSON_CUSTOM, e, e->at))
		return;
	hit(l, e->at);
	t->raising = l;
	detect_raise(d, e,
	    &(struct finding){ .row = ALERT_user_rule,
		.extra = (uint64_t)l->about.id + 1 });
	t->raising = NULL;
}

static void
try_fact(struct triage *t, struct detect *d, const struct event *e)
{
	const struct cues *c = &t->cues[e->fact->proto];
	uint32_t kind = FACT_MASK(e->fact->kind);

	if ((c->kinds & kind) == 0)
		return;
	for (uint32_t i = 0; i < c->n; i++)
		if ((c->cue[i].kinds & kind) != 0)
			try_rule(t, c->cue[i].rule, d, e);
}

bool
triage_hears(const struct triage *t, uint8_t proto)
{
	return (t->events >> EVENT_FACT & 1) != 0 || proto == t->dns ||
	    proto == t->tls;
}

/* Names of addresses: DNS tells them, and clients of TLS. */
static void
hear_name(struct triage *t, const struct event *e)
{
	const struct fact *f = e->fact;
	const struct span s = SPAN((const uint8_t *)f->text, f->text_len);

	if (f->kind == FACT_VALUE && f->proto == t->dns)
		allowed_names_answer(t->names, s);
	else if (names_server(t, f) && allowed_names_has(t->names, s))
		allowed_names_ip(t->names, &e->talk->server.ip);
}

void
triage_event(struct triage *t, struct detect *d, const struct event *e)
{
	if (e->kind == EVENT_FACT)
		hear_name(t, e);
	if ((t->events >> e->kind & 1) == 0)
		return;
	if (e->kind == EVENT_FACT) {
		try_fact(t, d, e);
		return;
	}
	for (uint32_t i = 0; i < t->n; i++)
		if ((t->list[i]->events >> e->kind & 1) != 0)
			try_rule(t, i, d, e);
}
