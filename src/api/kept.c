/*
 * kept.c - answers that cost much and are the same for everybody, kept for a
 * while.
 *
 * Making one may take a fiftieth of the time, and none is older than half a
 * minute; what people change is seen at once.
 */
#include "private.h"

#define SHARE_OF_TIME 50
#define LEAST (2 * TICK_SECOND) /* of the overview: every page asks for it */
#define OLDEST (30 * TICK_SECOND)

static int64_t
until(enum kept_answer which, int64_t began, int64_t now)
{
	int64_t good = (now - began) * SHARE_OF_TIME;

	if (which == KEPT_OVERVIEW && good < LEAST)
		good = LEAST;
	return now + (good < OLDEST ? good : OLDEST);
}

static void
make(struct request *rq, enum kept_answer which, void (*put)(struct request *))
{
	struct kept *k = &rq->server->kept[which];
	int64_t began = now_tick().ns;

	put(rq);
	(void)out_flush(rq->out);
	k->text.n = 0;
	k->at = began;
	k->until = until(which, began, now_tick().ns);
	if (rq->status < 400 && !rq->reader->text.failed)
		buffer_put(&k->text, rq->reader->text.p, rq->reader->text.n);
}

void
kept_put(struct request *rq, enum kept_answer which,
    void (*put)(struct request *))
{
	struct kept *k = &rq->server->kept[which];
	int64_t now = now_tick().ns;

	(void)pthread_mutex_lock(&k->lock);
	if (k->text.n == 0 || now >= k->until || now < k->at)
		make(rq, which, put);
	else
		out_bytes(rq->out, k->text.p, k->text.n);
	(void)pthread_mutex_unlock(&k->lock);
}

void
kept_begin(struct server *sv)
{
	for (uint32_t i = 0; i < KEPT_ANSWERS; i++)
		(void)pthread_mutex_init(&sv->kept[i].lock, NULL);
}

void
kept_forget(struct server *sv)
{
	for (uint32_t i = 0; i < KEPT_ANSWERS; i++) {
		(void)pthread_mutex_lock(&sv->kept[i].lock);
		sv->kept[i].text.n = 0;
		(void)pthread_mutex_unlock(&sv->kept[i].lock);
	}
}

void
kept_end(struct server *sv)
{
	for (uint32_t i = 0; i < KEPT_ANSWERS; i++) {
		(void)pthread_mutex_destroy(&sv->kept[i].lock);
		buffer_free(&sv->kept[i].text);
	}
}
