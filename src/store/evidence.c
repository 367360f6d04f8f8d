/*
 * evidence.c - the frames of alerts, DIR/evidence/<number>.pcapng.
 *
 * A file is a row of pcapng sections, one each time frames were kept.  A file
 * that a crash cut short is cut back to its last whole block before anything
 * follows, and no more than that is ever handed out.  Like the database's log
 * it is not forced to the disk at every batch: after a power cut the last
 * ones may be missing, never the file.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "private.h"

#define BLOCK_LEAST 12u
#define BLOCK_MOST (16u << 20)
#define FRAMES_MAX ((size_t)64 << 20) /* that wait */

void
evidence_path(const struct store *st, uint32_t number,
    char dst[static EVIDENCE_PATH])
{
	(void)snprintf(dst, EVIDENCE_PATH, "%s/evidence/%u.pcapng", st->dir,
	    number);
}

uint32_t
evidence_number(const char *name)
{
	char *end;
	unsigned long n = strtoul(name, &end, 10);

	return name[0] >= '1' && name[0] <= '9' && n < UINT32_MAX &&
		strcmp(end, ".pcapng") == 0
	    ? (uint32_t)n
	    : 0;
}

bool
evidence_remove_strays(struct store *st)
{
	char path[STORE_PATH];
	struct dirent *e;
	bool ok = true;
	DIR *d;

	(void)snprintf(path, sizeof(path), "%s/evidence", st->dir);
	d = opendir(path);
	if (d == NULL)
		return errno == ENOENT ||
		    store_fail(st, "%s: %s", path, strerror(errno));
	while (ok && (e = readdir(d)) != NULL)
		if (evidence_number(e->d_name) >= st->next_alert &&
		    unlinkat(dirfd(d), e->d_name, 0) != 0)
			ok = store_fail(st, "%s/%s: %s", path, e->d_name,
			    strerror(errno));
	(void)closedir(d);
	return ok;
}

/* ------------------------------------------------------- whole files only */

static uint32_t
le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

/* Bytes up to the end of the last whole block. */
static off_t
whole_of(int fd, off_t size)
{
	uint8_t head[8], tail[4];
	off_t at = 0;

	while (at + BLOCK_LEAST <= size) {
		uint32_t len;

		if (pread(fd, head, sizeof(head), at) != sizeof(head))
			break;
		len = le32(head + 4);
		if (len < BLOCK_LEAST || len > BLOCK_MOST || len % 4 != 0 ||
		    at + len > size ||
		    pread(fd, tail, sizeof(tail), at + len - 4) !=
			sizeof(tail) ||
		    le32(tail) != len)
			break;
		at += len;
	}
	return at;
}

static bool
write_all(int fd, const uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		p += done;
		n -= (size_t)done;
	}
	return true;
}

/* How many of the bytes the file ends with already, in steps of blocks. */
static uint32_t
there_already(int fd, off_t end, struct span bytes)
{
	uint32_t all = end < (off_t)bytes.n ? (uint32_t)end : bytes.n, n = all;
	uint8_t *tail = malloc(n > 0 ? n : 1);
	bool ok =
	    tail != NULL && pread(fd, tail, n, end - (off_t)n) == (ssize_t)n;

	while (ok && n > 0 && memcmp(tail + (all - n), bytes.p, n) != 0)
		n -= n < 4 ? n : 4;
	free(tail);
	return ok ? n : 0;
}

/* All of it, or as it was.  `again`: it may be there already, whole or in
 * part, as the one who wrote it died. */
bool
evidence_append_to(int fd, struct span bytes, bool again)
{
	uint32_t skip = 0;
	struct stat is;
	off_t end;

	if (fstat(fd, &is) != 0)
		return false;
	end = whole_of(fd, is.st_size);
	if ((end < is.st_size && ftruncate(fd, end) != 0) ||
	    lseek(fd, end, SEEK_SET) != end)
		return false;
	if (again)
		skip = there_already(fd, end, bytes);
	if (write_all(fd, bytes.p + skip, bytes.n - skip))
		return true;
	(void)!ftruncate(fd, end);
	return false;
}

bool
evidence_append(struct store *st, uint32_t number, struct span bytes)
{
	char path[EVIDENCE_PATH];
	int fd, error;
	bool ok;

	evidence_path(st, number, path);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	ok = fd >= 0 && evidence_append_to(fd, bytes, st->again);
	error = errno;
	if (fd >= 0)
		(void)close(fd);
	return ok ||
	    store_fail(st, "%s: the frames of an alert cannot be kept: %s",
		path, strerror(error));
}

/* All sections of one alert from there on, as one; the others are marked as
 * done. */
static bool
flush_alert(struct store *st, size_t from)
{
	struct queue *q = &st->frames;
	uint32_t number = queue_statement(q, from), size, n, all = 0;
	const uint32_t done = 0;
	uint8_t *p = malloc(q->n - from);
	bool ok;

	if (p == NULL)
		return store_fail(st, "no memory for the frames of an alert");
	for (size_t at = from; at < q->n; at += size) {
		memcpy(&size, q->p + at, sizeof(size));
		if (queue_statement(q, at) != number)
			continue;
		memcpy(&n, q->p + at + 9, sizeof(n)); /* after head and type */
		memcpy(p + all, q->p + at + 13, n);
		all += n;
	}
	ok = evidence_append(st, number, SPAN(p, all));
	free(p);
	for (size_t at = from; ok && at < q->n; at += size) {
		memcpy(&size, q->p + at, sizeof(size));
		if (queue_statement(q, at) == number)
			memcpy(q->p + at + 4, &done, sizeof(done));
	}
	return ok;
}

bool
evidence_flush(struct store *st)
{
	struct queue *q = &st->frames;
	size_t at = 0;
	bool ok = true;

	while (at < q->n) {
		uint32_t size;

		if (queue_statement(q, at) != 0)
			ok = flush_alert(st, at);
		if (!ok)
			break;
		memcpy(&size, q->p + at, sizeof(size));
		at += size;
	}
	if (at > 0)
		memmove(q->p, q->p + at, q->n - at);
	q->n -= at;
	return ok;
}

/* ----------------------------------------------------------------------- in */

static void
push(struct queue *q, uint32_t number, const char *types, ...)
{
	va_list ap;

	va_start(ap, types);
	queue_values(q, number, types, ap);
	va_end(ap);
}

bool
store_put_evidence(struct store *st, uint32_t number, struct span pcapng)
{
	bool began = store_enter(st);

	if (!st->in_batch)
		return false;
	if (number == 0 || pcapng.n % 4 != 0)
		return store_leave(st, began,
		    store_fail(st, "evidence of no alert, or no pcapng"));
	if (st->frames.n + pcapng.n > FRAMES_MAX)
		return store_leave(st, began,
		    store_fail(st,
			"%s: too many frames wait to be written; these are "
			"lost",
			st->dir));
	push(&st->frames, number, "b", pcapng);
	return store_leave(st, began, !st->frames.full);
}

struct section {
	uint8_t *p;
	size_t n, cap;
};

static void
put_bytes(struct section *s, const void *p, size_t n)
{
	static const uint8_t zero[4];
	size_t pad = (4 - n % 4) % 4;

	if (s->n + n + pad <= s->cap && n > 0) {
		memcpy(s->p + s->n, p, n);
		memcpy(s->p + s->n + n, zero, pad);
	}
	s->n += n + pad;
}

static void
put32(struct section *s, uint32_t v)
{
	const uint8_t b[4] = { (uint8_t)v, (uint8_t)(v >> 8),
		(uint8_t)(v >> 16), (uint8_t)(v >> 24) };

	put_bytes(s, b, sizeof(b));
}

/* Code and length of an option, both 16 bits. */
static void
put_option(struct section *s, uint32_t code, const void *p, uint32_t n)
{
	put32(s, n << 16 | code);
	put_bytes(s, p, n);
}

static void
put_header(struct section *s)
{
	put32(s, 0x0a0d0d0a);
	put32(s, 28);
	put32(s, 0x1a2b3c4d);
	put32(s, 1); /* version 1.0 */
	put32(s, UINT32_MAX); /* length of the section is not said */
	put32(s, UINT32_MAX);
	put32(s, 28);
}

static void
put_interface(struct section *s, uint16_t link)
{
	static const uint8_t nanoseconds = 9;

	put32(s, 1);
	put32(s, 32);
	put32(s, link);
	put32(s, 0); /* no limit */
	put_option(s, 9, &nanoseconds, 1);
	put_option(s, 0, NULL, 0);
	put32(s, 32);
}

static void
put_frame(struct section *s, const struct store_frame *f, uint32_t interface,
    const char *comment)
{
	uint32_t text = (uint32_t)strnlen(comment, 4096);
	uint32_t len =
	    32 + (f->bytes.n + 3) / 4 * 4 + 4 + (text + 3) / 4 * 4 + 4;
	uint64_t at = (uint64_t)f->at.ns;

	put32(s, 6);
	put32(s, len);
	put32(s, interface);
	put32(s, (uint32_t)(at >> 32));
	put32(s, (uint32_t)at);
	put32(s, f->bytes.n);
	put32(s, f->length);
	put_bytes(s, f->bytes.p, f->bytes.n);
	put_option(s, 1, comment, text);
	put_option(s, 0, NULL, 0);
	put32(s, len);
}

uint8_t *
evidence_section(struct store *st, const struct store_frame *f, uint32_t n,
    const char *comment, struct span *ret)
{
	struct section s = { .cap = 28 };
	uint32_t interfaces = 0;

	for (uint32_t i = 0; i < n; i++)
		s.cap += 32 + 32 + f[i].bytes.n + 3 + 4 +
		    strnlen(comment, 4096) + 3 + 4;
	s.p = malloc(s.cap);
	if (s.p == NULL) {
		(void)store_fail(st, "no memory for frames");
		return NULL;
	}
	put_header(&s);
	for (uint32_t i = 0; i < n; i++) {
		if (i == 0 || f[i].link != f[i - 1].link) {
			put_interface(&s, f[i].link);
			interfaces++;
		}
		put_frame(&s, &f[i], interfaces - 1, comment);
	}
	*ret = SPAN(s.p, (uint32_t)s.n);
	return s.p;
}

bool
store_put_frames(struct store *st, uint32_t number, const struct store_frame *f,
    uint32_t n, const char *comment)
{
	struct span section;
	uint8_t *whole = evidence_section(st, f, n, comment, &section);
	bool ok = whole != NULL && store_put_evidence(st, number, section);

	free(whole);
	return ok;
}

/* ---------------------------------------------------------------------- out */

static bool
copy(int from, int to, off_t n)
{
	uint8_t buf[65536];

	for (off_t at = 0; at < n;) {
		size_t want = n - at < (off_t)sizeof(buf) ? (size_t)(n - at)
							  : sizeof(buf);
		ssize_t got = pread(from, buf, want, at);

		if (got <= 0 || !write_all(to, buf, (size_t)got))
			return false;
		at += got;
	}
	return true;
}

bool
store_copy_evidence(struct store *st, uint32_t number, int fd)
{
	char path[EVIDENCE_PATH];
	struct stat is;
	bool ok;
	int from;

	evidence_path(st, number, path);
	from = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (from < 0 && errno == ENOENT)
		return store_fail(st, "no frames of alert %u are kept", number);
	if (from < 0)
		return store_fail(st, "%s: %s", path, strerror(errno));
	ok =
	    fstat(from, &is) == 0 && copy(from, fd, whole_of(from, is.st_size));
	if (!ok)
		(void)store_fail(st, "%s cannot be copied: %s", path,
		    strerror(errno));
	(void)close(from);
	return ok;
}
