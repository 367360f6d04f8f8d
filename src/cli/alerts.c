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
#include "cli.h"
#include "output.h"
#include "pick.h"
#include "state.h"
#include "values.h"
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
static const char *const notes[VERB_COUNT] = { [VERB_CLOSE] = "close",
	[VERB_ACTIVE] = "active",
	[VERB_REOPEN] = "reopen",
	[VERB_MUTE] = "mute",
	[VERB_UNMUTE] = "unmute",
	[VERB_SEVERITY] = "setting",
	[VERB_COMMENT] = "comment" };

struct request {
	struct list_request list;
	enum verb verb;
	const char *argument; /* severity, comment */
	uint8_t severity;
	const char *output;
	bool dry_run;
	struct picked picked;
};

static bool
change(struct state *s, const struct request *q, struct alert *a)
{
	switch (q->verb) {
	case VERB_CLOSE:
		a->status = STATUS_CLOSED;
		break;
	case VERB_ACTIVE:
		a->status = STATUS_ACTIVE;
		break;
	case VERB_REOPEN:
		a->status = STATUS_NEW;
		break;
	case VERB_MUTE: /* closes, and keeps quiet */
		a->muted = true;
		a->status = STATUS_CLOSED;
		return store_set_mute(s->store, a->fold, true);
	case VERB_UNMUTE:
		a->muted = false;
		return store_set_mute(s->store, a->fold, false);
	case VERB_SEVERITY:
		a->severity = q->severity;
		break;
	case VERB_COMMENT:
		return store_put_comment(s->store, a->number, s->now, s->who,
		    q->argument);
	case VERB_LIST:
	case VERB_SHOW:
	case VERB_PCAP:
	case VERB_COUNT:
		break;
	}
	return true;
}

/* Nothing to do: it is so already. */
static bool
is_so(const struct request *q, const struct alert *a)
{
	switch (q->verb) {
	case VERB_CLOSE:
		return a->status == STATUS_CLOSED;
	case VERB_ACTIVE:
		return a->status == STATUS_ACTIVE;
	case VERB_REOPEN:
		return a->status == STATUS_NEW;
	case VERB_MUTE:
		return a->muted && a->status == STATUS_CLOSED;
	case VERB_SEVERITY:
		return a->severity == q->severity;
	case VERB_UNMUTE: /* another alert of the same traffic may be it */
	case VERB_COMMENT:
	case VERB_LIST:
	case VERB_SHOW:
	case VERB_PCAP:
	case VERB_COUNT:
		break;
	}
	return false;
}

static int
change_one(struct state *s, const struct request *q, uint32_t number,
    uint32_t *ret_changed)
{
	static struct alert a;
	char about[32];

	if (!store_get_alert(s->store, number, &a)) {
		complain("alerts: %s", store_error(s->store));
		return EXIT_INPUT;
	}
	if (is_so(q, &a))
		return EXIT_DONE;
	++*ret_changed;
	if (q->dry_run)
		return EXIT_DONE;
	(void)snprintf(about, sizeof(about), "alert %" PRIu32, number);
	if (change(s, q, &a) && store_put_alert(s->store, &a) &&
	    state_note(s, notes[q->verb], about, "%s",
		q->argument != NULL ? q->argument : alert_title(&a)))
		return EXIT_DONE;
	complain("alerts: %s", store_error(s->store));
	return EXIT_INTERNAL;
}

static int
change_all(struct state *s, const struct request *q)
{
	uint32_t n = 0, most = q->picked.n;
	int status = EXIT_DONE;

	for (uint32_t i = 0; i < most && status == EXIT_DONE; i++)
		status = change_one(s, q, q->picked.number[i], &n);
	if (status == EXIT_DONE && n > 0 && !q->dry_run)
		status = state_save(s);
	if (status != EXIT_DONE)
		return status;
	(void)printf("%s%s: %" PRIu32 " alert%s", q->dry_run ? "would " : "",
	    verbs[q->verb], n, n == 1 ? "" : "s");
	if (n < most)
		(void)printf(" (%" PRIu32 " so already)", most - n);
	(void)printf("\n");
	return status;
}

static int
act(struct request *q)
{
	bool reads = q->verb == VERB_SHOW || q->verb == VERB_PCAP;
	struct state s;
	int status = EXIT_USAGE;

	if (!state_open(&s, "alerts", q->list.state,
		reads ? STORE_READING : STORE_WRITING, STATE_STORE))
		return EXIT_INPUT;
	if (picks_any(&q->picked, &q->list, "alerts", verbs[q->verb]) &&
	    (q->list.where == NULL ||
		pick_where(&q->picked, &list_alerts, s.store, q->list.where))) {
		if (q->verb == VERB_SHOW)
			status = alerts_show(s.store, &q->picked, &q->list);
		else if (q->verb == VERB_PCAP)
			status = pcap(&s, &q->picked, q->output);
		else
			status = change_all(&s, q);
	}
	state_close(&s);
	return status;
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
		return value_severity("alerts", text, &q->severity);
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
