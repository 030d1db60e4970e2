#include "notify/secret.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace cpuagg::notify {
namespace {

constexpr absl::string_view kRedacted = "<token>";

bool IsTokenCharacter(char c) { return absl::ascii_isalnum(c) || c == '_' || c == '-'; }

// The length of what looks like a token at the beginning of `text`; zero if nothing does.
size_t TokenLength(absl::string_view text) {
  constexpr size_t kShortestSecretPart = 20;
  size_t at = 0;
  while (at < text.size() && absl::ascii_isdigit(text[at])) ++at;
  if (at == 0 || at == text.size() || text[at] != ':') return 0;
  const size_t begin = ++at;
  while (at < text.size() && IsTokenCharacter(text[at])) ++at;
  return at - begin >= kShortestSecretPart ? at : 0;
}

}  // namespace

std::string Secret::Redact(absl::string_view text) const {
  const std::string without_this =
      value_.empty() ? std::string(text) : absl::StrReplaceAll(text, {{value_, kRedacted}});
  std::string redacted;
  absl::string_view rest = without_this;
  while (!rest.empty()) {
    const size_t length = TokenLength(rest);
    if (length > 0) {
      absl::StrAppend(&redacted, kRedacted);
      rest.remove_prefix(length);
      continue;
    }
    // A run of digits is looked at once, from its beginning.
    size_t step = 1;
    if (absl::ascii_isdigit(rest[0])) {
      while (step < rest.size() && absl::ascii_isdigit(rest[step])) ++step;
    }
    absl::StrAppend(&redacted, rest.substr(0, step));
    rest.remove_prefix(step);
  }
  return redacted;
}

}  // namespace cpuagg::notify
