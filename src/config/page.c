/* page.c - the table of keys for people: --help and the manual's page. */
#include <string.h>

#include "private.h"

static const char *
type_of(const struct key_row *r)
{
	switch (r->type) {
	case KEY_IS_FOLDER:
		return "a folder, or empty for none";
	case KEY_IS_FILE:
		return "a file, or empty for none";
	case KEY_IS_PATH:
		return "a path";
	case KEY_IS_CHOICE:
		return r->unit;
	case KEY_IS_NUMBER:
	case KEY_IS_BYTES:
	case KEY_IS_TEXT:
		break;
	}
	return "text";
}

static void
put_bounds(struct out *o, const struct key_row *r)
{
	if (r->type != KEY_IS_NUMBER && r->type != KEY_IS_BYTES) {
		outf(o, "%s", type_of(r));
		return;
	}
	outf(o, "%llu to %llu%s%s", (unsigned long long)r->least,
	    (unsigned long long)r->most, r->unit[0] != '\0' ? " " : "",
	    r->unit);
}

void
config_help(struct out *o, enum key_of of)
{
	outf(o, "\nsettings (--set KEY=VALUE):\n");
	for (uint32_t i = 0; i < CONF_COUNT; i++) {
		const struct key_row *r = &config_keys[i];

		if ((r->of & of) == 0)
			continue;
		outf(o, "  %-18s %s\n  %18s ", r->name, r->help, "");
		put_bounds(o, r);
		outf(o, "; default %s\n",
		    r->initial[0] != '\0' ? r->initial : "none");
	}
	if ((of & KEY_OF_RUN) == 0)
		return;
	for (uint32_t i = 0; i < n_config_port_keys; i++)
		outf(o, "  port.INTERFACE.%s\n  %18s %s: %s\n",
		    config_port_keys[i].name, "", config_port_keys[i].help,
		    config_port_keys[i].values);
}

static void
put_key(struct out *o, const struct key_row *r)
{
	outf(o, "| `%s` | ", r->name);
	put_bounds(o, r);
	outf(o, " | %s%s%s | %s%s | %s |\n", r->initial[0] != '\0' ? "`" : "",
	    r->initial[0] != '\0' ? r->initial : "none",
	    r->initial[0] != '\0' ? "`" : "",
	    r->when == KEY_AT_RELOAD ? "reload" : "restart",
	    (r->of & KEY_OF_READ) != 0 ? ", `read` too" : "", r->help);
}

void
config_page(struct out *o)
{
	outf(o,
	    "| key | what it may be | default | a change counts at | "
	    "meaning |\n|---|---|---|---|---|\n");
	for (uint32_t i = 0; i < CONF_COUNT; i++)
		put_key(o, &config_keys[i]);
	outf(o,
	    "\nOf a port, in a section `[port INTERFACE]`:\n\n"
	    "| key | what it may be | meaning |\n|---|---|---|\n");
	for (uint32_t i = 0; i < n_config_port_keys; i++)
		outf(o, "| `%s` | %s | %s |\n", config_port_keys[i].name,
		    config_port_keys[i].values, config_port_keys[i].help);
	outf(o,
	    "\nHow traffic comes to a port (`kind`):\n\n"
	    "| kind | meaning |\n|---|---|\n");
	for (uint32_t i = 0; i < PORT_KIND_COUNT; i++)
		outf(o, "| `%s` | %s |\n", port_kind_name((enum port_kind)i),
		    port_kind_help((enum port_kind)i));
}
