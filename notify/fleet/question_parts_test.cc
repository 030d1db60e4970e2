#include "notify/fleet/question_parts.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

constexpr int64_t kFirstHour = 480'000;

UtcHours HoursFromFirst(int64_t count) {
  const absl::Time begin = absl::UnixEpoch() + absl::Hours(kFirstHour);
  return {.begin = begin, .end = begin + absl::Hours(count)};
}

// The hosts for which all of these conditions on `instance` hold.
std::vector<std::string> Chosen(const Conditions& conditions, std::vector<std::string> hosts) {
  for (const std::string& condition : conditions) {
    const size_t begin = condition.find('"') + 1;
    const bool is_negative = condition[begin - 3] == '!';
    const std::regex expression(absl::StrReplaceAll(
        condition.substr(begin, condition.size() - begin - 1), {{"\\\\", "\\"}}));
    std::erase_if(hosts, [&](const std::string& host) {
      return std::regex_match(host, expression) == is_negative;
    });
  }
  return hosts;
}

// An engine with limits, which knows these hosts.
struct LimitedEngine {
  std::vector<std::string> hosts;
  size_t most_hosts = 1'000'000;
  int64_t most_hours = 1'000'000;
  size_t most_host_hours = 1'000'000;
  std::map<std::pair<std::string, int64_t>, int> answered = {};
  size_t questions = 0;
  size_t refusals = 0;

  absl::Status Answer(const QuestionPart& part) {
    ++questions;
    const std::vector<std::string> asked = Chosen(part.hosts, hosts);
    const auto hours = static_cast<size_t>(part.hours.count());
    refusals += asked.size() > most_hosts || part.hours.count() > most_hours ||
                asked.size() * hours > most_host_hours;
    if (asked.size() > most_hosts) return absl::ResourceExhaustedError("too many series");
    if (part.hours.count() > most_hours) return absl::ResourceExhaustedError("too long");
    if (asked.size() * hours > most_host_hours) return absl::ResourceExhaustedError("samples");
    const int64_t begin = absl::ToInt64Hours(part.hours.begin - absl::UnixEpoch());
    for (const std::string& host : asked) {
      for (int64_t i = 0; i < part.hours.count(); ++i) ++answered[{host, begin + i}];
    }
    return absl::OkStatus();
  }

  // Every hour of every host was answered, and only once.
  void ExpectAll(int64_t hours, int times = 1) const {
    EXPECT_EQ(answered.size(), hosts.size() * static_cast<size_t>(hours));
    for (const auto& [what, count] : answered) {
      EXPECT_EQ(count, times) << what.first << " " << what.second;
    }
  }
};

class QuestionPartsTest : public ::testing::Test {
 protected:
  QuestionPartsTest() {
    for (int i = 0; i < 70; ++i) engine_.hosts.push_back(absl::StrFormat("node%d.lab", i * 7));
    for (int i = 0; i < 30; ++i) engine_.hosts.push_back(absl::StrFormat("10.0.0.%d:9100", i));
    parts_.SetInstances(engine_.hosts);
  }

  absl::Status Ask(int64_t hours) {
    return parts_.Ask(HoursFromFirst(hours),
                      [&](const QuestionPart& part) { return engine_.Answer(part); });
  }

  QuestionParts parts_;
  LimitedEngine engine_;
};

TEST_F(QuestionPartsTest, WhatIsAnsweredIsAskedAtOnceForAMonth) {
  EXPECT_EQ(Ask(0), absl::OkStatus());
  EXPECT_EQ(engine_.questions, 0u);
  EXPECT_EQ(Ask(40 * 24), absl::OkStatus());
  EXPECT_EQ(engine_.questions, 2u);
  engine_.ExpectAll(40 * 24);
}

TEST_F(QuestionPartsTest, TooManySeriesAreDividedByHosts) {
  engine_.most_hosts = 13;
  EXPECT_EQ(Ask(7 * 24), absl::OkStatus());
  engine_.ExpectAll(7 * 24);
  EXPECT_EQ(engine_.refusals, 3u);        // 100, 50, 25 hosts
  EXPECT_EQ(engine_.questions, 3u + 8u);  // of 13 hosts
  // What has been learnt holds for later questions.
  EXPECT_EQ(Ask(7 * 24), absl::OkStatus());
  EXPECT_EQ(engine_.refusals, 3u);
  engine_.ExpectAll(7 * 24, 2);
}

TEST_F(QuestionPartsTest, OtherLimitsAreMetByShorterTimesDownToADay) {
  engine_.most_hours = 100;
  EXPECT_EQ(Ask(20 * 24), absl::OkStatus());
  engine_.ExpectAll(20 * 24);
  EXPECT_EQ(engine_.questions, 3u + 8u);  // 480, 240, 120 hours; then 60
  engine_.answered.clear();
  engine_.most_host_hours = 24 * 40;
  EXPECT_EQ(Ask(20 * 24), absl::OkStatus());
  engine_.ExpectAll(20 * 24);
}

TEST_F(QuestionPartsTest, OneHostIsDividedByTimeDownToAnHour) {
  engine_.hosts = {"lab01"};
  parts_.SetInstances(engine_.hosts);
  engine_.most_hours = 1;
  EXPECT_EQ(Ask(30), absl::OkStatus());
  engine_.ExpectAll(30);
}

TEST_F(QuestionPartsTest, ALimitThatNoPartMeetsIsTheError) {
  engine_.most_hosts = 0;
  EXPECT_TRUE(absl::IsResourceExhausted(Ask(3 * 24)));
  EXPECT_LT(engine_.questions, 20u);
}

TEST_F(QuestionPartsTest, OtherErrorsEndTheQuestion) {
  int questions = 0;
  const auto fail = [&](const QuestionPart&) {
    ++questions;
    return absl::UnavailableError("away");
  };
  EXPECT_TRUE(absl::IsUnavailable(parts_.Ask(HoursFromFirst(99 * 24), fail)));
  EXPECT_EQ(questions, 1);
}

TEST_F(QuestionPartsTest, HostsThatAreNotNamedAreInAPart) {
  parts_.SetInstances({"b", "c", "b", "c.lab"});
  engine_.hosts = {"", "a", "b", "bz", "c", "c.", "c.lab", "d"};
  engine_.most_hosts = 4;
  EXPECT_EQ(Ask(5), absl::OkStatus());
  engine_.ExpectAll(5);
}

TEST_F(QuestionPartsTest, LongAndForeignNamesDivideToo) {
  const std::string deep(5000, 'x');
  parts_.SetInstances({deep + "1", deep + "2", "büro", "büsum", "bürö"});
  std::vector<Conditions> conditions;
  const auto ask = [&](const QuestionPart& part) {
    if (part.hosts.size() < 2 && conditions.empty()) {
      conditions.emplace_back();
      return absl::ResourceExhaustedError("too many series");
    }
    for (const std::string& condition : part.hosts) EXPECT_LT(condition.size(), 200u);
    conditions.push_back(part.hosts);
    return absl::OkStatus();
  };
  EXPECT_EQ(parts_.Ask(HoursFromFirst(1), ask), absl::OkStatus());
  ASSERT_EQ(conditions.size(), 3u);
  // Of the four names that differ early, two and two.
  EXPECT_EQ(conditions[1], Conditions{IsBefore("instance", "büs")});
  EXPECT_EQ(conditions[2], Conditions{IsFrom("instance", "büs")});
}

}  // namespace
}  // namespace cpuagg::notify
