/*
 * privileges.c - what each process may do, printed from the tables that lock
 * it in; and the proof: each locks itself in and tries what it may not.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "private.h"

/* ---------------------------------------------------------------- printing */

static bool
may(enum process p, const struct call_row *c)
{
	return process_letter(p) == 0 ||
	    strchr(c->who, process_letter(p)) != NULL;
}

static bool
opens_files(enum process p)
{
	return p != PROCESS_ENGINE && p != PROCESS_PROBE &&
	    p != PROCESS_DIRECTORY && p != PROCESS_DECODER;
}

static void
put_calls(struct out *o, enum process p)
{
	uint32_t column = 0;

	for (uint32_t i = 0; i < n_call_rows; i++) {
		size_t n = strlen(call_rows[i].name) + 1;

		if (!may(p, &call_rows[i]))
			continue;
		if (column == 0 || column + n > 78) {
			outf(o, column == 0 ? "      " : "\n      ");
			column = 6;
		}
		outf(o, " %s", call_rows[i].name);
		column += (uint32_t)n;
	}
	outf(o, "\n");
}

void
privileges_text(struct out *o)
{
	for (uint32_t p = 0; p < PROCESS_COUNT; p++) {
		const struct process_row *r = &processes[p];

		outf(o, "%s%s\n  has      %s\n  does     %s\n  may not  %s\n",
		    p > 0 ? "\n" : "", r->name, r->has, r->does, r->may_not);
		if (p == PROCESS_MAIN) {
			outf(o,
			    "  capabilities of the ports: CAP_NET_RAW, "
			    "CAP_NET_ADMIN; no new privileges\n");
			continue;
		}
		outf(o,
		    "  no capabilities, no new privileges, no core dumps, "
		    "nobody looks in\n"
		    "  files opened after the start: %s\n"
		    "  system calls, the others being refused:\n",
		    !opens_files(p) ? "none"
			: p == PROCESS_KEEPER
			? "the state directory; /etc/passwd to read"
			: p == PROCESS_RECORDER
			? "the directory of packets"
			: "its own; of the state the database, evidence and "
			  "public key, to read");
		put_calls(o, (enum process)p);
	}
	outf(o, "\nending any of them but main at once:\n      ");
	for (uint32_t i = 0; i < n_deadly_names; i++)
		outf(o, "%s%s", i % 8 == 7 ? "\n       " : " ",
		    deadly_names[i]);
	outf(o, "\n\nLandlock of this kernel: version %d%s\n", landlock_abi(),
	    landlock_abi() == 0 ? " (none)" : "");
}

static void
json_process(struct out *o, enum process p)
{
	const struct process_row *r = &processes[p];

	json_open(o, '{');
	json_text(o, "name", r->name);
	json_text(o, "has", r->has);
	json_text(o, "does", r->does);
	json_text(o, "may_not", r->may_not);
	json_key(o, "capabilities");
	json_open(o, '[');
	if (p == PROCESS_MAIN) {
		json_item(o);
		json_put_string(o, SPAN_LIT("CAP_NET_RAW"));
		json_item(o);
		json_put_string(o, SPAN_LIT("CAP_NET_ADMIN"));
	}
	json_close(o, ']');
	json_key(o, "system_calls");
	json_open(o, '[');
	for (uint32_t i = 0; i < n_call_rows && p != PROCESS_MAIN; i++) {
		if (!may(p, &call_rows[i]))
			continue;
		json_item(o);
		json_put_string(o, span_text(call_rows[i].name));
	}
	json_close(o, ']');
	json_bool(o, "opens_files", opens_files(p));
	json_bool(o, "opens_sockets", p == PROCESS_MAIN);
	json_bool(o, "starts_programs", p == PROCESS_MAIN);
	json_close(o, '}');
	outf(o, "\n");
	o->comma = false;
}

void
privileges_json(struct out *o)
{
	for (uint32_t p = 0; p < PROCESS_COUNT; p++)
		json_process(o, (enum process)p);
}

/* ------------------------------------------------------------------ trying */

/* Each ends with true when it went through. */
static bool
try_open(void)
{
	return open("/etc/hostname", O_RDONLY | O_CLOEXEC) >= 0;
}

static bool
try_write(void)
{
	return open("/var/tmp/sightglass-try", O_WRONLY | O_CREAT | O_CLOEXEC,
		   0600) >= 0;
}

static bool
try_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool
try_raw_socket(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0) >= 0;
}

static bool
try_connect(void)
{
	const struct sockaddr_un to = { .sun_family = AF_UNIX,
		.sun_path = "/run/systemd/notify" };

	return connect(STDIN_FILENO, (const struct sockaddr *)&to,
		   sizeof(to)) == 0;
}

static bool
try_fork(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	return child > 0;
}

static bool
try_exec(void)
{
	char *const argv[] = { (char[]){ "true" }, NULL };

	(void)execv("/bin/true", argv);
	return false; /* nobody comes back from it */
}

static bool
try_trace(void)
{
	return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0;
}

static bool
try_kill(void)
{
	return kill(getppid(), 0) == 0;
}

static bool
try_run_memory(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static bool
try_root(void)
{
	return setuid(0) == 0;
}

static const struct {
	const char *what;
	bool (*go)(void);
} tries[] = {
	{ "open a file", try_open },
	{ "make a file", try_write },
	{ "open a socket", try_socket },
	{ "open a packet socket", try_raw_socket },
	{ "connect", try_connect },
	{ "start a process", try_fork },
	{ "start a program", try_exec },
	{ "look into another process", try_trace },
	{ "signal another process", try_kill },
	{ "run what it wrote", try_run_memory },
	{ "become root", try_root },
};

#define WENT_THROUGH 77
#define NOT_LOCKED 78

static void
child(enum process p, bool (*go)(void))
{
	struct jail none = { 0 };
	char error[JAIL_ERROR], warning[JAIL_ERROR];

	if (!jail_enter(p, &none, error, warning))
		_exit(NOT_LOCKED);
	/* an execve() that goes through ends with 0 as well */
	_exit(go() ? WENT_THROUGH : 1 + (errno == 0));
}

static bool
try_one(struct out *o, enum process p, unsigned i)
{
	int status = 0;
	pid_t pid = fork();
	const char *verdict;
	bool held;

	if (pid == 0)
		child(p, tries[i].go);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		status = NOT_LOCKED << 8;
	held = (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) ||
	    (WIFEXITED(status) && WEXITSTATUS(status) == 1);
	verdict = WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS
	    ? "ended at once"
	    : held ? "refused"
	    : WIFEXITED(status) && WEXITSTATUS(status) == NOT_LOCKED
	    ? "NOT LOCKED IN"
	    : "WENT THROUGH";
	outf(o, "%-9s %-28s %s\n", processes[p].name, tries[i].what, verdict);
	return held;
}

uint32_t
privileges_try(struct out *o)
{
	uint32_t through = 0;

	for (uint32_t p = PROCESS_MAIN + 1; p < PROCESS_COUNT; p++)
		for (unsigned i = 0; i < sizeof(tries) / sizeof(tries[0]); i++)
			through += !try_one(o, (enum process)p, i);
	return through;
}
