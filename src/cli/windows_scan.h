/*
 * windows_scan.h - a scan of Windows endpoints, for its own files only: whom
 * it asks (windows_jobs.c), what its child says (windows_said.c), its course
 * (windows_scan.c).
 */
#ifndef CLI_WINDOWS_SCAN_H
#define CLI_WINDOWS_SCAN_H

#include "windows.h"
#include "windows_child.h"

#define RANGES 256u
#define COMMENT 160u

struct scan {
	const struct windows_order *order;
	struct windows_sink *sink;
	struct vault_key key;
	uint32_t n;
	struct windows_range range[RANGES];
	struct windows_jobs jobs; /* of the range at work */
	/* the range at work */
	const struct windows_range *at;
	pid_t child;
	int fd; /* to the child */
	uint32_t next; /* job that the child is at */
	bool opened; /* it got its socket */
	json_t *items; /* of the job */
	char name[WINDOWS_NAME];
	uint32_t asked, answered;
	uint64_t requests;
	char comment[COMMENT];
	struct tick frames_at;
	bool said, blocked;
	struct device_pulse pulse; /* of the address it is at */
	int64_t looked; /* monotonic: when that was; 0: not yet */
	int64_t alert; /* the newest when it began */
	const char *why; /* it was ended, or NULL */
};

/* windows_jobs.c: the ranges that the order means and that may be used now;
 * false after complaining, where there are none. */
bool scan_choose(struct scan *);
/* The addresses of a range, with what is known of each; of the range its
 * password, opened, and authorities (*ret_pem: free it).  False after
 * complaining. */
bool scan_jobs(struct scan *, const struct windows_range *);
bool scan_credentials(struct scan *, const struct windows_range *,
    char **ret_pem);

/* windows_said.c: messages of the child, which are no more believed than what
 * came over the network. */
void scan_said_end(struct scan *, const json_t *);
void scan_said_item(struct scan *, json_t *);
void scan_said_lack(const json_t *);
void scan_said_frame(struct scan *, const json_t *);

#endif
