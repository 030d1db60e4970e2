// `cpuagg push` to the real servers: every user's hour, day and week there is the sum of the
// stores, to the hundredth, whatever happened to the machines and on the way.
//
// Some hosts live for eleven days until now: with late records, a store that is lost, a user who is
// renamed, zones with half hours and a change of clocks, and pushes that
// fail, are repeated, or arrive without an answer. FLEET_HOSTS=50 plays more of them.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "acct/testing/histories.h"
#include "gtest/gtest.h"
#include "notify/http/curl_http_client.h"
#include "tools/cli_tests/fleet/fleet_cli.h"
#include "tools/cli_tests/fleet/metrics_servers.h"
#include "tools/cli_tests/fleet/receiver_double.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::Draws;
using notify::testing::HttpReply;
using testing::Finished;
using testing::MetricsServer;
using testing::ReceiverDouble;
using testing::WhyWithout;

// host, user and the end of an hour of UTC -> hundredths.
using Truth = std::map<std::pair<std::string, int64_t>, int64_t>;

// A way to a server on which requests and answers get lost.
class LossyWay {
 public:
  LossyWay(std::string target, uint64_t seed)
      : target_(std::move(target)),
        draws_(seed),
        way_([this](const ReceiverDouble::Heard& heard) { return Pass(heard); }) {}

  std::string url() const { return way_.url(); }
  void Redirect(std::string target) { target_ = std::move(target); }
  void BeReliable() { is_reliable_ = true; }

 private:
  std::optional<HttpReply> Pass(const ReceiverDouble::Heard& heard) {
    const uint64_t fate = is_reliable_ ? 9 : draws_.Next() % 10;
    if (fate == 0) return HttpReply{.status_code = 503, .body = "no backend"};
    if (fate == 1) return HttpReply{.status_code = 429, .body = "too many"};
    if (fate == 2) return std::nullopt;
    notify::CurlHttpClient http({.proxy = "", .allow_http = true});
    const absl::StatusOr<notify::HttpResponse> response =
        http.Post({.url = target_,
                   .body = heard.request.body,
                   .headers = {"Content-Encoding: snappy", "Content-Type: application/x-protobuf",
                               "X-Prometheus-Remote-Write-Version: 0.1.0"}});
    EXPECT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->status, 204) << response->body;
    // It has arrived, and nobody says so.
    if (fate == 3) return std::nullopt;
    if (fate == 4) return HttpReply{.status_code = 500, .body = "lost the answer"};
    return HttpReply{.status_code = response->status, .body = response->body};
  }

  std::string target_;
  bool is_reliable_ = false;
  Draws draws_;
  ReceiverDouble way_;
};

class PushServersCliTest : public testing::FleetCliTest {
 protected:
  // A host with its store, accounting file and zone.
  struct Host {
    std::string name;
    std::string zone;
    int number = 0;
    bool loses_store = false;
    bool renames = false;

    std::string File(const std::string& file) const { return absl::StrCat(name, "-", file); }
  };

  void SetUp() override {
    for (const char* program : {"/usr/bin/victoria-metrics", "/usr/bin/prometheus"}) {
      if (const std::string why = WhyWithout(program); !why.empty()) GTEST_SKIP() << why;
    }
    end_ = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()) / 3600 * 3600);
    for (const char* folder : {"vm", "prom"}) std::filesystem::create_directory(dir_.Path(folder));
    dir_.Write("prom/prometheus.yml", "storage: {tsdb: {out_of_order_time_window: 60d}}\n");
    victoria_ = std::make_unique<MetricsServer>(MetricsServer::kVictoriaMetrics, dir_.Path("vm"));
    prometheus_ = std::make_unique<MetricsServer>(MetricsServer::kPrometheus, dir_.Path("prom"));
    ways_.push_back(std::make_unique<LossyWay>(victoria_->write_url(), 1));
    ways_.push_back(std::make_unique<LossyWay>(prometheus_->write_url(), 2));
    const char* const wanted = std::getenv("FLEET_HOSTS");
    const int count = wanted == nullptr ? 6 : std::atoi(wanted);
    // Summer time ends five days before the end, by a rule.
    const absl::CivilDay change(absl::ToCivilDay(end_, absl::UTCTimeZone()) - 5);
    const std::string rule = absl::StrCat("AAA-1BBB,J1/0,J", DayOfYear(change), "/3");
    const std::array<std::string, 4> zones = {"UTC", "Asia/Kolkata", rule, "Asia/Kathmandu"};
    for (int i = 0; i < count; ++i) {
      hosts_.push_back({.name = absl::StrCat("lab", i),
                        .zone = zones[static_cast<size_t>(i) % zones.size()],
                        .number = i,
                        .loses_store = i % 6 == 1,
                        .renames = i % 6 == 2});
    }
  }

  // As POSIX rules count, without February 29.
  static int DayOfYear(absl::CivilDay day) {
    const bool is_after_leap_day =
        absl::GetYearDay(absl::CivilDay(day.year(), 12, 31)) == 366 && day.month() > 2;
    return absl::GetYearDay(day) - (is_after_leap_day ? 1 : 0);
  }

  Strings EnvironmentOf(const Host& host, absl::Time now) const {
    return {"TZ=" + host.zone,
            "CPUAGG_HOST_NAME=" + host.name,
            "CPUAGG_STORE=" + dir_.Path(host.File("store")),
            "CPUAGG_ACCOUNTING_FILE=" + dir_.Path(host.File("pacct")),
            "TMPDIR=" + dir_.path(),
            absl::StrCat("CLOCK_SHIFT=", absl::ToInt64Nanoseconds(now - absl::Now()))};
  }
  Finished RunOn(const Host& host, absl::Time now, const Strings& argv) const {
    return Run(argv, EnvironmentOf(host, now));
  }

  // Processes that end between the two times, some of them days earlier.
  void WorkOn(const Host& host, absl::Time since, absl::Time until, Draws& draws) {
    const auto length = static_cast<uint64_t>(absl::ToInt64Seconds(until - since));
    for (uint64_t i = 3 + draws.Next() % 8; i > 0; --i) {
      absl::Time end = since + absl::Seconds(draws.Next() % length);
      if (draws.Next() % 12 == 0) end -= absl::Hours(1 + draws.Next() % 50);
      dir_.Append(host.File("pacct"), EndedAt(end)
                                          .Uid(static_cast<uint32_t>(1001 + draws.Next() % 4))
                                          .Pid(++pid_)
                                          .UserTime(static_cast<uint16_t>(draws.Next() % 8000))
                                          .SystemTime(static_cast<uint16_t>(draws.Next() % 300))
                                          .Bytes());
    }
  }

  void Live(const Host& host, Draws draws) {
    absl::Time now = end_ - absl::Hours(11 * 24);
    dir_.Write(host.File("pacct"), "");
    std::string passwd = "alice:x:1001:1::/:\nbob:x:1002:1::/:\ncarol:x:1003:1::/:\n";
    while (now < end_) {
      const absl::Time before = now;
      now = std::min(end_, now + absl::Minutes(static_cast<int64_t>(20 + draws.Next() % 1500)));
      WorkOn(host, before, now, draws);
      const bool is_late = end_ - now < absl::Hours(5 * 24);
      if (host.renames && is_late) passwd = "alicia:x:1001:1::/:\nbob:x:1002:1::/:\n";
      dir_.Write(host.File("passwd"), passwd);
      if (host.loses_store && draws.Next() % 8 == 0) {
        std::filesystem::remove_all(dir_.Path(host.File("store")));
      }
      const Finished collected =
          RunOn(host, now, {"collect", "--no-running", "--passwd", dir_.Path(host.File("passwd"))});
      ASSERT_EQ(collected.exit_code, 0) << collected.err;
      for (const std::unique_ptr<LossyWay>& way : ways_) {
        if (draws.Next() % 3 == 0) continue;
        const Finished pushed = RunOn(host, now, {"push", "--url", way->url()});
        // 1: it has been postponed for days.
        EXPECT_TRUE(pushed.exit_code == 0 || pushed.exit_code == 75 ||
                    (pushed.exit_code == 1 && absl::StrContains(pushed.err, "nothing could since")))
            << pushed.err;
      }
    }
  }

  // Sends what has not arrived, and half of it once more.
  void PushRest() {
    for (const std::unique_ptr<LossyWay>& way : ways_) way->BeReliable();
    for (const Host& host : hosts_) {
      for (size_t i = 0; i < ways_.size(); ++i) {
        if (host.number % 2 == 0) {
          const std::filesystem::path store = dir_.Path(host.File("store"));
          for (const auto& entry : std::filesystem::directory_iterator(store)) {
            if (i == 0 && absl::StartsWith(entry.path().filename().string(), "push-")) {
              std::filesystem::remove(entry.path());
            }
          }
        }
        const Finished pushed = RunOn(host, end_, {"push", "--url", ways_[i]->url()});
        EXPECT_EQ(pushed.exit_code, 0) << pushed.err;
      }
    }
  }

  // What the stores have, by `cpuagg export`; only hours that are over.
  Truth SumsOfStores() const {
    Truth truth;
    for (const Host& host : hosts_) {
      const Finished run = RunOn(host, end_, {"export", "--format=csv"});
      EXPECT_EQ(run.exit_code, 0) << run.err;
      for (const absl::string_view line : absl::StrSplit(run.out, '\n', absl::SkipEmpty())) {
        const std::vector<std::string> fields = absl::StrSplit(line, ',');
        if (fields.back() != "true") continue;
        absl::Time begin;
        EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, fields[1], &begin, nullptr)) << line;
        int64_t hundredths = 0;
        for (const size_t column : {6, 7}) {
          double seconds = 0;
          EXPECT_TRUE(absl::SimpleAtod(fields[column], &seconds)) << line;
          hundredths += std::llround(seconds * 100);
        }
        const int64_t hour = absl::ToUnixSeconds(begin) / 3600 * 3600 + 3600;
        const std::string& user = fields[4].empty() ? fields[3] : fields[4];
        truth[{host.name + " " + user, hour}] += hundredths;
      }
    }
    return truth;
  }

  // Compares the hours, days and weeks that end at whole hours of UTC.
  void ExpectTruth(const MetricsServer& server, const Truth& truth) const {
    server.Flush();
    const int64_t last = absl::ToUnixSeconds(end_);
    size_t rows = 0;
    const auto compare = [&](int64_t hours, int64_t at) {
      std::map<std::string, int64_t> expected;
      for (const auto& [key, hundredths] : truth) {
        if (key.second > at - hours * 3600 && key.second <= at && hundredths > 0) {
          expected[key.first] += hundredths;
        }
      }
      const std::string hourly = "last_over_time(cpuagg_user_cpu_hourly_seconds[1h])";
      const std::string sums =
          hours == 1 ? hourly : absl::StrCat("sum_over_time(", hourly, "[", hours - 1, "h30m:1h])");
      rows += expected.size();
      ASSERT_EQ(server.Query(absl::StrCat("sum by (instance, user) (", sums, ")"),
                             absl::FromUnixSeconds(at), {"instance", "user"}),
                expected)
          << hours << " h until " << absl::FromUnixSeconds(at);
    };
    for (int i = 0; i < 24 * 11; i += 5) compare(1, last - i * 3600);
    for (int i = 0; i < 24 * 9; i += 13) compare(24, last - i * 3600);
    for (int i = 0; i < 72; i += 7) compare(7 * 24, last - i * 3600);
    EXPECT_GT(rows, hosts_.size() * 100);
  }

  absl::Time end_;
  std::vector<Host> hosts_;
  std::unique_ptr<MetricsServer> victoria_;
  std::unique_ptr<MetricsServer> prometheus_;
  std::vector<std::unique_ptr<LossyWay>> ways_;
};

TEST_F(PushServersCliTest, EveryHourDayAndWeekIsTheSumOfTheStores) {
  Draws draws(19);
  for (const Host& host : hosts_) ASSERT_NO_FATAL_FAILURE(Live(host, Draws(draws.Next())));
  PushRest();
  const Truth truth = SumsOfStores();
  {
    SCOPED_TRACE("VictoriaMetrics");
    ASSERT_NO_FATAL_FAILURE(ExpectTruth(*victoria_, truth));
  }
  {
    SCOPED_TRACE("Prometheus");
    ASSERT_NO_FATAL_FAILURE(ExpectTruth(*prometheus_, truth));
  }

  // The machine's own sums, and what else is pushed.
  std::map<std::string, int64_t> hosts;
  for (const auto& [key, hundredths] : truth) {
    if (key.second > absl::ToUnixSeconds(end_) - 24 * 3600) {
      hosts[key.first.substr(0, key.first.find(' '))] += hundredths;
    }
  }
  const std::string by_host =
      "sum by (instance) (sum_over_time(last_over_time(cpuagg_host_cpu_hourly_seconds[1h])[23h30m:"
      "1h]))";
  for (const MetricsServer* server : {victoria_.get(), prometheus_.get()}) {
    EXPECT_EQ(server->Query(by_host, end_, {"instance"}), hosts);
    EXPECT_EQ(server->Query("count(last_over_time(cpuagg_last_collect_timestamp_seconds[2d]))",
                            end_ + absl::Minutes(5), {}),
              (std::map<std::string, int64_t>{{"", 100 * static_cast<int64_t>(hosts_.size())}}));
  }

  victoria_->Restart();
  prometheus_->Restart();
  ASSERT_NO_FATAL_FAILURE(ExpectTruth(*victoria_, truth));
  ASSERT_NO_FATAL_FAILURE(ExpectTruth(*prometheus_, truth));
  ways_[0]->Redirect(victoria_->write_url());
  ways_[1]->Redirect(prometheus_->write_url());

  // A record that is later than all of this.
  const Host& host = hosts_[0];
  dir_.Append(host.File("pacct"), EndedAt(end_ - absl::Hours(60)).Uid(1002).UserTime(777).Bytes());
  EXPECT_EQ(
      RunOn(host, end_, {"collect", "--no-running", "--passwd", dir_.Path(host.File("passwd"))})
          .exit_code,
      0);
  PushRest();
  const Truth corrected = SumsOfStores();
  EXPECT_NE(corrected, truth);
  ASSERT_NO_FATAL_FAILURE(ExpectTruth(*victoria_, corrected));
  ASSERT_NO_FATAL_FAILURE(ExpectTruth(*prometheus_, corrected));
}

TEST_F(PushServersCliTest, CheckFindsWhatWasPushedAndWhatIsMissing) {
  const Host& host = hosts_[0];
  Draws draws(7);
  dir_.Write(host.File("pacct"), "");
  WorkOn(host, end_ - absl::Hours(30), end_, draws);
  ASSERT_EQ(RunOn(host, end_, {"collect", "--no-running"}).exit_code, 0);
  for (const MetricsServer* server : {victoria_.get(), prometheus_.get()}) {
    const std::string url = server->write_url();
    EXPECT_EQ(RunOn(host, end_, {"push", "--url", url}).exit_code, 0);
    const Finished check = RunOn(host, end_, {"push", "--check", "--url", url});
    EXPECT_EQ(check.exit_code, 0) << check.out << check.err;
    EXPECT_TRUE(absl::StrContains(check.out, "compared: all as they were pushed")) << check.out;
  }
}

// It answers 400 to all of a request with a sample that is more than an hour older than its newest.
TEST_F(PushServersCliTest, APrometheusWithoutATimeWindowHoldsNothing) {
  std::filesystem::create_directory(dir_.Path("plain"));
  dir_.Write("plain/prometheus.yml", "global: {}\n");
  const MetricsServer plain(MetricsServer::kPrometheus, dir_.Path("plain"));
  for (const Host& host : {hosts_[0], hosts_[1]}) {
    Draws draws(7);
    dir_.Write(host.File("pacct"), "");
    for (int i = 30; i > 0; --i) WorkOn(host, end_ - absl::Hours(i), end_, draws);
    ASSERT_EQ(RunOn(host, end_, {"collect", "--no-running"}).exit_code, 0);
    // It takes everything as long as it has nothing.
    const Finished run = RunOn(host, end_, {"push", "-v", "--url", plain.write_url()});
    EXPECT_EQ(run.exit_code, host.number == 0 ? 0 : 1) << run.err;
    if (host.number == 0) continue;
    EXPECT_TRUE(absl::StrContains(run.err,
                                  " more: refused and set aside: HTTP status 400, out of "
                                  "bounds"))
        << run.err;
    EXPECT_EQ(RunOn(host, end_, {"push", "--url", plain.write_url()}).exit_code, 0);
    EXPECT_EQ(plain.Query("count(last_over_time(cpuagg_last_collect_timestamp_seconds[1h]))",
                          end_ + absl::Minutes(5), {})[""],
              200);
  }
}

}  // namespace
}  // namespace cpuagg::tools
