/*
 * windows.c - Windows endpoints: as whom they are asked, what they said, and
 * what of it is new since.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

#define FORGET_NS (INT64_C(400) * 86400 * TICK_SECOND) /* what is gone */

/* ------------------------------------------------------------------- ranges
 */

bool
store_put_windows_range(struct store *st, struct windows_range *r)
{
	bool is_new = r->id == 0;

	if (is_new)
		r->id = st->next_windows++;
	if (store_row(st, TABLE_WINDOWS_RANGE, r))
		return true;
	if (is_new)
		r->id = 0;
	return false;
}

struct looking {
	bool (*got)(void *ctx, const struct windows_range *);
	void *ctx;
};

static bool
got_range(void *ctx, const void *row)
{
	const struct looking *l = ctx;

	return l->got(l->ctx, row);
}

bool
store_each_windows_range(struct store *st,
    bool (*got)(void *ctx, const struct windows_range *), void *ctx)
{
	struct looking l = { .got = got, .ctx = ctx };
	struct windows_range row;

	return store_each(st, TABLE_WINDOWS_RANGE, "ORDER BY id", 0, &row,
	    sizeof(row), got_range, &l);
}

static bool
copy_range(void *ctx, const void *row)
{
	memcpy(ctx, row, sizeof(struct windows_range));
	return true;
}

bool
store_get_windows_range(struct store *st, uint32_t id,
    struct windows_range *ret)
{
	struct windows_range row;

	memset(ret, 0, sizeof(*ret));
	if (!store_each(st, TABLE_WINDOWS_RANGE, "WHERE id = ?1", id, &row,
		sizeof(row), copy_range, ret))
		return false;
	return (ret->id == id && id != 0) ||
	    store_fail(st, "there is no range %u of Windows endpoints in %s",
		id, st->dir);
}

bool
store_delete_windows_range(struct store *st, uint32_t id)
{
	return store_do(st, STATEMENT_WINDOWS_RANGE_GONE, "i", (int64_t)id);
}

/* ---------------------------------------------------------- rows of an address
 */

/* "WHERE ip = '10.1.2.3'": the text is ours. */
static void
of_address(const struct ip *ip, char dst[static 80])
{
	char text[ADDR_TEXT_MAX];

	(void)snprintf(dst, 80, "WHERE ip = '%s'", ip_text(ip, text));
}

static bool
copy_host(void *ctx, const void *row)
{
	memcpy(ctx, row, sizeof(struct windows_host));
	return true;
}

bool
store_get_windows_host(struct store *st, struct windows_host *ret)
{
	struct windows_host row;
	char tail[80];

	of_address(&ret->ip, tail);
	*ret = (struct windows_host){ .ip = ret->ip };
	return store_each(st, TABLE_WINDOWS_HOST, tail, 0, &row, sizeof(row),
	    copy_host, ret);
}

bool
store_put_windows_host(struct store *st, const struct windows_host *h)
{
	return store_row(st, TABLE_WINDOWS_HOST, h);
}

/* ------------------------------------------------------------------ merging
 */

struct facts {
	struct windows_fact *of;
	uint32_t n, cap;
};

static bool
keep_fact(void *ctx, const void *row)
{
	struct facts *f = ctx;

	if (f->n == f->cap) {
		uint32_t cap = f->cap == 0 ? 256 : 2 * f->cap;
		struct windows_fact *more =
		    reallocarray(f->of, cap, sizeof(*more));

		if (more == NULL)
			return false;
		f->of = more;
		f->cap = cap;
	}
	memcpy(&f->of[f->n++], row, sizeof(f->of[0]));
	return true;
}

static int
by_name(const void *a, const void *b)
{
	const struct windows_fact *x = a, *y = b;
	int c = strcmp(x->kind, y->kind);

	return c != 0 ? c : strcmp(x->name, y->name);
}

static int
by_all(const void *a, const void *b)
{
	const struct windows_fact *x = a, *y = b;
	int c = by_name(a, b);

	return c != 0 ? c : strcmp(x->value, y->value);
}

/* Two of a name (programs in two versions) are one, with both values. */
static uint32_t
join_equal(struct windows_fact *f, uint32_t n)
{
	uint32_t to = 0;

	for (uint32_t i = 1; i < n; i++) {
		struct windows_fact *last = &f[to];
		size_t len = strlen(last->value);

		if (by_name(last, &f[i]) != 0)
			f[++to] = f[i];
		else if (strcmp(f[i].value, f[i - 1].value) != 0)
			(void)snprintf(last->value + len,
			    sizeof(last->value) - len, "%s%s",
			    len > 0 ? ", " : "", f[i].value);
	}
	return n > 0 ? to + 1 : 0;
}

static bool
put_one(struct store *st, struct windows_fact *f,
    const struct windows_fact *before, struct tick at, struct windows_news *n)
{
	bool back = before != NULL && before->gone.ns != 0;

	f->first = before != NULL && !back ? before->first : at;
	f->last = at;
	f->gone.ns = 0;
	f->changed = before != NULL ? before->changed : (struct tick){ 0 };
	memcpy(f->was, before != NULL ? before->was : "",
	    before != NULL ? sizeof(f->was) : 1);
	if (before != NULL && strcmp(before->value, f->value) != 0) {
		memcpy(f->was, before->value, sizeof(f->was));
		f->changed = at;
		n->changed += !back;
	}
	n->new_ones += before == NULL || back;
	return store_row(st, TABLE_WINDOWS_FACT, f);
}

/* Something of this kind was found. */
static bool
is_found(const struct windows_fact *f, uint32_t n, const char *kind)
{
	for (uint32_t i = 0; i < n; i++)
		if (strcmp(f[i].kind, kind) == 0)
			return true;
	return false;
}

static bool
put_gone(struct store *st, const struct facts *old, struct tick at,
    const struct windows_fact *f, uint32_t n, struct windows_news *news)
{
	bool ok = true;

	for (uint32_t i = 0; ok && i < old->n; i++) {
		struct windows_fact *o = &old->of[i];

		if (o->gone.ns != 0 || !is_found(f, n, o->kind) ||
		    bsearch(o, f, n, sizeof(*f), by_name) != NULL)
			continue;
		o->gone = at;
		news->gone++;
		ok = store_row(st, TABLE_WINDOWS_FACT, o);
	}
	return ok;
}

static bool
merge(struct store *st, const struct facts *old, struct tick at,
    struct windows_fact *f, uint32_t n, struct windows_news *news)
{
	bool ok = true;

	for (uint32_t i = 0; ok && i < n; i++) {
		const struct windows_fact *before = old->n > 0
		    ? bsearch(&f[i], old->of, old->n, sizeof(*f), by_name)
		    : NULL;

		f[i].more = (before == NULL || before->gone.ns != 0) &&
		    is_found(old->of, old->n, f[i].kind);
		ok = put_one(st, &f[i], before, at, news);
	}
	return ok && put_gone(st, old, at, f, n, news) &&
	    store_do(st, STATEMENT_WINDOWS_FACTS_OLD, "i", at.ns - FORGET_NS);
}

bool
store_merge_windows(struct store *st, const struct ip *ip, struct tick at,
    struct windows_fact *f, uint32_t n, struct windows_news *ret)
{
	struct facts old = { .n = 0 };
	struct windows_fact row;
	char tail[80];
	bool ok, began;

	*ret = (struct windows_news){ .all = n };
	if (n == 0)
		return true;
	of_address(ip, tail);
	if (!store_each(st, TABLE_WINDOWS_FACT, tail, 0, &row, sizeof(row),
		keep_fact, &old)) {
		free(old.of);
		return store_fail(st, "what was known of it cannot be read");
	}
	qsort(f, n, sizeof(*f), by_all);
	n = ret->all = join_equal(f, n);
	if (old.n > 0)
		qsort(old.of, old.n, sizeof(*old.of), by_name);
	for (uint32_t i = 0; i < n; i++)
		f[i].ip = *ip;
	began = store_enter(st);
	ok = merge(st, &old, at, f, n, ret);
	free(old.of);
	return store_leave(st, began, ok);
}
