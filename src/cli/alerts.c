/*
 * alerts.c - sightglass alerts: the list, one in full, and what people do
 * with them.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../detect/field.h"
#include "ask.h"
#include "cli.h"
#include "output.h"
#include "pick.h"
#include "state.h"
#include "verbs.h"

enum {
	OPT_OUTPUT = LIST_OPT_COUNT,
	OPT_DRY_RUN,
};

static const struct option_row rows[] = {
	LIST_OPTION_ROWS,
	[OPT_OUTPUT] = { "output", 'o', "FILE", "pcap: write there" },
	[OPT_DRY_RUN] = { "dry-run", 0, NULL, "say what would be done" },
	{ NULL, 0, NULL, NULL },
};

/* ------------------------------------------------------------------ evidence
 */

static int
pcap(struct state *s, const struct picked *p, const char *path)
{
	int fd = STDOUT_FILENO, status = EXIT_DONE;

	if (p->n != 1) {
		complain("alerts: pcap: of one alert at a time");
		return EXIT_USAGE;
	}
	if (path == NULL && isatty(STDOUT_FILENO) == 1) {
		complain("alerts: pcap: not to a terminal; --output FILE");
		return EXIT_USAGE;
	}
	if (path != NULL)
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		complain("%s: %s", path, strerror(errno));
		return EXIT_INPUT;
	}
	if (!store_copy_evidence(s->store, p->number[0], fd)) {
		complain("alerts: %s", store_error(s->store));
		status = EXIT_INPUT;
		if (path != NULL)
			(void)unlink(path);
	}
	if (path != NULL && close(fd) != 0)
		status = EXIT_INTERNAL;
	return status;
}

/* ------------------------------------------------------------ what people do
 */

enum verb {
	VERB_LIST,
	VERB_SHOW,
	VERB_PCAP,
	VERB_CLOSE,
	VERB_ACTIVE,
	VERB_REOPEN,
	VERB_MUTE,
	VERB_UNMUTE,
	VERB_SEVERITY,
	VERB_COMMENT,
	VERB_COUNT
};

static const char *const verbs[] = { "list", "show", "pcap", "close", "active",
	"reopen", "mute", "unmute", "severity", "comment", NULL };
struct request {
	struct list_request list;
	enum verb verb;
	const char *argument; /* severity, comment */
	const char *output;
	bool dry_run;
	struct picked picked;
};

/* Whatever changes something is the desk's to do. */
static int
change(const struct request *q)
{
	char verb[32];
	json_t *request;

	(void)snprintf(verb, sizeof(verb), "alerts.%s", verbs[q->verb]);
	request = ask_new(verb);
	ask_numbers(request, "numbers", &q->picked);
	if (q->verb == VERB_SEVERITY)
		ask_text(request, "severity", q->argument);
	if (q->verb == VERB_COMMENT)
		ask_text(request, "text", q->argument);
	(void)json_object_set_new(request, "dry_run", json_boolean(q->dry_run));
	return ask("alerts", q->list.state, request);
}

static int
act(struct request *q)
{
	bool reads = q->verb == VERB_SHOW || q->verb == VERB_PCAP;
	struct state s;
	int status = EXIT_USAGE;
	bool picked;

	if (!state_open(&s, "alerts", q->list.state, STATE_STORE))
		return EXIT_INPUT;
	picked = picks_any(&q->picked, &q->list, "alerts", verbs[q->verb]) &&
	    (q->list.where == NULL ||
		pick_where(&q->picked, &list_alerts, s.store, q->list.where));
	if (picked && q->verb == VERB_SHOW)
		status = alerts_show(s.store, &q->picked, &q->list);
	else if (picked && q->verb == VERB_PCAP)
		status = pcap(&s, &q->picked, q->output);
	state_close(&s);
	if (reads || !picked)
		return status;
	if (q->picked.n > 0)
		return change(q);
	(void)printf("%s: 0 alerts\n", verbs[q->verb]);
	return EXIT_DONE;
}

/* ------------------------------------------------------------------ arguments
 */

static bool
take_verb(struct request *q, const char *text)
{
	int i;

	if (text[0] >= '0' && text[0] <= '9') { /* "alerts 12" */
		q->verb = VERB_SHOW;
		return pick_number(&q->picked, "alerts", text);
	}
	i = verbs_find("alerts", text, verbs);
	q->verb = (enum verb)(i < 0 ? 0 : i);
	return i >= 0;
}

static bool
take_argument(struct request *q, uint32_t n, const char *text)
{
	if (n == 0)
		return take_verb(q, text);
	if (q->verb == VERB_SEVERITY && q->argument == NULL) {
		q->argument = text;
		return true;
	}
	if (q->verb == VERB_COMMENT && q->picked.n > 0) {
		q->argument = text;
		return true;
	}
	return pick_number(&q->picked, "alerts", text);
}

static const char examples[] =
    "\n"
    "  alerts                        what is open and closed\n"
    "  alerts --where 'status = new and severity >= major'\n"
    "  alerts show 12                one in full\n"
    "  alerts pcap 12 -o 12.pcapng   its frames\n"
    "  alerts close 12 14..16        tell me again next time\n"
    "  alerts active 12              somebody looks after it\n"
    "  alerts mute 12                never again, not normal\n"
    "  alerts severity minor 12\n"
    "  alerts comment 12 'known, ticket 4711'\n"
    "  (sightglass learn 12          this is normal)\n";

static int
check(const struct request *q)
{
	if (q->verb == VERB_LIST)
		complain("alerts: list takes no number; 'alerts show NUMBER', "
			 "or --where");
	else if (q->verb == VERB_COMMENT && q->argument == NULL)
		complain("alerts: comment NUMBER TEXT");
	else if (q->verb == VERB_SEVERITY && q->argument == NULL)
		complain("alerts: severity LEVEL NUMBER...");
	else
		return EXIT_DONE;
	return EXIT_USAGE;
}

int
cmd_alerts(int argc, char **argv)
{
	struct options o = {
		.command = "alerts",
		.synopsis = "[options] [VERB] [NUMBER...]",
		.about = "List alerts, look at one, and say what is to become "
			 "of it.",
		.row = rows,
		.argc = argc,
		.argv = argv,
		.at = 1,
	};
	static struct request q;
	uint32_t n = 0;
	int option;

	q = (struct request){ .list = LIST_REQUEST };
	while ((option = options_next(&o)) != OPTION_END) {
		if (option == LIST_OPT_HELP)
			return list_help(&list_alerts, &o, examples);
		if (option == OPT_OUTPUT)
			q.output = o.value;
		else if (option == OPT_DRY_RUN)
			q.dry_run = true;
		else if (option == OPTION_WRONG ||
		    !(option == OPTION_ARGUMENT
			    ? take_argument(&q, n++, o.value)
			    : list_take(&q.list, &o, option)))
			return EXIT_USAGE;
	}
	if (q.verb == VERB_LIST && q.picked.n == 0)
		return list_print(&list_alerts, &q.list);
	return check(&q) == EXIT_DONE ? act(&q) : EXIT_USAGE;
}
