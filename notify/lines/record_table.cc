#include "notify/lines/record_table.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "acct/record/byte_order.h"
#include "acct/record/exact_time.h"
#include "acct/record/exit_code.h"
#include "acct/record/record_v3_view.h"
#include "acct/record/record_view.h"
#include "aggregate/usage/grouping.h"
#include "notify/lines/record_lines.h"
#include "notify/lines/record_table_columns.h"
#include "notify/lines/status_text.h"
#include "notify/render/markdown.h"
#include "notify/words/fitted_text.h"
#include "notify/words/process_names.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

using internal::Field;
using internal::kKnown;
using internal::Known;

// The least width of a name that is cut.
constexpr size_t kLeastCut = 5;

bool IsCuttable(Field field) {
  return field == Field::kUser || field == Field::kGroup || field == Field::kCommand ||
         field == Field::kFile;
}

std::string Seconds(uint64_t ticks, uint32_t rate) {
  return ExactSeconds(acct::ExactTime::Of(ticks, rate));
}

}  // namespace

std::vector<std::string> RecordColumnNames() {
  std::vector<std::string> names;
  for (const Known& known : kKnown) names.emplace_back(known.name);
  return names;
}

RecordTable::RecordTable(TableStyle style, aggregate::UserDirectory& names, absl::TimeZone zone,
                         Form form)
    : style_(std::move(style)), names_(names), zone_(zone), form_(form) {
  for (const std::string& name : style_.columns) {
    const auto known = std::find_if(std::begin(kKnown), std::end(kKnown),
                                    [&](const Known& k) { return k.name == name; });
    if (known == std::end(kKnown)) continue;
    columns_.push_back(
        {static_cast<size_t>(known - std::begin(kKnown)), std::max(known->width, known->most)});
  }
  if (style_.columns.empty()) {
    ChooseColumns();
  } else if (style_.terminal_columns > 0 && form_ == Form::kText) {
    NarrowNames();
  }
  cells_.resize(columns_.size());
}

void RecordTable::ChooseColumns() {
  const size_t room =
      style_.terminal_columns > 0 ? style_.terminal_columns : TableStyle::kUsualWidth;
  std::array<size_t, std::size(kKnown)> widths = {};
  size_t taken = 0;
  const auto add = [&](size_t index) {
    widths[index] = kKnown[index].width;
    taken += (taken > 0 ? 1 : 0) + kKnown[index].width;
  };
  const auto add_rank = [&](size_t rank) {
    bool fits = true;
    for (size_t i = 0; i < std::size(kKnown); ++i) {
      if (kKnown[i].rank != rank) continue;
      fits = rank == 0 || taken + 1 + kKnown[i].width <= room;
      if (fits) add(i);
    }
    return fits;
  };
  const auto widen = [&](size_t index, size_t most) {
    if (widths[index] == 0 || taken >= room) return;
    const size_t more = std::min(room - taken, most - std::min(most, widths[index]));
    widths[index] += more;
    taken += more;
  };
  constexpr size_t kUsual = 3;
  constexpr size_t kLast = 11;
  size_t rank = 0;
  while (rank <= kUsual && add_rank(rank)) ++rank;
  if (rank > kUsual && style_.terminal_columns > 0) {
    for (size_t i = 0; i < std::size(kKnown); ++i) widen(i, kKnown[i].most);
    while (rank <= kLast && add_rank(rank)) ++rank;
  }
  if (style_.terminal_columns == 0) {
    for (size_t i = 0; i < std::size(kKnown); ++i) {
      if (widths[i] > 0) widths[i] = std::max(widths[i], kKnown[i].most);
    }
  }
  // Of what is left, names get as much as usual ones need.
  constexpr size_t kLongName = 24;
  for (size_t i = 0; i < std::size(kKnown); ++i) {
    const Field field = kKnown[i].field;
    if (field == Field::kUser || field == Field::kGroup) widen(i, kLongName);
    if (field == Field::kCommand) widen(i, kKnown[i].most);
  }
  for (size_t i = 0; i < std::size(kKnown); ++i) {
    if (widths[i] > 0) columns_.push_back({i, widths[i]});
  }
}

void RecordTable::NarrowNames() {
  const auto width = [&] {
    size_t sum = columns_.size() - 1;
    for (const Column& column : columns_) sum += column.width;
    return sum;
  };
  for (size_t excess = width(); excess > style_.terminal_columns; --excess) {
    Column* widest = nullptr;
    for (Column& column : columns_) {
      const Known& known = kKnown[column.index];
      if (!IsCuttable(known.field) || column.width <= known.heading.size()) continue;
      if (widest == nullptr || column.width > widest->width) widest = &column;
    }
    if (widest == nullptr) return;
    --widest->width;
  }
}

std::string RecordTable::Header() const {
  if (form_ == Form::kMarkdown) return MarkdownHeader();
  std::string header;
  for (size_t i = 0; i < columns_.size(); ++i) {
    const Known& known = kKnown[columns_[i].index];
    if (i > 0) header.push_back(' ');
    absl::StrAppend(&header, known.is_number ? RightAligned(known.heading, columns_[i].width)
                             : i + 1 < columns_.size()
                                 ? LeftAligned(known.heading, columns_[i].width)
                                 : std::string(known.heading));
  }
  header.push_back('\n');
  return header;
}

std::string RecordTable::Name(absl::string_view bytes) const {
  std::string name = style_.is_ascii ? AsciiName(Printable(bytes)) : Printable(bytes);
  return form_ == Form::kMarkdown ? MarkdownText(name) : name;
}

void RecordTable::WriteTime(int64_t seconds, std::string& text) {
  // Records of a minute mostly come together.
  if (seconds - minute_begin_ < 0 || seconds - minute_begin_ >= 60 || minute_begin_ < 0) {
    const absl::CivilSecond civil = absl::ToCivilSecond(absl::FromUnixSeconds(seconds), zone_);
    const int64_t begin = seconds - civil.second();
    // Not of a minute in which the clock is changed.
    const bool is_even = absl::ToCivilSecond(absl::FromUnixSeconds(begin), zone_) ==
                             absl::CivilSecond(absl::CivilMinute(civil)) &&
                         absl::ToCivilSecond(absl::FromUnixSeconds(begin + 59), zone_) ==
                             absl::CivilSecond(absl::CivilMinute(civil)) + 59;
    minute_begin_ = is_even ? begin : -1;
    minute_ = absl::FormatTime("%Y-%m-%d %H:%M:", absl::FromUnixSeconds(seconds), zone_);
    absl::StrAppend(&text, minute_, absl::Dec(civil.second(), absl::kZeroPad2));
    return;
  }
  absl::StrAppend(&text, minute_, absl::Dec(seconds - minute_begin_, absl::kZeroPad2));
}

template <typename Record>
void RecordTable::WriteCell(const Record& record, uint64_t offset, absl::string_view file,
                            size_t index, Cell& cell) {
  std::string& text = cell.text;
  text.clear();
  cell.whole.clear();
  const auto optional = [&](std::optional<uint32_t> number) {
    if (number.has_value()) {
      absl::StrAppend(&text, *number);
    } else {
      text = "-";
    }
  };
  switch (kKnown[index].field) {
    case Field::kFile:
      text = Name(file);
      break;
    case Field::kOffset:
      absl::StrAppend(&text, offset);
      break;
    case Field::kVersion:
      absl::StrAppend(&text, record.version());
      break;
    case Field::kByteOrder:
      text = record.byte_order() == acct::ByteOrder::kBig ? "big" : "little";
      break;
    case Field::kBegin:
      WriteTime(record.begin_time(), text);
      break;
    case Field::kEnd:
      WriteTime(record.end_hundredths() / 100, text);
      break;
    case Field::kUid:
      absl::StrAppend(&text, record.uid().value());
      break;
    case Field::kUser: {
      const acct::Uid uid = record.uid();
      text = users_.Get(uid.value(), [&] {
        const std::optional<std::string> name = names_.NameOf(uid).value_or(std::nullopt);
        return name.has_value() ? Name(*name) : absl::StrCat(uid.value());
      });
      break;
    }
    case Field::kGid:
      absl::StrAppend(&text, record.gid().value());
      break;
    case Field::kGroup: {
      const acct::Gid gid = record.gid();
      text = groups_.Get(gid.value(), [&] {
        const std::optional<std::string> name = names_.NameOf(gid).value_or(std::nullopt);
        return name.has_value() ? Name(*name) : absl::StrCat(gid.value());
      });
      break;
    }
    case Field::kPid:
      optional(record.pid());
      break;
    case Field::kPpid:
      optional(record.ppid());
      break;
    case Field::kTty:
      text = record.tty() == 0 ? "-" : TtyName(record.tty());
      break;
    case Field::kCommand:
      text = Name(aggregate::CommandText(aggregate::CommandBitsOf(record.raw_command())));
      break;
    case Field::kCpu:
      text = Seconds(record.user_ticks() + record.system_ticks(), record.rate());
      break;
    case Field::kUserTime:
      text = Seconds(record.user_ticks(), record.rate());
      break;
    case Field::kSystemTime:
      text = Seconds(record.system_ticks(), record.rate());
      break;
    case Field::kElapsed:
      text = record.has_valid_elapsed() ? Seconds(record.elapsed_ticks(), record.rate()) : "?";
      break;
    case Field::kMemory:
      text = SizeInWords(record.memory_kib() * 1024);
      break;
    case Field::kIo:
      absl::StrAppend(&text, record.io());
      break;
    case Field::kBlocks:
      absl::StrAppend(&text, record.blocks());
      break;
    case Field::kMinorFaults:
      absl::StrAppend(&text, record.minor_faults());
      break;
    case Field::kMajorFaults:
      absl::StrAppend(&text, record.major_faults());
      break;
    case Field::kSwaps:
      absl::StrAppend(&text, record.swaps());
      break;
    case Field::kExitStatus:
      absl::StrAppend(&text, acct::StatusOf(record.exit_code()));
      break;
    case Field::kSignal: {
      const uint32_t signal = acct::SignalOf(record.exit_code());
      text = signal == 0 ? "-" : SignalText(signal);
      break;
    }
    case Field::kStatus:
      text = StatusText(record.exit_code(), (record.flags() & acct::kCoreFlag) != 0);
      break;
    case Field::kFlags:
      text = record.flags() == 0 ? "-" : FlagNames(record.flags(), ",");
      break;
  }
  cell.width = DisplayWidth(text);
}

void RecordTable::CutNames() {
  size_t taken = cells_.size() - 1;
  for (const Cell& cell : cells_) taken += cell.width;
  while (taken > style_.terminal_columns) {
    Cell* longest = nullptr;
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (!IsCuttable(kKnown[columns_[i].index].field) || cells_[i].width <= kLeastCut) continue;
      if (longest == nullptr || cells_[i].width > longest->width) longest = &cells_[i];
    }
    if (longest == nullptr) break;
    if (longest->whole.empty()) longest->whole = longest->text;
    taken -= longest->width;
    longest->text = CutInMiddle(longest->whole, longest->width - 1, style_.ellipsis());
    longest->width = DisplayWidth(longest->text);
    taken += longest->width;
  }
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (cells_[i].whole.empty()) continue;
    const auto [seen, is_new] =
        whole_names_.try_emplace({columns_[i].index, cells_[i].text}, cells_[i].whole);
    has_equal_names_ |= !is_new && seen->second != cells_[i].whole;
  }
}

template <typename Record>
void RecordTable::Append(const Record& record, uint64_t offset, absl::string_view file,
                         std::string& text) {
  for (size_t i = 0; i < columns_.size(); ++i) {
    WriteCell(record, offset, file, columns_[i].index, cells_[i]);
  }
  if (form_ == Form::kMarkdown) return AppendMarkdown(text);
  if (style_.terminal_columns > 0) {
    CutNames();
    size_t after = 0;
    for (size_t i = cells_.size(); i > 0; --i) {
      after += cells_[i - 1].width;
      cells_[i - 1].last_begin = style_.terminal_columns - std::min(style_.terminal_columns, after);
      ++after;
    }
  }
  size_t end = 0;         // of the line so far
  size_t column_end = 0;  // where it is if no cell is too wide
  for (size_t i = 0; i < columns_.size(); ++i) {
    const Known& known = kKnown[columns_[i].index];
    const Cell& cell = cells_[i];
    const size_t gap = i > 0 ? 1 : 0;
    size_t begin = column_end + gap;
    column_end = begin + columns_[i].width;
    if (known.is_number) begin = column_end - std::min(columns_[i].width, cell.width);
    if (style_.terminal_columns > 0) begin = std::min(begin, cell.last_begin);
    begin = std::max(begin, end + gap);
    text.append(begin - end, ' ');
    const bool has_failed = known.field == Field::kStatus && cell.text != "ok";
    absl::StrAppend(&text, has_failed ? style_.Red(cell.text) : cell.text);
    end = begin + cell.width;
  }
  text.push_back('\n');
}

template void RecordTable::Append(const acct::RecordView& record, uint64_t offset,
                                  absl::string_view file, std::string& text);
template void RecordTable::Append(const acct::RecordV3View& record, uint64_t offset,
                                  absl::string_view file, std::string& text);

}  // namespace cpuagg::notify
