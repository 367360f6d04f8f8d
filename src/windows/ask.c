/*
 * ask.c - asking one endpoint, from the connection to its end.
 *
 * One exchange is one request to the governor: asked before, told after.
 * Credentials are tried once: the first refusal ends it.
 *
 *	Identify, without credentials
 *	Negotiate, empty: the server's challenge
 *	Negotiate, the answer; by HTTPS with the first query
 *	queries
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../base/out.h"
#include "../model/packet.h"
#include "http.h"
#include "peer.h"
#include "seal.h"
#include "soap.h"

#define ANSWER_NS (12 * TICK_SECOND) /* it is told to take ten at most */
#define SOAP_TYPE "application/soap+xml;charset=UTF-8"
#define IN_MOST (HTTP_BODY + HTTP_HEAD + 4096u)
#define OUT_MOST 16384u
#define PLAIN_PORT 5985
#define TLS_PORT 5986
#define FRAME 16384u /* bytes of one in the record */

struct asker {
	const struct windows_target *t;
	struct governor *governor;
	const struct windows_listener *l;
	struct windows_asked *ret;
	struct peer peer;
	struct ntlm ntlm;
	struct windows_talk talk;
	struct http_answer answer;
	char host[64];
	bool sealed; /* from now on */
	uint32_t lacking, forbidden; /* queries not answered, and why */
	struct trace trace;
	uint8_t body[TALK_REQUEST], token[NTLM_MESSAGE], out[OUT_MOST];
	uint8_t in[IN_MOST], room[HTTP_BODY];
};

uint16_t
windows_port(uint16_t said, bool plain)
{
	return said != 0 ? said : plain ? PLAIN_PORT : TLS_PORT;
}

static void
host_of(const struct windows_target *t, char *dst, size_t cap)
{
	char ip[ADDR_TEXT_MAX];

	(void)ip_text(&t->ip, ip);
	(void)snprintf(dst, cap, t->ip.len == 16 ? "[%s]:%u" : "%s:%u", ip,
	    windows_port(t->port, t->plain));
}

static void
url_of(const struct windows_target *t, char *dst, size_t cap)
{
	char host[64];

	host_of(t, host, sizeof(host));
	(void)snprintf(dst, cap, "%s://%s/wsman", t->plain ? "http" : "https",
	    host);
}

static bool
end_with(struct asker *a, enum windows_end end, const char *why)
{
	a->ret->end = end;
	(void)snprintf(a->ret->why, sizeof(a->ret->why), "%s", why);
	return false;
}

static struct tick
time_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (struct tick){ t.tv_sec * TICK_SECOND + t.tv_nsec };
}

/* ------------------------------------------------------------------- records
 */

static void
tell(struct asker *a, bool sent, uint8_t flags, struct span s)
{
	do {
		struct span part = span_first(s, FRAME);
		struct span f = trace_frame(&a->trace, sent, flags, part);

		if (a->l->frame != NULL && f.n > 0)
			a->l->frame(a->l->ctx, time_now(), f);
		s = span_from(s, part.n);
	} while (s.n > 0);
}

static void
tell_opened(struct asker *a)
{
	const struct span none = SPAN(a->in, 0);

	a->trace = (struct trace){ .local = a->peer.local,
		.remote = a->t->ip,
		.local_port = a->peer.local_port,
		.remote_port = PLAIN_PORT, /* as it is without TLS */
		.via = VIA_TCP,
		.seq = 1000,
		.ack = 2000 };
	tell(a, true, TCP_SYN, none);
	tell(a, false, TCP_SYN | TCP_ACK, none);
	tell(a, true, TCP_ACK, none);
}

/* The head as it came, but no tokens: with them a password can be guessed. */
static void
tell_answer(struct asker *a)
{
	struct wr w = { .p = a->in, .cap = sizeof(a->in) };
	char head[160];

	(void)snprintf(head, sizeof(head),
	    "HTTP/1.1 %u -\r\nContent-Type: " SOAP_TYPE
	    "\r\nContent-Length: %u\r\n\r\n",
	    a->answer.status, a->answer.body.n);
	wr_bytes(&w, head, (uint32_t)strlen(head));
	wr_bytes(&w, a->answer.body.p, a->answer.body.n);
	tell(a, false, TCP_PSH | TCP_ACK, wr_span(&w));
}

/* ------------------------------------------------------------------ exchanges
 */

/* Until the governor lets us; false: it does not, or was stopped. */
static bool
wait_turn(struct asker *a)
{
	for (;;) {
		struct device_pulse pulse = { .marked = false };
		struct tick now, when;
		enum governor_why why;

		if (a->l->pulse != NULL)
			a->l->pulse(a->l->ctx, &a->t->ip, &pulse);
		now = time_now(); /* that took a while */
		why = governor_may(a->governor, &a->t->ip, &pulse, now, &when);
		if (why == GOVERNOR_GO)
			return true;
		if (why == GOVERNOR_STOPPED)
			return end_with(a, ASK_STOPPED, "");
		if (when.ns == INT64_MAX)
			return end_with(a, ASK_LEFT, governor_why_text(why));
		if (peer_pause(a->l, when.ns - now.ns))
			return end_with(a, ASK_STOPPED, "");
	}
}

static bool
failed(struct asker *a, enum peer_is is, bool began)
{
	switch (is) {
	case PEER_STOPPED:
		return end_with(a, ASK_STOPPED, "");
	case PEER_UNTRUSTED:
		return end_with(a, ASK_UNTRUSTED, a->peer.why);
	case PEER_UNABLE:
		return end_with(a, ASK_UNABLE, a->peer.why);
	case PEER_LATE:
		return end_with(a, began ? ASK_SLOW : ASK_SILENT, "");
	case PEER_DONE:
	case PEER_REFUSED:
		break;
	}
	return end_with(a, began ? ASK_ODD : ASK_NOBODY,
	    began ? "it hung up" : "");
}

/* Until the answer is whole. */
static bool
receive(struct asker *a)
{
	const struct tick until = { peer_now().ns + ANSWER_NS };
	uint32_t n = 0, more;
	const char *why;

	for (;;) {
		enum peer_is is = peer_receive(&a->peer, a->in + n, IN_MOST - n,
		    until, &more);
		enum http_is http;

		if (is != PEER_DONE)
			return failed(a, is, n > 0);
		n += more;
		http = http_read(SPAN(a->in, n), more == 0, a->room, &a->answer,
		    &why);
		if (http == HTTP_WHOLE)
			return true;
		if (http == HTTP_ODD || n == sizeof(a->in))
			return end_with(a, ASK_ODD,
			    http == HTTP_ODD ? why : "too long");
	}
}

static bool
unseal(struct asker *a)
{
	struct span plain;

	if (!a->sealed || a->answer.body.n == 0 || a->answer.status == 401)
		return true;
	if (!a->answer.sealed ||
	    !seal_take(&a->ntlm, a->room, a->answer.body.n, &plain))
		return end_with(a, ASK_ODD,
		    "an answer that is not sealed by whom we asked");
	a->answer.body = plain;
	return true;
}

/* One request, one answer; opens the connection before the first. */
static bool
exchange(struct asker *a, const struct http_post *shown, struct http_post *post)
{
	struct wr w = WR(a->out);
	enum peer_is is = PEER_DONE;
	bool first = a->peer.fd < 0;

	if (!wait_turn(a))
		return false;
	governor_sent(a->governor, &a->t->ip, time_now());
	if (first)
		is = peer_open(&a->peer, a->t, a->l);
	memcpy(a->ret->pin, a->peer.pin, sizeof(a->ret->pin));
	if (is != PEER_DONE)
		return failed(a, is, false);
	if (first)
		tell_opened(a);
	http_put(&w, post);
	a->ret->requests++;
	is = peer_send(&a->peer, wr_span(&w),
	    (struct tick){ peer_now().ns + ANSWER_NS });
	w.n = 0;
	http_put(&w, shown);
	tell(a, true, TCP_PSH | TCP_ACK, wr_span(&w));
	if (is != PEER_DONE)
		return failed(a, is, true);
	if (!receive(a) || !unseal(a))
		return false;
	governor_over(a->governor, &a->t->ip, time_now());
	tell_answer(a);
	return true;
}

static bool
post(struct asker *a, const char *token, struct span body, bool identify)
{
	static uint8_t bytes[OUT_MOST];
	struct wr w = WR(bytes);
	struct http_post p = { .host = a->host,
		.type = SOAP_TYPE,
		.token = token,
		.identify = identify,
		.body = body };
	struct http_post shown = p;

	shown.masked = token != NULL;
	if (a->sealed) {
		seal_put(&a->ntlm, &w, body);
		p.type = SEAL_TYPE;
		p.body = wr_span(&w);
	}
	return exchange(a, &shown, &p);
}

/* -------------------------------------------------------------- credentials
 */

static void
who_asks(const struct asker *a, struct ntlm_credentials *ret)
{
	static char target[80];

	(void)snprintf(target, sizeof(target), "HTTP/%.*s",
	    (int)strcspn(a->host, a->t->ip.len == 16 ? "]" : ":") +
		(a->t->ip.len == 16),
	    a->host);
	*ret = (struct ntlm_credentials){ .user = a->t->user,
		.domain = a->t->domain,
		.password = a->t->password,
		.target = target,
		.binding = SPAN(a->peer.binding, a->peer.n_binding) };
	randombytes_buf(ret->challenge, sizeof(ret->challenge));
	randombytes_buf(ret->session, sizeof(ret->session));
	ret->time =
	    (uint64_t)(time_now().ns / 100) + UINT64_C(116444736000000000);
}

static bool
encode(struct span token, char *dst, size_t cap)
{
	if (sodium_base64_encoded_len(token.n, sodium_base64_VARIANT_ORIGINAL) >
	    cap)
		return false;
	(void)sodium_bin2base64(dst, cap, token.p, token.n,
	    sodium_base64_VARIANT_ORIGINAL);
	return true;
}

/* The server's challenge, answered into dst. */
static bool
answer_challenge(struct asker *a, char *dst, size_t cap)
{
	uint8_t challenge[NTLM_MESSAGE];
	struct wr w = WR(a->token);
	struct ntlm_credentials who;
	size_t n = 0;
	bool ok;

	who_asks(a, &who);
	ok = sodium_base642bin(challenge, sizeof(challenge), a->answer.token,
		 strlen(a->answer.token), NULL, &n, NULL,
		 sodium_base64_VARIANT_ORIGINAL) == 0 &&
	    ntlm_authenticate(&a->ntlm, SPAN(challenge, (uint32_t)n), &who,
		&w) &&
	    encode(wr_span(&w), dst, cap);
	sodium_memzero(&who, sizeof(who));
	return ok ||
	    end_with(a, ASK_UNABLE,
		"its challenge is not one of NTLMv2 with 128 bits");
}

/* With `body`, which is not sealed, or empty. */
static bool
sign_in(struct asker *a, struct span body)
{
	static char token[HTTP_TOKEN];
	struct wr w = WR(a->token);

	ntlm_negotiate(&a->ntlm, &w);
	if (!encode(wr_span(&w), token, sizeof(token)) ||
	    !post(a, token, SPAN(a->body, 0), false))
		return false;
	if (a->answer.status != 401 || a->answer.token[0] == '\0')
		return end_with(a, ASK_UNABLE,
		    "it does not offer Negotiate with NTLM; Kerberos alone "
		    "is not supported");
	if (!answer_challenge(a, token, sizeof(token)) ||
	    !post(a, token, body, false))
		return false;
	sodium_memzero(token, sizeof(token));
	if (a->answer.status == 401 || a->answer.status == 403)
		return end_with(a, ASK_DENIED,
		    "wrong, locked, or not in Remote Management Users");
	a->ret->proved = true;
	a->sealed = a->t->plain;
	return true;
}

/* -------------------------------------------------------------------- talking
 */

static bool
hear(struct asker *a)
{
	char why[TALK_WHY];

	if (a->answer.status == 401 || a->answer.status == 403)
		return end_with(a, ASK_FORBIDDEN, "it took the credentials");
	if (windows_talk_heard(&a->talk, a->answer.body, why))
		return true;
	return end_with(a, ASK_ODD, why);
}

/* The next envelope in a->body; n 0: it is over. */
static struct span
next_body(struct asker *a)
{
	struct wr w = WR(a->body);
	uint8_t id[16];

	randombytes_buf(id, sizeof(id));
	return windows_talk_next(&a->talk, id, &w) ? wr_span(&w)
						   : SPAN(a->body, 0);
}

/* A server that wants credentials for this, too, says 401: no matter. */
static bool
identify(struct asker *a)
{
	struct span body = next_body(a);

	if (!post(a, NULL, body, true))
		return false;
	if (a->answer.status != 401)
		return hear(a);
	a->talk.step = TALK_IDENTIFY;
	return windows_talk_heard(&a->talk,
	    SPAN_LIT("<Envelope><Body/></Envelope>"), a->ret->why);
}

static bool
talk(struct asker *a)
{
	struct span body;

	if (!identify(a))
		return false;
	body = next_body(a);
	if (body.n > 0 && a->t->plain) {
		if (!sign_in(a, SPAN(a->body, 0)) ||
		    !post(a, NULL, body, false))
			return false;
	} else if (body.n > 0 && !sign_in(a, body)) {
		return false;
	}
	while (body.n > 0) {
		if (!hear(a))
			return false;
		body = next_body(a);
		if (body.n > 0 && a->answer.closes)
			return end_with(a, ASK_ODD, "it hung up");
		if (body.n > 0 && !post(a, NULL, body, false))
			return false;
	}
	return true;
}

static void
on_item(void *ctx, const struct windows_item *item)
{
	struct asker *a = ctx;

	if (a->l->item != NULL)
		a->l->item(a->l->ctx, item);
}

static void
on_lack(void *ctx, const struct windows_query *q, const char *why)
{
	struct asker *a = ctx;

	a->lacking++;
	a->forbidden += strstr(why, "AccessDenied") != NULL ||
	    strstr(why, "ccess is denied") != NULL;
	if (a->l->lacks != NULL)
		a->l->lacks(a->l->ctx, q, why);
}

static void
finish(struct asker *a, bool good)
{
	a->ret->items = a->talk.items;
	a->ret->cut = a->talk.cut;
	if (good && a->ret->items == 0 && a->forbidden > 0)
		(void)end_with(a, ASK_FORBIDDEN,
		    "it took the credentials; see docs/windows.md for the "
		    "rights");
	else if (good)
		a->ret->end = ASK_DONE;
	if (!good && a->ret->end != ASK_STOPPED && a->ret->end != ASK_LEFT)
		governor_failed(a->governor, &a->t->ip, time_now());
	if (a->peer.fd >= 0 && a->ret->requests > 0)
		tell(a, true, TCP_FIN | TCP_ACK, SPAN(a->in, 0));
	peer_close(&a->peer);
}

void
windows_ask(const struct windows_target *t, struct governor *g,
    const struct windows_listener *l, struct windows_asked *ret)
{
	struct asker *a = calloc(1, sizeof(*a));
	char url[80];

	*ret = (struct windows_asked){ .end = ASK_LEFT };
	if (a == NULL) {
		(void)snprintf(ret->why, sizeof(ret->why), "out of memory");
		return;
	}
	a->t = t;
	a->governor = g;
	a->l = l;
	a->ret = ret;
	a->peer.fd = -1;
	host_of(t, a->host, sizeof(a->host));
	url_of(t, url, sizeof(url));
	windows_talk_begin(&a->talk, url, t->kinds);
	a->talk.ctx = a;
	a->talk.got = on_item;
	a->talk.lacks = on_lack;
	finish(a, talk(a));
	sodium_memzero(a, sizeof(*a));
	free(a);
}

/* --------------------------------------------------------------------- shown
 */

static void
show_post(struct out *o, const char *title, const struct http_post *p)
{
	static uint8_t bytes[OUT_MOST];
	struct wr w = WR(bytes);

	http_put(&w, p);
	outf(o, "--- %s\n", title);
	out_bytes(o, w.p, w.n);
	outf(o, "\n\n");
}

static void
show_body(struct out *o, struct http_post *p, const char *title,
    const struct wr *body)
{
	p->body = wr_span(body);
	show_post(o, title, p);
}

static void
show_query(struct out *o, struct http_post *p, const struct soap_to *to,
    const struct windows_query *q)
{
	uint8_t bytes[TALK_REQUEST];
	struct wr w = WR(bytes);
	char title[160], key[256];

	(void)snprintf(title, sizeof(title), "%s: %s%s", q->name, q->why,
	    q->instead ? " (only then)" : "");
	if (q->how == BY_WQL)
		soap_enumerate(&w, to, q->space, q->what);
	else if (q->how == BY_NUMBER)
		soap_registry(&w, to, "GetDWORDValue", q->what, q->value[0]);
	else
		soap_registry(&w, to, "EnumKey", q->what, NULL);
	show_body(o, p, title, &w);
	(void)snprintf(key, sizeof(key), "%s\\(a key it named)", q->what);
	if (q->how == BY_KEYS) {
		w.n = 0;
		soap_registry(&w, to, "EnumKey", key, NULL);
		show_body(o, p, "then, of each of its keys", &w);
	}
	for (uint32_t i = 0; q->how == BY_VALUES && i < 2; i++) {
		w.n = 0;
		soap_registry(&w, to, "GetStringValue", key, q->value[i]);
		show_body(o, p, "then, of each of its keys", &w);
	}
}

void
windows_show(struct out *o, const struct windows_target *t)
{
	static const uint8_t id[16];
	uint8_t bytes[TALK_REQUEST];
	struct wr w = WR(bytes);
	char host[64], url[80];
	const struct soap_to to = { url, id };
	struct http_post p = { .host = host, .type = SOAP_TYPE };

	host_of(t, host, sizeof(host));
	url_of(t, url, sizeof(url));
	soap_identify(&w);
	p.identify = true;
	show_body(o, &p, "who are you? (without credentials)", &w);
	p.identify = false;
	p.masked = true;
	w.n = 0;
	show_body(o, &p, "sign in: what we can (masked)", &w);
	show_body(o, &p,
	    t->plain ? "sign in: the answer to its challenge (masked)"
		     : "sign in: the answer to its challenge (masked); with "
		       "the first query",
	    &w);
	p.masked = false;
	for (uint32_t i = 0; i < windows_query_count; i++) {
		uint64_t kinds = 0;

		for (uint32_t k = 0; k < windows_queries[i].n; k++)
			kinds |= UINT64_C(1) << windows_queries[i].item[k].kind;
		if ((kinds & t->kinds) != 0)
			show_query(o, &p, &to, &windows_queries[i]);
	}
	w.n = 0;
	soap_pull(&w, &to, "root/cimv2", "(what it called the enumeration)");
	show_body(o, &p,
	    "after each query that has more than 50 objects, until the last",
	    &w);
}
