// NameMemory: the recent answers of the user directory, kept from one collect run to the next.

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

// How long an answer is valid.
inline constexpr absl::Duration kNamesAreRemembered = absl::Hours(1);

// Drops entries that are an hour old or older, and entries from after `now`, which exist if the
// clock was set back.
void ForgetNames(absl::Time now, NameMemory& memory);

// The bytes of a names file, a serialized storage::NamesFile. Decoding gives an empty memory if
// they are damaged or have another version, and drops entries that no directory gives.
//
// `accounts` is AccountsVersion() (account_files.h) of before the answers. Decoding with another
// one gives an empty memory: an account may be gone, and its id used again.
std::string EncodeNames(const NameMemory& memory, absl::string_view accounts);
NameMemory DecodeNames(absl::string_view bytes, absl::string_view accounts);

// Loads the file at `path`. Empty if it does not exist or cannot be read: the memory only saves
// time.
NameMemory LoadNames(const std::string& path, absl::string_view accounts);
absl::Status SaveNames(const NameMemory& memory, absl::string_view accounts,
                       const std::string& path,
                       acct::FileSystem& changes = acct::FileSystem::Default());

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_NAMES_NAME_MEMORY_H_
