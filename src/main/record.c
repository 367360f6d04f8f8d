/*
 * record.c - the process that writes raw packets: rings of its own, the
 * directory it writes to, and nothing else.  It looks at no byte of a frame.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../recorder/recorder.h"
#include "private.h"

#define IDLE_MS 250
#define FRAMES_A_LOOK 4096u
#define SAY_MS 60000

struct taping {
	struct config config;
	struct page *page;
	int board, port_fd[LIVE_PORTS_MAX], folder;
	struct live *live;
	struct recorder *recorder;
	int64_t flushed, said;
	bool begun, stopping;
	struct leash_message in;
};

static void
name_ports(struct taping *t)
{
	for (uint32_t i = 0; i < t->config.n_port; i++)
		recorder_name(t->recorder, i, t->config.port[i].interface);
}

static void
take_port(struct taping *t, uint32_t i, int fd)
{
	char error[LIVE_ERROR_MAX];

	if (i >= LIVE_PORTS_MAX)
		return;
	if (t->port_fd[i] >= 0) {
		if (t->live != NULL)
			live_detach_port(t->live, i);
		(void)close(t->port_fd[i]);
	}
	t->port_fd[i] = fd;
	if (fd >= 0 && t->live != NULL &&
	    !live_attach_port(t->live, i, fd, error))
		say(SAY_ERROR, "%s", error);
}

static void
take(struct taping *t, const struct leash_message *m)
{
	int fd = m->fd;

	if (m->kind == LEASH_CONFIG || m->kind == LEASH_RELOAD) {
		config_init(&t->config);
		(void)config_read(&t->config,
		    SPAN((const uint8_t *)m->text, m->n), NULL, NULL);
		if (t->recorder != NULL)
			name_ports(t);
	} else if (m->kind == LEASH_BOARD) {
		t->board = fd;
		fd = -1;
	} else if (m->kind == LEASH_PORT || m->kind == LEASH_NO_PORT) {
		take_port(t, m->number, fd);
		fd = -1;
	} else if (m->kind == LEASH_PAGE) {
		t->page = page_map(fd);
	} else if (m->kind == LEASH_START) {
		t->begun = true;
	} else if (m->kind == LEASH_STOP) {
		t->stopping = true;
	}
	if (fd >= 0)
		(void)close(fd);
}

static bool
begin(struct taping *t, char error[static RECORDER_ERROR])
{
	char path[CONFIG_TEXT + 16], warning[JAIL_ERROR];
	struct recorder_config c = { .bytes =
					 t->config.number[CONF_PACKETS_BYTES] };
	const char *user = t->config.text[CONF_USER];
	struct jail jail = { .user = user[0] != '\0' ? user : NULL,
		.path = { { .path = path, .writes = true } },
		.n_path = 1 };

	(void)snprintf(path, sizeof(path), "%s/packets",
	    t->config.text[CONF_STATE]);
	if (!jail_become(jail.user, error))
		return false;
	t->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t->folder < 0) {
		(void)snprintf(error, RECORDER_ERROR, "%s cannot be opened",
		    path);
		return false;
	}
	t->live = live_attach(t->board, error);
	if (t->live == NULL)
		return false;
	for (uint32_t i = 0; i < LIVE_PORTS_MAX; i++)
		if (t->port_fd[i] >= 0 &&
		    !live_attach_port(t->live, i, t->port_fd[i], error))
			return false;
	live_also(t->live, LEASH_FD);
	if (!jail_enter(PROCESS_RECORDER, &jail, error, warning))
		return false;
	t->recorder = recorder_open(t->folder, &c, error);
	if (t->recorder == NULL)
		return false;
	name_ports(t);
	return leash_send(LEASH_FD, LEASH_READY, 0, -1, "");
}

/* Once a second to the file; what cannot be written is said once a minute. */
static void
tend(struct taping *t)
{
	int64_t ms = monotonic_ms();
	int got;

	if (t->page != NULL)
		t->page->beat[PROCESS_RECORDER] = ms;
	if (ms - t->flushed >= 1000) {
		t->flushed = ms;
		if (!recorder_flush(t->recorder) && ms - t->said > SAY_MS) {
			t->said = ms;
			say(SAY_ERROR, "%s", recorder_error(t->recorder));
		}
		for (uint32_t i = 0; i < LIVE_PORTS_MAX; i++) {
			struct live_counts c;

			live_counts(t->live, i, &c);
		}
	}
	while ((got = leash_receive(LEASH_FD, false, &t->in)) > 0)
		take(t, &t->in);
	if (got < 0)
		t->stopping = true;
}

static void
run(struct taping *t)
{
	struct frame frame;
	uint32_t n = 0;

	while (!t->stopping) {
		if (live_next(t->live, IDLE_MS, &frame)) {
			(void)recorder_frame(t->recorder, &frame);
			if (++n % FRAMES_A_LOOK != 0)
				continue;
		}
		tend(t);
	}
	recorder_close(t->recorder);
	live_detach(t->live);
}

int
record_main(void)
{
	struct taping *t = calloc(1, sizeof(*t));
	char error[RECORDER_ERROR] = "";

	if (t == NULL)
		return 3;
	for (uint32_t i = 0; i < LIVE_PORTS_MAX; i++)
		t->port_fd[i] = -1;
	say_as(PROCESS_RECORDER, SAY_INFO);
	while (!t->begun && leash_receive(LEASH_FD, true, &t->in) > 0)
		take(t, &t->in);
	if (!t->begun)
		return 1;
	say_as(PROCESS_RECORDER,
	    (enum say_level)t->config.number[CONF_LOG_LEVEL]);
	if (!begin(t, error)) {
		(void)leash_send(LEASH_FD, LEASH_CANNOT, 0, -1, error);
		return 1;
	}
	run(t);
	free(t);
	return 0;
}
