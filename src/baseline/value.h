/*
 * value.h - inside of the table of tags: value.c learns and judges,
 * value_keep.c shows and saves.
 */
#ifndef BASELINE_VALUE_H
#define BASELINE_VALUE_H

#include "places.h"

#define FEW 16u

enum tag_flag {
	TAG_READY = 1,
	TAG_BUSY = 2, /* seen since it was saved */
	TAG_WRITTEN = 4,
	TAG_MANY = 8, /* more than FEW values */
	TAG_BEGUN = 16,
	TAG_TOLD = 32, /* that it is outside; until it is inside again */
	TAG_WHOLE = 64, /* only whole numbers */
	TAG_JUMPED = 128, /* a step too large, waiting whether it stays */
};

struct tag {
	double last;
	int64_t at; /* of the last sample */
	uint32_t samples; /* saturating */
	uint32_t window;
	uint8_t flags; /* TAG_... */
	uint8_t n_few, outside, told; /* in a row; findings */
	uint32_t up, down, small; /* changes; within two quanta */
	double least, most;
	double step; /* largest */
	double quantum; /* smallest change, 0 none yet */
	double usual_gap; /* seconds between samples, running mean */
	double strange_least, strange_most; /* outside, for values_accept() */
	double strange_step;
	double jumped_from;
	int64_t first, age; /* of this run, learned before */
	int64_t grown; /* when it last left what it had shown */
	int64_t stretched; /* and by more than a twentieth */
	float few[FEW];
};
_Static_assert(sizeof(struct tag) <= 256, "four cache lines");

struct values {
	struct places places;
	struct tag *tag;
	struct estimator_config config;
	struct shadow shadow;
	uint32_t ready, saved_window;
};

static inline bool
tag_has(const struct tag *t, uint8_t flag)
{
	return (t->flags & flag) != 0;
}

static inline void
tag_set(struct tag *t, uint8_t flag, bool on)
{
	t->flags = (uint8_t)(on ? t->flags | flag : t->flags & ~flag);
}

int64_t tag_age(const struct tag *);
enum value_model tag_model(const struct tag *);

#endif
