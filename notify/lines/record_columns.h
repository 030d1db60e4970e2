// The columns of `cpuagg records` in CSV, TSV and JSON, in one table, with functions that write
// their values. Only record_lines.cc includes this.

#ifndef CPUAGG_NOTIFY_LINES_RECORD_COLUMNS_H_
#define CPUAGG_NOTIFY_LINES_RECORD_COLUMNS_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "acct/record/byte_order.h"
#include "acct/record/exact_time.h"
#include "acct/record/exit_code.h"
#include "acct/record/units.h"
#include "notify/lines/line_writer.h"
#include "notify/words/text.h"

namespace cpuagg::notify {

template <typename Record>
ABSL_ATTRIBUTE_ALWAYS_INLINE inline uint64_t EndSecond(const Record& record) {
  return static_cast<uint64_t>(record.end_hundredths()) / 100;
}

template <typename Record>
ABSL_ATTRIBUTE_ALWAYS_INLINE inline void WriteOrder(const Record& record, LineWriter& line) {
  if (record.byte_order() == acct::ByteOrder::kBig) {
    line.Literal("big");
  } else {
    line.Literal("little");
  }
}

template <size_t kWidth = 4>
ABSL_ATTRIBUTE_ALWAYS_INLINE inline void WriteSeconds(uint64_t ticks, uint32_t rate,
                                                      LineWriter& line) {
  if (rate == acct::kTicksPerSecond) {
    line.Hundredths<kWidth>(ticks);
  } else {
    line.RightAligned(ExactSeconds(acct::ExactTime::Of(ticks, rate)), kWidth);
  }
}

// `absent` is written for a field that the version does not have.
template <size_t kWidth = 0>
ABSL_ATTRIBUTE_ALWAYS_INLINE inline void WriteNumber(std::optional<uint32_t> number,
                                                     absl::string_view absent, LineWriter& line) {
  if (number.has_value()) {
    line.Number<kWidth>(*number);
  } else {
    line.RightAligned(absent, kWidth);
  }
}

// A text as a template argument, to which a literal is converted.
template <size_t kBytes>
struct Name {
  // NOLINTNEXTLINE(google-explicit-constructor)
  consteval Name(const char (&name)[kBytes]) { std::copy_n(name, kBytes, text.begin()); }
  constexpr absl::string_view view() const { return {text.data(), kBytes - 1}; }

  std::array<char, kBytes> text = {};
};

// `,"name":`, or `{"name":` for the first column.
template <Name kName, bool kIsFirst>
consteval auto JsonKey() {
  constexpr size_t kNameBytes = kName.view().size();
  std::array<char, kNameBytes + 4> key = {kIsFirst ? '{' : ',', '"'};
  std::copy_n(kName.text.begin(), kNameBytes, key.begin() + 2);
  key[kNameBytes + 2] = '"';
  key[kNameBytes + 3] = ':';
  return key;
}

// A column of CSV, TSV and JSON: its name, and how a RecordLines::Line writes its value. A column
// of a user or group has two names, and its value includes the second field (AccountCell()).
template <Name kName, Name kSecond, typename Write>
struct Column {
  static constexpr auto kNames = std::pair(kName.view(), kSecond.view());

  template <bool kIsFirst, typename Line>
  ABSL_ATTRIBUTE_ALWAYS_INLINE void WriteTo(Line& line) const {
    if constexpr (Line::kIsJson) {
      static constexpr auto kKey = JsonKey<kName, kIsFirst>();
      line.out.Text({kKey.data(), kKey.size()});
    } else if constexpr (!kIsFirst) {
      line.out.Char(Line::kSeparator);
    }
    write(line);
  }

  Write write;
};
template <Name kName, Name kSecond = "", typename Write>
constexpr Column<kName, kSecond, Write> Of(Write write) {
  return {write};
}

// In this order in CSV, TSV and JSON.
inline constexpr auto kColumns = std::tuple(
    Of<"file">([](auto& line) ABSL_ATTRIBUTE_ALWAYS_INLINE { line.out.Text(line.cells.file); }),
    Of<"offset">([](auto& line) ABSL_ATTRIBUTE_ALWAYS_INLINE { line.out.Number(line.offset); }),
    Of<"version">([](auto& line) ABSL_ATTRIBUTE_ALWAYS_INLINE {
      line.out.Char(static_cast<char>('0' + line.record.version()));
    }),
    Of<"byte_order">([](auto& line) ABSL_ATTRIBUTE_ALWAYS_INLINE {
      line.Quote();
      WriteOrder(line.record, line.out);
      line.Quote();
    }),
    Of<"flags">([](auto& line) ABSL_ATTRIBUTE_ALWAYS_INLINE { line.out.Text(line.cells.flags); }),
    Of<"uid", "user">([](auto& line)
                          ABSL_ATTRIBUTE_ALWAYS_INLINE { line.out.Text(line.cells.user); }),
    Of<"gid", "group">([](auto& line)
                           ABSL_ATTRIBUTE_ALWAYS_INLINE { line.out.Text(line.cells.group); }),
    Of<"pid">([](auto& line) ABSL_ATTRIBUTE_ALWAYS_INLINE { line.Optional(line.record.pid()); }),
    Of<"ppid">([](auto& line) ABSL_ATTRIBUTE_ALWAYS_INLINE { line.Optional(line.record.ppid()); }),
    Of<"tty">([](auto& line) ABSL_ATTRIBUTE_ALWAYS_INLINE { line.out.Text(line.cells.tty); }),
    Of<"command">([](auto& line) ABSL_ATTRIBUTE_ALWAYS_INLINE {
      if (line.cells.special_command.empty()) {
        line.Quote();
        line.out.Command(line.cells.command);
        line.Quote();
      } else {
        line.out.Text(line.cells.special_command);
      }
    }),
    Of<"exit_status">([](auto& line) ABSL_ATTRIBUTE_ALWAYS_INLINE {
      line.out.Digit(acct::StatusOf(line.record.exit_code()));
    }),
    Of<"signal">([](auto& line) ABSL_ATTRIBUTE_ALWAYS_INLINE {
      line.out.Digit(acct::SignalOf(line.record.exit_code()));
    }),
    Of<"begin">([](auto& line)
                    ABSL_ATTRIBUTE_ALWAYS_INLINE { line.Time(line.record.begin_time()); }),
    Of<"end">([](auto& line) ABSL_ATTRIBUTE_ALWAYS_INLINE { line.Time(EndSecond(line.record)); }),
    Of<"elapsed_seconds">([](auto& line) ABSL_ATTRIBUTE_ALWAYS_INLINE {
      if (line.record.has_valid_elapsed()) {
        line.Seconds(line.record.elapsed_ticks());
      } else {
        line.Absent();
      }
    }),
    Of<"user_seconds">(
        [](auto& line) ABSL_ATTRIBUTE_ALWAYS_INLINE { line.Seconds(line.record.user_ticks()); }),
    Of<"system_seconds">(
        [](auto& line) ABSL_ATTRIBUTE_ALWAYS_INLINE { line.Seconds(line.record.system_ticks()); }),
    Of<"cpu_seconds">([](auto& line) ABSL_ATTRIBUTE_ALWAYS_INLINE {
      line.Seconds(line.record.user_ticks() + line.record.system_ticks());
    }),
    Of<"memory_kib">(
        [](auto& line) ABSL_ATTRIBUTE_ALWAYS_INLINE { line.out.Number(line.record.memory_kib()); }),
    Of<"io">([](auto& line) ABSL_ATTRIBUTE_ALWAYS_INLINE { line.out.Digit(line.record.io()); }),
    Of<"blocks">([](auto& line)
                     ABSL_ATTRIBUTE_ALWAYS_INLINE { line.out.Digit(line.record.blocks()); }),
    Of<"minor_faults">([](auto& line) ABSL_ATTRIBUTE_ALWAYS_INLINE {
      line.out.Number(line.record.minor_faults());
    }),
    Of<"major_faults">([](auto& line) ABSL_ATTRIBUTE_ALWAYS_INLINE {
      line.out.Digit(line.record.major_faults());
    }),
    Of<"swaps">([](auto& line)
                    ABSL_ATTRIBUTE_ALWAYS_INLINE { line.out.Digit(line.record.swaps()); }));

inline std::vector<std::string> CsvNames() {
  std::vector<std::string> names;
  const auto add = [&](std::pair<absl::string_view, absl::string_view> of_column) {
    names.emplace_back(of_column.first);
    if (!of_column.second.empty()) names.emplace_back(of_column.second);
  };
  std::apply([&](const auto&... column) { (add(column.kNames), ...); }, kColumns);
  return names;
}

inline std::string DelimitedHeader(absl::string_view separator) {
  return absl::StrJoin(CsvNames(), separator) + "\n";
}

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_LINES_RECORD_COLUMNS_H_
