#include "notify/words/department_notes.h"

#include <string>
#include <vector>

#include "aggregate/report/report.h"
#include "gtest/gtest.h"
#include "notify/words/note.h"

namespace cpuagg::notify {
namespace {

std::vector<std::string> DepartmentNotes(const aggregate::DepartmentUse& use) {
  aggregate::Report report;
  report.departments = use;
  std::vector<Note> notes;
  AddDepartmentNotes(report, notes);
  std::vector<std::string> texts;
  for (const Note& note : notes) texts.push_back(note.text);
  return texts;
}

TEST(DepartmentNotesTest, WhoHasNoneIsNamed) {
  aggregate::DepartmentUse use = {.has_some = true, .users_without = {"carol"}};
  EXPECT_EQ(DepartmentNotes(use), std::vector<std::string>{"1 user has no department: carol."});
  use.users_without = {"a", "b", "c", "d", "e", "f", "g"};
  EXPECT_EQ(DepartmentNotes(use),
            std::vector<std::string>{"7 users have no department: a, b, c, d, e and 2 others."});
  // A list of other users has a warning of its own.
  use.has_some = false;
  EXPECT_TRUE(DepartmentNotes(use).empty());
}

TEST(DepartmentNotesTest, WhatMayBeMisspeltIsAskedAbout) {
  const aggregate::DepartmentUse use = {
      .has_some = true,
      .unused = {{.asked = "carl", .near_users = {"carol"}}, {.asked = "dave"}},
      .differ_in_case = {{"Physics", "physics"}}};
  EXPECT_EQ(DepartmentNotes(use),
            (std::vector<std::string>{
                "The list of departments has users without account and usage: carl (did you mean "
                "carol?), dave.",
                "The departments Physics and physics differ in upper and lower case only."}));
}

}  // namespace
}  // namespace cpuagg::notify
