#!/bin/bash
# directory.sh SIGHTGLASS PLAY: the running sensor asks an LDAP directory:
# switched on and off while it runs, its process killed.
. "$(dirname "$0")/lib.sh"

command -v slapd >/dev/null || {
	echo "no slapd here: skipped"
	exit 77
}
pair out mirror
conf=$dir/sightglass.conf
printf 'keep.packets = 0\nweb.port = 18444\n[port mirror]\nname = Hall\n' >"$conf"
start -c "$conf"
within 5 watching
ok "starts" $?
within 5 logged "one-time secret"
mkdir "$dir/ldap"
in_ns python3 "$top/tests/live/directory_api.py" "$bin" "$dir" "$sensor" 18444 \
	"$(sed -n 's/.*one-time secret \([A-Z0-9-]*\).*/\1/p' "$dir/log" | head -1)"
ok "people of a directory sign in" $?
! grep -q 'SYS\|tried what it may not' "$dir/log"
ok "nobody did what it may not" $?
stop
ok "ends" $?

done_all
