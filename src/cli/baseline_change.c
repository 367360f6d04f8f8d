/*
 * baseline_change.c - what people say is normal or is not, and carrying a
 * baseline elsewhere.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "baseline.h"
#include "cli.h"
#include "file.h"

#define IMPORT_MAX (256u << 20)

int
baseline_decide(struct state *s, const struct baseline_request *q,
    struct out *o)
{
	static const struct {
		const char *verb, *note;
		enum key_state state;
	} verdicts[] = { { "accept", "learn", KEY_USER },
		{ "deny", "deny", KEY_DENIED },
		{ "unlearn", "unlearn", KEY_TOMB } };
	const struct key *k = baseline_key(s, q);
	uint32_t i = 0;

	if (k == NULL)
		return q->n_word < 2 ? EXIT_USAGE : EXIT_INPUT;
	while (strcmp(verdicts[i].verb, q->word[0]) != 0)
		i++;
	if (!baseline_set_key(s->baseline, k->hash, verdicts[i].state) ||
	    !state_note(s, verdicts[i].note, q->word[1], "by review"))
		return EXIT_INTERNAL;
	baseline_put_key(o, s, k);
	return state_save(s);
}

int
baseline_unlearn(struct state *s, const struct baseline_request *q,
    struct out *o)
{
	uint32_t asset, n;

	if (!baseline_entity(s, q, &asset))
		return EXIT_INPUT;
	if (asset == ASSET_NONE && q->from.ns == 0 && q->until.ns == 0) {
		complain(
		    "baseline: forget what? --entity ADDRESS, --from TIME, "
		    "--until TIME");
		return EXIT_USAGE;
	}
	n = baseline_forget(s->baseline, asset, q->from,
	    q->until.ns != 0 ? q->until : (struct tick){ INT64_MAX });
	if (!state_note(s, "unlearn", "baseline", "%" PRIu32 " keys forgotten",
		n))
		return EXIT_INTERNAL;
	outf(o, "%" PRIu32 " things are no longer normal\n", n);
	return state_save(s);
}

static const char *
scenario_word(uint32_t i)
{
	return i < SCENARIO_COUNT ? scenario_names[i].name : NULL;
}

int
baseline_move(struct state *s, const struct baseline_request *q, struct out *o)
{
	static const struct {
		const char *word;
		enum scenario_state state;
	} states[] = { { "learning", STATE_LEARN }, { "dynamic", STATE_WATCH },
		{ "operational", STATE_OPER } };
	uint32_t which = 0, to = 0;
	unsigned long hours = 0;
	const char *near;

	if (q->n_word < 3) {
		complain("baseline: scenario NAME learning HOURS | dynamic | "
			 "operational");
		return EXIT_USAGE;
	}
	while (which < SCENARIO_COUNT &&
	    strcmp(scenario_names[which].name, q->word[1]) != 0)
		which++;
	while (to < 3 && strcmp(states[to].word, q->word[2]) != 0)
		to++;
	if (q->n_word > 3)
		hours = strtoul(q->word[3], NULL, 10);
	near = nearest(q->word[1], scenario_word);
	if (which == SCENARIO_COUNT && near != NULL) {
		complain("baseline: no scenario '%s'; did you mean %s?",
		    q->word[1], near);
		return EXIT_USAGE;
	}
	if (which == SCENARIO_COUNT || to == 3 ||
	    (to == 0 && (hours < 1 || hours > 8760))) {
		complain("baseline: scenario %s %s: see 'baseline' for the "
			 "names; learning wants hours, 1 to 8760",
		    q->word[1], q->word[2]);
		return EXIT_USAGE;
	}
	baseline_set_scenario(s->baseline, (enum scenario)which,
	    states[to].state, (uint32_t)hours);
	if (!state_note(s, "mode", scenario_names[which].name, "%s %lu",
		states[to].word, hours))
		return EXIT_INTERNAL;
	outf(o, "%s: %s\n", scenario_names[which].title, states[to].word);
	return state_save(s);
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
baseline_take_in(struct state *s, const struct baseline_request *q,
    struct out *o)
{
	struct import_result r;
	struct span text;
	char *whole;
	bool done;

	if (q->n_word < 2) {
		complain("baseline: import FILE");
		return EXIT_USAGE;
	}
	whole = file_read(q->word[1], IMPORT_MAX, &text);
	if (whole == NULL)
		return EXIT_INPUT;
	done = baseline_import(s->baseline, text, &r);
	free(whole);
	if (!done) {
		complain("%s: line %" PRIu32 ": %s; nothing was imported",
		    q->word[1], r.line, r.error);
		return EXIT_INPUT;
	}
	if (!state_note(s, "learn", "baseline", "imported %s: %" PRIu32 " keys",
		q->word[1], r.added))
		return EXIT_INTERNAL;
	outf(o,
	    "%" PRIu32 " candidates added, %" PRIu32 " known already, %" PRIu32
	    " of devices that are not known here\n",
	    r.added, r.known, r.strangers);
	return state_save(s);
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
