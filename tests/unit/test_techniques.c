/*
 * test_techniques.c - every technique an alert row names is one of ATT&CK's
 * current ones, and fits the kind of the row.
 */

#include "../../src/detect/alert.h"

#include <ctype.h>

#include "check.h"

struct technique {
	const char *id, *name;
	bool enterprise;
};

static const struct technique techniques[] = {
#define TECHNIQUE(id, name) { id, name, false },
#define ENTERPRISE(id, name) { id, name, true },
#include "../../src/detect/techniques.def"
#undef ENTERPRISE
#undef TECHNIQUE
};
#define N_TECHNIQUES (sizeof(techniques) / sizeof(techniques[0]))

static const struct technique *
find(const char *id, size_t n)
{
	for (size_t i = 0; i < N_TECHNIQUES; i++)
		if (strlen(techniques[i].id) == n &&
		    strncmp(techniques[i].id, id, n) == 0)
			return &techniques[i];
	return NULL;
}

/* T0836 or T1692.001 */
static bool
well_formed(const char *id)
{
	static const char form[] = "T0000.000";
	size_t n = strlen(id);

	if (n != 5 && n != 9)
		return false;
	for (size_t i = 0; i < n; i++)
		if (form[i] == '0' ? !isdigit((unsigned char)id[i])
				   : id[i] != form[i])
			return false;
	return true;
}

static void
test_list(void)
{
	unsigned tops = 0, subs = 0;

	for (size_t i = 0; i < N_TECHNIQUES; i++) {
		const struct technique *t = &techniques[i];
		const struct technique *parent = find(t->id, 5);

		CHECK(well_formed(t->id));
		CHECK(t->name[0] != '\0');
		CHECK(strlen(t->id) + 1 + strlen(t->name) < TECHNIQUE_TEXT);
		CHECK(find(t->id, strlen(t->id)) == t);
		if (t->enterprise)
			continue;
		if (strlen(t->id) == 5) {
			tops++;
			continue;
		}
		subs++;
		CHECK(parent != NULL && parent < t &&
		    strncmp(t->name, parent->name, strlen(parent->name)) == 0);
	}
	/* As the release notes of 19.0 count them. */
	CHECK_INT(tops, 79);
	CHECK_INT(subs, 18);
}

static void
test_gone(void)
{
	static const char *const gone[] = { "T0803", "T0804", "T0805", "T0808",
		"T0810", "T0812", "T0818", "T0824", "T0825", "T0833", "T0839",
		"T0841", "T0844", "T0850", "T0854", "T0855", "T0856", "T0857",
		"T0870", "T0875", "T0891", "T08", "T0836.001", "" };

	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		CHECK(technique_name(gone[i], strlen(gone[i])) == NULL);
	CHECK_STR(technique_name("T0836 T0888", 5), "Modify Parameter");
	CHECK_STR(technique_name("T1692.001", 9),
	    "Unauthorized Message: Command Message");
}

static void
test_next(void)
{
	const char *list = "T0836 T9999 T1692.001";
	char text[TECHNIQUE_TEXT], tiny[8];

	CHECK(technique_next(&list, text, sizeof(text)));
	CHECK_STR(text, "T0836 Modify Parameter");
	CHECK(technique_next(&list, text, sizeof(text)));
	CHECK_STR(text, "T9999");
	CHECK(technique_next(&list, tiny, sizeof(tiny)));
	CHECK_STR(tiny, "T1692.0");
	CHECK(!technique_next(&list, text, sizeof(text)));
	list = "";
	CHECK(!technique_next(&list, text, sizeof(text)));
}

/* How many techniques the row names, each checked. */
static unsigned
check_row(const struct alert_row *r)
{
	const char *seen[4] = { NULL };
	unsigned n = 0;

	for (const char *id = r->techniques; *id != '\0' && n < 4; n++) {
		size_t len = strcspn(id, " ");
		const struct technique *t = find(id, len);
		bool right = t != NULL &&
		    (!t->enterprise || r->engine == ENGINE_MALWARE) &&
		    strcmp(technique_name(id, len), t->name) == 0;

		for (unsigned i = 0; right && i < n; i++)
			right = seen[i] != t->id;
		if (!right)
			(void)printf("%s: %.*s\n", r->slug, (int)len, id);
		CHECK(right);
		seen[n] = t != NULL ? t->id : NULL;
		id += len;
		/* One blank between two, none at the end. */
		if (*id == ' ')
			CHECK(*++id != '\0' && *id != ' ');
	}
	return n;
}

static void
test_rows(void)
{
	for (uint32_t i = 0; i < ALERT_COUNT; i++) {
		const struct alert_row *r = &alert_rows[i];
		bool malicious = r->category == CATEGORY_MALICIOUS ||
		    r->category == CATEGORY_MALWARE ||
		    r->category == CATEGORY_SCAN;
		unsigned n = check_row(r);

		if (n > 3 || (n == 0 && malicious))
			(void)printf("%s: %u techniques\n", r->slug, n);
		CHECK(n <= 3);
		CHECK(n > 0 || !malicious);
	}
}

int
main(void)
{
	test_list();
	test_gone();
	test_next();
	test_rows();
	return check_done();
}
