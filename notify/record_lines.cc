#include "notify/record_lines.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "acct/byte_order.h"
#include "acct/exact_time.h"
#include "nlohmann/json.hpp"
#include "notify/csv.h"
#include "notify/labels.h"
#include "notify/text.h"

namespace cpuagg::notify {
namespace {

using acct::RecordView;

void AppendNumber(uint64_t number, std::string& text) {
  std::array<char, 20> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  text.append(digits.data(), end);
}

void AppendTwoDigits(uint64_t number, std::string& text) {
  text += static_cast<char>('0' + number / 10);
  text += static_cast<char>('0' + number % 10);
}

void AppendSeconds(uint64_t ticks, uint32_t rate, std::string& text) {
  if (rate != acct::kTicksPerSecond) {
    text += ExactSeconds(acct::ExactTime::Of(ticks, rate));
    return;
  }
  AppendNumber(ticks / 100, text);
  text += '.';
  AppendTwoDigits(ticks % 100, text);
}

// What wait(2) packs into an exit code.
uint32_t SignalOf(uint32_t exit_code) { return exit_code & 0x7f; }
uint32_t StatusOf(uint32_t exit_code) { return exit_code >> 8; }

int64_t EndOf(const RecordView& record) { return record.end_hundredths() / 100; }

const char* OrderName(const RecordView& record) {
  return record.byte_order() == acct::ByteOrder::kBig ? "big" : "little";
}

absl::string_view CommandOf(const RecordView& record) {
  const absl::Span<const uint8_t> raw = record.raw_command();
  const auto end = std::find(raw.begin(), raw.end(), 0);
  return {reinterpret_cast<const char*>(raw.data()), static_cast<size_t>(end - raw.begin())};
}

// Whether a text stands for itself in every form.
bool IsPlain(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c >= ' ' && c <= '~' && c != '"' && c != ',' && c != '\\';
  });
}

std::string Quoted(absl::string_view bytes) {
  return nlohmann::json(IsUtf8(bytes) ? std::string(bytes) : Printable(bytes)).dump();
}

// Members of a JSON object.
class Members {
 public:
  explicit Members(std::string& text) : text_(text) { text_ += '{'; }

  std::string& Name(const char* name) {
    if (text_.back() != '{') text_ += ',';
    text_ += '"';
    text_ += name;
    text_ += "\":";
    return text_;
  }
  void Number(const char* name, uint64_t number) { AppendNumber(number, Name(name)); }
  void Number(const char* name, std::optional<uint32_t> number) {
    if (number.has_value()) {
      Number(name, uint64_t{*number});
    } else {
      Name(name) += "null";
    }
  }
  void Seconds(const char* name, uint64_t ticks, uint32_t rate) {
    AppendSeconds(ticks, rate, Name(name));
  }
  void Text(const char* name, absl::string_view text) {
    Name(name) += '"';
    text_.append(text.data(), text.size());
    text_ += '"';
  }

 private:
  std::string& text_;
};

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

void RecordLines::Append(const RecordView& record, uint64_t offset, absl::string_view file,
                         std::string& text) {
  switch (form_) {
    case Form::kTable:
      return AppendTable(record, text);
    case Form::kCsv:
      return AppendCsv(record, offset, file, text);
    case Form::kJson:
      return AppendJson(record, offset, file, text);
  }
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

const std::string& RecordLines::UserCell(acct::Uid uid) {
  const auto [place, is_new] = users_.try_emplace(uid);
  if (is_new) {
    const std::optional<std::string> name = names_.NameOf(uid);
    if (name.has_value()) {
      place->second = Cell(*name);
    } else if (form_ != Form::kCsv) {
      place->second = form_ == Form::kJson ? "null" : absl::StrCat(uid.value());
    }
  }
  return place->second;
}

const std::string& RecordLines::GroupCell(acct::Gid gid) {
  const auto [place, is_new] = groups_.try_emplace(gid);
  if (is_new) {
    const std::optional<std::string> name = names_.NameOf(gid);
    if (name.has_value()) {
      place->second = Cell(*name);
    } else if (form_ != Form::kCsv) {
      place->second = form_ == Form::kJson ? "null" : absl::StrCat(gid.value());
    }
  }
  return place->second;
}

const std::string& RecordLines::FileCell(absl::string_view file) {
  if (file != file_ || file_cell_.empty()) {
    file_ = std::string(file);
    file_cell_ = Cell(file);
  }
  return file_cell_;
}

const std::string& RecordLines::FlagsCell(uint8_t flags) {
  std::string& cell = flags_cells_[flags];
  if (!cell.empty()) return cell;
  switch (form_) {
    case Form::kTable:
      cell = FlagNames(flags, ",");
      break;
    case Form::kCsv:
      cell = FlagNames(flags, "|");
      break;
    case Form::kJson:
      cell = absl::StrCat("[\"", FlagNames(flags, "\",\""), "\"]");
      break;
  }
  return cell;
}

void RecordLines::AppendCommand(const RecordView& record, std::string& text) const {
  const absl::string_view command = CommandOf(record);
  if (!IsPlain(command)) {
    text += Cell(command);
    return;
  }
  if (form_ == Form::kJson) text += '"';
  text.append(command.data(), command.size());
  if (form_ == Form::kJson) text += '"';
}

void RecordLines::AppendTime(int64_t seconds, std::string& text) {
  constexpr int64_t kSeconds = 900;
  const int64_t begin = seconds - (seconds % kSeconds + kSeconds) % kSeconds;
  Quarter& quarter = quarters_[static_cast<uint64_t>(begin / kSeconds) % quarters_.size()];
  if (begin != quarter.begin) {
    const absl::TimeZone zone = form_ == Form::kTable ? zone_ : absl::UTCTimeZone();
    const absl::TimeZone::CivilInfo civil = zone.At(absl::FromUnixSeconds(begin));
    quarter = {.begin = begin,
               .day_seconds = civil.cs.hour() * 3600 + civil.cs.minute() * 60 + civil.cs.second(),
               .date = absl::FormatCivilTime(absl::CivilDay(civil.cs))};
  }
  const auto time = static_cast<uint64_t>(quarter.day_seconds + seconds - begin);
  text += quarter.date;
  text += form_ == Form::kTable ? ' ' : 'T';
  AppendTwoDigits(time / 3600, text);
  text += ':';
  AppendTwoDigits(time / 60 % 60, text);
  text += ':';
  AppendTwoDigits(time % 60, text);
  if (form_ != Form::kTable) text += 'Z';
}

void RecordLines::AppendTable(const RecordView& record, std::string& text) {
  const auto seconds = [&](uint64_t ticks) {
    std::string cell;
    AppendSeconds(ticks, record.rate(), cell);
    return cell;
  };
  const auto number = [](std::optional<uint32_t> value) {
    return value.has_value() ? absl::StrCat(*value) : std::string("-");
  };
  const uint32_t exit_code = record.exit_code();
  const std::string tty = TtyName(record.tty());
  std::string command;
  AppendCommand(record, command);
  AppendTime(record.begin_time(), text);
  text += "  ";
  AppendTime(EndOf(record), text);
  absl::StrAppendFormat(&text, " %12s %12s %12s ",
                        record.has_valid_elapsed() ? seconds(record.elapsed_ticks()) : "?",
                        seconds(record.user_ticks()), seconds(record.system_ticks()));
  absl::StrAppend(&text, LeftAligned(UserCell(record.uid()), 16), " ",
                  LeftAligned(GroupCell(record.gid()), 16));
  absl::StrAppendFormat(&text, " %8s %8s %-8s ", number(record.pid()), number(record.ppid()),
                        tty.empty() ? "-" : tty);
  absl::StrAppend(&text, LeftAligned(command, 16));
  absl::StrAppendFormat(&text, " %5d %3d %11d %12d %12d", StatusOf(exit_code), SignalOf(exit_code),
                        record.memory_kib(), record.io(), record.blocks());
  absl::StrAppendFormat(&text, " %12d %8d %8d", record.minor_faults(), record.major_faults(),
                        record.swaps());
  absl::StrAppend(&text, " ", record.flags() == 0 ? "-" : FlagsCell(record.flags()), "\n");
}

void RecordLines::AppendCsv(const RecordView& record, uint64_t offset, absl::string_view file,
                            std::string& text) {
  const uint32_t rate = record.rate();
  const uint64_t user = record.user_ticks();
  const uint64_t system = record.system_ticks();
  const auto number = [&](std::optional<uint64_t> value) {
    if (value.has_value()) AppendNumber(*value, text);
    text += ',';
  };
  const auto seconds = [&](uint64_t ticks) {
    AppendSeconds(ticks, rate, text);
    text += ',';
  };
  text += FileCell(file);
  text += ',';
  number(offset);
  number(record.version());
  text += OrderName(record);
  text += ',';
  if (record.flags() != 0) text += FlagsCell(record.flags());
  text += ',';
  number(record.uid().value());
  text += UserCell(record.uid());
  text += ',';
  number(record.gid().value());
  text += GroupCell(record.gid());
  text += ',';
  number(record.pid());
  number(record.ppid());
  if (record.tty() != 0) text += TtyName(record.tty());
  text += ',';
  AppendCommand(record, text);
  text += ',';
  number(StatusOf(record.exit_code()));
  number(SignalOf(record.exit_code()));
  AppendTime(record.begin_time(), text);
  text += ',';
  AppendTime(EndOf(record), text);
  text += ',';
  if (record.has_valid_elapsed()) AppendSeconds(record.elapsed_ticks(), rate, text);
  text += ',';
  seconds(user);
  seconds(system);
  seconds(user + system);
  number(record.memory_kib());
  number(record.io());
  number(record.blocks());
  number(record.minor_faults());
  number(record.major_faults());
  AppendNumber(record.swaps(), text);
  text += '\n';
}

void RecordLines::AppendJson(const RecordView& record, uint64_t offset, absl::string_view file,
                             std::string& text) {
  const uint32_t rate = record.rate();
  const uint64_t user = record.user_ticks();
  const uint64_t system = record.system_ticks();
  Members members(text);
  members.Name("file") += FileCell(file);
  members.Number("offset", offset);
  members.Number("version", uint64_t{record.version()});
  members.Text("byte_order", OrderName(record));
  members.Name("flags") += record.flags() == 0 ? "[]" : FlagsCell(record.flags());
  members.Number("uid", uint64_t{record.uid().value()});
  members.Name("user") += UserCell(record.uid());
  members.Number("gid", uint64_t{record.gid().value()});
  members.Name("group") += GroupCell(record.gid());
  members.Number("pid", record.pid());
  members.Number("ppid", record.ppid());
  if (record.tty() == 0) {
    members.Name("tty") += "null";
  } else {
    members.Text("tty", TtyName(record.tty()));
  }
  AppendCommand(record, members.Name("command"));
  members.Number("exit_status", uint64_t{StatusOf(record.exit_code())});
  members.Number("signal", uint64_t{SignalOf(record.exit_code())});
  AppendTime(record.begin_time(), members.Name("begin") += '"');
  text += '"';
  AppendTime(EndOf(record), members.Name("end") += '"');
  text += '"';
  if (record.has_valid_elapsed()) {
    members.Seconds("elapsed_seconds", record.elapsed_ticks(), rate);
  } else {
    members.Name("elapsed_seconds") += "null";
  }
  members.Seconds("user_seconds", user, rate);
  members.Seconds("system_seconds", system, rate);
  members.Seconds("cpu_seconds", user + system, rate);
  members.Number("memory_kib", record.memory_kib());
  members.Number("io", record.io());
  members.Number("blocks", record.blocks());
  members.Number("minor_faults", record.minor_faults());
  members.Number("major_faults", record.major_faults());
  members.Number("swaps", record.swaps());
  text += "}\n";
}

}  // namespace cpuagg::notify
