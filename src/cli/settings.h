/* settings.h - --set KEY=VALUE: limits, with bounds and help, from a table. */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

enum setting {
#define SETTING(sym, key, least, most, initial, unit, help) SETTING_##sym,
#include "settings.def"
#undef SETTING
	SETTING_COUNT
};

struct settings {
	uint64_t number[SETTING_COUNT];
	bool last_copy; /* tcp.overlap */
	const char *vendors; /* folder of the IEEE's registry; NULL: none */
	const char *rules; /* folder with YARA rules; NULL: none */
	const char *indicators; /* file with indicators; NULL: none */
};

void settings_init(struct settings *);
/* "key=value"; false after complaining. */
bool settings_set(struct settings *, const char *command, const char *text);
/* The table, for --help. */
void settings_help(void);

#endif
