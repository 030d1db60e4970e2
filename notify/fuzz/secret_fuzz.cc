// Fuzzes Secret::Redact() with arbitrary bytes as a server's text, and the bot's token inside it.

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "acct/testing/fuzz_check.h"
#include "notify/telegram/secret.h"

namespace cpuagg::tools {
namespace {

using acct::testing::Require;

constexpr absl::string_view kHalf = "aae-the_secret-half_of-the-token_12";
constexpr char kToken[] = "123456789:AAE-the_secret-half_of-the-token_12";

std::string Checked(absl::string_view text) {
  std::string redacted = notify::Secret(kToken).Redact(text);
  Require(!absl::StrContains(absl::AsciiStrToLower(redacted), kHalf), "the secret is not in it");
  Require(redacted.size() <= text.size(), "nothing is added");
  Require(absl::StrContains(redacted, "<token>") || redacted == text, "nothing else is changed");
  return redacted;
}

void Run(absl::string_view text) {
  Checked(text);
  notify::RedactTokens(text);
  // The token is found at any position and in any encoding.
  for (const absl::string_view colon : {":", "%3A", "%253a", "&#58;", "&#x3A;", "\\u003a"}) {
    const absl::string_view token = kToken;
    const std::string written = absl::StrCat(token.substr(0, 9), colon, token.substr(10));
    const size_t middle = text.size() / 2;
    // Surrounded by blanks, so that it is not part of another word.
    const std::string redacted =
        Checked(absl::StrCat(text.substr(0, middle), " ", written, " ", text.substr(middle)));
    Require(absl::StrContains(redacted, "<token>"), "what was taken out is marked");
  }
}

}  // namespace
}  // namespace cpuagg::tools

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  cpuagg::tools::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
