// RunningMachine: a machine on which processes begin, use CPU, change users and commands and end,
// with process ids from a small range, reboots, sleep, times without accounting, and a clock that
// is set. A collector looks at random times, while more happens. What it counts for running
// processes is compared with what was used.

#ifndef CPUAGG_AGGREGATE_TESTING_RUNNING_MACHINE_H_
#define CPUAGG_AGGREGATE_TESTING_RUNNING_MACHINE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <ostream>
#include <set>
#include <vector>

#include "acct/kernel/process_table.h"
#include "acct/testing/histories.h"
#include "aggregate/running/running_baseline.h"
#include "aggregate/running/running_sums.h"
#include "aggregate/running/usage_spread.h"
#include "aggregate/tally/usage_table.h"

namespace cpuagg::aggregate::testing {

struct MachineStep {
  enum class What {
    kPass,        // `amount` seconds
    kUse,         // all processes use CPU; some change user or command
    kBegin,       // process number `amount`
    kEndSlowly,   // that process, before its record is written
    kLinger,      // after its record is written
    kEnd,         // at once; the two above end so at last
    kAccounting,  // is on if `amount`, else off
    kSleep,       // `amount` seconds
    kSetClock,    // by `amount` seconds
    kOtherDay,    // the clock, by `amount` seconds, and back after up to four other passes
    kReboot,
    kCollect,  // without a table if `amount` is 0 and nothing shows whether the clock was set
  } what;
  // During the last collect: between its listing of files and its look at /proc, or after that.
  enum class When { kBetween, kWhileListed, kWhileScanned } when = When::kBetween;
  int64_t amount = 0;
  uint64_t draw = 0;  // for all else that is at random

  friend std::ostream& operator<<(std::ostream& out, const MachineStep& step);
};

// On a machine that hides processes, each look misses some, and no clock is set.
std::vector<MachineStep> MachineSteps(uint64_t seed, bool hides);

class RunningMachine {
 public:
  explicit RunningMachine(bool hides) : hides_(hides) {}

  // Does `steps` until an assertion fails. After each collect, the time counted for running
  // processes must be what was used, under each user and command, by all processes that run, or
  // that were last seen running and vanished. False if it cannot be known at a collect which
  // process a record belongs to: see IsUnknowable().
  bool Play(const std::vector<MachineStep>& steps, const acct::testing::Failures& failures);

 private:
  struct Process {
    uint64_t number = 0;
    uint64_t serial = 0;
    int64_t begin_uptime = 0;
    bool has_record = false;
    acct::RunningProcess state = {};
  };
  struct Record {
    uint64_t serial;
    int boot;
    int64_t begin_uptime;
    ProcessExit exit;
  };
  using Step = MachineStep;

  int64_t Now() const { return boot_time_ + uptime_; }
  void Do(const Step& step);
  void Begin(const Step& step);
  void End(const Step& step);
  void Remove(std::map<uint32_t, Process>::iterator process);
  void WriteRecord(Process& process, const Step& step);
  void MoveClock(const Step& step);
  void SetClock(int64_t by);
  // The clock of another day is set back some time.
  void PassDay();
  void Reboot();
  acct::ProcessTable Scan() const;
  // `listed` and `scanned` happen during this collect.
  bool Collect(const Step& step, const std::vector<Step>& listed, const std::vector<Step>& scanned);
  bool IsUnknowable(const acct::ProcessTable& table, const std::map<uint32_t, Process>& scanned,
                    bool was_moved) const;

  const bool hides_;
  int boot_ = 1;
  int64_t boot_time_ = kBoot;  // see ProcessTable, like the next
  int64_t uptime_ = 1000;
  int64_t slept_ = 0;
  int64_t error_ = 0;  // the current error of the clock, of another day
  int64_t error_left_ = 0;
  bool is_collecting_ = false;
  bool is_scanned_ = false;
  bool is_clock_left_alone_ = false;
  bool is_accounting_ = true;
  // Since the last scan.
  bool was_clock_moved_ = false;
  int clock_sets_ = 0;
  uint64_t serial_ = 0;
  std::map<uint32_t, Process> running_;
  std::set<uint32_t> freed_;                       // since the files were listed
  std::map<uint64_t, acct::RunningProcess> seen_;  // as the last scan saw each
  std::map<uint64_t, Process> carried_;
  acct::ProcessTable last_scan_;
  std::set<uint64_t> ended_with_record_;
  std::vector<Record> unread_;
  int64_t last_run_ = SpreadWindow().since;
  RunningBaseline baseline_;
  CommandBucketTable changes_;
};

}  // namespace cpuagg::aggregate::testing

#endif  // CPUAGG_AGGREGATE_TESTING_RUNNING_MACHINE_H_
