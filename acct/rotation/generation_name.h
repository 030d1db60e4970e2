// What the name of a generation of the accounting file tells of its age. Names only order the
// files: which of them are generations is told by their content (acct/rotation/rotation.h).

#ifndef CPUAGG_ACCT_ROTATION_GENERATION_NAME_H_
#define CPUAGG_ACCT_ROTATION_GENERATION_NAME_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace cpuagg::acct {

// Where in the order of generations a name comes: `suffix` is what follows the name of the
// accounting file. Smaller is newer; nullopt if no usual rotation makes such names.
std::optional<std::vector<int64_t>> AgeByName(absl::string_view suffix);

// Whether `suffix` is that of a usual name and an ending behind it, as a compressor adds it that is
// not known here: ".1.lz4".
bool HasUnknownEnding(absl::string_view suffix);

// AgeByName() for the files of a folder that numbers them upwards, as atopacctd does: of
// "0000000012.paf" and "0000000013.paf" the second is the newer one.
std::optional<std::vector<int64_t>> AgeByNumber(absl::string_view name);

// `path` without the ending that a compressor adds; nullopt if it has none.
std::optional<std::string> WithoutCompression(absl::string_view path);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_ROTATION_GENERATION_NAME_H_
