#include "tools/config_keys.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"

namespace cpuagg::tools {
namespace {

constexpr std::array<absl::string_view, 27> kKeys = {"ACCOUNTING_FILE",
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
                                                     "FULL_TABLE",
                                                     "HOST_NAME",
                                                     "IGNORED_USERS",
                                                     "INCLUDE_UNKNOWN_USERS",
                                                     "KEEP",
                                                     "KEEP_HOURS",
                                                     "PROC",
                                                     "PROXY",
                                                     "REPORT_PERIOD",
                                                     "ROTATED_DIR",
                                                     "SEND_AS",
                                                     "SEND_WITHIN",
                                                     "SILENT",
                                                     "STORE",
                                                     "TELEGRAM_API_URL"};

// The Levenshtein distance.
size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

absl::Span<const absl::string_view> ConfigKeys() { return kKeys; }

bool IsConfigKey(absl::string_view text) {
  return std::find(kKeys.begin(), kKeys.end(), text) != kKeys.end();
}

absl::string_view NearestConfigKey(absl::string_view text) {
  const std::string key = absl::AsciiStrToUpper(text);
  return *std::min_element(kKeys.begin(), kKeys.end(),
                           [&](absl::string_view a, absl::string_view b) {
                             return EditDistance(key, a) < EditDistance(key, b);
                           });
}

}  // namespace cpuagg::tools
