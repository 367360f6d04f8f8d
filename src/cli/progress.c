/* progress.c - see progress.h. */
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define SECOND INT64_C(1000000000)
#define PATIENCE (SECOND / 2) /* short work shows nothing */
#define BETWEEN (SECOND / 4)

static int64_t
now(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC, &t) != 0)
		return 0;
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
}

void
progress_begin(struct progress *p, bool wanted)
{
	p->on = wanted && isatty(STDERR_FILENO) == 1;
	p->shown = false;
	p->began = p->on ? now() : 0;
	p->last = p->began;
}

/* Bytes read of all files, and their size; 0 where a size is unknown. */
static uint64_t
bytes_read(const struct capture *c, uint64_t *ret_size)
{
	uint64_t done = 0, size = 0;
	bool known = true;

	for (unsigned i = 0; i < capture_files(c); i++) {
		const struct capture_file *f = capture_file(c, i);

		done += f->bytes;
		if (f->damaged)
			size += f->bytes;
		else
			size += f->size;
		known = known && (f->size > 0 || f->damaged);
	}
	*ret_size = known ? size : 0;
	return done;
}

static void
put_remaining(uint64_t seconds)
{
	if (seconds >= 3600)
		(void)fprintf(stderr, ", %" PRIu64 " h %" PRIu64 " min left",
		    seconds / 3600, seconds / 60 % 60);
	else if (seconds >= 60)
		(void)fprintf(stderr, ", %" PRIu64 " min %" PRIu64 " s left",
		    seconds / 60, seconds % 60);
	else
		(void)fprintf(stderr, ", %" PRIu64 " s left", seconds);
}

static void
show(const struct capture *c, uint64_t packets, double seconds)
{
	uint64_t size, done = bytes_read(c, &size);
	double rate = (double)done / seconds;

	(void)fprintf(stderr, "\r\033[K");
	if (size > 0)
		(void)fprintf(stderr, "%3.0f %%  ",
		    100 * (double)done / (double)size);
	(void)fprintf(stderr, "%.1f MB, %.1f MB/s, %.0f packets/s",
	    (double)done / 1e6, rate / 1e6, (double)packets / seconds);
	if (size > done && rate > 0)
		put_remaining((uint64_t)((double)(size - done) / rate) + 1);
	(void)fflush(stderr);
}

void
progress_step(struct progress *p, const struct capture *c, uint64_t packets)
{
	int64_t t;

	if (!p->on)
		return;
	t = now();
	if (t - p->began < PATIENCE || t - p->last < BETWEEN)
		return;
	p->last = t;
	p->shown = true;
	show(c, packets, (double)(t - p->began) / (double)SECOND);
}

void
progress_end(struct progress *p)
{
	if (p->shown)
		(void)fprintf(stderr, "\r\033[K");
	p->shown = false;
}
