/* text.c - the files that settings name, read whole. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

char *
config_file(const struct config *c, enum config_key key, size_t most,
    char ret_error[static CONFIG_ERROR])
{
	FILE *in = fopen(c->text[key], "re");
	char *text = calloc(1, most + 2);
	size_t n = 0;
	bool ok;

	ret_error[0] = '\0';
	if (in != NULL && text != NULL)
		n = fread(text, 1, most + 1, in);
	ok = in != NULL && text != NULL && ferror(in) == 0 && n <= most;
	if (!ok)
		(void)snprintf(ret_error, CONFIG_ERROR, "%s=%.150s: %s",
		    config_keys[key].name, c->text[key],
		    n > most ? "is too large" : strerror(errno));
	if (in != NULL)
		(void)fclose(in);
	if (ok)
		return text;
	free(text);
	return NULL;
}
