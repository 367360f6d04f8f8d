/* read.c - sightglass read: from capture files to a report. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../capture/capture.h"
#include "../decode/decode.h"
#include "../flow/flow.h"
#include "../report/report.h"
#include "cli.h"

static void
on_fact(void *ctx, const struct fact *f, struct talk *t)
{
	report_fact(ctx, f, t);
}

static void
on_tally(void *ctx, struct talk *t)
{
	(void)ctx;
	(void)t;
}

int
cmd_read(int argc, char **argv)
{
	static struct out out;
	const char *paths[CAPTURE_FILES_MAX];
	unsigned n = 0;
	struct flow_config config = FLOW_CONFIG_DEFAULT;
	struct flow_listener listener = { .ctx = &out, .fact = on_fact, .tally = on_tally };
	struct flows *fs;
	struct capture *c;
	struct frame frame;
	struct packet packet;
	bool facts = false;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--facts") == 0)
			facts = true;
		else if (argv[i][0] != '-')
			paths[n++] = argv[i];
	}
	if (!facts) config.wanted &= ~FACT_MASK(FACT_VALUE);
	out_open(&out, facts ? 1 : open("/dev/null", 1));
	fs = flow_new(&config, &listener);
	c = capture_open(paths, n);
	while (capture_next(c, &frame)) {
		decode_frame(&frame, &packet);
		flow_packet(fs, &packet);
	}
	flow_finish(fs);
	(void)out_flush(&out);
	return 0;
}
