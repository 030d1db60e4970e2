// SetupRecord: what setup has done that --undo may take back, in /etc/cpuagg/setup_record.
//
// It is root's file and not in the store, since --undo obeys it. A step writes it down before it
// acts.

#ifndef CPUAGG_TOOLS_INSTALLATION_CONTEXT_SETUP_RECORD_H_
#define CPUAGG_TOOLS_INSTALLATION_CONTEXT_SETUP_RECORD_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace cpuagg::tools {

inline constexpr char kSetupRecord[] = "/etc/cpuagg/setup_record";

struct SetupRecord {
  std::string accounting_file;  // for which setup has turned accounting on; or empty
  std::string accounting_unit;  // that setup has enabled for it; or empty
  std::string greeted;          // the bot, and the chats as in CHAT_ID; or empty
  std::string packages;         // that setup has installed: "acct cron"; or empty

  bool has_accounting() const { return !accounting_file.empty() || !accounting_unit.empty(); }

  // Empty if there is none. Errors are those of ReadSettingsFile() and ParseEnvFile(), with what
  // to do.
  static absl::StatusOr<SetupRecord> Load(const std::string& path = kSetupRecord);
  // InvalidArgument, and the file as it was, if a value would not be read back: one with the end
  // of a line in it.
  absl::Status Save(const std::string& path = kSetupRecord) const;

  friend bool operator==(const SetupRecord&, const SetupRecord&) = default;
};

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_CONTEXT_SETUP_RECORD_H_
