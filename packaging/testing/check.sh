# check.sh: what the tests of packaging/ say. To be sourced.
# shellcheck shell=bash

failures=0

# failed WORD...: goes on, so that one run shows all that is wrong.
failed() {
  echo "FAILED: $*" >&2
  failures=$((failures + 1))
}

# expect_equal WHAT EXPECTED ACTUAL
expect_equal() {
  [ "$2" = "$3" ] || failed "$1:
$(diff --label expected --label actual -u <(printf '%s\n' "$2") <(printf '%s\n' "$3"))"
}

# expect_ok COMMAND...
expect_ok() {
  local output
  output=$("$@" 2>&1) || failed "$* gave $?:
$output"
}

# skip WORD...: ends the test, which says nothing on this machine.
skip() {
  echo "SKIPPED: $*"
  exit 0
}

finish() {
  [ "$failures" = 0 ] || exit 1
  echo "all as it should be"
}

TEST_TMPDIR=${TEST_TMPDIR:-$(mktemp -d)}
