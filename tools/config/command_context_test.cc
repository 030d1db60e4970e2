#include "tools/config/command_context.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/record/plausibility.h"
#include "acct/record/units.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/names/bounded_directory.h"
#include "aggregate/names/user_directory.h"
#include "gtest/gtest.h"
#include "tools/config/command_line.h"
#include "tools/config/config.h"
#include "tools/config/exit_code.h"
#include "tools/terminal/console.h"

namespace cpuagg::tools {
namespace {

using Strings = std::vector<std::string>;

class CommandContextTest : public ::testing::Test {
 protected:
  // Puts these settings into the configuration file.
  void Configure(const std::string& settings) {
    static constexpr const char* kNoVariables[] = {nullptr};
    std::vector<std::string> warnings;
    const std::string path = dir_.Write("env", settings);
    EXPECT_EQ(chmod(path.c_str(), 0600), 0);
    absl::StatusOr<Config> config =
        Config::Load({.path = path, .environment = kNoVariables}, warnings);
    ASSERT_TRUE(config.ok()) << config.status();
    context_.config = *std::move(config);
  }

  // What is printed for this error, without the end of the line.
  std::string Printed(const absl::Status& status) {
    ::testing::internal::CaptureStderr();
    EXPECT_EQ(context_.Fail(status), kFailed);
    std::string line = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(line.back(), '\n');
    line.pop_back();
    return line;
  }

  absl::StatusOr<std::unique_ptr<aggregate::UserDirectory>> NamesOf(const std::string& passwd) {
    context_.flags.passwd = passwd;
    return context_.UserNames(absl::InfiniteDuration());
  }

  const acct::testing::TempDir dir_;
  CommandContext context_ = {.console = Console(Verbosity::kNormal),
                             .now = absl::FromUnixSeconds(1'795'000'000),
                             .zone = absl::UTCTimeZone()};
};

TEST_F(CommandContextTest, TheStoreIsThatOfTheFlagElseOfTheConfigurationElseTheUsualOne) {
  EXPECT_EQ(context_.StoreDirectory(), "/var/lib/cpuagg");
  Configure("STORE=/configured\n");
  EXPECT_EQ(context_.StoreDirectory(), "/configured");
  context_.flags.store = "/named";
  EXPECT_EQ(context_.StoreDirectory(), "/named");
  // As with `--store "$STORE"` in a script that does not set it.
  context_.flags.store = "";
  EXPECT_EQ(context_.StoreDirectory(), "/configured");
  Configure("STORE=\n");
  EXPECT_EQ(context_.StoreDirectory(), "/var/lib/cpuagg");
}

TEST_F(CommandContextTest, TheAccountingFileIsThatOfTheFlagElseOfTheConfiguration) {
  Configure("ACCOUNTING_FILE=/configured\n");
  EXPECT_EQ(context_.AccountingFile(), "/configured");
  context_.flags.accounting_file = "/named";
  EXPECT_EQ(context_.AccountingFile(), "/named");
  context_.flags.accounting_file = "";
  EXPECT_EQ(context_.AccountingFile(), "/configured");
}

TEST_F(CommandContextTest, TheUsualAccountingFileIsOneThatIsThereElseTheMostUsualOne) {
  for (const char* const settings : {"", "ACCOUNTING_FILE=\n"}) {
    Configure(settings);
    const std::string file = context_.AccountingFile();
    EXPECT_TRUE(file == "/var/log/account/pacct" || std::filesystem::exists(file)) << file;
  }
}

TEST_F(CommandContextTest, FoldersOfRotatedFilesAreThoseOfTheFlagsElseOfTheConfiguration) {
  EXPECT_EQ(context_.RotatedDirectories(), Strings());
  Configure("ROTATED_DIR=/a, /b,\n");
  EXPECT_EQ(context_.RotatedDirectories(), (Strings{"/a", "/b"}));
  context_.flags.rotated_directories = {"/c,d"};
  EXPECT_EQ(context_.RotatedDirectories(), Strings{"/c,d"});
}

TEST_F(CommandContextTest, AHostWithoutAConfiguredNameHasItsOwn) {
  char name[256] = {};
  ASSERT_EQ(gethostname(name, sizeof name - 1), 0);
  const std::string own = *name == '\0' ? "this host" : name;
  EXPECT_EQ(context_.HostName(), own);
  Configure("HOST_NAME=\n");
  EXPECT_EQ(context_.HostName(), own);
  Configure("HOST_NAME=lab01\n");
  EXPECT_EQ(context_.HostName(), "lab01");
}

TEST_F(CommandContextTest, ThereIsAThreadForEachProcessorUnlessANumberIsGiven) {
  EXPECT_GE(context_.Threads(), 1u);
  context_.flags.threads = 7;
  EXPECT_EQ(context_.Threads(), 7u);
}

TEST_F(CommandContextTest, TheFormatOfFilesFollowsFromTheFlagsAndTheClock) {
  acct::RecordFormat format = context_.FileFormat();
  EXPECT_FALSE(format.big_endian_version0);
  EXPECT_EQ(format.default_rate, acct::kTicksPerSecond);
  EXPECT_EQ(format.latest_begin, acct::LatestBegin(context_.now));
  context_.flags.big_endian_version0 = true;
  context_.flags.default_rate = 1;
  context_.now -= absl::Hours(24 * 365);
  const uint32_t before = format.latest_begin;
  format = context_.FileFormat();
  EXPECT_TRUE(format.big_endian_version0);
  EXPECT_EQ(format.default_rate, 1u);
  EXPECT_LT(format.latest_begin, before);
}

TEST_F(CommandContextTest, TheHostsAccountsHaveATimeLimitUnlessThereIsTimeWithoutEnd) {
  const auto bounded = context_.UserNames(absl::Seconds(10));
  ASSERT_TRUE(bounded.ok()) << bounded.status();
  EXPECT_NE(dynamic_cast<aggregate::BoundedDirectory*>(bounded->get()), nullptr);
  const auto patient = context_.UserNames(absl::InfiniteDuration());
  ASSERT_TRUE(patient.ok()) << patient.status();
  EXPECT_NE(dynamic_cast<aggregate::NssDirectory*>(patient->get()), nullptr);
}

TEST_F(CommandContextTest, AFileOfAccountsReplacesTheHosts) {
  const auto names = NamesOf(dir_.Write("passwd", "eve:x:4711:4711::/:/bin/sh\n"));
  ASSERT_TRUE(names.ok()) << names.status();
  EXPECT_EQ(*(*names)->NameOf(acct::Uid(4711)), "eve");
  EXPECT_EQ(*(*names)->NameOf(acct::Uid(0)), std::nullopt);
}

TEST_F(CommandContextTest, WhatCannotBeAFileOfAccountsIsNamedWithTheFlag) {
  EXPECT_EQ(NamesOf(dir_.path()).status(),
            absl::InvalidArgumentError(absl::StrCat(
                "--passwd ", dir_.path(), ": is a directory; name a file like /etc/passwd")));
  const std::string path = dir_.Path("socket");
  ASSERT_EQ(mknod(path.c_str(), S_IFSOCK | 0600, 0), 0);
  EXPECT_EQ(NamesOf(path).status(),
            absl::InvalidArgumentError(
                absl::StrCat("--passwd ", path, ": is a socket; name a file like /etc/passwd")));
  EXPECT_EQ(NamesOf(dir_.Path("gone")).status().code(), absl::StatusCode::kNotFound);
  // An empty name is not the host's accounts.
  EXPECT_FALSE(NamesOf("").ok());
}

TEST_F(CommandContextTest, AProblemOfTheStoreOrTheAccountingFileIsLeftToCheck) {
  context_.flags.store = "/the/store";
  context_.flags.accounting_file = "/the/account/pacct";
  for (const char* const place :
       {"/the/store", "/the/store/snapshots", "/the/account/pacct", "/the/account/"}) {
    EXPECT_EQ(Printed(absl::FailedPreconditionError(absl::StrCat(place, ": is odd"))),
              absl::StrCat("cpuagg: ", place, ": is odd; `cpuagg check` says what is wrong"));
  }
}

TEST_F(CommandContextTest, WhatCheckDoesNotExplainIsNotLeftToIt) {
  context_.flags.store = "/the/store";
  context_.flags.accounting_file = "/the/account/pacct";
  const absl::Status of_store = absl::FailedPreconditionError("/the/store: is odd");
  // Other files.
  for (const char* const message :
       {"/the/account: is odd", "/the/account/other: is odd", "/other: is odd", "--top: is odd"}) {
    EXPECT_EQ(Printed(absl::FailedPreconditionError(message)), absl::StrCat("cpuagg: ", message));
  }
  // What passes by itself.
  EXPECT_EQ(Printed(absl::UnavailableError("/the/store/lock: is held")),
            "cpuagg: /the/store/lock: is held");
  // What names its fix.
  EXPECT_EQ(Printed(absl::FailedPreconditionError("/the/store: is odd; run chmod go-w /the/store")),
            "cpuagg: /the/store: is odd; run chmod go-w /the/store");
  // Named files are not those that check looks at.
  context_.flags.files = {"/the/account/pacct"};
  EXPECT_EQ(Printed(of_store), "cpuagg: /the/store: is odd");
  context_.flags.files.clear();
  // Check itself.
  context_.flags.command = Command::kCheck;
  EXPECT_EQ(Printed(of_store), "cpuagg: /the/store: is odd");
}

TEST_F(CommandContextTest, AnAccountingFileInTheCurrentFolderHasNoFolderToExplain) {
  context_.flags.accounting_file = "pacct";
  EXPECT_EQ(Printed(absl::FailedPreconditionError("/: is odd")), "cpuagg: /: is odd");
  EXPECT_EQ(Printed(absl::FailedPreconditionError("pacct: is odd")),
            "cpuagg: pacct: is odd; `cpuagg check` says what is wrong");
}

TEST_F(CommandContextTest, AWrongSettingIsToldWithItsOrigin) {
  Configure("KEEP=x\n");
  const absl::Status status = absl::InvalidArgumentError("KEEP: 'x' is not a number");
  const std::string line =
      absl::StrCat("cpuagg: KEEP in ", dir_.Path("env"), ": 'x' is not a number");
  EXPECT_EQ(Printed(status), line);
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(context_.FailUsage(status), kWrongUsage);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), line + "\n");
}

}  // namespace
}  // namespace cpuagg::tools
