/* ports.c - the monitoring ports: opened, tended, changed at a reload. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "private.h"

/* "10.9.0.1/24", checked when it was set; "": none. */
static void
tunnel_end(const char *text, struct live_config *lc)
{
	const char *slash = strchr(text, '/');
	char ip[24];
	uint8_t b[4];

	if (slash == NULL)
		return;
	(void)snprintf(ip, sizeof(ip), "%.*s", (int)(slash - text), text);
	if (inet_pton(AF_INET, ip, b) != 1)
		return;
	lc->address = ip4_of(b);
	lc->prefix = (uint8_t)strtoul(slash + 1, NULL, 10);
}

#define TAPE_RING (8u * 1024u * 1024u)

bool
records(const struct config *c)
{
	return c->number[CONF_PACKETS_BYTES] > 0;
}

/* The interface has been prepared for the engine's ring. */
static void
open_tape(struct supervisor *s, uint32_t i)
{
	struct live_config lc = { .ring_bytes = TAPE_RING, .as_is = true };
	char error[LIVE_ERROR_MAX];

	if (!records(&s->config))
		return;
	(void)snprintf(lc.name, sizeof(lc.name), "%s",
	    s->config.port[i].interface);
	s->tape[i] = live_port_open(&lc, error);
	if (s->tape[i] == NULL)
		say(SAY_ERROR, "packets are not recorded: %s", error);
	else
		(void)live_port_tend(s->tape[i], s->tape_board, i);
}

static bool
open_one(struct supervisor *s, uint32_t i)
{
	const struct config *c = &s->config;
	struct live_config lc = {
		.ring_bytes = (uint32_t)c->number[CONF_RING],
		.hardware_time = true,
		.damaged = true,
	};
	char error[LIVE_ERROR_MAX];
	struct live_port *p;

	(void)snprintf(lc.name, sizeof(lc.name), "%s", c->port[i].interface);
	tunnel_end(c->port[i].address, &lc);
	p = live_port_open(&lc, error);
	if (p == NULL) {
		say(SAY_ERROR, "%s", error);
		return false;
	}
	s->port[i] = p;
	(void)live_port_tend(p, s->board, i);
	open_tape(s, i);
	return true;
}

bool
ports_open(struct supervisor *s)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->config.n_port; i++)
		n += open_one(s, i);
	if (s->config.n_port == 0)
		say(SAY_INFO,
		    "no ports are configured: name them in " CONFIG_FILE
		    ", or with -i INTERFACE");
	return n > 0 || s->config.n_port == 0;
}

static void
say_problem(struct supervisor *s, uint32_t i)
{
	struct live *l;
	struct live_status st;
	char error[LIVE_ERROR_MAX];

	l = live_attach(live_board_fd(s->board), error);
	if (l != NULL && live_status(l, i, &st)) {
		if (st.problem[0] != '\0')
			say(SAY_ERROR, "%s: %s", s->config.port[i].interface,
			    st.problem);
		else
			say(SAY_INFO, "%s: is watched",
			    s->config.port[i].interface);
	}
	live_detach(l);
}

void
ports_tend(struct supervisor *s)
{
	for (uint32_t i = 0; i < LIVE_PORTS_MAX; i++) {
		if (s->port[i] != NULL &&
		    live_port_tend(s->port[i], s->board, i))
			say_problem(s, i);
		if (s->tape[i] != NULL)
			(void)live_port_tend(s->tape[i], s->tape_board, i);
	}
}

static void
close_one(struct supervisor *s, uint32_t i)
{
	if (s->port[i] == NULL)
		return;
	live_port_close(s->port[i]);
	live_board_clear(s->board, i);
	s->port[i] = NULL;
	live_port_close(s->tape[i]);
	live_board_clear(s->tape_board, i);
	s->tape[i] = NULL;
}

/* A port that is another one now is closed and opened; the others go on. */
void
ports_change(struct supervisor *s, const struct config *was)
{
	int leash = s->child[PROCESS_ENGINE].leash,
	    tape = s->child[PROCESS_RECORDER].leash;

	for (uint32_t i = 0; i < CONFIG_PORTS; i++) {
		const char *old = i < was->n_port ? was->port[i].interface : "";
		const char *new =
		    i < s->config.n_port ? s->config.port[i].interface : "";

		if (strcmp(old, new) == 0)
			continue;
		if (leash >= 0)
			(void)leash_send(leash, LEASH_NO_PORT, i, -1, "");
		if (tape >= 0)
			(void)leash_send(tape, LEASH_NO_PORT, i, -1, "");
		close_one(s, i);
		if (new[0] == '\0' || !open_one(s, i))
			continue;
		if (leash >= 0)
			(void)leash_send(leash, LEASH_PORT, i,
			    live_port_fd(s->port[i]), "");
		if (tape >= 0 && s->tape[i] != NULL)
			(void)leash_send(tape, LEASH_PORT, i,
			    live_port_fd(s->tape[i]), "");
	}
}

void
ports_close(struct supervisor *s)
{
	for (uint32_t i = 0; i < LIVE_PORTS_MAX; i++)
		close_one(s, i);
}
