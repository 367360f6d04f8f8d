# lib.sh - what the tests of the command line share: sourced with the
# arguments of the script, BUILD_DIR|BINARY.  Goes to a fresh folder.
set -u
bin=${1:?usage: $0 BUILD_DIR|BINARY}
[ ! -d "$bin" ] || bin=$bin/sightglass
bin=$(cd "$(dirname "$bin")" && pwd)/sightglass
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
unset NO_COLOR COLUMNS
passed=0 failed=0

ok() { # WHAT, after the command whose status counts
	if [ "$2" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $1"
	fi
}

# runs WHAT STATUS ARGUMENT...: the status; output in out, complaints in err
runs() {
	what=$1 want=$2
	shift 2
	"$bin" "$@" >out 2>err </dev/null
	got=$?
	[ "$got" -eq "$want" ]
	ok "$what: status $got, not $want" $?
}
says() { # FILE TEXT: the last run said so
	grep -qF -e "$2" "$1"
	ok "$what: no '$2' in $1" $?
}
lacks() {
	! grep -qF -e "$2" "$1"
	ok "$what: '$2' in $1" $?
}
empty() {
	[ ! -s "$1" ]
	ok "$what: $1 is not empty" $?
}
same() { # WHAT HAVE WANT
	[ "$2" = "$3" ]
	ok "$1: '$2', not '$3'" $?
}
