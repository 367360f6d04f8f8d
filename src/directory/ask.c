/*
 * ask.c - one question: the servers in their order, who it is, which groups
 * they are in, whether the password is theirs.
 *
 * With a service account the user is looked for, then their groups, and only
 * who would have a role has a password handed on.  Without one the user binds
 * first, and looks for themselves.
 *
 * An empty password is never sent: to a directory that is no password at all,
 * and it succeeds (RFC 4513, 5.1.2).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

#define DEAD_MS 30000
#define LEAST_MS 500
#define IN_CHAIN "1.2.840.113556.1.4.1941" /* Active Directory, [MS-ADTS] */
#define GROUPS_MOST 128u /* that are looked at, one within another */
#define DISABLED 2ul /* of userAccountControl, [MS-ADTS] 2.2.16 */

struct asking {
	struct asker_of *of;
	const struct config *config;
	const struct directory_question *q;
	struct directory_answer *a;
	struct cord *cord;
	/* of the user */
	char dn[DIRECTORY_NAME];
	uint32_t entries;
	bool disabled;
	/* groups: those below `done` were asked about */
	uint32_t n, done;
	char (*group)[DIRECTORY_NAME];
};

static bool
is_plain(const struct asking *k)
{
	return k->config->number[CONF_DIRECTORY_KIND] == 1;
}

/* --------------------------------------------------------------- messages */

static enum ldap_code
bind_as(struct asking *k, const char *name, const char *password,
    bool *ret_heard)
{
	struct cord *l = k->cord;
	struct ldap_message m;
	struct ldap_put p;

	ldap_bind(&p, ++l->id, name, password);
	*ret_heard = cord_send(l, &p) && cord_next(l, &m) &&
	    (m.is == LDAP_BOUND ||
		cord_fail(l, "what it answers is no answer to that"));
	explicit_bzero(&p, sizeof(p));
	if (!*ret_heard)
		return LDAP_INVALID_CREDENTIALS;
	if (m.code != LDAP_SUCCESS)
		(void)cord_fail(l, "%s%s%s", ldap_code_text(m.code),
		    m.text[0] != '\0' ? ": " : "", m.text);
	return (enum ldap_code)m.code;
}

static bool
start_tls(struct asking *k)
{
	struct cord *l = k->cord;
	struct ldap_message m;
	struct ldap_put p;

	ldap_start_tls(&p, ++l->id);
	if (!cord_send(l, &p) || !cord_next(l, &m))
		return false;
	return (m.is == LDAP_EXTENDED && m.code == LDAP_SUCCESS) ||
	    cord_fail(l, "does not do StartTLS: %s", m.text);
}

/* Each entry that is found; a base that is not there has none. */
static bool
search(struct asking *k, const struct ldap_search *s,
    bool (*entry)(struct asking *, const struct ldap_message *))
{
	struct cord *l = k->cord;
	struct ldap_message m;
	struct ldap_put p;
	uint32_t n = 0;

	ldap_find(&p, ++l->id, s);
	if (!cord_send(l, &p))
		return false;
	for (;;) {
		if (!cord_next(l, &m))
			return false;
		if (m.is == LDAP_ENTRY && n++ < s->most && !entry(k, &m))
			return cord_fail(l, "an entry is malformed");
		if (m.is == LDAP_DONE)
			break;
	}
	return m.code == LDAP_SUCCESS || m.code == LDAP_SIZE_LIMIT ||
	    m.code == LDAP_NO_SUCH_OBJECT ||
	    cord_fail(l, "search below %.80s: %s: %.80s", s->base,
		ldap_code_text(m.code), m.text);
}

/* ------------------------------------------------------------------ groups */

static void
add_group(void *ctx, struct span value)
{
	struct asking *k = ctx;
	char dn[DIRECTORY_NAME];

	if (k->n >= GROUPS_MOST || !ldap_text(value, dn, sizeof(dn)))
		return;
	for (uint32_t i = 0; i < k->n; i++)
		if (dn_same(k->group[i], dn))
			return;
	memcpy(k->group[k->n++], dn, sizeof(dn));
}

static bool
one_group(struct asking *k, const struct ldap_message *m)
{
	add_group(k, m->dn);
	return ldap_values(m, "memberOf", add_group, k);
}

/* Those that have this member. */
static bool
groups_of(struct asking *k, const char *dn, const char *uid)
{
	const char *base = k->config->text[CONF_DIRECTORY_GROUPS];
	struct ldap_search s = { .base = base,
		.scope = LDAP_BELOW,
		.most = GROUPS_MOST,
		.n = uid != NULL ? 3 : 2,
		.any = { { "member", dn }, { "uniqueMember", dn },
		    { "memberUid", uid } },
		.wanted = { "memberOf" } };

	if (base[0] == '\0')
		s.base = k->config->text[CONF_DIRECTORY_USERS];
	return search(k, &s, one_group);
}

/* What group is in what group, until there is none that is new. */
static bool
walk_groups(struct asking *k)
{
	if (!groups_of(k, k->dn, k->q->user))
		return false;
	for (; k->done < k->n; k->done++)
		if (!groups_of(k, k->group[k->done], NULL))
			return false;
	return true;
}

static bool
is_in(struct asking *k, const struct ldap_message *m)
{
	(void)m;
	k->entries++;
	return true;
}

/* The server says so itself, groups within groups and all. */
static bool
ask_chain(struct asking *k, const char *group, bool *ret)
{
	const struct ldap_search s = { .base = k->dn,
		.scope = LDAP_BASE,
		.most = 1,
		.rule = IN_CHAIN,
		.n = 1,
		.any = { { "memberOf", group } },
		.wanted = { "1.1" } };

	k->entries = 0;
	if (!search(k, &s, is_in))
		return false;
	*ret = k->entries > 0;
	return true;
}

static void
show_group(struct directory_answer *a, const char *dn)
{
	if (a->n_groups < DIRECTORY_GROUPS)
		(void)snprintf(a->group[a->n_groups++], DIRECTORY_NAME, "%s",
		    dn);
}

static bool
is_member(struct asking *k, const char *group, bool *ret)
{
	*ret = false;
	if (!is_plain(k)) {
		if (!ask_chain(k, group, ret))
			return false;
		if (*ret)
			show_group(k->a, group);
		return true;
	}
	for (uint32_t i = 0; i < k->n && !*ret; i++)
		*ret = dn_same(k->group[i], group);
	return true;
}

/* The highest that one of the groups gives. */
static bool
find_role(struct asking *k)
{
	static const struct {
		enum config_key key;
		enum access access;
	} roles[] = { { CONF_DIRECTORY_ADMINS, ACCESS_ADMIN },
		{ CONF_DIRECTORY_ANALYSTS, ACCESS_ANALYST },
		{ CONF_DIRECTORY_READERS, ACCESS_READ } };
	char group[DIRECTORY_NAME];
	bool in = false;

	if (is_plain(k) && !walk_groups(k))
		return false;
	for (uint32_t i = 0; is_plain(k) && i < k->n; i++)
		show_group(k->a, k->group[i]);
	for (size_t r = 0; !in && r < sizeof(roles) / sizeof(roles[0]); r++)
		for (uint32_t i = 0;
		     !in && group_at(k->config->text[roles[r].key], i, group);
		     i++) {
			if (!is_member(k, group, &in))
				return false;
			if (in)
				k->a->access = roles[r].access;
		}
	return true;
}

/* ---------------------------------------------------------------- the user */

static void
take_control(void *ctx, struct span value)
{
	struct asking *k = ctx;
	char text[24];

	if (ldap_text(value, text, sizeof(text)))
		k->disabled = (strtoul(text, NULL, 10) & DISABLED) != 0;
}

static bool
one_user(struct asking *k, const struct ldap_message *m)
{
	k->entries++;
	return ldap_text(m->dn, k->dn, sizeof(k->dn)) && k->dn[0] != '\0' &&
	    ldap_values(m, "userAccountControl", take_control, k) &&
	    (!is_plain(k) || ldap_values(m, "memberOf", add_group, k));
}

static bool
find_user(struct asking *k)
{
	const char *attribute = k->config->text[CONF_DIRECTORY_ATTRIBUTE];
	struct ldap_search s = { .base = k->config->text[CONF_DIRECTORY_USERS],
		.scope = LDAP_BELOW,
		.most = 2,
		.n = 1,
		.any = { { attribute, k->q->user } },
		.wanted = { "userAccountControl",
		    is_plain(k) ? "memberOf" : NULL } };

	if (attribute[0] == '\0')
		s.any[0].attribute = is_plain(k) ? "uid" : "sAMAccountName";
	k->entries = 0;
	if (!search(k, &s, one_user))
		return false;
	(void)snprintf(k->a->dn, sizeof(k->a->dn), "%s", k->dn);
	return true;
}

static bool
decide(struct asking *k, enum directory_how how, const char *why)
{
	k->a->how = how;
	(void)snprintf(k->a->why, sizeof(k->a->why), "%s", why);
	return true;
}

/* True: the answer stands; false: it could not be had of this server. */
static bool
know(struct asking *k)
{
	if (!find_user(k))
		return false;
	if (k->entries == 0)
		return decide(k, DIRECTORY_UNKNOWN,
		    "There is nobody of this name.");
	if (k->entries > 1)
		return decide(k, DIRECTORY_UNKNOWN,
		    "There are several of this name.");
	if (k->disabled)
		return decide(k, DIRECTORY_UNKNOWN, "The account is disabled.");
	if (!find_role(k))
		return false;
	return k->a->access == ACCESS_PUBLIC
	    ? decide(k, DIRECTORY_NO_ROLE,
		  "None of the groups gives a role here.")
	    : decide(k, DIRECTORY_YES, "");
}

static bool
is_wrong(enum ldap_code code)
{
	return code == LDAP_INVALID_CREDENTIALS || code == LDAP_INAPPROPRIATE ||
	    code == LDAP_NO_SUCH_OBJECT || code == LDAP_INVALID_DN;
}

static bool
prove(struct asking *k, const char *name)
{
	enum ldap_code code;
	bool heard;

	k->a->asked = 1;
	code = bind_as(k, name, k->q->password, &heard);
	if (!heard)
		return false;
	if (code == LDAP_SUCCESS)
		return decide(k, DIRECTORY_YES, "");
	k->a->access = ACCESS_PUBLIC;
	return is_wrong(code) && decide(k, DIRECTORY_WRONG, k->cord->why);
}

static bool
by_reader(struct asking *k)
{
	bool heard;

	if (bind_as(k, k->config->text[CONF_DIRECTORY_READER], k->of->password,
		&heard) != LDAP_SUCCESS) {
		char why[DIRECTORY_WHY];

		memcpy(why, k->cord->why, sizeof(why));
		return heard &&
		    cord_fail(k->cord, "the service account: %.200s", why);
	}
	if (!know(k))
		return false;
	return k->q->wish == DIRECTORY_LOOK || k->a->how != DIRECTORY_YES ||
	    prove(k, k->dn);
}

static bool
by_user(struct asking *k)
{
	char name[DIRECTORY_NAME];

	if (!dn_of(k->config->text[CONF_DIRECTORY_BIND], k->q->user, name))
		return decide(k, DIRECTORY_UNKNOWN, "The name is too long.");
	if (!prove(k, name))
		return false;
	return k->a->how != DIRECTORY_YES || know(k);
}

/* ------------------------------------------------------------- the servers */

static bool
converse(struct asking *k, uint32_t i, const struct server *s)
{
	struct cord *l = k->cord;
	bool clear = k->config->number[CONF_DIRECTORY_CLEAR] == 1 && !s->tls;
	char why[DIRECTORY_WHY] = "";
	int fd = k->of->dial(k->of->ctx, i, l->until, why);

	l->fd = -1;
	if (fd < 0)
		return cord_fail(l, "%s", why);
	if (!cord_open(l, fd) || (!s->tls && !clear && !start_tls(k)) ||
	    (!clear && !cord_tls(l, k->of->trust, s->host)))
		return false;
	return directory_can_look(k->config) ? by_reader(k) : by_user(k);
}

/* Anew with each server: nothing of one counts with another. */
static bool
ask_server(struct asking *k, uint32_t i, const struct server *s, int64_t until)
{
	struct directory_answer *a = k->a;
	struct cord *l = k->cord;
	uint32_t asked = a->asked;
	bool good;

	*a = (struct directory_answer){ .how = DIRECTORY_AWAY, .asked = asked };
	k->n = k->done = k->entries = 0;
	k->disabled = false;
	k->dn[0] = '\0';
	l->until = until;
	l->idle = k->of->idle;
	l->ctx = k->of->ctx;
	l->why[0] = '\0';
	good = converse(k, i, s);
	if (!good) {
		asked = a->asked;
		*a = (struct directory_answer){ .how = DIRECTORY_AWAY,
			.asked = asked };
		(void)snprintf(a->why, sizeof(a->why), "%.100s: %.150s",
		    s->host, l->why);
		k->of->dead[i] = monotonic_ms() + DEAD_MS;
	}
	(void)snprintf(a->server, sizeof(a->server), "%s", s->host);
	cord_close(l);
	return good;
}

/* Those that answered of late first, each in its order. */
static uint32_t
order_of(struct asking *k, uint32_t order[static SERVERS])
{
	int64_t ms = monotonic_ms();
	struct server s;
	uint32_t n = 0;

	for (int dead = 0; dead < 2; dead++)
		for (uint32_t i = 0; server_at(k->config, i, &s); i++)
			if ((k->of->dead[i] > ms) == (dead == 1))
				order[n++] = i;
	return n;
}

void
directory_answer_of(struct asker_of *of, const struct directory_question *q,
    struct directory_answer *ret)
{
	static char groups[GROUPS_MOST][DIRECTORY_NAME];
	struct asking k = { .of = of,
		.config = of->config,
		.q = q,
		.a = ret,
		.cord = &of->cord,
		.group = groups };
	int64_t until = monotonic_ms() +
	    1000 * (int64_t)of->config->number[CONF_DIRECTORY_TIMEOUT];
	uint32_t order[SERVERS], n = order_of(&k, order);
	struct server s;

	*ret = (struct directory_answer){ .how = DIRECTORY_AWAY };
	if (people_name_flaw(q->user) != NULL) {
		(void)decide(&k, DIRECTORY_UNKNOWN,
		    "No user can have this name here.");
		return;
	}
	if (q->wish == DIRECTORY_SIGN_IN && q->password[0] == '\0') {
		(void)decide(&k, DIRECTORY_WRONG, "The password is empty.");
		return;
	}
	if (q->wish == DIRECTORY_LOOK && !directory_can_look(of->config)) {
		(void)decide(&k, DIRECTORY_AWAY,
		    "Nobody can be looked for without a service account.");
		return;
	}
	for (uint32_t i = 0; i < n; i++) {
		int64_t left = until - monotonic_ms();

		if (left < LEAST_MS || !server_at(of->config, order[i], &s))
			break;
		if (ask_server(&k, order[i], &s,
			monotonic_ms() + left / (n - i)))
			break;
	}
}
