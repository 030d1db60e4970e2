// SetupContext: what the steps of setup work with, and what they find out for each other.

#ifndef CPUAGG_TOOLS_INSTALLATION_CONTEXT_SETUP_CONTEXT_H_
#define CPUAGG_TOOLS_INSTALLATION_CONTEXT_SETUP_CONTEXT_H_

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
  // Settings that are to be written down, by key.
  std::map<std::string, std::string> changes;
  // What was asked for and could not be done, a sentence each, with what mends it.
  std::vector<std::string> left;

  // Begins a step: what it does and why, and how it is done by hand. False in a dry run, in which
  // that is all.
  bool Begin(absl::string_view title, absl::string_view why, absl::string_view by_hand);

  // Runs a program of the system, and shows how it could be run by hand, and for how long it is
  // waited for. What it says goes to
  // standard error if it is to be watched; else it is in the error. NotFound if there is no such
  // program; Internal if it fails.
  absl::Status Run(const std::string& program, const std::vector<std::string>& arguments,
                   absl::Duration time_limit = absl::Seconds(90), bool is_watched = false);

  // Says what could not be done, and keeps it, once.
  void Leave(absl::string_view what);
  // The same of a unit that is masked, which is the admin's choice.
  void LeaveMasked(const std::string& unit);

  // Leaves what Succeeds() could not find out.
  void LeaveUnanswered();

  // Writes the record down.
  absl::Status SaveRecord() const { return record.Save(); }
};

// Whether a program of the system says yes, without a word to anybody: "systemctl is-enabled". One
// that does not answer within 30 s is not asked again; see LeaveUnanswered().
bool Succeeds(const std::string& program, const std::vector<std::string>& arguments);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_CONTEXT_SETUP_CONTEXT_H_
