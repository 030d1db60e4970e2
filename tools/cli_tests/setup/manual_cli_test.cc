// Compares the manual with the program in both directions: commands, flags, keys and their
// defaults; and runs its examples.

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "notify/testing/bot_api/fake_bot_api.h"
#include "tools/config/config_keys.h"
#include "tools/installation/steps/cron_lines.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::ReadFile;
using acct::testing::TempDir;
using notify::testing::FakeBotApi;
using testing::Finished;
using testing::RunProgram;

using Strings = std::vector<std::string>;
using Names = std::set<std::string>;

constexpr char kManual[] = "packaging/man/cpuagg.1";
constexpr char kManualOfKeys[] = "packaging/man/cpuagg.env.5";

Strings Lines(const std::string& text) { return absl::StrSplit(text, '\n'); }
Strings Words(absl::string_view text) { return absl::StrSplit(text, ' ', absl::SkipEmpty()); }

std::string HelpOf(const std::string& command) {
  const Finished run = RunProgram({.argv = {"tools/cpuagg", command, "--help"}});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  return run.out;
}

// The commands in `cpuagg --help`.
Names Commands() {
  const Finished run = RunProgram({.argv = {"tools/cpuagg", "--help"}});
  EXPECT_TRUE(absl::StrContains(run.out, "`man cpuagg`")) << run.out;
  Names commands;
  for (const std::string& line : Lines(run.out)) {
    if (absl::StartsWith(line, "  ")) commands.insert(Words(line).at(0));
  }
  return commands;
}

struct FlagInHelp {
  std::string text;
  // The text in "(default: ...)".
  std::optional<std::string> default_value;
};

// The flags in the help of a command, by name.
std::map<std::string, FlagInHelp> FlagsInHelp(const std::string& command) {
  std::map<std::string, FlagInHelp> flags;
  for (const std::string& line : Lines(HelpOf(command))) {
    if (!absl::StartsWith(line, "  -")) continue;
    FlagInHelp flag{.text = line};
    const std::string kDefault = "(default: ";
    if (const size_t at = line.find(kDefault); at != std::string::npos) {
      const size_t begin = at + kDefault.size();
      flag.default_value = line.substr(begin, line.find(')', begin) - begin);
    }
    const std::string names = Words(line).at(0);
    for (absl::string_view name : absl::StrSplit(names, ',')) flags.emplace(name, flag);
  }
  return flags;
}

// An `.It` of a list with the text below it, up to the next one.
struct Item {
  std::string head;
  Strings text;
};

// The items of the section `.Sh NAME`.
std::vector<Item> ItemsOf(const std::string& page, const std::string& section) {
  std::vector<Item> items;
  bool is_inside = false;
  for (const std::string& line : Lines(ReadFile(page))) {
    if (absl::StartsWith(line, ".Sh ")) is_inside = line == ".Sh " + section;
    if (!is_inside) continue;
    if (absl::StartsWith(line, ".It ")) {
      items.push_back({.head = line.substr(4)});
    } else if (!items.empty()) {
      items.back().text.push_back(line);
    }
  }
  EXPECT_FALSE(items.empty()) << page << ": " << section;
  return items;
}

struct FlagInManual {
  Names commands;
  std::string text;
};

// "Fl h , -help" -> {"-h", "--help"}; "Fl -a Ar x , Fl -b Ar x" -> {"--a", "--b"}.
Names NamesInHead(const std::string& head) {
  Names names;
  bool is_name = false;
  for (const std::string& word : Words(head)) {
    if (is_name && word != "Fl") names.insert("-" + word);
    is_name = word == "Fl" || word == ",";
  }
  return names;
}

// By name. The last line of each flag names the commands: ".Pq Cm report , send", "all", or "all
// but setup".
std::map<std::string, FlagInManual> FlagsInManual() {
  const Names all = Commands();
  std::map<std::string, FlagInManual> flags;
  for (const Item& item : ItemsOf(kManual, "FLAGS")) {
    FlagInManual flag;
    for (absl::string_view line : item.text) {
      absl::StrAppend(&flag.text, line, "\n");
      if (!absl::ConsumePrefix(&line, ".Pq Cm ")) continue;
      const bool is_all = absl::ConsumePrefix(&line, "all");
      if (is_all) flag.commands = all;
      absl::ConsumePrefix(&line, " but ");
      for (const std::string& word : Words(line)) {
        if (is_all) {
          flag.commands.erase(word);
        } else if (word != ",") {
          flag.commands.insert(word);
        }
      }
    }
    EXPECT_FALSE(flag.commands.empty()) << item.head;
    for (const std::string& name : NamesInHead(item.head)) {
      // A flag may have another meaning in another command.
      const auto [place, is_new] = flags.emplace(name, flag);
      if (is_new) continue;
      for (const std::string& command : flag.commands) {
        EXPECT_TRUE(place->second.commands.insert(command).second)
            << name << " appears twice for " << command;
      }
      place->second.text += flag.text;
    }
  }
  return flags;
}

// A key in docs/configuration.md.
struct Key {
  std::string flag;  // empty if there is none
  std::string default_value;
};

std::map<std::string, Key> KeysInTable() {
  std::map<std::string, Key> keys;
  for (const std::string& line : Lines(ReadFile("docs/configuration.md"))) {
    if (!absl::StartsWith(line, "| `")) continue;
    const Strings cells = absl::StrSplit(line, '|');
    const auto cell = [&](size_t i) {
      return std::string(absl::StripAsciiWhitespace(absl::StrReplaceAll(cells.at(i), {{"`", ""}})));
    };
    for (absl::string_view name : absl::StrSplit(cell(1), ", ")) {
      keys.emplace(name, Key{.flag = cell(2), .default_value = cell(3)});
    }
  }
  return keys;
}

Names AllKeys() { return {ConfigKeys().begin(), ConfigKeys().end()}; }

TEST(ManualTest, HasEveryCommandAndNoOther) {
  Names described;
  for (const Item& item : ItemsOf(kManual, "COMMANDS")) described.insert(Words(item.head).at(1));
  EXPECT_EQ(described, Commands());
  Names in_synopsis;
  bool is_inside = false;
  for (absl::string_view line : Lines(ReadFile(kManual))) {
    if (absl::StartsWith(line, ".Sh ")) is_inside = line == ".Sh SYNOPSIS";
    if (is_inside && absl::ConsumePrefix(&line, ".Cm ")) in_synopsis.emplace(line);
  }
  EXPECT_EQ(in_synopsis, Commands());
}

TEST(ManualTest, HasEveryFlagWithItsCommandsAndNoOther) {
  // command -> flags
  std::map<std::string, Names> in_help;
  for (const std::string& command : Commands()) {
    for (const auto& [name, flag] : FlagsInHelp(command)) in_help[command].insert(name);
  }
  std::map<std::string, Names> in_manual;
  for (const auto& [name, flag] : FlagsInManual()) {
    for (const std::string& command : flag.commands) in_manual[command].insert(name);
  }
  for (const auto& [command, flags] : in_manual) EXPECT_EQ(flags, in_help[command]) << command;
  EXPECT_GE(in_manual.size(), 6u);
}

TEST(ManualTest, SaysOfEveryFlagWhetherItHasAValue) {
  // Of each flag, whether it has a value in some command; "[NAME]" is one that may be left out.
  std::set<std::pair<std::string, bool>> in_help;
  for (const std::string& command : Commands()) {
    for (const auto& [name, flag] : FlagsInHelp(command)) {
      const char first = Words(flag.text).at(1)[0];
      in_help.emplace(name, first == '[' || absl::ascii_isupper(static_cast<unsigned char>(first)));
    }
  }
  std::set<std::pair<std::string, bool>> in_manual;
  for (const Item& item : ItemsOf(kManual, "FLAGS")) {
    for (const std::string& name : NamesInHead(item.head)) {
      in_manual.emplace(name, absl::StrContains(item.head, " Ar "));
    }
  }
  EXPECT_EQ(in_manual, in_help);
}

TEST(ManualTest, FlagsAreInTheOrderOfTheAlphabet) {
  Strings names;
  for (const Item& item : ItemsOf(kManual, "FLAGS")) {
    std::string name = Words(item.head).at(1);
    names.push_back(absl::AsciiStrToLower(absl::StripPrefix(name, "-")));
  }
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end())) << ::testing::PrintToString(names);
}

TEST(ManualTest, HasEveryKeyAndNoOther) {
  Names in_manual;
  for (const Item& item : ItemsOf(kManualOfKeys, "KEYS")) {
    for (const std::string& word : Words(item.head)) {
      if (word == "Pq") break;
      if (word == "Ev" || word == ",") continue;
      EXPECT_TRUE(in_manual.insert(word).second) << word;
    }
  }
  EXPECT_EQ(in_manual, AllKeys());
  Names in_table;
  for (const auto& [name, key] : KeysInTable()) in_table.insert(name);
  EXPECT_EQ(in_table, AllKeys());
}

TEST(ManualTest, FlagsOfKeysAreThere) {
  const std::map<std::string, FlagInManual> flags = FlagsInManual();
  for (const auto& [name, key] : KeysInTable()) {
    EXPECT_TRUE(key.flag.empty() || flags.contains(key.flag)) << name << ": " << key.flag;
  }
}

// The defaults in --help, in the manual, and in the table of keys agree.
TEST(ManualTest, DefaultsAgree) {
  const std::map<std::string, FlagInManual> in_manual = FlagsInManual();
  std::map<std::string, std::string> default_of_key;
  for (const auto& [name, key] : KeysInTable()) default_of_key[key.flag] = key.default_value;
  int compared = 0;
  for (const std::string& command : Commands()) {
    for (const auto& [name, flag] : FlagsInHelp(command)) {
      if (!flag.default_value.has_value()) continue;
      const std::string& value = *flag.default_value;
      // A path or a number; other defaults are described in words.
      const bool is_literal = value[0] == '/' || absl::ascii_isdigit(value[0]);
      if (!is_literal || absl::StrContains(value, ' ')) continue;
      ++compared;
      EXPECT_TRUE(absl::StrContains(in_manual.at(name).text, value)) << name << ": " << value;
      if (default_of_key.contains(name)) {
        EXPECT_TRUE(absl::StartsWith(default_of_key[name], value)) << name << ": " << value;
      }
    }
  }
  EXPECT_GT(compared, 5);
}

// The installed configuration file has nothing that the manual does not have.
TEST(ManualTest, TheInstalledConfigurationHasEveryKeyInACommentWithItsDefault) {
  const std::map<std::string, Key> table = KeysInTable();
  Names found;
  for (absl::string_view line : Lines(ReadFile("packaging/cpuagg.env"))) {
    if (line.empty() || absl::StartsWith(line, "# ") || line == "#") continue;
    ASSERT_TRUE(absl::ConsumePrefix(&line, "#")) << line;
    const std::pair<std::string, std::string> setting =
        absl::StrSplit(line, absl::MaxSplits('=', 1));
    EXPECT_TRUE(found.insert(setting.first).second) << setting.first;
    const auto key = table.find(setting.first);
    ASSERT_NE(key, table.end()) << setting.first;
    const std::string& value = key->second.default_value;
    // If the default is described in words, the value is an example.
    const bool is_literal = !value.empty() && !absl::StrContains(value, ' ') && value != "none" &&
                            !absl::StrContains(value, "'");
    EXPECT_TRUE(!is_literal || setting.second == value) << setting.first << ": " << value;
  }
  EXPECT_EQ(found, AllKeys());
}

// All commands of the examples that follow `prompt`.
Strings Examples(absl::string_view prompt) {
  Strings examples;
  bool is_inside = false;
  for (absl::string_view line : Lines(ReadFile(kManual))) {
    if (absl::StartsWith(line, ".Sh ")) is_inside = line == ".Sh EXAMPLES";
    if (is_inside && absl::ConsumePrefix(&line, absl::StrCat(".Dl ", prompt, " "))) {
      examples.emplace_back(line);
    }
  }
  return examples;
}

TEST(ManualTest, ExamplesFitIntoEightyColumns) {
  Strings examples = Examples("$");
  for (std::string& more : Examples("#")) examples.push_back(std::move(more));
  for (const std::string& example : examples) EXPECT_LE(example.size(), 69u) << example;
}

TEST(ManualTest, ExamplesRun) {
  const TempDir dir;
  for (const char* name : {"pacct", "pacct.0", "pacct.1.gz", "passwd"}) {
    dir.Write(name, ReadFile(absl::StrCat("testdata/lab/", name)));
  }
  const auto server = FakeBotApi::Start();
  ASSERT_TRUE(server.ok());
  const std::string here = std::filesystem::current_path();
  const auto run = [&](const std::string& line) {
    return RunProgram({.argv = {"/bin/sh", "-c", "PATH=" + here + "/tools:$PATH; " + line},
                       .environment = {"TZ=UTC", "CPUAGG_STORE=" + dir.Path("store"),
                                       "CPUAGG_ACCOUNTING_FILE=" + dir.Path("pacct"),
                                       "BOT_TOKEN=" + (*server)->token(), "CHAT_ID=42",
                                       "CPUAGG_TELEGRAM_API_URL=" + (*server)->base_url()},
                       .directory = dir.path()});
  };
  ASSERT_EQ(run("cpuagg collect --passwd passwd --no-running").exit_code, 0);
  const Strings examples = Examples("$");
  EXPECT_GE(examples.size(), 12u);
  for (const std::string& example : examples) {
    const Finished finished = run(example);
    EXPECT_EQ(finished.exit_code, 0) << example << "\n" << finished.err;
    const bool is_silent =
        absl::StrContains(example, " collect ") || absl::StrContains(example, " run ") ||
        absl::StrContains(example, " send --period") || absl::StrContains(example, " >");
    EXPECT_EQ(finished.out.empty(), is_silent) << example << "\n" << finished.out;
    EXPECT_FALSE(absl::StrContains(finished.out, "No CPU usage")) << example;
  }
  EXPECT_GE((*server)->received().size(), 3u);
  EXPECT_TRUE(std::filesystem::exists(dir.Path("days.svg")));
  EXPECT_TRUE(std::filesystem::exists(dir.Path("report.png")));
  EXPECT_TRUE(absl::EndsWith(ReadFile(dir.Path("report.html")), "</html>\n"));
}

// The user and the times matter: the token is for root.
TEST(ManualTest, TheLinesForCronAreThoseThatSetupWrites) {
  const std::string manual = ReadFile(kManual);
  const std::string by_hand = ReadFile("docs/setup.md");
  int lines = 0;
  for (const std::string& line :
       Lines(CronFileFor("/usr/bin/cpuagg", {.collect = true, .report = true}))) {
    if (!absl::StrContains(line, "cpuagg ") || line[0] == '#') continue;
    ++lines;
    EXPECT_TRUE(absl::StrContains(manual, line)) << line;
    EXPECT_TRUE(absl::StrContains(by_hand, line)) << line;
  }
  EXPECT_EQ(lines, 3);
}

TEST(ManualTest, ExamplesThatAreNotRunHaveFlagsOfTheirCommands) {
  const std::map<std::string, FlagInManual> flags = FlagsInManual();
  const Strings examples = Examples("#");
  ASSERT_GE(examples.size(), 2u);
  for (const std::string& example : examples) {
    const Strings words = Words(example);
    ASSERT_EQ(words.at(0), "cpuagg") << example;
    EXPECT_TRUE(Commands().contains(words.at(1))) << example;
    for (const std::string& word : words) {
      if (absl::StartsWith(word, "-")) {
        EXPECT_TRUE(flags.contains(word) && flags.at(word).commands.contains(words[1])) << example;
      }
    }
  }
}

}  // namespace
}  // namespace cpuagg::tools
