#include "notify/lines/record_lines.h"

#include <array>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "acct/record/layout.h"
#include "acct/record/record_v3_view.h"
#include "acct/record/record_view.h"
#include "acct/record/units.h"
#include "aggregate/usage/calendar.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"
#include "notify/lines/markdown_header.h"
#include "notify/lines/record_columns.h"
#include "notify/render/csv.h"
#include "notify/render/markdown.h"
#include "notify/render/tsv.h"
#include "notify/words/fitted_text.h"
#include "notify/words/json_string.h"
#include "notify/words/process_names.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

using aggregate::CommandBits;
// Whether a command can be written unchanged in every form.
bool IsPlain(const CommandBits& command) {
  // Tests eight bytes at once. In each test, the first byte that matches is always found, but later
  // ones may be wrong. So the result is right for "any".
  constexpr uint64_t kOnes = 0x0101'0101'0101'0101;
  constexpr uint64_t kHigh = kOnes * 0x80;
  const auto has_below = [](uint64_t word, uint64_t limit) {
    return (word - kOnes * limit) & ~word & kHigh;
  };
  const auto has = [&](uint64_t word, uint64_t c) { return has_below(word ^ kOnes * c, 1); };
  const auto special = [&](uint64_t bytes) {
    // Zeros appear only after the command. They count as spaces.
    const uint64_t zeros = ~(((bytes & ~kHigh) + ~kHigh) | bytes) & kHigh;
    const uint64_t word = bytes | zeros >> 2;
    return (word & kHigh) | has_below(word, ' ') | has(word, 0x7f) | has(word, '"') |
           has(word, ',') | has(word, ';') | has(word, '\\');
  };
  // A spreadsheet would take it for a formula (notify/render/csv.h).
  const char first = *reinterpret_cast<const char*>(command.data());
  const bool is_formula = first == '=' || first == '+' || first == '-' || first == '@';
  return !is_formula && (special(command[0]) | special(command[1])) == 0;
}

// Between two columns, of CSV and TSV.
absl::string_view SeparatorOf(RecordLines::Form form) {
  return form == RecordLines::Form::kTsv ? "\t" : ",";
}

}  // namespace

std::string FlagNames(uint8_t flags, absl::string_view separator) {
  constexpr std::array<const char*, 6> kNames = {"fork", "su", "compat", "core", "signal", "group"};
  std::vector<std::string> names;
  for (size_t bit = 0; bit < kNames.size(); ++bit) {
    if ((flags >> bit & 1) != 0) names.emplace_back(kNames[bit]);
  }
  if (const int unknown = flags >> kNames.size() << kNames.size(); unknown != 0) {
    names.push_back(absl::StrFormat("0x%02x", unknown));
  }
  return absl::StrJoin(names, separator);
}

std::vector<std::string> RecordCsvNames() { return CsvNames(); }

struct RecordLines::Cells {
  const std::string& file;
  const std::string& user;
  const std::string& group;
  const std::string& tty;
  const std::string& flags;
  CommandBits command;
  std::string special_command;  // instead of `command`, if that cannot be written unchanged

  size_t size() const {
    return file.size() + user.size() + group.size() + tty.size() + flags.size() + sizeof command +
           special_command.size();
  }
};

template <typename Record>
ABSL_ATTRIBUTE_ALWAYS_INLINE inline RecordLines::Cells RecordLines::CellsOf(
    const Record& record, absl::string_view file) {
  if (file_cell_.empty() || file != file_) {
    file_ = std::string(file);
    file_cell_ = Cell(file);
  }
  std::string& flags = flags_[record.flags()];
  if (flags.empty()) flags = FlagsCell(record.flags());
  const acct::Uid uid = record.uid();
  const acct::Gid gid = record.gid();
  Cells cells = {
      .file = file_cell_,
      .user = users_.Get(uid.value(),
                         [&] {
                           return AccountCell(uid.value(),
                                              names_.NameOf(uid).value_or(std::nullopt), "user");
                         }),
      .group = groups_.Get(gid.value(),
                           [&] {
                             return AccountCell(gid.value(),
                                                names_.NameOf(gid).value_or(std::nullopt), "group");
                           }),
      .tty = ttys_.Get(record.tty(), [&] { return TtyCell(record.tty()); }),
      .flags = flags,
      .command = aggregate::CommandBitsOf(record.raw_command())};
  if (form_ == Form::kMarkdown || !IsPlain(cells.command))
    cells.special_command = Cell(aggregate::CommandText(cells.command));
  return cells;
}

std::string RecordLines::Cell(absl::string_view bytes) const {
  switch (form_) {
    case Form::kTable:
      return is_ascii_ ? AsciiName(Printable(bytes)) : Printable(bytes);
    case Form::kCsv:
      return CsvField(Printable(bytes));
    case Form::kTsv:
      return TsvField(bytes);
    case Form::kJson:
      return JsonString(bytes);
    case Form::kMarkdown:
      return MarkdownText(is_ascii_ ? AsciiName(Printable(bytes)) : std::string(bytes));
  }
  return "";
}

std::string RecordLines::AccountCell(uint32_t id, const std::optional<std::string>& name,
                                     absl::string_view kind) const {
  switch (form_) {
    case Form::kTable:
    case Form::kMarkdown:
      return LeftAligned(name.has_value() ? Cell(*name) : absl::StrCat(id), 16);
    case Form::kCsv:
    case Form::kTsv:
      return absl::StrCat(id, SeparatorOf(form_), name.has_value() ? Cell(*name) : "");
    case Form::kJson:
      return absl::StrCat(id, ",\"", kind, "\":", name.has_value() ? Cell(*name) : "null");
  }
  return "";
}

std::string RecordLines::TtyCell(uint16_t tty) const {
  switch (form_) {
    case Form::kTable:
    case Form::kMarkdown:
      return LeftAligned(tty == 0 ? "-" : TtyName(tty), 8);
    case Form::kCsv:
    case Form::kTsv:
      return TtyName(tty);
    case Form::kJson:
      return tty == 0 ? "null" : absl::StrCat("\"", TtyName(tty), "\"");
  }
  return "";
}

std::string RecordLines::FlagsCell(uint8_t flags) const {
  switch (form_) {
    case Form::kTable:
    case Form::kMarkdown:
      return flags == 0 ? "-" : FlagNames(flags, ",");
    case Form::kCsv:
    case Form::kTsv:
      return FlagNames(flags, "|");
    case Form::kJson:
      return flags == 0 ? "[]" : absl::StrCat("[\"", FlagNames(flags, "\",\""), "\"]");
  }
  return "";
}

RecordLines::Hour RecordLines::HourAt(uint64_t seconds) const {
  const bool is_for_people = form_ == Form::kTable || form_ == Form::kMarkdown;
  const absl::TimeZone zone = is_for_people ? zone_ : absl::UTCTimeZone();
  const aggregate::Period period = PeriodOf(
      aggregate::CalendarUnit::kHour, absl::FromUnixSeconds(static_cast<int64_t>(seconds)), zone);
  const absl::CivilSecond civil = absl::ToCivilSecond(period.begin, zone);
  const std::string date =
      absl::StrCat(absl::FormatCivilTime(absl::CivilDay(civil)), is_for_people ? " " : "T");
  Hour hour = {.begin = static_cast<uint64_t>(absl::ToUnixSeconds(period.begin)),
               .seconds = static_cast<uint64_t>(absl::ToInt64Seconds(period.end - period.begin)),
               .day_seconds = static_cast<uint64_t>(civil.hour() * 3600 + civil.minute() * 60 +
                                                    civil.second()),
               .date_bytes = date.size()};
  // Elapsed times are limited, so that the year never has more digits than there is room for.
  date.copy(hour.date.data(), hour.date.size());
  return hour;
}

ABSL_ATTRIBUTE_ALWAYS_INLINE inline void RecordLines::WriteTime(uint64_t seconds,
                                                                LineWriter& line) {
  // Nearly all hours begin at a quarter of an hour.
  Hour& hour = hours_[seconds / 900 % hours_.size()];
  // Unsigned arithmetic: an hour that began before 1970 has a huge `begin`, but the difference is
  // right.
  if (seconds - hour.begin >= hour.seconds) [[unlikely]]
    hour = HourAt(seconds);
  const uint64_t clock = hour.day_seconds + (seconds - hour.begin);
  line.Text(hour.date, hour.date_bytes);
  line.Clock(clock);
}

template <RecordLines::Form kForm, typename Record>
ABSL_ATTRIBUTE_ALWAYS_INLINE inline void RecordLines::WriteTable(const Record& record,
                                                                 const Cells& cells,
                                                                 LineWriter& line) {
  constexpr bool kIsMarkdown = kForm == Form::kMarkdown;
  // Between two columns.
  const auto gap = [&]() ABSL_ATTRIBUTE_ALWAYS_INLINE {
    if constexpr (kIsMarkdown) {
      line.Literal(" | ");
    } else {
      line.Char(' ');
    }
  };
  const uint32_t rate = record.rate();
  if constexpr (kIsMarkdown) line.Literal("| ");
  WriteTime(record.begin_time(), line);
  if constexpr (!kIsMarkdown) line.Char(' ');
  gap();
  WriteTime(EndSecond(record), line);
  gap();
  if (record.has_valid_elapsed()) {
    WriteSeconds<12>(record.elapsed_ticks(), rate, line);
  } else {
    line.RightAligned("?", 12);
  }
  gap();
  WriteSeconds<12>(record.user_ticks(), rate, line);
  gap();
  WriteSeconds<12>(record.system_ticks(), rate, line);
  gap();
  line.Text(cells.user);
  gap();
  line.Text(cells.group);
  gap();
  WriteNumber<8>(record.pid(), "-", line);
  gap();
  WriteNumber<8>(record.ppid(), "-", line);
  gap();
  line.Text(cells.tty);
  gap();
  if (cells.special_command.empty()) {
    line.PaddedCommand(cells.command);
  } else {
    line.Text(LeftAligned(cells.special_command, acct::kCommandBytes));
  }
  gap();
  line.Number<5>(acct::StatusOf(record.exit_code()));
  gap();
  line.Number<3>(acct::SignalOf(record.exit_code()));
  gap();
  line.Number<11>(record.memory_kib());
  gap();
  line.Number<12>(record.io());
  gap();
  line.Number<12>(record.blocks());
  gap();
  line.Number<12>(record.minor_faults());
  gap();
  line.Number<8>(record.major_faults());
  gap();
  line.Number<8>(record.swaps());
  gap();
  line.Text(cells.flags);
  if constexpr (kIsMarkdown) line.Literal(" |");
  line.Char('\n');
}

// A line of CSV, TSV or JSON being written: the source of the columns' values, and the functions
// that differ between the forms.
template <RecordLines::Form kForm, typename Record>
struct RecordLines::Line {
  static constexpr bool kIsJson = kForm == Form::kJson;
  static constexpr char kSeparator = kForm == Form::kTsv ? '\t' : ',';

  RecordLines& lines;
  const Record record;  // a copy, which can stay in registers because nothing refers to it
  const Cells& cells;
  uint64_t offset;
  LineWriter& out;

  ABSL_ATTRIBUTE_ALWAYS_INLINE void Seconds(uint64_t ticks) {
    WriteSeconds(ticks, record.rate(), out);
  }
  // For a field that not every version has.
  ABSL_ATTRIBUTE_ALWAYS_INLINE void Optional(std::optional<uint32_t> number) {
    WriteNumber(number, kIsJson ? "null" : "", out);
  }
  ABSL_ATTRIBUTE_ALWAYS_INLINE void Absent() {
    if constexpr (kIsJson) out.Literal("null");
  }
  ABSL_ATTRIBUTE_ALWAYS_INLINE void Quote() {
    if constexpr (kIsJson) out.Char('"');
  }
  ABSL_ATTRIBUTE_ALWAYS_INLINE void Time(uint64_t seconds) {
    Quote();
    lines.WriteTime(seconds, out);
    out.Char('Z');
    Quote();
  }
};

template <RecordLines::Form kForm, typename Record>
ABSL_ATTRIBUTE_ALWAYS_INLINE inline void RecordLines::WriteColumns(const Record& record,
                                                                   const Cells& cells,
                                                                   uint64_t offset,
                                                                   LineWriter& out) {
  Line<kForm, Record> line = {
      .lines = *this, .record = record, .cells = cells, .offset = offset, .out = out};
  // Not std::apply(), because the compiler does not inline it: then the line would not stay in
  // registers.
  [&]<size_t... kIndexes>(std::index_sequence<kIndexes...>) ABSL_ATTRIBUTE_ALWAYS_INLINE {
    (std::get<kIndexes>(kColumns).template WriteTo<kIndexes == 0>(line), ...);
  }
  (std::make_index_sequence<std::tuple_size_v<decltype(kColumns)>>());
  if constexpr (kForm == Form::kJson) out.Char('}');
  out.Char('\n');
}

std::string RecordLines::Header() const {
  switch (form_) {
    case Form::kTable:
      return "BEGIN                END                      ELAPSED    USER SECS     SYS SECS "
             "USER             GROUP                PID     PPID TTY      COMMAND           EXIT "
             "SIG  MEMORY KIB           IO       BLOCKS       MINFLT   MAJFLT    SWAPS FLAGS\n";
    case Form::kCsv:
    case Form::kTsv:
      return DelimitedHeader(SeparatorOf(form_));
    case Form::kMarkdown:
      return MarkdownHeader();
    case Form::kJson:
      break;
  }
  return "";
}

template <typename Record>
void RecordLines::Append(const Record& original, uint64_t offset, absl::string_view file,
                         std::string& text) {
  // A copy that nothing refers to stays in registers while characters are written.
  const Record record = original;
  // For all numbers, times and JSON names together.
  constexpr size_t kMost = 1024;
  const Cells cells = CellsOf(record, file);
  const size_t most = kMost + cells.size() + LineWriter::kOverhang;
  if (room_.size() < most) room_.resize(most);
  LineWriter line(absl::MakeSpan(room_));
  switch (form_) {
    case Form::kTable:
      WriteTable<Form::kTable>(record, cells, line);
      break;
    case Form::kCsv:
      WriteColumns<Form::kCsv>(record, cells, offset, line);
      break;
    case Form::kTsv:
      WriteColumns<Form::kTsv>(record, cells, offset, line);
      break;
    case Form::kJson:
      WriteColumns<Form::kJson>(record, cells, offset, line);
      break;
    case Form::kMarkdown:
      WriteTable<Form::kMarkdown>(record, cells, line);
      break;
  }
  line.AppendTo(text);
}

template void RecordLines::Append(const acct::RecordView& record, uint64_t offset,
                                  absl::string_view file, std::string& text);
template void RecordLines::Append(const acct::RecordV3View& record, uint64_t offset,
                                  absl::string_view file, std::string& text);

}  // namespace cpuagg::notify
