/*
 * private.h - what the files of this folder share: the byte source below the
 * formats, and one open input.
 *
 *	descriptor or memory -> struct source (plain, gzip, zstd)
 *	                     -> pcap_next(), pcapng_next() or snoop_next()
 *	                     -> merge (capture.c)
 */
#ifndef CAPTURE_PRIVATE_H
#define CAPTURE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include "capture.h"

/*
 * A byte source: a window [p, end) of the (decompressed) stream that slides
 * and grows on demand.  Bytes stay where they are until the next
 * source_have() that needs more than the window holds.
 */
#define SOURCE_PROBE 4096u /* window while only the first packet is wanted */
#define SOURCE_ROOM (256u * 1024u) /* window of a file being read */
#define SOURCE_MAX (4u * 1024u * 1024u) /* what a window may grow to */
#define SOURCE_WHY_MAX 128

struct unpack; /* a decompressor's state, see inflate.c */

struct source {
	const uint8_t *p, *end;
	uint8_t *buf;
	size_t room;
	uint64_t end_off; /* stream offset of `end` */
	ssize_t (*read)(struct source *, uint8_t *dst, size_t n);
	struct unpack *unpack; /* NULL: stored plain */
	const uint8_t *mem; /* instead of a descriptor */
	size_t mem_left;
	int fd;
	uint64_t stored; /* bytes taken from the descriptor */
	char why[SOURCE_WHY_MAX]; /* "" or why the stream ended early */
};

/* False when memory is out. */
bool source_open(struct source *, int fd, struct span mem, size_t room);
/* Gives the memory back; the descriptor is the caller's. */
void source_close(struct source *);
/*
 * Look at the first bytes and put the decompressor in that they ask for;
 * only as the first thing, on a window of SOURCE_PROBE.
 */
enum pack {
	PACK_NONE,
	PACK_GZIP,
	PACK_ZSTD,
	PACK_COUNT
};
/* False when memory is out. */
bool source_unpack(struct source *, enum pack *ret);
/* Make the window at least `room` bytes; false when memory is out. */
bool source_widen(struct source *, size_t room);
/* The slow half of source_have(). */
bool source_fill(struct source *, size_t n);
/* Step over n bytes without holding them; false at an early end. */
bool source_skip(struct source *, uint64_t n);

static inline size_t
source_left(const struct source *s)
{
	return (size_t)(s->end - s->p);
}

/* Are n bytes at s->p?  n <= SOURCE_MAX. */
static inline bool
source_have(struct source *s, size_t n)
{
	return source_left(s) >= n || source_fill(s, n);
}

/* Stream offset of s->p. */
static inline uint64_t
source_off(const struct source *s)
{
	return s->end_off - (uint64_t)source_left(s);
}

struct pcap {
	uint32_t head; /* bytes of a packet's header: 16, modified 24 */
	uint32_t frac; /* nanoseconds of a unit of the fraction */
	uint32_t max; /* longest packet believed */
	uint16_t link;
	uint8_t fcs_len;
	bool big; /* byte order of the file */
	bool swapped; /* lengths stand in the wrong order */
	bool maybe_swapped;
};

struct snoop {
	uint32_t max; /* longest packet believed */
	uint16_t link;
};

struct iface {
	uint64_t mul; /* nanoseconds = units * mul, or, where 0: */
	uint64_t div; /* units / div, or, where 0: a binary fraction */
	uint32_t shift; /* of that many bits */
	uint32_t snaplen;
	int64_t offset; /* nanoseconds to add */
	uint64_t told; /* drops by the statistics (running total) */
	uint64_t summed; /* drops by the packets (differences) */
	uint16_t link;
	uint8_t fcs_len;
	char name[48]; /* if_name, as far as it is printable */
};

/* if_tsresol of an interface, and a time stamp of it in nanoseconds. */
void units_set(struct iface *, uint8_t resolution);
int64_t units_ns(const struct iface *, uint64_t units);

struct pcapng {
	struct iface *ifaces; /* of the section */
	uint32_t n, room;
	uint32_t before; /* interfaces of earlier sections */
	uint64_t blocks; /* read so far, for messages */
	bool big; /* byte order of the section */
};

/* One input. */
struct file {
	struct capture_file info;
	struct source src;
	bool (*next)(struct file *, struct frame *ret);
	/* next() will hand out a packet, and move nothing for it. */
	bool (*in_hand)(const struct file *);
	int64_t latest; /* latest time stamp so far; INT64_MIN: none */
	uint32_t number; /* of the packet before */
	uint16_t index;
	union {
		struct pcap pcap;
		struct pcapng pcapng;
		struct snoop snoop;
	};
	bool is_pcapng;

	int fd; /* -1 when there is none (memory) or it is closed */
	struct span mem;
	off_t start; /* where the descriptor stood; -1: cannot go back */
	bool parked; /* only `head.at` is known; nothing is held */
	struct frame head; /* merge: the next to hand out */
};

/*
 * Put the reader for the source's format into f->next and read the file's
 * header; false after file_fail().
 */
bool file_sniff(struct file *);
bool pcap_open(struct file *, enum pack);
bool pcapng_open(struct file *, enum pack);
bool snoop_open(struct file *, enum pack);
void pcapng_fini(struct file *);
const char *pcapng_name(const struct file *, uint32_t interface);
/* Nothing (more) to read. */
bool file_next_none(struct file *, struct frame *ret);

/* Keep the first thing that went wrong. */
void file_note(struct file *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same, and nothing more is read; false, to be returned. */
bool file_fail(struct file *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A clean end, unless the source has something to say; false. */
bool file_end(struct file *);
/* Where the source stands, for messages: "byte 812" and how to count it. */
const char *file_where(const struct file *, uint64_t off, char dst[static 48]);
/* ", then: gzip data ..." where the source says why it ended; else "". */
const char *file_why(const struct file *, char dst[static 160]);

/* LINKTYPE_ number of what old systems wrote into files. */
uint16_t link_normal(uint16_t link);
/* Longest packet believed of this link type. */
uint32_t link_packet_max(uint16_t link);

/* Common to all formats: number and time of a packet read. */
static inline void
file_stamp(struct file *f, int64_t at, struct frame *ret)
{
	if (at < f->latest)
		f->info.backwards++;
	else
		f->latest = at;
	f->number++;
	ret->at.ns = at;
	ret->number = f->number;
	ret->file = f->index;
}

/* Integers of a file, in its byte order: one load and perhaps a swap. */
static inline uint32_t
get32(const uint8_t *p, bool big)
{
	uint32_t v = (uint32_t)p[0] | (uint32_t)p[1] << 8 |
	    (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;

	return big ? __builtin_bswap32(v) : v;
}

static inline uint16_t
get16(const uint8_t *p, bool big)
{
	return (uint16_t)(big ? p[0] << 8 | p[1] : p[1] << 8 | p[0]);
}

static inline uint64_t
get64(const uint8_t *p, bool big)
{
	uint64_t a = get32(p, big), b = get32(p + 4, big);

	return big ? a << 32 | b : b << 32 | a;
}

#endif
