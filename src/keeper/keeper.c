/*
 * keeper.c - see keeper.h.
 *
 * A batch that cannot be written (no room, usually) stays where it is and is
 * tried again every second; the engine is told why, and gathers.
 */
#include "keeper.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/vault.h"
#include "private.h"

#define AGAIN_MS 1000
#define RETAIN_FIRST_MS 60000
#define RETAIN_MS 3600000
#define RETAIN_WAITS_MS 86400000
#define CLOCK_SET_MS 3600000
#define SEAL_MS 2000
#define IDLE_MS 500

/* ---------------------------------------------------------------- the engine
 */

static void
tell_trouble(struct keeper *k, const char *text)
{
	if (strcmp(k->trouble, text) == 0)
		return;
	if (text[0] != '\0')
		say(SAY_ERROR, "%s", text);
	else
		say(SAY_INFO, "the state is written again");
	(void)snprintf(k->trouble, sizeof(k->trouble), "%s", text);
	(void)wire_send(&k->wire, WIRE_WAIT, 0, 0, span_text(k->trouble),
	    SPAN(NULL, 0));
}

/* False: it has to be tried again. */
static bool
write_batch(struct keeper *k, const struct wire_head *h, struct span bytes)
{
	uint32_t rows = h->a <= bytes.n ? h->a : bytes.n;
	const char *error;

	if (!store_apply(k->store, h->number, SPAN(bytes.p, rows),
		SPAN(bytes.p + rows, bytes.n - rows))) {
		tell_trouble(k, store_error(k->store));
		k->again = monotonic_ms() + AGAIN_MS;
		return false;
	}
	k->again = 0;
	tell_trouble(k, "");
	error = store_error(k->store);
	if (error[0] != '\0')
		say(SAY_ERROR, "%s", error);
	(void)wire_send(&k->wire, WIRE_WRITTEN, h->number, 0, span_text(error),
	    SPAN(NULL, 0));
	return true;
}

/* What people set is written for main, which tells everybody. */
static void
tell_settings(struct keeper *k)
{
	bool changed;

	if (!store_write_settings(k->store, &changed))
		say(SAY_ERROR, "%s", store_error(k->store));
	else if (changed)
		(void)leash_send(LEASH_FD, LEASH_SETTINGS, 0, -1, "");
}

/* False: the message stays. */
static bool
one_message(struct keeper *k, const struct wire_head *h, struct span bytes)
{
	switch ((enum wire_kind)h->kind) {
	case WIRE_HELLO:
		(void)wire_send(&k->wire, WIRE_WELCOME, store_batch(k->store),
		    0, SPAN(NULL, 0), SPAN(NULL, 0));
		if (k->trouble[0] != '\0')
			(void)wire_send(&k->wire, WIRE_WAIT, 0, 0,
			    span_text(k->trouble), SPAN(NULL, 0));
		return true;
	case WIRE_BATCH:
		return write_batch(k, h, bytes);
	case WIRE_ANSWER:
		tell_settings(k);
		clients_answer(k, h->number, bytes);
		return true;
	case WIRE_WELCOME:
	case WIRE_WRITTEN:
	case WIRE_WAIT:
	case WIRE_FILE:
	case WIRE_ASK:
	case WIRE_REFRESH:
	case WIRE_KIND_COUNT:
		break;
	}
	return true;
}

static void
whole_messages(struct keeper *k)
{
	struct wire_head head;
	struct span bytes;

	while (
	    wire_next(&k->wire, &head, &bytes) && one_message(k, &head, bytes))
		wire_drop(&k->wire, &head);
}

/* Whole batches of an engine that died are written all the same. */
static void
engine_in(struct keeper *k)
{
	(void)wire_fill(&k->wire);
	whole_messages(k);
	if (!k->wire.ended)
		return;
	if (k->again != 0)
		say(SAY_ERROR,
		    "the engine ended while its batches could not be written: "
		    "they are lost");
	k->again = 0;
	wire_close(&k->wire);
	clients_no_engine(k);
}

/* A new engine begins where the last one ended: that is read first. */
static void
take_engine(struct keeper *k, int fd)
{
	while (k->wire.fd >= 0)
		engine_in(k);
	wire_open(&k->wire, fd, WIRE_BATCH_MAX);
}

/* ------------------------------------------------------------ from the leash
 */

static void
take_config(struct keeper *k, const struct leash_message *m)
{
	config_init(&k->config);
	(void)config_read(&k->config, SPAN((const uint8_t *)m->text, m->n),
	    NULL, NULL);
	say_as(PROCESS_KEEPER,
	    (enum say_level)k->config.number[CONF_LOG_LEVEL]);
}

/* True: go on. */
static bool
take(struct keeper *k, const struct leash_message *m)
{
	switch (m->kind) {
	case LEASH_CONFIG:
	case LEASH_RELOAD:
		take_config(k, m);
		break;
	case LEASH_PAGE:
		k->page = page_map(m->fd);
		(void)close(m->fd);
		break;
	case LEASH_CONTROL:
		k->control = m->fd;
		break;
	case LEASH_PEER:
		take_engine(k, m->fd);
		break;
	case LEASH_WEB:
		clients_own(k, m->fd, CLIENT_WEB);
		break;
	case LEASH_PROBE:
		clients_own(k, m->fd, CLIENT_PROBE);
		break;
	case LEASH_BOARD_OF_GRANTS:
		k->board = shared_map(m->fd, sizeof(struct board), true);
		(void)close(m->fd);
		break;
	case LEASH_STOP:
		k->stopping = true;
		break;
	case LEASH_START:
		return false;
	case LEASH_BOARD:
	case LEASH_PULSES:
	case LEASH_PORT:
	case LEASH_NO_PORT:
	case LEASH_DIRECTORY:
	case LEASH_LISTEN:
	case LEASH_SOCKET:
	case LEASH_DIAL:
	case LEASH_READY:
	case LEASH_CANNOT:
	case LEASH_SETTINGS:
	case LEASH_DECODER:
	case LEASH_EVIDENCE:
	case LEASH_FACT:
	case LEASH_DECODED:
		if (m->fd >= 0)
			(void)close(m->fd);
		break;
	}
	return true;
}

/* ------------------------------------------------------------------ starting
 */

static bool
be_given(struct keeper *k)
{
	while (leash_receive(LEASH_FD, true, &k->in) > 0)
		if (!take(k, &k->in))
			return true;
	return false;
}

/* So that it is there before the probe, which reads it once, is locked in. */
static void
make_vault(const char *dir)
{
	char error[VAULT_ERROR];
	struct vault_key key;

	if (!vault_open_key(dir, true, &key, error))
		say(SAY_ERROR, "%s", error);
	vault_wipe(&key, sizeof(key));
}

/* Where commands find us: written before anybody hears that we are ready. */
static void
tell_runtime(struct keeper *k)
{
	const char *runtime = k->config.text[CONF_RUNTIME];

	if (!store_begin(k->store) ||
	    !store_put(k->store, "sensor.runtime", runtime) ||
	    !store_commit(k->store)) {
		say(SAY_ERROR, "%s", store_error(k->store));
		store_rollback(k->store);
	}
}

static bool
begin(struct keeper *k, char error[static STORE_ERROR])
{
	const char *dir = k->config.text[CONF_STATE];
	const struct jail jail = { .path = { { .path = dir, .writes = true },
				       { .path = "/etc/passwd" } },
		.n_path = 2 };
	bool again =
	    k->page != NULL && k->page->process[PROCESS_KEEPER].starts > 1;
	char warning[JAIL_ERROR];

	if (!jail_become(k->config.text[CONF_USER], error))
		return false;
	k->store = store_open(dir, again ? STORE_AGAIN : STORE_MAKING, error);
	if (k->store == NULL)
		return false;
	k->signs = store_ledger_secret(k->store, k->secret);
	if (!k->signs)
		say(SAY_ERROR, "%s", store_error(k->store));
	make_vault(dir);
	if (!jail_enter(PROCESS_KEEPER, &jail, error, warning))
		return false;
	tell_runtime(k);
	tell_settings(k);
	k->retain = monotonic_ms() + RETAIN_FIRST_MS;
	return leash_send(LEASH_FD, LEASH_READY, 0, -1, "");
}

/* ------------------------------------------------------------------ the loop
 */

/*
 * A clock that was set far forward makes everything look old.  What is too old
 * is forgotten a day later, when somebody may have seen it.
 */
static void
watch_clock(struct keeper *k, int64_t ms)
{
	int64_t offset = time_of_day().ns / 1000000 - ms;
	int64_t by = k->offset != 0 ? offset - k->offset : 0;

	k->offset = offset;
	if (by > -CLOCK_SET_MS && by < CLOCK_SET_MS)
		return;
	k->retain = ms + RETAIN_WAITS_MS;
	say(SAY_ERROR,
	    "the clock was set: what is old is not forgotten before a day");
}

static void
retain(struct keeper *k, int64_t ms)
{
	const struct config *c = &k->config;
	const struct retention usual = RETENTION_DEFAULT;
	const struct retention r = {
		.alert_days = (uint32_t)c->number[CONF_ALERT_DAYS],
		.timeline_days = (uint32_t)c->number[CONF_TIMELINE_DAYS],
		.conv_days = (uint32_t)c->number[CONF_CONV_DAYS],
		.evidence_bytes = c->number[CONF_EVIDENCE_BYTES],
		.database_bytes = c->number[CONF_DATABASE_BYTES],
		.close_days = (uint32_t)c->number[CONF_CLOSE_DAYS],
		.minutes_days = usual.minutes_days,
		.hours_days = usual.hours_days,
		.days_days = usual.days_days,
	};

	struct tick before = time_of_day();

	if (ms < k->retain || k->again != 0)
		return;
	k->retain = ms + RETAIN_MS;
	before.ns -= (int64_t)c->number[CONF_LEDGER_DAYS] * 86400 * TICK_SECOND;
	if (!store_retain_ledger(k->store, before))
		say(SAY_ERROR, "%s", store_error(k->store));
	if (!store_retain(k->store, &r, time_of_day()))
		say(SAY_ERROR, "%s", store_error(k->store));
	(void)wire_send(&k->wire, WIRE_REFRESH, 0, 0, SPAN(NULL, 0),
	    SPAN(NULL, 0));
}

/* Hours of the ledger that are over. */
static void
seal(struct keeper *k, int64_t ms)
{
	if (ms < k->seal || k->again != 0 || !k->signs)
		return;
	k->seal = ms + SEAL_MS;
	if (!store_seal_hours(k->store, k->secret))
		say(SAY_ERROR, "%s", store_error(k->store));
}

static void
hear(struct keeper *k)
{
	int got;

	while ((got = leash_receive(LEASH_FD, false, &k->in)) > 0)
		(void)take(k, &k->in);
	if (got < 0)
		k->stopping = true; /* main is gone */
}

static void
tend(struct keeper *k)
{
	int64_t ms = monotonic_ms();

	if (k->page != NULL)
		k->page->beat[PROCESS_KEEPER] = ms;
	if (k->again != 0 && ms >= k->again)
		whole_messages(k);
	clients_expire(k, ms);
	watch_clock(k, ms);
	retain(k, ms);
	asked_tend(k, ms);
	seal(k, ms);
}

static void
wait_once(struct keeper *k)
{
	struct pollfd fd[CLIENTS + 3];
	nfds_t n = 3;

	fd[0] = (struct pollfd){ .fd = LEASH_FD, .events = POLLIN };
	fd[1] = (struct pollfd){ .fd = k->wire.fd,
		/* a batch waits: what follows it waits in the socket */
		.events = (short)((k->again == 0 ? POLLIN : 0) |
		    (wire_wants_out(&k->wire) ? POLLOUT : 0)) };
	fd[2] = (struct pollfd){ .fd = k->control, .events = POLLIN };
	for (unsigned i = 0; i < CLIENTS; i++)
		fd[n++] = (struct pollfd){ .fd = k->client[i].fd,
			.events = (short)(POLLIN |
			    (client_wants_out(&k->client[i]) ? POLLOUT : 0)) };
	if (poll(fd, n, IDLE_MS) < 0)
		return;
	if (fd[0].revents != 0)
		hear(k);
	/* by number: the leash may have brought another one */
	if (fd[1].fd == k->wire.fd && (fd[1].revents & POLLOUT) != 0)
		(void)wire_flush(&k->wire);
	if (k->wire.fd >= 0 && k->again == 0 && fd[1].revents != 0)
		engine_in(k);
	if (fd[2].revents != 0)
		clients_accept(k);
	for (unsigned i = 0; i < CLIENTS; i++)
		if (fd[3 + i].fd >= 0 && fd[3 + i].revents != 0 &&
		    k->client[i].fd == fd[3 + i].fd)
			client_tend(k, &k->client[i],
			    (fd[3 + i].revents & (POLLIN | POLLHUP)) != 0);
}

int
keeper_main(void)
{
	struct keeper *k = calloc(1, sizeof(*k));
	char error[STORE_ERROR] = "out of memory";

	say_as(PROCESS_KEEPER, SAY_INFO);
	if (k == NULL)
		return 1;
	wire_init(&k->wire);
	k->control = -1;
	clients_init(k);
	if (!be_given(k))
		return 1;
	if (!begin(k, error)) {
		(void)leash_send(LEASH_FD, LEASH_CANNOT, 0, -1, error);
		return 1;
	}
	while (!k->stopping) {
		wait_once(k);
		tend(k);
	}
	clients_close(k);
	wire_close(&k->wire);
	store_close(k->store);
	free(k);
	return 0;
}
