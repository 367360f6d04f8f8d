/* windows.c - lists of Windows endpoints: who may be asked, how it ended, what
 * is known. */
#include "../windows/windows.h"
#include "lists.h"

static const struct list_column range_columns[] = {
	{ "id", "No", RULE_NUMBER, false, false, NULL, "its number" },
	{ "enabled", "On", RULE_BOOL, false, false, NULL, "may be used" },
	{ "ranges", "Of", RULE_TEXT, false, true, NULL, "addresses" },
	{ "account", "As", RULE_TEXT, false, true, NULL, "domain and user" },
	{ "via", "Via", RULE_TEXT, false, false, NULL, "https or http" },
	{ "port", NULL, RULE_NUMBER, false, false, NULL, "0: 5986 or 5985" },
	{ "trust", NULL, RULE_TEXT, false, false, NULL,
	    "first, pinned, or a file of authorities" },
	{ "kinds", NULL, RULE_TEXT, false, false, NULL,
	    "what is asked; empty: all" },
	{ "every", NULL, RULE_NUMBER, false, false, NULL,
	    "seconds between two scans, 0: none" },
	{ "times", NULL, RULE_TEXT, false, false, NULL, "of the day, UTC" },
	{ "hours", "Hours", RULE_TEXT, false, true, NULL,
	    "when it may happen" },
	{ "owner", "Owner", RULE_TEXT, false, true, NULL,
	    "who answers for it" },
	{ "reason", NULL, RULE_TEXT, false, false, NULL, "why" },
	{ "who", NULL, RULE_TEXT, false, false, NULL, "who granted it" },
	{ "at", NULL, RULE_TIME, false, false, NULL, "when" },
	{ "until", "Until", RULE_TIME, false, false, NULL, "when it ends" },
	{ "last", "Last scan", RULE_TIME, false, false, NULL, "scanned last" },
	{ "proved", NULL, RULE_TIME, false, false, NULL,
	    "the password was taken last" },
	{ "blocked", "Blocked", RULE_TEXT, false, true, NULL,
	    "why the password is not used any more" },
};

const struct list list_windows_ranges = { .noun = "active windows ranges",
	.view = "(select id, enabled, ranges, iif(domain = '', user, domain || "
		"char(92) || user) as account, iif(plain, 'http', 'https') as "
		"via, port, trust, kinds, every, times, hours, owner, reason, "
		"who, " LIST_TIME("at") ", " LIST_TIME("until") ", " LIST_TIME(
		    "last") ", " LIST_TIME("proved") ", blocked from "
						     "windows_range)",
	.column = range_columns,
	.n = sizeof(range_columns) / sizeof(range_columns[0]),
	.order = "id",
	.sort = "id",
	.none = "no Windows endpoint may be asked" };

static const struct list_column host_columns[] = {
	{ "ip", "Address", RULE_TEXT, false, false, NULL, "its address" },
	{ "name", "Name", RULE_TEXT, false, true, NULL,
	    "what it calls itself" },
	{ "os", "Windows", RULE_TEXT, false, true, NULL, "edition" },
	{ "build", "Build", RULE_TEXT, false, false, NULL, "and revision" },
	{ "programs", "Programs", RULE_NUMBER, false, false, NULL, "how many" },
	{ "services", "Services", RULE_NUMBER, false, false, NULL, "how many" },
	{ "updates", "Updates", RULE_NUMBER, false, false, NULL, "how many" },
	{ "news", "New", RULE_NUMBER, false, false, NULL,
	    "new, changed or gone the last time" },
	{ "told", "As of", RULE_TIME, false, false, NULL,
	    "when what is known was so" },
	{ "outcome", "Last asked", RULE_NAME, false, false, windows_end_name,
	    "how that ended; empty: never" },
	{ "at", NULL, RULE_TIME, false, false, NULL, "asked last" },
	{ "text", "", RULE_TEXT, false, true, NULL, "why" },
	{ "range", NULL, RULE_NUMBER, false, false, NULL,
	    "of which range, 0: of none" },
	{ "pin", NULL, RULE_TEXT, false, false, NULL,
	    "SHA-256 of its certificate" },
};

const struct list list_windows_hosts = { .noun = "active windows",
	.view = "v_windows_host",
	.column = host_columns,
	.n = sizeof(host_columns) / sizeof(host_columns[0]),
	.order = "length(ip), ip",
	.sort = "ip",
	.none =
	    "no Windows endpoint was asked yet; 'active windows add' allows "
	    "it, 'active windows import' reads a file collected on one" };

static const char *
news_word(uint32_t i)
{
	static const char *const words[] = { "new", "changed", "gone", "same",
		NULL };

	return words[i];
}

static const struct list_column fact_columns[] = {
	{ "ip", "Address", RULE_TEXT, false, false, NULL, "of the endpoint" },
	{ "host", NULL, RULE_TEXT, false, false, NULL, "what it calls itself" },
	{ "kind", "Kind", RULE_NAME, false, false, windows_kind_name,
	    "os, hardware, program, service ..." },
	{ "name", "Name", RULE_TEXT, false, true, NULL, "of what" },
	{ "value", "Value", RULE_TEXT, false, true, NULL,
	    "version, account, state: what is compared" },
	{ "news", "", RULE_NAME, false, false, news_word,
	    "new, changed, gone or same, the last time" },
	{ "was", "Was", RULE_TEXT, false, true, NULL, "the value before" },
	{ "detail", NULL, RULE_TEXT, false, false, NULL, "what else is known" },
	{ "first", NULL, RULE_TIME, false, false, NULL, "known since" },
	{ "last", "As of", RULE_TIME, false, false, NULL, "known until" },
	{ "changed", NULL, RULE_TIME, false, false, NULL,
	    "when the value changed" },
	{ "gone", NULL, RULE_TIME, false, false, NULL,
	    "when it was not there any more" },
};

const struct list list_windows_facts = { .noun = "active windows results",
	.view = "v_windows_fact",
	.column = fact_columns,
	.n = sizeof(fact_columns) / sizeof(fact_columns[0]),
	.order = "length(ip), ip, kind, name",
	.sort = "ip,kind,name",
	.key = "ip,kind,name",
	.none = "nothing is known of any Windows endpoint" };
