/* record CAPTURE FOLDER - what the recorder would keep of a capture. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "../../src/capture/capture.h"
#include "../../src/recorder/recorder.h"

int
main(int argc, char **argv)
{
	const struct recorder_config config = { .bytes = 64u << 20,
		.segment_bytes = 8192 };
	char error[RECORDER_ERROR] = "usage: record CAPTURE FOLDER";
	struct recorder *r = NULL;
	struct capture *c = NULL;
	struct frame f;
	int dir = -1;

	if (argc == 3) {
		dir = open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		c = capture_open((const char *const *)&argv[1], 1);
		r = recorder_open(dir, &config, error);
	}
	if (r == NULL || c == NULL) {
		(void)fprintf(stderr, "record: %s\n", error);
		return 1;
	}
	recorder_name(r, 0, "enp3s0");
	while (capture_next(c, &f))
		(void)recorder_frame(r, &f);
	recorder_close(r);
	capture_close(c);
	(void)close(dir);
	return 0;
}
