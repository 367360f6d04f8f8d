/*
 * settings.c - how the sensor is set: its file and options, and over them what
 * people set while it ran (settings.conf in the state directory, which the
 * keeper writes).  That may say amounts and choices only, within their bounds;
 * whatever else stands in it is passed over.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "private.h"

#define SETTINGS "settings.conf"
#define SETTINGS_MOST 16384u

static void
overlay(struct config *c)
{
	uint8_t text[SETTINGS_MOST];
	char path[CONFIG_TEXT + 32];
	struct stat is;
	ssize_t n = 0;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/" SETTINGS, c->text[CONF_STATE]);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return;
	if (fstat(fd, &is) == 0 && S_ISREG(is.st_mode))
		n = read(fd, text, sizeof(text));
	(void)close(fd);
	if (n > 0)
		config_overlay(c, SPAN(text, (uint32_t)n));
}

bool
settings_read(struct supervisor *s, struct config *ret_file, struct config *ret)
{
	bool ok = s->settings->read(s->settings->ctx, ret_file);

	*ret = *ret_file;
	overlay(ret);
	return ok;
}
