#include "aggregate/running/accounting_trust.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/types/span.h"
#include "acct/kernel/accounting_probe.h"
#include "acct/kernel/process_table.h"
#include "acct/record/units.h"
#include "acct/testing/memory_source.h"
#include "acct/testing/record_builder.h"
#include "aggregate/running/bucket_totals.h"
#include "aggregate/running/running.h"
#include "aggregate/usage/grouping.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::MemorySource;
using acct::testing::RecordBuilder;

constexpr uint32_t kNow = 1'800'000'000;
constexpr uint8_t kForked = 1;
constexpr uint8_t kPrivileged = 2;  // ASU

const acct::AccountingProbe kProbe = {.pid = 77,
                                      .uid = acct::Uid(1000),
                                      .command = "cpuagg",
                                      .begin_time = kNow,
                                      .end_time = kNow + 1,
                                      .reader = 76};

std::string RecordOf(uint32_t pid, uint32_t uid, const char* command, uint8_t flags,
                     uint32_t begin) {
  return RecordBuilder().Pid(pid).Uid(uid).Command(command).Flags(flags).BeginTime(begin).Bytes();
}

// The judgement about a file with these records.
std::string Judgement(const std::string& records, uint32_t reader = kProbe.reader) {
  BucketTotals totals;
  WatchFor(kProbe, totals);
  MemorySource source(
      absl::Span<const uint8_t>(reinterpret_cast<const uint8_t*>(records.data()), records.size()));
  EXPECT_TRUE(Aggregate(source, {}, totals).ok());
  return WhyNotOf("/pacct", kProbe, {.reader = reader}, totals.exits);
}

TEST(AccountingTrustTest, ItsRecordTellsWhoseTheFileIs) {
  constexpr char kOff[] = "/pacct: has no record of a process that has just ended";
  constexpr char kOtherPids[] = "/pacct is written for another pid namespace";
  constexpr char kOtherUsers[] = "/pacct has the user ids of another user namespace";
  const std::string ours = RecordOf(77, 1000, "cpuagg", kForked, kNow);
  const std::string elsewhere = RecordOf(4711, 1000, "cpuagg", kForked, kNow + 1);
  const struct {
    const char* name;
    std::string records;
    const char* message;
  } cases[] = {
      {"no records", "", kOff},
      {"its own", ours, ""},
      {"with another flag", RecordOf(77, 1000, "cpuagg", kForked | kPrivileged, kNow), ""},
      {"beside that of another cpuagg", elsewhere + ours + elsewhere, ""},
      {"rounded", RecordOf(77, 1000, "cpuagg", kForked, kNow - 2), ""},
      {"rounded the other way", RecordOf(77, 1000, "cpuagg", kForked, kNow + 3), ""},
      {"another's with its id, before", RecordOf(77, 1000, "cpuagg", kForked, kNow - 3), kOff},
      {"or later", RecordOf(77, 1000, "cpuagg", kForked, kNow + 4), kOff},
      {"another's with its id", RecordOf(77, 1000, "sh", kForked, kNow), kOff},
      {"another program's", RecordOf(77, 1000, "cpuagg", kPrivileged, kNow), kOff},
      {"another namespace's", elsewhere, kOtherPids},
      {"which has other users as well", RecordOf(9, 0, "cpuagg", kForked, kNow), kOtherPids},
      {"another program's there", RecordOf(9, 1000, "cpuagg", 0, kNow), kOff},
      {"an older one there", RecordOf(9, 1000, "cpuagg", kForked, kNow - 3), kOff},
      {"another command there", RecordOf(9, 1000, "cpuaggs", kForked, kNow), kOff},
      {"with another user", RecordOf(77, 101'000, "cpuagg", kForked, kNow), kOtherUsers},
  };
  for (const auto& c : cases) {
    const std::string judgement = Judgement(c.records);
    EXPECT_EQ(judgement.empty(), *c.message == '\0') << c.name << ": " << judgement;
    EXPECT_TRUE(absl::StartsWith(judgement, c.message)) << c.name << ": " << judgement;
  }
  for (const uint32_t reader : {0u, 75u}) {
    EXPECT_TRUE(absl::StartsWith(Judgement(ours, reader), "/proc is that of another pid namespace"))
        << reader;
    EXPECT_TRUE(absl::StartsWith(Judgement("", reader), kOff)) << reader;
  }
}

// A user who names a /proc knows more than a file without the record shows. But a container's own
// /proc is not the host's.
TEST(AccountingTrustTest, ANamedProcIsDoubtedOnlyIfItIsProvedWrong) {
  const std::string ours = RecordOf(77, 1000, "cpuagg", kForked, kNow);
  const std::string elsewhere = RecordOf(4711, 1000, "cpuagg", kForked, kNow + 1);
  const auto judgement = [](const std::string& records, uint32_t reader) {
    BucketTotals totals;
    WatchFor(kProbe, totals);
    MemorySource source(absl::Span<const uint8_t>(reinterpret_cast<const uint8_t*>(records.data()),
                                                  records.size()));
    EXPECT_TRUE(Aggregate(source, {}, totals).ok());
    return WhyNotOfNamed("/pacct", kProbe, {.reader = reader}, totals.exits);
  };
  EXPECT_EQ(judgement("", kProbe.reader), "");
  EXPECT_EQ(judgement(ours, kProbe.reader), "");
  EXPECT_EQ(judgement(ours + elsewhere, kProbe.reader), "");
  EXPECT_EQ(judgement(elsewhere, kProbe.reader + 4000), "");
  EXPECT_NE(judgement(elsewhere, kProbe.reader), "");
}

// For example from `cpuagg setup --undo`, if `cpuagg collect` follows within the second.
TEST(AccountingTrustTest, AnotherCpuaggBeforeAccountingWentOffIsNoOtherNamespace) {
  const auto believed = [](const std::vector<uint32_t>& pids, bool is_written_to) {
    std::vector<ProcessExit> exits;
    for (const uint32_t pid : pids) {
      exits.push_back({.pid = pid,
                       .begin_time = kNow,
                       .uid = kProbe.uid,
                       .command = CommandBitsOf("cpuagg"),
                       .flags = kForked});
    }
    // A watched process that is not cpuagg's.
    exits.push_back({.pid = 5, .begin_time = kNow, .command = CommandBitsOf("sh")});
    return BelievedExits(kProbe, exits, [&] { return is_written_to; });
  };
  EXPECT_FALSE(HasRecordOf(kProbe, believed({4711}, false)));
  EXPECT_EQ(believed({4711}, false).size(), 1u);
  EXPECT_TRUE(absl::StartsWith(
      WhyNotOf("/pacct", kProbe, {.reader = kProbe.reader}, believed({4711}, false)),
      "/pacct: has no record of a process that has just ended"));
  EXPECT_TRUE(absl::StartsWith(
      WhyNotOf("/pacct", kProbe, {.reader = kProbe.reader}, believed({4711}, true)),
      "/pacct is written for another pid namespace"));
  // Accounting may have been turned off after its own record.
  for (const bool is_written_to : {false, true}) {
    EXPECT_EQ(WhyNotOf("/pacct", kProbe, {.reader = kProbe.reader},
                       believed({4711, kProbe.pid}, is_written_to)),
              "");
  }
  EXPECT_EQ(BelievedExits(kProbe, believed({4711}, true), nullptr).size(), 2u);
}

TEST(AccountingTrustTest, OnlyWhatMayBeItsRecordIsListed) {
  BucketTotals totals{.watched_pids = {5}};
  WatchFor(kProbe, totals);
  const std::string records =
      RecordOf(77, 0, "sh", 0, 1) + RecordOf(5, 0, "sh", 0, 1) + RecordOf(6, 0, "sh", 0, kNow) +
      RecordOf(7, 0, "cpuagg", kForked, kNow - 3) + RecordOf(8, 3, "cpuagg", kForked, kNow);
  MemorySource source(
      absl::Span<const uint8_t>(reinterpret_cast<const uint8_t*>(records.data()), records.size()));
  ASSERT_TRUE(Aggregate(source, {}, totals).ok());
  std::vector<uint32_t> pids;
  for (const ProcessExit& exit : totals.exits) pids.push_back(exit.pid);
  EXPECT_EQ(pids, (std::vector<uint32_t>{77, 5, 8}));
  EXPECT_EQ(totals.exits[2].uid, acct::Uid(3));
  EXPECT_EQ(totals.exits[2].flags, kForked);
  EXPECT_EQ(CommandText(totals.exits[2].command), "cpuagg");
}

}  // namespace
}  // namespace cpuagg::aggregate
