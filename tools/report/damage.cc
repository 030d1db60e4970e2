#include "tools/report/damage.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "acct/scan/input_set.h"
#include "notify/words/text.h"

namespace cpuagg::tools {
namespace {

using notify::Pluralize;

// Nothing is wrong with such a file: it can be read once the byte order is given.
bool WantsByteOrder(const acct::ByteAccount& input) {
  return std::any_of(input.skipped.begin(), input.skipped.end(),
                     [](const acct::SkippedRegion& region) {
                       return region.reason == acct::SkipReason::kBigEndianVersion0;
                     });
}

void Warn(const acct::ByteAccount& input, Console& console) {
  constexpr size_t kMaxNamed = 5;
  if (input.records == 0 && (input.bytes >= acct::kRecordBytes || input.begins_otherwise) &&
      !WantsByteOrder(input)) {
    const std::string guess =
        *input.foreign_format == '\0'
            ? "is this an accounting file?"
            : absl::StrCat("this looks like an accounting file of ", input.foreign_format,
                           "; cpuagg reads those of Linux");
    console.Warn(absl::StrCat(input.name, ": none of its ", Pluralize(input.bytes, "byte"),
                              " is an accounting record; ", guess));
    return;
  }
  uint64_t named_bytes = 0;
  for (size_t i = 0; i < input.skipped.size() && i < kMaxNamed; ++i) {
    const acct::SkippedRegion& region = input.skipped[i];
    named_bytes += region.end - region.begin;
    console.Warn(absl::StrCat(input.name, ": skipped ",
                              Pluralize(region.end - region.begin, "byte"), " at offset ",
                              region.begin, ": ", acct::SkipReasonText(region.reason)));
  }
  if (input.regions > kMaxNamed) {
    console.Warn(absl::StrCat(input.name, ": skipped ",
                              Pluralize(input.skipped_bytes - named_bytes, "byte"), " in ",
                              Pluralize(input.regions - kMaxNamed, "more place")));
  }
  if (!input.cut_short.empty()) {
    console.Warn(absl::StrCat(input.name, ": ", input.cut_short, "; counted ",
                              Pluralize(input.records, "record"), " before that"));
  }
  if (input.trailing_bytes > 0) {
    const uint64_t end = input.offset + input.repeated_bytes + input.bytes;
    console.Warn(absl::StrCat(input.name, ": the last ", Pluralize(input.trailing_bytes, "byte"),
                              ", from offset ", end - input.trailing_bytes,
                              ", are not a whole record and were not counted"));
  }
}

std::string RepeatText(const acct::ByteAccount& input) {
  if (input.repeats == input.name) {
    return absl::StrCat(input.name, ": is named twice and counted once");
  }
  const std::string which =
      input.records == 0 ? "all its records"
                         : absl::StrCat("its first ", Pluralize(input.repeated_bytes, "byte"));
  return absl::StrCat(input.name, ": ", which, " are in ", input.repeats,
                      " as well and are counted once");
}

}  // namespace

bool WarnOfDamage(const std::vector<acct::ByteAccount>& inputs, Console& console) {
  bool damaged = false;
  for (const acct::ByteAccount& input : inputs) {
    if (input.invalid_elapsed > 0) {
      console.Warn(absl::StrCat(input.name, ": ", Pluralize(input.invalid_elapsed, "record"),
                                " with an impossible elapsed time; their CPU time is counted"));
    }
    if (input.repeated_bytes > 0) console.Warn(RepeatText(input));
    if (!input.damaged()) continue;
    damaged = true;
    Warn(input, console);
  }
  return damaged;
}

bool WarnOfHeld(const std::vector<acct::ByteAccount>& held, Console& console) {
  bool damaged = false;
  for (const acct::ByteAccount& input : held) {
    const bool is_damaged = !input.skipped.empty();
    damaged |= is_damaged;
    if (is_damaged && input.offset == 0 && input.records == 0) {
      Warn(input, console);
      continue;
    }
    console.Warn(absl::StrCat(
        input.name, ": the last ", Pluralize(input.bytes, "byte"), ", from offset ", input.offset,
        is_damaged ? ", are damaged or incomplete, and are not counted yet; a run reads them once "
                     "more has followed or the file is rotated"
                   : ", are unlike a usual record, and are not counted yet; a run counts them once "
                     "a usual one has followed or the file is rotated"));
  }
  return damaged;
}

bool WarnOfEmptyInput(const std::vector<acct::ByteAccount>& inputs, Console& console) {
  const std::string name = acct::DisplayName("-");
  const bool is_lost =
      std::any_of(inputs.begin(), inputs.end(), [&](const acct::ByteAccount& input) {
        return input.name == name && input.bytes == 0 && input.repeated_bytes == 0 &&
               input.cut_short.empty();
      });
  if (!is_lost || !acct::StandardInputIsPiped()) return false;
  console.Warn(absl::StrCat(name, ": has no bytes; has the command that writes to it failed?"));
  return true;
}

}  // namespace cpuagg::tools
