// What `cpuagg check` prints: for people, for a monitoring plugin's caller, and JSON.

#ifndef CPUAGG_TOOLS_CHECK_FINDINGS_RENDERING_H_
#define CPUAGG_TOOLS_CHECK_FINDINGS_RENDERING_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "tools/check/findings/finding.h"

namespace cpuagg::tools::check {

struct TextForm {
  bool has_utf8 = false;  // else there are words in place of symbols
  bool has_color = false;
  bool has_numbers = false;  // performance data on the first line, for monitoring
  bool only_problems = false;
};

// The worst of them; kUnknown if there is none, since nothing has been looked at then.
Level WorstOf(absl::Span<const Finding> findings);

// As monitoring plugins have it: 0 ok, 1 warning, 2 critical, 3 unknown. A note is ok.
int ExitStatusOf(Level level);

// The first line is the summary, "WARNING - store: ... (and 2 more)"; then a line for each finding,
// and behind it one for each command that mends it, behind a "$", and each sentence. Has no control
// characters, and nothing that looks like a bot's token.
std::string RenderText(absl::Span<const Finding> findings, const TextForm& form);

// One object, ended by a newline: docs/check.md.
std::string RenderJson(absl::Span<const Finding> findings);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_FINDINGS_RENDERING_H_
