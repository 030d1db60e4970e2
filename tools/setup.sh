#!/bin/sh
# Installs, with apt-get, every Debian package that building and testing cpuagg needs.
#
#   tools/setup.sh          what `bazel run` and `bazel test` need
#   tools/setup.sh --lint   also what .ci/run needs for sanitizers, format and lint, and what .ci/fuzz needs
#   tools/setup.sh --browser   also the browser in which a test opens the page of a report
#   tools/setup.sh --fleet   also the servers that the tests of pushing talk to
#   tools/setup.sh --machines   also what //packaging:boot_test and .ci/other_machines need
#
# Does nothing and prints nothing if everything is already installed.
set -eu

build_packages="
  bazel-bootstrap g++ pkg-config
  libabsl-dev libprotobuf-dev protobuf-compiler libcurl4-openssl-dev
  libcairo2-dev libpango1.0-dev libfontconfig-dev libutf8proc-dev fonts-dejavu-core
  nlohmann-json3-dev libcli11-dev zlib1g-dev libisal-dev liblzma-dev libzstd-dev libbz2-dev libsnappy-dev
  ca-certificates
  libgtest-dev libgmock-dev libbenchmark-dev libcpp-httplib-dev libpng-dev libssl-dev openssl
  python3-python-telegram-bot
  acct logrotate xz-utils zstd bzip2 strace jq
  dpkg-dev systemd zsh fish"
lint_packages="shellcheck clang-format clang-tidy nodejs npm clang libclang-rt-14-dev lld llvm mandoc sqlite3 python3-protobuf"
browser_packages="chromium"
fleet_packages="victoria-metrics prometheus prometheus-node-exporter"
machine_packages="debootstrap e2fsprogs qemu-system-x86 qemu-user-static"

packages=$build_packages
case "${1:-}" in
  "") ;;
  --browser) packages="$build_packages $browser_packages" ;;
  --fleet) packages="$build_packages $fleet_packages" ;;
  --machines) packages="$build_packages $machine_packages" ;;
  --lint)
    packages="$build_packages"
    # Another Node.js than Debian's is sufficient, and the two cannot always be installed together.
    for package in $lint_packages; do
      case $package in
        nodejs) command -v node >/dev/null || packages="$packages nodejs" ;;
        npm) command -v npm >/dev/null || packages="$packages npm" ;;
        *) packages="$packages $package" ;;
      esac
    done ;;
  *)
    echo "tools/setup.sh: unknown argument '$1'; --lint, --browser, --fleet and --machines are known" >&2
    exit 2 ;;
esac

missing=""
for package in $packages; do
  status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "tools/setup.sh: these packages are missing:$missing" >&2
    echo "tools/setup.sh: run it as root, or install sudo" >&2
    exit 1
  fi
  as_root="sudo"
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt_get() {
  if ! $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@" >"$log" 2>&1; then
    cat "$log" >&2
    echo "tools/setup.sh: apt-get $1 failed; its output is above" >&2
    exit 1
  fi
}

echo "tools/setup.sh: installing$missing" >&2
apt_get update
# shellcheck disable=SC2086  # one word per package is what is meant
apt_get install --no-install-recommends $missing
echo "tools/setup.sh: done" >&2
