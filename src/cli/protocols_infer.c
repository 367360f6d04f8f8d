/*
 * protocols_infer.c - sightglass protocols infer: drafts of descriptions of
 * what nobody knows in captures.
 *
 * What a draft says was inferred (docs/decisions/unknown-protocols.md); what
 * it cannot say, names and what an operation does, an expert fills in.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../capture/capture.h"
#include "../decode/decode.h"
#include "../flow/flow.h"
#include "../flow/guess.h"
#include "cli.h"
#include "descriptions.h"
#include "options.h"

static void
on_fact(void *ctx, const struct fact *f, struct talk *t)
{
	(void)ctx;
	(void)f;
	(void)t;
}

static void
on_tally(void *ctx, struct talk *t)
{
	(void)ctx;
	(void)t;
}

/* ------------------------------------------------------------------ a draft */

static const uint8_t length_width[] = { 1, 2, 2, 4 };

static void
put_constant(const struct guess *g, uint32_t at, uint32_t n)
{
	(void)printf("  fixed-%" PRIu32 " %" PRIu32 " is ", at, n);
	for (uint32_t i = at; i < at + n; i++)
		(void)printf("%02x", g->constant[i]);
	(void)printf("\n");
}

static void
put_length(const struct guess *g)
{
	int32_t after = g->length_at + length_width[g->length_form];

	(void)printf("  length %u length ", length_width[g->length_form]);
	if (g->length_base == after)
		(void)printf("after\n");
	else if (g->length_base == 0)
		(void)printf("all\n");
	else
		(void)printf("all %s %d\n",
		    g->length_base > 0 ? "plus" : "minus", abs(g->length_base));
}

/* Bytes of one kind that stand together are one field. */
static uint32_t
run_of(const struct guess *g, uint32_t at, uint32_t end)
{
	uint32_t n = 1;

	while (at + n < end && n < 8 && g->field[at + n] == g->field[at])
		n++;
	return n;
}

/* Bytes of the type that stand together, from its first. */
static uint32_t
type_run(const struct guess *g)
{
	uint32_t n = 1;

	while (n < g->n_type && g->type_at[n] == g->type_at[0] + n)
		n++;
	return n;
}

static uint32_t
put_field(const struct guess *g, uint32_t at, uint32_t end)
{
	uint32_t n = run_of(g, at, end);

	switch ((enum guess_field)g->field[at]) {
	case GUESS_CONSTANT:
		put_constant(g, at, n);
		return n;
	case GUESS_LENGTH:
		put_length(g);
		return length_width[g->length_form];
	case GUESS_COUNTER:
		(void)printf("  counter-%" PRIu32 " %" PRIu32 " skip\n", at, n);
		return n;
	case GUESS_IDENTIFIER:
		(void)printf("  identifier-%" PRIu32 " %" PRIu32 " pair\n", at,
		    n);
		return n;
	case GUESS_TYPE:
		if (at == g->type_at[0]) {
			(void)printf("  type %" PRIu32 " operation\n",
			    type_run(g));
			return type_run(g);
		}
		(void)printf("  type-%" PRIu32 " %" PRIu32 " skip\n", at, n);
		return n;
	case GUESS_NOTHING:
	default:
		(void)printf("  unknown-%" PRIu32 " %" PRIu32 " opaque\n", at,
		    n);
		return n;
	}
}

/* A header need not go on behind the last field that means something. */
static uint32_t
header_end(const struct guess *g)
{
	uint32_t end = 0;

	for (uint32_t i = 0; i < g->shortest; i++)
		if (g->field[i] != GUESS_NOTHING)
			end = i + 1;
	return end > 0 ? end : 1;
}

static void
put_operations(const struct guesses *gs, uint32_t i, const struct guess *g)
{
	struct guess_type type[GUESS_TYPES];
	uint32_t n = guess_types(gs, i, type), run = type_run(g);

	if (g->n_type == 0) {
		(void)printf("operation 0 session none message\n");
		return;
	}
	for (uint32_t k = 0; k < n; k++) {
		/* of bytes that do not stand together the first are named */
		uint32_t cut = 8 * (g->n_type - run), op = type[k].op >> cut;
		bool again = false;

		for (uint32_t j = 0; j < k; j++)
			again = again || type[j].op >> cut == op;
		if (!again)
			(void)printf("operation 0x%0*" PRIx32
				     " session none type 0x%0*" PRIx32
				     "   # sent by the %s\n",
			    (int)run * 2, op, (int)run * 2, op,
			    type[k].asked && type[k].answered
				? "client and the server"
				: type[k].asked ? "client"
						: "server");
	}
}

static void
put_draft(const struct guesses *gs, uint32_t i, const struct guess *g)
{
	char text[ADDR_TEXT_MAX];
	const char *via = g->via == VIA_TCP ? "tcp"
	    : g->via == VIA_UDP             ? "udp"
					    : "ethertype";
	uint32_t number = g->port != 0 ? g->port : g->service;
	uint32_t end = header_end(g);
	bool little = g->has_length && g->length_form == GUESS_LE16;

	(void)printf("# A draft, inferred from messages of %s; %" PRIu64
		     " more were told apart by it.\n",
	    g->server.ip.len > 0 ? ip_text(&g->server.ip, text) : "a station",
	    g->messages);
	(void)printf("protocol unknown-%s-%" PRIu32 "\n", via, number);
	(void)printf("title    Unknown, %s %" PRIu32 "\n%s %" PRIu32 "\n", via,
	    number, via, number);
	if (g->is_text) {
		(void)printf("# Messages are lines of text, told apart by "
			     "their first word: a description cannot say "
			     "that.\n\n");
		return;
	}
	if (g->via == VIA_TCP && !g->has_length)
		(void)printf("# Where a message ends was not found: 'length' "
			     "or 'fixed' is missing.\n");
	if (little)
		(void)printf("order little\n");
	(void)printf("header\n");
	for (uint32_t at = 0; at < end;)
		at += put_field(g, at, end);
	put_operations(gs, i, g);
	(void)printf("\n");
}

static int
put_drafts(const struct guesses *gs, uint64_t port)
{
	const struct guess *g;
	uint32_t n = 0;

	for (uint32_t i = 0; (g = guess_at(gs, i)) != NULL; i++)
		if (g->via != VIA_NONE && g->known == GUESS_LAYOUT &&
		    (port == 0 ||
			port == (g->port != 0 ? g->port : g->service))) {
			put_draft(gs, i, g);
			n++;
		}
	if (n == 0)
		complain("protocols infer: nothing was found whose layout "
			 "could be inferred");
	if (fflush(stdout) != 0)
		return EXIT_INTERNAL;
	return n > 0 ? EXIT_DONE : EXIT_INPUT;
}

/* ----------------------------------------------------------------- the work */

static int
run(const char *const *paths, unsigned n, uint64_t port, bool all)
{
	struct flow_config config = FLOW_CONFIG_DEFAULT;
	struct flow_listener listener = { .fact = on_fact, .tally = on_tally };
	struct capture *capture = capture_open(paths, n);
	static uint64_t off[(PROTO_MAX + 63) / 64];
	struct flows *fs;
	struct packet packet;
	struct frame frame;
	int status = EXIT_INTERNAL;

	memset(off, 0xff, sizeof(off));
	config.off = all ? off : NULL;
	fs = flow_new(&config, &listener);
	if (capture != NULL && fs != NULL) {
		while (capture_next(capture, &frame)) {
			decode_frame(&frame, &packet);
			flow_packet(fs, &packet);
		}
		flow_finish(fs);
		status = put_drafts(flow_guesses(fs), port);
	} else {
		complain("protocols: out of memory");
	}
	if (capture != NULL)
		capture_close(capture);
	flow_free(fs);
	return status;
}

enum {
	OPT_PORT,
	OPT_ALL,
	OPT_HELP
};
static const struct option_row rows[] = {
	[OPT_PORT] = { "port", 'p', "NUMBER",
	    "only of services on this port, or of this ethertype" },
	[OPT_ALL] = { "all", 'a', NULL,
	    "also of protocols that are known, as if they were not" },
	[OPT_HELP] = { "help", 'h', NULL, "this text" },
	{ NULL, 0, NULL, NULL },
};

int
protocols_infer(int argc, char **argv)
{
	struct options o = {
		.command = "protocols infer",
		.synopsis = "[options] FILE...",
		.about = "Draft descriptions of the protocols in captures that "
			 "nobody knows: what could be\ninferred of their "
			 "layout.  An expert names the rest.",
		.row = rows,
		.argc = argc,
		.argv = argv,
		.at = 1,
	};
	static const char *paths[CAPTURE_FILES_MAX];
	unsigned n = 0;
	uint64_t port = 0;
	bool all = false;
	char *end;
	int option;

	while ((option = options_next(&o)) != OPTION_END) {
		if (option == OPT_HELP) {
			options_help(&o);
			return fflush(stdout) == 0 ? EXIT_DONE : EXIT_INTERNAL;
		}
		if (option == OPT_ALL) {
			all = true;
			continue;
		}
		if (option == OPT_PORT) {
			port = strtoull(o.value, &end, 0);
			if (*end == '\0' && port > 0 && port < 65536)
				continue;
			complain("protocols infer: '%s' is no port", o.value);
			return EXIT_USAGE;
		}
		if (option != OPTION_ARGUMENT || n == CAPTURE_FILES_MAX)
			return EXIT_USAGE;
		paths[n++] = o.value;
	}
	if (n == 0) {
		complain("protocols infer: which captures?");
		return EXIT_USAGE;
	}
	return run(paths, n, port, all);
}
