/*
 * protocols_check.c - sightglass protocols check: how well a description fits
 * a capture: what it understands, which messages it does not fit, which
 * operations it does not name.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../capture/capture.h"
#include "../decode/decode.h"
#include "../flow/flow.h"
#include "cli.h"
#include "descriptions.h"
#include "options.h"

#define OPS 512u
#define FAULTS 20u

struct op_seen {
	uint32_t op;
	uint64_t asked, answered, refused;
	bool unknown;
};

struct check {
	const struct proto *proto;
	struct op_seen op[OPS];
	uint32_t n_op;
	uint64_t messages, faults, cut, elsewhere, unsaid;
	struct fact fault[FAULTS];
};

static struct op_seen *
seen(struct check *c, uint32_t op)
{
	for (uint32_t i = 0; i < c->n_op; i++)
		if (c->op[i].op == op)
			return &c->op[i];
	if (c->n_op == OPS) {
		c->unsaid++;
		return &c->op[OPS - 1];
	}
	c->op[c->n_op].op = op;
	return &c->op[c->n_op++];
}

static void
on_fact(void *ctx, const struct fact *f, struct talk *t)
{
	struct check *c = ctx;
	struct op_seen *op;

	(void)t;
	if (f->proto != c->proto->slot->id)
		return;
	if (f->kind == FACT_MALFORMED) {
		if (c->faults < FAULTS)
			c->fault[c->faults] = *f;
		c->faults++;
		return;
	}
	c->cut += f->kind == FACT_TRUNCATED;
	if (!f->is_message)
		return;
	c->messages++;
	op = seen(c, f->op);
	op->asked += !f->response;
	op->answered += f->response && f->kind != FACT_ERROR;
	op->refused += f->kind == FACT_ERROR;
	op->unknown = op->unknown || f->kind == FACT_UNKNOWN;
}

static void
on_tally(void *ctx, struct talk *t)
{
	(void)ctx;
	(void)t;
}

static int
by_op(const void *a, const void *b)
{
	const struct op_seen *x = a, *y = b;

	return (x->op > y->op) - (x->op < y->op);
}

/* --------------------------------------------------------------- the report */

static void
put_share(const struct ledger *l)
{
	uint64_t known = l->bytes_seen - l->bytes_skipped;

	(void)printf("Understood  %" PRIu64 " messages, %" PRIu64 " bytes, ",
	    l->messages, l->bytes_seen);
	if (l->bytes_seen > 0)
		(void)printf("%.1f %% of them understood\n",
		    100.0 * (double)known / (double)l->bytes_seen);
	else
		(void)printf("none understood\n");
}

static void
put_ops(struct check *c)
{
	char number[16];

	qsort(c->op, c->n_op, sizeof(c->op[0]), by_op);
	(void)printf("\nOperations  %8s %8s %8s\n", "asked", "answered",
	    "refused");
	for (uint32_t i = 0; i < c->n_op; i++)
		(void)printf("  0x%-8" PRIx32 "%8" PRIu64 " %8" PRIu64
			     " %8" PRIu64 "  %s\n",
		    c->op[i].op, c->op[i].asked, c->op[i].answered,
		    c->op[i].refused,
		    c->op[i].unknown
			? "not described"
			: proto_op_name(c->proto, c->op[i].op, number));
	for (uint32_t i = 0; i < c->proto->n_op; i++) {
		bool met = false;

		for (uint32_t k = 0; k < c->n_op; k++)
			met = met || c->op[k].op == c->proto->op[i].code;
		if (!met)
			(void)printf("  0x%-8" PRIx32 "%8s %8s %8s  %s\n",
			    c->proto->op[i].code, "-", "-", "-",
			    c->proto->op[i].name);
	}
}

static void
put_faults(const struct check *c)
{
	uint64_t n = c->faults < FAULTS ? c->faults : FAULTS;

	if (c->faults == 0)
		return;
	(void)printf("\nDo not fit  %" PRIu64 " messages\n", c->faults);
	for (uint64_t i = 0; i < n; i++)
		(void)printf("  file %u, packet %" PRIu32 ", byte %" PRIu32
			     ": %.*s\n",
		    c->fault[i].file + 1u, c->fault[i].frame, c->fault[i].code,
		    (int)c->fault[i].text_len, c->fault[i].text);
	if (c->faults > n)
		(void)printf("  and %" PRIu64 " more\n", c->faults - n);
}

static int
put_report(struct check *c, const struct flows *fs)
{
	const struct ledger *l = &flow_ledger(fs)[c->proto->slot->id];
	bool strange = false;

	(void)printf("%s: %s\n\n", c->proto->name, c->proto->title);
	put_share(l);
	if (l->unsolicited > 0 || l->unanswered > 0)
		(void)printf("            %" PRIu64 " answers without a "
			     "question, %" PRIu64 " questions without an "
			     "answer\n",
		    l->unsolicited, l->unanswered);
	put_ops(c);
	put_faults(c);
	for (uint32_t i = 0; i < c->n_op; i++)
		strange = strange || c->op[i].unknown;
	if (fflush(stdout) != 0)
		return EXIT_INTERNAL;
	return c->faults > 0 || strange || c->messages == 0 ? EXIT_INPUT
							    : EXIT_DONE;
}

/* ----------------------------------------------------------------- the work */

static int
run(struct check *c, const char *const *paths, unsigned n)
{
	struct flow_config config = FLOW_CONFIG_DEFAULT;
	static uint64_t off[(PROTO_MAX + 63) / 64];
	struct flow_listener listener = { .ctx = c,
		.fact = on_fact,
		.tally = on_tally };
	struct capture *capture = capture_open(paths, n);
	struct flows *fs;
	struct packet packet;
	struct frame frame;
	int status = EXIT_INTERNAL;

	/* nobody else takes what it might be meant for */
	for (uint32_t i = 1; i < n_protos; i++)
		if (protos[i] != c->proto)
			off[i / 64] |= UINT64_C(1) << (i % 64);
	config.off = off;
	fs = flow_new(&config, &listener);
	if (capture != NULL && fs != NULL) {
		while (capture_next(capture, &frame)) {
			decode_frame(&frame, &packet);
			flow_packet(fs, &packet);
		}
		flow_finish(fs);
		status = put_report(c, fs);
		for (unsigned i = 0; i < capture_files(capture); i++) {
			const struct capture_file *f = capture_file(capture, i);

			if (!f->damaged)
				continue;
			complain("%s: %s", f->path, f->error);
			status = EXIT_INPUT;
		}
	} else {
		complain("protocols: out of memory");
	}
	if (capture != NULL)
		capture_close(capture);
	flow_free(fs);
	return status;
}

enum {
	OPT_HELP
};
static const struct option_row rows[] = {
	[OPT_HELP] = { "help", 'h', NULL, "this text" },
	{ NULL, 0, NULL, NULL },
};

int
protocols_check(int argc, char **argv)
{
	struct options o = {
		.command = "protocols check",
		.synopsis = "DESCRIPTION FILE...",
		.about = "How well a description of a protocol fits captures: "
			 "how much is understood, which\nmessages do not fit, "
			 "which operations are not described.  Ends with 0 "
			 "when all do.",
		.row = rows,
		.argc = argc,
		.argv = argv,
		.at = 1,
	};
	static const char *paths[CAPTURE_FILES_MAX];
	static struct check check;
	char error[DESCRIBE_ERROR];
	const char *path = NULL;
	struct described *x;
	unsigned n = 0;
	int option;

	while ((option = options_next(&o)) != OPTION_END) {
		if (option == OPT_HELP) {
			options_help(&o);
			return fflush(stdout) == 0 ? EXIT_DONE : EXIT_INTERNAL;
		}
		if (option != OPTION_ARGUMENT || n == CAPTURE_FILES_MAX)
			return EXIT_USAGE;
		if (path == NULL)
			path = o.value;
		else
			paths[n++] = o.value;
	}
	if (n == 0) {
		complain("protocols check: a description and a capture are "
			 "wanted");
		return EXIT_USAGE;
	}
	x = description_read(path);
	if (x == NULL)
		return EXIT_INPUT;
	if (!describe_add(x, error)) {
		complain("%s: %s", path, error);
		describe_free(x);
		return EXIT_INPUT;
	}
	check.proto = describe_proto(x);
	return run(&check, paths, n);
}
