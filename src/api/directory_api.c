/* directory_api.c - the LDAP directory: whether there is one, and a trial. */
#include "handlers.h"
#include "lookups.h"

void
h_directory(struct request *rq)
{
	const struct config *c = rq->server->config.settings;

	json_open(rq->out, '{');
	json_bool(rq->out, "on", lookups_on(rq->server->lookups));
	json_bool(rq->out, "looks", c != NULL && directory_can_look(c));
	json_close(rq->out, '}');
}

static void
put_tested(struct request *rq, const struct directory_answer *a)
{
	rq->secret = true;
	json_open(rq->out, '{');
	directory_answer_json(rq->out, a, NULL);
	json_close(rq->out, '}');
}

void
h_directory_test(struct request *rq)
{
	const char *password = body_text(rq, "password");
	char user[128];
	enum looked looked;

	if (!needs_session(rq))
		return;
	(void)small_letters(body_text(rq, "user"), user);
	if (password != NULL && password[0] == '\0')
		password = NULL;
	looked =
	    look_up(rq, password != NULL ? DIRECTORY_SIGN_IN : DIRECTORY_LOOK,
		user, password);
	if (looked == LOOKED_LATER || looked == LOOKED_REFUSED)
		return;
	if (looked == LOOKED_HERE) {
		fail(rq, 409, "directory", NULL, "%s",
		    lookups_on(rq->server->lookups)
			? "The directory is not asked about this one: a user "
			  "that is kept here, locked, or no possible name."
			: "There is no directory: see the settings "
			  "directory.*.");
		return;
	}
	audit(rq, rq->who.user, "user", user, "the directory was tried: %s",
	    looked_word(rq) == WORD_YES        ? "yes"
		: looked_word(rq) == WORD_AWAY ? "it does not answer"
					       : "no");
	put_tested(rq, looked_up(rq));
}
