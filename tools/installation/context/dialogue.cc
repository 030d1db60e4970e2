#include "tools/installation/context/dialogue.h"

#include <unistd.h>

#include <cerrno>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "tools/installation/context/interruption.h"

namespace cpuagg::tools {

void Dialogue::Print(absl::string_view text) {
  const absl::Status status = console_.Print(text);
  if (written_.ok()) written_ = status;
}

void Dialogue::Say(absl::string_view text) { Print(absl::StrCat(text, "\n")); }
void Dialogue::Done(absl::string_view text) { Print(absl::StrCat("  ✔ ", text, "\n")); }
void Dialogue::Note(absl::string_view text) { Print(absl::StrCat("  ! ", text, "\n")); }

absl::StatusOr<std::string> Dialogue::ReadLine() {
  constexpr size_t kLongest = 4096;
  std::string line;
  for (;;) {
    char c;
    const ssize_t count = read(input_, &c, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      Print("\n");
      return absl::CancelledError(
          "there is no answer, since standard input has ended; finished steps stay, and cpuagg "
          "setup continues from there");
    }
    if (c == '\n') break;
    if (line.size() < kLongest) line.push_back(c);
  }
  return std::string(absl::StripAsciiWhitespace(line));
}

absl::StatusOr<bool> Dialogue::Confirm(absl::string_view question) {
  if (!asks_) return true;
  for (;;) {
    const absl::StatusOr<std::string> answer = Ask(absl::StrCat(question, " [Y/n]"));
    if (!answer.ok()) return answer.status();
    const std::string lower = absl::AsciiStrToLower(*answer);
    if (lower.empty() || lower == "y" || lower == "yes") return true;
    if (lower == "n" || lower == "no") return false;
    Say("  Please answer y or n.");
  }
}

absl::StatusOr<std::string> Dialogue::Ask(absl::string_view question) {
  Print(absl::StrCat("  ? ", question, " "));
  return ReadLine();
}

absl::StatusOr<std::string> Dialogue::AskHidden(absl::string_view question) {
  // Before the question is printed, so that no input is shown or lost.
  const HiddenInput hidden(input_);
  if (!hidden.is_hidden()) {
    return absl::FailedPreconditionError("standard input is not a terminal that can hide a token");
  }
  return Ask(question);
}

}  // namespace cpuagg::tools
