#include "tools/check/findings/own_command.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tools/check/findings/finding.h"

namespace cpuagg::tools::check {

std::string OwnCommand(const CommandContext& context, absl::string_view command) {
  const Flags& flags = context.flags;
  std::string text = absl::StrCat("cpuagg ", command);
  const auto add = [&](absl::string_view flag, const std::string& value) {
    if (!value.empty()) absl::StrAppend(&text, " ", flag, " ", ShellWord(value));
  };
  add("--config", flags.config);
  add("--store", flags.store.value_or(""));
  if (!absl::StartsWith(command, "collect")) return text;
  add("--accounting-file", flags.accounting_file.value_or(""));
  for (const std::string& directory : flags.rotated_directories) add("--rotated-dir", directory);
  return text;
}

}  // namespace cpuagg::tools::check
