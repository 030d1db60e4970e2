#include "notify/words/choice_words.h"

#include <cstddef>
#include <cstdint>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "acct/record/exit_code.h"
#include "acct/record/units.h"
#include "notify/words/period_text.h"
#include "notify/words/process_names.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

using aggregate::ProcessChoice;

// In the largest unit of which it is a whole number.
std::string SizeText(uint64_t kib) {
  constexpr uint64_t kUnit = 1024;
  const char* const names[] = {"KiB", "MiB", "GiB", "TiB"};
  size_t unit = 0;
  for (; unit + 1 < std::size(names) && kib % kUnit == 0 && kib > 0; ++unit) kib /= kUnit;
  return absl::StrCat(WithThousands(kib), " ", names[unit]);
}

std::string LengthText(absl::Duration length) {
  return TimeInWords(
      acct::Ticks(static_cast<uint64_t>(absl::ToInt64Seconds(length)) * acct::kTicksPerSecond));
}

}  // namespace

std::vector<std::string> ProcessPhrases(const ProcessChoice& choice, absl::TimeZone zone) {
  std::vector<std::string> phrases;
  const auto add = [&](bool is_asked, auto... text) {
    if (is_asked) phrases.push_back(absl::StrCat(text...));
  };
  add(choice.pid.has_value(), "process ", choice.pid.value_or(0));
  add(choice.parent.has_value(), "children of process ", choice.parent.value_or(0));
  add(choice.tty == 0, "processes without a terminal");
  add(choice.tty.value_or(0) != 0, "processes of ", TtyName(choice.tty.value_or(0)));
  add(choice.has_failed, "processes that failed");
  add(choice.status.has_value(), "processes with status ", choice.status.value_or(0));
  add(choice.signal == ProcessChoice::kAnySignal, "processes ended by a signal");
  add(choice.signal.value_or(ProcessChoice::kAnySignal) != ProcessChoice::kAnySignal,
      "processes ended by ", SignalName(choice.signal.value_or(0)));
  add((choice.flags & acct::kCoreFlag) != 0, "processes with a core dump");
  add((choice.flags & acct::kSuperuserFlag) != 0, "processes with the rights of root");
  add((choice.flags & acct::kForkFlag) != 0, "processes that executed nothing");
  add(choice.min_cpu > absl::ZeroDuration(), "processes of at least ", LengthText(choice.min_cpu),
      " of CPU time");
  add(choice.min_elapsed > absl::ZeroDuration(), "processes of at least ",
      LengthText(choice.min_elapsed));
  add(choice.min_memory_kib > 0, "processes of at least ", SizeText(choice.min_memory_kib));
  if (choice.at.has_value()) {
    const std::string format = absl::StrCat("%Y-%m-%d ", ClockFormat(*choice.at, zone));
    add(true, "processes running at ", absl::FormatTime(format, *choice.at, zone));
  }
  return phrases;
}

}  // namespace cpuagg::notify
