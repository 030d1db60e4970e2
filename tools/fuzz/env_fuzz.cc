// Fuzzes the parser of configuration files with arbitrary bytes.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "acct/testing/fuzz_check.h"
#include "tools/config/env_file.h"

namespace cpuagg::tools {
namespace {

using acct::testing::Require;

void CheckError(const absl::Status& status, absl::string_view content) {
  Require(absl::IsInvalidArgument(status), "what is wrong is the file");
  Require(absl::StartsWith(status.message(), "file:"), "and it is named");
  // Apart from a key, the message has only our own words, which are not long, and no value.
  size_t longest_key = 0;
  for (size_t begin = 0; begin < content.size();) {
    const size_t equals = content.find('=', begin);
    if (equals == absl::string_view::npos) break;
    longest_key = std::max(longest_key, equals - begin);
    begin = equals + 1;
  }
  Require(status.message().size() <= 200 + longest_key, "no value is shown");
}

void CheckEntry(const std::string& key, const std::string& value, absl::string_view content) {
  Require(!key.empty() && !absl::ascii_isdigit(key[0]) &&
              std::all_of(key.begin(), key.end(),
                          [](char c) { return absl::ascii_isalnum(c) || c == '_'; }),
          "a key is a name");
  Require(SetsKey(content, key), "what is set is found");
  Require(absl::StrContains(content, value), "a value is what the file says");
  Require(std::none_of(value.begin(), value.end(),
                       [](char c) { return absl::ascii_iscntrl(c) && c != '\t'; }),
          "and can be seen");
}

void Run(absl::string_view content) {
  const absl::StatusOr<EnvEntries> entries = ParseEnvFile(content, "file");
  if (!entries.ok()) return CheckError(entries.status(), content);
  // In the simplest form they are read unchanged.
  std::string plain;
  for (const auto& [key, value] : *entries) {
    CheckEntry(key, value, content);
    const char* const quote = absl::StrContains(value, "'") ? "\"" : "'";
    if (absl::StrContains(value, quote)) return;
    absl::StrAppend(&plain, key, "=", quote, value, quote, "\n");
    if (*quote == '"' && (absl::EndsWith(value, "\\") || absl::StrContains(value, "$"))) return;
  }
  const absl::StatusOr<EnvEntries> again = ParseEnvFile(plain, "file");
  Require(again.ok() && *again == *entries, "entries that are written down are read again");
}

}  // namespace
}  // namespace cpuagg::tools

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  cpuagg::tools::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
