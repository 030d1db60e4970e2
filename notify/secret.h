// Secret: a value that must not be seen. It has no conversion to text, no stream operator and no
// formatter; whoever needs the value says so by name.

#ifndef CPUAGG_NOTIFY_SECRET_H_
#define CPUAGG_NOTIFY_SECRET_H_

#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace cpuagg::notify {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  bool empty() const { return value_.empty(); }
  // For the one place that sends it.
  const std::string& Reveal() const { return value_; }

  // `text` with every occurrence of the secret, and of anything shaped like a bot token (digits, a
  // colon, 20 or more of [A-Za-z0-9_-]), replaced by "<token>". For every text that comes from
  // outside: replies, their descriptions, proxies' pages.
  std::string Redact(absl::string_view text) const;

 private:
  std::string value_;
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_SECRET_H_
