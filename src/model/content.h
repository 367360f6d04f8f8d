/*
 * content.h - bytes of files as they pass by.
 *
 * What dissectors know of files (dissect_content() in proto.h), and what the
 * flow engine knows of streams that no protocol claims, for whoever looks
 * into files.  A view: bytes and names are good for the call only.
 */
#ifndef MODEL_CONTENT_H
#define MODEL_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/span.h"
#include "../base/tick.h"

enum content_what {
	CONTENT_BYTES, /* of file `id`, from `offset` on */
	CONTENT_NAME, /* the file `id` is called `name` (in `place`) */
	CONTENT_IS, /* what was named as `other` has the number `id` now */
	CONTENT_END, /* no more of `id` */
	CONTENT_MORE, /* goes on where the last BYTES of this direction ended */
	CONTENT_STREAM, /* of a flow whose protocol nobody knows */
	/* what is no file, but nobody else looks into */
	CONTENT_CALL, /* arguments of a remote call: `id` of interface `name` */
	CONTENT_LOGIN, /* user `name`, password `place`; no password: both are
			* in `name`, as base64 of "user:password" */
	CONTENT_COUNT
};

struct content {
	uint8_t what; /* enum content_what */
	bool to_server;
	bool wide; /* the name is UTF-16, little endian */
	bool first; /* STREAM: nothing of this direction came before */
	uint32_t id, other; /* within the flow, in the dissector's own terms */
	uint64_t offset;
	uint64_t total; /* bytes of the whole file; 0: not known */
	uint32_t missing; /* bytes behind `bytes` that are not in hand */
	struct span bytes;
	struct span name, place; /* path; and host, where there is one */
	struct tick at;
};

#endif
