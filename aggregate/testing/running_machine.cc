#include "aggregate/testing/running_machine.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <set>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "acct/record/units.h"
#include "aggregate/buckets/bucket_policy.h"
#include "aggregate/running/running.h"
#include "aggregate/running/running_sums.h"
#include "aggregate/running/usage_spread.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/usage.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate::testing {
namespace {

using acct::ProcessTable;
using acct::RunningProcess;
using acct::Uid;
using acct::testing::Draws;
using What = MachineStep::What;
using When = MachineStep::When;

constexpr size_t kMostProcesses = 8;

// Wherever time is subtracted, the records read now have at least as much. What is counted is in an
// hour since the last run and the first process of `beginnings`, up to this run, or in that of the
// end of a record.
void CheckGrowth(CommandBucketTable growth, const std::vector<ProcessExit>& exits,
                 const std::vector<int64_t>& beginnings, const SpreadWindow& window) {
  std::set<int64_t> ends = {HourOf(window.now)};
  for (const ProcessExit& exit : exits) {
    Usage& sums = growth[{exit.uid, HourOf(exit.end_time), exit.command}];
    sums.running_user += static_cast<int64_t>(exit.user_ticks);
    sums.running_system += static_cast<int64_t>(exit.system_ticks);
    ends.insert(HourOf(exit.end_time));
  }
  int64_t first = std::numeric_limits<int64_t>::max();
  for (const int64_t begin : beginnings) first = std::min(first, begin);
  for (const auto& [key, sums] : growth) {
    EXPECT_GE(sums.running_user, 0);
    EXPECT_GE(sums.running_system, 0);
    if (sums.running_user + sums.running_system == 0 || ends.contains(key.begin)) continue;
    EXPECT_GE(key.begin, HourOf(std::max(first, window.since)));
    EXPECT_LT(key.begin, window.now);
  }
}

// The time in the record of a process that used `ticks` according to /proc.
uint64_t Recorded(uint64_t ticks, Draws& draws) {
  return draws.Below(2) == 0 ? ticks : ticks * draws.Below(120) / 100;
}

void Use(RunningProcess& state, Draws draws) {
  if (state.is_ending) return;
  state.user_ticks += draws.Below(200);
  state.system_ticks += draws.Below(20);
  if (draws.Below(40) == 0) state.uid = Uid(1000 + draws.Below(3));
  if (draws.Below(40) == 0) state.command = std::string(1, static_cast<char>('a' + draws.Below(3)));
}

}  // namespace

bool RunningMachine::Play(const std::vector<Step>& steps, const acct::testing::Failures& failures) {
  for (auto step = steps.begin(); step != steps.end();) {
    const Step& now = *step++;
    if (now.what != What::kCollect) {
      Do(now);
      continue;
    }
    std::vector<Step> during[2];
    for (const When when : {When::kWhileListed, When::kWhileScanned}) {
      while (step != steps.end() && step->what != What::kCollect && step->when == when) {
        during[when == When::kWhileScanned].push_back(*step++);
      }
    }
    if (!Collect(now, during[0], during[1])) return false;
    if (failures.any()) break;
  }
  return true;
}

void RunningMachine::Do(const Step& step) {
  switch (step.what) {
    case What::kPass:
      uptime_ += step.amount;
      PassDay();
      return;
    case What::kUse:
      for (auto& [pid, process] : running_) Use(process.state, Draws(step.draw, process.number));
      return;
    case What::kBegin:
      return Begin(step);
    case What::kEndSlowly:
    case What::kLinger:
    case What::kEnd:
      return End(step);
    case What::kAccounting:
      is_accounting_ = step.amount != 0;
      return;
    case What::kSleep:
    case What::kSetClock:
    case What::kOtherDay:
      return MoveClock(step);
    case What::kReboot:
      return Reboot();
    case What::kCollect:
      return;
  }
}

// A process id is reused only after the kernel has used all others, and so not while /proc is read.
void RunningMachine::Begin(const Step& step) {
  const uint32_t pid = 1 + static_cast<uint32_t>(step.amount) % 20;
  if (running_.size() >= kMostProcesses || running_.contains(pid) || freed_.contains(pid)) return;
  Draws draws(step.draw);
  running_[pid] = {.number = static_cast<uint64_t>(step.amount),
                   .serial = serial_++,
                   .begin_uptime = uptime_,
                   .state = {.pid = pid,
                             .start_ticks = static_cast<uint64_t>((uptime_ + slept_) * kTicks),
                             .uid = Uid(1000 + draws.Below(3)),
                             .command = "begun"}};
}

// Some take their time, before their record is written or after that.
void RunningMachine::End(const Step& step) {
  const auto ended = running_.find(1 + static_cast<uint32_t>(step.amount) % 20);
  if (ended == running_.end() || ended->second.number != static_cast<uint64_t>(step.amount)) return;
  Process& process = ended->second;
  const bool was_ending = std::exchange(process.state.is_ending, true);
  if (!was_ending && step.what == What::kEndSlowly) return;
  if (!process.has_record) WriteRecord(process, step);
  if (!was_ending && step.what == What::kLinger) return;
  Remove(ended);
}

void RunningMachine::Remove(std::map<uint32_t, Process>::iterator process) {
  if (is_collecting_ && !is_scanned_) freed_.insert(process->first);
  running_.erase(process);
}

void RunningMachine::WriteRecord(Process& process, const Step& step) {
  process.has_record = true;
  if (!is_accounting_) return;
  Draws draws(step.draw);
  const int64_t begin = boot_time_ + process.begin_uptime + draws.Below(2);
  unread_.push_back({.serial = process.serial,
                     .boot = boot_,
                     .begin_uptime = process.begin_uptime,
                     .exit = {.pid = process.state.pid,
                              .begin_time = begin,
                              .end_time = begin + uptime_ - process.begin_uptime,
                              .uid = process.state.uid,
                              .command = CommandBitsOf(process.state.command),
                              .user_ticks = Recorded(process.state.user_ticks, draws),
                              .system_ticks = Recorded(process.state.system_ticks, draws)}});
  ended_with_record_.insert(process.serial);
}

void RunningMachine::MoveClock(const Step& step) {
  if (is_clock_left_alone_) return;
  if (step.what == What::kSleep) {
    // The elapsed time of a process does not include the time for which the machine slept.
    slept_ += step.amount;
    boot_time_ += step.amount;
    was_clock_moved_ = true;
    return;
  }
  // By minutes or hours; or to another day, and soon back. If the machine was also rebooted, it
  // cannot be known that a clock was set and set back.
  const bool has_rebooted = last_scan_.boot_id != std::to_string(boot_);
  if (error_ != 0 || (has_rebooted && clock_sets_ > 0)) return;
  if (step.what == What::kOtherDay) {
    if (has_rebooted) return;
    error_ = step.amount;
    error_left_ = static_cast<int64_t>(step.draw % 5);
  }
  SetClock(step.amount);
}

void RunningMachine::PassDay() {
  if (error_ == 0 || error_left_-- > 0 || is_clock_left_alone_) return;
  SetClock(-std::exchange(error_, 0));
}

void RunningMachine::SetClock(int64_t by) {
  boot_time_ += by;
  was_clock_moved_ = true;
  ++clock_sets_;
  // The clock is not set at the moment when a process already has a record and is still there.
  for (auto process = running_.begin(); process != running_.end();) {
    const auto next = std::next(process);
    if (process->second.has_record) Remove(process);
    process = next;
  }
}

void RunningMachine::Reboot() {
  // A run would not survive a reboot.
  if (is_collecting_ || error_ != 0 || clock_sets_ > 1) return;
  running_.clear();
  boot_time_ = Now() + 60;
  uptime_ = 20;
  slept_ = 0;
  ++boot_;
}

ProcessTable RunningMachine::Scan() const {
  ProcessTable table{.boot_id = std::to_string(boot_), .boot_time = boot_time_, .uptime = uptime_};
  for (const auto& [pid, process] : running_) {
    table.processes.push_back(process.state);
    table.processes.back().begin_time =
        boot_time_ - slept_ + static_cast<int64_t>(process.state.start_ticks) / kTicks;
  }
  return table;
}

bool RunningMachine::Collect(const Step& step, const std::vector<Step>& listed,
                             const std::vector<Step>& scanned) {
  PassDay();
  is_collecting_ = true;
  const size_t listed_records = unread_.size();
  for (const Step& during : listed) Do(during);
  freed_.clear();
  ProcessTable table = Scan();
  std::map<uint32_t, Process> shown = running_;
  if (hides_) {
    std::erase_if(shown, [&](const auto& entry) {
      return Draws(step.draw, entry.second.number).Below(3) == 0;
    });
    std::erase_if(table.processes, [&](const RunningProcess& p) { return !shown.contains(p.pid); });
    table.is_complete = false;
  }
  const bool was_moved = was_clock_moved_;
  // Without a table nothing is known about the clock.
  const bool has_table = was_moved || table.boot_id != last_scan_.boot_id || step.amount != 0;
  if (has_table) {
    was_clock_moved_ = false;
    clock_sets_ = 0;
  }
  is_scanned_ = true;
  is_clock_left_alone_ = !has_table;
  for (const Step& during : scanned) Do(during);
  is_scanned_ = is_collecting_ = is_clock_left_alone_ = false;
  for (size_t i = listed_records; i < unread_.size(); ++i) unread_[i].exit.after_scan = true;
  if (IsUnknowable(table, shown, was_moved)) return false;

  const absl::flat_hash_set<uint32_t> watched =
      PidsToWatch(baseline_, has_table ? &table : nullptr);
  std::vector<ProcessExit> exits;
  for (const Record& record : unread_) {
    if (watched.contains(record.exit.pid)) exits.push_back(record.exit);
  }
  unread_.clear();
  if (has_table) {
    if (!hides_) carried_.clear();
    for (const auto& [pid, process] : shown) {
      // A process that is ending when it is first seen counts only by its record.
      const RunningProcess& before = seen_[process.serial];
      const bool is_counted = before.user_ticks + before.system_ticks > 0;
      if (process.state.is_ending && !is_counted) continue;
      seen_[process.serial] = process.state;
      carried_[process.serial] = process;
    }
    last_scan_ = table;
  }
  RunningChanges changes;
  const SpreadWindow window = {.since = last_run_, .now = table.boot_time + table.uptime};
  last_run_ = window.now;
  UsageSpread spread(BucketPolicy(), window);
  UpdateRunning(has_table ? &table : nullptr, exits, spread, baseline_, changes);
  AddTo(changes_, changes);
  std::vector<int64_t> beginnings;
  for (const ProcessExit& exit : exits) beginnings.push_back(exit.begin_time);
  for (const RunningProcess& process : table.processes) beginnings.push_back(process.begin_time);
  CheckGrowth(changes.growth, exits, beginnings, window);
  for (const uint64_t serial : ended_with_record_) seen_.erase(serial);
  Sums expected;
  for (const auto& [serial, state] : seen_) {
    expected[{state.uid.value(), state.command}] +=
        static_cast<int64_t>(state.user_ticks + state.system_ticks);
  }
  std::erase_if(expected, [](const auto& entry) { return entry.second == 0; });
  EXPECT_EQ(RunningOf(changes_), expected);
  return true;
}

// Whether the record of a process that was seen was lost, and its id was reused by a process whose
// record could as well be its own. The other process had run for as long, as far as this can be
// known when the machine slept. And either the clock was moved or the machine rebooted, so that the
// times of the two do not tell, or the other process began as soon as the first had been seen.
bool RunningMachine::IsUnknowable(const ProcessTable& table,
                                  const std::map<uint32_t, Process>& scanned,
                                  bool was_moved) const {
  constexpr int64_t kSoon = 7;
  const bool has_rebooted = table.boot_id != last_scan_.boot_id;
  const auto could_be = [&](const Record& record, const Process& seen, int64_t uptime) {
    const ProcessExit& exit = record.exit;
    return exit.pid == seen.state.pid && record.serial != seen.serial &&
           !ended_with_record_.contains(seen.serial) &&
           exit.end_time - exit.begin_time + kSoon >=
               uptime - static_cast<int64_t>(seen.state.start_ticks) / kTicks;
  };
  for (const Record& record : unread_) {
    const bool began_later =
        has_rebooted ? record.boot == boot_ : record.begin_uptime > last_scan_.uptime + kSoon;
    if (record.exit.after_scan) {
      const auto seen = scanned.find(record.exit.pid);
      if (seen != scanned.end() && could_be(record, seen->second, table.uptime)) return true;
    }
    const bool is_told = record.exit.after_scan ? has_rebooted : began_later && !was_moved;
    const int64_t uptime = record.exit.after_scan ? table.uptime : last_scan_.uptime;
    for (const auto& [serial, process] : carried_) {
      if (!is_told && could_be(record, process, uptime)) return true;
    }
  }
  return false;
}

}  // namespace cpuagg::aggregate::testing
