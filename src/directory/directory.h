/*
 * directory.h - people whom an LDAP directory knows (OpenLDAP, Active
 * Directory, FreeIPA ...): is this their password, and which role do their
 * groups give.
 *
 * A process of its own asks (role `directory`): it has sockets that were
 * opened for it, to the servers that the settings name, and can do nothing
 * else.  Who wants to know sends it a question and gets an answer, each one
 * message of a SOCK_SEQPACKET pair; one question at a time.  Neither end
 * believes the other.
 */
#ifndef DIRECTORY_DIRECTORY_H
#define DIRECTORY_DIRECTORY_H

#include <stdatomic.h>

#include "../base/out.h"
#include "../config/config.h"
#include "../people/people.h"

#define DIRECTORY_PASSWORD 256u /* bytes, with NUL */
#define DIRECTORY_GROUPS 16u
#define DIRECTORY_NAME 256u /* of a DN that is shown */
#define DIRECTORY_WHY 256u

enum directory_wish {
	DIRECTORY_SIGN_IN, /* is it their password? */
	DIRECTORY_LOOK, /* who is it?  Needs a service account. */
};

struct directory_question {
	uint32_t wish; /* enum directory_wish */
	char user[PERSON_NAME];
	char password[DIRECTORY_PASSWORD];
};

enum directory_how {
	DIRECTORY_YES, /* and with a role */
	DIRECTORY_WRONG, /* the password, as far as it was looked at */
	DIRECTORY_NO_ROLE, /* is there, but in no group that counts */
	DIRECTORY_UNKNOWN, /* is not there, or may not sign in there */
	DIRECTORY_AWAY, /* no server answers, or not as it should */
	DIRECTORY_HOWS
};

struct directory_answer {
	uint32_t how; /* enum directory_how */
	uint32_t access; /* enum access; ACCESS_PUBLIC: none */
	uint32_t asked; /* a password was handed to the directory */
	uint32_t n_groups;
	char server[DIRECTORY_NAME], dn[DIRECTORY_NAME], why[DIRECTORY_WHY];
	char group[DIRECTORY_GROUPS][DIRECTORY_NAME];
};

/* Its members, for an object that is open; `nobody` is the role of who has
 * none, NULL: null. */
void directory_answer_json(struct out *, const struct directory_answer *,
    const char *nobody);

/* The process; its exit status. */
int directory_main(void);

/* NULL: the settings are whole; else a sentence about what they lack. */
const char *directory_flaw(const struct config *);
/* Whether who is signed in can be looked for without their password. */
bool directory_can_look(const struct config *);

/* Asked and waited for, until *stop (or NULL) is set; false: nobody is at the
 * other end. */
bool directory_ask(int fd, const struct directory_question *,
    struct directory_answer *ret, const atomic_bool *stop);

/*
 * A socket to the server that the process on `leash` asked for with this
 * number, handed over to it: names are looked up, addresses tried.  Takes as
 * long as the settings allow; for a child that ends with it.
 */
void directory_dial(const struct config *, uint32_t number, int leash);

/* Where no sensor runs: the process, and one that opens its sockets.  The
 * descriptor to ask by, -1 with a sentence; both end when it is closed. */
int directory_start(const struct config *,
    char ret_error[static DIRECTORY_WHY]);

/* The service account's password, sealed beside the state (base/vault.h). */
bool directory_seal(const struct config *, const char *password,
    char ret_error[static DIRECTORY_WHY]);
/* False with a sentence; none was given: "". */
bool directory_unseal(const struct config *,
    char ret[static DIRECTORY_PASSWORD], char ret_error[static DIRECTORY_WHY]);

#endif
