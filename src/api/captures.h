/* captures.h - capture files that were sent, and their playback. */
#ifndef API_CAPTURES_H
#define API_CAPTURES_H

#include "private.h"

struct captures;
struct captures *captures_new(struct server *);
void captures_free(struct captures *);
/* One is read into the state at the moment: nothing else can write it. */
bool captures_playing(const struct captures *);

#endif
