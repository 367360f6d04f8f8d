/*
 * names.c - paths and host names, brought into a shape that repeats.
 */
#include "private.h"

#include <ctype.h>

/* Files that run, or that a controller's program is made of: as hard to
 * teach as a change of the plant. */
static const char *const active[] = { "exe", "dll", "sys", "msi", "bat", "cmd",
	"ps1", "vbs", "js", "hta", "scr", "jar", "py", "sh", "elf", "so", "bin",
	"fw", "hex", "lnk", "acd", "mer", "zap", "stu", "mwp" };

bool
name_is_active(struct span name)
{
	struct span ext = name;
	uint32_t at;

	while ((at = span_find(ext, '.')) < ext.n)
		ext = span_from(ext, at + 1);
	for (unsigned i = 0; i < sizeof(active) / sizeof(active[0]); i++)
		if (ext.n < name.n && span_is(ext, span_text(active[i])))
			return true;
	return false;
}

/* One case, one kind of slash, numbers that count up all alike. */
uint32_t
name_path(struct span s, uint8_t dst[FACT_TEXT_MAX])
{
	uint32_t n = 0;

	s = span_first(s, span_find(s, '?'));
	for (uint32_t i = 0; i < s.n && n < FACT_TEXT_MAX; i++) {
		uint8_t c = s.p[i];

		if (isdigit(c)) {
			if (n == 0 || dst[n - 1] != '#')
				dst[n++] = '#';
			continue;
		}
		dst[n++] = c == '\\' ? '/' : (uint8_t)tolower(c);
	}
	return n;
}

/* "www.example.co.uk" to "example.co.uk": two labels, three where the last
 * has two letters and the one before at most three. */
struct span
name_domain(struct span s)
{
	uint32_t dot[3] = { s.n, s.n, s.n }; /* from the end */
	unsigned n = 0;
	uint32_t from;

	for (uint32_t i = s.n; i > 0 && n < 3; i--)
		if (s.p[i - 1] == '.')
			dot[n++] = i - 1;
	if (n < 2)
		return s;
	from = dot[1] + 1;
	if (s.n - dot[0] == 3 && dot[0] - dot[1] <= 4)
		from = n == 3 ? dot[2] + 1 : 0;
	return span_from(s, from);
}

bool
name_has_letter(struct span s)
{
	for (uint32_t i = 0; i < s.n; i++)
		if (isalpha(s.p[i]))
			return true;
	return false;
}
