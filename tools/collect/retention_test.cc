#include "tools/collect/retention.h"

#include <sys/stat.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/store/compaction.h"
#include "gtest/gtest.h"
#include "tools/config/command_context.h"
#include "tools/config/command_line.h"
#include "tools/config/config.h"
#include "tools/terminal/console.h"

namespace cpuagg::tools {
namespace {

using aggregate::Retention;

class RetentionTest : public ::testing::Test {
 protected:
  // With these settings in the configuration file.
  absl::StatusOr<Retention> Find(const std::string& settings = "") {
    static constexpr const char* kNoVariables[] = {nullptr};
    std::vector<std::string> warnings;
    const std::string path = dir_.Write("env", settings);
    EXPECT_EQ(chmod(path.c_str(), 0600), 0);
    absl::StatusOr<Config> config =
        Config::Load({.path = path, .environment = kNoVariables}, warnings);
    EXPECT_TRUE(config.ok()) << config.status();
    return FindRetention(
        {.flags = flags_, .config = *config, .console = Console(Verbosity::kNormal)});
  }
  // The message of the refusal.
  std::string Refused(const std::string& settings = "") {
    const absl::Status status = Find(settings).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  }

  const acct::testing::TempDir dir_;
  Flags flags_;
};

TEST_F(RetentionTest, WithoutSettingsHoursAreKeptForWeeksAndTheRestForEver) {
  const absl::StatusOr<Retention> retention = Find();
  ASSERT_TRUE(retention.ok()) << retention.status();
  EXPECT_EQ(retention->days, std::nullopt);
  EXPECT_EQ(retention->days_of_hours, 35);
}

TEST_F(RetentionTest, TheConfigurationSetsEachByItself) {
  absl::StatusOr<Retention> retention = Find("KEEP=400d\n");
  ASSERT_TRUE(retention.ok()) << retention.status();
  EXPECT_EQ(retention->days, 400);
  EXPECT_EQ(retention->days_of_hours, 35);
  retention = Find("KEEP_HOURS=2w\n");
  ASSERT_TRUE(retention.ok()) << retention.status();
  EXPECT_EQ(retention->days, std::nullopt);
  EXPECT_EQ(retention->days_of_hours, 14);
}

TEST_F(RetentionTest, FlagsWinOverTheConfigurationEvenOverWrongSettings) {
  flags_.keep = "2y";
  flags_.keep_hours = "7";
  for (const char* const settings : {"KEEP=400d\nKEEP_HOURS=2w\n", "KEEP=x\nKEEP_HOURS=y\n"}) {
    const absl::StatusOr<Retention> retention = Find(settings);
    ASSERT_TRUE(retention.ok()) << retention.status();
    EXPECT_EQ(retention->days, 730);
    EXPECT_EQ(retention->days_of_hours, 7);
  }
}

TEST_F(RetentionTest, FromADayToAHundredYearsAreAllowed) {
  for (const auto& [text, days] : {std::pair("1", 1), std::pair("36500", 36'500)}) {
    flags_.keep = text;
    flags_.keep_hours = text;
    const absl::StatusOr<Retention> retention = Find();
    ASSERT_TRUE(retention.ok()) << retention.status();
    EXPECT_EQ(retention->days, days);
    EXPECT_EQ(retention->days_of_hours, days);
  }
}

TEST_F(RetentionTest, ARefusalNamesTheFlagOrTheKey) {
  const std::string why = " is not a number of days from 1 to 36500; write 400d, 60w or 2y";
  EXPECT_EQ(Refused("KEEP=0\n"), "KEEP: '0'" + why);
  EXPECT_EQ(Refused("KEEP_HOURS=36501\n"), "KEEP_HOURS: '36501'" + why);
  // An empty value is a setting, and not "for ever".
  EXPECT_EQ(Refused("KEEP=\n"), "KEEP: ''" + why);
  flags_.keep_hours = "5m";
  EXPECT_EQ(Refused(), "--keep-hours: '5m'" + why);
  flags_.keep = "";
  EXPECT_EQ(Refused(), "--keep: ''" + why);
}

}  // namespace
}  // namespace cpuagg::tools
