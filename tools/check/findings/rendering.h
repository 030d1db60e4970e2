// Renders the output of `cpuagg check`: text for people, text for a monitoring plugin's caller, or
// JSON.

#ifndef CPUAGG_TOOLS_CHECK_FINDINGS_RENDERING_H_
#define CPUAGG_TOOLS_CHECK_FINDINGS_RENDERING_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "tools/check/findings/finding.h"

namespace cpuagg::tools::check {

struct TextForm {
  bool has_utf8 = false;  // otherwise words replace symbols
  bool has_color = false;
  bool has_numbers = false;  // performance data on the first line, for monitoring
  bool only_problems = false;
};

// The highest level; kUnknown if there are no findings, since nothing was checked.
Level WorstOf(absl::Span<const Finding> findings);

// The exit status of a monitoring plugin: 0 ok, 1 warning, 2 critical, 3 unknown. A note is ok.
int ExitStatusOf(Level level);

// The first line is the summary, "WARNING - store: ... (and 2 more)". Then each finding has a line,
// followed by one line for each command that fixes it, after a "$", and one for each sentence. The
// text has no control characters, and nothing with the shape of a bot's token.
std::string RenderText(absl::Span<const Finding> findings, const TextForm& form);

// One object, followed by a newline: docs/check.md.
std::string RenderJson(absl::Span<const Finding> findings);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_FINDINGS_RENDERING_H_
