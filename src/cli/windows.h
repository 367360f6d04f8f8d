/* windows.h - sightglass active windows, for its own files only. */
#ifndef CLI_WINDOWS_H
#define CLI_WINDOWS_H

#include "../active/active.h"
#include "../base/vault.h"
#include "../desk/desk.h"
#include "../windows/windows.h"
#include "pick.h"

struct windows_order { /* a scan */
	const char *state, *interface;
	const struct picked *ranges; /* none: all */
	bool due; /* only those whose schedule says so */
	struct ip only; /* len 0: all; else this address alone */
};
/* Ask now; the exit status. */
int windows_scan(const struct windows_order *);

/* A file collected on an endpoint; `as`: its address, len 0: as it says. */
int windows_import(const char *state, const char *path, const struct ip *as);

/* Where results go: the running sensor, or the state. */
struct windows_sink;
struct windows_sink *windows_sink_open(const char *state); /* NULL: said */
/* The request is taken over; false after complaining. */
bool windows_sink_put(struct windows_sink *, json_t *request);
struct store *windows_sink_store(struct windows_sink *);
/* The answer of the sensor that runs, the caller's; NULL: none does, or after
 * complaining. */
json_t *windows_sink_look(struct windows_sink *, json_t *request);
bool windows_sink_close(struct windows_sink *);

/* What "kinds" says, as bits; all where it is "". */
uint64_t windows_kinds(const char *kinds);
/* Fills the fields that the purpose needs; false after complaining. */
bool windows_seal(const char *state, const struct windows_range *,
    const char *password, char ret[static VAULT_SEALED]);
/* The key in the state, made where there is none; the exit status. */
int windows_make_key(const char *state);
/* The first line of a file; NULL: asked for.  False after complaining. */
bool windows_get_password(const char *path, char dst[static VAULT_TEXT]);
/* From a terminal, or a line of standard input. */
bool windows_ask_password(char dst[static VAULT_TEXT]);

/* Ranges from FROM,TO,USER,PASSWORD,DISABLE; the rest as in `like`. */
int windows_import_ranges(const char *state, const char *path,
    const struct windows_range *like, const char *until);
/* windows.add, and the password sealed. */
json_t *windows_add_request(const char *state, const struct windows_range *,
    const char *until, const char *password);

#endif
