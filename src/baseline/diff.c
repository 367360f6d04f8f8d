/*
 * diff.c - what two exported baselines have in common, and what not.
 *
 * A line is known by its scenario, ends and parts; for objects the interval
 * may differ, and the state in all.
 */
#include "baseline.h"
#include "text_line.h"

#include <stdlib.h>

struct entry {
	struct span id, state; /* "S06", "learned" */
	struct span what; /* client=... up to " from=" or " |" */
	struct span interval; /* from=".." to=".." */
	bool same; /* on both sides */
};

struct side {
	struct entry *entry;
	uint32_t n;
};

static uint32_t
find_text(struct span s, struct span what)
{
	for (uint32_t i = 0; i + what.n <= s.n; i++)
		if (memcmp(s.p + i, what.p, what.n) == 0)
			return i;
	return s.n;
}

/* False: a line that is none of ours (a comment, an empty one). */
static bool
entry_of(struct span line, struct entry *ret)
{
	struct span hex;
	uint32_t n;

	if (line.n > 0 && line.p[0] == '#')
		return false;
	(void)line_cut_chain(&line, &hex);
	n = span_find(line, ' ');
	ret->id = span_first(line, n);
	line = span_from(line, n + 1);
	n = span_find(line, ' ');
	ret->state = span_first(line, n);
	line = span_from(line, n + 1);
	line = span_first(line, find_text(line, SPAN_LIT(" | ")));
	n = find_text(line, SPAN_LIT(" from=\""));
	ret->what = span_first(line, n);
	ret->interval = span_from(line, n < line.n ? n + 1 : n);
	return ret->id.n > 0 && ret->what.n > 0;
}

static int
compare(struct span a, struct span b)
{
	const uint32_t n = a.n < b.n ? a.n : b.n;
	const int c = n > 0 ? memcmp(a.p, b.p, n) : 0;

	return c != 0 ? c : a.n < b.n ? -1 : a.n > b.n;
}

static int
compare_area(const struct entry *a, const struct entry *b)
{
	const int c = compare(a->id, b->id);

	return c != 0 ? c : compare(a->what, b->what);
}

static int
compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	const int c = compare_area(x, y);

	return c != 0 ? c : compare(x->interval, y->interval);
}

static bool
side_of(struct span text, struct side *ret)
{
	struct span rest = text, line;
	uint32_t lines = 0;

	while (line_next(&rest, &line))
		lines++;
	ret->n = 0;
	ret->entry = calloc((size_t)lines + 1, sizeof(*ret->entry));
	if (ret->entry == NULL)
		return false;
	for (rest = text; line_next(&rest, &line);)
		ret->n += entry_of(line, &ret->entry[ret->n]);
	qsort(ret->entry, ret->n, sizeof(*ret->entry), compare_entries);
	return true;
}

static void
put_what(struct out *out, char sign, const struct entry *e)
{
	out_char(out, sign);
	out_char(out, ' ');
	out_bytes(out, e->id.p, e->id.n);
	out_char(out, ' ');
	out_bytes(out, e->state.p, e->state.n);
	out_char(out, ' ');
	out_bytes(out, e->what.p, e->what.n);
	if (e->interval.n > 0) {
		out_char(out, ' ');
		out_bytes(out, e->interval.p, e->interval.n);
	}
}

static void
put_entry(struct out *out, char sign, const struct entry *e)
{
	put_what(out, sign, e);
	out_char(out, '\n');
}

static void
put_change(struct out *out, const struct entry *before,
    const struct entry *after)
{
	put_what(out, '~', before);
	out_text(out, " -> ");
	out_bytes(out, after->state.p, after->state.n);
	if (after->interval.n > 0) {
		out_char(out, ' ');
		out_bytes(out, after->interval.p, after->interval.n);
	}
	out_char(out, '\n');
}

static uint32_t
same_area(const struct side *s, uint32_t i)
{
	uint32_t n = 1;

	while (
	    i + n < s->n && compare_area(&s->entry[i], &s->entry[i + n]) == 0)
		n++;
	return n;
}

/* What is the same on both sides. */
static void
match(struct entry *a, uint32_t n, struct entry *b, uint32_t m)
{
	uint32_t i = 0, j = 0;

	while (i < n && j < m) {
		const int c = compare(a[i].interval, b[j].interval);

		if (c == 0)
			a[i].same = b[j].same = span_is(a[i].state, b[j].state);
		i += c <= 0;
		j += c >= 0;
	}
}

static uint32_t
next_other(const struct entry *e, uint32_t n, uint32_t i)
{
	while (i < n && e[i].same)
		i++;
	return i;
}

/* Lines of one area on both sides: what is not the same is paired in order. */
static void
diff_area(struct entry *a, uint32_t n, struct entry *b, uint32_t m,
    struct out *out, struct diff_counts *ret)
{
	uint32_t i, j;

	match(a, n, b, m);
	i = next_other(a, n, 0);
	j = next_other(b, m, 0);
	for (; i < n && j < m; ret->changed++) {
		put_change(out, &a[i], &b[j]);
		i = next_other(a, n, i + 1);
		j = next_other(b, m, j + 1);
	}
	for (; i < n; i = next_other(a, n, i + 1), ret->gone++)
		put_entry(out, '-', &a[i]);
	for (; j < m; j = next_other(b, m, j + 1), ret->added++)
		put_entry(out, '+', &b[j]);
}

static void
diff_sides(const struct side *a, const struct side *b, struct out *out,
    struct diff_counts *ret)
{
	uint32_t i = 0, j = 0;

	while (i < a->n || j < b->n) {
		const int c = i == a->n ? 1
		    : j == b->n         ? -1
				: compare_area(&a->entry[i], &b->entry[j]);
		const uint32_t n = c <= 0 ? same_area(a, i) : 0;
		const uint32_t m = c >= 0 ? same_area(b, j) : 0;

		diff_area(a->entry + i, n, b->entry + j, m, out, ret);
		i += n;
		j += m;
	}
}

bool
baseline_diff(struct span before, struct span after, struct out *out,
    struct diff_counts *ret)
{
	struct side a = { NULL, 0 }, b = { NULL, 0 };
	const bool good = side_of(before, &a) && side_of(after, &b);

	*ret = (struct diff_counts){ 0, 0, 0 };
	if (good)
		diff_sides(&a, &b, out, ret);
	free(a.entry);
	free(b.entry);
	return good;
}
