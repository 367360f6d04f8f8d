/*
 * baseline_show.c - what was learned, what stands out, what would have
 * alerted.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../report/table.h"
#include "baseline.h"
#include "cli.h"

#define REVIEWED_MAX 1000u
#define PREVIEW_DAYS 7u
#define PREVIEW_MAX 200u

static void
put_asset(struct out *o, const struct state *s, uint32_t id)
{
	const struct asset *a = asset_at(s->assets, id);
	char text[ADDR_TEXT_MAX];

	out_text(o, a != NULL ? addr_text(&a->addr, text) : "-");
}

void
baseline_put_key(struct out *o, const struct state *s, const struct key *k)
{
	outf(o, "%016" PRIx64 "  %-11s  %-9s  ", k->hash,
	    scenario_names[k->scenario].name,
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

bool
baseline_entity(const struct state *s, const struct baseline_request *q,
    uint32_t *ret)
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

int
baseline_show(struct state *s, const struct baseline_request *q, struct out *o)
{
	uint32_t n, asset;
	const struct key **list;

	if (!baseline_entity(s, q, &asset))
		return EXIT_INPUT;
	list = gather(s, asset, &n);
	for (uint32_t i = 0; list != NULL && i < n; i++)
		baseline_put_key(o, s, list[i]);
	free(list);
	if (n == 0)
		out_text(o, "nothing is known\n");
	return EXIT_DONE;
}

int
baseline_status(struct state *s, const struct baseline_request *q,
    struct out *o)
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
		table_text(&t, scenario_names[i].name);
		table_text(&t, scenario_names[i].title);
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

int
baseline_forecast(struct state *s, const struct baseline_request *q,
    struct out *o)
{
	(void)q;
	for (uint32_t i = 0; i < SCENARIO_COUNT; i++) {
		struct scenario_report r;

		baseline_report(s->baseline, (enum scenario)i, &r);
		outf(o, "%-32s ", scenario_names[i].title);
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

int
baseline_stands_out(struct state *s, const struct baseline_request *q,
    struct out *o)
{
	static struct review list[REVIEWED_MAX];
	uint32_t all = baseline_review(s->baseline, list, REVIEWED_MAX);
	uint32_t most = q->all ? REVIEWED_MAX : 50;

	for (uint32_t i = 0; i < all && i < most; i++) {
		outf(o, "%3" PRIu32 "  %s\n     ", i + 1, list[i].why);
		baseline_put_key(o, s, list[i].key);
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

int
baseline_had_alerted(struct state *s, const struct baseline_request *q,
    struct out *o)
{
	static struct preview list[PREVIEW_MAX];
	uint32_t days = q->days > 0 ? q->days : PREVIEW_DAYS;
	uint32_t n = baseline_preview(s->baseline, days, list, PREVIEW_MAX),
		 groups = 0;

	for (uint32_t i = 0; i < n; i++) {
		groups += list[i].groups;
		outf(o, "%4" PRIu32 " x  %-32s ", list[i].groups,
		    scenario_names[list[i].scenario].title);
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

const struct key *
baseline_key(struct state *s, const struct baseline_request *q)
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

int
baseline_say_why(struct state *s, const struct baseline_request *q,
    struct out *o)
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
		k = baseline_key(s, q);
	}
	if (k == NULL)
		return q->n_word < 2 ? EXIT_USAGE : EXIT_INPUT;
	baseline_why(s->baseline, k, text, sizeof(text));
	baseline_put_key(o, s, k);
	for (size_t n = strlen(text); n > 0 && text[n - 1] == ' '; n--)
		text[n - 1] = '\0';
	outf(o, "%s\n", text);
	return EXIT_DONE;
}
