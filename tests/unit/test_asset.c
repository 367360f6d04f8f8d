/* test_asset.c - who is who: confirmation, names, networks, floods. */
#include <string.h>

#include "../../src/asset/asset.h"
#include "../../src/proto/proto.h"
#include "check.h"

#define MAX 1024u

static uint32_t flow;

static struct addr
at(const char *a, uint8_t mac)
{
	struct addr x = { .ip = { .len = 4 }, .has_mac = mac != 0 };
	unsigned b[4] = { 0, 0, 0, 0 }, n = 0;

	for (const char *c = a; *c != '\0'; c++)
		if (*c == '.')
			n++;
		else
			b[n] = b[n] * 10 + (unsigned)(*c - '0');
	for (n = 0; n < 4; n++)
		x.ip.b[n] = (uint8_t)b[n];
	if (mac != 0)
		x.mac = (struct mac){ { 2, 0, 0, 0, 0, mac } };
	return x;
}

static struct talk
talk(struct addr client, struct addr server, uint32_t sent, uint32_t back)
{
	return (struct talk){ .client = client,
		.server = server,
		.packets = { sent, back },
		.via = VIA_TCP,
		.ttl = { 64, 64 },
		.vlan = TALK_NO_VLAN,
		.flow = ++flow,
		.client_port = 40000,
		.server_port = 502 };
}

static void
test_confirm(void)
{
	struct assets *as = assets_new(MAX);
	struct talk t = talk(at("10.0.0.1", 1), at("10.0.0.2", 2), 1, 0);
	uint32_t c, s;

	assets_begin(as, &t);
	assets_of_talk(as, &t, &c, &s);
	CHECK(c == ASSET_NONE && s == ASSET_NONE);
	t.packets[1] = 1; /* the server answers: it is there */
	assets_of_talk(as, &t, &c, &s);
	CHECK(c == ASSET_NONE && s == 1);
	t.packets[0] = 2; /* and the client goes on */
	assets_of_talk(as, &t, &c, &s);
	CHECK(c == 2 && s == 1);
	CHECK(asset_of(as, &t.client, TALK_NO_VLAN) == 2);
	CHECK(assets_count(as) == 2);
	assets_free(as);
}

static void
test_flood(void)
{
	struct assets *as = assets_new(MAX);
	struct addr victim = at("10.0.0.2", 2);

	for (uint32_t i = 0; i < 1000000; i++) {
		struct addr from = { .ip = { .len = 4 }, .has_mac = true };
		uint32_t n = i * 2654435761u;
		struct talk t;

		memcpy(from.ip.b, &n, 4);
		from.mac.b[5] = 9;
		t = talk(from, victim, 1, i % 2);
		assets_begin(as, &t);
		assets_tally(as, &t);
	}
	CHECK(assets_count(as) < 40); /* the victim, and chance */
	CHECK(assets_left_out(as) == 0);
	assets_free(as);
}

static void
fact_ident(struct fact *f, enum trait trait, struct addr who)
{
	*f = (struct fact){ .kind = FACT_IDENT,
		.trait = (uint8_t)trait,
		.about = ABOUT_ADDR,
		.addr = who };
}

static void
test_lease(void)
{
	struct assets *as = assets_new(MAX);
	struct talk t = talk(at("10.0.0.7", 7), at("10.0.0.2", 2), 5, 5);
	struct fact f;
	uint32_t c, s, before;

	fact_ident(&f, TRAIT_ADDRESS, t.client);
	assets_fact(as, &f, &t); /* ARP: MAC 7 is 10.0.0.7 */
	assets_of_talk(as, &t, &before, &s);
	fact_ident(&f, TRAIT_LEASE, at("10.0.0.99", 7));
	assets_fact(as, &f, &t);
	t = talk(at("10.0.0.99", 7), at("10.0.0.2", 2), 5, 5);
	assets_of_talk(as, &t, &c, &s);
	CHECK(before != ASSET_NONE && c == before);
	/* without a lease, another address of that MAC is another asset */
	fact_ident(&f, TRAIT_ADDRESS, at("10.0.0.50", 7));
	assets_fact(as, &f, &t);
	t = talk(at("10.0.0.50", 7), at("10.0.0.2", 2), 5, 5);
	assets_of_talk(as, &t, &c, &s);
	CHECK(c != ASSET_NONE && c != before);
	assets_free(as);
}

static void
test_outside(void)
{
	struct assets *as = assets_new(MAX);
	struct network ours = { .ip = at("131.180.0.0", 0).ip,
		.bits = 16,
		.inside = true,
		.ot = true };
	struct talk a = talk(at("10.0.0.1", 1), at("8.8.8.8", 9), 5, 5);
	struct talk b = talk(at("10.0.0.1", 1), at("8.8.8.9", 9), 5, 5);
	uint32_t c, s1, s2;

	a.ttl[1] = b.ttl[1] = 57; /* seven routers away */
	assets_of_talk(as, &a, &c, &s1);
	assets_of_talk(as, &b, &c, &s2);
	CHECK(s1 != ASSET_NONE && s1 == s2);
	CHECK((asset_at(as, s1)->flags & ASSET_INTERNET) != 0);
	CHECK(asset_is_internet(as, &a.server.ip));
	CHECK(!asset_is_internet(as, &a.client.ip));
	CHECK(assets_network(as, &ours));
	CHECK(!asset_is_internet(as, &(struct ip){ { 131, 180, 4, 5 }, 4 }));
	CHECK(asset_is_ot_net(as, &(struct ip){ { 131, 180, 4, 5 }, 4 }));
	CHECK(!asset_is_ot_net(as, &a.server.ip));
	/* a public address alone behind its MAC, not routed: a device */
	a = talk(at("141.81.0.10", 20), at("141.81.0.24", 21), 5, 5);
	assets_of_talk(as, &a, &c, &s1);
	CHECK((asset_at(as, c)->flags & ASSET_INTERNET) == 0);
	CHECK((asset_at(as, s1)->flags & ASSET_INTERNET) == 0);
	CHECK(c != s1);
	/* so is a Siemens controller, whose time to live begins at 30 */
	a = talk(at("141.81.0.10", 20), at("141.81.0.130", 22), 5, 5);
	a.ttl[1] = 30;
	assets_of_talk(as, &a, &c, &s1);
	CHECK((asset_at(as, s1)->flags & ASSET_INTERNET) == 0);
	assets_free(as);
}

/* A public address that only ARP names, by a request to all, is on the wire. */
static void
test_named_by_arp(void)
{
	struct assets *as = assets_new(MAX);
	struct talk t = { .client = at("", 5),
		.server = { .has_mac = true,
		    .mac = { { 255, 255, 255, 255, 255, 255 } } },
		.via = VIA_ETHER,
		.vlan = TALK_NO_VLAN,
		.packets = { 3, 0 },
		.flow = ++flow };
	struct fact f = { .kind = FACT_IDENT,
		.trait = TRAIT_ADDRESS,
		.about = ABOUT_ADDR,
		.flags = FACT_BROADCAST,
		.addr = at("131.180.4.5", 5) };
	uint32_t id;

	t.client.ip.len = 0;
	assets_begin(as, &t);
	assets_tally(as, &t);
	assets_fact(as, &f, &t);
	id = asset_of(as, &f.addr, TALK_NO_VLAN);
	CHECK(id != ASSET_NONE);
	CHECK((asset_at(as, id)->flags & ASSET_INTERNET) == 0);
	CHECK(!asset_is_internet(as, &f.addr.ip));
	assets_free(as);
}

static void
test_restore(void)
{
	struct assets *as = assets_new(MAX), *again = assets_new(MAX);
	struct talk t = talk(at("10.0.0.1", 1), at("10.0.0.2", 2), 5, 5);
	uint32_t c, s, c2, s2;

	assets_of_talk(as, &t, &c, &s);
	for (uint32_t i = 1; i <= assets_count(as); i++)
		CHECK(assets_restore(again, asset_at(as, i)));
	CHECK(!assets_restore(again, asset_at(as, 1))); /* ids ascend */
	t.flow++;
	assets_of_talk(again, &t, &c2, &s2);
	CHECK(c == c2 && s == s2);
	assets_free(as);
	assets_free(again);
}

/* No router between: the MAC address, and what is only good for the link, are
 * the same device. */
static void
test_near(void)
{
	struct assets *as = assets_new(MAX);
	struct talk t = talk(at("10.0.0.1", 1), at("10.0.0.2", 2), 2, 2);
	struct addr mac = { .has_mac = true, .mac = { { 2, 0, 0, 0, 0, 1 } } };
	struct talk link = t;
	uint32_t c, s, again;

	t.ttl[1] = 62; /* from afar: the MAC address is a router's */
	assets_of_talk(as, &t, &c, &s);
	CHECK(asset_of(as, &mac, TALK_NO_VLAN) == c);
	mac.mac.b[5] = 2;
	CHECK(asset_of(as, &mac, TALK_NO_VLAN) == ASSET_NONE);
	link.flow = ++flow;
	link.client.ip =
	    (struct ip){ .len = 16, .b = { 0xfe, 0x80, [15] = 1 } };
	assets_of_talk(as, &link, &again, &s);
	CHECK_INT(again, c);
	assets_free(as);
}

/* Of IPv6 only 2000::/3 is outside. */
static void
test_global_unicast(void)
{
	struct assets *as = assets_new(MAX);
	const struct ip out = { .len = 16, .b = { 0x2a, 0x02 } };
	const struct ip odd = { .len = 16, .b = { 0x80, 0x80 } };

	CHECK(asset_is_internet(as, &out));
	CHECK(!asset_is_internet(as, &odd));
	assets_free(as);
}

int
main(void)
{
	proto_init();
	test_confirm();
	test_near();
	test_global_unicast();
	test_flood();
	test_lease();
	test_outside();
	test_named_by_arp();
	test_restore();
	return check_done();
}
