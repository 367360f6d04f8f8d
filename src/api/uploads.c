/* uploads.c - bodies too large for memory: into a file of their own. */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "handlers.h"

#define UPLOAD_MOST ((int64_t)2 << 30)

/* A name of its own below HOME: the locked-in process may neither link an
 * unnamed file nor see /proc. */
int
temporary_file(struct server *sv, char *ret_path, size_t cap)
{
	static _Atomic uint64_t number;

	(void)snprintf(ret_path, cap, "%s/.upload-%llu-%llu", sv->config.home,
	    (unsigned long long)sv->started, (unsigned long long)++number);
	return open(ret_path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

bool
upload_begin(struct request *rq)
{
	rq->upload = temporary_file(rq->server, rq->upload_path,
	    sizeof(rq->upload_path));
	if (rq->upload >= 0)
		return true;
	rq->upload_path[0] = '\0';
	fail(rq, 507, "disk", NULL, "There is no place for the file.");
	return false;
}

void
upload_take(struct request *rq, const char *p, size_t n)
{
	ssize_t done = write(rq->upload, p, n);

	rq->upload_bytes += done > 0 ? done : 0;
	if (done == (ssize_t)n && rq->upload_bytes <= UPLOAD_MOST)
		return;
	fail(rq, done == (ssize_t)n ? 413 : 507, "disk", NULL,
	    "The file does not fit.");
}

void
upload_end(struct request *rq)
{
	if (rq->upload >= 0)
		(void)close(rq->upload);
	if (rq->upload_path[0] != '\0') /* nobody kept it */
		(void)unlink(rq->upload_path);
	rq->upload = -1;
}
