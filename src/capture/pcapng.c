/*
 * pcapng.c - the pcapng file format (draft-ietf-opsawg-pcapng).
 *
 *	block    type 4 | total length 4 | body, padded to 4 | total length 4
 *	option   code 2 | length 2 | value, padded to 4      (code 0 ends them)
 *
 *	section header  0a0d0d0a: byte order 4 | major 2 | minor 2 | length 8
 *	interface       1: link 2 | 0 2 | snaplen 4 | options
 *	packet, old     2: interface 2 | drops 2 | time 8 | captured 4 | wire 4
 *	packet, simple  3: wire 4 | bytes
 *	names           4: records, built like options | options
 *	statistics      5: interface 4 | time 8 | options
 *	packet          6: interface 4 | time 8 | captured 4 | wire 4 | bytes
 *	secrets         a: kind 4 | length 4 | bytes | options
 *
 * Byte order and interfaces belong to the section.  A block whose frame is
 * whole but whose inside is not is left out; a broken frame ends the file,
 * for nothing behind it can be found again with certainty.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "private.h"

#define BLOCK_FRAME 12u /* type, length, and length again */
#define PACKET_FIXED 20u
#define BYTE_ORDER_MAGIC 0x1a2b3c4du
#define IFACES_MAX 65536u
#define NO_DROPS 0xffffu

enum block_type {
	BLOCK_IFACE = 1,
	BLOCK_PACKET_OLD = 2,
	BLOCK_PACKET_SIMPLE = 3,
	BLOCK_NAMES = 4,
	BLOCK_STATISTICS = 5,
	BLOCK_PACKET = 6,
	BLOCK_JOURNAL = 9,
	BLOCK_SECRETS = 10,
	BLOCK_SYSDIG_1 = 0x204,
	BLOCK_SYSDIG_2 = 0x216,
	BLOCK_SYSDIG_3 = 0x221,
	BLOCK_CUSTOM = 0xbad,
	BLOCK_CUSTOM_KEEP = 0x40000bad,
	BLOCK_SECTION = 0x0a0d0d0a,
};

enum option {
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	OPTION_PACKET_FLAGS = 2,
	OPTION_IF_NAME = 2,
	OPTION_PACKET_DROPS = 4,
	OPTION_IF_TSRESOL = 9,
	OPTION_IF_FCSLEN = 13,
	OPTION_IF_TSOFFSET = 14,
	OPTION_STAT_IFDROP = 5,
	OPTION_STAT_OSDROP = 7,
};

struct block {
	struct span body; /* padding included */
	uint32_t type;
	uint64_t off; /* in the stream, of the block's type */
};

/* A walk over options. */
struct options {
	struct span rest;
	uint16_t code;
	struct span value;
	bool big;
	bool bad; /* one ran over the end */
};

static const char *const names[PACK_COUNT] = { "pcapng", "pcapng (gzip)",
	"pcapng (zstd)" };

static uint32_t
padded(uint32_t n)
{
	return (n + 3) & ~3u;
}

static bool
option_next(struct options *o)
{
	uint32_t n;

	if (o->rest.n < 4)
		return false;
	o->code = get16(o->rest.p, o->big);
	n = get16(o->rest.p + 2, o->big);
	if (o->code == OPTION_END)
		return false;
	o->rest = span_from(o->rest, 4);
	o->bad = n > o->rest.n;
	if (o->bad)
		return false;
	o->value = SPAN(o->rest.p, n);
	o->rest = span_from(o->rest, padded(n));
	return true;
}

static struct options
options_open(const struct file *f, struct span s)
{
	return (struct options){ .rest = s, .big = f->pcapng.big };
}

/* Walk options nobody looks at but for comments; false when damaged. */
static bool
comments(struct file *f, struct span s)
{
	struct options o = options_open(f, s);

	while (option_next(&o))
		f->info.comments += o.code == OPTION_COMMENT;
	return !o.bad;
}

static const char *
block_name(uint32_t type, char dst[static 24])
{
	static const struct {
		uint32_t type;
		const char *name;
	} known[] = {
		{ BLOCK_IFACE, "interface" },
		{ BLOCK_PACKET_OLD, "old packet" },
		{ BLOCK_PACKET_SIMPLE, "simple packet" },
		{ BLOCK_NAMES, "names" },
		{ BLOCK_STATISTICS, "statistics" },
		{ BLOCK_PACKET, "packet" },
		{ BLOCK_SECRETS, "secrets" },
		{ BLOCK_SECTION, "section header" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].type == type)
			return known[i].name;
	(void)snprintf(dst, 24, "type 0x%" PRIx32, type);
	return dst;
}

static bool
is_packet(uint32_t type)
{
	return type == BLOCK_PACKET || type == BLOCK_PACKET_SIMPLE ||
	    type == BLOCK_PACKET_OLD;
}

/* "packet 812 (block 900) at byte 90312", "block 7 (interface) at byte 8" */
static const char *
block_place(const struct file *f, uint32_t type, uint64_t off,
    char dst[static 128])
{
	char where[48], name[24];

	(void)file_where(f, off, where);
	if (is_packet(type))
		(void)snprintf(dst, 128, "packet %u (block %" PRIu64 ") at %s",
		    f->number + 1, f->pcapng.blocks, where);
	else
		(void)snprintf(dst, 128,
		    "block %" PRIu64 " (%s) at %s, after packet %u",
		    f->pcapng.blocks, block_name(type, name), where, f->number);
	return dst;
}

/* The inside of a block makes no sense; its frame does: leave it out. */
static bool
block_left_out(struct file *f, const struct block *b, const char *what)
{
	char place[128];

	file_note(f, "damaged in %s: %s; left out",
	    block_place(f, b->type, b->off, place), what);
	f->number += is_packet(b->type);
	return false;
}

static bool
block_fail(struct file *f, const struct block *b, const char *what)
{
	char place[128];

	return file_fail(f, "damaged in %s: %s",
	    block_place(f, b->type, b->off, place), what);
}

/*
 * if_fcslen: the drafts said bits, then bytes, and both are found.  No link
 * has a check of eight bytes or more, so the two cannot be mixed up.
 */
static uint8_t
fcs_bytes(uint8_t n)
{
	return n >= 8 ? n / 8 : n;
}

static void
iface_name(struct iface *i, struct span name)
{
	uint32_t n = 0;

	for (; n < name.n && n + 1 < sizeof(i->name); n++)
		i->name[n] = name.p[n] > 32 && name.p[n] < 127 ? (char)name.p[n]
		    : name.p[n] == ' '                         ? ' '
							       : '.';
	i->name[n] = '\0';
}

static void
iface_option(struct file *f, struct iface *i, const struct options *o)
{
	int64_t offset;

	if (o->code == OPTION_COMMENT)
		f->info.comments++;
	else if (o->code == OPTION_IF_NAME)
		iface_name(i, o->value);
	else if (o->code == OPTION_IF_TSRESOL && o->value.n == 1)
		units_set(i, o->value.p[0]);
	else if (o->code == OPTION_IF_FCSLEN && o->value.n == 1)
		i->fcs_len = fcs_bytes(o->value.p[0]);
	else if (o->code == OPTION_IF_TSOFFSET && o->value.n == 8) {
		offset = (int64_t)get64(o->value.p, o->big);
		if (__builtin_mul_overflow(offset, TICK_SECOND, &i->offset))
			i->offset = offset < 0 ? INT64_MIN : INT64_MAX;
	}
}

static struct iface *
iface_new(struct pcapng *c)
{
	uint32_t room = c->room == 0 ? 4 : c->room * 2;
	struct iface *grown;

	if (c->n == c->room) {
		grown = realloc(c->ifaces, room * sizeof(*grown));
		if (grown == NULL)
			return NULL;
		c->ifaces = grown;
		c->room = room;
	}
	c->ifaces[c->n] = (struct iface){ .mul = 1000 };
	return &c->ifaces[c->n++];
}

/* Later packets count interfaces: one that is damaged cannot be left out. */
static bool
iface_block(struct file *f, const struct block *b)
{
	struct pcapng *c = &f->pcapng;
	struct options o = options_open(f, span_from(b->body, 8));
	struct iface *i;

	if (b->body.n < 8)
		return block_fail(f, b, "too short for an interface");
	if (c->n >= IFACES_MAX)
		return block_fail(f, b, "more than 65536 interfaces");
	i = iface_new(c);
	if (i == NULL)
		return block_fail(f, b, "out of memory");
	f->info.interfaces++;
	i->link = link_normal(get16(b->body.p, c->big));
	i->snaplen = get32(b->body.p + 4, c->big);
	while (option_next(&o))
		iface_option(f, i, &o);
	if (o.bad)
		return block_fail(f, b, "an option runs over its end");
	return false;
}

static bool
section_block(struct file *f, const struct block *b)
{
	struct pcapng *c = &f->pcapng;

	if (b->body.n < 16)
		return block_fail(f, b, "too short for a section header");
	if (get16(b->body.p + 4, c->big) != 1)
		return block_fail(f, b, "a version that is not 1");
	c->before += c->n;
	c->n = 0;
	f->info.sections++;
	if (!comments(f, span_from(b->body, 16)))
		return block_left_out(f, b, "an option runs over its end");
	return false;
}

/* Two accounts of the same drops: the larger one is told. */
static void
iface_drops(struct file *f, struct iface *i, uint64_t told, uint64_t summed)
{
	uint64_t before = i->told > i->summed ? i->told : i->summed;

	i->told = told;
	i->summed = summed;
	f->info.drops += (told > summed ? told : summed) - before;
}

static bool
statistics_block(struct file *f, const struct block *b)
{
	struct pcapng *c = &f->pcapng;
	struct options o = options_open(f, span_from(b->body, 12));
	uint64_t told = 0;
	uint32_t id;

	if (b->body.n < 12)
		return block_left_out(f, b, "too short");
	id = get32(b->body.p, c->big);
	while (option_next(&o)) {
		f->info.comments += o.code == OPTION_COMMENT;
		if (o.value.n == 8 &&
		    (o.code == OPTION_STAT_IFDROP ||
			o.code == OPTION_STAT_OSDROP))
			told += get64(o.value.p, o.big);
	}
	if (o.bad)
		return block_left_out(f, b, "an option runs over its end");
	if (id >= c->n)
		return block_left_out(f, b, "of an interface not described");
	if (told > c->ifaces[id].told)
		iface_drops(f, &c->ifaces[id], told, c->ifaces[id].summed);
	return false;
}

/* Records are built like options and followed by options. */
static bool
names_block(struct file *f, const struct block *b)
{
	struct options o = options_open(f, b->body);

	while (option_next(&o))
		;
	if (o.bad || !comments(f, span_from(o.rest, 4)))
		return block_left_out(f, b, "a record runs over its end");
	return false;
}

static bool
secrets_block(struct file *f, const struct block *b)
{
	uint32_t n = b->body.n >= 8 ? get32(b->body.p + 4, f->pcapng.big) : 0;

	if (b->body.n < 8 || n > b->body.n - 8 ||
	    !comments(f, span_from(span_from(b->body, 8), padded(n))))
		return block_left_out(f, b, "lengths run over its end");
	return false;
}

/* Flags: direction in bits 0 and 1, length of the check in bits 5 to 8. */
static bool
packet_options(struct file *f, struct iface *i, struct span s, bool old,
    struct frame *ret)
{
	struct options o = options_open(f, s);
	uint32_t flags;

	while (option_next(&o)) {
		f->info.comments += o.code == OPTION_COMMENT;
		if (o.code == OPTION_PACKET_FLAGS && o.value.n == 4) {
			flags = get32(o.value.p, o.big);
			ret->direction = (flags & 3u) < 3 ? flags & 3u : 0;
			if ((flags >> 5 & 15u) != 0)
				ret->fcs_len = flags >> 5 & 15u;
		}
		if (o.code == OPTION_PACKET_DROPS && o.value.n == 8 && !old)
			iface_drops(f, i, i->told,
			    i->summed + get64(o.value.p, o.big));
	}
	return !o.bad;
}

static void
packet_fill(const struct file *f, uint32_t id, struct span bytes, uint32_t wire,
    struct frame *ret)
{
	const struct iface *i = &f->pcapng.ifaces[id];

	ret->bytes = bytes;
	ret->wire_len = wire > bytes.n ? wire : bytes.n;
	ret->link = i->link;
	ret->fcs_len = i->fcs_len;
	ret->direction = 0;
	ret->interface = f->pcapng.before + id;
	ret->port = (uint16_t)id;
}

static bool
packet_block(struct file *f, const struct block *b, struct frame *ret)
{
	struct pcapng *c = &f->pcapng;
	const uint8_t *p = b->body.p;
	bool old = b->type == BLOCK_PACKET_OLD;
	uint32_t id, captured, lost = NO_DROPS;
	struct iface *i;

	if (b->body.n < PACKET_FIXED)
		return block_left_out(f, b, "too short for a packet");
	id = old ? get16(p, c->big) : get32(p, c->big);
	if (id >= c->n)
		return block_left_out(f, b, "of an interface not described");
	i = &c->ifaces[id];
	captured = get32(p + 12, c->big);
	if (captured > b->body.n - PACKET_FIXED)
		return block_left_out(f, b, "more bytes than the block holds");
	if (captured > link_packet_max(i->link))
		return block_left_out(f, b, "longer than is possible");
	packet_fill(f, id, SPAN(p + PACKET_FIXED, captured),
	    get32(p + 16, c->big), ret);
	if (old)
		lost = get16(p + 2, c->big);
	if (lost != NO_DROPS)
		iface_drops(f, i, i->told, i->summed + lost);
	if (b->body.n - PACKET_FIXED > padded(captured) &&
	    !packet_options(f, i,
		span_from(b->body, PACKET_FIXED + padded(captured)), old, ret))
		return block_left_out(f, b, "an option runs over its end");
	file_stamp(f,
	    units_ns(i,
		(uint64_t)get32(p + 4, c->big) << 32 | get32(p + 8, c->big)),
	    ret);
	return true;
}

/* No time stamp, no interface (it is the first), no captured length. */
static bool
simple_block(struct file *f, const struct block *b, struct frame *ret)
{
	struct pcapng *c = &f->pcapng;
	uint32_t wire, captured;

	if (b->body.n < 4)
		return block_left_out(f, b, "too short for a packet");
	if (c->n == 0)
		return block_left_out(f, b, "of an interface not described");
	wire = get32(b->body.p, c->big);
	captured = wire;
	if (c->ifaces[0].snaplen != 0 && captured > c->ifaces[0].snaplen)
		captured = c->ifaces[0].snaplen;
	if (captured > b->body.n - 4)
		return block_left_out(f, b, "more bytes than the block holds");
	if (captured > link_packet_max(c->ifaces[0].link))
		return block_left_out(f, b, "longer than is possible");
	packet_fill(f, 0, SPAN(b->body.p + 4, captured), wire, ret);
	file_stamp(f, f->latest == INT64_MIN ? 0 : f->latest, ret);
	return true;
}

/* Returns true when a packet came of it. */
static bool
block_take(struct file *f, const struct block *b, struct frame *ret)
{
	switch (b->type) {
	case BLOCK_PACKET:
	case BLOCK_PACKET_OLD:
		return packet_block(f, b, ret);
	case BLOCK_PACKET_SIMPLE:
		return simple_block(f, b, ret);
	case BLOCK_SECTION:
		return section_block(f, b);
	case BLOCK_IFACE:
		return iface_block(f, b);
	case BLOCK_STATISTICS:
		return statistics_block(f, b);
	case BLOCK_NAMES:
		return names_block(f, b);
	case BLOCK_SECRETS:
		return secrets_block(f, b);
	case BLOCK_JOURNAL:
	case BLOCK_SYSDIG_1:
	case BLOCK_SYSDIG_2:
	case BLOCK_SYSDIG_3:
	case BLOCK_CUSTOM:
	case BLOCK_CUSTOM_KEEP:
		/* not frames, but Wireshark counts them as such */
		f->number++;
		return false;
	default:
		return false;
	}
}

/* The window ends within a block (or cleanly before it). */
static bool
block_cut(struct file *f, uint32_t type, uint32_t total, uint64_t off)
{
	uint64_t there = f->src.end_off - off;
	char place[128], why[160];

	if (there == 0)
		return file_end(f);
	(void)file_why(f, why);
	if (total == 0)
		return file_fail(f,
		    "cut short in the head of block %" PRIu64 " at %s, after "
		    "packet %u%s",
		    f->pcapng.blocks, file_where(f, off, place), f->number,
		    why);
	return file_fail(f,
	    "cut short in %s: the block promises %u bytes, %" PRIu64
	    " are there%s",
	    block_place(f, type, off, place), total, there, why);
}

/* A section header tells the byte order of its own length first. */
static bool
section_order(struct file *f)
{
	uint32_t magic = get32(f->src.p + 8, false);

	f->pcapng.big = magic != BYTE_ORDER_MAGIC;
	return magic == BYTE_ORDER_MAGIC ||
	    magic == __builtin_bswap32(BYTE_ORDER_MAGIC);
}

static bool
frame_fail(struct file *f, uint32_t type, const char *what, uint32_t total)
{
	char place[128];

	return file_fail(f, "damaged in %s: %s (%u)",
	    block_place(f, type, source_off(&f->src), place), what, total);
}

/* A block too long to be held: skipped where nothing hangs on it. */
static bool
block_huge(struct file *f, uint32_t type, uint32_t total)
{
	uint64_t off = source_off(&f->src);

	if (type == BLOCK_SECTION || type == BLOCK_IFACE || is_packet(type))
		return frame_fail(f, type, "an absurd length", total);
	if (!source_skip(&f->src, ((uint64_t)total + 3) & ~UINT64_C(3)))
		return block_cut(f, type, total, off);
	f->number += type == BLOCK_CUSTOM || type == BLOCK_CUSTOM_KEEP;
	return true;
}

/*
 * Bring the next block into the window and step over it.  Returns false at
 * the end of the file; a block skipped has an empty body and type 0.
 */
static bool
block_next(struct file *f, struct block *ret)
{
	struct source *s = &f->src;
	uint32_t type, total, held;
	uint64_t off = source_off(s);

	f->pcapng.blocks++;
	if (!source_have(s, BLOCK_FRAME))
		return block_cut(f, 0, 0, off);
	type = get32(s->p, f->pcapng.big);
	if (type == BLOCK_SECTION && !section_order(f))
		return frame_fail(f, type, "no byte order mark",
		    get32(s->p + 8, false));
	total = get32(s->p + 4, f->pcapng.big);
	if (total < BLOCK_FRAME)
		return frame_fail(f, type, "an absurd length", total);
	*ret = (struct block){ .off = off };
	if (total > SOURCE_MAX)
		return block_huge(f, type, total);
	held = padded(total);
	if (!source_have(s, held))
		return block_cut(f, type, total, off);
	if (get32(s->p + held - 4, f->pcapng.big) != total)
		return frame_fail(f, type, "another length at its end",
		    get32(s->p + held - 4, f->pcapng.big));
	ret->type = type;
	ret->body = SPAN(s->p + 8, held - BLOCK_FRAME);
	s->p += held;
	return true;
}

static bool
pcapng_next(struct file *f, struct frame *ret)
{
	struct block b;

	while (block_next(f, &b)) {
		if (block_take(f, &b, ret))
			return true;
		if (f->next == file_next_none)
			return false;
	}
	return false;
}

/*
 * A plain packet without options, of which nothing is left out: where a block
 * gives no packet the next one is looked for beyond the window.
 */
static bool
pcapng_in_hand(const struct file *f)
{
	const struct pcapng *c = &f->pcapng;
	const uint8_t *p = f->src.p;
	const size_t left = source_left(&f->src);
	uint32_t total, id, captured;

	if (left < BLOCK_FRAME + PACKET_FIXED ||
	    get32(p, c->big) != BLOCK_PACKET)
		return false;
	total = get32(p + 4, c->big);
	id = get32(p + 8, c->big);
	captured = get32(p + 20, c->big);
	return id < c->n && captured <= link_packet_max(c->ifaces[id].link) &&
	    total == BLOCK_FRAME + PACKET_FIXED + padded(captured) &&
	    left >= total && get32(p + total - 4, c->big) == total;
}

bool
pcapng_open(struct file *f, enum pack pack)
{
	f->info.format = names[pack];
	f->pcapng = (struct pcapng){ .n = 0 };
	f->is_pcapng = true;
	f->next = pcapng_next;
	f->in_hand = pcapng_in_hand;
	return true;
}

const char *
pcapng_name(const struct file *f, uint32_t interface)
{
	const struct pcapng *c = &f->pcapng;

	return f->is_pcapng && interface >= c->before &&
		interface - c->before < c->n
	    ? c->ifaces[interface - c->before].name
	    : "";
}

void
pcapng_fini(struct file *f)
{
	if (f->is_pcapng)
		free(f->pcapng.ifaces);
	f->is_pcapng = false;
}
