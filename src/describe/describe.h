/*
 * describe.h - protocols that are described in a file instead of compiled in.
 *
 * A description (docs/describe-a-protocol.md) says how a message is laid out,
 * where it ends, which operations there are and what they could change; from
 * then on it is a protocol like any other: its facts have names, kinds and
 * risks, it has a row in the ledger and is learned by the baseline.
 *
 * Nothing in a description can loop: a message is a list of fields, passed
 * once, the last of which may repeat up to the end of the message.
 */
#ifndef DESCRIBE_DESCRIBE_H
#define DESCRIBE_DESCRIBE_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/span.h"
#include "../proto/proto.h"

#define DESCRIBE_ERROR 320
#define DESCRIBE_BYTES (256u << 10) /* of a file */
#define DESCRIBE_SUFFIX ".protocol"

struct described;

/*
 * NULL, with a sentence that names file, line and word, and what may have
 * been meant, when the text is no description.  `path` is for the sentence.
 */
struct described *describe_parse(const char *path, struct span text,
    char ret_error[static DESCRIBE_ERROR]);
void describe_free(struct described *);

const struct proto *describe_proto(const struct described *);

/* Among protos[] from now on, which keeps it; false with a sentence when the
 * name is another's or there is no room. */
bool describe_add(struct described *, char ret_error[static DESCRIBE_ERROR]);

/*
 * All of a folder that end in DESCRIBE_SUFFIX, in order of name, are among
 * protos[] from now on; NULL is no folder.  False, having said what is wrong:
 * those before the wrong one are there.
 */
bool describe_folder(const char *path, void (*say)(void *ctx, const char *text),
    void *ctx);

#endif
