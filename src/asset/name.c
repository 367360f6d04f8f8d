/*
 * name.c - see private.h: addresses to assets, and which networks they are in.
 *
 * One open-addressing table maps an address to its asset.  The name of an
 * asset in that table is
 *
 *	an IP address within no network that DHCP serves, or known to be local
 *	the /24 or /48 of an address outside
 *	a MAC address, where nothing above it has one
 *
 * Several names may lead to the same asset: ARP says that a MAC and an IP
 * address are one device's, DHCP that a device has a new address.
 */
#include <string.h>

#include "../base/hash.h"
#include "private.h"

struct name_key
name_ip(const struct ip *ip, bool outside)
{
	struct name_key k = { .len = ip->len };

	memcpy(k.b, ip->b, ip->len);
	if (outside) {
		k.len |= NAME_OUTSIDE;
		if (ip->len == 4)
			k.b[3] = 0;
		else
			memset(k.b + 6, 0, 10);
	}
	return k;
}

struct name_key
name_mac(const struct mac *mac)
{
	struct name_key k = { .len = 0 };

	memcpy(k.b, mac->b, 6);
	return k;
}

/* Where the name stands, or would. */
static struct name *
place(const struct assets *as, const struct name_key *k)
{
	uint32_t i =
	    (uint32_t)hash_bytes(k, sizeof(*k), hash_seed) & (as->slots - 1);

	while (as->name[i].asset != 0 &&
	    memcmp(&as->name[i].key, k, sizeof(*k)) != 0)
		i = (i + 1) & (as->slots - 1);
	return &as->name[i];
}

uint32_t
name_find(const struct assets *as, const struct name_key *k)
{
	return place(as, k)->asset;
}

void
name_bind(struct assets *as, const struct name_key *k, uint32_t asset)
{
	struct name *n = place(as, k);

	if (k->len == 0)
		as->asset[asset].flags |= ASSET_BY_MAC | ASSET_CHANGED;

	if (n->asset == 0) {
		if (as->names >= as->slots - as->slots / 4) {
			as->left_out++;
			return;
		}
		as->names++;
		n->key = *k;
	}
	n->asset = asset;
}

/* -------------------------------------------------------- inside or outside */

static struct hop *
hop_of(const struct assets *as, const struct mac *mac)
{
	uint32_t i = (uint32_t)hash_bytes(mac, sizeof(*mac), 0) & (HOPS - 1);

	return &as->hop[i];
}

/* A public address was seen with this MAC. */
static void
hop_note(struct assets *as, const struct addr *a)
{
	struct hop *h = hop_of(as, &a->mac);

	if (!mac_same(&h->mac, &a->mac) || h->used == 0) {
		*h = (struct hop){ .mac = a->mac, .ip = a->ip, .used = 1 };
		return;
	}
	if (!ip_same(&h->ip, &a->ip))
		h->used = 2; /* more than one: what sends them is a router */
}

static const struct network *
network_of(const struct assets *as, const struct ip *ip)
{
	const struct network *best = NULL;

	for (uint32_t i = 0; i < as->n_networks; i++) {
		const struct network *n = &as->network[i];

		if (n->ip.len == ip->len && ip_in_prefix(ip, &n->ip, n->bits) &&
		    (best == NULL || n->bits > best->bits))
			best = n;
	}
	return best;
}

/* Of IPv6 only 2000::/3 is global unicast (RFC 4291, 2.4). */
static bool
is_public(const struct assets *as, const struct ip *ip)
{
	const struct network *n;

	if (ip->len == 0 || ip_is_private(ip) || ip_is_group(ip) ||
	    ip_is_zero(ip) || ip_is_loopback(ip) ||
	    (ip->len == 16 && ip->b[0] >> 5 != 1))
		return false;
	n = as->n_networks > 0 ? network_of(as, ip) : NULL;
	return n == NULL || !n->inside;
}

bool
asset_is_internet(const struct assets *as, const struct ip *ip)
{
	struct name_key k = name_ip(ip, false);

	return is_public(as, ip) && name_find(as, &k) == 0;
}

bool
asset_is_ot_net(const struct assets *as, const struct ip *ip)
{
	const struct network *n;

	if (ip->len == 0)
		return true; /* below IP, on the plant's own wire */
	n = as->n_networks > 0 ? network_of(as, ip) : NULL;
	return n != NULL ? n->ot : !asset_is_internet(as, ip);
}

void
assets_no_networks(struct assets *as)
{
	as->n_networks = 0;
}

bool
assets_network(struct assets *as, const struct network *n)
{
	if (as->n_networks == NETWORKS)
		return false;
	as->network[as->n_networks++] = *n;
	as->any_dhcp = as->any_dhcp || n->dhcp;
	return true;
}

/*
 * The name that stands for an address.  A public one is outside, unless it
 * is the only one that its MAC ever sent from and no router counted its time
 * to live down: plants use such addresses as if they were private.
 */
struct name_key
name_of(struct assets *as, const struct addr *a, uint8_t ttl)
{
	if (a->ip.len == 0)
		return name_mac(&a->mac);
	if (is_public(as, &a->ip)) {
		struct name_key k = name_ip(&a->ip, false);
		bool alone = false;

		if (name_find(as, &k) != 0)
			return k;
		if (a->has_mac && ttl != 0) {
			hop_note(as, a);
			alone =
			    hop_of(as, &a->mac)->used == 1 && ttl_is_fresh(ttl);
		}
		return name_ip(&a->ip, !alone);
	}
	if (as->any_dhcp && a->has_mac) {
		const struct network *n = network_of(as, &a->ip);

		if (n != NULL && n->dhcp)
			return name_mac(&a->mac);
	}
	return name_ip(&a->ip, false);
}
