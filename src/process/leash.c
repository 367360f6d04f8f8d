/* leash.c - see leash.h. */
#include "leash.h"
#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct head {
	uint32_t kind, number;
};

union room { /* for one descriptor beside the message */
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

bool
leash_pair(int ret[static 2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret) == 0;
}

bool
leash_send(int leash, enum leash_kind kind, uint32_t number, int fd,
    const char *text)
{
	struct head head = { .kind = kind, .number = number };
	union room room;
	struct iovec parts[2] = { { &head, sizeof(head) },
		{ (void *)(uintptr_t)text, text != NULL ? strlen(text) : 0 } };
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = 2 };
	ssize_t n;

	memset(&room, 0, sizeof(room));
	if (fd >= 0) {
		m.msg_control = room.bytes;
		m.msg_controllen = sizeof(room.bytes);
		CMSG_FIRSTHDR(&m)->cmsg_level = SOL_SOCKET;
		CMSG_FIRSTHDR(&m)->cmsg_type = SCM_RIGHTS;
		CMSG_FIRSTHDR(&m)->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), &fd, sizeof(fd));
	}
	do
		n = sendmsg(leash, &m, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n >= 0;
}

int
leash_receive(int leash, bool wait, struct leash_message *ret)
{
	struct head head = { .kind = LEASH_STOP };
	union room room;
	struct iovec parts[2] = { { &head, sizeof(head) },
		{ ret->text, LEASH_TEXT } };
	struct msghdr m = { .msg_iov = parts,
		.msg_iovlen = 2,
		.msg_control = room.bytes,
		.msg_controllen = sizeof(room.bytes) };
	ssize_t n;

	memset(&room, 0, sizeof(room));
	do
		n = recvmsg(leash, &m,
		    MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
	while (n < 0 && errno == EINTR);
	if (n < 0 && (errno == EAGAIN))
		return 0;
	ret->fd = n > 0 ? control_file(&m) : -1;
	if (n < (ssize_t)sizeof(head)) {
		if (ret->fd >= 0)
			(void)close(ret->fd);
		return -1;
	}
	ret->kind = (enum leash_kind)head.kind;
	ret->number = head.number;
	ret->n = (uint32_t)((size_t)n - sizeof(head));
	ret->text[ret->n] = '\0';
	return 1;
}

void
leash_become(const char *role, int leash)
{
	char name[] = "sightglass", as[32];
	char *const argv[] = { name, as, NULL };

	(void)snprintf(as, sizeof(as), "--role=%s", role);
	if (leash == LEASH_FD)
		(void)fcntl(leash, F_SETFD, 0);
	else if (dup2(leash, LEASH_FD) != LEASH_FD)
		_exit(127);
	(void)execv("/proc/self/exe", argv);
	_exit(127);
}
