/* private.h - shared by the files of config/ only. */
#ifndef CONFIG_PRIVATE_H
#define CONFIG_PRIVATE_H

#include <stdarg.h>

#include "config.h"

/* Always false, so that it can be returned. */
bool config_fail(char error[static CONFIG_ERROR], const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Digits and perhaps K, M or G; false when it is neither or too large. */
bool config_number(const char *text, bool bytes, uint64_t *ret);
bool config_is_text(uint32_t key);
void config_value(const struct config *, uint32_t key,
    char dst[static CONFIG_TEXT]);

/* port.c: "enp3s0.name"; an interface may have a dot in its name */
bool config_set_port(struct config *, const char *key, const char *value,
    char error[static CONFIG_ERROR]);
/* The last part of a key is one of a port. */
bool config_set_of_port(struct config *, const char *interface, const char *key,
    const char *value, char error[static CONFIG_ERROR]);
struct port_key {
	const char *name, *values, *help;
};
extern const struct port_key config_port_keys[];
extern const uint32_t n_config_port_keys;

#endif
