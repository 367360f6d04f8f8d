/*
 * fuzz_proto.c - messages for a protocol.
 *
 * FUZZ_PROTO=name picks one; without it the first byte does.  The second byte
 * is: bit 0 direction, bit 1 promise more than there is, bit 2 via UDP, bits 3
 * and 4 put facts into words when both are set (it costs more than all the
 * rest), bits 5 to 7 port row.  Then messages, each with a be16 length; each is
 * copied between poisoned memory, to its last byte, so that ASan sees any
 * overrun.
 */
#include <sanitizer/asan_interface.h>
#include <stdlib.h>
#include <string.h>

#include "../src/base/bufs.h"
#include "../src/proto/join.h"
#include "../src/proto/proto.h"

#define FACTS 256
#define GUARD 4096
#define LINES 2 /* facts of a message that are put into words */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct proto *only;
static _Alignas(8) uint8_t room[GUARD + 0x10000 + GUARD];

static void
set_up(void)
{
	const char *name = getenv("FUZZ_PROTO");

	proto_init();
	ASAN_POISON_MEMORY_REGION(room, sizeof(room));
	for (uint32_t i = 1; name != NULL && i < n_protos; i++)
		if (strcmp(protos[i]->name, name) == 0)
			only = protos[i];
	if (name != NULL && only == NULL)
		abort();
}

static void
check(const struct dissect *d, bool words)
{
	char line[1024];

	for (uint32_t i = 0; i < d->n; i++) {
		const struct fact *f = &d->fact[i];

		if (f->kind == FACT_NONE || f->kind >= FACT_COUNT ||
		    f->proto >= n_protos || f->text_len > FACT_TEXT_MAX ||
		    f->object.space >= SPACE_COUNT || f->risk >= RISK_COUNT ||
		    f->trait >= TRAIT_COUNT)
			abort();
		if (words && i < LINES &&
		    fact_line(f, "x", line, sizeof(line)) < 0)
			abort();
	}
}

static void
one(struct dissect *d, const struct proto *p, struct span s, uint32_t promised,
    bool words)
{
	uint8_t *exact = room + sizeof(room) - GUARD - s.n;

	ASAN_UNPOISON_MEMORY_REGION(exact, s.n);
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
	check(d, words);
	ASAN_POISON_MEMORY_REGION(exact, s.n);
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
	pending.used = pending.asked = 0;
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
		    n + ((data[1] & 2) != 0 ? data[0] : 0u),
		    (data[1] & 0x18) == 0x18);
		at += n;
	}
	joins_drain(joins);
	return 0;
}
