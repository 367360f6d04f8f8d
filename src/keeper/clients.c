/*
 * clients.c - the control socket: a JSON object a line, answered by one.
 *
 * Who asks is whom the kernel names; the web process says for which of the
 * console's users it asks: {"who": "...", "request": {...}}.  A client may
 * have one question open; what he sends meanwhile waits.  A file may come with
 * a question, for the engine, which cannot open any.
 */
#include <errno.h>
#include <jansson.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../process/control.h"
#include "private.h"

#define ANSWER_MS 60000
#define STEP 65536u

void
clients_init(struct keeper *k)
{
	for (unsigned i = 0; i < CLIENTS; i++)
		k->client[i] = (struct client){ .fd = -1, .file = -1 };
}

static void
drop(struct client *c)
{
	if (c->fd >= 0)
		(void)close(c->fd);
	if (c->file >= 0)
		(void)close(c->file);
	free(c->in);
	free(c->out);
	*c = (struct client){ .fd = -1, .file = -1 };
}

void
clients_close(struct keeper *k)
{
	for (unsigned i = 0; i < CLIENTS; i++)
		drop(&k->client[i]);
}

static struct client *
take_place(struct keeper *k, int fd)
{
	for (unsigned i = 0; i < CLIENTS; i++) {
		if (k->client[i].fd >= 0)
			continue;
		k->client[i] = (struct client){ .fd = fd, .file = -1 };
		return &k->client[i];
	}
	(void)close(fd);
	return NULL;
}

/* The name of the system's user.  The file itself is read: what else could
 * know users is not reached from here. */
static void
name_user(uid_t uid, char *dst, size_t cap)
{
	FILE *in = fopen("/etc/passwd", "re");
	const struct passwd *pw;

	(void)snprintf(dst, cap, "cli:%u", (unsigned)uid);
	while (in != NULL && (pw = fgetpwent(in)) != NULL) {
		if (pw->pw_uid != uid)
			continue;
		(void)snprintf(dst, cap, "cli:%.60s", pw->pw_name);
		break;
	}
	if (in != NULL)
		(void)fclose(in);
}

void
clients_accept(struct keeper *k)
{
	struct ucred from = { .pid = 0 };
	socklen_t n = sizeof(from);
	int fd = accept4(k->control, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct client *c = fd >= 0 ? take_place(k, fd) : NULL;

	if (c == NULL)
		return;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &from, &n) == 0)
		name_user(from.uid, c->who, sizeof(c->who));
	else
		drop(c);
}

void
clients_own(struct keeper *k, int fd, enum client_kind kind)
{
	struct client *c;

	for (unsigned i = 0; i < CLIENTS; i++)
		if (k->client[i].fd >= 0 && k->client[i].kind == kind)
			drop(&k->client[i]); /* of the one before */
	c = take_place(k, fd);
	if (c != NULL)
		c->kind = kind;
}

/* -------------------------------------------------------------------- out */

static void
flush(struct client *c)
{
	while (c->out_at < c->n_out) {
		ssize_t n = send(c->fd, c->out + c->out_at,
		    c->n_out - c->out_at, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			drop(c);
			return;
		}
		c->out_at += (size_t)n;
	}
	free(c->out);
	c->out = NULL;
	c->n_out = c->out_at = 0;
}

bool
client_wants_out(const struct client *c)
{
	return c->out_at < c->n_out;
}

static void
reply(struct client *c, struct span json)
{
	char *more = realloc(c->out, c->n_out + json.n + 1);

	c->asked = 0;
	if (more == NULL) {
		drop(c);
		return;
	}
	c->out = more;
	memcpy(c->out + c->n_out, json.p, json.n);
	c->n_out += json.n;
	c->out[c->n_out++] = '\n';
	flush(c);
}

static void
refuse(struct client *c, const char *code, const char *message)
{
	json_t *answer = json_pack("{s:b, s:{s:s, s:s}}", "ok", 0, "error",
	    "code", code, "message", message);
	char *text = json_dumps(answer, JSON_COMPACT);

	if (text != NULL)
		reply(c, span_text(text));
	else
		drop(c);
	free(text);
	json_decref(answer);
}

/* --------------------------------------------------------------------- in */

/* The probe tells what it was answered; it decides nothing. */
static bool
is_telling(const json_t *asked)
{
	const char *verb = json_string_value(json_object_get(asked, "verb"));

	return verb != NULL &&
	    (strcmp(verb, "active.took") == 0 ||
		strcmp(verb, "active.began") == 0 ||
		strcmp(verb, "active.ran") == 0);
}

static json_t *
envelope(const struct client *c, json_t *asked)
{
	if (c->kind == CLIENT_PROBE)
		return is_telling(asked)
		    ? json_pack("{s:s, s:O}", "who", "sensor", "request", asked)
		    : NULL;
	if (c->kind == CLIENT_WEB)
		return json_is_string(json_object_get(asked, "who")) &&
			json_is_object(json_object_get(asked, "request"))
		    ? json_incref(asked)
		    : NULL;
	return json_is_object(asked)
	    ? json_pack("{s:s, s:O}", "who", c->who, "request", asked)
	    : NULL;
}

/* What came with the question goes before it; false: refused. */
static bool
hand_file(struct keeper *k, struct client *c)
{
	struct stat is;
	int fd = c->file;
	bool plain, sent;

	if (fd < 0)
		return true;
	c->file = -1;
	/* reading it must not wait: frames do not */
	plain = fstat(fd, &is) == 0 && S_ISREG(is.st_mode);
	sent = plain && wire_send_file(&k->wire, c->asked, fd);
	(void)close(fd);
	if (!sent)
		refuse(c, plain ? "failed" : "bad",
		    plain ? "the sensor's engine cannot take it at present; "
			    "try again in a moment"
			  : "what was handed over is no file");
	return sent;
}

static void
ask(struct keeper *k, struct client *c, const char *line, size_t n)
{
	json_error_t error;
	json_t *asked = json_loadb(line, n, JSON_REJECT_DUPLICATES, &error);
	json_t *whole = asked != NULL ? envelope(c, asked) : NULL;
	char *text = whole != NULL ? json_dumps(whole, JSON_COMPACT) : NULL;

	if (whole != NULL)
		asked_request(k, json_object_get(whole, "request"));
	json_decref(asked);
	json_decref(whole);
	if (text == NULL) {
		refuse(c, "bad", "a request is a JSON object on one line");
		return;
	}
	c->asked = ++k->asks;
	c->until = monotonic_ms() + ANSWER_MS;
	if (!hand_file(k, c)) {
		free(text);
		return;
	}
	if (!wire_send(&k->wire, WIRE_ASK, c->asked, 0, span_text(text),
		SPAN(NULL, 0)))
		refuse(c, "failed",
		    "the sensor's engine does not run at present; try again "
		    "in a moment");
	free(text);
}

/* Whole lines, while no question is open. */
static void
take_lines(struct keeper *k, struct client *c)
{
	while (c->fd >= 0 && c->asked == 0) {
		char *end = c->n > 0 ? memchr(c->in, '\n', c->n) : NULL;
		size_t n = end != NULL ? (size_t)(end - c->in) : 0;

		if (end == NULL)
			return;
		if (n > 0)
			ask(k, c, c->in, n);
		if (c->fd < 0)
			return;
		memmove(c->in, c->in + n + 1, c->n - n - 1);
		c->n -= n + 1;
	}
}

/* recv(2), and a descriptor that comes with it. */
static ssize_t
receive(struct client *c)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} room;
	struct iovec bytes = { c->in + c->n, STEP };
	struct msghdr m = { .msg_iov = &bytes,
		.msg_iovlen = 1,
		.msg_control = room.bytes,
		.msg_controllen = sizeof(room.bytes) };
	ssize_t n;
	int fd;

	memset(&room, 0, sizeof(room));
	n = recvmsg(c->fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	fd = n > 0 ? control_file(&m) : -1;
	if (fd < 0)
		return n;
	if (c->file >= 0)
		(void)close(c->file);
	c->file = fd;
	return n;
}

static void
read_some(struct client *c)
{
	size_t cap = c->cap > 0 ? c->cap : STEP;
	ssize_t n;
	char *more;

	while (cap < c->n + STEP)
		cap *= 2;
	if (cap > 2 * (size_t)LINE_MOST) {
		drop(c);
		return;
	}
	more = cap != c->cap ? realloc(c->in, cap) : c->in;
	if (more == NULL) {
		drop(c);
		return;
	}
	c->in = more;
	c->cap = cap;
	n = receive(c);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		drop(c);
	else
		c->n += (size_t)n;
}

void
client_tend(struct keeper *k, struct client *c, bool readable)
{
	if (c->fd >= 0 && client_wants_out(c))
		flush(c);
	if (c->fd >= 0 && readable)
		read_some(c);
	take_lines(k, c);
}

/* ---------------------------------------------------------------- answers */

void
clients_answer(struct keeper *k, uint64_t number, struct span json)
{
	for (unsigned i = 0; i < CLIENTS; i++) {
		struct client *c = &k->client[i];

		if (c->fd < 0 || c->asked != number)
			continue;
		reply(c, json);
		take_lines(k, c);
		return;
	}
}

void
clients_expire(struct keeper *k, int64_t ms)
{
	for (unsigned i = 0; i < CLIENTS; i++)
		if (k->client[i].fd >= 0 && k->client[i].asked != 0 &&
		    ms > k->client[i].until)
			refuse(&k->client[i], "failed",
			    "the sensor did not answer in time");
}

void
clients_no_engine(struct keeper *k)
{
	for (unsigned i = 0; i < CLIENTS; i++)
		if (k->client[i].fd >= 0 && k->client[i].asked != 0)
			refuse(&k->client[i], "failed",
			    "the sensor's engine ended meanwhile; look "
			    "whether it was done, and try again");
}
