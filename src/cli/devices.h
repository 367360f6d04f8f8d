/* devices.h - sightglass devices: one in full. */
#ifndef CLI_DEVICES_H
#define CLI_DEVICES_H

#include "../store/store.h"
#include "output.h"

/* False: there is none of that number. */
bool device_show(struct out *, struct store *, uint32_t number);

#endif
