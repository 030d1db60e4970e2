#include "aggregate/report/record_filter.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "acct/record/record_v3_view.h"
#include "acct/record/units.h"
#include "acct/testing/record_builder.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/report/report.h"
#include "aggregate/report/unmatched.h"
#include "aggregate/usage/period.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::RecordBuilder;

// Counts how often it is asked.
class CountingDirectory : public UserDirectory {
 public:
  using UserDirectory::NameOf;
  NameAnswer NameOf(acct::Uid uid) override {
    ++asked;
    if (uid == acct::Uid(1001)) return "alice";
    if (uid == acct::Uid(1002)) return "bob";
    return std::nullopt;
  }
  int asked = 0;
};

constexpr uint32_t kBegin = 1'700'000'000;

struct Process {
  uint32_t uid = 0;
  std::string command = "sh";
  uint32_t begin = kBegin;  // and end
};

bool Takes(RecordFilter& filter, const Process& process) {
  const std::string bytes = RecordBuilder()
                                .Uid(process.uid)
                                .Command(process.command)
                                .BeginTime(process.begin)
                                .Elapsed(0)
                                .Bytes();
  return filter.Takes(acct::RecordV3View(reinterpret_cast<const uint8_t*>(bytes.data())));
}

TEST(RecordFilterTest, WithoutAChoiceAllAreTakenAndNoNameIsAskedFor) {
  CountingDirectory names;
  RecordFilter filter({}, {}, Period(), names);
  EXPECT_TRUE(Takes(filter, {.uid = 0}));
  EXPECT_TRUE(Takes(filter, {.uid = 4711}));
  EXPECT_EQ(names.asked, 0);
  EXPECT_EQ(filter.Findings().remaining_rows.rows, 2u);
}

TEST(RecordFilterTest, UserAndCommandHaveToBeAskedFor) {
  CountingDirectory names;
  RecordFilter filter(
      {.users = {"alice", "4711"}, .ignored_users = {"bob"}, .commands = {"python*", "sh"}}, {},
      Period(), names);
  EXPECT_TRUE(Takes(filter, {.uid = 1001, .command = "python3"}));
  EXPECT_TRUE(Takes(filter, {.uid = 4711, .command = "sh"}));
  EXPECT_FALSE(Takes(filter, {.uid = 1001, .command = "bash"}));
  EXPECT_FALSE(Takes(filter, {.uid = 1002, .command = "python3"}));
  EXPECT_EQ(filter.Findings().remaining_rows.rows, 2u);
}

TEST(RecordFilterTest, AUserIsAskedForOnce) {
  CountingDirectory names;
  RecordFilter filter({.ignored_users = {"bob"}}, {}, Period(), names);
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(Takes(filter, {.uid = 1001}));
    EXPECT_FALSE(Takes(filter, {.uid = 1002}));
  }
  EXPECT_EQ(names.asked, 2);
}

TEST(RecordFilterTest, AProcessBelongsToThePeriodInWhichItEnded) {
  CountingDirectory names;
  const Period period = {absl::FromUnixSeconds(kBegin), absl::FromUnixSeconds(kBegin + 10)};
  RecordFilter filter({}, {}, period, names);
  EXPECT_FALSE(Takes(filter, {.begin = kBegin - 1}));
  EXPECT_TRUE(Takes(filter, {.begin = kBegin}));
  EXPECT_TRUE(Takes(filter, {.begin = kBegin + 9}));
  EXPECT_FALSE(Takes(filter, {.begin = kBegin + 10}));
  const Report findings = filter.Findings();
  EXPECT_EQ(findings.period, period);
  EXPECT_EQ(findings.remaining_rows.rows, 2u);
  // Of all records, taken or not.
  EXPECT_EQ(findings.known,
            (Period{absl::FromUnixSeconds(kBegin - 1), absl::FromUnixSeconds(kBegin + 10)}));
}

TEST(RecordFilterTest, AClockThatWasNeverSetSaysNothingOfWhatIsKnown) {
  CountingDirectory names;
  RecordFilter filter({}, {}, Period(), names);
  EXPECT_TRUE(Takes(filter, {.begin = 60}));
  EXPECT_EQ(filter.Findings().known, std::nullopt);
}

TEST(RecordFilterTest, WhatMatchesNothingIsFound) {
  CountingDirectory names;
  RecordFilter filter({.users = {"alice", "alcie"}, .commands = {"sh", "nice"}}, {}, Period(),
                      names);
  Takes(filter, {.uid = 1001, .command = "sh"});
  const std::vector<Unmatched> unmatched = filter.Findings().unmatched;
  ASSERT_EQ(unmatched.size(), 2u);
  EXPECT_EQ(unmatched[0].asked, "alcie");
  EXPECT_EQ(unmatched[0].near_users, std::vector<std::string>{"alice"});
  EXPECT_EQ(unmatched[1].asked, "nice");
}

TEST(RecordFilterTest, IfAllAreLeftOutThatIsFound) {
  CountingDirectory names;
  RecordFilter filter({.ignores_system_accounts = true}, {}, Period(), names);
  EXPECT_FALSE(Takes(filter, {.uid = 0}));
  EXPECT_FALSE(Takes(filter, {.uid = 0}));
  EXPECT_FALSE(Takes(filter, {.uid = 999}));
  EXPECT_EQ(filter.Findings().excluded_users.users, 2u);
  EXPECT_EQ(filter.Findings().excluded_users.usage.processes, 3u);
  EXPECT_TRUE(Takes(filter, {.uid = 1001}));
  EXPECT_EQ(filter.Findings().excluded_users.users, 0u) << "as asked for";
}

}  // namespace
}  // namespace cpuagg::aggregate
