/* devices_show.c - sightglass devices show: one device in full. */
#include "devices.h"

#include <sqlite3.h>
#include <string.h>

#include "cli.h"

/* Each column is a line, its name the label; nothing, no line. */
static const char lines[] =
    "select id || iif(name = '', '', '  ' || name) as \"\", "
    "replace(addresses, ' ', ', ') as \"Addresses\", "
    "replace(macs, ' ', ', ') as \"MAC\", "
    "vendor as \"Vendor\", model as \"Model\", "
    "order_number as \"Order number\", serial as \"Serial\", "
    "firmware as \"Firmware\", hardware as \"Hardware\", "
    "os as \"System\", role || iif(purdue is null, '', "
    "printf(', Purdue level %g', purdue)) as \"Role\", "
    "iif(ot, 'yes', 'no') as \"Industrial\", mode as \"Mode\", "
    "replace(servers, ' ', ', ') as \"Serves\", "
    "replace(clients, ' ', ', ') as \"Uses\", "
    "iif(authorized, 'authorized', 'not authorized') || "
    "iif(important, ', important', '') || "
    "iif(scanner, ', scanner', '') || "
    "iif(programming, ', programming', '') || "
    "iif(fragile, ', fragile', '') as \"Marks\", "
    "replace(rtrim(first, 'Z'), 'T', ' ') || ' UTC' as \"First\", "
    "replace(rtrim(last, 'Z'), 'T', ' ') || ' UTC' as \"Last\", "
    "printf('%,d packets, %,d bytes', packets, bytes) as \"Sent\", "
    "comment as \"Comment\" from v_device where id = ?1";

/* What hangs below it, a title above each that is there. */
static const struct {
	const char *title, *sql;
} below[] = {
	{ "Parts",
	    "select proto, iif(unit is null, '', 'unit ' || unit), text from "
	    "device_module where device = ?1 order by place" },
	{ "Evidence",
	    "select trait || ':', text, '(' || source || iif(proto = "
	    "'unknown', '', ' ' || proto) || iif(frame > 0, ', frame ' || "
	    "frame, '') || ')' from "
	    "device_evidence where device = ?1 order by place" },
	{ "Windows",
	    "select f.kind || ':', count(*), '(active windows results ' || "
	    "f.ip || ')' from windows_fact f where f.gone = 0 and f.ip in "
	    "(select x.ip from device_address x where x.device = ?1) group "
	    "by f.ip, f.kind" },
	{ "Open alerts",
	    "select a.number, a.severity, a.text from alert a where a.status "
	    "<> 'closed' and exists (select 1 from device_address x where "
	    "x.device = ?1 and x.asset <> 0 and x.asset in (a.source_asset, "
	    "a.destination_asset)) order by a.number" },
};

static sqlite3_stmt *
asked(struct store *db, const char *sql, uint32_t number)
{
	sqlite3_stmt *s = NULL;

	if (sqlite3_prepare_v2(store_db(db), sql, -1, &s, NULL) == SQLITE_OK)
		(void)sqlite3_bind_int64(s, 1, number);
	return s;
}

static void
put_line(struct out *o, sqlite3_stmt *s, int i)
{
	const char *label = sqlite3_column_name(s, i);
	const unsigned char *text = sqlite3_column_text(s, i);

	if (text == NULL || text[0] == '\0')
		return;
	if (label[0] == '\0')
		outf(o, "%s\n\n", text);
	else
		outf(o, "%-12s %s\n", label, text);
}

static void
put_below(struct out *o, const char *title, sqlite3_stmt *s)
{
	bool begun = false;

	for (; sqlite3_step(s) == SQLITE_ROW; begun = true) {
		if (!begun)
			outf(o, "\n%s\n", title);
		out_text(o, " ");
		for (int i = 0; i < sqlite3_column_count(s); i++) {
			const unsigned char *text = sqlite3_column_text(s, i);

			if (text != NULL && text[0] != '\0')
				outf(o, " %s", text);
		}
		out_char(o, '\n');
	}
}

bool
device_show(struct out *o, struct store *db, uint32_t number)
{
	sqlite3_stmt *s = asked(db, lines, number);
	bool found = sqlite3_step(s) == SQLITE_ROW;

	for (int i = 0; found && i < sqlite3_column_count(s); i++)
		put_line(o, s, i);
	(void)sqlite3_finalize(s);
	for (size_t i = 0; found && i < sizeof(below) / sizeof(below[0]); i++) {
		s = asked(db, below[i].sql, number);
		put_below(o, below[i].title, s);
		(void)sqlite3_finalize(s);
	}
	return found;
}
