/*
 * assets.c - the console's files, compiled in (tools/embed).
 *
 * Every file has a brotli and a gzip form beside its own where that is
 * shorter.  Files with a hash in their name (assets/) may be kept for ever; the
 * page itself is asked for each time, with its ETag (RFC 9110, 8.8.3).  A path
 * that is no file is one of the console's own pages.
 */
#include <string.h>

#include "assets.h"
#include "private.h"

static const struct asset_file *
find(const char *path)
{
	for (uint32_t i = 0; i < n_asset_files; i++)
		if (strcmp(asset_files[i].path, path) == 0)
			return &asset_files[i];
	return NULL;
}

static bool
is_fresh(const struct request *rq, const char *etag)
{
	const char *have = MHD_lookup_connection_value(rq->link,
	    MHD_HEADER_KIND, "If-None-Match");

	return have != NULL && strstr(have, etag) != NULL;
}

static void
put_file(struct request *rq, const struct asset_file *f)
{
	const uint8_t *p = f->plain, *end = f->plain_end;
	const char *coding = NULL;

	if (f->brotli != NULL && request_accepts(rq, "br")) {
		p = f->brotli;
		end = f->brotli_end;
		coding = "br";
	} else if (f->gzip != NULL && request_accepts(rq, "gzip")) {
		p = f->gzip;
		end = f->gzip_end;
		coding = "gzip";
	}
	add_header(rq, "Cache-Control", "%s",
	    strncmp(f->path, "/assets/", 8) == 0
		? "public, max-age=31536000, immutable"
		: "no-cache");
	add_header(rq, "ETag", "\"%s\"", f->etag);
	if (is_fresh(rq, f->etag)) {
		rq->status = 304;
		return;
	}
	if (coding != NULL)
		add_header(rq, "Content-Encoding", "%s", coding);
	reply_static(rq, p, (size_t)(end - p), f->type);
}

bool
assets_serve(struct request *rq, const char *path)
{
	const struct asset_file *f = find(path);

	if (f == NULL && strchr(strrchr(path, '/'), '.') == NULL &&
	    strncmp(path, "/api/", 5) != 0)
		f = find("/index.html"); /* a page of the console */
	if (f == NULL)
		return false;
	put_file(rq, f);
	return true;
}
