/*
 * fuzz_directory.c - an LDAP server that says anything: the first byte says
 * how it is asked (kind, service account or not, with a password or not), the
 * rest is what it answers, whatever is asked.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../src/directory/private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct said {
	const uint8_t *p;
	size_t n;
};

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* All of it is there from the start, and then it has hung up. */
static int
dial(void *ctx, uint32_t server, int64_t until, char why[static DIRECTORY_WHY])
{
	const struct said *s = ctx;
	int pair[2];

	(void)server;
	(void)until;
	why[0] = '\0';
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
	(void)!send(pair[1], s->p, s->n, MSG_NOSIGNAL);
	(void)shutdown(pair[1], SHUT_WR);
	must(dup2(pair[1], 250) == 250); /* open until the next: it listens */
	(void)close(pair[1]);
	return pair[0];
}

static struct config *
settings(uint8_t how)
{
	static struct config c;
	static const char *const pairs[] = { "directory.servers=ldap://a",
		"directory.clear=on", "directory.users=dc=x",
		"directory.admins=cn=a,dc=x;cn=b", "directory.readers=cn=c",
		"directory.timeout=1", "directory.bind=uid={user},dc=x" };
	char error[CONFIG_ERROR];

	config_init(&c);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		must(config_set_pair(&c, pairs[i], error));
	if ((how & 1) != 0)
		must(config_set_pair(&c, "directory.kind=plain", error));
	if ((how & 2) != 0)
		must(config_set_pair(&c, "directory.reader=cn=r", error));
	return &c;
}

static void
is_text(const char *text, size_t cap)
{
	must(memchr(text, '\0', cap) != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct asker_of of;
	static struct directory_answer a;
	struct directory_question q = { .user = "anna", .password = "secret" };
	struct said said = { .p = data + 1, .n = n - 1 };

	if (n == 0)
		return 0;
	memset(of.dead, 0, sizeof(of.dead));
	of.config = settings(data[0]);
	of.dial = dial;
	of.ctx = &said;
	q.wish = (data[0] & 4) != 0 ? DIRECTORY_LOOK : DIRECTORY_SIGN_IN;
	directory_answer_of(&of, &q, &a);
	must(a.how < DIRECTORY_HOWS && a.access < ACCESS_COUNT);
	must((a.how == DIRECTORY_YES) == (a.access != ACCESS_PUBLIC));
	must(a.n_groups <= DIRECTORY_GROUPS);
	is_text(a.dn, sizeof(a.dn));
	is_text(a.why, sizeof(a.why));
	for (uint32_t i = 0; i < a.n_groups; i++)
		is_text(a.group[i], sizeof(a.group[i]));
	return 0;
}
