/*
 * fuzz_describe.c - descriptions of any content, and what they describe at
 * work: the input is a description, a line of 0xff, and a message for it.
 *
 * No crash, no fact out of form, and a message is never longer than the
 * bounds of run.c allow.
 */
#include <stdlib.h>

#include "../src/base/bufs.h"
#include "../src/describe/describe.h"
#include "../src/proto/join.h"

#define FACTS 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct fact facts[FACTS];
static struct ledger ledger[PROTO_MAX];
static struct joins *joins;

static void
work(const struct proto *p, struct span s, bool to_server)
{
	static struct pending pending;
	struct talk talk = { .via = p->tcp[0] != 0 ? VIA_TCP : VIA_UDP,
		.server_port = p->tcp[0] != 0 ? p->tcp[0] : p->udp[0] };
	struct dissect d = { .talk = &talk,
		.to_server = to_server,
		.via = talk.via,
		.fact = facts,
		.cap = FACTS,
		.wanted = FACT_MASK_ALL,
		.ledger = ledger,
		.pending = &pending,
		.joins = joins,
		.proto = p };
	uint32_t length = s.n;

	if (s.n >= p->frame_min) {
		(void)p->claim(s, &d);
		length = p->frame(s, &d);
	}
	if (length == FRAME_NOT_MINE || length == FRAME_NEED_MORE)
		length = s.n;
	(void)proto_message(p, s, length, &d, false);
	for (uint32_t i = 0; i < d.n; i++)
		if (facts[i].kind >= FACT_COUNT ||
		    facts[i].text_len > FACT_TEXT_MAX ||
		    facts[i].num_type >= NUM_COUNT)
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static bool ready;
	char error[DESCRIBE_ERROR];
	struct span all = SPAN(data, (uint32_t)n), text;
	struct described *x;

	if (!ready) {
		proto_init();
		joins = joins_new(bufs_new(1u << 20));
	}
	ready = true;
	text = span_first(all, span_find(all, 0xff));
	x = describe_parse("input", text, error);
	if (x == NULL) {
		if (error[0] == '\0')
			abort(); /* a fault without a word */
		return 0;
	}
	all = span_from(all, text.n + 1);
	work(describe_proto(x), all, true);
	work(describe_proto(x), all, false);
	describe_free(x);
	return 0;
}
