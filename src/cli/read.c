/*
 * read.c - sightglass read: from capture files to a report.
 *
 * Options in read_options.c; here the work: frames are handed to the sensor,
 * what it found to the report.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../report/report.h"
#include "../sensor/sensor.h"
#include "cli.h"
#include "descriptions.h"
#include "file.h"
#include "output.h"
#include "progress.h"
#include "read.h"
#include "state.h"

#define INDICATORS_BYTES (256u << 20)

struct reading {
	const struct read_options *options;
	struct capture *capture;
	struct sensor *sensor;
	struct totals *totals;
	struct out *out;
};

static void
on_fact(void *ctx, const struct fact *f, const struct talk *t)
{
	struct reading *r = ctx;

	r->totals->facts++;
	if (r->options->facts)
		report_fact(r->out, f, t);
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

/* What the state could not take is said once, and kept for later. */
static void
save(struct reading *r, bool *said)
{
	struct timespec now = { .tv_sec = 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	if (!sensor_save(r->sensor, (int64_t)now.tv_sec) && !*said) {
		complain("%s", sensor_error(r->sensor));
		*said = true;
	}
}

static void
read_all(struct reading *r)
{
	struct progress progress;
	struct totals *t = r->totals;
	struct frame frame[SENSOR_BATCH];
	bool said = false;
	unsigned n;

	progress_begin(&progress, !r->options->quiet);
	while ((n = capture_batch(r->capture, frame, SENSOR_BATCH)) > 0) {
		sensor_frames(r->sensor, frame, n);
		for (unsigned i = 0; i < n; i++)
			count(t, &frame[i], sensor_packet(r->sensor, i));
		if (t->packets % PROGRESS_EVERY >= n)
			continue;
		progress_step(&progress, r->capture, t->packets);
		save(r, &said);
		if (r->out->error != 0)
			break; /* nobody listens any more */
	}
	progress_end(&progress);
}

/* ------------------------------------------------------------- begin, end */

static struct sensor *
make_sensor(struct reading *r, char error[static STORE_ERROR])
{
	const struct read_options *o = r->options;
	struct sensor_config c = { .flow = FLOW_CONFIG_DEFAULT,
		.baseline = BASELINE_CONFIG_DEFAULT,
		.state = o->state,
		.inventory_only = o->inventory_only,
		.mode = o->mode,
		.learn_until = o->learn_until,
		.fact = on_fact,
		.ctx = r };

	sensor_configure(&c, &o->config);
	c.baseline.learn_scale = o->learn_scale;
	/* values are learned only where what is learned is used again */
	c.baseline.values = o->state != NULL || o->learn_until.ns != 0;
	/* where learning is compressed there are few enough of them */
	c.flow.values_sampled = !o->facts && o->learn_scale <= 1;
	if (!o->facts && !c.baseline.values)
		c.flow.wanted &= ~FACT_MASK(FACT_VALUE);
	return sensor_new(&c, error);
}

/* Known to be bad for this run only. */
static bool
add_indicators(struct reading *r, char error[static STORE_ERROR])
{
	const char *path = config_path(&r->options->config, CONF_INDICATORS);
	static struct import_report report;
	struct tick never = { 0 };
	struct span text;
	char *whole;
	bool done;

	if (path == NULL)
		return true;
	(void)snprintf(error, STORE_ERROR, "no indicators from %s", path);
	whole = file_read(path, INDICATORS_BYTES, &text);
	if (whole == NULL)
		return false;
	done = indicators_import(malware_indicators(sensor_malware(r->sensor)),
	    text, IMPORT_AUTO, INDICATORS_OF_RUN, state_now(), never, &report);
	free(whole);
	if (!done)
		(void)snprintf(error, STORE_ERROR, "%.200s: %.300s", path,
		    report.error);
	return done;
}

/* In the timeline: that captures were read, by whom, and what was wrong. */
static bool note(struct reading *r, const char *what, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static bool
note(struct reading *r, const char *what, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return sensor_note(r->sensor, state_now(), state_user(), what, "read",
	    text);
}

static bool
note_start(struct reading *r)
{
	const struct read_options *o = r->options;

	if (o->n_paths > 1)
		return note(r, "start", "%s and %u more", o->path[0],
		    o->n_paths - 1);
	return note(r, "start", "%s", o->path[0]);
}

static bool
note_stop(struct reading *r)
{
	bool ok = true;

	for (unsigned i = 0; ok && i < capture_files(r->capture); i++) {
		const struct capture_file *f = capture_file(r->capture, i);

		if (f->damaged)
			ok = note(r, "fault", "%s: %s", f->path, f->error);
	}
	return ok &&
	    note(r, "stop", "%" PRIu64 " packets, %" PRIu32 " alerts",
		r->totals->packets, alerts_seen(sensor_detect(r->sensor)));
}

static bool
begin(struct reading *r, char error[static STORE_ERROR])
{
	const struct read_options *o = r->options;

	(void)snprintf(error, STORE_ERROR, "out of memory");
	r->totals = calloc(1, sizeof(*r->totals));
	r->out = calloc(1, sizeof(*r->out));
	r->capture = capture_open(o->path, o->n_paths);
	if (r->totals == NULL || r->out == NULL || r->capture == NULL)
		return false;
	r->sensor = make_sensor(r, error);
	if (r->sensor == NULL || !add_indicators(r, error))
		return false;
	if (sensor_error(r->sensor)[0] != '\0')
		complain("read: %s", sensor_error(r->sensor));
	if (note_start(r))
		return true;
	(void)snprintf(error, STORE_ERROR, "%s", sensor_error(r->sensor));
	return false;
}

static void
end(struct reading *r)
{
	if (r->capture != NULL)
		capture_close(r->capture);
	sensor_free(r->sensor);
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
		.flows = flow_counts(sensor_flows(r->sensor)),
		.ledger = flow_ledger(sensor_flows(r->sensor)),
		.convs = sensor_convs(r->sensor),
		.inventory = sensor_inventory(r->sensor),
		.detect = sensor_detect(r->sensor),
		.mirror = sensor_mirror(r->sensor),
		.mode = baseline_mode(sensor_baseline(r->sensor)),
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
	char error[STORE_ERROR];
	int status = read_options_take(&options, argc, argv), written;
	bool saved;

	if (status != READ_GO)
		return status;
	if (!descriptions_load(config_path(&options.config, CONF_PROTOCOLS)))
		return EXIT_INPUT;
	if (!begin(&r, error)) {
		complain("read: %s", error);
		end(&r);
		return EXIT_INPUT;
	}
	out_open(r.out, STDOUT_FILENO);
	read_all(&r);
	saved = sensor_finish(r.sensor);
	saved = saved && note_stop(&r);
	written = write_report(&r);
	status = complain_of_files(&r);
	if (!saved)
		complain("%s", sensor_error(r.sensor));
	end(&r);
	if (written != EXIT_DONE || !saved)
		return written != EXIT_DONE ? written : EXIT_INTERNAL;
	return status;
}
