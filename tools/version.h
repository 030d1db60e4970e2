// The version of this cpuagg; CHANGELOG.md says what each has.

#ifndef CPUAGG_TOOLS_VERSION_H_
#define CPUAGG_TOOLS_VERSION_H_

namespace cpuagg::tools {

inline constexpr char kVersion[] = "0.1.0";

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_VERSION_H_
