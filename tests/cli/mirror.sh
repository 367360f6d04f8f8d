#!/bin/sh
# mirror.sh BUILD_DIR|BINARY - sightglass mirror: the verdict of what was read,
# plans for every method and make, and a plan beside what arrives.  Ends with
# "mirror: N passed, N failed".
. "$(dirname "$0")/lib.sh"
plant=$here/../../samples/plant.pcapng

# --- the verdict
runs "no state" 1 mirror --state none
says err "no state of Sightglass here"
runs "read" 0 read -q --state st "$plant"
runs "show" 0 mirror --state st
says out "good"
says out "modbus"
says out "VLANs: 30 100"
runs "show as JSON" 0 mirror --state st --format json
says out '"type":"mirror"'
says out '"verdict":"good"'
runs "mistyped" 2 mirror shwo --state st
says err "did you mean show?"

# --- plans: each method with each make is filled in whole, or refused
plans=0
for m in span rspan erspan tap tap-two esxi hyper-v; do
	for k in cisco-ios cisco-ios-xe cisco-nx-os hirschmann scalance moxa \
		aruba-cx procurve juniper huawei vmware microsoft garland ixia \
		us-robotics any-tap; do
		what="plan $m $k"
		"$bin" mirror plan --method $m --make $k --source 1/1,1/2 \
			--destination 1/9 --remote-vlan 900 --to 10.1.0.1/24 \
			--from 10.2.0.2 --machine vm1 >out 2>err
		case $? in
		0) plans=$((plans + 1)) ;;
		*)
			says err "nothing is known of $m"
			continue
			;;
		esac
		lacks out "{"
		says out "kind = ${m%-two}"
		case $m in
		span) says out 1/9 && says out 1/1 ;;
		rspan) says out 900 && says out "rspan.vlan = 900" ;;
		erspan) says out 10.1.0.1 && says out "address = 10.1.0.1/24" ;;
		esxi) says out promiscuous=true && says out vlan-id=4095 ;;
		hyper-v) says out "MonitorMode = 2" ;;
		esac
	done
done
[ "$plans" -ge 30 ]
ok "plans: only $plans" $?

plan() { # WHAT STATUS ARGUMENT...
	what=$1 want=$2
	shift 2
	runs "$what" "$want" mirror plan "$@"
}
plan "directions" 0 --method span --make juniper --source ge-0/0/1,ge-0/0/2 \
	--destination ge-0/0/9 --direction both
says out "ingress interface ge-0/0/1"
says out "egress interface ge-0/0/2"
says out "receive (rx) only"
plan "receive only" 0 --method span --make juniper --source ge-0/0/1 \
	--destination ge-0/0/9
lacks out "egress"
lacks out "receive (rx) only"
plan "multicast" 0 --method span --make juniper --source ge-0/0/1 \
	--destination ge-0/0/9 --multicast
says out "receive (rx) only"
plan "lines of one port together" 0 --method span --make huawei --source A1,A2 \
	--destination A9
sed -n '/^interface/,/quit/p' out | tr -d '\n' >lines
grep -q 'interface A1 port-mirroring to observe-port 1 inbound quitinterface A2' lines
ok "$what" $?
plan "one subnet" 0 --method erspan --make cisco-ios-xe --source 1/1 \
	--to 10.9.0.1/24 --management 10.9.0.7/24
says out "ARE in one subnet"
plan "two subnets" 0 --method erspan --make cisco-ios-xe --source 1/1 \
	--to 10.9.0.1/24 --management 10.8.0.7/24
lacks out "ARE in one subnet"
plan "JSON" 0 --method tap --make garland --format json
says out '"type":"plan"'
says out '"cable-cut"'

# --- and what cannot be carried out
plan "nothing said" 2
says err "needs --method and --make"
plan "no sources" 2 --method span --make moxa --destination 9
says err "--source PORTS"
plan "ports and VLANs" 2 --method span --make moxa --destination 9 --source 1 --vlan 2
says err "not both"
plan "no destination" 2 --method span --make moxa --source 1
says err "--destination"
plan "itself" 2 --method span --make moxa --source 1,9 --destination 9
says err "cannot be a source"
plan "no remote VLAN" 2 --method rspan --make cisco-ios --source 1 --destination 9
says err "--remote-vlan"
plan "VLAN of itself" 2 --method rspan --make cisco-ios --vlan 5-9 \
	--remote-vlan 7 --destination 9
says err "cannot be a source"
plan "no tunnel" 2 --method erspan --make cisco-nx-os --source 1
says err "--to ADDRESS/PREFIX"
plan "bad VLANs" 2 --method span --make moxa --vlan 5-x --destination 9
says err "no VLANs"
plan "a command in a port" 2 --method span --make moxa --source '1;reload' \
	--destination 9
says err "cannot be a port"
plan "mistyped" 2 --method spam --make moxa
says err "did you mean span?"

# --- somebody at a terminal is asked
python3 "$here/plan_pty.py" "$bin" >out 2>&1
ok "asked at a terminal: $(cat out)" $?

# --- a plan beside what arrives
"$bin" mirror plan --method span --make huawei --vlan 30,100 --destination G9 \
	--format json >plan.json
runs "as planned" 0 mirror check plan.json --state st
says out "VLAN 30 arrives"
lacks out "no      "
"$bin" mirror plan --method span --make huawei --vlan 30,31 --destination G9 \
	--format json >plan.json
runs "a VLAN is missing" 1 mirror check plan.json --state st
says out "VLAN 31 does not arrive"
"$bin" mirror plan --method erspan --make cisco-nx-os --source 1 --to 10.0.0.1/24 \
	--session 9 --format json >plan.json
runs "no such session" 1 mirror check plan.json --state st --format json
says out '"result":"no"'
runs "no plan" 1 mirror check "$plant" --state st
says err "is no plan"

# --- capture filters: what is left out, and how much that would be
runs "how much" 0 mirror filter 'vlan = 30' --state st
says out "it matches 3 of"
runs "how much, as JSON" 0 mirror filter 'port = 502' --state st --format json
says out '"type":"filter","conversations":2'
runs "what a flow does not have" 2 mirror filter 'op = 5' --state st
says err "cannot ask for op"
runs "no condition" 2 mirror filter --state st
says err "needs a condition"
convs() { # OPTION...: conversations of what is read
	"$bin" read -q --format json "$@" "$plant" | grep -c '"type":"conversation"'
}
all=$(convs)
less=$(convs --set 'filter.exclude=vlan = 30')
same "excluded" "$less" "$((all - 3))"
same "included" "$(convs --set 'filter.include=vlan = 30')" 3
same "neither" "$(convs --set 'filter.include=vlan = 30' --set 'filter.exclude=port = 20000')" 2
runs "a filter that is none" 1 read -q --set 'filter.exclude=op = 5' "$plant"
says err "filter.exclude"
printf "type,value,comment\nip,10.20.0.13,test\n" >bad.csv
# what is left out is searched for malware
"$bin" read -q --format json --set malware.indicators=bad.csv --set 'filter.exclude=client = 10.20.0.50' "$plant" >out 2>err
grep -q '"id":"listed-address"' out
ok "malware in what is left out" $?
! grep -q '"id":"s7-stop"' out
ok "an alert in what is left out" $?

echo "mirror: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
