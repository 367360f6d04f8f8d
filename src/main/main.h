/*
 * main.h - the running sensor's first process: opens what needs rights,
 * starts the others, watches them and starts them again.
 */
#ifndef MAIN_MAIN_H
#define MAIN_MAIN_H

#include "../config/config.h"

/* Where settings come from; read again at every reload. */
struct run_settings {
	void *ctx;
	/* False: something was wrong, and has been said. */
	bool (*read)(void *ctx, struct config *ret);
};

/* Until it is told to stop; the exit status. */
int run_sensor(const struct run_settings *);
/* One of the others, started by it: "--role=engine"; -1: it is none. */
int run_role(const char *argument, const char *version);

#endif
