# lib.sh - what the tests of asking share: sourced with the arguments of the
# script, SIGHTGLASS ...  Goes to a fresh folder; what is in pids is ended.
bin=$(realpath "$1") here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d) passed=0 failed=0 pids=
cd "$work"
trap 'kill $pids 2>/dev/null; wait; rm -rf "$work"' EXIT

ok() # NAME STATUS
{
	if [ "$2" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $1"
	fi
}
