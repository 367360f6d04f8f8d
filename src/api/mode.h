/* mode.h - the mode, for the overview. */
#ifndef API_MODE_H
#define API_MODE_H

#include "private.h"

/* The member "mode" of an object. */
void mode_put_brief(struct request *);

#endif
