// ServerLogin: what requests to a server of metrics have to show, from the configuration.

#ifndef CPUAGG_TOOLS_CONFIG_SERVER_LOGIN_H_
#define CPUAGG_TOOLS_CONFIG_SERVER_LOGIN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tools/config/config.h"

namespace cpuagg::tools {

struct ServerLogin {
  std::string header;                     // the one that the configuration adds; empty for none
  std::string authorization;              // "Authorization: …"; empty without credentials
  std::vector<std::string> secrets = {};  // to be replaced in what is shown

  // All header lines.
  std::vector<std::string> Headers() const;
};

// From the keys that begin with `prefix`, such as "PUSH": PUSH_USER with PUSH_PASSWORD_FILE, or
// PUSH_TOKEN_FILE, else the file push_token in $CREDENTIALS_DIRECTORY; and PUSH_HEADER.
// InvalidArgument for wrong settings; FailedPrecondition and others for files that are missing or
// open to everybody. No message has a secret.
absl::StatusOr<ServerLogin> FindServerLogin(const Config& config, absl::string_view prefix);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_SERVER_LOGIN_H_
