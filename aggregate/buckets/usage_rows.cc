#include "aggregate/buckets/usage_rows.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <utility>

#include "acct/record/exact_time.h"

namespace cpuagg::aggregate {
namespace {

template <typename Row>
std::vector<Row> JoinedRows(std::vector<Row> rows) {
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.key() < b.key(); });
  size_t kept = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (kept > 0 && rows[kept - 1].key() == rows[i].key()) {
      rows[kept - 1].usage += rows[i].usage;
      rows[kept - 1].end = std::max(rows[kept - 1].end, rows[i].end);
    } else {
      if (kept != i) rows[kept] = std::move(rows[i]);
      ++kept;
    }
  }
  rows.resize(kept);
  for (size_t begin = 0; begin < rows.size();) {
    int64_t last_end = rows[begin].end;
    size_t end = begin + 1;
    for (; end < rows.size() && rows[end].begin == rows[begin].begin; ++end) {
      last_end = std::max(last_end, rows[end].end);
    }
    for (; begin < end; ++begin) rows[begin].end = last_end;
  }
  return rows;
}

// The lowest number gets the magnitude of the next one, because its own does not fit.
int64_t Magnitude(int64_t value) {
  return std::abs(std::max(value, -std::numeric_limits<int64_t>::max()));
}

// Decides which commands are kept. A command that only subtracts earlier counts has weight too:
// otherwise the subtraction would hit other commands.
acct::ExactTime WeightOf(const Usage& usage) {
  return usage.ended_cpu_time()
      .Plus(Magnitude(usage.running_user))
      .Plus(Magnitude(usage.running_system));
}

// Turns all commands in [begin, end) except the heaviest into other commands.
void CutCommands(std::vector<CommandRow>& rows, size_t begin, size_t end) {
  std::vector<std::pair<acct::ExactTime, size_t>> named;
  for (size_t i = begin; i < end; ++i) {
    if (rows[i].command != kOtherCommands) named.emplace_back(WeightOf(rows[i].usage), i);
  }
  if (named.size() <= kCommandsKept) return;
  std::nth_element(named.begin(), named.begin() + kCommandsKept, named.end(),
                   [](const auto& a, const auto& b) {
                     return a.first != b.first ? a.first > b.first : a.second < b.second;
                   });
  for (size_t i = kCommandsKept; i < named.size(); ++i) {
    rows[named[i].second].command = kOtherCommands;
  }
}

}  // namespace

std::vector<UserRow> Joined(std::vector<UserRow> rows) { return JoinedRows(std::move(rows)); }
std::vector<CommandRow> Joined(std::vector<CommandRow> rows) { return JoinedRows(std::move(rows)); }

std::vector<CommandRow> TopCommands(std::vector<CommandRow> rows) {
  rows = Joined(std::move(rows));
  for (size_t begin = 0; begin < rows.size();) {
    size_t end = begin + 1;
    while (end < rows.size() && rows[end].begin == rows[begin].begin &&
           rows[end].account == rows[begin].account) {
      ++end;
    }
    CutCommands(rows, begin, end);
    begin = end;
  }
  return Joined(std::move(rows));
}

}  // namespace cpuagg::aggregate
