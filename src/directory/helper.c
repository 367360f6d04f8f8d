/*
 * helper.c - where no sensor runs (serve, a trial on the terminal): what main
 * is to the process otherwise.
 *
 *	who asks ──questions── the process (locked in)
 *	    └─starts─▶ the helper ──leash──┘
 *	               opens its sockets
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "private.h"

/* Until the process is gone. */
static void
hold(const struct config *c, int leash, int tell)
{
	static struct leash_message m;

	while (leash_receive(leash, true, &m) > 0) {
		if (m.fd >= 0)
			(void)close(m.fd);
		if (m.kind == LEASH_CANNOT)
			(void)!write(tell, m.text, m.n);
		if (m.kind == LEASH_READY || m.kind == LEASH_CANNOT) {
			(void)close(tell);
			tell = -1;
		}
		if (m.kind == LEASH_DIAL)
			directory_dial(c, m.number, leash);
	}
	_exit(0);
}

static void
helper(const struct config *c, int questions, int tell)
{
	static char text[LEASH_TEXT];
	int pair[2];
	pid_t child;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (!leash_pair(pair) || (child = fork()) < 0)
		_exit(1);
	if (child == 0)
		leash_become("directory", pair[1]);
	(void)close(pair[1]);
	text[config_write(c, text, sizeof(text))] = '\0';
	(void)leash_send(pair[0], LEASH_CONFIG, 0, -1, text);
	(void)leash_send(pair[0], LEASH_DIRECTORY, 0, questions, "");
	(void)leash_send(pair[0], LEASH_START, 0, -1, "");
	(void)close(questions);
	hold(c, pair[0], tell);
}

int
directory_start(const struct config *c, char error[static DIRECTORY_WHY])
{
	int questions[2], tell[2];
	pid_t child;
	ssize_t n;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, questions) !=
		0 ||
	    pipe2(tell, O_CLOEXEC) != 0 || (child = fork()) < 0) {
		(void)snprintf(error, DIRECTORY_WHY, "%s", strerror(errno));
		return -1;
	}
	if (child == 0) {
		(void)close(questions[0]);
		(void)close(tell[0]);
		helper(c, questions[1], tell[1]);
	}
	(void)close(questions[1]);
	(void)close(tell[1]);
	n = read(tell[0], error, DIRECTORY_WHY - 1);
	(void)close(tell[0]);
	if (n == 0)
		return questions[0];
	error[n > 0 ? n : 0] = '\0';
	(void)close(questions[0]);
	return -1;
}
