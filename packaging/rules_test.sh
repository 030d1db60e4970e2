#!/bin/bash
# When each alert for Prometheus fires, and what the recording rules add up: by promtool.
set -eu
cd packaging/prometheus
if ! command -v promtool >/dev/null; then
  echo 'skipped: promtool is not installed (tools/setup.sh --fleet)'
  exit 0
fi
promtool check rules cpuagg.rules.yml
promtool test rules cpuagg.rules_test.yml
# Each alert has a case.
mapfile -t alerts < <(sed -n 's/^ *- alert: //p' cpuagg.rules.yml)
for alert in "${alerts[@]}"; do
  grep -q "alertname: $alert\$" cpuagg.rules_test.yml || { echo "no case for $alert"; exit 1; }
done
