// NameMemory: what the user directory said lately, from one collect run to the next.

#ifndef CPUAGG_AGGREGATE_NAMES_NAME_MEMORY_H_
#define CPUAGG_AGGREGATE_NAMES_NAME_MEMORY_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "acct/io/atomic_file.h"
#include "acct/record/units.h"

namespace cpuagg::aggregate {

struct RememberedName {
  std::optional<std::string> name;  // nullopt: no account has the id
  absl::Time asked_at;              // in whole seconds

  friend bool operator==(const RememberedName&, const RememberedName&) = default;
};

using NameMemory = std::map<acct::Uid, RememberedName>;

// For how long an answer counts.
inline constexpr absl::Duration kNamesAreRemembered = absl::Hours(1);

// Drops what was asked an hour ago or earlier, and what will have been asked after `now`, since the
// clock has been set back.
void ForgetNames(absl::Time now, NameMemory& memory);

// The bytes of such a file: a serialized storage::NamesFile. Nothing if they are damaged or of
// another version, and without entries that no directory gives.
std::string EncodeNames(const NameMemory& memory);
NameMemory DecodeNames(absl::string_view bytes);

// The file at `path`. Nothing if there is none or it cannot be read: it saves time, and no more.
NameMemory LoadNames(const std::string& path);
absl::Status SaveNames(const NameMemory& memory, const std::string& path,
                       acct::FileSystem& changes = acct::FileSystem::Default());

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_NAMES_NAME_MEMORY_H_
