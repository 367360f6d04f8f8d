/*
 * engine.c - see engine.h: given what it needs, locked in, then frames until
 * it is told to stop.
 */
#include "engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "../describe/describe.h"
#include "private.h"

#define IDLE_MS 50 /* between looks at what else there is */
#define FRAMES_A_LOOK 64u
#define SILENCE (TICK_SECOND) /* a clock goes on for a link that is silent */
#define LAST_MS 30000 /* for the last batches, when told to stop */

/* ------------------------------------------------------------ from the leash
 */

_Static_assert((int)PORT_ANY == (int)MIRROR_ANY &&
	(int)PORT_TAP_RX == (int)MIRROR_TAP_RX &&
	(int)PORT_HYPER_V == (int)MIRROR_HYPER_V,
    "settings and verdict count alike");

/* What the verdict on the mirror is to know of each port. */
static void
tell_sensor_ports(struct watcher *e)
{
	for (uint32_t i = 0; i < e->config.n_port; i++) {
		const struct port_config *p = &e->config.port[i];
		struct mirror_port_config c = { .kind = p->kind,
			.rspan_vlan = p->rspan_vlan };

		(void)snprintf(c.name, sizeof(c.name), "%s",
		    p->name[0] != '\0' ? p->name : p->interface);
		for (; c.n_session < p->n_session &&
		     c.n_session < MIRROR_SESSIONS;
		     c.n_session++) {
			c.session[c.n_session].id = p->session[c.n_session].id;
			(void)snprintf(c.session[c.n_session].name, MIRROR_NAME,
			    "%s", p->session[c.n_session].name);
		}
		sensor_port(e->sensor, i, &c);
	}
}

static void
take_config(struct watcher *e, const struct leash_message *m)
{
	config_init(&e->config);
	(void)config_read(&e->config, SPAN((const uint8_t *)m->text, m->n),
	    NULL, NULL); /* main has read it before */
	say_as(PROCESS_ENGINE,
	    (enum say_level)e->config.number[CONF_LOG_LEVEL]);
	if (e->sensor == NULL)
		return;
	tell_sensor_ports(e);
	if (!sensor_filters(e->sensor, &e->config))
		say(SAY_ERROR, "%s: it stays as it was",
		    sensor_error(e->sensor));
}

static void
take_port(struct watcher *e, uint32_t i, int fd)
{
	char error[LIVE_ERROR_MAX];

	if (i >= LIVE_PORTS_MAX)
		return;
	if (e->port_fd[i] >= 0) {
		if (e->live != NULL)
			live_detach_port(e->live, i);
		(void)close(e->port_fd[i]);
	}
	e->port_fd[i] = fd;
	e->kernel_dropped[i] = 0;
	if (fd >= 0 && e->live != NULL &&
	    !live_attach_port(e->live, i, fd, error))
		say(SAY_ERROR, "%s", error);
}

/* What comes by that place now is another port's. */
static void
forget_port(struct watcher *e, uint32_t i)
{
	e->page->frames[i] = e->page->dropped[i] = e->page->set_aside[i] = 0;
	e->seen[i] = e->missed[i] = 0;
}

/* True: go on. */
static bool
take(struct watcher *e, const struct leash_message *m)
{
	switch (m->kind) {
	case LEASH_CONFIG:
	case LEASH_RELOAD:
		take_config(e, m);
		break;
	case LEASH_PAGE:
		e->page = page_map(m->fd);
		e->died_in = e->page != NULL ? e->page->note : 0;
		(void)close(m->fd);
		break;
	case LEASH_BOARD:
		e->board = m->fd;
		break;
	case LEASH_PORT:
		take_port(e, m->number, m->fd);
		break;
	case LEASH_NO_PORT:
		take_port(e, m->number, -1);
		forget_port(e, m->number % LIVE_PORTS_MAX);
		break;
	case LEASH_PEER:
		link_open(e, m->fd);
		break;
	case LEASH_STOP:
		e->stopping = true;
		break;
	case LEASH_START:
		return false;
	case LEASH_BOARD_OF_GRANTS:
	case LEASH_PULSES:
		asking_take(e, m);
		break;
	case LEASH_CONTROL:
	case LEASH_PROBE:
	case LEASH_WEB:
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

static bool
be_given(struct watcher *e)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = LEASH_FD };

	e->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (e->epoll < 0 ||
	    epoll_ctl(e->epoll, EPOLL_CTL_ADD, LEASH_FD, &ev) != 0)
		return false;
	while (leash_receive(LEASH_FD, true, &e->in) > 0)
		if (!take(e, &e->in))
			return e->page != NULL;
	return false;
}

/* ------------------------------------------------------------------ starting
 */

static bool
open_store(struct watcher *e, char error[static STORE_ERROR])
{
	uint64_t last;

	if (e->wire.fd < 0)
		return true; /* nothing is kept: main says so */
	if (!link_welcome(e, &last)) {
		(void)snprintf(error, STORE_ERROR, "the keeper is silent");
		return false;
	}
	e->store = store_remote(e->config.text[CONF_STATE], last, error);
	return e->store != NULL;
}

static void
say_wrong(void *ctx, const char *text)
{
	(void)ctx;
	say(SAY_ERROR, "%s", text);
}

static bool
open_sensor(struct watcher *e, char error[static STORE_ERROR])
{
	struct sensor_config c = { .flow = FLOW_CONFIG_DEFAULT,
		.baseline = BASELINE_CONFIG_DEFAULT,
		.store = e->store,
		.mode = (enum mode)e->config.number[CONF_MODE] };

	sensor_configure(&c, &e->config);
	c.baseline.values = true;
	c.flow.values_sampled = true;
	c.flow.note = &e->page->note;
	c.flow.off = e->page->off;
	c.packet = asking_packet;
	c.raised = asking_raised;
	c.ctx = e;
	e->sensor = sensor_new(&c, error);
	if (e->sensor == NULL)
		return false;
	if (sensor_error(e->sensor)[0] != '\0')
		say(SAY_ERROR, "%s", sensor_error(e->sensor));
	tell_sensor_ports(e);
	asking_begin(e);
	return inventory_read_vendors(sensor_inventory(e->sensor)) ||
	    !snprintf(error, STORE_ERROR, "out of memory");
}

static bool
open_ports(struct watcher *e, char error[static STORE_ERROR])
{
	char why[LIVE_ERROR_MAX];

	e->live = live_attach(e->board, why);
	if (e->live == NULL) {
		(void)snprintf(error, STORE_ERROR, "%s", why);
		return false;
	}
	for (unsigned i = 0; i < LIVE_PORTS_MAX; i++)
		if (e->port_fd[i] >= 0 &&
		    !live_attach_port(e->live, i, e->port_fd[i], why))
			say(SAY_ERROR, "%s", why);
	live_also(e->live, e->epoll);
	return true;
}

static bool
lock_in(char error[static STORE_ERROR])
{
	const struct jail nothing = { .n_path = 0 };
	char why[JAIL_ERROR], warning[JAIL_ERROR];

	if (!jail_enter(PROCESS_ENGINE, &nothing, why, warning)) {
		(void)snprintf(error, STORE_ERROR, "%s", why);
		return false;
	}
	if (warning[0] != '\0')
		say(SAY_INFO, "%s", warning);
	return true;
}

/* How far the clock is from the one that nobody sets, in milliseconds. */
static int64_t
clock_offset(void)
{
	return time_of_day().ns / 1000000 - monotonic_ms();
}

static bool
begin(struct watcher *e, char error[static STORE_ERROR])
{
	if (!jail_become(e->config.text[CONF_USER], error) ||
	    !open_store(e, error))
		return false;
	/* before what was learned of them is read */
	(void)describe_folder(config_path(&e->config, CONF_PROTOCOLS),
	    say_wrong, NULL);
	if (!open_sensor(e, error) || !open_ports(e, error) || !lock_in(error))
		return false;
	if (e->store != NULL && e->page->process[PROCESS_ENGINE].starts <= 1)
		(void)store_clear_live(e->store);
	play_recover(e);
	e->offset = clock_offset();
	return leash_send(LEASH_FD, LEASH_READY, 0, -1, "");
}

/* ------------------------------------------------------------------ the loop
 */

#define STEP_MS 2000 /* that a clock may be corrected by without a word */
#define STEP (STEP_MS * (TICK_SECOND / 1000))

/* Somebody set the clock: said, as times of before and after do not fit. */
static void
watch_clock(struct watcher *e)
{
	int64_t offset = clock_offset();
	int64_t by = offset - e->offset;
	char text[160];

	e->offset = offset;
	if (by > -STEP_MS && by < STEP_MS)
		return;
	(void)snprintf(text, sizeof(text),
	    "the clock was set %s by %lld s: times before and after do not "
	    "fit together",
	    by > 0 ? "forward" : "back",
	    (long long)((by > 0 ? by : -by) + 500) / 1000);
	say(SAY_ERROR, "%s", text);
	(void)sensor_note(e->sensor, time_of_day(), "sensor", "fault", "clock",
	    text);
	sensor_clock_set(e->sensor, time_of_day(), by * (TICK_SECOND / 1000));
	e->last_frame.ns += by * (TICK_SECOND / 1000);
}

static void
tend(struct watcher *e)
{
	int64_t ms = monotonic_ms();
	struct tick now = time_of_day();

	e->page->beat[PROCESS_ENGINE] = ms;
	watch_clock(e);
	if (now.ns - e->last_frame.ns > SILENCE)
		sensor_clock(e->sensor, now);
	if (!sensor_tend(e->sensor, ms))
		say(SAY_ERROR, "%s", sensor_error(e->sensor));
	asking_tend(e, ms);
	tell(e, ms);
	link_tend(e);
	if (e->refresh) {
		e->refresh = false;
		(void)sensor_refresh(e->sensor);
	}
	answer_all(e);
	link_watch(e);
}

static void
hear(struct watcher *e)
{
	int got;

	while ((got = leash_receive(LEASH_FD, false, &e->in)) > 0)
		(void)take(e, &e->in);
	if (got < 0) {
		say(SAY_ERROR, "main is gone");
		e->stopping = true;
	}
}

static void
run(struct watcher *e)
{
	struct frame frame;
	uint32_t n = 0;
	int64_t looked = 0;

	while (!e->stopping) {
		if (live_next(e->live, play_pause(e, IDLE_MS), &frame)) {
			/* before the first frame of another time is looked at
			 */
			if (llabs(tick_since(frame.at, e->last_frame)) > STEP)
				watch_clock(e);
			frame_work(e, &frame);
			if (++n % FRAMES_A_LOOK != 0 ||
			    monotonic_ms() - looked < IDLE_MS)
				continue;
		} else if (e->play.capture != NULL) {
			play_some(e);
			if (monotonic_ms() - looked < IDLE_MS)
				continue;
		}
		looked = monotonic_ms();
		hear(e);
		tend(e);
	}
}

/* All that is known goes to the keeper. */
static void
end(struct watcher *e)
{
	play_end(e);
	if (!sensor_finish(e->sensor))
		say(SAY_ERROR, "%s", sensor_error(e->sensor));
	if (e->store != NULL && !link_sync(e, LAST_MS))
		say(SAY_ERROR, "%zu bytes could not be written and are lost",
		    store_waiting(e->store));
	live_detach(e->live);
	sensor_free(e->sensor);
	store_close(e->store);
	wire_close(&e->wire);
}

int
engine_main(void)
{
	struct watcher *e = calloc(1, sizeof(*e));
	char error[STORE_ERROR] = "out of memory";

	say_as(PROCESS_ENGINE, SAY_INFO);
	if (e == NULL)
		return 1;
	wire_init(&e->wire);
	e->wire.takes_files = true;
	e->board = e->file = e->play_file = -1;
	for (unsigned i = 0; i < LIVE_PORTS_MAX; i++)
		e->port_fd[i] = -1;
	e->hour = hour_new();
	if (e->hour == NULL || !be_given(e))
		return 1;
	if (!begin(e, error)) {
		say(SAY_ERROR, "%s", error);
		(void)leash_send(LEASH_FD, LEASH_CANNOT, 0, -1, error);
		return 1;
	}
	run(e);
	end(e);
	free(e->hour);
	free(e);
	return 0;
}
