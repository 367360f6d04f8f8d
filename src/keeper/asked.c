/*
 * asked.c - the keeper's part in asking devices: what may be asked stands on
 * the board, what was asked is kept as pcapng, and who says "stop" is heard
 * before the engine has even read it.
 */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

#define FILL_MS 1000
#define FRAME_MOST 65535u
#define FRAMES_MOST 2048u
#define LINK_RAW 101

static bool
count_range(void *ctx, const struct windows_range *r)
{
	uint32_t *n = ctx;

	*n += r->on;
	return true;
}

void
asked_tend(struct keeper *k, int64_t ms)
{
	uint32_t ranges = 0;

	if (k->board == NULL || k->page == NULL || ms < k->fill)
		return;
	k->fill = ms + FILL_MS;
	if (store_each_windows_range(k->store, count_range, &ranges))
		__atomic_store_n(&k->page->asking.ranges, ranges,
		    __ATOMIC_RELAXED);
	__atomic_store_n(&k->page->asking.grants,
	    board_fill(k->board, k->store, time_of_day()), __ATOMIC_RELAXED);
}

/* The frames of a request, decoded into `room`; how many. */
static uint32_t
decode(const json_t *list, struct store_frame *f, uint8_t *room, size_t cap)
{
	uint32_t n = 0;
	size_t at = 0, more;

	for (size_t i = 0; i < json_array_size(list) && n < FRAMES_MOST; i++) {
		const json_t *one = json_array_get(list, i);
		const char *text =
		    json_string_value(json_object_get(one, "bytes"));

		/* what an encrypted answer said did not pass like this */
		if (text == NULL || at + FRAME_MOST > cap ||
		    json_is_false(json_object_get(one, "passed")) ||
		    sodium_base642bin(room + at, FRAME_MOST, text, strlen(text),
			NULL, &more, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
			continue;
		f[n++] = (struct store_frame){ .at.ns = json_integer_value(
						   json_object_get(one, "at")),
			.bytes = SPAN(room + at, (uint32_t)more),
			.length = (uint32_t)more,
			.link = LINK_RAW };
		at += more;
	}
	return n;
}

static void
keep(struct keeper *k, const json_t *request)
{
	const json_t *list = json_object_get(request, "frames");
	size_t cap = FRAME_MOST, most = json_array_size(list);
	struct store_frame *f = calloc(FRAMES_MOST, sizeof(*f));
	char comment[200];
	struct asking by;
	uint8_t *room;

	for (size_t i = 0; i < most; i++)
		cap += json_string_length(
		    json_object_get(json_array_get(list, i), "bytes"));
	room = malloc(cap);
	if (f != NULL && room != NULL && most > 0 &&
	    store_get_asking(k->store,
		(uint32_t)json_integer_value(json_object_get(request, "id")),
		&by)) {
		(void)snprintf(comment, sizeof(comment),
		    "asked: %s, grant %" PRIu32 ", for %.80s", by.method, by.id,
		    by.owner);
		if (!store_put_asked(k->store, f, decode(list, f, room, cap),
			comment))
			say(SAY_ERROR, "%s", store_error(k->store));
	}
	free(room);
	free(f);
}

void
asked_request(struct keeper *k, const json_t *request)
{
	const char *verb = json_string_value(json_object_get(request, "verb"));

	if (verb == NULL)
		return;
	if (strcmp(verb, "active.stop") == 0 && k->page != NULL)
		__atomic_store_n(&k->page->asking.halt, true, __ATOMIC_RELAXED);
	if (strcmp(verb, "active.took") == 0)
		keep(k, request);
}
