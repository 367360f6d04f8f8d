/*
 * read.c - sightglass read: from capture files to a report.
 *
 * Options in read_options.c; here the work: frames are taken, decoded and
 * handed to the flows, facts and finished flows to the conversations and the
 * inventory, and at the end all of it to the report.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../decode/decode.h"
#include "../report/report.h"
#include "cli.h"
#include "output.h"
#include "progress.h"
#include "read.h"

struct reading {
	const struct read_options *options;
	struct capture *capture;
	struct flows *flows;
	struct convs *convs;
	struct inventory *inventory;
	struct totals *totals;
	struct out *out;
	bool says_facts; /* as they come */
};

static void
on_fact(void *ctx, const struct fact *f, struct talk *t)
{
	struct reading *r = ctx;

	r->totals->facts++;
	convs_fact(r->convs, f, t);
	inventory_fact(r->inventory, f, t);
	if (r->says_facts)
		report_fact(r->out, f, t);
}

static void
on_tally(void *ctx, struct talk *t)
{
	struct reading *r = ctx;

	convs_tally(r->convs, t);
	inventory_tally(r->inventory, t);
}

/* ---------------------------------------------------------------- the loop */

static void
count_bits(uint64_t *counts, uint32_t bits)
{
	for (; bits != 0; bits &= bits - 1)
		counts[__builtin_ctz(bits)]++;
}

static void
count(struct totals *t, const struct frame *f, const struct packet *p)
{
	if (t->packets == 0)
		t->first = t->last = f->at;
	if (f->at.ns < t->first.ns)
		t->first = f->at;
	if (f->at.ns > t->last.ns)
		t->last = f->at;
	t->packets++;
	t->bytes += f->wire_len;
	t->captured += f->bytes.n;
	t->links[f->link]++;
	count_bits(t->notes, p->notes);
	count_bits(t->encaps, p->encaps);
}

static void
read_all(struct reading *r)
{
	struct progress progress;
	struct totals *t = r->totals;
	struct frame frame;
	struct packet packet;

	progress_begin(&progress, !r->options->quiet);
	while (capture_next(r->capture, &frame)) {
		decode_frame(&frame, &packet);
		count(t, &frame, &packet);
		flow_packet(r->flows, &packet);
		if (t->packets % PROGRESS_EVERY != 0)
			continue;
		progress_step(&progress, r->capture, t->packets);
		if (r->out->error != 0)
			break; /* nobody listens any more */
	}
	progress_end(&progress);
	flow_finish(r->flows);
	convs_sort(r->convs);
	inventory_settle(r->inventory);
}

/* ------------------------------------------------------------- begin, end */

static bool
begin(struct reading *r)
{
	const struct read_options *o = r->options;
	const struct settings *s = &o->settings;
	struct flow_config config = FLOW_CONFIG_DEFAULT;
	struct flow_listener listener = { .ctx = r,
		.fact = on_fact,
		.tally = on_tally };

	config.flows_max = (uint32_t)s->number[SETTING_FLOWS_MAX];
	config.buffer_bytes = s->number[SETTING_FLOWS_MEMORY];
	config.flow_buffer_bytes = s->number[SETTING_FLOWS_BUFFER];
	config.last_copy = s->last_copy;
	if (!o->facts) /* only for them is a value made */
		config.wanted &= ~FACT_MASK(FACT_VALUE);
	r->says_facts = o->facts;
	r->totals = calloc(1, sizeof(*r->totals));
	r->out = calloc(1, sizeof(*r->out));
	r->flows = flow_new(&config, &listener);
	r->convs = convs_new((uint32_t)s->number[SETTING_CONVS]);
	r->inventory =
	    inventory_new((uint32_t)s->number[SETTING_INVENTORY], s->vendors);
	r->capture = capture_open(o->path, o->n_paths);
	return r->totals != NULL && r->out != NULL && r->flows != NULL &&
	    r->convs != NULL && r->inventory != NULL && r->capture != NULL;
}

static void
end(struct reading *r)
{
	if (r->capture != NULL)
		capture_close(r->capture);
	inventory_free(r->inventory);
	convs_free(r->convs);
	if (r->flows != NULL)
		flow_free(r->flows);
	free(r->out);
	free(r->totals);
}

/* What could not be read, and what is odd about the clock it was read by. */
static int
complain_of_files(const struct reading *r)
{
	struct timespec now = { .tv_sec = 0 };
	char text[TIME_TEXT_MAX];
	int status = EXIT_DONE;

	for (unsigned i = 0; i < capture_files(r->capture); i++) {
		const struct capture_file *f = capture_file(r->capture, i);

		if (!f->damaged)
			continue;
		complain("%s: %s",
		    strcmp(f->path, "-") == 0 ? "standard input" : f->path,
		    f->error);
		status = EXIT_INPUT;
	}
	if (r->totals->packets > 0 &&
	    clock_gettime(CLOCK_REALTIME, &now) == 0 &&
	    r->totals->last.ns / TICK_SECOND > (int64_t)now.tv_sec + 86400)
		complain("packets are dated as late as %.10s: was the clock "
			 "that recorded them right?",
		    time_text(r->totals->last, text));
	return status;
}

static int
write_report(struct reading *r)
{
	struct findings f = {
		.capture = r->capture,
		.totals = r->totals,
		.flows = flow_counts(r->flows),
		.ledger = flow_ledger(r->flows),
		.convs = r->convs,
		.inventory = r->inventory,
	};

	switch (r->options->format) {
	case FORMAT_TEXT:
		report_text(r->out, &f, &r->options->style);
		break;
	case FORMAT_JSON:
		report_json(r->out, &f);
		break;
	case FORMAT_CSV:
		if (r->options->folder != NULL)
			return read_write_tables(r->options->folder, r->out,
			    &f);
		r->options->table->put(r->out, &f);
		break;
	}
	return output_end(r->out);
}

int
cmd_read(int argc, char **argv)
{
	static struct read_options options;
	struct reading r = { .options = &options };
	int status = read_options_take(&options, argc, argv), written;

	if (status != READ_GO)
		return status;
	if (!begin(&r)) {
		complain("read: out of memory");
		end(&r);
		return EXIT_INTERNAL;
	}
	out_open(r.out, STDOUT_FILENO);
	read_all(&r);
	written = write_report(&r);
	status = complain_of_files(&r);
	end(&r);
	return written != EXIT_DONE ? written : status;
}
