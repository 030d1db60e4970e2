#include "aggregate/tally/process_choice.h"

#include <csignal>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "acct/record/exit_code.h"
#include "acct/record/plausibility.h"
#include "acct/record/record_v3_view.h"
#include "acct/record/record_view.h"
#include "acct/record/units.h"
#include "acct/testing/record_builder.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::RecordBuilder;

constexpr uint32_t kBegin = 1'700'000'000;

bool Takes(const ProcessChoice& choice, const RecordBuilder& record) {
  const std::string bytes = record.Bytes();
  return choice.Takes(acct::RecordV3View(reinterpret_cast<const uint8_t*>(bytes.data())));
}

absl::Time At(double seconds) { return absl::FromUnixSeconds(kBegin) + absl::Seconds(seconds); }

TEST(ProcessChoiceTest, WithoutAWishEveryProcessIsTaken) {
  EXPECT_TRUE(ProcessChoice().takes_all());
  EXPECT_TRUE(Takes({}, RecordBuilder()));
  EXPECT_TRUE(Takes({}, RecordBuilder().ExitCode(SIGSEGV).Flags(0x3f)));
}

TEST(ProcessChoiceTest, EachWishIsOne) {
  const ProcessChoice wishes[] = {{.pid = 1},
                                  {.parent = 0},
                                  {.groups = {acct::Gid(0)}},
                                  {.tty = 0},
                                  {.status = 0},
                                  {.signal = ProcessChoice::kAnySignal},
                                  {.has_failed = true},
                                  {.flags = acct::kForkFlag},
                                  {.min_cpu = absl::Seconds(1)},
                                  {.min_elapsed = absl::Seconds(1)},
                                  {.min_memory_kib = 1},
                                  {.at = absl::UnixEpoch()}};
  for (const ProcessChoice& wish : wishes) EXPECT_FALSE(wish.takes_all());
}

TEST(ProcessChoiceTest, GroupsAreAnyOfThose) {
  const ProcessChoice choice{.groups = {acct::Gid(7), acct::Gid(100)}};
  EXPECT_TRUE(Takes(choice, RecordBuilder().Gid(100)));
  EXPECT_TRUE(Takes(choice, RecordBuilder().Gid(7)));
  EXPECT_FALSE(Takes(choice, RecordBuilder().Uid(100).Gid(8)));
}

TEST(ProcessChoiceTest, IdsAndTerminalsAreThoseOfTheRecord) {
  EXPECT_TRUE(Takes({.pid = 2367}, RecordBuilder().Pid(2367)));
  EXPECT_FALSE(Takes({.pid = 2367}, RecordBuilder().Pid(2368).ParentPid(2367)));
  EXPECT_TRUE(Takes({.parent = 812}, RecordBuilder().ParentPid(812)));
  EXPECT_FALSE(Takes({.parent = 812}, RecordBuilder().Pid(812).ParentPid(1)));
  EXPECT_TRUE(Takes({.tty = 0x8803}, RecordBuilder().Tty(0x8803)));
  EXPECT_FALSE(Takes({.tty = 0x8803}, RecordBuilder().Tty(0)));
  EXPECT_TRUE(Takes({.tty = 0}, RecordBuilder().Tty(0)));
}

TEST(ProcessChoiceTest, AProcessReturnsAStatusOrIsEndedByASignal) {
  const RecordBuilder done = RecordBuilder().ExitCode(0);
  const RecordBuilder returned = RecordBuilder().ExitCode(1 << 8);
  const RecordBuilder killed = RecordBuilder().ExitCode(SIGKILL);
  const RecordBuilder dumped = RecordBuilder().ExitCode(SIGSEGV | 0x80);
  EXPECT_TRUE(Takes({.status = 0}, done));
  EXPECT_FALSE(Takes({.status = 0}, killed));
  EXPECT_TRUE(Takes({.status = 1}, returned));
  EXPECT_FALSE(Takes({.status = 2}, returned));
  for (const RecordBuilder& record : {killed, dumped}) {
    EXPECT_TRUE(Takes({.signal = ProcessChoice::kAnySignal}, record));
    EXPECT_TRUE(Takes({.has_failed = true}, record));
  }
  EXPECT_TRUE(Takes({.signal = SIGSEGV}, dumped));
  EXPECT_FALSE(Takes({.signal = SIGSEGV}, killed));
  EXPECT_FALSE(Takes({.signal = ProcessChoice::kAnySignal}, returned));
  EXPECT_TRUE(Takes({.has_failed = true}, returned));
  EXPECT_FALSE(Takes({.has_failed = true}, done));
  // The bit of a core dump is neither.
  EXPECT_FALSE(Takes({.has_failed = true}, RecordBuilder().ExitCode(0x80)));
}

TEST(ProcessChoiceTest, AllFlagsThatAreAskedForHaveToBeSet) {
  const RecordBuilder both = RecordBuilder().Flags(acct::kSuperuserFlag | acct::kCoreFlag);
  EXPECT_TRUE(Takes({.flags = acct::kSuperuserFlag}, both));
  EXPECT_TRUE(Takes({.flags = acct::kSuperuserFlag | acct::kCoreFlag}, both));
  EXPECT_FALSE(Takes({.flags = acct::kSuperuserFlag | acct::kForkFlag}, both));
  EXPECT_FALSE(Takes({.flags = acct::kForkFlag}, RecordBuilder().Flags(0)));
}

TEST(ProcessChoiceTest, TheLeastIsEnough) {
  const RecordBuilder record =
      RecordBuilder().UserTime(200).SystemTime(100).Elapsed(6000).Memory(300);
  EXPECT_TRUE(Takes({.min_cpu = absl::Seconds(3)}, record));
  EXPECT_FALSE(Takes({.min_cpu = absl::Milliseconds(3001)}, record));
  EXPECT_TRUE(Takes({.min_elapsed = absl::Minutes(1)}, record));
  EXPECT_FALSE(Takes({.min_elapsed = absl::Seconds(61)}, record));
  EXPECT_TRUE(Takes({.min_memory_kib = 300}, record));
  EXPECT_FALSE(Takes({.min_memory_kib = 301}, record));
  EXPECT_FALSE(Takes({.min_cpu = absl::Hours(24 * 36'500)}, record));
}

TEST(ProcessChoiceTest, ATimeIsInTheUnitOfTheRecord) {
  // 1,024 ticks per second.
  const std::string bytes = RecordBuilder(2).Rate(1024).UserTime(2048).Elapsed(0).Bytes();
  const std::optional<acct::RecordView> record =
      acct::RecordAt({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, {});
  ASSERT_TRUE(record.has_value());
  EXPECT_TRUE(ProcessChoice{.min_cpu = absl::Seconds(2)}.Takes(*record));
  EXPECT_FALSE(ProcessChoice{.min_cpu = absl::Milliseconds(2001)}.Takes(*record));
  // It has no process ids.
  EXPECT_FALSE(ProcessChoice{.pid = 0}.Takes(*record));
}

TEST(ProcessChoiceTest, AProcessRanFromItsBeginToItsEnd) {
  const RecordBuilder record = RecordBuilder().BeginTime(kBegin).Elapsed(1000);
  EXPECT_FALSE(Takes({.at = At(-1)}, record));
  EXPECT_TRUE(Takes({.at = At(0)}, record));
  EXPECT_TRUE(Takes({.at = At(5.5)}, record));
  EXPECT_TRUE(Takes({.at = At(10)}, record));
  EXPECT_FALSE(Takes({.at = At(11)}, record));
}

TEST(ProcessChoiceTest, AllWishesHold) {
  const ProcessChoice choice{.pid = 7, .has_failed = true};
  EXPECT_TRUE(Takes(choice, RecordBuilder().Pid(7).ExitCode(SIGTERM)));
  EXPECT_FALSE(Takes(choice, RecordBuilder().Pid(7)));
  EXPECT_FALSE(Takes(choice, RecordBuilder().Pid(8).ExitCode(SIGTERM)));
}

}  // namespace
}  // namespace cpuagg::aggregate
