/* serve_decoder.h - the process that decodes frames, for a server without a
 * sensor. */
#ifndef CLI_SERVE_DECODER_H
#define CLI_SERVE_DECODER_H

#include <jansson.h>

#include "../config/config.h"

/* Whose settings it is given; kept, before the others. */
void serve_decoder_settings(const struct config *);
/* What is in a capture that is open: api_config.decode, ctx is not used. */
json_t *serve_decode(void *ctx, int evidence);

#endif
