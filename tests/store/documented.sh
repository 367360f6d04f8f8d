#!/bin/bash
# documented.sh SCHEMA PAGE: every table, column and view of the schema is on
# the page under its table, and nothing else is.
set -euo pipefail
export LC_ALL=C

schema()
{
	awk '/^CREATE TABLE/ { table = $3; next }
		/^CREATE VIEW/ { print "view " $3 }
		/^\)/ { table = "" }
		/^ALTER TABLE .* ADD COLUMN/ { print $3 "." $6 }
		table && /^\t[a-z]/ { print table "." $1 }' "$1"
}

page()
{
	awk '/^### / { table = $2; next }
		/^## Views/ { views = 1 }
		/^## / { table = "" }
		views && /^\| `v_/ { gsub(/`/, "", $2); print "view " $2 }
		table && /^\| `/ { gsub(/`/, "", $2); print table "." $2 }' "$1"
}

diff <(schema "$1" | sort) <(page "$2" | sort) && [ "$(schema "$1" | wc -l)" -gt 200 ]
