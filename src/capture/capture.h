/*
 * capture.h - where frames come from: capture files, merged into one timeline.
 *
 * Formats: pcap (libpcap's, micro- and nanoseconds, both byte orders, the
 * "modified" variant of Kuznetzov), pcapng (draft-ietf-opsawg-pcapng: several
 * sections and interfaces, if_tsresol, if_tsoffset, if_fcslen, EPB, SPB, the
 * obsolete PB), snoop (RFC 1761); each may be compressed with gzip (RFC 1952)
 * or zstd (RFC 8878); "-" is standard input.
 *
 * Own reader because libpcap refuses valid pcapng and is two to four times
 * slower (docs/decisions).  One thread.
 */
#ifndef CAPTURE_CAPTURE_H
#define CAPTURE_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../model/packet.h"

#define CAPTURE_FILES_MAX 4096
#define CAPTURE_ERROR_MAX 256

struct capture;

/* What is known about one input once it has been read as far as it goes. */
struct capture_file {
	const char *path;
	const char *format; /* "pcap", "pcapng (zstd)" ... "" before opening */
	uint64_t packets; /* handed out */
	uint64_t bytes; /* of the file as stored, read so far */
	uint64_t at; /* of them, as far as the packets handed out reach */
	uint64_t size; /* of the file as stored; 0 where unknown (pipe) */
	uint64_t backwards; /* packets stamped earlier than one before them */
	uint32_t interfaces, sections;
	uint64_t comments; /* pcapng comments seen */
	uint64_t drops; /* if_drop / isb_ifdrop: lost before the file */
	bool damaged; /* could not be read whole: error says why and where */
	char error[CAPTURE_ERROR_MAX];
};

/*
 * Several inputs are merged by time stamp (a packet is never held back beyond
 * its own file's order).  NULL only when memory is out.  Inputs that cannot be
 * opened are reported through capture_file(), the others are read.
 */
struct capture *capture_open(const char *const *paths, unsigned n);
/* One input that is open already, read from where it stands; the descriptor
 * is the capture's from then on.  `name` is kept.  NULL: memory is out, and
 * the descriptor is closed. */
struct capture *capture_open_descriptor(int fd, const char *name);
void capture_close(struct capture *);

/* The next frame; false at the end of all inputs. */
bool capture_next(struct capture *, struct frame *ret);
/* The next frames, as many as lie in memory already, at least one and at most
 * n; all are valid until the next call.  0 at the end of all inputs. */
unsigned capture_batch(struct capture *, struct frame *ret, unsigned n);

unsigned capture_files(const struct capture *);
const struct capture_file *capture_file(const struct capture *, unsigned i);

/* What the recorder called the interface of a frame just read; "": nothing. */
const char *capture_interface_name(const struct capture *,
    const struct frame *);

/* "ethernet", "linux-cooked-v2", "linktype-147" (put into dst). */
const char *capture_link_name(uint16_t link, char dst[static 24]);

/*
 * Read a capture from memory instead (fuzzing, tests): the same code below
 * the file descriptor.
 */
struct capture *capture_open_bytes(struct span);

#endif
