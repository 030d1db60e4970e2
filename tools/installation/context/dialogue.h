// Dialogue: what setup says, and what it asks the admin, if anybody is to be asked.
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
  // Reads answers from the terminal `input`. If it does not ask, every question has its default.
  Dialogue(Console& console, int input, bool asks)
      : console_(console), input_(input), asks_(asks) {}

  bool asks() const { return asks_; }

  // A line on standard output: as it is, what is done, and what the admin should know.
  void Say(absl::string_view text);
  void Done(absl::string_view text);
  void Note(absl::string_view text);
  // Whether all of them could be written.
  const absl::Status& written() const { return written_; }

  // Yes, unless it asks and the answer is no. Cancelled if there is no answer to be had, as with
  // the others.
  absl::StatusOr<bool> Confirm(absl::string_view question);
  // A line, without blanks around it. Only if it asks.
  absl::StatusOr<std::string> Ask(absl::string_view question);
  // The same of a line that the terminal does not show. FailedPrecondition if it is no terminal.
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
