#include "aggregate/store/stores_report.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/io/atomic_file.h"
#include "acct/rotation/cursor.h"
#include "acct/testing/sanitized.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/buckets/usage_rows.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/compaction.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/store/store_report.h"
#include "aggregate/usage/grouping.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using Strings = std::vector<std::string>;

// Early on 2026-10-28, three days after clocks were put back in Berlin.
const absl::Time kEnd = absl::FromUnixSeconds(1'793'145'600);
constexpr int kHours = 24 * 8;

absl::TimeZone ZoneNamed(const char* name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone));
  return zone;
}

// The row of one user in an hour.
UserRow RowOf(int64_t begin, uint32_t account, uint64_t ticks) {
  return {begin, begin + 3600, account, {.processes = 1, .ticks = {.user = ticks}}};
}

acct::Cursor CursorOf(const std::string& host) {
  std::string head = host;
  head.resize(acct::Cursor::kMarkBytes, '.');
  return {.offset = 6400, .head = head, .tail = head};
}

// A file that still grows.
acct::Cursor Growing(uint64_t offset, uint64_t inode) {
  return {.offset = offset,
          .head = std::string(acct::Cursor::kMarkBytes, 'h'),
          .tail = std::string(acct::Cursor::kMarkBytes, static_cast<char>('a' + offset % 26)),
          .device = 8,
          .inode = inode};
}

class StoresReportTest : public ::testing::Test {
 protected:
  std::string Directory(const std::string& name) const { return dir_.Path(name); }

  // A store of `host` in the folder `name`, with a run that counted `ticks` of alice.
  std::string MakeStore(const std::string& name, const std::string& host, uint64_t ticks,
                        absl::Time captured_at = kEnd) {
    return MakeStoreOf(name, host, ticks, CursorOf(name), "", captured_at);
  }

  // The same of a file, on a machine that has booted as `boot` says.
  std::string MakeStoreOf(const std::string& name, const std::string& host, uint64_t ticks,
                          const acct::Cursor& cursor, const std::string& boot,
                          absl::Time captured_at = kEnd) {
    const SnapshotStore store(Directory(name));
    EXPECT_TRUE(store.MakeDirectories().ok());
    Snapshot snapshot;
    snapshot.header = {.runs = {1, 1},
                       .host = host,
                       .captured_at = captured_at + absl::Nanoseconds(++made_),
                       .accounts = {{acct::Uid(1000), "alice"}}};
    snapshot.cursors = {cursor};
    snapshot.running.boot_id = boot;
    snapshot.users = {RowOf(absl::ToUnixSeconds(kEnd) - 7200, 0, ticks)};
    EXPECT_TRUE(store.Publish(snapshot).ok());
    return store.directory();
  }

  absl::StatusOr<StoresReport> ReportOf(const Strings& directories,
                                        const ReportOptions& options = {}) const {
    Strings problems;
    const std::vector<HostStore> stores = NameHosts(directories, 2, problems);
    EXPECT_EQ(problems, Strings());
    return ReportFromStores(stores, {}, absl::UTCTimeZone(), {.now = kEnd}, options, 2);
  }

  acct::testing::TempDir dir_;
  int made_ = 0;
};

TEST_F(StoresReportTest, HostsHaveTheNameThatTheirLastRunRecordedOrThatOfTheFolder) {
  const Strings directories = {MakeStore("one", "web1", 1), MakeStore("two", "", 1)};
  ASSERT_TRUE(SnapshotStore(Directory("three")).MakeDirectories().ok());
  Strings problems;
  const std::vector<HostStore> stores =
      NameHosts({directories[0], directories[1] + "/", Directory("three")}, 4, problems);
  ASSERT_EQ(stores.size(), 3u);
  EXPECT_EQ(stores[0].host, "web1");
  EXPECT_EQ(stores[1].host, "two");
  EXPECT_EQ(stores[2].host, "three");
  EXPECT_EQ(problems, Strings());
}

TEST_F(StoresReportTest, HostsOfOneNameAreToldApartByTheirFolders) {
  const Strings directories = {MakeStore("x", "debian", 1), MakeStore("y", "debian", 2),
                               MakeStore("z", "other", 4)};
  Strings problems;
  std::vector<HostStore> stores = NameHosts(directories, 1, problems);
  EXPECT_EQ(stores[0].host, "x");
  EXPECT_EQ(stores[1].host, "y");
  EXPECT_EQ(stores[1].recorded, "debian");
  EXPECT_EQ(stores[2].host, "other");
  EXPECT_EQ(stores[2].recorded, "");
  // The folders are called the same, too.
  std::filesystem::create_directory(dir_.Path("more"));
  stores = NameHosts({directories[0], MakeStore("more/x", "debian", 1)}, 1, problems);
  EXPECT_EQ(stores[0].host, directories[0]);
  EXPECT_EQ(stores[1].host, Directory("more/x"));
}

TEST_F(StoresReportTest, AStoreAndItsCopyAreRefused) {
  const std::string store = MakeStore("a", "a", 1);
  std::filesystem::copy(store, Directory("copy"), std::filesystem::copy_options::recursive);
  const absl::StatusOr<StoresReport> report = ReportOf({store, Directory("copy")});
  EXPECT_TRUE(absl::IsFailedPrecondition(report.status())) << report.status();
  EXPECT_TRUE(absl::StrContains(report.status().message(), store)) << report.status();
  EXPECT_TRUE(absl::StrContains(report.status().message(), Directory("copy"))) << report.status();
}

TEST_F(StoresReportTest, StoresThatReadTheSameFileAreRefused) {
  struct Case {
    const char* what;
    acct::Cursor first;
    std::string first_boot;
    acct::Cursor second;
    std::string second_boot;
    bool is_refused;
  };
  constexpr int kRecord = 64;
  acct::Cursor complete = Growing(100 * kRecord, 7);
  complete.sealed_bytes = complete.offset;
  complete.TrimMarks();
  acct::Cursor copy = complete;
  copy.inode = 8;
  acct::Cursor zeros = Growing(100 * kRecord, 7);
  zeros.head.assign(acct::Cursor::kMarkBytes, '\0');
  acct::Cursor later_zeros = zeros;
  later_zeros.offset += kRecord;
  acct::Cursor two_records = {.offset = 2 * kRecord, .sealed_bytes = 2 * kRecord};
  two_records.head = two_records.tail = std::string(kRecord, 'a') + std::string(kRecord, 'b');
  acct::Cursor one_record = {.offset = kRecord, .sealed_bytes = kRecord};
  one_record.head = one_record.tail = std::string(kRecord, 'a');
  const Case cases[] = {
      {"to the same place, without a boot", Growing(100 * kRecord, 7), "",
       Growing(100 * kRecord, 8), "", true},
      {"to other places in one file of a machine", Growing(100 * kRecord, 7), "boot",
       Growing(110 * kRecord, 7), "boot", true},
      {"complete, and as it was before", complete, "boot", Growing(90 * kRecord, 7), "boot", true},
      {"complete", complete, "boot", copy, "other", true},
      {"complete, with two records", two_records, "", two_records, "", true},
      {"a single record is not enough", one_record, "", one_record, "", false},
      {"of two machines, made from one image", Growing(100 * kRecord, 7), "boot",
       Growing(110 * kRecord, 7), "other", false},
      {"of two files with one beginning", Growing(100 * kRecord, 7), "boot",
       Growing(110 * kRecord, 8), "boot", false},
      {"without a boot", Growing(100 * kRecord, 7), "", Growing(110 * kRecord, 7), "", false},
      {"zeros identify nothing", zeros, "boot", later_zeros, "boot", false},
  };
  int number = 0;
  for (const Case& c : cases) {
    const std::string name = absl::StrCat(++number);
    const std::string first = MakeStoreOf(name + "a", "a", 1, c.first, c.first_boot);
    const std::string second = MakeStoreOf(name + "b", "b", 1, c.second, c.second_boot);
    const absl::Status status = ReportOf({second, first}).status();
    EXPECT_EQ(status.ok(), !c.is_refused) << c.what << ": " << status;
    if (!c.is_refused) continue;
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << c.what << ": " << status;
    EXPECT_TRUE(
        absl::StartsWith(status.message(), absl::StrCat("the stores ", first, " and ", second,
                                                        " have read the same accounting file, ")))
        << c.what << ": " << status;
  }
}

TEST_F(StoresReportTest, AStoreThatCannotBeReadLeavesTheOthers) {
  const Strings directories = {MakeStore("a", "a", 10), MakeStore("b", "b", 20),
                               MakeStore("c", "c", 40)};
  // A later version, and a snapshot with a changed byte.
  const std::vector<HostStore> stores = {
      {directories[0], "a"}, {directories[1], "b"}, {directories[2], "c"}};
  std::filesystem::permissions(directories[1] + "/snapshots", std::filesystem::perms::all);
  for (const auto& entry : std::filesystem::directory_iterator(directories[2] + "/snapshots")) {
    std::filesystem::resize_file(entry.path(), std::filesystem::file_size(entry.path()) - 1);
  }
  const absl::StatusOr<StoresReport> report =
      ReportFromStores(stores, {}, absl::UTCTimeZone(), {.now = kEnd}, {}, 2);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->report.totals.ticks.user, 10u);
  ASSERT_EQ(report->damage.size(), 2u);
  EXPECT_TRUE(absl::StrContains(report->damage[0], directories[2])) << report->damage[0];
  EXPECT_TRUE(absl::StrContains(report->damage[1], directories[1])) << report->damage[1];
  EXPECT_TRUE(report->report.has_unreadable);
  // The damaged snapshot is a gap of its host.
  ASSERT_EQ(report->report.gaps.size(), 1u);
  EXPECT_EQ(report->report.gaps[0].host, "c");
  EXPECT_FALSE(ReportFromStores({stores[1]}, {}, absl::UTCTimeZone(), {.now = kEnd}, {}, 2).ok());
}

TEST_F(StoresReportTest, AUserWhomOneStoreHasAtAnotherTimeIsKnown) {
  const Strings directories = {MakeStore("a", "a", 10), MakeStore("b", "b", 20)};
  Strings problems;
  const absl::StatusOr<StoresReport> report =
      ReportFromStores(NameHosts(directories, 1, problems), {.begin = kEnd}, absl::UTCTimeZone(),
                       {.now = kEnd}, {.only_users = {"alice", "zoe"}}, 1);
  ASSERT_TRUE(report.ok()) << report.status();
  ASSERT_EQ(report->report.unmatched.size(), 2u);
  EXPECT_TRUE(report->report.unmatched[0].is_in_store);
  EXPECT_FALSE(report->report.unmatched[1].is_in_store);
}

TEST(MarkLateTest, AHostIsLateAfterThreeOfItsIntervals) {
  struct Case {
    const char* what;
    absl::Duration age;  // of the last run; infinite for never
    absl::Duration interval;
    bool is_late;
    bool is_ahead;
  };
  // The newest run of a right clock was an hour ago.
  const Case cases[] = {
      {"newest", absl::Hours(1), absl::Hours(1), false, false},
      {"three hours before the newest", absl::Hours(4), absl::Hours(1), true, false},
      {"nearly", absl::Hours(4) - absl::Seconds(1), absl::Hours(1), false, false},
      {"every ten minutes, within two hours", absl::Minutes(179), absl::Minutes(10), false, false},
      {"every ten minutes, after two hours", absl::Hours(3), absl::Minutes(10), true, false},
      {"daily", absl::Hours(72), absl::Hours(24), false, false},
      {"daily, three days", absl::Hours(73), absl::Hours(24), true, false},
      {"never", absl::InfiniteDuration(), absl::Hours(24), true, false},
      {"ahead", -absl::Hours(30), absl::Hours(1), false, true},
  };
  const absl::Time now = kEnd;
  std::vector<HostState> states(std::size(cases));
  std::vector<HostPace> paces;
  for (size_t i = 0; i < states.size(); ++i) {
    if (cases[i].age != absl::InfiniteDuration()) states[i].last_run = now - cases[i].age;
    // The one that is ahead counts as being of now, which the others are compared with; so it is
    // left out here.
    if (!cases[i].is_ahead) paces.push_back({&states[i], cases[i].interval});
  }
  MarkLate(paces, absl::InfiniteFuture(), now);
  for (size_t i = 0; i < states.size(); ++i) {
    if (cases[i].is_ahead) continue;
    EXPECT_EQ(states[i].is_late, cases[i].is_late) << cases[i].what;
    EXPECT_FALSE(states[i].is_ahead) << cases[i].what;
  }
  paces.push_back({&states.back(), absl::Hours(1)});
  MarkLate(paces, absl::InfiniteFuture(), now);
  EXPECT_TRUE(states.back().is_ahead);
  EXPECT_FALSE(states.back().is_late);
  EXPECT_FALSE(states.front().is_late);
  // Of a time that all of them have reported, none is late.
  MarkLate(paces, now - absl::Hours(80), now);
  for (const HostState& state : states) EXPECT_EQ(state.is_late, !state.last_run.has_value());
}

// Stores with different histories, which all tests read and none changes. Those up to the 17th
// differ in kind.
class FleetTest : public ::testing::Test {
 protected:
  static constexpr int kStores = acct::testing::LessIfSanitized(50, 18);

  static void SetUpTestSuite() {
    dir_ = new acct::testing::TempDir;
    for (int i = 0; i < kStores; ++i) {
      const std::string name = absl::StrCat("host", i);
      directories_.push_back(dir_->Path(name));
      Fill(name, i);
    }
  }

  static void TearDownTestSuite() {
    delete std::exchange(dir_, nullptr);
    directories_.clear();
  }

  // `i` decides what is odd about the host.
  static void Fill(const std::string& name, int i) {
    Unsynced unsynced;
    const SnapshotStore store(dir_->Path(name), unsynced);
    ASSERT_TRUE(store.MakeDirectories().ok());
    std::mt19937_64 random(static_cast<uint64_t>(i));
    const absl::TimeZone zone = i % 3 == 0 ? ZoneNamed("Europe/Berlin") : absl::UTCTimeZone();
    const absl::Duration clock = i == 7 ? absl::Hours(40) : absl::ZeroDuration();
    Strings set_aside;
    for (int hour = 0; hour < kHours; ++hour) {
      if (i == 11 && hour > kHours - 40) break;  // late
      const absl::Time now = kEnd - absl::Hours(kHours - hour) + clock;
      const auto run = static_cast<uint64_t>(hour) + 1;
      Snapshot snapshot;
      snapshot.header = {.runs = {run, run}, .host = name, .captured_at = now + absl::Hours(1)};
      snapshot.cursors = {CursorOf(name)};
      const bool is_renamed = i == 13 && hour > 60;
      snapshot.header.accounts = {{acct::Uid(1000), is_renamed ? "alicia" : "alice"},
                                  {acct::Uid(i % 4 == 0 ? 2001 : 1001), "bob"},
                                  {acct::Uid(1002), std::nullopt}};
      const int64_t begin = absl::ToUnixSeconds(now);
      // What is found late is of an hour before.
      if (hour % 17 == 5) snapshot.users.push_back(RowOf(begin - 3600 * 3, 1, random() % 1000));
      for (uint32_t account = 0; account < 3; ++account) {
        if (random() % 3 > 0) snapshot.users.push_back(RowOf(begin, account, random() % 360'000));
      }
      ASSERT_TRUE(store.Publish(snapshot).ok());
      if (hour % 24 != 0) continue;
      const absl::StatusOr<StoreListing> listing = store.List();
      ASSERT_TRUE(listing.ok());
      ASSERT_TRUE(Compact(store, *listing, now, zone, {.days_of_hours = 5}, set_aside).ok());
    }
    // Runs that were lost.
    if (i == 17) {
      const absl::StatusOr<StoreListing> listing = store.List();
      ASSERT_TRUE(listing.ok());
      std::filesystem::remove(listing->snapshots[listing->snapshots.size() / 2].path);
    }
  }

  // Sums of all rows of `report` by what `key` makes of them.
  template <typename KeyOf>
  static void Sum(const Report& report, const KeyOf& key, std::map<std::string, uint64_t>& sums) {
    for (const ReportRow& row : report.rows) sums[key(row)] += row.usage.ticks.user;
  }

  // With syncs, the stores would take a minute.
  class Unsynced : public acct::FileSystem {
    absl::Status Sync(int, const std::string&) override { return absl::OkStatus(); }
    absl::Status SyncDirectory(const std::string&) override { return absl::OkStatus(); }
  };

  static inline acct::testing::TempDir* dir_ = nullptr;
  static inline Strings directories_;
};

TEST_F(FleetTest, EverySumIsThatOfTheSingleStores) {
  std::mt19937_64 random(1);
  const std::vector<Grouping> groupings = {{Dimension::kUser},
                                           {Dimension::kHost},
                                           {Dimension::kHost, Dimension::kUser},
                                           {Dimension::kUser, Dimension::kDay},
                                           {Dimension::kHost, Dimension::kHour}};
  const std::vector<Period> periods = {
      {}, {.begin = kEnd - absl::Hours(30)}, {kEnd - absl::Hours(100), kEnd - absl::Hours(20)}};
  for (const Grouping& by : groupings) {
    for (const Period& period : periods) {
      SCOPED_TRACE(absl::StrCat(by.size(), " dimensions, ", absl::FormatTime(period.begin)));
      const auto key = [&](const ReportRow& row) {
        return absl::StrCat(row.host, "|",
                            row.user.has_value() ? *row.user : absl::StrCat(row.uid.value()), "|",
                            row.begin);
      };
      std::map<std::string, uint64_t> expected;
      uint64_t gaps = 0;
      for (int i = 0; i < kStores; ++i) {
        absl::StatusOr<StoreReport> one =
            ReportFromStore(SnapshotStore(directories_[static_cast<size_t>(i)]), period,
                            absl::UTCTimeZone(), {.now = kEnd}, {.by = by});
        ASSERT_TRUE(one.ok()) << one.status();
        SetHost(absl::StrCat("host", i), one->report);
        Sum(one->report, key, expected);
        gaps += one->report.gaps.size();
      }
      Strings shuffled = directories_;
      for (const size_t threads : {size_t{1}, size_t{4}}) {
        std::shuffle(shuffled.begin(), shuffled.end(), random);
        Strings problems;
        const absl::StatusOr<StoresReport> all =
            ReportFromStores(NameHosts(shuffled, threads, problems), period, absl::UTCTimeZone(),
                             {.now = kEnd}, {.by = by}, threads);
        ASSERT_TRUE(all.ok()) << all.status();
        EXPECT_EQ(problems, Strings());
        std::map<std::string, uint64_t> sums;
        Sum(all->report, key, sums);
        EXPECT_EQ(sums, expected);
        EXPECT_EQ(all->report.gaps.size(), gaps);
        EXPECT_EQ(all->report.hosts.size(), size_t{kStores});
        EXPECT_TRUE(
            std::is_sorted(all->report.hosts.begin(), all->report.hosts.end(),
                           [](const HostState& a, const HostState& b) { return a.name < b.name; }));
      }
    }
  }
}

TEST_F(FleetTest, TheLateTheAheadAndTheLostAreFound) {
  Strings problems;
  const absl::StatusOr<StoresReport> all = ReportFromStores(
      NameHosts(directories_, 2, problems), {}, absl::UTCTimeZone(), {.now = kEnd}, {}, 2);
  ASSERT_TRUE(all.ok()) << all.status();
  Strings late;
  Strings ahead;
  for (const HostState& host : all->report.hosts) {
    if (host.is_late) late.push_back(host.name);
    if (host.is_ahead) ahead.push_back(host.name);
  }
  EXPECT_EQ(late, Strings{"host11"});
  EXPECT_EQ(ahead, Strings{"host7"});
  ASSERT_EQ(all->report.gaps.size(), 1u);
  EXPECT_EQ(all->report.gaps[0].host, "host17");
  EXPECT_EQ(all->report.users_with_several_ids, Strings{"bob"});
}

}  // namespace
}  // namespace cpuagg::aggregate
