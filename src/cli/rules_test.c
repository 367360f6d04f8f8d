/* rules_test.c - see rules_test.h. */
#include "rules_test.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../sensor/sensor.h"
#include "cli.h"
#include "pick.h"

void
rule_complain(const struct person_rule *r, const struct rule_error *e)
{
	complain("rules: %s", e->text);
	(void)fprintf(stderr, "  %s\n  %*s^\n", r->text, (int)e->at, "");
}

int
rule_test_on_captures(const struct person_rule *r, const char *const *path,
    unsigned n)
{
	struct sensor_config c = { .flow = FLOW_CONFIG_DEFAULT,
		.convs_max = 1024,
		.inventory_max = 4096,
		.assets_max = ASSETS_MAX,
		.baseline = BASELINE_CONFIG_DEFAULT };
	char error[STORE_ERROR];
	struct rule_error e;
	struct capture *capture = capture_open(path, n);
	struct sensor *s = sensor_new(&c, error);
	struct frame frame;
	uint64_t packets = 0;

	if (capture == NULL || s == NULL ||
	    !triage_add(sensor_triage(s), r, &e)) {
		if (s != NULL && capture != NULL)
			rule_complain(r, &e);
		else
			complain("rules: out of memory");
		if (capture != NULL)
			capture_close(capture);
		sensor_free(s);
		return EXIT_USAGE;
	}
	for (; capture_next(capture, &frame); packets++)
		sensor_frame(s, &frame);
	(void)sensor_finish(s);
	(void)printf("%" PRIu64 " times in %" PRIu64 " packets\n",
	    triage_at(sensor_triage(s), 0)->hits, packets);
	for (unsigned i = 0; i < capture_files(capture); i++)
		if (capture_file(capture, i)->damaged)
			complain("%s: %s", capture_file(capture, i)->path,
			    capture_file(capture, i)->error);
	capture_close(capture);
	sensor_free(s);
	return EXIT_DONE;
}

int
rule_test_on_evidence(const struct person_rule *r, const char *state)
{
	static char path[CAPTURE_FILES_MAX][256];
	static const char *list_of[CAPTURE_FILES_MAX];
	char folder[200];
	const struct dirent *entry;
	unsigned n = 0;
	DIR *dir;

	(void)snprintf(folder, sizeof(folder), "%s/evidence", state);
	dir = opendir(folder);
	while (dir != NULL && n < CAPTURE_FILES_MAX &&
	    (entry = readdir(dir)) != NULL) {
		if (strstr(entry->d_name, ".pcapng") == NULL)
			continue;
		if (snprintf(path[n], sizeof(path[n]), "%s/%s", folder,
			entry->d_name) < (int)sizeof(path[n])) {
			list_of[n] = path[n];
			n++;
		}
	}
	if (dir != NULL)
		(void)closedir(dir);
	if (n > 0)
		return rule_test_on_captures(r, list_of, n);
	(void)printf("no frames are kept to try it on; name captures\n");
	return EXIT_DONE;
}
