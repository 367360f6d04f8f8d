/*
 * link.c - with the keeper: batches go out and are kept until it says that
 * they are written; to one that was started anew they are sent again.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "private.h"

#define OUT_MOST ((size_t)4 << 20) /* bytes copied for the socket */
#define WELCOME_MS 120000 /* the keeper may check a large state first */

void
link_watch(struct watcher *e)
{
	struct epoll_event ev = { .events = EPOLLIN };

	if (e->wire.fd < 0)
		return;
	ev.data.fd = e->wire.fd;
	if (wire_wants_out(&e->wire))
		ev.events |= EPOLLOUT;
	(void)epoll_ctl(e->epoll, EPOLL_CTL_MOD, e->wire.fd, &ev);
}

void
link_open(struct watcher *e, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	wire_open(&e->wire, fd, WIRE_TEXT_MAX); /* the old one leaves epoll */
	(void)epoll_ctl(e->epoll, EPOLL_CTL_ADD, fd, &ev);
	e->shipped = UINT64_MAX; /* nothing before it says how far it is */
	(void)wire_send(&e->wire, WIRE_HELLO, 0, 0, SPAN(NULL, 0),
	    SPAN(NULL, 0));
}

static void
keep_ask(struct watcher *e, uint64_t number, struct span text)
{
	char *copy = e->n_ask < ASKS ? malloc((size_t)text.n + 1) : NULL;

	if (copy == NULL)
		return; /* whoever asked is told that it took too long */
	memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	e->ask[e->n_ask] = (struct question){ .number = number,
		.text = copy,
		.file = number == e->file_of ? e->file : -1 };
	if (e->ask[e->n_ask++].file >= 0)
		e->file = -1;
}

static void
keep_file(struct watcher *e, uint64_t number)
{
	if (e->file >= 0)
		(void)close(e->file);
	e->file = wire_take_file(&e->wire);
	e->file_of = number;
}

static void
set_trouble(struct watcher *e, struct span text)
{
	size_t n =
	    text.n < sizeof(e->trouble) - 1 ? text.n : sizeof(e->trouble) - 1;

	memcpy(e->trouble, text.p, n);
	e->trouble[n] = '\0';
}

static void
one_message(struct watcher *e, const struct wire_head *h, struct span text)
{
	switch ((enum wire_kind)h->kind) {
	case WIRE_WELCOME:
		if (e->store != NULL)
			store_acknowledge(e->store, h->number);
		e->shipped = h->number;
		break;
	case WIRE_WRITTEN:
		store_acknowledge(e->store, h->number);
		if (text.n > 0)
			say(SAY_ERROR, "%.*s", (int)text.n,
			    (const char *)text.p);
		break;
	case WIRE_WAIT:
		set_trouble(e, text);
		break;
	case WIRE_FILE:
		keep_file(e, h->number);
		break;
	case WIRE_ASK:
		keep_ask(e, h->number, text);
		break;
	case WIRE_REFRESH:
		e->refresh = true;
		break;
	case WIRE_HELLO:
	case WIRE_BATCH:
	case WIRE_ANSWER:
	case WIRE_KIND_COUNT:
		break;
	}
}

static void
take_in(struct watcher *e)
{
	struct wire_head head;
	struct span bytes;

	if (e->wire.fd >= 0)
		(void)wire_fill(&e->wire);
	while (wire_next(&e->wire, &head, &bytes)) {
		one_message(e, &head, bytes);
		wire_drop(&e->wire, &head);
	}
	if (!e->wire.ended)
		return;
	say(SAY_INFO, "the keeper is gone; what it has not written is kept");
	wire_close(&e->wire);
}

static void
ship(struct watcher *e)
{
	const struct shipment *s;

	while (e->wire.fd >= 0 && e->shipped != UINT64_MAX &&
	    e->wire.n_out - e->wire.out_at < OUT_MOST &&
	    (s = store_shipment(e->store, e->shipped)) != NULL) {
		if (!wire_send(&e->wire, WIRE_BATCH, s->number, s->rows,
			SPAN(s->bytes, s->rows + s->frames), SPAN(NULL, 0)))
			return;
		e->shipped = s->number;
	}
	(void)wire_flush(&e->wire);
}

void
link_tend(struct watcher *e)
{
	if (e->store == NULL)
		return;
	take_in(e);
	ship(e);
	link_watch(e);
}

bool
link_sync(struct watcher *e, int64_t most_ms)
{
	int64_t until = monotonic_ms() + most_ms, now;

	if (e->store == NULL)
		return false;
	link_tend(e);
	while (store_waiting(e->store) > 0 && (now = monotonic_ms()) < until) {
		struct pollfd fd = { .fd = e->wire.fd,
			.events = (short)(POLLIN |
			    (wire_wants_out(&e->wire) ? POLLOUT : 0)) };

		if (e->wire.fd < 0)
			return false; /* the loop hears of a new one */
		(void)poll(&fd, 1, (int)(until - now));
		link_tend(e);
		e->page->beat[PROCESS_ENGINE] = now;
	}
	return store_waiting(e->store) == 0;
}

bool
link_welcome(struct watcher *e, uint64_t *ret_last)
{
	int64_t until = monotonic_ms() + WELCOME_MS, now;

	while (e->shipped == UINT64_MAX && (now = monotonic_ms()) < until) {
		struct pollfd fd = { .fd = e->wire.fd, .events = POLLIN };

		if (e->wire.fd < 0)
			return false;
		e->page->beat[PROCESS_ENGINE] = now;
		(void)poll(&fd, 1, 1000);
		take_in(e);
	}
	*ret_last = e->shipped;
	return e->shipped != UINT64_MAX;
}
