/*
 * filter.c - capture filters: what is left out of everything, or of one
 * component, but never of the search for malware, which sees all of it.
 *
 * Conditions of the language of rules, over what every packet of a flow has in
 * common, so that a flow is left out as a whole.  Some are set by the
 * configuration, others were added by people while the sensor ran.  A trial
 * counts, for a while, what each filter of now and one more leave out of what
 * passes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

/* Those that the configuration can set. */
static const struct set {
	enum config_key key;
	uint8_t of, take;
} sets[FILTERS_SET] = {
#define FILTER(key, of, take) { CONF_##key, FILTER_OF_##of, FILTER_##take },
#include "../config/filters.def"
#undef FILTER
};

static const unsigned outs[FILTER_OF_COUNT] = {
	[FILTER_OF_ALL] = OUT_ALL,
	[FILTER_OF_INVENTORY] = OUT_INVENTORY,
	[FILTER_OF_BASELINE] = OUT_BASELINE,
	[FILTER_OF_ALERTS] = OUT_ALERTS,
};

struct filter {
	struct rule *rule; /* its own */
	const char *key; /* of the setting; "": added */
	uint32_t number;
	uint8_t of, take;
	char text[CONFIG_TEXT];
};

struct filters {
	uint32_t n;
	struct filter at[FILTERS_SET + STORE_FILTERS];
};

/* --------------------------------------------------------------- at work */

struct sieve { /* as the filters are asked */
	unsigned out, wanted, taken;
};

static void
ask_all(const struct filters *all, const struct talk *t, struct sieve *v)
{
	for (uint32_t i = 0; all != NULL && i < all->n; i++) {
		const struct filter *f = &all->at[i];
		unsigned of = outs[f->of];
		bool yes = filter_matches(f->rule, t);

		if (f->take == FILTER_INCLUDE) {
			v->wanted |= of;
			v->taken |= yes ? of : 0;
		} else if (yes) {
			v->out |= of;
		}
	}
}

unsigned
sensor_left_out(const struct sensor *s, const struct talk *t)
{
	struct sieve v = { 0 };

	ask_all(s->set, t, &v);
	ask_all(s->added, t, &v);
	return v.out | (v.wanted & ~v.taken);
}

static void
free_all(struct filters *all)
{
	for (uint32_t i = 0; all != NULL && i < all->n; i++)
		rule_free(all->at[i].rule);
	free(all);
}

static bool
add(struct filters *all, const struct filter *f, const char *text,
    char error[static FILTER_ERROR])
{
	struct filter *to = &all->at[all->n];

	*to = *f;
	(void)snprintf(to->text, sizeof(to->text), "%s", text);
	to->rule = filter_compile(text, error);
	all->n += to->rule != NULL;
	return to->rule != NULL;
}

/* All of the settings, or none: false with a sentence.  NULL where none is
 * set. */
static bool
compile_sets(const struct config *c, struct filters **ret,
    enum config_key *ret_key, char *ret_error, size_t cap)
{
	struct filters *all = calloc(1, sizeof(*all));
	char why[FILTER_ERROR] = "out of memory";

	*ret = NULL;
	for (uint32_t i = 0; i < FILTERS_SET; i++) {
		const struct filter f = { .key = config_keys[sets[i].key].name,
			.of = sets[i].of,
			.take = sets[i].take };
		const char *text = c->text[sets[i].key];

		if (text[0] == '\0' || (all != NULL && add(all, &f, text, why)))
			continue;
		*ret_key = sets[i].key;
		(void)snprintf(ret_error, cap, "%s: %s", f.key, why);
		free_all(all);
		return false;
	}
	if (all != NULL && all->n > 0)
		*ret = all;
	else
		free_all(all);
	return true;
}

bool
filters_check(const struct config *c, enum config_key *ret_key, char *ret_error,
    size_t cap)
{
	struct filters *all;

	if (!compile_sets(c, &all, ret_key, ret_error, cap))
		return false;
	free_all(all);
	return true;
}

bool
sensor_filters(struct sensor *s, const struct config *c)
{
	char why[FILTER_ERROR + 64];
	struct filters *all;
	enum config_key key;

	if (!compile_sets(c, &all, &key, why, sizeof(why)))
		return sensor_fail(s, why);
	free_all(s->set);
	s->set = all;
	return true;
}

static int
word_of(const char *text, const char *(*name)(uint32_t))
{
	for (uint32_t i = 0; name(i) != NULL; i++)
		if (strcmp(text, name(i)) == 0)
			return (int)i;
	return -1;
}

static bool
add_said(struct filters *all, const struct said_filter *q,
    char why[static FILTER_ERROR])
{
	int of = word_of(q->of, filter_of_name),
	    take = word_of(q->take, filter_take_name);
	const struct filter f = { .key = "",
		.number = q->number,
		.of = (uint8_t)of,
		.take = (uint8_t)take };

	if (of >= 0 && take >= 0)
		return add(all, &f, q->condition, why);
	(void)snprintf(why, FILTER_ERROR, "it is of another version");
	return false;
}

bool
sensor_added_filters(struct sensor *s)
{
	struct said_filter *said = calloc(STORE_FILTERS, sizeof(*said));
	struct filters *all = calloc(1, sizeof(*all));
	char why[FILTER_ERROR], text[STORE_ERROR];
	uint32_t n = 0;
	bool ok =
	    (said != NULL && all != NULL) || sensor_fail(s, "out of memory");

	if (ok && !store_filters(s->store, said, &n))
		ok = sensor_fail(s, store_error(s->store));
	for (uint32_t i = 0; ok && i < n; i++) {
		if (add_said(all, &said[i], why))
			continue;
		(void)snprintf(text, sizeof(text),
		    "capture filter %u is not applied: %s", said[i].number,
		    why);
		(void)sensor_fail(s, text);
	}
	free(said);
	if (ok) {
		free_all(s->added);
		s->added = all->n > 0 ? all : NULL;
	}
	if (!ok || s->added == NULL)
		free_all(all);
	return ok;
}

void
sensor_no_filters(struct sensor *s)
{
	free_all(s->set);
	free_all(s->added);
	sensor_trial_end(s, NULL);
}

/* ----------------------------------------------------------------- trial */

struct trial {
	struct trial_result so_far;
	struct rule *rule[TRIAL_ROWS]; /* its own: those at work may change */
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
		struct trial_row *row = &r->so_far.row[i];

		if (filter_matches(r->rule[i], t) ==
		    (row->take == FILTER_INCLUDE))
			continue;
		row->packets += packets;
		row->bytes += bytes;
	}
}

static bool
add_row(struct trial *r, const struct filter *f,
    char error[static FILTER_ERROR])
{
	uint32_t i = r->so_far.n;
	struct trial_row *row = &r->so_far.row[i];

	r->rule[i] = filter_compile(f->text, error);
	if (r->rule[i] == NULL)
		return false;
	r->so_far.n++;
	row->key = f->key;
	row->number = f->number;
	row->of = f->of;
	row->take = f->take;
	memcpy(row->text, f->text, sizeof(row->text));
	return true;
}

static bool
add_rows(struct trial *r, const struct filters *all,
    char error[static FILTER_ERROR])
{
	for (uint32_t i = 0; all != NULL && i < all->n; i++)
		if (!add_row(r, &all->at[i], error))
			return false;
	return true;
}

bool
sensor_trial_begin(struct sensor *s, const char *condition,
    enum filter_take take, char ret_error[static FILTER_ERROR])
{
	struct filter one = { .key = "", .take = (uint8_t)take };
	struct trial *r = calloc(1, sizeof(*r));

	sensor_trial_end(s, NULL);
	s->trial = r;
	if (r == NULL) {
		(void)snprintf(ret_error, FILTER_ERROR, "out of memory");
		return false;
	}
	if (condition != NULL)
		(void)snprintf(one.text, sizeof(one.text), "%s", condition);
	if ((one.text[0] != '\0' && !add_row(r, &one, ret_error)) ||
	    !add_rows(r, s->set, ret_error) ||
	    !add_rows(r, s->added, ret_error)) {
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
