// A machine on which processes begin, work and end, whose accounting file is rotated and whose
// clock is set, which boots again and whose collector is late, killed, without disk or cut off from
// power at any step: played many times over, and after each run the store must say exactly what the
// model knows.
//
//   bazel test //aggregate/collect/scenarios:ledger_simulation_test --test_env=SEED=1737
//   --test_env=HISTORIES=1
//
// plays one history again. The file is long: machine, model and collector are one simulation.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "acct/kernel/process_table.h"
#include "acct/record/exact_time.h"
#include "acct/record/units.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/buckets/bucket_policy.h"
#include "aggregate/buckets/usage_rows.h"
#include "aggregate/collect/collector.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/report/report.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/common_bucket_policy.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/store/store_report.h"
#include "aggregate/testing/crashing_files.h"
#include "aggregate/testing/rotating_file.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"
#include "aggregate/usage/usage.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::Uid;
using acct::testing::RecordBuilder;
using acct::testing::TempDir;
using testing::CrashingFiles;
using testing::RotatingFile;
using testing::RotationScheme;
using testing::RotationSchemes;

// uid -> ticks.
using Sums = std::map<uint32_t, uint64_t>;

// Counts events, so that a simulation without any is detected.
struct Counts {
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

  Counts& operator+=(const Counts& other) {
    for (uint64_t Counts::*count :
         {&Counts::runs, &Counts::records, &Counts::rotations, &Counts::lost, &Counts::reboots,
          &Counts::clock_steps, &Counts::kills, &Counts::power_cuts, &Counts::cuts, &Counts::errors,
          &Counts::published_at_stop, &Counts::merges, &Counts::named, &Counts::failed_looks,
          &Counts::corrections, &Counts::period_checks}) {
      this->*count += other.*count;
    }
    return *this;
  }
};

// Knows one user, and is sometimes unreachable.
class Directory : public UserDirectory {
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

class World {
 public:
  explicit World(uint64_t seed)
      : random_(seed),
        outages_(seed),
        failures_(seed),
        measured_(seed),
        cuts_(seed),
        is_cut_off_(seed % 4 == 1),
        checks_every_period_(seed % 100 == 0),
        scheme_(RotationSchemes()[Below(static_cast<uint32_t>(RotationSchemes().size()))]),
        file_(MakePlace(), scheme_),
        files_(dir_.Path("trash")),
        store_(dir_.Path("store"), files_),
        days_of_hours_(Below(2) == 0 ? 35 : 1),
        remembers_names_(seed % 2 == 0) {}

  void Play() {
    // Years of rotations before the first run.
    if (scheme_.kept > 100 && Below(4) == 0) {
      for (uint32_t rotations = 110 + Below(200); rotations > 0; --rotations) {
        Live(1 + Below(2));
        Rotate();
        file_.Reopen();
      }
    }
    constexpr int kRuns = 12;
    for (int run = 0; run < kRuns; ++run) {
      if (run == kRuns - 1 && measured_() % 16 == 0) checks_every_period_ = true;
      Live(Below(30));
      // Nobody uses the machine for some days, or the collector is late.
      if (Below(6) == 0) now_ += int64_t{86'400} * Below(8);
      Collect();
      if (is_cut_off_ && cuts_() % 4 == 0) CutOff();
      if (::testing::Test::HasFailure()) return;
    }
  }

  const Counts& counts() const { return counts_; }
  const char* scheme() const { return scheme_.name; }

 private:
  struct Process {
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

  uint32_t Below(uint32_t limit) { return static_cast<uint32_t>(random_() % limit); }
  int64_t Clock() const { return now_ + clock_offset_; }

  // Creates the accounting file's location and returns its path.
  std::string MakePlace() const {
    if (!scheme_.is_linked) return dir_.Path("pacct");
    std::filesystem::create_directories(dir_.Path("real"));
    std::filesystem::create_symlink("real/pacct", dir_.Path("pacct"));
    return dir_.Path("real/pacct");
  }

  void Live(uint32_t steps) {
    for (uint32_t i = 0; i < steps; ++i) Step();
  }

  void Step() {
    now_ += Below(Below(10) == 0 ? 20'000 : 300);
    for (auto& [pid, process] : running_) Work(process.seen);
    if (running_.size() < 12) Begin();
    if (!running_.empty() && Below(2) == 0) {
      auto ended = running_.begin();
      std::advance(ended, Below(static_cast<uint32_t>(running_.size())));
      End(ended->second);
      running_.erase(ended);
    }
    if (Below(12) == 0) Rotate();
    if (Below(4) == 0) file_.Reopen();
    // A file that was truncated and then joined with another one before a run read it cannot be
    // recognised.
    if (Below(8) == 0) file_.Disturb(random_, is_collecting_ || is_cut_);
    if (Below(80) == 0) is_accounting_ = !is_accounting_;
    // Not in the same interval between two reads of /proc as a reboot or a failed read: a record
    // from before the reboot, written while the clock was ahead, looks like a later one
    // (docs/exactly_once.md, "What cannot be known").
    if (Below(100) == 0 && !has_booted_ && !is_blind_ && !is_cut_off_) {
      has_clock_step_ = true;
      clock_offset_ += static_cast<int64_t>(Below(40'000)) - 20'000;
      ++counts_.clock_steps;
    }
    // A reboot would end the collector as well.
    if (Below(200) == 0 && !is_collecting_ && !has_clock_step_) Reboot();
  }

  void Work(acct::RunningProcess& process) {
    // Records have exact ticks up to this limit, so that the expected result is unambiguous.
    constexpr uint64_t kMostTicks = 4000;
    if (process.user_ticks < kMostTicks) process.user_ticks += Below(200);
    if (process.system_ticks < kMostTicks) process.system_ticks += Below(20);
    if (Below(40) == 0) process.uid = Uid(1000 + Below(4));
    if (Below(20) == 0) process.command = absl::StrCat("command", Below(30));
  }

  // Process ids are reused after the kernel has used all others, which takes longer than the latest
  // collector.
  void Begin() {
    constexpr uint32_t kPids = 400;
    const uint32_t pid = 1 + next_pid_++ % kPids;
    if (running_.contains(pid)) return;
    running_[pid] = {.serial = serial_++,
                     .begin = now_,
                     .seen = {.pid = pid,
                              .start_ticks = static_cast<uint64_t>(now_ - boot_) * 100,
                              .uid = Uid(1000 + Below(4)),
                              .command = absl::StrCat("command", Below(30))}};
  }

  void End(const Process& process) {
    if (!is_accounting_) return;
    const uint64_t number = records_.size();
    const acct::RunningProcess& seen = process.seen;
    const uint64_t user_ticks = Recorded(seen.user_ticks);
    const uint64_t system_ticks = Recorded(seen.system_ticks);
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
  }

  // The ticks of the record for the ticks that /proc showed: the two are measured differently. A
  // record has exact ticks, so that the expected result is unambiguous.
  uint64_t Recorded(uint64_t ticks) {
    switch (measured_() % 4) {
      case 0:
        return ticks * (measured_() % 100) / 100;
      case 1:
        return ticks + measured_() % 20;
      default:
        return ticks;
    }
  }

  void Rotate() {
    for (const uint64_t number : file_.Rotate()) {
      present_.erase(number);
      // If nothing existed at the last run, it is unknown that there was something since.
      if (read_.contains(number) || !has_position_) continue;
      ++lost_unreported_;
      ++counts_.lost;
    }
    // A copy of a truncated file looks like one that was made before everything had been read.
    if (is_cut_ && scheme_.copies_and_truncates) may_cut_be_silent_ = true;
    ++counts_.rotations;
  }

  // Truncates the file, as a power failure does, when everything in the files has been read. If
  // clocks are set, times do not show afterwards what is new.
  void CutOff() {
    if (!std::includes(read_.begin(), read_.end(), present_.begin(), present_.end())) {
      return;
    }
    const std::vector<uint64_t> gone = file_.CutOff(cuts_);
    if (gone.empty()) return;
    for (const uint64_t number : gone) present_.erase(number);
    // A copy may have all of it.
    may_cut_be_silent_ |= file_.has_remains();
    is_cut_ = true;
    ++counts_.cuts;
    if (cuts_() % 2 == 0) {
      Reboot();
    } else {
      now_ += 60;
    }
  }

  void Reboot() {
    has_booted_ = true;
    running_.clear();
    boot_ = now_ + 60;
    now_ = boot_ + 20;
    file_.Reopen();
    is_accounting_ = true;
    ++counts_.reboots;
  }

  acct::ProcessTable Processes() {
    acct::ProcessTable table{.boot_id = std::to_string(boot_),
                             .boot_time = boot_ + clock_offset_,
                             .uptime = now_ - boot_};
    for (const auto& [pid, process] : running_) {
      table.processes.push_back(process.seen);
      table.processes.back().begin_time = process.begin + clock_offset_;
    }
    return table;
  }

  void Collect() {
    ++counts_.runs;
    using Stop = CrashingFiles::Stop;
    constexpr Stop kStops[] = {Stop::kKill, Stop::kPowerCut, Stop::kError};
    const Stop stop = kStops[Below(3)];
    if (Below(2) == 0) files_.StopAt(Below(16), stop);
    const uint64_t last_run = LastRun();
    latest_clock_ = std::max(latest_clock_, Clock());
    std::map<uint64_t, Process> seen;
    // Fails for lack of memory, descriptors or disk space.
    const bool fails = failures_() % 8 == 0 && !has_clock_step_;
    is_blind_ |= fails;
    // The state before the last read of /proc; the clock may be set right afterwards.
    bool had_booted = has_booted_;
    bool had_clock_step = has_clock_step_;
    const auto read_processes = [&]() -> absl::StatusOr<acct::ProcessTable> {
      // The files have been listed now, and that is the time that counts.
      const int64_t uptime = now_ - boot_;
      is_collecting_ = true;
      Live(Below(3));
      acct::ProcessTable table = Processes();
      table.uptime = uptime;
      seen.clear();
      for (const auto& [pid, process] : running_) seen[process.serial] = process;
      had_booted |= has_booted_;
      had_clock_step |= has_clock_step_;
      has_booted_ = has_clock_step_ = false;
      // Events before the files are read.
      Live(Below(4));
      is_collecting_ = false;
      if (fails) {
        seen.clear();
        return absl::ResourceExhaustedError("too many open files");
      }
      return table;
    };
    directory_.is_down = outages_() % 3 == 0;
    const absl::StatusOr<CollectResult> result = aggregate::Collect(
        store_, directory_,
        {.files = {.path = dir_.Path("pacct"), .other_folders = {dir_.Path("old")}},
         .host = "lab",
         .now = absl::FromUnixSeconds(Clock()),
         .retention = {.days_of_hours = days_of_hours_},
         .remember_names = remembers_names_,
         .read_processes = read_processes});
    const bool has_stopped = files_.has_stopped();
    if (has_stopped) {
      ++(stop == Stop::kKill       ? counts_.kills
         : stop == Stop::kPowerCut ? counts_.power_cuts
                                   : counts_.errors);
    }
    files_.Restart(random_);
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
    Check();
  }

  uint64_t LastRun() const {
    const absl::StatusOr<StoreListing> listing = store_.List();
    EXPECT_TRUE(listing.ok()) << listing.status();
    EXPECT_TRUE(listing->damaged.empty());
    EXPECT_TRUE(listing->missing.empty());
    return listing->last_run;
  }

  Report ReportBy(const Grouping& by, const Period& period = Period()) const {
    absl::StatusOr<StoreReport> report =
        ReportFromStore(store_, period, absl::UTCTimeZone(), {}, {.by = by});
    EXPECT_TRUE(report.ok()) << report.status();
    return std::move(report->report);
  }

  static Sums SumsOf(const Report& report) {
    Sums sums;
    for (const ReportRow& row : report.rows) {
      sums[row.uid.value()] += row.usage.cpu_time().ticks().count();
    }
    std::erase_if(sums, [](const auto& sum) { return sum.second == 0; });
    return sums;
  }

  // For each user: the ticks of all records read, plus what the other processes had used when they
  // were seen running.
  void Check() {
    Sums expected;
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
    const Report report = ReportBy({Dimension::kUser});
    ASSERT_EQ(SumsOf(report), expected);
    ASSERT_EQ(report.totals.processes, processes);
    // An unknown name must be resolved by now.
    for (const ReportRow& row : report.rows) {
      if (directory_.is_down || row.uid != Directory::kAlice) continue;
      ASSERT_EQ(row.user, "alice");
      ++counts_.named;
    }
    // Sums by command add up, whichever commands are kept.
    ASSERT_EQ(SumsOf(ReportBy({Dimension::kUser, Dimension::kCommand})), expected);
    CheckCells();
    CheckPeriod(Period(), kGroupings);
    if (checks_every_period_) CheckPeriods();
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
    const StoreListing listing = *store_.List();
    for (const StoredSnapshot& stored : listing.snapshots) {
      if (stored.header.level != MergeLevel::kRun) ++counts_.merges;
    }
  }

  // In no bucket does an account have a negative sum, and its sum is that of its commands.
  void CheckCells() {
    const StoreListing listing = *store_.List();
    if (listing.snapshots.empty()) return;
    BucketFinder buckets(CommonBucketPolicy(
        BucketPolicy(), listing.snapshots.back().header.captured_at, listing.snapshots));
    struct Cell {
      int64_t user = 0;
      int64_t system = 0;
      void Add(const Usage& usage) {
        user += static_cast<int64_t>(usage.ticks.user) + usage.running_user;
        system += static_cast<int64_t>(usage.ticks.system) + usage.running_system;
      }
      bool operator==(const Cell&) const = default;
    };
    std::map<std::pair<Uid, int64_t>, Cell> users;
    std::map<std::pair<Uid, int64_t>, Cell> users_as_commands;
    std::map<std::pair<Uid, int64_t>, Cell> commands;
    for (const StoredSnapshot& stored : listing.snapshots) {
      const absl::StatusOr<Snapshot> snapshot = store_.Load(stored);
      ASSERT_TRUE(snapshot.ok()) << snapshot.status();
      const auto uid_of = [&](const auto& row) { return stored.header.accounts[row.account].uid; };
      for (const UserRow& row : snapshot->users) {
        const int64_t begin = buckets.CoarserUser(row.begin);
        users[{uid_of(row), begin}].Add(row.usage);
        users_as_commands[{uid_of(row), buckets.CoarserCommand(begin)}].Add(row.usage);
        if (row.usage.running_user < -static_cast<int64_t>(row.usage.ticks.user)) {
          ++counts_.corrections;
        }
      }
      for (const CommandRow& row : snapshot->commands) {
        commands[{uid_of(row), buckets.CoarserCommand(row.begin)}].Add(row.usage);
      }
    }
    for (const auto& [key, cell] : users) {
      ASSERT_GE(cell.user, 0) << key.first.value() << " at " << key.second;
      ASSERT_GE(cell.system, 0) << key.first.value() << " at " << key.second;
    }
    // What moved between commands of a user is zero for the user.
    std::erase_if(users_as_commands, [](const auto& cell) { return cell.second == Cell(); });
    std::erase_if(commands, [](const auto& cell) { return cell.second == Cell(); });
    ASSERT_TRUE(users_as_commands == commands);
  }

  // The rows add up to the totals, which are the same for all groupings.
  void CheckPeriod(const Period& period, const std::vector<Grouping>& groupings) {
    std::optional<std::pair<acct::ExactTime, acct::ExactTime>> all;
    for (const Grouping& by : groupings) {
      const Report report = ReportBy(by, period);
      std::string name = absl::FormatTime(period.begin, absl::UTCTimeZone());
      for (const Dimension dimension : by) absl::StrAppend(&name, " ", static_cast<int>(dimension));
      SCOPED_TRACE(name);
      acct::ExactTime user = report.remaining_rows.usage.user_time();
      acct::ExactTime system = report.remaining_rows.usage.system_time();
      for (const ReportRow& row : report.rows) {
        user += row.usage.user_time();
        system += row.usage.system_time();
        // Together with the ticks, which are not negative either, they are the row's time.
        ASSERT_GE(row.usage.running_user, 0);
        ASSERT_GE(row.usage.running_system, 0);
        ASSERT_LE(report.ShareOf(row.usage), 1);
      }
      ASSERT_TRUE(user == report.totals.user_time());
      ASSERT_TRUE(system == report.totals.system_time());
      if (!all.has_value()) all = {user, system};
      ASSERT_EQ(all->first.ticks().count(), user.ticks().count());
      ASSERT_EQ(all->second.ticks().count(), system.ticks().count());
    }
  }

  // The same for every day, and every hour of the last two days. For older times there are no hours
  // of commands, and days of commands only as long as there are hours of users.
  void CheckPeriods() {
    ++counts_.period_checks;
    const std::vector<Grouping> without_commands(kGroupings.begin(), kGroupings.begin() + 5);
    const absl::TimeZone utc = absl::UTCTimeZone();
    const absl::CivilDay today = absl::ToCivilDay(absl::FromUnixSeconds(latest_clock_), utc);
    const absl::CivilDay first_of_commands(absl::CivilMonth(today - days_of_hours_));
    absl::CivilDay day = absl::ToCivilDay(absl::FromUnixSeconds(kBegin), utc) - 1;
    for (; day <= today + 1; ++day) {
      const Period period = {absl::FromCivil(day, utc), absl::FromCivil(day + 1, utc)};
      CheckPeriod(period, day < first_of_commands ? without_commands : kGroupings);
      if (::testing::Test::HasFatalFailure()) return;
      if (day < today - 1) continue;
      for (absl::Time hour = period.begin; hour < period.end; hour += absl::Hours(1)) {
        CheckPeriod({hour, hour + absl::Hours(1)}, kGroupings);
        if (::testing::Test::HasFatalFailure()) return;
      }
    }
  }

  static constexpr int64_t kBegin = 1'700'000'000;
  // Groupings without commands first.
  const std::vector<Grouping> kGroupings = {
      {Dimension::kUser},
      {Dimension::kHour},
      {Dimension::kDay},
      {Dimension::kUser, Dimension::kHour},
      {Dimension::kUser, Dimension::kDay},
      {Dimension::kCommand},
      {Dimension::kUser, Dimension::kCommand},
  };

  std::mt19937_64 random_;
  std::mt19937_64 outages_;   // of the directory
  std::mt19937_64 failures_;  // of /proc
  std::mt19937_64 measured_;
  std::mt19937_64 cuts_;
  const bool is_cut_off_;  // sometimes
  bool checks_every_period_;
  const RotationScheme& scheme_;
  TempDir dir_;
  RotatingFile file_;
  CrashingFiles files_;
  SnapshotStore store_;
  int days_of_hours_;
  const bool remembers_names_;
  Directory directory_;
  Counts counts_;

  int64_t now_ = kBegin;
  int64_t latest_clock_ = kBegin;
  int64_t boot_ = now_ - 1000;
  int64_t clock_offset_ = 0;
  bool is_accounting_ = true;
  bool is_collecting_ = false;
  bool has_booted_ = false;  // since the last run
  bool has_clock_step_ = false;
  bool is_blind_ = false;  // /proc could not be read since
  uint32_t next_pid_ = 0;
  uint64_t serial_ = 0;
  std::map<uint32_t, Process> running_;
  std::vector<Record> records_;
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

uint64_t FromEnvironment(const char* name, uint64_t fallback) {
  const char* const text = std::getenv(name);
  uint64_t number;
  return text != nullptr && absl::SimpleAtoi(text, &number) ? number : fallback;
}

TEST(LedgerSimulationTest, TheStoreSaysWhatHappenedWhateverDoes) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr uint64_t kHistories = 200;
#else
  constexpr uint64_t kHistories = 1500;
#endif
  const uint64_t first = FromEnvironment("SEED", 1);
  const uint64_t histories = FromEnvironment("HISTORIES", kHistories);
  Counts counts;
  for (uint64_t seed = first; seed < first + histories; ++seed) {
    World world(seed);
    SCOPED_TRACE(absl::StrCat("SEED=", seed, " HISTORIES=1, ", world.scheme()));
    world.Play();
    counts += world.counts();
    ASSERT_FALSE(::testing::Test::HasFailure());
  }
  std::printf(
      "%ju histories from seed %ju: %ju runs, %ju records, %ju rotations, %ju records lost and "
      "reported, %ju reboots, %ju clock steps, %ju kills, %ju power cuts, %ju files cut off, %ju "
      "errors, of these %ju "
      "with the snapshot published, %ju merged snapshots and %ju corrections seen, %ju times all "
      "hours and days looked at, %ju times a name, %ju failures of /proc\n",
      histories, first, counts.runs, counts.records, counts.rotations, counts.lost, counts.reboots,
      counts.clock_steps, counts.kills, counts.power_cuts, counts.cuts, counts.errors,
      counts.published_at_stop, counts.merges, counts.corrections, counts.period_checks,
      counts.named, counts.failed_looks);
  if (histories < 100) return;
  for (const uint64_t count :
       {counts.records, counts.rotations, counts.lost, counts.reboots, counts.clock_steps,
        counts.kills, counts.power_cuts, counts.cuts, counts.errors, counts.published_at_stop,
        counts.merges, counts.corrections, counts.period_checks, counts.named,
        counts.failed_looks}) {
    EXPECT_GT(count, histories / 20);
  }
}

}  // namespace
}  // namespace cpuagg::aggregate
