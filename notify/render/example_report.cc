#include "notify/render/example_report.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "acct/record/units.h"
#include "acct/scan/byte_account.h"

namespace cpuagg::notify {

using aggregate::Report;

aggregate::ReportRow Row(uint32_t uid, std::optional<std::string> name, uint64_t user_ticks) {
  return {
      .uid = acct::Uid(uid),
      .user = std::move(name),
      .usage = {
          .processes = 1234,
          .ticks = {.user = user_ticks, .system = 7, .elapsed = 100, .largest_cpu = user_ticks / 2},
          .memory_kib = 2468000,
          .io = 5,
          .minor_faults = 6,
          .major_faults = 8,
          .largest_memory_kib = 4096}};
}

Report Example() {
  Report report;
  report.host = "lab01";
  report.source = "pacct";
  report.period = {.begin = absl::FromUnixSeconds(1'800'000'000),
                   .end = absl::FromUnixSeconds(1'800'003'600)};
  FillRows({Row(1001, "alice", 360'000), Row(1003, "carolinelongname", 10'000),
            Row(1005, std::nullopt, 1), Row(1006, std::nullopt, 0), Row(0, "root", 500)},
           {.top = 3, .ignored_users = {"root"}}, report);
  acct::ByteAccount input;
  input.name = "pacct";
  input.bytes = 64 * 10 + 5;
  input.records = 8;
  input.trailing_bytes = 5;
  input.AddSkipped(128, 256, acct::SkipReason::kZeros);
  report.inputs = {input};
  report.gaps = {{.period = report.period, .reason = "the file is gone"}};
  return report;
}

}  // namespace cpuagg::notify
