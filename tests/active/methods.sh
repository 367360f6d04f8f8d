#!/bin/bash
# methods.sh SIGHTGLASS: each method that has no real stack in Debian against a
# station of our own (stations.py), and TLS against OpenSSL: what it says is
# decoded right.  All at once, each with a state of its own.
set -uo pipefail
. "$(dirname "$0")/lib.sh"

methods="enip-identity s7-identity iec61850-identify opcua-endpoints dnp3-attributes melsec-cpu codesys-names \
	bacnet-identity fins-controller tls-certificate"
mapfile -t ports < <(python3 -c '
import socket
s = [socket.socket() for i in range(10)]
for x in s: x.bind(("127.0.0.1", 0)); print(x.getsockname()[1])')
declare -A port
n=0
for method in $methods; do
	port[$method]=${ports[$n]}
	n=$((n + 1))
	[ "$method" = tls-certificate ] || stations="${stations-} $method:${port[$method]}"
done
python3 "$here/stations.py" "$here/../proto" $stations >ready 2>stations.err &
pids=$!
if command -v openssl >/dev/null; then
	openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out pem -days 30 -subj "/O=Acme/CN=plc-web" 2>/dev/null
	openssl s_server -accept "127.0.0.1:${port[tls-certificate]}" -cert pem -key key -quiet >/dev/null 2>&1 &
	pids="$pids $!"
fi
timeout 20 sh -c 'until grep -q ready ready; do sleep 0.1; done'

for method in $methods; do
	(
		"$bin" active grant -S "$method" -m "$method" -r 127.0.0.1 -p "${port[$method]}" --owner test --reason test \
			--until "$(date -u -d '+30 days' +%F)" --station "$([ "$method" = dnp3-attributes ] && echo 10 || echo 0)" \
			>"$method.grant" 2>&1
		timeout 60 "$bin" active run -S "$method" >"$method.out" 2>&1
	) &
	asking="${asking-} $!"
done
wait $asking
says() # METHOD TRAIT TEXT
{
	grep -Eq "^127.0.0.1 +$2 +$3" "$1.out"
	ok "$1: no $2 $3: $(tail -3 "$1.out" | tr '\n' '|')" $?
}
for method in $methods; do
	[ "$method" = tls-certificate ] && ! command -v openssl >/dev/null && continue
	grep -q '^127.0.0.1        answered, ' "$method.out"
	ok "$method: $(cat "$method.grant"; tail -2 "$method.out" | tr '\n' '|')" $?
done
says enip-identity vendor 'Rockwell Automation'
says enip-identity firmware 20.013
says s7-identity order '6ES7 315-2EH13-0AB0'
says s7-identity firmware V2.6.0
says s7-identity serial 'S C-X4U421302009'
says iec61850-identify model FR-7
says iec61850-identify firmware 2.14.1
says opcua-endpoints application 'Line 1 server'
says opcua-endpoints certificate plc1
says dnp3-attributes model 'RTU 500'
says dnp3-attributes serial SN0042
says melsec-cpu model Q03UDECPU
says codesys-names vendor 3S
says codesys-names firmware 3.5.14.0
says bacnet-identity model EC-300
says bacnet-identity firmware 4.7.1
says fins-controller model CP1L-EL20DR-D
command -v openssl >/dev/null && says tls-certificate certificate plc-web
if command -v tshark >/dev/null; then
	for method in $methods; do
		! tshark -r "$method/asked.pcapng" -Y '_ws.malformed' 2>/dev/null | grep -q .
		ok "$method: tshark finds a malformed frame" $?
	done
fi
[ ! -s stations.err ]
ok "stations: $(tail -3 stations.err)" $?
echo "active methods: $passed passed, $failed failed"
[ $failed -eq 0 ]
