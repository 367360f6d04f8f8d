/*
 * fuzz_control.c - what others send the keeper, and the keeper the engine.
 *
 * The first byte: bits 0 and 1 who sends (a person, the console, the probe; 3:
 * the other end of the wire), bit 2 with a descriptor, bit 3 with two.  The
 * rest is sent through a socket, in two pieces.  What the keeper asks is
 * answered; no descriptor is left open.
 */

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../src/keeper/private.h"

#define SENT_MOST 60000u /* fits into a socket */
#define ENGINE 3u
#define DESCRIPTORS 32 /* more than are ever open at once */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct keeper k;
static int file = -1;

static void
pair(int ends[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
		ends) != 0)
		abort();
}

/* How many descriptors are open. */
static int
open_ones(void)
{
	int n = 0;

	for (int fd = 0; fd < DESCRIPTORS; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void
put(int fd, const uint8_t *data, size_t n, uint32_t files)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(2 * sizeof(int))];
	} room;
	const int both[2] = { file, file };
	struct iovec bytes = { (void *)(uintptr_t)data, n };
	struct msghdr m = { .msg_iov = &bytes, .msg_iovlen = 1 };

	if (n == 0)
		return;
	memset(&room, 0, sizeof(room));
	if (files > 0) {
		m.msg_control = room.bytes;
		m.msg_controllen = CMSG_SPACE(files * sizeof(int));
		CMSG_FIRSTHDR(&m)->cmsg_level = SOL_SOCKET;
		CMSG_FIRSTHDR(&m)->cmsg_type = SCM_RIGHTS;
		CMSG_FIRSTHDR(&m)->cmsg_len = CMSG_LEN(files * sizeof(int));
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), both, files * sizeof(int));
	}
	(void)sendmsg(fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void
read_wire(struct wire *w)
{
	struct wire_head head;
	struct span s;
	int fd;

	(void)wire_fill(w);
	while (wire_next(w, &head, &s)) {
		if (s.n != head.n || s.n > w->most)
			abort();
		if (head.kind == WIRE_FILE && (fd = wire_take_file(w)) >= 0)
			(void)close(fd);
		if (head.kind == WIRE_ANSWER)
			clients_answer(&k, head.number, s);
		wire_drop(w, &head);
	}
}

static void
from_client(const uint8_t *data, size_t n, enum client_kind kind,
    uint32_t files)
{
	struct wire engine;
	int ends[2], ours[2];

	pair(ends);
	pair(ours);
	clients_init(&k);
	wire_init(&k.wire);
	wire_init(&engine);
	engine.takes_files = true;
	wire_open(&k.wire, ours[0], WIRE_TEXT_MAX);
	wire_open(&engine, ours[1], WIRE_TEXT_MAX);
	clients_own(&k, ends[0], kind);
	put(ends[1], data, n / 2, files);
	client_tend(&k, &k.client[0], true);
	put(ends[1], data + n / 2, n - n / 2, 0);
	for (uint64_t i = 0; i < 8; i++) {
		client_tend(&k, &k.client[0], true);
		read_wire(&engine);
		clients_answer(&k, k.asks, span_text("{\"ok\":true}"));
	}
	clients_no_engine(&k);
	clients_close(&k);
	wire_close(&k.wire);
	wire_close(&engine);
	(void)close(ends[1]);
}

static void
from_wire(const uint8_t *data, size_t n, uint32_t files)
{
	struct wire w;
	int ends[2];

	pair(ends);
	clients_init(&k);
	wire_init(&w);
	w.takes_files = files > 0;
	wire_open(&w, ends[0], 1u << 20);
	put(ends[1], data, n / 2, files);
	read_wire(&w);
	put(ends[1], data + n / 2, n - n / 2, files);
	read_wire(&w);
	wire_close(&w);
	(void)close(ends[1]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint32_t who, files;
	int before;

	if (n == 0 || n > SENT_MOST)
		return 0;
	if (file < 0)
		file = memfd_create("a file", MFD_CLOEXEC);
	who = data[0] & 3;
	files = (data[0] & 8) != 0 ? 2 : (data[0] & 4) != 0 ? 1 : 0;
	before = open_ones();
	if (who == ENGINE)
		from_wire(data + 1, n - 1, files);
	else
		from_client(data + 1, n - 1, (enum client_kind)who, files);
	if (open_ones() != before)
		abort(); /* a descriptor was left open */
	return 0;
}
