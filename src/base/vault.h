/*
 * vault.h - secrets at rest: passwords for devices that are asked.
 *
 * Sealed with X25519 and XChaCha20-Poly1305 (libsodium's sealed box of that
 * name): whoever takes a password in needs only the public half and can never
 * read one again; the secret half is in a file of its own, 0600, which only
 * the process that asks opens.  What a secret is for (whom it may be shown to,
 * as which user) is sealed with it: a row that is changed afterwards opens
 * nothing.
 *
 * The key is DIR/vault.key, with DIR/vault.pub for those who only seal, or the
 * file "vault.key" of the folder in CREDENTIALS_DIRECTORY (systemd.exec(5)).
 * One thread.
 */
#ifndef BASE_VAULT_H
#define BASE_VAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VAULT_PUBLIC 32u
#define VAULT_SECRET 32u
#define VAULT_PURPOSE 2048u /* bytes of what it is for, at most */
#define VAULT_TEXT 256u /* bytes of a secret, at most, with its NUL */
#define VAULT_SEALED 640u /* base64 with its NUL, at most */
#define VAULT_ERROR 256u

struct vault_key {
	uint8_t public[VAULT_PUBLIC], secret[VAULT_SECRET];
};

/* The key of a state directory; `make`: made where there is none.  False with
 * a sentence.  Forget it with vault_wipe(). */
bool vault_open_key(const char *dir, bool make, struct vault_key *ret,
    char ret_error[static VAULT_ERROR]);
/* Its public half alone, DIR/vault.pub; false: there is no key yet. */
bool vault_public(const char *dir, uint8_t ret[static VAULT_PUBLIC]);
void vault_wipe(void *, size_t);
/* A file that root makes in a state directory belongs to whom that does, so
 * that the sensor can open it. */
void vault_give_to_owner(int fd, const char *dir);

/* False: too long. */
bool vault_seal(const uint8_t public[static VAULT_PUBLIC], const char *purpose,
    const char *secret, char ret[static VAULT_SEALED]);
/* False: sealed with another key, for another purpose, or damaged. */
bool vault_unseal(const struct vault_key *, const char *purpose,
    const char *sealed, char ret[static VAULT_TEXT]);

#endif
