// Changes settings in the text of a configuration file, and keeps every other line as it is: the
// admin's values, comments, order and spelling.
//
//   WithSetting("# the lab's\nCHAT_ID = 42  # Alice\n", "CHAT_ID", "42, -1001", path)
//   // "# the lab's\nCHAT_ID = 42, -1001  # Alice\n"

#ifndef CPUAGG_TOOLS_INSTALLATION_STEPS_SETTINGS_EDIT_H_
#define CPUAGG_TOOLS_INSTALLATION_STEPS_SETTINGS_EDIT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace cpuagg::tools {

// `text`, the content of the file at `path`, in which `key` has `value`: in the line that set it
// last, with or without the prefix CPUAGG_, or else in a new one, behind a comment that shows how
// ("#KEY=...") or at the end. InvalidArgument if `text` is no such file, or if a line of it cannot
// hold `value`.
absl::StatusOr<std::string> WithSetting(absl::string_view text, absl::string_view key,
                                        absl::string_view value, absl::string_view path);

// Each value that `text`, the content of the file at `path`, has for `key`, in order: also those
// that a later line overrides. InvalidArgument if `text` is no such file.
absl::StatusOr<std::vector<std::string>> ValuesOf(absl::string_view text, absl::string_view key,
                                                  absl::string_view path);

// `text` with the line `comment`, which begins with '#', in place of each that sets `key`. The
// comment of such a line stays, behind it.
std::string WithoutSetting(absl::string_view text, absl::string_view key,
                           absl::string_view comment);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_STEPS_SETTINGS_EDIT_H_
