#!/bin/bash
# drops.sh SIGHTGLASS PLAY: what an interface says of frames it did not hand
# over is read and shown; a port that lost none is not accused, though the
# kernel counts tagged frames as dropped after the sensor had them.  What is
# sent to an ifb by itself is dropped, and counted as received and dropped.
. "$(dirname "$0")/lib.sh"

pair out mirror
in_ns ip link add ifb0 type ifb 2>/dev/null || {
	echo "no ifb here: skipped"
	exit 77
}
start -i ifb0 -i mirror --set web=off --set keep.packets=0
within 10 watching
of() { live ports "\$.ports[$1].$2"; }
kernel() { in_ns cat "/sys/class/net/$1/statistics/rx_dropped"; }
before=$(kernel ifb0)
in_ns "$play" ifb0 "$sample" 2000 300 >/dev/null
in_ns "$play" out "$sample" 2000 2000 >/dev/null
dropped=$(($(kernel ifb0) - before))
[ "$dropped" -ge 300 ]
ok "the driver drops: $dropped" $?
counted() { [ "$(of 0 unwanted)" -ge "$dropped" ] && [ "$(of 1 frames)" -ge 2000 ] && [ "$(of 1 unwanted)" = "$(kernel mirror)" ]; } 2>/dev/null
within 4 counted
ok "what it dropped is read: $(of 0 unwanted) of $dropped" $?
[ "$(of 1 unwanted)" -gt 0 ] && [ "$(of 1 missed) $(of 1 dropped) $(of 1 frames)" = "0 0 2000" ]
ok "the port that lost none has all frames, though the kernel says $(of 1 unwanted) were dropped" $?
[ "$(sql "SELECT count(*) FROM live, json_each(live.json) AS p, json_each(p.value, '$.findings') AS f WHERE live.key = 'mirror' AND json_extract(f.value, '$.name') LIKE '%-drops'")" = 0 ]
ok "and is not accused" $?
[ "$(live ports '$.ports[1].card.rx_queue_drops')" = 0 ]
ok "its driver's own counters are read, too: $(live ports '$.ports[1].card')" $?
stop
ok "ends with 0" $?
done_all
