// Plays a fleet: makes the stores of so many hosts, pushes the last 24 hours of each, and asks the
// engine for reports of all, as whole processes one after another.
//
//   victoria-metrics -storageDataPath=DIR -httpListenAddr=127.0.0.1:18428 -retentionPeriod=1y &
//   bazel run //benchmarks:fleet_push -- --url http://127.0.0.1:18428 --hosts 1000 --users 50
//
// Prints the time of a host's push and of each report, and compares the sum of all with that of the
// stores. The engine should have nothing else. docs/fleet_query.md has such figures.

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "acct/record/units.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/snapshot_store.h"
#include "benchmarks/made_store.h"
#include "benchmarks/process_comparison.h"

namespace cpuagg::benchmarks {
namespace {

constexpr int64_t kHours = 24;

double SecondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// What all programs that have ended have used.
double UsedByChildren() {
  rusage usage = {};
  getrusage(RUSAGE_CHILDREN, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

class Fleet {
 public:
  Fleet(std::string directory, std::string url, int hosts, uint32_t users)
      : directory_(std::move(directory)), url_(std::move(url)), hosts_(hosts), users_(users) {
    const absl::Time now = absl::Now();
    end_ = absl::FromUnixSeconds(absl::ToUnixSeconds(now) / 3600 * 3600);
    // Nothing of this machine's configuration.
    std::ofstream(Path("env")).close();
    std::filesystem::permissions(Path("env"), std::filesystem::perms::owner_read);
  }

  void MakeStores() {
    const auto begin = std::chrono::steady_clock::now();
    for (int host = 0; host < hosts_; ++host) MakeStore(host);
    std::printf("%d stores made in %.1f s\n", hosts_, SecondsSince(begin));
  }

  void Push(const char* what) const {
    std::vector<double> seconds;
    seconds.reserve(static_cast<size_t>(hosts_));
    const double used = UsedByChildren();
    const auto begin = std::chrono::steady_clock::now();
    for (int host = 0; host < hosts_; ++host) {
      seconds.push_back(Run({"tools/cpuagg", "push", "--config", Path("env"), "--url",
                             url_ + "/api/v1/write", "--store", StoreOf(host)}));
    }
    std::printf("%s: %.1f s; a host %.1f ms, of which %.1f ms of processor time\n", what,
                SecondsSince(begin), Median(seconds) * 1000,
                (UsedByChildren() - used) / hosts_ * 1000);
  }

  void Report(const std::string& by) const {
    constexpr int kTries = 5;
    Words words = {"tools/cpuagg",
                   "report",
                   "--config",
                   Path("env"),
                   "--from",
                   url_,
                   "--utc",
                   "--by",
                   by,
                   "--top",
                   "20",
                   "--since",
                   Written(end_ - absl::Hours(kHours)),
                   "--until",
                   Written(end_)};
    std::vector<double> seconds;
    seconds.reserve(kTries);
    for (int i = 0; i < kTries; ++i) seconds.push_back(Run(words));
    words.push_back("--json");
    Run(words, Path("report.json"));
    std::ifstream file(Path("report.json"));
    const nlohmann::json report = nlohmann::json::parse(file);
    const double sum = report["totals"]["cpu_seconds"].get<double>();
    if (std::llround(sum * 100) != static_cast<int64_t>(ticks_)) {
      Fail(absl::StrFormat("--by %s: %.2f s instead of %.2f s", by, sum,
                           static_cast<double>(ticks_) / 100));
    }
    std::printf("report --by %s: %.2f s, exact; %.0f MiB\n", by.c_str(), Median(seconds),
                PeakMebibytes(words));
  }

 private:
  std::string Path(const std::string& name) const { return directory_ + "/" + name; }
  std::string StoreOf(int host) const { return Path(absl::StrFormat("node%05d", host)); }
  static std::string Written(absl::Time time) {
    return absl::FormatTime("%Y-%m-%d %H:%M", time, absl::UTCTimeZone());
  }

  void MakeStore(int host) {
    aggregate::Snapshot snapshot;
    snapshot.header.runs = {1, 1};
    snapshot.header.host = absl::StrFormat("node%05d", host);
    snapshot.header.captured_at = end_ + absl::Seconds(1);
    for (uint32_t user = 0; user < users_; ++user) {
      snapshot.header.accounts.push_back({acct::Uid(1000 + user), absl::StrCat("user", user)});
    }
    for (int64_t hour = 0; hour < kHours; ++hour) {
      const int64_t begin = absl::ToUnixSeconds(end_ - absl::Hours(kHours - hour));
      for (uint32_t user = 0; user < users_; ++user) {
        const aggregate::Usage usage = {
            .processes = 1 + random_() % 100,
            .ticks = {.user = 1 + random_() % 36'000, .system = 1 + random_() % 3'600}};
        ticks_ += usage.ticks.user + usage.ticks.system;
        snapshot.users.push_back(
            {.begin = begin, .end = begin + 3600, .account = user, .usage = usage});
      }
    }
    const aggregate::SnapshotStore store(StoreOf(host), unsynced_);
    aggregate::Check(store.MakeDirectories());
    aggregate::Check(store.Publish(snapshot));
  }

  const std::string directory_;
  const std::string url_;
  const int hosts_;
  const uint32_t users_;
  absl::Time end_;
  aggregate::Unsynced unsynced_;
  std::mt19937_64 random_;
  uint64_t ticks_ = 0;
};

void Play(const std::string& url, int hosts, uint32_t users) {
  std::string directory = "/tmp/cpuagg_fleet_XXXXXX";
  if (mkdtemp(directory.data()) == nullptr) Fail("cannot make " + directory);
  Fleet fleet(directory, url, hosts, users);
  fleet.MakeStores();
  fleet.Push("first push");
  fleet.Push("push again, with nothing new");
  // New series appear after a second or two.
  absl::SleepFor(absl::Seconds(3));
  for (const char* by : {"user", "host", "user,host", "hour"}) fleet.Report(by);
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace cpuagg::benchmarks

int main(int argc, char** argv) {
  CLI::App app("Pushes a made fleet and reports it.");
  std::string url;
  int hosts = 1000;
  uint32_t users = 50;
  app.add_option("--url", url, "the engine, which should be empty")->required();
  app.add_option("--hosts", hosts)->check(CLI::Range(1, 100'000));
  app.add_option("--users", users, "of each host")->check(CLI::Range(1, 10'000));
  CLI11_PARSE(app, argc, argv);
  cpuagg::benchmarks::Play(url, hosts, users);
  return 0;
}
