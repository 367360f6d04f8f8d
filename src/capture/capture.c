/*
 * capture.c - open inputs and merge them into one timeline.
 *
 * One input is read directly.  Several are merged by a heap keyed by the
 * time stamp of each one's next packet (then by index).  To read thousands,
 * an input that can be read again is parked once the time of its first packet
 * is known: it keeps its descriptor and gives back its buffers until its turn
 * comes.  Rotated captures follow each other, so few are awake at a time.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "private.h"

#define ROOM_TOTAL (32u * 1024u * 1024u) /* windows of all inputs awake */
#define SPARE_DESCRIPTORS 64u

struct capture {
	struct file *files;
	struct file *only; /* the one input, where there is but one */
	struct file **heap;
	unsigned n, n_heap;
	size_t room; /* window of an input being read */
	bool handed; /* heap[0]'s packet is with the caller */
};

static void __attribute__((format(printf, 2, 0)))
note(struct file *f, const char *format, va_list args)
{
	if (f->info.damaged)
		return;
	f->info.damaged = true;
	(void)vsnprintf(f->info.error, sizeof(f->info.error), format, args);
}

void
file_note(struct file *f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	note(f, format, args);
	va_end(args);
}

bool
file_fail(struct file *f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	note(f, format, args);
	va_end(args);
	f->next = file_next_none;
	return false;
}

bool
file_end(struct file *f)
{
	char where[48];

	if (f->src.why[0] != '\0')
		return file_fail(f, "after packet %u, at %s: %s", f->number,
		    file_where(f, source_off(&f->src), where), f->src.why);
	f->next = file_next_none;
	return false;
}

const char *
file_where(const struct file *f, uint64_t off, char dst[static 48])
{
	(void)snprintf(dst, 48, "byte %" PRIu64 "%s", off,
	    f->src.unpack != NULL ? " (unpacked)" : "");
	return dst;
}

const char *
file_why(const struct file *f, char dst[static 160])
{
	(void)snprintf(dst, 160, "%s%s%s", f->src.why[0] != '\0' ? " (" : "",
	    f->src.why, f->src.why[0] != '\0' ? ")" : "");
	return dst;
}

bool
file_next_none(struct file *f, struct frame *ret)
{
	(void)f;
	(void)ret;
	return false;
}

/* Give back what reading takes. */
static void
file_rest(struct file *f)
{
	f->info.bytes = f->info.at = f->src.stored;
	pcapng_fini(f);
	source_close(&f->src);
}

static void
file_close(struct file *f)
{
	file_rest(f);
	f->next = file_next_none;
	if (f->fd > STDIN_FILENO)
		(void)close(f->fd);
	f->fd = -1;
}

/* Read from the start; false when there is nothing to read. */
static bool
file_start(struct file *f, size_t room)
{
	f->info = (struct capture_file){
		.path = f->info.path,
		.format = "",
		.size = f->info.size,
	};
	f->number = 0;
	f->latest = INT64_MIN;
	f->parked = false;
	if (!source_open(&f->src, f->fd, f->mem, SOURCE_PROBE))
		return file_fail(f, "out of memory");
	if (!file_sniff(f))
		return false;
	if (!source_widen(&f->src, room))
		return file_fail(f, "out of memory");
	return true;
}

static bool
file_regular(struct file *f, const struct stat *st)
{
	f->info.size = (uint64_t)st->st_size;
	f->start = lseek(f->fd, 0, SEEK_CUR);
	(void)posix_fadvise(f->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return true;
}

static bool
file_refused(struct file *f, int error)
{
	switch (error) {
	case ENOENT:
		return file_fail(f, "there is no such file");
	case EACCES:
		return file_fail(f, "no permission to read it");
	case EMFILE:
	case ENFILE:
		return file_fail(f,
		    "too many open files: raise the limit "
		    "(ulimit -n) or give fewer at a time");
	default:
		return file_fail(f, "cannot open: %s", strerror(error));
	}
}

static bool
file_look(struct file *f)
{
	struct stat st;

	if (f->fd < 0 || fstat(f->fd, &st) != 0)
		return file_refused(f, errno);
	if (S_ISDIR(st.st_mode))
		return file_fail(f, "is a directory");
	return !S_ISREG(st.st_mode) || file_regular(f, &st);
}

static bool
file_open(struct file *f, bool standard_input)
{
	f->fd = standard_input
	    ? STDIN_FILENO
	    : open(f->info.path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	return file_look(f);
}

/* Read the first packet into f->head. */
static bool
file_prime(struct file *f, size_t room)
{
	return file_start(f, room) && f->next(f, &f->head);
}

/* Keep the time of the first packet only, where it can be read again. */
static bool
file_park(struct file *f, size_t room)
{
	if (f->start < 0)
		return source_widen(&f->src, room) ||
		    file_fail(f, "out of memory");
	file_rest(f);
	f->parked = true;
	return true;
}

static bool
file_wake(struct file *f, size_t room)
{
	if (lseek(f->fd, f->start, SEEK_SET) != f->start)
		return file_fail(f, "cannot read: %s", strerror(errno));
	return file_prime(f, room);
}

static bool
earlier(const struct file *a, const struct file *b)
{
	if (a->head.at.ns != b->head.at.ns)
		return a->head.at.ns < b->head.at.ns;
	return a->index < b->index;
}

static void
heap_down(struct capture *c, unsigned i)
{
	struct file *f = c->heap[i];
	unsigned child;

	for (; (child = 2 * i + 1) < c->n_heap; i = child) {
		if (child + 1 < c->n_heap &&
		    earlier(c->heap[child + 1], c->heap[child]))
			child++;
		if (!earlier(c->heap[child], f))
			break;
		c->heap[i] = c->heap[child];
	}
	c->heap[i] = f;
}

static void
heap_pop(struct capture *c)
{
	file_close(c->heap[0]);
	c->heap[0] = c->heap[--c->n_heap];
	if (c->n_heap > 0)
		heap_down(c, 0);
}

/* The first input has moved on, or has nothing more. */
static void
heap_moved(struct capture *c, bool more)
{
	if (more)
		heap_down(c, 0);
	else
		heap_pop(c);
}

static bool
merge_next(struct capture *c, struct frame *ret)
{
	struct file *f;

	if (c->handed)
		heap_moved(c, c->heap[0]->next(c->heap[0], &c->heap[0]->head));
	c->handed = false;
	while (c->n_heap > 0 && c->heap[0]->parked)
		heap_moved(c, file_wake(c->heap[0], c->room));
	if (c->n_heap == 0)
		return false;
	f = c->heap[0];
	*ret = f->head;
	f->info.packets++;
	c->handed = true;
	return true;
}

bool
capture_next(struct capture *c, struct frame *ret)
{
	struct file *f = c->only;

	if (f == NULL)
		return merge_next(c, ret);
	if (f->next(f, ret)) {
		f->info.packets++;
		return true;
	}
	if (f->src.buf != NULL)
		file_close(f);
	return false;
}

unsigned
capture_batch(struct capture *c, struct frame *ret, unsigned n)
{
	struct file *f = c->only;
	unsigned got = 1;

	if (!capture_next(c, ret))
		return 0;
	if (f == NULL)
		return 1;
	while (got < n && f->in_hand(f) && f->next(f, &ret[got]))
		got++;
	f->info.packets += got - 1;
	return got;
}

/* Descriptors stay open while inputs are parked. */
static void
descriptors_raise(unsigned n)
{
	struct rlimit limit;
	rlim_t want = n + SPARE_DESCRIPTORS;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= want)
		return;
	limit.rlim_cur = want < limit.rlim_max ? want : limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static void
merge_add(struct capture *c, struct file *f)
{
	if (file_prime(f, SOURCE_PROBE) && file_park(f, c->room))
		c->heap[c->n_heap++] = f;
	else
		file_close(f);
}

static void
input_open(struct capture *c, struct file *f, bool *standard_input_taken)
{
	bool standard_input = strcmp(f->info.path, "-") == 0;
	bool again = standard_input && *standard_input_taken;

	*standard_input_taken |= standard_input;
	if (f->index >= CAPTURE_FILES_MAX)
		(void)file_fail(f, "more than %d inputs at a time",
		    CAPTURE_FILES_MAX);
	else if (again)
		(void)file_fail(f, "standard input can be read only once");
	else if (!file_open(f, standard_input))
		file_close(f);
	else if (c->only != NULL)
		(void)file_start(f, c->room);
	else
		merge_add(c, f);
}

static struct capture *
capture_new(unsigned n)
{
	struct capture *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->n = n;
	c->files = calloc(n > 0 ? n : 1, sizeof(*c->files));
	c->heap = calloc(n > 0 ? n : 1, sizeof(struct file *));
	if (c->files == NULL || c->heap == NULL) {
		capture_close(c);
		return NULL;
	}
	c->only = n == 1 ? c->files : NULL;
	c->room = SOURCE_ROOM;
	while (c->room * n > ROOM_TOTAL && c->room > SOURCE_PROBE)
		c->room /= 2;
	for (unsigned i = 0; i < n; i++) {
		c->files[i].info.format = "";
		c->files[i].index =
		    (uint16_t)(i < CAPTURE_FILES_MAX ? i : CAPTURE_FILES_MAX);
		c->files[i].next = file_next_none;
		c->files[i].start = -1;
		c->files[i].fd = -1;
	}
	return c;
}

struct capture *
capture_open(const char *const *paths, unsigned n)
{
	struct capture *c = capture_new(n);
	bool standard_input_taken = false;

	if (c == NULL)
		return NULL;
	descriptors_raise(n < CAPTURE_FILES_MAX ? n : CAPTURE_FILES_MAX);
	for (unsigned i = 0; i < n; i++) {
		c->files[i].info.path = paths[i];
		input_open(c, &c->files[i], &standard_input_taken);
	}
	for (unsigned i = c->n_heap / 2; i > 0; i--)
		heap_down(c, i - 1);
	return c;
}

struct capture *
capture_open_descriptor(int fd, const char *name)
{
	struct capture *c = capture_new(1);

	if (c == NULL) {
		(void)close(fd);
		return NULL;
	}
	c->files[0].info.path = name;
	c->files[0].fd = fd;
	if (file_look(&c->files[0]))
		(void)file_start(&c->files[0], c->room);
	else
		file_close(&c->files[0]);
	return c;
}

struct capture *
capture_open_bytes(struct span bytes)
{
	struct capture *c = capture_new(1);

	if (c == NULL)
		return NULL;
	c->files[0].info.path = "(memory)";
	c->files[0].info.size = bytes.n;
	c->files[0].mem = bytes;
	/* the smallest window, so that sliding and growing happen */
	(void)file_start(&c->files[0], SOURCE_PROBE);
	return c;
}

void
capture_close(struct capture *c)
{
	if (c == NULL)
		return;
	for (unsigned i = 0; c->files != NULL && i < c->n; i++)
		file_close(&c->files[i]);
	free(c->files);
	free(c->heap);
	free(c);
}

const char *
capture_interface_name(const struct capture *c, const struct frame *f)
{
	return f->file < c->n ? pcapng_name(&c->files[f->file], f->interface)
			      : "";
}

unsigned
capture_files(const struct capture *c)
{
	return c->n;
}

const struct capture_file *
capture_file(const struct capture *c, unsigned i)
{
	struct file *f = &c->files[i];

	if (f->src.buf != NULL) {
		f->info.bytes = f->info.at = f->src.stored;
		if (f->src.unpack == NULL)
			f->info.at -= source_left(&f->src);
	}
	return &f->info;
}
