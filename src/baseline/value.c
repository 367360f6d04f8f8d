/*
 * value.c - values of tags: constants, few values, ranges, counters.
 *
 * A tag is judged after two weeks and 200 samples, and a week in which its
 * range grew by no more than a twentieth at once.  It is then
 *
 *	a constant	one value ever
 *	an enumeration	at most 16 values, and it jumps between them
 *	a range		with a fifth of it as margin on either side (three
 *			tenths while it grows), and the largest step with
 *			half again
 *	a counter	moves one way only: nothing can be said
 *	noisy		spoke three times without anybody agreeing: neither
 *
 * What a client sets is judged at once, what a server tells after three
 * samples in a row.
 */
#include <math.h>
#include <stdio.h>

#include "../base/reserve.h"
#include "value.h"

#define TAGS 131072u
#define LEARN_SECONDS (14 * 86400)
#define CALM_SECONDS (7 * 86400)
#define LEARN_SAMPLES 200u
#define MARGIN 0.20
#define MARGIN_WIDE 0.30 /* of a range that grew this week */
#define STRETCH 0.05
#define STEP_MARGIN 1.5
#define ROW 3u /* samples of a monitored tag */
#define NOISY 3u /* findings that nobody agreed to */
#define ONE_WAY_LEAST 20u /* changes, to call it a counter */

static void
bump(uint8_t *n)
{
	if (*n < UINT8_MAX)
		++*n;
}

static void
set_time(struct tag *t, const struct moment *m)
{
	if (t->at < m->at.ns)
		t->at = m->at.ns;
}

struct values *
values_new(const struct estimator_config *config)
{
	struct values *v = reserve(sizeof(*v));
	uint32_t max = config->max != 0 ? config->max : TAGS;

	if (v == NULL)
		return NULL;
	v->config = *config;
	v->tag = reserve(((size_t)max + 1) * sizeof(*v->tag));
	if (!places_open(&v->places, max) || v->tag == NULL) {
		values_free(v);
		return NULL;
	}
	return v;
}

void
values_free(struct values *v)
{
	if (v == NULL)
		return;
	release(v->tag, ((size_t)v->places.max + 1) * sizeof(*v->tag));
	places_close(&v->places);
	release(v, sizeof(*v));
}

uint32_t
values_entry(struct values *v, uint32_t server, uint8_t proto, uint32_t unit,
    const struct fact_object *o)
{
	struct ident id = { .part = { server, unit,
				proto | (uint32_t)o->space << 16, o->area,
				o->first, o->sub } };
	bool is_new;

	return places_of(&v->places, &id, &is_new);
}

/* ----------------------------------------------------------------- learning */

static bool
same(double a, double b)
{
	return !(a < b) && !(a > b);
}

static bool
is_known(const struct tag *t, double value)
{
	for (unsigned i = 0; i < t->n_few; i++)
		if (same((double)t->few[i], (double)(float)value))
			return true;
	return false;
}

static void
learn_few(struct tag *t, double value)
{
	if (tag_has(t, TAG_MANY) || is_known(t, value))
		return;
	if (t->n_few == FEW)
		tag_set(t, TAG_MANY, true);
	else
		t->few[t->n_few++] = (float)value;
}

int64_t
tag_age(const struct tag *t)
{
	return t->age + (tag_has(t, TAG_BEGUN) ? t->at - t->first : 0);
}

static void
learn_value(struct tag *t, double value)
{
	double more = STRETCH * (t->most - t->least);

	learn_few(t, value);
	if (value < t->least || value > t->most)
		t->grown = tag_age(t);
	if (value < t->least - more || value > t->most + more)
		t->stretched = tag_age(t);
	if (value < t->least)
		t->least = value;
	if (value > t->most)
		t->most = value;
}

static void
learn_change(struct tag *t, double change, bool step_counts)
{
	double size = fabs(change);

	if (same(size, 0))
		return;
	t->up += change > 0;
	t->down += change < 0;
	if (t->quantum <= 0 || size < t->quantum)
		t->quantum = size;
	t->small += size <= 2 * t->quantum;
	if (step_counts && size > t->step)
		t->step = size;
	if (t->up + t->down > UINT32_MAX / 2) {
		t->up /= 2;
		t->down /= 2;
		t->small /= 2;
	}
}

/* Of its changes, 95 % go one way. */
static bool
is_counter(const struct tag *t)
{
	uint32_t all = t->up + t->down;
	uint32_t more = t->up > t->down ? t->up : t->down;

	return all >= ONE_WAY_LEAST && (uint64_t)more * 100 > all * 95ull;
}

/* It wanders through its values rather than jump between them. */
static bool
wanders(const struct tag *t)
{
	uint32_t all = t->up + t->down;

	return t->n_few > 2 && all > 0 &&
	    (uint64_t)t->small * 100 >= all * 80ull;
}

enum value_model
tag_model(const struct tag *t)
{
	if (!tag_has(t, TAG_READY))
		return VALUE_LEARNING;
	if (t->told >= NOISY)
		return VALUE_NOISY;
	if (is_counter(t))
		return VALUE_COUNTER;
	if (tag_has(t, TAG_MANY) || wanders(t))
		return VALUE_RANGE;
	return t->n_few == 1 ? VALUE_CONSTANT : VALUE_ENUM;
}

static void
judge_again(struct values *v, struct tag *t)
{
	uint32_t scale = v->config.learn_scale;

	if (tag_has(t, TAG_READY) || t->samples < LEARN_SAMPLES ||
	    tag_age(t) < learn_span(LEARN_SECONDS, scale) ||
	    tag_age(t) - t->stretched < learn_span(CALM_SECONDS, scale))
		return;
	tag_set(t, TAG_READY, true);
	v->ready++;
}

/* Who was there for most of what was watched, and kept within its range for
 * half of it, is known well enough. */
void
values_judge(struct values *v, int64_t learned, int64_t since)
{
	const int64_t span = learn_span(LEARN_SECONDS, v->config.learn_scale);

	if (learned > span)
		learned = span;
	for (uint32_t i = 1; i <= v->places.n; i++) {
		struct tag *t = &v->tag[i];

		if (tag_has(t, TAG_READY) || t->samples < LEARN_SAMPLES ||
		    tag_age(t) - since < learned / 10 * 8 ||
		    tag_age(t) - t->stretched < learned / 2)
			continue;
		t->flags |= TAG_READY | TAG_BUSY;
		v->ready++;
	}
}

/* ------------------------------------------------------------------ judging */

/* A part of the range, at least two of its steps of resolution. */
static double
margin_of(const struct values *v, const struct tag *t)
{
	bool calm = tag_age(t) - t->grown >=
	    learn_span(CALM_SECONDS, v->config.learn_scale);
	double margin = (calm ? MARGIN : MARGIN_WIDE) * (t->most - t->least);

	if (wanders(t) || tag_has(t, TAG_MANY))
		margin = fmax(margin, 2 * t->quantum);
	return margin;
}

static bool
is_outside(const struct values *v, const struct tag *t, enum value_model model,
    double value)
{
	double margin;

	if (model == VALUE_CONSTANT || model == VALUE_ENUM)
		return !is_known(t, value);
	margin = margin_of(v, t);
	return value < t->least - margin || value > t->most + margin;
}

static void
describe(const struct tag *t, enum value_model model, struct finding *ret)
{
	char *to = ret->text, time[24];
	size_t cap = sizeof(ret->text);

	if (ret->why == WHY_STEP)
		(void)snprintf(to, cap,
		    "moved by at most %.6g between samples in %s", t->step,
		    span_words(tag_age(t), time));
	else if (model == VALUE_CONSTANT)
		(void)snprintf(to, cap, "always %.6g in %s", t->least,
		    span_words(tag_age(t), time));
	else if (model == VALUE_ENUM)
		(void)snprintf(to, cap, "one of %u values, %.6g to %.6g, in %s",
		    (unsigned)t->n_few, t->least, t->most,
		    span_words(tag_age(t), time));
	else
		(void)snprintf(to, cap, "%.6g to %.6g in %s", t->least, t->most,
		    span_words(tag_age(t), time));
}

static struct finding
finding_of(const struct values *v, uint32_t at, enum why why, double value,
    const struct moment *m)
{
	const struct ident *id = &v->places.ident[at];
	const struct tag *t = &v->tag[at];
	enum value_model model = tag_model(t);
	double margin = model == VALUE_RANGE ? margin_of(v, t) : 0;
	struct finding f = { .why = why,
		.proto = (uint8_t)id->part[2],
		.server = id->part[0],
		.links = 1,
		.at = m->at,
		.value = value,
		.least = t->least - margin,
		.most = t->most + margin };

	if (why == WHY_STEP) {
		f.least = 0;
		f.most = t->step * STEP_MARGIN;
	}
	describe(t, model, &f);
	return f;
}

static bool
told(struct values *v, struct tag *t)
{
	tag_set(t, TAG_TOLD, true);
	bump(&t->told);
	shadow_hit(&v->shadow);
	return true;
}

static bool
outside(struct values *v, uint32_t at, double value, bool written,
    const struct moment *m, struct finding *ret)
{
	struct tag *t = &v->tag[at];

	if (t->outside == 0)
		t->strange_least = t->strange_most = value;
	t->strange_least = fmin(t->strange_least, value);
	t->strange_most = fmax(t->strange_most, value);
	bump(&t->outside);
	if (tag_has(t, TAG_TOLD) || (t->outside < ROW && !written))
		return false;
	*ret = finding_of(v, at, WHY_RANGE, value, m);
	return told(v, t);
}

/* Moved further than ever between two samples, and stayed there. */
static bool
jumped(struct values *v, uint32_t at, double value, bool written,
    const struct moment *m, struct finding *ret)
{
	struct tag *t = &v->tag[at];
	double size = fabs(value - t->jumped_from);

	if (size <= t->step * STEP_MARGIN + 2 * t->quantum) {
		tag_set(t, TAG_JUMPED, false); /* came back */
		t->outside = 0;
		return false;
	}
	bump(&t->outside);
	if (t->outside < ROW && !written)
		return false;
	tag_set(t, TAG_JUMPED, false);
	t->outside = 0;
	t->strange_step = size;
	*ret = finding_of(v, at, WHY_STEP, size, m);
	bump(&t->told);
	shadow_hit(&v->shadow);
	return true;
}

/* Is the time since the last sample a usual one? */
static bool
step_counts(struct tag *t, const struct moment *m)
{
	int64_t ns = m->at.ns - t->at;
	double gap = (double)ns / (double)TICK_SECOND;
	bool usual = !m->lost && gap <= 3 * t->usual_gap + 0.001;

	if (gap >= 0 && gap < 86400)
		t->usual_gap += (gap - t->usual_gap) / 64;
	return usual;
}

static bool
judge(struct values *v, uint32_t at, double value, bool written, bool steps,
    const struct moment *m, struct finding *ret)
{
	struct tag *t = &v->tag[at];
	enum value_model model = tag_model(t);
	bool back = !tag_has(t, TAG_JUMPED) && t->outside > 0;

	if (model == VALUE_LEARNING || model == VALUE_NOISY ||
	    model == VALUE_COUNTER)
		return false;
	if (is_outside(v, t, model, value)) {
		if (tag_has(t, TAG_JUMPED))
			t->outside = 0;
		tag_set(t, TAG_JUMPED, false);
		return outside(v, at, value, written, m, ret);
	}
	if (back)
		t->outside = 0;
	tag_set(t, TAG_TOLD, false);
	if (model != VALUE_RANGE)
		return false;
	if (!tag_has(t, TAG_JUMPED) && steps && !back &&
	    fabs(value - t->last) > t->step * STEP_MARGIN + 2 * t->quantum) {
		tag_set(t, TAG_JUMPED, true);
		t->jumped_from = t->last;
		t->outside = 0;
	}
	return tag_has(t, TAG_JUMPED) && jumped(v, at, value, written, m, ret);
}

static void
begin(struct tag *t, double value, const struct moment *m)
{
	if (t->samples == 0) {
		t->least = t->most = value;
		learn_few(t, value);
	}
	t->flags |= TAG_BEGUN;
	t->first = t->at = m->at.ns;
	t->last = value;
}

/* Not what it was: judge, and learn unless it is strange. */
static bool
changed(struct values *v, uint32_t at, double value, bool written,
    const struct moment *m, struct finding *ret)
{
	struct tag *t = &v->tag[at];
	bool steps = step_counts(t, m);
	bool found = judge(v, at, value, written, steps, m, ret);
	bool strange =
	    t->outside > 0 || tag_has(t, TAG_TOLD | TAG_JUMPED) || found;

	set_time(t, m);
	if (!strange) {
		learn_value(t, value);
		learn_change(t, value - t->last, steps);
	}
	t->last = value;
	return found;
}

bool
values_seen(struct values *v, uint32_t entry, double value, bool written,
    const struct moment *m, struct finding *ret)
{
	struct tag *t = &v->tag[entry];
	bool found = false;

	if (entry == 0 || !isfinite(value))
		return false;
	(void)shadow_clock(&v->shadow, m, v->ready > 0);
	t->flags |= (uint8_t)(written ? TAG_BUSY | TAG_WRITTEN : TAG_BUSY);
	if (!tag_has(t, TAG_BEGUN))
		begin(t, value, m);
	if (!same(value, t->last) || t->outside > 0 || tag_has(t, TAG_JUMPED)) {
		found = changed(v, entry, value, written, m, ret);
	} else {
		(void)step_counts(t, m);
		set_time(t, m);
	}
	t->samples += t->samples < UINT32_MAX;
	if (t->window != m->window || t->samples == LEARN_SAMPLES) {
		t->window = m->window;
		judge_again(v, t);
	}
	return found;
}

void
values_accept(struct values *v, uint32_t entry)
{
	struct tag *t = &v->tag[entry];

	if (entry == 0 || entry > v->places.n)
		return;
	if (t->outside > 0 || tag_has(t, TAG_TOLD)) {
		learn_value(t, t->strange_least);
		learn_value(t, t->strange_most);
	}
	t->step = fmax(t->step, t->strange_step);
	t->strange_step = 0;
	t->outside = t->told = 0;
	tag_set(t, TAG_TOLD | TAG_JUMPED, false);
	t->flags |= TAG_BUSY;
}

bool
values_judges(const struct values *v, uint32_t server, uint8_t proto)
{
	for (uint32_t i = 1; i <= v->places.n; i++)
		if (v->places.taken[i] &&
		    v->places.ident[i].part[0] == server &&
		    (v->places.ident[i].part[2] & 0xffff) == proto &&
		    tag_has(&v->tag[i], TAG_READY))
			return true;
	return false;
}
