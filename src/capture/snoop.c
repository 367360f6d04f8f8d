/*
 * snoop.c - the format of Solaris' snoop (RFC 1761, RFC 3827), also written
 * by many network elements.  All numbers are big-endian.
 *
 *	file	"snoop" and three zero bytes 8 | version 4 | data link 4
 *	packet	on the wire 4 | captured 4 | record 4 | drops so far 4 |
 *		seconds 4 | microseconds 4 | bytes | padding
 *
 * The record's length counts header, bytes and padding.
 */
#include "private.h"

#define FILE_HEAD 16u
#define PACKET_HEAD 24u
#define VERSION 2u
#define PADDING_MAX 1024u /* writers pad to four or eight bytes */

static const struct span magic = { (const uint8_t *)"snoop\0\0", 8 };

static const char *const names[PACK_COUNT] = { "snoop", "snoop (gzip)",
	"snoop (zstd)" };

/* Types of data link that have a number of their own in other formats. */
static const struct datalink {
	uint32_t type;
	uint16_t link;
} datalinks[] = {
	{ 0, 1 }, /* IEEE 802.3 */
	{ 2, 6 }, /* IEEE 802.5 */
	{ 4, 1 }, /* Ethernet */
	{ 8, 10 }, /* FDDI */
	{ 17, 123 }, /* ATM, as Sun's cards hand it over */
};

static const struct datalink *
datalink_find(uint32_t type)
{
	for (size_t i = 0; i < sizeof(datalinks) / sizeof(datalinks[0]); i++)
		if (datalinks[i].type == type)
			return &datalinks[i];
	return NULL;
}

/* The source has no whole record left: at its clean end, or cut. */
static bool
record_cut(struct file *f, uint32_t record)
{
	uint64_t left = source_left(&f->src);
	char where[48], why[160];

	if (left == 0)
		return file_end(f);
	(void)file_where(f, source_off(&f->src), where);
	(void)file_why(f, why);
	if (left < PACKET_HEAD)
		return file_fail(f,
		    "cut short in the header of packet %u at %s: it takes %u "
		    "bytes, %u are there%s",
		    f->number + 1, where, PACKET_HEAD, (unsigned)left, why);
	return file_fail(f,
	    "cut short in packet %u at %s: its record promises %u bytes, %u "
	    "are there%s",
	    f->number + 1, where, record, (unsigned)left, why);
}

static bool
record_absurd(struct file *f, uint32_t captured, uint32_t record)
{
	char where[48];

	(void)file_where(f, source_off(&f->src), where);
	if (captured > f->snoop.max)
		return file_fail(f,
		    "damaged in packet %u at %s: its header says %u bytes, "
		    "more than the %u that are possible",
		    f->number + 1, where, captured, f->snoop.max);
	return file_fail(f,
	    "damaged in packet %u at %s: its header says %u bytes, in a "
	    "record of %u",
	    f->number + 1, where, captured, record);
}

/* captured <= max, so that nothing overflows. */
static bool
record_holds(uint32_t captured, uint32_t record)
{
	return record >= PACKET_HEAD + captured &&
	    record - PACKET_HEAD - captured <= PADDING_MAX;
}

static bool
snoop_in_hand(const struct file *f)
{
	const uint8_t *p = f->src.p;
	const size_t left = source_left(&f->src);

	return left >= PACKET_HEAD && left >= get32(p + 8, true) &&
	    get32(p + 4, true) <= f->snoop.max &&
	    record_holds(get32(p + 4, true), get32(p + 8, true));
}

static bool
snoop_next(struct file *f, struct frame *ret)
{
	struct source *s = &f->src;
	uint32_t captured, wire, record, drops;
	const uint8_t *p;

	if (!source_have(s, PACKET_HEAD))
		return record_cut(f, 0);
	wire = get32(s->p, true);
	captured = get32(s->p + 4, true);
	record = get32(s->p + 8, true);
	if (captured > f->snoop.max || !record_holds(captured, record))
		return record_absurd(f, captured, record);
	if (!source_have(s, record))
		return record_cut(f, record);

	p = s->p;
	s->p += record;
	drops = get32(p + 12, true);
	if (drops > f->info.drops)
		f->info.drops = drops;
	ret->bytes = SPAN(p + PACKET_HEAD, captured);
	ret->wire_len = wire > captured ? wire : captured;
	ret->link = f->snoop.link;
	ret->fcs_len = 0;
	ret->direction = 0;
	ret->interface = 0;
	ret->port = 0;
	file_stamp(f,
	    (int64_t)get32(p + 16, true) * TICK_SECOND +
		(int64_t)get32(p + 20, true) * 1000,
	    ret);
	return true;
}

bool
snoop_open(struct file *f, enum pack pack)
{
	struct source *s = &f->src;
	const struct datalink *d;
	uint32_t version, type;
	char why[160];

	if (!source_have(s, magic.n) || memcmp(s->p, magic.p, magic.n) != 0)
		return false;
	f->info.format = names[pack];
	if (!source_have(s, FILE_HEAD))
		return file_fail(f,
		    "cut short in the file header: it takes %u bytes, %u are "
		    "there%s",
		    FILE_HEAD, (unsigned)source_left(s), file_why(f, why));
	version = get32(s->p + 8, true);
	type = get32(s->p + 12, true);
	if (version != VERSION)
		return file_fail(f,
		    "a snoop capture of version %u: only version %u is "
		    "supported",
		    version, VERSION);
	d = datalink_find(type);
	if (d == NULL)
		return file_fail(f,
		    "a snoop capture of data link type %u: not supported",
		    type);
	f->snoop = (struct snoop){
		.max = link_packet_max(d->link),
		.link = d->link,
	};
	s->p += FILE_HEAD;
	f->info.interfaces = 1;
	f->info.sections = 1;
	f->next = snoop_next;
	f->in_hand = snoop_in_hand;
	return true;
}
