// The age that the name of a generation suggests. Names only order the files; the content decides
// which of them are generations (acct/rotation/rotation.h).

#ifndef CPUAGG_ACCT_ROTATION_GENERATION_NAME_H_
#define CPUAGG_ACCT_ROTATION_GENERATION_NAME_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace cpuagg::acct {

// The position of a name in the order of generations. `suffix` is the part after the name of the
// accounting file. Smaller is newer. nullopt if no usual rotation makes such a name.
std::optional<std::vector<int64_t>> AgeByName(absl::string_view suffix);

// Whether `suffix` is a usual suffix plus an unknown ending, perhaps of a compressor: ".1.lz4".
bool HasUnknownEnding(absl::string_view suffix);

// AgeByName() for a folder of files with ascending numbers, such as atopacctd's: "0000000013.paf"
// is newer than "0000000012.paf".
std::optional<std::vector<int64_t>> AgeByNumber(absl::string_view name);

// `path` without the ending of a compressor; nullopt if it has none.
std::optional<std::string> WithoutCompression(absl::string_view path);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_ROTATION_GENERATION_NAME_H_
