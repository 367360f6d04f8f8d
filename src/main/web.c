/*
 * web.c - the process that serves console and API: given a socket that
 * listens and one to the keeper, then src/api does the work.
 */
#include <errno.h>
#include <jansson.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../api/api.h"
#include "../decoder/decoder.h"
#include "../describe/describe.h"
#include "../directory/directory.h"
#include "../process/control.h"
#include "private.h"
#include "web_sees.h"

#define STEP 65536u
#define LATER (-2)

struct web {
	struct config config; /* as it began: threads read it */
	struct config now; /* as it was read last; under `leash` */
	int listens, keeper, directory; /* -1: none */
	struct decoder_asker decoder;
	/* what came by the leash, for who uses it next; LATER: nothing did */
	pthread_mutex_t leash;
	int next_keeper, next_decoder, next_directory;
	char home[CONFIG_TEXT + 16];
	char *in; /* of the answer that comes */
	size_t n, cap;
	struct leash_message message;
};

static void
put_aside(int *next, int fd)
{
	if (*next >= 0)
		(void)close(*next);
	*next = fd;
}

static bool
take(struct web *w, const struct leash_message *m)
{
	if (m->kind == LEASH_CONFIG || m->kind == LEASH_RELOAD) {
		config_init(&w->now);
		(void)config_read(&w->now, SPAN((const uint8_t *)m->text, m->n),
		    NULL, NULL);
	} else if (m->kind == LEASH_LISTEN) {
		w->listens = m->fd;
	} else if (m->kind == LEASH_WEB) {
		put_aside(&w->next_keeper, m->fd);
	} else if (m->kind == LEASH_DECODER) {
		put_aside(&w->next_decoder, m->fd);
	} else if (m->kind == LEASH_DIRECTORY) {
		put_aside(&w->next_directory, m->fd);
	} else if (m->fd >= 0) {
		(void)close(m->fd);
	}
	return m->kind != LEASH_START;
}

/* What main sent meanwhile; under `leash`. */
static void
take_all(struct web *w)
{
	while (leash_receive(LEASH_FD, false, &w->message) > 0)
		(void)take(w, &w->message);
}

static void
settings_of(void *ctx, struct config *ret)
{
	struct web *w = ctx;

	(void)pthread_mutex_lock(&w->leash);
	take_all(w);
	*ret = w->now;
	(void)pthread_mutex_unlock(&w->leash);
}

/* What was started anew has another socket: each is used by one thread, and
 * changed by that alone. */
static void
renew(struct web *w, int *fd, int *next)
{
	(void)pthread_mutex_lock(&w->leash);
	take_all(w);
	if (*next != LATER) {
		if (*fd >= 0)
			(void)close(*fd);
		*fd = *next;
		*next = LATER;
	}
	(void)pthread_mutex_unlock(&w->leash);
}

static void
web_say(void *ctx, const char *line)
{
	(void)ctx;
	say(SAY_INFO, "%s", line);
}

static bool
lock_in(void *ctx, uint16_t port)
{
	struct web *w = ctx;
	struct web_sees sees;
	struct jail jail;
	char error[JAIL_ERROR], warning[JAIL_ERROR];

	(void)port;
	web_sees(&sees, w->config.text[CONF_STATE], &jail);
	if (!jail_enter(PROCESS_WEB, &jail, error, warning)) {
		say(SAY_ERROR, "%s", error);
		return false;
	}
	return leash_send(LEASH_FD, LEASH_READY, 0, -1, "");
}

/* ------------------------------------------------------------------ asking */

static bool
send_all(int fd, const char *text, size_t n, int file)
{
	while (n > 0) {
		ssize_t done = control_send(fd, text, n, file);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		file = -1; /* it went with the first byte */
		text += done;
		n -= (size_t)done;
	}
	return true;
}

/* One line, without its end; NULL: the keeper is gone. */
static char *
receive_line(struct web *w)
{
	for (;;) {
		char *end = w->n > 0 ? memchr(w->in, '\n', w->n) : NULL, *more;
		ssize_t n;

		if (end != NULL) {
			*end = '\0';
			return w->in;
		}
		more = w->cap < w->n + STEP ? realloc(w->in, w->n + 2 * STEP)
					    : w->in;
		if (more == NULL)
			return NULL;
		w->cap = more != w->in ? w->n + 2 * STEP : w->cap;
		w->in = more;
		n = recv(w->keeper, w->in + w->n, STEP, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return NULL;
		w->n += (size_t)n;
	}
}

static json_t *
web_decode(void *ctx, int evidence)
{
	struct web *w = ctx;

	renew(w, &w->decoder.socket, &w->next_decoder);
	return decoder_ask(&w->decoder, evidence);
}

static json_t *
web_ask(void *ctx, const json_t *request, int file, const char *who)
{
	struct web *w = ctx;
	json_t *whole, *answer = NULL;
	json_error_t error;
	char *text, *line = NULL;

	renew(w, &w->keeper, &w->next_keeper);
	whole = json_pack("{s:s, s:O}", "who", who, "request", request);
	text = whole != NULL ? json_dumps(whole, JSON_COMPACT) : NULL;
	w->n = 0;
	if (text != NULL && w->keeper >= 0 &&
	    send_all(w->keeper, text, strlen(text), file) &&
	    send_all(w->keeper, "\n", 1, -1))
		line = receive_line(w);
	if (line != NULL)
		answer = json_loads(line, 0, &error);
	free(text);
	json_decref(whole);
	return answer;
}

static bool
web_look_up(void *ctx, const struct directory_question *q,
    struct directory_answer *ret, const atomic_bool *stop)
{
	struct web *w = ctx;

	renew(w, &w->directory, &w->next_directory);
	return w->directory >= 0 &&
	    (q == NULL || directory_ask(w->directory, q, ret, stop));
}

static void
say_wrong(void *ctx, const char *text)
{
	(void)ctx;
	say(SAY_ERROR, "%s", text);
}

/* The file that the key names; NULL: none, or it was said why not. */
static char *
pem_of(const struct web *w, enum config_key key)
{
	char error[CONFIG_ERROR], *text;

	if (w->config.text[key][0] == '\0')
		return NULL;
	text = config_file(&w->config, key, API_PEM_MOST, error);
	if (text == NULL)
		say(SAY_ERROR, "%s: the console makes a certificate of its own",
		    error);
	return text;
}

static void
forget_pem(char *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
}

int
web_main(const char *version)
{
	struct web *w = calloc(1, sizeof(*w));
	char why[JAIL_ERROR], error[API_ERROR] = "";
	struct api_config c = { .version = version,
		.ctx = w,
		.say = web_say,
		.ready = lock_in,
		.ask = web_ask,
		.decode = web_decode,
		.look_up = web_look_up };
	char *chain, *key;
	bool given = false;

	say_as(PROCESS_WEB, SAY_INFO);
	if (w == NULL)
		return 1;
	w->listens = w->keeper = w->directory = w->decoder.socket = -1;
	w->next_keeper = w->next_decoder = w->next_directory = LATER;
	(void)pthread_mutex_init(&w->leash, NULL);
	while (!given && leash_receive(LEASH_FD, true, &w->message) > 0)
		given = !take(w, &w->message);
	if (!given)
		return 1;
	w->config = w->now;
	(void)signal(SIGTERM, SIG_DFL);
	/* while we may: a private key is its owner's alone */
	chain = pem_of(w, CONF_WEB_CERTIFICATE);
	key = pem_of(w, CONF_WEB_KEY);
	if (!jail_become(w->config.text[CONF_USER], why)) {
		(void)leash_send(LEASH_FD, LEASH_CANNOT, 0, -1, why);
		return 1;
	}
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	(void)snprintf(w->home, sizeof(w->home), "%s/console",
	    w->config.text[CONF_STATE]);
	(void)describe_folder(config_path(&w->config, CONF_PROTOCOLS),
	    say_wrong, NULL);
	c.chain = chain;
	c.key = key != NULL ? key : chain; /* or in one file */
	c.state = w->config.text[CONF_STATE];
	c.home = w->home;
	c.settings = &w->config;
	c.settings_now = settings_of;
	c.socket = w->listens;
	c.address = w->config.text[CONF_WEB_ADDRESS];
	c.port = (uint16_t)w->config.number[CONF_WEB_PORT];
	if (!api_main(&c, error))
		(void)leash_send(LEASH_FD, LEASH_CANNOT, 0, -1, error);
	forget_pem(chain);
	forget_pem(key);
	free(w->in);
	free(w);
	return error[0] != '\0';
}
