// A user directory for tests of records.

#ifndef CPUAGG_NOTIFY_LINES_ONE_NAME_H_
#define CPUAGG_NOTIFY_LINES_ONE_NAME_H_

#include <optional>
#include <string>
#include <utility>

#include "acct/record/units.h"
#include "aggregate/names/user_directory.h"

namespace cpuagg::notify {

// Knows one user and one group, and counts the calls.
class OneName : public aggregate::UserDirectory {
 public:
  explicit OneName(std::string name = "alice") : name_(std::move(name)) {}

  aggregate::NameAnswer NameOf(acct::Uid uid) override {
    ++asked;
    if (uid != acct::Uid(1001)) return std::nullopt;
    return name_;
  }
  aggregate::NameAnswer NameOf(acct::Gid gid) override {
    ++asked;
    if (gid != acct::Gid(100)) return std::nullopt;
    return "users";
  }

  int asked = 0;

 private:
  std::string name_;
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_LINES_ONE_NAME_H_
