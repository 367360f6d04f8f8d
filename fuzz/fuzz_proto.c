/*
 * fuzz_proto.c - one binary for all protocols.
 *
 * FUZZ_PROTO=name picks one; without it the first byte does.  The second byte
 * is: bit 0 direction, bit 1 promise more than there is, bit 2 via UDP, bits
 * 4 to 7 port row.  Then messages, each with a be16 length; each is copied to
 * a heap block of its exact size so that ASan sees any overrun.
 */
#include <stdlib.h>
#include <string.h>

#include "../src/base/bufs.h"
#include "../src/proto/join.h"
#include "../src/proto/proto.h"

#define FACTS 256
#define LINES 2 /* facts of a message that are put into words: it costs */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct proto *only;

static void
set_up(void)
{
	const char *name = getenv("FUZZ_PROTO");

	proto_init();
	for (uint32_t i = 1; name != NULL && i < n_protos; i++)
		if (strcmp(protos[i]->name, name) == 0)
			only = protos[i];
	if (name != NULL && only == NULL)
		abort();
}

static void
check(const struct dissect *d)
{
	char line[1024];

	for (uint32_t i = 0; i < d->n; i++) {
		const struct fact *f = &d->fact[i];

		if (f->kind == FACT_NONE || f->kind >= FACT_COUNT ||
		    f->proto >= n_protos || f->text_len > FACT_TEXT_MAX ||
		    f->object.space >= SPACE_COUNT || f->risk >= RISK_COUNT ||
		    f->trait >= TRAIT_COUNT)
			abort();
		if (i < LINES && fact_line(f, "x", line, sizeof(line)) < 0)
			abort();
	}
}

static void
one(struct dissect *d, const struct proto *p, struct span s, uint32_t promised)
{
	uint8_t *exact = malloc(s.n > 0 ? s.n : 1);

	if (exact == NULL)
		abort();
	if (s.n > 0)
		memcpy(exact, s.p, s.n);
	s.p = exact;
	if (p->claim != NULL)
		(void)p->claim(s, d);
	if (p->way != NULL)
		(void)p->way(s);
	if (p->frame != NULL && s.n >= p->frame_min)
		(void)p->frame(s, d);
	d->n = 0;
	(void)proto_message(p, s, promised, d, false);
	check(d);
	free(exact);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ledger ledger[PROTO_MAX];
	static struct fact facts[FACTS];
	static struct bufs *bufs;
	static struct joins *joins;
	static struct pending pending;
	static uint64_t state[PROTO_STATE_MAX / 8];
	const struct proto *p;
	struct talk talk = { .vlan = TALK_NO_VLAN };
	struct dissect d = { .fact = facts, .cap = FACTS };
	size_t at = 2;

	if (bufs == NULL) {
		set_up();
		bufs = bufs_new(16u << 20);
		joins = joins_new(bufs);
	}
	if (size < 4 || n_protos < 2)
		return 0;
	p = only != NULL ? only : protos[1 + data[0] % (n_protos - 1)];
	memset(&pending, 0, sizeof(pending));
	memset(state, 0, sizeof(state));
	talk.via = (data[1] & 4) != 0 ? VIA_UDP : VIA_TCP;
	talk.server_port =
	    talk.via == VIA_UDP ? p->udp[data[1] >> 5] : p->tcp[data[1] >> 5];
	d.talk = &talk;
	d.via = talk.via;
	d.state = state;
	d.wanted = FACT_MASK_ALL;
	d.ledger = ledger;
	d.pending = &pending;
	d.joins = joins;
	for (uint32_t i = 0; at + 2 <= size; i++) {
		uint32_t n = (uint32_t)data[at] << 8 | data[at + 1];

		at += 2;
		n = n < size - at ? n : (uint32_t)(size - at);
		d.to_server = ((data[1] ^ i) & 1) != 0;
		one(&d, p, SPAN(data + at, n),
		    n + ((data[1] & 2) != 0 ? data[0] : 0u));
		at += n;
	}
	joins_drain(joins);
	return 0;
}
