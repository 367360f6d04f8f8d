"""schema: as much of JSON Schema (2020-12) as the API's document uses."""
import datetime
import re

TIME = re.compile(r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$')
TYPES = {
    'string': lambda v: isinstance(v, str),
    'integer': lambda v: isinstance(v, int) and not isinstance(v, bool),
    'number': lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    'boolean': lambda v: isinstance(v, bool),
    'object': lambda v: isinstance(v, dict),
    'array': lambda v: isinstance(v, list),
    'null': lambda v: v is None,
}


def flaws(document, schema, value, where='$'):
    """sentences about where the value does not fit"""
    if '$ref' in schema:
        at = document
        for part in schema['$ref'].lstrip('#/').split('/'):
            at = at[part]
        return flaws(document, at, value, where)
    if 'oneOf' in schema:
        tried = [flaws(document, s, value, where) for s in schema['oneOf']]
        return [] if any(not t for t in tried) else tried[0]
    found = []
    kinds = schema.get('type')
    if kinds is not None:
        kinds = [kinds] if isinstance(kinds, str) else kinds
        if not any(TYPES[k](value) for k in kinds):
            return ['%s is %r, not %s' % (where, value, ' or '.join(kinds))]
    if schema.get('format') == 'date-time' and isinstance(value, str):
        if not TIME.match(value):
            found.append('%s is no time: %r' % (where, value))
        else:
            datetime.datetime.fromisoformat(value[:19])
    if isinstance(value, list) and 'items' in schema:
        for i, item in enumerate(value):
            found += flaws(document, schema['items'], item, '%s[%d]' % (where, i))
    if isinstance(value, dict):
        known = schema.get('properties', {})
        for name in schema.get('required', []):
            if name not in value:
                found.append('%s has no %s' % (where, name))
        more = schema.get('additionalProperties', True)
        for name, member in value.items():
            if name in known:
                found += flaws(document, known[name], member, where + '.' + name)
            elif more is False:
                found.append('%s has %s, which is not documented' % (where, name))
            elif isinstance(more, dict):
                found += flaws(document, more, member, where + '.' + name)
    return found
