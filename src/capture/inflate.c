/*
 * inflate.c - the byte source below the capture formats: a descriptor or
 * memory, plain, gzip (RFC 1952: members one after another, zero padding
 * allowed behind them) or zstd (RFC 8878: frames one after another).
 *
 * Plain bytes are read straight into the window that packets are handed out
 * of, so a packet is copied once, by the kernel.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "private.h"

#define PACKED_ROOM (16u * 1024u)

struct unpack {
	z_stream z;
	ZSTD_DStream *zstd;
	bool between; /* at the end of a member or frame: may end here */
	bool eof; /* of the stored bytes */
	size_t off, n; /* in[off .. n) is not yet unpacked */
	uint8_t in[PACKED_ROOM];
};

static void
why(struct source *s, const char *what, const char *detail)
{
	if (s->why[0] == '\0')
		(void)snprintf(s->why, sizeof(s->why), "%s%s%s", what,
		    detail != NULL ? ": " : "", detail != NULL ? detail : "");
}

/* A descriptor that was left non-blocking by whoever gave it to us. */
static bool
wait_readable(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, -1) >= 0 || errno == EINTR;
}

static ssize_t
fd_read(struct source *s, uint8_t *dst, size_t n)
{
	ssize_t got = read(s->fd, dst, n);

	while (got < 0) {
		if (errno == EAGAIN ? !wait_readable(s->fd) : errno != EINTR) {
			why(s, "cannot read", strerror(errno));
			return -1;
		}
		got = read(s->fd, dst, n);
	}
	s->stored += (uint64_t)got;
	return got;
}

static ssize_t
mem_read(struct source *s, uint8_t *dst, size_t n)
{
	size_t got = n < s->mem_left ? n : s->mem_left;

	if (got > 0) {
		memcpy(dst, s->mem, got);
		s->mem += got;
		s->mem_left -= got;
		s->stored += got;
	}
	return (ssize_t)got;
}

static ssize_t
stored_read(struct source *s, uint8_t *dst, size_t n)
{
	return s->mem != NULL ? mem_read(s, dst, n) : fd_read(s, dst, n);
}

/* Get packed bytes when there are none; false at their end. */
static bool
packed_more(struct source *s)
{
	struct unpack *u = s->unpack;
	ssize_t got;

	if (u->off < u->n)
		return true;
	if (u->eof)
		return false;
	got = stored_read(s, u->in, sizeof(u->in));
	u->off = 0;
	u->n = got > 0 ? (size_t)got : 0;
	u->eof = got <= 0;
	return got > 0;
}

static void
packed_end(struct source *s, const char *cut)
{
	if (!s->unpack->between)
		why(s, cut, NULL);
}

/* Behind a member: another one, zeros to fill a tape block, or the end. */
static bool
gzip_member(struct source *s)
{
	struct unpack *u = s->unpack;

	while (packed_more(s) && u->in[u->off] == 0)
		u->off++;
	if (!packed_more(s))
		return false;
	if (u->in[u->off] == 0x1f && inflateReset(&u->z) == Z_OK)
		return true;
	why(s, "bytes behind the gzip data are not gzip", NULL);
	return false;
}

/* One step of inflate(); false when it cannot go on. */
static bool
gzip_step(struct source *s)
{
	struct unpack *u = s->unpack;
	int rc;

	if (u->between && !gzip_member(s))
		return false;
	if (!packed_more(s))
		return false;
	u->between = false;
	u->z.next_in = u->in + u->off;
	u->z.avail_in = (uInt)(u->n - u->off);
	rc = inflate(&u->z, Z_NO_FLUSH);
	u->off = u->n - u->z.avail_in;
	u->between = rc == Z_STREAM_END;
	if (rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR)
		return true;
	why(s, "gzip data are damaged",
	    u->z.msg != NULL ? u->z.msg : "not gzip");
	return false;
}

static ssize_t
gzip_read(struct source *s, uint8_t *dst, size_t n)
{
	struct unpack *u = s->unpack;

	u->z.next_out = dst;
	u->z.avail_out = (uInt)n;
	while (u->z.avail_out == n && s->why[0] == '\0')
		if (!gzip_step(s)) {
			packed_end(s, "the gzip data end early");
			break;
		}
	/* what came out before the damage is good */
	return (ssize_t)(n - u->z.avail_out);
}

static ssize_t
zstd_read(struct source *s, uint8_t *dst, size_t n)
{
	struct unpack *u = s->unpack;
	ZSTD_outBuffer out = { .dst = dst, .size = n };
	ZSTD_inBuffer in;
	size_t rc;
	bool more;

	while (out.pos == 0 && s->why[0] == '\0') {
		more = packed_more(s);
		if (!more && u->between)
			break;
		in = (ZSTD_inBuffer){ u->in, u->n, u->off };
		rc = ZSTD_decompressStream(u->zstd, &out, &in);
		u->off = in.pos;
		if (ZSTD_isError(rc) != 0)
			why(s, "zstd data are damaged", ZSTD_getErrorName(rc));
		else
			u->between = rc == 0;
		if (!more && out.pos == 0) {
			packed_end(s, "the zstd data end early");
			break;
		}
	}
	return (ssize_t)out.pos;
}

bool
source_open(struct source *s, int fd, struct span mem, size_t room)
{
	*s = (struct source){
		.fd = fd,
		.mem = mem.p,
		.mem_left = mem.n,
		.read = stored_read,
		.room = room,
	};
	s->buf = malloc(room);
	s->p = s->end = s->buf;
	return s->buf != NULL;
}

void
source_close(struct source *s)
{
	struct unpack *u = s->unpack;

	if (u != NULL) {
		if (u->zstd != NULL)
			(void)ZSTD_freeDStream(u->zstd);
		else
			(void)inflateEnd(&u->z);
		free(u);
	}
	free(s->buf);
	s->unpack = NULL;
	s->buf = NULL;
	s->p = s->end = NULL;
	s->room = 0;
}

static bool
unpack_init(struct unpack *u, bool gzip)
{
	if (gzip)
		return inflateInit2(&u->z, 16 + MAX_WBITS) == Z_OK;
	u->zstd = ZSTD_createDStream();
	u->between = true;
	return u->zstd != NULL;
}

/* Put a decompressor between the stored bytes and the window. */
static bool
unpack_put(struct source *s, bool gzip)
{
	struct unpack *u = calloc(1, sizeof(*u));
	size_t n = source_left(s);

	if (u == NULL || n > sizeof(u->in) || !unpack_init(u, gzip)) {
		free(u);
		return false;
	}
	memcpy(u->in, s->p, n);
	u->n = n;
	s->unpack = u;
	s->read = gzip ? gzip_read : zstd_read;
	s->p = s->end = s->buf;
	s->end_off = 0;
	return true;
}

bool
source_unpack(struct source *s, enum pack *ret)
{
	uint32_t magic = source_have(s, 4) ? get32(s->p, true) : 0;

	*ret = PACK_NONE;
	if (magic >> 8 == 0x1f8b08)
		*ret = PACK_GZIP;
	/* a frame, or a skippable one (parallel compressors begin so) */
	if (magic == 0x28b52ffd || (magic & 0xf0ffffff) == 0x502a4d18)
		*ret = PACK_ZSTD;
	return *ret == PACK_NONE || unpack_put(s, *ret == PACK_GZIP);
}

/* Make room for n bytes at the front of the window. */
static bool
window_make(struct source *s, size_t n)
{
	size_t keep = source_left(s), room = s->room;
	uint8_t *buf = s->buf;

	while (room < n)
		room *= 2;
	if (room != s->room)
		buf = malloc(room);
	if (buf == NULL) {
		why(s, "out of memory", NULL);
		return false;
	}
	if (keep > 0)
		memmove(buf, s->p, keep);
	if (buf != s->buf)
		free(s->buf);
	s->buf = buf;
	s->room = room;
	s->p = buf;
	s->end = buf + keep;
	return true;
}

bool
source_widen(struct source *s, size_t room)
{
	return room <= s->room || window_make(s, room);
}

bool
source_fill(struct source *s, size_t n)
{
	size_t have;
	ssize_t got;

	if (s->buf == NULL || n > SOURCE_MAX || !window_make(s, n))
		return false;
	for (have = source_left(s); have < n; have += (size_t)got) {
		got = s->read(s, s->buf + have, s->room - have);
		if (got <= 0)
			return false;
		s->end += got;
		s->end_off += (uint64_t)got;
	}
	return true;
}

bool
source_skip(struct source *s, uint64_t n)
{
	size_t step;

	while (n > 0) {
		if (!source_have(s, 1))
			return false;
		step = source_left(s) < n ? source_left(s) : (size_t)n;
		s->p += step;
		n -= step;
	}
	return true;
}
