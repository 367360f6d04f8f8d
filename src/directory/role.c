/*
 * role.c - the process that asks: given its settings, locked in, then one
 * question after the other.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "private.h"

#define LOOK_MS 250
#define TRUST_MOST 1048576u /* bytes of certificates */

struct role {
	struct config config;
	struct page *page; /* NULL: no sensor runs */
	int questions; /* -1: nobody asks */
	uint32_t serial; /* of sockets that are asked for */
	bool stopping;
	char *authorities;
	struct asker_of of;
	struct leash_message in;
};

static void
beat(const struct role *r)
{
	if (r->page != NULL)
		__atomic_store_n(&r->page->beat[PROCESS_DIRECTORY],
		    monotonic_ms(), __ATOMIC_RELAXED);
}

/* -------------------------------------------------------------- from main */

/* True: all is given. */
static bool
take(struct role *r, const struct leash_message *m)
{
	int fd = m->fd;

	if (m->kind == LEASH_CONFIG) {
		config_init(&r->config);
		(void)config_read(&r->config,
		    SPAN((const uint8_t *)m->text, m->n), NULL, NULL);
		say_as(PROCESS_DIRECTORY,
		    (enum say_level)r->config.number[CONF_LOG_LEVEL]);
	} else if (m->kind == LEASH_PAGE) {
		r->page = page_map(fd);
	} else if (m->kind == LEASH_DIRECTORY) {
		if (r->questions >= 0)
			(void)close(r->questions);
		r->questions = fd;
		fd = -1;
	} else if (m->kind == LEASH_STOP) {
		r->stopping = true;
	}
	if (fd >= 0)
		(void)close(fd);
	return m->kind == LEASH_START;
}

static bool
be_given(struct role *r)
{
	while (leash_receive(LEASH_FD, true, &r->in) > 0)
		if (take(r, &r->in))
			return true;
	return false;
}

/* What is on the leash; false: nobody holds it. */
static bool
hear(struct role *r)
{
	int got;

	while ((got = leash_receive(LEASH_FD, false, &r->in)) > 0)
		(void)take(r, &r->in);
	return got == 0;
}

/* While a server takes its time. */
static void
idle(void *ctx)
{
	struct role *r = ctx;

	beat(r);
	if (!hear(r))
		r->stopping = true;
	if (r->stopping)
		r->of.cord.until = 0;
}

/* The answer may be to an earlier one, that took too long. */
static int
dial(void *ctx, uint32_t server, int64_t until, char why[static DIRECTORY_WHY])
{
	struct role *r = ctx;
	uint32_t number = ++r->serial << 8 | server;
	struct pollfd p = { .fd = LEASH_FD, .events = POLLIN };
	int got = 1;

	(void)snprintf(why, DIRECTORY_WHY, "cannot be reached in time");
	if (!leash_send(LEASH_FD, LEASH_DIAL, number, -1, ""))
		return -1;
	while (!r->stopping && got >= 0 && monotonic_ms() < until) {
		beat(r);
		if (poll(&p, 1, LOOK_MS / 2) <= 0)
			continue;
		got = leash_receive(LEASH_FD, false, &r->in);
		if (got <= 0)
			continue;
		if (r->in.kind != LEASH_SOCKET || r->in.number != number) {
			(void)take(r, &r->in);
			continue;
		}
		if (r->in.fd < 0)
			(void)snprintf(why, DIRECTORY_WHY, "%.*s",
			    (int)DIRECTORY_WHY - 1, r->in.text);
		return r->in.fd;
	}
	return -1;
}

/* ------------------------------------------------------------- locking in */

static bool
load_trust(struct role *r, char why[static DIRECTORY_WHY])
{
	char error[CONFIG_ERROR];
	gnutls_datum_t pem;
	int n;

	if (gnutls_certificate_allocate_credentials(&r->of.trust) != 0)
		return false;
	if (r->config.text[CONF_DIRECTORY_CA][0] == '\0')
		return gnutls_certificate_set_x509_system_trust(r->of.trust) >=
		    0;
	r->authorities =
	    config_file(&r->config, CONF_DIRECTORY_CA, TRUST_MOST, error);
	if (r->authorities == NULL) {
		(void)snprintf(why, DIRECTORY_WHY, "%.*s",
		    (int)DIRECTORY_WHY - 1, error);
		return false;
	}
	pem.data = (unsigned char *)r->authorities;
	pem.size = (unsigned)strlen(r->authorities);
	n = gnutls_certificate_set_x509_trust_mem(r->of.trust, &pem,
	    GNUTLS_X509_FMT_PEM);
	if (n < 1)
		(void)snprintf(why, DIRECTORY_WHY,
		    "directory.ca: no certificate in it");
	return n >= 1;
}

static bool
begin(struct role *r, char why[static DIRECTORY_WHY])
{
	const struct jail nothing = { .n_path = 0 };
	char error[JAIL_ERROR], warning[JAIL_ERROR];
	const char *flaw = directory_flaw(&r->config);

	(void)snprintf(why, DIRECTORY_WHY, "out of memory");
	if (flaw != NULL) {
		(void)snprintf(why, DIRECTORY_WHY, "%s", flaw);
		return false;
	}
	/* while we may: it can be root's alone */
	if (!load_trust(r, why))
		return false;
	if (!jail_become(r->config.text[CONF_USER], error)) {
		(void)snprintf(why, DIRECTORY_WHY, "%s", error);
		return false;
	}
	if (directory_can_look(&r->config) &&
	    !directory_unseal(&r->config, r->of.password, why))
		return false;
	if (!jail_enter(PROCESS_DIRECTORY, &nothing, error, warning)) {
		(void)snprintf(why, DIRECTORY_WHY, "%s", error);
		return false;
	}
	r->of.config = &r->config;
	r->of.dial = dial;
	r->of.idle = idle;
	r->of.ctx = r;
	return leash_send(LEASH_FD, LEASH_READY, 0, -1, "");
}

/* ---------------------------------------------------------------- the loop */

static void
note(const struct directory_question *q, const struct directory_answer *a)
{
	static const char *const hows[DIRECTORY_HOWS] = { "yes",
		"wrong password", "no role", "unknown", "no answer" };

	if (a->how == DIRECTORY_AWAY)
		say(SAY_ERROR, "no server answers: %s", a->why);
	else
		say(SAY_DEBUG, "%s: %s", q->user, hows[a->how]);
}

static void
answer_one(struct role *r)
{
	static struct directory_answer a;
	struct directory_question q;
	ssize_t n = recv(r->questions, &q, sizeof(q), MSG_DONTWAIT);

	if (n == 0 || (n < 0 && r->page == NULL)) {
		(void)close(r->questions);
		r->questions = -1;
		r->stopping = r->page == NULL; /* it was all for them */
		return;
	}
	if (n != (ssize_t)sizeof(q))
		return;
	q.user[sizeof(q.user) - 1] = '\0';
	q.password[sizeof(q.password) - 1] = '\0';
	directory_answer_of(&r->of, &q, &a);
	note(&q, &a);
	explicit_bzero(&q, sizeof(q));
	(void)send(r->questions, &a, sizeof(a), MSG_NOSIGNAL);
}

static void
loop(struct role *r)
{
	while (!r->stopping) {
		struct pollfd p[2] = { { .fd = LEASH_FD, .events = POLLIN },
			{ .fd = r->questions, .events = POLLIN } };

		beat(r);
		if (poll(p, 2, LOOK_MS) <= 0)
			continue;
		if (p[0].revents != 0 && !hear(r))
			break;
		if (p[1].revents != 0 && p[1].fd == r->questions)
			answer_one(r);
	}
}

int
directory_main(void)
{
	struct role *r = calloc(1, sizeof(*r));
	char why[DIRECTORY_WHY];
	int status = 1;

	say_as(PROCESS_DIRECTORY, SAY_INFO);
	if (r == NULL)
		return 1;
	r->questions = r->of.cord.fd = -1;
	if (be_given(r)) {
		if (begin(r, why)) {
			loop(r);
			status = 0;
		} else {
			(void)leash_send(LEASH_FD, LEASH_CANNOT, 0, -1, why);
		}
	}
	explicit_bzero(r->of.password, sizeof(r->of.password));
	if (r->of.trust != NULL)
		gnutls_certificate_free_credentials(r->of.trust);
	free(r->authorities);
	free(r);
	return status;
}
