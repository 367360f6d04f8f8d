/*
 * leash.h - between main and each of the others: descriptors, settings,
 * "stop"; and back: "ready".  Datagrams over a pair of sockets, descriptor 3
 * of the one that was started.  When main is gone the leash ends, and so does
 * whoever is on it.
 */
#ifndef PROCESS_LEASH_H
#define PROCESS_LEASH_H

#include <stdbool.h>
#include <stdint.h>

#define LEASH_FD 3
#define LEASH_TEXT 65536u

enum leash_kind {
	/* from main */
	LEASH_CONFIG, /* text: as config_read() takes it */
	LEASH_PAGE, /* descriptor */
	LEASH_BOARD, /* descriptor: of the ports */
	LEASH_PORT, /* descriptor, number */
	LEASH_NO_PORT, /* number */
	LEASH_PEER, /* descriptor: engine's or keeper's end of their socket */
	LEASH_CONTROL, /* descriptor: keeper: the control socket */
	LEASH_WEB, /* descriptor: keeper and web: the ends of theirs */
	LEASH_PROBE, /* descriptor: keeper and probe: the ends of theirs */
	LEASH_DECODER, /* descriptor: web and decoder: the ends of theirs */
	LEASH_DIRECTORY, /* descriptor: web and directory: the ends of theirs;
			  * none: there is no directory any more */
	LEASH_LISTEN, /* descriptor: web's listening socket */
	LEASH_BOARD_OF_GRANTS, /* descriptor: of what may be asked */
	LEASH_PULSES, /* descriptor: of how devices do */
	LEASH_SOCKET, /* descriptor, or none: probe, directory: what it asked
		       * for; directory: its number, text: why not */
	LEASH_START, /* all is given */
	LEASH_RELOAD, /* text: settings */
	LEASH_STOP,
	/* to main */
	LEASH_READY, /* text: what to say of it, or "" */
	LEASH_CANNOT, /* text: why it ends */
	LEASH_DIAL, /* number: grant, text: "tcp 10.1.2.3": from the probe;
		     * number: which server: from the directory */
	LEASH_SETTINGS, /* of the keeper: people changed them */
	/* between web and decoder: see decoder.h */
	LEASH_EVIDENCE, /* number, descriptor */
	LEASH_FACT, /* number, text */
	LEASH_DECODED, /* number */
};

struct leash_message {
	enum leash_kind kind;
	uint32_t number;
	int fd; /* -1: none; the receiver's */
	uint32_t n;
	char text[LEASH_TEXT + 1]; /* ends with NUL */
};

bool leash_pair(int ret[static 2]);
bool leash_send(int leash, enum leash_kind, uint32_t number, int fd,
    const char *text);
/* -1: the other end is gone; 0: nothing there (only when not waiting). */
int leash_receive(int leash, bool wait, struct leash_message *ret);

/* In a child: this program again as a role ("engine"), on this leash.  Ends
 * with 127 where that cannot be. */
_Noreturn void leash_become(const char *role, int leash);

#endif
