/*
 * fuzz_answer.c - what devices answer when they are asked.
 *
 * The first byte names the method, the second how far the conversation is and
 * whether SNMP is version 3; then come the length of an answer, and answers of
 * that length, one after another.  A conversation never has more requests than
 * its method says.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../src/active/active.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
hear(const struct active_method *m, struct inquiry *q, struct span s)
{
	uint8_t bytes[ACTIVE_REQUEST_MAX];

	if (m->whole != NULL) {
		uint32_t whole = m->whole(s);

		if (whole == 0 || whole > s.n)
			return;
		s.n = whole;
	}
	while (q->step < m->requests) {
		struct wr w = WR(bytes);

		if (!m->ask(q, &w))
			return;
		q->step++;
		if (m->heard == NULL || !m->heard(q, s))
			return;
		if (q->n_plain > sizeof(q->plain))
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct inquiry q;
	const struct active_method *m;
	size_t each;

	if (n < 4 || n > 65536)
		return 0;
	memset(&q, 0, sizeof(q));
	m = &active_methods[data[0] % active_method_count];
	q.target = q.options.server = ip4_of((const uint8_t[]){ 10, 1, 2, 3 });
	q.step = data[1] & 7;
	if ((data[1] & 8) != 0) {
		memcpy(q.options.user, "op", 3);
		memcpy(q.options.auth, "authpass-12", 12);
		memcpy(q.options.priv, "privpass-12", 12);
		q.usm.n_engine = (data[1] & 16) != 0 ? 5 : 0;
		q.usm.id = data[1] >> 5;
	}
	each = data[2] > 0 ? data[2] : n;
	for (size_t at = 3; at < n; at += each)
		hear(m, &q,
		    SPAN(data + at, (uint32_t)(n - at < each ? n - at : each)));
	return 0;
}
