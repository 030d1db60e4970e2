// LedgerWorld: a machine on which processes begin, work and end, whose accounting file is rotated
// and whose clock is set, which boots again, and whose collector is late, killed, without disk or
// cut off from power at any step. After each run the store must say exactly what the model knows.

#ifndef CPUAGG_AGGREGATE_TESTING_LEDGER_WORLD_H_
#define CPUAGG_AGGREGATE_TESTING_LEDGER_WORLD_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "acct/kernel/process_table.h"
#include "acct/record/units.h"
#include "acct/testing/histories.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/collect/collector.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/testing/crashing_files.h"
#include "aggregate/testing/ledger_checks.h"
#include "aggregate/testing/ledger_steps.h"
#include "aggregate/testing/rotating_file.h"

namespace cpuagg::aggregate::testing {

// Counts events, so that a simulation without any is detected.
struct LedgerCounts {
  uint64_t runs = 0;
  uint64_t records = 0;
  uint64_t rotations = 0;
  uint64_t lost = 0;  // records that were deleted before a run read them
  uint64_t reboots = 0;
  uint64_t clock_steps = 0;
  uint64_t kills = 0;
  uint64_t power_cuts = 0;
  uint64_t cuts = 0;  // of the accounting file
  uint64_t errors = 0;
  uint64_t published_at_stop = 0;  // of those: the snapshot was published nevertheless
  uint64_t merges = 0;
  uint64_t named = 0;          // how often a user had a name
  uint64_t failed_looks = 0;   // failures to read /proc
  uint64_t corrections = 0;    // rows that subtract from what earlier runs had counted
  uint64_t period_checks = 0;  // checks of every hour and day

  LedgerCounts& operator+=(const LedgerCounts& other) {
    for (uint64_t LedgerCounts::*count :
         {&LedgerCounts::runs, &LedgerCounts::records, &LedgerCounts::rotations,
          &LedgerCounts::lost, &LedgerCounts::reboots, &LedgerCounts::clock_steps,
          &LedgerCounts::kills, &LedgerCounts::power_cuts, &LedgerCounts::cuts,
          &LedgerCounts::errors, &LedgerCounts::published_at_stop, &LedgerCounts::merges,
          &LedgerCounts::named, &LedgerCounts::failed_looks, &LedgerCounts::corrections,
          &LedgerCounts::period_checks}) {
      this->*count += other.*count;
    }
    return *this;
  }
};

// Knows one user, and is sometimes unreachable.
class FlakyDirectory : public UserDirectory {
 public:
  using UserDirectory::NameOf;
  NameAnswer NameOf(acct::Uid uid) override {
    if (is_down) return absl::UnavailableError("down");
    if (uid == kAlice) return "alice";
    return std::nullopt;
  }

  static constexpr acct::Uid kAlice{1000};
  bool is_down = false;
};

class LedgerWorld {
 public:
  explicit LedgerWorld(const LedgerSettings& settings);

  // Does `steps` until an assertion fails.
  void Play(const std::vector<LedgerStep>& steps, const acct::testing::Failures& failures);

  const LedgerCounts& counts() const { return counts_; }

 private:
  struct Process {
    uint64_t number;
    uint64_t serial;
    int64_t begin;  // in true time
    acct::RunningProcess seen;

    uint64_t ticks() const { return seen.user_ticks + seen.system_ticks; }
  };
  struct Record {
    uint64_t serial;
    uint32_t uid;
    uint64_t ticks;
  };
  using Step = LedgerStep;

  int64_t Clock() const { return now_ + clock_offset_; }
  std::string MakePlace() const;
  void Do(const Step& step);
  void Begin(const Step& step);
  void End(const Step& step);
  void Settle(const Step& step);
  void Rotate();
  void CutOff(const Step& step);
  void Reboot();
  acct::ProcessTable Processes() const;
  // `meanwhile` happens during this run.
  void Collect(const Step& step, const std::vector<Step>& meanwhile,
               const acct::testing::Failures& failures);
  uint64_t LastRun() const;
  void Check(const Step::Collect& how, const acct::testing::Failures& failures);
  void CheckGaps(const Report& report);

  const LedgerSettings settings_;
  acct::testing::TempDir dir_;
  RotatingFile file_;
  CrashingFiles files_;
  SnapshotStore store_;
  FlakyDirectory directory_;
  LedgerCounts counts_;

  int64_t now_ = kLedgerBegin;
  int64_t latest_clock_ = kLedgerBegin;
  int64_t boot_ = now_ - 1000;
  int64_t clock_offset_ = 0;
  bool is_accounting_ = true;
  bool is_collecting_ = false;
  bool has_booted_ = false;  // since the last run
  bool has_clock_step_ = false;
  bool is_blind_ = false;  // /proc could not be read since
  uint64_t serial_ = 0;
  std::map<uint32_t, Process> running_;
  std::vector<Record> records_;
  bool must_settle_ = false;          // the file may end with damage
  std::set<uint64_t> present_;        // records that exist in a file
  std::set<uint64_t> read_;           // by a run whose snapshot is in the store
  std::map<uint64_t, Process> seen_;  // by the last such run that saw it
  bool has_position_ = false;
  uint64_t lost_unreported_ = 0;
  bool is_cut_ = false;  // since the last run
  bool may_cut_be_silent_ = false;
  size_t gaps_ = 0;
  uint64_t removals_ = 0;
};

}  // namespace cpuagg::aggregate::testing

#endif  // CPUAGG_AGGREGATE_TESTING_LEDGER_WORLD_H_
