#include "tools/check/store/last_collect.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/running/accounting_state.h"
#include "aggregate/store/snapshot_store.h"
#include "gtest/gtest.h"
#include "tools/check/findings/finding.h"

namespace cpuagg::tools::check {
namespace {

using Strings = std::vector<std::string>;

const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);
constexpr absl::Duration kMoment = absl::Nanoseconds(1);

class LastCollectTest : public ::testing::Test {
 protected:
  // The finding if the newest snapshot is this old.
  Finding AtAge(absl::Duration age) const {
    aggregate::StoredSnapshot older;
    older.header = {.host = "older", .captured_at = kNow + absl::Hours(1000)};
    aggregate::StoredSnapshot newest;
    newest.header = {.host = host_, .captured_at = kNow - age, .accounting = accounting_};
    aggregate::StoreListing listing;
    // The number of a run decides which one is the newest, and not the date.
    listing.snapshots = {older, newest};
    return CheckLastCollect(question_, listing);
  }

  CollectQuestion question_ = {.now = kNow, .collect = "cpuagg collect"};
  std::string host_ = "lab01";
  aggregate::AccountingState accounting_;
};

TEST_F(LastCollectTest, AnEmptyStoreIsAWarning) {
  const Finding finding = CheckLastCollect(question_, {});
  EXPECT_EQ(finding.id, "store_collect");
  EXPECT_EQ(finding.level, Level::kWarning);
  EXPECT_EQ(finding.text, "nothing has been collected yet");
  EXPECT_EQ(finding.mends, Strings{"cpuagg collect"});
  EXPECT_TRUE(finding.numbers.empty());
}

TEST_F(LastCollectTest, TheAgeAndTheHostAreSaid) {
  Finding finding = AtAge(absl::Minutes(5));
  EXPECT_EQ(finding.level, Level::kOk);
  EXPECT_EQ(finding.text, "5 min ago, by lab01");
  ASSERT_EQ(finding.numbers.size(), 1u);
  EXPECT_EQ(finding.numbers[0].name, "last_collect_age");
  EXPECT_EQ(finding.numbers[0].value, 300);
  EXPECT_EQ(finding.numbers[0].unit, "s");
  host_ = "";
  EXPECT_EQ(AtAge(absl::Minutes(5)).text, "5 min ago, by this host");
}

// Two runs may fail, and take half an hour.
TEST_F(LastCollectTest, ARunIsLateAfterTwoPeriodsAndHalfAnHour) {
  question_.period = absl::Hours(1);
  EXPECT_EQ(AtAge(absl::Minutes(150)).level, Level::kOk);
  const Finding late = AtAge(absl::Minutes(150) + kMoment);
  EXPECT_EQ(late.level, Level::kWarning);
  EXPECT_EQ(late.text, "2 h ago, by lab01, though it is due every 60 min");
  EXPECT_EQ(late.mends, Strings{"cpuagg collect"});
}

TEST_F(LastCollectTest, WithoutAKnownPeriodItIsSixHours) {
  const absl::Duration limit = absl::Hours(12) + absl::Minutes(30);
  EXPECT_EQ(AtAge(limit).level, Level::kOk);
  const Finding late = AtAge(limit + kMoment);
  EXPECT_EQ(late.level, Level::kWarning);
  EXPECT_EQ(late.text, "12 h ago, by lab01");
}

TEST_F(LastCollectTest, WhateverThePeriodARunIsLateAfterADayAndLostSoonAfter) {
  question_.period = absl::Hours(24 * 7);
  EXPECT_EQ(AtAge(absl::Hours(25)).level, Level::kOk);
  EXPECT_EQ(AtAge(absl::Hours(25) + kMoment).level, Level::kWarning);
  EXPECT_EQ(AtAge(absl::Hours(26)).level, Level::kWarning);
  EXPECT_EQ(AtAge(absl::Hours(26) + kMoment).level, Level::kCritical);
}

TEST_F(LastCollectTest, ARunThatFoundNothingNewIsARun) {
  question_.begun = kNow - absl::Minutes(5);
  EXPECT_EQ(AtAge(absl::Hours(1000)).level, Level::kOk);
  question_.begun = kNow - absl::Hours(13);
  EXPECT_EQ(AtAge(absl::Hours(1000)).level, Level::kWarning);
  // The later of the two counts.
  EXPECT_EQ(AtAge(absl::Hours(12)).level, Level::kOk);
}

TEST_F(LastCollectTest, ABeginningInTheFutureIsNotARun) {
  question_.begun = kNow + absl::Minutes(2);
  EXPECT_EQ(AtAge(absl::Hours(13)).level, Level::kOk);
  question_.begun += kMoment;
  EXPECT_EQ(AtAge(absl::Hours(13)).level, Level::kWarning);
}

TEST_F(LastCollectTest, RunsThatCollectNothingOfNewRecordsAreAWarning) {
  const absl::Duration limit = absl::Hours(12) + absl::Minutes(30);
  const absl::Duration age = absl::Hours(20);
  question_.begun = kNow - age + limit + kMoment;
  question_.accounting_written = kNow - age + absl::Minutes(2) + kMoment;
  const Finding finding = AtAge(age);
  EXPECT_EQ(finding.level, Level::kWarning);
  EXPECT_EQ(finding.text,
            "20 h ago, by lab01; runs have begun since, but nothing has been collected, though "
            "there are new records");
  EXPECT_EQ(finding.mends, Strings{"cpuagg collect  # says why"});
  // Records of about the time of the snapshot may be in it.
  question_.accounting_written -= kMoment;
  EXPECT_EQ(AtAge(age).level, Level::kOk);
  question_.accounting_written = kNow;
  // The first runs after it may have begun before there was anything.
  question_.begun -= kMoment;
  EXPECT_EQ(AtAge(age).level, Level::kOk);
  question_.begun = kNow;
  for (const auto kind :
       {aggregate::AccountingState::Kind::kOff, aggregate::AccountingState::Kind::kSilent}) {
    accounting_.kind = kind;
    EXPECT_EQ(AtAge(age).level, Level::kOk);
  }
  accounting_.kind = aggregate::AccountingState::Kind::kOn;
  EXPECT_EQ(AtAge(age).level, Level::kWarning);
}

TEST_F(LastCollectTest, ACollectThatFailsForTooLongStaysCritical) {
  question_.begun = kNow - absl::Hours(27);
  question_.accounting_written = kNow;
  const Finding finding = AtAge(absl::Hours(50));
  EXPECT_EQ(finding.level, Level::kCritical);
  EXPECT_EQ(finding.mends, Strings{"cpuagg collect  # says why"});
}

TEST_F(LastCollectTest, ADateThatIsALittleAheadIsNow) {
  const Finding finding = AtAge(-absl::Minutes(2));
  EXPECT_EQ(finding.level, Level::kOk);
  EXPECT_EQ(finding.text, "0 s ago, by lab01");
  EXPECT_EQ(finding.numbers[0].value, 0);
}

TEST_F(LastCollectTest, ADateThatIsAheadIsCriticalIfNoRunHasBegunSince) {
  const Finding finding = AtAge(-absl::Minutes(2) - kMoment);
  EXPECT_EQ(finding.level, Level::kCritical);
  EXPECT_EQ(finding.text,
            "the newest snapshot is dated 2 min ahead: the clock was ahead then, or is behind now; "
            "no run has begun since, by the present clock");
  EXPECT_EQ(finding.mends, Strings{"cpuagg collect"});
  EXPECT_EQ(finding.advice,
            Strings{"check `date`: if it is right, do nothing, and this line disappears when that "
                    "time comes; else set the clock, and keep it right with an NTP service"});
  EXPECT_EQ(finding.numbers[0].value, 0);
}

TEST_F(LastCollectTest, OfAClockThatIsSynchronizedOnlyThePastWasWrong) {
  question_.is_clock_synchronized = true;
  question_.has_systemd = true;
  Finding finding = AtAge(-absl::Hours(3));
  EXPECT_EQ(finding.level, Level::kWarning);
  EXPECT_EQ(finding.text,
            "the newest snapshot is dated 3 h ahead: the clock, which is synchronized now, was "
            "ahead then; no run has begun since, by the present clock");
  EXPECT_EQ(finding.mends, Strings{"cpuagg collect"});
  EXPECT_TRUE(finding.advice.empty());
  question_.begun = kNow - absl::Minutes(7);
  finding = AtAge(-absl::Hours(3));
  EXPECT_EQ(finding.level, Level::kNote);
  EXPECT_TRUE(absl::EndsWith(finding.text, "; the last run began 7 min ago")) << finding.text;
  EXPECT_TRUE(finding.mends.empty());
}

TEST_F(LastCollectTest, ARunThatBeginsMeanwhileHasBegunNow) {
  question_.begun = kNow + absl::Seconds(5);
  const Finding finding = AtAge(-absl::Hours(3));
  EXPECT_TRUE(absl::EndsWith(finding.text, "; the last run began 0 s ago")) << finding.text;
}

TEST_F(LastCollectTest, WhereSystemdRunsItSetsTheClock) {
  question_.has_systemd = true;
  for (const std::optional<bool>& is_synchronized :
       {std::optional<bool>(), std::optional<bool>(false)}) {
    question_.is_clock_synchronized = is_synchronized;
    question_.begun = absl::InfinitePast();
    Finding finding = AtAge(-absl::Hours(3));
    EXPECT_EQ(finding.level, Level::kCritical);
    EXPECT_EQ(finding.mends, (Strings{"timedatectl set-ntp true", "cpuagg collect"}));
    question_.begun = kNow - absl::Minutes(7);
    finding = AtAge(-absl::Hours(3));
    EXPECT_EQ(finding.level, Level::kWarning);
    EXPECT_EQ(finding.mends, Strings{"timedatectl set-ntp true"});
    EXPECT_EQ(finding.advice,
              Strings{"where there is no NTP, check `date`: if it is right, do nothing, and this "
                      "line disappears when that time comes; else set it with date -s"});
  }
}

// The advice is about what to do without the first command, which therefore stays.
TEST_F(LastCollectTest, ARunThatIsLateBesidesAWrongClockHasBothRemedies) {
  question_.has_systemd = true;
  question_.begun = kNow - absl::Hours(13);
  Finding finding = AtAge(-absl::Hours(3));
  EXPECT_EQ(finding.level, Level::kWarning);
  EXPECT_EQ(finding.mends, (Strings{"timedatectl set-ntp true", "cpuagg collect"}));
  question_.begun = kNow - absl::Hours(27);
  question_.is_clock_synchronized = true;
  finding = AtAge(-absl::Hours(3));
  EXPECT_EQ(finding.level, Level::kCritical);
  EXPECT_EQ(finding.mends, Strings{"cpuagg collect"});
}

TEST(WrittenAtTest, OnlyARegularFileHasATime) {
  const acct::testing::TempDir dir;
  const std::string path = dir.Write("lock", "");
  const timespec written = {.tv_sec = 1'700'000'000, .tv_nsec = 250'000'000};
  const timespec times[] = {written, written};
  ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  std::filesystem::create_symlink("lock", dir.Path("link"));
  const absl::Time expected = absl::FromUnixMillis(1'700'000'000'250);
  EXPECT_EQ(WrittenAt(path), expected);
  EXPECT_EQ(WrittenAt(dir.Path("link")), expected);
  EXPECT_EQ(WrittenAt(dir.Path("gone")), absl::InfinitePast());
  EXPECT_EQ(WrittenAt(dir.path()), absl::InfinitePast());
  ASSERT_EQ(mkfifo(dir.Path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(WrittenAt(dir.Path("pipe")), absl::InfinitePast());
}

}  // namespace
}  // namespace cpuagg::tools::check
