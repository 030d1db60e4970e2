#include "tools/cli_tests/store/stores_cli.h"

#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/testing/process.h"

namespace cpuagg::tools {

StoresCliTest::StoresCliTest() {
  now_ = absl::FromCivil(absl::CivilSecond(2026, 11, 20, 12, 0, 0), absl::UTCTimeZone());
}

void StoresCliTest::CollectOn(const std::string& host, const std::vector<uint32_t>& uids,
                              const std::string& accounts) {
  const std::string file = dir_.Path(absl::StrCat(host, ".pacct"));
  std::ofstream records(file, std::ios::app | std::ios::binary);
  for (const uint32_t uid : uids) {
    ++pid_;
    records << EndedAt(now_ - absl::Seconds(30))
                   .Uid(uid)
                   .Pid(pid_)
                   .UserTime(static_cast<uint16_t>(100 + pid_))
                   .Bytes();
  }
  records.close();
  const std::string passwd = dir_.Write(
      absl::StrCat(host, ".passwd"),
      accounts.empty() ? "alice:x:1001:1::/:/bin/sh\nbob:x:1002:1::/:/bin/sh\n" : accounts);
  Collect({"--store", StoreOf(host), "--accounting-file", file, "--passwd", passwd});
}

StoresCliTest::Strings StoresCliTest::Environment() const {
  Strings environment = ClockCliTest::Environment();
  std::erase_if(environment, [](const std::string& variable) {
    return absl::StartsWith(variable, "CPUAGG_HOST_NAME=");
  });
  environment.push_back("CPUAGG_HOST_NAME=" + host_);
  return environment;
}

void StoresCliTest::CollectOnAll(const Strings& hosts) {
  for (const std::string& host : hosts) {
    host_ = host;
    CollectOn(host, {1001, 1002});
  }
  host_.clear();
}

std::string StoresCliTest::StoreOf(const std::string& host) const {
  std::filesystem::create_directories(folder_);
  return folder_ + "/" + host;
}

nlohmann::json StoresCliTest::Report(Strings flags, int exit_code) const {
  flags.insert(flags.begin(), {"report", "--json"});
  const testing::Finished run = Run(std::move(flags));
  EXPECT_EQ(run.exit_code, exit_code) << run.err;
  return nlohmann::json::parse(run.out.empty() ? "{}" : run.out);
}

}  // namespace cpuagg::tools
