/*
 * check.h - the whole test harness: a line for each failure, a line at the
 * end, and an exit status.
 *
 *	CHECK(cond) CHECK_INT(got, want) CHECK_STR(got, want)
 *	return check_done();
 */
#ifndef UNIT_CHECK_H
#define UNIT_CHECK_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static unsigned check_passed, check_failed;

static inline bool
check_note(bool holds)
{
	if (holds)
		check_passed++;
	else
		check_failed++;
	return holds;
}

static inline void
check_true(bool holds, const char *what, const char *file, int line)
{
	if (!check_note(holds))
		(void)printf("%s:%d: not so: %s\n", file, line, what);
}

static inline void
check_int(long long got, long long want, const char *what, const char *file,
    int line)
{
	if (!check_note(got == want))
		(void)printf("%s:%d: %s is %lld, not %lld\n", file, line, what,
		    got, want);
}

static inline void
check_str(const char *got, const char *want, const char *what, const char *file,
    int line)
{
	if (!check_note(got != NULL && strcmp(got, want) == 0))
		(void)printf("%s:%d: %s is \"%s\", not \"%s\"\n", file, line,
		    what, got != NULL ? got : "(null)", want);
}

#define CHECK(cond) check_true((cond), #cond, __FILE__, __LINE__)
#define CHECK_INT(got, want) \
	check_int((long long)(got), (long long)(want), #got, __FILE__, __LINE__)
#define CHECK_STR(got, want) check_str((got), (want), #got, __FILE__, __LINE__)

/* What main() returns. */
static inline int
check_done(void)
{
	(void)printf("%s: %u passed, %u failed\n",
	    program_invocation_short_name, check_passed, check_failed);
	return check_failed > 0;
}

#endif
