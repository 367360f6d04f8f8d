/* read.h - the options of sightglass read, and where its output goes. */
#ifndef CLI_READ_H
#define CLI_READ_H

#include <stdbool.h>

#include "../config/config.h"
#include "../report/report.h"
#include "../rules/rules.h"

enum format {
	FORMAT_TEXT,
	FORMAT_JSON,
	FORMAT_CSV
};

struct read_options {
	enum format format;
	bool facts, quiet;
	const struct csv_table *table; /* of CSV on standard output */
	const char *folder; /* of CSV, one file a table; or NULL */
	struct text_style style;
	struct config config;
	bool inventory_only;
	const char *state; /* directory, or NULL */
	enum mode mode; /* of a fresh state */
	uint32_t learn_scale;
	struct tick learn_until; /* 0: never */
	unsigned n_paths;
	const char *path[CAPTURE_FILES_MAX];
};

#define READ_GO (-1) /* else: the status to exit with */
int read_options_take(struct read_options *, int argc, char **argv);

/* All tables into a folder, made if need be; the exit status. */
int read_write_tables(const char *folder, struct out *,
    const struct findings *);

#endif
