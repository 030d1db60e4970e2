// The built binary: the kind of chart for each report, and what happens if none can be drawn.

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "notify/testing/bot_api/fake_bot_api.h"
#include "notify/testing/picture/picture.h"
#include "tools/testing/process.h"
#include "tools/testing/sending.h"

namespace cpuagg::tools {
namespace {

using acct::testing::ReadFile;
using notify::testing::Picture;
using testing::Finished;

constexpr uint32_t kBar = 0x0072b2;

class ChartCliTest : public testing::SendingTest {
 protected:
  // Simulates a machine without fonts.
  void RemoveFonts() {
    environment_.push_back("FONTCONFIG_FILE=" +
                           dir_.Write("fonts.conf", "<fontconfig></fontconfig>"));
  }

  // Writes two records for each user, from today and from three days ago, with equal CPU time.
  void WriteRecords(const Strings& names) {
    const absl::Time now = absl::Now();
    std::string passwd;
    std::string records;
    for (uint32_t i = 0; i < names.size(); ++i) {
      const uint32_t uid = 1001 + i;
      passwd += names[i] + ":x:" + std::to_string(uid) + ":1::/:\n";
      for (const int days : {3, 0}) {
        constexpr uint16_t kTime = 2 << 13 | 5625;  // an hour, as a comp_t
        records +=
            acct::testing::RecordBuilder()
                .Uid(uid)
                .UserTime(kTime)
                .BeginTime(static_cast<uint32_t>(absl::ToUnixSeconds(now - absl::Hours(24 * days))))
                .Bytes();
      }
    }
    passwd_ = dir_.Write("passwd", passwd);
    pacct_ = dir_.Write("pacct", records);
  }

  std::string chart_ = dir_.Path("chart.png");
};

TEST_F(ChartCliTest, AReportByUserHasABarForEach) {
  WriteRecords({"alice", "bob", "carol"});
  const Finished run = Run("run", {"--chart", chart_});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(Picture::Decode(ReadFile(chart_)).BarsOf(kBar).size(), 3u);
  EXPECT_EQ(server_->received()[0].fields.at("photo").value, ReadFile(chart_));
}

TEST_F(ChartCliTest, AReportByDayHasASeriesAlsoInTheChat) {
  WriteRecords({"alice", "bob", "carol"});
  const Finished run = Run("run", {"--by", "day", "--chart", chart_});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  // Two of four days have usage.
  const Picture picture = Picture::Decode(ReadFile(chart_));
  EXPECT_EQ(picture.Transposed().BarsOf(kBar).size(), 2u);
  EXPECT_EQ(picture.BarsOf(kBar).size(), 1u) << "side by side";
  EXPECT_EQ(Delivered(), (Strings{"sendPhoto 42", "sendPhoto @lab_news"}));
  EXPECT_EQ(server_->received()[0].fields.at("photo").value, ReadFile(chart_));
  EXPECT_NE(server_->received()[0].visible_text.find(" · CPU by day\n"), std::string::npos);
}

TEST_F(ChartCliTest, AReportByUserAndDayIsStacked) {
  WriteRecords({"alice", "bob", "carol"});
  EXPECT_EQ(Run("run", {"--by", "user,day", "--chart", chart_}).exit_code, 0);
  const Picture picture = Picture::Decode(ReadFile(chart_));
  constexpr uint32_t kSecond = 0xe69f00;
  constexpr uint32_t kThird = 0x009e73;
  for (const uint32_t color : {kBar, kSecond, kThird}) {
    EXPECT_GE(picture.Transposed().BarsOf(color).size(), 2u) << std::hex << color;
  }
}

TEST_F(ChartCliTest, WithoutFontsTheReportIsSentAsText) {
  RemoveFonts();
  const Finished run = Run("run");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_NE(run.err.find("the report goes without its chart: no font is installed"),
            std::string::npos)
      << run.err;
  EXPECT_NE(run.err.find("fonts-dejavu-core"), std::string::npos) << run.err;
  EXPECT_EQ(Delivered(), (Strings{"sendMessage 42", "sendMessage @lab_news"}));
  EXPECT_NE(server_->received()[0].visible_text.find("Total 14.32s · 4 users\n"),
            std::string::npos);
  EXPECT_EQ(Waiting(), 0);
}

TEST_F(ChartCliTest, WithoutFontsTheChartOfAReportIsAnError) {
  RemoveFonts();
  testing::Program report = Command("report", {"--chart", chart_});
  report.argv.push_back(pacct_);
  const Finished run = testing::RunProgram(report);
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.err.find("fonts-dejavu-core"), std::string::npos) << run.err;
}

// Something other than a file is written to, not replaced. If it is a link, its target is replaced.
TEST_F(ChartCliTest, TheChartReplacesNothingThatIsNoFile) {
  WriteRecords({"alice"});
  const auto report = [&](const std::string& chart, const std::string& output = "") {
    testing::Program program = Command("report", {"--chart", chart});
    program.argv.push_back(pacct_);
    program.standard_output_path = output;
    return testing::RunProgram(program);
  };
  ASSERT_EQ(report(chart_).exit_code, 0);
  const std::string png = ReadFile(chart_);
  ASSERT_EQ(Picture::Decode(png).BarsOf(kBar).size(), 1u);

  // A device, which root could replace.
  const std::string null = dir_.Path("null");
  if (mknod(null.c_str(), S_IFCHR | 0666, makedev(1, 3)) == 0) {
    EXPECT_EQ(report(null).exit_code, 0);
    EXPECT_TRUE(std::filesystem::is_character_file(null));
  }
  EXPECT_EQ(report("/dev/null").exit_code, 0);
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
  const Finished full = report("/dev/full");
  EXPECT_EQ(full.exit_code, 1);
  EXPECT_NE(full.err.find("/dev/full: cannot write: No space left"), std::string::npos) << full.err;

  const std::string link = dir_.Path("link.png");
  for (const std::string target : {"elsewhere.png", "not_there_yet.png"}) {
    if (target == "elsewhere.png") {
      dir_.Write(target, "old");
      ASSERT_EQ(chmod(dir_.Path(target).c_str(), 0604), 0);
    }
    std::filesystem::remove(link);
    std::filesystem::create_symlink(target, link);
    EXPECT_EQ(report(link).exit_code, 0);
    EXPECT_TRUE(std::filesystem::is_symlink(link));
    EXPECT_EQ(ReadFile(dir_.Path(target)), png);
  }
  EXPECT_EQ(std::filesystem::status(dir_.Path("elsewhere.png")).permissions(),
            std::filesystem::perms(0604));

  // A replaced file of root's must not be setuid.
  const std::string old = dir_.Write("old.png", "old");
  ASSERT_EQ(chmod(old.c_str(), 04777), 0);
  EXPECT_EQ(report(old).exit_code, 0);
  EXPECT_EQ(std::filesystem::status(old).permissions(), std::filesystem::perms(0777));

  const std::string pipe = dir_.Path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  testing::StartedProgram reader(
      {.argv = {"/bin/sh", "-c", "exec cat < " + pipe + " > " + dir_.Path("read.png")}});
  EXPECT_EQ(report(pipe).exit_code, 0);
  EXPECT_EQ(reader.Wait().exit_code, 0);
  EXPECT_EQ(ReadFile(dir_.Path("read.png")), png);
}

TEST_F(ChartCliTest, TheChartMayGoToStandardOutput) {
  WriteRecords({"alice"});
  testing::Program program = Command("report", {"--chart", "-"});
  program.argv.push_back(pacct_);
  const Finished run = testing::RunProgram(program);
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(Picture::Decode(run.out).BarsOf(kBar).size(), 1u);
  EXPECT_FALSE(std::filesystem::exists("-"));
  program.argv.emplace_back("--format=csv");
  EXPECT_EQ(testing::RunProgram(program).exit_code, 2);
}

TEST_F(ChartCliTest, ANameThatEndsInSvgGetsAnSvg) {
  WriteRecords({"alice", "bob"});
  const std::string svg = dir_.Path("chart.svg");
  for (const Strings& flags : {Strings{"--chart", svg}, {"--chart", svg, "--by", "day"}}) {
    Strings report = flags;
    report.push_back(pacct_);
    EXPECT_EQ(Run("report", report).exit_code, 0);
    const std::string bars = ReadFile(svg);
    EXPECT_EQ(bars.find("<?xml "), 0u) << bars.substr(0, 100);
    EXPECT_NE(bars.find("width=\"1280"), std::string::npos);
    EXPECT_NE(bars.find("</svg>"), std::string::npos);
  }
  // The message has its PNG.
  EXPECT_EQ(Run("run", {"--chart", svg}).exit_code, 0);
  EXPECT_EQ(ReadFile(svg).find("<?xml "), 0u);
  EXPECT_EQ(Picture::Decode(server_->received()[0].fields.at("photo").value).BarsOf(kBar).size(),
            2u);
}

TEST_F(ChartCliTest, OtherEndingsAreRefused) {
  WriteRecords({"alice"});
  for (const char* name : {"chart.jpg", "chart", "chart.png.gz", ".."}) {
    const Finished run = Run("report", {"--chart", dir_.Path(name)});
    EXPECT_EQ(run.exit_code, 2) << name;
    EXPECT_NE(run.err.find("must end in .png or .svg"), std::string::npos) << run.err;
  }
}

// U+E000 is in no font.
TEST_F(ChartCliTest, NamesThatNoFontHasAreSentAsText) {
  WriteRecords({"\uE000\uE001", "\uE002\uE003"});
  const Finished run = Run("run");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_NE(run.err.find("fonts-noto-cjk"), std::string::npos) << run.err;
  EXPECT_EQ(Delivered(), (Strings{"sendMessage 42", "sendMessage @lab_news"}));
  EXPECT_NE(server_->received()[0].visible_text.find("\n\uE000\uE001 "), std::string::npos);
}

}  // namespace
}  // namespace cpuagg::tools
