/*
 * directory.c - main's part in asking an LDAP directory: whether the process
 * is wanted, its socket to the web, and sockets to the servers.
 *
 * Those are opened by a child that lives as long as that takes: a name server
 * may be slow, and what it answers is parsed without main's rights.
 */
#include "../directory/directory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../base/hash.h"
#include "private.h"

#define SECOND_MS 1000
#define EACH_SECOND 32u /* sockets that are opened */
#define SPARE_SECONDS 2u

/* Another one when a setting of it is another. */
static uint64_t
settings_of(const struct config *c)
{
	uint64_t h = 0;

	for (uint32_t i = CONF_DIRECTORY; i <= CONF_DIRECTORY_ATTEMPTS; i++) {
		h = hash_bytes(c->text[i], strlen(c->text[i]), h + i);
		h = hash_bytes(&c->number[i], sizeof(c->number[i]), h);
	}
	return h;
}

void
directory_tend(struct supervisor *s)
{
	struct child *c = &s->child[PROCESS_DIRECTORY];
	bool wanted = s->config.number[CONF_DIRECTORY] == 1 &&
	    s->child[PROCESS_WEB].wanted;
	uint64_t settings = settings_of(&s->config);

	if (c->wanted && (!wanted || settings != s->directory_settings))
		child_stop(s, PROCESS_DIRECTORY);
	if (c->wanted && !wanted && s->child[PROCESS_WEB].leash >= 0)
		(void)leash_send(s->child[PROCESS_WEB].leash, LEASH_DIRECTORY,
		    0, -1, "");
	s->directory_settings = settings;
	c->wanted = wanted;
}

void
directory_join(struct supervisor *s)
{
	int web = s->child[PROCESS_WEB].leash;
	int asks = s->child[PROCESS_DIRECTORY].leash, pair[2];

	if (web < 0 || asks < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return;
	(void)leash_send(web, LEASH_DIRECTORY, 0, pair[0], "");
	(void)leash_send(asks, LEASH_DIRECTORY, 0, pair[1], "");
	(void)close(pair[0]);
	(void)close(pair[1]);
}

static void
open_for(const struct config *c, uint32_t number, int leash)
{
	char error[JAIL_ERROR];

	if (leash != LEASH_FD && dup2(leash, LEASH_FD) != LEASH_FD)
		_exit(1);
	(void)close_range(LEASH_FD + 1, ~0u, 0);
	(void)alarm(
	    (unsigned)c->number[CONF_DIRECTORY_TIMEOUT] + SPARE_SECONDS);
	if (!jail_become(c->text[CONF_USER], error) || !jail_drop(error))
		(void)leash_send(LEASH_FD, LEASH_SOCKET, number, -1, error);
	else
		directory_dial(c, number, LEASH_FD);
	_exit(0);
}

void
directory_socket(struct supervisor *s)
{
	int leash = s->child[PROCESS_DIRECTORY].leash;
	int64_t ms = monotonic_ms();
	pid_t child = -1;

	if (ms - s->directory_second >= SECOND_MS) {
		s->directory_second = ms;
		s->directory_dialled = 0;
	}
	if (s->directory_dialled++ < EACH_SECOND)
		child = fork();
	if (child == 0)
		open_for(&s->config, s->in.number, leash);
	if (child < 0)
		(void)leash_send(leash, LEASH_SOCKET, s->in.number, -1,
		    "cannot be reached at the moment");
}
