// Checks CA_FILE, the certificate authorities of the servers that cpuagg talks to.

#ifndef CPUAGG_TOOLS_CONFIG_CA_FILE_H_
#define CPUAGG_TOOLS_CONFIG_CA_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace cpuagg::tools {

// Checks the file of certificates at `path`, as far as possible before it is used. InvalidArgument
// names `key`.
absl::Status CheckCertificates(absl::string_view key, const std::string& path);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_CA_FILE_H_
