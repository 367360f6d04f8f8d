/*
 * asker.c - see asker.h: given what it needs, locked in, then grants as their
 * times come.
 *
 * One grant at a time, the one that waits longest first.  Whoever else asks,
 * or asked before us, has the same ledger (src/active/ledger.h), so that a
 * process that is killed and started again asks no faster than one that is
 * not, and two of them no faster than one.
 */
#include "asker.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "private.h"

#define LOOK_MS 250

/* ------------------------------------------------------------ from the leash
 */

static void
take_config(struct asker *a, const struct leash_message *m)
{
	config_init(&a->config);
	(void)config_read(&a->config, SPAN((const uint8_t *)m->text, m->n),
	    NULL, NULL);
	say_as(PROCESS_PROBE, (enum say_level)a->config.number[CONF_LOG_LEVEL]);
}

static void
take_keeper(struct asker *a, int fd)
{
	if (a->keeper >= 0)
		(void)close(a->keeper);
	a->keeper = fd;
	while (a->out_at > 0 && a->out[a->out_at - 1] != '\n')
		a->out_at--; /* what had gone half is sent whole */
}

/* True: all is given. */
static bool
take(struct asker *a, const struct leash_message *m)
{
	int fd = m->fd;

	if (m->kind == LEASH_CONFIG || m->kind == LEASH_RELOAD) {
		take_config(a, m);
	} else if (m->kind == LEASH_PAGE) {
		a->page = page_map(fd);
	} else if (m->kind == LEASH_BOARD_OF_GRANTS) {
		a->shared = shared_map(fd, sizeof(struct board), false);
	} else if (m->kind == LEASH_PULSES) {
		a->pulses = shared_map(fd, sizeof(struct pulses), false);
	} else if (m->kind == LEASH_PROBE) {
		take_keeper(a, fd);
		fd = -1;
	} else if (m->kind == LEASH_SOCKET) {
		fd = -1; /* the round's */
	} else if (m->kind == LEASH_STOP) {
		a->stopping = true;
	}
	if (fd >= 0)
		(void)close(fd);
	return m->kind == LEASH_START;
}

bool
asker_hear(struct asker *a, int wait_ms)
{
	struct pollfd fd = { .fd = LEASH_FD, .events = POLLIN };
	int got = 0;

	if (poll(&fd, 1, wait_ms) > 0)
		got = leash_receive(LEASH_FD, false, &a->in);
	if (got > 0)
		(void)take(a, &a->in);
	else
		a->in.kind = LEASH_START; /* nothing */
	return got >= 0;
}

static bool
be_given(struct asker *a)
{
	while (leash_receive(LEASH_FD, true, &a->in) > 0)
		if (take(a, &a->in))
			return a->page != NULL && a->shared != NULL;
	return false;
}

static bool
open_governors(struct asker *a, char error[static JAIL_ERROR])
{
	const struct active_limits devices = ACTIVE_LIMITS,
				   servers = ACTIVE_SERVER_LIMITS;
	const char *state = a->config.text[CONF_STATE];
	struct tick now = time_of_day();

	a->governor[0] = governor_open(state, &devices, &devices,
	    GOVERNOR_DEVICES, now, error, JAIL_ERROR);
	a->governor[1] = governor_open(state, &servers, &servers,
	    GOVERNOR_SERVERS, now, error, JAIL_ERROR);
	return a->governor[0] != NULL && a->governor[1] != NULL;
}

static bool
begin(struct asker *a, char error[static JAIL_ERROR])
{
	const struct jail nothing = { .n_path = 0 };
	char warning[JAIL_ERROR], why[VAULT_ERROR];

	if (!jail_become(a->config.text[CONF_USER], error) ||
	    !open_governors(a, error))
		return false;
	/* without one, grants with passwords are not used, and say so */
	(void)vault_open_key(a->config.text[CONF_STATE], false, &a->key, why);
	if (!jail_enter(PROCESS_PROBE, &nothing, error, warning))
		return false;
	a->page->asking.grant = 0; /* of one that was killed */
	return leash_send(LEASH_FD, LEASH_READY, 0, -1, "");
}

/* ------------------------------------------------------------------ the loop
 */

static uint8_t
waits(const struct asker *a)
{
	const struct page_asking *p = &a->page->asking;
	int64_t scanner = __atomic_load_n(&p->scanner, __ATOMIC_RELAXED);

	if (__atomic_load_n(&p->halt, __ATOMIC_RELAXED))
		return WAITS_HALTED;
	return scanner != 0 && monotonic_ms() - scanner < SCANNER_MS
	    ? WAITS_SCANNER
	    : WAITS_NOT;
}

/* The one that is due and was run longest ago; NULL: none is. */
static const struct asking *
next_due(const struct asker *a, struct tick now)
{
	const struct asking *best = NULL;

	for (uint32_t i = 0; i < a->board.n_grant; i++) {
		const struct asking *g = &a->board.grant[i];

		if (desk_asking_not_now(g, now) != NULL ||
		    !desk_asking_due(g, now))
			continue;
		if (best == NULL || g->last.ns < best->last.ns)
			best = g;
	}
	return best;
}

/* What is told to have begun stands on the board a moment later. */
#define TOLD_MS 5000

static void
look(struct asker *a)
{
	static uint32_t told;
	static int64_t told_at;
	const struct asking *g;
	struct asking copy;

	a->page->asking.waits = waits(a);
	if (a->page->asking.waits != WAITS_NOT ||
	    !board_copy(a->shared, &a->board))
		return;
	g = next_due(a, time_of_day());
	if (g == NULL || tell_is_behind(a) ||
	    (g->id == told && monotonic_ms() - told_at < TOLD_MS))
		return;
	copy = *g;
	round_run(a, &copy);
	told = copy.id;
	told_at = monotonic_ms();
}

int
asker_main(void)
{
	struct asker *a = calloc(1, sizeof(*a));
	char error[JAIL_ERROR] = "";

	say_as(PROCESS_PROBE, SAY_INFO);
	if (a == NULL)
		return 1;
	a->keeper = -1;
	if (!be_given(a))
		return 1;
	if (!begin(a, error)) {
		(void)leash_send(LEASH_FD, LEASH_CANNOT, 0, -1, error);
		return 1;
	}
	while (!a->stopping) {
		if (!asker_hear(a, LOOK_MS))
			break;
		a->page->beat[PROCESS_PROBE] = monotonic_ms();
		tell_flush(a);
		look(a);
	}
	governor_free(a->governor[0]);
	governor_free(a->governor[1]);
	free(a->out);
	vault_wipe(&a->key, sizeof(a->key));
	free(a);
	return 0;
}
