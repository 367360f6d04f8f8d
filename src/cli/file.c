/* file.c - see file.h. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

#define STEP ((size_t)1 << 20)

/* Up to the end, also of what has no length beforehand. */
static char *
read_all(int fd, size_t most, size_t *ret_n)
{
	size_t cap = STEP, n = 0;
	char *text = malloc(cap);
	ssize_t got;

	while (text != NULL && (got = read(fd, text + n, cap - n)) != 0) {
		char *more;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 || n + (size_t)got > most) {
			errno = got < 0 ? errno : EFBIG;
			free(text);
			return NULL;
		}
		n += (size_t)got;
		if (n < cap)
			continue;
		more = realloc(text, cap *= 2);
		if (more == NULL)
			free(text);
		text = more;
	}
	*ret_n = n;
	return text;
}

char *
file_read(const char *path, size_t most, struct span *ret)
{
	bool standard = strcmp(path, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	char *text = NULL;
	size_t n = 0;
	int why;

	if (fd >= 0)
		text = read_all(fd, most, &n);
	why = errno;
	if (fd >= 0 && !standard)
		(void)close(fd);
	if (text != NULL)
		*ret = SPAN((const uint8_t *)text, (uint32_t)n);
	else
		complain("%s: %s", standard ? "standard input" : path,
		    strerror(why));
	return text;
}
