/*
 * server.c - the HTTPS server: from a request's first byte to the end of its
 * answer (RFC 9110, 9112; libmicrohttpd).
 *
 * What can be refused by its head alone (path, method, who asks, how large)
 * is, before a byte of the body is taken.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "handlers.h"
#include "lookups.h"
#include "tls.h"

#define THREADS 4u
#define CONNECTIONS 512u
#define CONNECTIONS_EACH 128u /* of one address */
#define IDLE_SECONDS 30u
#define BODY_MOST ((int64_t)1 << 20)
#define TABLE_MOST ((int64_t)16 << 20) /* of a table of devices */
#define UPLOAD_MOST ((int64_t)2 << 30) /* a capture */
#define DRAIN_MOST ((int64_t)1 << 20) /* of a body that is refused */
#define API "/api/v1"

void
server_log(struct server *sv, const char *fmt, ...)
{
	char line[1024];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	if (sv->config.say != NULL)
		sv->config.say(sv->config.ctx, line);
}

/* -------------------------------------------------------- what is refused */

static void
find_source(struct request *rq)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(rq->link,
	    MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const void *from = NULL;
	int family = AF_UNSPEC;

	if (info != NULL && info->client_addr != NULL) {
		family = info->client_addr->sa_family;
		from = family == AF_INET6
		    ? (const void *)&(
			  (const struct sockaddr_in6 *)(const void *)
			      info->client_addr)
			  ->sin6_addr
		    : (const void *)&((const struct sockaddr_in *)(const void *)
					  info->client_addr)
			  ->sin_addr;
	}
	if (from == NULL ||
	    inet_ntop(family, from, rq->source, sizeof(rq->source)) == NULL)
		(void)snprintf(rq->source, sizeof(rq->source), "unknown");
}

static const char *
header_of(const struct request *rq, const char *name)
{
	return MHD_lookup_connection_value(rq->link, MHD_HEADER_KIND, name);
}

static bool
is_write(const char *method)
{
	return strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0 &&
	    strcmp(method, "OPTIONS") != 0;
}

static bool
find_route(struct request *rq, const char *method, const char *path)
{
	char allow[128];

	rq->route = route_find(method, path, rq->arg, allow, sizeof(allow));
	if (rq->route != NULL)
		return true;
	if (allow[0] == '\0') {
		fail(rq, 404, "not-found", NULL, "There is nothing here.");
		return false;
	}
	add_header(rq, "Allow", "%s", allow);
	if (strcmp(method, "OPTIONS") == 0)
		rq->status = 204;
	else
		fail(rq, 405, "method", NULL,
		    "This cannot be done here; there is %s.", allow);
	return false;
}

/* Whose pages may talk to us: our own names only (DNS rebinding). */
static bool
check_host(struct request *rq)
{
	const char *host = header_of(rq, "Host");
	char name[256];
	size_t n;

	if (host == NULL) {
		fail(rq, 400, "host", NULL, "The request names no host.");
		return false;
	}
	n = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
	if (n < sizeof(name)) {
		unsigned char any[16];

		(void)snprintf(name, sizeof(name), "%.*s", (int)n, host);
		if (host[0] == '[' || inet_pton(AF_INET, name, any) == 1 ||
		    tls_has_name(rq->server->tls, name) ||
		    server_has_name(rq->server, name))
			return true;
	}
	fail(rq, 421, "host", NULL,
	    "The sensor is not known under this name: use its address, its "
	    "host name, or one that its certificate has.");
	return false;
}

static int64_t
promised(const struct request *rq)
{
	const char *text = header_of(rq, "Content-Length");

	return text != NULL ? strtoll(text, NULL, 10)
	    : header_of(rq, "Transfer-Encoding") != NULL ? -1
							 : 0;
}

static int64_t
body_most(const struct route *r)
{
	if (r->takes == NULL)
		return 0;
	if (strcmp(r->takes, "bytes") == 0)
		return UPLOAD_MOST;
	return strcmp(r->takes, "DevicesImport") == 0 ? TABLE_MOST : BODY_MOST;
}

static bool
check_body(struct request *rq)
{
	const char *type = header_of(rq, "Content-Type");
	bool bytes =
	    rq->route->takes != NULL && strcmp(rq->route->takes, "bytes") == 0;
	int64_t n = promised(rq);

	if (n > body_most(rq->route)) {
		fail(rq, 413, "too-large", NULL,
		    "At most %lld bytes are taken here.",
		    (long long)body_most(rq->route));
		return false;
	}
	if (n == 0 || rq->route->takes == NULL)
		return true;
	if (type != NULL &&
	    strncasecmp(type,
		bytes ? "application/octet-stream" : "application/json",
		bytes ? 24 : 16) == 0)
		return true;
	fail(rq, 415, "media-type", NULL, "The body must be %s.",
	    bytes ? "application/octet-stream" : "application/json");
	return false;
}

/* Who is signed in and tries what the role does not allow: one line a second,
 * so that nobody fills the timeline. */
static void
note_refusal(struct request *rq)
{
	int64_t now = now_seconds();

	if (atomic_exchange(&rq->server->refusal_at, now) != now)
		audit(rq, rq->who.user, "user", rq->who.user,
		    "refused from %s: %s %s needs the role %s", rq->source,
		    rq->route->method, rq->route->path,
		    access_name(rq->route->access));
}

static bool
check_access(struct request *rq)
{
	if (rq->route->access == ACCESS_PUBLIC)
		return true;
	if (!auth_who(rq))
		return false;
	if (rq->who.access >= rq->route->access)
		return true;
	note_refusal(rq);
	fail(rq, 403, "role", NULL, "This needs the role %s.",
	    access_name(rq->route->access));
	return false;
}

/* By its head; what is refused has its answer. */
static void
look_at_head(struct request *rq, const char *method, const char *url)
{
	find_source(rq);
	if (!check_host(rq))
		return;
	if (strncmp(url, API "/", sizeof(API)) == 0) {
		if (!find_route(rq, method, url + sizeof(API) - 1))
			return;
	} else if (strcmp(url, "/healthz") == 0 ||
	    strcmp(url, "/metrics") == 0) {
		if (!find_route(rq, method, url))
			return;
	} else {
		if (is_write(method) || strcmp(method, "OPTIONS") == 0) {
			add_header(rq, "Allow", "GET, HEAD");
			fail(rq, 405, "method", NULL, "Only GET and HEAD.");
		} else if (!assets_serve(rq, url)) {
			fail(rq, 404, "not-found", NULL,
			    "There is nothing here.");
		}
		return;
	}
	if (!check_access(rq) || !params_are_known(rq) ||
	    (is_write(method) && !auth_same_site(rq)) || !check_body(rq))
		return;
	if (rq->route->takes != NULL &&
	    strcmp(rq->route->takes, "bytes") == 0 && !upload_begin(rq))
		return;
}

/* --------------------------------------------------------------- answering */

static bool
read_body(struct request *rq)
{
	const struct schema *s;
	json_error_t e;
	char field[64], why[256];

	if (rq->route->takes == NULL || rq->body != NULL ||
	    strcmp(rq->route->takes, "bytes") == 0)
		return true;
	if (rq->raw.failed) {
		fail(rq, 413, "too-large", NULL,
		    "At most %lld bytes are taken here.",
		    (long long)body_most(rq->route));
		return false;
	}
	rq->body = json_loadb(rq->raw.n > 0 ? rq->raw.p : "{}",
	    rq->raw.n > 0 ? rq->raw.n : 2, JSON_REJECT_DUPLICATES, &e);
	if (rq->body == NULL) {
		fail(rq, 400, "json", NULL,
		    "The body is not JSON: line %d, column %d.", e.line,
		    e.column);
		return false;
	}
	s = schema_find(rq->route->takes);
	if (s != NULL &&
	    !schema_check(s, rq->body, field, sizeof(field), why,
		sizeof(why))) {
		fail(rq, 422, "body", field[0] != '\0' ? field : NULL, "%s",
		    why);
		return false;
	}
	return true;
}

static void
run(struct request *rq)
{
	char error[STORE_ERROR];

	if (!read_body(rq))
		return;
	rq->reader = readers_take(rq->server->readers, error);
	if (rq->reader == NULL) {
		fail_store(rq, error);
		return;
	}
	rq->out = &rq->reader->out;
	rq->type = "application/json";
	rq->route->run(rq);
	if (rq->status == 0 && !rq->waits)
		rq->status = rq->route->answer == ANSWER_NONE ? 204 : 200;
}

/* ------------------------------------------------------------- the daemon */

static void
end(void *cls, struct MHD_Connection *link, void **con,
    enum MHD_RequestTerminationCode why)
{
	struct request *rq = *con;

	(void)cls;
	(void)link;
	(void)why;
	if (rq == NULL)
		return;
	upload_end(rq);
	if (rq->response != NULL)
		MHD_destroy_response(rq->response);
	lookup_forget(rq);
	json_decref(rq->body);
	buffer_free(&rq->raw);
	free(rq);
	*con = NULL;
}

static void
give_reader(struct request *rq)
{
	if (rq->reader != NULL)
		readers_give(rq->server->readers, rq->reader);
	rq->reader = NULL;
	rq->out = NULL;
}

static enum MHD_Result
answer(struct request *rq)
{
	enum MHD_Result sent = reply_send(rq);

	give_reader(rq);
	return sent;
}

static enum MHD_Result
begin(struct server *sv, struct MHD_Connection *link, const char *url,
    const char *method, void **con)
{
	struct request *rq = calloc(1, sizeof(*rq));
	int64_t n;

	if (rq == NULL)
		return MHD_NO;
	*con = rq;
	rq->server = sv;
	rq->link = link;
	rq->upload = -1;
	sv->requests++;
	look_at_head(rq, method, url);
	n = promised(rq);
	/* refused, and more to come than is worth listening to */
	if (rq->status != 0 && (n < 0 || n > DRAIN_MOST))
		return answer(rq);
	return MHD_YES;
}

static void
take(struct request *rq, const char *p, size_t n)
{
	if (rq->status != 0)
		return;
	if (rq->upload >= 0)
		upload_take(rq, p, n);
	else if (rq->raw.n + n > (size_t)body_most(rq->route))
		fail(rq, 413, "too-large", NULL,
		    "At most %lld bytes are taken here.",
		    (long long)body_most(rq->route));
	else
		buffer_put(&rq->raw, p, n);
}

static enum MHD_Result
serve(void *cls, struct MHD_Connection *link, const char *url,
    const char *method, const char *version, const char *data, size_t *n,
    void **con)
{
	struct request *rq = *con;

	(void)version;
	if (rq == NULL)
		return begin(cls, link, url, method, con);
	if (*n > 0) {
		take(rq, data, *n);
		*n = 0;
		return MHD_YES;
	}
	if (rq->status == 0)
		run(rq);
	if (rq->waits) { /* it comes back */
		rq->waits = false;
		give_reader(rq);
		return MHD_YES;
	}
	return answer(rq);
}

static void complain(void *cls, const char *fmt, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Strangers' handshakes that fail, and browsers that leave while they are
 * answered, are no news. */
static bool
is_news(const char *line)
{
	static const char *const common[] = { "TLS", "onnection", "handshake",
		"Failed to send" };

	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		if (strstr(line, common[i]) != NULL)
			return false;
	return true;
}

static void
complain(void *cls, const char *fmt, va_list args)
{
	struct server *sv = cls;
	char line[512];

	(void)vsnprintf(line, sizeof(line), fmt, args);
	line[strcspn(line, "\n")] = '\0';
	if (is_news(line))
		server_log(sv, "web: %s", line);
}

bool
server_start(struct server *sv, int socket)
{
	sv->daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD |
		MHD_USE_TLS | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME |
		MHD_USE_ITC,
	    0, NULL, NULL, serve, sv, MHD_OPTION_EXTERNAL_LOGGER, complain, sv,
	    MHD_OPTION_LISTEN_SOCKET, socket, MHD_OPTION_THREAD_POOL_SIZE,
	    THREADS, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS,
	    MHD_OPTION_PER_IP_CONNECTION_LIMIT, CONNECTIONS_EACH,
	    MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)64 * 1024,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_COMPLETED, end,
	    NULL, MHD_OPTION_HTTPS_PRIORITIES, TLS_PRIORITIES,
	    MHD_OPTION_HTTPS_CERT_CALLBACK, tls_hand_out, MHD_OPTION_END);
	return sv->daemon != NULL;
}
