/*
 * value_keep.c - tags: shown in lists and reports, saved and loaded.
 */
#include "value.h"

#define VERSION 1

/* ------------------------------------------------------------------ looking */

void
values_report(const struct values *v, struct estimator_report *ret)
{
	*ret = (struct estimator_report){ .entries = v->places.n,
		.ready = v->ready,
		.left_out = v->places.left_out };
	for (uint32_t i = 1; i <= v->places.n; i++) {
		enum value_model model = tag_model(&v->tag[i]);

		ret->excluded += model == VALUE_COUNTER || model == VALUE_NOISY;
	}
	shadow_report(&v->shadow, v->config.window_seconds, ret);
}

const char *
value_model_name(uint32_t model)
{
	static const char *const names[] = { "learning", "constant", "enum",
		"range", "counter", "noisy" };

	_Static_assert(sizeof(names) / sizeof(names[0]) == VALUE_MODEL_COUNT,
	    "one each");
	return model < VALUE_MODEL_COUNT ? names[model] : "?";
}

bool
values_at(const struct values *v, uint32_t entry, struct value_view *ret)
{
	const struct ident *id = &v->places.ident[entry];
	const struct tag *t = &v->tag[entry];

	if (entry == 0 || entry > v->places.n || !v->places.taken[entry])
		return false;
	*ret = (struct value_view){ .server = id->part[0],
		.unit = id->part[1],
		.proto = (uint8_t)id->part[2],
		.object = { .space = (uint16_t)(id->part[2] >> 16),
		    .area = id->part[3],
		    .first = id->part[4],
		    .sub = (uint16_t)id->part[5],
		    .count = 1 },
		.model = tag_model(t),
		.samples = t->samples,
		.least = t->least,
		.most = t->most,
		.step = t->step,
		.last = t->last };
	return true;
}

/* ------------------------------------------------------------------- saving */

static bool
pack(void *ctx, uint32_t number, struct block *b)
{
	struct values *v = ctx;
	const struct tag *t = &v->tag[number];

	if (number == 0) {
		put_shadow(b, &v->shadow);
		return true;
	}
	if (!tag_has(t, TAG_BUSY))
		return false;
	put_ident(b, &v->places.ident[number]);
	put_le(b, (uint64_t)tag_age(t), 8);
	put_le(b, (uint64_t)t->grown, 8);
	put_le(b, (uint64_t)t->stretched, 8);
	put_le(b, t->samples, 4);
	put_le(b, t->flags & (TAG_READY | TAG_WRITTEN | TAG_MANY), 1);
	put_le(b, t->told, 1);
	put_le(b, t->up, 4);
	put_le(b, t->down, 4);
	put_le(b, t->small, 4);
	put_real(b, t->least);
	put_real(b, t->most);
	put_real(b, t->step);
	put_real(b, t->quantum);
	put_real(b, t->usual_gap);
	put_le(b, t->n_few, 1);
	for (unsigned i = 0; i < t->n_few; i++)
		put_real(b, (double)t->few[i]);
	return true;
}

static void
saved(void *ctx, uint32_t number)
{
	struct values *v = ctx;

	tag_set(&v->tag[number], TAG_BUSY, false);
}

bool
values_save(struct values *v, const struct baseline_sink *sink, bool all)
{
	const struct saver s = { BLOCK_VALUE, VERSION, v, pack, saved };

	if (!all && v->saved_window == v->shadow.window)
		return true;
	if (!save_places(&s, v->places.n, sink))
		return false;
	v->saved_window = v->shadow.window;
	return true;
}

static void
unpack(struct tag *t, struct rd *r)
{
	*t = (struct tag){ .age = (int64_t)rd_le64(r) };
	t->grown = (int64_t)rd_le64(r);
	t->stretched = (int64_t)rd_le64(r);
	t->samples = rd_le32(r);
	t->flags = rd_u8(r) & (TAG_READY | TAG_WRITTEN | TAG_MANY);
	t->told = rd_u8(r);
	t->up = rd_le32(r);
	t->down = rd_le32(r);
	t->small = rd_le32(r);
	t->least = rd_lef64(r);
	t->most = rd_lef64(r);
	t->step = rd_lef64(r);
	t->quantum = rd_lef64(r);
	t->usual_gap = rd_lef64(r);
	t->n_few = rd_u8(r);
	rd_require(r, t->n_few <= FEW, "more than few values");
	for (unsigned i = 0; rd_ok(r) && i < t->n_few; i++)
		t->few[i] = (float)rd_lef64(r);
}

bool
values_load(struct values *v, uint64_t id, struct span bytes)
{
	struct rd_state state;
	struct rd r;
	struct ident ident;
	struct tag t;

	if (!block_open(&r, &state, bytes, VERSION) || id > v->places.max)
		return false;
	if (id == 0) {
		rd_shadow(&r, &v->shadow);
		return block_done(&r);
	}
	ident = rd_ident(&r);
	unpack(&t, &r);
	if (!block_done(&r) || !places_put(&v->places, (uint32_t)id, &ident))
		return false;
	v->tag[id] = t;
	v->ready += tag_has(&t, TAG_READY);
	return true;
}
