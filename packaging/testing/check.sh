# check.sh: assertions for the tests of packaging/. Source it.
# shellcheck shell=bash

failures=0

# failed WORD...: reports a failure and continues, so that one run shows all of them.
failed() {
  echo "FAILED: $*" >&2
  failures=$((failures + 1))
}

# expect_equal WHAT EXPECTED ACTUAL: reports a failure if they differ.
expect_equal() {
  [ "$2" = "$3" ] || failed "$1:
$(diff --label expected --label actual -u <(printf '%s\n' "$2") <(printf '%s\n' "$3"))"
}

# expect_ok COMMAND...: reports a failure if the command fails.
expect_ok() {
  local output
  output=$("$@" 2>&1) || failed "$* gave $?:
$output"
}

# skip WORD...: ends the test, which cannot run on this machine.
skip() {
  echo "SKIPPED: $*"
  exit 0
}

finish() {
  [ "$failures" = 0 ] || exit 1
  echo "all as it should be"
}

TEST_TMPDIR=${TEST_TMPDIR:-$(mktemp -d)}
