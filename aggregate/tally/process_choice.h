// ProcessChoice: which processes were asked for, by what the record of each says.
//
//   ProcessChoice choice{.signal = SIGSEGV, .min_cpu = absl::Hours(1)};
//   choice.Takes(record)

#ifndef CPUAGG_AGGREGATE_TALLY_PROCESS_CHOICE_H_
#define CPUAGG_AGGREGATE_TALLY_PROCESS_CHOICE_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "acct/record/exit_code.h"
#include "acct/record/units.h"

namespace cpuagg::aggregate {

// What is not set takes every process.
struct ProcessChoice {
  static constexpr uint32_t kAnySignal = 0;

  std::optional<uint32_t> pid = std::nullopt;
  std::optional<uint32_t> parent = std::nullopt;
  std::vector<acct::Gid> groups = {};             // empty: all
  std::optional<uint16_t> tty = std::nullopt;     // the device; 0: none
  std::optional<uint32_t> status = std::nullopt;  // of processes that no signal ended
  std::optional<uint32_t> signal = std::nullopt;  // which ended them, or kAnySignal
  bool has_failed = false;                        // a status other than 0, or a signal
  uint8_t flags = 0;                              // of acct/record/exit_code.h, all of them
  absl::Duration min_cpu = absl::ZeroDuration();
  absl::Duration min_elapsed = absl::ZeroDuration();
  uint64_t min_memory_kib = 0;
  std::optional<absl::Time> at = std::nullopt;  // it had begun, and did not end before

  bool takes_all() const {
    return !pid.has_value() && !parent.has_value() && groups.empty() && !tty.has_value() &&
           !status.has_value() && !signal.has_value() && !has_failed && flags == 0 &&
           min_cpu == absl::ZeroDuration() && min_elapsed == absl::ZeroDuration() &&
           min_memory_kib == 0 && !at.has_value();
  }

  // `Record` is a RecordV3View or a RecordView. Records of versions without process ids have none
  // that was asked for.
  template <typename Record>
  bool Takes(const Record& record) const {
    const uint32_t ended_by = acct::SignalOf(record.exit_code());
    const bool is_right_end =
        (!status.has_value() || (ended_by == 0 && acct::StatusOf(record.exit_code()) == *status)) &&
        (!signal.has_value() || (*signal == kAnySignal ? ended_by != 0 : ended_by == *signal)) &&
        (!has_failed || ended_by != 0 || acct::StatusOf(record.exit_code()) != 0);
    return is_right_end && (!pid.has_value() || record.pid() == pid) &&
           (!parent.has_value() || record.ppid() == parent) &&
           (groups.empty() ||
            std::find(groups.begin(), groups.end(), record.gid()) != groups.end()) &&
           (!tty.has_value() || record.tty() == *tty) && (record.flags() & flags) == flags &&
           record.memory_kib() >= min_memory_kib && IsLongEnough(record) && RanThen(record);
  }

 private:
  // Ticks are compared in the unit of the record.
  template <typename Record>
  bool IsLongEnough(const Record& record) const {
    const auto has = [&](uint64_t ticks, absl::Duration least) {
      return absl::Seconds(static_cast<int64_t>(ticks)) >=
             least * static_cast<int64_t>(record.rate());
    };
    return (min_cpu == absl::ZeroDuration() ||
            has(record.user_ticks() + record.system_ticks(), min_cpu)) &&
           (min_elapsed == absl::ZeroDuration() ||
            (record.has_valid_elapsed() && has(record.elapsed_ticks(), min_elapsed)));
  }

  template <typename Record>
  bool RanThen(const Record& record) const {
    return !at.has_value() || (absl::FromUnixSeconds(record.begin_time()) <= *at &&
                               absl::FromUnixSeconds(record.end_hundredths() / 100) >= *at);
  }
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_TALLY_PROCESS_CHOICE_H_
