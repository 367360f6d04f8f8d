/*
 * recorder.h - the last frames, all of them, on disk within a size: so that
 * what led to an alert can be looked at afterwards.
 *
 *	packets/FIRST-LAST.pcapng   a segment, by the times in it (nanoseconds)
 *	packets/FIRST.open          the one being written
 *
 * A segment ends when it is large or old enough; the oldest make room.  What
 * was taken is in the file a second later, so that a kill loses no more.
 * One process writes; any number read.
 */
#ifndef RECORDER_RECORDER_H
#define RECORDER_RECORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "../model/packet.h"

#define RECORDER_ERROR 256
#define RECORDER_PORTS 16u

struct recorder_config {
	uint64_t bytes; /* of all segments */
	uint64_t segment_bytes; /* 0: RECORDER_SEGMENT, or an eighth of all */
	int64_t segment_seconds; /* 0: RECORDER_SECONDS */
};
#define RECORDER_SEGMENT (16u * 1024u * 1024u)
#define RECORDER_SECONDS 600

struct recorder_counts {
	uint64_t frames, bytes; /* written */
	uint64_t left_out; /* frames for which there was no room on the disk */
	uint64_t forgotten; /* segments */
	uint64_t held; /* bytes of all segments now */
	int64_t
	    oldest; /* time of the first frame that is still there, 0 none */
};

struct recorder;

/* `folder` is a descriptor of the directory, and stays the caller's.  NULL
 * with a sentence. */
struct recorder *recorder_open(int folder, const struct recorder_config *,
    char ret_error[static RECORDER_ERROR]);
/* Ends the segment. */
void recorder_close(struct recorder *);
/* What the port is called in files begun from now on. */
void recorder_name(struct recorder *, unsigned port, const char *name);
/* False with recorder_error(): not written. */
bool recorder_frame(struct recorder *, const struct frame *);
/* Once a second: what is held goes to the file. */
bool recorder_flush(struct recorder *);
const char *recorder_error(const struct recorder *);
const struct recorder_counts *recorder_counts(const struct recorder *);

/* --------------------------------------------------------------- reading */

struct segment_file {
	int64_t first, last; /* of the one being written: last is INT64_MAX */
	uint64_t bytes;
	char name[64];
};
/* All segments in order of time; the array is the caller's to free().  -1
 * with errno when the directory cannot be read. */
int recorder_list(int folder, struct segment_file **ret);

#endif
