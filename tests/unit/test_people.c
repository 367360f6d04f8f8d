/* test_people.c - codes of a second factor, and how often may be tried. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/people/people.h"

/* RFC 6238, appendix B, SHA-1, the last six of its eight digits; the secret is
 * "12345678901234567890". */
static void
vectors(void)
{
	static const char secret[] = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
	static const struct {
		int64_t at;
		uint32_t code;
	} rows[] = { { 59, 287082 }, { 1111111109, 81804 },
		{ 1111111111, 50471 }, { 1234567890, 5924 },
		{ 2000000000, 279037 }, { 20000000000, 353130 } };
	char text[16];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t code = 0;

		assert(totp_code(secret, rows[i].at / 30, &code));
		assert(code == rows[i].code);
		(void)snprintf(text, sizeof(text), "%06u", code);
		assert(
		    totp_step(secret, text, rows[i].at, 0) == rows[i].at / 30);
		/* a step early or late is good, two are not */
		assert(totp_step(secret, text, rows[i].at + 30, 0) >= 0);
		assert(totp_step(secret, text, rows[i].at + 90, 0) < 0);
		/* good once */
		assert(
		    totp_step(secret, text, rows[i].at, rows[i].at / 30) < 0);
	}
	assert(totp_step(secret, "28708", 59, 0) < 0);
	assert(totp_step(secret, "", 59, 0) < 0);
	assert(totp_step("not base32!", "287082", 59, 0) < 0);
}

static void
gates(void)
{
	struct gate *g = gate_new();
	int64_t now = 1000000;

	assert(g != NULL);
	for (int i = 0; i < 5; i++) {
		assert(gate_wait(g, "10.0.0.9", "anna", false, now) == 0);
		gate_failed(g, "10.0.0.9", "anna", false, now);
	}
	assert(gate_wait(g, "10.0.0.9", "anna", false, now) == 30);
	/* nobody else waits: another source, another account */
	assert(gate_wait(g, "10.0.0.8", "anna", true, now) == 0);
	assert(gate_wait(g, "10.0.0.9", "bob", true, now) == 0);
	/* twice as long each time, an hour at most */
	gate_failed(g, "10.0.0.9", "anna", false, now);
	assert(gate_wait(g, "10.0.0.9", "anna", false, now) == 60);
	for (int i = 0; i < 12; i++)
		gate_failed(g, "10.0.0.9", "anna", false, now);
	assert(gate_wait(g, "10.0.0.9", "anna", false, now) == 3600);
	assert(gate_wait(g, "10.0.0.9", "anna", false, now + 3600) == 0);
	/* from many sources: those where she never was wait, hers does not */
	for (int i = 0; i < 200; i++) {
		char source[32];

		(void)snprintf(source, sizeof(source), "192.0.2.%d", i);
		gate_failed(g, source, "anna", false, now);
	}
	assert(gate_wait(g, "198.51.100.1", "anna", false, now) > 0);
	assert(gate_wait(g, "198.51.100.1", "anna", true, now) == 0);
	/* a good one clears */
	gate_passed(g, "10.0.0.9", "anna");
	gate_free(g);
}

static void
sessions(const char *home)
{
	static const struct people_limits limits = { 1800, 43200 };
	char error[PEOPLE_ERROR];
	struct people *p = people_open(home, &limits, error);
	struct session s, seen;
	int64_t wait, now = 2000000000;

	assert(p != NULL);
	assert(people_add(p, "anna", ACCESS_ADMIN, "quiet river, stones", now));
	assert(
	    people_sign_in(p, "anna", "quiet river, stones", NULL, "10.0.0.1",
		"x", now, NULL, NULL, &s, &wait) == SIGN_IN_DONE);
	/* used again and again it lasts, but no longer than its life */
	for (int64_t t = now; t < now + 43200; t += 1700)
		assert(people_session(p, s.token, t, &seen));
	assert(!people_session(p, s.token, now + 43200, &seen));
	assert(
	    people_sign_in(p, "anna", "quiet river, stones", NULL, "10.0.0.1",
		"x", now, NULL, NULL, &s, &wait) == SIGN_IN_DONE);
	assert(people_is_alive(p, s.hash, now + 1799));
	assert(!people_is_alive(p, s.hash, now + 1800));
	assert(!people_session(p, s.token, now + 1800, &seen));
	people_close(p);
}

int
main(void)
{
	char home[] = "/tmp/test-people-XXXXXX";
	char path[64];

	vectors();
	gates();
	assert(mkdtemp(home) != NULL);
	sessions(home);
	for (int i = 0; i < 3; i++) {
		static const char *const end[] = { "", "-wal", "-shm" };

		(void)snprintf(path, sizeof(path), "%s/people.db%s", home,
		    end[i]);
		(void)unlink(path);
	}
	(void)rmdir(home);
	return 0;
}
