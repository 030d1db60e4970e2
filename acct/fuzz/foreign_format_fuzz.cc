// Fuzzes ForeignFormat() with arbitrary bytes as the beginning of a file.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "acct/scan/foreign_format.h"
#include "acct/testing/fuzz_check.h"

namespace cpuagg::acct {
namespace {

using testing::Require;

// The length of the shortest record of any format.
constexpr size_t kLeastBytes = 56;

void Run(absl::Span<const uint8_t> input) {
  constexpr size_t kMaxBytes = 1024;
  for (size_t size = 0; size <= input.size() && size <= kMaxBytes; ++size) {
    // In a buffer of its own, so that reading beyond its end is detected.
    const std::vector<uint8_t> bytes(input.begin(), input.begin() + static_cast<ptrdiff_t>(size));
    const absl::string_view name = ForeignFormat(bytes);
    bool is_known = name.empty();
    for (const absl::string_view known :
         {"FreeBSD (acctv1)", "FreeBSD (acctv2)", "FreeBSD (acctv3)", "OpenBSD", "NetBSD", "macOS",
          "Solaris"}) {
      is_known = is_known || name == known;
    }
    Require(is_known, "a name is one of those that are known");
    Require(name.empty() || size >= kLeastBytes, "less than a record is nobody's");
    Require(name == ForeignFormat(bytes), "the same bytes have the same name");
  }
}

}  // namespace
}  // namespace cpuagg::acct

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  cpuagg::acct::Run(absl::MakeConstSpan(data, size));
  return 0;
}
