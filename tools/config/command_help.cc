#include "tools/config/command_help.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace cpuagg::tools {
namespace {

struct Group {
  const char* name;
  const char* flags;  // separated by blanks
};

// In the order of the help. The last one has all other flags.
constexpr Group kGroups[] = {
    {"Input",
     "from accounting-file rotated-dir passwd host proc running no-running threads ahz "
     "big-endian-v0"},
    {"Selection",
     "period since until before at user ignore-user people group command pid parent tty failed "
     "status signal core su fork min-cpu min-elapsed min-memory"},
    {"Receiver", "url check"},
    {"Output", "by group-file sort top compare columns wide format csv json chart color utc"},
    {"Messages", "dry-run raw pending alerts status test"},
    {"Store", "store keep keep-hours"},
    {"General", ""}};

// Where `flag` is in the list of `group`; npos if it is not.
size_t Find(const Group& group, const std::string& flag) {
  return absl::StrCat(" ", group.flags, " ").find(absl::StrCat(" ", flag, " "));
}

size_t PlaceOf(const Group& group, const CLI::Option& option) {
  size_t place = std::string::npos;
  for (const std::string& flag : option.get_lnames()) place = std::min(place, Find(group, flag));
  return place;
}

bool DeliversMessages(Command command) {
  return command == Command::kSend || command == Command::kRun;
}

// `--status` and `--dry-run` are not about messages everywhere.
const Group& GroupOf(Command command, const CLI::Option& option) {
  for (const Group& group : kGroups) {
    const bool is_of_messages = absl::string_view(group.name) == "Messages";
    if (is_of_messages && !DeliversMessages(command)) continue;
    for (const std::string& flag : option.get_lnames()) {
      const bool is_of_queue = flag == "status" && DeliversMessages(command);
      if (Find(group, flag) != std::string::npos && is_of_queue <= is_of_messages) return group;
    }
  }
  return kGroups[std::size(kGroups) - 1];
}

struct Example {
  const char* command;
  const char* answers;
};

std::vector<Example> ExamplesOf(Command command) {
  switch (command) {
    case Command::kReport:
      return {{"cpuagg report --period today", "who used the CPU today"},
              {"cpuagg report --since monday -u alice --by command", "what alice ran"},
              {"cpuagg report --from http://127.0.0.1:8428 --by host", "the hosts of a fleet"},
              {"cpuagg report --host lab02 --passwd passwd.lab02 pacct.lab02.gz",
               "a file of another machine"}};
    case Command::kRecords:
      return {{"cpuagg records --since 14:00 --until 14:05", "what ended then"},
              {"cpuagg records --failed -u alice", "which of her processes failed"},
              {"cpuagg records --signal SEGV --since yesterday", "what crashed"},
              {"cpuagg records -s memory -n 10", "the largest"}};
    case Command::kSa:
      return {{"cpuagg sa -m", "a summary per user"},
              {"cpuagg sa -u pacct.1.gz", "every record of a file"},
              {"zcat pacct.2.gz | cpuagg sa -m -", "of standard input"},
              {"cpuagg sa -m --passwd passwd.lab02 pacct.lab02", "with names of another machine"}};
    case Command::kCollect:
      return {
          {"cpuagg collect", "into the usual store"},
          {"cpuagg collect --store DIR --accounting-file pacct", "a file into a store of its own"},
          {"cpuagg collect --keep 2y --keep-hours 90d", "what the store keeps"},
          {"cpuagg collect -v", "says what it reads"}};
    case Command::kSend:
      return {{"cpuagg send --dry-run", "what would be sent"},
              {"cpuagg send --period last-week", "last week's report"},
              {"cpuagg send --status", "what is waiting"},
              {"cpuagg send --test", "whether the chats can be reached"}};
    case Command::kRun:
      return {{"cpuagg run", "collects, and sends the report"},
              {"cpuagg run --period yesterday", "each morning"},
              {"cpuagg run --period since-last", "as often as you like"},
              {"cpuagg run --dry-run", "what would be sent now"}};
    case Command::kExport:
      return {{"cpuagg export", "counters, for Prometheus"},
              {"cpuagg export --format csv --since 7d", "a row for each hour and user"},
              {"cpuagg export --format jsonl --store /srv/cpuagg/lab02", "of another machine"},
              {"cpuagg export | promtool check metrics", "whether Prometheus can read it"}};
    case Command::kPush:
      return {{"cpuagg push", "sends what is new to PUSH_URL"},
              {"cpuagg push --url http://127.0.0.1:8428/api/v1/write", "to another receiver"},
              {"cpuagg push --check", "whether the receiver has it"},
              {"cpuagg push -v", "says what it sends"}};
    case Command::kForget:
      return {{"cpuagg forget --user bob --dry-run", "what the store has of bob"},
              {"cpuagg forget --user bob --yes", "deletes it"},
              {"cpuagg forget --before 2025-01-01 --yes", "deletes what is older"},
              {"cpuagg forget --user bob --before 90d --yes", "both"}};
    case Command::kCheck:
      return {{"cpuagg check", "everything that cpuagg needs"},
              {"cpuagg check -q", "only what is not in order"},
              {"cpuagg check --online", "also asks the server about the chats"},
              {"cpuagg check /var/log/account/pacct.1.gz", "whether a file is whole"}};
    case Command::kSetup:
      return {{"cpuagg setup", "asks, step by step"},
              {"cpuagg setup --dry-run", "what it would do"},
              {"CPUAGG_CHAT_ID=-1001 BOT_TOKEN_FILE=token cpuagg setup --yes", "asks nothing"},
              {"cpuagg setup --undo", "turns off what it turned on"}};
  }
  return {};
}

std::string ExamplesText(Command command) {
  size_t width = 0;
  for (const Example& example : ExamplesOf(command)) {
    width = std::max(width, absl::string_view(example.command).size());
  }
  std::string text = "Examples:\n";
  for (const Example& example : ExamplesOf(command)) {
    const size_t blanks = width - absl::string_view(example.command).size() + 2;
    absl::StrAppend(&text, "  ", example.command, std::string(blanks, ' '), example.answers, "\n");
  }
  text.pop_back();
  return text;
}

// CLI11 would print groups and flags in the order in which they were added.
class OrderedGroups : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode /*mode*/) const override {
    std::string text =
        absl::StrCat(make_description(app), make_usage(app, name), make_positionals(app));
    for (const Group& group : kGroups) {
      std::vector<const CLI::Option*> options = app->get_options([&](const CLI::Option* option) {
        return option->nonpositional() && option->get_group() == group.name;
      });
      std::stable_sort(options.begin(), options.end(),
                       [&](const CLI::Option* first, const CLI::Option* second) {
                         return PlaceOf(group, *first) < PlaceOf(group, *second);
                       });
      if (!options.empty()) absl::StrAppend(&text, make_group(group.name, false, options));
    }
    return absl::StrCat(text, "\n", make_footer(app));
  }
};

}  // namespace

void SetHelp(Command command, CLI::App& app) {
  for (CLI::Option* const option : app.get_options()) {
    if (option->nonpositional()) option->group(GroupOf(command, *option).name);
  }
  app.formatter(std::make_shared<OrderedGroups>());
  app.get_formatter()->label("Positionals", "Arguments");
  app.footer(ExamplesText(command));
}

}  // namespace cpuagg::tools
