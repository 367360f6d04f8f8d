/*
 * children.c - the other processes: started, given what they need, started
 * again when they end.
 *
 * The keeper first: it makes or opens the state.  The engine when the keeper
 * is ready, or has said that it cannot be: then it watches without keeping,
 * and is started anew once the state can be written.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "private.h"

#define FAST_MS 1000 /* lived no longer */
#define FAST_MANY 50u /* in a row: from then on it takes longer and longer */
#define DELAY_MS 50
#define DELAY_MOST_MS 10000
#define CANNOT_MS 5000 /* the state cannot be opened: try again */
#define HANGS_MS 15000

static struct child *
keeper(struct supervisor *s)
{
	return &s->child[PROCESS_KEEPER];
}

static struct child *
engine(struct supervisor *s)
{
	return &s->child[PROCESS_ENGINE];
}

/* ---------------------------------------------------------------- starting */

static void
become(enum process p, int leash)
{
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	leash_become(processes[p].name, leash);
}

/* A new socket between the two; the old one's ends are closed with them. */
static void
join(struct supervisor *s)
{
	int pair[2];

	if (engine(s)->leash < 0 || keeper(s)->leash < 0)
		return;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		say(SAY_ERROR, "engine and keeper cannot be joined: %s",
		    strerror(errno));
		return;
	}
	(void)leash_send(engine(s)->leash, LEASH_PEER, 0, pair[0], "");
	(void)leash_send(keeper(s)->leash, LEASH_PEER, 0, pair[1], "");
	(void)close(pair[0]);
	(void)close(pair[1]);
}

static void
give_pair(int one, int other, enum leash_kind kind, int type)
{
	int pair[2];

	if (one < 0 || other < 0 ||
	    socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair) != 0)
		return;
	(void)leash_send(one, kind, 0, pair[0], "");
	(void)leash_send(other, kind, 0, pair[1], "");
	(void)close(pair[0]);
	(void)close(pair[1]);
}

/* Of the keeper and one that asks it. */
static void
join_client(struct supervisor *s, enum process p, enum leash_kind kind)
{
	give_pair(s->child[p].leash, keeper(s)->leash, kind, SOCK_STREAM);
}

/* Of the web and what says to it what is in frames. */
static void
join_decoder(struct supervisor *s)
{
	give_pair(s->child[PROCESS_WEB].leash, s->child[PROCESS_DECODER].leash,
	    LEASH_DECODER, SOCK_SEQPACKET);
}

static void
give_ports(int leash, const struct live_board *board,
    struct live_port *const *port)
{
	(void)leash_send(leash, LEASH_BOARD, 0, live_board_fd(board), "");
	for (uint32_t i = 0; i < LIVE_PORTS_MAX; i++)
		if (port[i] != NULL)
			(void)leash_send(leash, LEASH_PORT, i,
			    live_port_fd(port[i]), "");
}

static void
give(struct supervisor *s, enum process p)
{
	int leash = s->child[p].leash;
	static char text[LEASH_TEXT];

	/* the web's is as the file says: what people set it reads itself */
	memcpy(s->file.text[CONF_USER], s->config.text[CONF_USER], CONFIG_TEXT);
	text[config_write(p == PROCESS_WEB ? &s->file : &s->config, text,
	    sizeof(text))] = '\0';
	(void)leash_send(leash, LEASH_CONFIG, 0, -1, text);
	(void)leash_send(leash, LEASH_PAGE, 0, s->page_fd, "");
	if (p == PROCESS_ENGINE) {
		give_ports(leash, s->board, s->port);
		s->engine_keeps = keeper(s)->state == CHILD_READY;
		if (s->engine_keeps)
			join(s);
	}
	if (p == PROCESS_RECORDER)
		give_ports(leash, s->tape_board, s->tape);
	if (p == PROCESS_KEEPER) {
		if (s->control >= 0)
			(void)leash_send(leash, LEASH_CONTROL, 0, s->control,
			    "");
		if (s->engine_keeps)
			join(s);
		join_client(s, PROCESS_WEB, LEASH_WEB);
		join_client(s, PROCESS_PROBE, LEASH_PROBE);
	}
	if (p == PROCESS_WEB) {
		(void)leash_send(leash, LEASH_LISTEN, 0, s->listens, "");
		join_client(s, PROCESS_WEB, LEASH_WEB);
	}
	if (p == PROCESS_WEB || p == PROCESS_DIRECTORY)
		directory_join(s);
	if (p == PROCESS_PROBE)
		join_client(s, PROCESS_PROBE, LEASH_PROBE);
	if (p == PROCESS_WEB || p == PROCESS_DECODER)
		join_decoder(s);
	dial_give(s, p);
	(void)leash_send(leash, LEASH_START, 0, -1, "");
}

bool
child_start(struct supervisor *s, enum process p)
{
	struct child *c = &s->child[p];
	int pair[2];

	if (!leash_pair(pair)) {
		say(SAY_ERROR, "%s cannot be started: %s", processes[p].name,
		    strerror(errno));
		return false;
	}
	c->started = monotonic_ms();
	if (p == PROCESS_WEB)
		web_files_of(s->config.text[CONF_STATE], &s->web_files);
	s->page->process[p].starts++;
	s->page->process[p].since = c->started;
	c->pid = fork();
	if (c->pid == 0)
		become(p, pair[1]);
	(void)close(pair[1]);
	if (c->pid < 0) {
		say(SAY_ERROR, "%s cannot be started: %s", processes[p].name,
		    strerror(errno));
		(void)close(pair[0]);
		return false;
	}
	c->leash = pair[0];
	c->state = CHILD_STARTING;
	c->ending = false;
	s->page->process[p].pid = c->pid;
	give(s, p);
	return true;
}

void
child_stop(struct supervisor *s, enum process p)
{
	struct child *c = &s->child[p];

	if (c->state == CHILD_OFF || c->ending)
		return;
	c->ending = true;
	if (p == PROCESS_WEB)
		(void)kill(c->pid, SIGTERM);
	else if (!leash_send(c->leash, LEASH_STOP, 0, -1, ""))
		(void)kill(c->pid, SIGKILL);
}

/* ------------------------------------------------------------------ ending */

static const char *
how(int status, char dst[static 48])
{
	if (WIFSIGNALED(status))
		(void)snprintf(dst, 48, "signal %d (%s)", WTERMSIG(status),
		    WTERMSIG(status) == SIGSYS
			? "it tried what it may not"
			: sigabbrev_np(WTERMSIG(status)));
	else
		(void)snprintf(dst, 48, "status %d", WEXITSTATUS(status));
	return dst;
}

static void
plan_next(struct child *c, int64_t ms)
{
	int64_t delay = DELAY_MS;

	if (c->cannot[0] != '\0') {
		c->next = ms + CANNOT_MS;
		return;
	}
	if (ms - c->started >= FAST_MS) {
		c->fast = 0;
		c->next = ms;
		return;
	}
	for (uint32_t i = FAST_MANY; i < c->fast && delay < DELAY_MOST_MS; i++)
		delay *= 2;
	c->fast++;
	c->next = ms + (delay < DELAY_MOST_MS ? delay : DELAY_MOST_MS);
}

static void
has_ended(struct supervisor *s, enum process p, int status)
{
	struct child *c = &s->child[p];
	char text[48];

	child_hear(s, p); /* its last words */
	if (c->leash >= 0)
		(void)close(c->leash);
	c->leash = -1;
	c->state = CHILD_OFF;
	s->page->process[p].pid = 0;
	if (c->ending || c->cannot[0] != '\0') {
		plan_next(c, monotonic_ms());
		if (c->ending)
			c->next = monotonic_ms();
		return;
	}
	s->page->process[p].deaths++;
	plan_next(c, monotonic_ms());
	say(SAY_ERROR, "the %s ended with %s; it is started again",
	    processes[p].name, how(status, text));
}

void
children_reap(struct supervisor *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (uint32_t p = 0; p < PROCESS_COUNT; p++)
			if (s->child[p].state != CHILD_OFF &&
			    s->child[p].pid == pid)
				has_ended(s, (enum process)p, status);
}

/* ----------------------------------------------------------------- hearing */

/* The keeper made the database anew: the web may open the old one only. */
static void
show_web(struct supervisor *s)
{
	struct web_files now;

	web_files_of(s->config.text[CONF_STATE], &now);
	if (s->child[PROCESS_WEB].state == CHILD_OFF ||
	    web_files_same(&now, &s->web_files))
		return;
	say(SAY_INFO, "the database is another one: the web is started anew");
	child_stop(s, PROCESS_WEB);
}

static void
is_ready(struct supervisor *s, enum process p)
{
	struct child *c = &s->child[p];

	c->state = CHILD_READY;
	c->cannot[0] = '\0';
	s->page->beat[p] = monotonic_ms();
	say(SAY_DEBUG, "the %s is ready after %lld ms", processes[p].name,
	    (long long)(monotonic_ms() - c->started));
	if (p == PROCESS_ENGINE)
		notify("READY=1\nSTATUS=watching");
	if (p == PROCESS_KEEPER)
		show_web(s);
	if (p == PROCESS_KEEPER && engine(s)->state != CHILD_OFF &&
	    !s->engine_keeps) {
		say(SAY_INFO,
		    "the state can be written: the engine goes on "
		    "from it");
		child_stop(s, PROCESS_ENGINE);
	}
}

static void
cannot(struct supervisor *s, enum process p)
{
	struct child *c = &s->child[p];

	if (strncmp(c->cannot, s->in.text, sizeof(c->cannot) - 1) != 0)
		say(SAY_ERROR, "the %s cannot work: %s%s", processes[p].name,
		    s->in.text,
		    p == PROCESS_KEEPER
			? "; what is seen is not kept until it can"
			: "");
	(void)snprintf(c->cannot, sizeof(c->cannot), "%.*s",
	    (int)sizeof(c->cannot) - 1, s->in.text);
}

void
child_hear(struct supervisor *s, enum process p)
{
	struct child *c = &s->child[p];

	while (c->leash >= 0 && leash_receive(c->leash, false, &s->in) > 0) {
		if (s->in.kind == LEASH_READY)
			is_ready(s, p);
		else if (s->in.kind == LEASH_CANNOT)
			cannot(s, p);
		else if (s->in.kind == LEASH_DIAL && p == PROCESS_PROBE)
			dial_socket(s);
		else if (s->in.kind == LEASH_DIAL && p == PROCESS_DIRECTORY)
			directory_socket(s);
		else if (s->in.kind == LEASH_SETTINGS && p == PROCESS_KEEPER)
			settings_reload(s);
		if (s->in.fd >= 0)
			(void)close(s->in.fd);
	}
}

/* ----------------------------------------------------------------- tending */

/* Whether what it needs is there. */
static bool
may_start(struct supervisor *s, enum process p)
{
	if (p == PROCESS_ENGINE)
		return keeper(s)->state == CHILD_READY ||
		    keeper(s)->cannot[0] != '\0' || !keeper(s)->wanted;
	if (p == PROCESS_WEB)
		return keeper(s)->state == CHILD_READY && s->listens >= 0;
	if (p == PROCESS_DIRECTORY)
		return keeper(s)->state == CHILD_READY;
	return p != PROCESS_PROBE ||
	    (keeper(s)->state == CHILD_READY &&
		engine(s)->state == CHILD_READY);
}

static void
end_hanging(struct supervisor *s, enum process p, int64_t ms)
{
	struct child *c = &s->child[p];
	int64_t beat = __atomic_load_n(&s->page->beat[p], __ATOMIC_RELAXED);

	if (p == PROCESS_WEB || c->state != CHILD_READY ||
	    ms - beat < HANGS_MS || ms - c->started < HANGS_MS)
		return;
	say(SAY_ERROR, "the %s has not moved for %d s: it is ended",
	    processes[p].name, HANGS_MS / 1000);
	s->page->beat[p] = ms;
	(void)kill(c->pid, SIGKILL);
}

void
children_tend(struct supervisor *s, int64_t ms)
{
	for (uint32_t p = 0; p < PROCESS_COUNT; p++) {
		struct child *c = &s->child[p];

		if (c->state == CHILD_OFF && c->wanted && !s->stopping &&
		    ms >= c->next && may_start(s, (enum process)p) &&
		    !child_start(s, (enum process)p))
			c->next = ms + DELAY_MOST_MS;
		end_hanging(s, (enum process)p, ms);
	}
}

int
children_pause(const struct supervisor *s, int64_t ms)
{
	int64_t pause = 1000;

	for (uint32_t p = 0; p < PROCESS_COUNT; p++) {
		const struct child *c = &s->child[p];

		if (c->state == CHILD_OFF && c->wanted && c->next - ms < pause)
			pause = c->next - ms;
	}
	return pause > 10 ? (int)pause : 10;
}
