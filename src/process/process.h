/*
 * process.h - the processes of the running sensor: who is who, what each may
 * do (the tables that lock them in, and that --privileges prints), and the
 * page of memory that they share.
 *
 * Every process but main is started anew from the same binary, is given what
 * it needs by the leash (leash.h), and locks itself in before the first byte
 * from outside.
 */
#ifndef PROCESS_PROCESS_H
#define PROCESS_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/out.h"

enum process {
#define PROCESS(sym, name, has, does, may_not) PROCESS_##sym,
#include "processes.def"
#undef PROCESS
	PROCESS_COUNT
};

struct process_row {
	const char *name, *has, *does, *may_not;
};
extern const struct process_row processes[PROCESS_COUNT];

/* ---------------------------------------------------------------- locking in
 */

#define JAIL_ERROR 256
#define JAIL_PATHS 8

struct jail_path {
	const char *path; /* what is not there is passed over */
	bool writes; /* and makes, and removes */
};

struct jail {
	const char *user; /* to become; NULL or no root: stays who it is */
	/* seen with Landlock, all else is closed; opened before: stays open */
	struct jail_path path[JAIL_PATHS];
	uint32_t n_path;
};

/* As whom it runs: user, groups.  Before files are opened. */
bool jail_become(const char *user, char ret_error[static JAIL_ERROR]);
/*
 * No way back: no capabilities, no new privileges, no core dumps, nobody may
 * look into it, only the paths, only the system calls of its row.  False with
 * a sentence.  ret_warning: what this kernel cannot do, or "".
 */
bool jail_enter(enum process, const struct jail *,
    char ret_error[static JAIL_ERROR], char ret_warning[static JAIL_ERROR]);
/* No capabilities, no core dumps, nobody looks in: who lives for a moment. */
bool jail_drop(char ret_error[static JAIL_ERROR]);
/* main, which goes on opening: what nobody needs is closed all the same. */
bool jail_enter_main(char ret_error[static JAIL_ERROR]);

/* What each may do, from the tables. */
void privileges_text(struct out *);
void privileges_json(struct out *);
/*
 * Each locks itself in and tries what it may not; a line a try.  How many
 * went through.
 */
uint32_t privileges_try(struct out *);

/* ---------------------------------------------------------------- the page */

#define PAGE_PORTS 16
#define PAGE_OWN 8 /* addresses */

/*
 * Shared by main, engine and keeper: what must outlive each of them.  Each
 * word has one writer; read without a lock.
 */
struct page {
	/* engine: the protocol whose parser is at work, 0 none */
	uint8_t note;
	/* engine: twice the frames done, plus one while one is in its hands */
	uint64_t frames[PAGE_PORTS];
	uint64_t dropped[PAGE_PORTS]; /* by the kernel, as the engine saw */
	uint64_t set_aside[PAGE_PORTS]; /* frames that killed it twice */
	uint64_t off[4]; /* a bit a protocol: not parsed any more */
	uint64_t played; /* frames of the file that is played, with the one in
			  * hand; 0: none is */
	/* main */
	struct {
		int32_t pid; /* 0: does not run */
		uint32_t starts;
		uint32_t deaths; /* not asked for */
		int64_t since; /* monotonic milliseconds */
	} process[PROCESS_COUNT];
	/* engine and keeper, each its own: monotonic milliseconds */
	int64_t beat[PROCESS_COUNT];
	struct page_asking {
		bool halt; /* anybody: nothing is asked from now on */
		/* keeper: that may be used; ranges of Windows endpoints */
		uint32_t grants, ranges;
		/* engine: new alerts that are critical or major; when another
		 * scanner was seen last, monotonic ms, 0 never */
		uint32_t alarms;
		int64_t scanner;
		/* main: addresses of the interface to ask by, their lengths */
		uint8_t own[PAGE_OWN][17];
		/* probe */
		uint32_t grant; /* at work on it, 0: none */
		uint32_t of, done, sent, answers; /* of that */
		int64_t since; /* monotonic ms */
		uint8_t waits; /* enum page_waits */
	} asking;
};
enum page_waits { /* why nothing is asked at present */
	WAITS_NOT,
	WAITS_HALTED,
	WAITS_SCANNER, /* another one was seen */
};
/* Memory that processes share; NULL with errno. */
void *shared_new(size_t size, int *ret_fd);
void *shared_map(int fd, size_t size, bool writes);

struct page *page_new(int *ret_fd); /* NULL with errno */
struct page *page_map(int fd); /* NULL with errno */

/* ------------------------------------------------------------- the journal */

enum say_level {
	SAY_ERROR,
	SAY_INFO,
	SAY_DEBUG
};
/* A line on standard error; with its level where the journal reads it. */
void say(enum say_level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void say_as(enum process, enum say_level most);

int64_t monotonic_ms(void);
struct tick time_of_day(void);

#endif
