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

// `text`, the content of the file at `path`, with `key` set to `value`. Changes the last line that
// sets the key, with or without the prefix CPUAGG_. If there is none, adds a line after a comment
// that shows the key ("#KEY=..."), or else at the end. InvalidArgument if `text` is not a valid
// file, or if `value` cannot be written in a line.
absl::StatusOr<std::string> WithSetting(absl::string_view text, absl::string_view key,
                                        absl::string_view value, absl::string_view path);

// All values of `key` in `text`, the content of the file at `path`, in order, including those that
// a later line overrides. InvalidArgument if `text` is not a valid file.
absl::StatusOr<std::vector<std::string>> ValuesOf(absl::string_view text, absl::string_view key,
                                                  absl::string_view path);

// `text` with each line that sets `key` replaced by the line `comment`, which begins with '#'. A
// comment on such a line is kept after it.
std::string WithoutSetting(absl::string_view text, absl::string_view key,
                           absl::string_view comment);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_STEPS_SETTINGS_EDIT_H_
