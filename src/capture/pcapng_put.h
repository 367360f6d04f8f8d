/*
 * pcapng_put.h - the blocks of a pcapng file (draft-ietf-opsawg-pcapng), put
 * into memory.  Each returns the bytes put, 0 when there is no room for them.
 * Little endian, times in nanoseconds.
 */
#ifndef CAPTURE_PCAPNG_PUT_H
#define CAPTURE_PCAPNG_PUT_H

#include <stddef.h>
#include <stdint.h>

#include "../model/packet.h"

#define PCAPNG_FRAME_MORE 40u /* around a frame, with padding */

size_t pcapng_put_section(uint8_t *dst, size_t cap);
/* The n-th one after the section is interface n. */
size_t pcapng_put_interface(uint8_t *dst, size_t cap, const char *name,
    uint16_t link, uint8_t fcs_len);
size_t pcapng_put_frame(uint8_t *dst, size_t cap, uint32_t interface,
    const struct frame *);

#endif
