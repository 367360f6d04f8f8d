/* assets.h - the console's files, as tools/embed writes them down. */
#ifndef API_ASSETS_H
#define API_ASSETS_H

#include <stdint.h>

struct asset_file {
	const char *path, *type, *etag;
	const uint8_t *plain, *plain_end;
	const uint8_t *brotli, *brotli_end; /* or NULL */
	const uint8_t *gzip, *gzip_end;
};
extern const struct asset_file asset_files[];
extern const uint32_t n_asset_files;

#endif
