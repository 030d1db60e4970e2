// Secret: a value that must not be seen. It has no conversion to text, no stream operator and no
// formatter; whoever needs the value says so by name.

#ifndef CPUAGG_NOTIFY_TELEGRAM_SECRET_H_
#define CPUAGG_NOTIFY_TELEGRAM_SECRET_H_

#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace cpuagg::notify {

class Secret {
 public:
  Secret() = default;
  // A bot's token: the bot's id, a colon, and what nobody else may know.
  explicit Secret(std::string value) : value_(std::move(value)) {}

  bool empty() const { return value_.empty(); }
  // For the one place that sends it.
  const std::string& Reveal() const { return value_; }

  // `text` with "<token>" in place of the secret, of its secret half alone (eight characters or
  // more), of how it begins behind the id, and of anything shaped like a bot's token. Upper and
  // lower case are the same, and so is a character written as in URLs ("%3A", "%253A"), HTML
  // ("&#58;", "&colon;") or JSON and C ("\u003a", "\x3a"). For every text that comes from outside:
  // replies, names, proxies' pages. Of what is left nothing is changed.
  std::string Redact(absl::string_view text) const;

 private:
  std::string value_;
};

// `text` without what is shaped like a bot's token (digits, a colon, and 20 or more letters,
// digits, '_' and '-'), whosever it is: for what people typed, perhaps in the wrong place.
std::string RedactTokens(absl::string_view text);

// Whether there is anything of that shape in `text`.
bool HasToken(absl::string_view text);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_TELEGRAM_SECRET_H_
