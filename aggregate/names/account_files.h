// The files in which this host keeps its own accounts. If one of them changes, an account may have
// been deleted, and its id given to another.

#ifndef CPUAGG_AGGREGATE_NAMES_ACCOUNT_FILES_H_
#define CPUAGG_AGGREGATE_NAMES_ACCOUNT_FILES_H_

#include <string>
#include <vector>

#include "absl/types/span.h"

namespace cpuagg::aggregate {

// The files that services of NSS read, and the one that names these services. Accounts of LDAP or
// sssd are in none of them.
std::vector<std::string> AccountFiles();

// A text that is another one after any change of a file's content: each file's identity, size, and
// the time of its last change, to the nanosecond. Reads no content.
std::string AccountsVersion(absl::Span<const std::string> files);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_NAMES_ACCOUNT_FILES_H_
