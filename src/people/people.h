/*
 * people.h - who may use the console and the API: users, passwords, second
 * factors, sessions, tokens.
 *
 * One SQLite database, HOME/people.db, of its own: the state directory holds
 * nothing that opens the console.  Passwords are argon2id (RFC 9106, 64 MiB,
 * two passes), second factors TOTP (RFC 6238), sessions and tokens 256 random
 * bits of which only a hash is kept.  Any number of threads and processes.
 *
 * Time is given, never asked for: seconds since 1970.
 */
#ifndef PEOPLE_PEOPLE_H
#define PEOPLE_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What one may do; each may what those before it may. */
enum access {
	ACCESS_PUBLIC,
	ACCESS_READ,
	ACCESS_ANALYST,
	ACCESS_ADMIN,
	ACCESS_COUNT
};
const char *access_name(enum access); /* "public", "read-only" ... */
enum access access_find(const char *); /* a role; ACCESS_COUNT: none */

#define PEOPLE_ERROR 256
#define PERSON_NAME 64
#define TOKEN_TEXT 48 /* of a session or a token, base64url */
#define SECRET_HASH 32

struct people;

struct people_limits {
	int64_t idle, absolute; /* seconds a session lasts */
};

/* NULL with a sentence.  Makes the folder (0700) and what is in it. */
struct people *people_open(const char *home, const struct people_limits *,
    char ret_error[static PEOPLE_ERROR]);
void people_close(struct people *);
/* Why the last call of this thread failed. */
const char *people_error(const struct people *);

/* ------------------------------------------------------------------ users */

struct person {
	char name[PERSON_NAME];
	enum access access;
	bool outside; /* a directory's (LDAP): no password here */
	bool totp, locked;
	int64_t created, changed, last; /* last: signed in; 0 never */
};

/* NULL: fine; else a sentence about what it lacks. */
const char *people_name_flaw(const char *name);
const char *password_flaw(const char *password, const char *user);

bool people_has_admin(struct people *);
/* password NULL: a directory's. */
bool people_add(struct people *, const char *name, enum access,
    const char *password, int64_t now);
bool people_get(struct people *, const char *name, struct person *ret);
/* At most cap, by name; how many were filled in. */
uint32_t people_list(struct people *, struct person *ret, uint32_t cap);
/* Refused where no administrator would be left. */
bool people_set_access(struct people *, const char *name, enum access);
bool people_set_locked(struct people *, const char *name, bool locked);
bool people_delete(struct people *, const char *name);
/* Ends the user's other sessions. */
bool people_set_password(struct people *, const char *name,
    const char *password, const uint8_t keep[SECRET_HASH], int64_t now);
/* Whether it is theirs; slow by design. */
bool people_is_password(struct people *, const char *name,
    const char *password);
/* Second factor: the secret in base32, or NULL to do without. */
bool people_set_totp(struct people *, const char *name, const char *secret);

/* --------------------------------------------------------------- signing in */

enum sign_in {
	SIGN_IN_DONE,
	SIGN_IN_WRONG, /* name or password: it is not said which */
	SIGN_IN_NEEDS_CODE,
	SIGN_IN_WRONG_CODE,
	SIGN_IN_WAIT, /* too many attempts */
	SIGN_IN_BUSY, /* too many at once */
	SIGN_IN_AWAY, /* the directory, which alone knows, does not answer */
	SIGN_IN_FAILED, /* people_error() */
};

struct session {
	char token[TOKEN_TEXT]; /* the cookie; only when new */
	char csrf[TOKEN_TEXT];
	uint8_t hash[SECRET_HASH];
	char user[PERSON_NAME];
	enum access access;
	bool totp;
	int64_t began, seen, ends; /* the earlier of idle and absolute */
	char source[64], agent[128];
};

/* A directory's word on a user. */
enum people_word {
	WORD_NO, /* the password is wrong, or no group counts */
	WORD_YES, /* with a role */
	WORD_AWAY, /* it does not answer */
	WORD_NONE, /* there is no directory */
};
typedef enum people_word people_ask(void *ctx, enum access *ret);

/*
 * Before a directory is asked about a user's password: SIGN_IN_DONE: it may
 * be, and counts as a try until it is settled; SIGN_IN_WRONG: the user is not
 * the directory's; SIGN_IN_WAIT.  `attempts`: wrong passwords of one account
 * that may be handed on in half an hour; half of them are kept for where the
 * account signed in from before, so that nobody else can use them up.
 */
enum sign_in people_may_ask(struct people *, const char *user,
    const char *source, uint32_t attempts, int64_t now, int64_t *ret_wait);
/* What came of it: `asked`: the password was handed on. */
void people_asked(struct people *, const char *user, const char *source,
    bool asked, enum people_word, int64_t now);

enum sign_in people_sign_in(struct people *, const char *user,
    const char *password, const char *code, const char *source,
    const char *agent, int64_t now, people_ask *, void *ctx,
    struct session *ret, int64_t *ret_wait);
/*
 * Users of a directory who are signed in or have tokens, and whom it confirmed
 * last before that time; false: none.
 */
bool people_stale(struct people *, int64_t before, int64_t now,
    char ret[static PERSON_NAME]);
/* The directory's word on them now; ACCESS_PUBLIC: no role any more, and
 * sessions end; `gone`: nor is there such a user: tokens end, too. */
bool people_confirm(struct people *, const char *user, enum access, bool gone,
    int64_t now);
/* By the cookie; it lives longer by that. */
bool people_session(struct people *, const char *token, int64_t now,
    struct session *ret);
/* Whether it still lasts; without making it longer. */
bool people_is_alive(struct people *, const uint8_t hash[SECRET_HASH],
    int64_t now);
void people_sign_out(struct people *, const uint8_t hash[SECRET_HASH]);
/* All of a user's but `keep` (or NULL); how many. */
uint32_t people_sign_out_all(struct people *, const char *user,
    const uint8_t keep[SECRET_HASH]);
/* user NULL: everybody's. */
uint32_t people_sessions(struct people *, const char *user, int64_t now,
    struct session *ret, uint32_t cap);

/* ------------------------------------------------------------------- tokens */

struct token {
	int64_t id;
	char user[PERSON_NAME], name[PERSON_NAME];
	enum access access;
	int64_t created, expires, used; /* 0: never */
};

/* Never more than its owner may; the text is shown this once.  One of a
 * directory's user rests when the directory has not confirmed them for a
 * week. */
bool people_add_token(struct people *, struct token *,
    char ret_text[static TOKEN_TEXT + 8], int64_t now);
bool people_token(struct people *, const char *text, int64_t now,
    struct token *ret);
bool people_delete_token(struct people *, int64_t id, const char *user);
uint32_t people_tokens(struct people *, const char *user, struct token *ret,
    uint32_t cap);

/* -------------------------------------------------------------- saved views */

struct view {
	char owner[PERSON_NAME], noun[32], name[PERSON_NAME];
	bool shared;
	char query[4096]; /* JSON, the console's own */
};
bool people_put_view(struct people *, const struct view *);
bool people_delete_view(struct people *, const char *owner, const char *noun,
    const char *name);
/* One's own and those shared; each is handed to the callback. */
bool people_views(struct people *, const char *owner,
    void (*each)(void *ctx, const struct view *), void *ctx);

/* ------------------------------------------------------------------ totp.c */

#define TOTP_SECRET 40 /* base32 of 20 bytes, and 0 */
void totp_secret(char dst[static TOTP_SECRET]);
/* RFC 6238, SHA-1, six digits, 30 seconds. */
bool totp_code(const char *secret, int64_t step, uint32_t *ret);
/* The step a code is of, now or the one before or after, and later than
 * `last`; -1: of none. */
int64_t totp_step(const char *secret, const char *code, int64_t now,
    int64_t last);

/* ------------------------------------------------------------------ gate.c */

/*
 * How often a password may be tried.  Failures are counted for each pair of
 * source and account, for each source, and for each account from sources it
 * never signed in from: nobody is locked out by what others do elsewhere.
 */
struct gate;
struct gate *gate_new(void);
void gate_free(struct gate *);
/* Seconds to wait; 0: try. */
int64_t gate_wait(struct gate *, const char *source, const char *user,
    bool known, int64_t now);
void gate_failed(struct gate *, const char *source, const char *user,
    bool known, int64_t now);
void gate_passed(struct gate *, const char *source, const char *user);
/* Passwords handed on to a directory, `most` in half an hour.  Seconds to
 * wait; 0: one was counted. */
int64_t gate_hand_on(struct gate *, const char *user, bool known, uint32_t most,
    int64_t now);
/* It was not handed on after all, or (right) it was the right one. */
void gate_take_back(struct gate *, const char *user, bool known, bool right);

#endif
