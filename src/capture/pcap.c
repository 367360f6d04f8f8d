/*
 * pcap.c - libpcap's file format (draft-ietf-opsawg-pcap).
 *
 *	file    magic 4 | major 2 | minor 2 | 0 4 | 0 4 | snaplen 4 | link 4
 *	packet  seconds 4 | fraction 4 | captured 4 | on the wire 4 | bytes
 *
 * The magic tells byte order and unit of the fraction.  The link field holds
 * the link type below and, where bit 26 is set, the length of the frame check
 * sequence in 16-bit words in its top four bits.  Kuznetzov's variant adds
 * interface 4 | protocol 2 | kind of packet 1 | 0 1 to the packet's header.
 */
#include "private.h"

#define FILE_HEAD 24u
#define PACKET_HEAD 16u
#define PACKET_HEAD_MODIFIED 24u
#define FCS_GIVEN 0x04000000u

enum variant {
	MICRO,
	NANO,
	MODIFIED,
	VARIANT_COUNT
};

static const struct magic {
	uint32_t bytes; /* first four bytes of the file, read big-endian */
	enum variant variant;
	bool big;
} magics[] = {
	{ 0xd4c3b2a1, MICRO, false },
	{ 0xa1b2c3d4, MICRO, true },
	{ 0x4d3cb2a1, NANO, false },
	{ 0xa1b23c4d, NANO, true },
	{ 0x34cdb2a1, MODIFIED, false },
	{ 0xa1b2cd34, MODIFIED, true },
};

static const char *const names[VARIANT_COUNT][PACK_COUNT] = {
	[MICRO] = { "pcap", "pcap (gzip)", "pcap (zstd)" },
	[NANO] = { "pcap-ns", "pcap-ns (gzip)", "pcap-ns (zstd)" },
	[MODIFIED] = { "pcap-modified", "pcap-modified (gzip)",
	    "pcap-modified (zstd)" },
};

/* The source has no whole packet left: at its clean end, or cut. */
static bool
packet_cut(struct file *f, uint32_t captured)
{
	uint64_t left = source_left(&f->src), off = source_off(&f->src);
	char where[48], why[160];

	if (left == 0)
		return file_end(f);
	(void)file_where(f, off, where);
	(void)file_why(f, why);
	if (left < f->pcap.head)
		return file_fail(f,
		    "cut short in the header of packet %u at %s: it takes %u "
		    "bytes, %u are there%s",
		    f->number + 1, where, f->pcap.head, (unsigned)left, why);
	return file_fail(f,
	    "cut short in packet %u at %s: the header promises %u bytes, %u "
	    "are there%s",
	    f->number + 1, where, captured, (unsigned)left - f->pcap.head, why);
}

static bool
packet_absurd(struct file *f, uint32_t captured)
{
	char where[48];

	return file_fail(f,
	    "damaged in packet %u at %s: its header says %u bytes, more than "
	    "the %u that are possible",
	    f->number + 1, file_where(f, source_off(&f->src), where), captured,
	    f->pcap.max);
}

/* Kuznetzov's header: 0 to us, 1 broadcast, 2 multicast, 4 sent by us. */
static void
modified_head(const struct pcap *c, const uint8_t *p, struct frame *ret)
{
	ret->interface = get32(p + 16, c->big);
	ret->direction = p[22] == 4 ? 2 : p[22] <= 2;
}

/* The two lengths of the header at p. */
static inline uint32_t
captured_of(const struct pcap *c, const uint8_t *p, uint32_t *ret_wire)
{
	const uint32_t captured = get32(p + 8, c->big);
	const uint32_t wire = get32(p + 12, c->big);
	const bool swapped =
	    c->swapped || (c->maybe_swapped && captured > wire);

	*ret_wire = swapped ? captured : wire;
	return swapped ? wire : captured;
}

static bool
pcap_in_hand(const struct file *f)
{
	const size_t left = source_left(&f->src), head = f->pcap.head;
	uint32_t captured, wire;

	if (left < head)
		return false;
	captured = captured_of(&f->pcap, f->src.p, &wire);
	return captured <= f->pcap.max && left - head >= captured;
}

static bool
pcap_next(struct file *f, struct frame *ret)
{
	const struct pcap *c = &f->pcap;
	struct source *s = &f->src;
	uint32_t captured, wire;
	const uint8_t *p;

	if (!source_have(s, c->head))
		return packet_cut(f, 0);
	captured = captured_of(c, s->p, &wire);
	if (captured > c->max)
		return packet_absurd(f, captured);
	if (!source_have(s, c->head + captured))
		return packet_cut(f, captured);

	p = s->p;
	s->p += c->head + captured;
	ret->bytes = SPAN(p + c->head, captured);
	/* more bytes than there were on the wire cannot be: believe the bytes
	 */
	ret->wire_len = wire > captured ? wire : captured;
	ret->link = c->link;
	ret->fcs_len = c->fcs_len;
	ret->direction = 0;
	ret->interface = 0;
	ret->port = 0;
	if (c->head == PACKET_HEAD_MODIFIED)
		modified_head(c, p, ret);
	/* 2^32 s of 10^9 ns and 2^32 fractions stay below 2^63 */
	file_stamp(f,
	    (int64_t)get32(p, c->big) * TICK_SECOND +
		(int64_t)get32(p + 4, c->big) * c->frac,
	    ret);
	return true;
}

static const struct magic *
magic_find(uint32_t bytes)
{
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (magics[i].bytes == bytes)
			return &magics[i];
	return NULL;
}

/*
 * Old writers put the two lengths the other way round: before version 2.3
 * always, in 2.3 some did; DG/UX (version 543.0) too.
 */
static void
version_quirks(struct pcap *c, uint16_t major, uint16_t minor)
{
	c->swapped = (major == 2 && minor < 3) || (major == 543 && minor == 0);
	c->maybe_swapped = major == 2 && minor == 3;
}

bool
pcap_open(struct file *f, enum pack pack)
{
	struct source *s = &f->src;
	const struct magic *m = magic_find(get32(s->p, true));
	struct pcap *c = &f->pcap;
	uint32_t link;
	char why[160];

	if (m == NULL)
		return false;
	f->info.format = names[m->variant][pack];
	if (!source_have(s, FILE_HEAD))
		return file_fail(f,
		    "cut short in the file header: it takes %u bytes, %u are "
		    "there%s",
		    FILE_HEAD, (unsigned)source_left(s), file_why(f, why));
	link = get32(s->p + 20, m->big);
	*c = (struct pcap){
		.head =
		    m->variant == MODIFIED ? PACKET_HEAD_MODIFIED : PACKET_HEAD,
		.frac = m->variant == NANO ? 1 : 1000,
		.link = link_normal((uint16_t)link),
		.big = m->big,
	};
	c->max = link_packet_max(c->link);
	if ((link & FCS_GIVEN) != 0)
		c->fcs_len = (uint8_t)(link >> 28 << 1);
	version_quirks(c, get16(s->p + 4, m->big), get16(s->p + 6, m->big));
	s->p += FILE_HEAD;
	f->info.interfaces = 1;
	f->info.sections = 1;
	f->next = pcap_next;
	f->in_hand = pcap_in_hand;
	return true;
}
