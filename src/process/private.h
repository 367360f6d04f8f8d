/* private.h - shared by the files of process/ only. */
#ifndef PROCESS_PRIVATE_H
#define PROCESS_PRIVATE_H

#include "process.h"

/* Always false, so that it can be returned. */
bool jail_fail(char error[static JAIL_ERROR], const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

struct call_row {
	const char *name, *who, *why;
};
extern const struct call_row call_rows[];
extern const uint32_t n_call_rows;
extern const char *const deadly_names[];
extern const uint32_t n_deadly_names;
char process_letter(enum process); /* in calls.def; 0: none */

/* seccomp.c */
bool seccomp_enter(enum process, char ret_error[static JAIL_ERROR]);
bool seccomp_enter_main(char ret_error[static JAIL_ERROR]);
/* landlock.c; ret_abi 0: this kernel has none */
bool landlock_enter(const struct jail *, int *ret_abi,
    char ret_error[static JAIL_ERROR]);
int landlock_abi(void);

#endif
