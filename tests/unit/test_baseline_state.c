/* test_baseline_state.c - the baseline kept, carried and looked through. */
#include "baseline_plant.h"

#include <sodium.h>
#include <unistd.h>

/* -------------------------------------------------------- a state in memory */

#define KEYS 4096u
#define BLOCKS 4096u

struct memory {
	struct key key[KEYS];
	uint32_t n_key, calls;
	struct {
		uint32_t kind, n;
		uint64_t id;
		uint8_t *bytes;
	} block[BLOCKS];
	uint32_t n_block;
};

static bool
keep_key(void *ctx, const struct key *k)
{
	struct memory *m = ctx;
	uint32_t i = 0;

	m->calls++;
	while (i < m->n_key && m->key[i].hash != k->hash)
		i++;
	if (i == KEYS)
		return false;
	m->key[i] = *k;
	m->n_key += i == m->n_key;
	return true;
}

static bool
drop_key(void *ctx, uint64_t hash)
{
	struct memory *m = ctx;

	for (uint32_t i = 0; i < m->n_key; i++)
		if (m->key[i].hash == hash) {
			memmove(&m->key[i], &m->key[i + 1],
			    (m->n_key - i - 1) * sizeof(m->key[0]));
			m->n_key--;
			return true;
		}
	return true;
}

static bool
keep_block(void *ctx, uint32_t kind, uint64_t id, struct span s)
{
	struct memory *m = ctx;
	uint32_t i = 0;

	m->calls++;
	while (i < m->n_block &&
	    (m->block[i].kind != kind || m->block[i].id != id))
		i++;
	if (i == BLOCKS)
		return false;
	free(i < m->n_block ? m->block[i].bytes : NULL);
	m->n_block += i == m->n_block;
	m->block[i].kind = kind;
	m->block[i].id = id;
	m->block[i].n = s.n;
	m->block[i].bytes = malloc(s.n + 1);
	if (s.n > 0)
		memcpy(m->block[i].bytes, s.p, s.n);
	return true;
}

static void
save(struct plant *p, struct memory *m)
{
	const struct baseline_sink sink = { .ctx = m,
		.key = keep_key,
		.gone = drop_key,
		.block = keep_block };

	CHECK(baseline_save(p->base, &sink));
}

static void
load(struct plant *p, const struct memory *m)
{
	for (uint32_t kind = 0; kind < 64; kind++)
		for (uint32_t i = 0; i < m->n_block; i++)
			if (m->block[i].kind == kind)
				CHECK(baseline_load_block(p->base, kind,
				    m->block[i].id,
				    SPAN(m->block[i].bytes, m->block[i].n)));
	for (uint32_t i = 0; i < m->n_key; i++)
		CHECK(baseline_load_key(p->base, &m->key[i]));
}

static void
memory_free(struct memory *m)
{
	for (uint32_t i = 0; i < m->n_block; i++)
		free(m->block[i].bytes);
	free(m);
}

/* ---------------------------------------------------------------- traffic */

static void
name_file(struct plant *p, const char *path, int64_t at)
{
	struct fact f = { .at = { at },
		.proto = p->modbus,
		.kind = FACT_FILE,
		.op = 20,
		.is_message = true };

	fact_text(&f, span_text(path));
	plant_say(p, 2, 3, &f);
}

static void
hours_of(struct plant *p, uint32_t from, uint32_t to)
{
	for (uint32_t h = from; h < to; h++) {
		const int64_t at = START + h * HOUR;

		plant_ask(p, 1, 2, 3, 0, 100, at);
		plant_ask(p, 1, 2, 3, 100 + h % 3, 1, at);
		plant_ask(p, 1, 3, 16, 5, 1, at + TICK_SECOND);
		if (h % 10 == 0)
			name_file(p,
			    h % 20 == 0 ? "/recipes/a.txt" : "/\"quoted\\.exe",
			    at);
		if (h % 50 == 7)
			plant_ask(p, 2, 3, 4, h, 1, at);
	}
}

static struct plant *
plant_with(bool assets_are_new)
{
	struct plant *p = plant_new(&BASELINE_CONFIG_DEFAULT);

	if (assets_are_new) {
		plant_add(p, 4, 0, START);
		return p;
	}
	for (uint32_t i = 1; i <= 4; i++) {
		const struct asset a = plant_asset(i, ASSET_AUTHORIZED, START);

		CHECK(assets_restore(p->assets, &a));
	}
	p->n = 4;
	return p;
}

static const struct export_seal *seal; /* of what text_of() exports */

static char *
text_of(struct plant *p, uint32_t *ret_n)
{
	static struct out out;
	FILE *file = tmpfile();
	char *text;
	long n;

	out_open(&out, fileno(file));
	CHECK(baseline_export(p->base, seal, &out));
	CHECK(out_flush(&out));
	n = lseek(fileno(file), 0, SEEK_END);
	text = calloc(1, (size_t)n + 1);
	CHECK_INT(pread(fileno(file), text, (size_t)n, 0), n);
	(void)fclose(file);
	if (ret_n != NULL)
		*ret_n = (uint32_t)n;
	return text;
}

/* ------------------------------------------------------------------- tests */

/* Interrupted or not: the same baseline, and the same findings. */
static void
test_round_trip(void)
{
	struct memory *m = calloc(1, sizeof(*m));
	struct plant *whole = plant_with(true), *a = plant_with(true), *b;
	char *one, *two;

	hours_of(whole, 0, 200);
	hours_of(a, 0, 150);
	save(a, m);
	hours_of(a, 150, 200);
	baseline_finish(a->base);
	save(a, m);
	plant_free(a);
	b = plant_with(false);
	load(b, m);
	one = text_of(whole, NULL);
	two = text_of(b, NULL);
	CHECK_STR(two, one);
	free(one);
	free(two);
	baseline_set_mode(whole->base, MODE_DYNAMIC);
	baseline_set_mode(b->base, MODE_DYNAMIC);
	hours_of(whole, 200, 500);
	hours_of(b, 200, 500);
	baseline_set_mode(whole->base, MODE_OPERATIONAL);
	baseline_set_mode(b->base, MODE_OPERATIONAL);
	plant_forget(whole);
	plant_forget(b);
	hours_of(whole, 500, 560);
	hours_of(b, 500, 560);
	plant_ask(whole, 1, 2, 6, 1, 1, START + 560 * HOUR);
	plant_ask(b, 1, 2, 6, 1, 1, START + 560 * HOUR);
	CHECK(whole->spoken > 1);
	CHECK_INT(b->spoken, whole->spoken);
	for (unsigned i = 0; i < SCENARIO_COUNT; i++)
		CHECK_INT(b->by_scenario[i], whole->by_scenario[i]);
	one = text_of(whole, NULL);
	two = text_of(b, NULL);
	CHECK_STR(two, one);
	free(one);
	free(two);
	plant_free(whole);
	plant_free(b);
	memory_free(m);
}

/* What is put out does not hang on the secret. */
static void
test_secret(void)
{
	struct baseline_config c = BASELINE_CONFIG_DEFAULT;
	struct plant *a, *b;
	char *one, *two;

	c.secret = 1;
	a = plant_new(&c);
	c.secret = UINT64_C(0x123456789abcdef0);
	b = plant_new(&c);
	plant_add(a, 4, 0, START);
	plant_add(b, 4, 0, START);
	for (uint32_t h = 0; h < 100; h += 20) {
		hours_of(a, h, h + 20);
		hours_of(b, h, h + 20);
		for (uint32_t i = 0; i < 400; i++) {
			const int64_t at = START + (h + 19) * HOUR + i * 1000;

			plant_ask(a, 3, 4, 3, 2 * i, 1, at);
			plant_ask(b, 3, 4, 3, 2 * i, 1, at);
		}
	}
	one = text_of(a, NULL);
	two = text_of(b, NULL);
	CHECK_STR(two, one);
	CHECK_INT(a->novel, b->novel);
	free(one);
	free(two);
	plant_free(a);
	plant_free(b);
}

/* Nothing happened, nothing is written; a known poll costs a line an hour. */
static void
test_only_changes(void)
{
	struct memory *m = calloc(1, sizeof(*m));
	struct plant *p = plant_with(true);
	uint32_t calls;

	hours_of(p, 0, 20);
	save(p, m);
	calls = m->calls;
	save(p, m);
	CHECK_INT(m->calls, calls);
	plant_ask(p, 1, 2, 3, 0, 100, START + 19 * HOUR + 60 * TICK_SECOND);
	save(p, m);
	CHECK_INT(m->calls, calls);
	CHECK(!baseline_load_block(p->base, 1, 0, SPAN_LIT("\2\0\0\0")));
	CHECK(!baseline_load_block(p->base, 1, 0, SPAN_LIT("\1\0\0\0\1")));
	CHECK(!baseline_load_block(p->base, 999, 0, SPAN_LIT("")));
	plant_free(p);
	memory_free(m);
}

static void
test_export_and_import(void)
{
	struct plant *a = plant_with(true), *b = plant_with(true);
	struct import_result r;
	uint32_t n;
	char *text, *again, *at;

	hours_of(a, 0, 100);
	text = text_of(a, &n);
	CHECK(strstr(text,
		  "S06 learned client=10.0.0.1 server=10.0.0.2 "
		  "protocol=\"modbus\" unit=\"1\" "
		  "function=\"3(read holding registers)\" | flags= "
		  "n=100w/5d") != NULL);
	CHECK(strstr(text, "from=\"0\" to=\"102\" |") != NULL);
	CHECK(strstr(text, "attribute=\"serves\" detail=\"modbus\"") != NULL);
	CHECK(strstr(text, "file=\"\\\"quoted/.exe\"") == NULL);
	CHECK(strstr(text, "directory=\"/\\\"quoted/\"") != NULL);

	CHECK(baseline_import(b->base, SPAN((uint8_t *)text, n), NULL, &r));
	CHECK_INT(r.line, 0);
	CHECK(r.added > 8);
	CHECK_INT(r.strangers, 0);
	CHECK_INT(baseline_counts(b->base)->learned, 4); /* its own devices */
	CHECK(baseline_import(b->base, SPAN((uint8_t *)text, n), NULL, &r));
	CHECK_INT(r.added, 0);

	/* what was changed by a hand shows, and nothing is taken over */
	at = strstr(text, "unit=\"1\"");
	at[6] = '2';
	plant_free(b);
	b = plant_with(true);
	CHECK(!baseline_import(b->base, SPAN((uint8_t *)text, n), NULL, &r));
	CHECK(r.line > 4);
	CHECK_STR(r.error, "it, or a line before it, was changed");
	CHECK_INT(baseline_counts(b->base)->candidates, 0);
	again = text_of(b, NULL);
	CHECK(strstr(again, "S06") == NULL);
	free(text);
	free(again);
	plant_free(a);
	plant_free(b);
}

/* Imported into another plant: true, or why not. */
static const char *
import_of(const char *text, const uint8_t *by, struct import_result *ret)
{
	struct plant *b = plant_with(true);
	bool ok = baseline_import(b->base,
	    SPAN((const uint8_t *)text, (uint32_t)strlen(text)), by, ret);

	plant_free(b);
	return ok ? "taken" : ret->error;
}

static void
test_seal(void)
{
	struct plant *a = plant_with(true);
	uint8_t public[EXPORT_PUBLIC], secret[EXPORT_SECRET];
	uint8_t other[EXPORT_PUBLIC], thrown[EXPORT_SECRET];
	const struct export_seal s = { .secret = secret,
		.name = "pump \"house\"",
		.at = { START } };
	struct import_result r;
	char *text, *bare, *at, more[8192];

	CHECK(crypto_sign_keypair(public, secret) == 0 &&
	    crypto_sign_keypair(other, thrown) == 0);
	hours_of(a, 0, 30);
	bare = text_of(a, NULL);
	seal = &s;
	text = text_of(a, NULL);
	seal = NULL;
	CHECK(strncmp(bare, text, strlen(bare)) == 0);
	CHECK_STR(import_of(text, public, &r), "taken");
	CHECK(r.is_signed && memcmp(r.key, public, sizeof(public)) == 0);
	CHECK_STR(r.signer, "pump 'house'");
	CHECK_STR(import_of(text, NULL, &r), "taken");
	CHECK_STR(import_of(text, other, &r), "another key signed it");
	CHECK_STR(import_of(bare, NULL, &r), "taken");
	CHECK(!r.is_signed);
	CHECK_STR(import_of(bare, public, &r), "it is not signed");
	(void)snprintf(more, sizeof(more), "%s%s", text, bare);
	CHECK_STR(import_of(more, NULL, &r),
	    "there is more behind the signature");
	/* a name that is not the one that was signed */
	at = strstr(text, "as=\"pump");
	CHECK(at != NULL);
	at[4] = 'd';
	CHECK_STR(import_of(text, NULL, &r),
	    "the signature does not fit what was signed: it was changed, or "
	    "cut");
	at[4] = 'p';
	/* the last line taken out, and with it the chain */
	at = strrchr(text, '#') - 1;
	CHECK(strncmp(at, "\n#signed", 8) == 0);
	*at = '\0';
	(void)snprintf(more, sizeof(more), "%.*s\n%s",
	    (int)(strrchr(text, '\n') - text), text, at + 1);
	CHECK_STR(import_of(more, NULL, &r),
	    "the signature does not fit what was signed: it was changed, or "
	    "cut");
	free(text);
	free(bare);
	plant_free(a);
}

static void
test_strangers(void)
{
	struct plant *a = plant_with(true);
	struct plant *b = plant_new(&BASELINE_CONFIG_DEFAULT);
	struct import_result r;
	uint32_t n;
	char *text;

	hours_of(a, 0, 30);
	text = text_of(a, &n);
	CHECK(baseline_import(b->base, SPAN((uint8_t *)text, n), NULL, &r));
	CHECK_INT(r.added, 0);
	CHECK(r.strangers > 8);
	free(text);
	plant_free(a);
	plant_free(b);
}

static void
test_diff(void)
{
	static struct out out;
	static const char before[] =
	    "S03 learned client=10.0.0.1 server=10.0.0.2 via=\"ip\" | n=1\n"
	    "S06 learned client=10.0.0.1 server=10.0.0.2 unit=\"1\" | n=1\n"
	    "S07 learned client=10.0.0.1 server=10.0.0.2 area=\"holding\" "
	    "from=\"0\" to=\"9\" | n=1\n"
	    "S07 learned client=10.0.0.1 server=10.0.0.2 area=\"holding\" "
	    "from=\"50\" to=\"59\" | n=1\n";
	static const char after[] =
	    "S03 learned client=10.0.0.1 server=10.0.0.2 via=\"ip\" | n=9\n"
	    "S06 denied client=10.0.0.1 server=10.0.0.2 unit=\"1\" | n=9\n"
	    "S06 learned client=10.0.0.1 server=10.0.0.2 unit=\"2\" | n=9\n"
	    "S07 learned client=10.0.0.1 server=10.0.0.2 area=\"holding\" "
	    "from=\"0\" to=\"19\" | n=9\n"
	    "S07 learned client=10.0.0.1 server=10.0.0.2 area=\"holding\" "
	    "from=\"50\" to=\"59\" | n=9\n";
	static const char want[] =
	    "~ S06 learned client=10.0.0.1 server=10.0.0.2 unit=\"1\" -> "
	    "denied\n"
	    "+ S06 learned client=10.0.0.1 server=10.0.0.2 unit=\"2\"\n"
	    "~ S07 learned client=10.0.0.1 server=10.0.0.2 area=\"holding\" "
	    "from=\"0\" to=\"9\" -> learned from=\"0\" to=\"19\"\n";
	struct diff_counts n;

	out_open(&out, -1);
	CHECK(baseline_diff(SPAN_LIT(before), SPAN_LIT(after), &out, &n));
	out.buf[out.n] = '\0';
	CHECK_STR(out.buf, want);
	CHECK_INT(n.added, 1);
	CHECK_INT(n.gone, 0);
	CHECK_INT(n.changed, 2);
	out_open(&out, -1);
	CHECK(baseline_diff(SPAN_LIT(before), SPAN_LIT(before), &out, &n));
	CHECK_INT(out.n, 0);
	CHECK(baseline_diff(SPAN_LIT(before), SPAN_LIT(""), &out, &n));
	CHECK_INT(n.gone, 4);
}

/* A write seen once stands above one that only one device does. */
static void
test_review(void)
{
	struct plant *p = plant_with(true);
	struct review r[64];
	uint32_t n;

	hours_of(p, 0, 100);
	plant_ask(p, 4, 2, 6, 77, 1, START + 100 * HOUR);
	n = baseline_review(p->base, r, 64);
	CHECK(n > 2 && n <= 64);
	CHECK_INT(r[0].rank, 80);
	CHECK_INT(r[0].key->client, 4);
	CHECK((r[0].key->flags & KEY_WRITE) != 0);
	for (uint32_t i = 1; i < n; i++)
		CHECK(r[i].rank <= r[i - 1].rank);
	CHECK_INT(baseline_review(p->base, r, 1), n);
	CHECK_INT(r[0].key->client, 4);
	plant_free(p);
}

static void
test_preview_and_forget(void)
{
	struct plant *p = plant_with(true);
	struct preview v[8];
	const struct key *k;
	char text[400];

	hours_of(p, 0, 100);
	plant_ask(p, 4, 2, 6, 77, 1, START + 100 * HOUR);
	plant_ask(p, 4, 2, 6, 78, 1, START + 101 * HOUR);
	CHECK(baseline_preview(p->base, 1, v, 8) > 3);
	CHECK_INT(v[0].client, 4);
	CHECK_INT(v[0].scenario, SCENARIO_WRITE);
	CHECK_INT(v[0].groups, 2);
	CHECK_INT(v[0].keys, 2);
	k = v[0].example;
	baseline_why(p->base, k, text, sizeof(text));
	CHECK(strstr(text,
		  "candidate: seen in 1 of 102 hours on 1 day, "
		  "1 time.") != NULL);
	/* learned by a person, forgotten by hour and device */
	CHECK(baseline_set_key(p->base, k->hash, KEY_USER));
	CHECK_INT(baseline_forget(p->base, 4,
		      (struct tick){ START + 50 * HOUR },
		      (struct tick){ START + 90 * HOUR }),
	    0);
	CHECK(baseline_forget(p->base, 4, (struct tick){ START + 90 * HOUR },
		  (struct tick){ START + 200 * HOUR }) > 3);
	CHECK_INT(k->state, KEY_TOMB);
	baseline_set_mode(p->base, MODE_OPERATIONAL);
	plant_forget(p);
	plant_ask(p, 4, 2, 6, 77, 1, START + 102 * HOUR);
	CHECK_INT(p->by_why[WHY_UNLEARNED], p->spoken);
	CHECK(p->spoken > 2);
	plant_free(p);
}

int
main(void)
{
	test_round_trip();
	test_secret();
	test_only_changes();
	test_export_and_import();
	test_seal();
	test_strangers();
	test_diff();
	test_review();
	test_preview_and_forget();
	return check_done();
}
