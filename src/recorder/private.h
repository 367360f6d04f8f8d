/* private.h - shared by the files of recorder/ only. */
#ifndef RECORDER_PRIVATE_H
#define RECORDER_PRIVATE_H

#include "recorder.h"

#define OPEN_TAIL ".open"
#define CLOSED_TAIL ".pcapng"

bool segment_parse(const char *name, struct segment_file *ret);

#endif
