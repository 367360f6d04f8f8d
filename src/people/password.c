/*
 * password.c - argon2id, and what a password must be.
 *
 * At most two are hashed at a time: 64 MiB each.  The policy is that of NIST
 * SP 800-63B, 5.1.1.2: length counts, not kinds of characters; what everybody
 * tries first is refused.
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "private.h"

#define AT_ONCE 2u
#define PATIENCE 2 /* seconds to wait for a turn */
#define LEAST 12u
#define MOST 128u
#define MEMORY ((size_t)64 << 20)
#define PASSES 2

/* ------------------------------------------------------------------ policy */

static const char *const common[] = { "password", "passwort", "passw0rd",
	"123456789", "1234567890", "123123123", "qwertyuiop", "qwertyuiop123",
	"1q2w3e4r5t6y", "1qaz2wsx3edc", "qazwsxedcrfv", "asdfghjkl", "zxcvbnm",
	"abcdefghijkl", "abc123abc123", "administrator", "administrador",
	"letmein", "welcome", "iloveyou", "changeme", "default", "sightglass",
	"operator", "engineer", "superuser", "manufacturer", "maintenance",
	"automation", "industrial", "princess", "football", "baseball",
	"sunshine", "dragon", "monkey", "trustno1", "whatever", "starwars",
	"master", "login", "secret", "siemens", "schneider", "rockwell",
	"honeywell", "emerson", "yokogawa", "simatic", "wonderware", NULL };

static bool
has_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (; *text != '\0'; text++)
		if (strncasecmp(text, word, n) == 0)
			return true;
	return false;
}

/* A common word is most of it. */
static bool
is_common(const char *text)
{
	for (uint32_t i = 0; common[i] != NULL; i++)
		if (has_word(text, common[i]) &&
		    strlen(text) < strlen(common[i]) + 6)
			return true;
	return false;
}

/* "abababababab", "111122223333": few kinds, or one piece again and again. */
static bool
is_monotonous(const char *text)
{
	size_t n = strlen(text);
	bool seen[256] = { false };
	uint32_t kinds = 0, steps = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];

		kinds += !seen[c];
		seen[c] = true;
		steps += i > 0 &&
		    (text[i] - text[i - 1] == 1 || text[i] - text[i - 1] == -1);
	}
	for (size_t piece = 1; piece <= n / 2; piece++)
		if (n % piece == 0 &&
		    memcmp(text, text + piece, n - piece) == 0)
			return true;
	return kinds < 5 || steps + 2 >= n;
}

const char *
password_flaw(const char *password, const char *user)
{
	size_t n = 0;

	for (const char *c = password; *c != '\0'; c++)
		n += ((unsigned char)*c & 0xc0) != 0x80;
	if (n < LEAST)
		return "A password must have 12 characters or more.";
	if (strlen(password) > MOST)
		return "A password may have at most 128 bytes.";
	if (strlen(user) > 2 && has_word(password, user))
		return "A password must not contain the user's name.";
	if (is_common(password))
		return "This is one of the passwords that are tried first.";
	if (is_monotonous(password))
		return "A password must not be one piece repeated, or a row of "
		       "letters or numbers.";
	return NULL;
}

/* ----------------------------------------------------------------- hashing */

static bool
take_turn(struct people *p)
{
	struct timespec until = { .tv_sec = 0 };
	int rc = 0;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE;
	(void)pthread_mutex_lock(&p->hashing);
	while (p->hashes >= AT_ONCE && rc == 0)
		rc = pthread_cond_timedwait(&p->hashed, &p->hashing, &until);
	if (p->hashes < AT_ONCE) {
		rc = 0;
		p->hashes++;
	}
	(void)pthread_mutex_unlock(&p->hashing);
	return rc == 0;
}

static void
give_turn(struct people *p)
{
	(void)pthread_mutex_lock(&p->hashing);
	p->hashes--;
	(void)pthread_cond_signal(&p->hashed);
	(void)pthread_mutex_unlock(&p->hashing);
}

bool
password_hash(struct people *p, const char *password, char dst[128])
{
	bool good;

	_Static_assert(crypto_pwhash_STRBYTES <= 128, "room for it");
	if (!take_turn(p))
		return people_fail("too many at once");
	good = crypto_pwhash_str_alg(dst, password, strlen(password), PASSES,
		   MEMORY, crypto_pwhash_ALG_ARGON2ID13) == 0;
	give_turn(p);
	return good || people_fail("out of memory");
}

void
password_of_nobody(char dst[static 128])
{
	const int variant = sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
	uint8_t random[crypto_pwhash_SALTBYTES + 32];
	char salt[32], hash[64];

	randombytes_buf(random, sizeof(random));
	(void)sodium_bin2base64(salt, sizeof(salt), random,
	    crypto_pwhash_SALTBYTES, variant);
	(void)sodium_bin2base64(hash, sizeof(hash),
	    random + crypto_pwhash_SALTBYTES, 32, variant);
	(void)snprintf(dst, 128, "$argon2id$v=19$m=%zu,t=%d,p=1$%s$%s",
	    MEMORY / 1024, PASSES, salt, hash);
}

enum hashed
password_is(struct people *p, const char *kept, const char *password)
{
	bool same;

	if (!take_turn(p))
		return HASHED_BUSY;
	same = crypto_pwhash_str_verify(kept, password, strlen(password)) == 0;
	give_turn(p);
	return same ? HASHED_SAME : HASHED_OTHER;
}
