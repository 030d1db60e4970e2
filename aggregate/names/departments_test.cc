#include "aggregate/names/departments.h"

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "acct/record/units.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::Uid;
using acct::testing::TempDir;

std::string ErrorOf(const std::string& content) {
  const absl::Status status = Departments::Parse(content, "list").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << content;
  return std::string(status.message());
}

TEST(DepartmentsTest, ALineHasAUserAndADepartmentWithOneOfThreeSeparators) {
  for (const char* const line :
       {"alice Computer Science", "alice\tComputer Science", "alice,Computer Science",
        "alice: Computer Science", "  alice ,  Computer Science  \r", "alice : Computer Science",
        "\"alice\",\"Computer Science\"", "alice \"Computer Science\" # until May",
        "\xEF\xBB\xBF"
        "alice,Computer Science"}) {
    const absl::StatusOr<Departments> departments = Departments::Parse(line, "list");
    ASSERT_TRUE(departments.ok()) << line << ": " << departments.status();
    EXPECT_EQ(departments->Of(Uid(1), "alice"), "Computer Science") << line;
    EXPECT_EQ(departments->size(), 1u) << line;
  }
}

TEST(DepartmentsTest, QuotesKeepSeparatorsAndNumberSigns) {
  const absl::StatusOr<Departments> departments = Departments::Parse(
      "alice \"Physics, Theory\"\n\"bob\",\"The \"\"new\"\" lab #2\"\ncarol C#\n", "list");
  ASSERT_TRUE(departments.ok()) << departments.status();
  EXPECT_EQ(departments->Of(Uid(1), "alice"), "Physics, Theory");
  EXPECT_EQ(departments->Of(Uid(2), "bob"), "The \"new\" lab #2");
  EXPECT_EQ(departments->Of(Uid(3), "carol"), "C#");
}

TEST(DepartmentsTest, ANameComesBeforeAnId) {
  const absl::StatusOr<Departments> departments =
      Departments::Parse("# all\n\n1001 Physics\nalice Biology\n1002 Chemistry", "list");
  ASSERT_TRUE(departments.ok()) << departments.status();
  EXPECT_EQ(departments->Of(Uid(1001), "alice"), "Biology");
  EXPECT_EQ(departments->Of(Uid(1001), "dora"), "Physics");
  EXPECT_EQ(departments->Of(Uid(1002), std::nullopt), "Chemistry");
  EXPECT_EQ(departments->Of(Uid(1003), "bob"), std::nullopt);
  EXPECT_EQ(departments->Of(Uid(1003), std::nullopt), std::nullopt);
}

TEST(DepartmentsTest, ANumberThatIsANameIsNoId) {
  const absl::StatusOr<Departments> departments = Departments::Parse("1002 Physics\n", "list");
  ASSERT_TRUE(departments.ok()) << departments.status();
  EXPECT_EQ(departments->Of(Uid(1004), "1002", {"1002", "bob"}), "Physics");
  EXPECT_EQ(departments->Of(Uid(1002), "bob", {"1002", "bob"}), std::nullopt);
  EXPECT_EQ(departments->Of(Uid(1002), "bob", {"bob"}), "Physics");
}

TEST(DepartmentsTest, AUserMayBeNamedTwiceButNotInTwoDepartments) {
  EXPECT_TRUE(Departments::Parse("a X\na X\n", "list").ok());
  EXPECT_EQ(ErrorOf("# users\na X\nb X\na Y\n"),
            "list:4: 'a' is in Y here, and in X in line 2; a user has one department, so leave one "
            "of the lines out");
}

TEST(DepartmentsTest, AHeaderMayComeFirst) {
  for (const char* const header : {"user department", "\xEF\xBB\xBFUser,Department",
                                   "# all\nUID:dept", "\"Username\",\"Department\""}) {
    const absl::StatusOr<Departments> departments =
        Departments::Parse(std::string(header) + "\nalice Physics\nuser group\n", "list");
    ASSERT_TRUE(departments.ok()) << header << ": " << departments.status();
    EXPECT_EQ(departments->size(), 2u) << header;
    EXPECT_EQ(departments->Of(Uid(1), "user"), "group") << "a later line is a user";
  }
  EXPECT_EQ(ErrorOf("user department\n").find("list: names no user"), 0u);
}

TEST(DepartmentsTest, NoDepartmentIsCalledAsUsersWithoutOneAre) {
  EXPECT_EQ(ErrorOf("a X\nbob (none)\n"),
            "list:2: the department (none) of 'bob' is what reports call users without one; leave "
            "the line out, or give the department another name");
}

TEST(DepartmentsTest, AWrongLineIsNamedWithTheFix) {
  const std::string fix = "; write a user and a department in each line: alice Physics";
  EXPECT_EQ(ErrorOf("a X\nbob\n"), "list:2: 'bob' has no department" + fix);
  EXPECT_EQ(ErrorOf("bob,\n"), "list:1: 'bob' has no department" + fix);
  EXPECT_EQ(ErrorOf("bob # Physics\n"), "list:1: 'bob' has no department" + fix);
  EXPECT_EQ(ErrorOf("bob,\"\"\n"), "list:1: 'bob' has no department" + fix);
  EXPECT_EQ(ErrorOf(",Physics\n"), "list:1: a user is missing" + fix);
  EXPECT_EQ(ErrorOf("\n# nobody\n"), "list: names no user" + fix);
  EXPECT_EQ(ErrorOf(""), "list: names no user" + fix);
  EXPECT_EQ(ErrorOf("a \"Physics\n"),
            "list:1: a '\"' is not closed; add the other, or leave both out");
  for (const char* const line :
       {"physics:x:100:alice,bob", "a,X,Y", "a X,Y", "a \"X\" Y", "a X\"Y"}) {
    EXPECT_EQ(ErrorOf(line).find("list:1: has more than a user and a department; "), 0u) << line;
  }
}

TEST(DepartmentsTest, AFileIsReadByItsPath) {
  const TempDir dir;
  const absl::StatusOr<Departments> departments =
      Departments::Load(dir.Write("list", "alice Physics\n"));
  ASSERT_TRUE(departments.ok()) << departments.status();
  EXPECT_EQ(departments->Of(Uid(1), "alice"), "Physics");
  EXPECT_EQ(Departments::Load(dir.Path("none")).status().code(), absl::StatusCode::kNotFound);
  const std::string wrong = dir.Write("wrong", "alice\n");
  EXPECT_EQ(Departments::Load(wrong).status().message().find(wrong + ":1: "), 0u);
}

}  // namespace
}  // namespace cpuagg::aggregate
