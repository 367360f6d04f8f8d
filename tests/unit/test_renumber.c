/* test_renumber.c - a state of a program with other protocols. */
#include <string.h>

#include "../../src/baseline/private.h"
#include "../../src/proto/proto.h"
#include "check.h"

static void
ignore(void *ctx, const struct novelty *n)
{
	(void)ctx;
	(void)n;
}

static uint32_t
id_of(const char *name)
{
	uint32_t i = 0;

	while (i < n_protos && strcmp(protos[i]->name, name) != 0)
		i++;
	return i;
}

static struct key
key_of(uint32_t proto, uint64_t hash)
{
	return (struct key){ .hash = hash,
		.client = 1,
		.server = 2,
		.p = { proto | PART_FROM_SERVER, 1, 3 },
		.count = 1,
		.windows = 1,
		.days = 1,
		.scenario = SCENARIO_FUNCTION,
		.state = KEY_LEARNED };
}

int
main(void)
{
	/* an older program: no arp, and one that we do not know */
	static const char names[] = "unknown\nabandoned\nmodbus\ndnp3\n";
	struct baseline_config config = BASELINE_CONFIG_DEFAULT;
	struct baseline_listener listener = { .novelty = ignore };
	struct key gone = key_of(1, 11), moved = key_of(2, 12);
	struct assets *assets;
	struct baseline *b;
	const struct key *k;
	const uint64_t *rows;
	uint32_t cursor = 0;

	proto_init();
	config.keys_max = 1024;
	assets = assets_new(64);
	b = baseline_new(&config, assets, &listener);
	CHECK(baseline_load_block(b, 5, 0, span_text(names)));
	CHECK(baseline_load_key(b, &gone));
	CHECK(baseline_load_key(b, &moved));
	k = baseline_next(b, &cursor);
	CHECK(k != NULL && k->p[0] == (id_of("modbus") | PART_FROM_SERVER));
	CHECK(k != NULL && k->hash != 12 && (k->flags & KEY_CHANGED) != 0);
	CHECK(baseline_next(b, &cursor) == NULL); /* the other is dropped */
	CHECK_INT(keytable_gone(b->keys, &rows), 2); /* both old rows go */
	/* what estimators knew by the old numbers is passed over */
	CHECK(baseline_load_block(b, 16, 1, SPAN_LIT("xx")));
	CHECK(!baseline_load_block(b, 5, 0, SPAN_LIT("no end")));
	baseline_free(b);
	assets_free(assets);
	return check_done();
}
