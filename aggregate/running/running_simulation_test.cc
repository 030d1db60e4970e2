// Running processes, played many times over: what is counted is what was used.

#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "acct/kernel/process_table.h"
#include "acct/record/units.h"
#include "aggregate/running/running.h"
#include "aggregate/running/running_sums.h"
#include "aggregate/usage/usage.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::ProcessTable;
using acct::RunningProcess;
using acct::Uid;

// Simulates a machine on which processes begin, use CPU, change users and commands and end, with
// process ids from a small range, reboots, sleep, times without accounting, and a clock that is
// set. A collector looks at random times, while more happens. After every run, the time counted for
// running processes must be what was used, under each user and command, by all processes that run,
// or that were last seen running and vanished.
class Machine {
 public:
  // On a machine that `hides` processes, each look misses some; everything else is the same.
  explicit Machine(uint64_t seed, bool hides = false)
      : random_(seed), measured_(seed), hides_(hides) {}

  void Live(int steps) {
    for (int i = 0; i < steps; ++i) Step();
  }

  // False if it cannot be known which process a record belongs to: see IsUnknowable().
  bool Collect() {
    is_collecting_ = true;
    const size_t listed = unread_.size();
    longest_step_ = 2;
    Live(static_cast<int>(random_() % 3));
    longest_step_ = kLongestStep;
    freed_.clear();
    ProcessTable table = Scan();
    std::map<uint32_t, Process> scanned = running_;
    if (hides_) {
      std::erase_if(scanned, [&](const auto&) { return Below(3) == 0; });
      std::erase_if(table.processes,
                    [&](const RunningProcess& p) { return !scanned.contains(p.pid); });
      table.is_complete = false;
    }
    const bool was_moved = was_clock_moved_;
    // Without a table nothing is known about the clock.
    const bool has_table = was_moved || table.boot_id != last_scan_.boot_id || Below(10) != 0;
    if (has_table) {
      was_clock_moved_ = false;
      clock_sets_ = 0;
    }
    is_scanned_ = true;
    is_clock_left_alone_ = !has_table;
    Live(static_cast<int>(random_() % 4));
    is_scanned_ = is_collecting_ = is_clock_left_alone_ = false;
    for (size_t i = listed; i < unread_.size(); ++i) unread_[i].exit.after_scan = true;
    if (IsUnknowable(table, scanned, was_moved)) return false;

    const absl::flat_hash_set<uint32_t> watched =
        PidsToWatch(baseline_, has_table ? &table : nullptr);
    std::vector<ProcessExit> exits;
    for (const Record& record : unread_) {
      if (watched.contains(record.exit.pid)) exits.push_back(record.exit);
    }
    unread_.clear();
    if (has_table) {
      if (!hides_) carried_.clear();
      for (const auto& [pid, process] : scanned) {
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
    UpdateRunning(has_table ? &table : nullptr, exits, table.boot_time + table.uptime, HourOf,
                  baseline_, changes);
    AddTo(changes_, changes);
    CheckGrowth(changes.growth, exits);
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

 private:
  struct Process {
    uint64_t serial;
    int64_t begin_uptime;
    bool has_record = false;
    RunningProcess state = {};
  };
  struct Record {
    uint64_t serial;
    int boot;
    int64_t begin_uptime;
    ProcessExit exit;
  };

  static constexpr uint32_t kLongestStep = 30;

  uint32_t Below(uint32_t limit) { return static_cast<uint32_t>(random_() % limit); }
  int64_t Now() const { return boot_time_ + uptime_; }

  // Wherever time is subtracted, the records read now have at least as much.
  static void CheckGrowth(CommandBucketTable growth, const std::vector<ProcessExit>& exits) {
    for (const ProcessExit& exit : exits) {
      Usage& sums = growth[{exit.uid, HourOf(exit.end_time), exit.command}];
      sums.running_user += static_cast<int64_t>(exit.user_ticks);
      sums.running_system += static_cast<int64_t>(exit.system_ticks);
    }
    for (const auto& [key, sums] : growth) {
      EXPECT_GE(sums.running_user, 0);
      EXPECT_GE(sums.running_system, 0);
    }
  }

  // The time in the record of a process that used `ticks` according to /proc.
  uint64_t Recorded(uint64_t ticks) {
    return measured_() % 2 == 0 ? ticks : ticks * (measured_() % 120) / 100;
  }

  void Step() {
    uptime_ += Below(longest_step_);
    for (auto& [pid, process] : running_) Use(process.state);
    Begin();
    if (!running_.empty() && Below(3) == 0) {
      auto ended = running_.begin();
      std::advance(ended, Below(static_cast<uint32_t>(running_.size())));
      End(ended);
    }
    if (hides_) return;
    if (Below(40) == 0) is_accounting_ = !is_accounting_;
    if (!is_clock_left_alone_) MoveClock();
    if (Below(150) == 0) Reboot();
  }

  void MoveClock() {
    if (Below(200) == 0) {
      // The elapsed time of a process does not include the time for which the machine slept.
      const int64_t seconds = Below(20'000);
      slept_ += seconds;
      boot_time_ += seconds;
      was_clock_moved_ = true;
    }
    // By minutes or hours; or to another day, and soon back. If the machine was also rebooted, it
    // cannot be known that a clock was set and set back.
    const bool has_rebooted = last_scan_.boot_id != std::to_string(boot_);
    if (error_ != 0) {
      if (Below(3) == 0) SetClock(-std::exchange(error_, 0));
    } else if (has_rebooted && clock_sets_ > 0) {
      return;
    } else if (!has_rebooted && Below(100) == 0) {
      error_ = (Below(2) == 0 ? 1 : -1) * int64_t{86'400};
      SetClock(error_);
    } else if (Below(60) == 0) {
      const int64_t most = Below(2) == 0 ? 600 : 7200;
      SetClock(static_cast<int64_t>(random_() % static_cast<uint64_t>(2 * most)) - most);
    }
  }

  void Use(RunningProcess& state) {
    if (state.is_ending) return;
    state.user_ticks += Below(200);
    state.system_ticks += Below(20);
    if (Below(40) == 0) state.uid = Uid(1000 + Below(3));
    if (Below(40) == 0) state.command = std::string(1, static_cast<char>('a' + Below(3)));
  }

  // A process id is reused only after the kernel has used all others, and so not while /proc is
  // read.
  void Begin() {
    if (running_.size() >= 8) return;
    const uint32_t pid = 1 + next_pid_++ % 20;
    if (running_.contains(pid) || freed_.contains(pid)) return;
    running_[pid] = {.serial = serial_++,
                     .begin_uptime = uptime_,
                     .state = {.pid = pid,
                               .start_ticks = static_cast<uint64_t>((uptime_ + slept_) * kTicks),
                               .uid = Uid(1000 + Below(3)),
                               .command = "begun"}};
  }

  // Some take their time, before their record is written or after that.
  void End(std::map<uint32_t, Process>::iterator ended) {
    Process& process = ended->second;
    const bool was_ending = std::exchange(process.state.is_ending, true);
    if (!was_ending && Below(6) == 0) return;
    if (!process.has_record) WriteRecord(process);
    if (!was_ending && Below(6) == 0) return;
    Remove(ended);
  }

  void Remove(std::map<uint32_t, Process>::iterator process) {
    if (is_collecting_ && !is_scanned_) freed_.insert(process->first);
    running_.erase(process);
  }

  void WriteRecord(Process& process) {
    process.has_record = true;
    if (!is_accounting_) return;
    const int64_t begin = boot_time_ + process.begin_uptime + Below(2);
    unread_.push_back({.serial = process.serial,
                       .boot = boot_,
                       .begin_uptime = process.begin_uptime,
                       .exit = {.pid = process.state.pid,
                                .begin_time = begin,
                                .end_time = begin + uptime_ - process.begin_uptime,
                                .uid = process.state.uid,
                                .command = CommandBitsOf(process.state.command),
                                .user_ticks = Recorded(process.state.user_ticks),
                                .system_ticks = Recorded(process.state.system_ticks)}});
    ended_with_record_.insert(process.serial);
  }

  void SetClock(int64_t step) {
    boot_time_ += step;
    was_clock_moved_ = true;
    ++clock_sets_;
    // The clock is not set at the moment when a process already has a record and is still there.
    for (auto process = running_.begin(); process != running_.end();) {
      const auto next = std::next(process);
      if (process->second.has_record) Remove(process);
      process = next;
    }
  }

  void Reboot() {
    // A run would not survive a reboot.
    if (is_collecting_ || error_ != 0 || clock_sets_ > 1) return;
    running_.clear();
    boot_time_ = Now() + 60;
    uptime_ = 20;
    slept_ = 0;
    ++boot_;
  }

  ProcessTable Scan() const {
    ProcessTable table{
        .boot_id = std::to_string(boot_), .boot_time = boot_time_, .uptime = uptime_};
    for (const auto& [pid, process] : running_) {
      table.processes.push_back(process.state);
      table.processes.back().begin_time =
          boot_time_ - slept_ + static_cast<int64_t>(process.state.start_ticks) / kTicks;
    }
    return table;
  }

  // Whether the record of a process that was seen was lost, and its id was reused by a process
  // whose record could as well be its own. The other process had run for as long, as far as this
  // can be known when the machine slept. And either the clock was moved or the machine rebooted, so
  // that the times of the two do not tell, or the other process began as soon as the first had been
  // seen.
  bool IsUnknowable(const ProcessTable& table, const std::map<uint32_t, Process>& scanned,
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

  std::mt19937_64 random_;
  std::mt19937_64 measured_;
  const bool hides_;
  int boot_ = 1;
  int64_t boot_time_ = kBoot;  // see ProcessTable, like the next
  int64_t uptime_ = 1000;
  int64_t slept_ = 0;
  int64_t error_ = 0;  // the current error of the clock
  uint32_t longest_step_ = kLongestStep;
  bool is_collecting_ = false;
  bool is_scanned_ = false;
  bool is_clock_left_alone_ = false;
  bool is_accounting_ = true;
  // Since the last scan.
  bool was_clock_moved_ = false;
  int clock_sets_ = 0;
  uint32_t next_pid_ = 0;
  uint64_t serial_ = 0;
  std::map<uint32_t, Process> running_;
  std::set<uint32_t> freed_;                 // since the files were listed
  std::map<uint64_t, RunningProcess> seen_;  // as the last scan saw each
  std::map<uint64_t, Process> carried_;
  ProcessTable last_scan_;
  std::set<uint64_t> ended_with_record_;
  std::vector<Record> unread_;
  RunningBaseline baseline_;
  CommandBucketTable changes_;
};

TEST(RunningSimulationTest, WhatIsCountedIsWhatRuns) {
  int unknowable = 0;
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    SCOPED_TRACE(seed);
    Machine machine(seed);
    std::mt19937_64 random(seed);
    for (int run = 0; run < 15; ++run) {
      machine.Live(static_cast<int>(random() % 40));
      if (!machine.Collect()) {
        ++unknowable;
        break;
      }
      if (::testing::Test::HasFailure()) return;
    }
  }
  // Here ids are reused after minutes, and half of the time nothing is recorded.
  EXPECT_LT(unknowable, 250);
}

TEST(RunningSimulationTest, WhoIsHiddenNowAndThenIsCountedOnce) {
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE(seed);
    Machine machine(seed, /*hides=*/true);
    std::mt19937_64 random(seed);
    for (int run = 0; run < 15; ++run) {
      machine.Live(static_cast<int>(random() % 40));
      EXPECT_TRUE(machine.Collect());
      if (::testing::Test::HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace cpuagg::aggregate
