/* test_directory.c - what is said to an LDAP directory and read of it, byte by
 * byte; names; what the settings lack. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/directory/private.h"
#include "check.h"

static struct ldap_put put;

static bool
says(const char *hex)
{
	char text[2 * LDAP_REQUEST + 1] = "";

	for (uint32_t i = put.at; i < sizeof(put.p); i++)
		(void)snprintf(text + 2 * (i - put.at), 3, "%02x", put.p[i]);
	if (strcmp(text, hex) == 0)
		return true;
	(void)printf("%s\n", text);
	return false;
}

/* Encoded by hand from RFC 4511 and X.690. */
static void
test_writing(void)
{
	const struct ldap_search any = { .base = "dc=x",
		.scope = LDAP_BELOW,
		.most = 200,
		.n = 2,
		.any = { { "a", "*)(" }, { "b", "" } },
		.wanted = { "c" } };
	const struct ldap_search rule = { .base = "",
		.scope = LDAP_BASE,
		.most = 1,
		.rule = "1.2",
		.n = 1,
		.any = { { "m", "v" } } };
	char long_text[300], whole[LDAP_REQUEST];

	ldap_bind(&put, 1, "cn", "pw");
	CHECK(says("3010020101600b0201030402636e80027077"));
	ldap_unbind(&put, 128);
	CHECK(says("3006020200804200"));
	ldap_start_tls(&put, 2);
	CHECK(says("301d02010277188016312e332e362e312e342e312e31343636"
		   "2e3230303337"));
	ldap_find(&put, 3, &any);
	CHECK(says("3033020103632e040464633d780a01020a0100020200c802011e"
		   "010100a111a30804016104032a2928a30504016204003003040163"));
	CHECK(!put.full);
	ldap_find(&put, 4, &rule);
	CHECK(says("3025020104632004000a01000a010002010102011e010100a90b81"
		   "03312e3282016d8301763000"));
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	ldap_bind(&put, 1, "", long_text);
	CHECK_INT(sizeof(put.p) - put.at, 299 + 4 + 2 + 3 + 4 + 3 + 4);
	memset(whole, 'x', sizeof(whole) - 1);
	whole[sizeof(whole) - 1] = '\0';
	ldap_bind(&put, 1, "", whole);
	CHECK(put.full);
}

/* ----------------------------------------------------------------- reading */

static uint32_t n_values;
static char last_value[64];

static void
one_value(void *ctx, struct span value)
{
	(void)ctx;
	n_values++;
	CHECK(ldap_text(value, last_value, sizeof(last_value)));
}

static const uint8_t entry[] = { 0x30, 0x2a, 0x02, 0x01, 0x07, 0x64, 0x25, 0x04,
	0x04, 'c', 'n', '=', 'x', 0x30, 0x1d, 0x30, 0x0f, 0x04, 0x08, 'm', 'e',
	'm', 'b', 'e', 'r', 'O', 'f', 0x31, 0x03, 0x04, 0x01, 'a', 0x30, 0x0a,
	0x04, 0x01, 'b', 0x31, 0x05, 0x04, 0x03, 'z', 'y', 'x' };
static const uint8_t refused[] = { 0x30, 0x0f, 0x02, 0x01, 0x01, 0x61, 0x0a,
	0x0a, 0x01, 0x31, 0x04, 0x00, 0x04, 0x03, 'n', '\n', 'o' };

static void
test_reading(void)
{
	struct ldap_message m;
	uint32_t n = 0;

	for (uint32_t i = 0; i < sizeof(entry); i++)
		CHECK(ldap_read(SPAN(entry, i), &m, &n) == LDAP_MORE);
	CHECK(ldap_read(SPAN(entry, sizeof(entry)), &m, &n) == LDAP_WHOLE);
	CHECK_INT(n, sizeof(entry));
	CHECK_INT(m.id, 7);
	CHECK(m.is == LDAP_ENTRY && span_is(m.dn, SPAN_LIT("cn=x")));
	CHECK(ldap_values(&m, "MEMBEROF", one_value, NULL));
	CHECK_INT(n_values, 1);
	CHECK_STR(last_value, "a");
	CHECK(ldap_values(&m, "b", one_value, NULL));
	CHECK_STR(last_value, "zyx");
	CHECK(ldap_values(&m, "c", one_value, NULL));
	CHECK_INT(n_values, 2);
	CHECK(ldap_read(SPAN(refused, sizeof(refused)), &m, &n) == LDAP_WHOLE);
	CHECK(m.is == LDAP_BOUND);
	CHECK_INT(m.code, LDAP_INVALID_CREDENTIALS);
	CHECK_STR(m.text, "n?o");
}

static void
test_malformed(void)
{
	uint8_t bytes[sizeof(entry)];
	struct ldap_message m;
	uint32_t n;

	for (uint32_t i = 0; i < sizeof(entry); i++)
		for (uint32_t b = 0; b < 8; b++) {
			memcpy(bytes, entry, sizeof(entry));
			bytes[i] = (uint8_t)(bytes[i] ^ 1u << b);
			if (ldap_read(SPAN(bytes, sizeof(bytes)), &m, &n) ==
			    LDAP_WHOLE)
				CHECK(n <= sizeof(bytes));
		}
	CHECK(ldap_read(SPAN_LIT("\x31\x00"), &m, &n) == LDAP_BAD);
	CHECK(ldap_read(SPAN_LIT("\x30\x80\x02\x01"), &m, &n) == LDAP_BAD);
	CHECK(ldap_read(SPAN_LIT("\x30\x85\x01"), &m, &n) == LDAP_BAD);
	CHECK(ldap_read(SPAN_LIT("\x30\x84\x7f\xff\xff\xff"), &m, &n) ==
	    LDAP_BAD);
}

/* -------------------------------------------------------------------- names */

static void
test_names(void)
{
	char dn[DIRECTORY_NAME];

	CHECK(dn_same("CN=Plant Crew,OU=Groups,DC=corp",
	    "cn = plant  crew , ou=groups,dc=CORP "));
	CHECK(dn_same("cn=a\\,b,dc=x", "cn=a\\2Cb,dc=x"));
	CHECK(dn_same("cn=\\61,dc=x", "cn=a,dc=x"));
	CHECK(!dn_same("cn=a\\,b,dc=x", "cn=a,b,dc=x"));
	CHECK(!dn_same("cn=a,dc=x", "cn=a,dc=x,dc=y"));
	CHECK(!dn_same("cn=ab", "cn=a b"));
	CHECK(!dn_same("cn=a", "cn\\=a"));
	CHECK(!dn_same("", "cn=a"));
	CHECK(dn_of("uid={user},dc=x", "a,b=c", dn));
	CHECK_STR(dn, "uid=a\\,b\\=c,dc=x");
	CHECK(dn_of("{user}@corp.example", "anna", dn));
	CHECK_STR(dn, "anna@corp.example");
	CHECK(!dn_of("corp.example", "anna", dn));
	CHECK(group_at(" cn=a;b ; cn=c\\;d", 0, dn));
	CHECK_STR(dn, "cn=a");
	CHECK(group_at("cn=a; cn=c\\;d", 1, dn));
	CHECK_STR(dn, "cn=c\\;d");
	CHECK(!group_at("cn=a; ", 1, dn));
	CHECK(!group_at("", 0, dn));
}

static void
test_settings(void)
{
	static struct config c;
	char error[CONFIG_ERROR];
	struct server s;

	config_init(&c);
	CHECK(strstr(directory_flaw(&c), "names none") != NULL);
	CHECK(config_set(&c, "directory.servers",
	    "ldaps://a.example  ldap://[fd00::1]:3389/", error));
	CHECK(server_at(&c, 0, &s) && s.tls && s.port == 636);
	CHECK_STR(s.host, "a.example");
	CHECK(server_at(&c, 1, &s) && !s.tls && s.port == 3389);
	CHECK_STR(s.host, "fd00::1");
	CHECK(!server_at(&c, 2, &s) && !server_at(&c, 255, &s));
	CHECK(strstr(directory_flaw(&c), "directory.reader") != NULL);
	CHECK(config_set(&c, "directory.bind", "someone", error));
	CHECK(strstr(directory_flaw(&c), "{user}") != NULL);
	CHECK(config_set(&c, "directory.bind", "{user}@x", error));
	CHECK(config_set(&c, "directory.users", "dc=x", error));
	CHECK(strstr(directory_flaw(&c), "no group") != NULL);
	CHECK(config_set(&c, "directory.readers", "cn=r", error));
	CHECK(directory_flaw(&c) == NULL && !directory_can_look(&c));
	for (uint32_t i = CONF_DIRECTORY; i <= CONF_DIRECTORY_ATTEMPTS; i++)
		CHECK(!config_may_change((enum config_key)i));
	for (const char *bad = "ldap:// ldaps://:1 ldap://h:0 ldap://h:65536 "
			       "ldap://h:x http://h ldap://h/dc=x h";
	     *bad != '\0'; bad += strcspn(bad, " ") + (strchr(bad, ' ') != 0)) {
		char one[64];

		(void)snprintf(one, sizeof(one), "%.*s", (int)strcspn(bad, " "),
		    bad);
		CHECK(config_set(&c, "directory.servers", one, error));
		CHECK(directory_flaw(&c) != NULL);
	}
}

/* ----------------------------------------------------------------- attempts */

static void
test_attempts(void)
{
	struct gate *g = gate_new();
	int64_t now = 1000000;

	CHECK(g != NULL);
	CHECK_INT(gate_hand_on(g, "anna", false, 4, now), 0);
	CHECK_INT(gate_hand_on(g, "anna", false, 4, now), 0);
	CHECK_INT(gate_hand_on(g, "anna", false, 4, now + 60), 1740);
	/* half are hers, from where she was before; others have their own */
	CHECK_INT(gate_hand_on(g, "anna", true, 4, now), 0);
	CHECK_INT(gate_hand_on(g, "bob", false, 4, now), 0);
	/* one that was not handed on is none */
	gate_take_back(g, "anna", true, false);
	CHECK_INT(gate_hand_on(g, "anna", true, 4, now), 0);
	CHECK_INT(gate_hand_on(g, "anna", true, 4, now), 0);
	CHECK(gate_hand_on(g, "anna", true, 4, now) > 0);
	/* the right one clears, there as here */
	gate_take_back(g, "anna", true, true);
	CHECK_INT(gate_hand_on(g, "anna", false, 4, now), 0);
	CHECK_INT(gate_hand_on(g, "anna", false, 4, now), 0);
	CHECK(gate_hand_on(g, "anna", false, 4, now + 1799) > 0);
	CHECK_INT(gate_hand_on(g, "anna", false, 4, now + 1800), 0);
	gate_free(g);
}

int
main(void)
{
	test_writing();
	test_reading();
	test_malformed();
	test_names();
	test_settings();
	test_attempts();
	return check_done();
}
