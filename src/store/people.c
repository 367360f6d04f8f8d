/* people.c - what people decided: rules, allowed keys, mutes, networks,
 * comments, and the timeline that tells of it. */
#include <string.h>

#include "private.h"

/* ------------------------------------------------------------------- writing
 */

bool
store_note(struct store *st, struct tick at, const char *who, const char *what,
    const char *about, const char *text)
{
	if (word_find(&words_timeline, what) == words_timeline.n)
		return store_fail(st, "no word of the timeline: %s", what);
	return store_do(st, STATEMENT_NOTE, "itttt", at.ns, who, what, about,
	    text);
}

bool
store_put_rule(struct store *st, struct person_rule *r)
{
	bool is_new = r->id == 0;

	if (is_new)
		r->id = st->next_rule++;
	if (store_row(st, TABLE_RULE, r))
		return true;
	if (is_new)
		r->id = 0;
	return false;
}

static bool
copy_rule(void *ctx, const void *row)
{
	memcpy(ctx, row, sizeof(struct person_rule));
	return true;
}

bool
store_get_rule(struct store *st, uint32_t id, struct person_rule *ret)
{
	struct person_rule row;

	memset(ret, 0, sizeof(*ret));
	if (!store_each(st, TABLE_RULE, "WHERE id = ?1", id, &row, sizeof(row),
		copy_rule, ret))
		return false;
	return (ret->id == id && id != 0) ||
	    store_fail(st, "there is no rule %u in %s", id, st->dir);
}

bool
store_delete_rule(struct store *st, uint32_t id)
{
	return store_do(st, STATEMENT_RULE_GONE, "i", (int64_t)id);
}

bool
store_put_allow(struct store *st, struct allow *a, uint32_t alert,
    const char *who, const char *reason, struct tick at)
{
	struct allow_row row = { .allow = *a, .alert = alert, .at = at };
	bool is_new = a->id == 0;

	if (is_new)
		row.allow.id = st->next_allow++;
	memcpy(row.who, who, strnlen(who, sizeof(row.who) - 1));
	memcpy(row.reason, reason, strnlen(reason, sizeof(row.reason) - 1));
	if (!store_row(st, TABLE_ALLOW, &row))
		return false;
	a->id = row.allow.id;
	return true;
}

bool
store_delete_allow(struct store *st, uint32_t id)
{
	return store_do(st, STATEMENT_ALLOW_GONE, "i", (int64_t)id);
}

bool
store_set_mute(struct store *st, uint64_t fold, bool muted)
{
	bool began = store_enter(st);
	bool ok = st->in_batch &&
	    store_do(st, muted ? STATEMENT_MUTE : STATEMENT_UNMUTE, "i",
		(int64_t)fold) &&
	    store_do(st, STATEMENT_ALERT_MUTED, "ii", (int64_t)fold,
		(int64_t)muted);

	return store_leave(st, began, ok);
}

bool
store_put_network(struct store *st, const struct network *n)
{
	return store_row(st, TABLE_NETWORK, n);
}

bool
store_delete_network(struct store *st, const struct ip *ip, uint8_t bits)
{
	char text[ADDR_TEXT_MAX];

	return store_do(st, STATEMENT_NETWORK_GONE, "ti", ip_text(ip, text),
	    (int64_t)bits);
}

bool
store_save_hits(struct store *st, const struct triage *t)
{
	bool began = store_enter(st), ok = st->in_batch;
	const struct person_rule *r;

	for (uint32_t i = 0; ok && (r = triage_at(t, i)) != NULL; i++)
		ok = store_do(st, STATEMENT_RULE_HITS, "iii", (int64_t)r->id,
		    (int64_t)r->hits, r->last_hit.ns);
	return store_leave(st, began, ok);
}

/* ------------------------------------------------------------------- reading
 */

struct loading {
	struct store *store;
	struct triage *triage;
	struct baseline *baseline;
	struct assets *assets;
	char refused[STORE_ERROR]; /* of the first rule that was */
};

static bool
got_rule(void *ctx, const void *row)
{
	const struct person_rule *r = row;
	struct loading *l = ctx;
	struct rule_error e;

	if (triage_add(l->triage, r, &e) || l->refused[0] != '\0')
		return true;
	(void)store_fail(l->store,
	    "rule %u (%s) is not applied: %s; change or delete it", r->id,
	    r->name, e.text);
	memcpy(l->refused, l->store->error, sizeof(l->refused));
	return true;
}

static bool
got_mute(void *ctx, const void *row)
{
	const struct mute_row *m = row;
	struct loading *l = ctx;

	return triage_mute(l->triage, m->fold) ||
	    store_fail(l->store, "more mutes than there is room for");
}

static bool
got_allow(void *ctx, const void *row)
{
	const struct allow_row *a = row;
	struct loading *l = ctx;

	return baseline_allow(l->baseline, &a->allow) ||
	    store_fail(l->store,
		"allowed key %u does not fit the baseline, or there are too "
		"many",
		a->allow.id);
}

static bool
got_network(void *ctx, const void *row)
{
	const struct network *n = row;
	struct loading *l = ctx;

	return assets_network(l->assets, n) ||
	    store_fail(l->store, "more networks than there is room for");
}

static bool
got_domain(void *ctx, const void *row)
{
	const struct allowed_domain *d = row;
	struct loading *l = ctx;

	return triage_domain(l->triage, d->name) ||
	    store_fail(l->store, "more domains than there is room for");
}

bool
store_load_triage(struct store *st, struct triage *t, struct baseline *b,
    struct assets *as)
{
	struct loading l = { .store = st,
		.triage = t,
		.baseline = b,
		.assets = as };
	union {
		struct person_rule rule;
		struct mute_row mute;
		struct allow_row allow;
		struct network network;
		struct allowed_domain domain;
	} row;

	if (!store_each(st, TABLE_NETWORK, "ORDER BY bits, ip", 0, &row,
		sizeof(row), got_network, &l) ||
	    !store_each(st, TABLE_RULE, "ORDER BY id", 0, &row, sizeof(row),
		got_rule, &l) ||
	    !store_each(st, TABLE_DOMAIN, "ORDER BY name", 0, &row, sizeof(row),
		got_domain, &l) ||
	    !store_each(st, TABLE_MUTES, "", 0, &row, sizeof(row), got_mute,
		&l) ||
	    !store_each(st, TABLE_ALLOW, "ORDER BY id", 0, &row, sizeof(row),
		got_allow, &l))
		return false;
	memcpy(st->error, l.refused, sizeof(st->error));
	return true;
}
