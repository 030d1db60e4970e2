// What GNU sa 6.6.4 prints, byte for byte, for people who must compare. All of its quirks live
// here:
//
//   - names are cut (to 8 bytes by -u, to 32 by -m), ids without a name are signed numbers, and
//   users
//     whose names are equal in 32 bytes are one user to -m;
//   - "k mem" is the size in KiB divided by the page size in KiB: on most machines a quarter;
//   - io is divided by the tick rate, as if it were a time;
//   - -m accumulates floating-point numbers record by record and rounds once at the end, so ties
//   are
//     decided by the accumulated error, and its rows need not add up to its total.
//
// Records are those that cpuagg reads; sa reads damage as records, too.

#ifndef CPUAGG_AGGREGATE_GNU_SA_H_
#define CPUAGG_AGGREGATE_GNU_SA_H_

#include <cstdint>
#include <map>
#include <string>

#include "acct/record_v3_view.h"
#include "aggregate/user_directory.h"

namespace cpuagg::aggregate {

// `sa -u`: a line for every record, in file order.
class SaUserLines {
 public:
  // `names` must outlive this object.
  explicit SaUserLines(UserDirectory& names) : names_(names) {}

  // Adds the record's line to `text`.
  void Append(acct::RecordV3View record, std::string& text);

 private:
  UserDirectory& names_;
};

// `sa -m -i`: a line for every name, below one for all.
class SaUserSummary {
 public:
  explicit SaUserSummary(UserDirectory& names) : names_(names) {}

  // In file order: floating-point sums depend on it.
  void Add(acct::RecordV3View record);

  bool empty() const { return all_.calls == 0; }
  // The lines. Names that are equal in all that sa sorts by are ordered by name; sa leaves their
  // order to its hash table.
  std::string Render() const;

 private:
  struct Sums {
    int64_t calls = 0;
    double user_seconds = 0;
    double system_seconds = 0;
    double elapsed_seconds = 0;
    double io = 0;
    double memory = 0;

    void Add(acct::RecordV3View record);
    std::string Line(const std::string& name) const;
  };

  UserDirectory& names_;
  Sums all_;
  std::map<std::string, Sums> users_;  // by the first 32 bytes of the name
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_GNU_SA_H_
