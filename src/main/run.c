/* run.c - see main.h: the loop of the first process. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "../asker/asker.h"
#include "../decoder/decoder.h"
#include "../directory/directory.h"
#include "../engine/engine.h"
#include "../keeper/keeper.h"
#include "private.h"

#define TEND_MS 1000
#define STOP_MS 60000

int
run_role(const char *argument, const char *version)
{
	static int (*const mains[PROCESS_COUNT])(void) = {
		[PROCESS_ENGINE] = engine_main,
		[PROCESS_KEEPER] = keeper_main,
		[PROCESS_RECORDER] = record_main,
		[PROCESS_PROBE] = asker_main,
		[PROCESS_DECODER] = decoder_main,
		[PROCESS_DIRECTORY] = directory_main,
	};

	if (strncmp(argument, "--role=", 7) != 0)
		return -1;
	/* of a terminal, or a whole group: main decides who ends when */
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGUSR1, SIG_IGN);
	if (strcmp(argument + 7, processes[PROCESS_WEB].name) == 0)
		return web_main(version);
	for (uint32_t p = 0; p < PROCESS_COUNT; p++)
		if (mains[p] != NULL &&
		    strcmp(argument + 7, processes[p].name) == 0)
			return mains[p]();
	return 2;
}

/* ------------------------------------------------------------------ signals */

static int
place_of(const struct config *c, const char *interface)
{
	for (uint32_t i = 0; i < c->n_port; i++)
		if (strcmp(c->port[i].interface, interface) == 0)
			return (int)i;
	return -1;
}

/* A port that is still there keeps its place, and goes on. */
static void
keep_places(struct config *new, const struct config *was)
{
	for (uint32_t i = 0; i < was->n_port && i < new->n_port; i++) {
		int at = place_of(new, was->port[i].interface);
		struct port_config other;

		if (at < 0 || (uint32_t)at == i)
			continue;
		other = new->port[i];
		new->port[i] = new->port[at];
		new->port[at] = other;
	}
}

void
settings_reload(struct supervisor *s)
{
	struct config *was = malloc(sizeof(*was));
	struct config *new = malloc(sizeof(*new));
	static struct config file;
	static char text[LEASH_TEXT];
	const char *later;

	if (was == NULL || new == NULL || !settings_read(s, &file, new)) {
		say(SAY_ERROR,
		    "nothing was changed: the sensor goes on as it "
		    "was");
		free(was);
		free(new);
		return;
	}
	notify("RELOADING=1");
	*was = s->config;
	keep_places(new, was);
	later = config_needs_restart(was, new);
	if (later != NULL)
		say(SAY_INFO, "%s counts when the sensor is started again",
		    later);
	s->config = *new;
	s->file = file;
	memcpy(s->config.text[CONF_USER], was->text[CONF_USER], CONFIG_TEXT);
	text[config_write(&s->config, text, sizeof(text))] = '\0';
	for (uint32_t p = 0; p < PROCESS_COUNT; p++)
		if (s->child[p].leash >= 0)
			(void)leash_send(s->child[p].leash, LEASH_RELOAD, 0, -1,
			    text);
	ports_change(s, was);
	say(SAY_INFO, "the settings were read again");
	notify("READY=1");
	free(was);
	free(new);
}

/* The engine first, so that all it knows is written. */
static void
stop(struct supervisor *s)
{
	if (s->stopping) /* asked twice: at once */
		s->stop_by = 0;
	else
		s->stop_by = monotonic_ms() + STOP_MS;
	s->stopping = true;
	notify("STOPPING=1");
	child_stop(s, PROCESS_PROBE);
	child_stop(s, PROCESS_WEB);
	child_stop(s, PROCESS_DECODER);
	child_stop(s, PROCESS_DIRECTORY);
	child_stop(s, PROCESS_RECORDER);
	child_stop(s, PROCESS_ENGINE);
}

static void
take_signals(struct supervisor *s)
{
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			settings_reload(s);
		else if (info.ssi_signo == SIGUSR1)
			dial_halt(s);
		else if (info.ssi_signo != SIGCHLD)
			stop(s);
	}
	children_reap(s);
}

static bool
open_signals(struct supervisor *s)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGUSR1);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->signals >= 0;
}

/* ----------------------------------------------------------------- the loop */

static void
watchdog(struct supervisor *s, int64_t ms)
{
	static int64_t next;
	int64_t every = notify_watchdog_ms();

	if (every == 0 || ms < next)
		return;
	next = ms + every / 3;
	notify("WATCHDOG=1");
	(void)s;
}

static void
tend(struct supervisor *s, int64_t *at)
{
	int64_t ms = monotonic_ms();

	children_tend(s, ms);
	if (ms < *at)
		return;
	*at = ms + TEND_MS;
	ports_tend(s);
	dial_tend(s);
	directory_tend(s);
	watchdog(s, ms);
	if (s->listen_again != 0 && ms >= s->listen_again)
		(void)listen_open(s);
}

static void
wait_once(struct supervisor *s)
{
	struct pollfd fd[PROCESS_COUNT + 2];

	fd[0] = (struct pollfd){ .fd = s->signals, .events = POLLIN };
	fd[1] = (struct pollfd){ .fd = s->notices, .events = POLLIN };
	for (uint32_t p = 0; p < PROCESS_COUNT; p++)
		fd[2 + p] = (struct pollfd){ .fd = s->child[p].leash,
			.events = POLLIN };
	if (poll(fd, PROCESS_COUNT + 2, children_pause(s, monotonic_ms())) < 0)
		return;
	for (uint32_t p = 0; p < PROCESS_COUNT; p++)
		if ((fd[2 + p].revents & POLLIN) != 0)
			child_hear(s, (enum process)p);
	if (fd[1].revents != 0 && live_notices_read(s->notices))
		ports_tend(s);
	if (fd[0].revents != 0)
		take_signals(s);
}

static bool
all_ended(const struct supervisor *s)
{
	for (uint32_t p = 0; p < PROCESS_COUNT; p++)
		if (s->child[p].state != CHILD_OFF)
			return false;
	return true;
}

static void
kill_all(struct supervisor *s)
{
	for (uint32_t p = 0; p < PROCESS_COUNT; p++)
		if (s->child[p].state != CHILD_OFF)
			(void)kill(s->child[p].pid, SIGKILL);
}

static void
loop(struct supervisor *s)
{
	int64_t at = 0;

	while (!s->stopping || !all_ended(s)) {
		wait_once(s);
		tend(s, &at);
		if (!s->stopping)
			continue;
		if (s->child[PROCESS_ENGINE].state == CHILD_OFF)
			child_stop(s, PROCESS_KEEPER);
		if (monotonic_ms() > s->stop_by)
			kill_all(s);
	}
}

/* ----------------------------------------------------------- begin and end */

static bool
begin(struct supervisor *s)
{
	char error[LIVE_ERROR_MAX], why[JAIL_ERROR];

	s->page = page_new(&s->page_fd);
	s->board = live_board_new(error);
	s->tape_board = live_board_new(error);
	if (!dial_open(s) || s->page == NULL || s->board == NULL ||
	    s->tape_board == NULL || !open_signals(s)) {
		say(SAY_ERROR, "cannot start: %s",
		    s->board == NULL ? error : strerror(errno));
		return false;
	}
	s->page->process[PROCESS_MAIN].pid = getpid();
	s->page->process[PROCESS_MAIN].starts = 1;
	s->page->process[PROCESS_MAIN].since = monotonic_ms();
	if (!ports_open(s))
		return false;
	s->notices = live_notices_open();
	(void)places_make(s); /* the keeper says what it cannot */
	if (!control_open(s) && s->control < 0)
		return false;
	if (!jail_enter_main(why))
		say(SAY_ERROR, "%s", why);
	s->child[PROCESS_KEEPER].wanted = true;
	s->child[PROCESS_ENGINE].wanted = true;
	s->child[PROCESS_RECORDER].wanted = records(&s->config);
	s->child[PROCESS_WEB].wanted = s->config.number[CONF_WEB] == 1;
	s->child[PROCESS_DECODER].wanted = s->child[PROCESS_WEB].wanted;
	if (s->child[PROCESS_WEB].wanted)
		(void)listen_open(s);
	return true;
}

int
run_sensor(const struct run_settings *settings)
{
	struct supervisor *s = calloc(1, sizeof(*s));
	int status = 1;

	if (s == NULL)
		return 3;
	s->settings = settings;
	s->page_fd = s->notices = s->signals = s->control = s->listens = -1;
	for (uint32_t p = 0; p < PROCESS_COUNT; p++)
		s->child[p].leash = -1;
	say_as(PROCESS_MAIN, SAY_INFO);
	(void)settings_read(s, &s->file, &s->config);
	say_as(PROCESS_MAIN, (enum say_level)s->config.number[CONF_LOG_LEVEL]);
	if (begin(s)) {
		loop(s);
		status = 0;
	}
	places_leave(s);
	ports_close(s);
	dial_close(s);
	if (s->board != NULL)
		live_board_free(s->board);
	live_board_free(s->tape_board);
	free(s);
	return status;
}
