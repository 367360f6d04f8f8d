/*
 * lookups.c - see lookups.h.
 *
 * A request that needs the directory's word is suspended, and run again from
 * its beginning when there is one.  The same thread looks from time to time
 * whether those who are signed in still have their role.
 */
#include "lookups.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../config/config.h"

#define WAITING_MOST 16u
#define TICK_SECONDS 1
#define AWAY_SECONDS 60 /* it does not answer: nobody is checked until then */
#define MINUTE 60

struct lookup {
	struct lookup *next;
	struct request *rq;
	char source[64];
	struct directory_question q;
	struct directory_answer a;
	enum people_word word;
};

struct lookups {
	struct server *server;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct lookup *first, **last;
	uint32_t n;
	bool closed;
	atomic_bool on, ending;
	int64_t recheck; /* not before */
};

bool
lookups_on(const struct lookups *ls)
{
	return ls != NULL && atomic_load(&ls->on);
}

/* ----------------------------------------------------------------- asking */

static enum people_word
word_of(const struct directory_answer *a)
{
	return a->how == DIRECTORY_YES ? WORD_YES
	    : a->how == DIRECTORY_AWAY ? WORD_AWAY
				       : WORD_NO;
}

static void
answer(struct lookups *ls, struct lookup *l)
{
	struct server *sv = ls->server;

	l->word = WORD_AWAY;
	l->a = (struct directory_answer){ .how = DIRECTORY_AWAY };
	if (!atomic_load(&ls->ending))
		l->word = sv->config.look_up(sv->config.ctx, &l->q, &l->a,
			      &ls->ending)
		    ? word_of(&l->a)
		    : WORD_AWAY;
	sodium_memzero(l->q.password, sizeof(l->q.password));
	if (l->q.wish == DIRECTORY_SIGN_IN)
		people_asked(sv->people, l->q.user, l->source, l->a.asked != 0,
		    l->word, now_seconds());
	MHD_resume_connection(l->rq->link);
}

/* ---------------------------------------------------------------- checking */

static void
note(struct server *sv, const char *user, const char *text)
{
	json_t *request = json_pack("{s:s, s:s, s:s, s:s}", "verb", "note",
	    "what", "user", "about", user, "text", text);

	json_decref(desk_ask_with(sv, request, -1, "sensor"));
	json_decref(request);
}

static void
confirm(struct server *sv, const char *user, const struct directory_answer *a)
{
	struct person was;
	char text[128];

	if (!people_get(sv->people, user, &was) || !was.outside ||
	    !people_confirm(sv->people, user, (enum access)a->access,
		a->how == DIRECTORY_UNKNOWN, now_seconds()))
		return;
	if (was.access == (enum access)a->access)
		return;
	(void)snprintf(text, sizeof(text), "%s by the directory's groups now%s",
	    a->access == ACCESS_PUBLIC ? "no role"
				       : access_name((enum access)a->access),
	    a->access == ACCESS_PUBLIC ? "; the sessions have ended" : "");
	note(sv, user, text);
}

/* True: there may be more to check. */
static bool
check_one(struct lookups *ls)
{
	struct server *sv = ls->server;
	const struct config *c = sv->config.settings;
	int64_t now = now_seconds();
	struct directory_question q = { .wish = DIRECTORY_LOOK };
	static struct directory_answer a;

	if (!lookups_on(ls) || c == NULL || now < ls->recheck ||
	    c->number[CONF_DIRECTORY_RECHECK] == 0 || !directory_can_look(c) ||
	    !people_stale(sv->people,
		now - MINUTE * (int64_t)c->number[CONF_DIRECTORY_RECHECK], now,
		q.user))
		return false;
	if (!sv->config.look_up(sv->config.ctx, &q, &a, &ls->ending) ||
	    a.how == DIRECTORY_AWAY) {
		ls->recheck = now + AWAY_SECONDS;
		return false;
	}
	confirm(sv, q.user, &a);
	return true;
}

/* --------------------------------------------------------------- the thread */

/* The next; NULL: nobody waits. */
static struct lookup *
next(struct lookups *ls, bool wait)
{
	struct timespec until = { .tv_sec = 0 };
	struct lookup *l;
	int rc = 0;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += TICK_SECONDS;
	(void)pthread_mutex_lock(&ls->lock);
	while (
	    wait && rc == 0 && ls->first == NULL && !atomic_load(&ls->ending))
		rc = pthread_cond_timedwait(&ls->more, &ls->lock, &until);
	l = ls->first;
	if (l != NULL) {
		ls->first = l->next;
		ls->n--;
		if (ls->first == NULL)
			ls->last = &ls->first;
	}
	if (l == NULL && atomic_load(&ls->ending))
		ls->closed = true; /* nobody is taken in any more */
	(void)pthread_mutex_unlock(&ls->lock);
	return l;
}

static void *
work(void *arg)
{
	struct lookups *ls = arg;
	const struct api_config *c = &ls->server->config;
	bool busy = false;

	while (!ls->closed) {
		struct lookup *l = next(ls, !busy);

		if (l != NULL) {
			answer(ls, l);
			continue;
		}
		atomic_store(&ls->on, c->look_up(c->ctx, NULL, NULL, NULL));
		busy = !atomic_load(&ls->ending) && check_one(ls);
	}
	return NULL;
}

struct lookups *
lookups_new(struct server *sv)
{
	struct lookups *ls = calloc(1, sizeof(*ls));

	if (ls == NULL)
		return NULL;
	ls->server = sv;
	ls->last = &ls->first;
	(void)pthread_mutex_init(&ls->lock, NULL);
	(void)pthread_cond_init(&ls->more, NULL);
	ls->closed = sv->config.look_up == NULL;
	atomic_store(&ls->on,
	    !ls->closed &&
		sv->config.look_up(sv->config.ctx, NULL, NULL, NULL));
	if (ls->closed || pthread_create(&ls->thread, NULL, work, ls) == 0)
		return ls;
	free(ls);
	return NULL;
}

void
lookups_end(struct lookups *ls)
{
	if (ls == NULL || ls->server->config.look_up == NULL)
		return;
	(void)pthread_mutex_lock(&ls->lock);
	atomic_store(&ls->ending, true);
	(void)pthread_cond_signal(&ls->more);
	(void)pthread_mutex_unlock(&ls->lock);
	(void)pthread_join(ls->thread, NULL);
}

void
lookups_free(struct lookups *ls)
{
	if (ls == NULL)
		return;
	(void)pthread_cond_destroy(&ls->more);
	(void)pthread_mutex_destroy(&ls->lock);
	free(ls);
}

/* ------------------------------------------------------------- of a request */

const struct directory_answer *
looked_up(const struct request *rq)
{
	return &rq->lookup->a;
}

enum people_word
looked_word(const struct request *rq)
{
	return rq->lookup != NULL ? rq->lookup->word : WORD_NONE;
}

void
lookup_forget(struct request *rq)
{
	if (rq->lookup != NULL)
		sodium_memzero(&rq->lookup->q, sizeof(rq->lookup->q));
	free(rq->lookup);
	rq->lookup = NULL;
}

/* Suspended first: the answer may be there before we are back. */
static bool
begin(struct request *rq)
{
	struct lookups *ls = rq->server->lookups;
	struct lookup *l = rq->lookup;
	bool taken;

	(void)pthread_mutex_lock(&ls->lock);
	taken = !ls->closed && ls->n < WAITING_MOST;
	if (taken) {
		rq->waits = true;
		MHD_suspend_connection(rq->link);
		*ls->last = l;
		ls->last = &l->next;
		ls->n++;
		(void)pthread_cond_signal(&ls->more);
	}
	(void)pthread_mutex_unlock(&ls->lock);
	return taken;
}

static bool
may_ask(struct request *rq, const char *user, enum looked *ret)
{
	const struct config *c = rq->server->config.settings;
	int64_t wait = 0;
	enum sign_in how = people_may_ask(rq->server->people, user, rq->source,
	    c != NULL ? (uint32_t)c->number[CONF_DIRECTORY_ATTEMPTS] : 2,
	    now_seconds(), &wait);

	*ret = LOOKED_HERE;
	if (how != SIGN_IN_WAIT)
		return how == SIGN_IN_DONE;
	*ret = LOOKED_REFUSED;
	add_header(rq, "Retry-After", "%lld", (long long)wait);
	fail(rq, 429, "wait", NULL,
	    "Too many attempts: try again in %lld seconds.", (long long)wait);
	return false;
}

enum looked
look_up(struct request *rq, enum directory_wish wish, const char *user,
    const char *password)
{
	enum looked how = LOOKED_HERE;
	struct lookup *l;

	if (rq->lookup != NULL)
		return LOOKED_DONE;
	if (!lookups_on(rq->server->lookups) || strlen(user) >= PERSON_NAME ||
	    (password != NULL && strlen(password) >= DIRECTORY_PASSWORD))
		return LOOKED_HERE;
	if (wish == DIRECTORY_SIGN_IN && !may_ask(rq, user, &how))
		return how;
	l = rq->lookup = calloc(1, sizeof(*l));
	if (l != NULL) {
		l->rq = rq;
		l->q.wish = wish;
		memcpy(l->source, rq->source, sizeof(l->source));
		(void)snprintf(l->q.user, sizeof(l->q.user), "%s", user);
		(void)snprintf(l->q.password, sizeof(l->q.password), "%s",
		    password != NULL ? password : "");
		if (begin(rq))
			return LOOKED_LATER;
		if (wish == DIRECTORY_SIGN_IN)
			people_asked(rq->server->people, user, rq->source,
			    false, WORD_AWAY, now_seconds());
		lookup_forget(rq);
	}
	add_header(rq, "Retry-After", "2");
	fail(rq, 503, "busy", NULL,
	    "Many are signing in at the moment; try again.");
	return LOOKED_REFUSED;
}

const char *
small_letters(const char *name, char dst[static 128])
{
	size_t n = 0;

	for (; name[n] != '\0' && n < 127; n++)
		dst[n] = name[n] >= 'A' && name[n] <= 'Z'
		    ? (char)(name[n] - 'A' + 'a')
		    : name[n];
	dst[n] = '\0';
	return dst;
}
