/* windows_child.h - the process that asks Windows endpoints, and its parent's
 * side of the socket between them. */
#ifndef CLI_WINDOWS_CHILD_H
#define CLI_WINDOWS_CHILD_H

#include <jansson.h>

#include "../base/vault.h"
#include "../windows/windows.h"

#define CHILD_MESSAGE 131072u /* bytes of one, at most: JSON */

struct windows_job {
	struct ip ip;
	char pin[WINDOWS_PIN];
	bool marked; /* fragile, or a safety controller */
	bool denied; /* it refused these credentials before */
};

struct windows_jobs { /* of one range */
	uint32_t n;
	struct windows_job of[ACTIVE_TARGETS];
	const char *user, *domain;
	char password[VAULT_TEXT];
	bool plain;
	uint16_t port;
	enum windows_trust trust;
	struct span authorities;
	uint64_t kinds;
	const char *state; /* directory of who was asked */
};

json_t *windows_item_json(const struct windows_item *);

/* The child: goes through them, and ends. */
void windows_child(int fd, const struct windows_jobs *);

/* The parent: a socket that is being connected; -1 with a sentence. */
int windows_dial(const struct ip *, uint16_t port, bool plain,
    const char *interface, char *why, size_t cap);
/* Our address on the way there; false: there is no way. */
bool windows_own(const struct ip *, const char *interface, struct ip *ret);
void windows_tell_pulse(int to, const struct device_pulse *);
/* fd -1: `why`; `halt`: it need not ask for others. */
void windows_hand_over(int to, int fd, bool halt, const char *why);

#endif
