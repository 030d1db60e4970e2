// The built binary: HOST=FILE, and --by host.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/testing/cli_test.h"
#include "tools/testing/csv.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using nlohmann::json;
using testing::CsvRows;
using testing::Finished;
using testing::ParseCsv;
using testing::Program;
using testing::RunProgram;

class HostsCliTest : public testing::CliTest {
 protected:
  const std::string lab_ = kLab;
  const std::string passwd_ = lab_ + "passwd";
  const Strings named_ = {"web1=" + lab_ + "pacct", "web2=" + lab_ + "pacct.0",
                          "web3=" + lab_ + "pacct.1.gz"};

  Strings Report(Strings flags) const {
    Strings argv = {"report", "--passwd", passwd_};
    argv.insert(argv.end(), flags.begin(), flags.end());
    argv.insert(argv.end(), named_.begin(), named_.end());
    return argv;
  }
};

// Hundredths of "12.34".
uint64_t HundredthsOf(const std::string& seconds) {
  std::string digits = seconds;
  std::erase(digits, '.');
  uint64_t hundredths = 0;
  EXPECT_TRUE(absl::SimpleAtoi(digits, &hundredths)) << seconds;
  return hundredths;
}

// uid -> hundredths of CPU time, from the lines of `sa -u` of an unpacked file.
std::map<uint32_t, uint64_t> SumsOfSa(const std::string& file) {
  Program program = {.argv = {"/usr/sbin/sa", "-u", file}};
  const Finished run = RunProgram(program);
  EXPECT_EQ(run.exit_code, 0) << run.err;
  std::map<uint32_t, uint64_t> sums;
  for (const absl::string_view line : absl::StrSplit(run.out, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    EXPECT_GT(words.size(), 2u) << line;
    std::string name = words[0];
    // Names are those of this machine; the ids of the lab have none, and are printed as numbers.
    uint32_t uid = 0;
    if (!absl::SimpleAtoi(name, &uid)) uid = name == "root" ? 0 : name == "www-data" ? 33 : ~0u;
    EXPECT_EQ(words[2], "cpu") << line;
    sums[uid] += HundredthsOf(words[1]);
  }
  return sums;
}

TEST_F(HostsCliTest, EachHostHasWhatGnuSaSaysOfItsFile) {
  if (!std::filesystem::exists("/usr/sbin/sa")) GTEST_SKIP() << "GNU sa is not installed";
  const std::string unpacked = dir_.Path("pacct.1");
  const Finished gunzip =
      RunProgram({.argv = {"/bin/sh", "-c", "gunzip -c " + lab_ + "pacct.1.gz >" + unpacked}});
  ASSERT_EQ(gunzip.exit_code, 0) << gunzip.err;
  const std::map<std::string, std::string> files = {
      {"web1", lab_ + "pacct"}, {"web2", lab_ + "pacct.0"}, {"web3", unpacked}};
  std::map<std::string, std::map<uint32_t, uint64_t>> sums;
  for (const auto& row : ParseCsv(OutputOf(Report({"--csv", "--by", "host,user"})))) {
    uint32_t uid = 0;
    ASSERT_TRUE(absl::SimpleAtoi(row.at("uid"), &uid));
    sums[row.at("host")][uid] = HundredthsOf(row.at("cpu_seconds"));
  }
  ASSERT_EQ(sums.size(), 3u);
  for (const auto& [host, file] : files) {
    for (const auto& [uid, cpu] : SumsOfSa(file)) {
      if (uid == ~0u) continue;
      EXPECT_EQ(sums[host][uid], cpu) << host << " " << uid;
    }
  }
}

TEST_F(HostsCliTest, TheSumOfTheHostsIsThatOfTheFilesTogether) {
  Strings files = {"report", "--json", "--passwd", passwd_};
  for (const std::string& named : named_) files.push_back(named.substr(named.find('=') + 1));
  const json together = json::parse(OutputOf(files));
  const json apart = json::parse(OutputOf(Report({"--json"})));
  EXPECT_EQ(apart["rows"], together["rows"]);
  EXPECT_EQ(apart["totals"], together["totals"]);
  EXPECT_EQ(apart["host"], nullptr);
  ASSERT_EQ(apart["hosts"].size(), 3u);
  EXPECT_EQ(apart["hosts"][1]["host"], "web2");
  EXPECT_EQ(apart["hosts"][1]["source"], lab_ + "pacct.0");
  EXPECT_EQ(json::parse(OutputOf(Report({"--json", "--threads=1"})))["rows"], apart["rows"]);
}

TEST_F(HostsCliTest, EveryOutputHasTheHost) {
  EXPECT_TRUE(absl::StartsWith(OutputOf(Report({"--by", "host", "-n1"})),
                               "CPU by host on 3 hosts, 2026-11-22 19:35:01 – 19:37:13 UTC\nfrom "
                               "web1="));
  EXPECT_NE(OutputOf(Report({"--by", "host", "-n1"})).find("\nweb2"), std::string::npos);
  EXPECT_TRUE(absl::StartsWith(OutputOf(Report({"--by", "user,host", "--csv"})),
                               "uid,user,host,processes,"));
  EXPECT_TRUE(absl::StartsWith(OutputOf(Report({"--by", "host,day", "--format=tsv"})),
                               "host\tday\tprocesses\t"));
  // One member of that name, the row's.
  const std::string lines = OutputOf(Report({"--by", "host", "--format=jsonl"}));
  EXPECT_TRUE(absl::StartsWith(lines, "{\"schema\": 1, \"period_start\"")) << lines;
  EXPECT_TRUE(absl::StrContains(lines, "\"host\": \"web2\", \"processes\""));
  EXPECT_TRUE(
      absl::StrContains(OutputOf(Report({"--by", "host", "--format=markdown"})), "| web2 "));
  EXPECT_TRUE(absl::StrContains(OutputOf(Report({"--by", "host", "--format=html"})), "web2"));
  const std::string chart = dir_.Path("chart.svg");
  OutputOf(Report({"--by", "host,hour", "--chart", chart}));
  EXPECT_GT(std::filesystem::file_size(chart), 1000u);
}

TEST_F(HostsCliTest, AHostIsChosen) {
  const Finished run = Run(Report({"--host=web2", "--json"}));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  const json report = json::parse(run.out);
  EXPECT_EQ(report["host"], "web2");
  EXPECT_EQ(
      report["rows"],
      json::parse(OutputOf({"report", "--json", "--passwd", passwd_, lab_ + "pacct.0"}))["rows"]);
  const Finished none = Run(Report({"--host=web9"}));
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_EQ(
      none.err,
      "cpuagg: --host: 'web9' is not one of the hosts that are read: web1, web2 and web3; did "
      "you mean web1?\n");
  EXPECT_EQ(json::parse(OutputOf(Report({"--host=web1,web3", "--json"})))["hosts"].size(), 2u);
}

TEST_F(HostsCliTest, ASingleFileHasAHostAsWell) {
  const std::string file = lab_ + "pacct";
  const CsvRows rows = ParseCsv(
      OutputOf({"report", "--by=host", "--csv", "--passwd", passwd_, "--host=lab7", file}));
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].at("host"), "lab7");
  const json unknown = json::parse(OutputOf(
      {"report", "--by=host", "--json", "--passwd", passwd_, file}, {"CPUAGG_HOST_NAME="}));
  EXPECT_EQ(unknown["rows"][0]["host"], nullptr);
}

TEST_F(HostsCliTest, FilesOfOneHostAreOneHistoryAndHostsMayHaveEqualOnes) {
  const std::string records = EndedAt(absl::FromUnixSeconds(1'700'000'000)).Uid(1001).Bytes() +
                              EndedAt(absl::FromUnixSeconds(1'700'000'100)).Uid(1001).Bytes();
  const std::string a = dir_.Write("a", records);
  const std::string copy = dir_.Write("copy", records);
  const auto processes = [&](const Strings& files) {
    Strings argv = {"report", "--json", "--quiet"};
    argv.insert(argv.end(), files.begin(), files.end());
    return json::parse(OutputOf(argv))["totals"]["processes"].get<int>();
  };
  EXPECT_EQ(processes({"x=" + a, "x=" + copy}), 2);
  EXPECT_EQ(processes({"x=" + a, "y=" + copy}), 4);
  std::filesystem::create_directory(dir_.Path("folder"));
  dir_.Write("folder/pacct", records);
  EXPECT_EQ(processes({"x=" + dir_.Path("folder"), "y=" + copy}), 4);
}

TEST_F(HostsCliTest, AFileWithAnEqualsSignIsStillAFile) {
  const std::string records = EndedAt(absl::FromUnixSeconds(1'700'000'000)).Uid(1001).Bytes();
  const std::string path = dir_.Write("a=b", records);
  // With a '/' before the '=', and as a name that exists.
  EXPECT_EQ(json::parse(OutputOf({"report", "--json", path}))["source"], path);
  Program program = Cpuagg({"report", "--json", "a=b"});
  program.argv[0] = std::filesystem::absolute(program.argv[0]).string();
  program.directory = dir_.path();
  const Finished run = RunProgram(program);
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(json::parse(run.out)["hosts"].size(), 0u);
}

TEST_F(HostsCliTest, WrongNamesSayWhatToWrite) {
  const std::string file = dir_.Write("f", EndedAt(absl::FromUnixSeconds(1'700'000'000)).Bytes());
  std::filesystem::create_symlink(file, dir_.Path("link"));
  const std::string folder = dir_.Path("folder");
  std::filesystem::create_directory(folder);
  const std::string pacct = dir_.Write("folder/pacct", "");
  std::filesystem::copy_file(file, pacct, std::filesystem::copy_options::overwrite_existing);
  std::filesystem::create_directory_symlink(folder, dir_.Path("folders_link"));
  struct Case {
    Strings files;
    int exit_code;
    std::string err;
  };
  const Case cases[] = {
      {{"=" + file},
       2,
       "=" + file + ": names no host before the '='; write HOST=FILE, or ./=" + file},
      {{"x="}, 2, "x=: names no file after the '='; write HOST=FILE, or ./x="},
      {{"x=" + file, file}, 2, file + ": of which host is it?"},
      {{"x=" + file, "y=" + dir_.Path("link")},
       2,
       "y=" + dir_.Path("link") + ": the same file is named for x, and its records would count "},
      {{"x=-", "y=-"}, 2, "y=standard input: the same file is named for x"},
      {{"x=" + folder, "y=" + pacct}, 2, "y=" + pacct + ": the same file is named for x, and its "},
      {{"x=" + pacct, "y=" + folder},
       2,
       "y=" + folder + ": has " + pacct + ", and the same file is named for x, and its records "},
      {{"x=" + folder, "y=" + dir_.Path("folders_link")},
       2,
       "y=" + dir_.Path("folders_link") + ": has " + dir_.Path("folders_link") + "/pacct, and "},
      {{"x,y=" + file}, 2, "x,y=" + file + ": the name of a host has no comma, since --host takes"},
      {{"x=" + dir_.Path("none")}, 1, "x: " + dir_.Path("none") + ": "},
  };
  for (const Case& c : cases) {
    Strings argv = {"report", "--quiet"};
    argv.insert(argv.end(), c.files.begin(), c.files.end());
    const Finished run = Run(argv);
    EXPECT_EQ(run.exit_code, c.exit_code) << run.err;
    EXPECT_TRUE(absl::StartsWith(run.err, "cpuagg: " + c.err)) << run.err;
    EXPECT_EQ(run.out, "");
  }
}

TEST_F(HostsCliTest, AFileThatIsNotThereIsNamedWithItsHost) {
  const Finished run =
      Run({"report", "--passwd", passwd_, named_[0], "web9=" + dir_.Path("missing")});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err, absl::StrCat("cpuagg: web9: ", dir_.Path("missing"),
                                  ": cannot open: No such file or directory\n"));
}

TEST_F(HostsCliTest, AWarningSaysThatNamesAreOfThisMachine) {
  const Finished run = Run({"report", named_[0], named_[1]});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_TRUE(absl::StartsWith(run.err,
                               "cpuagg: user names are those of this machine, for all "
                               "hosts; if a host has other accounts, "))
      << run.err;
}

TEST_F(HostsCliTest, DamageIsThatOfItsHost) {
  const std::string record = EndedAt(absl::FromUnixSeconds(1'700'000'000)).Uid(1001).Bytes();
  const std::string torn = dir_.Write("torn", record + record.substr(0, 20));
  const std::string whole = dir_.Write("whole", record);
  const Finished run = Run({"report", "--json", "--passwd", passwd_, "x=" + torn, "y=" + whole});
  EXPECT_EQ(run.exit_code, 3);
  const json report = json::parse(run.out);
  EXPECT_EQ(report["totals"]["processes"], 2);
  EXPECT_TRUE(absl::StrContains(report["notes"].dump(), "Damage: x: " + torn)) << report["notes"];
}

TEST_F(HostsCliTest, AHostWithoutRecordsOfThePeriodIsNamed) {
  const absl::Time end = absl::FromUnixSeconds(1'700'000'000);
  const std::string early = dir_.Write("early", EndedAt(end).Uid(1001).Bytes());
  const std::string late = dir_.Write("late", EndedAt(end + absl::Hours(48)).Uid(1001).Bytes());
  const json report =
      json::parse(OutputOf({"report", "--json", "--passwd", passwd_, "--since=2023-11-14",
                            "--until=2023-11-17", "x=" + early, "y=" + late}));
  const std::string notes = report["notes"].dump();
  EXPECT_TRUE(absl::StrContains(
      notes, "1 of 2 hosts has no records of the beginning of the period: y (from 2023-11-16"))
      << notes;
  EXPECT_TRUE(absl::StrContains(
      notes, "1 of 2 hosts has no records of the end of the period: x (until 2023-11-14"))
      << notes;
}

}  // namespace
}  // namespace cpuagg::tools
