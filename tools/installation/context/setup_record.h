// SetupRecord: what setup has done and --undo may take back, in /etc/cpuagg/setup_record.
//
// The file belongs to root and is not in the store, since --undo acts on it. Each step saves it
// before it acts.

#ifndef CPUAGG_TOOLS_INSTALLATION_CONTEXT_SETUP_RECORD_H_
#define CPUAGG_TOOLS_INSTALLATION_CONTEXT_SETUP_RECORD_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace cpuagg::tools {

inline constexpr char kSetupRecord[] = "/etc/cpuagg/setup_record";

struct SetupRecord {
  std::string accounting_file;  // the file for which setup turned accounting on; or empty
  std::string accounting_unit;  // the unit that setup enabled for it; or empty
  std::string greeted;          // the bot, and the chats as in CHAT_ID, that got a greeting; or
                                // empty
  std::string packages;         // the packages that setup installed: "acct cron"; or empty
  std::string user;             // the user that setup made: "cpuagg"; or empty

  bool has_accounting() const { return !accounting_file.empty() || !accounting_unit.empty(); }

  // An empty record if the file does not exist. Errors are those of ReadSettingsFile() and
  // ParseEnvFile(), with advice.
  static absl::StatusOr<SetupRecord> Load(const std::string& path = kSetupRecord);
  // InvalidArgument, with the file unchanged, if a value could not be read back because it contains
  // a line break.
  absl::Status Save(const std::string& path = kSetupRecord) const;

  friend bool operator==(const SetupRecord&, const SetupRecord&) = default;
};

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_CONTEXT_SETUP_RECORD_H_
