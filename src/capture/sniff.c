/*
 * sniff.c - which format is it?  What cannot be read is called by its name,
 * so that nobody has to guess what is wrong with the file.
 */
#include <stdio.h>

#include "private.h"

#define SNIFF_BYTES 512u
#define PCAPNG_MAGIC 0x0a0d0d0au

static const struct other {
	struct span magic;
	const char *what;
	bool capture; /* conversion by editcap helps */
} others[] = {
#define OTHER(lit, what, capture)                                          \
	{                                                                  \
		{ (const uint8_t *)(lit), sizeof(lit) - 1 }, what, capture \
	}
	OTHER("btsnoop\0", "a Bluetooth btsnoop capture", true),
	OTHER("RTSS", "a Network Monitor 1 capture", true),
	OTHER("GMBU", "a Network Monitor 2 capture", true),
	OTHER("XCP\0", "a NetXRay or Windows Sniffer capture", true),
	OTHER("TRSNIFF data    \x1a", "a DOS Sniffer capture", true),
	OTHER("\177ver", "an OmniPeek capture", true),
	OTHER("\x1f\x8b", "gzip data of an unknown kind", false),
	OTHER("\x28\xb5\x2f\xfd", "zstd data inside compressed data", false),
	OTHER("\x04\x22\x4d\x18", "lz4 data", false),
	OTHER("\xfd"
	      "7zXZ\0",
	    "xz data", false),
	OTHER("BZh", "bzip2 data", false),
	OTHER("PK\x03\x04", "a zip archive", false),
	OTHER("7z\xbc\xaf\x27\x1c", "a 7-Zip archive", false),
#undef OTHER
};

/*
 * Endace's ERF has no magic:
 * fraction 4 | seconds 4 (both little-endian) | type 1 | flags 1 |
 * length of the record 2 | lost 2 | length on the wire 2
 */
static bool
erf_record(struct span s)
{
	uint32_t seconds, type, n;

	if (s.n < 16)
		return false;
	seconds = get32(s.p + 4, false);
	type = s.p[8] & 0x7fu;
	n = get16(s.p + 10, true);
	/* 1990 to 2100 */
	return seconds > 631152000u && seconds < 4102444800u && type >= 1 &&
	    type <= 48 && n >= 16;
}

/* Two records in a row, or one that ends with the file. */
static bool
is_erf(struct span s)
{
	uint32_t n;

	if (!erf_record(s))
		return false;
	n = get16(s.p + 10, true);
	return s.n == n || s.n < n || erf_record(span_from(s, n));
}

/* Printable characters and white space; any byte of UTF-8 text. */
static bool
is_text(struct span s)
{
	uint8_t c;

	for (uint32_t i = 0; i < s.n; i++) {
		c = s.p[i];
		if (c == 0x7f || (c < ' ' && (c < '\t' || c > '\r')))
			return false;
	}
	return true;
}

static bool
is_tar(struct span s)
{
	return s.n >= 262 && memcmp(s.p + 257, "ustar", 5) == 0;
}

static bool
refuse_unknown(struct file *f, struct span s)
{
	if (is_tar(s))
		return file_fail(f, "a tar archive: unpack it first");
	if (is_text(s))
		return file_fail(f, "a text file, not a capture");
	if (is_erf(s))
		return file_fail(f,
		    "an ERF capture: not supported; convert it with "
		    "\"editcap -F pcapng\"");
	return file_fail(f,
	    "not a capture file: it starts with %02x %02x %02x "
	    "%02x",
	    s.p[0], s.p[1], s.p[2], s.p[3]);
}

static bool
refuse(struct file *f)
{
	const struct other *o;
	struct span s;

	(void)source_have(&f->src, SNIFF_BYTES);
	if (f->src.why[0] != '\0')
		return file_fail(f, "%s", f->src.why);
	s = span_first(SPAN(f->src.p, (uint32_t)source_left(&f->src)),
	    SNIFF_BYTES);
	if (s.n == 0)
		return file_fail(f, "empty: there is not a single byte in it");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		o = &others[i];
		if (span_starts(s, o->magic))
			return file_fail(f, "%s: not supported; %s", o->what,
			    o->capture ? "convert it with \"editcap -F pcapng\""
				       : "unpack it first");
	}
	if (s.n < 4)
		return file_fail(f, "too short for a capture: %u bytes", s.n);
	return refuse_unknown(f, s);
}

bool
file_sniff(struct file *f)
{
	enum pack pack;

	if (!source_unpack(&f->src, &pack))
		return file_fail(f, "out of memory");
	if (!source_have(&f->src, 4))
		return refuse(f);
	if (get32(f->src.p, true) == PCAPNG_MAGIC)
		return pcapng_open(f, pack);
	if (pcap_open(f, pack) || (!f->info.damaged && snoop_open(f, pack)))
		return true;
	return !f->info.damaged && refuse(f);
}
