/* mirror.c - the verdict on the mirror: as JSON Lines, as text for people. */
#include <stdio.h>
#include <string.h>

#include "shared.h"

#define WIDTH 78u

void
report_mirror_json(struct out *o, struct mirrors *m)
{
	struct mirror_verdict v;

	for (unsigned i = 0; i < mirror_points(m); i++) {
		if (!mirror_verdict(m, i, &v))
			continue;
		mirror_json(o, &v);
		out_char(o, '\n');
	}
}

static enum ink
grade_ink(enum mirror_grade grade)
{
	return grade == MIRROR_BAD    ? INK_RED
	    : grade == MIRROR_WARNING ? INK_YELLOW
				      : INK_DIM;
}

/* A paragraph, indented. */
static void
put_words(struct out *o, const char *label, const char *text)
{
	size_t width = WIDTH - 14, n = strlen(text);

	while (n > 0) {
		size_t take = n;

		if (n > width) {
			take = width;
			while (take > 0 && text[take] != ' ')
				take--;
			if (take == 0)
				take = width;
		}
		outf(o, "    %-9s ", label);
		out_bytes(o, text, take);
		out_char(o, '\n');
		text += take;
		n -= take;
		while (n > 0 && *text == ' ') {
			text++;
			n--;
		}
		label = "";
	}
}

static void
put_finding(struct out *o, const struct text_style *s,
    const struct mirror_finding *f)
{
	const struct finding_row *row = &finding_rows[f->id];
	char text[MIRROR_TEXT], line[320];

	outf(o, "  ");
	(void)snprintf(line, sizeof(line), "%-8s",
	    mirror_grade_name(row->grade));
	ink(o, s, grade_ink(row->grade), line);
	outf(o, "%s\n", mirror_finding_text(f, text));
	put_words(o, "because", row->cause);
	put_words(o, "change", row->advice);
	for (uint32_t i = 0; i < n_make_advices; i++)
		if (make_advices[i].id == f->id) {
			(void)snprintf(line, sizeof(line), "%s: %s",
			    make_advices[i].make, make_advices[i].change);
			put_words(o, "", line);
		}
}

static void
put_point(struct out *o, const struct text_style *s,
    const struct mirror_verdict *v)
{
	char count[COUNT_TEXT_MAX];

	outf(o, "%s (%s): ", v->name, v->how);
	ink(o, s, grade_ink(v->grade), mirror_grade_name(v->grade));
	outf(o, ", %s packets", count_text(v->packets, count));
	if (v->packets > 0)
		outf(o,
		    "; unicast %.1f %%, broadcast %.1f %%, ARP %.1f %%, "
		    "twice %.1f %%",
		    100 * v->unicast, 100 * v->broadcast, 100 * v->arp,
		    100 * v->copies);
	if (v->conversations > 0)
		outf(o, "; one-way %.1f %% of %s", 100 * v->one_way,
		    count_text(v->conversations, count));
	out_char(o, '\n');
	for (uint32_t i = 0; i < v->n_findings; i++)
		put_finding(o, s, &v->finding[i]);
}

/* Of a capture file: only where there is something to say. */
void
report_mirror_text(struct out *o, struct mirrors *m, const struct text_style *s,
    bool all)
{
	struct mirror_verdict v;
	bool begun = false;

	for (unsigned i = 0; i < mirror_points(m); i++) {
		if (!mirror_verdict(m, i, &v) ||
		    (!all && v.grade == MIRROR_GOOD))
			continue;
		if (!begun)
			text_heading(o, s, "Mirror");
		begun = true;
		put_point(o, s, &v);
	}
}
