#!/bin/bash
# split_symbols.sh BINARY STRIPPED SYMBOLS: writes the binary without its symbols, and the symbols
# alone. Both have the binary's build id, by which a debugger finds the symbols.
set -euo pipefail
binary=$1 stripped=$2 symbols=$3

objcopy --only-keep-debug "$binary" "$symbols"
strip --strip-unneeded --remove-section=.comment -o "$stripped" "$binary"
objcopy --add-gnu-debuglink="$symbols" "$stripped"
