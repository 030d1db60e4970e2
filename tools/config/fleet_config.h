// FleetConfig: which engine to ask about a fleet, and how, from the configuration.

#ifndef CPUAGG_TOOLS_CONFIG_FLEET_CONFIG_H_
#define CPUAGG_TOOLS_CONFIG_FLEET_CONFIG_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "notify/fleet/engine.h"
#include "notify/http/curl_http_client.h"
#include "notify/http/http_client.h"
#include "notify/telegram/secret.h"
#include "tools/config/command_context.h"

namespace cpuagg::tools {

// The engine's URL: --from, else FLEET_URL for messages; nullopt if there is none.
std::optional<std::string> FleetUrl(const CommandContext& context);

// --from or FLEET_URL, FLEET_USER with FLEET_PASSWORD_FILE or FLEET_TOKEN_FILE (or the file
// fleet_token in $CREDENTIALS_DIRECTORY), FLEET_HEADER, FLEET_CERT_FILE with FLEET_KEY_FILE,
// CA_FILE and PROXY.
class FleetConfig {
 public:
  // InvalidArgument for malformed settings; FailedPrecondition and others for files that are
  // missing, empty or open to everybody.
  static absl::StatusOr<FleetConfig> Find(const CommandContext& context);

  // This object must outlive the results of both.
  notify::CurlHttpClient MakeHttpClient() const;
  notify::Engine MakeEngine(notify::HttpClient& http) const;

 private:
  absl::Status FindLogin(const CommandContext& context);
  absl::Status FindTls(const CommandContext& context);

  std::string url_;
  std::string url_key_;
  std::vector<std::string> headers_;
  std::vector<notify::Secret> secrets_;
  bool has_credentials_ = false;
  std::optional<std::string> proxy_;
  std::string ca_file_;
  std::string cert_file_;
  std::string key_file_;
};

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_FLEET_CONFIG_H_
