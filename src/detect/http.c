/*
 * http.c - headers of requests that no browser or device sends.
 *
 * Servers in controllers and gateways are small; what overruns their buffers,
 * or splits a request in two behind a proxy, is told by the header's measure.
 */
#include <stdio.h>

#include "watch.h"

#define SIZE 0xffffffu
#define FIELDS 0x7fu
#define ILLEGAL (1u << 31)

static void
too_much(struct detect *d, const struct event *e, enum alert_id row, uint32_t n,
    const char *what)
{
	char text[256], from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];

	(void)snprintf(text, sizeof(text),
	    "The header of a request from %s to %s has %u %s: %.*s",
	    ip_text(&e->talk->client.ip, from),
	    ip_text(&e->talk->server.ip, to), n, what, (int)e->fact->text_len,
	    e->fact->text);
	detect_raise(d, e, &(struct finding){ .row = row, .text = text });
}

void
detector_http(struct detect *d, const struct event *e)
{
	const struct fact *f = e->fact;
	const uint32_t size = f->code & SIZE, fields = f->code >> 24 & FIELDS;
	uint32_t within;

	if (!f->is_message || f->response)
		return;
	if (size >= watch_limit(d, ALERT_message_length, &within))
		too_much(d, e, ALERT_message_length, size, "bytes");
	else if (size >= watch_limit(d, ALERT_http_header_length, &within))
		too_much(d, e, ALERT_http_header_length, size, "bytes");
	if (fields >= watch_limit(d, ALERT_http_header_fields, &within))
		too_much(d, e, ALERT_http_header_fields, fields, "fields");
	if ((f->code & ILLEGAL) != 0)
		detect_raise(d, e,
		    &(struct finding){ .row = ALERT_http_header_content });
}
