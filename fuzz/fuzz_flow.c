/*
 * fuzz_flow.c - the way from frames to facts, whole: decode, fragments, TCP,
 * identification, every protocol, conversations, devices, files that pass.
 *
 * Input: one byte that chooses limits (memory is short now and then, so that
 * full tables and pools are explored), then frames:
 *	u8 kind, u8 a, be16 n, n bytes
 * kind 0 is an Ethernet frame as it is; 1 a TCP segment, 2 a UDP datagram, 3
 * an IP fragment with the bytes as payload: the hosts, ports, sequence
 * numbers and flags come from `a` and from what was sent before, so that the
 * bytes reach the protocols through a well-formed stream.  kind 4 lets `a`
 * seconds pass, 5 is a frame of link type `a`.
 */
#include <stdlib.h>
#include <string.h>

#include "../src/decode/decode.h"
#include "../src/flow/flow.h"
#include "../src/inventory/conv.h"
#include "../src/inventory/inventory.h"
#include "../src/malware/malware.h"
#include "../tests/unit/frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint16_t ports[] = { 502, 102, 20000, 2404, 44818, 4840, 80, 443,
	445, 139, 135, 21, 22, 23, 3389, 5900, 53, 161, 47808, 34964, 2222,
	4001, 9999, 514, 67, 137 };
#define N_PORTS (sizeof(ports) / sizeof(ports[0]))

struct sink {
	struct convs *convs;
	struct inventory *inventory;
	struct malware *malware;
	uint64_t facts;
};

static void
on_fact(void *ctx, const struct fact *f, struct talk *t)
{
	struct sink *s = ctx;

	if (f->kind == FACT_NONE || f->kind >= FACT_COUNT ||
	    f->proto >= n_protos || f->text_len > FACT_TEXT_MAX ||
	    f->object.space >= SPACE_COUNT || t->proto >= n_protos)
		abort();
	s->facts++;
	convs_fact(s->convs, f, t);
	inventory_fact(s->inventory, f, t);
	malware_fact(s->malware, f, t, ASSET_NONE, ASSET_NONE);
}

static void
on_tally(void *ctx, struct talk *t)
{
	struct sink *s = ctx;

	convs_tally(s->convs, t);
	inventory_tally(s->inventory, t);
	malware_end(s->malware, t, ASSET_NONE, ASSET_NONE);
}

static void
on_content(void *ctx, const struct content *c, struct talk *t)
{
	struct sink *s = ctx;

	malware_content(s->malware, c, t, ASSET_NONE, ASSET_NONE);
}

/* Files are few and small, so that they crowd one another out. */
static struct malware *
make_malware(void)
{
	static struct assets *assets;
	static struct detect *detect;
	static const struct detect_listener nobody;
	const struct malware_config config = { .indicators_max = 256,
		.files_max = 3,
		.file_bytes = 64u << 10,
		.buffer_bytes = 96u << 10 };
	struct indicator x = { .row = INDICATOR_ROW_OF_TYPE, .list = "a" };
	char error[MALWARE_ERROR];
	struct malware *m;

	if (detect == NULL) {
		assets = assets_new(64);
		detect = detect_new(assets, NULL, &nobody);
	}
	m = malware_new(&config, assets, detect, error);
	/* so that files are hashed */
	if (m == NULL ||
	    !indicator_value(INDICATOR_HASH,
		SPAN_LIT("44d88612fea8a8f36de82e1278abb02f"), &x) ||
	    !indicators_add(malware_indicators(m), &x))
		abort();
	return m;
}

struct world {
	struct flows *fs;
	uint32_t seq[N_PORTS][2];
	uint32_t number;
	int64_t ns;
};

static void
give(struct world *w, uint16_t link, const uint8_t *p, uint32_t n)
{
	uint8_t *exact = malloc(n > 0 ? n : 1);
	struct frame f = { .at = { w->ns += 1000000 },
		.wire_len = n,
		.number = ++w->number,
		.link = link };
	struct packet packet;

	if (exact == NULL)
		abort();
	memcpy(exact, p, n);
	f.bytes = SPAN(exact, n);
	decode_frame(&f, &packet);
	flow_packet(w->fs, &packet);
	free(exact);
}

static void
give_tcp(struct world *w, uint8_t a, const uint8_t *p, uint32_t n)
{
	uint32_t port = (a & 0x1f) % N_PORTS;
	bool back = (a & 0x20) != 0;
	struct tcp_at t = { .src = back ? 2 : 1,
		.dst = back ? 1 : 2,
		.sport = back ? ports[port] : 40000,
		.dport = back ? 40000 : ports[port],
		.seq = w->seq[port][back],
		.ack = w->seq[port][!back],
		.flags = 0x18 };
	struct built b;

	if ((a & 0xc0) == 0x40) /* a hole */
		t.seq += 3;
	if ((a & 0xc0) == 0x80) /* again, or before its turn */
		t.seq -= n / 2;
	build_tcp(&b, &t, p, n);
	give(w, 1, b.b, b.n);
	w->seq[port][back] = t.seq + n;
}

static void
give_fragment(struct world *w, uint8_t a, const uint8_t *p, uint32_t n)
{
	struct built b;

	build_ip(&b, 1, 2, 0, (a & 1) != 0 ? 17 : 6, p, n);
	put16(b.b + 18, a >> 6);
	put16(b.b + 20, ((a & 2) != 0 ? 0x2000u : 0u) | (a >> 2 & 15u));
	give(w, 1, b.b, b.n);
}

static void
one(struct world *w, uint8_t kind, uint8_t a, const uint8_t *p, uint32_t n)
{
	struct built b;

	n = n < 1400 ? n : 1400;
	switch (kind % 6) {
	case 0:
		give(w, 1, p, n);
		break;
	case 1:
		give_tcp(w, a, p, n);
		break;
	case 2:
		build_udp(&b, (a & 0x20) != 0 ? 2 : 1, (a & 0x20) != 0 ? 1 : 2,
		    (a & 0x20) != 0 ? ports[(a & 0x1f) % N_PORTS] : 40001,
		    (a & 0x20) != 0 ? 40001 : ports[(a & 0x1f) % N_PORTS], p,
		    n);
		give(w, 1, b.b, b.n);
		break;
	case 3:
		give_fragment(w, a, p, n);
		break;
	case 4:
		w->ns += a * TICK_SECOND;
		break;
	default:
		give(w, a, p, n);
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct flow_config config = { .flows_max = 64,
		.buffer_bytes = 2u << 20,
		.flow_buffer_bytes = 32u << 10,
		.wanted = FACT_MASK_ALL };
	struct sink sink = { .convs = NULL };
	struct flow_listener l = { .ctx = &sink,
		.fact = on_fact,
		.tally = on_tally,
		.content = on_content };
	struct world w = { .ns = 1000 * TICK_SECOND };
	struct device device;
	size_t at = 1;

	if (!ready)
		proto_init();
	ready = true;
	if (size < 5)
		return 0;
	if ((data[0] & 1) != 0)
		config.flows_max = 2;
	if ((data[0] & 2) != 0)
		config.buffer_bytes = 256u << 10; /* one chunk */
	config.last_copy = (data[0] & 4) != 0;
	sink.convs = convs_new((data[0] & 8) != 0 ? 2 : 256);
	sink.inventory = inventory_new((data[0] & 16) != 0 ? 2 : 256, NULL);
	sink.malware = make_malware();
	w.fs = flow_new(&config, &l);
	if (w.fs == NULL || sink.convs == NULL || sink.inventory == NULL)
		abort();
	while (at + 4 <= size) {
		uint32_t n = (uint32_t)data[at + 2] << 8 | data[at + 3];

		n = n < size - at - 4 ? n : (uint32_t)(size - at - 4);
		one(&w, data[at], data[at + 1], data + at + 4, n);
		at += 4 + n;
	}
	flow_finish(w.fs);
	malware_finish(sink.malware);
	convs_sort(sink.convs);
	inventory_settle(sink.inventory);
	for (uint32_t i = 0; i < inventory_count(sink.inventory); i++)
		inventory_at(sink.inventory, i, &device);
	flow_free(w.fs);
	convs_free(sink.convs);
	inventory_free(sink.inventory);
	malware_free(sink.malware);
	return 0;
}
