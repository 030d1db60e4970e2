#include "notify/chart/time_axis.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/time/civil_time.h"
#include "aggregate/usage/calendar.h"
#include "aggregate/usage/period.h"

namespace cpuagg::notify {

using aggregate::CalendarUnit;

namespace {

// The minimum gap between two labels.
constexpr double kLabelGap = 16;

// Labels at every `every`-th `unit`.
struct Level {
  CalendarUnit unit;
  int every;
  const char* format;  // for absl::FormatTime
};

// From the finest level on. Days and weeks are counted from the first one; of other units, those
// are labelled whose number is divisible. The levels of weeks are for slots of weeks alone.
constexpr Level kLevels[] = {{CalendarUnit::kHour, 1, "%H:%M"}, {CalendarUnit::kHour, 2, "%H:%M"},
                             {CalendarUnit::kHour, 3, "%H:%M"}, {CalendarUnit::kHour, 6, "%H:%M"},
                             {CalendarUnit::kDay, 1, "%a %e"},  {CalendarUnit::kDay, 1, "%e"},
                             {CalendarUnit::kDay, 2, "%e"},     {CalendarUnit::kDay, 5, "%e"},
                             {CalendarUnit::kDay, 7, "%e"},     {CalendarUnit::kWeek, 1, "%e"},
                             {CalendarUnit::kWeek, 2, "%e"},    {CalendarUnit::kMonth, 1, "%b"},
                             {CalendarUnit::kMonth, 3, "%b"},   {CalendarUnit::kYear, 1, "%Y"},
                             {CalendarUnit::kYear, 2, "%Y"},    {CalendarUnit::kYear, 5, "%Y"},
                             {CalendarUnit::kYear, 10, "%Y"},   {CalendarUnit::kYear, 20, "%Y"},
                             {CalendarUnit::kYear, 50, "%Y"},   {CalendarUnit::kYear, 100, "%Y"}};

std::string Text(absl::Time time, const char* format, absl::TimeZone zone) {
  std::string text = absl::FormatTime(format, time, zone);
  absl::RemoveExtraAsciiWhitespace(&text);  // for days below ten
  return text;
}

// Groups the slots by `unit`, with labels in `format`.
std::vector<TimeLabel> Stretches(const std::vector<absl::Time>& slots, CalendarUnit unit,
                                 const char* format, absl::TimeZone zone) {
  std::vector<TimeLabel> stretches;
  absl::Time end = absl::InfinitePast();
  for (size_t i = 0; i < slots.size(); ++i) {
    if (slots[i] >= end) {
      // Names the whole unit, because the clock may show another date at the first slot.
      const aggregate::Period whole = PeriodOf(unit, slots[i], zone);
      stretches.push_back({.first = i, .text = Text(whole.begin, format, zone)});
      end = whole.end;
    }
    stretches.back().end = i + 1;
  }
  return stretches;
}

bool IsChosen(const Level& level, absl::Time time, size_t index, absl::TimeZone zone) {
  const absl::CivilSecond civil = absl::ToCivilSecond(PeriodOf(level.unit, time, zone).begin, zone);
  switch (level.unit) {
    case CalendarUnit::kHour:
      return civil.hour() % level.every == 0;
    case CalendarUnit::kDay:
    case CalendarUnit::kWeek:
      return index % static_cast<size_t>(level.every) == 0;
    case CalendarUnit::kMonth:
      return (civil.month() - 1) % level.every == 0;
    case CalendarUnit::kYear:
      break;
  }
  return civil.year() % level.every == 0;
}

class Labeller {
 public:
  Labeller(double slot_width, const std::function<double(absl::string_view)>& width_of)
      : slot_width_(slot_width), width_of_(width_of) {}

  bool Fits(const TimeLabel& label) const {
    return width_of_(label.text) + kLabelGap <=
           static_cast<double>(label.end - label.first) * slot_width_;
  }
  bool Collide(const TimeLabel& left, const TimeLabel& right) const {
    const double apart = (static_cast<double>(right.first + right.end) -
                          static_cast<double>(left.first + left.end)) /
                         2 * slot_width_;
    return apart < (width_of_(left.text) + width_of_(right.text)) / 2 + kLabelGap;
  }

 private:
  double slot_width_;
  const std::function<double(absl::string_view)>& width_of_;
};

// The labels of `level`; nullopt if they would touch.
std::optional<std::vector<TimeLabel>> LabelsOf(const Level& level, CalendarUnit slot_unit,
                                               const std::vector<absl::Time>& slots,
                                               absl::TimeZone zone, const Labeller& labeller) {
  const std::vector<TimeLabel> stretches = Stretches(slots, level.unit, level.format, zone);
  std::vector<TimeLabel> labels;
  for (size_t i = 0; i < stretches.size(); ++i) {
    const TimeLabel& stretch = stretches[i];
    if (!IsChosen(level, slots[stretch.first], i, zone)) continue;
    // If two hours have the same name, the second one has no label.
    if (level.unit == CalendarUnit::kHour && !labels.empty() &&
        labels.back().text == stretch.text && stretch.first - labels.back().first < 3) {
      continue;
    }
    // The first and last day or month may be too narrow for a label.
    const bool may_be_cut = level.unit != slot_unit && (i == 0 || i + 1 == stretches.size());
    if (may_be_cut && !labeller.Fits(stretch)) continue;
    if (!labels.empty() && labeller.Collide(labels.back(), stretch)) return std::nullopt;
    labels.push_back(stretch);
  }
  return labels;
}

// The larger units of `unit`: in full, in short if there is little room, or left out.
std::vector<TimeLabel> Surroundings(CalendarUnit unit, const std::vector<absl::Time>& slots,
                                    absl::TimeZone zone, const Labeller& labeller) {
  struct Form {
    CalendarUnit around;
    const char* full;
    const char* brief;
  };
  if (unit == CalendarUnit::kYear) return {};
  const Form form = unit == CalendarUnit::kHour
                        ? Form{CalendarUnit::kDay, "%a %e %B %Y", "%a %e %b"}
                    : unit < CalendarUnit::kMonth ? Form{CalendarUnit::kMonth, "%B %Y", "%b"}
                                                  : Form{CalendarUnit::kYear, "%Y", "%Y"};
  const std::vector<TimeLabel> brief = Stretches(slots, form.around, form.brief, zone);
  std::vector<TimeLabel> labels = Stretches(slots, form.around, form.full, zone);
  for (size_t i = 0; i < labels.size(); ++i) {
    if (!labeller.Fits(labels[i])) labels[i] = brief[i];
  }
  std::erase_if(labels, [&](const TimeLabel& label) { return !labeller.Fits(label); });
  return labels;
}

}  // namespace

std::vector<absl::Time> TimeSlots(absl::Time begin, absl::Time end, CalendarUnit unit,
                                  absl::TimeZone zone) {
  std::vector<absl::Time> slots;
  for (absl::Time time = begin; time < end;) {
    const aggregate::Period slot = PeriodOf(unit, time, zone);
    slots.push_back(slot.begin);
    time = slot.end;
  }
  return slots;
}

TimeAxis LabelTimeAxis(const std::vector<absl::Time>& slots, CalendarUnit unit, absl::TimeZone zone,
                       double slot_width,
                       const std::function<double(absl::string_view)>& width_of) {
  const Labeller labeller(slot_width, width_of);
  for (const Level& level : kLevels) {
    if (level.unit < unit) continue;
    if (level.unit == CalendarUnit::kWeek && unit != CalendarUnit::kWeek) continue;
    std::optional<std::vector<TimeLabel>> near = LabelsOf(level, unit, slots, zone, labeller);
    if (!near.has_value()) continue;
    return {.near = *std::move(near), .far = Surroundings(level.unit, slots, zone, labeller)};
  }
  return {};
}

}  // namespace cpuagg::notify
