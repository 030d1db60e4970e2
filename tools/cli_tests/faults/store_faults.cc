#include "tools/cli_tests/faults/store_faults.h"

#include <filesystem>
#include <map>
#include <string>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace cpuagg::tools {

using acct::testing::RecordBuilder;
using nlohmann::json;
using testing::Finished;
using testing::Program;

void StoreFaultsTest::Work(uint32_t users) {
  std::string records;
  for (uint32_t uid = 1; uid <= users; ++uid) {
    records += RecordBuilder().Uid(uid).UserTime(1).BeginTime(next_begin_++).Bytes();
    ++written_[uid];
  }
  dir_.Append("pacct", records);
}

Program StoreFaultsTest::CollectAfter(const std::string& before) const {
  Program program = CollectProgram();
  program.argv.insert(program.argv.begin(),
                      {"/bin/sh", "-c", absl::StrCat(before, "; exec \"$0\" \"$@\"")});
  return program;
}

StoreFaultsTest::Processes StoreFaultsTest::ReportedBy(const Finished& run) {
  EXPECT_EQ(run.exit_code, 0) << run.err;
  const json report = json::parse(run.out);
  EXPECT_EQ(report["gaps"], json::array());
  return ProcessesOf(report);
}

std::map<std::string, std::string> StoreFaultsTest::Snapshots() const {
  std::map<std::string, std::string> snapshots;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(store_ + "/snapshots", none)) {
    snapshots[entry.path().filename().string()] =
        entry.is_regular_file() ? acct::testing::ReadFile(entry.path().string()) : "";
  }
  return snapshots;
}

void StoreFaultsTest::AddForeignFiles() const {
  for (int i = 0; i < 300; ++i) {
    dir_.Write(absl::StrCat("store/snapshots/", std::string(200, 'x'), i), "");
  }
}

void StoreFaultsTest::ExpectFailure(const Finished& run, absl::string_view path,
                                    absl::string_view reason) const {
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.out, "");
  EXPECT_TRUE(absl::StartsWith(run.err, absl::StrCat("cpuagg: ", path))) << run.err;
  const bool says_all =
      absl::StrContains(reason, "; ") || absl::StrContains(reason, "still running");
  const char* const pointer = says_all ? "" : "; `cpuagg check` says what is wrong";
  EXPECT_TRUE(absl::EndsWith(run.err, absl::StrCat(reason, pointer, "\n"))) << run.err;
}

void StoreFaultsTest::ExpectEverythingOnce() const {
  Collect();
  EXPECT_EQ(Reported(), written_);
  for (const auto& [name, content] : Snapshots()) {
    EXPECT_FALSE(absl::StartsWith(name, ".unfinished-")) << name;
  }
}

}  // namespace cpuagg::tools
