/*
 * http.h - HTTP/1.1 (RFC 9112) as far as WS-Management needs it: one POST,
 * one answer.  One thread.
 */
#ifndef WINDOWS_HTTP_H
#define WINDOWS_HTTP_H

#include "../base/rd.h"
#include "../base/wr.h"

#define HTTP_HEAD 16384u
#define HTTP_BODY (1u << 20) /* twice what we say we take */
#define HTTP_TOKEN 4096u

struct http_post {
	const char *host; /* "10.1.2.3:5986" */
	const char *type; /* of the body */
	const char *token; /* "Negotiate ...", base64; NULL: none */
	bool identify; /* without credentials */
	bool masked; /* there is a token, which is not shown */
	struct span body;
};
void http_put(struct wr *, const struct http_post *);

struct http_answer {
	uint32_t status;
	uint32_t length; /* of all of it, head and body as they came */
	uint32_t head; /* bytes of the head */
	bool negotiate; /* it would have Negotiate, or takes part in it */
	bool closes;
	bool sealed; /* multipart/encrypted */
	struct span body; /* put together, in the buffer given */
	char token[HTTP_TOKEN]; /* base64 of Negotiate, or "" */
};
enum http_is {
	HTTP_MORE, /* not all of it is there */
	HTTP_WHOLE,
	HTTP_ODD, /* cannot be one, or is too long: `why` */
};
/* What begins here; chunks are put together in `room`, HTTP_BODY bytes.
 * `closed`: nothing follows. */
enum http_is http_read(struct span, bool closed, uint8_t *room,
    struct http_answer *ret, const char **ret_why);

#endif
