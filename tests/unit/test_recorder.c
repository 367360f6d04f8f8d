/*
 * The recorder: what was taken can be read again, the oldest makes room, what
 * a killed one leaves is taken over, a full disk is survived.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/capture/capture.h"
#include "../../src/recorder/recorder.h"
#include "check.h"

static char folder[64];
static int dir;

static bool
give(struct recorder *r, uint32_t number, unsigned port, uint32_t n)
{
	static uint8_t bytes[70000];
	struct frame f = {
		.at = { (INT64_C(1768200000) + number) * TICK_SECOND + number },
		.bytes = SPAN(bytes, n),
		.wire_len = n + port,
		.port = (uint16_t)port,
		.link = 1
	};

	memcpy(bytes, &number, sizeof(number));
	return recorder_frame(r, &f);
}

static struct recorder *
begin(uint64_t bytes, uint64_t segment, int64_t seconds)
{
	struct recorder_config c = { .bytes = bytes,
		.segment_bytes = segment,
		.segment_seconds = seconds };
	char error[RECORDER_ERROR] = "";
	struct recorder *r = recorder_open(dir, &c, error);

	CHECK_STR(error, "");
	if (r == NULL)
		exit(1);
	return r;
}

/* Numbers of the frames, in order; how many. */
static uint32_t
read_all(uint32_t *ret_first, uint32_t *ret_last, uint32_t *ret_disorder)
{
	struct segment_file *all = NULL;
	int n = recorder_list(dir, &all);
	uint32_t frames = 0, last = 0;

	*ret_first = *ret_last = *ret_disorder = 0;
	for (int i = 0; i < n; i++) {
		char path[160];
		const char *one = path;
		struct capture *c;
		struct frame f;

		(void)snprintf(path, sizeof(path), "%s/%s", folder,
		    all[i].name);
		c = capture_open(&one, 1);
		while (c != NULL && capture_next(c, &f)) {
			uint32_t number;

			memcpy(&number, f.bytes.p, sizeof(number));
			*ret_disorder += number < last ||
			    f.at.ns < all[i].first || f.at.ns > all[i].last ||
			    f.at.ns % TICK_SECOND != number ||
			    f.wire_len - f.bytes.n != number % 2;
			if (frames++ == 0)
				*ret_first = number;
			last = *ret_last = number;
		}
		if (c != NULL && all[i].last != INT64_MAX)
			CHECK_STR(capture_file(c, 0)->error, "");
		capture_close(c);
	}
	free(all);
	return frames;
}

static void
wipe(void)
{
	struct segment_file *all = NULL;
	int n = recorder_list(dir, &all);

	for (int i = 0; i < n; i++)
		(void)unlinkat(dir, all[i].name, 0);
	free(all);
}

static void
test_kept(void)
{
	struct recorder *r = begin(1 << 20, 0, 0);
	uint32_t first, last, disorder;

	recorder_name(r, 0, "enp3s0");
	for (uint32_t i = 0; i < 100; i++)
		CHECK(give(r, i, i % 2, 60 + i));
	CHECK(recorder_flush(r));
	/* also while it is written */
	CHECK_INT(read_all(&first, &last, &disorder), 100);
	CHECK_INT(disorder, 0);
	recorder_close(r);
	CHECK_INT(read_all(&first, &last, &disorder), 100);
	CHECK_INT(disorder, 0);
	CHECK_INT(first, 0);
	CHECK_INT(last, 99);
	wipe();
}

static void
test_room(void)
{
	struct recorder *r = begin(400000, 50000, 1000000);
	uint32_t first, last, disorder, n;
	struct segment_file *all = NULL;
	uint64_t bytes = 0;
	int segments;

	for (uint32_t i = 0; i < 5000; i++)
		CHECK(give(r, i, i % 2, 1000));
	CHECK(recorder_counts(r)->held <= 400000);
	CHECK(recorder_counts(r)->forgotten > 80);
	recorder_close(r);
	segments = recorder_list(dir, &all);
	for (int i = 0; i < segments; i++)
		bytes += all[i].bytes;
	free(all);
	CHECK(bytes <= 400000);
	CHECK(bytes > 300000);
	n = read_all(&first, &last, &disorder);
	CHECK_INT(disorder, 0);
	CHECK_INT(last, 4999);
	CHECK_INT(n, last - first + 1);
	wipe();
}

static void
test_time(void)
{
	struct recorder *r = begin(1 << 20, 0, 10);
	struct segment_file *all = NULL;
	int n;

	for (uint32_t i = 0; i < 35; i++)
		CHECK(give(r, i, 0, 100));
	/* the clock went back: another segment */
	CHECK(give(r, 2, 0, 100));
	recorder_close(r);
	n = recorder_list(dir, &all);
	CHECK_INT(n, 5);
	free(all);
	wipe();
}

static void
test_killed(void)
{
	uint32_t first, last, disorder;
	struct recorder *r;
	struct segment_file *all = NULL;
	pid_t child = fork();
	int why, n;

	if (child == 0) {
		r = begin(1 << 20, 0, 0);
		for (uint32_t i = 0; i < 50; i++)
			(void)give(r, i, 0, 100);
		(void)recorder_flush(r);
		(void)give(r, 50, 0, 100);
		_exit(0);
	}
	CHECK(waitpid(child, &why, 0) == child);
	r = begin(1 << 20, 0, 0);
	for (uint32_t i = 60; i < 70; i++)
		CHECK(give(r, i, i % 2, 100));
	recorder_close(r);
	n = recorder_list(dir, &all);
	CHECK_INT(n, 2);
	for (int i = 0; i < n; i++)
		CHECK(all[i].last != INT64_MAX);
	free(all);
	(void)read_all(&first, &last, &disorder);
	CHECK_INT(first, 0);
	CHECK_INT(last, 69);
	wipe();
}

static void
test_full_disk(void)
{
	uint32_t first, last, disorder, n;
	struct recorder *r;
	char where[80];
	int before = dir;

	(void)snprintf(where, sizeof(where), "%s/small", folder);
	if (mkdir(where, 0700) != 0 ||
	    mount("none", where, "tmpfs", 0, "size=1m") != 0) {
		(void)printf("full disk: skipped, needs root\n");
		(void)rmdir(where);
		return;
	}
	dir = open(where, O_RDONLY | O_DIRECTORY);
	r = begin(1 << 30, 100000, 1000000);
	for (uint32_t i = 0; i < 5000; i++)
		(void)give(r, i, i % 2, 1000);
	CHECK_INT(recorder_counts(r)->left_out, 0);
	CHECK(recorder_counts(r)->forgotten > 30);
	recorder_close(r);
	{
		char kept[64];

		memcpy(kept, folder, sizeof(kept));
		memcpy(folder, where, sizeof(folder));
		n = read_all(&first, &last, &disorder);
		memcpy(folder, kept, sizeof(folder));
	}
	CHECK_INT(last, 4999);
	CHECK_INT(n, last - first + 1);
	CHECK_INT(disorder, 0);
	(void)close(dir);
	dir = before;
	CHECK_INT(umount(where), 0);
	(void)rmdir(where);
}

int
main(void)
{
	(void)snprintf(folder, sizeof(folder), "%s/recorder-XXXXXX",
	    getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
	if (mkdtemp(folder) == NULL)
		return 1;
	dir = open(folder, O_RDONLY | O_DIRECTORY);
	test_kept();
	test_room();
	test_time();
	test_killed();
	test_full_disk();
	(void)close(dir);
	(void)rmdir(folder);
	return check_done();
}
