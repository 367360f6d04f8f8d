/*
 * decoder.c - see decoder.h: the process itself.
 *
 * One request at a time, in flows of its own that end with it.  What a
 * request may cost is bounded: frames, facts, the memory for flows; main ends
 * a process that does not move.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../capture/capture.h"
#include "../config/config.h"
#include "../decode/decode.h"
#include "../describe/describe.h"
#include "../flow/flow.h"
#include "../process/leash.h"
#include "../process/process.h"
#include "../report/report.h"
#include "decoder.h"

#define WAIT_MS 2000

struct decoder {
	struct config config;
	struct page *page;
	int asker; /* -1: nobody */
	bool begun, stopping;
	/* of the request at hand */
	uint32_t number, facts;
	bool lost; /* nobody listens */
	uint32_t n;
	char line[LEASH_TEXT];
	struct out out;
	struct leash_message in;
};

/* --------------------------------------------------------------- a request */

static void
put_line(void *ctx, const void *bytes, size_t n)
{
	struct decoder *d = ctx;

	if (n < sizeof(d->line) - d->n) {
		memcpy(d->line + d->n, bytes, n);
		d->n += (uint32_t)n;
	}
}

static void
on_fact(void *ctx, const struct fact *f, struct talk *t)
{
	struct decoder *d = ctx;

	if (d->facts >= DECODER_FACTS || d->lost)
		return;
	d->facts++;
	d->n = 0;
	report_fact(&d->out, f, t);
	(void)out_flush(&d->out);
	d->line[d->n] = '\0';
	d->lost = !leash_send(d->asker, LEASH_FACT, d->number, -1, d->line);
}

/* What a flow counted is nobody's business here. */
static void
on_tally(void *ctx, struct talk *t)
{
	(void)ctx;
	(void)t;
}

static void
decode(struct capture *c, struct flows *flows)
{
	struct packet packet;
	struct frame frame;

	for (uint32_t i = 0; i < DECODER_FRAMES && capture_next(c, &frame);
	     i++) {
		decode_frame(&frame, &packet);
		flow_packet(flows, &packet);
	}
	flow_finish(flows);
}

/* The descriptor is used up. */
static void
answer(struct decoder *d, int fd)
{
	const struct flow_listener listener = { .ctx = d,
		.fact = on_fact,
		.tally = on_tally };
	struct flow_config config = FLOW_CONFIG_DEFAULT;
	struct capture *c = capture_open_descriptor(fd, "evidence");
	struct flows *flows;

	config.flows_max = 1024;
	config.buffer_bytes = 8u << 20;
	flows = flow_new(&config, &listener);
	d->facts = 0;
	d->lost = false;
	if (c != NULL && flows != NULL)
		decode(c, flows);
	if (c != NULL)
		capture_close(c);
	if (flows != NULL)
		flow_free(flows);
	(void)leash_send(d->asker, LEASH_DECODED, d->number, -1, "");
}

/* ------------------------------------------------------------- what is given
 */

static void
take(struct decoder *d, const struct leash_message *m)
{
	int fd = m->fd;

	if (m->kind == LEASH_CONFIG) {
		config_init(&d->config);
		(void)config_read(&d->config,
		    SPAN((const uint8_t *)m->text, m->n), NULL, NULL);
	} else if (m->kind == LEASH_PAGE) {
		d->page = page_map(fd);
	} else if (m->kind == LEASH_DECODER) {
		if (d->asker >= 0)
			(void)close(d->asker);
		d->asker = fd;
		fd = -1;
	} else if (m->kind == LEASH_START) {
		d->begun = true;
	} else if (m->kind == LEASH_STOP) {
		d->stopping = true;
	}
	if (fd >= 0)
		(void)close(fd);
}

static void
hear_asker(struct decoder *d)
{
	int got = leash_receive(d->asker, false, &d->in);

	if (got < 0) {
		(void)close(d->asker);
		d->asker = -1;
	} else if (got > 0 && d->in.kind == LEASH_EVIDENCE && d->in.fd >= 0) {
		d->number = d->in.number;
		answer(d, d->in.fd);
	} else if (got > 0 && d->in.fd >= 0) {
		(void)close(d->in.fd);
	}
}

static void
hear(struct decoder *d)
{
	struct pollfd fd[2] = { { .fd = LEASH_FD, .events = POLLIN },
		{ .fd = d->asker, .events = POLLIN } };

	if (d->page != NULL)
		d->page->beat[PROCESS_DECODER] = monotonic_ms();
	if (poll(fd, 2, WAIT_MS) <= 0)
		return;
	if (fd[0].revents != 0) {
		if (leash_receive(LEASH_FD, false, &d->in) < 0)
			d->stopping = true;
		else
			take(d, &d->in);
		return; /* perhaps there is another asker now */
	}
	if (fd[1].revents != 0)
		hear_asker(d);
}

static void
say_wrong(void *ctx, const char *text)
{
	(void)ctx;
	say(SAY_DEBUG, "%s", text); /* the engine says it aloud */
}

static bool
begin(struct decoder *d, char error[static JAIL_ERROR])
{
	const struct jail nothing = { .n_path = 0 };
	char warning[JAIL_ERROR];

	if (!jail_become(d->config.text[CONF_USER], error))
		return false;
	(void)describe_folder(config_path(&d->config, CONF_PROTOCOLS),
	    say_wrong, NULL);
	return jail_enter(PROCESS_DECODER, &nothing, error, warning) &&
	    leash_send(LEASH_FD, LEASH_READY, 0, -1, "");
}

int
decoder_main(void)
{
	struct decoder *d = calloc(1, sizeof(*d));
	char error[JAIL_ERROR] = "";

	say_as(PROCESS_DECODER, SAY_INFO);
	if (d == NULL)
		return 3;
	d->asker = -1;
	config_init(&d->config);
	out_open_sink(&d->out, put_line, d);
	while (!d->begun && leash_receive(LEASH_FD, true, &d->in) > 0)
		take(d, &d->in);
	if (!d->begun)
		return 1;
	if (!begin(d, error)) {
		(void)leash_send(LEASH_FD, LEASH_CANNOT, 0, -1, error);
		return 1;
	}
	while (!d->stopping)
		hear(d);
	free(d);
	return 0;
}
