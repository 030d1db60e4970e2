#include "tools/installation/context/setup_context.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "notify/words/text.h"
#include "tools/installation/context/system_facts.h"

namespace cpuagg::tools {
namespace {

// A command in the syntax of a shell.
std::string CommandLine(const std::string& program, const std::vector<std::string>& arguments) {
  std::string line = program;
  for (const std::string& argument : arguments) {
    const bool is_plain =
        !argument.empty() && std::all_of(argument.begin(), argument.end(), [](char c) {
          return absl::ascii_isalnum(c) ||
                 absl::StrContains("-_=./:,@%+", absl::string_view(&c, 1));
        });
    absl::StrAppend(&line, " ", is_plain ? "" : "'",
                    absl::StrReplaceAll(argument, {{"'", "'\\''"}}), is_plain ? "" : "'");
  }
  return line;
}

// The output of a program on one line, for a message.
std::string InOneLine(absl::string_view said) {
  std::vector<absl::string_view> lines = absl::StrSplit(said, '\n', absl::SkipWhitespace());
  for (absl::string_view& line : lines) line = absl::StripAsciiWhitespace(line);
  return absl::StrJoin(lines, "; ");
}

// The questions without an answer, by program.
std::map<std::string, std::string>& Unanswered() {
  static auto& unanswered = *new std::map<std::string, std::string>();
  return unanswered;
}

}  // namespace

bool SetupContext::Begin(absl::string_view title, absl::string_view why, absl::string_view by_hand,
                         const std::function<std::string()>& here) {
  LeaveUnanswered();
  dialogue.Say(absl::StrCat("\n", title, "\n  ", why, "\n  By hand: ", by_hand));
  if (!command.flags.dry_run) return true;
  if (here) dialogue.Say(absl::StrCat("  Now: ", here()));
  return false;
}

absl::Status SetupContext::Run(const std::string& program,
                               const std::vector<std::string>& arguments, absl::Duration time_limit,
                               bool is_watched) {
  const std::string shown = CommandLine(program, arguments);
  const std::string path = FindSystemProgram(program);
  if (path.empty()) return absl::NotFoundError(absl::StrCat(shown, ": there is no ", program));
  dialogue.Say(absl::StrCat("  $ ", shown, "  # for at most ", absl::FormatDuration(time_limit)));
  const absl::StatusOr<ProgramResult> run =
      RunProgram({.path = path,
                  .arguments = arguments,
                  // Debian's packages must not ask questions.
                  .more_environment = {"DEBIAN_FRONTEND=noninteractive"},
                  .time_limit = time_limit,
                  .shows_output = is_watched});
  if (!run.ok()) return run.status();
  if (run->succeeded()) return absl::OkStatus();
  const std::string ended = run->signal != 0 ? absl::StrCat("signal ", run->signal)
                                             : absl::StrCat("status ", run->exit_status);
  const std::string said = InOneLine(run->err.empty() ? run->out : run->err);
  return absl::InternalError(absl::StrCat(shown, ": ended with ", ended, said.empty() ? "" : ": ",
                                          notify::Shortened(notify::Printable(said), 400)));
}

void SetupContext::Leave(absl::string_view what) {
  dialogue.Note(what);
  if (std::find(left.begin(), left.end(), what) == left.end()) left.emplace_back(what);
}

void SetupContext::LeaveMasked(const std::string& unit) {
  Leave(absl::StrCat(unit, " is masked, and setup leaves that so: run systemctl unmask ", unit,
                     ", and cpuagg setup again, if it is to run"));
}

void SetupContext::LeaveUnanswered() {
  for (auto& [program, problem] : Unanswered()) {
    if (!problem.empty()) {
      Leave(absl::StrCat(problem, ", and is not asked again; run setup again when ", program,
                         " answers"));
    }
    problem.clear();
  }
}

bool Succeeds(const std::string& program, const std::vector<std::string>& arguments) {
  const std::string path = FindSystemProgram(program);
  if (path.empty() || Unanswered().contains(program)) return false;
  const absl::StatusOr<ProgramResult> run =
      RunProgram({.path = path, .arguments = arguments, .time_limit = absl::Seconds(30)});
  if (absl::IsDeadlineExceeded(run.status())) {
    Unanswered()[program] =
        absl::StrCat(CommandLine(program, arguments), ": did not answer within 30 s");
  }
  return run.ok() && run->succeeded();
}

}  // namespace cpuagg::tools
