/* hex.h - what a hexadecimal digit stands for. */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include <stdint.h>

/* 0 to 15; 16 for what is no digit, in either case. */
static inline uint32_t
hex_digit(uint8_t c)
{
	const uint8_t low = c | 0x20;

	return c >= '0' && c <= '9'    ? (uint32_t)(c - '0')
	    : low >= 'a' && low <= 'f' ? (uint32_t)(low - 'a') + 10
				       : 16;
}

#endif
