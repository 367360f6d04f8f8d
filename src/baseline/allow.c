/*
 * allow.c - what people allowed or forbade, wider than one key.
 *
 * An entry is a key with parts left open.  Entries are found by hash of the
 * parts that are not open: one look per different mask of the scenario, of
 * which there are at most MASKS_MAX.
 */
#include "../base/hash.h"
#include "private.h"

#define ANY_P(i) ALLOW_P(i)

/* The levels: what each leaves open.  0: there is no such level. */
static const struct level {
	uint8_t any;
	const char *text;
} levels[SCENARIO_COUNT][6] = {
	[SCENARIO_IDENTITY] = { [1] = { ANY_P(1) | ANY_P(3) | ANY_P(4),
				    "any value of this" } },
	[SCENARIO_CONNECTION] = { [4] = { ALLOW_SERVER,
				      "this device with any other" },
	    [5] = { ALLOW_CLIENT, "any device with this server" } },
	[SCENARIO_SERVICE] = { [1] = { ANY_P(2), "this protocol on any port" },
	    [2] = { ANY_P(0) | ANY_P(1) | ANY_P(2),
		"any service between the two" },
	    [5] = { ALLOW_CLIENT, "this service from any client" } },
	[SCENARIO_EXTERNAL] = { [1] = { ANY_P(1), "any port of this network" },
	    [2] = { ALLOW_SERVER | ANY_P(2),
		"anything outside on this port, any name" },
	    [5] = { ALLOW_CLIENT, "this destination from any device" } },
	[SCENARIO_FUNCTION] = { [1] = { ANY_P(1), "this function of any unit" },
	    [3] = { ANY_P(1) | ANY_P(2),
		"any function of the protocol between the two" },
	    [5] = { ALLOW_CLIENT, "this function from any client" } },
	[SCENARIO_READ] = { [1] = { ANY_P(3) | ANY_P(4),
				"any object of the area" },
	    [2] = { ANY_P(2) | ANY_P(3) | ANY_P(4), "any object of the unit" },
	    [3] = { ANY_P(1) | ANY_P(2) | ANY_P(3) | ANY_P(4),
		"all reads between the two" },
	    [5] = { ALLOW_CLIENT, "this object by any client" } },
	[SCENARIO_WRITE] = { [1] = { ANY_P(3) | ANY_P(4),
				 "any object of the area" },
	    [2] = { ANY_P(2) | ANY_P(3) | ANY_P(4), "any object of the unit" },
	    [3] = { ANY_P(1) | ANY_P(2) | ANY_P(3) | ANY_P(4),
		"all writes between the two" },
	    [5] = { ALLOW_CLIENT, "this object by any client" } },
	[SCENARIO_ENGINEERING] = { [1] = { ANY_P(1),
				       "this operation on any unit" },
	    [5] = { ALLOW_CLIENT, "this operation from any client" } },
	[SCENARIO_SESSION] = { [1] = { ANY_P(1), "any user between the two" },
	    [5] = { ALLOW_CLIENT, "this user from any client" } },
	[SCENARIO_FILE] = { [1] = { ANY_P(2), "any file of the directory" },
	    [2] = { ANY_P(1) | ANY_P(2), "any file between the two" },
	    [5] = { ALLOW_CLIENT, "this file by any client" } },
	[SCENARIO_PUBLISHER] = { [1] = { ANY_P(4), "any settings of it" },
	    [2] = { ANY_P(3) | ANY_P(4), "anything it sends there" } },
	[SCENARIO_ERROR] = { [1] = { ANY_P(3), "any error of this function" },
	    [2] = { ANY_P(1) | ANY_P(2) | ANY_P(3),
		"any error between the two" },
	    [5] = { ALLOW_CLIENT, "this error towards any client" } },
	[SCENARIO_TOPOLOGY] = { [1] = { ANY_P(1) | ANY_P(2),
				    "any value of this" } },
	[SCENARIO_ATTRIBUTE] = { [1] = { ANY_P(1), "any value of this" } },
};

const char *
allow_level_text(const struct key *k, unsigned level)
{
	if (level == 0)
		return "exactly this";
	return level < 6 ? levels[k->scenario][level].text : NULL;
}

bool
allow_of_key(const struct key *k, unsigned level, struct allow *ret)
{
	if (allow_level_text(k, level) == NULL)
		return false;
	*ret = (struct allow){ .scenario = k->scenario,
		.any = levels[k->scenario][level].any,
		.client = k->client,
		.server = k->server };
	memcpy(ret->p, k->p, sizeof(ret->p));
	if (scenario_has_interval(k->scenario))
		ret->until_p = k->p[4];
	return true;
}

/* The interval part is compared as an interval. */
static bool
has_range(const struct allow *a)
{
	return scenario_has_interval(a->scenario) && (a->any & ALLOW_P(3)) == 0;
}

static bool
parts_match(const struct allow *a, const uint32_t p[5])
{
	for (unsigned i = 0; i < 5; i++) {
		if ((a->any & ALLOW_P(i)) != 0 || (has_range(a) && i >= 3))
			continue;
		if (a->p[i] != p[i])
			return false;
	}
	return !has_range(a) || (p[3] >= a->p[3] && p[4] <= a->until_p);
}

static bool
covers(const struct allow *a, unsigned scenario, uint32_t client,
    uint32_t server, const uint32_t p[5])
{
	return a->scenario == scenario &&
	    ((a->any & ALLOW_CLIENT) != 0 || a->client == client) &&
	    ((a->any & ALLOW_SERVER) != 0 || a->server == server) &&
	    parts_match(a, p);
}

bool
allow_covers(const struct allow *a, const struct key *k)
{
	return covers(a, k->scenario, k->client, k->server, k->p);
}

/* Of what the mask leaves closed. */
static uint32_t
place_of(unsigned scenario, uint8_t any, bool range, uint32_t client,
    uint32_t server, const uint32_t p[5])
{
	uint32_t words[9] = { scenario, any, client, server };

	if ((any & ALLOW_CLIENT) != 0)
		words[2] = 0;
	if ((any & ALLOW_SERVER) != 0)
		words[3] = 0;
	for (unsigned i = 0; i < 5; i++)
		if ((any & ALLOW_P(i)) == 0 && !(range && i >= 3))
			words[4 + i] = p[i];
	return (uint32_t)hash_bytes(words, sizeof(words), hash_seed) %
	    ALLOW_BUCKETS;
}

enum allowed
allowed(const struct baseline *b, const struct tuple *t)
{
	enum allowed found = ALLOWED_NO;
	const struct allow_slot *slot;

	for (uint32_t m = 0; m < b->masks[t->scenario].n; m++) {
		const uint8_t any = b->masks[t->scenario].mask[m].any;
		const bool range = b->masks[t->scenario].mask[m].range;
		uint32_t i = b->allow_bucket[place_of(t->scenario, any, range,
		    t->client, t->server, t->p)];

		for (; i != 0; i = slot->next) {
			slot = &b->allow[i - 1];
			if (!covers(&slot->allow, t->scenario, t->client,
				t->server, t->p))
				continue;
			if (slot->allow.deny)
				return ALLOWED_DENIED;
			found = ALLOWED_YES;
		}
	}
	return found;
}

static bool
use_mask(struct baseline *b, const struct allow *a)
{
	const uint32_t n = b->masks[a->scenario].n;

	for (uint32_t m = 0; m < n; m++)
		if (b->masks[a->scenario].mask[m].any == a->any) {
			b->masks[a->scenario].mask[m].count++;
			return true;
		}
	if (n == MASKS_MAX)
		return false;
	b->masks[a->scenario].mask[n].any = a->any;
	b->masks[a->scenario].mask[n].range = has_range(a);
	b->masks[a->scenario].mask[n].count = 1;
	b->masks[a->scenario].n++;
	return true;
}

static void
leave_mask(struct baseline *b, const struct allow *a)
{
	const uint32_t n = b->masks[a->scenario].n;

	for (uint32_t m = 0; m < n; m++) {
		if (b->masks[a->scenario].mask[m].any != a->any)
			continue;
		if (--b->masks[a->scenario].mask[m].count == 0) {
			b->masks[a->scenario].mask[m] =
			    b->masks[a->scenario].mask[n - 1];
			b->masks[a->scenario].n--;
		}
		return;
	}
}

static uint32_t *
bucket_of_allow(struct baseline *b, const struct allow *a)
{
	return &b->allow_bucket[place_of(a->scenario, a->any, has_range(a),
	    a->client, a->server, a->p)];
}

bool
baseline_allow(struct baseline *b, const struct allow *a)
{
	uint32_t at, *head;

	if (a->scenario >= SCENARIO_COUNT)
		return false;
	baseline_unallow(b, a->id);
	if ((b->allow_free == 0 && b->n_allow == ALLOWS_MAX) || !use_mask(b, a))
		return false;
	at = b->allow_free != 0 ? b->allow_free : ++b->n_allow;
	if (at == b->allow_free)
		b->allow_free = b->allow[at - 1].next;
	head = bucket_of_allow(b, a);
	b->allow[at - 1] =
	    (struct allow_slot){ .allow = *a, .next = *head, .used = true };
	*head = at;
	if (a->expires.ns != 0 && a->expires.ns < b->allow_expires)
		b->allow_expires = a->expires.ns;
	forget_memo(b);
	return true;
}

static void
remove_allow(struct baseline *b, uint32_t at)
{
	uint32_t *link = bucket_of_allow(b, &b->allow[at - 1].allow);

	while (*link != at)
		link = &b->allow[*link - 1].next;
	*link = b->allow[at - 1].next;
	leave_mask(b, &b->allow[at - 1].allow);
	b->allow[at - 1].used = false;
	b->allow[at - 1].next = b->allow_free;
	b->allow_free = at;
	forget_memo(b);
}

void
baseline_unallow(struct baseline *b, uint32_t id)
{
	for (uint32_t i = 1; i <= b->n_allow; i++)
		if (b->allow[i - 1].used && b->allow[i - 1].allow.id == id)
			remove_allow(b, i);
}

void
baseline_unallow_all(struct baseline *b)
{
	for (uint32_t i = 1; i <= b->n_allow; i++)
		if (b->allow[i - 1].used)
			remove_allow(b, i);
}

void
allow_expire(struct baseline *b)
{
	int64_t next = INT64_MAX, end;

	for (uint32_t i = 1; i <= b->n_allow; i++) {
		end = b->allow[i - 1].allow.expires.ns;
		if (!b->allow[i - 1].used || end == 0)
			continue;
		if (end <= b->at.ns)
			remove_allow(b, i);
		else if (end < next)
			next = end;
	}
	b->allow_expires = next;
}
