/* names.c - what people called things: domains, ports, VLANs; and the lists of
 * what is known to be bad. */
#include <string.h>

#include "private.h"

bool
store_put_domain(struct store *st, const struct allowed_domain *d)
{
	return store_row(st, TABLE_DOMAIN, d);
}

bool
store_delete_domain(struct store *st, const char *name)
{
	return store_do(st, STATEMENT_DOMAIN_GONE, "t", name);
}

bool
store_put_port_name(struct store *st, const struct port_name *p)
{
	return store_row(st, TABLE_PORT_NAME, p);
}

bool
store_delete_port_name(struct store *st, uint8_t via, uint16_t port)
{
	return store_do(st, STATEMENT_PORT_NAME_GONE, "ti",
	    via_name((enum via)via), (int64_t)port);
}

bool
store_put_vlan_name(struct store *st, const struct vlan_name *v)
{
	return store_row(st, TABLE_VLAN_NAME, v);
}

bool
store_delete_vlan_name(struct store *st, uint16_t vlan)
{
	return store_do(st, STATEMENT_VLAN_NAME_GONE, "i", (int64_t)vlan);
}

bool
store_put_indicator(struct store *st, const struct indicator *i)
{
	return store_row(st, TABLE_INDICATOR, i);
}

bool
store_delete_indicators(struct store *st, const char *list)
{
	return store_do(st, STATEMENT_INDICATORS_GONE, "t", list);
}

struct loading {
	struct store *store;
	struct indicators *into;
};

static bool
got_indicator(void *ctx, const void *row)
{
	const struct loading *l = ctx;
	struct indicator i = *(const struct indicator *)row;

	i.row = INDICATOR_ROW_OF_TYPE;
	return indicators_add(l->into, &i) ||
	    store_fail(l->store, "more indicators than there is room for");
}

bool
store_load_indicators(struct store *st, struct indicators *into)
{
	struct loading l = { .store = st, .into = into };
	struct indicator row;

	return store_each(st, TABLE_INDICATOR, "ORDER BY list, type, value", 0,
	    &row, sizeof(row), got_indicator, &l);
}

bool
store_refresh_indicators(struct store *st, struct indicators *into)
{
	struct indicator i;
	uint32_t at = 0;

	while (indicators_at(into, at, &i, &at)) {
		if (strcmp(i.list, INDICATORS_OF_RUN) == 0)
			continue;
		(void)indicators_remove_list(into, i.list);
		at = 0;
	}
	return store_load_indicators(st, into);
}
