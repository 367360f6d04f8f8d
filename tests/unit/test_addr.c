/* test_addr.c - kinds of addresses and their text (RFC 5952, RFC 6890). */
#include "../../src/model/addr.h"

#include "check.h"

static struct ip
ip6(const uint16_t group[static 8])
{
	uint8_t b[16];

	for (int i = 0; i < 8; i++) {
		b[2 * i] = (uint8_t)(group[i] >> 8);
		b[2 * i + 1] = (uint8_t)group[i];
	}
	return ip6_of(b);
}

#define IP4(a, b, c, d) ip4_of((const uint8_t[]){ (a), (b), (c), (d) })
#define IP6(...) ip6((const uint16_t[8]){ __VA_ARGS__ })

static void
text_is(struct ip ip, const char *want)
{
	char text[ADDR_TEXT_MAX];

	CHECK_STR(ip_text(&ip, text), want);
}

static void
test_text(void)
{
	const struct mac mac = { { 0x00, 0x1b, 0x1b, 0xa0, 0x0c, 0xff } };
	char text[MAC_TEXT_MAX];

	text_is((struct ip){ .len = 0 }, "");
	text_is(IP4(0, 0, 0, 0), "0.0.0.0");
	text_is(IP4(10, 100, 9, 255), "10.100.9.255");
	text_is(IP4(255, 255, 255, 255), "255.255.255.255");
	text_is(IP6(0), "::");
	text_is(IP6([7] = 1), "::1");
	text_is(IP6(0xfe80), "fe80::");
	text_is(IP6(0x2001, 0xdb8, 0, 0, 1, 0, 0, 1), "2001:db8::1:0:0:1");
	text_is(IP6(0x2001, 0xdb8, 0, 1, 1, 1, 1, 1), "2001:db8:0:1:1:1:1:1");
	text_is(IP6(0x2001, 0, 0, 1, 0, 0, 0, 1), "2001:0:0:1::1");
	text_is(IP6(0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff,
		    0xffff),
	    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	text_is(IP6(0, 1, 2, 3, 4, 5, 6, 0x0a0b), "0:1:2:3:4:5:6:a0b");
	text_is(IP6(1, 2, 3, 4, 5, 6), "1:2:3:4:5:6::");
	text_is(IP6(0, 0, 0, 0, 0, 0xffff, 0xc0a8, 0x0001),
	    "::ffff:192.168.0.1");
	CHECK_STR(mac_text(&mac, text), "00:1b:1b:a0:0c:ff");
}

struct kind {
	const char *name;
	bool zero, group, loopback, link_local, private;
};

static void
kind_is(struct ip ip, struct kind want)
{
	check_int(ip_is_zero(&ip), want.zero, want.name, __FILE__, __LINE__);
	check_int(ip_is_group(&ip), want.group, want.name, __FILE__, __LINE__);
	check_int(ip_is_loopback(&ip), want.loopback, want.name, __FILE__,
	    __LINE__);
	check_int(ip_is_link_local(&ip), want.link_local, want.name, __FILE__,
	    __LINE__);
	check_int(ip_is_private(&ip), want.private, want.name, __FILE__,
	    __LINE__);
}

static void
test_kinds4(void)
{
	kind_is(IP4(0, 0, 0, 0), (struct kind){ .name = "any", .zero = true });
	kind_is(IP4(0, 0, 0, 1), (struct kind){ .name = "not any" });
	kind_is(IP4(224, 0, 0, 1),
	    (struct kind){ .name = "group", .group = true });
	kind_is(IP4(239, 255, 0, 1),
	    (struct kind){ .name = "group", .group = true });
	kind_is(IP4(240, 0, 0, 1), (struct kind){ .name = "reserved" });
	kind_is(IP4(255, 255, 255, 255),
	    (struct kind){ .name = "broadcast", .group = true });
	kind_is(IP4(127, 1, 2, 3),
	    (struct kind){ .name = "self", .loopback = true });
	kind_is(IP4(169, 254, 1, 1),
	    (struct kind){ .name = "local",
		.link_local = true,
		.private = true });
	kind_is(IP4(10, 0, 0, 1),
	    (struct kind){ .name = "10/8", .private = true });
	kind_is(IP4(172, 31, 255, 1),
	    (struct kind){ .name = "172", .private = true });
	kind_is(IP4(172, 32, 0, 1),
	    (struct kind){ .name = "beyond 172.16/12" });
	kind_is(IP4(192, 168, 0, 1),
	    (struct kind){ .name = "192", .private = true });
	kind_is(IP4(100, 127, 0, 1),
	    (struct kind){ .name = "6598", .private = true });
	kind_is(IP4(100, 128, 0, 1),
	    (struct kind){ .name = "beyond 100.64/10" });
	kind_is(IP4(198, 19, 255, 1),
	    (struct kind){ .name = "2544", .private = true });
	kind_is(IP4(198, 20, 0, 1),
	    (struct kind){ .name = "beyond 198.18/15" });
	kind_is(IP4(8, 8, 8, 8), (struct kind){ .name = "outside" });
}

static void
test_kinds6(void)
{
	kind_is((struct ip){ .len = 0 }, (struct kind){ .name = "none" });
	kind_is(IP6(0), (struct kind){ .name = "any", .zero = true });
	kind_is(IP6([7] = 1),
	    (struct kind){ .name = "self", .loopback = true });
	kind_is(IP6([7] = 0x101), (struct kind){ .name = "not self" });
	kind_is(IP6(0xff02, [7] = 1),
	    (struct kind){ .name = "group", .group = true });
	kind_is(IP6(0xfebf, [7] = 1),
	    (struct kind){ .name = "local",
		.link_local = true,
		.private = true });
	kind_is(IP6(0xfec0, [7] = 1),
	    (struct kind){ .name = "beyond fe80::/10" });
	kind_is(IP6(0xfd12, [7] = 1),
	    (struct kind){ .name = "ula", .private = true });
	kind_is(IP6(0xfe00, [7] = 1),
	    (struct kind){ .name = "beyond fc00::/7" });
	kind_is(IP6(0x2001, 0xdb8, [7] = 1),
	    (struct kind){ .name = "outside" });
}

int
main(void)
{
	test_text();
	test_kinds4();
	test_kinds6();
	return check_done();
}
