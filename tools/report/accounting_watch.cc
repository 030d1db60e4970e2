#include "tools/report/accounting_watch.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/kernel/accounting_pause.h"
#include "acct/kernel/accounting_probe.h"
#include "acct/kernel/process_table.h"
#include "acct/scan/byte_account.h"
#include "aggregate/running/accounting_state.h"

namespace cpuagg::tools {
namespace {

// Whether the last record is old enough to be suspicious.
bool IsOld(absl::Time last_end, absl::Time asked_end) {
  constexpr absl::Duration kLong = absl::Hours(1);
  if (last_end + kLong < asked_end) return true;
  const absl::StatusOr<int64_t> boot_time = acct::ReadBootTime("/proc");
  return boot_time.ok() && last_end < absl::FromUnixSeconds(*boot_time) &&
         absl::FromUnixSeconds(*boot_time) < asked_end;
}

}  // namespace

void FindAccountingOff(const CommandContext& context, const aggregate::Period& asked,
                       aggregate::Report& report) {
  // If the file holds something else, the kernel should not write to it.
  const bool holds_other_bytes =
      !report.known.has_value() &&
      std::any_of(report.inputs.begin(), report.inputs.end(),
                  [](const acct::ByteAccount& input) { return input.bytes > 0; });
  if (holds_other_bytes) return;
  const absl::Time last_end = report.known.has_value() ? report.known->end : absl::InfinitePast();
  if (!IsOld(last_end, std::min(asked.end, context.now))) return;
  const std::string path = context.AccountingFile();
  const absl::StatusOr<bool> grows = acct::GrowsWhenAProcessEnds(path);
  // The file may be missing after a rotation that did not turn accounting on again.
  const bool is_off = grows.ok() ? !*grows : absl::IsNotFound(grows.status());
  if (!is_off) return;
  SetAccountingOff({last_end, aggregate::AccountingRemedy(path, acct::kAccountingLimits)}, asked,
                   context.now, report);
}

}  // namespace cpuagg::tools
