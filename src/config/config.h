/*
 * config.h - what can be set: one table of keys (keys.def), read from a file
 * and from KEY=VALUE, checked against its bounds.
 *
 * The file: "key = value" lines, "#" begins a comment, and one section a port:
 *
 *     web.port = 8443
 *     [port enp3s0]
 *     name = Cell 3
 *     kind = erspan
 *     erspan.7 = Press shop
 *
 * Within a section the keys are those of ports (port.def), and
 * "port.enp3s0.name = Cell 3" says the same elsewhere.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/out.h"
#include "../base/span.h"

#define CONFIG_FILE "/etc/sightglass/sightglass.conf"
#define CONFIG_ERROR 256
#define CONFIG_TEXT 201
#define CONFIG_PORTS 16
#define CONFIG_SESSIONS 32
#define CONFIG_BYTES 65536u /* of a file */

enum config_key {
#define KEY(sym, key, type, least, most, initial, unit, when, of, help) \
	CONF_##sym,
#include "keys.def"
#undef KEY
	CONF_COUNT
};

enum key_type {
	KEY_IS_NUMBER,
	KEY_IS_BYTES,
	KEY_IS_CHOICE,
	KEY_IS_FOLDER,
	KEY_IS_FILE,
	KEY_IS_PATH,
	KEY_IS_TEXT,
};
enum key_when {
	KEY_AT_RELOAD,
	KEY_AT_RESTART
};
enum key_of {
	KEY_OF_BOTH = 3,
	KEY_OF_READ = 1,
	KEY_OF_RUN = 2
};

struct key_row {
	const char *name;
	enum key_type type;
	uint64_t least, most; /* of a text: its length */
	const char *initial, *unit;
	enum key_when when;
	enum key_of of;
	const char *help;
};
extern const struct key_row config_keys[CONF_COUNT];

/* How a port is mirrored to. */
enum port_kind {
#define PORT_KIND(sym, name, help) PORT_##sym,
#include "port.def"
#undef PORT_KIND
	PORT_KIND_COUNT
};
const char *port_kind_name(enum port_kind);
const char *port_kind_help(enum port_kind);

struct port_session { /* of ERSPAN */
	uint16_t id;
	char name[48];
};

struct port_config {
	char interface[16];
	char name[48], description[128]; /* "": not said */
	uint8_t kind; /* enum port_kind */
	uint16_t rspan_vlan; /* 0: not said */
	char address[24]; /* IPv4 and prefix, where a tunnel ends; "": none */
	uint32_t n_session;
	struct port_session session[CONFIG_SESSIONS];
};

struct config {
	uint64_t number[CONF_COUNT]; /* of a choice: its place in the list */
	char text[CONF_COUNT][CONFIG_TEXT];
	uint32_t n_port;
	struct port_config port[CONFIG_PORTS];
};

void config_init(struct config *);
/* False with a sentence: what is wrong, what would be right. */
bool config_set(struct config *, const char *key, const char *value,
    char ret_error[static CONFIG_ERROR]);
/* "KEY=VALUE". */
bool config_set_pair(struct config *, const char *text,
    char ret_error[static CONFIG_ERROR]);
/* A port without more said of it; NULL when there are too many, or the name
 * cannot be an interface's. */
struct port_config *config_port(struct config *, const char *interface);

/* Every line of a file; each that is wrong is handed to `wrong`, and left out.
 * How many were wrong. */
uint32_t config_read(struct config *, struct span text,
    void (*wrong)(void *ctx, uint32_t line, const char *error), void *ctx);
/* The same as lines of text, for another process: only what is not as by
 * default.  Bytes written; 0 when cap is too small. */
uint32_t config_write(const struct config *, char *dst, uint32_t cap);
/* The first key that is not the same and counts only after a restart; NULL
 * when there is none. */
const char *config_needs_restart(const struct config *was,
    const struct config *is);

enum config_key config_find(const char *name); /* CONF_COUNT: none */
/*
 * Whether people may change it while the sensor runs: amounts and choices.
 * What names a place, the console itself, who says who may sign in, and
 * whether devices are asked at all is the file's alone.
 */
bool config_may_change(enum config_key);
/* What such lines say of keys that people may change, over what is there; all
 * else is passed over. */
void config_overlay(struct config *, struct span text);

/* NULL when it is empty. */
const char *config_path(const struct config *, enum config_key);

/* The file that a key names, as text of at most so many bytes; free() it.
 * NULL with a sentence. */
char *config_file(const struct config *, enum config_key, size_t most,
    char ret_error[static CONFIG_ERROR]);

/* The table, as a list for people: keys of read, run or both. */
void config_help(struct out *, enum key_of);
/* And as a page of the manual, in Markdown. */
void config_page(struct out *);

#endif
