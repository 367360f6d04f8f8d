/*
 * test_capture.c - capture files, built byte by byte, and what is read from
 * them: formats, byte orders, time stamps, merging, and every kind of damage.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "../../src/capture/capture.h"
#include "check.h"

#define BUF_MAX (6u * 1024u * 1024u)
#define SECOND INT64_C(1000000000)

/* The file being built. */
static uint8_t buf[BUF_MAX];
static uint32_t len;
static bool big;

static void
fresh(bool big_endian)
{
	len = 0;
	big = big_endian;
}

static void
put(uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		buf[len++] =
		    (uint8_t)(v >> 8 * (big ? bytes - 1 - i : i) & 0xff);
}

static void
put_fill(uint8_t c, uint32_t n)
{
	memset(buf + len, c, n);
	len += n;
}

static void
put_text(const char *s)
{
	for (; *s != '\0'; s++)
		buf[len++] = (uint8_t)*s;
}

static void
poke(uint32_t at, uint32_t v)
{
	uint32_t end = len;

	len = at;
	put(v, 4);
	len = end;
}

/* --- pcap ------------------------------------------------------------- */

static void
pcap_head(uint32_t magic, uint16_t minor, uint32_t link)
{
	put(magic, 4);
	put(2, 2);
	put(minor, 2);
	put(0, 8);
	put(65535, 4);
	put(link, 4);
}

static void
pcap_packet(uint32_t seconds, uint32_t frac, uint32_t n, uint32_t wire)
{
	put(seconds, 4);
	put(frac, 4);
	put(n, 4);
	put(wire, 4);
	put_fill((uint8_t)n, n);
}

/* --- snoop ------------------------------------------------------------ */

static void
snoop_head(uint32_t datalink)
{
	fresh(true);
	put_text("snoop");
	put_fill(0, 3);
	put(2, 4);
	put(datalink, 4);
}

static void
snoop_packet(uint32_t seconds, uint32_t micro, uint32_t n, uint32_t wire,
    uint32_t drops)
{
	uint32_t pad = (4 - n % 4) % 4;

	put(wire, 4);
	put(n, 4);
	put(24 + n + pad, 4);
	put(drops, 4);
	put(seconds, 4);
	put(micro, 4);
	put_fill((uint8_t)n, n);
	put_fill(0, pad);
}

/* --- pcapng ----------------------------------------------------------- */

static uint32_t
block_begin(uint32_t type)
{
	uint32_t at = len;

	put(type, 4);
	put(0, 4);
	return at;
}

static void
block_end(uint32_t at)
{
	put_fill(0, (4 - (len - at) % 4) % 4);
	put(len - at + 4, 4);
	poke(at + 4, len - at);
}

static void
option(uint16_t code, uint64_t v, uint16_t bytes)
{
	put(code, 2);
	put(bytes, 2);
	put(v, bytes);
	put_fill(0, (4 - bytes % 4u) % 4);
}

static void
option_text(uint16_t code, const char *s)
{
	put(code, 2);
	put(strlen(s), 2);
	put_text(s);
	put_fill(0, (4 - (uint32_t)strlen(s) % 4) % 4);
}

static uint32_t
section_begin(void)
{
	uint32_t at = block_begin(0x0a0d0d0a);

	put(0x1a2b3c4d, 4);
	put(1, 2);
	put(0, 2);
	put(UINT64_MAX, 8);
	return at;
}

static uint32_t
iface_begin(uint16_t link, uint32_t snaplen)
{
	uint32_t at = block_begin(1);

	put(link, 2);
	put(0, 2);
	put(snaplen, 4);
	return at;
}

static uint32_t
packet_begin(uint32_t iface, uint64_t units, uint32_t n, uint32_t wire)
{
	uint32_t at = block_begin(6);

	put(iface, 4);
	put(units >> 32, 4);
	put(units & UINT32_MAX, 4);
	put(n, 4);
	put(wire, 4);
	put_fill((uint8_t)n, n);
	put_fill(0, (4 - n % 4) % 4);
	return at;
}

static void
packet(uint32_t iface, uint64_t units, uint32_t n)
{
	block_end(packet_begin(iface, units, n, n));
}

static void
pcapng_plain(bool big_endian)
{
	fresh(big_endian);
	block_end(section_begin());
	block_end(iface_begin(1, 0));
}

/* --- reading ---------------------------------------------------------- */

static struct capture *cap;
static struct frame frame;

static void
open_buf(void)
{
	capture_close(cap);
	cap = capture_open_bytes(SPAN(buf, len));
	CHECK(cap != NULL);
}

static const struct capture_file *
about(void)
{
	return capture_file(cap, 0);
}

static void
next_is(int64_t ns, uint32_t n, uint32_t wire)
{
	bool got = capture_next(cap, &frame);

	CHECK(got);
	if (!got)
		return;
	CHECK_INT(frame.at.ns, ns);
	CHECK_INT(frame.bytes.n, n);
	CHECK_INT(frame.wire_len, wire);
	CHECK(n == 0 || frame.bytes.p[0] == (uint8_t)n);
	CHECK(n == 0 || frame.bytes.p[n - 1] == (uint8_t)n);
}

static void
clean_end(void)
{
	CHECK(!capture_next(cap, &frame));
	CHECK(!capture_next(cap, &frame));
	CHECK_STR(about()->error, "");
	CHECK(!about()->damaged);
	CHECK_INT(about()->bytes, about()->size);
}

static void
damaged_end(const char *error)
{
	CHECK(!capture_next(cap, &frame));
	CHECK(!capture_next(cap, &frame));
	CHECK_STR(about()->error, error);
	CHECK(about()->damaged);
}

static void
refused(const char *error)
{
	open_buf();
	damaged_end(error);
	CHECK_INT(about()->packets, 0);
}

/* --- pcap cases ------------------------------------------------------- */

static void
test_pcap_orders(void)
{
	static const struct {
		uint32_t magic;
		int64_t unit;
		const char *format;
	} kind[] = {
		{ 0xa1b2c3d4, 1000, "pcap" },
		{ 0xa1b23c4d, 1, "pcap-ns" },
	};

	for (unsigned i = 0; i < 4; i++) {
		fresh(i % 2 != 0);
		pcap_head(kind[i / 2].magic, 4, 276);
		pcap_packet(1700000000, 5, 60, 60);
		pcap_packet(4000000000, 999999, 70, 1514);
		pcap_packet(1700000001, 0, 0, 0);
		open_buf();
		CHECK_STR(about()->format, kind[i / 2].format);
		next_is(1700000000 * SECOND + 5 * kind[i / 2].unit, 60, 60);
		CHECK_INT(frame.number, 1);
		CHECK_INT(frame.link, 276);
		next_is(4000000000 * SECOND + 999999 * kind[i / 2].unit, 70,
		    1514);
		next_is(1700000001 * SECOND, 0, 0);
		CHECK_INT(frame.number, 3);
		clean_end();
		CHECK_INT(about()->backwards, 1);
		CHECK_INT(about()->packets, 3);
	}
}

static void
test_pcap_modified(void)
{
	for (unsigned i = 0; i < 2; i++) {
		fresh(i != 0);
		pcap_head(0xa1b2cd34, 4, 1);
		put(1, 4);
		put(2, 4);
		put(3, 4);
		put(9, 4);
		put(7, 4); /* interface */
		put(0x800, 2);
		put(4, 1); /* sent by us */
		put(0, 1);
		put_fill(3, 3);
		open_buf();
		CHECK_STR(about()->format, "pcap-modified");
		next_is(SECOND + 2000, 3, 9);
		CHECK_INT(frame.interface, 7);
		CHECK_INT(frame.direction, 2);
		clean_end();
	}
}

static void
test_pcap_quirks(void)
{
	fresh(false); /* frame check sequence of two 16-bit words */
	pcap_head(0xa1b2c3d4, 4, 0x24000001);
	pcap_packet(1, 0, 64, 20); /* less on the wire than captured */
	open_buf();
	next_is(SECOND, 64, 64);
	CHECK_INT(frame.link, 1);
	CHECK_INT(frame.fcs_len, 4);
	clean_end();

	fresh(false); /* version 2.2: lengths the other way round */
	pcap_head(0xa1b2c3d4, 2, 12);
	put(1, 4);
	put(0, 4);
	put(1000, 4);
	put(60, 4);
	put_fill(60, 60);
	open_buf();
	next_is(SECOND, 60, 1000);
	CHECK_INT(frame.link, 101); /* raw IP as the BSDs number it */
	clean_end();
}

static void
test_pcap_empty(void)
{
	fresh(false);
	pcap_head(0xa1b2c3d4, 4, 1);
	open_buf();
	clean_end();
}

static void
test_pcap_cut(void)
{
	fresh(false);
	pcap_head(0xa1b2c3d4, 4, 1);
	pcap_packet(1, 0, 100, 100);
	pcap_packet(2, 0, 1000, 1000);
	len = 24 + 116 + 16 + 300;
	open_buf();
	next_is(SECOND, 100, 100);
	damaged_end("cut short in packet 2 at byte 140: the header promises "
		    "1000 bytes, 300 are there");
	len = 24 + 116 + 3;
	open_buf();
	next_is(SECOND, 100, 100);
	damaged_end("cut short in the header of packet 2 at byte 140: it takes "
		    "16 bytes, 3 are there");
	len = 11;
	refused("cut short in the file header: it takes 24 bytes, 11 are "
		"there");
	fresh(true);
	pcap_head(0xa1b2c3d4, 4, 1);
	pcap_packet(1, 0, 262144, 262144);
	pcap_packet(1, 0, 262145, 262145);
	open_buf();
	next_is(SECOND, 262144, 262144);
	damaged_end("damaged in packet 2 at byte 262184: its header says "
		    "262145 bytes, more than the 262144 that are possible");
}

/* Every cut of a file gives a prefix of its packets and an explanation. */
static void
test_every_cut(uint32_t whole)
{
	uint64_t packets, last = 0;

	for (uint32_t n = 4; n <= whole; n++) {
		len = n;
		open_buf();
		while (capture_next(cap, &frame))
			;
		packets = about()->packets;
		CHECK(packets >= last);
		CHECK(about()->damaged == (about()->error[0] != '\0'));
		last = packets;
	}
	CHECK_INT(last, 3);
	CHECK(!about()->damaged);
}

/* --- snoop cases ------------------------------------------------------ */

static void
test_snoop(void)
{
	static const uint16_t links[][2] = { { 0, 1 }, { 2, 6 }, { 4, 1 },
		{ 8, 10 }, { 17, 123 } };

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		snoop_head(links[i][0]);
		snoop_packet(1700000000, 5, 61, 1514, 0);
		snoop_packet(4000000000, 999999, 60, 20, 7);
		snoop_packet(1700000001, 0, 0, 0, 9);
		open_buf();
		CHECK_STR(about()->format, "snoop");
		next_is(1700000000 * SECOND + 5000, 61, 1514);
		CHECK_INT(frame.link, links[i][1]);
		CHECK_INT(frame.number, 1);
		next_is(4000000000 * SECOND + 999999000, 60, 60);
		next_is(1700000001 * SECOND, 0, 0);
		CHECK_INT(frame.number, 3);
		clean_end();
		CHECK_INT(about()->drops, 9);
		CHECK_INT(about()->backwards, 1);
		CHECK_INT(about()->interfaces, 1);
	}
}

static void
test_snoop_damage(void)
{
	snoop_head(4);
	snoop_packet(1, 0, 100, 100, 0);
	snoop_packet(2, 0, 1000, 1000, 0);
	len = 16 + 124 + 24 + 300;
	open_buf();
	next_is(SECOND, 100, 100);
	damaged_end("cut short in packet 2 at byte 140: its record promises "
		    "1024 bytes, 324 are there");
	len = 16 + 124 + 3;
	open_buf();
	next_is(SECOND, 100, 100);
	damaged_end("cut short in the header of packet 2 at byte 140: it takes "
		    "24 bytes, 3 are there");
	len = 16 + 124 + 1024;
	poke(140 + 8, 1023);
	open_buf();
	next_is(SECOND, 100, 100);
	damaged_end("damaged in packet 2 at byte 140: its header says 1000 "
		    "bytes, in a record of 1023");
	poke(140 + 8, 0xffffffff);
	open_buf();
	next_is(SECOND, 100, 100);
	damaged_end("damaged in packet 2 at byte 140: its header says 1000 "
		    "bytes, in a record of 4294967295");
	poke(140 + 4, 0xffffffff);
	open_buf();
	next_is(SECOND, 100, 100);
	damaged_end("damaged in packet 2 at byte 140: its header says "
		    "4294967295 bytes, more than the 262144 that are possible");
	len = 11;
	refused("cut short in the file header: it takes 16 bytes, 11 are "
		"there");
	snoop_head(4);
	poke(8, 3);
	refused("a snoop capture of version 3: only version 2 is supported");
	snoop_head(9);
	refused("a snoop capture of data link type 9: not supported");
}

/* --- pcapng cases ----------------------------------------------------- */

static void
sections(bool first, bool second)
{
	uint32_t at;

	fresh(first);
	at = section_begin();
	option_text(1, "hello");
	option_text(1, "again");
	block_end(at);
	block_end(iface_begin(1, 0));
	block_end(iface_begin(276, 96));
	packet(1, 1700000000000001, 61);
	block_end(block_begin(0x99)); /* unknown */
	big = second;
	block_end(section_begin());
	block_end(iface_begin(101, 0));
	packet(0, 1700000000000002, 62);
}

static void
test_pcapng_sections(void)
{
	for (unsigned i = 0; i < 4; i++) {
		sections((i & 1) != 0, (i & 2) != 0);
		open_buf();
		CHECK_STR(about()->format, "pcapng");
		next_is(1700000000 * SECOND + 1000, 61, 61);
		CHECK_INT(frame.link, 276);
		CHECK_INT(frame.interface, 1);
		next_is(1700000000 * SECOND + 2000, 62, 62);
		CHECK_INT(frame.link, 101);
		CHECK_INT(frame.interface, 2);
		CHECK_INT(frame.number, 2);
		clean_end();
		CHECK_INT(about()->sections, 2);
		CHECK_INT(about()->interfaces, 3);
		CHECK_INT(about()->comments, 2);
	}
}

static void
time_case(uint8_t resolution, int64_t offset, uint64_t units, int64_t ns)
{
	uint32_t at;

	fresh(resolution % 2 != 0);
	block_end(section_begin());
	at = iface_begin(1, 0);
	option(9, resolution, 1);
	option(14, (uint64_t)offset, 8);
	option(0, 0, 0);
	block_end(at);
	packet(0, units, 60);
	open_buf();
	next_is(ns, 60, 60);
	clean_end();
}

static void
test_pcapng_times(void)
{
	time_case(9, 0, 1700000000123456789, 1700000000123456789);
	time_case(6, 0, 1700000000123456, 1700000000123456000);
	time_case(3, 100, 5, 100 * SECOND + 5000000);
	time_case(0, -7, 5, -2 * SECOND);
	time_case(12, 0, 1999, 1);
	time_case(28, 0, UINT64_C(12000000000000000000), 1);
	time_case(127, 1, UINT64_MAX, SECOND);
	time_case(0, 0, UINT64_MAX, INT64_MAX); /* beyond 2262 */
	time_case(6, INT64_MIN, 5, INT64_MIN + 5000);
	time_case(6, INT64_MAX, 5, INT64_MAX);
	time_case(0x80 | 20, 3, (UINT64_C(9) << 20) + (1 << 19),
	    12 * SECOND + SECOND / 2);
	time_case(0x80 | 0, 0, 77, 77 * SECOND);
	time_case(0x80 | 32, 0, (UINT64_C(1700000000) << 32) + (3u << 30),
	    1700000000 * SECOND + 750000000);
	time_case(0x80 | 63, 0, UINT64_C(3) << 62, SECOND + SECOND / 2);
	time_case(0x80 | 64, 0, UINT64_C(1) << 63, SECOND / 2);
	time_case(0x80 | 127, 0, UINT64_MAX, 0);
	time_case(0x80 | 20, 0, (UINT64_C(18446744073) << 20) + 0xfffff,
	    INT64_MAX);
}

static void
test_pcapng_packet_options(void)
{
	uint32_t at;

	pcapng_plain(true);
	at = iface_begin(1, 0);
	option(13, 32, 1); /* in bits */
	block_end(at);
	packet(1, 0, 60);
	at = packet_begin(1, 1, 61, 1500);
	option_text(1, "look at this");
	option(2, 2 | 2 << 5, 4); /* outbound, check of two bytes */
	option(4, 11, 8);
	block_end(at);
	open_buf();
	next_is(0, 60, 60);
	CHECK_INT(frame.fcs_len, 4);
	CHECK_INT(frame.direction, 0);
	next_is(1000, 61, 1500);
	CHECK_INT(frame.fcs_len, 2);
	CHECK_INT(frame.direction, 2);
	clean_end();
	CHECK_INT(about()->comments, 1);
	CHECK_INT(about()->drops, 11);
}

static void
test_pcapng_old_and_simple(void)
{
	uint32_t at;

	fresh(false);
	block_end(section_begin());
	block_end(iface_begin(1, 40));
	at = block_begin(2); /* obsolete packet */
	put(0, 2);
	put(5, 2);
	put(0, 4);
	put(3000000, 4);
	put(7, 4);
	put(9, 4);
	put_fill(7, 7);
	block_end(at);
	at = block_begin(3); /* simple packet, cut by the snap length */
	put(1000, 4);
	put_fill(40, 40);
	block_end(at);
	at = block_begin(3);
	put(5, 4);
	put_fill(5, 5);
	block_end(at);
	open_buf();
	next_is(3 * SECOND, 7, 9);
	next_is(3 * SECOND, 40, 1000);
	next_is(3 * SECOND, 5, 5);
	clean_end();
	CHECK_INT(about()->drops, 5);
	CHECK_INT(about()->backwards, 0);
}

static void
statistics(uint32_t iface, uint64_t ifdrop, uint64_t osdrop)
{
	uint32_t at = block_begin(5);

	put(iface, 4);
	put(0, 8);
	option(4, 1000, 8);
	option(5, ifdrop, 8);
	option(7, osdrop, 8);
	block_end(at);
}

static void
test_pcapng_other_blocks(void)
{
	uint32_t at;

	pcapng_plain(false);
	block_end(iface_begin(1, 0));
	statistics(0, 10, 1);
	statistics(1, 3, 0);
	statistics(0, 20, 2); /* running totals: 22 + 3 */
	at = block_begin(4); /* names */
	option(1, 0x0100007f, 6);
	option(0, 0, 0);
	option_text(1, "a comment");
	block_end(at);
	at = block_begin(10); /* secrets */
	put(0x544c534b, 4);
	put(5, 4);
	put_text("abcde");
	put_fill(0, 3);
	option_text(1, "another");
	block_end(at);
	at = block_begin(0xbad); /* custom: counted by Wireshark */
	put(32473, 4);
	block_end(at);
	packet(1, 0, 60);
	open_buf();
	next_is(0, 60, 60);
	CHECK_INT(frame.number, 2);
	clean_end();
	CHECK_INT(about()->drops, 25);
	CHECK_INT(about()->comments, 2);
	CHECK_INT(about()->packets, 1);
}

static void
test_pcapng_huge_block(void)
{
	uint32_t at;

	pcapng_plain(false);
	at = block_begin(0x99);
	put_fill(1, 5u * 1024u * 1024u);
	block_end(at);
	packet(0, 1, 100000); /* longer than the window starts with */
	open_buf();
	next_is(1000, 100000, 100000);
	clean_end();
}

/* A block that is whole but makes no sense is left out. */
static void
test_pcapng_left_out(void)
{
	uint32_t at;

	pcapng_plain(false);
	packet(0, 1, 60);
	packet(9, 2, 60);
	at = packet_begin(0, 3, 60, 60);
	poke(at + 20, 61000);
	block_end(at);
	at = packet_begin(0, 4, 60, 60);
	put(1, 2);
	put(400, 2);
	put(0, 4);
	block_end(at);
	packet(0, 5, 60);
	open_buf();
	next_is(1000, 60, 60);
	next_is(5000, 60, 60);
	CHECK_INT(frame.number, 5);
	damaged_end(
	    "damaged in packet 2 (block 4) at byte 140: of an interface "
	    "not described; left out");
}

static void
test_pcapng_broken_frame(void)
{
	uint32_t at;

	pcapng_plain(false);
	packet(0, 1, 60);
	at = len;
	packet(0, 2, 60);
	packet(0, 3, 60);
	poke(at + 88, 96); /* the length at its end */
	open_buf();
	next_is(1000, 60, 60);
	damaged_end("damaged in packet 2 (block 4) at byte 140: another length "
		    "at its end (96)");
	poke(at + 4, 8);
	open_buf();
	next_is(1000, 60, 60);
	damaged_end("damaged in packet 2 (block 4) at byte 140: an absurd "
		    "length (8)");
	poke(at, 1);
	poke(at + 4, 92);
	len = at + 50;
	open_buf();
	next_is(1000, 60, 60);
	damaged_end(
	    "cut short in block 4 (interface) at byte 140, after packet "
	    "1: the block promises 92 bytes, 50 are there");
	len = at + 5;
	open_buf();
	next_is(1000, 60, 60);
	damaged_end("cut short in the head of block 4 at byte 140, after "
		    "packet 1");
	poke(8, 0x12345678);
	refused("damaged in block 1 (section header) at byte 0, after packet "
		"0: no byte order mark (305419896)");
}

/* --- compression ------------------------------------------------------ */

static uint8_t packed[BUF_MAX];

static uint32_t
gzip_part(uint8_t *dst, uint8_t *src, uint32_t n)
{
	z_stream z = { .next_in = src, .next_out = dst };

	z.avail_in = n;
	z.avail_out = BUF_MAX / 2;
	(void)deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
	(void)deflate(&z, Z_FINISH);
	(void)deflateEnd(&z);
	return (uint32_t)z.total_out;
}

/* Pack the file being built in two pieces. */
static void
gzip_buf(void)
{
	uint32_t half = len / 2, n = gzip_part(packed, buf, half);

	n += gzip_part(packed + n, buf + half, len - half);
	memcpy(buf, packed, n);
	len = n;
}

static void
zstd_buf(void)
{
	size_t half = len / 2, n;

	n = ZSTD_compress(packed, BUF_MAX, buf, half, 3);
	n += ZSTD_compress(packed + n, BUF_MAX - n, buf + half, len - half, 3);
	memcpy(buf, packed, n);
	len = (uint32_t)n;
}

/* Packets of many sizes; returns how many. */
static uint32_t
many_packets(void)
{
	fresh(false);
	pcap_head(0xa1b2c3d4, 4, 1);
	for (uint32_t i = 0; i < 500; i++)
		pcap_packet(i, i, i * 7 % 1500, i * 7 % 1500);
	return 500;
}

static void
many_come(uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		next_is((int64_t)i * SECOND + i * 1000, i * 7 % 1500,
		    i * 7 % 1500);
}

/* Frames come several at once, each as it comes by itself; how many of them
 * did not come alone. */
static uint32_t
batches_are(uint32_t n)
{
	struct capture *one = capture_open_bytes(SPAN(buf, len));
	struct frame f[7];
	unsigned got;
	uint32_t all = 0, together = 0;

	open_buf();
	while ((got = capture_batch(cap, f, 7)) > 0) {
		together += got > 1 ? got : 0;
		for (unsigned i = 0; i < got; i++, all++) {
			CHECK(capture_next(one, &frame));
			CHECK_INT(f[i].number, frame.number);
			CHECK(f[i].at.ns == frame.at.ns);
			CHECK_INT(f[i].bytes.n, frame.bytes.n);
			CHECK(frame.bytes.n == 0 ||
			    memcmp(f[i].bytes.p, frame.bytes.p,
				frame.bytes.n) == 0);
		}
	}
	CHECK_INT(all, n);
	CHECK_INT(about()->packets, n);
	CHECK(!capture_next(one, &frame));
	capture_close(one);
	return together;
}

static void
test_batches(void)
{
	uint32_t n = many_packets();

	CHECK(batches_are(n) > n - 10); /* the window is filled twice */
	pcap_packet(1, 1, 262145, 262145); /* damaged: ends after the last */
	CHECK(batches_are(n) > n - 10);
	pcapng_plain(false);
	packet(0, 1, 60);
	packet(0, 2, 0);
	packet(9, 3, 60); /* left out: no such interface */
	packet(0, 4, 61);
	CHECK_INT(batches_are(3), 2);
	snoop_head(4);
	snoop_packet(1, 0, 60, 60, 0);
	snoop_packet(2, 0, 61, 61, 0);
	CHECK_INT(batches_are(2), 2);
}

static void
test_gzip(void)
{
	uint32_t n = many_packets();

	gzip_buf();
	open_buf();
	CHECK_STR(about()->format, "pcap (gzip)");
	many_come(n);
	clean_end();
	put_fill(0, 700); /* as tapes do */
	open_buf();
	many_come(n);
	clean_end();
	put_text("garbage");
	open_buf();
	many_come(n);
	damaged_end("after packet 500, at byte 347274 (unpacked): bytes behind "
		    "the gzip data are not gzip");
	len = 10;
	refused("the gzip data end early");
}

static void
test_gzip_damage(void)
{
	pcapng_plain(false);
	packet(0, 1, 60);
	gzip_buf();
	len -= 9; /* the trailer and a byte more */
	open_buf();
	CHECK_STR(about()->format, "pcapng (gzip)");
	while (capture_next(cap, &frame))
		;
	CHECK(about()->damaged);
	CHECK(strstr(about()->error, "the gzip data end early") != NULL);
	len += 9;
	buf[len - 6] ^= 1; /* the checksum */
	open_buf();
	next_is(1000, 60, 60);
	damaged_end("after packet 1, at byte 140 (unpacked): gzip data are "
		    "damaged: incorrect data check");
}

static void
test_snoop_packed(void)
{
	for (unsigned i = 0; i < 2; i++) {
		snoop_head(4);
		snoop_packet(1, 2, 61, 61, 3);
		if (i == 0)
			gzip_buf();
		else
			zstd_buf();
		open_buf();
		CHECK_STR(about()->format,
		    i == 0 ? "snoop (gzip)" : "snoop (zstd)");
		next_is(SECOND + 2000, 61, 61);
		clean_end();
		CHECK_INT(about()->drops, 3);
	}
}

static void
test_zstd(void)
{
	uint32_t n = many_packets();

	zstd_buf();
	open_buf();
	CHECK_STR(about()->format, "pcap (zstd)");
	many_come(n);
	clean_end();
	len -= 2;
	open_buf();
	while (capture_next(cap, &frame))
		;
	CHECK(strstr(about()->error, "the zstd data end early") != NULL);
}

/* Parallel compressors begin with a frame to be skipped. */
static void
test_zstd_skippable(void)
{
	uint32_t n;

	pcapng_plain(false);
	packet(0, 1, 60);
	zstd_buf();
	n = len;
	memmove(buf + 12, buf, n);
	fresh(false);
	put(0x184d2a50, 4);
	put(4, 4);
	put(0, 4);
	len += n;
	open_buf();
	CHECK_STR(about()->format, "pcapng (zstd)");
	next_is(1000, 60, 60);
	clean_end();
}

/* --- what is no capture ----------------------------------------------- */

static void
refused_text(const char *text, uint32_t n, const char *error)
{
	fresh(false);
	memcpy(buf, text, n);
	len = n;
	refused(error);
}

static void
test_unsupported(void)
{
	refused_text("", 0, "empty: there is not a single byte in it");
	refused_text("\x01\x02", 2, "too short for a capture: 2 bytes");
	refused_text("GMBU\0\0\0\0", 8,
	    "a Network Monitor 2 capture: not supported; convert it with "
	    "\"editcap -F pcapng\"");
	refused_text("hello, world\n", 13, "a text file, not a capture");
	refused_text("\x04\x22\x4d\x18....", 8,
	    "lz4 data: not supported; unpack it first");
	refused_text("\x7f"
		     "ELF\2\1\1",
	    7, "not a capture file: it starts with 7f 45 4c 46");
	fresh(false); /* ERF: 2023, Ethernet, 64 bytes, 48 on the wire */
	put(0, 4);
	put(1700000000, 4);
	put(2, 1);
	put(4, 1);
	big = true;
	put(64, 2);
	put(0, 2);
	put(48, 2);
	put_fill(0, 48);
	refused("an ERF capture: not supported; convert it with \"editcap -F "
		"pcapng\"");
}

/* --- files and merging ------------------------------------------------ */

#define MERGED 300

static char dir[] = "/tmp/test_capture.XXXXXX";
static char path[MERGED][64];
static const char *paths[MERGED];

static void
save(unsigned i)
{
	int fd;

	(void)snprintf(path[i], sizeof(path[i]), "%s/%u", dir, i);
	paths[i] = path[i];
	fd = open(path[i], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	CHECK(fd >= 0);
	CHECK_INT(write(fd, buf, len), len);
	(void)close(fd);
}

static void
open_paths(unsigned n)
{
	capture_close(cap);
	cap = capture_open(paths, n);
	CHECK(cap != NULL);
	CHECK_INT(capture_files(cap), n);
}

static void
next_from(uint16_t file, uint32_t number, int64_t seconds)
{
	CHECK(capture_next(cap, &frame));
	CHECK_INT(frame.file, file);
	CHECK_INT(frame.number, number);
	CHECK_INT(frame.at.ns, seconds * SECOND);
}

static void
test_merge_order(void)
{
	fresh(false);
	pcap_head(0xa1b2c3d4, 4, 1);
	pcap_packet(1, 0, 60, 60);
	pcap_packet(5, 0, 60, 60);
	pcap_packet(2, 0, 60, 60); /* back in time: not held back */
	save(0);
	gzip_buf();
	save(1); /* the same again: ties go to the lower index */
	pcapng_plain(true);
	packet(0, 3000000, 70);
	save(2);
	len -= 4;
	save(3);
	open_paths(4);
	next_from(0, 1, 1);
	next_from(1, 1, 1);
	next_from(2, 1, 3);
	next_from(0, 2, 5);
	next_from(0, 3, 2);
	next_from(1, 2, 5);
	next_from(1, 3, 2);
	CHECK(!capture_next(cap, &frame));
	CHECK(!capture_next(cap, &frame));
	CHECK_INT(capture_file(cap, 1)->packets, 3);
	CHECK_INT(capture_file(cap, 1)->backwards, 1);
	CHECK_STR(capture_file(cap, 1)->format, "pcap (gzip)");
	CHECK_INT(capture_file(cap, 0)->bytes, capture_file(cap, 0)->size);
	CHECK(capture_file(cap, 3)->damaged);
}

/* As rotated captures are: one after the other, overlapping a little. */
static void
test_merge_many(void)
{
	int64_t last = 0;
	uint32_t n = 0;

	for (unsigned i = 0; i < MERGED; i++) {
		fresh(i % 2 != 0);
		pcap_head(0xa1b2c3d4, 4, 1);
		for (uint32_t k = 0; k < 20; k++)
			pcap_packet(i * 10 + k, i, 900, 900);
		if (i % 3 == 0)
			zstd_buf();
		save(i);
	}
	open_paths(MERGED);
	for (; capture_next(cap, &frame); n++) {
		CHECK(frame.at.ns >= last && frame.bytes.n == 900);
		last = frame.at.ns;
	}
	CHECK_INT(n, MERGED * 20);
	for (unsigned i = 0; i < MERGED; i++)
		CHECK_STR(capture_file(cap, i)->error, "");
}

static void
test_not_files(void)
{
	fresh(false);
	pcap_head(0xa1b2c3d4, 4, 1);
	pcap_packet(1, 0, 60, 60);
	save(0);
	save(1);
	(void)chmod(path[1], 0);
	paths[2] = dir;
	paths[3] = "/does/not/exist";
	paths[4] = "-";
	paths[5] = "-";
	(void)close(STDIN_FILENO);
	CHECK_INT(open(path[0], O_RDONLY | O_CLOEXEC), STDIN_FILENO);
	open_paths(6);
	next_from(0, 1, 1);
	if (geteuid() != 0)
		CHECK_STR(capture_file(cap, 1)->error,
		    "no permission to read it");
	else
		next_from(1, 1, 1);
	next_from(4, 1, 1);
	CHECK(!capture_next(cap, &frame));
	CHECK_STR(capture_file(cap, 2)->error, "is a directory");
	CHECK_STR(capture_file(cap, 3)->error, "there is no such file");
	CHECK_STR(capture_file(cap, 5)->error,
	    "standard input can be read only once");
	CHECK_INT(lseek(STDIN_FILENO, 0, SEEK_CUR), (off_t)len);
}

/* A pipe cannot be read twice, alone or merged. */
static void
test_pipe(unsigned with)
{
	int ends[2];

	fresh(false);
	pcap_head(0xa1b2c3d4, 4, 1);
	pcap_packet(1, 0, 60, 60);
	pcap_packet(2, 0, 60, 60);
	save(1);
	CHECK_INT(pipe2(ends, O_CLOEXEC), 0);
	CHECK_INT(write(ends[1], buf, len), len);
	(void)close(ends[1]);
	CHECK_INT(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	(void)close(ends[0]);
	paths[0] = "-";
	open_paths(1 + with);
	for (uint32_t i = 1; i <= 2; i++)
		for (uint16_t k = 0; k <= with; k++)
			next_from(k, i, (int64_t)i);
	CHECK(!capture_next(cap, &frame));
	CHECK_INT(capture_file(cap, 0)->size, 0);
	CHECK_INT(capture_file(cap, 0)->bytes, len);
	CHECK_STR(capture_file(cap, 0)->error, "");
}

static void
test_files(void)
{
	CHECK(mkdtemp(dir) != NULL);
	test_merge_order();
	test_merge_many();
	test_not_files();
	test_pipe(0);
	test_pipe(1);
	open_paths(0);
	CHECK(!capture_next(cap, &frame));
	for (unsigned i = 0; i < MERGED; i++)
		(void)unlink(path[i]);
	CHECK_INT(rmdir(dir), 0);
}

static void
test_link_names(void)
{
	char name[24];

	CHECK_STR(capture_link_name(1, name), "ethernet");
	CHECK_STR(capture_link_name(276, name), "linux-cooked-v2");
	CHECK_STR(capture_link_name(147, name), "linktype-147");
	CHECK_STR(capture_link_name(65535, name), "linktype-65535");
}

static void
test_cuts(void)
{
	fresh(false);
	pcap_head(0xa1b2c3d4, 4, 1);
	pcap_packet(1, 0, 60, 60);
	pcap_packet(2, 0, 0, 0);
	pcap_packet(3, 0, 61, 61);
	test_every_cut(len);
	pcapng_plain(true);
	packet(0, 1, 60);
	packet(0, 2, 0);
	packet(0, 3, 61);
	test_every_cut(len);
	snoop_head(4);
	snoop_packet(1, 0, 60, 60, 0);
	snoop_packet(2, 0, 0, 0, 0);
	snoop_packet(3, 0, 61, 61, 0);
	test_every_cut(len);
}

int
main(void)
{
	test_pcap_orders();
	test_pcap_modified();
	test_pcap_quirks();
	test_pcap_empty();
	test_pcap_cut();
	test_snoop();
	test_snoop_damage();
	test_pcapng_sections();
	test_pcapng_times();
	test_pcapng_packet_options();
	test_pcapng_old_and_simple();
	test_pcapng_other_blocks();
	test_pcapng_huge_block();
	test_pcapng_left_out();
	test_pcapng_broken_frame();
	test_cuts();
	test_batches();
	test_gzip();
	test_gzip_damage();
	test_snoop_packed();
	test_zstd();
	test_zstd_skippable();
	test_unsupported();
	test_link_names();
	test_files();
	capture_close(cap);
	return check_done();
}
