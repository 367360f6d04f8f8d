/*
 * filter.c - capture filters: what is left out of everything, or of one
 * component, but never of the search for malware, which sees all of it.
 *
 * Conditions of the language of rules, over what every packet of a flow has in
 * common, so that a flow is left out as a whole.  A trial counts, for a while,
 * what each filter of now and one more leave out of what passes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../detect/event.h"
#include "private.h"

static const struct {
	enum config_key key;
	unsigned out; /* what it keeps a flow from */
	bool others; /* those of which it is not true */
} filters[FILTER_COUNT] = {
	[FILTER_INCLUDE] = { CONF_FILTER_INCLUDE, OUT_ALL, true },
	[FILTER_EXCLUDE] = { CONF_FILTER_EXCLUDE, OUT_ALL, false },
	[FILTER_INVENTORY] = { CONF_FILTER_INVENTORY, OUT_INVENTORY, false },
	[FILTER_BASELINE] = { CONF_FILTER_BASELINE, OUT_BASELINE, false },
	[FILTER_ALERTS] = { CONF_FILTER_ALERTS, OUT_ALERTS, false },
};

static const enum field may_ask[] = { FIELD_CLIENT, FIELD_SERVER, FIELD_PORT,
	FIELD_CLIENT_PORT, FIELD_VIA, FIELD_SERVICE, FIELD_VLAN };
#define MAY_ASK (sizeof(may_ask) / sizeof(may_ask[0]))

static bool
is_allowed(uint32_t field)
{
	for (size_t i = 0; i < MAY_ASK; i++)
		if (may_ask[i] == field)
			return true;
	return false;
}

struct rule *
filter_compile(const char *text, char ret_error[static FILTER_ERROR])
{
	struct rule_error e;
	struct rule *r = rule_compile(&event_schema, span_text(text), &e);

	if (r == NULL) {
		(void)snprintf(ret_error, FILTER_ERROR, "%s", e.text);
		return NULL;
	}
	for (uint32_t i = 0; i < FIELD_COUNT; i++)
		if (rule_asks(r, i) && !is_allowed(i)) {
			(void)snprintf(ret_error, FILTER_ERROR,
			    "a capture filter cannot ask for %s: there are "
			    "client, server, port, client_port, via, service "
			    "and vlan",
			    event_schema.field[i].name);
			rule_free(r);
			return NULL;
		}
	return r;
}

bool
filter_matches(const struct rule *r, const struct talk *t)
{
	struct event e = { .kind = EVENT_BEGIN, .at = t->first, .talk = t };

	return rule_matches(r, &e);
}

const char *
filter_key(enum filter f)
{
	return config_keys[filters[f].key].name;
}

/* --------------------------------------------------------------- at work */

unsigned
sensor_left_out(const struct sensor *s, const struct talk *t)
{
	unsigned out = 0;

	for (uint32_t i = 0; i < FILTER_COUNT; i++)
		if (s->filter[i] != NULL &&
		    filter_matches(s->filter[i], t) != filters[i].others)
			out |= filters[i].out;
	return out;
}

static void
free_all(struct rule *r[FILTER_COUNT])
{
	for (uint32_t i = 0; i < FILTER_COUNT; i++)
		rule_free(r[i]);
}

/* All of the settings, or none: false with a sentence. */
static bool
compile_all(const struct config *c, struct rule *ret[FILTER_COUNT],
    enum config_key *ret_key, char *ret_error, size_t cap)
{
	char why[FILTER_ERROR];

	memset(ret, 0, FILTER_COUNT * sizeof(ret[0]));
	for (uint32_t i = 0; i < FILTER_COUNT; i++) {
		const char *text = c->text[filters[i].key];

		if (text[0] == '\0')
			continue;
		ret[i] = filter_compile(text, why);
		if (ret[i] != NULL)
			continue;
		*ret_key = filters[i].key;
		(void)snprintf(ret_error, cap, "%s: %s",
		    filter_key((enum filter)i), why);
		free_all(ret);
		return false;
	}
	return true;
}

bool
filters_check(const struct config *c, enum config_key *ret_key, char *ret_error,
    size_t cap)
{
	struct rule *all[FILTER_COUNT];

	if (!compile_all(c, all, ret_key, ret_error, cap))
		return false;
	free_all(all);
	return true;
}

bool
sensor_filters(struct sensor *s, const struct config *c)
{
	struct rule *all[FILTER_COUNT];
	char why[FILTER_ERROR + 64];
	enum config_key key;

	if (!compile_all(c, all, &key, why, sizeof(why)))
		return sensor_fail(s, why);
	free_all(s->filter);
	memcpy(s->filter, all, sizeof(s->filter));
	s->filters = false;
	for (uint32_t i = 0; i < FILTER_COUNT; i++)
		s->filters |= all[i] != NULL;
	return true;
}

void
sensor_no_filters(struct sensor *s)
{
	free_all(s->filter);
	sensor_trial_end(s, NULL);
}

/* ----------------------------------------------------------------- trial */

struct trial {
	struct trial_result so_far;
	struct rule *rule[TRIAL_ROWS]; /* its own: those at work may change */
	bool others[TRIAL_ROWS];
	bool minus; /* what passed before it began */
};

static void
count(void *ctx, const struct talk *t)
{
	struct trial *r = ctx;
	uint64_t packets = (uint64_t)t->packets[0] + t->packets[1];
	uint64_t bytes = t->bytes[0] + t->bytes[1];

	/* differences, modulo 2^64 */
	packets = r->minus ? -packets : packets;
	bytes = r->minus ? -bytes : bytes;
	r->so_far.packets += packets;
	r->so_far.bytes += bytes;
	for (uint32_t i = 0; i < r->so_far.n; i++) {
		if (filter_matches(r->rule[i], t) == r->others[i])
			continue;
		r->so_far.row[i].packets += packets;
		r->so_far.row[i].bytes += bytes;
	}
}

static bool
add_row(struct trial *r, const char *key, const char *text, bool others,
    char error[static FILTER_ERROR])
{
	struct trial_row *row = &r->so_far.row[r->so_far.n];

	if (text == NULL || text[0] == '\0')
		return true;
	r->rule[r->so_far.n] = filter_compile(text, error);
	if (r->rule[r->so_far.n] == NULL)
		return false;
	r->others[r->so_far.n++] = others;
	row->key = key;
	(void)snprintf(row->text, sizeof(row->text), "%s", text);
	return true;
}

bool
sensor_trial_begin(struct sensor *s, const struct config *c,
    const char *condition, char ret_error[static FILTER_ERROR])
{
	struct trial *r = calloc(1, sizeof(*r));
	bool ok;

	sensor_trial_end(s, NULL);
	s->trial = r;
	if (r == NULL) {
		(void)snprintf(ret_error, FILTER_ERROR, "out of memory");
		return false;
	}
	ok = add_row(r, "", condition, false, ret_error);
	for (uint32_t i = 0; ok && i < FILTER_COUNT; i++)
		ok = add_row(r, filter_key((enum filter)i),
		    c->text[filters[i].key], filters[i].others, ret_error);
	if (!ok) {
		sensor_trial_end(s, NULL);
		return false;
	}
	r->minus = true;
	flow_each(s->flows, count, r);
	r->minus = false;
	return true;
}

void
sensor_trial_tally(struct sensor *s, const struct talk *t)
{
	if (s->trial != NULL && !s->playing)
		count(s->trial, t);
}

void
sensor_trial_end(struct sensor *s, struct trial_result *ret)
{
	struct trial *r = s->trial;

	if (r == NULL)
		return;
	if (ret != NULL) {
		flow_each(s->flows, count, r);
		*ret = r->so_far;
	}
	for (uint32_t i = 0; i < r->so_far.n; i++)
		rule_free(r->rule[i]);
	free(r);
	s->trial = NULL;
}
