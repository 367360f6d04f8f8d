/* private.h - shared by the files of main/ only. */
#ifndef MAIN_PRIVATE_H
#define MAIN_PRIVATE_H

#include <sys/types.h>

#include "../capture/live.h"
#include "../process/leash.h"
#include "../process/process.h"
#include "main.h"
#include "web_sees.h"

enum child_state {
	CHILD_OFF, /* not wanted, or waits for `next` */
	CHILD_STARTING,
	CHILD_READY,
};

struct child {
	enum child_state state;
	bool wanted; /* started again when it ends */
	bool ending; /* was told to */
	pid_t pid;
	int leash; /* -1: none */
	int64_t started, next; /* monotonic ms */
	uint32_t fast; /* deaths soon after the start, in a row */
	char cannot[LIVE_ERROR_MAX + 64]; /* said why, last time */
};

struct supervisor {
	const struct run_settings *settings;
	struct config file; /* as its file and options say */
	struct config config; /* and over it, what people set */
	struct child child[PROCESS_COUNT]; /* main's own is not used */
	struct page *page;
	int page_fd;
	struct asking_place *asking; /* dial.c's own */
	struct live_board *board;
	struct live_port *port[LIVE_PORTS_MAX];
	/* the recorder's own rings at the same interfaces */
	struct live_board *tape_board;
	struct live_port *tape[LIVE_PORTS_MAX];
	int notices; /* changes of interfaces; -1: none */
	int signals;
	int control, listens; /* sockets; -1: none */
	struct web_files web_files; /* as they were when the web was started */
	int64_t listen_again; /* when to try, monotonic ms; 0: not */
	bool engine_keeps; /* it was started with a keeper */
	bool stopping;
	int64_t stop_by; /* then it is killed */
	uint64_t directory_settings; /* as it was started with */
	int64_t directory_second; /* began, monotonic ms */
	uint32_t directory_dialled; /* sockets, in it */
	struct leash_message in;
};

/* settings.c: the file, and over it what people set; false: the file has a
 * mistake. */
bool settings_read(struct supervisor *, struct config *ret_file,
    struct config *ret);
/* run.c: read again, and told to everybody. */
void settings_reload(struct supervisor *);

/* children.c */
bool child_start(struct supervisor *, enum process);
void child_stop(struct supervisor *, enum process);
void children_reap(struct supervisor *);
/* Start what is due, end what hangs, hear what they say. */
void children_tend(struct supervisor *, int64_t ms);
void child_hear(struct supervisor *, enum process);
/* How long until something is due. */
int children_pause(const struct supervisor *, int64_t ms);

/* ports.c; open: how many there are, false: none may be opened */
bool ports_open(struct supervisor *);
void ports_tend(struct supervisor *);
void ports_change(struct supervisor *, const struct config *was);
void ports_close(struct supervisor *);

/* places.c: folders and sockets; false: said so, and goes without */
bool places_make(struct supervisor *);
bool control_open(struct supervisor *);
bool listen_open(struct supervisor *);
void places_leave(struct supervisor *);

/* record.c: of that process; its exit status */
int record_main(void);
bool records(const struct config *); /* whether it is wanted */

/* web.c: of that process; its exit status */
int web_main(const char *version);

/* dial.c: asking devices: memory for it, whether the probe is wanted, sockets
 * that it asks for */
bool dial_open(struct supervisor *);
void dial_give(struct supervisor *, enum process);
void dial_tend(struct supervisor *);
void dial_halt(struct supervisor *); /* the kill switch, by signal */
void dial_socket(struct supervisor *); /* s->in */
void dial_close(struct supervisor *);

/* directory.c: an LDAP directory: whether it is asked, by what socket the web
 * asks, and sockets to the servers */
void directory_tend(struct supervisor *);
void directory_join(struct supervisor *);
void directory_socket(struct supervisor *); /* s->in */

/* notify.c: to systemd, where it is there */
void notify(const char *state);
int64_t notify_watchdog_ms(void); /* 0: it does not watch */

#endif
