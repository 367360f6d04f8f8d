/* verbs.c - see verbs.h. */
#include "verbs.h"

#include <stdio.h>
#include <string.h>

#include "cli.h"

bool
verbs_add(struct said *w, const char *command, const char *word)
{
	if (w->n < VERB_WORDS) {
		w->word[w->n++] = word;
		return true;
	}
	complain("%s: more than %u arguments", command, VERB_WORDS);
	return false;
}

static const char *
verb_at(const void *list, uint32_t n)
{
	const char *const *verbs = list;

	return verbs[n];
}

int
verbs_find(const char *command, const char *word, const char *const *verbs)
{
	const char *near = nearest_of(word, verb_at, verbs);
	char all[256] = "";
	size_t n = 0;
	int i;

	for (i = 0; verbs[i] != NULL; i++) {
		if (strcmp(verbs[i], word) == 0)
			return i;
		if (n < sizeof(all))
			n += (size_t)snprintf(all + n, sizeof(all) - n, "%s%s",
			    i > 0 ? ", " : "", verbs[i]);
	}
	if (near != NULL)
		complain("%s: no '%s'; did you mean %s?", command, word, near);
	else
		complain("%s: no '%s': there are %s", command, word, all);
	return -1;
}

int
verbs_said(const struct said *w, const char *command, const char *const *verbs)
{
	return w->n == 0 ? 0 : verbs_find(command, w->word[0], verbs);
}

int
verbs_formed(const struct said *w, const char *command,
    const char *const *verbs, const struct verb_form *forms)
{
	int verb = verbs_said(w, command, verbs);

	if (verb < 0 || w->n == 0 ||
	    (w->n >= forms[verb].least && w->n <= forms[verb].most))
		return verb;
	complain("%s: usage: %s %s", command, command, forms[verb].usage);
	return -1;
}
