/* allows.c - see allows.h. */
#include "allows.h"

#include <inttypes.h>
#include <stdio.h>

#include "pick.h"

static bool
is_covered(const struct allows *w, const struct key *k)
{
	for (uint32_t i = 0; i < w->n; i++)
		if (allow_covers(&w->of[i], k))
			return true;
	return false;
}

static bool
add_key(struct allows *w, const struct key *k, unsigned level)
{
	if (is_covered(w, k))
		return true;
	if (!allow_of_key(k, level, &w->of[w->n]))
		return false;
	w->n++;
	return true;
}

bool
allows_find(const struct state *s, const struct alert *a, unsigned level,
    struct allows *ret)
{
	const struct key *k;

	ret->n = 0;
	if (!add_key(ret, &a->key, level))
		return false;
	for (uint32_t i = 0; i < a->n_keys; i++)
		if ((k = baseline_find(s->baseline, a->keys[i])) != NULL &&
		    !add_key(ret, k, level))
			(void)add_key(ret, k, 0);
	return true;
}

static bool
covers_alert(const struct state *s, const struct allows *w,
    const struct alert *a)
{
	const struct key *k;

	if (a->key.state == KEY_NONE || !is_covered(w, &a->key))
		return false;
	for (uint32_t i = 0; i < a->n_keys; i++)
		if ((k = baseline_find(s->baseline, a->keys[i])) != NULL &&
		    !is_covered(w, k))
			return false;
	return true;
}

int64_t
allows_alerts(struct state *s, const struct allows *w, bool close)
{
	static struct alert a;
	static struct picked open;
	int64_t n = 0;

	open.n = 0;
	if (!pick_where(&open, &list_alerts, s->store, "status != closed"))
		return -1;
	for (uint32_t i = 0; i < open.n; i++) {
		if (!store_get_alert(s->store, open.number[i], &a))
			return -1;
		if (!covers_alert(s, w, &a))
			continue;
		n++;
		a.status = STATUS_CLOSED;
		if (close && !store_put_alert(s->store, &a))
			return -1;
	}
	return n;
}

/* Keys of the baseline that would be normal too. */
static uint32_t
keys_covered(const struct state *s, const struct allows *w)
{
	const struct key *k;
	uint32_t cursor = 0, n = 0;

	while ((k = baseline_next(s->baseline, &cursor)) != NULL)
		n += is_covered(w, k);
	return n;
}

void
allows_put_levels(struct state *s, const struct alert *a)
{
	struct allows w;
	int64_t closes;
	uint32_t covers;

	for (unsigned level = 0; level < LEVELS; level++) {
		if (!allows_find(s, a, level, &w))
			continue;
		closes = allows_alerts(s, &w, false);
		covers = keys_covered(s, &w);
		(void)printf("  --level %u  %s: closes %" PRId64
			     " open alert%s, covers %" PRIu32
			     " thing%s seen so far\n",
		    level, allow_level_text(&a->key, level), closes,
		    closes == 1 ? "" : "s", covers, covers == 1 ? "" : "s");
	}
	if (a->n_keys == ALERT_KEYS)
		(void)printf("  there may be more of it than is kept: only a "
			     "wider level covers that\n");
}
