// Dialogue: prints setup's messages, and asks the admin questions if it may.
//
//   Dialogue dialogue(console, STDIN_FILENO, /*asks=*/true);
//   dialogue.Done("accounting is on");
//   const absl::StatusOr<bool> yes = dialogue.Confirm("Install the package acct?");

#ifndef CPUAGG_TOOLS_INSTALLATION_CONTEXT_DIALOGUE_H_
#define CPUAGG_TOOLS_INSTALLATION_CONTEXT_DIALOGUE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tools/terminal/console.h"

namespace cpuagg::tools {

class Dialogue {
 public:
  // Reads answers from the terminal `input`. If `asks` is false, every question gets its default
  // answer.
  Dialogue(Console& console, int input, bool asks)
      : console_(console), input_(input), asks_(asks) {}

  bool asks() const { return asks_; }

  // Each prints a line on standard output: plain text, a completed action, or a remark for the
  // admin.
  void Say(absl::string_view text);
  void Done(absl::string_view text);
  void Note(absl::string_view text);
  // OK if all lines could be written.
  const absl::Status& written() const { return written_; }

  // True, unless it asks and the answer is no. Cancelled if no answer can be read; the same holds
  // for the functions below.
  absl::StatusOr<bool> Confirm(absl::string_view question);
  // Reads a line and strips surrounding blanks. Only if asks().
  absl::StatusOr<std::string> Ask(absl::string_view question);
  // The same for a line that the terminal does not show. FailedPrecondition if the input is not a
  // terminal.
  absl::StatusOr<std::string> AskHidden(absl::string_view question);

 private:
  void Print(absl::string_view text);
  absl::StatusOr<std::string> ReadLine();

  Console& console_;
  const int input_;
  const bool asks_;
  absl::Status written_;
};

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_CONTEXT_DIALOGUE_H_
