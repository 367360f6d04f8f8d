/*
 * fuzz_api.c - what strangers write into requests: a condition, an order and a
 * cursor over a list, and a body against a schema.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../src/api/private.h"
#include "../src/base/hash.h"
#include "../src/proto/proto.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static struct store *db;
static char folder[] = "/tmp/fuzz-api-XXXXXX";

static void
begin(void)
{
	char error[STORE_ERROR];

	proto_init();
	if (mkdtemp(folder) == NULL)
		abort();
	db = store_open(folder, STORE_MAKING, error);
	if (db == NULL)
		abort();
}

static bool
take(void *ctx, struct sqlite3_stmt *row)
{
	(void)ctx;
	(void)row;
	return true;
}

/* The next text, to a line's end. */
static const char *
next(char **at)
{
	char *text = strsep(at, "\n");

	return text != NULL && text[0] != '\0' ? text : NULL;
}

static void
page(char *text)
{
	static const struct list *const lists[] = { &list_alerts, &list_devices,
		&list_conversations, &list_timeline, &list_indicators,
		&list_learned };
	const char *which = next(&text);
	struct page_request q = { .where = next(&text),
		.sort = next(&text),
		.cursor = next(&text),
		.limit = 10 };
	struct query_error e;
	struct page page;

	(void)list_page(lists[which != NULL ? (unsigned char)*which % 6 : 0],
	    db, &q, take, NULL, &page, &e);
}

static void
body(const char *text)
{
	json_t *v = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	char field[64], why[256];

	for (uint32_t i = 0; v != NULL && i < n_schemas; i++)
		(void)schema_check(&schemas[i], v, field, sizeof(field), why,
		    sizeof(why));
	json_decref(v);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char arg[ROUTE_ARGS][ARG_MAX_LENGTH], allow[128];
	char *text;

	if (db == NULL)
		begin();
	text = strndup((const char *)p, n);
	if (text == NULL)
		return 0;
	if (text_is_utf8(text, strlen(text))) {
		(void)route_find("GET", text, arg, allow, sizeof(allow));
		(void)password_flaw(text, "anna");
		body(text);
		page(text);
	}
	free(text);
	return 0;
}
