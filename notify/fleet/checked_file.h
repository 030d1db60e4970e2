// Reads and writes the files of notify/fleet/fleet.proto, each with a version and a checksum.

#ifndef CPUAGG_NOTIFY_FLEET_CHECKED_FILE_H_
#define CPUAGG_NOTIFY_FLEET_CHECKED_FILE_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace cpuagg::notify {

// The content; nullopt if the file is missing, damaged or of another version.
std::optional<std::string> ReadCheckedFile(const std::string& path);

// Replaces the file, as the owner of the store in whose directory it is. Only the owner and the
// group can read it.
absl::Status WriteCheckedFile(const std::string& path, absl::string_view content);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_FLEET_CHECKED_FILE_H_
