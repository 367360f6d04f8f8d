/* note.c - a line in the timeline about what was done elsewhere: sign-ins,
 * users, the certificate, files. */
#include <string.h>

#include "private.h"

static const char *
what_word(uint32_t i)
{
	static const char *const words[] = { "sign-in", "user", "setting",
		NULL };

	return words[i];
}

bool
note_add(struct work *w)
{
	const char *about, *text;
	int what;

	if (!work_word(w, "what", what_word, &what) ||
	    !work_text(w, "about", "", 255, &about) ||
	    !work_text(w, "text", "", 511, &text))
		return false;
	if (what < 0)
		return work_fail(w, "bad", "what", "what is missing");
	return work_note(w, what_word((uint32_t)what), about, "%s", text);
}
