/*
 * api.h - the HTTPS API and the console: everything the command line can do,
 * for programs and browsers.
 *
 * routes.def says what there is: dispatch, the matrix of permissions, the
 * OpenAPI document and the tests are made of it.  Reads ask the state
 * database; writes are asked of the desk.  People, their sessions and tokens,
 * and the certificate have a folder of their own.
 */
#ifndef API_API_H
#define API_API_H

#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define API_ERROR 512
#define API_PEM_MOST 65536u

struct config;
struct directory_answer;
struct directory_question;

struct api_config {
	const char *version; /* of the program */
	const char *state; /* the state directory: read */
	const char *home; /* users, sessions, certificate: written */
	const char *name; /* the sensor's, for people; NULL: the host's */
	/* The certificate, with those between it and its root, and its key, in
	 * PEM; NULL: the one in home, made when there is none. */
	const char *chain, *key;
	int socket; /* that listens; -1: make one */
	const char *address; /* then bound to; NULL: loopback */
	uint16_t port; /* 0: any */
	/* Names it is reached under, beside addresses and the host's own; with
	 * blanks between, or NULL. */
	const char *names;
	uint32_t idle_minutes, session_hours; /* 0: 30 and 12 */
	const struct config *settings; /* of the sensor; NULL: as by default */
	/* As they are now; by any thread.  NULL: they stay. */
	void (*settings_now)(void *ctx, struct config *ret);
	bool standalone; /* no sensor runs: the state is written directly */
	void *ctx;
	/* A word for the terminal: where it listens, the one-time secret. */
	void (*say)(void *ctx, const char *line);
	/* Everything is open: locked in from here on.  May be NULL. */
	bool (*ready)(void *ctx, uint16_t port);
	/* Comes back when it is time to end; NULL: at SIGTERM or SIGINT. */
	void (*wait)(void *ctx);
	/* The desk of a running sensor (src/desk), for the user: a new
	 * reference, or NULL when it does not answer.  `file`: a descriptor
	 * that goes along, -1: none.  One call at a time.  Unused when
	 * standalone. */
	json_t *(
	    *ask)(void *ctx, const json_t *request, int file, const char *who);
	/* What is in the frames of a capture that is open (src/decoder): a new
	 * array of facts; NULL: that cannot be said.  Never together with
	 * another, or with ask().  May be NULL. */
	json_t *(*decode)(void *ctx, int evidence);
	/* Asks the directory (src/directory), until *stop; false: there is
	 * none that could be asked.  Takes its time, one call at a time.  No
	 * question: whether there is one.  NULL: there never is. */
	bool (*look_up)(void *ctx, const struct directory_question *,
	    struct directory_answer *ret, const atomic_bool *stop);
};

/* Serves until it is time to end; false with a sentence. */
bool api_main(const struct api_config *, char ret_error[static API_ERROR]);

#endif
