/* devices_api.c - which devices are one, and which are two. */
#include "handlers.h"

void
h_devices_merge(struct request *rq)
{
	desk_put(rq, "devices.merge", NULL);
}

void
h_device_split(struct request *rq)
{
	uint32_t id;

	if (arg_number(rq, 0, &id))
		desk_put(rq, "devices.split",
		    json_pack("{s:I}", "id", (json_int_t)id));
}
