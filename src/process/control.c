/* control.c - see control.h. */
#include "control.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int
dial(const char *runtime, const char **ret_why)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd, error;

	*ret_why = NULL;
	if (snprintf(to.sun_path, sizeof(to.sun_path), "%s/control", runtime) >=
	    (int)sizeof(to.sun_path)) {
		*ret_why = "the path of the control socket is too long";
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		*ret_why = strerror(errno);
		return -1;
	}
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	error = errno;
	(void)close(fd);
	if (error != ENOENT && error != ECONNREFUSED && error != ENOTDIR)
		*ret_why = error == EACCES
		    ? "the sensor runs, but you may not ask it: join the group "
		      "sightglass, or be root"
		    : strerror(error);
	return -1;
}

int
control_file(struct msghdr *m)
{
	int only = -1, fd;
	size_t many = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL;
	     c = CMSG_NXTHDR(m, c)) {
		size_t n = c->cmsg_level == SOL_SOCKET &&
			c->cmsg_type == SCM_RIGHTS && c->cmsg_len > CMSG_LEN(0)
		    ? (c->cmsg_len - CMSG_LEN(0)) / sizeof(fd)
		    : 0;

		for (size_t i = 0; i < n; i++, many++) {
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
			if (many == 0)
				only = fd;
			else
				(void)close(fd);
		}
	}
	if (many > 1)
		(void)close(only);
	return many == 1 ? only : -1;
}

ssize_t
control_send(int fd, const char *text, size_t n, int file)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} room;
	struct iovec bytes = { (void *)(uintptr_t)text, n };
	struct msghdr m = { .msg_iov = &bytes, .msg_iovlen = 1 };

	memset(&room, 0, sizeof(room));
	if (file >= 0) {
		m.msg_control = room.bytes;
		m.msg_controllen = sizeof(room.bytes);
		CMSG_FIRSTHDR(&m)->cmsg_level = SOL_SOCKET;
		CMSG_FIRSTHDR(&m)->cmsg_type = SCM_RIGHTS;
		CMSG_FIRSTHDR(&m)->cmsg_len = CMSG_LEN(sizeof(file));
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), &file, sizeof(file));
	}
	return sendmsg(fd, &m, MSG_NOSIGNAL);
}

static int
send_line(int fd, const json_t *request, int file)
{
	char *text = json_dumps(request, JSON_COMPACT);
	size_t n = text != NULL ? strlen(text) : 0, at = 0;
	ssize_t done = 1;

	if (text == NULL)
		return -1;
	text[n++] = '\n'; /* in place of its end */
	while (at < n && done > 0) {
		done = control_send(fd, text + at, n - at, at == 0 ? file : -1);
		if (done < 0 && errno == EINTR)
			done = 1;
		else
			at += done > 0 ? (size_t)done : 0;
	}
	free(text);
	return at == n ? 0 : -1;
}

json_t *
control_ask(const char *runtime, const json_t *request, int file,
    const char **ret_why)
{
	int fd = dial(runtime, ret_why);
	json_error_t error;
	json_t *answer = NULL;
	FILE *in;

	if (fd < 0)
		return NULL;
	in = send_line(fd, request, file) == 0 ? fdopen(fd, "r") : NULL;
	if (in != NULL)
		answer = json_loadf(in, JSON_DISABLE_EOF_CHECK, &error);
	if (answer == NULL)
		*ret_why = "the sensor ended before it answered";
	if (in != NULL)
		(void)fclose(in);
	else
		(void)close(fd);
	return answer;
}
