#!/bin/bash
# config.sh BUILD_DIR|BINARY: the configuration file as its writers meet it.
. "$(dirname "$0")/lib.sh"

cat >good.conf <<'END'
# a comment
web.port = 9443      # and one after a value
keep.evidence = 10G
tcp.overlap = last
[port eth1.100]
name = "Cell # 3"
kind = erspan
erspan.7 = Press shop
[general]
web.address = ::1
port.eth2.kind = tap-rx
port.eth1.100.rspan.vlan = 900
END
runs "good file" 0 check-config good.conf
says out "nothing is wrong with it, 2 ports"
empty err
runs "shown" 0 check-config --show good.conf
cp out shown.conf
says out 'web.port = "9443"'
says out 'keep.evidence = "10737418240"'
says out 'name = "Cell # 3"'
says out 'erspan.7 = "Press shop"'
says out 'rspan.vlan = 900'
lacks out flows.max
runs "shown again" 0 check-config --show shown.conf
cmp -s out shown.conf
ok "what is shown reads the same" $?

wrong() { # LINE TEXT WHAT-IS-SAID
	printf '# first\n%s\n' "$2" >bad.conf
	runs "wrong: $2" 1 check-config bad.conf
	says err "bad.conf:$1: "
	says err "$3"
	empty out
}
wrong 2 'web.prot = 1' 'did you mean web.port?'
wrong 2 'web.port = 0' 'must be a number from 1 to 65535'
wrong 2 'web.port = 70000' 'must be a number from 1 to 65535'
wrong 2 'web.port' 'must be key = value'
wrong 2 'mode = learn' 'must be learning, dynamic or operational'
wrong 2 'vendors = /nowhere/at/all' 'no such folder'
wrong 2 'web.certificate = /nowhere' 'no such file'
wrong 2 '[ports eth1]' 'no such section'
wrong 2 '[port eth1' 'a section ends in ]'
wrong 2 '[port a/b]' "cannot be an interface's name"
wrong 2 'web.address = "::1' 'the quote is not closed'
wrong 2 'state =' 'must not be empty'
wrong 3 "[port eth1]
kind = rspann" 'did you mean rspan?'
wrong 3 "[port eth1]
rspan.vlan = 4095" 'from 1 to 4094'
wrong 3 "[port eth1]
erspan.1024 = x" 'from 0 to 1023'
wrong 3 "[port eth1]
nmae = x" 'did you mean name?'
wrong 2 "$(printf 'x%.0s' {1..600})" 'too long, or not text'
printf 'web.prot = 1\nweb.port = 2\nflow.max = 3\n' >bad.conf
runs "two wrong" 1 check-config bad.conf
says err bad.conf:1:
says err bad.conf:3:
lacks err bad.conf:2:
runs "no such file" 1 check-config nowhere.conf
says err "nowhere.conf: No such file"

# --- the page of the manual is the table
page=$here/../../docs/configuration.md
runs "page" 0 check-config --page
sed '1,/^<!-- made by/d' "$page" | cmp -s - out
ok "docs/configuration.md is not what check-config --page says" $?

# --- what people set while it runs, here of a state without a sensor
runs "no state yet" 0 settings set -S sst keep.alerts=180 keep.evidence=10G
says out "keep.alerts: 180 (was as in the file)"
grep -q '^keep.alerts = "180"$' sst/settings.conf
ok "is written for the next start" $?
runs "list" 0 settings -S sst
says out "as in the file"
says out "1 to 36500 days; at first 90"
runs "set again" 0 settings set -S sst keep.alerts=90 flows.max=1000
says out "keep.alerts: 90 (was 180)"
says out "flows.max: 1000 (was as in the file); counts when the sensor is started again"
runs "reset" 0 settings reset -S sst keep.alerts flows.max
says out "keep.alerts: as in the file (was 90)"
same "what is left" "$(cat sst/settings.conf)" 'keep.evidence = "10G"'
cp sst/settings.conf left.conf
for pair in keep.alerts=0 keep.alerts=x keep.alert=9 log.level=loud web.port=1 \
	state=/tmp user=root keep.alerts= ; do
	case $pair in
	keep.alerts=) runs "$pair is reset" 0 settings set -S sst $pair ;;
	*)
		runs "$pair" 2 settings set -S sst keep.timeline=7 $pair
		cat err >>wrong
		;;
	esac
done
what="wrong settings"
says wrong "from 1 to 36500"
says wrong "did you mean keep.alerts"
says wrong "must be error, info or debug"
says wrong "web.port is set in the configuration file only"
says wrong "user is set in the configuration file only"
cmp -s sst/settings.conf left.conf
ok "what is wrong changes nothing of it" $?
runs "timeline" 0 timeline -S sst --where 'what = setting'
says out "180, was as in the file"

echo "config: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
