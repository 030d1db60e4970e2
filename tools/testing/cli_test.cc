#include "tools/testing/cli_test.h"

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "nlohmann/json.hpp"

namespace cpuagg::tools::testing {

using acct::testing::RecordBuilder;
using nlohmann::json;

CliTest::Strings CliTest::Environment() const {
  return {"TZ=" + zone_, "CPUAGG_HOST_NAME=lab01", "CPUAGG_STORE=" + store_,
          "CPUAGG_ACCOUNTING_FILE=" + pacct_, "TMPDIR=" + dir_.path()};
}

CliTest::Strings ClockCliTest::Environment() const {
  Strings environment = CliTest::Environment();
  environment.push_back(absl::StrCat("CLOCK_SHIFT=", absl::ToInt64Nanoseconds(now_ - absl::Now())));
  return environment;
}

Program CliTest::Cpuagg(Strings argv, const Strings& environment) const {
  argv.insert(argv.begin(), "tools/cpuagg");
  // Of two values of a variable the first counts.
  Strings all = environment;
  if (!preloaded_.empty()) {
    all.push_back(absl::StrCat(
        "LD_PRELOAD=", absl::StrJoin(preloaded_, ":", [](std::string* path, const auto& name) {
          absl::StrAppend(path, std::filesystem::absolute("tools/testing").string(), "/", name);
        })));
    // The sanitizers must be loaded before preloaded libraries, but also work if they are not.
    all.emplace_back("ASAN_OPTIONS=verify_asan_link_order=0");
  }
  const Strings whole = Environment();
  all.insert(all.end(), whole.begin(), whole.end());
  return {.argv = std::move(argv), .environment = std::move(all)};
}

Finished CliTest::Run(Strings argv, const Strings& environment) const {
  return RunProgram(Cpuagg(std::move(argv), environment));
}

std::string CliTest::OutputOf(Strings argv, const Strings& environment) const {
  Finished run = Run(std::move(argv), environment);
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, "");
  return std::move(run.out);
}

void CliTest::Collect(Strings flags) const {
  flags.insert(flags.begin(), {"collect", "--no-running"});
  EXPECT_EQ(OutputOf(std::move(flags)), "");
}

json CliTest::JsonReport(Strings flags, int exit_code) const {
  flags.insert(flags.begin(), {"report", "--format=json"});
  const Finished run = Run(std::move(flags));
  EXPECT_EQ(run.exit_code, exit_code) << run.err;
  if (exit_code == 0) {
    EXPECT_EQ(run.err, "");
  }
  json report = json::parse(run.out, nullptr, /*allow_exceptions=*/false);
  EXPECT_TRUE(report.is_object()) << run.out << run.err;
  return report.is_object() ? report : json::object();
}

void CliTest::ExpectNowhere(const std::string& secret, const Finished& run) const {
  EXPECT_EQ(run.out.find(secret), std::string::npos) << run.out;
  EXPECT_EQ(run.err.find(secret), std::string::npos) << run.err;
  if (!std::filesystem::is_directory(store_)) return;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(store_)) {
    if (!entry.is_regular_file()) continue;
    EXPECT_EQ(acct::testing::ReadFile(entry.path()).find(secret), std::string::npos)
        << entry.path();
  }
}

CliTest::Strings CliTest::UsersOf(const json& report) {
  Strings users;
  for (const json& row : report.at("rows")) {
    users.push_back(absl::StrCat(row["uid"].get<uint32_t>(), " ",
                                 row["user"].is_null() ? "-" : row["user"].get<std::string>(), " ",
                                 row["processes"].get<uint64_t>()));
  }
  return users;
}

CliTest::Processes CliTest::ProcessesOf(const json& report) {
  Processes processes;
  for (const json& row : report.at("rows")) {
    processes[row["uid"].get<uint32_t>()] += row["processes"].get<uint64_t>();
  }
  return processes;
}

RecordBuilder CliTest::EndedAt(absl::Time end) {
  return RecordBuilder()
      .BeginTime(static_cast<uint32_t>(absl::ToUnixSeconds(end)) - 1)
      .Elapsed(100);
}

}  // namespace cpuagg::tools::testing
