/*
 * openapi.c - the API described by itself: an OpenAPI 3.1 document made of
 * routes.def and schema.def.
 */
#include <stdio.h>
#include <string.h>

#include "handlers.h"

/* The end of a schema, with what it means. */
static void
close_schema(struct out *o, const char *help)
{
	if (help != NULL && help[0] != '\0')
		json_text(o, "description", help);
	json_close(o, '}');
}

static void
put_ref(struct out *o, const char *kind, const char *name, size_t n,
    const char *help)
{
	char text[128];

	(void)snprintf(text, sizeof(text), "#/components/%s/%.*s", kind, (int)n,
	    name);
	json_open(o, '{');
	json_text(o, "$ref", text);
	close_schema(o, help);
}

static void
put_plain(struct out *o, const char *type, size_t n, bool null,
    const char *help)
{
	char word[32];

	(void)snprintf(word, sizeof(word), "%.*s", (int)n, type);
	json_open(o, '{');
	if (strcmp(word, "any") == 0) {
		close_schema(o, help);
		return;
	}
	json_key(o, "type");
	if (null)
		json_open(o, '[');
	if (null)
		json_item(o);
	json_put_string(o,
	    span_text(strcmp(word, "time") == 0 ? "string" : word));
	if (null) {
		json_item(o);
		json_put_string(o, SPAN_LIT("null"));
		json_close(o, ']');
	}
	o->comma = true;
	if (strcmp(word, "time") == 0)
		json_text(o, "format", "date-time");
	close_schema(o, help);
}

/* "[T]" and "{T}" hold a type; capitals are a schema's name. */
static void
put_type(struct out *o, const char *type, size_t n, bool null, const char *help)
{
	if (type[0] == '[' || type[0] == '{') {
		json_open(o, '{');
		json_text(o, "type", type[0] == '[' ? "array" : "object");
		json_key(o, type[0] == '[' ? "items" : "additionalProperties");
		put_type(o, type + 1, n - 2, false, NULL);
		close_schema(o, help);
	} else if (type[0] >= 'A' && type[0] <= 'Z' && null) {
		json_open(o, '{');
		json_key(o, "oneOf");
		json_open(o, '[');
		json_item(o);
		put_ref(o, "schemas", type, n, NULL);
		json_item(o);
		put_plain(o, "null", 4, false, NULL);
		json_close(o, ']');
		close_schema(o, help);
	} else if (type[0] >= 'A' && type[0] <= 'Z') {
		put_ref(o, "schemas", type, n, help);
	} else {
		put_plain(o, type, n, null, help);
	}
}

static void
put_schema(struct out *o, const struct schema *s)
{
	bool open = false; /* has more members, by circumstance */

	json_key(o, s->name);
	json_open(o, '{');
	json_text(o, "type", "object");
	json_text(o, "description", s->help);
	json_key(o, "properties");
	json_open(o, '{');
	for (uint32_t i = 0; i < s->n; i++) {
		const char *type = s->member[i].type;
		size_t n = strcspn(type, "?-");

		open |= s->member[i].name[0] == '*';
		if (s->member[i].name[0] == '*')
			continue;
		json_key(o, s->member[i].name);
		put_type(o, type, n, type[n] == '?', s->member[i].help);
	}
	json_close(o, '}');
	json_key(o, "required");
	json_open(o, '[');
	for (uint32_t i = 0; i < s->n; i++) {
		if (strchr(s->member[i].type, '-') != NULL)
			continue;
		json_item(o);
		json_put_string(o, span_text(s->member[i].name));
	}
	json_close(o, ']');
	json_bool(o, "additionalProperties", open);
	json_close(o, '}');
}

/* ------------------------------------------------------------------ routes */

static void
put_parameter(struct out *o, const char *name, size_t n, const char *in)
{
	json_item(o);
	json_open(o, '{');
	json_span(o, "name", SPAN((const uint8_t *)name, (uint32_t)n));
	json_text(o, "in", in);
	json_bool(o, "required", in[0] == 'p');
	json_key(o, "schema");
	put_plain(o, "string", 6, false, NULL);
	json_close(o, '}');
}

static void
put_parameters(struct out *o, const struct route *r)
{
	json_key(o, "parameters");
	json_open(o, '[');
	for (const char *at = strchr(r->path, '{'); at != NULL;
	     at = strchr(at + 1, '{'))
		put_parameter(o, at + 1, strcspn(at + 1, ".}"), "path");
	for (const char *at = r->params; at != NULL && *at != '\0';) {
		size_t n = strcspn(at, " ");

		put_parameter(o, at, n, "query");
		at += n + strspn(at + n, " ");
	}
	json_close(o, ']');
}

static void
put_media(struct out *o, const char *type)
{
	json_key(o, "content");
	json_open(o, '{');
	json_key(o, type);
	json_open(o, '{');
	json_key(o, "schema");
}

static void
end_media(struct out *o)
{
	json_close(o, '}');
	json_close(o, '}');
}

static void
put_body(struct out *o, const struct route *r)
{
	if (r->takes == NULL)
		return;
	json_key(o, "requestBody");
	json_open(o, '{');
	json_bool(o, "required", true);
	if (strcmp(r->takes, "bytes") == 0) {
		put_media(o, "application/octet-stream");
		put_plain(o, "any", 3, false, NULL);
	} else {
		put_media(o, "application/json");
		put_ref(o, "schemas", r->takes, strlen(r->takes), NULL);
	}
	end_media(o);
	json_close(o, '}');
}

/* A page: {"items": [...], "next": ..., "total": ...}. */
static void
put_page(struct out *o, const char *of)
{
	json_open(o, '{');
	json_text(o, "type", "object");
	json_key(o, "properties");
	json_open(o, '{');
	json_key(o, "items");
	json_open(o, '{');
	json_text(o, "type", "array");
	json_key(o, "items");
	put_ref(o, "schemas", of, strlen(of), NULL);
	json_close(o, '}');
	json_key(o, "next");
	put_plain(o, "string", 6, true, NULL);
	json_key(o, "total");
	put_plain(o, "integer", 7, false, NULL);
	json_close(o, '}');
	json_key(o, "required");
	out_text(o, "[\"items\",\"next\",\"total\"]");
	o->comma = true;
	json_close(o, '}');
}

static void
put_good(struct out *o, const struct route *r)
{
	json_key(o, r->answer == ANSWER_NONE ? "204" : "200");
	json_open(o, '{');
	json_text(o, "description", r->summary);
	if (r->answer == ANSWER_ITEM) {
		put_media(o, "application/json");
		put_ref(o, "schemas", r->gives, strlen(r->gives), NULL);
		end_media(o);
	} else if (r->answer == ANSWER_LIST) {
		put_media(o, "application/json");
		put_page(o, r->gives);
		json_close(o, '}');
		json_key(o, "text/csv");
		json_open(o, '{');
		json_key(o, "schema");
		put_plain(o, "string", 6, false, NULL);
		end_media(o);
	} else if (r->answer == ANSWER_BYTES || r->answer == ANSWER_EVENTS) {
		put_media(o,
		    r->answer == ANSWER_EVENTS ? "text/event-stream"
					       : r->gives);
		put_plain(o, "string", 6, false, NULL);
		end_media(o);
	}
	json_close(o, '}');
}

static void
put_route(struct out *o, const struct route *r)
{
	char id[160], lower[16];
	size_t n = 0;

	for (; r->method[n] != '\0'; n++)
		lower[n] = (char)(r->method[n] | 0x20);
	lower[n] = '\0';
	(void)snprintf(id, sizeof(id), "%s%s", lower, r->path);
	for (char *c = id; *c != '\0'; c++)
		if (strchr("/{}.", *c) != NULL)
			*c = '_';
	json_key(o, lower);
	json_open(o, '{');
	json_text(o, "operationId", id);
	json_text(o, "summary", r->summary);
	json_key(o, "tags");
	json_open(o, '[');
	json_item(o);
	json_put_string(o, span_text(r->tag));
	json_close(o, ']');
	json_text(o, "x-role", access_name(r->access));
	put_parameters(o, r);
	put_body(o, r);
	json_key(o, "responses");
	json_open(o, '{');
	put_good(o, r);
	json_key(o, "default");
	put_ref(o, "responses", "Error", 5, NULL);
	json_close(o, '}');
	if (r->access == ACCESS_PUBLIC) {
		json_key(o, "security");
		json_open(o, '[');
		json_close(o, ']');
	}
	json_close(o, '}');
}

/* The path as OpenAPI has it: "{name...}" is "{name}". */
static void
put_path(struct out *o, const char *path)
{
	char text[160];
	size_t n = 0;

	if (strcmp(path, "/healthz") != 0 && strcmp(path, "/metrics") != 0)
		n = (size_t)snprintf(text, sizeof(text), "/api/v1");
	for (; *path != '\0' && n + 1 < sizeof(text); path++)
		if (*path != '.' || path[1] == 'j')
			text[n++] = *path;
	text[n] = '\0';
	json_key(o, text);
}

static void
put_paths(struct out *o)
{
	json_key(o, "paths");
	json_open(o, '{');
	for (uint32_t i = 0; i < n_routes; i++) {
		bool first = true;

		for (uint32_t k = 0; k < i; k++)
			first &= strcmp(routes[k].path, routes[i].path) != 0;
		if (!first)
			continue;
		put_path(o, routes[i].path);
		json_open(o, '{');
		for (uint32_t k = i; k < n_routes; k++)
			if (strcmp(routes[k].path, routes[i].path) == 0)
				put_route(o, &routes[k]);
		json_close(o, '}');
	}
	json_close(o, '}');
}

static void
put_components(struct out *o)
{
	json_key(o, "components");
	json_open(o, '{');
	json_key(o, "securitySchemes");
	out_text(o,
	    "{\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":"
	    "\"" COOKIE "\"},\"token\":{\"type\":\"http\",\"scheme\":"
	    "\"bearer\"}}");
	o->comma = true;
	json_key(o, "responses");
	json_open(o, '{');
	json_key(o, "Error");
	json_open(o, '{');
	json_text(o, "description", "What went wrong");
	put_media(o, "application/json");
	put_ref(o, "schemas", "Error", 5, NULL);
	end_media(o);
	json_close(o, '}');
	json_close(o, '}');
	json_key(o, "schemas");
	json_open(o, '{');
	for (uint32_t i = 0; i < n_schemas; i++)
		put_schema(o, &schemas[i]);
	json_close(o, '}');
	json_close(o, '}');
}

static void
put_tags(struct out *o)
{
	json_key(o, "tags");
	json_open(o, '[');
	for (uint32_t i = 0; i < n_routes; i++) {
		bool first = true;

		for (uint32_t k = 0; k < i; k++)
			first &= strcmp(routes[k].tag, routes[i].tag) != 0;
		if (!first)
			continue;
		json_item(o);
		json_open(o, '{');
		json_text(o, "name", routes[i].tag);
		json_close(o, '}');
	}
	json_close(o, ']');
}

void
h_openapi(struct request *rq)
{
	struct out *o = rq->out;

	json_open(o, '{');
	json_text(o, "openapi", "3.1.0");
	json_key(o, "info");
	json_open(o, '{');
	json_text(o, "title", "Sightglass");
	json_text(o, "version", rq->server->config.version);
	json_text(o, "description",
	    "Security sensor for industrial networks. Lists take where (the "
	    "language of conditions), sort, fields, limit, cursor and "
	    "format=csv; writes made with a session need X-CSRF-Token.");
	json_close(o, '}');
	json_key(o, "servers");
	out_text(o, "[{\"url\":\"/\"}]");
	o->comma = true;
	put_tags(o);
	put_paths(o);
	put_components(o);
	json_key(o, "security");
	out_text(o, "[{\"session\":[]},{\"token\":[]}]");
	o->comma = true;
	json_close(o, '}');
}
