#include "notify/words/text.h"

#include <utf8proc.h>

#include <array>
#include <cmath>
#include <utility>

#include "absl/numeric/int128.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace cpuagg::notify {
namespace {

// One step through UTF-8: the next character and its length, or -1 and 1 for a byte that does not
// begin a character.
struct Decoded {
  utf8proc_int32_t character;
  size_t bytes;
};

Decoded DecodeFirst(absl::string_view text) {
  utf8proc_int32_t character;
  const utf8proc_ssize_t length =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                       static_cast<utf8proc_ssize_t>(text.size()), &character);
  if (length <= 0) return {-1, 1};
  return {character, static_cast<size_t>(length)};
}

// Format characters that only join their neighbours, as in many emoji.
bool IsJoiner(utf8proc_int32_t c) { return c == 0x200c || c == 0x200d; }

bool IsVisible(utf8proc_int32_t c) {
  switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return false;
    case UTF8PROC_CATEGORY_CF:
      return IsJoiner(c);
    default:
      return true;
  }
}

std::string Escaped(utf8proc_int32_t c) {
  switch (c) {
    case '\n':
      return "\\n";
    case '\t':
      return "\\t";
    case '\r':
      return "\\r";
  }
  return c < 0x80 ? absl::StrFormat("\\x%02x", c) : absl::StrFormat("\\u%04x", c);
}

size_t WidthOf(utf8proc_int32_t c) {
  const int width = utf8proc_charwidth(c);
  return width > 0 ? static_cast<size_t>(width) : 0;
}

// As a percentage, a change from less than this would mean nothing.
constexpr uint64_t kLeastBase = 60 * acct::kTicksPerSecond;

// In femtoseconds.
absl::uint128 Difference(acct::ExactTime a, acct::ExactTime b) {
  return a > b ? a.femtoseconds() - b.femtoseconds() : b.femtoseconds() - a.femtoseconds();
}

// Rounded half up.
absl::uint128 WholeSeconds(absl::uint128 femtoseconds) {
  constexpr uint64_t kPerSecond = acct::ExactTime::kPerSecond;
  return (femtoseconds + kPerSecond / 2) / kPerSecond;
}

// `count` ticks in units of `per_unit` ticks, rounded half up.
uint64_t Rounded(acct::Ticks ticks, uint64_t per_unit) {
  return ticks.count() / per_unit + (ticks.count() % per_unit >= per_unit / 2 ? 1 : 0);
}

}  // namespace

std::string Printable(absl::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const auto [character, length] = DecodeFirst(bytes);
    if (character < 0) {
      absl::StrAppendFormat(&text, "\\x%02x", static_cast<uint8_t>(bytes[0]));
    } else if (IsVisible(character)) {
      absl::StrAppend(&text, bytes.substr(0, length));
    } else {
      absl::StrAppend(&text, Escaped(character));
    }
    bytes.remove_prefix(length);
  }
  return text;
}

bool IsUtf8(absl::string_view bytes) {
  while (!bytes.empty()) {
    const auto [character, length] = DecodeFirst(bytes);
    if (character < 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

size_t DisplayWidth(absl::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const auto [character, length] = DecodeFirst(text);
    width += WidthOf(character);
    text.remove_prefix(length);
  }
  return width;
}

size_t Utf16Length(absl::string_view text) {
  size_t units = 0;
  while (!text.empty()) {
    const auto [character, length] = DecodeFirst(text);
    units += character > 0xffff ? 2 : 1;
    text.remove_prefix(length);
  }
  return units;
}

namespace {

// Three characters per column are more than names with combining marks have.
constexpr size_t kCharactersPerColumn = 3;

// The remaining part of a text: its first or last bytes.
class Kept {
 public:
  // Room for `width` columns.
  explicit Kept(size_t width) : columns_(width), characters_(kCharactersPerColumn * width) {}

  // Takes the next character if there is room.
  bool Take(const Decoded& next) {
    const size_t width = WidthOf(next.character);
    if (characters_ == 0 || width > columns_) return false;
    columns_ -= width;
    --characters_;
    bytes_ += next.bytes;
    return true;
  }
  size_t bytes() const { return bytes_; }

 private:
  size_t columns_;
  size_t characters_;
  size_t bytes_ = 0;
};

Decoded DecodeLast(absl::string_view text) {
  size_t begin = text.size() - 1;
  while (begin > 0 && (static_cast<uint8_t>(text[begin]) & 0xc0) == 0x80) --begin;
  return {DecodeFirst(text.substr(begin)).character, text.size() - begin};
}

// The beginning of `text`, up to `width` columns.
absl::string_view Head(absl::string_view text, size_t width) {
  Kept kept(width);
  for (absl::string_view rest = text; !rest.empty();) {
    const Decoded next = DecodeFirst(rest);
    if (!kept.Take(next)) break;
    rest.remove_prefix(next.bytes);
  }
  return text.substr(0, kept.bytes());
}

// The end of `text`, up to `width` columns, without combining marks whose letter is cut off.
absl::string_view Tail(absl::string_view text, size_t width) {
  Kept kept(width);
  for (absl::string_view rest = text; !rest.empty();) {
    const Decoded next = DecodeLast(rest);
    if (!kept.Take(next)) break;
    rest.remove_suffix(next.bytes);
  }
  absl::string_view tail = text.substr(text.size() - kept.bytes());
  while (!tail.empty()) {
    const Decoded first = DecodeFirst(tail);
    if (WidthOf(first.character) > 0) break;
    tail.remove_prefix(first.bytes);
  }
  return tail;
}

}  // namespace

std::string Shortened(absl::string_view text, size_t width) {
  if (Head(text, width).size() == text.size()) return std::string(text);
  if (width == 0) return "";
  const absl::string_view head = Head(text, width / 2);
  return absl::StrCat(head, "…", Tail(text.substr(head.size()), (width - 1) / 2));
}

std::string CutOff(absl::string_view text, size_t width) {
  if (Head(text, width).size() == text.size()) return std::string(text);
  return width == 0 ? "" : absl::StrCat(Head(text, width - 1), "…");
}

std::string OneLine(absl::string_view bytes) {
  constexpr size_t kWidth = 64;
  constexpr size_t kMostUnits = 2 * kWidth;
  const std::string text = Printable(bytes);
  for (size_t width = kWidth;; width /= 2) {
    std::string line = Shortened(text, width);
    if (Utf16Length(line) <= kMostUnits) return line;
  }
}

std::string KeptInPlace(absl::string_view text) {
  constexpr absl::string_view kLeftToRight = "\u200e";
  for (absl::string_view rest = text; !rest.empty();) {
    const auto [character, length] = DecodeFirst(rest);
    switch (utf8proc_get_property(character)->bidi_class) {
      case UTF8PROC_BIDI_CLASS_R:
      case UTF8PROC_BIDI_CLASS_AL:
      case UTF8PROC_BIDI_CLASS_AN:
        return absl::StrCat(kLeftToRight, text, kLeftToRight);
      default:
        rest.remove_prefix(length);
    }
  }
  return std::string(text);
}

std::string LeftAligned(absl::string_view text, size_t width) {
  const size_t taken = DisplayWidth(text);
  return absl::StrCat(text, std::string(width > taken ? width - taken : 0, ' '));
}

std::string RightAligned(absl::string_view text, size_t width) {
  const size_t taken = DisplayWidth(text);
  return absl::StrCat(std::string(width > taken ? width - taken : 0, ' '), text);
}

std::string ExactSeconds(acct::ExactTime time) {
  constexpr int kLeastDecimals = 2;
  constexpr uint64_t kPerSecond = acct::ExactTime::kPerSecond;
  const uint64_t fraction = absl::Uint128Low64(time.femtoseconds() % kPerSecond);
  std::string decimals = absl::StrFormat("%015d", fraction);
  while (decimals.size() > kLeastDecimals && decimals.back() == '0') decimals.pop_back();
  return absl::StrFormat("%d.%s", time.femtoseconds() / kPerSecond, decimals);
}

std::string MeanSeconds(acct::ExactTime time, uint64_t count) {
  if (count == 0) return "0.00";
  const absl::uint128 hundredth = acct::ExactTime::kPerSecond / 100;
  const absl::uint128 mean = time.femtoseconds() / count;
  const uint64_t hundredths = absl::Uint128Low64((mean + hundredth / 2) / hundredth);
  return absl::StrFormat("%d.%02d", hundredths / 100, hundredths % 100);
}

std::string ExactClock(acct::Ticks ticks) {
  const uint64_t seconds = ticks.whole_seconds();
  return absl::StrFormat("%d:%02d:%02d.%02d", seconds / 3600, seconds / 60 % 60, seconds % 60,
                         ticks.hundredths());
}

std::string TimeInWords(acct::ExactTime time) {
  const acct::Ticks ticks = time.ticks();
  if (ticks == acct::Ticks()) return time == acct::ExactTime() ? "0s" : "<0.01s";
  const uint64_t seconds = Rounded(ticks, acct::kTicksPerSecond);
  if (ticks.whole_seconds() < 60) {
    if (ticks.hundredths() == 0) return absl::StrCat(seconds, "s");
    return absl::StrFormat("%d.%02ds", ticks.whole_seconds(), ticks.hundredths());
  }
  if (seconds < 3600) return absl::StrFormat("%dm %02ds", seconds / 60, seconds % 60);
  const uint64_t minutes = Rounded(ticks, 60 * acct::kTicksPerSecond);
  return absl::StrFormat("%sh %02dm", WithThousands(minutes / 60), minutes % 60);
}

std::string SizeInWords(uint64_t bytes) {
  if (bytes < 1000) return absl::StrCat(bytes, " B");
  constexpr std::array<const char*, 6> kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double size = static_cast<double>(bytes) / 1024;
  size_t unit = 0;
  // A size that would round to 1000 is written in the next unit.
  while (size >= 999.5) {
    size /= 1024;
    ++unit;
  }
  return absl::StrFormat("%.*f %s", size < 9.95 ? 1 : 0, size, kUnits[unit]);
}

std::string Percent(double share) {
  if (share > 0 && share < 0.005) return "<1%";
  // Something is left, which may be a row of less than a hundredth.
  if (share < 1 && share >= 0.995) return ">99%";
  return absl::StrFormat("%.0f%%", std::floor(share * 100 + 0.5));
}

std::string Change(acct::ExactTime now, acct::ExactTime before) {
  constexpr uint64_t kMostPercent = 999;
  if (before == acct::ExactTime()) return now == before ? "-" : "new";
  if (now == before) return "0 %";
  const char* const sign = now > before ? "+" : "-";
  const absl::uint128 base = before.femtoseconds();
  const absl::uint128 difference = Difference(now, before);
  if (before < acct::ExactTime(acct::Ticks(kLeastBase))) {
    const absl::uint128 seconds = WholeSeconds(difference);
    const absl::uint128 minutes = seconds / 60;
    return absl::StrCat(seconds == 0 ? "" : sign, WithThousands(absl::Uint128Low64(minutes / 60)),
                        absl::StrFormat(":%02d:%02d", absl::Uint128Low64(minutes % 60),
                                        absl::Uint128Low64(seconds % 60)));
  }
  // Rounded half up. Sums of usage are too small to overflow this.
  const absl::uint128 percent = (200 * difference + base) / (2 * base);
  if (now > before && percent > kMostPercent) {
    return absl::StrCat(
        "x ", WithThousands(absl::Uint128Low64((2 * now.femtoseconds() + base) / (2 * base))));
  }
  return absl::StrCat(percent == 0 ? "" : sign, absl::Uint128Low64(percent), " %");
}

std::string ShortChange(acct::ExactTime now, acct::ExactTime before) {
  if (before == acct::ExactTime() || before >= acct::ExactTime(acct::Ticks(kLeastBase))) {
    constexpr size_t kWidth = 6;
    const std::string change = absl::StrReplaceAll(Change(now, before), {{" ", ""}});
    return change.size() <= kWidth ? change : "x>10k";
  }
  if (now == before) return "0%";
  const absl::uint128 seconds = WholeSeconds(Difference(now, before));
  const char* const sign = now > before ? "+" : "-";
  // The largest unit of which the time has at least one.
  constexpr std::array<std::pair<uint64_t, char>, 4> kUnits = {
      {{86'400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}}};
  for (const auto& [length, name] : kUnits) {
    const absl::uint128 count = seconds / length;
    if (count == 0) continue;
    if (count > 999) return ">999d";
    return absl::StrCat(sign, absl::Uint128Low64(count), std::string(1, name));
  }
  return "0s";
}

std::string WithThousands(uint64_t number) {
  std::string digits = absl::StrCat(number);
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

std::string Pluralize(uint64_t number, absl::string_view noun) {
  const absl::string_view ending = absl::EndsWith(noun, "s") ? "es" : "s";
  return absl::StrCat(WithThousands(number), " ", noun, number == 1 ? "" : ending);
}

std::string FirstNames(const std::vector<std::string>& names, size_t most) {
  std::vector<std::string> shown(
      names.begin(), names.begin() + static_cast<ptrdiff_t>(std::min(names.size(), most)));
  const size_t others = names.size() - shown.size();
  return absl::StrCat(absl::StrJoin(shown, ", "),
                      others > 0 ? absl::StrCat(" and ", Pluralize(others, "other")) : "");
}

}  // namespace cpuagg::notify
