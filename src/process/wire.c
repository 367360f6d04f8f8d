/* wire.c - see wire.h. */
#include "wire.h"
#include "control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK 262144u
#define KEPT ((size_t)4 << 20)

_Static_assert(sizeof(struct wire_head) == WIRE_HEAD, "no gaps");

union room { /* for one descriptor beside the bytes */
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

void
wire_init(struct wire *w)
{
	*w = (struct wire){ .fd = -1, .file = -1 };
}

void
wire_open(struct wire *w, int fd, uint32_t most)
{
	wire_close(w);
	w->fd = fd;
	w->most = most;
}

void
wire_close(struct wire *w)
{
	if (w->fd >= 0)
		(void)close(w->fd);
	w->fd = -1;
	if (w->file >= 0)
		(void)close(w->file);
	w->file = -1;
	free(w->in);
	free(w->out);
	w->in = w->out = NULL;
	w->n_in = w->cap_in = w->n_out = w->cap_out = w->out_at = 0;
	w->ended = false;
}

static bool
gone(struct wire *w)
{
	w->ended = true;
	return false;
}

static bool
grow(uint8_t **p, size_t *cap, size_t need)
{
	size_t want = *cap > 0 ? *cap : 65536;
	uint8_t *more;

	while (want < need)
		want *= 2;
	if (want == *cap)
		return true;
	more = realloc(*p, want);
	if (more == NULL)
		return false;
	*p = more;
	*cap = want;
	return true;
}

bool
wire_send(struct wire *w, enum wire_kind kind, uint64_t number, uint32_t a,
    struct span first, struct span second)
{
	struct wire_head head = { .kind = kind,
		.n = first.n + second.n,
		.number = number,
		.a = a };

	if (w->fd < 0 || w->ended)
		return false;
	if (!grow(&w->out, &w->cap_out, w->n_out + sizeof(head) + head.n))
		return gone(w);
	memcpy(w->out + w->n_out, &head, sizeof(head));
	w->n_out += sizeof(head);
	if (first.n > 0)
		memcpy(w->out + w->n_out, first.p, first.n);
	w->n_out += first.n;
	if (second.n > 0)
		memcpy(w->out + w->n_out, second.p, second.n);
	w->n_out += second.n;
	return wire_flush(w);
}

bool
wire_send_file(struct wire *w, uint64_t number, int fd)
{
	struct wire_head head = { .kind = WIRE_FILE, .number = number };
	struct iovec bytes = { &head, sizeof(head) };
	union room room;
	struct msghdr m = { .msg_iov = &bytes,
		.msg_iovlen = 1,
		.msg_control = room.bytes,
		.msg_controllen = sizeof(room.bytes) };

	if (w->fd < 0 || !wire_flush(w) || wire_wants_out(w))
		return false;
	memset(&room, 0, sizeof(room));
	CMSG_FIRSTHDR(&m)->cmsg_level = SOL_SOCKET;
	CMSG_FIRSTHDR(&m)->cmsg_type = SCM_RIGHTS;
	CMSG_FIRSTHDR(&m)->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), &fd, sizeof(fd));
	/* a socket takes so few bytes whole or not at all */
	return sendmsg(w->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL) ==
	    (ssize_t)sizeof(head);
}

int
wire_take_file(struct wire *w)
{
	int fd = w->file;

	w->file = -1;
	return fd;
}

bool
wire_wants_out(const struct wire *w)
{
	return w->fd >= 0 && !w->ended && w->out_at < w->n_out;
}

bool
wire_flush(struct wire *w)
{
	while (wire_wants_out(w)) {
		ssize_t n = send(w->fd, w->out + w->out_at,
		    w->n_out - w->out_at, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN))
			return true;
		if (n <= 0)
			return gone(w);
		w->out_at += (size_t)n;
	}
	w->out_at = w->n_out = 0;
	if (w->cap_out > KEPT) {
		free(w->out);
		w->out = NULL;
		w->cap_out = 0;
	}
	return w->fd >= 0 && !w->ended;
}

/* recv(2); a descriptor that comes with the bytes is kept, the one before it
 * closed. */
static ssize_t
receive(struct wire *w, uint8_t *to, size_t n)
{
	struct iovec bytes = { to, n };
	union room room;
	struct msghdr m = { .msg_iov = &bytes,
		.msg_iovlen = 1,
		.msg_control = room.bytes,
		.msg_controllen = sizeof(room.bytes) };
	ssize_t got;
	int fd;

	if (!w->takes_files)
		return recv(w->fd, to, n, MSG_DONTWAIT);
	memset(&room, 0, sizeof(room));
	got = recvmsg(w->fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	fd = got > 0 ? control_file(&m) : -1;
	if (fd < 0)
		return got;
	if (w->file >= 0)
		(void)close(w->file);
	w->file = fd;
	return got;
}

bool
wire_fill(struct wire *w)
{
	for (unsigned turns = 0; w->fd >= 0 && !w->ended && turns < 16;
	     turns++) {
		ssize_t n;

		if (!grow(&w->in, &w->cap_in, w->n_in + CHUNK))
			return gone(w);
		n = receive(w, w->in + w->n_in, w->cap_in - w->n_in);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN))
			return true;
		if (n <= 0)
			return gone(w);
		w->n_in += (size_t)n;
	}
	return w->fd >= 0 && !w->ended;
}

bool
wire_next(const struct wire *w, struct wire_head *ret, struct span *ret_bytes)
{
	if (w->fd < 0 || w->n_in < sizeof(*ret))
		return false;
	memcpy(ret, w->in, sizeof(*ret));
	if (ret->kind >= WIRE_KIND_COUNT || ret->n > w->most) {
		/* the next read finds the end */
		(void)shutdown(w->fd, SHUT_RDWR);
		return false;
	}
	if (w->n_in - sizeof(*ret) < ret->n)
		return false;
	*ret_bytes = SPAN(w->in + sizeof(*ret), ret->n);
	return true;
}

void
wire_drop(struct wire *w, const struct wire_head *head)
{
	size_t n = sizeof(*head) + head->n;

	if (w->fd < 0)
		return;
	memmove(w->in, w->in + n, w->n_in - n);
	w->n_in -= n;
	if (w->n_in == 0 && w->cap_in > KEPT) {
		free(w->in);
		w->in = NULL;
		w->cap_in = 0;
	}
}
