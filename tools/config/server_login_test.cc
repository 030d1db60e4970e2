#include "tools/config/server_login.h"

#include <sys/stat.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "tools/config/config.h"

namespace cpuagg::tools {
namespace {

using Lines = std::vector<std::string>;

// With each prefix that there is.
class ServerLoginTest : public ::testing::TestWithParam<const char*> {
 protected:
  // A file with mode 0600.
  std::string Secret(const std::string& name, const std::string& text, mode_t mode = 0600) {
    const std::string path = dir_.Write(name, text);
    EXPECT_EQ(chmod(path.c_str(), mode), 0);
    return path;
  }

  // With lines of a configuration, in which "_KEY" has the prefix.
  absl::StatusOr<ServerLogin> Find(const Lines& lines) {
    std::string text;
    for (const std::string& line : lines) absl::StrAppend(&text, GetParam(), line, "\n");
    const std::string directory = "CREDENTIALS_DIRECTORY=" + credentials_;
    const char* const variables[] = {directory.c_str(), nullptr};
    std::vector<std::string> warnings;
    const absl::StatusOr<Config> config =
        Config::Load({.path = Secret("env", text), .environment = variables}, warnings);
    EXPECT_TRUE(config.ok()) << config.status();
    return FindServerLogin(*config, GetParam());
  }

  const acct::testing::TempDir dir_;
  std::string credentials_ = dir_.Path("none");
};

INSTANTIATE_TEST_SUITE_P(Servers, ServerLoginTest, ::testing::Values("FLEET", "PUSH"),
                         [](const auto& server) { return std::string(server.param); });

TEST_P(ServerLoginTest, WithoutSettingsNothingIsShown) {
  const absl::StatusOr<ServerLogin> login = Find({});
  ASSERT_TRUE(login.ok()) << login.status();
  EXPECT_EQ(login->Headers(), Lines());
  EXPECT_EQ(login->secrets, Lines());
}

TEST_P(ServerLoginTest, APasswordAndItsEncodingAreSecrets) {
  const absl::StatusOr<ServerLogin> login =
      Find({"_USER=x", "_PASSWORD_FILE=" + Secret("password", " hush\n"),
            "_HEADER=X-Scope-OrgID:  lab"});
  ASSERT_TRUE(login.ok()) << login.status();
  EXPECT_EQ(login->Headers(), (Lines{"X-Scope-OrgID: lab", "Authorization: Basic eDpodXNo"}));
  EXPECT_EQ(login->secrets, (Lines{"hush", "eDpodXNo"}));
  EXPECT_EQ(login->header, "X-Scope-OrgID: lab");
}

TEST_P(ServerLoginTest, ATokenIsThatOfTheFileElseThatOfTheService) {
  credentials_ = dir_.Path(".");
  const std::string own = GetParam() == std::string("PUSH") ? "push_token" : "fleet_token";
  Secret(own, "of-service\n", 0400);
  absl::StatusOr<ServerLogin> login = Find({});
  ASSERT_TRUE(login.ok()) << login.status();
  EXPECT_EQ(login->Headers(), Lines{"Authorization: Bearer of-service"});
  login = Find({"_TOKEN_FILE=" + Secret("token", "of-file")});
  ASSERT_TRUE(login.ok()) << login.status();
  EXPECT_EQ(login->Headers(), Lines{"Authorization: Bearer of-file"});
  EXPECT_EQ(login->secrets, Lines{"of-file"});
}

TEST_P(ServerLoginTest, WrongSettingsAreNamedWithTheFixAndWithoutTheSecret) {
  const std::string good = Secret("good", "hush");
  const struct {
    Lines lines;
    const char* says;
  } cases[] = {
      {{"_USER=me"}, "_USER: needs "},
      {{"_PASSWORD_FILE=" + good}, "_PASSWORD_FILE: needs "},
      {{"_USER=me", "_PASSWORD_FILE=" + good, "_TOKEN_FILE=" + good}, "cannot be combined with"},
      {{"_USER=a:b", "_PASSWORD_FILE=" + good}, "_USER: has a colon"},
      {{"_TOKEN_FILE=" + Secret("open", "hush", 0644)}, "run chmod o= "},
      {{"_TOKEN_FILE=" + Secret("empty", "\n")}, "is empty"},
      {{"_TOKEN_FILE=" + Secret("lines", "hush\nhush")}, "must hold the secret on one line"},
      {{"_TOKEN_FILE=/nonexistent"}, "_TOKEN_FILE: /nonexistent"},
      {{"_HEADER=hush"}, "is not a header"},
      {{"_HEADER=X-Scope-OrgID:"}, "is not a header"},
      {{"_HEADER=X Scope: hush"}, "is not a header"},
      {{"_HEADER=authorization: Bearer hush"}, "name it in "},
      {{"_HEADER=Cookie: hush"}, "name it in "},
      {{"_HEADER=Content-Type: hush"}, "is set by cpuagg itself"},
  };
  for (const auto& each : cases) {
    const absl::Status status = Find(each.lines).status();
    EXPECT_FALSE(status.ok()) << each.says;
    EXPECT_TRUE(absl::StrContains(status.message(), each.says)) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), GetParam())) << status;
    EXPECT_FALSE(absl::StrContains(status.message(), "hush")) << status;
  }
}

}  // namespace
}  // namespace cpuagg::tools
