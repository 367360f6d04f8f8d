/*
 * baseline_change.c - what people say is normal or is not, and carrying a
 * baseline elsewhere.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../model/sensor_name.h"
#include "ask.h"
#include "baseline.h"
#include "cli.h"
#include "file.h"
#include "values.h"

#define IMPORT_MAX (256u << 20)

int
baseline_decide(const struct baseline_request *q)
{
	json_t *request;

	if (q->n_word < 2) {
		complain("baseline: %s KEY; 'baseline show' lists them",
		    q->word[0]);
		return EXIT_USAGE;
	}
	request = ask_new("baseline.judge");
	ask_text(request, "key", q->word[1]);
	ask_text(request, "verdict", q->word[0]);
	return ask("baseline", q->state, request);
}

int
baseline_unlearn_all(const struct baseline_request *q)
{
	json_t *request = ask_new("baseline.forget");
	char text[ADDR_TEXT_MAX];

	if (q->has_entity)
		ask_text(request, "entity", addr_text(&q->entity, text));
	ask_time(request, "from", q->from);
	ask_time(request, "until", q->until);
	return ask("baseline", q->state, request);
}

int
baseline_stage(const struct baseline_request *q)
{
	uint64_t hours = 0;
	json_t *request;

	if (q->n_word < 3) {
		complain("baseline: scenario NAME learning HOURS | dynamic | "
			 "operational");
		return EXIT_USAGE;
	}
	if (q->n_word > 3 && !value_number(q->word[3], 8760, &hours)) {
		complain("baseline: scenario: '%s': must be hours, 1 to 8760",
		    q->word[3]);
		return EXIT_USAGE;
	}
	request = ask_new("baseline.scenario");
	ask_text(request, "name", q->word[1]);
	ask_text(request, "state", q->word[2]);
	(void)json_object_set_new(request, "hours",
	    json_integer((json_int_t)hours));
	return ask("baseline", q->state, request);
}

/* ------------------------------------------------------------------ carrying
 */

static int
out_of_memory(void)
{
	complain("baseline: out of memory");
	return EXIT_INTERNAL;
}

int
baseline_export_all(struct state *s, const struct baseline_request *q,
    struct out *o)
{
	uint8_t secret[STORE_LEDGER_SECRET];
	char host[SENSOR_NAME_MAX] = "";
	struct export_seal seal = { .secret = secret,
		.name = store_get(s->store, "sensor.name"),
		.at = s->now };
	bool done;

	if (q->is_unsigned)
		return baseline_export(s->baseline, NULL, o) ? EXIT_DONE
							     : out_of_memory();
	if (!store_ledger_secret(s->store, secret)) {
		complain("baseline: %s; --unsigned exports without",
		    store_error(s->store));
		return EXIT_INPUT;
	}
	if (seal.name[0] == '\0' && gethostname(host, sizeof(host) - 1) == 0)
		seal.name = host;
	done = baseline_export(s->baseline, &seal, o);
	explicit_bzero(secret, sizeof(secret));
	return done ? EXIT_DONE : out_of_memory();
}

/* 64 hexadecimal digits, as ledger.pub has them. */
static bool
read_key(const char *path, char ret[static 2 * EXPORT_PUBLIC + 1])
{
	struct span text;
	char *whole = file_read(path, 4096, &text);
	bool ok;

	if (whole == NULL)
		return false;
	ok = text.n >= 2 * EXPORT_PUBLIC;
	for (uint32_t i = 0; ok && i < 2 * EXPORT_PUBLIC; i++)
		ok = isxdigit(text.p[i]) != 0;
	if (ok)
		memcpy(ret, whole, 2 * EXPORT_PUBLIC);
	else
		complain("baseline: %s: is no public key: 64 hexadecimal "
			 "digits, as in ledger.pub of a state",
		    path);
	free(whole);
	return ok;
}

int
baseline_carry_in(const struct baseline_request *q)
{
	struct span text;
	char key[2 * EXPORT_PUBLIC + 1] = "";
	json_t *request;
	char *whole;

	if (q->n_word < 2) {
		complain("baseline: import FILE");
		return EXIT_USAGE;
	}
	if (q->key != NULL && !read_key(q->key, key))
		return EXIT_INPUT;
	whole = file_read(q->word[1], IMPORT_MAX, &text);
	if (whole == NULL)
		return EXIT_INPUT;
	request = ask_new("baseline.import");
	ask_text(request, "name", q->word[1]);
	ask_file(request, "text", text);
	if (q->key != NULL)
		ask_text(request, "key", key);
	free(whole);
	return ask("baseline", q->state, request);
}

int
baseline_compare(const struct baseline_request *q, struct out *o)
{
	struct diff_counts counts = { 0 };
	struct span a = { .n = 0 }, b = a;
	char *before, *after;
	bool done;

	if (q->n_word < 3) {
		complain("baseline: diff BEFORE AFTER (two exports)");
		return EXIT_USAGE;
	}
	before = file_read(q->word[1], IMPORT_MAX, &a);
	after = before != NULL ? file_read(q->word[2], IMPORT_MAX, &b) : NULL;
	if (after == NULL) {
		free(before);
		return EXIT_INPUT;
	}
	done = baseline_diff(a, b, o, &counts);
	free(before);
	free(after);
	if (!done) {
		complain("baseline: out of memory");
		return EXIT_INTERNAL;
	}
	outf(o, "%" PRIu32 " new, %" PRIu32 " gone, %" PRIu32 " changed\n",
	    counts.added, counts.gone, counts.changed);
	return EXIT_DONE;
}
