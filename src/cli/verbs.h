/* verbs.h - "VERB ARGUMENT...": what a command was asked to do. */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include <stdbool.h>
#include <stdint.h>

#define VERB_WORDS 64u

struct said {
	uint32_t n;
	const char *word[VERB_WORDS]; /* the verb first */
};

/* False after complaining. */
bool verbs_add(struct said *, const char *command, const char *word);
/* Which of the verbs (NULL ends them) was said, the first one when none was;
 * -1 after complaining. */
int verbs_said(const struct said *, const char *command,
    const char *const *verbs);
struct verb_form {
	const char *usage; /* the verb, and what is to follow */
	uint32_t least, most; /* words, with the verb */
};
/* The same, and that as many words follow as it takes. */
int verbs_formed(const struct said *, const char *command,
    const char *const *verbs, const struct verb_form *);
/* Which of the verbs a word by itself is; -1 after complaining. */
int verbs_find(const char *command, const char *word, const char *const *verbs);

#endif
