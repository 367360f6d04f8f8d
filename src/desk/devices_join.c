/*
 * devices_join.c - what people say is one device, and what is two.
 *
 * It is said of addresses (groups, inventory.h), so that it holds whatever is
 * found afterwards, and in later runs.  The list is made anew at once.  A
 * merged device keeps the number of the first; the addresses that are split
 * off get a new one.  What was learned is of addresses and stays with them.
 *
 * Undo is an arrangement: groups of addresses, and devices with their
 * addresses and what was said of them, as they were.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "private.h"

#define JOIN_MOST 16u /* devices at a time */
#define JOIN_ADDRS (JOIN_MOST * DEVICE_ADDRS)

struct listed { /* a device of the list */
	struct device_person person;
	struct device_addr addr[DEVICE_ADDRS];
	uint32_t n;
};

/* -------------------------------------------------------------- the devices */

/*
 * The list is made of what is in memory.  A sensor that was killed lost what
 * it had seen in its last minute, and cannot sort devices that it does not
 * know again yet.
 */
static bool
is_known(struct work *w, uint32_t id, const struct device_addr *a, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (inventory_knows(w->d->inventory, &a[i]))
			return true;
	return work_fail(w, "conflict", "ids",
	    "device %" PRIu32
	    " was not seen since the sensor had to begin anew; try "
	    "again when it has spoken",
	    id);
}

static bool
get_listed(struct work *w, uint32_t id, struct listed *ret)
{
	return device_person_of(w, id, &ret->person) &&
	    (store_get_addresses(w->d->store, id, ret->addr, &ret->n) ||
		work_fail_store(w)) &&
	    is_known(w, id, ret->addr, ret->n);
}

static json_t *
listed_json(struct listed *l)
{
	json_t *one = device_person_json(&l->person), *list = json_array();

	for (uint32_t i = 0; i < l->n; i++)
		(void)json_array_append_new(list, address_json(&l->addr[i]));
	(void)json_object_set_new(one, "addresses", list);
	return one;
}

static bool
put_undo(struct work *w, json_t *groups, json_t *devices, json_t *gone)
{
	return device_undo(w,
	    json_pack("{s:s, s:o, s:o, s:o}", "verb", "devices.arrange",
		"groups", groups, "devices", devices, "gone", gone));
}

/* What was said of the first stands; the others say what it leaves open. */
static void
fill_person(struct device_person *to, const struct device_person *from)
{
	if (to->name[0] == '\0')
		memcpy(to->name, from->name, sizeof(to->name));
	if (to->role[0] == '\0')
		memcpy(to->role, from->role, sizeof(to->role));
	if (to->comment[0] == '\0')
		memcpy(to->comment, from->comment, sizeof(to->comment));
	if (to->purdue == 255)
		to->purdue = from->purdue;
	device_marks_fill(to, from);
}

static bool
put_person(struct work *w, const struct device_person *p,
    const struct device_addr *a, uint32_t n)
{
	return (store_put_person(w->d->store, p) || work_fail_store(w)) &&
	    device_mark_addresses(w, p, a, n);
}

/* -------------------------------------------------------------------- merge */

static bool
read_merged(struct work *w, struct listed *all, uint32_t *ret_n,
    json_t *devices)
{
	static struct numbers ids;

	if (!work_numbers(w, "ids", &ids))
		return false;
	if (ids.n < 2 || ids.n > JOIN_MOST)
		return work_fail(w, "bad", "ids",
		    "ids: two devices or more, at most %u, are merged",
		    JOIN_MOST);
	for (uint32_t i = 0; i < ids.n; i++) {
		for (uint32_t k = 0; k < i; k++)
			if (ids.of[k] == ids.of[i])
				return work_fail(w, "bad", "ids",
				    "ids: device %" PRIu32 " is named twice",
				    ids.of[i]);
		if (!get_listed(w, ids.of[i], &all[i]))
			return false;
		(void)json_array_append_new(devices, listed_json(&all[i]));
	}
	*ret_n = ids.n;
	return true;
}

/* Into the first. */
static bool
merge_all(struct work *w, struct joining *j, struct listed *all, uint32_t n)
{
	const uint32_t group = groups_new(j), id = all[0].person.device;
	struct device_addr every[JOIN_ADDRS];
	uint32_t n_every = 0;

	for (uint32_t i = 0; i < n; i++) {
		for (uint32_t k = 0; k < all[i].n; k++) {
			every[n_every++] = all[i].addr[k];
			if (!groups_move(w, j, &all[i].addr[k], group))
				return false;
		}
		if (i == 0)
			continue;
		fill_person(&all[0].person, &all[i].person);
		if (!store_drop_device(w->d->store, all[i].person.device))
			return work_fail_store(w);
	}
	return (store_number_device(w->d->store, id, every, n_every) ||
		   work_fail_store(w)) &&
	    put_person(w, &all[0].person, every, n_every) && groups_apply(w, j);
}

static bool
note_merge(struct work *w, const struct listed *all, uint32_t n)
{
	char about[32], text[256];
	size_t at = 0;

	(void)snprintf(about, sizeof(about), "device %" PRIu32,
	    all[0].person.device);
	for (uint32_t i = 1; i < n && at < sizeof(text); i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at,
		    "%s%" PRIu32, i > 1 ? ", " : "", all[i].person.device);
	work_say(w,
	    "merged: device %" PRIu32 " and %s are one, device %" PRIu32 "\n",
	    all[0].person.device, text, all[0].person.device);
	return work_put(w, "id", json_integer(all[0].person.device)) &&
	    work_note(w, "device", about, "merged with %s", text);
}

bool
devices_merge(struct work *w)
{
	static struct listed all[JOIN_MOST];
	static struct joining j;
	json_t *devices = json_array();
	uint32_t n = 0;
	bool ok = groups_begin(w, &j) && read_merged(w, all, &n, devices) &&
	    merge_all(w, &j, all, n) && note_merge(w, all, n);

	if (ok)
		return put_undo(w, groups_back(&j), devices, json_array());
	json_decref(devices);
	return false;
}

/* -------------------------------------------------------------------- split */

struct split {
	struct listed of;
	bool off[DEVICE_ADDRS];
	uint32_t n_off;
};

static bool
pick_address(struct work *w, struct split *s, const char *text)
{
	struct addr a;
	bool found = false;

	if (text == NULL || !rule_addr(span_text(text), &a))
		return work_fail(w, "bad", "addresses",
		    "'%.64s' is no IP or MAC address",
		    text != NULL ? text : "");
	for (uint32_t i = 0; i < s->of.n; i++) {
		const struct addr *x = &s->of.addr[i].addr;
		bool same = a.ip.len > 0
		    ? ip_same(&a.ip, &x->ip)
		    : x->has_mac && mac_same(&a.mac, &x->mac);

		found = found || same;
		s->n_off += same && !s->off[i];
		s->off[i] = s->off[i] || same;
	}
	return found ||
	    work_fail(w, "absent", "addresses",
		"%.64s is no address of device %" PRIu32, text,
		s->of.person.device);
}

static bool
read_split(struct work *w, struct split *s)
{
	const json_t *list = json_object_get(w->q, "addresses"), *one;
	int64_t id;
	size_t i;

	if (!work_whole(w, "id", WORK_MUST, 1, UINT32_MAX, &id) ||
	    !get_listed(w, (uint32_t)id, &s->of))
		return false;
	if (json_array_size(list) == 0)
		return work_fail(w, "bad", "addresses",
		    "addresses: which of its addresses are another device?");
	json_array_foreach(list, i, one)
		if (!pick_address(w, s, json_string_value(one)))
			return false;
	return s->n_off < s->of.n ||
	    work_fail(w, "conflict", "addresses",
		"these are all addresses of device %" PRIu32
		": one must be left to it",
		s->of.person.device);
}

/* A MAC goes along only where nothing that stays has it. */
static bool
mac_goes(const struct split *s, uint32_t at)
{
	const struct addr *a = &s->of.addr[at].addr;

	for (uint32_t i = 0; i < s->of.n; i++)
		if (!s->off[i] && s->of.addr[i].addr.has_mac && a->has_mac &&
		    mac_same(&s->of.addr[i].addr.mac, &a->mac))
			return false;
	return a->has_mac;
}

static bool
split_off(struct work *w, struct joining *j, const struct split *s, uint32_t id)
{
	const uint32_t rest = groups_new(j), off = rest + 1;
	struct device_addr gone[DEVICE_ADDRS];
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->of.n; i++)
		if (!groups_move(w, j, &s->of.addr[i], rest))
			return false;
	for (uint32_t i = 0; i < s->of.n; i++) {
		const struct device_addr mac = mac_alone(&s->of.addr[i]);
		const bool along = mac_goes(s, i);

		if (!s->off[i])
			continue;
		gone[n] = s->of.addr[i];
		gone[n++].addr.has_mac = along;
		if (!groups_put(w, j, &s->of.addr[i], off) ||
		    (along && !groups_put(w, j, &mac, off)))
			return false;
	}
	return (store_number_device(w->d->store, id, gone, n) ||
		   work_fail_store(w)) &&
	    groups_apply(w, j);
}

bool
devices_split(struct work *w)
{
	static struct split s;
	static struct joining j;
	char about[32];
	uint32_t id;

	s = (struct split){ .n_off = 0 };
	if (!groups_begin(w, &j) || !read_split(w, &s))
		return false;
	id = store_new_device(w->d->store);
	if (!split_off(w, &j, &s, id))
		return false;
	(void)snprintf(about, sizeof(about), "device %" PRIu32,
	    s.of.person.device);
	work_say(w,
	    "split: %" PRIu32 " address%s of device %" PRIu32
	    " %s device %" PRIu32 " now\n",
	    s.n_off, s.n_off == 1 ? "" : "es", s.of.person.device,
	    s.n_off == 1 ? "is" : "are", id);
	return work_put(w, "id", json_integer(id)) &&
	    work_note(w, "device", about,
		"split: %" PRIu32 " of its addresses are device %" PRIu32,
		s.n_off, id) &&
	    put_undo(w, groups_back(&j), json_pack("[o]", listed_json(&s.of)),
		json_pack("[I]", (json_int_t)id));
}

/* ---------------------------------------------------------------- as it was */

static bool
arrange_groups(struct work *w, struct joining *j)
{
	const json_t *list = json_object_get(w->q, "groups"), *one;
	size_t i;

	json_array_foreach(list, i, one) {
		json_int_t group =
		    json_integer_value(json_object_get(one, "group"));
		struct device_addr a;

		if (!read_address(w, one, &a))
			return false;
		if (group < 0 || group > UINT32_MAX)
			return work_fail(w, "bad", "groups",
			    "groups: a group is a number");
		if (!groups_put(w, j, &a, (uint32_t)group))
			return false;
	}
	return true;
}

/* The device is there, or its number was given before. */
static bool
find_listed(struct work *w, uint32_t id, struct listed *ret, bool *ret_there)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%" PRIu32, id);
	*ret_there =
	    work_sql(w, "select count(*) from device where id = ?1 + 0", text,
		0) != 0;
	if (*ret_there)
		return get_listed(w, id, ret);
	*ret = (struct listed){ .person = DEVICE_PERSON_NONE };
	ret->person.device = id;
	return work_sql(w,
		   "select ifnull(max(seq), 0) from sqlite_sequence "
		   "where name = 'device'",
		   NULL, 0) >= id ||
	    work_fail(w, "absent", "devices", "there was no device %s", text);
}

static bool
arrange_device(struct work *w, const json_t *one, json_t *was, json_t *gone)
{
	const json_t *list = json_object_get(one, "addresses"), *address;
	struct device_addr a[DEVICE_ADDRS];
	uint32_t n = 0;
	struct listed l;
	char about[32];
	int64_t id;
	bool there;
	size_t i;

	w->q = one;
	if (!work_whole(w, "id", WORK_MUST, 1, UINT32_MAX, &id) ||
	    !find_listed(w, (uint32_t)id, &l, &there))
		return false;
	if (there)
		(void)json_array_append_new(was, listed_json(&l));
	else
		(void)json_array_append_new(gone, json_integer(id));
	json_array_foreach(list, i, address)
		if (n < DEVICE_ADDRS && !read_address(w, address, &a[n++]))
			return false;
	(void)snprintf(about, sizeof(about), "device %" PRId64, id);
	return is_known(w, (uint32_t)id, a, n) &&
	    device_person_take(w, &l.person) &&
	    (store_number_device(w->d->store, (uint32_t)id, a, n) ||
		work_fail_store(w)) &&
	    put_person(w, &l.person, a, n) &&
	    work_note(w, "device", about,
		"as it was before it was merged or split");
}

static bool
arrange_gone(struct work *w, json_t *was)
{
	static struct listed l;
	const json_t *list = json_object_get(w->q, "gone"), *one;
	size_t i;

	json_array_foreach(list, i, one) {
		uint32_t id = (uint32_t)json_integer_value(one);

		if (!get_listed(w, id, &l))
			return false;
		(void)json_array_append_new(was, listed_json(&l));
		if (!store_drop_device(w->d->store, id))
			return work_fail_store(w);
	}
	return true;
}

static bool
arrange_all(struct work *w, struct joining *j, json_t *was, json_t *gone)
{
	const json_t *whole = w->q, *one;
	const json_t *list = json_object_get(w->q, "devices");
	size_t i;
	bool ok = json_array_size(list) <= JOIN_MOST && groups_begin(w, j) &&
	    arrange_groups(w, j) && arrange_gone(w, was);

	json_array_foreach(list, i, one)
		if (ok)
			ok = arrange_device(w, one, was, gone);
	w->q = whole;
	return ok && groups_apply(w, j);
}

bool
devices_arrange(struct work *w)
{
	static struct joining j;
	json_t *was = json_array(), *gone = json_array();
	size_t n = json_array_size(json_object_get(w->q, "devices"));

	if (arrange_all(w, &j, was, gone)) {
		work_say(w, "as before: %zu device%s\n", n, n == 1 ? "" : "s");
		return put_undo(w, groups_back(&j), was, gone);
	}
	json_decref(was);
	json_decref(gone);
	return false;
}
