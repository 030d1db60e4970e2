// Reports of a fleet of which everything is known, by the real servers.

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "notify/http/curl_http_client.h"
#include "notify/testing/net/loopback.h"
#include "tools/testing/cli_test.h"
#include "tools/testing/process.h"

namespace cpuagg::tools::testing {
namespace {

using nlohmann::json;

// Amounts in ticks, by host, user and the beginning of the hour of UTC.
using Amounts = std::map<std::tuple<int, int, int64_t>, std::pair<uint64_t, uint64_t>>;

constexpr int64_t kHour = 3600;
// The user without a name, whose id is 1005.
constexpr int kNameless = 5;

// What a user is called, or the id of the one without a name.
std::string UserName(int user) { return user == kNameless ? "1005" : absl::StrCat("u\"", user); }

// The same of the user of a row.
std::string NameOf(const json& row) {
  return row["user"].is_null() ? row["uid"].dump() : row["user"].get<std::string>();
}

class FleetEngineTest : public CliTest, public ::testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    // The program, and then its flags.
    Strings arguments = absl::StrSplit(GetParam(), ' ');
    arguments.front() = absl::StrCat("/usr/bin/", arguments.front());
    const std::string& program = arguments.front();
    if (access(program.c_str(), X_OK) != 0 || access("/usr/bin/promtool", X_OK) != 0) {
      GTEST_SKIP() << program << " or promtool is not installed";
    }
    absl::TimeZone berlin;
    ASSERT_TRUE(absl::LoadTimeZone("Europe/Berlin", &berlin));
    absl::TimeZone::CivilTransition change;
    ASSERT_TRUE(berlin.PrevTransition(absl::Now() - absl::Hours(24 * 5), &change));
    change_ = absl::CivilDay(change.from);
    const int64_t at = absl::ToUnixSeconds(absl::FromCivil(change_, absl::UTCTimeZone()));
    MakeAmounts(at + first_hour_ * kHour, at + last_hour_ * kHour);
    port_ = notify::testing::Listener::Open().value().port();
    url_ = absl::StrCat("http://127.0.0.1:", port_);
    const bool is_prometheus = absl::StrContains(GetParam(), "prometheus");
    is_prometheus ? StartPrometheus(arguments) : StartVictoria(arguments);
  }

  void MakeAmounts(int64_t begin, int64_t end) {
    uint64_t state = 4711;
    const auto random = [&](uint64_t most) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      return (state >> 33) % most;
    };
    for (int host = 0; host < hosts_; ++host) {
      for (int user = 0; user < users_; ++user) {
        for (int64_t hour = begin; hour < end; hour += kHour) {
          const bool is_down = host == 3 && hour >= begin + 40 * kHour && hour < begin + 60 * kHour;
          if (is_down || random(3) == 0) continue;
          amounts_[{host, user, hour}] = {random(360'000), 1 + random(90'000)};
        }
      }
    }
  }

  static std::string Seconds(uint64_t ticks) {
    return absl::StrFormat("%d.%02d", ticks / 100, ticks % 100);
  }

  // All samples as text; `time` writes a time in milliseconds. A tenth of the hours are corrected.
  template <typename Time>
  std::string Samples(Time time) const {
    std::map<std::string, std::string> series;
    std::map<std::pair<int, int64_t>, uint64_t> hosts;
    for (const auto& [key, amount] : amounts_) {
      const auto& [host, user, hour] = key;
      for (const bool is_system : {false, true}) {
        const std::string labels = absl::StrFormat(
            "cpuagg_user_cpu_hourly_seconds{instance=\"node%02d\",job=\"cpuagg\",uid=\"%d\","
            "user=\"%s\",mode=\"%s\"}",
            host, 1000 + user, user == kNameless ? "1005" : absl::StrCat("u\\\"", user),
            is_system ? "system" : "user");
        const uint64_t ticks = is_system ? amount.second : amount.first;
        const int64_t first = (hour + 900) * 1000 + 12'345;
        if (ticks % 10 == 0) {
          absl::StrAppend(&series[labels], labels, " ", Seconds(ticks + 4321), " ", time(first),
                          "\n");
        }
        absl::StrAppend(&series[labels], labels, " ", Seconds(ticks), " ", time(first + 600'000),
                        "\n");
        hosts[{host, hour}] += ticks;
      }
    }
    for (const auto& [key, ticks] : hosts) {
      const std::string labels = absl::StrFormat(
          "cpuagg_host_cpu_hourly_seconds{instance=\"node%02d\",job=\"cpuagg\"}", key.first);
      absl::StrAppend(&series[labels], labels, " ", Seconds(ticks), " ",
                      time((key.second + 900) * 1000), "\n");
    }
    const int64_t now = absl::ToUnixSeconds(absl::Now());
    for (int host = 0; host < hosts_; ++host) {
      const int64_t last = host == 7 ? now - 5 * kHour : now - 600;
      const std::string labels = absl::StrFormat(
          "cpuagg_last_collect_timestamp_seconds{instance=\"node%02d\",job=\"cpuagg\"}", host);
      series[labels] = absl::StrCat(labels, " ", last, " ", time(last * 1000), "\n");
    }
    std::string text;
    std::string metric;
    for (const auto& [labels, lines] : series) {
      const std::string name = labels.substr(0, labels.find('{'));
      if (name != metric) absl::StrAppend(&text, "# TYPE ", name, " gauge\n");
      metric = name;
      text += lines;
    }
    return text;
  }

  absl::StatusOr<notify::HttpResponse> Post(const std::string& path, const std::string& body) {
    notify::CurlHttpClient http({.proxy = "", .allow_http = true});
    return http.Post({.url = url_ + path, .body = body});
  }

  void AwaitReady(const std::string& path) {
    for (int i = 0; i < 300; ++i) {
      const absl::StatusOr<notify::HttpResponse> answer = Post(path, "query=vector(1)");
      if (answer.ok() && answer->status == 200) return;
      absl::SleepFor(absl::Milliseconds(100));
    }
    FAIL() << "the server does not answer";
  }

  // A server logs each question that it refuses, and waits if its log is not read.
  void Start(Strings arguments) {
    arguments.insert(arguments.begin(),
                     {"/bin/sh", "-c", "exec \"$@\" >>\"$0\" 2>&1", dir_.Path("log")});
    server_ = std::make_unique<StartedProgram>(Program{.argv = std::move(arguments)});
  }

  void StartVictoria(Strings arguments) {
    arguments.insert(arguments.end(),
                     {"-storageDataPath=" + dir_.Path("data"),
                      absl::StrCat("-httpListenAddr=127.0.0.1:", port_), "-retentionPeriod=2y"});
    Start(std::move(arguments));
    AwaitReady("/api/v1/query");
    const std::string text = Samples([](int64_t time) { return absl::StrCat(time); });
    // Twice, as after an answer that was lost.
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(Post("/api/v1/import/prometheus", text).ok());
    ASSERT_TRUE(Post("/internal/force_flush", "").ok());
  }

  void StartPrometheus(Strings arguments) {
    const std::string text =
        Samples([](int64_t time) { return absl::StrFormat("%d.%03d", time / 1000, time % 1000); });
    dir_.Write("samples", text + "# EOF\n");
    const Finished made =
        RunProgram({.argv = {"/usr/bin/promtool", "tsdb", "create-blocks-from", "openmetrics",
                             dir_.Path("samples"), dir_.Path("data")}});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    dir_.Write("prometheus.yml", "global: {}\n");
    arguments.insert(arguments.end(), {"--config.file=" + dir_.Path("prometheus.yml"),
                                       "--storage.tsdb.path=" + dir_.Path("data"),
                                       absl::StrCat("--web.listen-address=127.0.0.1:", port_),
                                       "--storage.tsdb.retention.time=800d"});
    Start(std::move(arguments));
    AwaitReady("/api/v1/query");
  }

  json Report(Strings flags) {
    flags.insert(flags.begin(), {"--from", url_});
    return JsonReport(flags);
  }

  void ExpectEveryAmountInEachZone();

  static uint64_t TicksOf(const json& seconds) {
    return static_cast<uint64_t>(seconds.get<double>() * 100 + 0.5);
  }

  int hosts_ = 50;
  int users_ = 6;
  // Of amounts, after midnight.
  int64_t first_hour_ = -48;
  int64_t last_hour_ = 72;
  std::unique_ptr<StartedProgram> server_;
  uint16_t port_ = 0;
  std::string url_;
  absl::CivilDay change_;
  Amounts amounts_;
};

void FleetEngineTest::ExpectEveryAmountInEachZone() {
  for (const char* const name : {"UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu"}) {
    SCOPED_TRACE(name);
    zone_ = name;
    absl::TimeZone zone;
    ASSERT_TRUE(absl::LoadTimeZone(name, &zone));
    const int64_t begin = absl::ToUnixSeconds(absl::FromCivil(change_, zone)) / kHour * kHour;
    const int64_t end = absl::ToUnixSeconds(absl::FromCivil(change_ + 1, zone)) / kHour * kHour;
    std::map<std::string, std::pair<uint64_t, uint64_t>> users;
    std::map<std::string, uint64_t> hosts;
    std::map<std::string, uint64_t> both;
    std::vector<uint64_t> hours(static_cast<size_t>((end - begin) / kHour));
    uint64_t total = 0;
    for (const auto& [key, amount] : amounts_) {
      const auto& [host, user, hour] = key;
      if (hour < begin || hour >= end) continue;
      const std::string user_name = UserName(user);
      const std::string host_name = absl::StrFormat("node%02d", host);
      const uint64_t ticks = amount.first + amount.second;
      users[user_name].first += amount.first;
      users[user_name].second += amount.second;
      hosts[host_name] += ticks;
      both[user_name + host_name] += ticks;
      hours[static_cast<size_t>((hour - begin) / kHour)] += ticks;
      total += ticks;
    }
    const std::string day = absl::FormatCivilTime(change_);
    json report = Report({"--period", day});
    ASSERT_EQ(report["rows"].size(), users.size());
    for (const json& row : report["rows"]) {
      EXPECT_EQ(TicksOf(row["user_seconds"]), users[NameOf(row)].first);
      EXPECT_EQ(TicksOf(row["system_seconds"]), users[NameOf(row)].second);
      EXPECT_NE(row["uid"].is_null(), row["user"].is_null());
      EXPECT_TRUE(row["processes"].is_null());
    }
    report = Report({"--period", day, "--by", "host"});
    ASSERT_EQ(report["rows"].size(), hosts.size());
    for (const json& row : report["rows"]) {
      EXPECT_EQ(TicksOf(row["cpu_seconds"]), hosts[row["host"]]);
    }
    report = Report({"--period", day, "--by", "user,host"});
    ASSERT_EQ(report["rows"].size(), both.size());
    for (const json& row : report["rows"]) {
      EXPECT_EQ(TicksOf(row["cpu_seconds"]), both[NameOf(row) + row["host"].get<std::string>()]);
    }
    report = Report({"--period", day, "--by", "hour"});
    ASSERT_EQ(report["rows"].size(), hours.size());
    for (size_t i = 0; i < hours.size(); ++i) {
      EXPECT_EQ(TicksOf(report["rows"][i]["cpu_seconds"]), hours[i]) << i;
    }
    report = Report({"--period", day, "--by", "day"});
    ASSERT_EQ(report["rows"].size(), 1u);
    EXPECT_EQ(TicksOf(report["totals"]["cpu_seconds"]), total);
  }
}

TEST_P(FleetEngineTest, EveryAmountIsExactInEachZone) { ExpectEveryAmountInEachZone(); }

TEST_P(FleetEngineTest, OneHostHasIdsAndLateOnesAreNamed) {
  const std::string day = absl::FormatCivilTime(change_);
  const json of_host = Report({"--period", day, "--host", "node07"});
  EXPECT_EQ(of_host["host"], "node07");
  EXPECT_EQ(of_host["rows"].size(), 6u);
  EXPECT_TRUE(of_host["rows"][0]["uid"].is_number());
  const std::string since = absl::FormatCivilTime(change_ + 1);
  const json late = Report({"--since", since, "--user", "u\"1,1002"});
  EXPECT_EQ(late["rows"].size(), 2u);
  EXPECT_EQ(late["fleet"]["hosts"], hosts_);
  EXPECT_EQ(late["fleet"]["late_names"], json({"node07"}));
}

TEST_P(FleetEngineTest, AnEngineWithoutAmountsIsReported) {
  const json report = Report({"--period", "2019-01-01"});
  EXPECT_TRUE(report["rows"].empty());
  EXPECT_TRUE(absl::StrContains(report["notes"].dump(), "There are no amounts of cpuagg"));
}

TEST_P(FleetEngineTest, ItUnderstandsEveryExpressionOfDashboardAndRules) {
  std::vector<std::string> expressions;
  std::ifstream rules("packaging/prometheus/cpuagg.rules.yml");
  for (std::string line; std::getline(rules, line);) {
    absl::string_view text = absl::StripAsciiWhitespace(line);
    if (absl::ConsumePrefix(&text, "expr: ")) expressions.emplace_back(text);
  }
  EXPECT_GE(expressions.size(), 5u);
  std::ifstream file("packaging/grafana/cpuagg.json");
  const json dashboard = json::parse(file);
  for (const json& panel : dashboard["panels"]) {
    for (const json& target : panel["targets"]) expressions.push_back(target["expr"]);
  }
  EXPECT_GE(expressions.size(), 10u);
  for (const std::string& expression : expressions) {
    const std::string query = absl::StrReplaceAll(
        expression, {{"${__range_s}", "604800"}, {"$instance", ".*"}, {"$user", ".*"}});
    EXPECT_FALSE(absl::StrContains(query, "$")) << query;
    dir_.Write("query", query);
    const absl::StatusOr<notify::HttpResponse> answer =
        Post("/api/v1/query",
             "query=" + absl::StrReplaceAll(query, {{"%", "%25"}, {"+", "%2B"}, {"&", "%26"}}));
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->status, 200) << query << "\n" << answer->body;
  }
  const Finished checked = RunProgram(
      {.argv = {"/usr/bin/promtool", "check", "rules", "packaging/prometheus/cpuagg.rules.yml"}});
  EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
}

INSTANTIATE_TEST_SUITE_P(Engines, FleetEngineTest,
                         ::testing::Values("victoria-metrics", "prometheus"),
                         [](const auto& engine) {
                           return engine.param[0] == 'v' ? "VictoriaMetrics" : "Prometheus";
                         });

// Engines whose limits are far below the 600 series, and the samples of a day of them.
class LimitedFleetEngineTest : public FleetEngineTest {};

TEST_P(LimitedFleetEngineTest, WhatIsTooLargeForTheEngineIsAskedInPartsAndExact) {
  const absl::StatusOr<notify::HttpResponse> refused =
      Post("/api/v1/query",
           absl::StrCat("query=sum(sum_over_time(last_over_time(cpuagg_user_cpu_hourly_seconds[1h])"
                        "[1410m:1h]))&time=",
                        absl::ToUnixSeconds(absl::FromCivil(change_ + 1, absl::UTCTimeZone()))));
  ASSERT_TRUE(refused.ok());
  EXPECT_EQ(refused->status, 422) << refused->body;
  ExpectEveryAmountInEachZone();
}

INSTANTIATE_TEST_SUITE_P(Engines, LimitedFleetEngineTest,
                         ::testing::Values("victoria-metrics -search.maxUniqueTimeseries=110",
                                           "prometheus --query.max-samples=3000"),
                         [](const auto& engine) {
                           return engine.param[0] == 'v' ? "VictoriaMetrics" : "Prometheus";
                         });

class LargeFleetEngineTest : public FleetEngineTest {
 protected:
  LargeFleetEngineTest() {
    hosts_ = 1000;
    users_ = 12;
    first_hour_ = 0;
    last_hour_ = 5;
  }
};

TEST_P(LargeFleetEngineTest, TensOfThousandsOfSeriesBeyondItsLimitAreExact) {
  zone_ = "UTC";
  std::map<std::string, uint64_t> users;
  std::map<std::string, uint64_t> hosts;
  for (const auto& [key, amount] : amounts_) {
    const uint64_t ticks = amount.first + amount.second;
    users[UserName(std::get<1>(key))] += ticks;
    hosts[absl::StrFormat("node%02d", std::get<0>(key))] += ticks;
  }
  const std::string day = absl::FormatCivilTime(change_);
  json report = Report({"--period", day});
  EXPECT_EQ(report["fleet"]["hosts"], hosts_);
  ASSERT_EQ(report["rows"].size(), users.size());
  for (const json& row : report["rows"]) {
    EXPECT_EQ(TicksOf(row["cpu_seconds"]), users[NameOf(row)]);
  }
  report = Report({"--period", day, "--by", "host"});
  ASSERT_EQ(report["rows"].size(), hosts.size());
  for (const json& row : report["rows"]) {
    EXPECT_EQ(TicksOf(row["cpu_seconds"]), hosts[row["host"]]);
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, LargeFleetEngineTest,
                         ::testing::Values("victoria-metrics -search.maxUniqueTimeseries=5000"),
                         [](const auto&) { return "VictoriaMetrics"; });

}  // namespace
}  // namespace cpuagg::tools::testing
