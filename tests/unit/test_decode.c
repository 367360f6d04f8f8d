/*
 * test_decode.c - decoding against the frames of decode_rows.h, whole and cut
 * at every length; identity of tunnels; going on with a datagram.
 */
#include <stdarg.h>
#include <stdlib.h>

#include "../../src/decode/decode.h"
#include "check.h"
#include "decode_rows.h"

#define FRAME_MAX 512
#define TEXT_MAX 512

struct line {
	char text[TEXT_MAX];
	size_t n;
};

static void __attribute__((format(printf, 2, 3)))
put(struct line *l, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->text + l->n, sizeof(l->text) - l->n, fmt, ap);
	va_end(ap);
	if (n > 0 && l->n + (size_t)n < sizeof(l->text))
		l->n += (size_t)n;
}

static uint32_t
unhex(const char *s, uint8_t dst[static FRAME_MAX])
{
	uint32_t n = 0;

	while (*s != '\0' && n < FRAME_MAX) {
		char pair[3] = { s[0], s[1], '\0' };

		if (*s == ' ') {
			s++;
			continue;
		}
		dst[n++] = (uint8_t)strtoul(pair, NULL, 16);
		s += 2;
	}
	return n;
}

static void
put_ends(struct line *l, const struct ip *from, const struct ip *to)
{
	char a[ADDR_TEXT_MAX], b[ADDR_TEXT_MAX];

	put(l, "%s>%s", ip_text(from, a), ip_text(to, b));
}

static void
put_addresses(struct line *l, const struct packet *p)
{
	char a[ADDR_TEXT_MAX], b[ADDR_TEXT_MAX];

	if (p->has_mac)
		put(l, " [%02x>%02x]", p->src_mac.b[5], p->dst_mac.b[5]);
	if (p->via == VIA_TCP || p->via == VIA_UDP || p->via == VIA_SCTP)
		put(l, " %s:%u>%s:%u", ip_text(&p->src_ip, a), p->src_port,
		    ip_text(&p->dst_ip, b), p->dst_port);
	else if (p->src_ip.len != 0)
		put(l, " %s>%s", ip_text(&p->src_ip, a),
		    ip_text(&p->dst_ip, b));
}

static void
put_extras(struct line *l, const struct packet *p)
{
	const struct mirror *m = &p->mirror;

	for (int i = 0; i < p->n_vlan; i++)
		put(l, "%s%u/%u", i == 0 ? " vlan " : ".", p->vlan[i],
		    p->vlan_pcp[i]);
	if (p->frag.is)
		put(l, " frag %x@%u%s", p->frag.id, p->frag.off,
		    p->frag.more ? "+" : "");
	if (p->red.is)
		put(l, " lan %x #%u", p->red.lan, p->red.seq);
	if (m->type != 0) {
		put(l, " mirror %u session %u vlan %u port %u #%u time %llx ",
		    m->type, m->session, m->vlan, m->port, m->sequence,
		    (unsigned long long)m->time);
		put(l, "dir %u gra %u ", m->direction, m->granularity);
		put_ends(l, &m->from, &m->to);
	}
	if (p->tunnel != 0) {
		put(l, " in ");
		put_ends(l, &p->tunnel_src, &p->tunnel_dst);
	}
}

static void
put_bits(struct line *l, const struct packet *p)
{
	put(l, ";");
	for (int i = 0; i < ENCAP_COUNT; i++)
		if ((p->encaps >> i & 1) != 0)
			put(l, " %s", encap_name((enum encap)i));
	put(l, ";");
	for (int i = 0; i < NOTE_COUNT; i++)
		if ((p->notes >> i & 1) != 0)
			put(l, " %s", note_name((enum note_bit)i));
}

static const char *
describe(const struct packet *p, struct line *l)
{
	static const char *const vias[VIA_COUNT] = { "none", "tcp", "udp",
		"sctp", "ip", "ether", "llc", "snap", "serial" };

	l->n = 0;
	put(l, "%s", vias[p->via]);
	if (p->service != 0)
		put(l, "/%x", p->service);
	put_addresses(l, p);
	put(l, " %u/%u", p->payload.n, p->payload_wire);
	put_extras(l, p);
	put_bits(l, p);
	return l->text;
}

static struct frame
frame_of(const struct row *r, uint8_t dst[static FRAME_MAX])
{
	uint32_t n = unhex(r->hex, dst);

	return (struct frame){
		.at = { .ns = 5 },
		.bytes = SPAN(dst, n),
		.wire_len = n + r->missing,
		.number = 1,
		.link = r->link,
		.fcs_len = r->fcs_len,
	};
}

static void
test_rows(void)
{
	uint8_t bytes[FRAME_MAX];
	struct packet p;
	struct line l;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct frame f = frame_of(&rows[i], bytes);

		memset(&p, 0xff, sizeof(p));
		decode_frame(&f, &p);
		check_str(describe(&p, &l), rows[i].want, rows[i].name,
		    __FILE__, __LINE__);
		CHECK(p.frame == &f && p.at.ns == 5);
		CHECK(p.payload.p >= bytes &&
		    p.payload.p + p.payload.n <= bytes + f.bytes.n);
	}
}

/* Every row at every length: what was cut is never called a lie. */
static void
test_cuts(void)
{
	uint8_t bytes[FRAME_MAX];
	struct packet p;
	struct line l;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct frame f = frame_of(&rows[i], bytes);
		uint32_t notes;

		decode_frame(&f, &p);
		notes = p.notes | NOTE_CUT | NOTE_NO_SUM;
		while (f.bytes.n > 0) {
			f.bytes.n--;
			decode_frame(&f, &p);
			check_true((p.notes & NOTE_CUT) != 0, rows[i].name,
			    __FILE__, __LINE__);
			if ((p.notes & (NOTE_RUNT | NOTE_BAD_LENGTH) &
				~notes) != 0)
				CHECK_STR(describe(&p, &l), rows[i].name);
		}
	}
}

static struct packet
decode_hex(const char *hex)
{
	static uint8_t bytes[FRAME_MAX];
	static struct frame f;
	struct packet p;

	f = frame_of(&(struct row){ .link = 1, .hex = hex }, bytes);
	decode_frame(&f, &p);
	return p;
}

/* Both directions of a tunnel have one identifier; other tunnels another. */
static void
test_tunnel_identity(void)
{
	struct packet there =
	    decode_hex(MACS "0800 4500 0034 0001 0000 4004 "
			    "66b3 0a00 0001 0a00 0002 " INNER_UDP);
	struct packet back =
	    decode_hex(MACS "0800 4500 0034 0001 0000 4004 "
			    "66b3 0a00 0002 0a00 0001 " INNER_UDP);
	struct packet other =
	    decode_hex(MACS "0800 4500 0034 0001 0000 4004 "
			    "66b2 0a00 0003 0a00 0001 " INNER_UDP);

	CHECK(there.tunnel != 0);
	CHECK(there.tunnel == back.tunnel);
	CHECK(there.tunnel != other.tunnel);
}

static void
test_tcp_fields(void)
{
	struct packet p = decode_hex(MACS "0800 " INNER_TCP);
	struct packet q = decode_hex(MACS "0800 " INNER_TCP);

	CHECK_INT(p.seq, 100);
	CHECK_INT(p.ack, 200);
	CHECK_INT(p.window, 0x2000);
	CHECK_INT(p.tcp_flags, TCP_PSH | TCP_ACK);
	CHECK_INT(p.ttl, 64);
	CHECK_INT(p.ip_proto, 6);
	CHECK(p.payload_sum != 0 && p.payload_sum == q.payload_sum);
}

/* The second fragment completes the datagram "hi!!" from port 1000 to 2000. */
static void
test_datagram(void)
{
	static const uint8_t datagram[] = { 0x03, 0xe8, 0x07, 0xd0, 0x00, 0x0c,
		0xe7, 0x3f, 0x68, 0x69, 0x21, 0x21 };
	struct packet p = decode_hex(MACS "0800 4500 0018 0001 0001 4011 f77f "
					  "c0a8 0101 c0a8 0102 6869 2121");
	struct line l;

	CHECK_STR(describe(&p, &l),
	    "ip/11 [01>02] 192.168.1.1>192.168.1.2 4/4"
	    " frag 1@8;; fragment");
	decode_datagram(&p, SPAN(datagram, sizeof(datagram)));
	CHECK_STR(describe(&p, &l),
	    "udp [01>02] 192.168.1.1:1000>"
	    "192.168.1.2:2000 4/4;; fragment");
	CHECK(p.payload.p == datagram + 8);
}

/* With stops to go, the checksum is that of another destination. */
static void
test_datagram_routed(void)
{
	static const uint8_t datagram[] = { 0x03, 0xe8, 0x07, 0xd0, 0x00, 0x0c,
		0xe7, 0x3f, 0x68, 0x69, 0x21, 0x21 };
	static const char hex[] =
	    MACS "86dd 6000 0000 0024 2b40 fd00 0000 0000 0000 0000 0000 0000 "
		 "0001 fd00 0000 0000 0000 0000 0000 0000 0002 2c02 0001 0000 "
		 "0000 fd00 0000 0000 0000 0000 0000 0000 0003 1100 0008 0000 "
		 "0001 6869 2121";
	char arrived[sizeof(hex)];
	struct packet p = decode_hex(hex);
	struct line l;

	decode_datagram(&p, SPAN(datagram, sizeof(datagram)));
	CHECK_STR(describe(&p, &l),
	    "udp [01>02] fd00::1:1000>fd00::2:2000 4/4;; source-routed "
	    "fragment");
	memcpy(arrived, hex, sizeof(hex));
	memcpy(strstr(arrived, "2c02 0001"), "2c02 0000", 9);
	p = decode_hex(arrived);
	decode_datagram(&p, SPAN(datagram, sizeof(datagram)));
	CHECK_STR(describe(&p, &l),
	    "udp [01>02] fd00::1:1000>fd00::2:2000 4/4;; "
	    "bad-l4-sum fragment");
}

static void
test_links(void)
{
	CHECK(decode_link_known(1));
	CHECK(decode_link_known(276));
	CHECK(decode_link_known(7));
	CHECK(decode_link_known(285));
	CHECK(!decode_link_known(250));
	CHECK_STR(note_name(NOTE_COUNT), "");
	CHECK_STR(encap_name(ENCAP_COUNT), "");
}

int
main(void)
{
	test_rows();
	test_cuts();
	test_tunnel_identity();
	test_tcp_fields();
	test_datagram();
	test_datagram_routed();
	test_links();
	return check_done();
}
