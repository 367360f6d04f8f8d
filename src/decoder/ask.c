/* ask.c - see decoder.h: the side of whoever asks.  The other end may be
 * anybody's: lines are bounded, and counted. */
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "../process/leash.h"
#include "../process/process.h"
#include "decoder.h"

#define PATIENCE_MS 4000

/* True: it is the last of its request. */
static bool
take(const struct leash_message *m, uint32_t number, json_t *facts)
{
	if (m->fd >= 0)
		(void)close(m->fd); /* none is wanted */
	if (m->number != number)
		return false; /* of one that was given up */
	if (m->kind == LEASH_FACT && json_array_size(facts) < DECODER_FACTS)
		(void)json_array_append_new(facts,
		    json_loadb(m->text, m->n, 0, NULL));
	return m->kind == LEASH_DECODED;
}

static bool
gather(const struct decoder_asker *a, struct leash_message *m, json_t *facts)
{
	int64_t until = monotonic_ms() + PATIENCE_MS, left;
	struct pollfd fd = { .fd = a->socket, .events = POLLIN };

	while ((left = until - monotonic_ms()) > 0 &&
	    poll(&fd, 1, (int)left) > 0) {
		if (leash_receive(a->socket, false, m) <= 0)
			return false;
		if (take(m, a->number, facts))
			return true;
	}
	return false;
}

json_t *
decoder_ask(struct decoder_asker *a, int evidence)
{
	struct leash_message *m = malloc(sizeof(*m));
	json_t *facts = json_array();

	if (m == NULL || facts == NULL || a->socket < 0 ||
	    !leash_send(a->socket, LEASH_EVIDENCE, ++a->number, evidence, "") ||
	    !gather(a, m, facts)) {
		json_decref(facts);
		facts = NULL;
	}
	free(m);
	return facts;
}
