// OwnMachine: a private copy of the folders that installations change. What is written to them
// disappears with the test. Accounting is that of a namespace, and systemctl is a script that keeps
// a log.
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
  // Keeps written files in the directory `layers`, which must be empty and not used otherwise.
  explicit OwnMachine(const std::string& layers);
  ~OwnMachine();
  OwnMachine(const OwnMachine&) = delete;
  OwnMachine& operator=(const OwnMachine&) = delete;

  // Why there is no such machine; empty if there is one.
  const std::string& problem() const { return problem_; }

  // Where programs start, inside at first. Threads can only be started outside.
  const AccountingNamespace& accounting() const { return accounting_; }

  // Installs the built program as /usr/bin/cpuagg, or a unit with this name.
  void InstallProgram() const;
  void InstallUnit(const std::string& name, const std::string& text) const;
  // Makes it look as if systemd ran the machine.
  void PretendSystemd() const;
  // Installs a program that logs its arguments and runs `script`.
  void PretendProgram(const std::string& path, const std::string& script) const;

  // The calls since the last time, one per line.
  std::string Calls() const;

 private:
  std::string Make(const std::string& layers);

  AccountingNamespace accounting_;
  std::vector<std::string> mounted_;
  std::string problem_;
};

}  // namespace cpuagg::tools::testing

#endif  // CPUAGG_TOOLS_TESTING_OWN_MACHINE_H_
