#include "aggregate/testing/ledger_world.h"

#include <algorithm>
#include <filesystem>
#include <random>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/testing/record_builder.h"
#include "aggregate/report/report.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/usage/grouping.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate::testing {
namespace {

using acct::Uid;
using acct::testing::Draws;
using acct::testing::Failures;
using acct::testing::RecordBuilder;
using What = LedgerStep::What;
using When = LedgerStep::When;

void Work(acct::RunningProcess& process, Draws draws) {
  // Records have exact ticks up to this limit, so that the expected result is unambiguous.
  constexpr uint64_t kMostTicks = 4000;
  if (process.user_ticks < kMostTicks) process.user_ticks += draws.Below(200);
  if (process.system_ticks < kMostTicks) process.system_ticks += draws.Below(20);
  if (draws.Below(40) == 0) process.uid = Uid(1000 + draws.Below(4));
  if (draws.Below(20) == 0) process.command = absl::StrCat("command", draws.Below(30));
}

// The ticks of the record for the ticks that /proc showed: the two are measured differently. A
// record has exact ticks, so that the expected result is unambiguous.
uint64_t Recorded(uint64_t ticks, Draws& draws) {
  switch (draws.Below(4)) {
    case 0:
      return ticks * draws.Below(100) / 100;
    case 1:
      return ticks + draws.Below(20);
    default:
      return ticks;
  }
}

// Process ids are reused after the kernel has used all others, which takes longer than the latest
// collector.
uint32_t PidOf(int64_t process) { return 1 + static_cast<uint32_t>(process) % 400; }

}  // namespace

LedgerWorld::LedgerWorld(const LedgerSettings& settings)
    : settings_(settings),
      file_(MakePlace(), *settings.scheme),
      files_(dir_.Path("trash")),
      store_(dir_.Path("store"), files_) {}

void LedgerWorld::Play(const std::vector<Step>& steps, const Failures& failures) {
  for (auto step = steps.begin(); step != steps.end() && !failures.any();) {
    const Step& now = *step++;
    if (now.what != What::kCollect) {
      Do(now);
      continue;
    }
    std::vector<Step> meanwhile;
    while (step != steps.end() && step->when != When::kBetween) meanwhile.push_back(*step++);
    Collect(now, meanwhile, failures);
  }
}

// Creates the accounting file's location and returns its path.
std::string LedgerWorld::MakePlace() const {
  if (!settings_.scheme->is_linked) return dir_.Path("pacct");
  std::filesystem::create_directories(dir_.Path("real"));
  std::filesystem::create_symlink("real/pacct", dir_.Path("pacct"));
  return dir_.Path("real/pacct");
}

void LedgerWorld::Do(const Step& step) {
  switch (step.what) {
    case What::kPass:
      now_ += step.amount;
      return;
    case What::kWork:
      for (auto& [pid, process] : running_) Work(process.seen, Draws(step.draw, process.number));
      return;
    case What::kBegin:
      return Begin(step);
    case What::kEnd:
      return End(step);
    case What::kRotate:
      return Rotate();
    case What::kReopen:
      return file_.Reopen();
    case What::kDisturb: {
      // A file that was truncated and then joined with another one before a run read it cannot be
      // recognised.
      std::mt19937_64 random(step.draw);
      must_settle_ |= static_cast<Disturbance>(step.amount) == Disturbance::kTornRecord;
      file_.Disturb(static_cast<Disturbance>(step.amount), random, is_collecting_ || is_cut_);
      // This run would leave the record before it for the next one.
      if (must_settle_ && is_collecting_ && is_accounting_) Settle(step);
      return;
    }
    case What::kAccounting:
      is_accounting_ = step.amount != 0;
      return;
    case What::kSetClock:
      // Not in the same interval between two reads of /proc as a reboot or a failed read: a record
      // from before the reboot, written while the clock was ahead, looks like a later one
      // (docs/exactly_once.md, "What cannot be known").
      if (has_booted_ || is_blind_) return;
      has_clock_step_ = true;
      clock_offset_ += step.amount;
      ++counts_.clock_steps;
      return;
    case What::kReboot:
      // It would end the collector as well.
      if (!is_collecting_ && !has_clock_step_) Reboot();
      return;
    case What::kCutOff:
      return CutOff(step);
    case What::kCollect:
      return;
  }
}

void LedgerWorld::Begin(const Step& step) {
  const uint32_t pid = PidOf(step.amount);
  if (running_.contains(pid)) return;
  Draws draws(step.draw);
  running_[pid] = {.number = static_cast<uint64_t>(step.amount),
                   .serial = serial_++,
                   .begin = now_,
                   .seen = {.pid = pid,
                            .start_ticks = static_cast<uint64_t>(now_ - boot_) * 100,
                            .uid = Uid(1000 + draws.Below(4)),
                            .command = absl::StrCat("command", draws.Below(30))}};
}

void LedgerWorld::End(const Step& step) {
  const auto ended = running_.find(PidOf(step.amount));
  if (ended == running_.end() || ended->second.number != static_cast<uint64_t>(step.amount)) return;
  const Process process = ended->second;
  running_.erase(ended);
  if (!is_accounting_) return;
  const uint64_t number = records_.size();
  const acct::RunningProcess& seen = process.seen;
  Draws draws(step.draw);
  const uint64_t user_ticks = Recorded(seen.user_ticks, draws);
  const uint64_t system_ticks = Recorded(seen.system_ticks, draws);
  records_.push_back({process.serial, seen.uid.value(), user_ticks + system_ticks});
  // The kernel computes the begin time from its current clock.
  file_.Append(RecordBuilder()
                   .Pid(seen.pid)
                   .Uid(seen.uid.value())
                   .BeginTime(static_cast<uint32_t>(process.begin + clock_offset_))
                   .Elapsed(static_cast<float>((now_ - process.begin) * 100))
                   .UserTime(static_cast<uint16_t>(user_ticks))
                   .SystemTime(static_cast<uint16_t>(system_ticks))
                   // Every process uses some; zeros would hide errors.
                   .Memory(5000)
                   .MinorFaults(100)
                   .Command(seen.command)
                   .Bytes(),
               number);
  present_.insert(number);
  ++counts_.records;
  if (must_settle_) Settle(step);
}

// A record after damage waits until some more follow.
void LedgerWorld::Settle(const Step& step) {
  must_settle_ = false;
  for (const size_t enough = records_.size() + 3; records_.size() < enough;) {
    Step brief = step;
    brief.amount = 1'000'000 + static_cast<int64_t>(serial_++);
    Begin(brief);
    End(brief);
  }
}

void LedgerWorld::Rotate() {
  for (const uint64_t number : file_.Rotate()) {
    present_.erase(number);
    // If nothing existed at the last run, it is unknown that there was something since.
    if (read_.contains(number) || !has_position_) continue;
    ++lost_unreported_;
    ++counts_.lost;
  }
  // A copy of a truncated file looks like one that was made before everything had been read.
  if (is_cut_ && settings_.scheme->copies_and_truncates) may_cut_be_silent_ = true;
  ++counts_.rotations;
}

// Truncates the file, as a power failure does, when everything in the files has been read. If
// clocks are set, times do not show afterwards what is new.
void LedgerWorld::CutOff(const Step& step) {
  if (!std::includes(read_.begin(), read_.end(), present_.begin(), present_.end())) return;
  std::mt19937_64 random(step.draw);
  const std::vector<uint64_t> gone = file_.CutOff(random);
  if (gone.empty()) return;
  for (const uint64_t number : gone) present_.erase(number);
  // A copy may have all of it.
  may_cut_be_silent_ |= file_.has_remains();
  is_cut_ = true;
  must_settle_ = true;
  ++counts_.cuts;
  if (step.amount != 0) {
    Reboot();
  } else {
    now_ += 60;
  }
}

void LedgerWorld::Reboot() {
  has_booted_ = true;
  running_.clear();
  boot_ = now_ + 60;
  now_ = boot_ + 20;
  file_.Reopen();
  is_accounting_ = true;
  ++counts_.reboots;
}

acct::ProcessTable LedgerWorld::Processes() const {
  acct::ProcessTable table{
      .boot_id = std::to_string(boot_), .boot_time = boot_ + clock_offset_, .uptime = now_ - boot_};
  for (const auto& [pid, process] : running_) {
    table.processes.push_back(process.seen);
    table.processes.back().begin_time = process.begin + clock_offset_;
  }
  return table;
}

void LedgerWorld::Collect(const Step& step, const std::vector<Step>& meanwhile,
                          const Failures& failures) {
  const Step::Collect& how = step.collect;
  ++counts_.runs;
  if (how.stop.has_value()) files_.StopAt(how.stop_at, *how.stop);
  const uint64_t last_run = LastRun();
  latest_clock_ = std::max(latest_clock_, Clock());
  std::map<uint64_t, Process> seen;
  const bool fails = how.fails_to_scan && !has_clock_step_;
  is_blind_ |= fails;
  // The state before the last read of /proc; the clock may be set right afterwards.
  bool had_booted = has_booted_;
  bool had_clock_step = has_clock_step_;
  int attempt = 0;
  const auto do_all = [&](When when) {
    for (const Step& during : meanwhile) {
      if (during.when == when && during.attempt == attempt) Do(during);
    }
  };
  const auto read_processes = [&]() -> absl::StatusOr<acct::ProcessTable> {
    // The files have been listed now, and that is the time that counts.
    const int64_t uptime = now_ - boot_;
    is_collecting_ = true;
    do_all(When::kWhileListed);
    acct::ProcessTable table = Processes();
    table.uptime = uptime;
    seen.clear();
    for (const auto& [pid, process] : running_) seen[process.serial] = process;
    had_booted |= has_booted_;
    had_clock_step |= has_clock_step_;
    has_booted_ = has_clock_step_ = false;
    do_all(When::kWhileScanned);
    ++attempt;
    is_collecting_ = false;
    if (fails) {
      seen.clear();
      return absl::ResourceExhaustedError("too many open files");
    }
    return table;
  };
  directory_.is_down = how.is_directory_down;
  const absl::StatusOr<CollectResult> result = aggregate::Collect(
      store_, directory_,
      {.files = {.path = dir_.Path("pacct"), .other_folders = {dir_.Path("old")}},
       .host = "lab",
       .now = absl::FromUnixSeconds(Clock()),
       .retention = {.days_of_hours = settings_.days_of_hours},
       .remember_names = settings_.remembers_names,
       .read_processes = read_processes});
  const bool has_stopped = files_.has_stopped();
  if (has_stopped) {
    ++(*how.stop == CrashingFiles::Stop::kKill       ? counts_.kills
       : *how.stop == CrashingFiles::Stop::kPowerCut ? counts_.power_cuts
                                                     : counts_.errors);
  }
  std::mt19937_64 random(step.draw);
  files_.Restart(random);
  // What could not be synced may have been undone.
  const bool is_safe = result.ok() && result->publishing_problem.empty();
  const bool is_published = is_safe || LastRun() != last_run;
  if (fails || !is_published) {
    has_booted_ |= had_booted;
    has_clock_step_ |= had_clock_step;
  } else {
    is_blind_ = false;
  }
  if (!is_safe) {
    ASSERT_TRUE(has_stopped) << result.status();
    if (!is_published) return;
    ++counts_.published_at_stop;
  }
  counts_.failed_looks += fails;
  has_position_ = !present_.empty();
  read_.insert(present_.begin(), present_.end());
  for (auto& [serial, process] : seen) seen_[serial] = process;
  Check(how, failures);
}

uint64_t LedgerWorld::LastRun() const {
  const absl::StatusOr<StoreListing> listing = store_.List();
  EXPECT_TRUE(listing.ok()) << listing.status();
  if (!listing.ok()) return 0;
  EXPECT_TRUE(listing->damaged.empty());
  EXPECT_TRUE(listing->missing.empty());
  return listing->last_run;
}

// For each user: the ticks of all records read, plus what the other processes had used when they
// were seen running.
void LedgerWorld::Check(const Step::Collect& how, const Failures& failures) {
  TicksByUser expected;
  std::set<uint64_t> recorded;
  uint64_t processes = 0;
  for (const uint64_t number : read_) {
    expected[records_[number].uid] += records_[number].ticks;
    recorded.insert(records_[number].serial);
    ++processes;
  }
  for (const auto& [serial, process] : seen_) {
    if (!recorded.contains(serial)) expected[process.seen.uid.value()] += process.ticks();
  }
  std::erase_if(expected, [](const auto& sum) { return sum.second == 0; });
  const Report report = ReportBy(store_, {Dimension::kUser});
  ASSERT_EQ(TicksOf(report), expected);
  ASSERT_EQ(report.totals.processes, processes);
  // An unknown name must be resolved by now.
  for (const ReportRow& row : report.rows) {
    if (directory_.is_down || row.uid != FlakyDirectory::kAlice) continue;
    ASSERT_EQ(row.user, "alice");
    ++counts_.named;
  }
  // Sums by command add up, whichever commands are kept.
  ASSERT_EQ(TicksOf(ReportBy(store_, {Dimension::kUser, Dimension::kCommand})), expected);
  counts_.corrections += CheckCells(store_);
  CheckSums(store_, counts_.runs);
  if (how.checks_every_period) {
    ++counts_.period_checks;
    CheckSumsOfDays(store_, latest_clock_, settings_.days_of_hours, failures);
  }
  CheckGaps(report);
  const absl::StatusOr<StoreListing> listing = store_.List();
  ASSERT_TRUE(listing.ok()) << listing.status();
  for (const StoredSnapshot& stored : listing->snapshots) {
    if (stored.header.level != MergeLevel::kRun) ++counts_.merges;
  }
}

void LedgerWorld::CheckGaps(const Report& report) {
  for (const Gap& gap : report.gaps) ASSERT_LE(gap.period.begin, gap.period.end);
  if (lost_unreported_ > 0 || (is_cut_ && !may_cut_be_silent_)) {
    ASSERT_GT(report.gaps.size(), gaps_) << "records are lost, and nobody says so";
  }
  if (file_.removals() == removals_ && !is_cut_) {
    ASSERT_EQ(report.gaps.size(), gaps_) << "a gap, and nothing has been removed";
  }
  is_cut_ = may_cut_be_silent_ = false;
  lost_unreported_ = 0;
  gaps_ = report.gaps.size();
  removals_ = file_.removals();
}

}  // namespace cpuagg::aggregate::testing
