/* uploads.c - bodies too large for memory: into a file of their own. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "handlers.h"

bool
upload_begin(struct request *rq)
{
	rq->upload =
	    open(rq->server->config.home, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	if (rq->upload >= 0)
		return true;
	fail(rq, 507, "disk", NULL, "There is no place for the file.");
	return false;
}

void
upload_take(struct request *rq, const char *p, size_t n)
{
	ssize_t done = write(rq->upload, p, n);

	rq->upload_bytes += done > 0 ? done : 0;
	if (done == (ssize_t)n && rq->upload_bytes <= (int64_t)2 << 30)
		return;
	fail(rq, done == (ssize_t)n ? 413 : 507, "disk", NULL,
	    "The file does not fit.");
}

void
upload_end(struct request *rq)
{
	if (rq->upload >= 0)
		(void)close(rq->upload);
	rq->upload = -1;
}
