/* windows_password.c - passwords of Windows endpoints: read, sealed, and the
 * key that opens them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli.h"
#include "file.h"
#include "windows.h"

/* A line, without showing it where it is typed. */
bool
windows_ask_password(char dst[static VAULT_TEXT])
{
	struct termios before = { .c_lflag = 0 }, quiet;
	bool typed =
	    isatty(STDIN_FILENO) == 1 && tcgetattr(STDIN_FILENO, &before) == 0;
	bool ok;

	if (typed) {
		quiet = before;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		(void)fprintf(stderr, "password: ");
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	}
	ok = fgets(dst, VAULT_TEXT, stdin) != NULL;
	if (typed) {
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		(void)fprintf(stderr, "\n");
	}
	if (ok && strchr(dst, '\n') == NULL && strlen(dst) == VAULT_TEXT - 1) {
		complain("active: a password has at most %u bytes",
		    VAULT_TEXT - 2);
		return false;
	}
	if (ok)
		dst[strcspn(dst, "\r\n")] = '\0';
	if (ok && dst[0] != '\0')
		return true;
	complain("active: no password; it is read from standard input, or "
		 "--password-file");
	return false;
}

bool
windows_get_password(const char *path, char dst[static VAULT_TEXT])
{
	struct span text;
	char *bytes;
	uint32_t n;

	if (path == NULL)
		return windows_ask_password(dst);
	bytes = file_read(path, 4096, &text);
	if (bytes == NULL)
		return false;
	n = span_find(text, '\n');
	if (n > 0 && bytes[n - 1] == '\r')
		n--;
	if (n > 0 && n < VAULT_TEXT)
		(void)snprintf(dst, VAULT_TEXT, "%.*s", (int)n, bytes);
	else
		complain("active: %s: the first line is no password", path);
	vault_wipe(bytes, text.n);
	free(bytes);
	return n > 0 && n < VAULT_TEXT;
}

/* The folder, where there is none yet, and the key in it. */
static bool
open_key(const char *state, struct vault_key *ret)
{
	char error[STORE_ERROR];
	struct store *st;

	if (access(state, F_OK) != 0) {
		st = store_open(state, STORE_MAKING, error);
		if (st != NULL)
			store_close(st);
	}
	if (vault_open_key(state, true, ret, error))
		return true;
	complain("active: %s", error);
	return false;
}

int
windows_make_key(const char *state)
{
	struct vault_key key;

	if (!open_key(state, &key))
		return EXIT_INPUT;
	vault_wipe(&key, sizeof(key));
	(void)printf("there is a key that opens passwords, and %s/vault.pub "
		     "that seals them\n",
	    state);
	return EXIT_DONE;
}

bool
windows_seal(const char *state, const struct windows_range *r,
    const char *password, char ret[static VAULT_SEALED])
{
	struct vault_key key;
	char purpose[DESK_PURPOSE];
	bool ok;

	if (!open_key(state, &key))
		return false;
	desk_windows_purpose(r, purpose);
	ok = vault_seal(key.public, purpose, password, ret);
	vault_wipe(&key, sizeof(key));
	if (!ok)
		complain("active: a password has at most %u bytes",
		    VAULT_TEXT - 2);
	return ok;
}
