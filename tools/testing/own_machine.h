// A machine of the test's own: the folders that installations change are this one's, and what is
// written to them is gone with the test. Accounting is that of a namespace, and systemctl a script
// that keeps a log.
//
//   const OwnMachine machine;
//   if (!machine.problem().empty()) GTEST_SKIP() << machine.problem();
//   RunProgram({.argv = {"/usr/bin/cpuagg", "setup", "--yes"}});
//   EXPECT_EQ(machine.Calls(), "systemctl enable acct.service\n");

#ifndef CPUAGG_TOOLS_TESTING_OWN_MACHINE_H_
#define CPUAGG_TOOLS_TESTING_OWN_MACHINE_H_

#include <string>
#include <vector>

#include "tools/testing/accounting.h"

namespace cpuagg::tools::testing {

class OwnMachine {
 public:
  // Keeps what is written in the directory `layers`, which is empty, and not in the way of others.
  explicit OwnMachine(const std::string& layers);
  ~OwnMachine();
  OwnMachine(const OwnMachine&) = delete;
  OwnMachine& operator=(const OwnMachine&) = delete;

  // Why there is none; empty if there is.
  const std::string& problem() const { return problem_; }

  // Where programs start, at first inside. Threads can be begun only outside.
  const AccountingNamespace& accounting() const { return accounting_; }

  // Puts the built program at /usr/bin/cpuagg, and a unit of this name at its place.
  void InstallProgram() const;
  void InstallUnit(const std::string& name, const std::string& text) const;
  // Whether systemd seems to run the machine.
  void PretendSystemd() const;
  // A program of the system that says what it was called with, and does `script`.
  void PretendProgram(const std::string& path, const std::string& script) const;

  // What was called since the last time, a line each.
  std::string Calls() const;

 private:
  std::string Make(const std::string& layers);

  AccountingNamespace accounting_;
  std::vector<std::string> mounted_;
  std::string problem_;
};

}  // namespace cpuagg::tools::testing

#endif  // CPUAGG_TOOLS_TESTING_OWN_MACHINE_H_
