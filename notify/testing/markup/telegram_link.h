// Which links Telegram keeps.

#ifndef CPUAGG_NOTIFY_TESTING_MARKUP_TELEGRAM_LINK_H_
#define CPUAGG_NOTIFY_TESTING_MARKUP_TELEGRAM_LINK_H_

#include <string>

#include "absl/strings/string_view.h"

namespace cpuagg::notify::testing {

// The link that a client will open for `url`: with a scheme, "http://" if it had none, and a path.
// Empty for one that Telegram drops, leaving plain text: of another scheme than http, https, tg
// or ton, or without a dot in its host.
std::string CheckedLink(absl::string_view url);

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_MARKUP_TELEGRAM_LINK_H_
