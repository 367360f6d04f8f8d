/* private.h - shared by the files of people/ only. */
#ifndef PEOPLE_PRIVATE_H
#define PEOPLE_PRIVATE_H

#include <pthread.h>
#include <sqlite3.h>

#include "people.h"

struct people {
	pthread_mutex_t lock; /* may be taken again by who has it */
	pthread_mutex_t hashing; /* and how many do */
	pthread_cond_t hashed;
	uint32_t hashes;
	struct sqlite3 *db;
	struct people_limits limits;
	struct gate *gate;
	char dummy[128]; /* hashed where there is no such user */
};

/* False, with the sentence. */
bool people_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool people_fail_db(struct people *);
/* Locked from here to people_done(). NULL: unlocked, and said. */
sqlite3_stmt *people_sql(struct people *, const char *sql);
/* Run to its end, finalized, unlocked; true when all went well. */
bool people_done(struct people *, sqlite3_stmt *);
/* The same of one whose rows were read. */
bool people_end(struct people *, sqlite3_stmt *);
bool people_do(struct people *, const char *sql, const char *text);
void column_copy(sqlite3_stmt *, int column, char *dst, size_t cap);

/* password.c: 0 no memory or too busy (false) */
bool password_hash(struct people *, const char *password, char dst[128]);
/* As if hashed, and of no password: to look at takes as long. */
void password_of_nobody(char dst[static 128]);
enum hashed {
	HASHED_SAME,
	HASHED_OTHER,
	HASHED_BUSY
};
enum hashed password_is(struct people *, const char *kept,
    const char *password);

/* sessions.c: 256 random bits as text, and their hash */
void secret_new(char dst[static TOKEN_TEXT], uint8_t hash[SECRET_HASH]);
bool secret_hash(const char *text, uint8_t hash[SECRET_HASH]);

#endif
