/*
 * tell.c - what was asked and answered, told to the keeper: a request of the
 * desk a line.  Its answers say nothing we would act on.
 */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "private.h"

#define OUT_MOST ((size_t)32 << 20)
#define BASE64_MOST (4 * (65535 / 3 + 1) + 1)

/* -------------------------------------------------------------------- lines
 */

static void
put(struct asker *a, json_t *request)
{
	char *text = json_dumps(request, JSON_COMPACT), *more = NULL;
	size_t n = text != NULL ? strlen(text) : 0;

	json_decref(request);
	if (n > 0 && a->n_out + n + 1 <= OUT_MOST)
		more = realloc(a->out, a->n_out + n + 1);
	if (more != NULL) {
		a->out = more;
		memcpy(a->out + a->n_out, text, n);
		a->n_out += n;
		a->out[a->n_out++] = '\n';
	} else {
		say(SAY_ERROR, "what was answered could not be kept");
	}
	free(text);
	tell_flush(a);
}

static void
drop_answers(struct asker *a)
{
	char bytes[4096];

	while (recv(a->keeper, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
}

void
tell_flush(struct asker *a)
{
	if (a->keeper < 0)
		return;
	drop_answers(a);
	while (a->out_at < a->n_out) {
		ssize_t n = send(a->keeper, a->out + a->out_at,
		    a->n_out - a->out_at, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return; /* full, or gone: main brings another one */
		a->out_at += (size_t)n;
	}
	a->out_at = a->n_out = 0;
}

bool
tell_is_behind(const struct asker *a)
{
	return a->n_out - a->out_at > OUT_MOST / 2;
}

/* ------------------------------------------------------------------- parcels
 */

/* NULL: there are as many as may be, which the probe does not do. */
static struct parcel *
parcel_of(struct asker *a, const struct ip *ip)
{
	struct parcel *empty = NULL;

	for (uint32_t i = 0; i < PARCELS; i++) {
		if (memcmp(&a->parcel[i].ip, ip, sizeof(*ip)) == 0)
			return &a->parcel[i];
		if (a->parcel[i].ip.len == 0)
			empty = &a->parcel[i];
	}
	if (empty != NULL) {
		empty->ip = *ip;
		empty->frames = json_array();
	}
	return empty;
}

static void
send_parcel(struct asker *a, struct parcel *p, const char *how,
    uint32_t answers)
{
	char ip[ADDR_TEXT_MAX];

	put(a,
	    json_pack("{s:s, s:I, s:s, s:o, s:s, s:I}", "verb", "active.took",
		"id", (json_int_t)a->grant, "ip", ip_text(&p->ip, ip), "frames",
		p->frames, "how", how, "answers", (json_int_t)answers));
	p->frames = NULL;
	p->ip.len = 0;
	memset(&p->ip, 0, sizeof(p->ip));
}

void
tell_frame(struct asker *a, const struct ip *ip, struct tick at,
    struct span bytes, bool passed)
{
	static char text[BASE64_MOST];
	struct parcel *p = parcel_of(a, ip);

	if (p == NULL)
		return;
	(void)sodium_bin2base64(text, sizeof(text), bytes.p, bytes.n,
	    sodium_base64_VARIANT_ORIGINAL);
	(void)json_array_append_new(p->frames,
	    json_pack("{s:I, s:s, s:b}", "at", (json_int_t)at.ns, "bytes", text,
		"passed", passed));
	if (json_array_size(p->frames) >= PARCEL_FRAMES)
		send_parcel(a, p, "", 0);
}

void
tell_end(struct asker *a, const struct ip *ip, const char *how,
    uint32_t answers)
{
	struct parcel *p = parcel_of(a, ip);

	if (p != NULL)
		send_parcel(a, p, how, answers);
}

void
tell_began(struct asker *a, uint32_t grant)
{
	put(a,
	    json_pack("{s:s, s:I}", "verb", "active.began", "id",
		(json_int_t)grant));
}

void
tell_ran(struct asker *a, uint32_t grant, const char *text)
{
	put(a,
	    json_pack("{s:s, s:I, s:s}", "verb", "active.ran", "id",
		(json_int_t)grant, "text", text));
}
