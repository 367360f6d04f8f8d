/* sessions.c - signing in and out, sessions, tokens. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "private.h"

#define KNOWN_DAYS 90
#define DAY 86400
#define SESSIONS_EACH 32 /* of one user; the longest unseen makes room */
#define SEEN_STEP 30 /* seconds between two words of it to the disk */
#define WEEK (7 * (int64_t)DAY)
#define PREFIX "sgt_" /* so that one is known for what it is */

void
secret_new(char dst[static TOKEN_TEXT], uint8_t hash[SECRET_HASH])
{
	uint8_t raw[32];

	randombytes_buf(raw, sizeof(raw));
	(void)sodium_bin2base64(dst, TOKEN_TEXT, raw, sizeof(raw),
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	(void)crypto_generichash(hash, SECRET_HASH, raw, sizeof(raw), NULL, 0);
	sodium_memzero(raw, sizeof(raw));
}

bool
secret_hash(const char *text, uint8_t hash[SECRET_HASH])
{
	uint8_t raw[32];
	size_t n;

	return sodium_base642bin(raw, sizeof(raw), text, strlen(text), NULL, &n,
		   NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
	    n == sizeof(raw) &&
	    crypto_generichash(hash, SECRET_HASH, raw, n, NULL, 0) == 0;
}

/* -------------------------------------------------------------- signing in */

struct account {
	char password[128], totp[TOTP_SECRET];
	bool there, outside, locked;
	int64_t totp_step;
	enum access access;
};

static bool
find_account(struct people *p, const char *user, struct account *ret)
{
	sqlite3_stmt *s = people_sql(p,
	    "SELECT password, totp, outside, locked, totp_step, role FROM user "
	    "WHERE name = ?1");
	char role[16];

	*ret = (struct account){ .there = false };
	if (s == NULL)
		return false;
	(void)sqlite3_bind_text(s, 1, user, -1, SQLITE_STATIC);
	if (sqlite3_step(s) == SQLITE_ROW) {
		ret->there = true;
		column_copy(s, 0, ret->password, sizeof(ret->password));
		column_copy(s, 1, ret->totp, sizeof(ret->totp));
		ret->outside = sqlite3_column_int(s, 2) != 0;
		ret->locked = sqlite3_column_int(s, 3) != 0;
		ret->totp_step = sqlite3_column_int64(s, 4);
		column_copy(s, 5, role, sizeof(role));
		ret->access = access_find(role);
	}
	return people_end(p, s);
}

static bool
is_known(struct people *p, const char *user, const char *source, int64_t now)
{
	sqlite3_stmt *s = people_sql(p,
	    "SELECT 1 FROM known WHERE user = ?1 AND source = ?2 AND at > ?3");
	bool known;

	if (s == NULL)
		return false;
	(void)sqlite3_bind_text(s, 1, user, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(s, 2, source, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(s, 3, now - KNOWN_DAYS * (int64_t)DAY);
	known = sqlite3_step(s) == SQLITE_ROW;
	(void)people_end(p, s);
	return known;
}

static bool
bind_three(struct people *p, const char *sql, const char *one, const char *two,
    int64_t three)
{
	sqlite3_stmt *s = people_sql(p, sql);

	if (s == NULL)
		return false;
	(void)sqlite3_bind_text(s, 1, one, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(s, 2, two, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(s, 3, three);
	return people_done(p, s);
}

static bool
begin_session(struct people *p, const char *user, const char *source,
    const char *agent, int64_t now, struct session *ret)
{
	uint8_t other[SECRET_HASH];
	sqlite3_stmt *s;

	secret_new(ret->token, ret->hash);
	secret_new(ret->csrf, other);
	(void)bind_three(p, "INSERT OR REPLACE INTO known VALUES (?1, ?2, ?3)",
	    user, source, now);
	(void)bind_three(p,
	    "UPDATE user SET last = ?3 WHERE name = ?1 AND ?2 <> ''", user,
	    source, now);
	(void)bind_three(p,
	    "DELETE FROM session WHERE user = ?1 AND ?2 <> '' AND hash NOT IN "
	    "(SELECT hash FROM session WHERE user = ?1 ORDER BY seen DESC "
	    "LIMIT ?3)",
	    user, source, SESSIONS_EACH - 1);
	s = people_sql(p,
	    "INSERT INTO session VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6)");
	if (s == NULL)
		return false;
	(void)sqlite3_bind_blob(s, 1, ret->hash, SECRET_HASH, SQLITE_STATIC);
	(void)sqlite3_bind_text(s, 2, user, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(s, 3, ret->csrf, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(s, 4, now);
	(void)sqlite3_bind_text(s, 5, source, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(s, 6, agent, -1, SQLITE_STATIC);
	return people_done(p, s);
}

/* A user of the directory is known here from the first time on, so that
 * sessions, tokens and the second factor have somebody to belong to. */
static bool
keep_outsider(struct people *p, const char *user, enum access a, int64_t now)
{
	return bind_three(p,
	    "INSERT INTO user (name, role, password, outside, created, "
	    "changed, checked) VALUES (?1, ?2, '', 1, ?3, ?3, ?3) ON CONFLICT "
	    "(name) DO UPDATE SET role = excluded.role, checked = "
	    "excluded.checked WHERE outside",
	    user, access_name(a), now);
}

static bool
is_here(const struct account *a)
{
	return a->there && !a->outside;
}

/* Of nobody's password it takes as long to say that it is wrong. */
static enum sign_in
check_hash(struct people *p, const char *password, const struct account *a)
{
	enum hashed h =
	    password_is(p, is_here(a) ? a->password : p->dummy, password);

	if (h == HASHED_BUSY)
		return SIGN_IN_BUSY;
	return h == HASHED_SAME && is_here(a) && !a->locked ? SIGN_IN_DONE
							    : SIGN_IN_WRONG;
}

static enum sign_in
check_password(struct people *p, const char *user, const char *password,
    struct account *a, people_ask *ask, void *ctx, int64_t now)
{
	enum access access = ACCESS_PUBLIC;

	if (is_here(a) || ask == NULL || a->locked ||
	    people_name_flaw(user) != NULL)
		return check_hash(p, password, a);
	switch (ask(ctx, &access)) {
	case WORD_NONE:
		return check_hash(p, password, a);
	case WORD_AWAY:
		return SIGN_IN_AWAY;
	case WORD_YES:
		a->access = access;
		return keep_outsider(p, user, access, now) ? SIGN_IN_DONE
							   : SIGN_IN_FAILED;
	case WORD_NO:
		break;
	}
	return SIGN_IN_WRONG;
}

/* A code is good once. */
static enum sign_in
check_code(struct people *p, const char *user, const char *code,
    const struct account *a, int64_t now)
{
	sqlite3_stmt *s;
	int64_t step;
	int changed;

	if (a->totp[0] == '\0')
		return SIGN_IN_DONE;
	if (code == NULL || code[0] == '\0')
		return SIGN_IN_NEEDS_CODE;
	step = totp_step(a->totp, code, now, a->totp_step);
	if (step < 0)
		return SIGN_IN_WRONG_CODE;
	s = people_sql(p,
	    "UPDATE user SET totp_step = ?2 WHERE name = ?1 AND totp_step < "
	    "?2");
	if (s == NULL)
		return SIGN_IN_FAILED;
	(void)sqlite3_bind_text(s, 1, user, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(s, 2, step);
	(void)sqlite3_step(s);
	changed = sqlite3_changes(p->db);
	return people_end(p, s) && changed == 1 ? SIGN_IN_DONE
						: SIGN_IN_WRONG_CODE;
}

enum sign_in
people_sign_in(struct people *p, const char *user, const char *password,
    const char *code, const char *source, const char *agent, int64_t now,
    people_ask *ask, void *ctx, struct session *ret, int64_t *ret_wait)
{
	struct account a;
	enum sign_in how;
	bool known;

	*ret = (struct session){ .token = "" };
	if (!find_account(p, user, &a))
		return SIGN_IN_FAILED;
	known = is_known(p, user, source, now);
	*ret_wait = gate_wait(p->gate, source, user, known, now);
	if (*ret_wait > 0)
		return SIGN_IN_WAIT;
	how = check_password(p, user, password, &a, ask, ctx, now);
	if (how == SIGN_IN_DONE)
		how = check_code(p, user, code, &a, now);
	if (how == SIGN_IN_WRONG || how == SIGN_IN_WRONG_CODE)
		gate_failed(p->gate, source, user, known, now);
	if (how != SIGN_IN_DONE)
		return how;
	gate_passed(p->gate, source, user);
	(void)snprintf(ret->user, sizeof(ret->user), "%s", user);
	ret->access = a.access;
	ret->totp = a.totp[0] != '\0';
	ret->began = ret->seen = now;
	return begin_session(p, user, source, agent, now, ret) ? SIGN_IN_DONE
							       : SIGN_IN_FAILED;
}

/* --------------------------------------------------------- the directory's */

enum sign_in
people_may_ask(struct people *p, const char *user, const char *source,
    uint32_t attempts, int64_t now, int64_t *ret_wait)
{
	struct account a;
	bool known;

	if (!find_account(p, user, &a))
		return SIGN_IN_FAILED;
	if (is_here(&a) || a.locked || people_name_flaw(user) != NULL)
		return SIGN_IN_WRONG;
	known = is_known(p, user, source, now);
	*ret_wait = gate_wait(p->gate, source, user, known, now);
	if (*ret_wait == 0)
		*ret_wait = gate_hand_on(p->gate, user, known, attempts, now);
	return *ret_wait > 0 ? SIGN_IN_WAIT : SIGN_IN_DONE;
}

void
people_asked(struct people *p, const char *user, const char *source, bool asked,
    enum people_word word, int64_t now)
{
	if (!asked || word == WORD_YES)
		gate_take_back(p->gate, user, is_known(p, user, source, now),
		    word == WORD_YES);
}

bool
people_stale(struct people *p, int64_t before, int64_t now,
    char ret[static PERSON_NAME])
{
	sqlite3_stmt *s = people_sql(p,
	    "SELECT name FROM user WHERE outside AND NOT locked AND checked < "
	    "?1 AND (name IN (SELECT user FROM token) OR name IN (SELECT user "
	    "FROM session WHERE began > ?2)) ORDER BY checked LIMIT 1");
	bool found;

	if (s == NULL)
		return false;
	(void)sqlite3_bind_int64(s, 1, before);
	(void)sqlite3_bind_int64(s, 2, now - p->limits.absolute);
	found = sqlite3_step(s) == SQLITE_ROW;
	if (found)
		column_copy(s, 0, ret, PERSON_NAME);
	return people_end(p, s) && found;
}

bool
people_confirm(struct people *p, const char *user, enum access a, bool gone,
    int64_t now)
{
	if (!bind_three(p,
		"UPDATE user SET role = ?2, checked = ?3 WHERE name = ?1 AND "
		"outside",
		user, access_name(a), now))
		return false;
	if (a == ACCESS_PUBLIC)
		(void)people_sign_out_all(p, user, NULL);
	return !gone || people_do(p, "DELETE FROM token WHERE user = ?1", user);
}

/* ---------------------------------------------------------------- sessions */

#define COLUMNS                                                            \
	"s.hash, s.user, s.csrf, s.began, s.seen, s.source, s.agent, "     \
	"u.role, u.totp IS NOT NULL FROM session s JOIN user u ON u.name " \
	"= s.user"

static void
read_session(const struct people *p, sqlite3_stmt *s, struct session *ret)
{
	char role[16];
	const void *hash = sqlite3_column_blob(s, 0);

	*ret = (struct session){ .token = "" };
	if (hash != NULL && sqlite3_column_bytes(s, 0) == SECRET_HASH)
		memcpy(ret->hash, hash, SECRET_HASH);
	column_copy(s, 1, ret->user, sizeof(ret->user));
	column_copy(s, 2, ret->csrf, sizeof(ret->csrf));
	ret->began = sqlite3_column_int64(s, 3);
	ret->seen = sqlite3_column_int64(s, 4);
	column_copy(s, 5, ret->source, sizeof(ret->source));
	column_copy(s, 6, ret->agent, sizeof(ret->agent));
	column_copy(s, 7, role, sizeof(role));
	ret->access = access_find(role);
	if (ret->access == ACCESS_COUNT)
		ret->access = ACCESS_PUBLIC;
	ret->totp = sqlite3_column_int(s, 8) != 0;
	ret->ends = ret->seen + p->limits.idle;
	if (ret->ends > ret->began + p->limits.absolute)
		ret->ends = ret->began + p->limits.absolute;
}

static void
touch(struct people *p, const uint8_t hash[SECRET_HASH], int64_t now)
{
	sqlite3_stmt *s =
	    people_sql(p, "UPDATE session SET seen = ?2 WHERE hash = ?1");

	if (s == NULL)
		return;
	(void)sqlite3_bind_blob(s, 1, hash, SECRET_HASH, SQLITE_STATIC);
	(void)sqlite3_bind_int64(s, 2, now);
	(void)people_done(p, s);
}

bool
people_session(struct people *p, const char *token, int64_t now,
    struct session *ret)
{
	sqlite3_stmt *s;
	uint8_t hash[SECRET_HASH];
	bool found;

	if (!secret_hash(token, hash))
		return false;
	s = people_sql(p,
	    "SELECT " COLUMNS " WHERE s.hash = ?1 AND NOT u.locked");
	if (s == NULL)
		return false;
	(void)sqlite3_bind_blob(s, 1, hash, SECRET_HASH, SQLITE_STATIC);
	found = sqlite3_step(s) == SQLITE_ROW;
	if (found)
		read_session(p, s, ret);
	(void)people_end(p, s);
	if (!found)
		return false;
	if (ret->ends <= now) {
		people_sign_out(p, hash);
		return false;
	}
	/* seen in the future: the clock was set back since */
	if (now - ret->seen >= SEEN_STEP || ret->seen - now >= SEEN_STEP)
		touch(p, hash, now);
	return true;
}

bool
people_is_alive(struct people *p, const uint8_t hash[SECRET_HASH], int64_t now)
{
	sqlite3_stmt *s = people_sql(p,
	    "SELECT " COLUMNS " WHERE s.hash = ?1 AND NOT u.locked");
	struct session session;
	bool found;

	if (s == NULL)
		return false;
	(void)sqlite3_bind_blob(s, 1, hash, SECRET_HASH, SQLITE_STATIC);
	found = sqlite3_step(s) == SQLITE_ROW;
	if (found)
		read_session(p, s, &session);
	return people_end(p, s) && found && session.ends > now;
}

void
people_sign_out(struct people *p, const uint8_t hash[SECRET_HASH])
{
	sqlite3_stmt *s = people_sql(p, "DELETE FROM session WHERE hash = ?1");

	if (s == NULL)
		return;
	(void)sqlite3_bind_blob(s, 1, hash, SECRET_HASH, SQLITE_STATIC);
	(void)people_done(p, s);
}

uint32_t
people_sign_out_all(struct people *p, const char *user,
    const uint8_t keep[SECRET_HASH])
{
	sqlite3_stmt *s = people_sql(p,
	    "DELETE FROM session WHERE user = ?1 AND (?2 IS NULL OR hash <> "
	    "?2)");
	int n;

	if (s == NULL)
		return 0;
	(void)sqlite3_bind_text(s, 1, user, -1, SQLITE_STATIC);
	if (keep != NULL)
		(void)sqlite3_bind_blob(s, 2, keep, SECRET_HASH, SQLITE_STATIC);
	(void)sqlite3_step(s);
	n = sqlite3_changes(p->db);
	(void)people_end(p, s);
	return n > 0 ? (uint32_t)n : 0;
}

uint32_t
people_sessions(struct people *p, const char *user, int64_t now,
    struct session *ret, uint32_t cap)
{
	sqlite3_stmt *s = people_sql(p,
	    "SELECT " COLUMNS " WHERE ?1 IS NULL OR s.user = ?1 ORDER BY "
	    "s.seen DESC");
	uint32_t n = 0;

	if (s == NULL)
		return 0;
	(void)sqlite3_bind_text(s, 1, user, -1, SQLITE_STATIC);
	while (n < cap && sqlite3_step(s) == SQLITE_ROW) {
		read_session(p, s, &ret[n]);
		n += ret[n].ends > now;
	}
	(void)people_end(p, s);
	return n;
}

/* ------------------------------------------------------------------- tokens */

bool
people_add_token(struct people *p, struct token *t,
    char ret_text[static TOKEN_TEXT + 8], int64_t now)
{
	uint8_t hash[SECRET_HASH];
	char text[TOKEN_TEXT];
	sqlite3_stmt *s;

	secret_new(text, hash);
	(void)snprintf(ret_text, TOKEN_TEXT + 8, PREFIX "%s", text);
	t->created = now;
	s = people_sql(p,
	    "INSERT INTO token (hash, user, name, role, created, expires) "
	    "VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
	if (s == NULL)
		return false;
	(void)sqlite3_bind_blob(s, 1, hash, SECRET_HASH, SQLITE_STATIC);
	(void)sqlite3_bind_text(s, 2, t->user, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(s, 3, t->name, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(s, 4, access_name(t->access), -1,
	    SQLITE_STATIC);
	(void)sqlite3_bind_int64(s, 5, now);
	(void)sqlite3_bind_int64(s, 6, t->expires);
	(void)sqlite3_step(s);
	t->id = sqlite3_last_insert_rowid(p->db);
	return people_end(p, s);
}

#undef COLUMNS
#define COLUMNS                                                        \
	"t.id, t.user, t.name, t.role, t.created, t.expires, t.used, " \
	"u.role FROM token t JOIN user u ON u.name = t.user "

static void
read_token(sqlite3_stmt *s, struct token *ret)
{
	char role[16], owner[16];
	enum access a;

	*ret = (struct token){ .id = sqlite3_column_int64(s, 0) };
	column_copy(s, 1, ret->user, sizeof(ret->user));
	column_copy(s, 2, ret->name, sizeof(ret->name));
	column_copy(s, 3, role, sizeof(role));
	ret->created = sqlite3_column_int64(s, 4);
	ret->expires = sqlite3_column_int64(s, 5);
	ret->used = sqlite3_column_int64(s, 6);
	column_copy(s, 7, owner, sizeof(owner));
	ret->access = access_find(role);
	a = access_find(owner);
	if (a == ACCESS_COUNT) /* none any more */
		a = ACCESS_PUBLIC;
	if (a < ret->access)
		ret->access = a; /* the owner may less by now */
	if (ret->access == ACCESS_COUNT)
		ret->access = ACCESS_PUBLIC;
}

bool
people_token(struct people *p, const char *text, int64_t now, struct token *ret)
{
	uint8_t hash[SECRET_HASH];
	sqlite3_stmt *s;
	bool found;

	if (strncmp(text, PREFIX, sizeof(PREFIX) - 1) != 0 ||
	    !secret_hash(text + sizeof(PREFIX) - 1, hash))
		return false;
	s = people_sql(p,
	    "SELECT " COLUMNS "WHERE t.hash = ?1 AND NOT u.locked AND (NOT "
	    "u.outside OR u.checked > ?2)");
	if (s == NULL)
		return false;
	(void)sqlite3_bind_blob(s, 1, hash, SECRET_HASH, SQLITE_STATIC);
	(void)sqlite3_bind_int64(s, 2, now - WEEK);
	found = sqlite3_step(s) == SQLITE_ROW;
	if (found)
		read_token(s, ret);
	(void)people_end(p, s);
	if (!found || (ret->expires != 0 && ret->expires <= now))
		return false;
	if (now - ret->used >= SEEN_STEP) {
		s = people_sql(p, "UPDATE token SET used = ?2 WHERE id = ?1");
		if (s != NULL) {
			(void)sqlite3_bind_int64(s, 1, ret->id);
			(void)sqlite3_bind_int64(s, 2, now);
			(void)people_done(p, s);
		}
	}
	return true;
}

bool
people_delete_token(struct people *p, int64_t id, const char *user)
{
	sqlite3_stmt *s = people_sql(p,
	    "DELETE FROM token WHERE id = ?1 AND (?2 IS NULL OR user = ?2)");
	bool gone;

	if (s == NULL)
		return false;
	(void)sqlite3_bind_int64(s, 1, id);
	(void)sqlite3_bind_text(s, 2, user, -1, SQLITE_STATIC);
	gone = sqlite3_step(s) == SQLITE_DONE && sqlite3_changes(p->db) > 0;
	return people_end(p, s) &&
	    (gone || people_fail("There is no such token of yours."));
}

uint32_t
people_tokens(struct people *p, const char *user, struct token *ret,
    uint32_t cap)
{
	sqlite3_stmt *s = people_sql(p,
	    "SELECT " COLUMNS "WHERE ?1 IS NULL OR t.user = ?1 ORDER BY t.id");
	uint32_t n = 0;

	if (s == NULL)
		return 0;
	(void)sqlite3_bind_text(s, 1, user, -1, SQLITE_STATIC);
	while (n < cap && sqlite3_step(s) == SQLITE_ROW)
		read_token(s, &ret[n++]);
	(void)people_end(p, s);
	return n;
}
