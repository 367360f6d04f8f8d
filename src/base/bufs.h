/*
 * bufs.h - byte buffers in power-of-two sizes out of one capped region.
 *
 * Address space is reserved at birth and touched only as used, so that there
 * is no allocation afterwards and a full pool is an ordinary answer (NULL)
 * that the caller counts.  One pool per worker; not thread-safe.
 */
#ifndef BASE_BUFS_H
#define BASE_BUFS_H

#include <stddef.h>
#include <stdint.h>

#define BUFS_MIN 64u
#define BUFS_CLASSES 13u /* 64 bytes to 256 KiB */
#define BUFS_MAX (BUFS_MIN << (BUFS_CLASSES - 1))

struct bufs;

/* NULL when the address space cannot be had. */
struct bufs *bufs_new(size_t cap_bytes);
void bufs_free(struct bufs *);

/* At least n bytes (n <= BUFS_MAX), not cleared; NULL when the pool is full. */
void *bufs_get(struct bufs *, size_t n);
/* n as given to bufs_get(). */
void bufs_put(struct bufs *, void *, size_t n);
/* What bufs_get(n) really hands out. */
size_t bufs_room(size_t n);
size_t bufs_used(const struct bufs *);

#endif
