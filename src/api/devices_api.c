/* devices_api.c - devices that are one, or two, or come as a table. */
#include "handlers.h"

void
h_devices_merge(struct request *rq)
{
	desk_put(rq, "devices.merge", NULL);
}

void
h_devices_import(struct request *rq)
{
	desk_put(rq, "devices.import", NULL);
}

void
h_device_split(struct request *rq)
{
	uint32_t id;

	if (arg_number(rq, 0, &id))
		desk_put(rq, "devices.split",
		    json_pack("{s:I}", "id", (json_int_t)id));
}
