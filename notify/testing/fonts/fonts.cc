// A test that is linked with this draws with the fonts of fonts.conf, and so do the programs that
// it runs (tools/testing/process.h).

#include <cstdlib>
#include <filesystem>

namespace {

// Before main(), since fontconfig reads its configuration once.
[[maybe_unused]] const int is_set =
    setenv("FONTCONFIG_FILE", std::filesystem::absolute("notify/testing/fonts/fonts.conf").c_str(),
           /*replace=*/1);

}  // namespace
