#include "tools/cli_tests/store/store_cli.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>

#include "absl/time/civil_time.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace cpuagg::tools {

using nlohmann::json;
using testing::Finished;

StoreCliTest::StoreCliTest() {
  now_ = absl::FromCivil(absl::CivilHour(2026, 10, 1, 12), absl::UTCTimeZone());
}

void StoreCliTest::Work(uint32_t uid, const std::string& command, uint16_t hundredths) {
  WorkAt(now_, uid, command, hundredths);
}

void StoreCliTest::WorkAt(absl::Time end, uint32_t uid, const std::string& command,
                          uint16_t hundredths) {
  dir_.Append("pacct", EndedAt(end).Uid(uid).UserTime(hundredths).Command(command).Bytes());
  ++written_[uid];
}

Finished StoreCliTest::RunCollect(const Strings& flags) const {
  Strings argv = {"collect", "--no-running", "--passwd", passwd_};
  argv.insert(argv.end(), flags.begin(), flags.end());
  return Run(std::move(argv));
}

void StoreCliTest::Collect(Strings flags) const {
  flags.insert(flags.begin(), {"--passwd", passwd_});
  CliTest::Collect(std::move(flags));
}

Finished StoreCliTest::Report(const Strings& flags) const {
  Strings argv = {"report"};
  argv.insert(argv.end(), flags.begin(), flags.end());
  return Run(std::move(argv));
}

StoreCliTest::Strings StoreCliTest::Users(Strings flags) const {
  flags.emplace_back("--sort=uid");
  return UsersOf(JsonReport(std::move(flags)));
}

StoreCliTest::Strings StoreCliTest::Names() const {
  Strings names;
  for (const auto& entry : std::filesystem::directory_iterator(store_ + "/snapshots")) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

void StoreCliTest::WriteSnapshot(const std::string& name, const std::string& bytes) const {
  dir_.Write("store/snapshots/" + name, bytes);
}

void StoreCliTest::CollectThreeRuns() {
  for (uint32_t run = 1; run <= 3; ++run) {
    Work(1000);
    Work(run);
    Collect();
    now_ += absl::Minutes(15);
  }
  ASSERT_EQ(Names(), (Strings{"20261001T120000Z-000001.pb", "20261001T121500Z-000002.pb",
                              "20261001T123000Z-000003.pb"}));
}

void StoreCliTest::ExpectEverythingOnce() const {
  const json report = JsonReport();
  EXPECT_EQ(ProcessesOf(report), written_);
  EXPECT_EQ(report["gaps"], json::array());
}

}  // namespace cpuagg::tools
