#!/bin/sh
# Draws docs/chart.png, the picture in the README, from the bundled history.
set -eu
cd "$(dirname "$0")/.."
bazel build //tools:cpuagg
HOST_NAME=lab01 TZ=UTC bazel-bin/tools/cpuagg report --passwd testdata/lab/passwd \
  --ignore-user root --chart docs/chart.png testdata/lab/pacct* >/dev/null
