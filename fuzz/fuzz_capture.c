/*
 * fuzz_capture.c - capture files of any content.
 *
 * Checks what callers rely on: every byte handed out is readable, numbers
 * rise, nothing comes after the end, damage has a text, and the counters
 * agree with what was handed out.  To get behind the checksums of gzip and
 * zstd, the input is also packed and read again; the result must be the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "../src/capture/capture.h"

#define PACK_MAX (64u * 1024u)
#define BATCH 8u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct outcome {
	uint64_t packets, sum;
	int64_t last;
};

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static struct outcome
read_all(const uint8_t *data, size_t n)
{
	struct capture *c = capture_open_bytes(SPAN(data, (uint32_t)n));
	struct outcome o = { .packets = 0 };
	const struct capture_file *about;
	struct frame f = { .number = 0 };
	uint32_t number = 0;

	must(c != NULL);
	about = capture_file(c, 0);
	for (; capture_next(c, &f); number = f.number) {
		must(f.number > number && f.wire_len >= f.bytes.n);
		for (uint32_t i = 0; i < f.bytes.n; i++)
			o.sum = o.sum * 31 + f.bytes.p[i];
		o.packets++;
		o.last = f.at.ns;
	}
	must(!capture_next(c, &f));
	must(about->packets == o.packets);
	must(about->damaged == (about->error[0] != '\0'));
	must(about->damaged || capture_file(c, 0)->bytes == n);
	capture_close(c);
	return o;
}

/* Several frames at once: looked at when all of them are there. */
static struct outcome
read_batches(const uint8_t *data, size_t n)
{
	struct capture *c = capture_open_bytes(SPAN(data, (uint32_t)n));
	struct outcome o = { .packets = 0 };
	struct frame f[BATCH];
	unsigned got;

	must(c != NULL);
	while ((got = capture_batch(c, f, BATCH)) > 0) {
		must(got <= BATCH);
		for (unsigned k = 0; k < got; k++)
			for (uint32_t i = 0; i < f[k].bytes.n; i++)
				o.sum = o.sum * 31 + f[k].bytes.p[i];
		o.packets += got;
		o.last = f[got - 1].at.ns;
	}
	must(capture_file(c, 0)->packets == o.packets);
	capture_close(c);
	return o;
}

static void
same(struct outcome a, struct outcome b)
{
	must(a.packets == b.packets && a.sum == b.sum && a.last == b.last);
}

static void
read_zstd(const uint8_t *data, size_t n, struct outcome plain)
{
	size_t room = ZSTD_compressBound(n);
	uint8_t *packed = malloc(room);
	size_t got;

	must(packed != NULL);
	got = ZSTD_compress(packed, room, data, n, 1);
	must(ZSTD_isError(got) == 0);
	same(plain, read_all(packed, got));
	free(packed);
}

/* In two members, the second of half of the bytes. */
static void
read_gzip(const uint8_t *data, size_t n, struct outcome plain)
{
	size_t room = compressBound((uLong)n) + 64, part = n / 2;
	uint8_t *packed = malloc(room), *copy = malloc(n + 1);
	z_stream z = { .avail_in = 0 };

	must(packed != NULL && copy != NULL);
	for (size_t i = 0; i < n; i++)
		copy[i] = data[i];
	must(
	    deflateInit2(&z, 1, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) == Z_OK);
	z.next_in = copy;
	z.next_out = packed;
	z.avail_in = (uInt)part;
	z.avail_out = (uInt)room;
	must(deflate(&z, Z_FINISH) == Z_STREAM_END);
	must(deflateReset(&z) == Z_OK);
	z.avail_in = (uInt)(n - part);
	must(deflate(&z, Z_FINISH) == Z_STREAM_END);
	same(plain, read_all(packed, (size_t)(z.next_out - packed)));
	(void)deflateEnd(&z);
	free(packed);
	free(copy);
}

static bool
is_packed(const uint8_t *p, size_t n)
{
	return n >= 2 &&
	    ((p[0] == 0x1f && p[1] == 0x8b) || (p[0] == 0x28 && p[1] == 0xb5) ||
		(p[0] >> 4 == 5 && p[1] == 0x2a));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct outcome plain = read_all(data, n);

	same(plain, read_batches(data, n));
	if (n > PACK_MAX || is_packed(data, n))
		return 0;
	if (n % 2 == 0)
		read_zstd(data, n, plain);
	else
		read_gzip(data, n, plain);
	return 0;
}
