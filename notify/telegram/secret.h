// Secret: a value that must not be shown. It has no conversion to text, no stream operator and no
// formatter. Code that needs the value must call Reveal().

#ifndef CPUAGG_NOTIFY_TELEGRAM_SECRET_H_
#define CPUAGG_NOTIFY_TELEGRAM_SECRET_H_

#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace cpuagg::notify {

class Secret {
 public:
  Secret() = default;
  // A bot's token: the bot's id, a colon, and the secret part.
  explicit Secret(std::string value) : value_(std::move(value)) {}

  bool empty() const { return value_.empty(); }
  // For the one place that sends it.
  const std::string& Reveal() const { return value_; }

  // `text` with "<token>" in place of
  //
  // - the secret,
  // - its secret part alone (eight characters or more),
  // - any beginning of it that goes beyond the id, and
  // - anything with the shape of a bot's token.
  //
  // Ignores upper and lower case. Also recognises characters written as in URLs ("%3A", "%253A"),
  // HTML ("&#58;", "&colon;") or JSON and C ("\u003a", "\x3a"). The rest of the text is unchanged.
  // Use it for every text from outside: replies, names, proxies' pages.
  std::string Redact(absl::string_view text) const;

 private:
  std::string value_;
};

// `text` without anything that has the shape of a bot's token (digits, a colon, and 20 or more
// letters, digits, '_' and '-'), of any bot. For what people typed, perhaps in the wrong place.
std::string RedactTokens(absl::string_view text);

// Whether `text` contains anything of that shape.
bool HasToken(absl::string_view text);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_TELEGRAM_SECRET_H_
