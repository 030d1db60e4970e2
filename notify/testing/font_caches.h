// FontCaches: lets a test that draws text end without reports of leaks.
//
//   const auto* const kFontCaches = ::testing::AddGlobalTestEnvironment(new testing::FontCaches);
//
// Cairo and fontconfig keep the fonts they have used until the process ends. Fontconfig links them
// by offsets instead of pointers, so that LeakSanitizer takes them for lost.

#ifndef CPUAGG_NOTIFY_TESTING_FONT_CACHES_H_
#define CPUAGG_NOTIFY_TESTING_FONT_CACHES_H_

#include "gtest/gtest.h"

namespace cpuagg::notify::testing {

class FontCaches : public ::testing::Environment {
 public:
  // Frees what the libraries keep. Nothing may hold a canvas any more.
  void TearDown() override;
};

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_FONT_CACHES_H_
