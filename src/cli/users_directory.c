/* users_directory.c - see users_directory.h. */
#include "users_directory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "../directory/directory.h"
#include "cli.h"
#include "output.h"
#include "settings_file.h"

bool
directory_add(struct directory_request *r, const char *pair)
{
	if (r->n_set == DIRECTORY_SETS) {
		complain("users: more than %u times --set", DIRECTORY_SETS);
		return false;
	}
	r->set[r->n_set++] = pair;
	return true;
}

/* ---------------------------------------------------------------- settings */

static bool
read_settings(const struct directory_request *r, const char *state,
    struct config *c)
{
	char error[CONFIG_ERROR];

	config_init(c);
	if (!settings_from_file(c, r->path, r->named))
		return false;
	for (uint32_t i = 0; i < r->n_set; i++)
		if (!config_set_pair(c, r->set[i], error)) {
			complain("users: --set %s", error);
			return false;
		}
	if (state != NULL && !config_set(c, "state", state, error)) {
		complain("users: --state: %s", error);
		return false;
	}
	if (directory_flaw(c) == NULL)
		return true;
	complain("users: %s", directory_flaw(c));
	return false;
}

/* ---------------------------------------------------------------- passwords
 */

/* From a terminal unseen, else a line.  False after complaining. */
static bool
ask_password(const char *prompt, char dst[static DIRECTORY_PASSWORD])
{
	struct termios was = { .c_lflag = 0 }, is;
	bool hide = isatty(STDIN_FILENO) == 1 &&
	    tcgetattr(STDIN_FILENO, &was) == 0,
	     there;

	if (hide) {
		(void)fprintf(stderr, "%s", prompt);
		is = was;
		is.c_lflag &= ~(tcflag_t)ECHO;
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &is);
	}
	there = fgets(dst, DIRECTORY_PASSWORD, stdin) != NULL;
	if (hide) {
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &was);
		(void)fputc('\n', stderr);
	}
	if (!there)
		dst[0] = '\0';
	if (there && strchr(dst, '\n') == NULL &&
	    strlen(dst) == DIRECTORY_PASSWORD - 1) {
		complain("users: the password is too long");
		return false;
	}
	dst[strcspn(dst, "\r\n")] = '\0';
	return true;
}

static int
keep_password(const struct config *c)
{
	char password[DIRECTORY_PASSWORD], why[DIRECTORY_WHY];
	bool ok;

	if (!directory_can_look(c)) {
		complain("users: directory.reader names no service account");
		return EXIT_INPUT;
	}
	if (!ask_password("password of the service account: ", password))
		return EXIT_INPUT;
	if (password[0] == '\0') {
		complain("users: the password is empty");
		return EXIT_INPUT;
	}
	ok = directory_seal(c, password, why);
	explicit_bzero(password, sizeof(password));
	if (!ok) {
		complain("users: %s", why);
		return EXIT_INPUT;
	}
	(void)printf("kept, sealed, for %s\n", c->text[CONF_DIRECTORY_READER]);
	return EXIT_DONE;
}

/* -------------------------------------------------------------------- trial
 */

static const char *
role_of(const struct directory_answer *a)
{
	return a->access == ACCESS_PUBLIC ? "none"
					  : access_name((enum access)a->access);
}

static void
put_json(struct out *o, const char *user, const struct directory_answer *a)
{
	json_open(o, '{');
	json_text(o, "user", user);
	directory_answer_json(o, a, "none");
	json_close(o, '}');
	out_char(o, '\n');
}

/* What another machine says is shown, not obeyed. */
static void
put_line(struct out *o, const char *name, const char *text)
{
	outf(o, "%-8s ", name);
	for (; *text != '\0'; text++)
		out_char(o,
		    (unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text);
	out_char(o, '\n');
}

static void
put_text(struct out *o, const char *user, const struct directory_answer *a)
{
	put_line(o, "user", user);
	if (a->server[0] != '\0')
		put_line(o, "server", a->server);
	if (a->dn[0] != '\0')
		put_line(o, "dn", a->dn);
	for (uint32_t i = 0; i < a->n_groups; i++)
		put_line(o, i == 0 ? "groups" : "", a->group[i]);
	put_line(o, "role", role_of(a));
	if (a->why[0] != '\0')
		put_line(o, "why", a->why);
}

static int
try_user(const struct config *c, const char *user, int format)
{
	static struct directory_question q;
	static struct directory_answer a;
	static struct out out;
	char why[DIRECTORY_WHY];
	int fd, status;

	if (strlen(user) >= sizeof(q.user)) {
		complain("users: %s: no user can have this name", user);
		return EXIT_INPUT;
	}
	(void)snprintf(q.user, sizeof(q.user), "%s", user);
	if (!ask_password(directory_can_look(c)
		    ? "password (empty: only what groups there are): "
		    : "password: ",
		q.password))
		return EXIT_INPUT;
	q.wish = q.password[0] != '\0' || !directory_can_look(c)
	    ? DIRECTORY_SIGN_IN
	    : DIRECTORY_LOOK;
	fd = directory_start(c, why);
	if (fd < 0) {
		complain("users: %s", why);
		return EXIT_INPUT;
	}
	(void)directory_ask(fd, &q, &a, NULL);
	(void)close(fd);
	explicit_bzero(&q, sizeof(q));
	out_open(&out, STDOUT_FILENO);
	if (format == 1)
		put_json(&out, user, &a);
	else
		put_text(&out, user, &a);
	status = output_end(&out);
	return status != EXIT_DONE || a.how == DIRECTORY_YES ? status
							     : EXIT_INPUT;
}

int
directory_do(const struct directory_request *r, const struct said *w,
    const char *state, int format)
{
	static struct config c;
	bool test = strcmp(w->word[1], "test") == 0;

	if (!test && strcmp(w->word[1], "password") != 0) {
		complain("users: directory %s: there are test and password",
		    w->word[1]);
		return EXIT_USAGE;
	}
	if (w->n != (test ? 3 : 2)) {
		complain("users: directory test NAME, or directory password");
		return EXIT_USAGE;
	}
	if (!read_settings(r, state, &c))
		return EXIT_INPUT;
	return test ? try_user(&c, w->word[2], format) : keep_password(&c);
}
