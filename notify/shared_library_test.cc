#include "notify/shared_library.h"

#include <string>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

using Function = double (*)(double);

TEST(SharedLibraryTest, AFunctionOfALibraryCanBeCalled) {
  Function cosine = nullptr;
  const absl::Status status = LoadLibrary("libm.so.6", "libc6", {{"cos", &cosine}});
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(cosine(0), 1.0);
}

TEST(SharedLibraryTest, AMissingLibraryOrFunctionNamesThePackage) {
  Function function = nullptr;
  for (const absl::Status& status :
       {LoadLibrary("libno-such-thing.so.1", "some-package", {{"cos", &function}}),
        LoadLibrary("libm.so.6", "some-package", {{"no_such_function", &function}})}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_NE(status.message().find("install the package some-package"), std::string::npos)
        << status;
    EXPECT_EQ(function, nullptr);
  }
}

TEST(SharedLibraryTest, AMissingLibraryIsNamedOnce) {
  Function function = nullptr;
  EXPECT_EQ(LoadLibrary("libno-such-thing.so.1", "some-package", {{"cos", &function}}).message(),
            "cannot load libno-such-thing.so.1: cannot open shared object file: No such file or "
            "directory; install the package some-package");
}

}  // namespace
}  // namespace cpuagg::notify
