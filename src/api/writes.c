/*
 * writes.c - what people decide is asked of the desk: of the running sensor's,
 * or, where none runs, of one that is opened for the one request.
 *
 * What only looks (levels of learning, keys of the baseline) is asked of a
 * desk over what was loaded from the state, so that looking costs the engine
 * nothing.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/hash.h"
#include "captures.h"
#include "private.h"

/* The desk is one thread's; so it is asked by one at a time. */
json_t *
desk_ask_with(struct server *sv, const json_t *request, int file,
    const char *who)
{
	json_t *answer;

	(void)pthread_mutex_lock(&sv->desk);
	if (captures_playing(sv->captures))
		answer = desk_failure("conflict",
		    "A capture is being played; try again when it has ended.");
	else if (sv->config.standalone)
		answer = desk_do_in(sv->config.state, request, who, now_tick());
	else
		answer = sv->config.ask != NULL
		    ? sv->config.ask(sv->config.ctx, request, file, who)
		    : NULL;
	(void)pthread_mutex_unlock(&sv->desk);
	models_stale(sv->models);
	kept_forget(sv);
	return answer;
}

static const struct {
	const char *code;
	unsigned status;
} codes[] = { { "absent", 404 }, { "conflict", 409 }, { "failed", 503 },
	{ "bad", 422 }, { "input", 422 } };

/* The sentence names options of the command line as such: "--force". */
static json_t *
check(struct request *rq, json_t *answer)
{
	const json_t *error = json_object_get(answer, "error");
	const char *code = json_string_value(json_object_get(error, "code"));
	unsigned status = 422;

	if (answer == NULL) {
		fail(rq, 503, "sensor", NULL,
		    "The sensor does not answer at the moment.");
		return NULL;
	}
	if (json_is_true(json_object_get(answer, "ok")))
		return answer;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (code != NULL && strcmp(codes[i].code, code) == 0)
			status = codes[i].status;
	fail(rq, status, code != NULL ? code : "bad",
	    json_string_value(json_object_get(error, "field")), "%s",
	    json_string_value(json_object_get(error, "message")));
	json_decref(answer);
	return NULL;
}

json_t *
desk_ask(struct request *rq, json_t *request)
{
	json_t *answer = desk_ask_with(rq->server, request, -1, rq->who.user);

	json_decref(request);
	return check(rq, answer);
}

json_t *
desk_look(struct request *rq, json_t *request)
{
	struct model *m = model_take(rq);
	struct server *sv = rq->server;
	json_t *answer = NULL;

	if (m != NULL) {
		struct desk d = { .store = model_store(sv->models),
			.assets = m->assets,
			.baseline = m->baseline,
			.learn_scale = m->learn_scale,
			.now = now_tick(),
			.who = rq->who.user };

		(void)pthread_mutex_lock(&sv->desk);
		answer = desk_do(&d, request);
		(void)pthread_mutex_unlock(&sv->desk);
		model_give(rq);
		answer = check(rq, answer);
	}
	json_decref(request);
	return answer;
}

void
audit(struct request *rq, const char *who, const char *what, const char *about,
    const char *fmt, ...)
{
	char text[400];
	json_t *request, *answer;
	const json_t *error;
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	request = json_pack("{s:s, s:s, s:s, s:s}", "verb", "note", "what",
	    what, "about", about, "text", text);
	answer = desk_ask_with(rq->server, request, -1, who);
	error = json_object_get(answer, "error");
	if (answer == NULL || error != NULL)
		server_log(rq->server,
		    "the timeline has no line of: %s %s %s (%s)", who, what,
		    text,
		    answer == NULL
			? "the sensor does not answer"
			: json_string_value(json_object_get(error, "message")));
	json_decref(request);
	json_decref(answer);
}

/* ----------------------------------------------------------------- answers */

static int
dump(const char *p, size_t n, void *o)
{
	out_bytes(o, p, n);
	return 0;
}

void
json_out(struct request *rq, json_t *v)
{
	if (v == NULL)
		return;
	(void)json_dump_callback(v, dump, rq->out,
	    JSON_COMPACT | JSON_ENCODE_ANY);
	rq->out->comma = true;
	json_decref(v);
}

void
json_out_items(struct request *rq, json_t *answer, const char *member)
{
	const json_t *list = json_object_get(answer, member);
	const json_t *total = json_object_get(answer, "total");
	struct items *it = calloc(1, sizeof(*it));
	size_t i;
	json_t *one;

	if (answer == NULL || it == NULL || !items_begin(it, rq)) {
		free(it);
		json_decref(answer);
		return;
	}
	json_array_foreach(list, i, one) {
		struct out *o = items_next(it);

		if (o == NULL)
			continue;
		(void)json_dump_callback(one, dump, o, JSON_COMPACT);
		items_end(it);
	}
	if (json_is_integer(total))
		it->total = (uint64_t)json_integer_value(total);
	items_finish(it);
	free(it);
	json_decref(answer);
}

void
desk_put(struct request *rq, const char *verb, json_t *more)
{
	json_t *request =
	    rq->body != NULL ? json_deep_copy(rq->body) : json_object();

	(void)json_object_set_new(request, "verb", json_string(verb));
	if (more != NULL)
		(void)json_object_update(request, more);
	json_decref(more);
	json_out(rq, desk_ask(rq, request));
}

/* -------------------------------------------------------------- concurrency */

uint64_t
etag_of(sqlite3_stmt *s)
{
	uint64_t h = 0;

	if (s == NULL || sqlite3_step(s) != SQLITE_ROW)
		return 0;
	for (int i = 0; i < sqlite3_column_count(s); i++) {
		struct span v = list_text(s, (uint32_t)i);

		h = hash_bytes(v.p != NULL ? v.p : (const uint8_t *)"", v.n,
		    h + (uint64_t)i + 1);
	}
	(void)sqlite3_reset(s);
	return h;
}

bool
etag_matches(struct request *rq, uint64_t etag)
{
	const char *want =
	    MHD_lookup_connection_value(rq->link, MHD_HEADER_KIND, "If-Match");
	char now[24];

	(void)snprintf(now, sizeof(now), "%016" PRIx64, etag);
	if (want == NULL || strstr(want, now) != NULL || strcmp(want, "*") == 0)
		return true;
	fail(rq, 412, "changed", NULL,
	    "Somebody else changed it since you looked.");
	return false;
}
