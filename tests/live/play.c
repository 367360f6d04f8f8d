/*
 * play.c - sends the frames of a capture to an interface of this network
 * namespace, as a switch's mirror port would.
 *
 *	play INTERFACE CAPTURE [frames a second [frames]]
 *
 * Without frames it is played once; with them again and again.  Prints how
 * many were sent, the seconds that took, and those of processor time: to send
 * and, as the other end of a veth pair is served by the same call, to receive.
 */
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "../../src/capture/capture.h"

#define FRAMES 65536u
#define BURST 256u
#define LONGEST 1514u

static struct mmsghdr message[FRAMES];
static struct iovec bytes[FRAMES];

static uint32_t
read_frames(const char *path)
{
	struct capture *c = capture_open(&path, 1);
	struct frame f;
	uint32_t n = 0;

	while (c != NULL && n < FRAMES && capture_next(c, &f)) {
		if (f.bytes.n < 14 || f.bytes.n > LONGEST)
			continue;
		bytes[n].iov_base = malloc(f.bytes.n);
		if (bytes[n].iov_base == NULL)
			abort();
		memcpy(bytes[n].iov_base, f.bytes.p, f.bytes.n);
		bytes[n].iov_len = f.bytes.n;
		message[n].msg_hdr.msg_iov = &bytes[n];
		message[n].msg_hdr.msg_iovlen = 1;
		n++;
	}
	if (c != NULL)
		capture_close(c);
	return n;
}

static double
now(void)
{
	struct timespec t = { .tv_sec = 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double
used(void)
{
	struct timespec t = { .tv_sec = 0 };

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
keep_pace(double from, uint64_t sent, double rate)
{
	double ahead = rate > 0 ? (double)sent / rate - (now() - from) : 0;
	struct timespec t = { .tv_sec = (time_t)ahead };

	if (ahead < 0.0005)
		return;
	t.tv_nsec = (long)((ahead - (double)t.tv_sec) * 1e9);
	(void)nanosleep(&t, NULL);
}

static int
open_interface(const char *name)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
		.sll_ifindex = (int)if_nametoindex(name) };
	int fd = socket(AF_PACKET, SOCK_RAW, 0), on = 1;

	(void)setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0)
		return fd;
	(void)fprintf(stderr, "%s: %s\n", name, strerror(errno));
	return -1;
}

int
main(int argc, char **argv)
{
	double rate = argc > 3 ? strtod(argv[3], NULL) : 0, from;
	uint64_t most = argc > 4 ? strtoull(argv[4], NULL, 10) : 0, sent = 0;
	uint32_t n = argc > 2 ? read_frames(argv[2]) : 0, at = 0;
	int fd = n > 0 ? open_interface(argv[1]) : -1;

	if (argc > 2 && n == 0)
		(void)fprintf(stderr, "%s: no frames\n", argv[2]);

	if (fd < 0)
		return 1;
	most = most > 0 ? most : n;
	for (from = now(); sent < most;) {
		uint64_t left = most - sent;
		uint32_t burst = n - at < BURST ? n - at : BURST;
		int done;

		burst = left < burst ? (uint32_t)left : burst;
		done = sendmmsg(fd, message + at, burst, 0);
		if (done < 0 && errno != ENOBUFS && errno != EINTR)
			return 1;
		sent += done > 0 ? (uint64_t)done : 0;
		at = (at + (done > 0 ? (uint32_t)done : 0)) % n;
		keep_pace(from, sent, rate);
	}
	(void)printf("%llu %.3f %.3f\n", (unsigned long long)sent, now() - from,
	    used());
	return 0;
}
