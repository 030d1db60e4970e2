#include "notify/record_lines.h"

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "acct/byte_order.h"
#include "acct/exact_time.h"
#include "acct/layout.h"
#include "acct/record_v3_view.h"
#include "acct/record_view.h"
#include "acct/units.h"
#include "aggregate/calendar.h"
#include "aggregate/grouping.h"
#include "aggregate/period.h"
#include "nlohmann/json.hpp"
#include "notify/csv.h"
#include "notify/labels.h"
#include "notify/text.h"

namespace cpuagg::notify {
namespace {

using aggregate::CommandBits;
using aggregate::LineWriter;

// What wait(2) packs into an exit code.
uint32_t SignalOf(uint32_t exit_code) { return exit_code & 0x7f; }
uint32_t StatusOf(uint32_t exit_code) { return exit_code >> 8; }

template <typename Record>
ABSL_ATTRIBUTE_ALWAYS_INLINE inline uint64_t EndOf(const Record& record) {
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

// `absent` stands for what a version does not have.
template <size_t kWidth = 0>
ABSL_ATTRIBUTE_ALWAYS_INLINE inline void WriteNumber(std::optional<uint32_t> number,
                                                     absl::string_view absent, LineWriter& line) {
  if (number.has_value()) {
    line.Number<kWidth>(*number);
  } else {
    line.RightAligned(absent, kWidth);
  }
}

// Whether a command stands for itself in every form.
bool IsPlain(const CommandBits& command) {
  // Eight bytes at once. Of the bytes for which a test is true the first is found for sure, and so
  // it is whether there are any.
  constexpr uint64_t kOnes = 0x0101'0101'0101'0101;
  constexpr uint64_t kHigh = kOnes * 0x80;
  const auto has_below = [](uint64_t word, uint64_t limit) {
    return (word - kOnes * limit) & ~word & kHigh;
  };
  const auto has = [&](uint64_t word, uint64_t c) { return has_below(word ^ kOnes * c, 1); };
  const auto special = [&](uint64_t bytes) {
    // Zeros, which are behind the command alone, count as spaces.
    const uint64_t zeros = ~(((bytes & ~kHigh) + ~kHigh) | bytes) & kHigh;
    const uint64_t word = bytes | zeros >> 2;
    return (word & kHigh) | has_below(word, ' ') | has(word, 0x7f) | has(word, '"') |
           has(word, ',') | has(word, ';') | has(word, '\\');
  };
  // What a spreadsheet would take for a formula (notify/csv.h).
  const char first = *reinterpret_cast<const char*>(command.data());
  const bool is_formula = first == '=' || first == '+' || first == '-' || first == '@';
  return !is_formula && (special(command[0]) | special(command[1])) == 0;
}

std::string Quoted(absl::string_view bytes) {
  return nlohmann::json(IsUtf8(bytes) ? std::string(bytes) : Printable(bytes)).dump();
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

std::string RecordLines::Header() const {
  switch (form_) {
    case Form::kTable:
      return "BEGIN                END                      ELAPSED    USER SECS     SYS SECS "
             "USER             GROUP                PID     PPID TTY      COMMAND           EXIT "
             "SIG  MEMORY KIB           IO       BLOCKS       MINFLT   MAJFLT    SWAPS FLAGS\n";
    case Form::kCsv:
      return "file,offset,version,byte_order,flags,uid,user,gid,group,pid,ppid,tty,command,"
             "exit_status,signal,begin,end,elapsed_seconds,user_seconds,system_seconds,"
             "cpu_seconds,memory_kib,io,blocks,minor_faults,major_faults,swaps\n";
    case Form::kJson:
      break;
  }
  return "";
}

struct RecordLines::Cells {
  const std::string& file;
  const std::string& user;
  const std::string& group;
  const std::string& tty;
  const std::string& flags;
  CommandBits command;
  std::string special_command;  // instead of it, if it does not stand for itself

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
  if (!IsPlain(cells.command)) cells.special_command = Cell(aggregate::CommandText(cells.command));
  return cells;
}

template <typename Record>
void RecordLines::Append(const Record& original, uint64_t offset, absl::string_view file,
                         std::string& text) {
  // One that nothing refers to stays in registers while characters are written.
  const Record record = original;
  // Of numbers, times and JSON's names together.
  constexpr size_t kMost = 1024;
  const Cells cells = CellsOf(record, file);
  const size_t most = kMost + cells.size() + LineWriter::kOverhang;
  if (room_.size() < most) room_.resize(most);
  LineWriter line(absl::MakeSpan(room_));
  switch (form_) {
    case Form::kTable:
      WriteTable(record, cells, line);
      break;
    case Form::kCsv:
      WriteCsv(record, cells, offset, line);
      break;
    case Form::kJson:
      WriteJson(record, cells, offset, line);
      break;
  }
  line.AppendTo(text);
}

std::string RecordLines::Cell(absl::string_view bytes) const {
  switch (form_) {
    case Form::kTable:
      return Printable(bytes);
    case Form::kCsv:
      return CsvField(Printable(bytes));
    case Form::kJson:
      return Quoted(bytes);
  }
  return "";
}

std::string RecordLines::AccountCell(uint32_t id, const std::optional<std::string>& name,
                                     absl::string_view kind) const {
  switch (form_) {
    case Form::kTable:
      return LeftAligned(name.has_value() ? Cell(*name) : absl::StrCat(id), 16);
    case Form::kCsv:
      return absl::StrCat(id, ",", name.has_value() ? Cell(*name) : "");
    case Form::kJson:
      return absl::StrCat(id, ",\"", kind, "\":", name.has_value() ? Cell(*name) : "null");
  }
  return "";
}

std::string RecordLines::TtyCell(uint16_t tty) const {
  switch (form_) {
    case Form::kTable:
      return LeftAligned(tty == 0 ? "-" : TtyName(tty), 8);
    case Form::kCsv:
      return TtyName(tty);
    case Form::kJson:
      return tty == 0 ? "null" : absl::StrCat("\"", TtyName(tty), "\"");
  }
  return "";
}

std::string RecordLines::FlagsCell(uint8_t flags) const {
  switch (form_) {
    case Form::kTable:
      return flags == 0 ? "-" : FlagNames(flags, ",");
    case Form::kCsv:
      return FlagNames(flags, "|") + ",";
    case Form::kJson:
      return flags == 0 ? "[]" : absl::StrCat("[\"", FlagNames(flags, "\",\""), "\"]");
  }
  return "";
}

RecordLines::Hour RecordLines::HourAt(uint64_t seconds) const {
  const absl::TimeZone zone = form_ == Form::kTable ? zone_ : absl::UTCTimeZone();
  const aggregate::Period period = PeriodOf(
      aggregate::CalendarUnit::kHour, absl::FromUnixSeconds(static_cast<int64_t>(seconds)), zone);
  const absl::CivilSecond civil = absl::ToCivilSecond(period.begin, zone);
  const std::string date =
      absl::StrCat(absl::FormatCivilTime(absl::CivilDay(civil)), form_ == Form::kTable ? " " : "T");
  Hour hour = {.begin = static_cast<uint64_t>(absl::ToUnixSeconds(period.begin)),
               .seconds = static_cast<uint64_t>(absl::ToInt64Seconds(period.end - period.begin)),
               .day_seconds = static_cast<uint64_t>(civil.hour() * 3600 + civil.minute() * 60 +
                                                    civil.second()),
               .date_bytes = date.size()};
  // An elapsed time is not as long that the year would have more digits than there is room for.
  date.copy(hour.date.data(), hour.date.size());
  return hour;
}

ABSL_ATTRIBUTE_ALWAYS_INLINE inline void RecordLines::WriteTime(uint64_t seconds,
                                                                LineWriter& line) {
  // Few hours begin but at a quarter of an hour.
  Hour& hour = hours_[seconds / 900 % hours_.size()];
  // An hour that began before 1970 has a beginning beyond all others, and the difference is right.
  if (seconds - hour.begin >= hour.seconds) [[unlikely]]
    hour = HourAt(seconds);
  const uint64_t clock = hour.day_seconds + (seconds - hour.begin);
  line.Text(hour.date, hour.date_bytes);
  line.Clock(clock);
}

template <typename Record>
ABSL_ATTRIBUTE_ALWAYS_INLINE inline void RecordLines::WriteTable(const Record& record,
                                                                 const Cells& cells,
                                                                 LineWriter& line) {
  const uint32_t rate = record.rate();
  WriteTime(record.begin_time(), line);
  line.Literal("  ");
  WriteTime(EndOf(record), line);
  line.Char(' ');
  if (record.has_valid_elapsed()) {
    WriteSeconds<12>(record.elapsed_ticks(), rate, line);
  } else {
    line.RightAligned("?", 12);
  }
  line.Char(' ');
  WriteSeconds<12>(record.user_ticks(), rate, line);
  line.Char(' ');
  WriteSeconds<12>(record.system_ticks(), rate, line);
  line.Char(' ');
  line.Text(cells.user);
  line.Char(' ');
  line.Text(cells.group);
  line.Char(' ');
  WriteNumber<8>(record.pid(), "-", line);
  line.Char(' ');
  WriteNumber<8>(record.ppid(), "-", line);
  line.Char(' ');
  line.Text(cells.tty);
  line.Char(' ');
  if (cells.special_command.empty()) {
    line.PaddedCommand(cells.command);
  } else {
    line.Text(LeftAligned(cells.special_command, acct::kCommandBytes));
  }
  line.Char(' ');
  line.Number<5>(StatusOf(record.exit_code()));
  line.Char(' ');
  line.Number<3>(SignalOf(record.exit_code()));
  line.Char(' ');
  line.Number<11>(record.memory_kib());
  line.Char(' ');
  line.Number<12>(record.io());
  line.Char(' ');
  line.Number<12>(record.blocks());
  line.Char(' ');
  line.Number<12>(record.minor_faults());
  line.Char(' ');
  line.Number<8>(record.major_faults());
  line.Char(' ');
  line.Number<8>(record.swaps());
  line.Char(' ');
  line.Text(cells.flags);
  line.Char('\n');
}

template <typename Record>
ABSL_ATTRIBUTE_ALWAYS_INLINE inline void RecordLines::WriteCsv(const Record& record,
                                                               const Cells& cells, uint64_t offset,
                                                               LineWriter& line) {
  const uint32_t rate = record.rate();
  const uint64_t user = record.user_ticks();
  const uint64_t system = record.system_ticks();
  line.Text(cells.file);
  line.Char(',');
  line.Number(offset);
  line.Char(',');
  line.Char(static_cast<char>('0' + record.version()));
  line.Char(',');
  WriteOrder(record, line);
  line.Char(',');
  line.Text(cells.flags);
  line.Text(cells.user);
  line.Char(',');
  line.Text(cells.group);
  line.Char(',');
  WriteNumber(record.pid(), "", line);
  line.Char(',');
  WriteNumber(record.ppid(), "", line);
  line.Char(',');
  line.Text(cells.tty);
  line.Char(',');
  if (cells.special_command.empty()) {
    line.Command(cells.command);
  } else {
    line.Text(cells.special_command);
  }
  line.Char(',');
  line.Digit(StatusOf(record.exit_code()));
  line.Char(',');
  line.Digit(SignalOf(record.exit_code()));
  line.Char(',');
  WriteTime(record.begin_time(), line);
  line.Literal("Z,");
  WriteTime(EndOf(record), line);
  line.Literal("Z,");
  if (record.has_valid_elapsed()) WriteSeconds(record.elapsed_ticks(), rate, line);
  line.Char(',');
  WriteSeconds(user, rate, line);
  line.Char(',');
  WriteSeconds(system, rate, line);
  line.Char(',');
  WriteSeconds(user + system, rate, line);
  line.Char(',');
  line.Number(record.memory_kib());
  line.Char(',');
  line.Digit(record.io());
  line.Char(',');
  line.Digit(record.blocks());
  line.Char(',');
  line.Number(record.minor_faults());
  line.Char(',');
  line.Digit(record.major_faults());
  line.Char(',');
  line.Digit(record.swaps());
  line.Char('\n');
}

template <typename Record>
ABSL_ATTRIBUTE_ALWAYS_INLINE inline void RecordLines::WriteJson(const Record& record,
                                                                const Cells& cells, uint64_t offset,
                                                                LineWriter& line) {
  const uint32_t rate = record.rate();
  const uint64_t user = record.user_ticks();
  const uint64_t system = record.system_ticks();
  line.Literal("{\"file\":");
  line.Text(cells.file);
  line.Literal(",\"offset\":");
  line.Number(offset);
  line.Literal(",\"version\":");
  line.Char(static_cast<char>('0' + record.version()));
  line.Literal(",\"byte_order\":\"");
  WriteOrder(record, line);
  line.Literal("\",\"flags\":");
  line.Text(cells.flags);
  line.Literal(",\"uid\":");
  line.Text(cells.user);
  line.Literal(",\"gid\":");
  line.Text(cells.group);
  line.Literal(",\"pid\":");
  WriteNumber(record.pid(), "null", line);
  line.Literal(",\"ppid\":");
  WriteNumber(record.ppid(), "null", line);
  line.Literal(",\"tty\":");
  line.Text(cells.tty);
  line.Literal(",\"command\":");
  if (cells.special_command.empty()) {
    line.Char('"');
    line.Command(cells.command);
    line.Char('"');
  } else {
    line.Text(cells.special_command);
  }
  line.Literal(",\"exit_status\":");
  line.Digit(StatusOf(record.exit_code()));
  line.Literal(",\"signal\":");
  line.Digit(SignalOf(record.exit_code()));
  line.Literal(",\"begin\":\"");
  WriteTime(record.begin_time(), line);
  line.Literal("Z\",\"end\":\"");
  WriteTime(EndOf(record), line);
  line.Literal("Z\",\"elapsed_seconds\":");
  if (record.has_valid_elapsed()) {
    WriteSeconds(record.elapsed_ticks(), rate, line);
  } else {
    line.Literal("null");
  }
  line.Literal(",\"user_seconds\":");
  WriteSeconds(user, rate, line);
  line.Literal(",\"system_seconds\":");
  WriteSeconds(system, rate, line);
  line.Literal(",\"cpu_seconds\":");
  WriteSeconds(user + system, rate, line);
  line.Literal(",\"memory_kib\":");
  line.Number(record.memory_kib());
  line.Literal(",\"io\":");
  line.Digit(record.io());
  line.Literal(",\"blocks\":");
  line.Digit(record.blocks());
  line.Literal(",\"minor_faults\":");
  line.Number(record.minor_faults());
  line.Literal(",\"major_faults\":");
  line.Digit(record.major_faults());
  line.Literal(",\"swaps\":");
  line.Digit(record.swaps());
  line.Literal("}\n");
}

template void RecordLines::Append(const acct::RecordView& record, uint64_t offset,
                                  absl::string_view file, std::string& text);
template void RecordLines::Append(const acct::RecordV3View& record, uint64_t offset,
                                  absl::string_view file, std::string& text);

}  // namespace cpuagg::notify
