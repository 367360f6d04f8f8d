/* users.c - users: who there is, their roles and passwords; saved views. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "private.h"

static const char *const names[] = { "public", "read-only", "analyst",
	"admin" };

const char *
access_name(enum access a)
{
	return names[a];
}

enum access
access_find(const char *name)
{
	for (uint32_t i = ACCESS_READ; i < ACCESS_COUNT; i++)
		if (strcmp(names[i], name) == 0)
			return (enum access)i;
	return ACCESS_COUNT;
}

const char *
people_name_flaw(const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || n >= PERSON_NAME)
		return "A user's name has 1 to 63 characters.";
	if (strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-_@") != n)
		return "A user's name has small letters, digits, dots, dashes, "
		       "underscores and @ only.";
	if (name[0] == '-' || name[0] == '.' || strcmp(name, "me") == 0 ||
	    strcmp(name, "sensor") == 0)
		return "This name cannot be taken.";
	return NULL;
}

/* Of one bound text, the number in the first column. */
static int64_t
number(struct people *p, const char *sql, const char *text)
{
	sqlite3_stmt *s = people_sql(p, sql);
	int64_t n = -1;

	if (s == NULL)
		return -1;
	if (text != NULL)
		(void)sqlite3_bind_text(s, 1, text, -1, SQLITE_TRANSIENT);
	if (sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int64(s, 0);
	(void)people_end(p, s);
	return n;
}

bool
people_has_admin(struct people *p)
{
	return number(p, "SELECT count(*) FROM user WHERE role = 'admin'",
		   NULL) > 0;
}

bool
people_add(struct people *p, const char *name, enum access a,
    const char *password, int64_t now)
{
	const char *flaw = people_name_flaw(name);
	char hash[128] = "";
	sqlite3_stmt *s;

	if (flaw == NULL && password != NULL)
		flaw = password_flaw(password, name);
	if (flaw != NULL)
		return people_fail("%s", flaw);
	if (number(p, "SELECT count(*) FROM user WHERE name = ?1", name) != 0)
		return people_fail("There is a user of this name already.");
	if (password != NULL && !password_hash(p, password, hash))
		return false;
	s = people_sql(p,
	    "INSERT INTO user (name, role, password, outside, created, "
	    "changed) VALUES (?1, ?2, ?3, ?4, ?5, ?5)");
	if (s == NULL)
		return false;
	(void)sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(s, 2, access_name(a), -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(s, 3, hash, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int(s, 4, password == NULL);
	(void)sqlite3_bind_int64(s, 5, now);
	return people_done(p, s);
}

#define COLUMNS                                                             \
	"name, role, outside, totp IS NOT NULL, locked, created, changed, " \
	"last"

static void
read_person(sqlite3_stmt *s, struct person *ret)
{
	char role[16];

	*ret = (struct person){ .name = "" };
	column_copy(s, 0, ret->name, sizeof(ret->name));
	column_copy(s, 1, role, sizeof(role));
	ret->access = access_find(role);
	if (ret->access == ACCESS_COUNT)
		ret->access = ACCESS_PUBLIC;
	ret->outside = sqlite3_column_int(s, 2) != 0;
	ret->totp = sqlite3_column_int(s, 3) != 0;
	ret->locked = sqlite3_column_int(s, 4) != 0;
	ret->created = sqlite3_column_int64(s, 5);
	ret->changed = sqlite3_column_int64(s, 6);
	ret->last = sqlite3_column_int64(s, 7);
}

bool
people_get(struct people *p, const char *name, struct person *ret)
{
	sqlite3_stmt *s =
	    people_sql(p, "SELECT " COLUMNS " FROM user WHERE name = ?1");
	bool found = false;

	if (s == NULL)
		return false;
	(void)sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
	if (sqlite3_step(s) == SQLITE_ROW) {
		read_person(s, ret);
		found = true;
	}
	(void)people_end(p, s);
	return found || people_fail("There is no such user.");
}

uint32_t
people_list(struct people *p, struct person *ret, uint32_t cap)
{
	sqlite3_stmt *s =
	    people_sql(p, "SELECT " COLUMNS " FROM user ORDER BY name");
	uint32_t n = 0;

	if (s == NULL)
		return 0;
	while (n < cap && sqlite3_step(s) == SQLITE_ROW)
		read_person(s, &ret[n++]);
	(void)people_end(p, s);
	return n;
}

/* A change after which there must still be an administrator who can sign in;
 * else all of it is taken back. */
static bool
change_locked(struct people *p, const char *sql, const char *name,
    const char *text, int64_t value)
{
	static const char left[] = "SELECT count(*) FROM user WHERE role = "
				   "'admin' AND NOT locked AND NOT outside";
	sqlite3_stmt *s;
	int64_t rows = 0;
	bool good = false;
	const char *flaw = NULL;

	if (!people_do(p, "BEGIN IMMEDIATE", NULL))
		return false;
	s = people_sql(p, sql);
	if (s != NULL) {
		(void)sqlite3_bind_text(s, 1, name, -1, SQLITE_TRANSIENT);
		if (text != NULL)
			(void)sqlite3_bind_text(s, 2, text, -1,
			    SQLITE_TRANSIENT);
		else
			(void)sqlite3_bind_int64(s, 2, value);
		good = people_done(p, s);
		rows = number(p, "SELECT changes()", NULL);
	}
	if (good && rows == 0)
		flaw = "There is no such user.";
	else if (good && number(p, left, NULL) < 1)
		flaw = "The last administrator stays.";
	if (!good || flaw != NULL) {
		(void)people_do(p, "ROLLBACK", NULL);
		return flaw != NULL && people_fail("%s", flaw);
	}
	return people_do(p, "COMMIT", NULL);
}

static bool
change(struct people *p, const char *sql, const char *name, const char *text,
    int64_t value)
{
	bool good;

	(void)pthread_mutex_lock(&p->lock); /* over all of its statements */
	good = change_locked(p, sql, name, text, value);
	(void)pthread_mutex_unlock(&p->lock);
	return good;
}

bool
people_set_access(struct people *p, const char *name, enum access a)
{
	return change(p, "UPDATE user SET role = ?2 WHERE name = ?1", name,
	    access_name(a), 0);
}

bool
people_set_locked(struct people *p, const char *name, bool locked)
{
	if (!change(p, "UPDATE user SET locked = ?2 WHERE name = ?1", name,
		NULL, locked))
		return false;
	if (locked)
		(void)people_sign_out_all(p, name, NULL);
	return true;
}

bool
people_delete(struct people *p, const char *name)
{
	return change(p, "DELETE FROM user WHERE name = ?1 AND ?2 = 0", name,
	    NULL, 0);
}

bool
people_set_password(struct people *p, const char *name, const char *password,
    const uint8_t keep[SECRET_HASH], int64_t now)
{
	const char *flaw = password_flaw(password, name);
	char hash[128];
	struct person person;
	sqlite3_stmt *s;

	if (flaw != NULL)
		return people_fail("%s", flaw);
	if (!people_get(p, name, &person))
		return false;
	if (person.outside)
		return people_fail("The directory keeps this password.");
	if (!password_hash(p, password, hash))
		return false;
	s = people_sql(p,
	    "UPDATE user SET password = ?2, changed = ?3 WHERE name = ?1");
	if (s == NULL)
		return false;
	(void)sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(s, 2, hash, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(s, 3, now);
	if (!people_done(p, s))
		return false;
	(void)people_sign_out_all(p, name, keep);
	return true;
}

bool
people_is_password(struct people *p, const char *name, const char *password)
{
	sqlite3_stmt *s =
	    people_sql(p, "SELECT password FROM user WHERE name = ?1");
	char kept[128] = "";

	if (s == NULL)
		return false;
	(void)sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
	if (sqlite3_step(s) == SQLITE_ROW)
		column_copy(s, 0, kept, sizeof(kept));
	(void)people_end(p, s);
	return password_is(p, kept[0] != '\0' ? kept : p->dummy, password) ==
	    HASHED_SAME &&
	    kept[0] != '\0';
}

bool
people_set_totp(struct people *p, const char *name, const char *secret)
{
	sqlite3_stmt *s = people_sql(p,
	    "UPDATE user SET totp = ?2, totp_step = 0 WHERE name = ?1");

	if (s == NULL)
		return false;
	(void)sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(s, 2, secret, -1, SQLITE_STATIC);
	return people_done(p, s);
}

/* -------------------------------------------------------------- saved views */

bool
people_put_view(struct people *p, const struct view *v)
{
	sqlite3_stmt *s = people_sql(p,
	    "INSERT OR REPLACE INTO view VALUES (?1, ?2, ?3, ?4, ?5)");

	if (s == NULL)
		return false;
	(void)sqlite3_bind_text(s, 1, v->owner, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(s, 2, v->noun, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(s, 3, v->name, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int(s, 4, v->shared);
	(void)sqlite3_bind_text(s, 5, v->query, -1, SQLITE_STATIC);
	return people_done(p, s);
}

bool
people_delete_view(struct people *p, const char *owner, const char *noun,
    const char *name)
{
	sqlite3_stmt *s = people_sql(p,
	    "DELETE FROM view WHERE owner = ?1 AND noun = ?2 AND name = ?3");
	bool gone;

	if (s == NULL)
		return false;
	(void)sqlite3_bind_text(s, 1, owner, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(s, 2, noun, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(s, 3, name, -1, SQLITE_STATIC);
	gone = sqlite3_step(s) == SQLITE_DONE && sqlite3_changes(p->db) > 0;
	(void)sqlite3_finalize(s);
	(void)pthread_mutex_unlock(&p->lock);
	return gone || people_fail("There is no such view of yours.");
}

bool
people_views(struct people *p, const char *owner,
    void (*each)(void *ctx, const struct view *), void *ctx)
{
	sqlite3_stmt *s = people_sql(p,
	    "SELECT owner, noun, name, shared, query FROM view WHERE owner = "
	    "?1 OR shared ORDER BY noun, name, owner");
	static _Thread_local struct view v;

	if (s == NULL)
		return false;
	(void)sqlite3_bind_text(s, 1, owner, -1, SQLITE_STATIC);
	while (sqlite3_step(s) == SQLITE_ROW) {
		column_copy(s, 0, v.owner, sizeof(v.owner));
		column_copy(s, 1, v.noun, sizeof(v.noun));
		column_copy(s, 2, v.name, sizeof(v.name));
		v.shared = sqlite3_column_int(s, 3) != 0;
		column_copy(s, 4, v.query, sizeof(v.query));
		each(ctx, &v);
	}
	return people_end(p, s);
}
