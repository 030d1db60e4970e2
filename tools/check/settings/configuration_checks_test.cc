#include "tools/check/settings/configuration_checks.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cpuagg::tools::check {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// The findings about the settings of a configuration file with `content`.
std::vector<std::string> OfSettings(const std::string& content) {
  const acct::testing::TempDir dir;
  const std::string path = dir.Write("env", content);
  const char* const environment[] = {nullptr};
  std::vector<std::string> warnings;
  absl::StatusOr<Config> config =
      Config::Load({.path = path, .environment = environment}, warnings);
  EXPECT_TRUE(config.ok()) << config.status();
  if (!config.ok()) return {};
  const CommandContext context = {.config = *std::move(config),
                                  .console = Console(Verbosity::kQuiet),
                                  .now = absl::UnixEpoch(),
                                  .zone = absl::UTCTimeZone()};
  Findings findings;
  CheckConfiguration(context, {.source = kWhoAsks}, findings);
  std::vector<std::string> texts;
  for (const Finding& finding : findings.Get()) {
    if (finding.id == "settings") texts.push_back(finding.text);
  }
  return texts;
}

TEST(ConfigurationChecksTest, EveryWrongValueIsNamedAndNotOnlyTheFirst) {
  EXPECT_THAT(OfSettings("SEND_AS=x\nSILENT=y\nEXPIRE_AFTER=3\nALERT_PERIOD=daily\nKEEP=soon\n"
                         "KEEP_HOURS=never\nREPORT_PERIOD=dayly\nALLOW_INSECURE_HTTP=maybe\n"
                         "TELEGRAM_API_URL=ftp://x\nPROXY=x y\nCHAT_ID=the-lab\n"),
              ElementsAre(StartsWith("SEND_AS in "), StartsWith("SILENT in "),
                          StartsWith("EXPIRE_AFTER in "), StartsWith("ALERT_PERIOD in "),
                          StartsWith("KEEP in "), StartsWith("KEEP_HOURS in "),
                          StartsWith("REPORT_PERIOD in "), StartsWith("ALLOW_INSECURE_HTTP in "),
                          StartsWith("TELEGRAM_API_URL in "), StartsWith("PROXY in "),
                          StartsWith("CHAT_ID in ")));
}

TEST(ConfigurationChecksTest, ARelativePathIsNamed) {
  EXPECT_THAT(OfSettings("STORE=store\nACCOUNTING_FILE=/var/log/account/pacct\n"),
              ElementsAre(HasSubstr("'store' is a relative path")));
}

TEST(ConfigurationChecksTest, NamesWithoutCommasBetweenThemAreNamed) {
  EXPECT_THAT(OfSettings("IGNORED_USERS=root;bob,alice carol,dave\n"),
              ElementsAre(HasSubstr("'root;bob' is taken for the name of one user"),
                          HasSubstr("'alice carol' is taken for the name of one user")));
  EXPECT_THAT(OfSettings("IGNORED_USERS=root, LAB\\bob, +carol\n"),
              ElementsAre("every value is understood"));
}

TEST(ConfigurationChecksTest, AFileOfTheFlagThatIsNotThereIsNamedDifferentlyOrMade) {
  CommandContext context = {
      .console = Console(Verbosity::kQuiet), .now = absl::UnixEpoch(), .zone = absl::UTCTimeZone()};
  context.flags.config = "/none";
  context.config_problem = absl::NotFoundError("/none: cannot open: No such file or directory");
  Findings findings;
  CheckConfiguration(context, {.source = kWhoAsks}, findings);
  EXPECT_THAT(findings.Get()[0].advice,
              ElementsAre("name another file with --config, or make this one"));
}

TEST(ConfigurationChecksTest, GoodValuesAreUnderstood) {
  EXPECT_THAT(OfSettings("STORE=/srv/store\nKEEP=30\n"),
              ElementsAre("every value is understood; KEEP=30 is 30 days"));
}

}  // namespace
}  // namespace cpuagg::tools::check
