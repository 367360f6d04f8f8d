/*
 * serve_decoder.c - see serve_decoder.h.
 *
 * Started with the first request, and anew when it ended or did not answer:
 * what main is to it in a running sensor (src/main), the server is here.
 */
#include "serve_decoder.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../decoder/decoder.h"
#include "../process/leash.h"

static const struct config *settings;
static struct decoder_asker asker = { .socket = -1 };
static pid_t child = -1;
static int leash = -1;

void
serve_decoder_settings(const struct config *c)
{
	settings = c;
}

static void
end(void)
{
	if (child > 0) {
		(void)kill(child, SIGKILL);
		(void)waitpid(child, NULL, 0);
		(void)close(leash);
		(void)close(asker.socket);
	}
	child = -1;
	asker.socket = leash = -1;
}

static pid_t
spawn(int its_leash)
{
	char *argv[] = { (char[]){ "sightglass" }, (char[]){ "--role=decoder" },
		NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;

	/* a copy: of itself it would be closed with exec() */
	its_leash = fcntl(its_leash, F_DUPFD_CLOEXEC, LEASH_FD + 1);
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_adddup2(&actions, its_leash, LEASH_FD);
	if (its_leash < 0 ||
	    posix_spawn(&pid, "/proc/self/exe", &actions, NULL, argv,
		environ) != 0)
		pid = -1;
	(void)posix_spawn_file_actions_destroy(&actions);
	if (its_leash >= 0)
		(void)close(its_leash);
	return pid;
}

/* All that it is given; what does not arrive it waits for in vain, and the
 * first request ends it. */
static void
give(int socket)
{
	static char text[LEASH_TEXT];
	static struct config c;

	c = *settings;
	c.text[CONF_USER][0] = '\0'; /* it stays who the server is */
	text[config_write(&c, text, sizeof(text))] = '\0';
	(void)leash_send(leash, LEASH_CONFIG, 0, -1, text);
	(void)leash_send(leash, LEASH_DECODER, 0, socket, "");
	(void)leash_send(leash, LEASH_START, 0, -1, "");
}

static void
begin(void)
{
	int own[2], pair[2];

	if (!leash_pair(own))
		return;
	if (!leash_pair(pair)) {
		(void)close(own[0]);
		(void)close(own[1]);
		return;
	}
	child = spawn(own[1]);
	leash = own[0];
	asker.socket = pair[0];
	if (child > 0)
		give(pair[1]);
	(void)close(own[1]);
	(void)close(pair[1]);
	if (child > 0)
		return;
	(void)close(leash);
	(void)close(asker.socket);
	asker.socket = leash = -1;
}

json_t *
serve_decode(void *ctx, int evidence)
{
	json_t *facts;

	(void)ctx;
	if (child > 0 && waitpid(child, NULL, WNOHANG) != 0) {
		child = -1;
		(void)close(leash);
		(void)close(asker.socket);
	}
	if (child < 0)
		begin();
	facts = decoder_ask(&asker, evidence);
	if (facts == NULL)
		end();
	return facts;
}
