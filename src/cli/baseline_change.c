/*
 * baseline_change.c - what people say is normal or is not, and carrying a
 * baseline elsewhere.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "baseline.h"
#include "cli.h"
#include "file.h"
#include "values.h"

#define IMPORT_MAX (256u << 20)

int
baseline_decide(const struct baseline_request *q)
{
	json_t *request;

	if (q->n_word < 2) {
		complain("baseline: %s KEY; 'baseline show' lists them",
		    q->word[0]);
		return EXIT_USAGE;
	}
	request = ask_new("baseline.judge");
	ask_text(request, "key", q->word[1]);
	ask_text(request, "verdict", q->word[0]);
	return ask("baseline", q->state, request);
}

int
baseline_unlearn_all(const struct baseline_request *q)
{
	json_t *request = ask_new("baseline.forget");
	char text[ADDR_TEXT_MAX];

	if (q->has_entity)
		ask_text(request, "entity", addr_text(&q->entity, text));
	ask_time(request, "from", q->from);
	ask_time(request, "until", q->until);
	return ask("baseline", q->state, request);
}

int
baseline_stage(const struct baseline_request *q)
{
	uint64_t hours = 0;
	json_t *request;

	if (q->n_word < 3) {
		complain("baseline: scenario NAME learning HOURS | dynamic | "
			 "operational");
		return EXIT_USAGE;
	}
	if (q->n_word > 3 && !value_number(q->word[3], 8760, &hours)) {
		complain("baseline: scenario: '%s': must be hours, 1 to 8760",
		    q->word[3]);
		return EXIT_USAGE;
	}
	request = ask_new("baseline.scenario");
	ask_text(request, "name", q->word[1]);
	ask_text(request, "state", q->word[2]);
	(void)json_object_set_new(request, "hours",
	    json_integer((json_int_t)hours));
	return ask("baseline", q->state, request);
}

/* ------------------------------------------------------------------ carrying
 */

int
baseline_export_all(struct state *s, const struct baseline_request *q,
    struct out *o)
{
	(void)q;
	if (baseline_export(s->baseline, o))
		return EXIT_DONE;
	complain("baseline: out of memory");
	return EXIT_INTERNAL;
}

int
baseline_carry_in(const struct baseline_request *q)
{
	struct span text;
	json_t *request;
	char *whole;

	if (q->n_word < 2) {
		complain("baseline: import FILE");
		return EXIT_USAGE;
	}
	whole = file_read(q->word[1], IMPORT_MAX, &text);
	if (whole == NULL)
		return EXIT_INPUT;
	request = ask_new("baseline.import");
	ask_text(request, "name", q->word[1]);
	ask_file(request, "text", text);
	free(whole);
	return ask("baseline", q->state, request);
}

int
baseline_compare(const struct baseline_request *q, struct out *o)
{
	struct diff_counts counts = { 0 };
	struct span a = { .n = 0 }, b = a;
	char *before, *after;
	bool done;

	if (q->n_word < 3) {
		complain("baseline: diff BEFORE AFTER (two exports)");
		return EXIT_USAGE;
	}
	before = file_read(q->word[1], IMPORT_MAX, &a);
	after = before != NULL ? file_read(q->word[2], IMPORT_MAX, &b) : NULL;
	if (after == NULL) {
		free(before);
		return EXIT_INPUT;
	}
	done = baseline_diff(a, b, o, &counts);
	free(before);
	free(after);
	if (!done) {
		complain("baseline: out of memory");
		return EXIT_INTERNAL;
	}
	outf(o, "%" PRIu32 " new, %" PRIu32 " gone, %" PRIu32 " changed\n",
	    counts.added, counts.gone, counts.changed);
	return EXIT_DONE;
}
