/* baseline.c - what was learned: looking at it, and correcting it. */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

#define LIST_MOST 5000
#define REVIEW_MOST 1000u
#define PREVIEW_MOST 200u
#define IMPORT_MOST ((size_t)256 << 20)
#define HOURS_MOST 8760

static const char *
scenario_word(uint32_t i)
{
	return i < SCENARIO_COUNT ? scenario_names[i].name : NULL;
}

static const char *
state_word(uint32_t i)
{
	return i < KEY_STATE_COUNT ? key_state_name((enum key_state)i) : NULL;
}

/* ------------------------------------------------------------------- showing
 */

static const char *
asset_words(const struct desk *d, uint32_t id, char dst[static ADDR_TEXT_MAX])
{
	const struct asset *a = asset_at(d->assets, id);

	return a != NULL ? addr_text(&a->addr, dst) : "";
}

static json_t *
key_json(const struct desk *d, const struct key *k)
{
	static struct out text;
	char hash[17], client[ADDR_TEXT_MAX], server[ADDR_TEXT_MAX];

	out_open(&text, -1);
	baseline_key_text(d->baseline, k, &text);
	(void)snprintf(hash, sizeof(hash), "%016" PRIx64, k->hash);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s#, s:i, s:i, s:I, s:b}",
	    "key", hash, "scenario", scenario_names[k->scenario].name, "state",
	    key_state_name((enum key_state)k->state), "client",
	    asset_words(d, k->client, client), "server",
	    asset_words(d, k->server, server), "what", text.buf, (int)text.n,
	    "windows", (int)k->windows, "days", (int)k->days, "count",
	    (json_int_t)k->count, "changes_plant",
	    (k->flags & (KEY_WRITE | KEY_ENGINEER)) != 0);
}

struct filter {
	uint32_t asset;
	int scenario, state;
	const char *text;
	int64_t limit, offset;
};

static bool
read_entity(struct work *w, uint32_t *ret)
{
	const char *text;
	struct addr addr;

	*ret = ASSET_NONE;
	if (!work_has(w, "entity"))
		return true;
	if (!work_text(w, "entity", NULL, 64, &text))
		return false;
	if (!rule_addr(span_text(text), &addr))
		return work_fail(w, "bad", "entity", "entity %.64s: no address",
		    text);
	*ret = asset_of(w->d->assets, &addr, TALK_NO_VLAN);
	return *ret != ASSET_NONE ||
	    work_fail(w, "absent", "entity", "no device at %.64s", text);
}

static bool
read_filter(struct work *w, struct filter *f)
{
	return read_entity(w, &f->asset) &&
	    work_word(w, "scenario", scenario_word, &f->scenario) &&
	    work_word(w, "state", state_word, &f->state) &&
	    work_text(w, "text", "", 256, &f->text) &&
	    work_whole(w, "limit", 200, 1, LIST_MOST, &f->limit) &&
	    work_whole(w, "offset", 0, 0, INT64_MAX, &f->offset);
}

static bool
text_matches(const struct desk *d, const struct key *k, const char *wanted)
{
	static struct out text;
	char buf[ADDR_TEXT_MAX];

	if (wanted[0] == '\0')
		return true;
	out_open(&text, -1);
	baseline_key_text(d->baseline, k, &text);
	text.buf[text.n < OUT_BUFFER ? text.n : OUT_BUFFER - 1] = '\0';
	return strcasestr(text.buf, wanted) != NULL ||
	    strstr(asset_words(d, k->client, buf), wanted) != NULL ||
	    strstr(asset_words(d, k->server, buf), wanted) != NULL;
}

static bool
fits(const struct desk *d, const struct filter *f, const struct key *k)
{
	return (f->asset == ASSET_NONE || k->client == f->asset ||
		   k->server == f->asset) &&
	    (f->scenario < 0 || k->scenario == f->scenario) &&
	    (f->state < 0 || k->state == f->state) &&
	    text_matches(d, k, f->text);
}

bool
baseline_find_keys(struct work *w)
{
	struct filter f;
	const struct key *k;
	json_t *list = json_array();
	uint32_t cursor = 0;
	int64_t n = 0;

	if (list == NULL || !read_filter(w, &f)) {
		json_decref(list);
		return false;
	}
	while ((k = baseline_next(w->d->baseline, &cursor)) != NULL) {
		if (!fits(w->d, &f, k))
			continue;
		if (n >= f.offset && n < f.offset + f.limit)
			(void)json_array_append_new(list, key_json(w->d, k));
		n++;
	}
	return work_put(w, "total", json_integer(n)) &&
	    work_put(w, "keys", list);
}

bool
baseline_reviewed(struct work *w)
{
	static struct review found[REVIEW_MOST];
	json_t *list, *one;
	int64_t limit;
	uint32_t n;

	if (!work_whole(w, "limit", 50, 1, REVIEW_MOST, &limit))
		return false;
	n = baseline_review(w->d->baseline, found, REVIEW_MOST);
	list = json_array();
	for (uint32_t i = 0; i < n && i < (uint32_t)limit; i++) {
		one = key_json(w->d, found[i].key);
		(void)json_object_set_new(one, "why",
		    json_string(found[i].why));
		(void)json_array_append_new(list, one);
	}
	return work_put(w, "total", json_integer(n)) &&
	    work_put(w, "keys", list);
}

bool
baseline_previewed(struct work *w)
{
	static struct preview found[PREVIEW_MOST];
	char client[ADDR_TEXT_MAX];
	json_t *list;
	int64_t days, groups = 0;
	uint32_t n;

	if (!work_whole(w, "days", 7, 1, 400, &days))
		return false;
	n = baseline_preview(w->d->baseline, (uint32_t)days, found,
	    PREVIEW_MOST);
	list = json_array();
	for (uint32_t i = 0; i < n; i++) {
		groups += found[i].groups;
		(void)json_array_append_new(list,
		    json_pack("{s:s, s:s, s:i, s:i, s:o}", "scenario",
			scenario_names[found[i].scenario].name, "client",
			asset_words(w->d, found[i].client, client), "alerts",
			(int)found[i].groups, "keys", (int)found[i].keys,
			"example", key_json(w->d, found[i].example)));
	}
	return work_put(w, "days", json_integer(days)) &&
	    work_put(w, "alerts", json_integer(groups)) &&
	    work_put(w, "items", list);
}

/* ---------------------------------------------------------------- single keys
 */

static const struct key *
read_key(struct work *w)
{
	const struct key *k = NULL;
	const char *text;
	char *end;
	uint64_t hash;

	if (!work_text(w, "key", NULL, 32, &text))
		return NULL;
	hash = strtoull(text, &end, 16);
	if (*text != '\0' && *end == '\0')
		k = baseline_find(w->d->baseline, hash);
	if (k == NULL)
		(void)work_fail(w, "absent", "key",
		    "no key %.32s; 'baseline show' lists them", text);
	return k;
}

static bool
explain(struct work *w, const struct key *k)
{
	char text[1024];
	size_t n;

	baseline_why(w->d->baseline, k, text, sizeof(text));
	for (n = strlen(text); n > 0 && text[n - 1] == ' '; n--)
		text[n - 1] = '\0';
	work_say(w, "%s\n", text);
	return work_put(w, "why", json_string(text)) &&
	    work_put(w, "item", key_json(w->d, k));
}

bool
baseline_explained(struct work *w)
{
	static struct alert room;
	const struct alert *a;
	const struct key *k;
	int64_t number;

	if (!work_has(w, "number")) {
		k = read_key(w);
		return k != NULL && explain(w, k);
	}
	if (!work_whole(w, "number", WORK_MUST, 1, UINT32_MAX, &number) ||
	    (a = work_alert(w, (uint32_t)number, &room)) == NULL)
		return false;
	if (a->key.state == KEY_NONE) {
		work_say(w, "It needs no baseline to be an alert.\n");
		return work_put(w, "why",
		    json_string("It needs no baseline to be an alert."));
	}
	k = baseline_find(w->d->baseline, a->key.hash);
	return explain(w, k != NULL ? k : &a->key);
}

static const struct verdict {
	const char *word, *note;
	enum key_state state;
} verdicts[] = {
	{ "accept", "learn", KEY_USER },
	{ "deny", "deny", KEY_DENIED },
	{ "unlearn", "unlearn", KEY_TOMB },
	{ "candidate", "unlearn", KEY_CANDIDATE },
	{ "learned", "learn", KEY_LEARNED },
};
#define N_VERDICTS (sizeof(verdicts) / sizeof(verdicts[0]))

static const char *
verdict_word(uint32_t i)
{
	return i < N_VERDICTS ? verdicts[i].word : NULL;
}

/* The verdict that takes back what is done to a key of that state. */
static const char *
verdict_back(uint8_t state)
{
	for (uint32_t i = 0; i < N_VERDICTS; i++)
		if (verdicts[i].state == state)
			return verdicts[i].word;
	return "candidate";
}

bool
baseline_judge(struct work *w)
{
	const struct key *k = read_key(w);
	const char *back;
	char hash[17];
	int i;

	if (k == NULL || !work_word(w, "verdict", verdict_word, &i))
		return false;
	if (i < 0)
		return work_fail(w, "bad", "verdict", "verdict is missing");
	(void)snprintf(hash, sizeof(hash), "%016" PRIx64, k->hash);
	back = verdict_back(k->state);
	if (!baseline_set_key(w->d->baseline, k->hash, verdicts[i].state))
		return work_fail(w, "failed", NULL, "no room for it");
	return work_note(w, verdicts[i].note, hash, "by review") &&
	    work_put(w, "item", key_json(w->d, k)) &&
	    work_put(w, "undo",
		json_pack("{s:s, s:s, s:s}", "verb", "baseline.judge", "key",
		    hash, "verdict", back));
}

/* ------------------------------------------------------------ more than a key
 */

bool
baseline_unlearn(struct work *w)
{
	struct tick from, until;
	uint32_t asset, n;

	if (!read_entity(w, &asset) || !work_time(w, "from", &from) ||
	    !work_time(w, "until", &until))
		return false;
	if (asset == ASSET_NONE && from.ns == 0 && until.ns == 0)
		return work_fail(w, "bad", "entity",
		    "forget what? --entity ADDRESS, --from TIME, --until "
		    "TIME");
	n = baseline_forget(w->d->baseline, asset, from,
	    until.ns != 0 ? until : (struct tick){ INT64_MAX });
	work_say(w, "%" PRIu32 " things are no longer normal\n", n);
	return work_note(w, "unlearn", "baseline", "%" PRIu32 " keys forgotten",
		   n) &&
	    work_put(w, "forgotten", json_integer(n));
}

static const struct stage {
	const char *word;
	enum scenario_state state;
} stages[] = { { "learning", STATE_LEARN }, { "dynamic", STATE_WATCH },
	{ "operational", STATE_OPER } };

static const char *
stage_word(uint32_t i)
{
	return i < 3 ? stages[i].word : NULL;
}

bool
baseline_move(struct work *w)
{
	int64_t hours;
	int which, to;

	if (!work_word(w, "name", scenario_word, &which) ||
	    !work_word(w, "state", stage_word, &to) ||
	    !work_whole(w, "hours", 0, 0, HOURS_MOST, &hours))
		return false;
	if (which < 0 || to < 0)
		return work_fail(w, "bad", which < 0 ? "name" : "state",
		    "%s is missing", which < 0 ? "name" : "state");
	if (stages[to].state == STATE_LEARN && hours == 0)
		return work_fail(w, "bad", "hours",
		    "learning wants hours, 1 to %d", HOURS_MOST);
	baseline_set_scenario(w->d->baseline, (enum scenario)which,
	    stages[to].state, (uint32_t)hours);
	work_say(w, "%s: %s\n", scenario_names[which].title, stages[to].word);
	return work_note(w, "mode", scenario_names[which].name, "%s %" PRId64,
	    stages[to].word, hours);
}

/* Whose is it?  "signed by this sensor (pump house) on ..." */
static void
say_signer(struct work *w, const struct import_result *r)
{
	char hex[2 * EXPORT_PUBLIC + 1];
	uint8_t own[STORE_LEDGER_PUBLIC];

	if (!r->is_signed) {
		work_say(w,
		    "not signed: whoever could write the file may have made "
		    "it\n");
		return;
	}
	(void)sodium_bin2hex(hex, sizeof(hex), r->key, sizeof(r->key));
	work_say(w, "signed by %s, which calls itself \"%s\", on %s\n",
	    store_ledger_public(w->d->store, NULL, own) &&
		    memcmp(own, r->key, sizeof(own)) == 0
		? "this sensor"
		: hex,
	    r->signer, r->signed_at);
}

static bool
read_public(struct work *w, const char *hex, uint8_t ret[static EXPORT_PUBLIC])
{
	size_t n = 0;

	return (sodium_hex2bin(ret, EXPORT_PUBLIC, hex, strlen(hex), NULL, &n,
		    NULL) == 0 &&
		   n == EXPORT_PUBLIC) ||
	    work_fail(w, "bad", "key", "a public key is %u hexadecimal digits",
		2 * EXPORT_PUBLIC);
}

bool
baseline_take_in(struct work *w)
{
	const char *text, *name, *key;
	uint8_t by[EXPORT_PUBLIC];
	struct import_result r;

	if (!work_text(w, "text", NULL, IMPORT_MOST, &text) ||
	    !work_text(w, "name", "an export", 255, &name) ||
	    !work_text(w, "key", "", 2 * EXPORT_PUBLIC, &key) ||
	    (key[0] != '\0' && !read_public(w, key, by)))
		return false;
	if (!baseline_import(w->d->baseline, span_text(text),
		key[0] != '\0' ? by : NULL, &r)) {
		if (r.line == 0)
			return work_fail(w, "input", "text",
			    "%s: %s; nothing was imported", name, r.error);
		return work_fail(w, "input", "text",
		    "%s: line %" PRIu32 ": %s; nothing was imported", name,
		    r.line, r.error);
	}
	say_signer(w, &r);
	work_say(w,
	    "%" PRIu32 " candidates added, %" PRIu32 " known already, %" PRIu32
	    " of devices that are not known here\n",
	    r.added, r.known, r.strangers);
	return work_note(w, "learn", "baseline",
	    "imported %s: %" PRIu32 " keys", name, r.added);
}
