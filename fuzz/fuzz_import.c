/*
 * fuzz_import.c - exported baselines of any content.
 *
 * Each line of the input is given the hash it needs, so that the reader gets
 * behind it.  What is imported is exported again, and that is read without an
 * error; both ways it is also compared with itself, which finds no difference.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../src/baseline/baseline.h"
#include "../src/baseline/text_line.h"
#include "../src/proto/proto.h"

#define TEXT_CAP (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static uint8_t text[TEXT_CAP];
static struct out out;
static int file = -1;

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static struct span
with_chain(struct span rest)
{
	struct line_chain chain;
	struct span line;
	uint32_t n = 0;

	line_chain_begin(&chain);
	while (line_next(&rest, &line) && n + line.n + 64 < TEXT_CAP) {
		line_chain_add(&chain, line);
		if (line.n > 0)
			memcpy(text + n, line.p, line.n);
		n += line.n;
		memcpy(text + n, " #", 2);
		memcpy(text + n + 2, chain.hex, 2 * CHAIN_BYTES);
		n += 2 + 2 * CHAIN_BYTES;
		text[n++] = '\n';
	}
	return SPAN(text, n);
}

static struct span
exported(struct baseline *b)
{
	ssize_t n;

	must(ftruncate(file, 0) == 0 && lseek(file, 0, SEEK_SET) == 0);
	out_open(&out, file);
	must(baseline_export(b, NULL, &out) && out_flush(&out));
	n = pread(file, text, TEXT_CAP, 0);
	must(n >= 0 && n < TEXT_CAP);
	return SPAN(text, (uint32_t)n);
}

static void
is_itself(struct span s)
{
	struct diff_counts n;

	out_open(&out, -1);
	must(baseline_diff(s, s, &out, &n));
	must(n.added + n.gone + n.changed == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const struct baseline_listener nobody = { .ctx = NULL };
	struct baseline_config c = BASELINE_CONFIG_DEFAULT;
	struct import_result r;
	struct assets *assets;
	struct baseline *b;
	struct span s;

	if (file < 0) {
		proto_init();
		file = memfd_create("export", 0);
	}
	c.keys_max = 1024;
	assets = assets_new(16);
	b = baseline_new(&c, assets, &nobody);
	must(file >= 0 && assets != NULL && b != NULL);
	for (uint32_t i = 1; i < 4; i++) {
		struct asset a = { .id = i, .vlan = TALK_NO_VLAN };

		a.addr.ip = ip4_of((const uint8_t[4]){ 10, 0, 0, (uint8_t)i });
		must(assets_restore(assets, &a));
	}
	s = with_chain(SPAN(data, (uint32_t)n));
	is_itself(s);
	if (baseline_import(b, s, NULL, &r)) {
		s = exported(b);
		is_itself(s);
		must(baseline_import(b, s, NULL, &r));
	}
	baseline_free(b);
	assets_free(assets);
	return 0;
}
