#include "aggregate/collect/spread_window.h"

#include "aggregate/running/accounting_state.h"

namespace cpuagg::aggregate {

SpreadWindow WindowSince(const Snapshot* last, absl::Time now) {
  SpreadWindow window = {.now = absl::ToUnixSeconds(now)};
  if (last == nullptr) return window;
  const SnapshotHeader& header = last->header;
  const bool is_known = header.accounting.kind == AccountingState::Kind::kOn ||
                        (header.counts_running && !header.accounting.seems_off());
  if (is_known) window.since = absl::ToUnixSeconds(header.captured_at);
  return window;
}

}  // namespace cpuagg::aggregate
