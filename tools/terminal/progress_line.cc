#include "tools/terminal/progress_line.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "acct/record/units.h"
#include "notify/words/text.h"

namespace cpuagg::tools {
namespace {

constexpr absl::string_view kReading = "reading ";
constexpr absl::string_view kGap = "  ";

// Including the brackets. A longer bar shows no more detail.
constexpr size_t kLeastBar = 12;
constexpr size_t kMostBar = 32;
constexpr size_t kLeastName = 8;
// " 100%" after the bar.
constexpr size_t kPercent = 5;
// The usual maximum width of the amounts. This much is reserved for them, so that the bar does not
// change when they become shorter or longer.
constexpr size_t kUsualAmounts = 32;

absl::string_view LastPart(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? path : path.substr(slash + 1);
}

// A file that grows while it is read may have more bytes than counted beforehand.
double Share(const ProgressState& state) {
  return std::min(1.0, static_cast<double>(state.bytes) / static_cast<double>(state.total_bytes));
}

std::string TimeLeft(const ProgressState& state) {
  const double share = Share(state);
  if (share == 0 || share == 1) return "";
  constexpr double kMostSeconds = 360'000'000;  // 100,000 hours
  const double seconds = absl::ToDoubleSeconds(state.elapsed) * (1 - share) / share;
  const auto whole = static_cast<uint64_t>(std::ceil(std::min(seconds, kMostSeconds)));
  return absl::StrCat(", ", notify::TimeInWords(acct::Ticks(whole * acct::kTicksPerSecond)),
                      " left");
}

std::string Amounts(const ProgressState& state) {
  const std::string bytes = notify::SizeInWords(state.bytes);
  if (state.total_bytes > 0) {
    return absl::StrCat(bytes, " of ", notify::SizeInWords(state.total_bytes), TimeLeft(state));
  }
  const double rate =
      std::min(0x1p63, static_cast<double>(state.bytes) / absl::ToDoubleSeconds(state.elapsed));
  return absl::StrCat(bytes, ", ", notify::SizeInWords(static_cast<uint64_t>(rate)), "/s");
}

// `width` columns, at least two.
std::string Bar(double share, size_t width) {
  const size_t cells = width - 2;
  const auto full = static_cast<size_t>(share * static_cast<double>(cells));
  return absl::StrCat("[", std::string(full, '#'), std::string(cells - full, '.'), "]");
}

}  // namespace

std::string RenderProgress(const ProgressState& state, size_t columns) {
  const size_t width = columns > 0 ? columns - 1 : 0;
  const std::string name = notify::Printable(LastPart(state.input));
  std::string numbers = Amounts(state);
  if (state.total_bytes > 0) {
    const std::string percent = notify::Percent(Share(state));
    const size_t taken =
        kReading.size() + kPercent + kGap.size() + std::max(numbers.size(), kUsualAmounts);
    // Room for the name and the bar, with the gap between them.
    const size_t room = width > taken ? width - taken : 0;
    if (room >= kLeastName + kGap.size() + kLeastBar) {
      const std::string shown = notify::Shortened(name, room - kGap.size() - kLeastBar);
      const size_t bar = std::min(kMostBar, room - kGap.size() - notify::DisplayWidth(shown));
      return absl::StrCat(kReading, shown, kGap, Bar(Share(state), bar),
                          notify::RightAligned(percent, kPercent), kGap, numbers);
    }
    numbers = absl::StrCat(percent, kGap, numbers);
  }
  const size_t taken = kReading.size() + kGap.size() + numbers.size();
  if (width < taken + kLeastName) return notify::CutOff(numbers, width);
  return absl::StrCat(kReading, notify::Shortened(name, width - taken), kGap, numbers);
}

}  // namespace cpuagg::tools
