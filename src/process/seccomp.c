/*
 * seccomp.c - system calls, from the tables.
 *
 * Allowed is what stands in calls.def.  Of some the arguments count: memory
 * is never made runnable, a new thread is no new process, a signal goes to
 * itself only, and descriptors cannot be made to send signals.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "private.h"

const struct call_row call_rows[] = {
#define CALL(name, who, why) { #name, who, why },
#include "calls.def"
#undef CALL
};
const uint32_t n_call_rows = sizeof(call_rows) / sizeof(call_rows[0]);

const char *const deadly_names[] = {
#define DEADLY(name) #name,
#include "deadly.def"
#undef DEADLY
};
const uint32_t n_deadly_names = sizeof(deadly_names) / sizeof(deadly_names[0]);

char
process_letter(enum process p)
{
	static const char letters[PROCESS_COUNT] = { [PROCESS_ENGINE] = 'E',
		[PROCESS_KEEPER] = 'K',
		[PROCESS_RECORDER] = 'R',
		[PROCESS_WEB] = 'W',
		[PROCESS_PROBE] = 'P',
		[PROCESS_DIRECTORY] = 'L',
		[PROCESS_DECODER] = 'D' };

	return letters[p];
}

/* What the architecture does not have is no matter. */
static int
add(scmp_filter_ctx f, uint32_t action, const char *name, unsigned n,
    const struct scmp_arg_cmp *args)
{
	int call = seccomp_syscall_resolve_name(name);

	if (call == __NR_SCMP_ERROR)
		return 0;
	return seccomp_rule_add_array(f, action, call, n, args);
}

static int
allow(scmp_filter_ctx f, const char *name)
{
	const struct scmp_arg_cmp no_exec[] = {
		{ 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 },
	};
	const struct scmp_arg_cmp thread[] = {
		{ 0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD },
	};
	const struct scmp_arg_cmp itself[] = {
		{ 0, SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0 },
	};

	if (strcmp(name, "mmap") == 0 || strcmp(name, "mprotect") == 0)
		return add(f, SCMP_ACT_ALLOW, name, 1, no_exec);
	if (strcmp(name, "clone") == 0)
		return add(f, SCMP_ACT_ALLOW, name, 1, thread);
	if (strcmp(name, "tgkill") == 0)
		return add(f, SCMP_ACT_ALLOW, name, 1, itself);
	return add(f, SCMP_ACT_ALLOW, name, 0, NULL);
}

static int
add_all(scmp_filter_ctx f, enum process p)
{
	const struct scmp_arg_cmp process[] = {
		SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0),
	};
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < n_call_rows; i++)
		if (strchr(call_rows[i].who, process_letter(p)) != NULL)
			rc = allow(f, call_rows[i].name);
	for (uint32_t i = 0; rc == 0 && i < n_deadly_names; i++)
		rc = add(f, SCMP_ACT_KILL_PROCESS, deadly_names[i], 0, NULL);
	if (rc == 0)
		rc = add(f, SCMP_ACT_KILL_PROCESS, "clone", 1, process);
	/* its flags cannot be looked at: the C library tries clone() then */
	if (rc == 0)
		rc = add(f, SCMP_ACT_ERRNO(ENOSYS), "clone3", 0, NULL);
	return rc;
}

bool
seccomp_enter(enum process p, char error[static JAIL_ERROR])
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int rc = f != NULL ? 0 : -ENOMEM;

	if (rc == 0)
		rc = add_all(f, p);
	if (rc == 0)
		rc = seccomp_load(f);
	if (f != NULL)
		seccomp_release(f);
	return rc == 0 ||
	    jail_fail(error, "system calls cannot be limited: %s",
		strerror(-rc));
}

/* The children inherit it: only what none of them needs either. */
bool
seccomp_enter_main(char error[static JAIL_ERROR])
{
	static const char *const spared[] = { "execve", "fork", "vfork", "kill",
		"setuid", "setgid", "setresuid", "setresgid", "capset" };
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
	int rc = f != NULL ? 0 : -ENOMEM;

	for (uint32_t i = 0; rc == 0 && i < n_deadly_names; i++) {
		bool spare = false;

		for (size_t k = 0; k < sizeof(spared) / sizeof(spared[0]); k++)
			spare |= strcmp(spared[k], deadly_names[i]) == 0;
		if (!spare)
			rc = add(f, SCMP_ACT_KILL_PROCESS, deadly_names[i], 0,
			    NULL);
	}
	if (rc == 0)
		rc = seccomp_load(f);
	if (f != NULL)
		seccomp_release(f);
	return rc == 0 ||
	    jail_fail(error, "system calls cannot be limited: %s",
		strerror(-rc));
}
