// The built binary: one store of a folder, and what works with one store only.

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/cli_tests/store/stores_cli.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using testing::Finished;
namespace files = std::filesystem;

class OneStoreCliTest : public StoresCliTest {};

// Accounting of these files seems to be off: no process that has just ended has a record.
TEST_F(OneStoreCliTest, OneStoreSaysTheSameHoweverItIsNamed) {
  CollectOnAll({"web1"});
  const std::string alone = dir_.Path("alone");
  files::create_directories(alone);
  files::copy(StoreOf("web1"), alone + "/web1", files::copy_options::recursive);
  now_ += absl::Hours(72);
  host_ = "web2";
  CollectOn("web2", {1001});
  for (const char* const name : {"web1", "alone/web1"}) {
    host_ = "web1";
    const std::string store =
        name == std::string("web1") ? StoreOf("web1") : dir_.Path("alone/web1");
    // With running processes, the file should be this machine's.
    Run({"collect", "--store", store, "--accounting-file", dir_.Path("web1.pacct")});
  }
  host_.clear();
  now_ += absl::Minutes(1);
  const auto notes = [&](const Strings& named) {
    Strings flags = {"--period=yesterday"};
    flags.insert(flags.end(), named.begin(), named.end());
    return Report(flags)["notes"].get<Strings>();
  };
  const Strings expected = notes({"--store", StoreOf("web1")});
  EXPECT_TRUE(std::any_of(expected.begin(), expected.end(), [](const std::string& note) {
    return absl::StartsWith(note, "Accounting seems to be off since 2026-11-20 11:59: ");
  })) << absl::StrJoin(expected, "\n");
  EXPECT_EQ(notes({"--store", folder_, "--host=web1"}), expected);
  EXPECT_EQ(notes({"--store", alone}), expected);
}

// Each needs one store, and says how to name it.
TEST_F(OneStoreCliTest, WhatIsForOneStoreRefusesAFolderOfThem) {
  CollectOnAll({"web1"});
  dir_.Write("env", "BOT_TOKEN=" + std::string(kToken) + "\nCHAT_ID=42\n");
  files::permissions(dir_.Path("env"), files::perms::owner_read | files::perms::owner_write);
  const std::vector<Strings> commands = {
      {"collect", "--no-running"},
      {"export"},
      {"send", "--dry-run"},
      {"send", "--pending", "--config", dir_.Path("env")},
      {"send", "--status"},
      {"forget", "--user=bob", "--dry-run"},
      {"forget", "--user=bob", "--yes"},
      {"push", "--url=http://127.0.0.1:1/api/v1/write"},
  };
  for (Strings command : commands) {
    command.insert(command.end(), {"--store", folder_});
    const Finished run = Run(command);
    EXPECT_EQ(run.exit_code, 1) << absl::StrJoin(command, " ");
    EXPECT_TRUE(absl::StrContains(
        run.err, folder_ +
                     ": is a folder of stores, and does not become one itself; name the "
                     "store of one machine, such as " +
                     StoreOf("web1")))
        << absl::StrJoin(command, " ") << ": " << run.err;
  }
  // Its time limits are those of the real clock.
  preloaded_.clear();
  const nlohmann::json findings =
      nlohmann::json::parse(Run({"check", "--json", "--store", folder_}).out)["findings"];
  const auto store = std::find_if(findings.begin(), findings.end(),
                                  [](const nlohmann::json& each) { return each["id"] == "store"; });
  ASSERT_NE(store, findings.end());
  EXPECT_EQ((*store)["level"], "critical");
  EXPECT_TRUE(absl::StrContains((*store)["text"].get<std::string>(), "is a folder of stores"));
  // Nothing that collects or sends with this folder is suggested.
  for (const nlohmann::json& finding : findings) {
    for (const nlohmann::json& mend : finding["commands"]) {
      EXPECT_FALSE(absl::StrContains(mend.get<std::string>(), folder_)) << mend;
    }
  }
}

}  // namespace
}  // namespace cpuagg::tools
