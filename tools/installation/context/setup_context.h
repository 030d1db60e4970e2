// SetupContext: what the steps of setup use, and what they find out for each other.

#ifndef CPUAGG_TOOLS_INSTALLATION_CONTEXT_SETUP_CONTEXT_H_
#define CPUAGG_TOOLS_INSTALLATION_CONTEXT_SETUP_CONTEXT_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tools/config/command_context.h"
#include "tools/installation/context/dialogue.h"
#include "tools/installation/context/setup_record.h"
#include "tools/system/run_program.h"

namespace cpuagg::tools {

inline constexpr char kHostDirectory[] = "/etc/cpuagg";
inline constexpr char kHostConfiguration[] = "/etc/cpuagg/cpuagg.env";
inline constexpr char kHostToken[] = "/etc/cpuagg/bot_token";

struct SetupContext {
  CommandContext& command;
  Dialogue& dialogue;
  SetupRecord record;
  // Settings to write to the configuration, by key.
  std::map<std::string, std::string> changes;
  // Requests that could not be fulfilled, each a sentence with the fix.
  std::vector<std::string> left;

  // Begins a step: prints what it does, why, and how to do it by hand. False in a dry run, which
  // only prints, and also how things are here now, if `here` says so.
  bool Begin(absl::string_view title, absl::string_view why, absl::string_view by_hand,
             const std::function<std::string()>& here = nullptr);

  // Runs a system program with a time limit, and prints how to run it by hand. If `is_watched`, its
  // output goes to standard error; otherwise it is part of the error. NotFound if there is no such
  // program; Internal if it fails.
  absl::Status Run(const std::string& program, const std::vector<std::string>& arguments,
                   absl::Duration time_limit = absl::Seconds(90), bool is_watched = false);

  // Prints what could not be done, and remembers it, once.
  void Leave(absl::string_view what);
  // The same for a masked unit. Masking is the admin's choice.
  void LeaveMasked(const std::string& unit);

  // Reports the questions that Succeeds() could not answer.
  void LeaveUnanswered();

  // Saves the record.
  absl::Status SaveRecord() const { return record.Save(); }
};

// Whether a system program succeeds, such as "systemctl is-enabled". Prints nothing. A program that
// does not end within 30 s is not run again; see LeaveUnanswered().
bool Succeeds(const std::string& program, const std::vector<std::string>& arguments);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_CONTEXT_SETUP_CONTEXT_H_
