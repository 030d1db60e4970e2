// The built binary: which machine a report is about.

#include <unistd.h>

#include <filesystem>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/testing/cli_test.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using nlohmann::json;
using testing::Finished;

class HostCliTest : public testing::CliTest {
 protected:
  HostCliTest() {
    char name[256] = {};
    EXPECT_EQ(gethostname(name, sizeof name - 1), 0);
    this_machine_ = name;
    const std::string records = EndedAt(absl::Now()).Uid(1).Bytes();
    std::filesystem::create_directories(dir_.Path("log"));
    std::filesystem::create_directories(dir_.Path("copies"));
    dir_.Write("log/pacct", records);
    dir_.Write("log/pacct.1", records);
    dir_.Write("copies/pacct", records);
    pacct_ = dir_.Path("log/pacct");
  }

  // The host of a report, or "null".
  std::string HostOf(Strings flags, const Strings& environment = {"CPUAGG_HOST_NAME="}) const {
    flags.insert(flags.begin(), {"report", "--json", "--quiet"});
    const Finished run = Run(std::move(flags), environment);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    const json report = json::parse(run.out);
    return report["host"].is_null() ? "null" : report["host"].get<std::string>();
  }

  std::string this_machine_;
};

TEST_F(HostCliTest, AFileFromElsewhereHasNoHostUnlessOneIsNamed) {
  const std::string copy = dir_.Path("copies/pacct");
  EXPECT_EQ(HostOf({copy}), "null");
  EXPECT_EQ(HostOf({dir_.Path("copies")}), "null");
  EXPECT_EQ(HostOf({copy, pacct_}), "null");
  EXPECT_EQ(HostOf({copy, "--host=lab07"}), "lab07");
  EXPECT_EQ(HostOf({copy}, {"CPUAGG_HOST_NAME=lab08"}), "lab08");
  const Finished table = Run({"report", copy}, {"CPUAGG_HOST_NAME="});
  EXPECT_TRUE(absl::StartsWith(table.out, "CPU by user, 20")) << table.out;
  // The configuration names the machine that it is on.
  const std::string config = dir_.Write("cpuagg.env", "HOST_NAME=lab09\n");
  EXPECT_EQ(HostOf({copy, "--config", config}), "null");
}

TEST_F(HostCliTest, TheAccountingFileAndWhatItWasRotatedToAreOfThisMachine) {
  EXPECT_EQ(HostOf({"--accounting-file", pacct_}), this_machine_);
  EXPECT_EQ(HostOf({pacct_}), this_machine_);
  EXPECT_EQ(HostOf({pacct_, dir_.Path("log/pacct.1")}), this_machine_);
  EXPECT_EQ(HostOf({dir_.Path("log")}), this_machine_);
  EXPECT_EQ(HostOf({"--accounting-file", pacct_, "--host=lab07"}), "lab07");
  std::filesystem::create_symlink(dir_.Path("log"), dir_.Path("link"));
  EXPECT_EQ(HostOf({dir_.Path("link/pacct.1")}), this_machine_);
  EXPECT_EQ(HostOf({dir_.Path("copies/pacct"), "--rotated-dir", dir_.Path("copies")}),
            this_machine_);
}

TEST_F(HostCliTest, AStoreIsOfTheMachineOnWhichItWasCollected) {
  // The environment of Collect() says lab01.
  Collect();
  EXPECT_EQ(HostOf({"--store", store_}), "lab01");
  EXPECT_EQ(HostOf({}), this_machine_) << "the store of the configuration";
}

TEST_F(HostCliTest, OfAStoreTheHostIsChosenAndNotNamed) {
  Collect();
  EXPECT_EQ(HostOf({"--store", store_, "--host=lab01"}), "lab01");
  EXPECT_EQ(HostOf({"--host=lab01"}), "lab01");
  EXPECT_EQ(HostOf({"--host", this_machine_}), this_machine_);
  EXPECT_EQ(HostOf({"--host=lab08"}, {"CPUAGG_HOST_NAME=lab08"}), "lab08");
  for (const Strings& flags : {Strings{}, Strings{"--by=host"}, Strings{"--store", store_}}) {
    Strings argv = {"report", "--host=lab07"};
    argv.insert(argv.end(), flags.begin(), flags.end());
    const Finished run = Run(argv);
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_EQ(run.out, "");
    EXPECT_EQ(run.err, "cpuagg: --host: the store " + store_ +
                           " is of lab01, and not of lab07; name the store of that host with "
                           "--store\n");
  }
}

TEST_F(HostCliTest, NamesOfAnotherMachineAreNotThoseOfThisOne) {
  const std::string copy = dir_.Path("copies/pacct");
  const Finished run = Run({"report", copy, "--host=lab07"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err,
            "cpuagg: user names are those of this machine; if lab07 has other accounts, name a "
            "copy of its /etc/passwd with --passwd\n");
  const std::string accounts = dir_.Write("passwd", "dora:x:1:1::/:/bin/sh\n");
  EXPECT_EQ(Run({"report", copy, "--host=lab07", "--passwd", accounts}).err, "");
  EXPECT_EQ(Run({"report", copy, "--host=lab01"}).err, "");
}

}  // namespace
}  // namespace cpuagg::tools
