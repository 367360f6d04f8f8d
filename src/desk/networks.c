/* networks.c - what people say of networks, and networks as text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

/* -------------------------------------------------------------------- as text
 */

void
network_mask(struct ip *ip, unsigned bits)
{
	for (unsigned i = 0; i < ip->len; i++) {
		unsigned keep = bits > 8 * i ? bits - 8 * i : 0;

		if (keep < 8)
			ip->b[i] &= (uint8_t)(0xff00u >> keep);
	}
}

bool
network_read(const char *text, struct ip *ret, uint8_t *ret_bits)
{
	size_t n = strcspn(text, "/");
	unsigned long bits;
	struct addr addr;
	char *end;

	if (!rule_addr(span_first(span_text(text), (uint32_t)n), &addr) ||
	    addr.ip.len == 0)
		return false;
	bits = 8ul * addr.ip.len;
	if (text[n] == '/') {
		unsigned long asked = strtoul(text + n + 1, &end, 10);

		if (text[n + 1] < '0' || text[n + 1] > '9' || *end != '\0' ||
		    asked > bits)
			return false;
		bits = asked;
	}
	*ret = addr.ip;
	*ret_bits = (uint8_t)bits;
	network_mask(ret, (unsigned)bits);
	return true;
}

const char *
network_text(const struct ip *ip, unsigned bits, char *dst, size_t cap)
{
	char text[ADDR_TEXT_MAX];

	(void)snprintf(dst, cap, "%s/%u", ip_text(ip, text), bits);
	return dst;
}

/* -------------------------------------------------------------------- putting
 */

static bool
read_one(struct work *w, struct network *n)
{
	const char *text, *name;

	*n = (struct network){ .ot = true };
	if (!work_text(w, "network", NULL, 64, &text) ||
	    !work_text(w, "name", "", sizeof(n->name) - 1, &name))
		return false;
	if (!network_read(text, &n->ip, &n->bits))
		return work_fail(w, "bad", "network",
		    "'%.64s' is no network: such as 10.1.0.0/16", text);
	(void)snprintf(n->name, sizeof(n->name), "%s", name);
	if (!work_yes(w, "ot", true, &n->ot) ||
	    !work_yes(w, "inside", ip_is_private(&n->ip), &n->inside) ||
	    !work_yes(w, "dhcp", false, &n->dhcp))
		return false;
	return n->inside ||
	    work_fail(w, "bad", "inside",
		"%s is public: --inside if it is yours", text);
}

static bool
put_one(struct work *w, const json_t *one)
{
	const json_t *whole = w->q;
	struct network n;
	char text[64];
	bool ok;

	w->q = one;
	ok = json_is_object(one)
	    ? read_one(w, &n)
	    : work_fail(w, "bad", "networks", "networks: must be objects");
	w->q = whole;
	if (!ok)
		return false;
	(void)network_text(&n.ip, n.bits, text, sizeof(text));
	return (store_put_network(w->d->store, &n) || work_fail_store(w)) &&
	    work_note(w, "network", text, "%s%s%s%s%s",
		n.ot ? "industrial" : "office", n.inside ? ", inside" : "",
		n.dhcp ? ", DHCP" : "", n.name[0] != '\0' ? ": " : "", n.name);
}

static bool
has_room(struct work *w, size_t more)
{
	return work_sql(w, "select count(*) from network", NULL, 0) +
		(int64_t)more <=
	    (int64_t)DESK_NETWORKS ||
	    work_fail(w, "conflict", "networks", "more than %u networks",
		DESK_NETWORKS);
}

/* As it is kept. */
static const char *
network_of(const json_t *one, char *dst, size_t cap)
{
	struct ip ip = { .len = 0 };
	uint8_t bits = 0;

	(void)network_read(json_string_value(json_object_get(one, "network")),
	    &ip, &bits);
	return network_text(&ip, bits, dst, cap);
}

bool
networks_put(struct work *w)
{
	const json_t *list = json_object_get(w->q, "networks"), *one;
	char text[64];
	size_t i;

	if (json_array_size(list) == 0)
		return work_fail(w, "bad", "networks",
		    "networks: must be a list of at least one");
	if (!has_room(w, json_array_size(list)))
		return false;
	json_array_foreach(list, i, one)
		if (!put_one(w, one))
			return false;
	if (i == 1)
		work_say(w, "%s added\n",
		    network_of(json_array_get(list, 0), text, sizeof(text)));
	else
		work_say(w, "%zu networks imported\n", i);
	return true;
}

/* ------------------------------------------------------------------- deleting
 */

static bool
delete_one(struct work *w, const char *word)
{
	struct network n;
	char text[64];

	if (!network_read(word, &n.ip, &n.bits))
		return work_fail(w, "bad", "networks",
		    "'%.64s' is no network: such as 10.1.0.0/16", word);
	(void)network_text(&n.ip, n.bits, text, sizeof(text));
	if (work_sql(w,
		"select count(*) from network where ip || '/' || bits = ?1",
		text, 0) == 0)
		return work_fail(w, "absent", "networks",
		    "there is no %s; 'sightglass networks' lists them", text);
	return (store_delete_network(w->d->store, &n.ip, n.bits) ||
		   work_fail_store(w)) &&
	    work_note(w, "network", text, "deleted");
}

bool
networks_delete(struct work *w)
{
	const json_t *list = json_object_get(w->q, "networks"), *one;
	size_t i;

	if (json_array_size(list) == 0)
		return work_fail(w, "bad", "networks",
		    "networks: must be a list of at least one");
	json_array_foreach(list, i, one)
		if (!(json_is_string(one)
			    ? delete_one(w, json_string_value(one))
			    : work_fail(w, "bad", "networks",
				  "networks: must be texts")))
			return false;
	work_say(w, "%zu network%s deleted\n", i, i == 1 ? "" : "s");
	return true;
}
