/*
 * recorder.c - see recorder.h: frames into segments, the oldest forgotten.
 */
#include "recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../capture/pcapng_put.h"
#include "private.h"

#define BUFFER (1024u * 1024u)
#define INTERFACES 64u

struct recorder {
	struct recorder_config config;
	int folder, fd; /* fd -1: no segment is open */
	struct segment_file now; /* bytes: with what is still held */
	int64_t last;
	uint8_t *held;
	size_t n_held;
	uint64_t written; /* bytes of the segment that are in the file */
	struct {
		uint16_t port, link;
		uint8_t fcs_len;
	} interface[INTERFACES]; /* of the segment, in order */
	uint32_t n_interface;
	char name[RECORDER_PORTS][48];
	struct segment_file *old; /* closed ones, oldest first */
	size_t n_old, room_old;
	struct recorder_counts counts;
	char error[RECORDER_ERROR];
};

static bool
fail(struct recorder *r, const char *what)
{
	(void)snprintf(r->error, sizeof(r->error), "packets: %s: %s", what,
	    strerror(errno));
	return false;
}

/* --------------------------------------------------------------- forgetting */

static void
count_held(struct recorder *r)
{
	uint64_t n = r->fd >= 0 ? r->now.bytes : 0;

	for (size_t i = 0; i < r->n_old; i++)
		n += r->old[i].bytes;
	r->counts.held = n;
	r->counts.oldest = r->n_old > 0 ? r->old[0].first
	    : r->fd >= 0                ? r->now.first
					: 0;
}

static bool
forget_oldest(struct recorder *r)
{
	if (r->n_old == 0)
		return false;
	(void)unlinkat(r->folder, r->old[0].name, 0);
	r->n_old--;
	memmove(r->old, r->old + 1, r->n_old * sizeof(r->old[0]));
	r->counts.forgotten++;
	count_held(r);
	return true;
}

static bool
keep(struct recorder *r, const struct segment_file *s)
{
	struct segment_file *grown;

	if (r->n_old == r->room_old) {
		r->room_old = r->room_old == 0 ? 64 : 2 * r->room_old;
		grown = realloc(r->old, r->room_old * sizeof(*grown));
		if (grown == NULL)
			return false;
		r->old = grown;
	}
	r->old[r->n_old++] = *s;
	return true;
}

/* ------------------------------------------------------------------ segments
 */

/* On a full disk the oldest segments make room. */
static bool
write_all(struct recorder *r, const uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t put = write(r->fd, p, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0 && (errno == ENOSPC || errno == EDQUOT) &&
		    forget_oldest(r))
			continue;
		if (put <= 0)
			return false;
		p += put;
		n -= (size_t)put;
		r->written += (uint64_t)put;
	}
	return true;
}

bool
recorder_flush(struct recorder *r)
{
	uint64_t before = r->written;
	bool ok;

	if (r->fd < 0 || r->n_held == 0)
		return true;
	ok = write_all(r, r->held, r->n_held);
	if (!ok) {
		(void)fail(r, "no frames are kept");
		/* only whole blocks stay in the file */
		if (ftruncate(r->fd, (off_t)before) == 0)
			(void)lseek(r->fd, (off_t)before, SEEK_SET);
		r->written = before;
		r->now.bytes = before;
	}
	r->n_held = 0;
	return ok;
}

/* Give the file the name that says until when it goes. */
static void
end_name(struct recorder *r, struct segment_file *s, int64_t last)
{
	char name[64];

	(void)snprintf(name, sizeof(name),
	    "%020" PRId64 "-%020" PRId64 CLOSED_TAIL, s->first, last);
	if (renameat(r->folder, s->name, r->folder, name) != 0)
		return;
	memcpy(s->name, name, sizeof(s->name));
	s->last = last;
}

static void
end_segment(struct recorder *r)
{
	if (r->fd < 0)
		return;
	(void)recorder_flush(r);
	(void)close(r->fd);
	r->fd = -1;
	r->now.bytes = r->written;
	end_name(r, &r->now, r->last);
	(void)keep(r, &r->now);
	count_held(r);
}

static bool
begin_segment(struct recorder *r, int64_t at)
{
	r->now = (struct segment_file){ .first = at, .last = INT64_MAX };
	(void)snprintf(r->now.name, sizeof(r->now.name),
	    "%020" PRId64 OPEN_TAIL, at);
	r->fd = openat(r->folder, r->now.name,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (r->fd < 0)
		return fail(r, "cannot begin a segment");
	r->written = 0;
	r->n_interface = 0;
	r->last = at;
	r->n_held = pcapng_put_section(r->held, BUFFER);
	r->now.bytes = r->n_held;
	return true;
}

/* The segment's number of the frame's port; INTERFACES: no more room. */
static uint32_t
interface_of(struct recorder *r, const struct frame *f)
{
	char name[48];
	uint32_t i = 0;

	while (i < r->n_interface &&
	    (r->interface[i].port != f->port ||
		r->interface[i].link != f->link ||
		r->interface[i].fcs_len != f->fcs_len))
		i++;
	if (i < r->n_interface || i == INTERFACES)
		return i;
	if (f->port < RECORDER_PORTS && r->name[f->port][0] != '\0')
		(void)snprintf(name, sizeof(name), "%s", r->name[f->port]);
	else
		(void)snprintf(name, sizeof(name), "port %u", f->port);
	if (BUFFER - r->n_held < 256 && !recorder_flush(r))
		return INTERFACES;
	r->interface[i].port = f->port;
	r->interface[i].link = f->link;
	r->interface[i].fcs_len = f->fcs_len;
	r->n_interface++;
	r->n_held += pcapng_put_interface(r->held + r->n_held,
	    BUFFER - r->n_held, name, f->link, f->fcs_len);
	return i;
}

/* Old or large enough, or time went back behind its name. */
static bool
is_full(const struct recorder *r, const struct frame *f)
{
	int64_t age = f->at.ns - r->now.first;

	return r->now.bytes + f->bytes.n + PCAPNG_FRAME_MORE >
	    r->config.segment_bytes ||
	    age >= r->config.segment_seconds * TICK_SECOND || age < 0;
}

static bool
make_room(struct recorder *r)
{
	while (r->counts.held + r->config.segment_bytes > r->config.bytes &&
	    forget_oldest(r))
		;
	return true;
}

static bool
lose(struct recorder *r)
{
	r->counts.left_out++;
	return false;
}

bool
recorder_frame(struct recorder *r, const struct frame *f)
{
	uint32_t interface;
	size_t n;

	if (f->bytes.n + PCAPNG_FRAME_MORE + 256 > BUFFER)
		return lose(r);
	if (r->fd >= 0 && is_full(r, f))
		end_segment(r);
	if (r->fd < 0 && !(make_room(r) && begin_segment(r, f->at.ns)))
		return lose(r);
	if (BUFFER - r->n_held < f->bytes.n + PCAPNG_FRAME_MORE + 256 &&
	    !recorder_flush(r))
		return lose(r);
	interface = interface_of(r, f);
	if (interface == INTERFACES)
		return lose(r);
	n = pcapng_put_frame(r->held + r->n_held, BUFFER - r->n_held, interface,
	    f);
	r->n_held += n;
	r->now.bytes = r->written + r->n_held;
	if (f->at.ns > r->last)
		r->last = f->at.ns;
	r->counts.frames++;
	r->counts.bytes += f->bytes.n;
	return true;
}

/* -------------------------------------------------------------- begin, end */

/* Segments of an earlier run; the last may not have been ended. */
static bool
take_over(struct recorder *r)
{
	struct segment_file *all = NULL;
	int n = recorder_list(r->folder, &all);
	struct stat st;

	if (n < 0)
		return fail(r, "cannot read the directory");
	for (int i = 0; i < n; i++) {
		if (all[i].last == INT64_MAX) {
			int64_t until = all[i].first;

			if (fstatat(r->folder, all[i].name, &st, 0) == 0 &&
			    st.st_mtim.tv_sec * TICK_SECOND > until)
				until = st.st_mtim.tv_sec * TICK_SECOND +
				    TICK_SECOND;
			end_name(r, &all[i], until);
		}
		(void)keep(r, &all[i]);
	}
	free(all);
	count_held(r);
	return true;
}

struct recorder *
recorder_open(int folder, const struct recorder_config *config,
    char ret_error[static RECORDER_ERROR])
{
	struct recorder *r = calloc(1, sizeof(*r));

	if (r != NULL)
		r->held = malloc(BUFFER);
	if (r == NULL || r->held == NULL) {
		(void)snprintf(ret_error, RECORDER_ERROR, "out of memory");
		free(r);
		return NULL;
	}
	r->config = *config;
	r->folder = folder;
	r->fd = -1;
	if (r->config.segment_bytes == 0)
		r->config.segment_bytes = r->config.bytes / 8 < RECORDER_SEGMENT
		    ? r->config.bytes / 8
		    : RECORDER_SEGMENT;
	if (r->config.segment_seconds == 0)
		r->config.segment_seconds = RECORDER_SECONDS;
	if (!take_over(r)) {
		(void)snprintf(ret_error, RECORDER_ERROR, "%s", r->error);
		recorder_close(r);
		return NULL;
	}
	(void)make_room(r);
	return r;
}

void
recorder_close(struct recorder *r)
{
	if (r == NULL)
		return;
	end_segment(r);
	free(r->old);
	free(r->held);
	free(r);
}

void
recorder_name(struct recorder *r, unsigned port, const char *name)
{
	if (port < RECORDER_PORTS)
		(void)snprintf(r->name[port], sizeof(r->name[port]), "%s",
		    name);
}

const char *
recorder_error(const struct recorder *r)
{
	return r->error;
}

const struct recorder_counts *
recorder_counts(const struct recorder *r)
{
	return &r->counts;
}
