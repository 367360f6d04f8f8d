/*
 * windows_ask.c - one Windows endpoint asked, without the pauses that lie
 * between two requests elsewhere: what tests/active/windows.sh compares.
 *
 *	windows_ask ADDRESS PORT https|http PASSWORD PIN|- KIND,KIND...|all
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "../../src/windows/windows.h"

static struct sockaddr_in to = { .sin_family = AF_INET };

static int
dial(void *ctx, char why[static ASK_WHY])
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	(void)ctx;
	why[0] = '\0';
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) != 0 &&
	    errno != EINPROGRESS)
		(void)snprintf(why, ASK_WHY, "%s", strerror(errno));
	return fd;
}

static void
on_item(void *ctx, const struct windows_item *i)
{
	(void)ctx;
	(void)printf("%s|%s|%s|%s\n", windows_kind_name(i->kind), i->name,
	    i->value, i->detail);
}

static void
on_lack(void *ctx, const struct windows_query *q, const char *why)
{
	(void)ctx;
	(void)printf("lacks|%s|%s\n", q->name, why);
}

static uint64_t
kinds_of(char *text)
{
	uint64_t kinds = 0;
	char *word;

	while ((word = strsep(&text, ",")) != NULL)
		for (uint32_t i = 0; i < WINDOWS_KIND_COUNT; i++)
			if (strcmp(word, windows_kind_name(i)) == 0)
				kinds |= UINT64_C(1) << i;
	return kinds != 0 ? kinds : UINT64_MAX;
}

int
main(int argc, char **argv)
{
	const struct active_limits none = { .timeout = TICK_SECOND };
	const struct windows_listener l = { .open = dial,
		.item = on_item,
		.lacks = on_lack };
	struct windows_target t = { .user = "Sens\xc3\xb6r",
		.domain = "PLANT" };
	struct windows_asked a;
	struct governor *g = governor_new(&none, &none);

	if (argc != 7 || g == NULL ||
	    inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
		return 2;
	t.ip = ip4_of((const uint8_t *)&to.sin_addr);
	t.port = (uint16_t)atoi(argv[2]);
	to.sin_port = htons(t.port);
	t.plain = strcmp(argv[3], "http") == 0;
	t.password = argv[4];
	t.trust = strcmp(argv[5], "-") == 0 ? TRUST_FIRST : TRUST_PINNED;
	(void)snprintf(t.pin, sizeof(t.pin), "%s",
	    t.trust == TRUST_FIRST ? "" : argv[5]);
	t.kinds = kinds_of(argv[6]);
	windows_ask(&t, g, &l, &a);
	(void)printf("end|%s|%s|proved %d, %u requests, cut %d|%s\n",
	    windows_end_name(a.end), a.why, a.proved, a.requests, a.cut, a.pin);
	governor_free(g);
	return 0;
}
