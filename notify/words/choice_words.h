// Phrases for the choices of a report, to follow the word "only".

#ifndef CPUAGG_NOTIFY_WORDS_CHOICE_WORDS_H_
#define CPUAGG_NOTIFY_WORDS_CHOICE_WORDS_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "aggregate/tally/process_choice.h"

namespace cpuagg::notify {

// One phrase for each wish but those for groups: "processes ended by SEGV", "children of process
// 812". Times are in `zone`.
std::vector<std::string> ProcessPhrases(const aggregate::ProcessChoice& choice,
                                        absl::TimeZone zone);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_WORDS_CHOICE_WORDS_H_
