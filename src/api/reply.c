/*
 * reply.c - answers: their headers, compression, and errors.
 *
 * Every answer carries the same strict headers.  What people may read only
 * signed in is not kept by caches, and what holds a secret is not compressed
 * (the length of compressed bytes would tell of it).
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "private.h"

#define SQUEEZE_LEAST 1024u

static const struct {
	const char *name, *value;
} strict[] = {
	{ "Strict-Transport-Security", "max-age=31536000" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "X-Frame-Options", "DENY" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Permissions-Policy",
	    "camera=(), microphone=(), geolocation=(), payment=(), usb=()" },
	{ "Content-Security-Policy",
	    "default-src 'none'; script-src 'self'; style-src 'self'; img-src "
	    "'self' data:; font-src 'self'; connect-src 'self'; manifest-src "
	    "'self'; base-uri 'none'; form-action 'none'; "
	    "frame-ancestors 'none'" },
};

void
add_header(struct request *rq, const char *name, const char *fmt, ...)
{
	va_list args;

	if (rq->n_headers == HEADERS)
		return;
	rq->header[rq->n_headers].name = name;
	va_start(args, fmt);
	(void)vsnprintf(rq->header[rq->n_headers].value,
	    sizeof(rq->header[0].value), fmt, args);
	va_end(args);
	rq->n_headers++;
}

/* The first failure is the answer. */
void
fail(struct request *rq, unsigned status, const char *code, const char *field,
    const char *fmt, ...)
{
	char text[512];
	va_list args;
	json_t *error;
	char *all;

	if (rq->status >= 400)
		return;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (rq->response != NULL) {
		MHD_destroy_response(rq->response);
		rq->response = NULL;
	}
	rq->status = status;
	rq->type = "application/json";
	error =
	    json_pack("{s:{s:s, s:s}}", "error", "code", code, "message", text);
	if (error != NULL && field != NULL)
		(void)json_object_set_new(json_object_get(error, "error"),
		    "field", json_string(field));
	all = error != NULL ? json_dumps(error, JSON_COMPACT) : NULL;
	json_decref(error);
	if (all == NULL) /* cut inside a character: without the sentence */
		all = strdup("{\"error\":{\"code\":\"bad-text\",\"message\":"
			     "\"The request is not valid text.\"}}");
	rq->response =
	    MHD_create_response_from_buffer(all != NULL ? strlen(all) : 0,
		all != NULL ? all : (void *)(uintptr_t) "",
		all != NULL ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
}

void
fail_store(struct request *rq, const char *why)
{
	server_log(rq->server, "%s %s: %s", rq->route->method, rq->route->path,
	    why);
	fail(rq, 503, "state", NULL,
	    "The state cannot be read at the moment; the sensor's log says "
	    "why.");
}

void
reply_static(struct request *rq, const void *p, size_t n, const char *type)
{
	rq->status = 200;
	rq->type = type;
	rq->response = MHD_create_response_from_buffer(n, (void *)(uintptr_t)p,
	    MHD_RESPMEM_PERSISTENT);
}

void
reply_with(struct request *rq, unsigned status, const char *type,
    struct MHD_Response *r)
{
	if (r == NULL) {
		fail(rq, 500, "memory", NULL, "Out of memory.");
		return;
	}
	rq->status = status;
	rq->type = type;
	rq->response = r;
}

/* ------------------------------------------------------------ compression */

/* Whether the list of encodings has the name without "q=0" (RFC 9110,
 * 12.5.3). */
static bool
accepts(const struct request *rq, const char *coding)
{
	const char *at = MHD_lookup_connection_value(rq->link, MHD_HEADER_KIND,
	    "Accept-Encoding");
	size_t n = strlen(coding);

	while (at != NULL && *at != '\0') {
		size_t len = strcspn(at, ",");
		size_t name = strcspn(at, ",; ");

		if (name == n && strncasecmp(at, coding, n) == 0) {
			const char *q = memmem(at, len, "q=0", 3);

			return q == NULL ||
			    strspn(q + 3, ".0") != (size_t)(at + len - q - 3);
		}
		at += len;
		at += strspn(at, ", ");
	}
	return false;
}

bool
request_accepts(const struct request *rq, const char *coding)
{
	return accepts(rq, coding);
}

static void *
squeeze(const void *p, size_t n, size_t *ret_n)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)p, .avail_in = (uInt)n };
	uLong room;
	void *dst;

	if (n > UINT32_MAX ||
	    deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) !=
		Z_OK)
		return NULL;
	room = deflateBound(&z, (uLong)n);
	dst = malloc(room);
	if (dst != NULL) {
		z.next_out = dst;
		z.avail_out = (uInt)room;
		if (deflate(&z, Z_FINISH) != Z_STREAM_END) {
			free(dst);
			dst = NULL;
		}
		*ret_n = room - z.avail_out;
	}
	(void)deflateEnd(&z);
	return dst;
}

static struct MHD_Response *
from_text(struct request *rq)
{
	const struct buffer *b = &rq->reader->text;
	struct MHD_Response *r;
	size_t n = b->n;
	void *p = NULL;

	if (n >= SQUEEZE_LEAST && !rq->secret && accepts(rq, "gzip"))
		p = squeeze(b->p, b->n, &n);
	if (p == NULL) {
		return MHD_create_response_from_buffer(b->n,
		    b->n > 0 ? b->p : (void *)(uintptr_t) "",
		    MHD_RESPMEM_MUST_COPY);
	}
	r = MHD_create_response_from_buffer(n, p, MHD_RESPMEM_MUST_FREE);
	if (r != NULL)
		(void)MHD_add_response_header(r, "Content-Encoding", "gzip");
	return r;
}

/* ---------------------------------------------------------------- sending */

static void
put_headers(struct request *rq, struct MHD_Response *r)
{
	bool keeps = false;

	for (size_t i = 0; i < sizeof(strict) / sizeof(strict[0]); i++)
		(void)MHD_add_response_header(r, strict[i].name,
		    strict[i].value);
	for (uint32_t i = 0; i < rq->n_headers; i++) {
		(void)MHD_add_response_header(r, rq->header[i].name,
		    rq->header[i].value);
		keeps |= strcmp(rq->header[i].name, "Cache-Control") == 0;
	}
	if (!keeps)
		(void)MHD_add_response_header(r, "Cache-Control", "no-store");
	(void)MHD_add_response_header(r, "Vary", "Accept-Encoding");
	if (rq->type != NULL && rq->status != 204 && rq->status != 304)
		(void)MHD_add_response_header(r, "Content-Type", rq->type);
}

/* Opened by itself in a browser it is a file and no page (RFC 6266), but for
 * the document that is there to be read. */
static void
name_file(const struct request *rq, struct MHD_Response *r)
{
	if (rq->route != NULL && rq->type != NULL &&
	    strcmp(rq->type, "application/json") == 0 &&
	    strcmp(rq->route->path, "/openapi.json") != 0)
		(void)MHD_add_response_header(r, "Content-Disposition",
		    "attachment; filename=\"api.json\"");
}

enum MHD_Result
reply_send(struct request *rq)
{
	struct MHD_Response *r = rq->response;
	enum MHD_Result sent = MHD_NO;

	if (rq->reader != NULL && r == NULL) {
		(void)out_flush(&rq->reader->out);
		if (rq->reader->text.failed)
			fail(rq, 500, "memory", NULL,
			    "The answer is too large.");
		r = rq->response;
	}
	if (r == NULL && rq->reader != NULL)
		r = from_text(rq);
	if (r == NULL)
		r = MHD_create_response_from_buffer(0, (void *)(uintptr_t) "",
		    MHD_RESPMEM_PERSISTENT);
	rq->response = NULL;
	if (r == NULL)
		return MHD_NO;
	if (rq->status == 0)
		rq->status = 204;
	if (rq->status == 401)
		(void)MHD_add_response_header(r, "WWW-Authenticate",
		    "Bearer realm=\"sightglass\"");
	if (rq->status >= 500)
		rq->server->failed++;
	else if (rq->status >= 400)
		rq->server->refused++;
	put_headers(rq, r);
	name_file(rq, r);
	sent = MHD_queue_response(rq->link, rq->status, r);
	MHD_destroy_response(r);
	return sent;
}
