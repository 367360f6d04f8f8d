/*
 * baseline.c - sightglass baseline: what was learned, what people should look
 * at, and carrying it elsewhere.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../report/table.h"
#include "cli.h"
#include "file.h"
#include "list.h"
#include "output.h"
#include "state.h"

#define REVIEWED_MAX 1000u
#define PREVIEW_DAYS 7u
#define PREVIEW_MAX 200u
#define IMPORT_MAX (256u << 20)
#define WORDS 4u

enum {
	OPT_STATE,
	OPT_ENTITY,
	OPT_FROM,
	OPT_UNTIL,
	OPT_DAYS,
	OPT_ALL,
	OPT_COLOR,
	OPT_HELP
};

static const struct option_row rows[] = {
	[OPT_STATE] = { "state", 'S', "FOLDER",
	    "the state; default " STATE_FOLDER },
	[OPT_ENTITY] = { "entity", 'e', "ADDRESS",
	    "show, forget: only of this device" },
	[OPT_FROM] = { "from", 0, "TIME", "forget: learned from then on" },
	[OPT_UNTIL] = { "until", 0, "TIME", "forget: learned until then" },
	[OPT_DAYS] = { "days", 0, "N", "preview: of so many days, 7" },
	[OPT_ALL] = { "all", 'a', NULL, "cut no list short" },
	[OPT_COLOR] = { "color", 0, "WHEN", "auto, always or never" },
	[OPT_HELP] = { "help", 'h', NULL, "this text" },
	{ NULL, 0, NULL, NULL },
};

static const struct {
	const char *name, *title;
} scenarios[] = {
#define SCENARIO(sym, name, id, tier, days, w, d, cw, cd, budget, part, title) \
	{ name, title },
#include "../baseline/scenarios.def"
#undef SCENARIO
};

struct request {
	const char *state;
	struct addr entity;
	bool has_entity, all;
	struct tick from, until;
	uint32_t days;
	int colour;
	uint32_t n_word;
	const char *word[WORDS];
};

/* --------------------------------------------------------------- small sums */

static void
put_asset(struct out *o, const struct state *s, uint32_t id)
{
	const struct asset *a = asset_at(s->assets, id);
	char text[ADDR_TEXT_MAX];

	out_text(o, a != NULL ? addr_text(&a->addr, text) : "-");
}

static void
put_key(struct out *o, const struct state *s, const struct key *k)
{
	outf(o, "%016" PRIx64 "  %-11s  %-9s  ", k->hash,
	    scenarios[k->scenario].name,
	    key_state_name((enum key_state)k->state));
	put_asset(o, s, k->client);
	if (k->server != ASSET_NONE) {
		out_text(o, " \xe2\x86\x92 ");
		put_asset(o, s, k->server);
	}
	out_text(o, "  ");
	baseline_key_text(s->baseline, k, o);
	outf(o, "  (%u window%s on %u day%s)\n", k->windows,
	    k->windows == 1 ? "" : "s", k->days, k->days == 1 ? "" : "s");
}

static bool
find_entity(const struct state *s, const struct request *q, uint32_t *ret)
{
	char text[ADDR_TEXT_MAX];

	*ret = ASSET_NONE;
	if (!q->has_entity)
		return true;
	*ret = asset_of(s->assets, &q->entity, TALK_NO_VLAN);
	if (*ret != ASSET_NONE)
		return true;
	complain("baseline: no device at %s", addr_text(&q->entity, text));
	return false;
}

static int
by_key(const void *left, const void *right)
{
	const struct key *a = *(const struct key *const *)left;
	const struct key *b = *(const struct key *const *)right;

	if (a->scenario != b->scenario)
		return a->scenario < b->scenario ? -1 : 1;
	if (a->client != b->client)
		return a->client < b->client ? -1 : 1;
	if (a->server != b->server)
		return a->server < b->server ? -1 : 1;
	return memcmp(a->p, b->p, sizeof(a->p));
}

/* Keys of a device, or all, in order; free() it. */
static const struct key **
gather(const struct state *s, uint32_t asset, uint32_t *ret_n)
{
	uint64_t most = baseline_counts(s->baseline)->keys;
	const struct key **list = calloc(most + 1, sizeof(*list)), *k;
	uint32_t cursor = 0, n = 0;

	while (list != NULL && n < most &&
	    (k = baseline_next(s->baseline, &cursor)) != NULL)
		if (asset == ASSET_NONE || k->client == asset ||
		    k->server == asset)
			list[n++] = k;
	if (list != NULL)
		qsort(list, n, sizeof(*list), by_key);
	*ret_n = n;
	return list;
}

/* ------------------------------------------------------------------- looking
 */

static int
show(struct state *s, const struct request *q, struct out *o)
{
	uint32_t n, asset;
	const struct key **list;

	if (!find_entity(s, q, &asset))
		return EXIT_INPUT;
	list = gather(s, asset, &n);
	for (uint32_t i = 0; list != NULL && i < n; i++)
		put_key(o, s, list[i]);
	free(list);
	if (n == 0)
		out_text(o, "nothing is known\n");
	return EXIT_DONE;
}

static int
status(struct state *s, const struct request *q, struct out *o)
{
	const struct baseline_counts *c = baseline_counts(s->baseline);
	static const struct column head[] = { { "Name", false, false },
		{ "Scenario", false, true }, { "State", false, false },
		{ "Learned", true, false }, { "Candidates", true, false },
		{ "Held", true, false }, { "A day", true, false },
		{ "At most", true, false }, { "Budget", true, false },
		{ "Not seen yet", true, false } };
	struct text_style style = { .all = true };
	struct table t;

	output_style(&style, q->colour);
	outf(o,
	    "%" PRIu64 " things learned, %" PRIu64 " candidates, of %" PRIu64
	    "\n\n",
	    c->learned, c->candidates, c->keys);
	table_open(&t, head, sizeof(head) / sizeof(head[0]));
	for (uint32_t i = 0; i < SCENARIO_COUNT; i++) {
		struct scenario_report r;
		char text[32];

		baseline_report(s->baseline, (enum scenario)i, &r);
		table_row(&t);
		table_text(&t, scenarios[i].name);
		table_text(&t, scenarios[i].title);
		table_text(&t, scenario_state_name(r.state));
		table_u64(&t, r.learned);
		table_u64(&t, r.candidates);
		table_u64(&t, r.held);
		(void)snprintf(text, sizeof(text), "%.2f", r.per_day);
		table_text(&t, text);
		(void)snprintf(text, sizeof(text), "%.2f", r.at_most);
		table_text(&t, text);
		(void)snprintf(text, sizeof(text), "%.2f", r.budget);
		table_text(&t, text);
		(void)snprintf(text, sizeof(text), "%.2f %%", 100 * r.missing);
		table_text(&t, text);
	}
	table_put(o, &t, &style);
	table_close(&t);
	return EXIT_DONE;
}

static int
forecast(struct state *s, const struct request *q, struct out *o)
{
	(void)q;
	for (uint32_t i = 0; i < SCENARIO_COUNT; i++) {
		struct scenario_report r;

		baseline_report(s->baseline, (enum scenario)i, &r);
		outf(o, "%-32s ", scenarios[i].title);
		if (r.ready)
			outf(o, "ready: %.2f alerts a day, at most %.2f\n",
			    r.per_day, r.at_most);
		else if (r.ready_in >= 0)
			outf(o, "in %" PRId64 " days (%s)\n",
			    r.ready_in / 86400 + 1, r.reason);
		else
			outf(o, "not foreseeable (%s)\n", r.reason);
	}
	return EXIT_DONE;
}

static int
review(struct state *s, const struct request *q, struct out *o)
{
	static struct review list[REVIEWED_MAX];
	uint32_t all = baseline_review(s->baseline, list, REVIEWED_MAX);
	uint32_t most = q->all ? REVIEWED_MAX : 50;

	for (uint32_t i = 0; i < all && i < most; i++) {
		outf(o, "%3" PRIu32 "  %s\n     ", i + 1, list[i].why);
		put_key(o, s, list[i].key);
	}
	if (all == 0)
		out_text(o, "nothing stands out\n");
	else if (all > most)
		outf(o, "... and %" PRIu32 " more (--all)\n", all - most);
	if (all > 0)
		out_text(o,
		    "\nbaseline accept KEY, baseline deny KEY or "
		    "baseline unlearn KEY decide\n");
	return EXIT_DONE;
}

static int
preview(struct state *s, const struct request *q, struct out *o)
{
	static struct preview list[PREVIEW_MAX];
	uint32_t days = q->days > 0 ? q->days : PREVIEW_DAYS;
	uint32_t n = baseline_preview(s->baseline, days, list, PREVIEW_MAX),
		 groups = 0;

	for (uint32_t i = 0; i < n; i++) {
		groups += list[i].groups;
		outf(o, "%4" PRIu32 " x  %-32s ", list[i].groups,
		    scenarios[list[i].scenario].title);
		put_asset(o, s, list[i].client);
		if (list[i].scenario != SCENARIO_DEVICE) {
			out_text(o, "  such as ");
			baseline_key_text(s->baseline, list[i].example, o);
		}
		out_char(o, '\n');
	}
	outf(o,
	    "%" PRIu32 " alerts in the last %" PRIu32 " days, had all "
	    "scenarios alerted\n",
	    groups, days);
	return EXIT_DONE;
}

/* --------------------------------------------------------------- single keys
 */

static const struct key *
find_key(struct state *s, const struct request *q)
{
	const struct key *k = NULL;
	char *end;
	uint64_t hash;

	if (q->n_word < 2) {
		complain("baseline: %s KEY; 'baseline show' lists them",
		    q->word[0]);
		return NULL;
	}
	hash = strtoull(q->word[1], &end, 16);
	if (*end == '\0')
		k = baseline_find(s->baseline, hash);
	if (k == NULL)
		complain("baseline: no key %s; 'baseline show' lists them",
		    q->word[1]);
	return k;
}

static bool
key_of_alert(struct state *s, const char *word, struct key *ret, char *sentence,
    size_t cap)
{
	static struct alert a;
	char *end;
	unsigned long n = strtoul(word, &end, 10);

	if (*end != '\0' || strlen(word) == 16 ||
	    !store_get_alert(s->store, (uint32_t)n, &a))
		return false;
	(void)snprintf(sentence, cap, "%s", a.text);
	*ret = a.key;
	return true;
}

static int
why(struct state *s, const struct request *q, struct out *o)
{
	char text[1024], sentence[ALERT_TEXT] = "";
	struct key copy;
	const struct key *k;

	if (q->n_word > 1 &&
	    key_of_alert(s, q->word[1], &copy, sentence, sizeof(sentence))) {
		outf(o, "%s\n", sentence);
		if (copy.state == KEY_NONE) {
			out_text(o, "It needs no baseline to be an alert.\n");
			return EXIT_DONE;
		}
		k = baseline_find(s->baseline, copy.hash);
		k = k != NULL ? k : &copy;
	} else {
		k = find_key(s, q);
	}
	if (k == NULL)
		return q->n_word < 2 ? EXIT_USAGE : EXIT_INPUT;
	baseline_why(s->baseline, k, text, sizeof(text));
	put_key(o, s, k);
	for (size_t n = strlen(text); n > 0 && text[n - 1] == ' '; n--)
		text[n - 1] = '\0';
	outf(o, "%s\n", text);
	return EXIT_DONE;
}

static int
decide(struct state *s, const struct request *q, struct out *o)
{
	static const struct {
		const char *verb, *note;
		enum key_state state;
	} verdicts[] = { { "accept", "learn", KEY_USER },
		{ "deny", "deny", KEY_DENIED },
		{ "unlearn", "unlearn", KEY_TOMB } };
	const struct key *k = find_key(s, q);
	uint32_t i = 0;

	if (k == NULL)
		return q->n_word < 2 ? EXIT_USAGE : EXIT_INPUT;
	while (strcmp(verdicts[i].verb, q->word[0]) != 0)
		i++;
	if (!baseline_set_key(s->baseline, k->hash, verdicts[i].state) ||
	    !state_note(s, verdicts[i].note, q->word[1], "by review"))
		return EXIT_INTERNAL;
	put_key(o, s, k);
	return state_save(s);
}

static int
forget(struct state *s, const struct request *q, struct out *o)
{
	uint32_t asset, n;

	if (!find_entity(s, q, &asset))
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
	return i < SCENARIO_COUNT ? scenarios[i].name : NULL;
}

static int
scenario(struct state *s, const struct request *q, struct out *o)
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
	    strcmp(scenarios[which].name, q->word[1]) != 0)
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
	if (!state_note(s, "mode", scenarios[which].name, "%s %lu",
		states[to].word, hours))
		return EXIT_INTERNAL;
	outf(o, "%s: %s\n", scenarios[which].title, states[to].word);
	return state_save(s);
}

/* ------------------------------------------------------------------ carrying
 */

static int
export_all(struct state *s, const struct request *q, struct out *o)
{
	(void)q;
	if (baseline_export(s->baseline, o))
		return EXIT_DONE;
	complain("baseline: out of memory");
	return EXIT_INTERNAL;
}

static int
import(struct state *s, const struct request *q, struct out *o)
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

static int
diff(const struct request *q, struct out *o)
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

/* ----------------------------------------------------------------- arguments
 */

static const struct verb {
	const char *name;
	int (*run)(struct state *, const struct request *, struct out *);
	bool writes;
	const char *help;
} verbs[] = {
	{ "status", status, false, "how far each scenario has come" },
	{ "forecast", forecast, false, "when each will be ready" },
	{ "preview", preview, false,
	    "which alerts the last days would have "
	    "made" },
	{ "review", review, false,
	    "what people should look at before it "
	    "counts as normal" },
	{ "show", show, false, "everything learned (--entity ADDRESS)" },
	{ "why", why, false,
	    "why a KEY, or an alert's NUMBER, is (not) "
	    "normal" },
	{ "accept", decide, true, "KEY: it is normal" },
	{ "deny", decide, true, "KEY: it is never normal" },
	{ "unlearn", decide, true, "KEY: it alerts again" },
	{ "forget", forget, true,
	    "un-learn what was learned of --entity, "
	    "--from, --until" },
	{ "scenario", scenario, true,
	    "NAME learning HOURS | dynamic | "
	    "operational" },
	{ "export", export_all, false, "as text, one thing a line" },
	{ "import", import, true,
	    "FILE: what another learned, as "
	    "candidates" },
};
#define N_VERBS (sizeof(verbs) / sizeof(verbs[0]))

static const char *
verb_name(uint32_t i)
{
	if (i < N_VERBS)
		return verbs[i].name;
	return i == N_VERBS ? "diff" : NULL;
}

static int
act(const struct verb *v, const struct request *q, struct out *o)
{
	struct state s;
	int result, written;

	if (!state_open(&s, "baseline", q->state,
		v->writes ? STORE_WRITING : STORE_READING, STATE_BASELINE))
		return EXIT_INPUT;
	result = v->run(&s, q, o);
	written = output_end(o);
	state_close(&s);
	return result != EXIT_DONE ? result : written;
}

static int
run(const struct request *q)
{
	static struct out out;
	const char *name = q->n_word > 0 ? q->word[0] : "status";
	const char *near;
	int result, written;

	out_open(&out, STDOUT_FILENO);
	if (strcmp(name, "diff") == 0) {
		result = diff(q, &out);
		written = output_end(&out);
		return result != EXIT_DONE ? result : written;
	}
	for (size_t i = 0; i < N_VERBS; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return act(&verbs[i], q, &out);
	near = nearest(name, verb_name);
	complain("baseline: no '%s'%s%s; see 'sightglass help baseline'", name,
	    near != NULL ? "; did you mean " : "", near != NULL ? near : "");
	return EXIT_USAGE;
}

static bool
take_entity(struct request *q, const char *text)
{
	q->has_entity = rule_addr(span_text(text), &q->entity);
	if (!q->has_entity)
		complain("baseline: --entity %s: no address", text);
	return q->has_entity;
}

static bool
take_time(const char *option, const char *text, struct tick *ret)
{
	if (rule_moment(span_text(text), ret))
		return true;
	complain("baseline: --%s %s: must be a time such as 2026-11-20, or "
		 "2026-11-20T12:00:00Z",
	    option, text);
	return false;
}

static bool
take(struct request *q, const struct options *o, int option)
{
	switch (option) {
	case OPT_STATE:
		q->state = o->value;
		return true;
	case OPT_ENTITY:
		return take_entity(q, o->value);
	case OPT_FROM:
		return take_time("from", o->value, &q->from);
	case OPT_UNTIL:
		return take_time("until", o->value, &q->until);
	case OPT_DAYS:
		q->days = (uint32_t)strtoul(o->value, NULL, 10);
		if (q->days >= 1 && q->days <= 400)
			return true;
		complain("baseline: --days %s: must be 1 to 400", o->value);
		return false;
	case OPT_ALL:
		q->all = true;
		return true;
	case OPT_COLOR:
		q->colour = options_choice(o, "color", colour_names);
		return q->colour >= 0;
	case OPTION_ARGUMENT:
		if (q->n_word < WORDS) {
			q->word[q->n_word++] = o->value;
			return true;
		}
		complain("baseline: '%s' is one too many", o->value);
		return false;
	default:
		return false;
	}
}

int
cmd_baseline(int argc, char **argv)
{
	struct options o = {
		.command = "baseline",
		.synopsis = "[options] [VERB ...]",
		.about = "What is normal: how far learning has come, what was "
			 "learned, and correcting it.",
		.row = rows,
		.argc = argc,
		.argv = argv,
		.at = 1,
	};
	struct request q = { .state = STATE_FOLDER };
	int option;

	while ((option = options_next(&o)) != OPTION_END) {
		if (option == OPT_HELP) {
			options_help(&o);
			(void)printf("\n");
			for (size_t i = 0; i < N_VERBS; i++)
				(void)printf("  %-10s %s\n", verbs[i].name,
				    verbs[i].help);
			(void)printf("  %-10s %s\n", "diff",
			    "BEFORE AFTER: between two exports");
			return fflush(stdout) == 0 ? EXIT_DONE : EXIT_INTERNAL;
		}
		if (!take(&q, &o, option))
			return EXIT_USAGE;
	}
	return run(&q);
}
