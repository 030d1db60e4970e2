// Decides which links Telegram keeps.

#ifndef CPUAGG_NOTIFY_TESTING_MARKUP_TELEGRAM_LINK_H_
#define CPUAGG_NOTIFY_TESTING_MARKUP_TELEGRAM_LINK_H_

#include <string>

#include "absl/strings/string_view.h"

namespace cpuagg::notify::testing {

// The link that a client will open for `url`: with the scheme "http://" if it had none, and with a
// path. Empty for a link that Telegram drops, leaving plain text: with a scheme other than http,
// https, tg or ton, or without a dot in its host.
std::string CheckedLink(absl::string_view url);

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_MARKUP_TELEGRAM_LINK_H_
