#include "aggregate/tally/aggregator.h"

#include <cmath>
#include <cstdint>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "acct/io/byte_source.h"
#include "acct/io/open_source.h"
#include "acct/record/byte_order.h"
#include "acct/record/layout.h"
#include "acct/record/record_view.h"
#include "acct/record/units.h"
#include "acct/scan/byte_account.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/tally/process_choice.h"
#include "aggregate/tally/table_key.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"
#include "aggregate/usage/usage.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::ReadFile;
using acct::testing::RecordBuilder;
using acct::testing::TempDir;

constexpr char kLab[] = "testdata/lab/";

using Users = std::map<acct::Uid, Usage>;

struct Aggregation {
  Users users;
  TimeSpan span;
  acct::ByteAccount account;
};

Aggregation AggregateFile(const std::string& path, const Period& period = Period(),
                          size_t threads = 1) {
  absl::StatusOr<std::unique_ptr<acct::ByteSource>> source = acct::OpenSource(path);
  EXPECT_TRUE(source.ok()) << source.status();
  UserTotals totals{.period = period};
  absl::StatusOr<acct::ByteAccount> account = Aggregate(**source, {.threads = threads}, totals);
  EXPECT_TRUE(account.ok()) << account.status();
  return {.users = Users(totals.usage.begin(), totals.usage.end()),
          .span = totals.span,
          .account = *std::move(account)};
}

// One of the lab's generations, the older of which are compressed.
std::string PathOf(const std::string& name) {
  const std::string path = kLab + name;
  return std::ifstream(path).good() ? path : path + ".gz";
}

// uid -> (processes, hundredths of CPU seconds), from the output of `sa -u`. GNU sa cuts names to
// eight bytes and prints ids as signed numbers; the lab's passwd converts them back.
using SaTotals = std::map<uint32_t, std::pair<uint64_t, uint64_t>>;

uint32_t UidOfSaName(const std::string& name) {
  static const std::map<std::string, uint32_t> uids = [] {
    std::map<std::string, uint32_t> map;
    std::istringstream lines(ReadFile(std::string(kLab) + "passwd"));
    for (std::string line; std::getline(lines, line);) {
      const size_t colon = line.find(':');
      map[line.substr(0, colon).substr(0, 8)] =
          static_cast<uint32_t>(std::stoul(line.substr(line.find(':', colon + 1) + 1)));
    }
    return map;
  }();
  const auto found = uids.find(name);
  return found != uids.end() ? found->second : static_cast<uint32_t>(std::stol(name));
}

SaTotals TotalsThatSaPrinted(const std::string& path) {
  SaTotals totals;
  std::istringstream lines(ReadFile(path));
  for (std::string line; std::getline(lines, line);) {
    // A command may contain a newline, so only lines with the shape of a row count.
    const size_t cpu = line.find(" cpu ");
    if (cpu == std::string::npos) continue;
    std::istringstream fields(line.substr(0, cpu));
    std::string name;
    double seconds;
    fields >> name >> seconds;
    auto& [processes, hundredths] = totals[UidOfSaName(name)];
    ++processes;
    hundredths += static_cast<uint64_t>(std::llround(seconds * 100));
  }
  return totals;
}

SaTotals TotalsOf(const Users& users) {
  SaTotals totals;
  for (const auto& [uid, usage] : users) {
    totals[uid.value()] = {usage.processes, usage.cpu_time().ticks().count()};
  }
  return totals;
}

class LabTest : public ::testing::TestWithParam<const char*> {};

TEST_P(LabTest, EveryUsersTotalIsTheSumOfTheRowsOfGnuSa) {
  const SaTotals expected =
      TotalsThatSaPrinted(std::string(kLab) + "expected/" + GetParam() + ".sa-u");
  ASSERT_GT(expected.size(), 5u);
  EXPECT_EQ(TotalsOf(AggregateFile(PathOf(GetParam())).users), expected);
}

INSTANTIATE_TEST_SUITE_P(Generations, LabTest,
                         ::testing::Values("pacct", "pacct.0", "pacct.1", "pacct.2"));

// Compares the sums with a simple implementation, for more users than fit into the caches, with odd
// records in between, and sums that exceed 32 bits.
TEST(AggregatorTest, ManyUsersHaveWhatAMapSaysOnOneThreadAndOnTwo) {
  std::mt19937 random(17);
  std::string file;
  Users expected;
  for (int i = 0; i < 150'000; ++i) {
    const auto uid = static_cast<uint32_t>(random() % 30'000);
    const bool is_large = random() % 8 == 0;
    const auto number = [&] {
      return static_cast<uint16_t>(random() & (is_large ? 0xffff : 0x3fff));
    };
    RecordBuilder record;
    record.Uid(uid).UserTime(number()).SystemTime(number()).Memory(number()).MinorFaults(number());
    // Before 1978: not regular.
    if (random() % 1000 == 0) record.BeginTime(1);
    const std::string bytes = record.Bytes();
    const acct::RecordView view(reinterpret_cast<const uint8_t*>(bytes.data()), acct::kVersion3,
                                acct::ByteOrder::kLittle);
    expected[acct::Uid(uid)].Add(view, view.elapsed_ticks());
    file += bytes;
  }
  const TempDir dir;
  std::ofstream(dir.Path("pacct")) << file;
  for (const size_t threads : {1u, 2u}) {
    const Aggregation aggregation = AggregateFile(dir.Path("pacct"), Period(), threads);
    EXPECT_EQ(aggregation.account.records, 150'000u);
    EXPECT_TRUE(aggregation.users == expected) << threads;
  }
}

TEST(LabHistoryTest, TheTicksOfAllGenerationsAreThoseOfTheSample) {
  Users users;
  for (const char* name : {"pacct.2", "pacct.1", "pacct.0", "pacct"}) {
    const Aggregation aggregation = AggregateFile(PathOf(name));
    EXPECT_FALSE(aggregation.account.damaged()) << name;
    for (const auto& [uid, usage] : aggregation.users) users[uid] += usage;
  }
  std::ostringstream table;
  table << "uid\tprocesses\tuser_ticks\tsystem_ticks\n";
  std::map<acct::Uid, Usage> sorted;
  for (const auto& [uid, usage] : users) sorted[uid] = usage;
  for (const auto& [uid, usage] : sorted) {
    table << uid << '\t' << usage.processes << '\t' << usage.ticks.user << '\t'
          << usage.ticks.system << '\n';
  }
  EXPECT_EQ(table.str(), ReadFile(std::string(kLab) + "expected/totals.tsv"));
}

TEST(AggregatorTest, EveryFieldIsSummed) {
  const TempDir dir;
  const std::string record = RecordBuilder()
                                 .Uid(7)
                                 .UserTime(1)
                                 .SystemTime(2)
                                 .Elapsed(3)
                                 .Memory(4)
                                 .Io(5)
                                 .MinorFaults(6)
                                 .MajorFaults(7)
                                 .Bytes();
  const Aggregation result = AggregateFile(dir.Write("pacct", record + record));
  ASSERT_EQ(result.users.size(), 1u);
  EXPECT_EQ(result.users.find(acct::Uid(7))->second,
            (Usage{.processes = 2,
                   .ticks = {.user = 2, .system = 4, .elapsed = 6, .largest_cpu = 3},
                   .memory_kib = 8,
                   .io = 10,
                   .minor_faults = 12,
                   .major_faults = 14,
                   .largest_memory_kib = 4}));
}

TEST(AggregatorTest, EveryRateIsSummedInItsOwnTicks) {
  const TempDir dir;
  std::string file;
  for (const int rate : {100, 1024, 0, 65535, 1024, 1}) {
    file += RecordBuilder(2)
                .Uid(7)
                .Rate(static_cast<uint16_t>(rate))
                .UserTime(3)
                .SystemTime(1)
                .Elapsed(10)
                .Bytes();
  }
  const Aggregation result = AggregateFile(dir.Write("pacct", file));
  EXPECT_FALSE(result.account.damaged());
  const Usage& usage = result.users.find(acct::Uid(7))->second;
  EXPECT_EQ(usage.processes, 6u);
  EXPECT_EQ(usage.ticks, (TickSums{.user = 6, .system = 2, .elapsed = 20, .largest_cpu = 4}));
  const OtherRates::Map expected = {
      {1, {.user = 3, .system = 1, .elapsed = 10, .largest_cpu = 4}},
      {1024, {.user = 6, .system = 2, .elapsed = 20, .largest_cpu = 4}},
      {65535, {.user = 3, .system = 1, .elapsed = 10, .largest_cpu = 4}}};
  EXPECT_EQ(usage.other_rates.map(), expected);
  EXPECT_EQ(usage.largest_cpu(), acct::ExactTime::Of(4, 1));
  Usage twice = usage;
  twice += usage;
  EXPECT_EQ(twice.other_rates.map().at(65535).user, 6u);
  EXPECT_EQ(twice.largest_cpu(), usage.largest_cpu());
}

std::map<GroupKey, uint64_t> ProcessesBy(const std::string& path, const Grouping& by,
                                         const Period& period = {}) {
  absl::StatusOr<std::unique_ptr<acct::ByteSource>> source = acct::OpenSource(path);
  EXPECT_TRUE(source.ok()) << source.status();
  GroupTotals totals{.period = period, .by = by};
  EXPECT_TRUE(Aggregate(**source, {}, totals).ok());
  std::map<GroupKey, uint64_t> processes;
  for (const auto& [key, usage] : totals.usage) processes[key] = usage.processes;
  return processes;
}

TEST(AggregatorTest, UsageIsToldApartByEveryDimension) {
  const TempDir dir;
  const auto record = [](uint32_t uid, const char* command, uint32_t begin) {
    return RecordBuilder()
        .Uid(uid)
        .Gid(uid + 1)
        .Tty(uid % 2 == 0 ? 0x8801 : 0)
        .ExitCode(uid == 1 ? 0x80 | 11 : 11 << 8)
        .Command(command)
        .BeginTime(begin);
  };
  const std::string path = dir.Write(
      "pacct", record(1, "a", 1'700'000'000).Bytes() + record(2, "a", 1'700'000'000).Bytes() +
                   record(2, "b", 1'700'003'600).Bytes() + record(2, "b", 1'700'090'000).Bytes());
  using Counts = std::map<GroupKey, uint64_t>;
  EXPECT_EQ(ProcessesBy(path, {Dimension::kUser}),
            (Counts{{{.uid = acct::Uid(1)}, 1}, {{.uid = acct::Uid(2)}, 3}}));
  EXPECT_EQ(ProcessesBy(path, {Dimension::kGroup}),
            (Counts{{{.gid = acct::Gid(2)}, 1}, {{.gid = acct::Gid(3)}, 3}}));
  EXPECT_EQ(ProcessesBy(path, {Dimension::kTty}), (Counts{{{}, 1}, {{.tty = 0x8801}, 3}}));
  EXPECT_EQ(ProcessesBy(path, {Dimension::kCommand}),
            (Counts{{{.command = CommandBitsOf("a")}, 2}, {{.command = CommandBitsOf("b")}, 2}}));
  EXPECT_EQ(ProcessesBy(path, {Dimension::kHour}), (Counts{{{.begin = 1'699'999'200}, 2},
                                                           {{.begin = 1'700'002'800}, 1},
                                                           {{.begin = 1'700'089'200}, 1}}));
  EXPECT_EQ(ProcessesBy(path, {Dimension::kDay}),
            (Counts{{{.begin = 1'699'920'000}, 3}, {{.begin = 1'700'006'400}, 1}}));
  // 2023-11-13 was a Monday.
  EXPECT_EQ(ProcessesBy(path, {Dimension::kWeek}), (Counts{{{.begin = 1'699'833'600}, 4}}));
  EXPECT_EQ(ProcessesBy(path, {Dimension::kMonth}), (Counts{{{.begin = 1'698'796'800}, 4}}));
  EXPECT_EQ(ProcessesBy(path, {Dimension::kUser, Dimension::kMonth}),
            (Counts{{{.uid = acct::Uid(1), .begin = 1'698'796'800}, 1},
                    {{.uid = acct::Uid(2), .begin = 1'698'796'800}, 3}}));
  // A status is not a signal.
  EXPECT_EQ(ProcessesBy(path, {Dimension::kSignal}), (Counts{{{}, 3}, {{.signal = 11}, 1}}));
  EXPECT_EQ(ProcessesBy(path, {Dimension::kUser, Dimension::kCommand}),
            (Counts{{{.uid = acct::Uid(1), .command = CommandBitsOf("a")}, 1},
                    {{.uid = acct::Uid(2), .command = CommandBitsOf("a")}, 1},
                    {{.uid = acct::Uid(2), .command = CommandBitsOf("b")}, 2}}));
  EXPECT_EQ(ProcessesBy(path, {Dimension::kUser}, {.begin = absl::FromUnixSeconds(1'700'003'600)}),
            (Counts{{{.uid = acct::Uid(2)}, 2}}));
}

TEST(AggregatorTest, SumsGoBeyond32Bits) {
  const TempDir dir;
  const std::string record = RecordBuilder().UserTime(0xffff).SystemTime(0xffff).Bytes();
  const Aggregation result = AggregateFile(dir.Write("pacct", acct::testing::Repeat(record, 1000)));
  EXPECT_EQ(result.users.find(acct::Uid(0))->second.cpu_time(),
            acct::Ticks(2000 * 17'177'772'032u));
}

TEST(AggregatorTest, SeveralThreadsGiveWhatOneGives) {
  const TempDir dir;
  std::mt19937 random(3);
  std::string file;
  for (int i = 0; i < 300'000; ++i) {
    file += random() % 1000 == 0 ? std::string(64, '\xff')
                                 : RecordBuilder()
                                       .Uid(static_cast<uint32_t>(random() % 1000))
                                       .BeginTime(static_cast<uint32_t>(random()))
                                       .UserTime(static_cast<uint16_t>(random()))
                                       .SystemTime(static_cast<uint16_t>(random()))
                                       .Elapsed(static_cast<float>(random() % 100'000))
                                       .Memory(static_cast<uint16_t>(random()))
                                       .Bytes();
  }
  const std::string path = dir.Write("pacct", file + "torn");
  const Period periods[] = {
      {}, {.begin = absl::FromUnixSeconds(1 << 30), .end = absl::FromUnixSeconds(1 << 31)}};
  for (const Period& period : periods) {
    const Aggregation one = AggregateFile(path, period, 1);
    for (const size_t threads : {2u, 3u, 7u, 64u}) {
      const Aggregation several = AggregateFile(path, period, threads);
      EXPECT_TRUE(several.users == one.users);
      EXPECT_EQ(several.span.first_begin, one.span.first_begin);
      EXPECT_EQ(several.span.last_end, one.span.last_end);
      EXPECT_EQ(several.account.bytes, one.account.bytes);
      EXPECT_EQ(several.account.skipped, one.account.skipped);
      EXPECT_EQ(several.account.trailing_bytes, 4u);
    }
  }
}

// More users than the caches hold, so that entries are prefetched, with irregular records in
// between.
TEST(AggregatorTest, ManyUsersAreCountedAsFewAre) {
  const TempDir dir;
  std::mt19937 random(3);
  std::string file;
  std::map<uint32_t, std::pair<uint64_t, uint64_t>> expected;  // processes and ticks by uid
  std::map<std::pair<uint32_t, char>, uint64_t> expected_commands;
  for (int i = 0; i < 60'000; ++i) {
    const auto uid = static_cast<uint32_t>(random() % 20'000);
    const auto ticks = static_cast<uint16_t>(random() % 5000);
    const char command = static_cast<char>('a' + random() % 3);
    RecordBuilder record(i % 1000 == 999 ? 2 : 3);
    file += record.Uid(uid).UserTime(ticks).Command({&command, 1}).Bytes();
    ++expected[uid].first;
    expected[uid].second += ticks;
    ++expected_commands[{uid, command}];
  }
  const std::string path = dir.Write("pacct", file);
  const Aggregation result = AggregateFile(path);
  EXPECT_EQ(result.account.records, 60'000u);
  std::map<uint32_t, std::pair<uint64_t, uint64_t>> sums;
  for (const auto& [uid, usage] : result.users) {
    sums[uid.value()] = {usage.processes, usage.ticks.user};
  }
  EXPECT_EQ(sums, expected);
  std::map<std::pair<uint32_t, char>, uint64_t> commands;
  for (const auto& [key, processes] : ProcessesBy(path, {Dimension::kUser, Dimension::kCommand})) {
    commands[{key.uid.value(), CommandText(key.command)[0]}] = processes;
  }
  EXPECT_EQ(commands, expected_commands);
}

TEST(AggregatorTest, APeriodTakesProcessesByTheirEnd) {
  const TempDir dir;
  const std::string file = RecordBuilder().Uid(1).BeginTime(1000).Elapsed(99 * 100).Bytes() +
                           RecordBuilder().Uid(2).BeginTime(1000).Elapsed(100 * 100).Bytes() +
                           RecordBuilder().Uid(3).BeginTime(1199).Elapsed(99).Bytes() +
                           RecordBuilder().Uid(4).BeginTime(1199).Elapsed(100).Bytes() +
                           // A record with a usual time makes the others plausible.
                           RecordBuilder().Uid(5).Bytes();
  const Aggregation result =
      AggregateFile(dir.Write("pacct", file),
                    {.begin = absl::FromUnixSeconds(1100), .end = absl::FromUnixSeconds(1200)});
  EXPECT_EQ(result.users.size(), 2u);
  EXPECT_TRUE(result.users.contains(acct::Uid(2)));
  EXPECT_TRUE(result.users.contains(acct::Uid(3)));
  EXPECT_EQ(result.account.records, 5u);
  EXPECT_EQ(result.span.first_begin, 1000);
  EXPECT_EQ(result.span.last_end, 1199);
}

// Records have whole seconds.
TEST(AggregatorTest, APeriodThatBeginsWithinASecondDoesNotTakeThatSecond) {
  const TempDir dir;
  const std::string file = RecordBuilder().Uid(1).BeginTime(1'700'000'000).Bytes() +
                           RecordBuilder().Uid(2).BeginTime(1'700'000'001).Bytes() +
                           RecordBuilder().Uid(3).BeginTime(1'700'000'002).Bytes();
  const absl::Time middle = absl::FromUnixSeconds(1'700'000'000) + absl::Milliseconds(500);
  const Aggregation result =
      AggregateFile(dir.Write("pacct", file), {middle, middle + absl::Seconds(1)});
  EXPECT_EQ(result.users.size(), 1u);
  EXPECT_TRUE(result.users.contains(acct::Uid(2)));
}

// Several threads and one thread, whatever is chosen.
TEST(AggregatorTest, ChosenProcessesAndTheOthersAreApart) {
  const TempDir dir;
  std::string bytes;
  constexpr uint32_t kBegin = 1'700'000'000;
  for (uint32_t i = 0; i < 50'000; ++i) {
    bytes += RecordBuilder()
                 .Uid(1000 + i % 7)
                 .ExitCode(i % 3 == 0 ? 11 : 0)
                 .BeginTime(kBegin + i)
                 .Elapsed(0)
                 .Bytes();
  }
  const std::string path = dir.Write("pacct", bytes);
  for (const size_t threads : {1u, 4u}) {
    const auto source = acct::OpenSource(path);
    ASSERT_TRUE(source.ok());
    GroupTotals totals{.period = {.begin = absl::FromUnixSeconds(kBegin + 30'001),
                                  .end = absl::FromUnixSeconds(kBegin + 45'000)},
                       .by = {Dimension::kSignal},
                       .processes = {.signal = ProcessChoice::kAnySignal},
                       .compare_with = Period{.begin = absl::FromUnixSeconds(kBegin + 15'000),
                                              .end = absl::FromUnixSeconds(kBegin + 30'000)}};
    ASSERT_TRUE(Aggregate(**source, {.threads = threads}, totals).ok());
    ASSERT_EQ(totals.usage.size(), 1u);
    EXPECT_EQ((*totals.usage.begin()).first.signal, 11);
    EXPECT_EQ((*totals.usage.begin()).second.processes, 4'999u);
    ASSERT_EQ(totals.other_usage.size(), 1u);
    EXPECT_EQ((*totals.other_usage.begin()).first.signal, 0);
    EXPECT_EQ((*totals.other_usage.begin()).second.processes, 10'000u);
    ASSERT_EQ(totals.previous_usage.size(), 1u) << "only chosen ones";
    EXPECT_EQ((*totals.previous_usage.begin()).second.processes, 5'000u);
    EXPECT_EQ(totals.first_end, int64_t{kBegin});
    EXPECT_EQ(totals.last_end, int64_t{kBegin} + 49'999);
    EXPECT_EQ(totals.span.first_begin, int64_t{kBegin} + 30'001) << "of all in the period";

    GroupTotals all{
        .period = totals.period, .by = {Dimension::kUser}, .compare_with = totals.compare_with};
    const auto again = acct::OpenSource(path);
    ASSERT_TRUE(again.ok());
    ASSERT_TRUE(Aggregate(**again, {.threads = threads}, all).ok());
    EXPECT_EQ(all.usage.size(), 7u);
    EXPECT_EQ(all.previous_usage.size(), 7u) << "of the time before";
    EXPECT_EQ(all.other_usage.size(), 0u);
  }
}

TEST(AggregatorTest, TotalsOfTwoFilesCoverTheTimeOfBoth) {
  const TempDir dir;
  GroupTotals totals{.by = {Dimension::kUser}};
  const auto add = [&](uint32_t begin) {
    const auto source =
        acct::OpenSource(dir.Write("pacct", RecordBuilder().BeginTime(begin).Elapsed(0).Bytes()));
    ASSERT_TRUE(source.ok());
    GroupTotals of_file{.by = totals.by};
    ASSERT_TRUE(Aggregate(**source, {}, of_file).ok());
    totals.Merge(std::move(of_file));
  };
  add(1'700'000'100);
  add(1'700'000'000);
  add(1'700'000'200);
  EXPECT_EQ(totals.span.first_begin, 1'700'000'000);
  EXPECT_EQ(totals.span.last_end, 1'700'000'200);
}

}  // namespace
}  // namespace cpuagg::aggregate
