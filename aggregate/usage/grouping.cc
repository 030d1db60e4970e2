#include "aggregate/usage/grouping.h"

#include <algorithm>
#include <cstring>

namespace cpuagg::aggregate {

bool Has(const Grouping& grouping, Dimension dimension) {
  return std::find(grouping.begin(), grouping.end(), dimension) != grouping.end();
}

CommandBits CommandBitsOf(absl::string_view command) {
  return CommandBitsOf(
      absl::Span<const uint8_t>(reinterpret_cast<const uint8_t*>(command.data()), command.size()));
}

std::string CommandText(const CommandBits& command) {
  std::array<char, sizeof(CommandBits)> bytes;
  std::memcpy(bytes.data(), command.data(), bytes.size());
  return std::string(bytes.begin(), std::find(bytes.begin(), bytes.end(), '\0'));
}

}  // namespace cpuagg::aggregate
