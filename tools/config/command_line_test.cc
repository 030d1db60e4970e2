#include "tools/config/command_line.h"

#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cpuagg::tools {
namespace {

using ::testing::ElementsAre;

// The problem of the command line "cpuagg `arguments`"; OK if there is none.
absl::Status Problem(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "cpuagg");
  return ParseCommandLine(static_cast<int>(arguments.size()), arguments.data()).status();
}

TEST(CommandLineTest, AFlagWithOneValueMayBeGivenOnlyOnce) {
  EXPECT_EQ(Problem({"report", "--sort", "cpu", "--sort", "name"}).message(),
            "--sort: may be given only once; see cpuagg report --help");
  EXPECT_EQ(Problem({"report", "--top", "3", "--top", "4"}).message(),
            "--top: may be given only once; see cpuagg report --help");
  EXPECT_EQ(Problem({"records", "--format", "csv", "--format", "json"}).message(),
            "--format: may be given only once; see cpuagg records --help");
  EXPECT_TRUE(Problem({"report", "--by", "user", "--by", "command"}).ok());
}

TEST(CommandLineTest, AFlagIsNamedAsItWasTyped) {
  const std::string wrong = ": 'x' is not a number from 1 to 1000000";
  EXPECT_EQ(Problem({"report", "-n", "x"}).message(), "-n" + wrong);
  EXPECT_EQ(Problem({"records", "-nx", "--sort", "cpu"}).message(), "-n" + wrong);
  EXPECT_EQ(Problem({"report", "--top", "x"}).message(), "--top" + wrong);
  EXPECT_EQ(Problem({"report", "-u", ","}).message(),
            "-u: names no user; leave it out to ask for all users");
  EXPECT_EQ(Problem({"report", "-s", "cpu", "-s", "name"}).message(),
            "-s: may be given only once; see cpuagg report --help");
  // What comes after "--" is a file.
  EXPECT_EQ(Problem({"report", "--top=x", "--", "-n"}).message(), "--top" + wrong);
}

TEST(CommandLineTest, SaTakesOneOfItsTwoForms) {
  EXPECT_EQ(Problem({"sa", "pacct"}).message(), "sa: needs either -u or -m");
  EXPECT_EQ(Problem({"sa", "-u", "-m", "pacct"}).message(), "sa: takes -u or -m, not both");
  EXPECT_EQ(Problem({"sa", "-um", "pacct"}).message(), "sa: takes -u or -m, not both");
  EXPECT_TRUE(Problem({"sa", "-m", "pacct"}).ok());
}

std::string Printed(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "cpuagg");
  const absl::StatusOr<std::variant<Flags, Information>> parsed =
      ParseCommandLine(static_cast<int>(arguments.size()), arguments.data());
  if (!parsed.ok()) return parsed.status().ToString();
  const auto* const information = std::get_if<Information>(&*parsed);
  return information == nullptr ? "" : information->text;
}

TEST(CommandLineTest, HelpOfACommandIsAskedForInEitherOrder) {
  EXPECT_EQ(Printed({"help", "report"}), Printed({"report", "--help"}));
  EXPECT_NE(Printed({"help", "report"}), Printed({"help", "records"}));
  EXPECT_EQ(Printed({"help"}), Printed({"--help"}));
  EXPECT_EQ(Printed({"help", "help"}), Printed({"--help"}));
  EXPECT_EQ(Printed({"help", "-h"}), Printed({"--help"}));
  EXPECT_EQ(Printed({"-V"}), Printed({"--version"}));
  EXPECT_EQ(Problem({"help", "raport"}).code(), absl::StatusCode::kInvalidArgument);
}

// The names of the groups in the help of `command`, in their order.
std::vector<std::string> GroupsOf(const char* command) {
  std::vector<std::string> groups;
  for (const absl::string_view line : absl::StrSplit(Printed({"help", command}), '\n')) {
    if (!line.empty() && absl::ascii_isupper(line[0]) && absl::EndsWith(line, ":")) {
      groups.emplace_back(line.substr(0, line.size() - 1));
    }
  }
  return groups;
}

TEST(CommandLineTest, HelpIsInGroups) {
  EXPECT_THAT(GroupsOf("report"), ElementsAre("Arguments", "Input", "Selection", "Output", "Store",
                                              "General", "Examples"));
  EXPECT_THAT(GroupsOf("records"),
              ElementsAre("Arguments", "Input", "Selection", "Output", "General", "Examples"));
  EXPECT_THAT(GroupsOf("send"), ElementsAre("Input", "Selection", "Output", "Messages", "Store",
                                            "General", "Examples"));
  EXPECT_THAT(GroupsOf("setup"), ElementsAre("General", "Examples"));
}

TEST(CommandLineTest, GeneralFlagsAreThoseOfNoOtherGroup) {
  const std::string help = Printed({"help", "report"});
  const size_t begin = help.find("\nGeneral:\n");
  std::vector<std::string> flags;
  for (const absl::string_view line :
       absl::StrSplit(help.substr(begin, help.find("\nExamples:\n") - begin), '\n')) {
    if (!absl::StartsWith(line, "  ")) continue;
    flags.emplace_back(line.substr(2, line.find_first_of(" ", 2) - 2));
  }
  // A new flag has to be added to its group.
  EXPECT_THAT(flags, ElementsAre("-h,--help", "--config", "-q,--quiet", "-v,--verbose"));
}

TEST(CommandLineTest, EachCommandHasFourExamplesThatItUnderstands) {
  for (const char* const command :
       {"report", "records", "sa", "collect", "send", "run", "forget", "check", "setup"}) {
    const std::string help = Printed({"help", command});
    int examples = 0;
    for (const absl::string_view line :
         absl::StrSplit(help.substr(help.find("\nExamples:\n") + 11), '\n', absl::SkipEmpty())) {
      ++examples;
      // Up to the two blanks before what it answers.
      const absl::string_view example = line.substr(2, line.find("  ", 2) - 2);
      const size_t begin = example.find("cpuagg ");
      ASSERT_NE(begin, absl::string_view::npos) << line;
      const std::vector<std::string> words = absl::StrSplit(example.substr(begin), ' ');
      std::vector<const char*> arguments;
      for (size_t i = 1; i < words.size(); ++i) arguments.push_back(words[i].c_str());
      EXPECT_EQ(words[1], command);
      EXPECT_TRUE(Problem(arguments).ok()) << example << ": " << Problem(arguments);
    }
    EXPECT_EQ(examples, 4) << command;
  }
}

TEST(CommandLineTest, ShortFlagsAreTheLongOnes) {
  const std::vector<const char*> arguments = {"cpuagg", "report", "-u",   "bob",  "-n",
                                              "5",      "-s",     "name", "pacct"};
  const absl::StatusOr<std::variant<Flags, Information>> parsed =
      ParseCommandLine(static_cast<int>(arguments.size()), arguments.data());
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const Flags& flags = std::get<Flags>(*parsed);
  EXPECT_EQ(flags.users, std::vector<std::string>{"bob"});
  EXPECT_EQ(flags.top, 5u);
  EXPECT_EQ(flags.sort, "name");
  EXPECT_EQ(flags.files, std::vector<std::string>{"pacct"});
}

TEST(CommandLineTest, AFormatHasAShortForm) {
  const auto format = [](std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "cpuagg");
    return std::get<Flags>(*ParseCommandLine(static_cast<int>(arguments.size()), arguments.data()))
        .format;
  };
  EXPECT_EQ(format({"report"}), Format::kTable);
  for (const char* command : {"report", "records"}) {
    EXPECT_EQ(format({command, "--json"}), Format::kJson);
    EXPECT_EQ(format({command, "--csv"}), Format::kCsv);
  }
  for (const char* other : {"--format=csv", "--csv", "--format=table"}) {
    EXPECT_EQ(Problem({"report", "--json", other}).message(),
              "--format, --csv and --json exclude each other");
  }
}

TEST(CommandLineTest, WhatIsNamedTwiceIsMeantOnce) {
  const std::vector<const char*> arguments = {
      "cpuagg",    "report",          "--user",      "root,bob,root",    "--user=bob",
      "--columns", "user,share,user", "--group=b,b", "--ignore-user=a,a"};
  const absl::StatusOr<std::variant<Flags, Information>> parsed =
      ParseCommandLine(static_cast<int>(arguments.size()), arguments.data());
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const Flags& flags = std::get<Flags>(*parsed);
  EXPECT_EQ(flags.users, (std::vector<std::string>{"root", "bob"}));
  EXPECT_EQ(flags.columns, (std::vector<std::string>{"user", "share"}));
  EXPECT_EQ(flags.ignored_users, std::vector<std::string>{"a"});
  EXPECT_EQ(flags.groups, std::vector<std::string>{"b"});
}

TEST(CommandLineTest, WhatIsNearlyRightIsAskedAbout) {
  struct Case {
    std::vector<const char*> arguments;
    const char* end;
  };
  const Case cases[] = {{{"raport"}, "; did you mean report?"},
                        {{"help", "colect"}, "; did you mean collect?"},
                        {{"report", "--perod", "day"}, "; did you mean --period?"},
                        {{"report", "--perod=day"}, "; did you mean --period?"},
                        {{"report", "--format", "jsn"}, "; did you mean json?"},
                        {{"report", "--format=cvs"}, "; did you mean csv?"},
                        {{"--versoin"}, "; did you mean --version?"},
                        {{"-v"}, "; did you mean --version?"},
                        {{"report", "--week"}, "; did you mean --period week?"},
                        {{"send", "--last-month"}, "; did you mean --period last-month?"},
                        {{"report", "--date=2026-11-01"}, "; did you mean --period 2026-11-22?"},
                        {{"collect", "-n", "5"}, "; -n is a flag of report, records, send, run"},
                        {{"collect", "--pid=3"}, "; --pid is a flag of report, records"},
                        {{"records", "--by", "user"}, "; --by is a flag of report, send, run"},
                        {{"collect", "pacct"},
                         "; an accounting file is named with --accounting-file; see cpuagg collect "
                         "--help"},
                        {{"help", "report", "records"}, "help: takes one command"},
                        {{"summary"}, "; see cpuagg --help"},
                        {{"report", "--what"}, "; see cpuagg report --help"}};
  for (const Case& c : cases) {
    EXPECT_THAT(std::string(Problem(c.arguments).message()), ::testing::EndsWith(c.end));
  }
}

}  // namespace
}  // namespace cpuagg::tools
