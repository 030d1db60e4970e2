#include "tools/config/config_keys.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "absl/strings/ascii.h"
#include "aggregate/report/edit_distance.h"

namespace cpuagg::tools {
namespace {

constexpr std::array<absl::string_view, 42> kKeys = {"ACCOUNTING_FILE",
                                                     "ALERT_CPU_HOURS",
                                                     "ALERT_PERIOD",
                                                     "ALLOW_INSECURE_HTTP",
                                                     "API_HASH",
                                                     "API_ID",
                                                     "BOT_TOKEN",
                                                     "BOT_TOKEN_FILE",
                                                     "CA_FILE",
                                                     "CHAT_ID",
                                                     "DELIVERY",
                                                     "EXPIRE_AFTER",
                                                     "FLEET_CERT_FILE",
                                                     "FLEET_HEADER",
                                                     "FLEET_KEY_FILE",
                                                     "FLEET_PASSWORD_FILE",
                                                     "FLEET_TOKEN_FILE",
                                                     "FLEET_URL",
                                                     "FLEET_USER",
                                                     "FULL_TABLE",
                                                     "HOST_NAME",
                                                     "IGNORED_USERS",
                                                     "INCLUDE_UNKNOWN_USERS",
                                                     "KEEP",
                                                     "KEEP_HOURS",
                                                     "PROC",
                                                     "PROXY",
                                                     "PUSH_HEADER",
                                                     "PUSH_PASSWORD_FILE",
                                                     "PUSH_QUERY_URL",
                                                     "PUSH_TOKEN_FILE",
                                                     "PUSH_TOP",
                                                     "PUSH_URL",
                                                     "PUSH_USER",
                                                     "REPORT_PERIOD",
                                                     "ROTATED_DIR",
                                                     "SEND_AS",
                                                     "SEND_WITHIN",
                                                     "SILENT",
                                                     "STORE",
                                                     "TELEGRAM_API_URL",
                                                     "TEXTFILE"};

}  // namespace

absl::Span<const absl::string_view> ConfigKeys() { return kKeys; }

bool IsConfigKey(absl::string_view text) {
  return std::find(kKeys.begin(), kKeys.end(), text) != kKeys.end();
}

absl::string_view ConfigKeyNear(absl::string_view text) {
  const std::string asked = absl::AsciiStrToUpper(text);
  absl::string_view nearest;
  size_t least = asked.size();
  for (const absl::string_view key : kKeys) {
    // At most one wrong letter of three: FOO is not similar to PROC.
    constexpr size_t kLettersOfOne = 3;
    const size_t distance = aggregate::EditDistance(asked, key);
    if (distance <= std::min(asked.size(), key.size()) / kLettersOfOne && distance < least) {
      nearest = key;
      least = distance;
    }
  }
  return nearest;
}

}  // namespace cpuagg::tools
